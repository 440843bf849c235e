"""Nothing is lost to a bad fit: fits here fail, hang, kill their process and are interrupted, for real."""

import asyncio
import contextlib
import ctypes
import faulthandler
import functools
import json
import math
import multiprocessing
import os
import pickle
import re
import signal
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path

import numpy as np
import pytest
from estimators import X, wait_for, y
from joblib import parallel_config
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.exceptions import FitFailedWarning
from sklearn.neighbors import KNeighborsClassifier

from geneticsearch import GeneticSearchCV, UniformDistribution, optimize

pytestmark = [
    # Forking with threads is what joblib's backend multiprocessing does.
    pytest.mark.filterwarnings("ignore:.*use of fork.. may lead to deadlocks:DeprecationWarning"),
    # scikit-learn says so besides FitFailedWarning.
    pytest.mark.filterwarnings("ignore:One or more of the test scores are non-finite:UserWarning"),
]

posix = pytest.mark.skipif(os.name != "posix", reason="signals and processes are those of POSIX")
linux = pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="looks for processes in /proc")

ONE_SPLIT = [(np.arange(6), np.arange(6, 12))]
"""A `cv` that makes a fit of each candidate."""

PATIENT = 60.0
"""Seconds to wait for what should happen soon, on a machine that is busy with something else."""

TIMEOUT = 3.0
"""Seconds that a fit may take which does not hang; it needs none."""


# ------------------------------------------------------------------------------------------------- what can go wrong


class Unpicklable(Exception):
    """Cannot travel from one process to another."""

    def __init__(self, message):
        super().__init__(message)
        self.lock = threading.Lock()


class Unrepeatable(Exception):
    """Can be sent to another process, but not received there: its arguments are not those of its constructor."""

    def __init__(self, message, code):
        super().__init__(f"{message} {code}")


class Unprintable(Exception):
    """Cannot even be shown."""

    def __str__(self):
        raise RuntimeError("no words")


def fails_with(error, *args):
    raise error(*args)


def recurses():
    return recurses()


FAILURES = {
    "ValueError": functools.partial(fails_with, ValueError, "no good"),
    "MemoryError": functools.partial(fails_with, MemoryError, "no room"),
    "RecursionError": recurses,
    "unpicklable": functools.partial(fails_with, Unpicklable, "no way out"),
    "unrepeatable": functools.partial(fails_with, Unrepeatable, "no way in", 7),
    "unprintable": functools.partial(fails_with, Unprintable),
    "SystemExit": functools.partial(sys.exit, 3),
    "warning": functools.partial(fails_with, UserWarning, "no warning"),
    "StopIteration": functools.partial(fails_with, StopIteration),
}
BAD_SCORES = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}
NO_SCORES = {"None": None, "text": "high", "list": [0.5, 0.5]}


def killed():
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(PATIENT)


def exits():
    os._exit(1)


def crashes():
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    faulthandler.disable()  # pages of a dump would look like a crash of the tests
    ctypes.string_at(0)


DEATHS = [killed, exits, crashes]


def hangs():
    """Keep the interpreter busy in C code, which no signal interrupts and no thread gets around."""
    re.match(r"(a+)+$", "a" * 40 + "b")


class Fragile(RegressorMixin, BaseEstimator):
    """Its best score is at a=0.3; fitting it does `trouble` where a is more than one half."""

    def __init__(self, a=0.0, trouble=None, bad_score=0.0):
        self.a = a
        self.trouble = trouble
        self.bad_score = bad_score

    def fit(self, X, y=None):
        if self.a > 0.5 and self.trouble is not None:
            self.trouble()
        self.fitted_ = True
        return self

    def predict(self, X):
        return np.full(len(X), self.a)

    def score(self, X, y=None):
        return self.bad_score if self.a > 0.5 and self.trouble is None else -abs(self.a - 0.3)


SPACE = {"a": UniformDistribution(0, 1)}


def search(estimator, space=SPACE, n_iter=12, **options):
    options = {"cv": 2, "random_state": 0, **options}
    return GeneticSearchCV(estimator, space, n_iter=n_iter, **options)


def column(search, name):
    return np.asarray(search.cv_results_[name], dtype=float)


