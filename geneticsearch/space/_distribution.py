"""What one parameter may be: the base class of distributions."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import fields, is_dataclass
from numbers import Real
from typing import Any

import numpy as np

from geneticsearch._errors import ArgumentError

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


def _is_number(value: Any) -> bool:
    """Return whether `value` is a real number, which a bool is not."""
    return isinstance(value, Real) and not isinstance(value, bool)


def _native(value: Any, integer: bool = False) -> Any:
    """Return a plain Python object where `value` is a numpy scalar."""
    if isinstance(value, np.generic) or (isinstance(value, np.ndarray) and value.ndim == 0):
        value = value.item()
    return int(value) if integer and float(value).is_integer() else value
