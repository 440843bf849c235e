"""Distributions of numbers: uniform, normal, exponential, and on a logarithmic scale."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import special

from geneticsearch._errors import check_number
from geneticsearch.space._distribution import GENE_STEP, to_grid
from geneticsearch.space._numeric import Numeric

MAX_EXPONENT = math.log(sys.float_info.max)


@dataclass(frozen=True, repr=False)
class UniformDistribution(Numeric):
    """A number between `low` and `high`, all equally likely.

    Parameters
    ----------
    low, high : float
        Bounds; both can be reached.
    q : float or None, default=None
        If given, values are the multiples of `q` between the bounds, all equally likely; native integers if `q` and
        the bounds are integers.

    Examples
    --------
    >>> UniformDistribution(0, 10).ppf(0.25)
    2.5
    >>> UniformDistribution(1, 5, q=1).ppf(0.99)
    5
    """

    low: float
    high: float
    q: float | None = None

    _has_tails = False

    def __post_init__(self) -> None:
        check_number("low", self.low)
        check_number("high", self.high)
        self._check_bounds()

    def _between(self, u: Any, a: float, b: float) -> Any:
        return a + u * (b - a)

    def _below(self, x: Any, a: float, b: float) -> Any:
        return (x - a) / (b - a)

    # Levels are counted rather than measured, which is exact for integers that no float can tell apart.

    def _has_mass(self) -> bool:
        return self.q is not None or super()._has_mass()

    def _multiple(self, u: float) -> int:
        n = int(self.n_levels)
        return int(self._multiples[0]) + min(int(max(u, 0.0) * n), n - 1)

    def _center(self, multiple: Any) -> Any:
        return (multiple - self._multiples[0] + 0.5) / self.n_levels

    @cached_property
    def _edges(self) -> np.ndarray:
        return np.linspace(0.0, 1.0, int(self.n_levels) + 1)

    def canonical(self, genes: np.ndarray) -> np.ndarray:
        n = self.n_levels
        if n > 1 / GENE_STEP:  # each gene is a level of its own
            return to_grid(genes)
        centers: np.ndarray = (np.minimum(np.floor(genes * n), n - 1) + 0.5) / n
        return centers


@dataclass(frozen=True, repr=False)
class LogUniformDistribution(Numeric):
    """A positive number between `low` and `high` whose logarithm is uniform.

    Parameters
    ----------
    low, high : float
        Bounds, positive; both can be reached.
    q : float or None, default=None
        If given, values are the multiples of `q` between the bounds; native integers if `q` and the bounds are
        integers. Each stands for its cell of width q, so that the lowest keeps its share on a logarithmic scale.

    Examples
    --------
    >>> LogUniformDistribution(0.01, 100).ppf(0.5)
    1.0
    >>> [LogUniformDistribution(1, 1000, q=1).ppf(u) for u in (0, 0.1, 0.5, 1)]
    [1, 1, 22, 1000]
    """

    low: float
    high: float
    q: float | None = None

    _has_tails = False

    def __post_init__(self) -> None:
        check_number("low", self.low, low=0, open_low=True)
        check_number("high", self.high)
        self._check_bounds()

    def _between(self, u: Any, a: float, b: float) -> Any:
        return _exp(math.log(a) + u * (math.log(b) - math.log(a)))

    def _below(self, x: Any, a: float, b: float) -> Any:
        return (_log(x) - math.log(a)) / (math.log(b) - math.log(a))

    @cached_property
    def _multiples(self) -> tuple[Any, Any]:
        first, last = super()._multiples
        return max(first, 1), last  # 0 is on no logarithmic scale, however near the lower bound is


def _exp(x: Any) -> Any:
    """Return e**x of a float or an array, at most the greatest float."""
    return math.exp(min(x, MAX_EXPONENT)) if isinstance(x, float) else np.exp(np.minimum(x, MAX_EXPONENT))


def _log(x: Any) -> Any:
    """Return the logarithm of a float or an array; that of 0 is minus infinity."""
    if isinstance(x, float):
        return math.log(x) if x > 0 else -math.inf
    with np.errstate(divide="ignore"):
        return np.log(x)


@dataclass(frozen=True, repr=False)
class GaussianDistribution(Numeric):
    """A number from a normal distribution, truncated to its bounds.

    Parameters
    ----------
    mean : float
        Mean before truncation.
    standard_deviation : float
        Standard deviation before truncation, positive.
    q : float or None, default=None
        If given, values are multiples of `q`; native integers if `q` and the given bounds are integers.
    low, high : float or None, default=None
        Bounds; both can be reached. The mass beyond them is spread over the inside rather than piled on them.

    Examples
    --------
    >>> GaussianDistribution(0, 1).ppf(0.5)
    0.0
    >>> GaussianDistribution(100, 50, q=5, low=0).ppf(0)
    0
    """

    mean: float
    standard_deviation: float
    q: float | None = None
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        check_number("mean", self.mean)
        check_number("standard_deviation", self.standard_deviation, low=0, open_low=True)
        self._check_bounds()

    def _standardize(self, x: Any) -> Any:
        return (x - self.mean) / self.standard_deviation

    def _between(self, u: Any, a: float, b: float) -> Any:
        low, high = self._standardize(a), self._standardize(b)
        if low > 0:  # mirrored: near 1 the cumulative distribution has no digits left, near 0 it has them all
            return self.mean - self.standard_deviation * _truncated_ppf(1 - u, -high, -low)
        return self.mean + self.standard_deviation * _truncated_ppf(u, low, high)

    def _below(self, x: Any, a: float, b: float) -> Any:
        low, high, z = self._standardize(a), self._standardize(b), self._standardize(x)
        return 1 - _truncated_cdf(-z, -high, -low) if low > 0 else _truncated_cdf(z, low, high)


def _truncated_ppf(u: Any, a: float, b: float) -> Any:
    """Return the quantile of the standard normal distribution truncated to [a, b]."""
    below_a, below_b = special.ndtr(a), special.ndtr(b)
    return special.ndtri(below_a + u * (below_b - below_a))


def _truncated_cdf(x: Any, a: float, b: float) -> Any:
    """Return the mass below `x` of the standard normal distribution truncated to [a, b]."""
    below_a, below_b = special.ndtr(a), special.ndtr(b)
    if not below_b > below_a:
        return 0.0
    return (special.ndtr(x) - below_a) / (below_b - below_a)


@dataclass(frozen=True, repr=False)
class ExponentialDistribution(Numeric):
    """A number that is zero or more, from an exponential distribution truncated to its bounds.

    Parameters
    ----------
    scale : float, default=1.0
        Mean before truncation, positive.
    q : float or None, default=None
        If given, values are multiples of `q`; native integers if `q` and the given bounds are integers.
    low, high : float or None, default=None
        Bounds; both can be reached.

    Examples
    --------
    >>> round(ExponentialDistribution(scale=2.0).ppf(0.5), 6)
    1.386294
    """

    scale: float = 1.0
    q: float | None = None
    low: float | None = None
    high: float | None = None

    _support = (0.0, math.inf)
    _starts_at_support = True

    def __post_init__(self) -> None:
        check_number("scale", self.scale, low=0, open_low=True)
        self._check_bounds()

    def _between(self, u: Any, a: float, b: float) -> Any:
        log1p = math.log1p if isinstance(u, float) else np.log1p
        return a - self.scale * log1p(u * math.expm1((a - b) / self.scale))

    def _below(self, x: Any, a: float, b: float) -> Any:
        return np.expm1((a - x) / self.scale) / math.expm1((a - b) / self.scale)


@dataclass(frozen=True, repr=False)
class LogNormalDistribution(Numeric):
    """A positive number whose logarithm is normal, truncated to its bounds.

    Parameters
    ----------
    mean : float, default=0
        Mean of the logarithm before truncation.
    sigma : float, default=1.0
        Standard deviation of the logarithm before truncation, positive.
    q : float or None, default=None
        If given, values are multiples of `q`; native integers if `q` and the given bounds are integers.
    low, high : float or None, default=None
        Bounds; both can be reached.

    Examples
    --------
    >>> LogNormalDistribution(mean=0, sigma=1).ppf(0.5)
    1.0
    """

    mean: float = 0
    sigma: float = 1.0
    q: float | None = None
    low: float | None = None
    high: float | None = None

    _support = (0.0, math.inf)

    def __post_init__(self) -> None:
        check_number("mean", self.mean)
        check_number("sigma", self.sigma, low=0, open_low=True)
        self._check_bounds()

    @cached_property
    def _logarithm(self) -> GaussianDistribution:
        return GaussianDistribution(self.mean, self.sigma)

    def _between(self, u: Any, a: float, b: float) -> Any:
        return _exp(self._logarithm._between(u, _log(a), _log(b)))

    def _below(self, x: Any, a: float, b: float) -> Any:
        return self._logarithm._below(_log(x), _log(a), _log(b))