def fit_quietly(search):
    """Fit, and return what was warned of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        search.fit(X, y)
    return caught


def assert_healthy_ones_won(search, n=12):
    """Check that the bad half of the space cost nothing but itself."""
    a = column(search, "param_a")
    scores = column(search, "mean_test_score")
    bad = a > 0.5
    assert len(a) == n
    assert 0 < bad.sum() < n
    assert np.array_equal(scores[~bad], -abs(a[~bad] - 0.3))
    assert search.best_score_ == scores[~bad].max()
    assert search.best_params_ == {"a": a[search.best_index_]}
    assert (search.predict(X) == search.best_params_["a"]).all()
    assert search.stop_reason_ in ("n_iter", "exhausted")


# -------------------------------------------------------------------------------------------------------- bad fits


@pytest.mark.parametrize("n_jobs", [1, pytest.param(2, marks=pytest.mark.slow)])
@pytest.mark.parametrize("failure", FAILURES)
def test_a_failing_fit_costs_its_candidate_only_and_one_warning(failure, n_jobs):
    one = search(Fragile(trouble=FAILURES[failure]), n_jobs=n_jobs)
    caught = fit_quietly(one)
    assert_healthy_ones_won(one)
    bad = column(one, "param_a") > 0.5
    assert np.isnan(column(one, "mean_test_score")[bad]).all()
    (warning,) = [w for w in caught if issubclass(w.category, FitFailedWarning)]
    assert f"{2 * bad.sum()} fits failed out of a total of 24" in str(warning.message)


@pytest.mark.parametrize("n_jobs", [1, pytest.param(2, marks=pytest.mark.slow)])
@pytest.mark.parametrize("score", BAD_SCORES)
def test_a_score_that_is_not_finite_never_wins(score, n_jobs):
    one = search(Fragile(bad_score=BAD_SCORES[score]), n_jobs=n_jobs)
    fit_quietly(one)
    assert_healthy_ones_won(one)
    assert one.cv_results_["rank_test_score"][one.best_index_] == 1


@pytest.mark.parametrize("n_jobs", [1, pytest.param(2, marks=pytest.mark.slow)])
@pytest.mark.parametrize("score", NO_SCORES)
def test_a_score_that_is_no_number_never_wins(score, n_jobs):
    one = search(Fragile(bad_score=NO_SCORES[score]), n_jobs=n_jobs)
    fit_quietly(one)
    assert_healthy_ones_won(one)
    assert np.isnan(column(one, "mean_test_score")[column(one, "param_a") > 0.5]).all()


@pytest.mark.parametrize("error_score", [1000.0, 0])
def test_a_failed_candidate_never_wins_even_if_error_score_is_better_than_all(error_score):
    one = search(Fragile(trouble=FAILURES["ValueError"]), error_score=error_score)
    fit_quietly(one)
    assert_healthy_ones_won(one)
    assert (column(one, "mean_test_score")[column(one, "param_a") > 0.5] == error_score).all()


def test_a_failed_candidate_is_no_target_reached_and_no_progress():
    options = {"error_score": 1000.0, "n_iter": 30}
    one = search(Fragile(trouble=FAILURES["ValueError"]), target=1.0, **options)
    fit_quietly(one)
    assert one.stop_reason_ == "n_iter"
    one = search(Fragile(trouble=FAILURES["ValueError"]), {"a": [0.1, 0.6, 0.7, 0.8, 0.3]}, patience=3, **options)
    fit_quietly(one)
    assert one.stop_reason_ == "patience"
    assert one.best_params_ == {"a": 0.1}


@pytest.mark.parametrize("n_jobs", [1, pytest.param(2, marks=pytest.mark.slow)])
@pytest.mark.parametrize("failure", ["ValueError", "unpicklable", "SystemExit"])
def test_a_search_whose_fits_all_fail_is_an_error_that_says_why(failure, n_jobs):
    message = rf"(?s)None of the first candidates has a score.*({failure}|Unpicklable)"
    one = search(Fragile(trouble=FAILURES[failure]), {"a": UniformDistribution(0.6, 1)}, n_jobs=n_jobs)
    with (
        pytest.warns(FitFailedWarning, match=message),
        pytest.raises(ValueError, match=rf"(?s)All the 24 fits failed.*({failure}|Unpicklable)"),
    ):
        one.fit(X, y)


def test_fits_that_need_whole_numbers_are_told_how_to_get_them():
    one = search(KNeighborsClassifier(), {"n_neighbors": UniformDistribution(1, 5)}, n_iter=12)
    with (
        pytest.warns(FitFailedWarning, match=r"(?s)whole numbers only, give its distribution `q=1`.*must be an int"),
        pytest.raises(ValueError, match="fits failed"),
    ):
        one.fit(X, y)


@pytest.mark.parametrize("n_jobs", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_error_score_raise_raises_the_original_and_keeps_what_was_completed(n_jobs):
    space = {"a": [0.0, 0.1, 0.2, 0.4, 0.6, 0.5]}
    one = search(Fragile(trouble=FAILURES["ValueError"]), space, n_jobs=n_jobs, window=2, error_score="raise")
    with pytest.raises(ValueError, match=r"^no good$"):
        one.fit(X, y)
    assert one.stop_reason_ == "error"
    completed = [params["a"] for params in one.cv_results_["params"]]
    assert completed[:3] == [0.0, 0.1, 0.2]
    assert 0.6 not in completed
    assert one.best_params_ == {"a": completed[one.best_index_]}
    assert one.best_score_ == column(one, "mean_test_score").max() == -abs(one.best_params_["a"] - 0.3)
    assert not hasattr(one, "best_estimator_")


@pytest.mark.slow
@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_completed_candidates_keep_their_own_scores_where_an_earlier_one_was_not_completed(error):
    last_started, has_ended = threading.Event(), threading.Event()

    class Overtaken(Fragile):
        def fit(self, X, y=None):
            if self.a == 0.5:
                last_started.set()
            if self.a == 0.1:
                last_started.wait(PATIENT)
                if error is KeyboardInterrupt:
                    os.kill(os.getpid(), signal.SIGINT)
                    has_ended.wait(PATIENT)  # a thread that ends in another test resets its filters of warnings
                raise error
            return self

    # Two batches are sent ahead for each of the two threads, so that the last one starts when 0.2 and 0.3 are known.
    space = {"a": [0.0, 0.1, 0.2, 0.3, 0.35, 0.4, 0.45, 0.5]}
    one = search(Overtaken(), space, window=16, cv=ONE_SPLIT, error_score="raise")
    with parallel_config(backend="threading", n_jobs=2), pytest.raises(error):
        one.fit(X, y)
    has_ended.set()
    completed = [params["a"] for params in one.cv_results_["params"]]
    assert completed[:3] == [0.0, 0.2, 0.3]
    assert column(one, "param_a").tolist() == completed
    assert column(one, "mean_test_score").tolist() == [-abs(a - 0.3) for a in completed]
    assert one.best_params_ == {"a": 0.3}


def test_error_score_raise_at_the_first_fit_leaves_nothing():
    one = search(Fragile(trouble=FAILURES["ValueError"]), {"a": [0.6, 0.1]}, error_score="raise")
    with pytest.raises(ValueError, match=r"^no good$"):
        one.fit(X, y)
    assert not hasattr(one, "cv_results_")


def fragile(params, trouble=None, value=None):
    """Return the distance from 0.3, but do `trouble` or return `value` where a is more than one half."""
    if params["a"] > 0.5:
        return value if trouble is None else trouble()
    return abs(params["a"] - 0.3)


def optimized(n=12, space=SPACE, **options):
    """Return what `optimize` finds, after checking that the bad half of the space cost nothing but itself."""
    trouble = {name: options.pop(name) for name in ("trouble", "value") if name in options}
    with pytest.warns(UserWarning, match="failed and count as the worst") as caught:
        result = optimize(functools.partial(fragile, **trouble), space, n_iter=n, seed=0, **options)
    scores = [one.score for one in result.history]
    healthy = [abs(one.params["a"] - 0.3) for one in result.history if one.params["a"] <= 0.5]
    assert len(caught) == 1
    assert f"{n - len(healthy)} of {n} evaluations" in str(caught[0].message)
    assert 0 < len(healthy) < n
    assert [score for score in scores if not math.isnan(score)] == healthy
    assert result.best_score == min(healthy)
    assert result.n_evaluations == n
    return result


@pytest.mark.parametrize("n_jobs", [1, pytest.param(2, marks=pytest.mark.slow)])
@pytest.mark.parametrize("failure", FAILURES)
def test_a_failing_evaluation_costs_itself_only_and_one_warning(failure, n_jobs):
    optimized(trouble=FAILURES[failure], n_jobs=n_jobs)


@pytest.mark.parametrize("maximize", [False, True])
@pytest.mark.parametrize("value", [*BAD_SCORES.values(), *NO_SCORES.values(), 1j, {}, np.array([1.0, 2.0])], ids=repr)
def test_what_is_no_finite_number_counts_as_the_worst(value, maximize):
    def fn(params):
        return value if params["a"] > 0.5 else params["a"]

    with pytest.warns(UserWarning, match="failed and count as the worst"):
        result = optimize(fn, SPACE, n_iter=20, seed=0, maximize_fn=maximize)
    healthy = [one.params["a"] for one in result.history if one.params["a"] <= 0.5]
    assert result.best_score == (max if maximize else min)(healthy)
    assert result.n_evaluations == 20


def test_optimize_whose_evaluations_all_fail_is_an_error_that_says_why():
    with pytest.raises(ValueError, match=r"(?s)all 9 evaluations of `fn` failed.*no good"):
        optimize(functools.partial(fragile, trouble=FAILURES["ValueError"]), {"a": [0.6 + i / 100 for i in range(9)]})


# -------------------------------------------------------------------------------------------- workers that die or hang


class Deadly(Fragile):
    """What happens is the candidate's choice."""

    def fit(self, X, y=None):
        if callable(self.a):
            self.a()
        return self

    def score(self, X, y=None):
        return -abs(self.a - 0.3)


