"""Distributions, the values that a parameter can take: numbers, choices, and the distributions of scipy.stats.

A distribution is its quantile function. Sampling, mutation and crossover all happen on *genes*, numbers in the unit
interval that `Distribution.ppf` turns into values, so a new distribution needs nothing else.
"""

from geneticsearch.space import (
    ChoiceDistribution,
    Distribution,
    DistributionBase,
    ExponentialDistribution,
    GaussianDistribution,
    LogNormalDistribution,
    LogUniformDistribution,
    SequenceDistribution,
    SubsetDistribution,
    UniformDistribution,
)

__all__ = [
    "ChoiceDistribution",
    "Distribution",
    "DistributionBase",
    "ExponentialDistribution",
    "GaussianDistribution",
    "LogNormalDistribution",
    "LogUniformDistribution",
    "SequenceDistribution",
    "SubsetDistribution",
    "UniformDistribution",
]
