"""Selection, crossover and mutation: pure functions of arrays and a random generator."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from geneticsearch.space import Genes

LANDING_RATE = 0.1
"""Chance that a gene which would leave the unit interval lands on its bound, where optima sometimes lie. Otherwise it
is reflected: if all such genes landed there, most individuals would lie on a bound, whatever that is worth."""


@lru_cache(maxsize=1024)
def rank_selection_table(n: int) -> np.ndarray:
    """Return cumulative probabilities of ranks 0..n-1, weighted ln(n + 1/2) - ln(rank + 1).

    Parameters
    ----------
    n : int
        Number of ranked individuals, at least 1.

    Returns
    -------
    ndarray of shape (n,)
        Look up uniform random numbers in it to draw ranks. It is cached: do not change it.

    References
    ----------
    The weights are those of the CMA evolution strategy: Hansen, "The CMA Evolution Strategy: A Tutorial",
    arXiv:1604.00772, eq. (49).

    Examples
    --------
    >>> rank_selection_table(3).round(2)
    array([0.64, 0.92, 1.  ])
    """
    weights = np.log(n + 0.5) - np.log(np.arange(1, n + 1))
    table: np.ndarray = np.cumsum(weights) / weights.sum()
    return table


def crossover(mother: Genes, father: Genes, ordered: np.ndarray, rng: np.random.Generator) -> Genes:
    """Take each gene from either parent with equal chance; three times in ten, blend the ordered ones instead.

    Parameters
    ----------
    mother, father : ndarray of shape (..., n_genes)
        Genes of two individuals of one species, or of several pairs.
    ordered : ndarray of bool, of shape (n_genes,)
        Which genes can be blended.
    rng : numpy.random.Generator
        Source of chance; advanced by this call.

    Returns
    -------
    ndarray of shape (..., n_genes)
        Genes of the child of each pair. Blended ones reach a quarter of the parents' distance beyond either.

    References
    ----------
    Blending: Eshelman and Schaffer, "Real-Coded Genetic Algorithms and Interval-Schemata", FOGA 2, 1993.

    Examples
    --------
    >>> twins = np.array([0.2, 0.8])
    >>> crossover(twins, twins, ordered=np.array([True, False]), rng=np.random.default_rng(0))
    array([0.2, 0.8])
    """
    draws = rng.random((2, *mother.shape))
    child = np.where(draws[0] < 0.5, mother, father)
    blended = rng.random((*mother.shape[:-1], 1)) < 0.3
    if blended.any():
        blend = mother + (1.5 * draws[1] - 0.25) * (father - mother)
        child = np.where(blended & ordered, return_to_unit(blend, rng), child)
    return child


def differential_step(child: Genes, one: Genes, other: Genes, ordered: np.ndarray, rng: np.random.Generator) -> Genes:
    """Move most ordered genes along the difference of two individuals.

    Parameters
    ----------
    child, one, other : ndarray of shape (..., n_genes)
        Genes of the individual to move, and of the two whose difference gives the direction; or of several.
    ordered : ndarray of bool, of shape (n_genes,)
        Which genes can be moved.
    rng : numpy.random.Generator
        Source of chance; advanced by this call.

    Returns
    -------
    ndarray of shape (..., n_genes)
        A new array. A move beyond the unit interval is reflected, or ends on its bound.

    References
    ----------
    Storn and Price, "Differential Evolution", Journal of Global Optimization 11, 1997.

    Examples
    --------
    >>> half = np.array([0.5])
    >>> differential_step(half, half, half, ordered=np.array([True]), rng=np.random.default_rng(0))
    array([0.5])
    """
    factor = 0.5 + 0.3 * rng.standard_normal((*child.shape[:-1], 1))
    moved = ordered & (rng.random(child.shape) < 0.7)
    return return_to_unit(child + moved * (factor * (one - other)), rng)


def mutation(
    genes: Genes,
    mutable: np.ndarray,
    must: np.ndarray,
    rate: float,
    scale: float | np.ndarray,
    ordered: np.ndarray,
    n_levels: np.ndarray,
    rng: np.random.Generator,
) -> Genes:
    """Change some genes: ordered genes by a small step, the others to another value.

    Parameters
    ----------
    genes : ndarray of shape (n, n_genes)
        Genes in [0, 1], at the center of their cell.
    mutable : ndarray of bool, of shape (n, n_genes)
        Which genes may change.
    must : ndarray of bool, of shape (n,)
        Individuals of which at least one gene changes, if any is mutable.
    rate : float
        Expected number of genes that change in an individual.
    scale : float or ndarray of shape (n,)
        Median size of a step, as a fraction of the gene's whole range. Sizes vary tenfold around it.
    ordered : ndarray of bool, of shape (n_genes,)
        Which genes move by steps. A step is at least one level; a step beyond the unit interval is reflected, perhaps
        to the level where it began, or ends on its bound.
    n_levels : ndarray of shape (n_genes,)
        Number of values of each gene, inf for a continuum.
    rng : numpy.random.Generator
        Source of chance; advanced by this call.

    Returns
    -------
    ndarray of shape (n, n_genes)
        A new array.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> flag, yes = np.array([[0.25]]), np.array([[True]])
    >>> mutation(flag, yes, yes[0], 1.0, 0.1, ordered=np.array([False]), n_levels=np.array([2.0]), rng=rng)
    array([[0.75]])
    """
    genes = genes.copy()
    n = mutable.sum(axis=1)
    draws = np.where(mutable, rng.random(genes.shape), np.inf)
    chosen = draws < (rate / np.maximum(n, 1))[:, np.newaxis]
    idle = np.flatnonzero(must & (n > 0) & ~chosen.any(axis=1))
    chosen[idle, draws[idle].argmin(axis=1)] = True
    scale = scale * np.exp(0.5 * rng.standard_normal(len(genes)))

    row, column = chosen.nonzero()
    old, levels = genes[row, column], n_levels[column]
    steps = scale[row] * rng.standard_normal(len(row))
    new = return_to_unit(old + np.copysign(np.maximum(np.abs(steps), 1 / levels), steps), rng)
    if not ordered.all():
        new = np.where(ordered[column], new, _other_value(old, levels, rng))
    genes[row, column] = new
    return genes


def _other_value(genes: np.ndarray, levels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw another level for each gene, or any value of a continuum."""
    drawn = rng.random(len(genes))
    finite = np.where(np.isfinite(levels), levels, 1.0)
    other = (genes + np.floor(1 + drawn * (finite - 1)) / finite) % 1.0
    return np.where(np.isfinite(levels), other, drawn)


