"""Every private name of joblib that we touch, and nothing else."""

from __future__ import annotations

import os
import queue
import signal
import time
from collections.abc import Callable
from concurrent.futures import BrokenExecutor
from typing import Any

import joblib
from joblib._parallel_backends import LokyBackend, MultiprocessingBackend, SequentialBackend
from joblib.executor import get_memmapping_executor
from joblib.externals.loky import reusable_executor
from joblib.parallel import BatchedCalls, ParallelBackendBase

from geneticsearch._errors import ArgumentError
from geneticsearch.evaluation._calls import Call

# joblib


_inherited: list[Any] = []


def _after_fork() -> None:
    """Keep a forked child from the workers of its parent, which would never answer it."""
    _inherited.append(reusable_executor._executor)  # kept, since its end would be that of the workers
    reusable_executor._executor = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


class _LokyOfOne(LokyBackend):  # type: ignore[misc]  # joblib is untyped
    """A single worker process, which joblib itself would do without."""

    def configure(self, n_jobs: int = 1, parallel: Any = None, **kwargs: Any) -> int:
        self._workers = get_memmapping_executor(
            1, timeout=300, env=self._prepare_worker_env(n_jobs=1), context_id=parallel._id, **kwargs
        )
        self.parallel = parallel
        return 1


def _max_submitted(pre_dispatch: int | str, n_workers: int) -> int:
    """Return the number of batches that joblib's `pre_dispatch` stands for."""
    if pre_dispatch == "all":
        return 2**31
    if isinstance(pre_dispatch, str):
        pre_dispatch = joblib._utils.eval_expr(pre_dispatch.replace("n_jobs", str(n_workers)))
    # Fewer batches than workers would leave some of them idle for the sake of a setting that is about memory.
    return max(int(pre_dispatch), n_workers)


def no_timeout(backend: ParallelBackendBase) -> ArgumentError:
    """Return the error for a `timeout` that a backend cannot keep."""
    return ArgumentError(
        "`timeout` needs worker processes on this machine, which can be killed; got the backend "
        f"{type(backend).__name__}. Use loky, joblib's default, or set `timeout` to None."
    )


def _has_own_processes(backend: ParallelBackendBase) -> bool:
    """Return whether workers are processes that this one starts and can kill; those of ray may be anywhere."""
    is_ray = type(backend).__module__.startswith("ray.")
    return isinstance(backend, LokyBackend | MultiprocessingBackend) and not is_ray


def _is_loss_of_ray(error: Exception) -> bool:
    """Return whether a worker of ray was lost, with its call."""
    kind = type(error)
    return kind.__module__ == "ray.exceptions" and not kind.__name__.startswith("RayTaskError")  # of the call itself


def _ignore_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


