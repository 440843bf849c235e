"""GeneticOptimizer and all it is made of: proposes and learns; never evaluates, prints or opens a file."""

from geneticsearch.evolution._archive import ORIGINS, Individual, fitness
from geneticsearch.evolution._gain import looks, possible_gain
from geneticsearch.evolution._gaussian_process import GaussianProcess, one_blas_thread
from geneticsearch.evolution._optimizer import SEARCH_WINDOW, Exhausted, GeneticOptimizer
from geneticsearch.evolution._seed import draw_seed
from geneticsearch.evolution._surrogate import MAX_RESULTS, choose_training_set, compress_tail

__all__ = [
    "MAX_RESULTS",
    "ORIGINS",
    "SEARCH_WINDOW",
    "Exhausted",
    "GaussianProcess",
    "GeneticOptimizer",
    "Individual",
    "choose_training_set",
    "compress_tail",
    "draw_seed",
    "fitness",
    "looks",
    "one_blas_thread",
    "possible_gain",
]
