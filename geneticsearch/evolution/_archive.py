"""Individuals, their fitness, and the archive that keeps them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, overload

import numpy as np

from geneticsearch.space import Genes, Space

ORIGINS = ("initial", "crossover", "mutation", "structural mutation", "immigrant", "exhaustive", "given", "portfolio")


@dataclass(frozen=True, slots=True)
class Individual:
    """A candidate: its parameters, its ancestry and, after its evaluation, its score.

    Attributes
    ----------
    number : int
        Order of asking, from 0; unique in a search.
    generation : int
        Depth of its lineage: 0 without parents, otherwise one more than the larger generation of its parents.
    species : str
        Its structure in words; individuals of one species have the same parameters and can mate.
    params : dict
        The parameters that its genes decode to.
    parents : tuple of int
        Numbers of the individuals that it was bred from, at most two.
    origin : str
        How it was made: "initial", "crossover", "mutation", "structural mutation" (its species is not that of its
        parents), "immigrant" (drawn at random), "exhaustive" (a finite space is listed), "given" (by `initial`)
        or "portfolio" (suggested with the space).
    genes : ndarray of shape (n_genes,)
        Its genotype in [0, 1], dormant genes included.
    score : float or None
        Its score; None before its evaluation, not finite if that failed. Of several objectives, the score by the first;
        NaN if one of them is not finite.
    start : float or None
        When its evaluation began, in seconds since 1970; None if unknown.
    duration : float or None
        Seconds that its evaluation took, from there to the end of its last fold; None if unknown.
    noise : float or None
        Variance of the error of its score; None if unknown.
    n_skipped : int
        Number of its folds that were not run, because it was stopped in a race or on a ladder; its score is an estimate
        then.
    scores : tuple of float
        Its scores, if there are several objectives; all NaN if one of them is not finite. Empty otherwise.
    n_resources : int
        On a ladder, how much of the resource it has reached; 0 without.
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
    noise: float | None = field(default=None, repr=False, compare=False)
    n_skipped: int = field(default=0, repr=False, compare=False)
    scores: tuple[float, ...] = field(default=(), repr=False, compare=False)
    n_resources: int = field(default=0, repr=False, compare=False)


class Child(NamedTuple):
    """A proposed individual.

    `key` is equal for children of equal parameters, `species` for those of equal structure.
    """

    genes: Genes
    key: bytes
    species: bytes
    parents: tuple[int, ...]
    origin: str


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


def all_or_none(scores: Sequence[float]) -> tuple[float, ...]:
    """Return the scores by several objectives; an individual that has failed by one of them has no score at all."""
    return tuple(scores) if all(map(math.isfinite, scores)) else (math.nan,) * len(scores)


class Archive(Sequence[Individual]):
    """All individuals of a search in the order of asking, decoded when looked at.

    Parameters
    ----------
    space : Space
        Decodes genes.
    maximize : bool
        Whether larger scores are better.
    objectives : sequence of bool, default=()
        The same for each of several objectives.

    Attributes
    ----------
    species : list of bytes
        The species of each individual.
    fitness : list of float
        Fitness of each individual; NaN for a failure, and before there is a score.
    noise : list of float or None
        Variance of the error of each fitness; None if unknown.
    fronts : list of tuple of float
        Fitness of each individual by all objectives, if there are several; that in `fitness` is by the first.
    best : int or None
        Number of the first individual with the best score; None before any has one.
    """

    def __init__(self, space: Space, maximize: bool, objectives: Sequence[bool] = ()) -> None:
        self._space = space
        self._maximize = maximize
        self._objectives = tuple(objectives)
        self._genes = np.empty((64, len(space.genes)))
        self._parents: list[tuple[int, ...]] = []
        self._origins: list[str] = []
        self._generations: list[int] = []
        self._scores: list[float | None] = []
        self._several: dict[int, tuple[float, ...]] = {}
        self._evaluations: dict[int, tuple[float | None, float | None, int, int]] = {}
        self.species: list[bytes] = []
        self.fitness: list[float] = []
        self.noise: list[float | None] = []
        self.fronts: list[tuple[float, ...]] = []
        self.best: int | None = None

    def __len__(self) -> int:
        return len(self._scores)

    def append(self, child: Child) -> Individual:
        """Add an individual that has no score yet."""
        n = len(self._scores)
        if n == len(self._genes):
            self._genes = np.concatenate([self._genes, np.empty_like(self._genes)])
        self._genes[n] = child.genes
        self._parents.append(child.parents)
        self._origins.append(child.origin)
        self._generations.append(1 + max([self._generations[parent] for parent in child.parents], default=-1))
        self._scores.append(None)
        self.species.append(child.species)
        self.fitness.append(math.nan)
        self.noise.append(None)
        self.fronts.append((math.nan,) * len(self._objectives))
        return self._individual(n, child.genes)

    def set_score(
        self,
        number: int,
        score: float,
        start: float | None,
        duration: float | None,
        noise: float | None = None,
        n_skipped: int = 0,
        n_resources: int = 0,
    ) -> None:
        """Note the score of an individual and its noise, when, how long and on how little it was evaluated."""
        self._scores[number], self.noise[number] = score, noise
        self._evaluations[number] = start, duration, n_skipped, n_resources
        self.fitness[number] = mine = fitness(score, self._maximize)
        if not math.isnan(mine) and (self.best is None or (-mine, number) < (-self.fitness[self.best], self.best)):
            self.best = number

    def set_scores(self, number: int, scores: tuple[float, ...], start: float | None, duration: float | None) -> None:
        """Note the scores of an individual by several objectives."""
        self._several[number] = scores = all_or_none(scores)
        self.fronts[number] = tuple(map(fitness, scores, self._objectives))
        self.set_score(number, scores[0], start, duration)

    def has_score(self, number: int) -> bool:
        """Return whether the individual has been evaluated, perhaps without success."""
        return self._scores[number] is not None

    def genes(self, number: int | slice | Sequence[int]) -> Genes:
        """Return the genotype of an individual, or of several as rows."""
        genes: Genes = self._genes[: len(self)][number]
        return genes

    def _individual(self, n: int, genes: Genes) -> Individual:
        start, duration, n_skipped, n_resources = self._evaluations.get(n, (None, None, 0, 0))
        return Individual(
            n,
            self._generations[n],
            self._space.describe(genes),
            self._space.decode(genes),
            self._parents[n],
            self._origins[n],
            genes,
            self._scores[n],
            start,
            duration,
            self.noise[n],
            n_skipped,
            self._several.get(n, ()),
            n_resources,
        )

    @overload
    def __getitem__(self, index: int) -> Individual: ...
    @overload
    def __getitem__(self, index: slice) -> list[Individual]: ...
    def __getitem__(self, index: int | slice) -> Individual | list[Individual]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(f"there are {len(self)} individuals; got index {index!r}.")
        n = int(index) % len(self)
        return self._individual(n, self._genes[n].copy())

    def __iter__(self) -> Iterator[Individual]:
        return (self[i] for i in range(len(self)))
