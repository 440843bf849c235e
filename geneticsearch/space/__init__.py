"""What the user may write as a space, and its translation to genes."""

from geneticsearch.space._choice import ChoiceDistribution
from geneticsearch.space._constraints import Constraints
from geneticsearch.space._distribution import Distribution, DistributionBase
from geneticsearch.space._names import assignments, cut, digits_apart, flatten, path_in_words, short
from geneticsearch.space._numbers import (
    ExponentialDistribution,
    GaussianDistribution,
    LogNormalDistribution,
    LogUniformDistribution,
    UniformDistribution,
)
from geneticsearch.space._sequence import SequenceDistribution
from geneticsearch.space._space import Space, dormant_as_one
from geneticsearch.space._subset import SubsetDistribution, Word, pack
from geneticsearch.space._tree import Genes
from geneticsearch.space._values import as_number, own_copy
from geneticsearch.space._wrapped import RvsDistribution, ScipyDistribution, bounds

__all__ = [
    "ChoiceDistribution",
    "Constraints",
    "Distribution",
    "DistributionBase",
    "ExponentialDistribution",
    "GaussianDistribution",
    "Genes",
    "LogNormalDistribution",
    "LogUniformDistribution",
    "RvsDistribution",
    "ScipyDistribution",
    "SequenceDistribution",
    "Space",
    "SubsetDistribution",
    "UniformDistribution",
    "Word",
    "as_number",
    "assignments",
    "bounds",
    "cut",
    "digits_apart",
    "dormant_as_one",
    "flatten",
    "own_copy",
    "pack",
    "path_in_words",
    "short",
]