@posix
@pytest.mark.slow
@pytest.mark.parametrize("backend", ["loky", "multiprocessing"])
def test_workers_that_die_cost_their_own_candidates_only(backend, capfd):
    values = [0.0, 0.1, killed, 0.2, exits, 0.3, crashes, 0.4, 0.5]
    one = search(Deadly(), {"a": values}, cv=ONE_SPLIT, n_jobs=2)
    failed = pytest.warns(FitFailedWarning, match=r"(?s)3 fits failed out of a total of 9.*worker process died")
    with parallel_config(backend=backend), failed:
        one.fit(X, y)
    scores = one.cv_results_["mean_test_score"].tolist()
    for value, score in zip(values, scores, strict=True):
        assert math.isnan(score) if callable(value) else score == -abs(value - 0.3)
    assert one.best_params_ == {"a": 0.3}
    assert one.predict(X)[0] == 0.3
    assert "Fatal Python error" not in capfd.readouterr().err


@posix
@pytest.mark.slow
def test_a_process_that_dies_costs_its_own_evaluation_only():
    optimized(9, {"a": [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.05, 0.6, 0.15]}, trouble=crashes, n_jobs=2)


class DiesOnce(Deadly):
    """Ends its process where a is 0.3, but for the second time."""

    def __init__(self, a=0.0, trouble=None, bad_score=0.0, place=None):
        super().__init__(a, trouble, bad_score)
        self.place = place

    def fit(self, X, y=None):
        if self.a == 0.3 and not (self.place / "died").exists():
            (self.place / "died").touch()
            exits()
        self.fitted_sum_ = float(np.sum(X))
        return self

    def score(self, X, y=None):
        return self.fitted_sum_ + np.sum(X)


