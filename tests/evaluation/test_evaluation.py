"""The one loop: what a search does must not depend on where, in what order or how fast its fits run.

Fits here sleep, wait for each other and count themselves; their score is a formula of their parameters.
"""

import asyncio
import collections
import contextlib
import gc
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import warnings
import zlib

import joblib
import numpy as np
import pytest
import sklearn
from estimators import X, y
from joblib import parallel_config
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import ShuffleSplit

from geneticsearch import GeneticSearchCV, LogUniformDistribution, UniformDistribution, optimize

pytestmark = [
    # Forking with threads is what joblib's backend multiprocessing does.
    pytest.mark.filterwarnings("ignore:.*use of fork.. may lead to deadlocks:DeprecationWarning"),
    # Masked columns of integers may warn under scikit-learn 1.5: scikit-learn#29929.
    pytest.mark.filterwarnings("ignore:invalid value encountered in cast:RuntimeWarning"),
]

ONE_SPLIT = [(np.arange(6), np.arange(6, 12))]
"""A `cv` that makes a fit of each candidate."""

PATIENT = 60.0
"""Seconds to wait for what should happen at once, on a machine that is busy with something else."""


def formula(a, b, kind):
    return -((a - 0.3) ** 2) - 0.1 * abs(b - 2) - 0.05 * (kind == "other")


def spread(*values):
    """Return a number in [0, 1) that looks random, the same in each process."""
    return zlib.crc32(repr(values).encode()) / 2**32


class Racing(RegressorMixin, BaseEstimator):
    """Its fit takes longest for what it takes shortest if `reverse`, and the other way round."""

    def __init__(self, a=0.0, b=0, kind="plain", longest=0.0, reverse=False):
        self.a = a
        self.b = b
        self.kind = kind
        self.longest = longest
        self.reverse = reverse

    def fit(self, X, y=None):
        share = spread(self.a, self.b, self.kind, float(X[0, 0]))
        time.sleep(self.longest * (1 - share if self.reverse else share))
        self.fitted_ = True
        return self

    def predict(self, X):
        return np.full(len(X), self.a)

    def score(self, X, y=None):
        return formula(self.a, self.b, self.kind) + np.mean(X) / 1000


class Watched(Racing):
    """Calls a function at the start of each fit, and another at its end; for fits in this process."""

    before = after = staticmethod(lambda estimator: None)

    def fit(self, X, y=None):
        type(self).before(self)
        try:
            return super().fit(X, y)
        finally:
            type(self).after(self)


@pytest.fixture
def watched():
    """A class of its own for each test."""
    return type("Watched", (Watched,), {})


SPACE = [
    {"a": UniformDistribution(0, 1), "b": [0, 1, 2, 3], "kind": ["plain"]},
    {"a": UniformDistribution(0, 1), "kind": ["other"]},
]


def search(estimator, space=SPACE, n_iter=40, **options):
    options = {"cv": 2, "population_size": 5, "random_state": 0, "surrogate": None, **options}
    return GeneticSearchCV(estimator, space, n_iter=n_iter, **options)


def found(search):
    """Return all that a search found, but for times, as plain values that compare bit for bit."""
    results = {name: column for name, column in search.cv_results_.items() if "time" not in name}
    plain = {name: repr(np.ma.asarray(column).tolist()) for name, column in results.items()}
    return plain, search.best_params_, repr(search.best_score_), search.best_index_, search.stop_reason_


def trail(result):
    """Return all that `optimize` found, but for the time."""
    return list(result.history), result.best_params, repr(result.best_score), result.n_evaluations, result.stop_reason


# ------------------------------------------------------------------------------------------ same seed, same search


@pytest.fixture(scope="module")
def sequential():
    """What one search finds without workers and without delays."""
    return found(search(Racing(), surrogate="auto").fit(X, y))


@pytest.mark.slow
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize(
    ("backend", "n_jobs"),
    [("threading", 4), ("multiprocessing", 2), ("loky", 4)],
)
def test_search_depends_neither_on_the_workers_nor_on_the_order_in_which_fits_end(backend, n_jobs, reverse, sequential):
    with parallel_config(backend=backend):
        one = search(Racing(longest=0.02, reverse=reverse), n_jobs=n_jobs, surrogate="auto")
        assert found(one.fit(X, y)) == sequential


