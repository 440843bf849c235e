"""The one loop: ask, submit, wait, tell, until a budget is spent."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Protocol

from geneticsearch._errors import check_number
from geneticsearch.callbacks import Outcome, SearchInfo, StopReason, Watchers
from geneticsearch.checkpoint import CheckpointError, Memory, lineage
from geneticsearch.evaluation._calls import Call, Failure, Task, TimedOut, WorkerDied, _Trial
from geneticsearch.evaluation._workers import Workers
from geneticsearch.evolution import Exhausted, GeneticOptimizer, Individual

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
        self.stop_reason: StopReason | None = None
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
        if self.stop_reason is not None and self.stop_reason in IN_ORDER:
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
            try:
                individual = self.optimizer.ask()
            except Exhausted:
                return
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
            if self.watchers.result(individual, None if self.best is None else self.best[1]):
                self.stop_reason = self.stop_reason if self.stop_reason in IN_ORDER else "callback"
        except Exception as error:  # raised once what has come in with this result has been told and recorded too
            self.failed_watcher = error
            self.stop_reason = "callback"
