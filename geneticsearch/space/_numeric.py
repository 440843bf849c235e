"""Distributions of numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from numbers import Integral
from typing import Any

import numpy as np
from scipy import special

from geneticsearch._errors import ArgumentError, check_number, check_order
from geneticsearch.space._distribution import GENE_STEP, MAX_TABLE, Distribution, _is_number


class _Numeric(Distribution):
    """A number between two bounds, perhaps a multiple of `q`; subclasses say how mass lies between the ends."""

    low: Any
    high: Any
    q: Any

    # The largest interval that any distribution of this class covers, and whether its mass fades out towards the ends.
    _support = (-math.inf, math.inf)
    _has_tails = True

    def _between(self, u: float, a: float, b: float) -> float:
        """Return the quantile of the distribution truncated to [a, b]."""
        raise NotImplementedError

    def _below(self, x: float, a: float, b: float) -> float:
        """Return the mass below `x` of the distribution truncated to [a, b]."""
        raise NotImplementedError

    def _check_bounds(self) -> None:
        """Check what all subclasses share, after their own parameters."""
        for name in ("low", "high"):
            check_number(name, getattr(self, name), optional=True)
        check_number("q", self.q, low=0, open_low=True, optional=True)
        check_order(self.low, self.high)
        a, b = self._ends
        if not a < b:
            raise ArgumentError(
                f"{type(self).__name__} has no value between `low` and `high`; got low={self.low!r}, "
                f"high={self.high!r}, q={self.q!r}. Widen the bounds" + (" or lower `q`." if self.q else ".")
            )
        spread = self._below(b, a, b)
        if not spread > 0 or not math.isfinite(self._between(0.5, a, b)):
            raise ArgumentError(
                f"{type(self).__name__} has no mass between `low` and `high`; got {self!r}. Move the bounds nearer to "
                "where the distribution lies."
            )

    @cached_property
    def _bounds(self) -> tuple[float, float]:
        low, high = self._support
        return (
            low if self.low is None else max(float(self.low), low),
            high if self.high is None else min(float(self.high), high),
        )

    @cached_property
    def _multiples(self) -> tuple[float, float]:
        """First and last multiple of `q`, in units of q, that can be reached."""
        low, high = self._bounds
        # A bound that is a multiple of q up to rounding error counts as one: 0.3 / 0.1 is 2.9999999999999996.
        first = low if math.isinf(low) else math.ceil(low / self.q - 1e-9)
        last = high if math.isinf(high) else math.floor(high / self.q + 1e-9)
        if not self._has_tails or first > last:
            return first, last
        # Bounds far out in a tail hold levels of no mass, which no gene stands for.
        a, b = self._cells_between(first, last)
        if math.isfinite(first):
            first = max(first, round(self._between(GENE_STEP, a, b) / self.q))
        if math.isfinite(last):
            last = min(last, round(self._between(1 - GENE_STEP, a, b) / self.q))
        return first, last

    def _cells_between(self, first: float, last: float) -> tuple[float, float]:
        """Return the interval of the multiples' cells; each stands for the width q around it."""
        low, high = self._support
        return max((first - 0.5) * self.q, low), min((last + 0.5) * self.q, high)

    @cached_property
    def _ends(self) -> tuple[float, float]:
        """Ends of the continuous distribution."""
        if self.q is None:
            return self._bounds
        first, last = self._multiples
        return (0.0, 0.0) if first > last else self._cells_between(first, last)

    @cached_property
    def discrete(self) -> bool:  # type: ignore[override]
        return self.q is not None

    @cached_property
    def n_levels(self) -> float:  # type: ignore[override]
        if self.q is None:
            return math.inf
        first, last = self._multiples
        return last - first + 1

    @cached_property
    def _decimals(self) -> int:
        exponent = Decimal(repr(float(self.q))).as_tuple().exponent
        return max(0, -int(exponent))

    @cached_property
    def _is_integer(self) -> bool:
        given = [x for x in (self.q, self.low, self.high) if x is not None]
        return all(isinstance(x, Integral) for x in given)

    def _value(self, multiple: int) -> float | int:
        """Return a native number: an int where `q` and the bounds are integers."""
        if self._is_integer:
            return multiple * int(self.q)
        return round(float(multiple * self.q), self._decimals)

    def ppf(self, u: float) -> float | int:
        a, b = self._ends
        if not GENE_STEP <= u <= 1 - GENE_STEP:  # without an end there is no value at gene 0 or 1: stop a step short
            u = max(u, 0.0 if a > -math.inf else GENE_STEP)
            u = min(u, 1.0 if b < math.inf else 1 - GENE_STEP)
        x = a if u <= 0 else b if u >= 1 else self._between(u, a, b)
        x = a if x < a else b if x > b else float(x)
        if self.q is None:
            return x
        first, last = self._multiples
        return self._value(int(min(max(round(x / self.q), first), last)))

    def cdf(self, value: Any) -> float:
        low, high = self._bounds
        is_number = _is_number(value) and math.isfinite(value)
        if is_number and self.q is not None:
            level = self._value(round(value / self.q))
            is_number = math.isclose(level, value, rel_tol=1e-9, abs_tol=1e-12)
        if not is_number or not low <= value <= high:
            raise ArgumentError(f"{value!r} is not a value of {self!r}.")
        return min(max(float(self._below(float(value), *self._ends)), 0.0), 1.0)

    def edges(self) -> np.ndarray | None:
        if self.n_levels > MAX_TABLE:
            return None
        first, last = self._multiples
        a, b = self._ends
        inner = [self._below((k + 0.5) * self.q, a, b) for k in range(int(first), int(last))]
        return np.array([0.0, *inner, 1.0])


