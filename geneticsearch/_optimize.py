"""optimize: the search for any function of a dict of parameters, sync or async."""

from __future__ import annotations

import contextlib
import math
import os
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from geneticsearch._errors import ArgumentError, ArgumentTypeError, check_number, warn
from geneticsearch._function import FunctionProblem, names_of_objectives
from geneticsearch.callbacks import Watchers, write_lines
from geneticsearch.checkpoint import (
    Identity,
    identify,
    identify_function,
    identify_space,
    new_header,
    read_initial,
)
from geneticsearch.evaluation import (
    EventLoop,
    Limits,
    Runner,
    Workers,
    check_timeout,
    is_async,
    pooled_or_here,
)
from geneticsearch.evolution import SEARCH_WINDOW, GeneticOptimizer, Individual, read_objectives
from geneticsearch.report import Inspectable
from geneticsearch.results import History, species_table
from geneticsearch.space import Space

N_ITER = 100
"""Evaluations of a search whose budget is not given, as in `GeneticSearchCV`."""


@dataclass(frozen=True)
class OptimizeResult(Inspectable):
    """What `optimize` found.

    It unpacks as `best_params, loss, total_time = result`, and answers the keys "top_params", "top_score" and
    "total_time", as the results of GeneticPy do.

    Attributes
    ----------
    best_params : dict
        The parameters with the best score; of several, the first. By several objectives, the best of the front by the
        first of them.
    best_score : float
        Their score; by several objectives, by the first.
    total_time : float
        Seconds that the search took.
    n_evaluations : int
        Number of evaluations that ended, failed ones included.
    stop_reason : str
        What ended the search: "n_iter", "max_time", "target", "patience", "callback" or "exhausted" (everything was
        evaluated that is allowed).
    history : Sequence of Individual
        All individuals in the order they were asked for, with scores, parents, origin and the time of their evaluation.
    species : dict of numpy arrays
        What became of each species, the one with the best score first: "species", its structure in words;
        "n_evaluations", of which "n_failed"; "best_score" and "best_params"; "first" and "last", the numbers of its
        first and its last individual.
    param_space : dict or list of dict
        The space that was searched.
    maximize_fn : bool
        Whether larger scores are better; by several objectives, by the first.
    objectives : tuple of str
        "min" or "max" for each of several objectives; empty with one.
    pareto_front : list of Individual
        By several objectives, the individuals that none dominates, the best by the first objective first; each has its
        `scores`. Empty with one.
    hypervolume : ndarray of shape (n_evaluations,)
        By several objectives, which share of the box around the front is dominated after each individual of `history`.
        The box reaches from the best values of the front to a tenth of its range beyond its worst values. Empty with
        one.
    advice : list of str
        Advice on the result, as sentences (also printed if `verbose`): a best value at the edge of its range;
        parameters that do not seem to matter; species with too few individuals to judge.
    """

    best_params: dict[str, Any]
    best_score: float
    total_time: float
    n_evaluations: int
    stop_reason: str
    history: Sequence[Individual] = field(repr=False)
    species: dict[str, np.ndarray] = field(repr=False, compare=False)
    param_space: Any = field(repr=False, compare=False)
    maximize_fn: bool = field(repr=False)
    objectives: tuple[str, ...] = field(default=(), repr=False)
    _space: Space | None = field(default=None, init=False, repr=False, compare=False)  # as `param_space` was

    @property
    def _objectives(self) -> dict[str, bool]:
        return _named(tuple(one == "max" for one in self.objectives))

    @property
    def pareto_front(self) -> list[Individual]:
        history = self._history_
        return [history.individuals[i] for i in history.front]

    @property
    def hypervolume(self) -> np.ndarray:
        history = self._history_
        return history.hypervolume if history.objectives else np.empty(0)

    @property
    def advice(self) -> list[str]:
        return self._history_.advice

    def _repr_html_(self) -> str | None:
        return self._card() or None

    def __iter__(self) -> Iterator[Any]:
        return iter((self.best_params, self.best_score, self.total_time))

    def __getitem__(self, key: str) -> Any:
        names = {"top_params": "best_params", "top_score": "best_score"}
        try:
            return getattr(self, names.get(key, key))
        except (AttributeError, TypeError):
            raise KeyError(key) from None


