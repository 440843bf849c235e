"""Choices among listed objects."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from numbers import Real
from typing import Any

import numpy as np

from geneticsearch._errors import ArgumentError, ArgumentTypeError
from geneticsearch.space._distribution import Distribution, _is_number


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
