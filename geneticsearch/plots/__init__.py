"""Pictures of a search, drawn by matplotlib.

Each function takes a fitted search, the result of `optimize` or the path of a checkpoint, whose search may still be
running; `plot_comparison` and `plot_distribution` take several. Each draws on the Axes `ax`, or in a new figure, and
returns the Axes. Candidates have the same numbers as in `history_`, `to_frame` and `load_history`.
"""

from geneticsearch.plots._comparison import plot_comparison, plot_distribution
from geneticsearch.plots._folds import plot_folds
from geneticsearch.plots._genealogy import plot_genealogy
from geneticsearch.plots._importance import plot_importance
from geneticsearch.plots._landscape import plot_landscape
from geneticsearch.plots._parameters import plot_parallel_coordinates, plot_parameters, plot_slice
from geneticsearch.plots._pareto import plot_hypervolume, plot_pareto
from geneticsearch.plots._progress import plot_progress
from geneticsearch.plots._species import plot_species
from geneticsearch.plots._stopping import plot_stopping
from geneticsearch.plots._timeline import plot_timeline
from geneticsearch.plots._train_test import plot_train_test

__all__ = [
    "plot_comparison",
    "plot_distribution",
    "plot_folds",
    "plot_genealogy",
    "plot_hypervolume",
    "plot_importance",
    "plot_landscape",
    "plot_parallel_coordinates",
    "plot_parameters",
    "plot_pareto",
    "plot_progress",
    "plot_slice",
    "plot_species",
    "plot_stopping",
    "plot_timeline",
    "plot_train_test",
]
