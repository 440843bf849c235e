"""Every private name of scikit-learn and joblib that we touch, and nothing else."""

from __future__ import annotations

import queue
import traceback
import types
import warnings
from collections.abc import Callable
from concurrent.futures import BrokenExecutor
from typing import Any, TypeVar

import joblib
from joblib.parallel import BatchedCalls, ParallelBackendBase
from sklearn import get_config
from sklearn.base import _fit_context
from sklearn.model_selection import _search

Call = tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]


# --------------------------------------------------------------------------------------------------------------------
# scikit-learn

Method = TypeVar("Method", bound=Callable[..., Any])


def fit_context(method: Method) -> Method:
    """Validate the parameters of an estimator by its `_parameter_constraints` before `method`, its fit."""
    decorated: Method = _fit_context(prefer_skip_nested_validation=False)(method)
    return decorated


def base_search_fit(parallel: Callable[..., Any], n_real: Callable[[], int]) -> Callable[..., Any]:
    """Return `BaseSearchCV.fit` with another `Parallel` in its globals.

    Everything that a search does around its fits (splitting, routing, scoring, refitting, callbacks) stays that of the
    installed scikit-learn, without patching it for anyone else: the function is copied, its code is not.

    Parameters
    ----------
    parallel : callable
        Stands in for the class `Parallel`.
    n_real : callable
        Says how many of the results are real; those after them are padding, which no warning shall count.
    """
    original = _search.BaseSearchCV.fit
    function: Any = getattr(original, "__wrapped__", original)
    warn_or_raise = _search._warn_or_raise_about_fit_failures
    namespace = {
        **function.__globals__,
        "Parallel": parallel,
        "_warn_or_raise_about_fit_failures": lambda results, error_score: warn_or_raise(
            results[: n_real()], error_score
        ),
    }
    return types.FunctionType(
        function.__code__, namespace, function.__name__, function.__defaults__, function.__closure__
    )


def failed_fit(call: Call, error: BaseException) -> dict[str, Any]:
    """Return what scikit-learn's `_fit_and_score` would, had the fit ended with `error` inside of it."""
    kwargs = call[2]
    scorer, error_score = kwargs["scorer"], kwargs["error_score"]
    names = getattr(scorer, "_scorers", None)  # of several metrics, unless a function returns them
    scores = error_score if names is None else dict.fromkeys(names, error_score)
    result = {
        "fit_error": "".join(traceback.format_exception(error)),
        "test_scores": scores,
        "n_test_samples": len(kwargs["test"]),
        "fit_time": 0.0,
        "score_time": 0.0,
    }
    return {**result, "train_scores": scores} if kwargs["return_train_score"] else result


def set_config(call: Call) -> None:
    """Give scikit-learn's delayed function the configuration and warning filters of this thread."""
    function: Any = call[0]
    if hasattr(function, "with_config_and_warning_filters"):  # scikit-learn 1.7 and later
        filters = getattr(warnings, "_get_filters", lambda: warnings.filters)()
        function.with_config_and_warning_filters(get_config(), filters)
    else:
        function.with_config(get_config())


# --------------------------------------------------------------------------------------------------------------------
# joblib


class WorkerPool:
    """The workers of the active joblib backend, one batch of calls at a time.

    `joblib.Parallel` decides itself when it takes the next task, in threads of its own. A search must decide that, in
    its own thread, so this speaks to joblib's backends directly: the same ones, chosen and configured by
    `joblib.parallel_config` and `n_jobs` as everywhere.

    Parameters
    ----------
    n_jobs : int or None
        As in joblib.
    pre_dispatch : int or str
        How many batches may be submitted at once, as in joblib.

    Attributes
    ----------
    n_workers : int
        Number of calls that can run at once; 1 means that there is no pool, and calls run here.
    max_submitted : int
        `pre_dispatch`, evaluated.
    """

    def __init__(self, n_jobs: int | None, pre_dispatch: int | str) -> None:
        self._parallel = joblib.Parallel(n_jobs=n_jobs, pre_dispatch=pre_dispatch)
        self._finished: queue.SimpleQueue[tuple[Any, Any]] = queue.SimpleQueue()
        self._submitted: dict[Any, Any] = {}
        self.n_workers = 1
        self._start()
        if isinstance(pre_dispatch, str) and pre_dispatch != "all":
            pre_dispatch = joblib._utils.eval_expr(pre_dispatch.replace("n_jobs", str(self.n_workers)))
        # Fewer batches than workers would leave some of them idle for the sake of a setting that is about memory.
        self.max_submitted = 2**31 if pre_dispatch == "all" else max(int(pre_dispatch), self.n_workers)

    @property
    def _backend(self) -> ParallelBackendBase:
        return self._parallel._backend

    def _start(self) -> None:
        self.n_workers = self._parallel._initialize_backend()
        if self.n_workers == 1 and not getattr(self._backend, "supports_retrieve_callback", False):
            return
        if hasattr(self._backend, "start_call"):
            self._backend.start_call()
        self._cache: dict[Any, Any] = {}
        self._reducer_callback: Callable[[], None] | None = None
        executor = getattr(self._backend, "_workers", None)
        if executor is not None and hasattr(executor, "_temp_folder_manager"):
            # loky: let large arrays be shared through this call's own temporary folder.
            manager, context = executor._temp_folder_manager, self._parallel._id
            self._reducer_callback = lambda: manager.set_current_context(context)

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
            job = self._submitted[key] = start(batch, callback=done)
        except BrokenExecutor as error:
            finished.put((key, error))
            return
        if hasattr(job, "add_done_callback"):  # dask tells of an error here only
            job.add_done_callback(lambda job: finished.put((key, job.exception())) if job.exception() else None)

    def wait(self, seconds: float | None = None) -> tuple[Any, Any] | None:
        """Return the key and the results of a batch that has ended.

        Returns
        -------
        key : object
            As given to `submit`.
        outcome : list or Exception
            The results of its calls, or what happened to its worker.
        """
        while True:
            try:
                key, out = self._finished.get(timeout=seconds)
            except queue.Empty:
                return None
            if key in self._submitted:  # else told already
                break
        job = self._submitted.pop(key)
        if isinstance(out, Exception):
            return key, out
        try:
            if getattr(self._backend, "supports_retrieve_callback", False):
                return key, self._backend.retrieve_result_callback(out)
            return key, job.get() if hasattr(job, "get") else job.result()
        except Exception as error:
            return key, error

    def restart(self) -> list[Any]:
        """Kill the workers and start new ones; return the keys of batches whose results are lost."""
        lost = list(self._submitted)
        self._submitted.clear()
        self._finished = queue.SimpleQueue()
        self._backend.abort_everything(ensure_ready=False)
        self._start()
        return lost

    def close(self) -> None:
        """Give the workers back; kill them if any is still at work."""
        backend = self._backend
        if self._submitted:
            backend.abort_everything(ensure_ready=False)
            self._submitted.clear()
        if hasattr(backend, "stop_call"):
            backend.stop_call()
        backend.terminate()