def test_fits_do_end_in_another_order_when_their_durations_are_reversed(watched):
    orders = []
    for reverse in (False, True):
        ended = []
        watched.after = staticmethod(lambda one, ended=ended: ended.append((one.a, one.b, one.kind)))
        with parallel_config(backend="threading", n_jobs=4):
            search(watched(longest=0.01, reverse=reverse), cv=ONE_SPLIT, refit=False).fit(X, y)
        orders.append(ended)
    assert sorted(orders[0]) == sorted(orders[1])
    assert orders[0] != orders[1]


@pytest.mark.slow
@pytest.mark.parametrize("limit", [{"target": -0.08}, {"patience": 6}], ids=str)
@pytest.mark.parametrize("reverse", [False, True])
def test_where_a_search_stops_does_not_depend_on_the_order_in_which_fits_end(limit, reverse):
    alone = found(search(Racing(), **limit).fit(X, y))
    with parallel_config(backend="threading", n_jobs=4):
        together = found(search(Racing(longest=0.02, reverse=reverse), **limit).fit(X, y))
    assert alone == together
    assert alone[-1] == next(iter(limit))


@pytest.mark.slow
@pytest.mark.parametrize("limit", [{"target": -0.08}, {"patience": 6}], ids=str)
def test_where_a_search_stops_does_not_depend_on_processes(limit):
    alone = found(search(Racing(), **limit).fit(X, y))
    assert found(search(Racing(longest=0.02), n_jobs=2, **limit).fit(X, y)) == alone
    assert alone[-1] == next(iter(limit))


def delayed(params, longest=0.0, reverse=False):
    share = spread(*params.values())
    time.sleep(longest * (1 - share if reverse else share))
    return -formula(params["a"], params["b"], params["kind"])


@pytest.mark.slow
@pytest.mark.parametrize("options", [{"n_iter": 30}, {"target": 0.01}, {"patience": 8}], ids=str)
@pytest.mark.parametrize("reverse", [False, True])
def test_optimize_depends_neither_on_threads_nor_on_the_order_in_which_evaluations_end(options, reverse):
    space = {"a": UniformDistribution(0, 1), "b": [0, 1, 2, 3], "kind": ["plain", "other"]}
    (limit,) = options
    options = {"n_iter": 60, "seed": 0, **options}
    alone = optimize(delayed, space, **options)
    with parallel_config(backend="threading", n_jobs=4):
        together = optimize(lambda params: delayed(params, longest=0.01, reverse=reverse), space, **options)
    assert trail(alone) == trail(together)
    assert alone.stop_reason == limit


HASHING = """
import test_evaluation as here
from geneticsearch import optimize
space = [{"a": here.UniformDistribution(0, 1), "kind": ["plain", "other", "odd"]}, {"b": [0, 1, 2], "kind": ["odd"]}]
with here.parallel_config(backend="threading"):
    search = here.search(here.Racing(), space, n_jobs=2).fit(here.X, here.y)
print(here.found(search))
nested = {"pick": [{"name": "x", "u": here.UniformDistribution(0, 1)}, {"name": "y", "v": [1, 2, 3]}, "z", None]}
print(here.trail(optimize(lambda params: len(repr(params)), nested, n_iter=30, seed=0)))
"""


def python(code, **environment):
    """Start another Python, which can import what this one can."""
    paths = [os.path.dirname(__file__), *sys.path]
    return subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths)), **environment},
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
def test_search_does_not_depend_on_the_hash_seed():
    outputs = []
    for hash_seed in ("0", "1", "2"):
        with python(HASHING, PYTHONHASHSEED=hash_seed) as process:
            outputs.append(process.communicate(timeout=PATIENT)[0])
    assert outputs[0].count("\n") == 2
    assert outputs[0] == outputs[1] == outputs[2]


@pytest.fixture(scope="module")
def dask_cluster():
    """Two worker processes of dask, and a client that is the current one."""
    distributed = pytest.importorskip("distributed")
    with (
        warnings.catch_warnings(),
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster,
        distributed.Client(cluster) as client,
    ):
        warnings.simplefilter("default")
        yield client