@posix
@pytest.mark.slow
def test_a_candidate_is_tried_again_when_its_worker_dies(tmp_path):
    large = np.tile(X, 10_000)  # such data travel to the workers in a file
    one = search(DiesOnce(place=tmp_path), {"a": [0.0, 0.1, 0.2, 0.3, 0.4, 0.5]}, n_jobs=2).fit(large, y)
    assert (tmp_path / "died").exists()
    assert one.cv_results_["mean_test_score"].tolist() == [large.sum()] * 6


@posix
@pytest.mark.slow
def test_if_all_workers_die_a_clear_error_comes_soon():
    started = time.monotonic()
    with pytest.raises(RuntimeError, match="all killed their worker process"):
        search(Fragile(trouble=exits), {"a": UniformDistribution(0.6, 1)}, n_iter=100, cv=ONE_SPLIT, n_jobs=2).fit(X, y)
    assert time.monotonic() - started < PATIENT


class Hanging(Fragile):
    """Tells of the process in which it hangs, where a is more than one half."""

    def __init__(self, a=0.0, trouble=None, bad_score=0.0, place=None):
        super().__init__(a, trouble, bad_score)
        self.place = place

    def fit(self, X, y=None):
        if self.a > 0.5:
            (self.place / str(os.getpid())).touch()
            hangs()
        return self


