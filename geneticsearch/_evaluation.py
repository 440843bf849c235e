"""The one loop: ask, submit, wait, tell, until a budget is spent.

`optimize` and `GeneticSearchCV` differ in what the calls of a candidate are and how its score follows from their
results: that is a `Problem`. Where calls run is up to `Workers`. The unit of work is a call (one fit on one fold), and
there is no barrier between candidates.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import math
import pickle
import queue
import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from geneticsearch._callbacks import Outcome, SearchInfo, Watchers
from geneticsearch._compat import Call, DaskPool, WorkerPool, worker_pool
from geneticsearch._engine import GeneticOptimizer
from geneticsearch._population import Individual
from geneticsearch._storage import CheckpointError, Memory, lineage
from geneticsearch._validation import check_number

BATCH_SECONDS = 0.05
"""Calls are sent to workers in batches that take about this long, so that sending them costs little beside them."""

IN_ORDER = ("target", "patience", "callback")
"""Reasons to stop that are judged in the order of the individuals' numbers."""

MAX_DEATHS = 5
"""If this many candidates die before any other has been evaluated, something else is wrong than the candidates."""


class Problem(Protocol):
    """What is to be evaluated."""

    def calls(self, individual: Individual) -> list[Call]:
        """Return the calls that evaluate an individual; they can run anywhere and in any order."""

    def failed(self, call: Call, failure: Failure) -> Any:
        """Return what stands for the result of a call that has none; raise to end the search."""

    def score(self, individual: Individual, results: list[Any]) -> float:
        """Return the score that the results of an individual's calls add up to; NaN if it failed.

        The individual has the time of its evaluation.
        """

    def to_record(self, result: Any) -> dict[str, Any]:
        """Return the result of a call as JSON: with `scores`, and an `error` that is None or a text."""

    def from_record(self, record: dict[str, Any]) -> Any:
        """Return the result that `to_record` was given; raise if it cannot have been given any."""


@dataclass(frozen=True)
class Limits:
    """When to stop: the parameters that all front doors share."""

    n_iter: int
    max_time: float | None = None
    target: float | None = None
    patience: int | None = None
    timeout: float | None = None

    def __post_init__(self) -> None:
        check_number("n_iter", self.n_iter, low=1, integer=True)
        check_number("max_time", self.max_time, low=0, open_low=True, optional=True)
        check_number("target", self.target, optional=True)
        check_number("patience", self.patience, low=1, integer=True, optional=True)
        check_number("timeout", self.timeout, low=0, open_low=True, optional=True)


class Failure:
    """Why a call has no result.

    Attributes
    ----------
    error : BaseException
        What was raised; a RuntimeError where the worker died, or where the error itself cannot travel.
    """

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def __reduce__(self) -> Any:
        try:
            pickle.loads(pickle.dumps(self.error))
        except Exception:
            return Failure, (RuntimeError(f"{type(self.error).__name__}: {self.error}"),)
        return Failure, (self.error,)


class WorkerDied(RuntimeError):
    """A worker process ended in the middle of a call."""


class TimedOut(RuntimeError):
    """The calls of a candidate took longer than they may."""


def _timed_out(timeout: float | None) -> TimedOut:
    return TimedOut(f"the candidate took more than `timeout`={timeout} seconds.")


@dataclass
class _Trial:
    """An individual under evaluation."""

    individual: Individual
    calls: list[Call]
    results: list[Any] = field(default_factory=list)
    n_missing: int = 0
    seconds: float = 0.0
    start: float = math.inf
    end: float = -math.inf
    abandoned: bool = False

    def __post_init__(self) -> None:
        self.results = [None] * len(self.calls)
        self.n_missing = len(self.calls)
        self.asked = time.time()

    def took(self, start: float, seconds: float) -> None:
        """Note when a call was under way."""
        self.seconds += seconds
        self.start = min(self.start, start)
        self.end = max(self.end, start + seconds)

    def abandon(self) -> None:
        """Give up the calls that have not ended, whose times nobody knows."""
        self.abandoned = True
        self.start = min(self.start, self.asked)
        self.end = time.time()

    @property
    def timed_individual(self) -> Individual:
        """The individual, with the time of its evaluation."""
        return replace(self.individual, start=self.start, duration=self.end - self.start)


@dataclass(frozen=True)
class Task:
    """One call of one trial."""

    trial: _Trial
    index: int

    @property
    def call(self) -> Call:
        return self.trial.calls[self.index]