class DiesOnce(Racing):
    """Ends its process where `b` is 3 and the file `killed` is not there yet."""

    def __init__(self, a=0.0, b=0, kind="plain", longest=0.0, reverse=False, killed=None):
        super().__init__(a, b, kind, longest, reverse)
        self.killed = killed

    def fit(self, X, y=None):
        if self.b == 3 and not self.killed.exists():
            self.killed.touch()
            os._exit(1)
        return super().fit(X, y)


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # dask has its own
@pytest.mark.parametrize("features", [X, np.tile(X, 1000)], ids=["small", "large"])
@pytest.mark.parametrize("dies", [False, True])
def test_a_dask_cluster_changes_nothing_even_if_a_worker_is_lost(dask_cluster, dies, features, tmp_path):
    alone = found(search(Racing()).fit(features, y))
    killed = tmp_path / "killed"
    estimator = DiesOnce(killed=killed) if dies else Racing(longest=0.02)
    with parallel_config(backend="dask"):
        assert found(search(estimator).fit(features, y)) == alone
    assert killed.exists() == dies


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_a_timeout_on_a_dask_cluster_is_a_clear_error(dask_cluster):
    with parallel_config(backend="dask"), pytest.raises(ValueError, match="`timeout` needs worker processes on this"):
        search(Racing(), timeout=9.0).fit(X, y)


# ---------------------------------------------------------------------------------------------- workers are kept busy


def test_other_candidates_go_on_while_one_takes_long(watched):
    """The first fit waits until the fits of seven more candidates have started, of other generations than its own."""
    started = []
    others_started = threading.Event()
    in_time = []

    def before(_):
        started.append(1)
        if len(started) == 1:
            in_time.append(others_started.wait(PATIENT))
        elif len(started) == 16:
            others_started.set()

    watched.before = staticmethod(before)
    with parallel_config(backend="threading", n_jobs=2):
        search(watched(), n_iter=20, population_size=2, refit=False).fit(X, y)
    assert in_time == [True]


@pytest.mark.parametrize("window", [1, 2, 3])
def test_no_more_candidates_are_under_way_than_the_window_holds(watched, window):
    lock = threading.Lock()
    running, most = [], []

    def before(one):
        with lock:
            running.append(one.a)
            most.append(len(set(running)))

    def after(one):
        with lock:
            running.remove(one.a)

    watched.before, watched.after = staticmethod(before), staticmethod(after)
    with parallel_config(backend="threading", n_jobs=4):
        search(watched(longest=0.01), n_iter=20, window=window, refit=False, error_score="raise").fit(X, y)
    assert max(most) <= window


@pytest.mark.parametrize(("n_jobs", "cv"), [(2, 2), (3, 3), (4, 2), (5, 2), (3, ONE_SPLIT)])
def test_as_many_fits_run_at_once_as_there_are_jobs_and_never_more(watched, n_jobs, cv):
    lock = threading.Lock()
    all_at_once = threading.Barrier(n_jobs)
    running, most, started = set(), [0], []

    def before(one):
        with lock:
            started.append(1)
            first = len(started) <= n_jobs
            running.add(id(one))
            most[0] = max(most[0], len(running))
        if first:
            all_at_once.wait(PATIENT)

    def after(one):
        with lock:
            running.discard(id(one))

    watched.before, watched.after = staticmethod(before), staticmethod(after)
    with parallel_config(backend="threading"):
        search(watched(longest=0.01), n_iter=20, n_jobs=n_jobs, cv=cv, refit=False, error_score="raise").fit(X, y)
    assert most == [n_jobs]


class Meeting(Racing):
    """The first two candidates wait for each other, in two processes; they meet through files."""

    def __init__(self, a=0.0, b=0, kind="plain", longest=0.0, reverse=False, place=None):
        super().__init__(a, b, kind, longest, reverse)
        self.place = place

    def fit(self, X, y=None):
        if self.b < 2:
            self.place.joinpath(str(self.b)).touch()
            other = self.place / str(1 - self.b)
            deadline = time.monotonic() + PATIENT
            while not other.exists():
                if time.monotonic() > deadline:
                    raise TimeoutError("the other candidate has not started")
                time.sleep(0.01)
        return super().fit(X, y)


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["loky", "multiprocessing"])
def test_candidates_are_fitted_at_once_in_processes(backend, tmp_path):
    with parallel_config(backend=backend, n_jobs=2):
        search(Meeting(place=tmp_path), {"b": [0, 1, 2]}, cv=ONE_SPLIT, error_score="raise").fit(X, y)


