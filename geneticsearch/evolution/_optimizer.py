"""GeneticOptimizer: the genetic algorithm behind every front door, as ask and tell."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

import numpy as np
from scipy.stats import qmc

from geneticsearch._errors import ArgumentError, ArgumentTypeError, check_choice, check_number
from geneticsearch.evolution._archive import Archive, Individual
from geneticsearch.evolution._embryos import N_PARENTS, evolve
from geneticsearch.evolution._gaussian_process import one_blas_thread
from geneticsearch.evolution._operators import crossover, differential_step, mutation, select_rank
from geneticsearch.evolution._population import Population
from geneticsearch.evolution._surrogate import Surrogate
from geneticsearch.space import Constraints, Genes, Space, Structure

DEFAULT_WINDOW = 8

SEARCH_WINDOW = 20
"""Default window of `optimize` and `GeneticSearchCV`, where it grows: it keeps 4 workers busy with five folds."""

FULL_WINDOW_AFTER = 160
"""Individuals after which a growing window is as large as it gets."""

MAX_INITIAL = 10

MAX_PARENTS = 10

MAX_CHAMPIONS = 10
"""Species whose best individual breeds embryos beside the best of all, and which have turns while they are young."""

TURN_RATE = 0.15
"""Chance that it is the turn of the youngest of them, whatever the others are worth."""

N_ADULT = 10
"""Results from which a species is judged by them alone."""

MAX_SURROGATE_RESULTS = 500
"""Results up to which the surrogate chooses individuals."""

FULL_SURROGATE_RESULTS = 250
"""Results up to which it chooses all of them; then every other one, at half the cost."""

MAX_SURROGATE_GENES = 100

MAX_NEIGHBOURS = 500
"""Among how many of the last individuals the ones most like a new one are looked for."""

MAX_LISTED = 10_000
"""Parameter sets of a finite space that are listed to find those that constraints allow; of larger spaces as many are
tried at random before there are said to be no more."""

Score = TypeVar("Score", float, np.ndarray)

Child = tuple[Genes, tuple[int, ...], str]
"""Genes, the numbers of the parents, and the origin."""


class Exhausted(RuntimeError):
    """Nothing is left to ask for."""


class GeneticOptimizer:
    """A genetic algorithm that is asked for candidates and told their scores.

    Parameters
    ----------
    space : dict or list of dict
        Parameter names and what they may be: distributions, lists of values, frozen scipy.stats distributions, nested
        dicts; anything else is a constant. A list of dicts holds alternatives, each a species of its own.
    population_size : int, default=10
        Number of individuals in a generation, at least 1. As many of the best so far may breed, but at most 10: larger
        populations learn more slowly.
    n_offspring : int or None, default=None
        Individuals in a generation after the first; None stands for `population_size`. With fewer, the others are
        kept parents: `population_size - n_offspring` of the best (at least one, at most 10) may breed.
    crossover_rate : float in [0, 1], default=0.8
        Chance that a child has two parents rather than one.
    mutation_rate : float in [0, 1], default=0.5
        Chance that the child of two parents is mutated as well.
    immigrant_rate : float in [0, 1], default=0.05
        Share of individuals drawn at random from the space.
    window : int, default=8
        Number of individuals that may be under way at once. Individual i knows the results of 0 to i - `window`.
    growing : bool, default=False
        Whether the window is small after the initial individuals and grows with their number until it is `window` after
        160: while results are few, each of them counts.
    budget : int or None, default=None
        Number of individuals that will be asked for, if known: a finite space that is no larger is listed in the order
        of a grid search rather than evolved.
    surrogate : 'auto' or None, default='auto'
        With 'auto', a model of the results so far chooses each individual after the initial ones among some hundred
        embryos, which the rates above have no part in. It takes about 6 ms for each. Individuals are bred one by one
        where all results are equal, every other one after 250 results, all of them after 500 and with more than 100
        genes; with None they always are.
    constraints : callable, list of callable or None, default=None
        Each takes a dict of parameters and returns whether they are allowed; others are never asked for.
    maximize : bool, default=False
        Whether larger scores are better.
    seed : int, sequence of int, numpy SeedSequence, Generator, RandomState or None, default=None
        Source of all chance. None takes fresh entropy.
    initial : sequence of ndarray, default=()
        Genes of the first individuals, such as `space.encode` returns.

    Attributes
    ----------
    space : Space
        The parsed space; `space.size` is its number of parameter sets.
    size : int or inf
        Number of parameter sets that can be asked for: those of the space, or of up to 10,000 those that are allowed.
    history : Sequence of Individual
        All individuals asked for so far, with their scores.
    best : Individual or None
        The first of those with the best score so far; None before any has one.
    exhausted : bool
        Whether everything in the space has been asked for, or nothing else is found that is allowed.
    can_ask : bool
        Whether `ask` can be called now: the window has room and the space is not exhausted.

    Raises
    ------
    ValueError, TypeError
        If an argument is out of range or of the wrong kind, the space is not one, or constraints allow nothing of it.
        What a constraint raises comes as a ValueError with the parameters, here or when asking.

    References
    ----------
    Eiben and Smith, "Introduction to Evolutionary Computing", 2nd edition, Springer 2015. The step size adapts by the
    one-fifth rule: Rechenberg, "Evolutionsstrategie", 1973. The first individuals are points of a scrambled Sobol
    sequence: Owen, "Scrambling Sobol' and Niederreiter-Xing Points", Journal of Complexity 14, 1998. Evolution that
    a surrogate assists: Jin, "Surrogate-Assisted Evolutionary Computation", Swarm and Evolutionary Computation 1, 2011.

    Examples
    --------
    >>> from geneticsearch import GeneticOptimizer, UniformDistribution
    >>> optimizer = GeneticOptimizer({"x": UniformDistribution(-5, 5)}, seed=0)
    >>> for _ in range(100):
    ...     individual = optimizer.ask()
    ...     optimizer.tell(individual, (individual.params["x"] - 1) ** 2)
    >>> round(optimizer.best.params["x"], 2)
    1.0
    """

    def __init__(
        self,
        space: Any,
        *,
        population_size: int = 10,
        n_offspring: int | None = None,
        crossover_rate: float = 0.8,
        mutation_rate: float = 0.5,
        immigrant_rate: float = 0.05,
        window: int = DEFAULT_WINDOW,
        growing: bool = False,
        budget: int | None = None,
        surrogate: str | None = "auto",
        constraints: Any = None,
        maximize: bool = False,
        seed: Any = None,
        initial: Sequence[Genes] = (),
    ) -> None:
        check_number("population_size", population_size, low=1, integer=True)
        check_number("n_offspring", n_offspring, low=1, high=population_size, integer=True, optional=True)
        for name, rate in (
            ("crossover_rate", crossover_rate),
            ("mutation_rate", mutation_rate),
            ("immigrant_rate", immigrant_rate),
        ):
            check_number(name, rate, low=0, high=1)
        check_number("window", window, low=1, integer=True)
        check_number("budget", budget, low=1, integer=True, optional=True)
        check_choice("surrogate", surrogate, ("auto", None))
        self.space = space if isinstance(space, Space) else Space(space, constants=True)
        self.maximize = bool(maximize)
        self.window = int(window)
        self._growing = bool(growing)
        self._crossover_rate = crossover_rate
        self._mutation_rate = mutation_rate
        self._immigrant_rate = immigrant_rate
        self._rng = make_generator(seed)

        n_offspring = population_size if n_offspring is None else n_offspring
        n_parents = population_size if n_offspring == population_size else population_size - n_offspring
        self._archive = Archive(self.space, population_size, n_offspring)
        self._population = Population(min(n_parents, MAX_PARENTS))
        self._constraints = Constraints(constraints)
        self.size, self._unlisted = self._listed(budget)
        given = self._given_genes(initial)
        self._n_given = len(given)
        self._initial = [*given, *self._initial_genes(MAX_INITIAL)]
        self._exhaustive = budget is not None and self.size <= budget
        informative = self.space.informative
        is_useful = surrogate == "auto" and 0 < np.count_nonzero(informative) <= MAX_SURROGATE_GENES
        self._surrogate = Surrogate(~self.space.ordered[informative]) if is_useful else None
        self._seen: set[bytes] = set()
        self._next: Child | None = None
        self._ended = False
        self._n_absorbed = 0
        self._failed: list[int] = []
        self._n_results: Counter[Structure] = Counter()
        self._step_size = 0.2
        self._best: tuple[float, int] | None = None

    # ------------------------------------------------------------------------------------------------- ask and tell

    def ask(self) -> Individual:
        """Return the next individual to evaluate.

        Returns
        -------
        Individual
            One whose parameters have not been asked for before.

        Raises
        ------
        RuntimeError
            If `window` individuals are under way, so that a score must be told first, or if the space is exhausted.
        """
        if not self._has_room:
            raise RuntimeError(
                f"`ask` needs the score of individual {self._n_absorbed} first, since at most `window`={self.window} "
                "may be under way; call `tell`, or raise `window`."
            )
        candidate = self._peek()
        if candidate is None:
            raise Exhausted(
                f"`ask` has nothing left to propose: all {len(self._archive)} parameter sets of the space have been "
                "asked for. Check `exhausted` before asking."
            )
        self._next = None
        genes, parents, origin = candidate
        return self._archive.append(genes, parents, origin)

    def tell(self, individual: Individual, score: float) -> None:
        """Note the score of an individual.

        Parameters
        ----------
        individual : Individual
            One that `ask` returned. The order of telling does not matter.
        score : float
            Smaller is better, unless `maximize`. NaN, or an infinity, says that the evaluation failed.

        Raises
        ------
        RuntimeError
            If `ask` did not return the individual, or it has been told already.
        TypeError
            If `individual` is not one, or `score` is not a number.
        """
        if not isinstance(individual, Individual):
            raise ArgumentTypeError(f"`tell` takes an individual that `ask` handed out; got {individual!r}.")
        number = individual.number
        if not 0 <= number < len(self._archive) or self._archive.is_told(number):
            raise RuntimeError(
                "`tell` takes an individual that `ask` handed out and that has no score yet; "
                f"got number {number!r}{', which has one' if 0 <= number < len(self._archive) else ''}."
            )
        try:
            score = float(score)
        except (TypeError, ValueError):
            raise ArgumentTypeError(f"`score` must be a number; got {score!r}.") from None
        self._archive.set_score(number, score)
        fitness = self._fitness(score)
        if math.isfinite(fitness) and (self._best is None or (-fitness, number) < self._best):
            self._best = (-fitness, number)

    @property
    def history(self) -> Sequence[Individual]:
        return self._archive

    @property
    def best(self) -> Individual | None:
        return None if self._best is None else self._archive[self._best[1]]

    @property
    def exhausted(self) -> bool:
        if len(self._archive) >= self.size:
            return True
        return self._has_room and self._peek() is None

    @property
    def can_ask(self) -> bool:
        return self._has_room and self._peek() is not None

    # ------------------------------------------------------------------------------------------------------ breeding

    @property
    def _has_room(self) -> bool:
        """Whether all the results that the next individual is bred from have been told."""
        number = len(self._archive)
        window = self.window
        if self._growing and number >= len(self._initial):
            window = min(window, max(1, window * number // FULL_WINDOW_AFTER))
        needed = number - window + 1
        while self._n_absorbed < needed and self._archive.is_told(self._n_absorbed):
            self._absorb(self._n_absorbed)
            self._n_absorbed += 1
        return self._n_absorbed >= needed

    def _absorb(self, number: int) -> None:
        """Let a result take part in the evolution; the engine does so in the order of asking."""
        fitness = self._fitness(self._archive.score(number))
        structure = self.space.structure(self._archive.genes(number))
        self._n_results[structure] += 1
        success = False
        if math.isfinite(fitness):
            success = self._population.add(number, fitness, structure)
        else:
            self._failed.append(number)
        if number >= len(self._initial):
            # One-fifth rule, one result at a time.
            step = self._step_size * math.exp(0.6 / 8 * (success - 0.2))
            self._step_size = min(max(step, 0.01), 0.35)

    def _fitness(self, score: Score) -> Score:
        """Return the score turned so that larger is better; not finite if the evaluation failed."""
        return score if self.maximize else -score

    def _peek(self) -> Child | None:
        """Return what `ask` will return next, or None if the space is exhausted."""
        if self._next is None and not self._ended and len(self._archive) < self.size:
            listed = self._exhaustive and len(self._archive) >= self._n_given
            self._next = self._exhaustive_next() if listed else self._breed_new()
            self._ended = self._next is None  # for good, so that it does not matter how often this is asked
        return self._next

    def _breed_new(self) -> Child | None:
        """Breed until the child is none that was asked for before."""
        number = len(self._archive)
        if number < len(self._initial):
            genes = self._initial[number]
            if self._is_new(genes):
                return genes, (), "given" if number < self._n_given else "initial"
        for genes, parents, origin in self._children():
            if self._rng.random() >= self._failure_rate(genes) and self._is_new(genes):
                return genes, parents, origin
        n_draws = MAX_LISTED if self._constraints and self._unlisted is None else 100
        for _ in range(n_draws):  # the neighbourhood is used up: look elsewhere
            genes = self.space.canonical(self._rng.random(len(self.space.genes)))
            if self._is_new(genes):
                return genes, (), "immigrant"
        return self._exhaustive_next()

    def _children(self) -> Iterator[Child]:
        """Yield children to choose from; the first one that will do is asked for."""
        has_turn = self._n_absorbed <= FULL_SURROGATE_RESULTS or len(self._archive) % 2 == 1
        if self._surrogate is not None and self._n_absorbed <= MAX_SURROGATE_RESULTS and has_turn:
            yield from self._preselected(self._surrogate)
        for _ in range(200 if self._constraints else 20):
            yield self._breed()

    def _preselected(self, surrogate: Surrogate) -> Iterator[Child]:
        """Yield the children that the surrogate thinks most of; none if the results tell it nothing."""
        archive, space, n = self._archive, self.space, self._n_absorbed
        fitness = self._fitness(archive.scores(n))
        good = fitness[np.isfinite(fitness)]
        if len(good) == 0 or good.min() == good.max():
            return
        fitness = np.where(np.isfinite(fitness), fitness, np.nan)
        genes = archive.genes(slice(len(archive)))
        phenotypes = space.phenotype(genes, space.active(genes))
        ranked = np.argsort(-fitness, kind="stable")[: min(N_PARENTS, len(good))]
        # The best of every species may breed, whatever the others are worth.
        champions = self._population.champions()[:MAX_CHAMPIONS]
        others = [number for number in champions if number not in ranked]
        ranked = np.concatenate([ranked, np.array(others, dtype=np.intp)])
        allowed = self._turn(champions)
        with one_blas_thread():
            # Those under way are known by their number, whoever has been told by now: window order.
            surrogate.learn(phenotypes[:n], fitness, phenotypes[n:], self._rng)
            acquisition = surrogate.acquisition(self._rng)
            evolved = evolve(genes[ranked], ranked, space, acquisition, self._seen, self._rng, allowed)
            embryos = list(islice(evolved, 20))
        for embryo, ancestors in embryos:
            child = space.canonical(embryo)
            yield child, *self._descent(child, ancestors)

    def _turn(self, champions: list[int]) -> Callable[[Genes], bool] | None:
        """Return what tells whether genes are allowed; now and then only those of a species that is young."""
        allowed, structure = self._allows if self._constraints else None, self.space.structure
        if len(champions) < 2 or self._rng.random() >= TURN_RATE:
            return allowed
        species = [structure(self._archive.genes(number)) for number in champions]
        n_results, youngest = min((self._n_results[one], one) for one in species)
        if n_results >= N_ADULT:
            return allowed
        return lambda genes: structure(genes) == youngest and self._allows(genes)

    def _descent(self, genes: Genes, ancestors: np.ndarray) -> tuple[tuple[int, ...], str]:
        """Return the parents and the origin of one whose line goes back to these ancestors, through other embryos."""
        numbers = list(dict.fromkeys(ancestors[ancestors >= 0].tolist()))
        structures = [self.space.structure(self._archive.genes(number)) for number in numbers]
        kin = [number for number, one in zip(numbers, structures, strict=True) if one == self.space.structure(genes)]
        if kin:
            return tuple(kin), "crossover" if len(kin) == 2 else "mutation"
        if numbers:
            mates = [number for number, one in zip(numbers, structures, strict=True) if one == structures[0]]
            return tuple(mates), "structural mutation"
        return (), "immigrant"

    def _breed(self) -> Child:
        """Return the genes of a child, the numbers of its parents and its origin."""
        rng, space, population = self._rng, self.space, self._population
        draws = rng.random(9).tolist()
        if draws[0] < self._immigrant_rate or len(population) == 0:
            return space.canonical(rng.random(len(space.genes))), (), "immigrant"

        mother = population.parent(select_rank(draws[1], len(population)))
        mates = population.kin(mother)
        genes = self._archive.genes(mother)
        parents: tuple[int, ...] = (mother,)
        origin = "mutation"
        father = -mates[select_rank(draws[2], len(mates))][1]
        if draws[3] < self._crossover_rate and father != mother:
            genes = crossover(genes, self._archive.genes(father), space.ordered, rng)
            parents, origin = (mother, father), "crossover"
        if draws[4] < 0.5 and len(mates) > 2:
            first, second = int(draws[7] * len(mates)), int(draws[8] * len(mates))
            one, other = self._archive.genes(-mates[first][1]), self._archive.genes(-mates[second][1])
            genes = differential_step(genes, one, other, space.ordered, rng)
        if space.has_structure and draws[5] < 0.2:
            genes = space.structural_mutation(genes, rng)
            origin = "structural mutation"
        elif origin == "mutation" or draws[6] < self._mutation_rate:
            mutable = space.mutable(genes)
            genes = mutation(genes, mutable, 1.5, self._step_size, space.ordered, space.n_levels, rng)
        return space.canonical(genes), parents, origin

    def _failure_rate(self, genes: Genes) -> float:
        """Return the share of failures among the evaluated individuals most like this one."""
        if not self._failed:
            return 0.0
        first = max(0, self._n_absorbed - MAX_NEIGHBOURS)
        others = self._archive.genes(slice(first, self._n_absorbed))
        apart = np.where(self.space.ordered, np.abs(others - genes), others != genes).mean(axis=1)
        nearest = np.argpartition(apart, min(3, len(apart)) - 1)[:3] + first
        return float(np.isin(nearest, self._failed).mean())

    def _is_new(self, genes: Genes) -> bool:
        """Return whether these parameters are new and allowed, and remember them."""
        key = self.space.key(genes)
        if key in self._seen:
            return False
        self._seen.add(key)
        return self._allows(genes)

    def _allows(self, genes: Genes) -> bool:
        """Return whether the constraints, if there are any, allow these genes."""
        return not self._constraints or self._constraints.allow(self.space.decode(genes))

    def _listed(self, budget: int | None) -> tuple[float, Iterator[Genes] | None]:
        """Return how many parameter sets there are, and those that can be listed; count only what is allowed."""
        space = self.space
        if not self._constraints:
            return space.size, None if space.size == math.inf else space.enumerate()
        if space.size > max(MAX_LISTED, budget or 0):
            return space.size, None
        allowed = [genes for genes in space.enumerate() if self._allows(genes)]
        if not allowed:
            raise self._constraints.unsatisfiable(f"all {space.size} of them")
        return len(allowed), iter(allowed)

    def _exhaustive_next(self) -> Child | None:
        """Return the next unseen parameters in grid order; None where none are left or the space has no end."""
        for genes in self._unlisted or ():
            genes = self.space.canonical(genes)
            if self._is_new(genes):
                return genes, (), "exhaustive"
        return None

    def _given_genes(self, initial: Sequence[Genes]) -> list[Genes]:
        """Return the different ones of the genes that users gave."""
        given: dict[bytes, Genes] = {}
        for one in initial:
            genes = np.asarray(one, dtype=float)
            if genes.shape != (len(self.space.genes),) or not ((genes >= 0) & (genes <= 1)).all():
                raise ArgumentError(
                    f"`initial` must hold arrays of {len(self.space.genes)} genes in [0, 1], such as `space.encode` "
                    f"returns; got {one!r}."
                )
            genes = self.space.canonical(genes)
            if not self._allows(genes):
                raise ArgumentError(
                    f"`initial` must be allowed by `constraints`; got the genes of {self.space.decode(genes)!r}."
                )
            given.setdefault(self.space.key(genes), genes)
        return list(given.values())

    def _initial_genes(self, n: int) -> Genes:
        """Return the first points of a scrambled Sobol sequence; those that are allowed of at most 16384."""
        dimension = len(self.space.genes)
        if dimension == 0:
            return np.empty((0, 0))
        sampler = qmc.Sobol(min(dimension, qmc.Sobol.MAXDIM), scramble=True, seed=self._rng)
        found: list[Genes] = []
        n_tried = 0
        while len(found) < n and n_tried <= MAX_LISTED:
            sobol = sampler.random_base2(math.ceil(math.log2(max(n, n_tried))))
            rest = self._rng.random((len(sobol), dimension - sobol.shape[1]))
            points = self.space.canonical(np.hstack([sobol, rest]))
            found += [genes for genes in points if self._allows(genes)]
            n_tried += len(sobol)
        if not found and self._unlisted is None:
            raise self._constraints.unsatisfiable(f"all of {n_tried} that were tried")
        return np.array(found[:n]).reshape(-1, dimension)


def draw_seed(seed: Any) -> Any:
    """Return what tells a generator's whole future: `seed`, or what is drawn from it, or fresh entropy."""
    if seed is None:
        return np.random.SeedSequence().entropy
    if isinstance(seed, np.random.RandomState):  # drawn from, so that each call with it differs, as in scikit-learn
        return seed.randint(np.iinfo(np.int32).max, size=4).tolist()
    if isinstance(seed, np.random.BitGenerator):
        seed = np.random.Generator(seed)
    if isinstance(seed, np.random.Generator):
        return seed.integers(np.iinfo(np.int32).max, size=4).tolist()
    return seed


def make_generator(seed: Any) -> np.random.Generator:
    """Return a generator of our own for whatever numpy and scikit-learn users call a seed."""
    try:
        return np.random.default_rng(draw_seed(seed))
    except (TypeError, ValueError):
        raise ArgumentError(
            f"`seed` must be a whole number of at least 0, a generator of numpy or None; got {seed!r}."
        ) from None
