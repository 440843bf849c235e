"""Calls that run on the workers of a pool."""

from __future__ import annotations

import time
from collections import deque
from concurrent.futures import BrokenExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from geneticsearch.evaluation._calls import Call, Failure, Guarded, Task, TimedOut, WorkerDied
from geneticsearch.evaluation._dask import DaskPool
from geneticsearch.evaluation._joblib import WorkerPool
from geneticsearch.evaluation._workers import Workers

BATCH_SECONDS = 0.05
"""Calls are sent to workers in batches that take about this long, so that sending them costs little beside them."""


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
    def has_idle_worker(self) -> bool:
        return self.has_room and 0 < len(self._batches) < self._pool.n_workers

    @property
    def is_idle(self) -> bool:
        return not self._batches and not self._suspects

    def submit(self, tasks: list[Task]) -> None:
        self._n_batches += 1
        self._batches[self._n_batches] = tasks
        mark = None if self._marks is None else str(self._mark(self._n_batches))
        calls: list[Call] = [(Guarded(task.call[0], mark, self._pool.parent), *task.call[1:]) for task in tasks]
        self._pool.submit(self._n_batches, calls)

    def collect(self) -> list[tuple[Task, Any]]:
        self._suspects = deque(task for task in self._suspects if not task.trial.is_given_up)
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
        error = TimedOut(self._timeout)
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