def return_to_unit(genes: Genes, rng: np.random.Generator) -> Genes:
    """Bring genes back that have left the unit interval: nine of ten are reflected, the others land on the bound.

    Parameters
    ----------
    genes : ndarray of shape (..., n_genes)
        Genes, some of which may be below 0 or above 1.
    rng : numpy.random.Generator
        Source of chance; advanced by this call if any gene has left.

    Returns
    -------
    ndarray of the same shape
        Genes in [0, 1]; those that have not left are unchanged.

    Examples
    --------
    >>> return_to_unit(np.array([0.5, -0.25, 1.25]), rng=np.random.default_rng(1))
    array([0.5 , 0.25, 0.75])
    """
    inside: Genes = np.minimum(np.maximum(genes, 0.0), 1.0)  # three times as fast as np.clip on a few genes
    out = (inside != genes).nonzero()
    if len(out[0]):
        turned = np.abs(genes[out]) % 2.0
        reflected = np.minimum(turned, 2.0 - turned)
        inside[out] = np.where(rng.random(len(reflected)) < LANDING_RATE, inside[out], reflected)
    return inside


def subset_crossover(
    mother: np.ndarray, father: np.ndarray, sizes: tuple[int, int], rng: np.random.Generator
) -> np.ndarray:
    """Keep the items that both parents have, and of those that one parent has each with even chance.

    Parameters
    ----------
    mother, father : ndarray of bool, of shape (n, n_items)
        Which items they have.
    sizes : tuple of int
        Least and greatest number of items.
    rng : numpy.random.Generator
        Source of chance; advanced by this call.

    Returns
    -------
    ndarray of bool, of shape (n, n_items)
        The items of the child of each pair.

    Examples
    --------
    >>> mother, father = np.array([[True, True, False, False]]), np.array([[True, False, True, False]])
    >>> subset_crossover(mother, father, (1, 4), np.random.default_rng(0))
    array([[ True,  True,  True, False]])
    """
    coins = rng.integers(256, size=(len(mother), -(-mother.shape[1] // 8)), dtype=np.uint8)
    is_mothers = np.unpackbits(coins, axis=1, count=mother.shape[1]).view(bool)
    return _within(father ^ ((mother ^ father) & is_mothers), sizes, rng)


def subset_mutation(
    members: np.ndarray, scale: np.ndarray, sizes: tuple[int, int], rng: np.random.Generator
) -> np.ndarray:
    """Add, drop or swap an item, or some.

    Parameters
    ----------
    members : ndarray of bool, of shape (n, n_items)
        Which items individuals have.
    scale : ndarray of shape (n,)
        Size of a step: one item, and on average so many more, as a fraction of the items that an individual has.
    sizes : tuple of int
        Least and greatest number of items; beyond them, what was added or other items are dropped, or vice versa.
    rng : numpy.random.Generator
        Source of chance; advanced by this call.

    Returns
    -------
    ndarray of bool, of shape (n, n_items)
        A new array.

    Examples
    --------
    >>> subset_mutation(np.array([[True, False, False]]), np.array([0.1]), (1, 1), np.random.default_rng(0))
    array([[False,  True, False]])
    """
    n = len(members)
    kind = rng.integers(3, size=n)
    n_changes = rng.geometric(1 / (1 + scale * members.sum(axis=1)))
    added = _some_of(~members, n_changes * (kind != 0), rng)
    dropped = _some_of(members, n_changes * (kind != 1), rng)
    mutant = members.copy()
    mutant.reshape(-1)[added] = True
    mutant.reshape(-1)[dropped] = False
    return _within(mutant, sizes, rng)


def _some_of(candidates: np.ndarray, n_wanted: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw up to so many of the candidates of each row, as positions in the flat array; some may be drawn twice."""
    wanted = candidates & (n_wanted > 0)[:, np.newaxis]
    places, n_places = np.flatnonzero(wanted), wanted.sum(axis=1)
    row = np.repeat(np.arange(len(wanted)), np.where(n_places > 0, n_wanted, 0))
    drawn = (rng.random(len(row)) * n_places[row]).astype(np.intp)
    chosen: np.ndarray = places[n_places.cumsum()[row] - n_places[row] + drawn]
    return chosen


def _within(members: np.ndarray, sizes: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Add or drop random items, in place, where there are too few or too many."""
    n_members = members.sum(axis=1)
    wanted = np.clip(n_members, *sizes)
    for i in np.flatnonzero(n_members != wanted):
        excess = int(n_members[i] - wanted[i])
        places = np.flatnonzero(members[i] == (excess > 0))
        members[i, rng.permutation(places)[: abs(excess)]] = excess < 0
    return members
