"""Individuals, the archive of all of them, and who of the scored ones may be a parent."""

from __future__ import annotations

import math
from bisect import insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, overload

import numpy as np

from geneticsearch._space import Genes, Space, Structure

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


def species_table(individuals: Sequence[Individual], maximize: bool) -> dict[str, np.ndarray]:
    """Return what became of each species.

    Parameters
    ----------
    individuals : sequence of Individual
        Individuals in the order of asking; those without a score are passed over.
    maximize : bool
        Whether larger scores are better.

    Returns
    -------
    dict of ndarray of shape (n_species,)
        One row per species, the one with the best score first: "species", the structure in words; "n_evaluations",
        "n_failed" of which failed; "best_score" and "best_params", NaN and None where all failed; "first" and "last",
        the positions of the first and the last individual.
    """
    members: dict[str, list[tuple[float, int]]] = {}  # fitness and position
    for position, individual in enumerate(individuals):
        if individual.score is not None:
            fitness = individual.score if maximize else -individual.score
            fitness = fitness if math.isfinite(fitness) else -math.inf
            members.setdefault(individual.species, []).append((fitness, position))
    best = {species: max(found, key=lambda one: one[0]) for species, found in members.items()}
    ranked = sorted(members, key=lambda species: -best[species][0])
    winners = [individuals[best[species][1]] if math.isfinite(best[species][0]) else None for species in ranked]
    columns: dict[str, tuple[list[Any], type]] = {
        "species": (ranked, object),
        "n_evaluations": ([len(members[species]) for species in ranked], int),
        "n_failed": ([sum(fitness == -math.inf for fitness, _ in members[species]) for species in ranked], int),
        "best_score": ([math.nan if winner is None else winner.score for winner in winners], float),
        "best_params": ([None if winner is None else winner.params for winner in winners], object),
        "first": ([members[species][0][1] for species in ranked], int),
        "last": ([members[species][-1][1] for species in ranked], int),
    }
    table: dict[str, np.ndarray] = {name: np.empty(len(ranked), dtype=kind) for name, (_, kind) in columns.items()}
    for name, (values, _) in columns.items():
        table[name][:] = values  # dicts, too, are values here
    return table


class Population:
    """The best individuals so far, over all and within each species.

    Parameters
    ----------
    n_parents : int
        How many of the best stay, over all and in each species.
    """

    def __init__(self, n_parents: int) -> None:
        self.n_parents = n_parents
        self._ranked: list[tuple[float, int]] = []
        self._species: dict[Structure, list[tuple[float, int]]] = {}
        self._structures: dict[int, Structure] = {}

    def __len__(self) -> int:
        return len(self._ranked)

    def add(self, number: int, fitness: float, structure: Structure) -> bool:
        """Add a scored individual; return whether it is among the better half of the parents."""
        # Among equals the younger ranks first: on plateaus that lets a population drift instead of standing still.
        entry = (-fitness, -number)
        species = self._species.get(structure)
        if species is None:
            species = self._species[structure] = []
        insort(species, entry)
        del species[self.n_parents :]
        half = self._ranked[(self.n_parents - 1) // 2] if len(self._ranked) >= self.n_parents else None
        insort(self._ranked, entry)
        self._structures[number] = structure
        for _, dropped in self._ranked[self.n_parents :]:
            del self._structures[-dropped]
        del self._ranked[self.n_parents :]
        return half is None or -fitness < half[0]

    def champions(self) -> list[int]:
        """Return the numbers of the best individuals of all species, the best first."""
        return [-number for _, number in sorted(species[0] for species in self._species.values())]

    def parent(self, rank: int) -> int:
        """Return the number of the individual at `rank`, 0 being the best."""
        return -self._ranked[rank][1]

    def kin(self, number: int) -> list[tuple[float, int]]:
        """Return the parents of the species of a ranked individual, itself included.

        Returns
        -------
        list of (float, int)
            Best first; the second of each is the number, negative.
        """
        return self._species[self._structures[number]]
