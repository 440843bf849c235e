"""The one loop: ask, submit, wait, tell, until a budget is spent."""

from __future__ import annotations

import math
import operator
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from geneticsearch._errors import ArgumentError, check_number
from geneticsearch.callbacks import Outcome, SearchInfo, StopReason, Watchers
from geneticsearch.checkpoint import CheckpointError, Journal, Result
from geneticsearch.evaluation._calls import Call, Failure, Task, Trial
from geneticsearch.evaluation._racing import Race
from geneticsearch.evaluation._workers import Workers
from geneticsearch.evolution import Exhausted, GeneticOptimizer, Individual, fitness, looks

N_HOPELESS = 10
"""If this many first candidates all fail, the problem is asked what to do about it."""

MAX_DEATHS = 5
"""If this many candidates die before any other has been evaluated, something else is wrong than the candidates."""


class Problem(Protocol):
    """What is to be evaluated."""

    def calls(self, individual: Individual) -> list[Call]:
        """Return the calls that evaluate an individual; they can run anywhere and in any order.

        With a ladder, a call for each rung comes before those for all folds.
        """

    def result(self, call: Call, outcome: Any) -> Any:
        """Return the result of a call, given what it returned or a `Failure`; raise to end the search."""

    def score(self, results: list[Any]) -> float | tuple[float, ...]:
        """Return the score that the results of an individual on all folds add up to; NaN if it failed.

        By several objectives, as many scores.
        """

    def standard_error(self, results: list[Any]) -> float:
        """Return the standard error of that score."""

    def pack(self, result: Any) -> Result:
        """Return the result of a call as it is recorded."""

    def unpack(self, result: Result) -> Any:
        """Return the result that `pack` was given; raise if it cannot have been given any."""

    def fail_from_the_start(self, errors: list[str]) -> None:
        """React to the first candidates, which all failed, with these errors; raise to end the search."""


@dataclass(frozen=True)
class Limits:
    """When to stop: the parameters that all front doors share."""

    n_iter: int
    max_time: float | None = None
    target: float | None = None
    patience: int | str | None = None

    def __post_init__(self) -> None:
        check_number("n_iter", self.n_iter, low=1, integer=True)
        check_number("max_time", self.max_time, low=0, open_low=True, optional=True)
        check_number("target", self.target, optional=True)
        if isinstance(self.patience, str) and self.patience != "auto":
            raise ArgumentError(f"`patience` must be a positive integer, 'auto' or None; got {self.patience!r}.")
        if self.patience != "auto":
            check_number("patience", self.patience, low=1, integer=True, optional=True)


