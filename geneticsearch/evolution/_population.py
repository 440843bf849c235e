"""Who of the scored individuals may be a parent."""

from __future__ import annotations

from bisect import insort

from geneticsearch.space import Structure


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
