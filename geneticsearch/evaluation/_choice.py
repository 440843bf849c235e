"""Which workers a search gets: this thread, those of joblib, or those of dask."""

from __future__ import annotations

from multiprocessing import current_process

from joblib.parallel import get_active_backend

from geneticsearch._errors import ArgumentError, check_number
from geneticsearch.evaluation._dask import DaskPool
from geneticsearch.evaluation._joblib import WorkerPool, no_timeout
from geneticsearch.evaluation._pooled import Pooled
from geneticsearch.evaluation._workers import Here, Workers


def worker_pool(n_jobs: int | None, pre_dispatch: int | str, killable: bool = False) -> WorkerPool | DaskPool:
    """Return the workers of the active joblib backend.

    Parameters
    ----------
    n_jobs : int or None
        As in joblib.
    pre_dispatch : int or str
        How many batches may be submitted at once, as in joblib.
    killable : bool, default=False
        Whether workers must be processes that can be killed, even where one alone would do.
    """
    backend, _ = get_active_backend()
    client = getattr(backend, "client", None)
    if client is not None and killable:
        raise no_timeout(backend)
    if client is not None:
        return DaskPool(client, pre_dispatch)
    return WorkerPool(n_jobs, pre_dispatch, killable)


def pooled_or_here(n_jobs: int | None, pre_dispatch: int | str, timeout: float | None) -> Workers:
    """Return the workers that joblib's active backend and `n_jobs` ask for."""
    pool = worker_pool(n_jobs, pre_dispatch, killable=timeout is not None)
    return Pooled(pool, timeout) if pool.exists else Here()


def check_timeout(timeout: float | None, needs_process: bool = True) -> None:
    """Raise unless `timeout` is a number of seconds, or None; and where no worker process can be started to keep it."""
    check_number("timeout", timeout, low=0, open_low=True, optional=True)
    if timeout is not None and needs_process and current_process().daemon:
        raise ArgumentError(
            "`timeout` needs worker processes, which this daemonic process cannot have, such as a worker of "
            "multiprocessing.Pool. Set `timeout` to None, or search in a process that is not daemonic."
        )
