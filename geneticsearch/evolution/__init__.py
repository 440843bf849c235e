"""GeneticOptimizer and all it is made of: proposes and learns; never evaluates, prints or opens a file."""

from geneticsearch.evolution._archive import ORIGINS, Individual, all_or_none, fitness
from geneticsearch.evolution._gain import looks, possible_gain
from geneticsearch.evolution._gaussian_process import GaussianProcess, one_blas_thread
from geneticsearch.evolution._optimizer import SEARCH_WINDOW, Exhausted, GeneticOptimizer, read_objectives
from geneticsearch.evolution._pareto import dominated_share, front_of, hypervolume_so_far, knee, pareto_ranks
from geneticsearch.evolution._seed import draw_seed, make_generator
from geneticsearch.evolution._surrogate import MAX_RESULTS, choose_training_set, compress_tail

__all__ = [
    "MAX_RESULTS",
    "ORIGINS",
    "SEARCH_WINDOW",
    "Exhausted",
    "GaussianProcess",
    "GeneticOptimizer",
    "Individual",
    "all_or_none",
    "choose_training_set",
    "compress_tail",
    "dominated_share",
    "draw_seed",
    "fitness",
    "front_of",
    "hypervolume_so_far",
    "knee",
    "looks",
    "make_generator",
    "one_blas_thread",
    "pareto_ranks",
    "possible_gain",
    "read_objectives",
]