def is_running(pid):
    """Return whether there is such a process, other than one that has ended and not been waited for."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@linux
@pytest.mark.slow
@pytest.mark.parametrize(("backend", "n_jobs"), [("loky", 1), ("loky", 2), ("multiprocessing", 2)])
def test_a_fit_that_hangs_costs_its_timeout_and_leaves_no_process(backend, n_jobs, tmp_path):
    values = [0.1, 0.2, 0.6, 0.3, 0.4]
    one = search(Hanging(place=tmp_path), {"a": values}, n_jobs=n_jobs, timeout=TIMEOUT)
    with parallel_config(backend=backend), pytest.warns(FitFailedWarning, match=r"(?s)2 fits failed.*`timeout`=3.0"):
        one.fit(X, y)
    assert_healthy_ones_won(one, n=5)
    hung = [int(path.name) for path in tmp_path.iterdir()]
    assert len(hung) in (1, n_jobs)
    assert os.getpid() not in hung
    assert wait_for(lambda: not any(map(is_running, hung)))


@pytest.mark.slow
def test_an_evaluation_that_hangs_costs_its_timeout():
    result = optimized(4, {"a": [0.1, 0.6, 0.2, 0.3]}, trouble=hangs, timeout=TIMEOUT)
    assert [math.isnan(one.score) for one in result.history] == [False, True, False, False]


class Slow(Fragile):
    """Takes two seconds for a fit, where a is more than one half."""

    def fit(self, X, y=None):
        if self.a > 0.5:
            time.sleep(2)
        return self


@pytest.mark.slow
def test_timeout_is_for_all_fits_of_a_candidate_together():
    one = search(Slow(), {"a": [0.1, 0.6, 0.2]}, cv=3, timeout=TIMEOUT)
    with pytest.warns(FitFailedWarning, match=r"(?s)took more than `timeout`=3.0 seconds"):
        one.fit(X, y)
    assert_healthy_ones_won(one, n=3)


def test_a_coroutine_that_hangs_costs_its_timeout():
    async def fn(params):
        if params["a"] > 0.5:
            await asyncio.Event().wait()
        return params["a"]

    with pytest.warns(UserWarning, match=r"(?s)1 of 4 evaluations.*took more than `timeout`=0.5 seconds"):
        result = optimize(fn, {"a": [0.1, 0.6, 0.2, 0.3]}, n_iter=4, timeout=0.5)
    assert result.best_params == {"a": 0.1}


def test_threads_cannot_be_stopped_and_refuse_a_timeout():
    fits = []
    with parallel_config(backend="threading", n_jobs=2), pytest.raises(ValueError, match=r"`timeout` needs.*processes"):
        search(Fragile(a=1.0, trouble=functools.partial(fits.append, 1)), timeout=TIMEOUT).fit(X, y)
    with parallel_config(backend="threading", n_jobs=2), pytest.raises(ValueError, match=r"`timeout` needs.*processes"):
        optimize(fragile, SPACE, timeout=TIMEOUT)
    assert fits == []


# ----------------------------------------------------------------------------------------------------------- Ctrl-C


def interrupts():
    signal.raise_signal(signal.SIGINT)


COMPLETED = [0.0, 0.1, 0.2]
"""Candidates that are done when the search is interrupted."""


def assert_completed_ones_are_kept(search):
    assert search.stop_reason_ == "interrupted"
    assert [params["a"] for params in search.cv_results_["params"]] == COMPLETED
    assert search.cv_results_["mean_test_score"].tolist() == [-abs(a - 0.3) for a in COMPLETED]
    assert search.best_params_ == {"a": 0.2}
    assert search.best_score_ == -abs(0.2 - 0.3)
    assert search.best_index_ == 2


def test_an_interrupt_keeps_what_was_completed():
    one = search(Fragile(trouble=interrupts), {"a": [*COMPLETED, 0.6, 0.3]})
    with pytest.raises(KeyboardInterrupt):
        one.fit(X, y)
    assert_completed_ones_are_kept(one)
    pickle.loads(pickle.dumps(one))
    assert one.set_params(estimator=Fragile()).fit(X, y).best_params_ == {"a": 0.6}


def test_an_interrupt_in_the_second_fold_drops_the_half_scored_candidate():
    class Second(Fragile):
        def fit(self, X, y=None):
            if self.a > 0.5 and X[0, 0] == 0:  # the training rows of the second fold
                interrupts()
            return self

    one = search(Second(), {"a": [*COMPLETED, 0.6, 0.3]})
    with pytest.raises(KeyboardInterrupt):
        one.fit(X, y)
    assert_completed_ones_are_kept(one)


def test_an_interrupt_of_the_first_candidate_leaves_nothing():
    one = search(Fragile(trouble=interrupts), {"a": [0.6, 0.1]})
    with pytest.raises(KeyboardInterrupt):
        one.fit(X, y)
    assert not hasattr(one, "cv_results_")


def test_an_interrupt_is_one_even_if_all_that_was_completed_has_failed():
    class Bad(Fragile):
        def fit(self, X, y=None):
            interrupts() if self.a > 0.5 else FAILURES["ValueError"]()

    one = search(Bad(), {"a": [0.1, 0.2, 0.6]})
    with pytest.raises(KeyboardInterrupt):
        fit_quietly(one)


def test_an_interrupt_is_one_even_if_some_of_what_was_completed_has_failed():
    class Bad(Fragile):
        def fit(self, X, y=None):
            if self.a > 0.4:
                interrupts() if self.a > 0.5 else FAILURES["ValueError"]()
            return self

    one = search(Bad(), {"a": [0.1, 0.45, 0.2, 0.6]})
    with pytest.raises(KeyboardInterrupt), pytest.warns(FitFailedWarning, match="2 fits failed out of a total of 6"):
        one.fit(X, y)
    assert one.best_params_ == {"a": 0.2}


@pytest.mark.parametrize("scoring", [["r2", "neg_mean_squared_error"], "r2"], ids=str)
@pytest.mark.parametrize("refit", [False, "neg_mean_squared_error"])
def test_an_interrupt_keeps_what_was_completed_whatever_the_metrics(scoring, refit):
    one = search(Fragile(trouble=interrupts), {"a": [*COMPLETED, 0.6]}, scoring=scoring, refit=refit)
    with pytest.raises(KeyboardInterrupt):
        one.fit(X, y)
    assert [params["a"] for params in one.cv_results_["params"]] == COMPLETED
    assert hasattr(one, "best_params_") == (refit is not False or scoring == "r2")


class RefitInterrupted(Fragile):
    def fit(self, X, y=None):
        if len(X) == 18:
            interrupts()
        return self


def test_an_interrupt_of_the_refit_keeps_the_search():
    one = search(RefitInterrupted(), {"a": COMPLETED})
    with pytest.raises(KeyboardInterrupt):
        one.fit(X, y)
    assert [params["a"] for params in one.cv_results_["params"]] == COMPLETED
    assert one.best_params_ == {"a": 0.2}
    assert one.best_score_ == -abs(0.2 - 0.3)
    assert one.stop_reason_ == "exhausted"


def test_an_error_in_the_refit_keeps_the_search():
    class RefitFails(Fragile):
        def fit(self, X, y=None):
            if len(X) == 18:
                raise ZeroDivisionError
            return self

    one = search(RefitFails(), {"a": COMPLETED})
    with pytest.raises(ZeroDivisionError):
        one.fit(X, y)
    assert one.best_params_ == {"a": 0.2}
    assert len(one.cv_results_["params"]) == 3


def test_the_result_so_far_travels_on_the_interrupt():
    with pytest.raises(KeyboardInterrupt) as caught:
        optimize(functools.partial(fragile, trouble=interrupts), {"a": [*COMPLETED, 0.6, 0.3]})
    result = caught.value.partial_result
    assert [one.params["a"] for one in result.history if one.score is not None] == COMPLETED
    assert (result.best_params, result.best_score) == ({"a": 0.2}, abs(0.2 - 0.3))
    assert result.n_evaluations == 3
    assert result.stop_reason == "interrupted"


def test_an_interrupt_before_anything_is_known_has_no_result():
    with pytest.raises(KeyboardInterrupt) as caught:
        optimize(functools.partial(fragile, trouble=interrupts), {"a": [0.6, 0.3]})
    assert caught.value.partial_result is None


class Blocking(Fragile):
    """Leaves a file of its name and goes on for ever, where a is more than one half."""

    def __init__(self, a=0.0, trouble=None, bad_score=0.0, place=None):
        super().__init__(a, trouble, bad_score)
        self.place = place

    def fit(self, X, y=None):
        if self.a > 0.5:
            (self.place / str(self.a)).touch()
            time.sleep(3600)
        return self


def interruptible(front, place, backend, n_jobs, timeout):
    """Search in a process that will be interrupted; write down what the caller is left with. (Runs elsewhere.)"""
    # With a window of 2, that 0.7 has been started says that the results of all before 0.6 are known.
    options = {"n_jobs": n_jobs, "window": 2, "timeout": timeout}
    space = {"a": [*COMPLETED, 0.6, 0.7, 0.8, 0.9]}
    left = None
    try:
        with parallel_config(backend=backend):
            if front == "search":
                one = search(Blocking(place=place), space, cv=ONE_SPLIT, **options)
                one.fit(X, y)
            else:
                fn = {"optimize": blocking, "coroutines": coroutine, "stubborn coroutines": stubborn}[front]
                optimize(functools.partial(fn, place=place), space, **options)
    except KeyboardInterrupt as interrupt:
        if front == "search":
            assert_completed_ones_are_kept(one)
            left = [params["a"] for params in one.cv_results_["params"]]
        else:
            result = interrupt.partial_result
            left = [one.params["a"] for one in result.history if one.score is not None]
            assert result.best_params == {"a": 0.2}
    (place / "left").write_text(json.dumps(left))
    (place / "left").rename(place / "left.json")


def blocking(params, place):
    return -Blocking(a=params["a"], place=place).fit(X).score(X)


async def coroutine(params, place):
    if params["a"] > 0.5:
        (place / str(params["a"])).touch()
        await asyncio.sleep(3600)
    return abs(params["a"] - 0.3)


async def stubborn(params, place):
    if params["a"] > 0.5:
        (place / str(params["a"])).touch()
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            (place / "cancelled").touch()
            await asyncio.sleep(3600)
    return abs(params["a"] - 0.3)


def session_of(pid):
    try:
        state, _, _, session = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:4]
    except (FileNotFoundError, ProcessLookupError):
        return None
    return int(session) if state != "Z" else None


def processes_of(session):
    """Return the processes that a session leader has started, and they in turn; also itself."""
    return [int(pid) for pid in os.listdir("/proc") if pid.isdigit() and session_of(pid) == session]


@contextlib.contextmanager
def searching(place, front="search", backend="loky", n_jobs=2, timeout=None):
    """Run `interruptible` in a session of its own, whose processes are all gone at the end."""
    arguments = f"{front!r}, here.Path({str(place)!r}), {backend!r}, {n_jobs}, {timeout}"
    process = subprocess.Popen(
        [sys.executable, "-c", f"import test_failures as here; here.interruptible({arguments})"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([os.path.dirname(__file__), *filter(None, sys.path)])},
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        for pid in processes_of(process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.communicate()


@linux
@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "to"),
    [
        ({}, "all"),
        ({}, "main"),
        ({"timeout": PATIENT}, "all"),
        ({"backend": "multiprocessing"}, "all"),
        ({"backend": "threading"}, "main"),
        ({"front": "optimize"}, "all"),
        ({"front": "coroutines"}, "main"),
    ],
    ids=str,
)
def test_an_interrupt_reaches_the_caller_keeps_what_was_completed_and_leaves_no_process(options, to, tmp_path):
    with searching(tmp_path, **options) as process:
        assert wait_for((tmp_path / "0.7").exists), process.poll()
        # Ctrl-C reaches all processes of the terminal; `kill` one only.
        (os.killpg if to == "all" else os.kill)(process.pid, signal.SIGINT)
        assert wait_for((tmp_path / "left.json").exists, 30), "no KeyboardInterrupt"
        assert json.loads((tmp_path / "left.json").read_text()) == COMPLETED
        assert process.wait(30) == 0
        assert wait_for(lambda: not processes_of(process.pid), 30), "orphans"


def ignores_interrupts(params):
    return float(signal.getsignal(signal.SIGINT) is signal.SIG_IGN)


@linux
def test_processes_of_multiprocessing_leave_interrupts_to_the_caller():
    """One that dies of it may take the lock of the pool's queue with it, so that the pool cannot end."""
    with parallel_config(backend="multiprocessing", n_jobs=2):
        result = optimize(ignores_interrupts, {"a": [1, 2, 3, 4]}, n_jobs=2)
    assert [one.score for one in result.history] == [1.0] * 4
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@linux
@pytest.mark.slow
@pytest.mark.parametrize("front", ["search", "stubborn coroutines"])
def test_a_second_interrupt_ends_at_once(front, tmp_path):
    with searching(tmp_path, front) as process:
        assert wait_for((tmp_path / "0.7").exists)
        os.kill(process.pid, signal.SIGINT)
        if front == "search":
            time.sleep(0.3)  # it is about to end its workers
        else:
            assert wait_for((tmp_path / "cancelled").exists)
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(30) is not None
        assert wait_for(lambda: not processes_of(process.pid), 30), "orphans"


