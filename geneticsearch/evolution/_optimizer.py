"""GeneticOptimizer: the genetic algorithm behind every front door, as ask and tell."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import numpy as np

from geneticsearch._errors import ArgumentError, ArgumentTypeError, check_choice, check_number
from geneticsearch.evolution._archive import Archive, Child, Individual
from geneticsearch.evolution._breeding import Breeding, Rates, State
from geneticsearch.evolution._gain import possible_gain
from geneticsearch.evolution._initial import Design
from geneticsearch.evolution._listing import MAX_LISTED, Listing, Rules
from geneticsearch.evolution._pareto import front_of
from geneticsearch.evolution._population import FrontPopulation, Population
from geneticsearch.evolution._preselection import Preselection
from geneticsearch.evolution._seed import make_generator
from geneticsearch.evolution._surrogate import MAX_SURROGATE_GENES
from geneticsearch.space import Genes, Space

SEARCH_WINDOW = 8
"""Default window: it keeps 8 to 16 workers busy with five folds; a single worker gains nothing by a smaller one, unless
there are several objectives."""

MAX_UNKNOWN = 5, 2
"""At most one in so many of the individuals before a bred one is unknown to it; with a larger window than the default,
which is for many workers."""

N_POINTS = 10
"""First points that fill the space; of a larger window, half of it."""

FEWEST_POINTS = 4
"""Points of the design after a portfolio, which takes the place of the others."""


class Exhausted(RuntimeError):
    """Nothing is left to ask for."""


class Proposer(Protocol):
    """A way to find the next individual."""

    def propose(self, n_known: int) -> Iterator[Child]:
        """Yield children to choose from, given the number of individuals whose results are known."""


class GeneticOptimizer:
    """A genetic algorithm that proposes candidates by `ask` and learns from their scores by `tell`.

    Parameters
    ----------
    space : dict or list of dict
        Parameter names and their possible values: distributions, lists of values, frozen scipy.stats distributions,
        nested dicts; anything else is a constant. A list of dicts holds alternatives, each a species of its own.
    population_size : int, default=10
        Number of the best individuals that may breed. Larger populations explore more and learn more slowly.
    crossover_rate : float in [0, 1], default=0.8
        Chance that a child has two parents rather than one.
    mutation_rate : float in [0, 1], default=0.5
        Chance that a child which already differs from its mother is mutated as well; others always are.
    immigrant_rate : float in [0, 1], default=0.05
        Share of the children that are drawn at random from the space instead of bred.
    window : int, default=8
        Number of individuals that may be pending at once. Individual i is bred from results of individuals 0 to
        i - `window`, and at least of the first four fifths of those before it (half with more than 8), and does not
        depend on later results.
    budget : int or None, default=None
        Number of individuals that will be asked for, if known: a finite space that is no larger is listed in the order
        of a grid search rather than evolved.
    surrogate : 'auto' or None, default='auto'
        With 'auto', the children above are embryos, some hundred for each individual, among which a model of the
        results chooses. That takes about 4 ms per individual. After 250 results the model chooses every other
        individual only; after 500 results, with more than 100 genes (a subset counts as one) or if all results are
        equal it chooses none. With None, each child is an individual.
    constraints : callable, list of callable or None, default=None
        Each takes a dict of parameters and returns whether they are allowed; others are never asked for.
    maximize : bool, default=False
        Whether larger scores are better.
    objectives : sequence of {"min", "max"} or None, default=None
        Several objectives, at least two: whether smaller or larger scores by each of them are better. `tell` then takes
        a score by each. Individuals breed by non-dominated rank and crowding, and the surrogate has a model for each
        objective.
    seed : int, sequence of int, numpy SeedSequence, Generator, RandomState or None, default=None
        Source of all chance. None takes fresh entropy.
    initial : sequence of ndarray, default=()
        Genes of the first individuals, such as `space.encode` returns.
    portfolio : sequence of ndarray, default=()
        Genes of the next ones, which have proven themselves elsewhere. Those that are not allowed are left out. They
        take the place of most of the points that are spread over the space.

    Attributes
    ----------
    space : Space
        The parsed space; `space.size` is its number of parameter sets.
    size : int or inf
        Number of parameter sets that can be asked for: those of the space, or of up to 10,000 those that are allowed.
    history : Sequence of Individual
        All individuals asked for so far, with their scores.
    best : Individual or None
        The first individual with the best score so far, of several objectives by the first; None before any has a
        score.
    pareto_front : list of Individual
        The individuals that none dominates so far, if there are several objectives, the best by the first first.
    objectives : tuple of bool
        Whether larger scores by each of several objectives are better; empty with one.
    n_known : int
        Number of the first individuals whose scores the latest individual was bred from.
    exhausted : bool
        Whether everything in the space has been asked for, or `ask` has found nothing else that is allowed.
    can_ask : bool
        Whether the window has room and the space is not exhausted.

    Raises
    ------
    ValueError, TypeError
        If an argument is out of range or of the wrong kind, or constraints allow nothing of the space. An exception of
        a constraint becomes a ValueError with the parameters, here or when asking.

    Notes
    -----
    `ask` and `tell` may be called from several threads. Another thread may ask between a look at `can_ask` and a call
    of `ask`, which then raises: guard both with one lock.

    References
    ----------
    Eiben and Smith, "Introduction to Evolutionary Computing", 2nd edition, Springer 2015. The step size adapts by the
    one-fifth rule: Rechenberg, "Evolutionsstrategie", 1973. The first individuals are points of a scrambled Sobol
    sequence: Owen, "Scrambling Sobol' and Niederreiter-Xing Points", Journal of Complexity 14, 1998. Evolution that
    a surrogate assists: Jin, "Surrogate-Assisted Evolutionary Computation", Swarm and Evolutionary Computation 1, 2011.
    Several objectives: Deb et al., "A Fast and Elitist Multiobjective Genetic Algorithm: NSGA-II", IEEE Transactions on
    Evolutionary Computation 6, 2002; Emmerich et al., "Single- and Multiobjective Evolutionary Optimization Assisted by
    Gaussian Random Field Metamodels", IEEE Transactions on Evolutionary Computation 10, 2006.

    Examples
    --------
    >>> from geneticsearch import GeneticOptimizer, UniformDistribution
    >>> optimizer = GeneticOptimizer({"x": UniformDistribution(-5, 5)}, seed=0)
    >>> for _ in range(30):
    ...     individual = optimizer.ask()
    ...     optimizer.tell(individual, (individual.params["x"] - 1) ** 2)
    >>> round(optimizer.best.params["x"], 2)
    1.0

    Two objectives, near 1 and near 0:

    >>> optimizer = GeneticOptimizer({"x": UniformDistribution(-5, 5)}, objectives=["min", "min"], seed=0)
    >>> for _ in range(30):
    ...     individual = optimizer.ask()
    ...     x = individual.params["x"]
    ...     optimizer.tell(individual, [(x - 1) ** 2, abs(x)])
    >>> all(-0.1 < individual.params["x"] < 1.1 for individual in optimizer.pareto_front)
    True
    """

    def __init__(
        self,
        space: Any,
        *,
        population_size: int = 10,
        crossover_rate: float = Rates.crossover,
        mutation_rate: float = Rates.mutation,
        immigrant_rate: float = Rates.immigrant,
        window: int = SEARCH_WINDOW,
        budget: int | None = None,
        surrogate: str | None = "auto",
        constraints: Any = None,
        maximize: bool = False,
        objectives: Sequence[str] | None = None,
        seed: Any = None,
        initial: Sequence[Genes] = (),
        portfolio: Sequence[Genes] = (),
    ) -> None:
        check_number("population_size", population_size, low=1, integer=True)
        check_number("crossover_rate", crossover_rate, low=0, high=1)
        check_number("mutation_rate", mutation_rate, low=0, high=1)
        check_number("immigrant_rate", immigrant_rate, low=0, high=1)
        check_number("window", window, low=1, integer=True)
        check_number("budget", budget, low=1, integer=True, optional=True)
        check_choice("surrogate", surrogate, ("auto", None))
        self.space = space if isinstance(space, Space) else Space(space, constants=True)
        self.window = int(window)
        self.objectives = read_objectives(objectives, maximize)
        self.maximize = self.objectives[0] if self.objectives else bool(maximize)
        self._rules = Rules(self.space, constraints, budget)
        self.size = self._rules.size
        self._archive = Archive(self.space, self.maximize, self.objectives)
        self._population = (FrontPopulation if self.objectives else Population)(int(population_size))
        self._asked: set[bytes] = set()
        self._n_scored = self._n_known = 0  # of the first individuals
        self._ended = False
        self._lock = threading.RLock()

        rng = make_generator(seed)
        self._design, listing = Design(self.space), Listing(self.space)
        self._design.add(initial, self._rules)
        self._design.add_portfolio(portfolio, self._rules)
        rates = Rates(crossover_rate, mutation_rate, immigrant_rate)
        state = State(self.space, self._archive, self._population, rates, rng)
        self._breeding = Breeding(state, 200 if self._rules else 20, MAX_LISTED if self._rules.is_open else 100)
        is_listed = budget is not None and self.size <= budget
        self._proposers: list[Proposer] = [self._design, listing]
        self._n_unbred: float = math.inf  # individuals that need no results
        if not is_listed:
            n_points = max(N_POINTS, self.window // 2) - len(portfolio)
            self._design.fill(max(n_points, FEWEST_POINTS), self._rules, rng)
            self._n_unbred = len(self._design)
            self._proposers.insert(1, self._breeding)
            n_inputs = np.count_nonzero(self.space.informative) + len(self.space.subsets)
            if surrogate == "auto" and 0 < n_inputs <= MAX_SURROGATE_GENES:
                self._proposers.insert(1, Preselection(state, self._asked, self._rules, len(self.objectives) or 1))

    # ------------------------------------------------------------------------------------------------- ask and tell

    def ask(self) -> Individual:
        """Return the next individual to evaluate.

        Returns
        -------
        Individual
            Its parameters have not been asked for before.

        Raises
        ------
        RuntimeError
            If the window is full, so that `tell` must be called first, or if the space is exhausted.
        """
        with self._lock:
            if not self._has_room:
                n_pending = len(self._archive) + 1 - self._n_needed
                raise RuntimeError(
                    f"`ask` needs the score of individual {self._n_scored} first, since at most {n_pending} "
                    "individuals may be pending at this stage; call `tell`, or raise `window`."
                )
            self._learn()
            child = None if self.exhausted else self._propose()
            if child is None:
                self._ended = True
                raise Exhausted(
                    f"`ask` has nothing left to propose after {len(self._archive)} parameter sets of the space. Check "
                    "`exhausted` before asking."
                )
            return self._archive.append(child)

    def tell(self, individual: Individual, score: float | Sequence[float], noise: float | None = None) -> None:
        """Note the score of an individual, and its `start`, `duration`, `n_skipped` and `n_resources`.

        Parameters
        ----------
        individual : Individual
            An individual that `ask` returned. The order of telling does not matter.
        score : float or sequence of float
            Smaller is better, unless `maximize`. NaN, or an infinity, says that the evaluation failed. If there are
            several objectives, a sequence of as many scores; it has failed if one of them is not finite.
        noise : float or None, default=None
            Variance of the error of the score, the square of its standard error, if known. The surrogate trusts a
            score the less, the larger its noise; None says no more than that it is as noisy as the model finds. Not for
            several objectives.

        Raises
        ------
        RuntimeError
            If `ask` did not return the individual, or it has a score already.
        ValueError, TypeError
            If `individual` is not an individual, `score` is not a number that a float can hold, or `noise` is not a
            number from 0 on.
        """
        if not isinstance(individual, Individual):
            raise ArgumentTypeError(f"`tell` takes an individual that `ask` handed out; got {individual!r}.")
        number, scores = individual.number, self._as_scores(score)
        check_number("noise", noise, low=0, optional=True)
        if self.objectives and noise is not None:
            raise ArgumentError("`noise` is that of a single score; leave it out where there are several objectives.")
        with self._lock:
            is_known = 0 <= number < len(self._archive)
            if not is_known or self._archive.has_score(number):
                raise RuntimeError(
                    "`tell` takes an individual that `ask` handed out and that has no score yet; "
                    f"got number {number!r}{', which has a score' if is_known else ''}."
                )
            noise = None if noise is None else float(noise)
            start, duration = individual.start, individual.duration
            if self.objectives:
                self._archive.set_scores(number, scores, start, duration)
            else:
                shortened = individual.n_skipped, individual.n_resources
                self._archive.set_score(number, scores[0], start, duration, noise, *shortened)
            while self._n_scored < len(self._archive) and self._archive.has_score(self._n_scored):
                self._n_scored += 1

    def _as_scores(self, score: Any) -> tuple[float, ...]:
        """Return a score by each objective, or raise."""
        if not self.objectives:
            return (_as_float(score),)
        n = len(self.objectives)
        is_several = not isinstance(score, str | bytes | bytearray | dict) and hasattr(score, "__iter__")
        scores = tuple(_as_float(one) for one in score) if is_several else ()
        if len(scores) != n:
            raise ArgumentError(f"`score` must hold {n} numbers, a score by each objective; got {score!r}.")
        return scores

    def possible_gain(self, n: int) -> float:
        """Bound by how much a score could still be better than the best of the first individuals.

        Parameters
        ----------
        n : int
            Number of individuals, from the first on, that have a score; later ones are not looked at.

        Returns
        -------
        float
            Difference of scores, from 0 on; infinite where the scores say nothing.

        References
        ----------
        Makarova et al. (2022), "Automatic Termination for Hyperparameter Optimization", arXiv:2104.08166.
        """
        with self._lock:
            archive = self._archive
            fitness, noise = np.array(archive.fitness[:n]), np.array(archive.noise[:n], dtype=np.float64)
            return possible_gain(self.space, archive.genes(slice(n)), fitness, noise, self._rules.among)

    @property
    def history(self) -> Sequence[Individual]:
        return self._archive

    @property
    def n_known(self) -> int:
        return self._n_known

    @property
    def best(self) -> Individual | None:
        return None if self._archive.best is None else self._archive[self._archive.best]

    @property
    def pareto_front(self) -> list[Individual]:
        with self._lock:
            if not (self.objectives and len(self._archive)):
                return []
            return [self._archive[i] for i in front_of(np.array(self._archive.fronts)).tolist()]

    @property
    def exhausted(self) -> bool:
        return self._ended or len(self._archive) >= self.size

    @property
    def can_ask(self) -> bool:
        return self._has_room and not self.exhausted

    # ------------------------------------------------------------------------------------- window order, uniqueness

    @property
    def _n_needed(self) -> int:
        """How many of the first individuals must have results before the next can be bred."""
        number = len(self._archive)
        n_unknown = number // MAX_UNKNOWN[self.window > SEARCH_WINDOW] if number >= self._n_unbred else number
        return number - min(n_unknown, self.window - 1)

    @property
    def _has_room(self) -> bool:
        return self._n_scored == len(self._archive) or self._n_scored >= self._n_needed

    def _learn(self) -> None:
        """Let the results that the next individual is bred from take part in the evolution, in the order of asking."""
        archive, n_known = self._archive, self._n_known
        self._n_known = max(n_known, self._n_needed)
        for number in range(n_known, self._n_known):
            fitness = archive.fronts[number] or archive.fitness[number]
            success = self._population.add(number, fitness, archive.species[number])
            if number >= len(self._design):
                self._breeding.adapt(success)

    def _propose(self) -> Child | None:
        """Return the first proposal that is new and allowed."""
        for proposer in self._proposers:
            for child in proposer.propose(self._n_known):
                if child.key not in self._asked:
                    self._asked.add(child.key)
                    if self._rules.allow(child.genes, child.key):
                        return child
        return None

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, _lock=threading.RLock())


def read_objectives(objectives: Any, maximize: bool = False) -> tuple[bool, ...]:
    """Return whether larger scores are better, for each of several objectives; nothing if there is one."""
    if objectives is None:
        return ()
    if isinstance(objectives, str | dict) or not hasattr(objectives, "__iter__"):
        raise ArgumentTypeError(f"`objectives` must be a list of 'min' and 'max', or None; got {objectives!r}.")
    directions = list(objectives)
    if len(directions) < 2 or any(one not in ("min", "max") for one in directions):
        raise ArgumentError(f"`objectives` must be two or more of 'min' and 'max'; got {objectives!r}.")
    if maximize:
        raise ArgumentError("`objectives` say what is maximized; leave out the argument for a single objective.")
    return tuple(one == "max" for one in directions)


def _as_float(score: Any) -> float:
    """Return a score as a float, or raise."""
    if not isinstance(score, str | bytes | bytearray):
        try:
            return float(score)
        except OverflowError:
            raise ArgumentError("`score` must be a number that a float can hold; got a larger integer.") from None
        except (TypeError, ValueError):
            pass
    raise ArgumentTypeError(f"`score` must be a number; got {score!r}.")
