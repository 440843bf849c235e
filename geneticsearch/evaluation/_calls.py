"""Calls of a candidate, and what becomes of them."""

from __future__ import annotations

import functools
import math
import os
import pickle
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from geneticsearch.evolution import Individual

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
    """An individual under evaluation."""

    def __init__(self, individual: Individual, calls: list[Call]) -> None:
        self.individual = individual
        self.calls = calls
        self.results: list[Any] = [None] * len(calls)
        self.seconds = 0.0
        self.is_given_up = False
        self._n_missing = len(calls)
        self._asked = time.time()
        self._start, self._end = math.inf, -math.inf

    def took(self, start: float, seconds: float) -> None:
        """Note when a call was under way."""
        self.seconds += seconds
        self._start = min(self._start, start)
        self._end = max(self._end, start + seconds)

    def finish(self, index: int, result: Any) -> bool:
        """Note the result of a call; return whether it was the last one."""
        self.results[index] = result
        self._n_missing -= 1
        return self._n_missing == 0

    def give_up(self, result_of: Callable[[Call], Any]) -> None:
        """End it without the results of the calls that have not ended, and whose times are unknown."""
        self.is_given_up = True
        self._start, self._end = min(self._start, self._asked), time.time()
        for index, call in enumerate(self.calls):
            if self.results[index] is None:
                self.results[index] = result_of(call)

    def scored(self, score: float) -> Individual:
        """Return the individual with its score and the time of its evaluation."""
        return replace(self.individual, score=score, start=self._start, duration=self._end - self._start)


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