def test_an_interrupted_search_does_not_pretend_to_predict():
    one = search(Fragile(trouble=interrupts), {"a": [*COMPLETED, 0.6]})
    with pytest.raises(KeyboardInterrupt):
        one.fit(X, y)
    with pytest.raises(AttributeError, match="best_estimator_"):
        one.predict(X)


# ------------------------------------------------------------------------------------- nothing succeeds


def test_a_function_that_fails_in_the_same_way_from_the_start_is_not_called_a_hundred_times():
    calls = []

    def typo(params):
        calls.append(params)
        return params["lr"]

    with pytest.raises(ValueError, match=r"(?s)the first 10 evaluations .* all failed in the same way.*KeyError: 'lr'"):
        optimize(typo, {"x": UniformDistribution(0, 1)}, seed=0)
    assert 10 <= len(calls) < 30


@pytest.mark.parametrize("bad", [math.nan, math.inf, "different"])
def test_failures_that_may_be_the_parameters_own_do_not_end_the_search(bad):
    calls = []

    def fn(params):
        calls.append(params)
        if len(calls) <= 15:
            if bad == "different":
                raise (KeyError if len(calls) % 2 else ValueError)("bad parameters")
            return bad
        return params["x"]

    with pytest.warns(UserWarning, match="15 of 20 evaluations"):
        optimize(fn, {"x": UniformDistribution(0, 1)}, n_iter=20, seed=0, surrogate=None)


