"""Breeding: from genotypes to genotypes, and from the best individuals to children."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from geneticsearch.evolution._archive import Archive, Child
from geneticsearch.evolution._operators import (
    crossover,
    differential_step,
    mutation,
    rank_selection_table,
    subset_crossover,
    subset_mutation,
)
from geneticsearch.evolution._population import Population
from geneticsearch.space import Genes, Space, pack

DIFFERENTIAL_RATE = 0.5
"""Chance of a differential step."""

MUTATED_GENES = 1.5
"""Expected number of genes that a mutation changes."""

STRUCTURAL_RATE = 0.2
"""Chance of a structural mutation, if the space has structure."""

WAKING_RATE = 0.5
"""Chance that genes which a structural mutation activates are set to those of the best individual of the species."""

COMBINED_RATE = 0.5
"""Chance that a structural mutation goes with a mutation of other genes."""

BATCH_SHARE = 0.1
"""Size of a batch, relative to the individuals so far: small enough that its last child misses few results."""

MAX_BATCH = 50

N_NEIGHBORS = 3

MAX_NEIGHBORHOOD = 500
"""Number of the last individuals among which the nearest are looked for."""


@dataclass(frozen=True)
class Rates:
    """How often children are made in each way: see `GeneticOptimizer`."""

    crossover: float = 0.8
    mutation: float = 0.5
    immigrant: float = 0.05


@dataclass(frozen=True)
class State:
    """What children are bred from, and the only source of chance."""

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

    def take(self, chosen: np.ndarray) -> Genotypes:
        """Return those with these indices."""
        # Several times as fast as brackets.
        return Genotypes(*(rows.take(chosen, axis=0) for rows in (self.genes, self.active, self.ancestors)))

    def first(self, n: int) -> Genotypes:
        """Return the first of them, up to `n`."""
        return Genotypes(self.genes[:n], self.active[:n], self.ancestors[:n])

    def join(self, others: Genotypes) -> Genotypes:
        """Return them and others."""
        pairs = [(vars(self)[name], vars(others)[name]) for name in ("genes", "active", "ancestors")]
        return Genotypes(*map(np.concatenate, pairs))


def drawn(n: int, state: State) -> Genotypes:
    """Draw genotypes at random."""
    points = state.rng.random((n, len(state.space.genes)))
    genes = state.space.canonical(state.space.complete(points, state.rng), draws=False)
    return Genotypes(genes, state.space.active(genes), np.full((n, 2), -1))


def breed(parents: Genotypes, elders: Genotypes, n: int, scale: float | np.ndarray, state: State) -> Genotypes:
    """Breed children inside the species of their mothers; some leave it by structural mutation.

    Parameters
    ----------
    parents : Genotypes
        Best first: mothers, and fathers among those of the same species, are selected by rank.
    elders : Genotypes
        Individuals that have a score, best first: children that come to a species are modeled on its first.
    n : int
        Number of children.
    scale : float or ndarray of shape (n,)
        Size of mutations.
    state : State
        The space, the rates and the source of chance.

    Returns
    -------
    Genotypes
        The children.
    """
    space, rates, rng = state.space, state.rates, state.rng
    ordered = space.ordered
    mother, father = couples(space.species(parents.genes, parents.active), n, rng)
    mated = (rng.random(n) < rates.crossover) & (mother != father)
    mothers, fathers = parents.take(mother), parents.take(father)
    genes, active, ancestors = mothers.genes, mothers.active, mothers.ancestors
    child = np.where(mated[:, np.newaxis], crossover(genes, fathers.genes, ordered, rng), genes)
    first, second = parents.genes.take((rng.random((2, n)) * len(parents)).astype(np.intp), axis=0)
    stepped = (rng.random(n) < DIFFERENTIAL_RATE)[:, np.newaxis] & space.independent
    child = np.where(stepped, differential_step(child, first, second, ordered, rng), child)
    for subset in space.subsets:
        couple = subset.members(genes[mated]), subset.members(fathers.genes[mated])
        child[np.ix_(mated, subset.at)] = pack(subset_crossover(*couple, subset.distribution.sizes, rng))

    mutated = (rng.random(n) < rates.mutation) | ~(active & (child != genes)).any(axis=1)
    mutable = active & space.independent
    if space.has_structure:
        _restructure(child, active, mutable, elders, space, rng)
    mutable &= mutated[:, np.newaxis]
    unmutated = child
    child = mutation(child, mutable, mutated, MUTATED_GENES, scale, ordered, space.n_levels, rng)
    for subset in space.subsets:
        first_gene = subset.at[0]  # that stands for the whole subset: whatever it has become, it was to change
        hit = child[:, first_gene] != unmutated[:, first_gene]
        steps = np.broadcast_to(scale, n)[hit]
        mutant = subset_mutation(subset.members(unmutated[hit]), steps, subset.distribution.sizes, rng)
        child[np.ix_(hit, subset.at)] = pack(mutant)
    child = _without_idle_steps(child, unmutated, space, rng)

    ancestors[mated, 1] = fathers.ancestors[mated, 0]
    immigrant = rng.random(n) < rates.immigrant
    if immigrant.any():
        drawn_anew = space.complete(rng.random((immigrant.sum(), child.shape[1])), rng)
        child[immigrant] = space.canonical(drawn_anew, draws=False)
        ancestors[immigrant] = -1
    return Genotypes(child, space.active(child), ancestors)


def _without_idle_steps(mutants: Genes, unmutated: Genes, space: Space, rng: np.random.Generator) -> Genes:
    """Return canonical genes; mutated ones that have not left their cell, a wide one, go to another level."""
    genes = space.canonical(mutants, draws=False)
    if space.has_uneven_cells:
        idle = (mutants != unmutated) & (genes == space.canonical(unmutated, draws=False))
        genes = space.other_levels(genes, idle, rng)
    return genes


def couples(species: np.ndarray, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Select the ranks of `n` mothers, and of fathers of their species; a mother may meet herself."""
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
    """Mutate the structure of some children, in place, and limit which of their other genes may change."""
    rows = np.flatnonzero(rng.random(len(child)) < STRUCTURAL_RATE)
    for i in rows:
        child[i] = space.structural_mutation(child[i], rng)
    now = space.active(child[rows])
    woken = now & ~active[rows] & (rng.random((len(rows), 1)) < WAKING_RATE)
    child[rows] = np.where(woken, _models(child[rows], now, elders, space), child[rows])
    mutable[rows] = now & space.independent & (rng.random((len(rows), 1)) < COMBINED_RATE)


