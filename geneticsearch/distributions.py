"""What one value may be: numbers, choices, and the distributions of scipy.stats.

A distribution is its quantile function. Sampling, mutation and crossover all happen on *genes*, numbers in the unit
interval that `Distribution.ppf` turns into values, so a new distribution needs nothing else.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from functools import cached_property
from numbers import Integral, Real
from typing import Any

import numpy as np
from scipy import special, stats

from geneticsearch._validation import ArgumentError, ArgumentTypeError, check_number, check_order

__all__ = [
    "ChoiceDistribution",
    "Distribution",
    "DistributionBase",
    "ExponentialDistribution",
    "GaussianDistribution",
    "LogNormalDistribution",
    "LogUniformDistribution",
    "SequenceDistribution",
    "UniformDistribution",
]

GENE_STEP = 2.0**-32
"""Resolution of a gene. Values that differ by less are one; unbounded distributions end this far from 0 and 1."""

MAX_TABLE = 4096
"""Discrete distributions of at most this many levels keep a table of them."""


class Distribution(ABC):
    """What one parameter may be.

    Subclass it and define `ppf` to search a distribution of your own.

    Attributes
    ----------
    n_levels : int or inf
        Number of different values; `math.inf` for a continuous or unbounded distribution.
    discrete : bool
        Whether neighbouring genes share a value.
    ordered : bool
        Whether genes that are close have values that are alike: true of numbers, false of unrelated choices.
    """

    n_levels: float = math.inf
    discrete: bool = False
    ordered: bool = True

    @abstractmethod
    def ppf(self, u: float) -> Any:
        """Return the value at gene `u`, a float in [0, 1]: the quantile function."""

    def cdf(self, value: Any) -> float:
        """Return a gene in [0, 1] whose value is `value`; the inverse of `ppf`.

        Raises
        ------
        ValueError
            If the distribution does not contain `value`.
        """
        low, high = 0.0, 1.0
        for _ in range(64):
            middle = (low + high) / 2
            low, high = (middle, high) if self.ppf(middle) < value else (low, middle)
        found = next((u for u in (high, low) if self.ppf(u) == value), high)
        if not math.isclose(self.ppf(found), value, rel_tol=1e-6, abs_tol=1e-12):
            raise ArgumentError(f"{value!r} is not a value of {self!r}.")
        return found

    def edges(self) -> np.ndarray | None:
        """Return the ends of the levels' cells in [0, 1], of shape (n_levels + 1,); None where no table is kept."""
        return None

    def rvs(self, size: int | None = None, random_state: Any = None) -> Any:
        """Draw at random, so that `RandomizedSearchCV` takes the same spaces.

        Parameters
        ----------
        size : int or None, default=None
            How many values; None draws one value rather than a list.
        random_state : int, RandomState, Generator or None, default=None
            Source of chance. None takes fresh entropy: the global generator of numpy is never used.

        Returns
        -------
        object or list
            One value, or a list of `size` values.

        Examples
        --------
        >>> from geneticsearch import UniformDistribution
        >>> UniformDistribution(1, 6, q=1).rvs(size=5, random_state=0)
        [4, 2, 1, 1, 5]
        """
        if not hasattr(random_state, "uniform"):
            random_state = np.random.default_rng(random_state)
        if size is None:
            return self.ppf(float(random_state.uniform()))
        return [self.ppf(float(u)) for u in random_state.uniform(size=size)]

    def pull_value(self) -> Any:
        """Draw one value; the name that GeneticPy gives to `rvs`."""
        return self.rvs()

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what is only kept for speed: a distribution that has been used is still the same."""
        parameters = [one.name for one in fields(self)] if is_dataclass(self) else list(vars(self))
        return {name: vars(self)[name] for name in parameters}


DistributionBase = Distribution


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


@dataclass(frozen=True)
class ChoiceDistribution(Distribution):
    """One of a list of values, which are given back as the very objects listed.

    Numbers listed in increasing or decreasing order are treated as a scale: mutation prefers the neighbours.

    Parameters
    ----------
    choice_list : list, tuple or 1-d array
        The values. One that is listed twice counts once, with both shares of probability. In `optimize` and
        `GeneticSearchCV` a value may itself be a space: a dict that holds distributions.
    probabilities : 'uniform' or list of float, default='uniform'
        Probability of each value when drawing at random; they sum to 1. A value of probability 0 is never tried.

    Examples
    --------
    >>> ChoiceDistribution(["rbf", "linear", None]).ppf(0.9) is None
    True
    """

    choice_list: Any
    probabilities: Any = "uniform"

    def __post_init__(self) -> None:
        values = self.choice_list
        if isinstance(values, np.ndarray) and values.ndim != 1:
            raise ArgumentError(f"`choice_list` must have one dimension; got an array of shape {values.shape}.")
        if isinstance(values, str | bytes) or not (isinstance(values, Sequence) or hasattr(values, "tolist")):
            raise ArgumentTypeError(f"`choice_list` must be a list, a tuple or a 1-d array; got {values!r}.")
        if len(values) == 0:
            raise ArgumentError(f"`choice_list` must hold at least one value; got {values!r}.")
        if isinstance(self.probabilities, str):
            if self.probabilities != "uniform":
                raise ArgumentError(
                    f"`probabilities` must be 'uniform' or a list of numbers; got {self.probabilities!r}."
                )
            return
        weights = list(self.probabilities) if isinstance(self.probabilities, Sequence | np.ndarray) else None
        if weights is None or not all(isinstance(w, Real) for w in weights):
            raise ArgumentTypeError(
                f"`probabilities` must be 'uniform' or a list of numbers; got {self.probabilities!r}."
            )
        if len(weights) != len(values):
            raise ArgumentError(
                f"`probabilities` must have one number per choice; got {len(weights)} for {len(values)} choices."
            )
        if not all(w >= 0 for w in weights) or not math.isclose(sum(weights), 1, rel_tol=1e-6):
            raise ArgumentError(f"`probabilities` must be at least 0 and sum to 1; got {self.probabilities!r}.")

    @cached_property
    def _table(self) -> tuple[list[Any], np.ndarray]:
        """The different values that can be drawn, and the ends of their cells."""
        listed = self.choice_list.tolist() if hasattr(self.choice_list, "tolist") else list(self.choice_list)
        weights = [1 / len(listed)] * len(listed) if isinstance(self.probabilities, str) else list(self.probabilities)
        values: list[Any] = []
        shares: list[float] = []
        for value, weight in zip(listed, weights, strict=True):
            if weight > 0:
                at = _index_of(value, values)
                if at is None:
                    values.append(value)
                    shares.append(weight)
                else:
                    shares[at] += weight
        edges = np.concatenate([[0.0], np.cumsum(shares)])
        return values, edges / edges[-1]

    @property
    def values(self) -> list[Any]:
        """The different values that can be drawn, in the order listed."""
        return self._table[0]

    @cached_property
    def n_levels(self) -> int:  # type: ignore[override]
        """Number of different values."""
        return len(self.values)

    discrete = True

    @cached_property
    def ordered(self) -> bool:  # type: ignore[override]
        """Whether the values are numbers, three or more, in increasing or decreasing order."""
        if self.n_levels < 3 or not all(_is_number(v) and math.isfinite(v) for v in self.values):
            return False
        steps = np.diff([float(v) for v in self.values])
        return bool((steps > 0).all() or (steps < 0).all())

    def ppf(self, u: float) -> Any:
        values, edges = self._table
        return values[_cell(edges, u)]

    def cdf(self, value: Any) -> float:
        at = _index_of(value, self.values)
        if at is None:
            raise ArgumentError(f"{value!r} is not a value of {self!r}.")
        edges = self._table[1]
        return float(edges[at] + edges[at + 1]) / 2

    def edges(self) -> np.ndarray:
        return self._table[1]

    def index(self, value: Any) -> int | None:
        """Return where a value stands that is equal, or as good as: of another type of number, or of sequence."""
        if isinstance(value, np.generic):
            value = value.item()
        at = _index_of(value, self.values)
        if at is None and _is_number(value):
            at = next((i for i, other in enumerate(self.values) if _is_number(other) and other == value), None)
        if at is None and isinstance(value, list | tuple):
            at = _index_of(tuple(value) if isinstance(value, list) else list(value), self.values)
        return at


def _cell(edges: np.ndarray, u: float) -> int:
    """Return the index of the cell that `u` lies in; 1 lies in the last one."""
    return min(int(edges.searchsorted(u, side="right")), len(edges) - 1) - 1


def _index_of(value: Any, values: list[Any]) -> int | None:
    """Return where `value` stands in `values`; 1, 1.0 and True are three different values."""
    for i, other in enumerate(values):
        if other is value:
            return i
        if type(other) is type(value):
            try:
                if bool(other == value):
                    return i
            except ValueError:  # arrays have no truth value; they are the same only if they are one object
                continue
    return None


@dataclass(frozen=True)
class SequenceDistribution:
    """A value of variable length: an unknown number of elements of one kind.

    The length is structure. Individuals of different length are different species, which compete with each other and
    mate only with their own kind; structural mutations insert, remove or move an element.

    Parameters
    ----------
    element : distribution, list of values or dict
        What each element may be, drawn for each one separately. A dict is a space of its own, with one set of
        parameters per element; its elements arrive as dicts.
    min_length, max_length : int
        Least and greatest number of elements, 0 <= min_length <= max_length.

    Examples
    --------
    >>> from geneticsearch import GeneticOptimizer
    >>> layers = SequenceDistribution(UniformDistribution(8, 64, q=8), min_length=1, max_length=3)
    >>> GeneticOptimizer({"hidden_layer_sizes": layers}, seed=4).ask().params
    {'hidden_layer_sizes': (64, 40, 24)}
    """

    element: Any
    min_length: int
    max_length: int

    def __post_init__(self) -> None:
        check_number("min_length", self.min_length, low=0, integer=True)
        check_number("max_length", self.max_length, low=max(self.min_length, 1), integer=True)

    def rvs(self, random_state: Any = None) -> tuple[Any, ...]:
        """Draw at random, so that `RandomizedSearchCV` takes the same spaces; every length is equally likely.

        Parameters
        ----------
        random_state : int, RandomState, Generator or None, default=None
            Source of chance, as for `Distribution.rvs`.

        Returns
        -------
        tuple
            The elements.
        """
        if not hasattr(random_state, "uniform"):
            random_state = np.random.default_rng(random_state)
        n = int(random_state.uniform(self.min_length, self.max_length + 1))
        return tuple(_draw(self.element, random_state) for _ in range(n))


def _draw(spec: Any, random_state: Any) -> Any:
    """Draw a value of whatever a space may hold."""
    if isinstance(spec, Mapping):
        return {key: _draw(part, random_state) for key, part in spec.items()}
    if isinstance(spec, SequenceDistribution):
        return spec.rvs(random_state)
    distribution = as_distribution(spec)
    if distribution is None:
        return spec
    value = distribution.rvs(random_state=random_state)
    is_space = isinstance(value, Mapping | Distribution | SequenceDistribution)
    return _draw(value, random_state) if is_space else value


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


def _is_number(value: Any) -> bool:
    """Return whether `value` is a real number, which a bool is not."""
    return isinstance(value, Real) and not isinstance(value, bool)


def _native(value: Any, integer: bool = False) -> Any:
    """Return a plain Python object where `value` is a numpy scalar."""
    if isinstance(value, np.generic) or (isinstance(value, np.ndarray) and value.ndim == 0):
        value = value.item()
    return int(value) if integer and float(value).is_integer() else value


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