class WorkerPool:
    """The workers of the active joblib backend, one batch of calls at a time.

    `joblib.Parallel` decides itself when it takes the next task, in threads of its own. A search must decide that, in
    its own thread, so this speaks to joblib's backends directly: the same ones, chosen and configured by
    `joblib.parallel_config` and `n_jobs` as everywhere.

    Parameters
    ----------
    n_jobs, pre_dispatch, killable
        As in `worker_pool`.

    Attributes
    ----------
    exists : bool
        Whether there are workers at all; otherwise calls should run where they are made.
    parent : int or None
        Id of this process, if workers are processes that it has started.
    n_workers : int
        Number of calls that can run at once.
    max_submitted : int
        `pre_dispatch`, evaluated.
    """

    def __init__(self, n_jobs: int | None, pre_dispatch: int | str, killable: bool = False) -> None:
        self._parallel = joblib.Parallel(n_jobs=n_jobs, pre_dispatch=pre_dispatch)
        self._killable = killable
        self._finished: queue.SimpleQueue[tuple[Any, Any]] = queue.SimpleQueue()
        self._submitted: dict[Any, Any] = {}
        self.parent: int | None = None
        self._start()
        self.max_submitted = _max_submitted(pre_dispatch, self.n_workers)

    @property
    def _backend(self) -> ParallelBackendBase:
        return self._parallel._backend

    def _start(self) -> None:
        if isinstance(self._backend, MultiprocessingBackend):
            # Ctrl-C reaches all processes of a terminal. One that dies of it can take the lock of the pool's queue with
            # it, for which the end of the pool then waits for ever.
            options = "_backend_kwargs" if hasattr(self._parallel, "_backend_kwargs") else "_backend_args"  # before 1.5
            given = getattr(self._backend, "backend_kwargs", {}).get("initializer", _ignore_interrupts)
            getattr(self._parallel, options)["initializer"] = given
        configured = self._backend
        self.n_workers = self._parallel._initialize_backend()
        self.exists = not isinstance(self._backend, SequentialBackend)
        if self._killable and not _has_own_processes(self._backend):
            if self.exists:
                self.close()
                raise no_timeout(self._backend)
            threads = configured.inner_max_num_threads if isinstance(configured, LokyBackend) else None
            self._parallel._backend = _LokyOfOne(
                nesting_level=self._backend.nesting_level, inner_max_num_threads=threads
            )
            self.n_workers = self._parallel._initialize_backend()
            self.exists = True
        if not self.exists:
            return
        if hasattr(self._backend, "start_call"):
            self._backend.start_call()
        self.parent = os.getpid() if _has_own_processes(self._backend) else None
        self._processes = self._process_ids()
        self._cache: dict[Any, Any] = {}
        self._reducer_callback: Callable[[], None] | None = None
        executor = getattr(self._backend, "_workers", None)
        if executor is not None and hasattr(executor, "_temp_folder_manager"):
            # loky: let large arrays be shared through this call's own temporary folder.
            manager, context = executor._temp_folder_manager, self._parallel._id
            self._reducer_callback = lambda: manager.set_current_context(context)

    def _process_ids(self) -> list[int]:
        """Return the worker processes of multiprocessing, which replaces those that die and forgets what they did."""
        if not isinstance(self._backend, MultiprocessingBackend):
            return []
        return [process.pid for process in getattr(self._backend._pool, "_pool", [])]

    def submit(self, key: Any, calls: list[Call]) -> None:
        """Start a batch of calls; `wait` will return `key` when it has ended."""
        backend = self._backend
        batch = BatchedCalls(calls, backend.get_nested_backend(), self._reducer_callback, self._cache)
        finished = self._finished

        def done(out: Any, *_: Any) -> None:
            finished.put((key, out))

        # Before joblib 1.5, and still in backends that others wrote for it, the method is called apply_async.
        old_style = type(backend).apply_async is not getattr(ParallelBackendBase, "apply_async", None)
        start = backend.apply_async if old_style else backend.submit
        self._submitted[key] = None
        try:
            self._submitted[key] = start(batch, callback=done)
        except BrokenExecutor as error:
            finished.put((key, error))

    def wait(self, seconds: float | None = None) -> tuple[Any, Any] | None:
        """Return the key and the results of a batch that has ended.

        Returns
        -------
        key : object
            As given to `submit`.
        outcome : list or Exception
            The results of its calls, or what happened to its worker.
        """
        deadline = None if seconds is None else time.monotonic() + seconds
        while True:
            left = 1.0 if deadline is None else deadline - time.monotonic()
            try:
                key, out = self._finished.get(timeout=max(0.0, min(left, 1.0)))
                break
            except queue.Empty:
                if self._process_ids() != self._processes:
                    key, out = next(iter(self._submitted)), BrokenExecutor("a process of multiprocessing.Pool ended")
                    break
                if deadline is not None and left <= 1.0:
                    return None
        job = self._submitted.pop(key)
        if isinstance(out, BrokenExecutor):
            return key, out
        try:
            if getattr(self._backend, "supports_retrieve_callback", False):
                return key, self._backend.retrieve_result_callback(out)
            return key, job.get() if hasattr(job, "get") else job.result()
        except Exception as error:
            return key, BrokenExecutor(error) if _is_loss_of_ray(error) else error

    def restart(self) -> list[Any]:
        """Kill the workers and start new ones; return the keys of batches whose results are lost."""
        lost = list(self._submitted)
        self._submitted.clear()
        self._finished = queue.SimpleQueue()
        self._backend.abort_everything(ensure_ready=False)
        self._start()
        return lost

    def close(self) -> None:
        """Give the workers back; kill them if any is still at work in a second."""
        backend = self._backend
        for job in self._submitted.values():
            if hasattr(job, "cancel"):
                job.cancel()
        deadline = time.monotonic() + 1.0
        try:
            while self._submitted and (left := deadline - time.monotonic()) > 0:
                self.wait(left)
        finally:  # also if interrupted once more
            if self._submitted:
                backend.abort_everything(ensure_ready=False)
                self._submitted.clear()
            if hasattr(backend, "stop_call"):
                backend.stop_call()
            backend.terminate()


def _run_batch(calls: list[Call]) -> list[Any]:
    """Run calls one after the other."""
    return [function(*args, **kwargs) for function, args, kwargs in calls]
