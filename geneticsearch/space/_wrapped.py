"""Distributions of scipy.stats, and objects that draw."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from scipy import stats

from geneticsearch._errors import ArgumentError
from geneticsearch.space._choice import ChoiceDistribution
from geneticsearch.space._distribution import GENE_STEP, MAX_TABLE, Distribution, to_grid
from geneticsearch.space._foreign import translated
from geneticsearch.space._values import is_number, key_of, native

MAX_SUMMED = 2**20
"""Discrete distributions whose probabilities must be summed, such as Zipf's, have at most this many values."""


@dataclass(frozen=True)
class ScipyDistribution(Distribution):
    """A frozen distribution of scipy.stats, of either of scipy's infrastructures."""

    frozen: Any

    @cached_property
    def _quantile(self) -> Any:
        return self.frozen.icdf if hasattr(self.frozen, "icdf") else self.frozen.ppf

    @cached_property
    def _support(self) -> tuple[float, float]:
        low, high = self.frozen.support()
        return float(low), float(high)

    @cached_property
    def _end_genes(self) -> tuple[float, float]:
        """Least and greatest gene that have a value; scipy's discrete quantile at 0 lies below the support."""
        low, high = self._support
        return GENE_STEP if self.discrete or math.isinf(low) else 0.0, 1 - GENE_STEP if math.isinf(high) else 1.0

    @cached_property
    def discrete(self) -> bool:  # type: ignore[override]
        kinds = (self.frozen, getattr(self.frozen, "dist", None))
        is_discrete = any(isinstance(kind, stats.rv_discrete) for kind in kinds)
        return is_discrete or any(base.__name__ == "DiscreteDistribution" for base in type(self.frozen).__mro__)

    @cached_property
    def _levels(self) -> tuple[np.ndarray, np.ndarray] | None:
        """Values of positive probability and the ends of their cells, where a table is kept."""
        low, high = self._support
        if not self.discrete:
            return None
        kind = type(getattr(self.frozen, "dist", self.frozen))
        if getattr(kind, "_cdf", None) is getattr(stats.rv_discrete, "_cdf", False) and math.isfinite(low):
            values, shares = self._summed()
        elif high - low < MAX_TABLE:
            listed = getattr(self.frozen, "xk", None)  # of rv_discrete(values=...), which need not be whole numbers
            values = np.arange(low, high + 1) if listed is None else np.sort(listed)
            shares = np.diff(np.asarray(self.frozen.cdf(values), dtype=float), prepend=0.0)
        else:
            return None
        below = np.cumsum(shares)
        drawn = (shares > 0) & (below > GENE_STEP) & (below - shares < 1 - GENE_STEP)  # by any gene
        edges = np.concatenate([[0.0], np.cumsum(shares[drawn])])
        return values[drawn], edges / edges[-1]

    def _summed(self) -> tuple[np.ndarray, np.ndarray]:
        """Return values from the lowest on, until hardly any probability is left, and their probabilities.

        For these, scipy's quantile would sum from the lowest value anew for each step of a bisection.
        """
        low, high = self._support
        n, values, shares = MAX_TABLE, np.empty(0), np.empty(0)
        while len(values) < min(n, MAX_SUMMED, high - low + 1) and shares.sum() < 1 - GENE_STEP:
            more = np.arange(low + len(values), min(low + n, high + 1))
            values, shares = np.append(values, more), np.append(shares, self.frozen.pmf(more))
            n *= 2
        return values, shares

    @cached_property
    def n_levels(self) -> float:  # type: ignore[override]
        if self._levels is not None:
            return len(self._levels[0])
        low, high = self._support
        n = high - low + 1
        return int(n) if self.discrete and math.isfinite(n) else math.inf

    def ppf(self, u: float) -> float | int:
        if self._levels is not None:
            values, edges = self._levels
            value: float | int = native(values[edges[1:-1].searchsorted(u, side="right")], integer=True)
            return value
        least, greatest = self._end_genes
        number: float | int = native(self._quantile(min(max(u, least), greatest)), integer=self.discrete)
        return number

    def cdf(self, value: Any) -> float:
        low, high = self._support
        if is_number(value) and low <= value <= high:
            u = float(self._center(value)) if self.discrete else float(self.frozen.cdf(value))
            if not self.discrete or self.ppf(u) == value or self.frozen.pmf(value) > 0:
                return u
        raise ArgumentError(f"{value!r} is not a value of {self.frozen!r}.")

    def _center(self, values: Any) -> Any:
        """Return a gene of a level, or genes of many."""
        if self._levels is not None:
            at = np.minimum(np.searchsorted(self._levels[0], values), len(self._levels[0]) - 1)
            return (self._levels[1][at] + self._levels[1][at + 1]) / 2
        return (self.frozen.cdf(values) + self.frozen.cdf(values - 1)) / 2

    def edges(self) -> np.ndarray | None:
        return None if self._levels is None else self._levels[1]

    def centers(self) -> Iterable[float]:
        if self._levels is not None:
            return super().centers()
        low, high = self._support
        centers: list[float] = self._center(np.arange(low, high + 1)).tolist()
        return centers

    def canonical(self, genes: np.ndarray) -> np.ndarray:
        if self._levels is not None or not self.discrete:
            return super().canonical(genes)
        return to_grid(self._center(np.asarray(self._quantile(np.clip(genes, *self._end_genes)))))


