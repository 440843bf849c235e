"""Choices among listed objects."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from numbers import Real
from typing import Any

import numpy as np

from geneticsearch._errors import ArgumentError, ArgumentTypeError
from geneticsearch.space._distribution import Distribution
from geneticsearch.space._draw import draw
from geneticsearch.space._values import ATOMS, as_number, is_number, key_of


@dataclass(frozen=True)
class ChoiceDistribution(Distribution):
    """One of a list of values, which are given back as the very objects listed.

    Numbers listed in increasing or decreasing order are treated as a scale: mutation prefers the neighbors.

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
        listed = _listed(self.choice_list)
        weights = [1 / len(listed)] * len(listed) if isinstance(self.probabilities, str) else list(self.probabilities)
        values: dict[Hashable, Any] = {}
        shares: dict[Hashable, float] = {}
        for value, weight in zip(listed, weights, strict=True):
            if weight > 0:
                key = key_of(value)
                values.setdefault(key, value)
                shares[key] = shares.get(key, 0.0) + weight
        edges = np.concatenate([[0.0], np.cumsum(list(shares.values()))])
        return list(values.values()), edges / edges[-1]

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
        numbers = [as_number(value) for value in self.values if is_number(value)]
        if not 3 <= len(numbers) == self.n_levels or None in numbers:
            return False
        steps = np.diff(np.array(numbers, dtype=float))
        return bool((steps > 0).all() or (steps < 0).all())

    @cached_property
    def _bounds(self) -> list[float]:
        """Where the cells of values meet."""
        bounds: list[float] = self._table[1][1:-1].tolist()
        return bounds

    def ppf(self, u: float) -> Any:
        return self._table[0][bisect_right(self._bounds, u)]

    def cdf(self, value: Any) -> float:
        at = self.index(value)
        if at is None:
            raise ArgumentError(f"{value!r} is not a value of {self!r}.")
        edges = self._table[1]
        return float(edges[at] + edges[at + 1]) / 2

    def edges(self) -> np.ndarray:
        return self._table[1]

    def rvs(self, size: int | None = None, random_state: Any = None) -> Any:
        if all(type(value) in ATOMS for value in self.values):
            return super().rvs(size, random_state)
        return draw(self, size, random_state)  # a value may be a space

    def index(self, value: Any) -> int | None:
        """Return where a value stands that is the same or, if there is none, as good as the same: see `key_of`."""
        at = self._places.get(key_of(value))
        return self._loose_places.get(key_of(value, loose=True)) if at is None else at

    @cached_property
    def _places(self) -> dict[Hashable, int]:
        return {key_of(value): i for i, value in enumerate(self.values)}

    @cached_property
    def _loose_places(self) -> dict[Hashable, int]:
        last = self.n_levels - 1
        return {key_of(value, loose=True): last - i for i, value in enumerate(reversed(self.values))}


def _listed(values: Any) -> list[Any]:
    """Return values as a list: of numpy's types only dates and durations, which Python does not have as fine."""
    if isinstance(values, np.ndarray) and values.dtype.kind in "mM":
        return list(values)
    return list(values.tolist() if hasattr(values, "tolist") else values)
