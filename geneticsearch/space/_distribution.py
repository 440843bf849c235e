"""The base class of distributions."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from functools import cached_property
from typing import Any

import numpy as np

from geneticsearch._errors import ArgumentError

GENE_STEP = 2.0**-32
"""Resolution of a gene. Genes that differ by less are equal; unbounded distributions end this far from 0 and 1."""

MAX_TABLE = 4096
"""Discrete distributions of at most this many levels keep a table of them."""


def to_grid(genes: np.ndarray) -> np.ndarray:
    """Return the nearest genes of the resolution `GENE_STEP`."""
    rounded: np.ndarray = np.rint(genes / GENE_STEP) * GENE_STEP
    return rounded


class Distribution(ABC):
    """Base class of distributions: the values that a parameter can take.

    Subclass it and define `ppf` to search a distribution of your own.

    Attributes
    ----------
    n_levels : int or inf
        Number of different values; `math.inf` for a continuous or unbounded distribution.
    discrete : bool
        Whether neighboring genes share a value.
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

    def centers(self) -> Iterable[float]:
        """Return a gene of each of finitely many levels."""
        if self._cells is not None:
            centers: list[float] = self._cells[1].tolist()
            return centers
        return ((k + 0.5) / self.n_levels for k in range(int(self.n_levels)))

    def canonical(self, genes: np.ndarray) -> np.ndarray:
        """Return genes of the same values that are equal where the values are."""
        if self._cells is not None:
            inner, centers = self._cells
            found: np.ndarray = centers[np.searchsorted(inner, genes, side="right")]
            return found
        if self.discrete:
            genes = np.reshape([self.cdf(self.ppf(u)) for u in np.ravel(genes).tolist()], np.shape(genes))
        return to_grid(genes)

    @cached_property
    def _cells(self) -> tuple[np.ndarray, np.ndarray] | None:
        """Where the levels' cells meet, and their centers."""
        edges = self.edges()
        return None if edges is None else (edges[1:-1], (edges[1:] + edges[:-1]) / 2)

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
        parameters = [field.name for field in fields(self)] if is_dataclass(self) else list(vars(self))
        return {name: vars(self)[name] for name in parameters}


DistributionBase = Distribution