class Workers(ABC):
    """Where calls run."""

    batch_size = 1
    """How many calls `submit` would like to be given at once."""

    @property
    @abstractmethod
    def has_room(self) -> bool:
        """Whether another batch can be submitted now."""

    @abstractmethod
    def submit(self, tasks: list[Task]) -> None:
        """Start a batch of calls."""

    @abstractmethod
    def collect(self) -> list[tuple[Task, Any]]:
        """Wait until some calls have ended; return their results, or a `Failure`."""

    @property
    @abstractmethod
    def is_idle(self) -> bool:
        """Whether no call is under way."""

    @abstractmethod
    def close(self) -> None:
        """Free all resources; end what is under way, where that is possible."""


class Guarded:
    """A function that returns what it raises, as a `Failure`, with the time it began and the seconds it took.

    Parameters
    ----------
    function : callable
        The function.
    mark : str or None
        Path of a file to create when it starts; how others learn that it did.
    """

    def __init__(self, function: Callable[..., Any], mark: str | None = None) -> None:
        self.function = function
        self.mark = mark

    def __call__(self, *args: Any, **kwargs: Any) -> tuple[Any, float, float]:
        if self.mark is not None:
            Path(self.mark).touch()
        start, clock = time.time(), time.perf_counter()
        try:
            result = self.function(*args, **kwargs)
        except (Exception, SystemExit) as error:
            result = Failure(error)
        return result, start, time.perf_counter() - clock


class Here(Workers):
    """No workers: calls run in this thread, one after the other."""

    def __init__(self) -> None:
        self._tasks: list[Task] = []

    @property
    def has_room(self) -> bool:
        return not self._tasks

    @property
    def is_idle(self) -> bool:
        return not self._tasks

    def submit(self, tasks: list[Task]) -> None:
        self._tasks = tasks

    def collect(self) -> list[tuple[Task, Any]]:
        tasks, self._tasks = self._tasks, []
        results = []
        for task in tasks:
            function, args, kwargs = task.call
            result, *times = Guarded(function)(*args, **kwargs)
            task.trial.took(*times)
            results.append((task, result))
        return results

    def close(self) -> None:
        self._tasks = []


