"""Breeding: how genotypes are made of other genotypes, and children bred without a surrogate."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from geneticsearch.evolution._archive import Archive, Child
from geneticsearch.evolution._operators import crossover, differential_step, mutation, rank_selection_table
from geneticsearch.evolution._population import Population
from geneticsearch.space import Genes, Space

DIFFERENTIAL_RATE = 0.5
"""Chance of a differential step."""

MUTATED_GENES = 1.5
"""Expected number of genes that a mutation changes."""

STRUCTURAL_RATE = 0.2
"""Chance of a structural mutation, where there is structure."""

WAKING_RATE = 0.5
"""Chance that genes which a structural mutation wakes are those of the best individual of the new species."""

COMBINED_RATE = 0.5
"""Chance that a structural mutation goes with a mutation of other genes."""

BATCH_SHARE = 1 / 32
"""Children bred at a time, relative to the individuals so far: few enough that the last child misses few results."""

MAX_BATCH = 50

N_NEIGHBORS = 3

MAX_NEIGHBORHOOD = 500
"""Number of the last individuals among which the nearest are looked for."""


@dataclass(frozen=True)
class Rates:
    """How often children are made in each way: see `GeneticOptimizer`."""

    crossover: float
    mutation: float
    immigrant: float


@dataclass(frozen=True)
class State:
    """What children are bred from.

    Attributes
    ----------
    space : Space
        The space.
    archive : Archive
        All individuals.
    population : Population
        The individuals that may breed.
    rates : Rates
        How often children are made in each way.
    rng : numpy.random.Generator
        The only source of chance.
    """

    space: Space
    archive: Archive
    population: Population
    rates: Rates
    rng: np.random.Generator


@dataclass(frozen=True)
class Genotypes:
    """The genes of several individuals or children.

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

    def take(self, chosen: np.ndarray | slice) -> Genotypes:
        """Return some of them."""
        return Genotypes(self.genes[chosen], self.active[chosen], self.ancestors[chosen])

    def join(self, others: Genotypes) -> Genotypes:
        """Return them and others."""
        return Genotypes(
            np.concatenate([self.genes, others.genes]),
            np.concatenate([self.active, others.active]),
            np.concatenate([self.ancestors, others.ancestors]),
        )


def drawn(n: int, space: Space, rng: np.random.Generator) -> Genotypes:
    """Draw genotypes at random."""
    genes = space.canonical(rng.random((n, len(space.genes))), draws=False)
    return Genotypes(genes, space.active(genes), np.full((n, 2), -1))


def breed(
    parents: Genotypes,
    elders: Genotypes,
    n: int,
    rates: Rates,
    scale: float | np.ndarray,
    space: Space,
    rng: np.random.Generator,
) -> Genotypes:
    """Breed children inside the species of their mothers.

    Parameters
    ----------
    parents : Genotypes
        Best first: mothers, and fathers among those of the same species, are selected by rank.
    elders : Genotypes
        Individuals that have a score, best first: those who come to a species are modeled on its first.
    n : int
        Number of children.
    rates : Rates
        How often children are made in each way.
    scale : float or ndarray of shape (n,)
        Size of mutations.
    space : Space
        The space.
    rng : numpy.random.Generator
        Source of chance; advanced by this call.

    Returns
    -------
    Genotypes
        The children; some are of another species than their mothers, by structural mutation.
    """
    ordered = space.ordered
    mother, father = couples(space.species(parents.genes, parents.active), n, rng)
    mated = (rng.random(n) < rates.crossover) & (mother != father)
    genes, active, ancestors = parents.genes[mother], parents.active[mother], parents.ancestors[mother]
    child = np.where(mated[:, np.newaxis], crossover(genes, parents.genes[father], ordered, rng), genes)
    first, second = parents.genes[rng.integers(len(parents), size=(2, n))]
    stepped = (rng.random(n) < DIFFERENTIAL_RATE)[:, np.newaxis] & ~space.structural
    child = np.where(stepped, differential_step(child, first, second, ordered, rng), child)

    mutated = (rng.random(n) < rates.mutation) | ~(active & (child != genes)).any(axis=1)
    mutable = active & ~space.structural
    if space.has_structure:
        _restructure(child, active, mutable, elders, space, rng)
    mutable &= mutated[:, np.newaxis]
    child = mutation(child, mutable, mutated, MUTATED_GENES, scale, ordered, space.n_levels, rng)

    ancestors[mated, 1] = parents.ancestors[father[mated], 0]
    immigrant = rng.random(n) < rates.immigrant
    if immigrant.any():
        child[immigrant] = rng.random((immigrant.sum(), child.shape[1]))
        ancestors[immigrant] = -1
    child = space.canonical(child, draws=False)
    return Genotypes(child, space.active(child), ancestors)