# ------------------------------------------------------------------------------------------------------------ budgets


@pytest.mark.parametrize("n_jobs", [1, 3])
@pytest.mark.parametrize("n_iter", [1, 7, 8, 23])
def test_no_fit_is_made_beyond_n_iter(watched, n_jobs, n_iter):
    fits = []
    watched.before = staticmethod(fits.append)
    with parallel_config(backend="threading", n_jobs=n_jobs):
        one = search(watched(), n_iter=n_iter, cv=3, refit=False).fit(X, y)
    assert len(one.cv_results_["params"]) == n_iter
    assert len(fits) == 3 * n_iter
    assert one.stop_reason_ == "n_iter"


@pytest.mark.slow
def test_max_time_is_kept_for_each_fit_and_leaves_no_half_scored_candidate(watched):
    """The second fold of the second candidate takes all the time, so that its other three are not fitted."""
    max_time = 2.0
    fits = []

    def before(one):
        fits.append(one.a)
        if len(fits) == 7:
            time.sleep(max_time)

    watched.before = staticmethod(before)
    one = search(watched(), n_iter=1000, cv=ShuffleSplit(5, random_state=0), max_time=max_time, refit=False).fit(X, y)
    assert len(fits) == 7
    assert [params["a"] for params in one.cv_results_["params"]] == fits[:1]
    assert np.isfinite([one.cv_results_[f"split{i}_test_score"][0] for i in range(5)]).all()
    assert one.stop_reason_ == "max_time"


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_max_time_with_workers_keeps_complete_candidates_only(backend):
    with parallel_config(backend=backend, n_jobs=2):
        one = search(Racing(longest=0.1), n_iter=10_000, cv=5, max_time=1.0)
        started = time.monotonic()
        one.fit(X, y)
    assert time.monotonic() - started < PATIENT
    n_rows = len(one.cv_results_["params"])
    assert 0 < n_rows < 10_000
    assert all(np.isfinite(one.cv_results_[f"split{i}_test_score"]).all() for i in range(5))
    assert all(parent < row for row, parents in enumerate(one.cv_results_["parents"]) for parent in parents)
    assert one.stop_reason_ == "max_time"
    assert one.best_score_ == one.cv_results_["mean_test_score"].max()


def test_one_candidate_is_evaluated_whatever_the_time():
    one = search(Racing(longest=0.01), cv=5, max_time=1e-9).fit(X, y)
    assert len(one.cv_results_["params"]) == 1
    assert one.stop_reason_ == "max_time"


def test_target_ends_the_search_with_the_candidate_that_reaches_it():
    one = search(Racing(), n_iter=1000, target=-0.01).fit(X, y)
    scores = one.cv_results_["mean_test_score"]
    assert one.best_index_ == len(scores) - 1 < 999
    assert scores[-1] >= -0.01 > scores[:-1].max()


@pytest.mark.parametrize("patience", [1, 5, 20])
def test_patience_is_the_number_of_candidates_without_improvement(patience):
    one = search(Racing(), n_iter=1000, patience=patience).fit(X, y)
    assert one.best_index_ == len(one.cv_results_["params"]) - 1 - patience


def test_automatic_patience_ends_once_no_gain_exceeds_the_noise(tmp_path):
    options = {"cv": 3}
    whole = search(Racing(), **options).fit(X, y)
    (advice,) = [sentence for sentence in whole.advice_ if "patience='auto'" in sentence]
    n = int(advice.split()[1])
    assert 20 <= n < 40
    one = search(Racing(), patience="auto", **options).fit(X, y)
    assert (one.stop_reason_, len(one.history_)) == ("patience", n)
    assert one.history_ == whole.history_[:n]
    with parallel_config(backend="threading"):
        two = search(Racing(longest=0.001), patience="auto", n_jobs=2, **options).fit(X, y)
    assert two.history_ == one.history_
    parts = {"checkpoint": tmp_path / "search.db", **options}
    search(Racing(), n_iter=15, patience="auto", **parts).fit(X, y)
    assert search(Racing(), patience="auto", **parts).fit(X, y).history_ == one.history_