def optimize(
    fn: Callable[[dict[str, Any]], Any] | Callable[[dict[str, Any]], Awaitable[Any]],
    param_space: Any,
    size: int | None = None,
    generation_count: int | None = None,
    percentage_to_randomly_spawn: float = 0.1,
    mutate_chance: float = 0.35,
    retain_percentage: float = 0.5,
    maximize_fn: bool = False,
    target: float | None = None,
    verbose: int = False,
    seed: Any = None,
    *,
    n_iter: int | None = None,
    max_time: float | None = None,
    patience: int | None = None,
    timeout: float | None = None,
    error_score: float | str = math.nan,
    n_jobs: int | None = None,
    window: int | None = None,
    surrogate: str | None = "auto",
    constraints: Any = None,
    checkpoint: str | os.PathLike[str] | None = None,
    initial: Any = None,
    callbacks: Any = None,
    objectives: Sequence[str] | None = None,
    use_tournament_selection: bool = False,
    tournament_size: int = 3,
    adaptive_mutation: bool = False,
) -> OptimizeResult:
    """Search a space for the parameters that minimize (or maximize) a function.

    Parameters
    ----------
    fn : callable
        A function or a coroutine function that takes a dict of parameters and returns a number, or several if there are
        several `objectives`. It gets its own copy of the parameters, so it may change them. A failed evaluation (an
        exception, NaN, an infinity, or anything that is not a number) counts as the worst score. If the first ten calls
        all raise the same kind of exception in the same line, the search stops with an error.
    param_space : dict or list of dict
        The names of the parameters, and the values that each can take: distributions, lists of values, frozen
        scipy.stats distributions, `SequenceDistribution` for values of variable length, choices that are dicts with
        parameters of their own; anything else is a constant. A list of dicts holds alternatives, which compete for the
        budget.
    size : int or None, default=None
        Number of individuals in a generation, at least 2; None is 100. The number of the best that may breed is the
        square root of twice the number that survives, 10 by default. Larger populations explore more and learn more
        slowly.
    generation_count : int or None, default=None
        Number of generations after the first. Each evaluates as many individuals as are not retained. None is 10, if
        `size` is given.
    percentage_to_randomly_spawn : float in [0, 1], default=0.1
        Share of the offspring that are drawn at random from the space instead of bred.
    mutate_chance : float in [0, 1], default=0.35
        Chance that a child which already differs from its mother is mutated as well; others always are.
    retain_percentage : float in (0, 1], default=0.5
        Share of a generation that survives, keeping their scores. At least one does, and at least one individual is
        new.
    maximize_fn : bool, default=False
        Whether larger values of `fn` are better.
    target : float or None, default=None
        Stop when a value this good or better is found.
    verbose : bool or int, default=False
        1 or True shows a progress bar, 2 also a line for each improvement.
    seed : int, SeedSequence, Generator, RandomState or None, default=None
        The same seed gives the same search, however many jobs run it; None takes fresh entropy. The global random
        generators are not touched.
    n_iter : int or None, default=None
        Number of evaluations. None is 100, as in `GeneticSearchCV`, or what `size` and `generation_count` come to if
        either is given.
    max_time : float or None, default=None
        Seconds after which no further evaluation starts; one is always made.
    patience : int or None, default=None
        Stop after this many evaluations without improvement. (In GeneticPy they are generations.)
    timeout : float or None, default=None
        Seconds that one evaluation may take; one that takes longer has failed. A function is stopped by killing the
        worker process that runs it, even for `n_jobs=1`; a coroutine function is cancelled.
    error_score : NaN or 'raise', default=NaN
        What to do about an evaluation that raises an exception: count it as the worst, or end the search with it.
    n_jobs : int or None, default=None
        Number of evaluations that run at once. A function runs in processes: None is 1 unless a
        `joblib.parallel_config` says otherwise, -1 all processors. A coroutine function runs in an event loop: None
        and -1 are `size`.
    window : int or None, default=None
        Number of individuals that may be under way at once. Individual i is bred from the results of 0 to i - `window`,
        so the search does not depend on `n_jobs`. For more than 4 workers raise it to twice their number.
        None is 8; for a coroutine function twice `size` if that is more, so that a whole generation is under way.
    surrogate : 'auto' or None, default='auto'
        How individuals are chosen. With 'auto', a model of the results so far chooses the most promising of some
        hundred offspring: each individual up to 250 results, every other one up to 500. It takes about 4 ms for each
        evaluation. With None, each child is evaluated.
    constraints : callable, list of callable or None, default=None
        Rules that the space cannot express. Each takes a dict of parameters and returns True if they are allowed.
        Forbidden parameters are never evaluated and do not count toward `n_iter`. Parameters of a choice that was not
        taken are not in the dict.
    checkpoint : str, path-like or None, default=None
        File that records each evaluation as soon as it ends. If the search was killed or interrupted, or has ended, the
        same call continues it and gives the result of an uninterrupted search; a larger budget extends it. Everything
        that determines the individuals or their scores must be unchanged: `fn`, the space, the seed (None is drawn once
        and stored), and all other arguments except budgets, `n_jobs`, `verbose` and `callbacks`.
    initial : dict, list of dict, OptimizeResult, fitted search, path or None, default=None
        Parameters to evaluate first, best first where they have scores; all of those in dicts, and of results of
        another search at most half of `n_iter`. Scores of a checkpoint of the same `fn` are not evaluated again.
    callbacks : Callback, list of Callback or None, default=None
        Called after each evaluation; a callback can stop the search. See `Callback`.
    objectives : sequence of {"min", "max"} or None, default=None
        Several objectives, at least two: `fn` returns as many numbers, and this says of each whether it is to be small
        or large. The result is the `pareto_front`. `patience` counts the evaluations since a candidate entered the
        front; `target` and `maximize_fn` are for a single objective.
    use_tournament_selection, tournament_size, adaptive_mutation : default=False, 3, False
        Accepted for GeneticPy's sake and without effect: parents are selected by rank, and the size of mutations always
        adapts.

    Returns
    -------
    OptimizeResult
        With `best_params`, `best_score`, `total_time`, `n_evaluations`, `stop_reason`, `history`, `species`, `advice`
        and, by several objectives, `pareto_front`.

    Raises
    ------
    ValueError, TypeError
        If an argument is wrong, if constraints allow nothing or raise an error, or if all evaluations failed. Errors
        about arguments are AssertionErrors too.
    CheckpointError
        If the checkpoint belongs to another search, is damaged or in use; a ValueError.
    KeyboardInterrupt
        When interrupted. Its attribute `partial_result`, and that of an exception from a callback, is the result so
        far, or None if there is none.

    Examples
    --------
    >>> from geneticsearch import ChoiceDistribution, UniformDistribution, optimize
    >>> def loss(params):
    ...     if params["type"] == "add":
    ...         return params["x"] + params["y"]
    ...     return params["x"] * params["y"]
    >>> space = {
    ...     "type": ChoiceDistribution(["add", "multiply"]),
    ...     "x": UniformDistribution(5, 10, q=1),
    ...     "y": UniformDistribution(-1, 1),
    ... }
    >>> best_params, loss, total_time = optimize(loss, space, n_iter=100, seed=0)
    >>> best_params, loss
    ({'type': 'multiply', 'x': 10, 'y': -1.0}, -10.0)

    Two objectives, of which no parameters are best by both:

    >>> import math
    >>> def area_and_volume(params):
    ...     radius, height = params["radius"], params["height"]
    ...     return 2 * math.pi * radius * (radius + height), math.pi * radius**2 * height
    >>> can = {"radius": UniformDistribution(1, 5), "height": UniformDistribution(1, 5)}
    >>> result = optimize(area_and_volume, can, n_iter=50, objectives=["min", "max"], seed=0)
    >>> area, volume = result.pareto_front[0].scores  # the best by the first objective
    >>> round(area, 1), round(volume, 1)
    (12.6, 3.1)
    """
    started = time.perf_counter()
    if not callable(fn):
        raise ArgumentTypeError(f"`fn` must be a function of a dict of parameters; got {fn!r}.")
    size, n_retained, n_iter = _read_generations(size, generation_count, retain_percentage, n_iter)
    check_number("percentage_to_randomly_spawn", percentage_to_randomly_spawn, low=0, high=1)
    check_number("mutate_chance", mutate_chance, low=0, high=1)
    if use_tournament_selection or adaptive_mutation or tournament_size != 3:
        warn(
            "`use_tournament_selection`, `tournament_size` and `adaptive_mutation` have no effect: parents are "
            "selected by rank, and the size of mutations always adapts."
        )
    if isinstance(patience, str):
        raise ArgumentError(
            "`patience='auto'` needs scores on folds, as in `GeneticSearchCV`; those of `fn` do not say how noisy they "
            "are. Give a number, or `callbacks=EarlyStopping(...)`."
        )
    directions = read_objectives(objectives, maximize_fn)
    if directions and target is not None:
        raise ArgumentError(f"`target` is for a single objective; got {target!r} with `objectives`={objectives!r}.")
    limits = Limits(n_iter, max_time, target, patience)
    coroutines = is_async(fn)
    check_timeout(timeout, needs_process=not coroutines)
    if not (error_score == "raise" or (isinstance(error_score, float) and math.isnan(error_score))):
        raise ArgumentError(f"`error_score` must be NaN or 'raise'; got {error_score!r}.")
    if window is None:
        window = max(SEARCH_WINDOW, 2 * size) if coroutines else SEARCH_WINDOW
    _check_n_jobs(n_jobs)
    watchers = Watchers(callbacks, verbose)

    space = Space(param_space, name="param_space", constants=True)
    if not space.genes and space.size == 1 and not param_space:
        raise ArgumentError(f"`param_space` must hold at least one parameter; got {param_space!r}.")
    maximize = directions[0] if directions else maximize_fn
    start = read_initial(initial, space, n_iter, maximize=maximize, constraints=constraints, checkpoint=checkpoint)

    def identify_search() -> tuple[Identity, Identity]:
        shape = {
            "size": size,
            "retain_percentage": f"{n_retained} retained",
            "mutate_chance": float(mutate_chance),
            "percentage_to_randomly_spawn": float(percentage_to_randomly_spawn),
            "window": int(window),
            "surrogate": surrogate,
            "constraints": constraints,
            "maximize_fn": bool(maximize_fn),
            **({"objectives": list(directions)} if directions else {}),
        }
        evaluation = {**identify_function("fn", fn), **identify({"timeout": timeout})}
        return {**identify_space("param_space", space), **identify(shape)}, evaluation

    is_compared = checkpoint is not None or start.header is not None
    header = new_header(
        start,
        space,
        identify_search if is_compared else None,
        seed=seed,
        budget=n_iter,
        maximize=maximize,
        objectives=list(_named(directions).items()),
    )
    make_optimizer = partial(
        GeneticOptimizer,
        space,
        population_size=round(math.sqrt(2 * n_retained)),
        mutation_rate=mutate_chance,
        immigrant_rate=percentage_to_randomly_spawn,
        window=window,
        surrogate=surrogate,
        constraints=constraints,
        maximize=maximize_fn,
        objectives=objectives if objectives is None else list(objectives),
    )
    runner = Runner(checkpoint, header, space, make_optimizer)
    problem = FunctionProblem(fn, coroutines, raises=error_score == "raise", n_objectives=len(directions))
    runner.run(problem, partial(_workers, n_jobs, coroutines, size, timeout), limits, watchers, start)
    found = _result(runner, space, param_space, time.perf_counter() - started)
    if runner.error is not None:
        with contextlib.suppress(AttributeError):  # there are exceptions that hold nothing else
            runner.error.partial_result = found  # type: ignore[attr-defined]
        raise runner.error
    _tell_failures(runner)
    assert found is not None
    if verbose:
        write_lines(found.advice)
    return found