def couples(species: np.ndarray, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Select the ranks of `n` mothers, and of fathers of their species.

    Parameters
    ----------
    species : ndarray of int
        Species of each parent, best first.
    n : int
        Number of couples.
    rng : numpy.random.Generator
        Source of chance; advanced by this call.

    Returns
    -------
    mother, father : ndarray of int, of shape (n,)
        Equal where a mother mates with herself.
    """
    table = rank_selection_table(len(species))
    last = len(species) - 1
    draws = rng.random((2, n))
    mother = table.searchsorted(draws[0], side="right")
    if not species.any():  # the same as below, three times as fast
        return np.minimum(mother, last), np.minimum(table.searchsorted(draws[1], side="right"), last)
    mother = np.minimum(mother, last)
    weights = np.diff(table, prepend=0.0)
    kin = np.cumsum(weights * (species[:, np.newaxis] == species), axis=1)
    father = (kin[mother] <= draws[1][:, np.newaxis] * kin[mother, -1:]).sum(axis=1)
    return mother, np.minimum(father, last)


def _restructure(
    child: Genes, active: np.ndarray, mutable: np.ndarray, elders: Genotypes, space: Space, rng: np.random.Generator
) -> None:
    """Let some of the children change their structure, in place, and note which of their genes may change as well."""
    rows = np.flatnonzero(rng.random(len(child)) < STRUCTURAL_RATE)
    for i in rows:
        child[i] = space.structural_mutation(child[i], rng)
    now = space.active(child[rows])
    woken = now & ~active[rows] & (rng.random((len(rows), 1)) < WAKING_RATE)
    child[rows] = np.where(woken, _models(child[rows], now, elders, space), child[rows])
    mutable[rows] = now & ~space.structural & (rng.random((len(rows), 1)) < COMBINED_RATE)


def _models(genes: Genes, active: np.ndarray, elders: Genotypes, space: Space) -> Genes:
    """Return the genes of the first elder of each row's species; the row itself where there is none."""
    species = space.species(np.concatenate([elders.genes, genes]), np.concatenate([elders.active, active]))
    kin = species[len(elders) :, np.newaxis] == species[: len(elders)]
    return np.where(kin.any(axis=1)[:, np.newaxis], elders.genes[kin.argmax(axis=1)], genes)


def species_of(genotypes: Genotypes, space: Space) -> list[bytes]:
    """Return what is equal for genotypes of one species, whenever it is called."""
    if not space.has_structure:
        return [b""] * len(genotypes)
    return space.keys(genotypes.genes, genotypes.active & space.structural)


def parents_of(state: State) -> Genotypes:
    """Return the individuals that may breed, best first; they are their own ancestors."""
    numbers = state.population.parents()
    genes = state.archive.genes(numbers)
    return Genotypes(genes, state.space.active(genes), np.array([(number, -1) for number in numbers]))


def children_of(genotypes: Genotypes, state: State) -> list[Child]:
    """Return children with their parents and their origin, as their ancestors say."""
    genes = state.space.canonical(genotypes.genes)
    keys, species = state.space.keys(genes, genotypes.active), species_of(genotypes, state.space)
    rows = zip(genes, keys, species, genotypes.ancestors.tolist(), strict=True)
    return [Child(row, key, own, *_descent(own, both, state.archive.species)) for row, key, own, both in rows]


def _descent(own: bytes, ancestors: list[int], species: list[bytes]) -> tuple[tuple[int, ...], str]:
    """Return the parents and the origin of a child of some species that descends from two individuals, or fewer."""
    mother, father = ancestors
    if mother < 0:
        return (), "immigrant"
    couple = (mother,) if father in (-1, mother) else (mother, father)
    kin = tuple([number for number in couple if species[number] == own])
    if kin:
        return kin, "crossover" if len(kin) == 2 else "mutation"
    return tuple([number for number in couple if species[number] == species[mother]]), "structural mutation"


def survivors(children: Genotypes, n_known: int, state: State) -> Genotypes:
    """Drop each child with a probability that is the share of failures among the known individuals most like it."""
    failed = state.population.failed
    if not failed:
        return children
    first = max(0, n_known - MAX_NEIGHBORHOOD)
    known, genes = state.archive.genes(slice(first, n_known)), children.genes[:, np.newaxis]
    apart = np.where(state.space.ordered, np.abs(known - genes), known != genes).mean(axis=2)
    nearest = np.argpartition(apart, min(N_NEIGHBORS, len(known)) - 1, axis=1)[:, :N_NEIGHBORS] + first
    failure_rates = np.isin(nearest, failed).mean(axis=1)
    return children.take(state.rng.random(len(children)) >= failure_rates)


class Breeding:
    """Proposes children of the best individuals, and individuals drawn at random where those are used up.

    Children are bred in batches, from the results that are known to the first child of a batch.

    Parameters
    ----------
    state : State
        What children are bred from.
    n_children, n_immigrants : int
        Number of children to propose, and of individuals drawn at random after them.
    """

    def __init__(self, state: State, n_children: int, n_immigrants: int) -> None:
        self._state = state
        self._n_children = n_children
        self._n_immigrants = n_immigrants
        self._step_size = 0.2
        self._batch: deque[Child] = deque()
        self._end = 0

    def adapt(self, success: bool) -> None:
        """Adapt the size of mutations to the success of a child, by the one-fifth rule."""
        step = self._step_size * math.exp(0.6 / 8 * (success - 0.2))
        self._step_size = min(max(step, 0.01), 0.35)

    def propose(self, n_known: int) -> Iterator[Child]:
        """Yield children to choose from; those that are left serve the next individuals of the batch."""
        number = len(self._state.archive)
        size = min(max(int(number * BATCH_SHARE), 1), MAX_BATCH)
        if number >= self._end:
            self._batch.clear()
        for _ in range(self._n_children):
            if not self._batch:
                self._batch.extend(self._breed(size, n_known))
                self._end = number + size
            if self._batch:
                yield self._batch.popleft()
        for _ in range(self._n_immigrants):
            yield from children_of(drawn(1, self._state.space, self._state.rng), self._state)

    def _breed(self, n: int, n_known: int) -> list[Child]:
        state = self._state
        parents = parents_of(state)
        if len(parents):
            children = breed(parents, parents, n, state.rates, self._step_size, state.space, state.rng)
        else:
            children = drawn(n, state.space, state.rng)
        return children_of(survivors(children, n_known, state), state)