class Pooled(Workers):
    """The workers of a joblib backend.

    When a worker process dies, its whole pool is lost with all that was under way. Those calls then run again, one at
    a time, so that a call that kills its worker once more is known, and costs no other. A candidate that runs out of
    time is stopped by killing the pool as well; the others under way start again.

    Parameters
    ----------
    pool : WorkerPool or DaskPool
        The workers.
    timeout : float or None
        Seconds that the calls of one candidate may take in all.
    """

    def __init__(self, pool: WorkerPool | DaskPool, timeout: float | None = None) -> None:
        self._pool = pool
        self._timeout = timeout
        # With a time-out, nothing waits in a queue, and a file tells when a call has begun: starting a worker process
        # takes longer than some time-outs.
        self._marks = None if timeout is None else TemporaryDirectory(prefix="geneticsearch-")
        self._max_batches = pool.max_submitted if timeout is None else pool.n_workers
        self._batches: dict[int, list[Task]] = {}
        self._suspects: deque[Task] = deque()
        self._alone = False
        self._n_batches = 0
        self._seconds_per_call = BATCH_SECONDS

    @property
    def batch_size(self) -> int:  # type: ignore[override]
        return 1 if self._timeout is not None else max(1, int(BATCH_SECONDS / self._seconds_per_call))

    @property
    def has_room(self) -> bool:
        return not self._suspects and not self._alone and len(self._batches) < self._max_batches

    @property
    def is_idle(self) -> bool:
        return not self._batches and not self._suspects

    def submit(self, tasks: list[Task]) -> None:
        self._n_batches += 1
        self._batches[self._n_batches] = tasks
        mark = None if self._marks is None else str(self._mark(self._n_batches))
        self._pool.submit(self._n_batches, [(Guarded(task.call[0], mark), *task.call[1:]) for task in tasks])

    def collect(self) -> list[tuple[Task, Any]]:
        self._suspects = deque(task for task in self._suspects if not task.trial.abandoned)
        if not self._batches:
            if not self._suspects:
                return []
            self._alone = True
            self.submit([self._suspects.popleft()])
        while (finished := self._pool.wait(self._seconds_left())) is None:
            if late := [key for key in self._batches if self._time_left(key) <= 0]:
                return self._stop(late)
        key, outcome = finished
        tasks = self._batches.pop(key)
        alone, self._alone = self._alone, False
        if isinstance(outcome, Exception):
            return self._after_loss(tasks, outcome, alone)
        for task, (_, start, seconds) in zip(tasks, outcome, strict=True):
            task.trial.took(start, seconds)
            self._seconds_per_call += 0.2 * (seconds - self._seconds_per_call)
        return [(task, result) for task, (result, *_) in zip(tasks, outcome, strict=True)]

    def _after_loss(self, tasks: list[Task], error: Exception, alone: bool) -> list[tuple[Task, Any]]:
        """Find out, of calls that were lost together, which one it was that cannot be run."""
        died = isinstance(error, BrokenExecutor)
        lost = self._pool.restart() if died else []
        if died and alone:
            error = WorkerDied(
                f"the worker process died twice while it evaluated these parameters, the second time alone: {error}"
            )
        if alone or (not died and len(tasks) == 1):
            return [(task, Failure(error)) for task in tasks]
        self._suspects.extend(tasks)
        for key in lost:
            self._suspects.extend(self._batches.pop(key))
        return []

    # ------------------------------------------------------------------------------------------------------ time-outs

    def _mark(self, key: int) -> Path:
        assert self._marks is not None
        return Path(self._marks.name) / str(key)

    def _time_left(self, key: int) -> float:
        """Return how many seconds a batch may still take."""
        assert self._timeout is not None
        try:
            running = time.time() - self._mark(key).stat().st_mtime
        except FileNotFoundError:  # not begun
            running = 0.0
        return self._timeout - running - self._batches[key][0].trial.seconds

    def _seconds_left(self) -> float | None:
        """Return when to look at the clock again."""
        if self._timeout is None:
            return None
        return max(0.01, min(self._time_left(key) for key in self._batches))

    def _stop(self, late: list[int]) -> list[tuple[Task, Any]]:
        """Kill the batches that are late; the others lose their workers too, and start again."""
        self._pool.restart()
        error = _timed_out(self._timeout)
        stopped = [(task, Failure(error)) for key in late for task in self._batches.pop(key)]
        others, self._batches = list(self._batches.values()), {}
        self._alone = False
        for tasks in others:
            if not any(tasks[0].trial is task.trial for task, _ in stopped):
                self.submit(tasks)
        return stopped

    def close(self) -> None:
        self._pool.close()
        if self._marks is not None:
            self._marks.cleanup()