def scores_nothing(estimator, X, y):
    raise RuntimeError("no probabilities")


def scores_nan(estimator, X, y):
    warnings.warn("only one class", RuntimeWarning, stacklevel=1)
    return math.nan


@pytest.mark.filterwarnings("ignore:Scoring failed:UserWarning", "ignore:One or more of the test scores:UserWarning")
@pytest.mark.filterwarnings("ignore:only one class:RuntimeWarning")
@pytest.mark.parametrize(
    ("scoring", "why"),
    [(scores_nothing, "RuntimeError: no probabilities"), (scores_nan, "The scores are nan.\nonly one class")],
)
def test_scores_that_are_all_no_numbers_are_an_error_that_says_why(scoring, why):
    one = search(Fragile(), {"a": UniformDistribution(0, 0.5)}, n_iter=12, scoring=scoring)
    with (
        pytest.warns(FitFailedWarning, match=rf"(?s)None of the first candidates has a score.*{why}"),
        pytest.raises(ValueError, match=rf"(?s)None of the 12 candidates has a score that is a finite number.*{why}"),
    ):
        one.fit(X, y)


# ------------------------------------------------------------------------------------------------ workers and parents

ORPHANS = """
import os, sys, time
from geneticsearch import UniformDistribution, optimize

def fn(params):
    open(os.path.join(sys.argv[1], str(os.getpid())), "w").close()
    time.sleep(0.1)
    return params["x"]

optimize(fn, {"x": UniformDistribution(0, 1)}, n_iter=100_000, n_jobs=2)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")
def test_workers_end_soon_after_a_killed_parent(tmp_path):
    command = [sys.executable, "-c", ORPHANS, str(tmp_path)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        assert wait_for(lambda: len(list(tmp_path.iterdir())) >= 2)
        workers = [int(path.name) for path in tmp_path.iterdir()]
        process.kill()
    assert wait_for(lambda: not any(map(is_running, workers)), 30.0)


def in_a_daemonic_process(queue):
    try:
        optimize(functools.partial(fragile, trouble=None), {"a": UniformDistribution(0, 0.4)}, n_iter=2, timeout=9.0)
    except Exception as error:
        queue.put(str(error))


@posix
@pytest.mark.slow
def test_timeout_in_a_daemonic_process_is_a_clear_error():
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    process = context.Process(target=in_a_daemonic_process, args=(queue,), daemon=True)
    process.start()
    assert "`timeout` needs worker processes, which this daemonic process cannot have" in queue.get(timeout=60)
    process.join()


@posix
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_process_starts_workers_of_its_own(tmp_path):
    def run():
        space = {"a": UniformDistribution(0, 0.4)}
        return optimize(functools.partial(fragile, trouble=None), space, n_iter=3, seed=0, timeout=30.0).best_score

    score = run()  # makes loky's executor, which a child would inherit
    child = os.fork()
    if child == 0:
        (tmp_path / "score").write_text(repr(run()))
        os._exit(0)
    assert wait_for((tmp_path / "score").exists)
    os.waitpid(child, 0)
    assert (tmp_path / "score").read_text() == repr(score)


def n_threads(params):
    return float(os.environ["OMP_NUM_THREADS"])


@pytest.mark.slow
@pytest.mark.parametrize("threads", [1, 3])
def test_the_single_worker_of_a_timeout_has_the_threads_that_are_configured(threads):
    with parallel_config("loky", inner_max_num_threads=threads):
        found = optimize(n_threads, {"a": [1]}, timeout=30.0, n_jobs=1)
    assert found.best_score == threads


RAY = """
import math, os, sys
from pathlib import Path

