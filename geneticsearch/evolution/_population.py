"""The individuals that may breed."""

from __future__ import annotations

import math
from bisect import insort
from collections import Counter
from heapq import nsmallest
from typing import Any

import numpy as np

from geneticsearch.evolution._pareto import by_rank_and_crowding

MAX_CHAMPIONS = 10
"""Number of species whose best individual may breed, however good other species are."""

N_ADULT = 10
"""Results from which a species is judged by them alone."""


class Population:
    """The best individuals known, over all and of each species.

    Parameters
    ----------
    size : int
        Number of the best individuals that may breed.

    Attributes
    ----------
    size : int
        As given.
    failed : list of int
        Numbers of the individuals whose evaluation failed.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._ranked: list[tuple[float, int]] = []
        self._champions: dict[bytes, tuple[float, int]] = {}
        self._n_results: Counter[bytes] = Counter()
        self.failed: list[int] = []

    def add(self, number: int, fitness: float | tuple[float, ...], species: bytes) -> bool:
        """Add an individual that has been evaluated; return whether it enters the better half of the best."""
        self._n_results[species] += 1
        if math.isnan(fitness[0] if isinstance(fitness, tuple) else fitness):
            self.failed.append(number)
            return False
        return self._enter(number, fitness, species)

    def _enter(self, number: int, fitness: Any, species: bytes) -> bool:
        # Among equals the younger ranks first: on plateaus that lets a population drift instead of standing still.
        entry = (-fitness, -number)
        self._champions[species] = min(self._champions.get(species, entry), entry)
        ranked = self._ranked
        success = len(ranked) < self.size or -fitness < ranked[(self.size - 1) // 2][0]
        insort(ranked, entry)
        del ranked[self.size :]
        return success

    def parents(self) -> list[int]:
        """Return the numbers of the individuals that may breed: the best, then the champions of other species."""
        best = [-number for _, number in self._ranked]
        if len(self._champions) == 1:
            return best
        champions = [-self._champions[species][1] for species in self._best_species()]
        return list(dict.fromkeys([*best, *champions]))

    def young_species(self) -> bytes | None:
        """Return the species with the fewest results among those of the champions; None if all have enough."""
        species = self._best_species()
        youngest = min(species, key=lambda kind: (self._n_results[kind], kind), default=b"")
        return youngest if self._n_results[youngest] < N_ADULT and len(species) > 1 else None

    def _best_species(self) -> list[bytes]:
        return nsmallest(MAX_CHAMPIONS, self._champions, key=self._champions.__getitem__)


class FrontPopulation(Population):
    """The best individuals by several objectives: by Pareto rank, the least crowded first (NSGA-II)."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self._pool: dict[int, tuple[bytes, tuple[float, ...]]] = {}

    def _enter(self, number: int, fitness: Any, species: bytes) -> bool:
        self._pool[number] = species, fitness
        numbers = list(self._pool)
        order = by_rank_and_crowding(np.array([mine for _, mine in self._pool.values()]))
        best = [(float(place), -numbers[i]) for place, i in enumerate(order)]
        self._ranked = best[: self.size]
        self._champions = {}
        for entry in best:
            self._champions.setdefault(self._pool[-entry[1]][0], entry)
        kept = {-entry[1] for entry in [*self._ranked, *self._champions.values()]}
        self._pool = {number: self._pool[number] for number in numbers if number in kept}
        return any(-number == entry[1] for entry in best[: (self.size + 1) // 2])