def _read_generations(
    size: int | None, generation_count: int | None, retain_percentage: float, n_iter: int | None
) -> tuple[int, int, int]:
    """Return the individuals in a generation, how many of them survive, and the number of evaluations."""
    if n_iter is None and size is None and generation_count is None:
        n_iter = N_ITER
    size = 100 if size is None else size
    generation_count = 10 if generation_count is None else generation_count
    check_number("size", size, low=2, integer=True)
    check_number("generation_count", generation_count, low=0, integer=True)
    check_number("retain_percentage", retain_percentage, low=0, high=1, open_low=True)
    n_retained = min(max(int(size * retain_percentage), 1), size - 1)
    return size, n_retained, size + generation_count * (size - n_retained) if n_iter is None else n_iter


def _result(runner: Runner, space: Space, param_space: Any, seconds: float) -> OptimizeResult | None:
    """Return what was found, or None if no evaluation has succeeded."""
    directions = runner.optimizer.objectives
    history = History(runner.individuals, runner.optimizer.maximize, objectives=_named(directions))
    best = history.best
    if best is None or best.score is None:
        return None
    found = OptimizeResult(
        best_params=best.params,
        best_score=best.score,
        total_time=seconds,
        n_evaluations=len(history.individuals),
        stop_reason=runner.outcome.stop_reason,
        history=history.individuals,
        species=species_table(history),
        param_space=param_space,
        maximize_fn=history.maximize,
        objectives=tuple("max" if maximize else "min" for maximize in directions),
    )
    object.__setattr__(found, "_space", space)
    return found


