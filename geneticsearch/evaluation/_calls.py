"""Calls of a candidate, and what becomes of them."""

from __future__ import annotations

import functools
import math
import os
import pickle
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from geneticsearch.evolution import Individual, all_or_none

Call = tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]


class Failure:
    """A call that has no result.

    Attributes
    ----------
    error : BaseException
        What was raised; a RuntimeError where the worker died, or where the error itself cannot travel.
    text : str
        The error with its traceback, which does not travel with it.
    """

    def __init__(self, error: BaseException, text: str | None = None) -> None:
        self.error = error
        self.text = "".join(traceback.format_exception(error)) if text is None else text

    @property
    def cause(self) -> str:
        """How the call failed, as in a `Result`."""
        return "death" if isinstance(self.error, WorkerDied) else "timeout" if self.is_timeout else "exception"

    @property
    def is_timeout(self) -> bool:
        """Whether the candidate ran out of time."""
        return isinstance(self.error, TimedOut)

    def __reduce__(self) -> Any:
        try:
            pickle.loads(pickle.dumps(self.error))
        except Exception:
            return Failure, (RuntimeError(f"{type(self.error).__name__}: {self.error}"), self.text)
        return Failure, (self.error, self.text)


class WorkerDied(RuntimeError):
    """A worker process ended in the middle of a call."""


class TimedOut(RuntimeError):
    """The calls of a candidate took longer than they may."""

    def __init__(self, timeout: float | None) -> None:
        super().__init__(f"the candidate took more than `timeout`={timeout} seconds.")


class Trial:
    """An individual under evaluation.

    Parameters
    ----------
    individual : Individual
        The individual.
    calls : list of Call
        What evaluates it: with a ladder, a call for each rung, and then those for all folds.
    rival : object, default=None
        Whom it races against, if anybody. Then what became of a call takes part only after all calls before it, and
        counts for nothing if the race is over by then: so the end of a race does not depend on the order in which calls
        end.
    order : list of int, default=None
        Which calls run, and in which order in a race; all if None.
    resources : sequence of int, default=()
        With a ladder, how much of its resource calls have on each rung, and in full.

    Attributes
    ----------
    results : list
        What became of each call; None where that is not known yet, or was not necessary.
    """

    def __init__(
        self,
        individual: Individual,
        calls: list[Call],
        rival: Any = None,
        order: list[int] | None = None,
        resources: Sequence[int] = (),
    ) -> None:
        self.individual = individual
        self.calls = calls
        self.rival = rival
        self.results: list[Any] = [None] * len(calls)
        self.seconds = 0.0
        self.is_given_up = False
        self._order = list(range(len(calls))) if order is None else order
        self._resources = resources
        self._early: dict[int, Any] = {}
        self._n_handed_out = 0
        self._n_missing = len(self._order)
        self._asked = time.time()
        self._start, self._end = math.inf, -math.inf

    @property
    def rungs(self) -> list[Any]:
        """The results of the calls on rungs."""
        return self.results[: self._n_rungs]

    @property
    def on_folds(self) -> list[Any]:
        """The results of the calls on all folds."""
        return self.results[self._n_rungs :]

    @property
    def _n_rungs(self) -> int:
        return max(0, len(self._resources) - 1)

    def took(self, start: float, seconds: float) -> None:
        """Note when a call was under way."""
        self.seconds += seconds
        self._start = min(self._start, start)
        self._end = max(self._end, start + seconds)

    def hand_out(self, in_advance: bool = False) -> list[Task]:
        """Return the calls that can begin now: in a race the next, unless `in_advance` it has begun already."""
        begun, n_calls = self._n_handed_out, len(self._order)
        n_done = n_calls - self._n_missing
        n = n_calls if self.rival is None else min(begun + 1 if in_advance else n_done + 1, n_calls)
        self._n_handed_out = max(begun, n)
        return [Task(self, index) for index in self._order[begun:n]]

    def in_turn(self, index: int, outcome: Any) -> Iterator[tuple[int, Any]]:
        """Yield what became of calls, now that one has ended, as soon as it is their turn."""
        if self.rival is None:
            yield index, outcome
            return
        self._early[index] = outcome
        while self._n_missing and (due := self._order[-self._n_missing]) in self._early and not self.is_given_up:
            yield due, self._early.pop(due)

    def finish(self, index: int, result: Any) -> bool:
        """Note the result of a call; return whether it was the last one."""
        self.results[index] = result
        self._n_missing -= 1
        return self._n_missing == 0

    def give_up(self, result_of: Callable[[Call], Any]) -> None:
        """End it without the results of the calls that have not ended, and whose times are unknown."""
        self.is_given_up = True
        self._start, self._end = min(self._start, self._asked), time.time()
        for index in self._order:
            if self.results[index] is None:
                self.results[index] = result_of(self.calls[index])

    def stop(self) -> None:
        """End a race without the calls that are left."""
        self.is_given_up = True

    def scored(self, score: float | tuple[float, ...], noise: float | None = None) -> Individual:
        """Return the individual with its score, or its scores, and the time of its evaluation."""
        scores = all_or_none(score) if isinstance(score, tuple) else ()
        n_skipped = self.on_folds.count(None)
        n_resources = 0
        for amount, result in zip(self._resources, [*self.rungs, n_skipped < len(self.on_folds) or None], strict=False):
            n_resources = n_resources if result is None else amount
        duration = self._end - self._start
        return replace(
            self.individual,
            score=score if not isinstance(score, tuple) else scores[0],
            scores=scores,
            noise=noise,
            n_skipped=n_skipped,
            n_resources=n_resources,
            start=self._start,
            duration=duration,
        )


@dataclass(frozen=True)
class Task:
    """One call of one trial."""

    trial: Trial
    index: int

    @property
    def call(self) -> Call:
        return self.trial.calls[self.index]


class Guarded:
    """A function that returns what it raises, as a `Failure`, with the time it began and the seconds it took.

    Parameters
    ----------
    function : callable
        The function.
    mark : str or None, default=None
        Path of a file to create when it starts; how others learn that it did.
    parent : int or None, default=None
        Id of the process that a worker process shall not outlive.
    """

    def __init__(self, function: Callable[..., Any], mark: str | None = None, parent: int | None = None) -> None:
        self.function = function
        self.mark = mark
        self.parent = parent

    def __call__(self, *args: Any, **kwargs: Any) -> tuple[Any, float, float]:
        if self.parent is not None and os.getppid() == self.parent:
            _end_with(self.parent)
        if self.mark is not None:
            Path(self.mark).touch()
        start, clock = time.time(), time.perf_counter()
        try:
            result = self.function(*args, **kwargs)
        except (Exception, SystemExit) as error:
            result = Failure(error)
        return result, start, time.perf_counter() - clock


PARENT_SECONDS = 2.0
"""How often a worker process looks whether its parent lives."""


@functools.cache
def _end_with(parent: int) -> None:
    """End this process soon after its parent, which may be killed and then ends nobody."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(PARENT_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, name="geneticsearch-parent", daemon=True).start()