def test_automatic_patience_goes_on_where_scores_have_no_noise():
    twice = ONE_SPLIT * 2
    one = search(Racing(), patience="auto", cv=twice).fit(X, y)
    assert (one.stop_reason_, len(one.history_)) == ("n_iter", 40)
    assert not any("patience" in sentence for sentence in one.advice_)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"patience": "auto", "cv": ONE_SPLIT}, "^`patience='auto'` needs two folds or more, to .* `cv` has one.$"),
        ({"patience": "soon"}, "^`patience` must be a positive integer, 'auto' or None; got 'soon'.$"),
    ],
)
def test_patience_that_cannot_be_is_told(options, message):
    with pytest.raises(ValueError, match=message):
        search(Racing(), **options).fit(X, y)


STOPS = {
    "n_iter": {},
    "max_time": {"n_iter": 10_000, "max_time": 0.1},
    "target": {"target": -0.5},
    "patience": {"patience": 3},
    "exhausted": {"param_distributions": {"b": [0, 1, 2]}},
}


@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize("reason", STOPS)
def test_each_stop_says_why_and_leaves_a_fitted_search(reason, n_jobs):
    with parallel_config(backend="threading"):
        one = search(Racing(), n_jobs=n_jobs).set_params(**STOPS[reason]).fit(X, y)
    assert one.stop_reason_ == reason
    assert one.best_estimator_.fitted_
    assert one.best_params_ == one.cv_results_["params"][one.best_index_]
    assert one.best_score_ == one.cv_results_["mean_test_score"].max()
    assert (one.predict(X) == one.best_estimator_.a).all()
    assert one.score(X, y) == one.best_estimator_.score(X, y)
    assert all(len(column) == len(one.cv_results_["params"]) for column in one.cv_results_.values())


@pytest.mark.parametrize("reason", STOPS)
def test_each_stop_of_optimize_says_why_and_leaves_a_result(reason):
    options = {"n_iter": 40, **STOPS[reason], "target": 0.5 if reason == "target" else None}
    space = options.pop("param_distributions", {"a": UniformDistribution(0, 1), "b": [0, 1, 2, 3]})
    result = optimize(lambda params: delayed({"a": 0.0, "kind": "plain", **params}), space, seed=0, **options)
    assert result.stop_reason == reason
    assert result.best_score == min(one.score for one in result.history)
    assert len(result.history) == result.n_evaluations


# --------------------------------------------------------------------------------------------------------- good guest


def held():
    """Return the threads of this process and what its file descriptors are, counted."""
    gc.collect()
    things = collections.Counter(thread.name for thread in threading.enumerate())
    if os.path.isdir("/proc/self/fd"):
        for name in os.listdir("/proc/self/fd"):
            with contextlib.suppress(FileNotFoundError):  # that which listed them
                things[os.readlink(f"/proc/self/fd/{name}").split(":")[0]] += 1
    return things


def surroundings():
    """Return all that a search could disturb."""
    return {
        "signal handlers": [signal.getsignal(number) for number in signal.valid_signals()],
        "warning filters": list(warnings.filters),
        "showwarning": warnings.showwarning,
        "working directory": os.getcwd(),
        "environment": dict(os.environ),
        "event loop policy": asyncio.get_event_loop_policy() if sys.version_info < (3, 14) else None,
        "running event loop": asyncio._get_running_loop(),
        "numpy": repr(np.random.get_state()),
        "random": random.getstate(),
        "scikit-learn": sklearn.get_config(),
        "numpy errors": np.geterr(),
        "joblib": joblib.parallel.get_active_backend()[1],
        "streams": (sys.stdin, sys.stdout, sys.stderr, sys.excepthook, threading.excepthook),
        "module search path": list(sys.path),
        "recursion limit": sys.getrecursionlimit(),
        "temporary files": os.listdir(tempfile.gettempdir()),
    }


async def soon(params):
    await asyncio.sleep(0)
    return params["a"]


def fit_with(**options):
    return lambda seed: search(Racing(), n_iter=12, random_state=seed, **options).fit(X, y)


