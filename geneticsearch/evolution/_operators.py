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
        Which genes move by steps. A step is at least one level, and a step beyond the unit interval is reflected, or
        ends on its bound.
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
