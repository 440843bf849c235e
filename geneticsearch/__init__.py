"""Hyperparameter search by a genetic algorithm, for scikit-learn estimators and for any function."""

from geneticsearch._callbacks import Callback
from geneticsearch._engine import GeneticOptimizer
from geneticsearch._optimize import OptimizeResult, optimize
from geneticsearch._optuna import to_optuna
from geneticsearch._population import Individual
from geneticsearch._refit import fastest_within, one_standard_error
from geneticsearch._report import write_report
from geneticsearch._search import GeneticSearchCV
from geneticsearch._storage import CheckpointError, load_history
from geneticsearch.distributions import (
    ChoiceDistribution,
    Distribution,
    DistributionBase,
    ExponentialDistribution,
    GaussianDistribution,
    LogNormalDistribution,
    LogUniformDistribution,
    SequenceDistribution,
    UniformDistribution,
)

__all__ = [
    "Callback",
    "CheckpointError",
    "ChoiceDistribution",
    "Distribution",
    "DistributionBase",
    "ExponentialDistribution",
    "GaussianDistribution",
    "GeneticOptimizer",
    "GeneticSearchCV",
    "Individual",
    "LogNormalDistribution",
    "LogUniformDistribution",
    "OptimizeResult",
    "SequenceDistribution",
    "UniformDistribution",
    "fastest_within",
    "load_history",
    "one_standard_error",
    "optimize",
    "to_optuna",
    "write_report",
]