def _models(genes: Genes, active: np.ndarray, elders: Genotypes, space: Space) -> Genes:
    """Return, for each row, the genes of the first elder of its species, or the row itself if there is none."""
    species = space.species(np.concatenate([elders.genes, genes]), np.concatenate([elders.active, active]))
    kin = species[len(elders) :, np.newaxis] == species[: len(elders)]
    return np.where(kin.any(axis=1)[:, np.newaxis], elders.genes[kin.argmax(axis=1)], genes)


def species_of(genes: Genes, active: np.ndarray, space: Space) -> list[bytes]:
    """Return a key per genotype; it is equal for genotypes of one species, in all calls."""
    return space.keys(genes, active & space.structural) if space.has_structure else [b""] * len(genes)


def parents_of(state: State) -> Genotypes:
    """Return the individuals that may breed, best first; they are their own ancestors."""
    numbers = state.population.parents()
    genes = state.archive.genes(numbers)
    return Genotypes(genes, state.space.active(genes), np.array([(number, -1) for number in numbers]))


def children_of(genotypes: Genotypes, state: State) -> list[Child]:
    """Return children with their parents and their origin, as their ancestors say."""
    genes = state.space.canonical(genotypes.genes)
    active = genotypes.active
    keys, species = state.space.keys(genes, active), species_of(genes, active, state.space)
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
    return children.take(np.flatnonzero(state.rng.random(len(children)) >= failure_rates))


class Breeding:
    """Proposes some children of the best individuals, and then some individuals drawn at random.

    Children are bred in batches, from the results that are known to the first child of a batch.
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
        for _ in range(0, self._n_immigrants, MAX_BATCH):
            yield from children_of(drawn(MAX_BATCH, self._state), self._state)

    def _breed(self, n: int, n_known: int) -> list[Child]:
        state = self._state
        parents = parents_of(state)
        children = breed(parents, parents, n, self._step_size, state) if len(parents) else drawn(n, state)
        return children_of(survivors(children, n_known, state), state)
