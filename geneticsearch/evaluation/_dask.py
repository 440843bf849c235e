"""The workers of a dask cluster."""

from __future__ import annotations

import queue
from concurrent.futures import BrokenExecutor
from typing import Any

from geneticsearch.evaluation._calls import Call
from geneticsearch.evaluation._joblib import _max_submitted, _run_batch


class DaskPool:
    """The workers of a dask cluster.

    joblib's own way to dask loses track of calls when a worker dies, and then waits for ever; dask's futures do not.

    Parameters
    ----------
    client : distributed.Client
        Connection to the cluster.
    pre_dispatch : int or str
        As in `worker_pool`.
    """

    exists = True
    parent = None  # its workers outlive whoever uses them
    _BIG = 10_000  # bytes: what is larger is sent to the cluster once rather than with every call
    _LOSSES = ("KilledWorker", "FutureCancelledError", "CancelledError")  # of a call, with its worker or its data
    _PATIENCE = 60.0  # seconds to wait for workers when there is none left

    def __init__(self, client: Any, pre_dispatch: int | str) -> None:
        self._client = client
        self._finished: queue.SimpleQueue[tuple[Any, Any]] = queue.SimpleQueue()
        self._submitted: dict[Any, Any] = {}
        self._sent: dict[int, tuple[Any, Any]] = {}
        self.n_workers = max(1, sum(client.ncores().values()))
        self.max_submitted = _max_submitted(pre_dispatch, self.n_workers)

    def submit(self, key: Any, calls: list[Call]) -> None:
        """Start a batch of calls; `wait` will return `key` when it has ended."""
        batch = [
            (function, [self._send(arg) for arg in args], {name: self._send(arg) for name, arg in kwargs.items()})
            for function, args, kwargs in calls
        ]
        future = self._client.submit(_run_batch, batch, pure=False)
        self._submitted[key] = future
        future.add_done_callback(lambda future: self._finished.put((key, future)))

    def _send(self, argument: Any) -> Any:
        """Return a future in the place of a large array or table."""
        if not hasattr(argument, "shape"):
            return argument
        sent = self._sent.get(id(argument))
        if sent is None:
            from dask.sizeof import sizeof

            future = (
                self._client.scatter(argument, hash=False, broadcast=True) if sizeof(argument) > self._BIG else argument
            )
            sent = self._sent[id(argument)] = (argument, future)  # the argument too, so that its id stays its own
        return sent[1]

    def wait(self, seconds: float | None = None) -> tuple[Any, Any] | None:
        """Return the key and the results of a batch that has ended, as `WorkerPool.wait`."""
        n_waits = 0
        while True:
            try:
                key, future = self._finished.get(timeout=5.0 if seconds is None else seconds)
                break
            except queue.Empty:
                if seconds is not None:
                    return None
                n_waits = 0 if self._client.ncores() else n_waits + 1
                if n_waits * 5 >= self._PATIENCE:
                    raise RuntimeError(f"the dask cluster has had no workers for {self._PATIENCE:g} seconds.") from None
        del self._submitted[key]
        try:
            return key, future.result()
        except Exception as error:
            self._sent.clear()  # data are lost with the worker that held them
            return key, BrokenExecutor(error) if type(error).__name__ in self._LOSSES else error

    def restart(self) -> list[Any]:
        """Do nothing: a cluster heals itself."""
        return []

    def close(self) -> None:
        """Cancel what has not begun, and forget the data that were sent."""
        self._client.cancel(list(self._submitted.values()))
        self._submitted.clear()
        self._sent.clear()
