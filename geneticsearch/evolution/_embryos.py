"""Generations of embryos, which cost no evaluation."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

import numpy as np

from geneticsearch.evolution._operators import crossover, differential_step, mutation_of_many, rank_selection_table
from geneticsearch.space import Genes, Space

N_FIRST = 150

N_RANDOM = 150

N_LATER = 75

N_GENERATIONS = 6

N_PARENTS = 20

CROSSOVER_RATE = 0.5

DIFFERENTIAL_RATE = 0.25

STRUCTURAL_RATE = 0.2

MUTATED_GENES = 2.0

WAKING_RATE = 0.5
"""Chance that genes which a structural mutation wakes are those of the best individual of the new species."""

COMBINED_RATE = 0.5
"""Chance that a structural mutation goes with a mutation of other genes."""


@dataclass(frozen=True)
class Embryos:
    """Individuals that have not been evaluated, and perhaps never will be.

    Attributes
    ----------
    genes : ndarray of shape (n, n_genes)
        Their genes.
    active : ndarray of bool, of shape (n, n_genes)
        Which of their genes are not dormant.
    ancestors : ndarray of int, of shape (n, 2)
        Numbers of the individuals that they descend from through their mothers and their fathers; -1 for none.
    """

    genes: Genes
    active: np.ndarray
    ancestors: np.ndarray

    def __len__(self) -> int:
        return len(self.genes)

    def take(self, chosen: np.ndarray) -> Embryos:
        """Return some of them."""
        return Embryos(self.genes[chosen], self.active[chosen], self.ancestors[chosen])

    def join(self, others: Embryos) -> Embryos:
        """Return them and others."""
        return Embryos(
            np.concatenate([self.genes, others.genes]),
            np.concatenate([self.active, others.active]),
            np.concatenate([self.ancestors, others.ancestors]),
        )


def evolve(
    elite: Genes,
    numbers: np.ndarray,
    space: Space,
    acquisition: Callable[[np.ndarray], np.ndarray],
    asked: Collection[bytes],
    rng: np.random.Generator,
    allowed: Callable[[Genes], bool] | None = None,
) -> Iterator[tuple[Genes, np.ndarray]]:
    """Breed embryos for some generations, and yield them from the most promising one on.

    Parameters
    ----------
    elite : ndarray of shape (n, n_genes)
        Genes of the best individuals, best first.
    numbers : ndarray of int, of shape (n,)
        Their numbers.
    space : Space
        The space.
    acquisition : callable
        Takes phenotypes of shape (m, n_informative) and returns how promising they are.
    asked : set of bytes
        Keys of what has been asked for before, which no embryo is.
    rng : numpy.random.Generator
        Source of chance; advanced by this call.
    allowed : callable or None
        Takes genes and returns whether constraints allow them; no embryo is conceived that they do not.

    Yields
    ------
    genes : ndarray of shape (n_genes,)
        Genes of an embryo; not canonical where the space keeps no table of a gene's levels.
    ancestors : ndarray of int, of shape (2,)
        Numbers of the individuals it descends from, -1 for none.
    """
    conceived: set[bytes] = set()

    def conceive(embryos: Embryos) -> tuple[Embryos, np.ndarray]:
        """Return those that are new, and how promising they are."""
        fresh = []
        for i, key in enumerate(space.keys(embryos.genes, embryos.active)):
            if key not in asked and key not in conceived:
                conceived.add(key)
                if allowed is None or allowed(embryos.genes[i]):
                    fresh.append(i)
        embryos = embryos.take(np.array(fresh, dtype=np.intp))
        return embryos, acquisition(space.phenotype(embryos.genes, embryos.active)) if fresh else np.empty(0)

    parents = elders = Embryos(elite, space.active(elite), np.stack([numbers, np.full(len(elite), -1)], axis=1))
    immigrants = space.snap(rng.random((N_RANDOM, elite.shape[1])))
    bred = breed(parents, elders, N_FIRST, rng.choice([0.3, 0.1, 0.03], N_FIRST), space, rng)
    none = np.full((N_RANDOM, 2), -1)
    embryos, promise = conceive(bred.join(Embryos(immigrants, space.active(immigrants), none)))
    for generation in range(N_GENERATIONS):
        if len(embryos) == 0:
            return
        best = embryos.take(np.argsort(-promise, kind="stable")[:N_PARENTS])
        scale = 0.15 * 0.6**generation * np.exp(0.5 * rng.standard_normal())
        bred, promise_of_bred = conceive(breed(best, elders, N_LATER if generation else N_FIRST, scale, space, rng))
        embryos, promise = embryos.join(bred), np.concatenate([promise, promise_of_bred])
    for i in np.argsort(-promise, kind="stable"):
        yield embryos.genes[i], embryos.ancestors[i]


def breed(
    parents: Embryos, elders: Embryos, n: int, scale: float | np.ndarray, space: Space, rng: np.random.Generator
) -> Embryos:
    """Breed children inside the species of their mothers.

    Parameters
    ----------
    parents : Embryos
        Best first: mothers, and fathers among those of the same species, are selected by rank.
    elders : Embryos
        Individuals that have a result, best first: the first of a species is the model of those who come to it.
    n : int
        Number of children.
    scale : float or ndarray of shape (n,)
        Size of mutations.
    space : Space
        The space.
    rng : numpy.random.Generator
        Source of chance; advanced by this call.

    Returns
    -------
    Embryos
        The children; some are of another species than their mothers, by structural mutation.
    """
    mother, father = _couples(space.species(parents.genes, parents.active), n, rng)
    mated = (rng.random(n) < CROSSOVER_RATE) & (mother != father)
    genes = parents.genes[mother]
    child = np.where(mated[:, np.newaxis], crossover(genes, parents.genes[father], space.ordered, rng), genes)
    one, other = parents.genes[rng.integers(len(parents), size=(2, n))]
    stepped = (rng.random(n) < DIFFERENTIAL_RATE)[:, np.newaxis] & ~space.structural
    child = np.where(stepped, differential_step(child, one, other, space.ordered, rng), child)

    active = parents.active[mother]
    unchanged = ~(active & (child != genes)).any(axis=1)
    mutable = active & ~space.structural
    if space.has_structure:
        restructured = rng.random(n) < STRUCTURAL_RATE
        mutable &= ~restructured[:, np.newaxis]
        rows = np.flatnonzero(restructured)
        for i in rows:
            child[i] = space.structural_mutation(child[i], rng)
        now = space.active(child[rows])
        woken = now & ~active[rows] & (rng.random((len(rows), 1)) < WAKING_RATE)
        child[rows] = np.where(woken, _models(child[rows], now, elders, space), child[rows])
        mutable[rows] = now & ~space.structural & (rng.random((len(rows), 1)) < COMBINED_RATE)
    child = mutation_of_many(child, mutable, unchanged, MUTATED_GENES, scale, space.ordered, space.n_levels, rng)
    child = space.snap(child)
    ancestors = parents.ancestors[mother]
    first, second = ancestors[:, 0], np.where(mated, parents.ancestors[father, 0], ancestors[:, 1])
    return Embryos(child, space.active(child), np.stack([first, second], axis=1))


def _models(genes: Genes, active: np.ndarray, elders: Embryos, space: Space) -> Genes:
    """Return the genes of the first of the elders of each one's species; its own where there is none."""
    species = space.species(np.concatenate([elders.genes, genes]), np.concatenate([elders.active, active]))
    kin = species[len(elders) :, np.newaxis] == species[: len(elders)]
    return np.where(kin.any(axis=1)[:, np.newaxis], elders.genes[kin.argmax(axis=1)], genes)


def _couples(species: np.ndarray, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return the ranks of `n` mothers and of fathers of their species, as `select_rank` draws them."""
    last = len(species) - 1
    table = np.array(rank_selection_table(len(species)))
    mother = np.minimum(np.searchsorted(table, rng.random(n), side="right"), last)
    weights = np.diff(table, prepend=0.0)
    kin = np.cumsum(weights * (species[:, np.newaxis] == species), axis=1)
    father = (kin[mother] <= rng.random(n)[:, np.newaxis] * kin[mother, -1:]).sum(axis=1)
    return mother, np.minimum(father, last)
