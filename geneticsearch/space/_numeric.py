"""What all distributions of numbers share: bounds, steps and the resolution of genes."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import fields
from decimal import Decimal
from functools import cached_property
from numbers import Integral
from typing import Any

import numpy as np

from geneticsearch._errors import ArgumentError, check_number, check_order
from geneticsearch.space._distribution import GENE_STEP, MAX_TABLE, Distribution, to_grid
from geneticsearch.space._values import as_number, is_number


class Numeric(Distribution):
    """A number between two bounds, perhaps a multiple of `q`; subclasses say how mass lies between the ends.

    `_between` and `_below` take floats and, for many genes at once, arrays.
    """

    low: Any
    high: Any
    q: Any

    # The largest interval that any distribution of this class covers, whether its lower end is a value, and whether its
    # mass fades out towards the ends.
    _support = (-math.inf, math.inf)
    _starts_at_support = False
    _has_tails = True

    def __repr__(self) -> str:
        """Return the call that makes it, without arguments that have their default values."""
        parameters: Any = fields(self)  # type: ignore[arg-type]  # subclasses are dataclasses
        given = [(one.name, getattr(self, one.name)) for one in parameters if getattr(self, one.name) != one.default]
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in given)})"

    def _between(self, u: Any, a: float, b: float) -> Any:
        """Return the quantile of the distribution truncated to [a, b]."""
        raise NotImplementedError

    def _below(self, x: Any, a: float, b: float) -> Any:
        """Return the mass below `x` of the distribution truncated to [a, b]."""
        raise NotImplementedError

    def _check_bounds(self) -> None:
        """Check what all subclasses share, after their own parameters."""
        for name in ("low", "high"):
            check_number(name, getattr(self, name), optional=True)
        check_number("q", self.q, low=0, open_low=True, optional=True)
        check_order(self.low, self.high)
        try:
            has_values, has_mass = self.n_levels > 0 and self._bounds[0] < self._bounds[1], self._has_mass()
        except (ArithmeticError, ValueError):
            has_values, has_mass = True, False
        if not has_values:
            raise ArgumentError(
                f"{type(self).__name__} has no value between `low` and `high`; got low={self.low!r}, "
                f"high={self.high!r}, q={self.q!r}. Widen the bounds" + (" or lower `q`." if self.q else ".")
            )
        if not has_mass:
            raise ArgumentError(
                f"{type(self).__name__} has no mass between `low` and `high`, or none that floats can express; got "
                f"{self!r}. Choose other bounds or parameters."
            )

    def _has_mass(self) -> bool:
        """Return whether values of low and of high genes differ."""
        a, b = self._ends
        low, high = self._between(0.25, a, b), self._between(0.75, a, b)
        return bool(math.isfinite(low) and math.isfinite(high) and low < high and self._below(b, a, b) > 0)

    @cached_property
    def _bounds(self) -> tuple[Any, Any]:
        """The bounds as given, or those of the support."""
        low, high = self._support
        return low if self.low is None else max(self.low, low), high if self.high is None else min(self.high, high)

    @cached_property
    def _multiples(self) -> tuple[Any, Any]:
        """First and last multiple of `q`, in units of q, that can be reached."""
        low, high = self._bounds
        if self._is_integer:  # exact, however large
            first = low if math.isinf(low) else -(-int(low) // int(self.q))
            last = high if math.isinf(high) else int(high) // int(self.q)
        else:
            # A bound that is a multiple of q up to rounding error counts as one: 0.3 / 0.1 is 2.9999999999999996.
            first = low if math.isinf(low) else math.ceil(low / self.q - 1e-9)
            last = high if math.isinf(high) else math.floor(high / self.q + 1e-9)
        if not self._has_tails or first > last:
            return first, last
        # Bounds far out in a tail hold levels of no mass, which no gene stands for.
        a, b = self._around(first, last)
        if math.isfinite(first):
            first = max(first, round(self._between(GENE_STEP, a, b) / self.q))
        if math.isfinite(last):
            last = min(last, round(self._between(1 - GENE_STEP, a, b) / self.q))
        return first, last

    def _around(self, first: float, last: float) -> tuple[float, float]:
        """Return the interval of the multiples' cells; each stands for the width q around it."""
        low, high = self._support
        return max((first - 0.5) * self.q, low), min((last + 0.5) * self.q, high)

    @cached_property
    def _ends(self) -> tuple[float, float]:
        """Ends of the continuous distribution."""
        a, b = self._bounds if self.q is None else self._around(*self._multiples)
        return float(a), float(b)

    @cached_property
    def _end_genes(self) -> tuple[float, float]:
        """Least and greatest gene that have a value: without an end there is none at 0 or 1, but a step from there."""
        a, b = self._ends
        has_start = a > self._support[0] or self._starts_at_support
        return 0.0 if has_start else GENE_STEP, 1.0 if b < math.inf else 1 - GENE_STEP

    @cached_property
    def discrete(self) -> bool:  # type: ignore[override]
        return self.q is not None

    @cached_property
    def n_levels(self) -> float:  # type: ignore[override]
        if self.q is None:
            return math.inf
        first, last = self._multiples
        n: float = max(last - first + 1, 0)
        return n

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

    def _multiple(self, u: float) -> int:
        """Return the level at gene `u`, in units of q."""
        first, last = self._multiples
        return int(min(max(round(self._number(u) / self.q), first), last))

    def _number(self, u: float) -> float:
        """Return the quantile of the continuous distribution."""
        a, b = self._ends
        least, greatest = self._end_genes
        u = least if u < least else greatest if u > greatest else u
        x = a if u == 0 else b if u == 1 else self._between(u, a, b)
        x = float(x)
        return a if x < a else b if x > b else x

    def ppf(self, u: float) -> float | int:
        return self._number(u) if self.q is None else self._value(self._multiple(u))

    def cdf(self, value: Any) -> float:
        low, high = self._bounds
        if not is_number(value) or as_number(value) is None or not low <= value <= high:
            raise ArgumentError(f"{value!r} is not a value of {self!r}.")
        if self.q is not None:
            multiple = int(value) // int(self.q) if self._is_integer else round(value / self.q)
            level = self._value(multiple)
            if level != value and (self._is_integer or not math.isclose(level, value, rel_tol=1e-9, abs_tol=1e-12)):
                raise ArgumentError(f"{value!r} is not a value of {self!r}.")
            return float(self._center(multiple))
        return min(max(float(self._below(float(value), *self._ends)), 0.0), 1.0)

    def _center(self, multiple: Any) -> Any:
        """Return a gene of a level, or genes of many."""
        number = multiple * self.q
        return np.clip(self._below(float(number) if np.ndim(number) == 0 else number, *self._ends), 0.0, 1.0)

    def edges(self) -> np.ndarray | None:
        return None if self.n_levels > MAX_TABLE else self._edges

    @cached_property
    def _edges(self) -> np.ndarray:
        first, last = self._multiples
        inner = self._below((np.arange(first, last) + 0.5) * self.q, *self._ends)
        return np.concatenate([[0.0], inner, [1.0]])

    def centers(self) -> Iterable[float]:
        if self._cells is not None:
            return super().centers()
        first, last = self._multiples
        return (float(self._center(multiple)) for multiple in range(first, last + 1))

    def canonical(self, genes: np.ndarray) -> np.ndarray:
        if self.q is None or self._cells is not None:
            return super().canonical(genes)
        numbers = np.clip(self._between(np.clip(genes, *self._end_genes), *self._ends), *self._ends)
        return to_grid(self._center(np.clip(np.rint(numbers / self.q), *self._multiples)))