@dataclass(frozen=True)
class RvsDistribution(Distribution):
    """Any object with an `rvs(random_state=)` method: the gene is the seed of a draw, so that it can be drawn again."""

    source: Any
    first: dict[Hashable, float] = field(default_factory=dict, repr=False, compare=False)  # gene that drew a value

    ordered = False

    def ppf(self, u: float) -> Any:
        seed = min(int(u / GENE_STEP), 2**32 - 1)
        return native(self.source.rvs(random_state=np.random.RandomState(seed)))

    def canonical(self, genes: np.ndarray) -> np.ndarray:
        """Return for each value the first gene that drew it."""
        seeds = to_grid(genes)
        found = [self.first.setdefault(key_of(self.ppf(u)), u) for u in np.ravel(seeds).tolist()]
        return np.reshape(found, seeds.shape)


def as_distribution(value: Any) -> Distribution | None:
    """Return the distribution that `value` stands for, or None if it stands for none.

    Lists, tuples, other sequences and 1-d arrays are choices; frozen distributions of scipy.stats are taken as they
    are, and so is any other object with an `rvs` method. Distributions of Optuna, scikit-optimize and
    sklearn-genetic-opt are translated.
    """
    if isinstance(value, Distribution):
        return value
    if isinstance(value, str | bytes | bytearray | dict | type):
        return None
    known = translated(value)
    if known is not None:
        return known
    if isinstance(value, Sequence | np.ndarray) or (hasattr(value, "tolist") and hasattr(value, "__len__")):
        return ChoiceDistribution(value)
    if isinstance(value, stats.rv_continuous | stats.rv_discrete) and value.numargs:
        raise ArgumentError(
            f"scipy.stats.{value.name} must be frozen: call it with its parameters ({value.shapes}); got {value!r}."
        )
    is_frozen = isinstance(getattr(value, "dist", value), stats.rv_continuous | stats.rv_discrete)
    if is_frozen or hasattr(value, "icdf"):
        return ScipyDistribution(value)
    return RvsDistribution(value) if callable(getattr(value, "rvs", None)) else None


def bounds(distribution: Distribution) -> tuple[Any, Any]:
    """Return the smallest and the largest value; None where a distribution fades out instead."""
    if isinstance(distribution, ScipyDistribution):
        low, high = distribution.frozen.support()
    else:
        low, high = getattr(distribution, "low", None), getattr(distribution, "high", None)
    ends = []
    for bound, u in (low, 0.0), (high, 1.0):
        end = distribution.ppf(u)
        known = bound is not None and math.isfinite(bound) and isinstance(end, int | float)
        ends.append(end if known else None)
    return ends[0], ends[1]
