"""Where calls run: in this thread, or in an event loop."""

from __future__ import annotations

import asyncio
import functools
import inspect
import queue
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from geneticsearch.evaluation._calls import Failure, Guarded, Task, TimedOut


class Workers(ABC):
    """Where calls run."""

    batch_size = 1
    """How many calls `submit` would like to be given at once."""

    @property
    @abstractmethod
    def has_room(self) -> bool:
        """Whether another batch can be submitted now."""

    @property
    def has_idle_worker(self) -> bool:
        """Whether a worker has nothing to do while others are busy."""
        return False

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
            result = Failure(TimedOut(self._timeout) if limit.expired() else error)
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


def is_async(function: Callable[..., Any]) -> bool:
    """Return whether calling `function` gives a coroutine."""
    while isinstance(function, functools.partial):
        function = function.func
    # An object may be called through a coroutine method.
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(type(function).__call__)