import ray
from joblib import parallel_config
from ray.util.joblib import register_ray

from geneticsearch import UniformDistribution, optimize

killed, always = Path(sys.argv[1]), sys.argv[2] == "always"

def fn(params):
    if params["x"] > 0.9 if always else params["x"] > 0.5 and not killed.exists():
        killed.touch()
        os._exit(1)
    return params["x"]

ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
register_ray()
with parallel_config(backend="ray", n_jobs=2):
    found = optimize(fn, {"x": UniformDistribution(0, 1)}, n_iter=12, seed=0, surrogate=None)
    try:
        optimize(fn, {"x": UniformDistribution(0, 1)}, n_iter=2, timeout=9.0)
    except ValueError as error:
        print(error)
print("failed:", [individual.params["x"] > 0.9 for individual in found.history if math.isnan(individual.score)])
"""


@pytest.mark.slow
@pytest.mark.parametrize(("dies", "failed"), [("once", "[]"), ("always", "[True]")])
def test_lost_workers_of_ray_cost_no_more_than_the_candidates_that_kill_them(dies, failed, tmp_path):
    pytest.importorskip("ray")
    command = [sys.executable, "-W", "ignore", "-c", RAY, str(tmp_path / "killed"), dies]
    out = subprocess.run(command, check=True, capture_output=True, text=True, timeout=300).stdout
    assert "`timeout` needs worker processes on this machine, which can be killed; got the backend RayBackend" in out
    assert f"failed: {failed}" in out