class EventLoop(Workers):
    """Coroutines that run concurrently in an event loop of their own, whatever loop runs in this thread."""

    def __init__(self, n_jobs: int, timeout: float | None = None) -> None:
        self._n_jobs = n_jobs
        self._timeout = timeout
        self._n_running = 0
        self._finished: queue.SimpleQueue[tuple[Task, Any]] = queue.SimpleQueue()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="geneticsearch", daemon=True)
        self._thread.start()

    @property
    def has_room(self) -> bool:
        return self._n_running < self._n_jobs

    @property
    def is_idle(self) -> bool:
        return self._n_running == 0

    def submit(self, tasks: list[Task]) -> None:
        for task in tasks:
            self._n_running += 1
            asyncio.run_coroutine_threadsafe(self._run(task), self._loop)

    async def _run(self, task: Task) -> None:
        function, args, kwargs = task.call
        start, clock = time.time(), time.perf_counter()
        try:
            async with asyncio.timeout(self._timeout) as limit:
                result = await function(*args, **kwargs)
        except BaseException as error:  # anything: it must be answered, and must not end the loop's thread
            result = Failure(_timed_out(self._timeout) if limit.expired() else error)
        task.trial.took(start, time.perf_counter() - clock)
        self._finished.put((task, result))

    def collect(self) -> list[tuple[Task, Any]]:
        if self.is_idle:
            return []
        task, result = self._finished.get()
        self._n_running -= 1
        if isinstance(result, Failure) and isinstance(result.error, KeyboardInterrupt):
            raise result.error
        return [(task, result)]

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._cancel(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _cancel(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self._loop.shutdown_asyncgens()


def pooled_or_here(n_jobs: int | None, pre_dispatch: int | str, timeout: float | None) -> Workers:
    """Return the workers that joblib's active backend and `n_jobs` ask for."""
    pool = worker_pool(n_jobs, pre_dispatch, killable=timeout is not None)
    return Pooled(pool, timeout) if pool.exists else Here()


def is_async(function: Callable[..., Any]) -> bool:
    """Return whether calling `function` gives a coroutine."""
    while isinstance(function, functools.partial):
        function = function.func
    # An object may be called through a coroutine method.
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(type(function).__call__)


def evaluate(
    optimizer: GeneticOptimizer,
    problem: Problem,
    make_workers: Callable[[], Workers],
    limits: Limits,
    watchers: Watchers | None = None,
    memory: Memory | None = None,
) -> Outcome:
    """Evolve, keeping the workers busy, until a limit is reached.

    Parameters
    ----------
    optimizer : GeneticOptimizer
        Asked for individuals and told their scores.
    problem : Problem
        What to call for an individual.
    make_workers : callable
        Returns where to call it; not called if nothing is left to evaluate. They are closed at the end, also after an
        error.
    limits : Limits
        When to stop. `target` and `patience` are judged in the order of the individuals' numbers, so that when to stop
        does not depend on which of them is done first.
    watchers : Watchers or None
        Told of the beginning, of each evaluated individual in the order of their numbers, and of the end. They may
        stop the search. What one raises is raised at the end.
    memory : Memory or None
        Answers for individuals that have been evaluated before, and is told of the others.

    Returns
    -------
    Outcome
        What ended the search, and which individuals belong to it.
    """
    return _Evaluation(optimizer, problem, make_workers, limits, watchers, memory).run()


class _Evaluation:
    """The state of one run of `evaluate`."""

    def __init__(
        self,
        optimizer: GeneticOptimizer,
        problem: Problem,
        make_workers: Callable[[], Workers],
        limits: Limits,
        watchers: Watchers | None,
        memory: Memory | None,
    ) -> None:
        self.optimizer = optimizer
        self.problem = problem
        self.make_workers = make_workers
        self.limits = limits
        self.watchers = Watchers() if watchers is None else watchers
        self.memory = memory
        self.deadline = None if limits.max_time is None else time.monotonic() + limits.max_time
        self.tasks = self._tasks()
        self.n_asked = 0
        self.stop_reason: str | None = None
        self.scores: dict[int, tuple[Individual, float]] = {}
        self.n_settled = 0
        self.n_told = 0
        self.n_died = 0
        self.best: tuple[float, Individual] | None = None
        self.failed_watcher: Exception | None = None

    def run(self) -> Outcome:
        outcome = Outcome("error", 0)
        try:
            n_candidates = int(min(self.limits.n_iter, self.optimizer.size))
            self.watchers.start(SearchInfo(n_candidates, self.limits.max_time, self.optimizer.maximize))
            outcome = self._run()
            if self.failed_watcher is not None:
                raise self.failed_watcher
        except BaseException as error:
            outcome = Outcome("interrupted" if isinstance(error, KeyboardInterrupt) else "error", self.n_asked)
            raise
        finally:
            self.watchers.end(outcome)
        return outcome

    def _run(self) -> Outcome:
        batch = self._take(1)
        if batch:
            workers = self.make_workers()
            try:
                self._keep_busy(workers, batch)
            finally:
                workers.close()
        if self.stop_reason in IN_ORDER:
            return Outcome(self.stop_reason, self.n_settled)
        reason = self.stop_reason or ("exhausted" if self.n_asked < self.limits.n_iter else "n_iter")
        return Outcome(reason, self.n_asked)

    def _keep_busy(self, workers: Workers, batch: list[Task]) -> None:
        """Submit and wait, until there is nothing more to do."""
        while True:
            while batch:
                workers.submit(batch)
                batch = self._take(workers.batch_size) if workers.has_room else []
            if workers.is_idle or self.stop_reason in IN_ORDER:
                return
            for task, result in workers.collect():
                self._finish(task, result)
            if self.stop_reason in IN_ORDER:
                return
            batch = self._take(workers.batch_size) if workers.has_room else []

    def _take(self, n: int) -> list[Task]:
        """Return up to `n` tasks that can start now."""
        if self.stop_reason is not None:
            return []
        if self.deadline is not None and time.monotonic() >= self.deadline and self.n_told > 0:
            self.stop_reason = "max_time"
            return []
        batch = []
        for task in self.tasks:
            if task is None:  # nothing can be asked for until more is told
                self.tasks = self._tasks()
                break
            if not task.trial.abandoned:
                batch.append(task)
                if len(batch) == n:
                    break
        return batch

    def _tasks(self) -> Iterator[Task | None]:
        """Yield the tasks of individuals as they are asked for; None where that has to wait."""
        while self.n_asked < self.limits.n_iter:
            if not self.optimizer.can_ask:
                yield None
                return
            individual = self.optimizer.ask()
            self.n_asked += 1
            trial = _Trial(individual, self.problem.calls(individual))
            if self._recall(trial):
                self._tell(trial, recalled=True)
                if self.stop_reason is not None:
                    return
                continue
            for index in range(len(trial.calls)):
                yield Task(trial, index)

    def _recall(self, trial: _Trial) -> bool:
        """Take the results of an individual from the memory; return whether it has them."""
        record = None if self.memory is None else self.memory.recall(trial.individual)
        if record is None:
            return False
        try:
            recorded = zip(trial.calls, record["results"], strict=True)
            trial.results = [self.problem.from_record(result) for _, result in recorded]
            trial.took(float(record["start"]), float(record["duration"]))
        except (KeyError, TypeError, ValueError, AttributeError):
            number = trial.individual.number
            raise CheckpointError(
                f"`checkpoint` must hold the results of one evaluation per call; those of candidate {number} cannot "
                "be read. Begin another file."
            ) from None
        return True

    def _finish(self, task: Task, result: Any) -> None:
        """Note a result, and with the last one of an individual its score."""
        trial = task.trial
        if trial.abandoned:
            return
        if isinstance(result, Failure):
            if isinstance(result.error, WorkerDied | TimedOut):
                self._abandon(trial, result)
                return
            result = self.problem.failed(task.call, result)
        trial.results[task.index] = result
        trial.n_missing -= 1
        if trial.n_missing == 0:
            self._tell(trial)

    def _abandon(self, trial: _Trial, failure: Failure) -> None:
        """Let an individual fail without the rest of its calls, which would do no better."""
        trial.abandon()
        self.n_died += isinstance(failure.error, WorkerDied)
        if self.n_died == MAX_DEATHS and self.n_told < MAX_DEATHS:
            raise RuntimeError(
                f"the first {MAX_DEATHS} candidates all killed their worker process. Evaluate one of them by hand, "
                "without parallel workers, to see why."
            ) from failure.error
        for i, result in enumerate(trial.results):
            if result is None:
                trial.results[i] = self.problem.failed(trial.calls[i], failure)
        self._tell(trial)

    def _tell(self, trial: _Trial, recalled: bool = False) -> None:
        """Score an individual whose calls have all ended, and judge all those that are next in order."""
        individual = trial.timed_individual
        score = self.problem.score(individual, trial.results)
        if self.memory is not None and not recalled:
            results = [self.problem.to_record(result) for result in trial.results]
            times = {"start": individual.start, "duration": individual.duration}
            self.memory.record(individual, {**lineage(individual), "score": score, **times, "results": results})
        trial.calls, trial.results = [], []
        self.n_told += 1
        self.optimizer.tell(individual, score)
        self.scores[individual.number] = (individual, score)
        while self.n_settled in self.scores and self.stop_reason not in IN_ORDER:
            self._settle(*self.scores.pop(self.n_settled))
            self.n_settled += 1

    def _settle(self, individual: Individual, score: float) -> None:
        """Judge one individual after all those before it."""
        limits = self.limits
        individual = replace(individual, score=score)
        fitness = score if self.optimizer.maximize else -score
        if fitness > (-float("inf") if self.best is None else self.best[0]) and fitness < float("inf"):
            self.best = (fitness, individual)
            if limits.target is not None:
                goal = limits.target if self.optimizer.maximize else -limits.target
                if fitness >= goal:
                    self.stop_reason = "target"
        elif limits.patience is not None:
            since = -1 if self.best is None else self.best[1].number
            if individual.number - since >= limits.patience:
                self.stop_reason = "patience"
        try:
            if self.watchers.result(individual, score, None if self.best is None else self.best[1]):
                self.stop_reason = self.stop_reason if self.stop_reason in IN_ORDER else "callback"
        except Exception as error:  # raised once what has come in with this result has been told and recorded too
            self.failed_watcher = error
            self.stop_reason = "callback"