def failing(seed):
    with pytest.raises(ZeroDivisionError):
        search(Racing(), n_iter=12, scoring=lambda *_: 1 / 0, error_score="raise", random_state=seed).fit(X, y)


GUESTS = {
    "sequential": fit_with(),
    "threading": fit_with(n_jobs=2),
    "loky": fit_with(n_jobs=2),
    "multiprocessing": fit_with(n_jobs=2),
    "timeout": fit_with(timeout=PATIENT),
    "error": failing,
    "optimize": lambda seed: optimize(
        lambda params: params["a"], {"a": UniformDistribution(0, 1)}, n_iter=20, seed=seed
    ),
    "coroutines": lambda seed: optimize(soon, {"a": UniformDistribution(0, 1)}, n_iter=20, seed=seed),
}
PROCESSES = {"loky", "multiprocessing", "timeout"}
SLOW = GUESTS.keys() - {"threading", "coroutines"}
"""Those of which one seed is enough where time matters."""


@pytest.mark.parametrize(
    ("guest", "seed"),
    [
        pytest.param(name, seed, marks=pytest.mark.slow if name in (SLOW if seed is None else PROCESSES) else ())
        for name in GUESTS
        for seed in (0, None)
    ],
)
def test_a_search_leaves_everything_as_it_was(guest, seed, tmp_path, monkeypatch):
    run = GUESTS[guest]
    backend = guest if guest in ("threading", "multiprocessing") else "loky"
    with parallel_config(backend=backend):
        run(seed)  # joblib keeps the processes of loky, and pipes to them, for the next one
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        before, held_before = surroundings(), held()
        run(seed)
        assert surroundings() == before
        deadline = time.monotonic() + PATIENT
        while (more := held() - held_before) and time.monotonic() < deadline:
            time.sleep(0.05)  # the threads and files of a pool that has been ended may take a moment to go
    assert not more


def test_warning_filters_are_kept_also_where_the_fits_of_two_threads_overlap(watched):
    """scikit-learn sets them for each fit and resets them after it, in whatever order fits start and end."""
    before = warnings.filters
    kept = list(before)
    second_started, first_ends = threading.Event(), threading.Event()
    started = []

    def overlap(_):
        started.append(1)
        if len(started) == 1:
            second_started.wait(PATIENT)
            first_ends.set()
        else:
            second_started.set()
            first_ends.wait(PATIENT)
            time.sleep(0.5)  # in which it really does

    watched.before = staticmethod(overlap)
    with parallel_config(backend="threading", n_jobs=2):
        search(watched(), n_iter=2, cv=ONE_SPLIT, refit=False).fit(X, y)
    assert warnings.filters is before
    assert list(before) == kept


def test_the_event_loop_that_runs_here_is_left_running():
    async def main():
        loop = asyncio.get_running_loop()
        search(Racing(), n_iter=5).fit(X, y)
        optimize(soon, {"a": UniformDistribution(0, 1)}, n_iter=5, seed=0)
        await asyncio.sleep(0)
        return asyncio.get_running_loop() is loop and len(asyncio.all_tasks()) == 1

    assert asyncio.run(main())


def test_the_global_generators_are_not_read():
    results = []
    for seed in (0, 1):
        np.random.seed(seed)
        random.seed(seed)
        results.append(
            (
                found(search(Racing(), n_iter=20).fit(X, y)),
                trail(optimize(a_of, {"a": UniformDistribution(0, 1)}, n_iter=20, seed=0)),
            )
        )
    assert results[0] == results[1]


def test_without_a_seed_the_global_generators_are_not_read_either():
    results = []
    for _ in range(2):
        np.random.seed(0)
        random.seed(0)
        results.append(search(Racing(), n_iter=20, random_state=None).fit(X, y).cv_results_["params"])
    assert results[0] != results[1]


def a_of(params):
    return params["a"]


def test_the_data_reach_the_fits_unchanged_and_stay_so():
    features, labels = load_iris(return_X_y=True)
    kept = features.copy(), labels.copy()
    search(LogisticRegression(max_iter=10_000), {"C": LogUniformDistribution(1e-2, 1e2)}, n_iter=3).fit(
        features, labels
    )
    assert (features == kept[0]).all()
    assert (labels == kept[1]).all()