def _named(directions: tuple[bool, ...]) -> dict[str, bool]:
    """Return the directions of the objectives of a function by name."""
    return dict(zip(names_of_objectives(len(directions)), directions, strict=True))


def _tell_failures(runner: Runner) -> None:
    """Warn of evaluations that failed; raise if all of them did."""
    errors = [result.error for (result,) in runner.results if result.error is not None]
    if not errors:
        return
    if len(errors) == len(runner.results):
        raise ArgumentError(f"all {len(errors)} evaluations of `fn` failed; the first one with:\n{errors[0]}")
    warn(
        f"{len(errors)} of {len(runner.results)} evaluations of `fn` failed and count as the worst; the first one "
        f"with:\n{errors[0]}"
    )


def _check_n_jobs(n_jobs: int | None) -> None:
    check_number("n_jobs", n_jobs, integer=True, optional=True)
    if n_jobs == 0:
        raise ArgumentError("`n_jobs` must be a positive or a negative integer, or None; got 0.")


def _workers(n_jobs: int | None, coroutines: bool, size: int, timeout: float | None) -> Workers:
    """Return where to evaluate."""
    if coroutines:
        return EventLoop(size if n_jobs is None or n_jobs < 0 else n_jobs, timeout)
    return pooled_or_here(n_jobs, "2*n_jobs", timeout)
