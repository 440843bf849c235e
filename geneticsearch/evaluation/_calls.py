"""Calls of a candidate, and what becomes of them."""

from __future__ import annotations

import math
import pickle
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from geneticsearch.evolution import Individual

Call = tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]


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
