"""Pre-selection: embryos evolve without evaluations, and the surrogate chooses among them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

import numpy as np

from geneticsearch.evolution._archive import Child
from geneticsearch.evolution._breeding import (
    Genotypes,
    State,
    breed,
    children_of,
    drawn,
    parents_of,
    species_of,
    survivors,
)
from geneticsearch.evolution._gaussian_process import one_blas_thread
from geneticsearch.evolution._listing import Rules
from geneticsearch.evolution._surrogate import Surrogate, Surrogates

N_FIRST = 150

N_RANDOM = 150

N_LATER = 75

N_GENERATIONS = 6

N_CHOSEN = 20
"""Number of embryos proposed; the first that is new and allowed is taken."""

TURN_RATE = 0.15
"""Chance that only embryos of a young species are conceived."""

MAX_RESULTS = 500
"""Results up to which the surrogate chooses individuals."""

FULL_RESULTS = 250
"""Results up to which it chooses all of them; then every other one, at half the cost."""


def evolve(
    elite: Genotypes,
    state: State,
    acquisition: Callable[[np.ndarray], np.ndarray],
    asked: Collection[bytes],
    allowed: Callable[[Genotypes], np.ndarray] | None = None,
) -> Genotypes:
    """Breed embryos for some generations, and return the most promising ones, the best first.

    Parameters
    ----------
    elite : Genotypes
        The best individuals, best first.
    state : State
        The space, the rates, the number of embryos that breed the next generation, and the source of chance.
    acquisition : callable
        Takes phenotypes of shape (m, n_informative) and returns how promising they are.
    asked : set of bytes
        Keys of the parameters that have been asked for before; no embryo has them.
    allowed : callable or None
        Takes genotypes and returns which of them are allowed; others are not conceived.

    Returns
    -------
    Genotypes
        Up to `N_CHOSEN` embryos; objects that only draw may still have several genes for one value.
    """
    space, rng, n_parents = state.space, state.rng, state.population.size
    known = set(asked)

    def conceive(embryos: Genotypes) -> tuple[Genotypes, np.ndarray]:
        """Return the embryos that are new and allowed, and how promising they are."""
        fresh = []
        for i, key in enumerate(space.keys(embryos.genes, embryos.active)):
            if key not in known:
                known.add(key)
                fresh.append(i)
        embryos = embryos.take(np.array(fresh, dtype=np.intp))
        if allowed is not None and fresh:
            embryos = embryos.take(np.flatnonzero(allowed(embryos)))
        if len(embryos) == 0:
            return embryos, np.empty(0)
        return embryos, acquisition(space.phenotype(embryos.genes, embryos.active))

    scale = rng.choice([0.3, 0.1, 0.03], N_FIRST)
    founders = breed(elite, elite, N_FIRST, scale, state)
    embryos, promise = _best(max(n_parents, N_CHOSEN), *conceive(founders.join(drawn(N_RANDOM, state))))
    for generation in range(N_GENERATIONS if len(embryos) else 0):
        scale = 0.15 * 0.6**generation * np.exp(0.5 * rng.standard_normal())
        n = N_LATER if generation else N_FIRST
        bred, promise_of_bred = conceive(breed(embryos.first(n_parents), elite, n, scale, state))
        promise = np.concatenate([promise, promise_of_bred])
        embryos, promise = _best(max(n_parents, N_CHOSEN), embryos.join(bred), promise)
    return embryos.first(N_CHOSEN)


def _best(n: int, embryos: Genotypes, promise: np.ndarray) -> tuple[Genotypes, np.ndarray]:
    """Return the `n` most promising embryos, best first."""
    order = np.argsort(-promise, kind="stable")[:n]
    return embryos.take(order), promise[order]


class Preselection:
    """Proposes the embryos that a surrogate of the results so far finds most promising."""

    def __init__(self, state: State, asked: Collection[bytes], rules: Rules, n_objectives: int = 1) -> None:
        self._state = state
        self._asked = asked
        self._rules = rules
        self._n_objectives = n_objectives
        unordered, sets = ~state.space.ordered[state.space.informative], state.space.sets
        self._surrogate: Surrogate | Surrogates = (
            Surrogates([Surrogate(unordered, sets) for _ in range(n_objectives)])
            if n_objectives > 1
            else Surrogate(unordered, sets)
        )

    def propose(self, n_known: int) -> Iterator[Child]:
        """Yield the most promising embryos; none if it is not their turn, or if all results are equal."""
        has_turn = n_known <= FULL_RESULTS or len(self._state.archive) % 2 == 1
        if n_known <= MAX_RESULTS and has_turn:
            archive = self._state.archive
            fitness = np.array((archive.fronts if self._n_objectives > 1 else archive.fitness)[:n_known])
            if len(np.unique(fitness[~np.isnan(fitness)])) > 1:
                yield from self._choose(fitness)

    def _choose(self, fitness: np.ndarray) -> list[Child]:
        state, n_known = self._state, len(fitness)
        space, rng = state.space, state.rng
        genes = state.archive.genes(slice(None))
        phenotypes = space.phenotype(genes, space.active(genes))
        with one_blas_thread():
            # Pending individuals are known by their number, whatever scores have come in: window order.
            noise = np.array(state.archive.noise[:n_known], dtype=np.float64)  # NaN where unknown
            self._surrogate.learn(phenotypes[:n_known], fitness, phenotypes[n_known:], rng, noise)
            acquisition = self._surrogate.acquisition(rng)
            embryos = evolve(parents_of(state), state, acquisition, self._asked, self._filter())
        return children_of(survivors(embryos, n_known, state), state)

    def _filter(self) -> Callable[[Genotypes], np.ndarray] | None:
        """Return a filter of embryos: by constraints, and now and then by species, which must be a young one."""
        space, rules = self._state.space, self._rules
        youngest = self._state.population.young_species() if self._state.rng.random() < TURN_RATE else None
        if youngest is None and not rules:
            return None

        def allowed(embryos: Genotypes) -> np.ndarray:
            genes, active = embryos.genes, embryos.active
            rows = zip(genes, space.keys(genes, active), species_of(genes, active, space), strict=True)
            answers = [youngest in (None, species) and rules.allow(row, key) for row, key, species in rows]
            return np.array(answers, dtype=bool)

        return allowed
