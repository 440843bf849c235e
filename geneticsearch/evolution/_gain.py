"""By how much the best result could still be exceeded."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from geneticsearch.evolution._archive import Archive
from geneticsearch.evolution._breeding import Genotypes, Rates, State, breed, drawn
from geneticsearch.evolution._gaussian_process import Floats, GaussianProcess, one_blas_thread
from geneticsearch.evolution._population import Population
from geneticsearch.evolution._surrogate import MAX_RESULTS, MAX_SURROGATE_GENES, choose_training_set, in_targets
from geneticsearch.space import Genes, Space

BOLDNESS = 2.0
"""Standard deviations between a prediction and what it may turn out to be."""

FIRST_LOOK = 20

LOOK_SHARE = 0.1
"""A look is due when the results have grown by this share."""

N_DRAWN = 1000

N_BRED = 200
"""Genotypes bred from the best for each size of mutations."""


def looks(n: int) -> list[int]:
    """Return after how many results, up to `n`, it is time to see what could still be gained.

    Examples
    --------
    >>> looks(40)
    [20, 22, 25, 28, 31, 35, 39]
    """
    found, due = [], FIRST_LOOK
    while due <= n:
        found.append(due)
        due = math.ceil(due * (1 + LOOK_SHARE))
    return found


def possible_gain(
    space: Space,
    genes: Genes,
    fitness: Floats,
    noise: Floats,
    allowed: Callable[[Genotypes], np.ndarray] = lambda genotypes: np.ones(len(genotypes), dtype=bool),
) -> float:
    """Bound by how much the best of some individuals could still be exceeded.

    It is the difference between the best value that a Gaussian process deems possible anywhere and the best one that it
    is sure to be reached, each two standard deviations from the mean, the noise of results left out.

    Parameters
    ----------
    space : Space
        Where they come from.
    genes : ndarray of shape (n, n_genes)
        Their genes.
    fitness : ndarray of shape (n,)
        Larger is better; NaN is a failure.
    noise : ndarray of shape (n,)
        Variance of the error of each fitness, as far as it is known; NaN elsewhere.
    allowed : callable
        Takes genotypes and returns which of them are allowed; all are by default.

    Returns
    -------
    float
        In units of the fitness; infinite where the results say nothing, or there are too many genes for a process.

    References
    ----------
    The regret bound of Makarova et al. (2022), "Automatic Termination for Hyperparameter Optimization",
    arXiv:2104.08166.
    """
    is_useful = space.informative
    targets, known_noise, slope = in_targets(fitness, noise)
    if not targets.any() or not 0 < np.count_nonzero(is_useful) <= MAX_SURROGATE_GENES:
        return math.inf
    rng = np.random.default_rng(0)
    active = space.active(genes)
    chosen = choose_training_set(fitness, MAX_RESULTS, rng)
    points, targets, known_noise = space.phenotype(genes, active)[chosen], targets[chosen], known_noise[chosen]
    state = State(space, Archive(space, True), Population(10), Rates(), rng)
    best = np.argsort(-np.nan_to_num(fitness, nan=-np.inf), kind="stable")[: state.population.size]
    elite = Genotypes(genes[best], active[best], np.full((len(best), 2), -1))
    others = drawn(N_DRAWN, state)
    for scale in (0.3, 0.1, 0.03):
        others = others.join(breed(elite, elite, N_BRED, scale, state))
    others = others.take(np.flatnonzero(allowed(others)))
    with one_blas_thread():
        process = GaussianProcess(~space.ordered[is_useful]).fit(points, targets, known_noise, max_iterations=60)
        process.condition(points, targets, known_noise)
        phenotypes = np.concatenate([points, space.phenotype(others.genes, others.active)])
        mean, deviation = process.predict(phenotypes)
    highest, lowest = mean + BOLDNESS * deviation, mean - BOLDNESS * deviation
    return float(highest.max() - lowest[: len(points)].max()) / slope
