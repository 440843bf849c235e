"""Hyperparameter search by a genetic algorithm, for scikit-learn estimators and for any function."""

from geneticsearch._feature_selection import GeneticFeatureSelector, SelectColumns
from geneticsearch._optimize import OptimizeResult, optimize
from geneticsearch._search import GeneticSearchCV
from geneticsearch.callbacks import Callback
from geneticsearch.checkpoint import CheckpointError, load_history
from geneticsearch.distributions import (
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
from geneticsearch.evolution import GeneticOptimizer, Individual
from geneticsearch.report import write_report
from geneticsearch.results import fastest_within, knee_of_front, one_standard_error, to_optuna
from geneticsearch.suggest import register_space, suggest_initial, suggest_space

__all__ = [
    "Callback",
    "CheckpointError",
    "ChoiceDistribution",
    "Distribution",
    "DistributionBase",
    "ExponentialDistribution",
    "GaussianDistribution",
    "GeneticFeatureSelector",
    "GeneticOptimizer",
    "GeneticSearchCV",
    "Individual",
    "LogNormalDistribution",
    "LogUniformDistribution",
    "OptimizeResult",
    "SelectColumns",
    "SequenceDistribution",
    "SubsetDistribution",
    "UniformDistribution",
    "fastest_within",
    "knee_of_front",
    "load_history",
    "one_standard_error",
    "optimize",
    "register_space",
    "suggest_initial",
    "suggest_space",
    "to_optuna",
    "write_report",
]

for _name in __all__:  # tracebacks and pickles name the public address, whatever the file
    globals()[_name].__module__ = __name__