@dataclass(frozen=True)
class UniformDistribution(_Numeric):
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

    def _between(self, u: float, a: float, b: float) -> float:
        return a + u * (b - a)

    def _below(self, x: float, a: float, b: float) -> float:
        return (x - a) / (b - a)


@dataclass(frozen=True)
class LogUniformDistribution(_Numeric):
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

    def _between(self, u: float, a: float, b: float) -> float:
        return math.exp(math.log(a) + u * (math.log(b) - math.log(a)))

    def _below(self, x: float, a: float, b: float) -> float:
        return (math.log(x) - math.log(a)) / (math.log(b) - math.log(a))

    @cached_property
    def _multiples(self) -> tuple[float, float]:
        first, last = super()._multiples
        return max(first, 1), last  # 0 is on no logarithmic scale, however near the lower bound is


def _truncated_normal_ppf(u: float, a: float, b: float) -> float:
    """Return the quantile of the standard normal distribution truncated to [a, b]."""
    if a > 0:  # mirrored: near 1 the cumulative distribution has no digits left, near 0 it has them all
        return -_truncated_normal_ppf(1 - u, -b, -a)
    below_a, below_b = special.ndtr(a), special.ndtr(b)
    return float(special.ndtri(below_a + u * (below_b - below_a)))


def _truncated_normal_cdf(x: float, a: float, b: float) -> float:
    """Return the mass below `x` of the standard normal distribution truncated to [a, b]."""
    if a > 0:
        return 1 - _truncated_normal_cdf(-x, -b, -a)
    below_a, below_b = special.ndtr(a), special.ndtr(b)
    if not below_b > below_a:
        return 0.0
    return float((special.ndtr(x) - below_a) / (below_b - below_a))


@dataclass(frozen=True)
class GaussianDistribution(_Numeric):
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

    def _standardize(self, x: float) -> float:
        return (x - self.mean) / self.standard_deviation

    def _between(self, u: float, a: float, b: float) -> float:
        z = _truncated_normal_ppf(u, self._standardize(a), self._standardize(b))
        return self.mean + self.standard_deviation * z

    def _below(self, x: float, a: float, b: float) -> float:
        return _truncated_normal_cdf(self._standardize(x), self._standardize(a), self._standardize(b))


@dataclass(frozen=True)
class ExponentialDistribution(_Numeric):
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

    def __post_init__(self) -> None:
        check_number("scale", self.scale, low=0, open_low=True)
        self._check_bounds()

    def _between(self, u: float, a: float, b: float) -> float:
        return a - self.scale * math.log1p(u * math.expm1((a - b) / self.scale))

    def _below(self, x: float, a: float, b: float) -> float:
        return math.expm1((a - x) / self.scale) / math.expm1((a - b) / self.scale)


@dataclass(frozen=True)
class LogNormalDistribution(_Numeric):
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

    def _standardize(self, x: float) -> float:
        return ((math.log(x) if x > 0 else -math.inf) - self.mean) / self.sigma

    def _between(self, u: float, a: float, b: float) -> float:
        z = _truncated_normal_ppf(max(u, GENE_STEP), self._standardize(a), self._standardize(b))
        return math.exp(self.mean + self.sigma * z)

    def _below(self, x: float, a: float, b: float) -> float:
        return _truncated_normal_cdf(self._standardize(x), self._standardize(a), self._standardize(b))
