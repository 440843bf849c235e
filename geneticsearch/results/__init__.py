"""What became of the candidates, whoever asks."""

from geneticsearch.results._certainty import certainty
from geneticsearch.results._frame import frame_of
from geneticsearch.results._history import Floats, History
from geneticsearch.results._importance import permutation_importances
from geneticsearch.results._noise import CorrectedScore, corrected_score, possible_gains, standard_error
from geneticsearch.results._optuna import to_optuna
from geneticsearch.results._parameters import Parameter
from geneticsearch.results._refit import fastest_within, knee_of_front, one_standard_error
from geneticsearch.results._sources import history_of
from geneticsearch.results._species import species_table

__all__ = [
    "CorrectedScore",
    "Floats",
    "History",
    "Parameter",
    "certainty",
    "corrected_score",
    "fastest_within",
    "frame_of",
    "history_of",
    "knee_of_front",
    "one_standard_error",
    "permutation_importances",
    "possible_gains",
    "species_table",
    "standard_error",
    "to_optuna",
]
