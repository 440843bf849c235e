"""What became of the candidates, whoever asks."""

from geneticsearch.results._advice import advise
from geneticsearch.results._history import Floats, History, frame_of, history_of
from geneticsearch.results._importance import has_log_scale, permutation_importances, scaled
from geneticsearch.results._optuna import to_optuna
from geneticsearch.results._parameters import Parameter, label, parameters_of
from geneticsearch.results._refit import fastest_within, one_standard_error
from geneticsearch.results._species import species_table

__all__ = [
    "Floats",
    "History",
    "Parameter",
    "advise",
    "fastest_within",
    "frame_of",
    "has_log_scale",
    "history_of",
    "label",
    "one_standard_error",
    "parameters_of",
    "permutation_importances",
    "scaled",
    "species_table",
    "to_optuna",
]
