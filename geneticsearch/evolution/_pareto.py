"""Fronts: what is dominated, what is crowded, and how much of the space of fitness a front dominates."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MARGIN = 0.1
"""How far beyond the worst values of a front its reference point lies, as a share of its range."""


def pareto_ranks(fitness: Floats) -> NDArray[np.int_]:
    """Return 1 for the individuals that none dominates, 2 for those that only these dominate, and so on.

    An individual dominates another if it is at least as good in all objectives and better in one.

    Parameters
    ----------
    fitness : ndarray of shape (n, n_objectives)
        Larger is better; NaN for failures, which rank last.

    Returns
    -------
    ndarray of int, shape (n,)

    References
    ----------
    Deb et al. (2002), "A Fast and Elitist Multiobjective Genetic Algorithm: NSGA-II", doi:10.1109/4235.996017.

    Examples
    --------
    >>> pareto_ranks(np.array([[1.0, 3.0], [2.0, 2.0], [1.0, 2.0], [0.0, 0.0]]))
    array([1, 1, 2, 3])
    """
    ranks = np.zeros(len(fitness), dtype=int)
    rank, left = 0, np.flatnonzero(~np.isnan(fitness).any(axis=1))
    while len(left):
        rank += 1
        is_front = _are_undominated(fitness[left])
        ranks[left[is_front]] = rank
        left = left[~is_front]
    ranks[ranks == 0] = rank + 1
    return ranks


def front_of(fitness: Floats) -> NDArray[np.intp]:
    """Return the individuals that none dominates, the best by the first objective first; no failures.

    Parameters
    ----------
    fitness : ndarray of shape (n, n_objectives)
        As in `pareto_ranks`.

    Examples
    --------
    >>> front_of(np.array([[1.0, 3.0], [2.0, 2.0], [1.0, 2.0], [np.nan, np.nan]]))
    array([1, 0])
    """
    known = np.flatnonzero(~np.isnan(fitness).any(axis=1))
    front = known[_are_undominated(fitness[known])]
    return front[np.argsort(-fitness[front, 0], kind="stable")]


def _are_undominated(fitness: Floats) -> NDArray[np.bool_]:
    is_front = np.ones(len(fitness), dtype=bool)
    for i in np.argsort(-fitness.sum(axis=1), kind="stable"):  # those that dominate many come first
        if is_front[i]:
            mine = fitness[i]
            is_front &= ~((fitness <= mine).all(axis=1) & (fitness < mine).any(axis=1))
    return is_front


def crowding_distances(fitness: Floats) -> Floats:
    """Return how far the neighbors of each individual of a front are from each other, over all objectives.

    Parameters
    ----------
    fitness : ndarray of shape (n, n_objectives)
        Finite fitness.

    Returns
    -------
    ndarray of shape (n,)
        Infinite for the best and the worst of an objective.

    Examples
    --------
    >>> crowding_distances(np.array([[0.0, 4.0], [1.0, 2.0], [4.0, 0.0]]))
    array([inf,  2., inf])
    """
    distances = np.zeros(len(fitness))
    for values in fitness.T:
        order = np.argsort(values, kind="stable")
        ranked = values[order]
        distances[order[[0, -1]]] = np.inf
        if ranked[-1] > ranked[0]:
            distances[order[1:-1]] += (ranked[2:] - ranked[:-2]) / (ranked[-1] - ranked[0])
    return distances


def by_rank_and_crowding(fitness: Floats) -> NDArray[np.intp]:
    """Return the indices of individuals: by Pareto rank, the least crowded first, of equals the last first."""
    ranks, distances = pareto_ranks(fitness), np.empty(len(fitness))
    for rank in np.unique(ranks):
        distances[ranks == rank] = crowding_distances(fitness[ranks == rank])
    order: NDArray[np.intp] = np.lexsort([-np.arange(len(fitness)), -distances, ranks])
    return order


def hypervolume(fitness: Floats, reference: Floats) -> float:
    """Compute the volume that some individuals dominate, down to a reference point.

    Parameters
    ----------
    fitness : ndarray of shape (n, n_objectives)
        Larger is better.
    reference : ndarray of shape (n_objectives,)
        Individuals that are not better than it in all objectives count for nothing.

    References
    ----------
    By slices: While et al. (2006), "A Faster Algorithm for Calculating Hypervolume", doi:10.1109/TEVC.2005.851275.

    Examples
    --------
    >>> hypervolume(np.array([[1.0, 3.0], [2.0, 2.0]]), np.zeros(2))
    5.0
    """
    gains = fitness[(fitness > reference).all(axis=1)] - reference
    return _volume(gains)


def _volume(gains: Floats) -> float:
    if len(gains) == 0:
        return 0.0
    if gains.shape[1] == 1:
        return float(gains.max())
    gains = gains[_are_undominated(gains)]
    gains = gains[np.argsort(-gains[:, -1], kind="stable")]
    thickness = gains[:, -1] - np.append(gains[1:, -1], 0.0)
    if gains.shape[1] == 2:
        return float(thickness @ np.maximum.accumulate(gains[:, 0]))
    return sum(float(thick) * _volume(gains[: i + 1, :-1]) for i, thick in enumerate(thickness) if thick > 0)


def in_units_of_front(fitness: Floats) -> Floats:
    """Scale fitness so that the front reaches from `MARGIN` to 1 + `MARGIN` in each objective; its reference is 0.

    Parameters
    ----------
    fitness : ndarray of shape (n, n_objectives)
        Larger is better; NaN for failures.

    Returns
    -------
    ndarray of shape (n, n_objectives)
        The fitness as shares of the range of the front, plus `MARGIN`.

    Examples
    --------
    >>> in_units_of_front(np.array([[0.0, 4.0], [2.0, 0.0], [-1.0, 2.0]]))
    array([[ 0.1,  1.1],
           [ 1.1,  0.1],
           [-0.4,  0.6]])
    """
    worst, spread = range_of_front(fitness)
    flat = np.maximum(1e-9 * np.abs(worst), 1e-300)
    units: Floats = (fitness - worst) / np.where(spread > 0, spread, flat) + MARGIN
    return units


def range_of_front(fitness: Floats) -> tuple[Floats, Floats]:
    """Return the worst values of the front, and how far the best ones are from them."""
    front = fitness[pareto_ranks(fitness) == 1]
    worst = front.min(axis=0)
    return worst, front.max(axis=0) - worst


def dominated_share(fitness: Floats) -> float:
    """Compute which share of the box around the front is dominated: from 0 to its best values, in its units.

    Parameters
    ----------
    fitness : ndarray of shape (n, n_objectives)
        Finite; larger is better.

    Examples
    --------
    >>> dominated_share(np.array([[1.0, 1.0], [0.0, 0.0]]))
    1.0
    """
    units, n_objectives = in_units_of_front(fitness), fitness.shape[1]
    return hypervolume(units, np.zeros(n_objectives)) / float(units.max(axis=0).prod())


def hypervolume_so_far(fitness: Floats) -> Floats:
    """Compute which share of its box the front dominates, after each individual.

    The box reaches from the best values of the last front to a tenth of its range beyond its worst values. Its size is
    that of the front, so outliers do not matter.

    Parameters
    ----------
    fitness : ndarray of shape (n, n_objectives)
        In the order of evaluation; larger is better; NaN for failures.

    Returns
    -------
    ndarray of shape (n,)
        Between 0 and 1, never falling.

    Examples
    --------
    >>> hypervolume_so_far(np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])).round(2)
    array([0., 0., 1.])
    """
    shares = np.zeros(len(fitness))
    if np.isnan(fitness).any(axis=1).all():
        return shares
    units = in_units_of_front(fitness)
    n_objectives = fitness.shape[1]
    origin, front = np.zeros(n_objectives), np.empty((0, n_objectives))
    box, share = float(np.nanmax(units, axis=0).prod()), 0.0
    for i, mine in enumerate(units):
        if (mine > 0).all() and not (front >= mine).all(axis=1).any():
            front = np.vstack([front[~(front <= mine).all(axis=1)], mine])
            share = hypervolume(front, origin) / box
        shares[i] = share
    return shares


def knee(fitness: Floats) -> int:
    """Return the index of the knee of a front: the farthest from the plane through its extremes.

    In units of the range of the front, it is the individual with the largest sum.

    Parameters
    ----------
    fitness : ndarray of shape (n, n_objectives)
        Larger is better; NaN for failures.

    References
    ----------
    Das (1999), "On characterizing the 'knee' of the Pareto curve", doi:10.1007/BF01195985, of a front scaled to the
    unit cube.

    Examples
    --------
    >>> knee(np.array([[0.0, 10.0], [8.0, 9.0], [10.0, 0.0], [9.0, 4.0]]))
    1
    """
    sums = in_units_of_front(fitness).sum(axis=1)
    return int(np.argmax(np.where(pareto_ranks(fitness) == 1, sums, -np.inf)))