class Evaluation:
    """Evolves, keeping the workers busy, until a limit is reached.

    Parameters
    ----------
    optimizer : GeneticOptimizer
        Asked for individuals and told their scores.
    problem : Problem
        What to call for an individual.
    journal : Journal
        Answers for individuals that have been evaluated before, and records the others.
    limits : Limits
        When to stop. `target` and `patience` are judged in the order of the individuals' numbers, so that when to stop
        does not depend on which of them is done first.
    watchers : Watchers
        Called at the beginning, for each evaluated individual in the order of their numbers, and at the end. They may
        stop the search. What one raises is raised at the end.
    race : Race or None, default=None
        Stops individuals after some of their calls. That depends on their own results and on the results that they were
        bred from, in whatever order calls end. Calls that may turn out to be unnecessary begin only where workers have
        nothing else to do.

    Attributes
    ----------
    individuals : dict of int to Individual
        Those that have been evaluated, by number, with score and time.
    results : dict of int to list
        The results of their calls on all folds.
    """

    def __init__(
        self,
        optimizer: GeneticOptimizer,
        problem: Problem,
        journal: Journal,
        limits: Limits,
        watchers: Watchers,
        race: Race | None = None,
    ) -> None:
        self.individuals: dict[int, Individual] = {}
        self.results: dict[int, list[Any]] = {}
        self._optimizer = optimizer
        self._problem = problem
        self._journal = journal
        self._limits = limits
        self._watchers = watchers
        self._race = race
        self._racing: dict[int, Trial] = {}  # under way, by number
        self._rungs: dict[int, list[Any]] = {}  # results by number
        self._deadline = math.inf if limits.max_time is None else time.monotonic() + limits.max_time
        self._waiting: deque[Task] = deque()
        self._n_candidates = int(min(limits.n_iter, optimizer.size))
        self._n_asked = 0
        self._is_exhausted = False
        self._is_late = False
        self._stop_reason: StopReason | None = None  # judged in order: only what came before it belongs to the search
        self._n_judged = 0
        self._best: Individual | None = None  # by several objectives, the latest that none before it dominates
        self._front: list[tuple[float, ...]] = []
        self._n_died = 0
        self._failed_watcher: Exception | None = None

    def run(self, make_workers: Callable[[], Workers]) -> Outcome:
        """Evaluate until the end.

        Parameters
        ----------
        make_workers : callable
            Returns where to evaluate; not called if nothing is left to evaluate. They are closed at the end, also
            after an error.

        Returns
        -------
        Outcome
            What ended the search, and which individuals belong to it.
        """
        outcome = Outcome("error", 0)
        try:
            n_recalled = self._journal.count(self._n_candidates)
            self._watchers.start(
                SearchInfo(
                    self._n_candidates,
                    self._limits.max_time,
                    self._optimizer.maximize,
                    n_recalled,
                    self._optimizer.objectives,
                )
            )
            if batch := self._take(1):
                workers = make_workers()
                try:
                    self._keep_busy(workers, batch)
                finally:
                    workers.close()
            if self._failed_watcher is not None:
                raise self._failed_watcher
            outcome = self._outcome()
        except BaseException as error:
            outcome = Outcome("interrupted" if isinstance(error, KeyboardInterrupt) else "error", self._n_asked)
            raise
        finally:
            self._watchers.end(outcome)
        return outcome

    def _outcome(self) -> Outcome:
        if self._stop_reason is not None:
            return Outcome(self._stop_reason, self._n_judged)
        if self._is_late:
            return Outcome("max_time", self._n_asked)
        return Outcome("exhausted" if self._n_asked < self._limits.n_iter else "n_iter", self._n_asked)

    def _depends_on_all(self, number: int) -> bool:
        """Return whether the race of an individual depends on the results of all before it."""
        return self._race is not None and number <= self._race.n_opening

    def _has_complete(self) -> bool:
        return any(not one.n_skipped for one in self.individuals.values())

    def _has_stopped(self) -> bool:
        return self._stop_reason is not None

    def _keep_busy(self, workers: Workers, batch: list[Task]) -> None:
        """Submit and wait, until there is nothing more to do."""
        while True:
            while batch:
                workers.submit(batch)
                batch = self._next(workers)
            if workers.is_idle or self._has_stopped():
                return
            for task, outcome in workers.collect():
                self._finish(task, outcome)
            if self._has_stopped():
                return
            batch = self._next(workers)

    def _next(self, workers: Workers) -> list[Task]:
        """Return the tasks to submit now."""
        batch = self._take(workers.batch_size) if workers.has_room else []
        if not batch and workers.has_idle_worker and not self._is_late and not self._has_stopped():
            trials = (self._racing[number] for number in sorted(self._racing))
            batch = next((tasks for trial in trials if (tasks := trial.hand_out(in_advance=True))), [])
        return batch

    def _take(self, n: int) -> list[Task]:
        """Return up to `n` tasks that can start now."""
        batch: list[Task] = []
        self._is_late = self._is_late or (time.monotonic() >= self._deadline and self._has_complete())
        while len(batch) < n and not self._is_late and not self._has_stopped():
            if self._waiting:
                task = self._waiting.popleft()
                if not task.trial.is_given_up:
                    batch.append(task)
            elif not self._ask():
                break
        return batch

    def _ask(self) -> bool:
        """Ask for an individual, whose calls wait then unless it is known; return False if there is none now."""
        if self._is_exhausted or self._n_asked >= self._limits.n_iter or not self._optimizer.can_ask:
            return False
        if self._n_judged < self._n_asked and self._depends_on_all(self._n_asked):
            return False
        try:
            individual = self._optimizer.ask()
        except Exhausted:
            self._is_exhausted = True
            return False
        self._n_asked += 1
        trial = self._begin(individual, self._problem.calls(individual))
        if self._recall(trial):
            self._tell(trial, is_known=True)
        else:
            if trial.rival is not None:
                self._racing[individual.number] = trial
            self._waiting.extend(trial.hand_out())
        return True

    def _begin(self, individual: Individual, calls: list[Call]) -> Trial:
        """Return the trial of the latest individual, which races against the best of those that it was bred from."""
        race = self._race
        if race is None:
            return Trial(individual, calls)
        n_known = individual.number if self._depends_on_all(individual.number) else self._optimizer.n_known
        for number in range(race.n_noted, n_known):
            race.add(self._rungs[number] + self.results[number])
        rival = race.rival()
        return Trial(individual, calls, rival, race.order(individual.number, len(calls), rival), race.resources)

    def _recall(self, trial: Trial) -> bool:
        """Take the results of an individual from the journal; return whether it has them."""
        record = self._journal.recall(trial.individual)
        if record is None:
            return False
        try:
            rungs = record.rungs or [None] * len(trial.rungs)  # from another search there are none
            recorded = zip(trial.calls, [*rungs, *record.on_folds], strict=True)
            trial.results = [None if result is None else self._problem.unpack(result) for _, result in recorded]
            if record.n_skipped and trial.rival is None:
                raise ValueError("there must be one result per call.")
        except (KeyError, TypeError, ValueError, AttributeError):
            raise CheckpointError(
                f"`checkpoint` must hold the results of one evaluation per call; those of candidate {record.number} "
                "cannot be read. Begin another file."
            ) from None
        trial.took(record.start, record.duration)
        return True

    def _finish(self, task: Task, outcome: Any) -> None:
        """Note what became of a call, and with the last one of an individual its score."""
        trial = task.trial
        if trial.is_given_up:
            return
        for index, ended in trial.in_turn(task.index, outcome):
            self._note(trial, index, ended)
        if not trial.is_given_up:
            self._waiting.extendleft(trial.hand_out())

    def _note(self, trial: Trial, index: int, outcome: Any) -> None:
        if isinstance(outcome, Failure) and outcome.cause != "exception":  # the other calls would do no better
            self._count_deaths(outcome)
            trial.give_up(lambda call: self._problem.result(call, outcome))
            self._tell(trial)
        elif trial.finish(index, self._problem.result(trial.calls[index], outcome)):
            self._tell(trial)
        elif self._race and trial.rival and self._race.is_lost(trial.rival, trial.results):
            trial.stop()
            self._tell(trial)

    def _count_deaths(self, failure: Failure) -> None:
        self._n_died += failure.cause == "death"
        if self._n_died == MAX_DEATHS and len(self.individuals) < MAX_DEATHS:
            raise RuntimeError(
                f"the first {MAX_DEATHS} candidates all killed their worker process. Evaluate one of them by hand, "
                "without parallel workers, to see why."
            ) from failure.error

    def _tell(self, trial: Trial, is_known: bool = False) -> None:
        """Score an individual whose calls have all ended, and judge all those that are next in order."""
        known = [result for result in trial.on_folds if result is not None]
        score: float | tuple[float, ...]
        if self._race and trial.rival and len(known) < len(trial.on_folds):
            score, noise = self._race.estimate(trial.rival, trial.results)
        else:
            score, noise = self._problem.score(known), None
        individual = trial.scored(score, noise)
        self._racing.pop(individual.number, None)
        if not is_known and self._journal.is_kept:
            on_folds, rungs = (
                [None if result is None else self._problem.pack(result) for result in results]
                for results in (trial.on_folds, trial.rungs)
            )
            self._journal.record(individual, on_folds, rungs)
        self._optimizer.tell(individual, score, noise)
        self.individuals[individual.number] = individual
        self.results[individual.number], self._rungs[individual.number] = trial.on_folds, trial.rungs
        while not self._has_stopped() and self._n_judged in self.individuals:
            self._n_judged += 1
            self._judge(self.individuals[self._n_judged - 1])

    def _judge(self, individual: Individual) -> None:
        """Decide, after all individuals before this one, whether to stop."""
        maximize, target = self._optimizer.maximize, self._limits.target
        mine = math.nan if individual.n_skipped else _fitness(individual, maximize)  # an estimate never is the best
        if self._optimizer.objectives:
            self._best = individual if self._enters_front(individual) else self._best
        elif self._best is None or mine > _fitness(self._best, maximize):
            self._best = individual if math.isfinite(mine) else None
            if target is not None and mine >= fitness(target, maximize):
                self._stop_reason = "target"
        if self._has_lost_patience():
            self._stop_reason = "patience"
        if self._n_judged == N_HOPELESS < self._n_candidates and self._best is None:
            first = range(N_HOPELESS)
            if not any(self.individuals[n].n_skipped for n in first):
                packed = (self._problem.pack(result) for n in first for result in self.results[n])
                self._problem.fail_from_the_start([result.error or "" for result in packed])
        try:
            if self._watchers.result(individual, self._best) and not self._has_stopped():
                self._stop_reason = "callback"
        except Exception as error:  # raised once what has come in with this result has been told and recorded too
            self._failed_watcher = error
            self._stop_reason = "callback"

    def _enters_front(self, individual: Individual) -> bool:
        """Return whether none of the individuals before it is as good by all objectives."""
        mine = tuple(map(fitness, individual.scores, self._optimizer.objectives))
        if math.isnan(mine[0]) or any(all(map(operator.ge, one, mine)) for one in self._front):
            return False
        self._front = [one for one in self._front if not all(map(operator.le, one, mine))] + [mine]
        return True

    def _has_lost_patience(self) -> bool:
        """Return whether there was no improvement for long, or none is to be expected that exceeds the noise."""
        patience, best, n = self._limits.patience, self._best, self._n_judged
        if patience is None:
            return False
        if isinstance(patience, str):
            if best is None or n not in looks(n):
                return False
            return self._optimizer.possible_gain(n) < self._problem.standard_error(self.results[best.number])
        return n - (0 if best is None else best.number + 1) >= patience


def _fitness(individual: Individual, maximize: bool) -> float:
    assert individual.score is not None
    return fitness(individual.score, maximize)
