"""Distributions of scipy.stats, and objects that draw."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import stats

from geneticsearch._errors import ArgumentError
from geneticsearch.space._choice import ChoiceDistribution, _cell
from geneticsearch.space._distribution import GENE_STEP, MAX_TABLE, Distribution, _is_number, _native


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
    def discrete(self) -> bool:  # type: ignore[override]
        kinds = (self.frozen, getattr(self.frozen, "dist", None))
        is_discrete = any(isinstance(kind, stats.rv_discrete) for kind in kinds)
        return is_discrete or any(base.__name__ == "DiscreteDistribution" for base in type(self.frozen).__mro__)

    @cached_property
    def _levels(self) -> tuple[np.ndarray, np.ndarray] | None:
        """Integers of positive probability and the ends of their cells."""
        low, high = self._support
        if not self.discrete or not high - low < MAX_TABLE:
            return None
        listed = getattr(self.frozen, "xk", None)  # of rv_discrete(values=...), which need not be whole numbers
        values = np.arange(low, high + 1) if listed is None else np.sort(listed)
        edges = np.concatenate([[0.0], np.asarray(self.frozen.cdf(values), dtype=float)])
        drawn = np.diff(edges) > 0
        return values[drawn], np.concatenate([[0.0], edges[1:][drawn]]) / edges[-1]

    @cached_property
    def n_levels(self) -> float:  # type: ignore[override]
        if self._levels is not None:
            return len(self._levels[0])
        low, high = self._support
        return high - low + 1 if self.discrete else math.inf

    def ppf(self, u: float) -> float | int:
        if self._levels is not None:
            values, edges = self._levels
            value: float | int = _native(values[_cell(edges, u)], integer=True)
            return value
        low, high = self._support
        if self.discrete or math.isinf(low):  # scipy's discrete quantile at 0 lies below the support
            u = max(u, GENE_STEP)
        if math.isinf(high):
            u = min(u, 1 - GENE_STEP)
        number: float | int = _native(np.asarray(self._quantile(u))[()], integer=self.discrete)
        return number

    def cdf(self, value: Any) -> float:
        low, high = self._support
        if not _is_number(value) or not low <= value <= high:
            raise ArgumentError(f"{value!r} is not a value of {self.frozen!r}.")
        u = float(self.frozen.cdf(value))
        if self.discrete:
            u = (u + float(self.frozen.cdf(value - 1))) / 2
            if self.ppf(u) != value:
                raise ArgumentError(f"{value!r} is not a value of {self.frozen!r}.")
        return u

    def edges(self) -> np.ndarray | None:
        return None if self._levels is None else self._levels[1]


@dataclass(frozen=True)
class RvsDistribution(Distribution):
    """Any object with an `rvs(random_state=)` method: the gene is the seed of a draw, so that it can be drawn again."""

    source: Any

    ordered = False

    def ppf(self, u: float) -> Any:
        seed = min(int(u / GENE_STEP), 2**32 - 1)
        return _native(self.source.rvs(random_state=np.random.RandomState(seed)))


def as_distribution(value: Any) -> Distribution | None:
    """Return the distribution that `value` stands for, or None if it stands for none.

    Lists, tuples, other sequences and 1-d arrays are choices; frozen distributions of scipy.stats are taken as they
    are, and so is any other object with an `rvs` method.
    """
    if isinstance(value, Distribution):
        return value
    if isinstance(value, str | bytes | dict):
        return None
    if isinstance(value, Sequence | np.ndarray) or (hasattr(value, "tolist") and hasattr(value, "__len__")):
        return ChoiceDistribution(value)
    is_frozen = isinstance(getattr(value, "dist", value), stats.rv_continuous | stats.rv_discrete)
    if (is_frozen or hasattr(value, "icdf")) and not isinstance(value, type):
        return ScipyDistribution(value)
    if callable(getattr(value, "rvs", None)) and not isinstance(value, type):
        return RvsDistribution(value)
    return None


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
