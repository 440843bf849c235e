"""Individuals, and the archive of all of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, overload

import numpy as np

from geneticsearch.space import Genes, Space

ORIGINS = ("initial", "crossover", "mutation", "structural mutation", "immigrant", "exhaustive", "given")


@dataclass(frozen=True, slots=True)
class Individual:
    """One candidate: what to evaluate, and where it came from.

    Attributes
    ----------
    number : int
        Order of asking, from 0; unique in a search.
    generation : int
        Round of the search it was asked in, from 0.
    species : str
        Its structure in words; individuals of one species have the same parameters and can mate.
    params : dict
        What its genes decode to.
    parents : tuple of int
        Numbers of the individuals it was bred from: none, one or two.
    origin : str
        How it was made: "initial", "crossover", "mutation", "structural mutation", "immigrant", "exhaustive" where
        a finite space is simply listed, or "given" by `initial`.
    genes : ndarray of shape (n_genes,)
        Its genotype in [0, 1], dormant genes included.
    score : float or None
        What it was told; None before, NaN if the evaluation failed.
    start : float or None
        When its evaluation began, in seconds since 1970; None where nobody knows, as before.
    duration : float or None
        Seconds from there to the end of its evaluation, of the last fold where there are several.
    """

    number: int
    generation: int
    species: str
    params: dict[str, Any]
    parents: tuple[int, ...]
    origin: str
    genes: Genes = field(repr=False, compare=False)
    score: float | None = None
    start: float | None = field(default=None, repr=False, compare=False)
    duration: float | None = field(default=None, repr=False, compare=False)


def fitness(score: float, maximize: bool) -> float:
    """Return the score turned so that larger is better; NaN for a failure, whose score is not finite.

    Examples
    --------
    >>> fitness(3.0, maximize=False), fitness(-math.inf, maximize=False)
    (-3.0, nan)
    """
    if not math.isfinite(score):
        return math.nan
    return score if maximize else -score


class Archive(Sequence[Individual]):
    """All individuals of a search in order, kept as arrays and decoded when looked at."""

    def __init__(self, space: Space, first_generation: int, later_generations: int) -> None:
        self._space = space
        self._generations = first_generation, later_generations
        self._length = 0
        self._genes = np.empty((64, len(space.genes)))
        self._scores = np.empty(64)
        self._told = np.zeros(64, dtype=bool)
        self._parents = np.empty((64, 2), dtype=np.int32)
        self._origins = np.empty(64, dtype=np.int8)

    def __len__(self) -> int:
        return self._length

    def append(self, genes: Genes, parents: tuple[int, ...], origin: str) -> Individual:
        """Add one that has no score yet."""
        n = self._length
        if n == len(self._genes):
            for name in ("_genes", "_scores", "_told", "_parents", "_origins"):
                array = getattr(self, name)
                grown = np.zeros((n + n // 2, *array.shape[1:]), dtype=array.dtype)
                grown[:n] = array
                setattr(self, name, grown)
        self._genes[n] = genes
        self._parents[n] = (*parents, -1, -1)[:2]
        self._origins[n] = ORIGINS.index(origin)
        self._length = n + 1
        return self._individual(n, genes, parents, None)

    def set_score(self, number: int, score: float) -> None:
        """Note the score of an individual."""
        self._scores[number] = score
        self._told[number] = True

    def is_told(self, number: int) -> bool:
        """Return whether the individual has a score, or has failed."""
        return bool(self._told[number])

    def genes(self, number: int | slice) -> Genes:
        """Return the genotype of one individual, or of several as rows."""
        return self._genes[number]

    def scores(self, n: int) -> np.ndarray:
        """Return the scores of the first `n` individuals, which all have one."""
        return self._scores[:n]

    def score(self, number: int) -> float:
        """Return the score of an individual that has one."""
        return float(self._scores[number])

    def _individual(self, n: int, genes: Genes, parents: tuple[int, ...], score: float | None) -> Individual:
        first, later = self._generations
        return Individual(
            number=n,
            generation=0 if n < first else 1 + (n - first) // later,
            species=self._space.describe(genes),
            params=self._space.decode(genes),
            parents=parents,
            origin=ORIGINS[self._origins[n]],
            genes=genes,
            score=score,
        )

    @overload
    def __getitem__(self, index: int) -> Individual: ...
    @overload
    def __getitem__(self, index: slice) -> list[Individual]: ...
    def __getitem__(self, index: int | slice) -> Individual | list[Individual]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(self._length))]
        if not -self._length <= index < self._length:
            raise IndexError(f"there are {self._length} individuals; got index {index!r}.")
        n = index % self._length
        parents = tuple([int(p) for p in self._parents[n] if p >= 0])
        return self._individual(n, self._genes[n].copy(), parents, self.score(n) if self._told[n] else None)

    def __iter__(self) -> Iterator[Individual]:
        return (self[i] for i in range(self._length))
