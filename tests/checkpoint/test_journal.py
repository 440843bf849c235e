"""A search that is killed, or whose file is damaged, is resumed as if nothing had happened, or refused in words."""

import contextlib
import functools
import json
import math
import os
import pickle
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path

import estimators
import numpy as np
import pytest
from estimators import Formula, X, count, note, quietly, wait_for, y
from joblib import parallel_config
from sklearn.base import clone
from sklearn.exceptions import FitFailedWarning
from sklearn.model_selection import ShuffleSplit, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from geneticsearch import (
    CheckpointError,
    LogUniformDistribution,
    SequenceDistribution,
    UniformDistribution,
    load_history,
    optimize,
)
from geneticsearch.checkpoint import _file, _journal, _lock
from geneticsearch.results import history_of

resource = pytest.importorskip("resource", reason="kills, links and limits are those of POSIX")

pytestmark = [
    # Tests fork themselves, to kill what they fork.
    pytest.mark.filterwarnings("ignore:.*use of fork.. may lead to deadlocks:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning"),
    # Masked columns of integers may warn under scikit-learn 1.5: scikit-learn#29929.
    pytest.mark.filterwarnings("ignore:invalid value encountered in cast:RuntimeWarning"),
    pytest.mark.filterwarnings("ignore:One or more of the test scores are non-finite:UserWarning"),
]

SPACE = {
    "x": UniformDistribution(-1, 1),
    "kind": ["a", "b", None],
    "layers": SequenceDistribution(UniformDistribution(1, 9, q=1), 1, 3),
}
ESTIMATOR_SPACE = {"a": UniformDistribution(0, 1), "b": LogUniformDistribution(1e-3, 1e3), "kind": [1, 2, 3]}


def loss(params):
    if params["x"] > 0.7:
        return math.nan  # a failure of its own making, which is remembered
    return (params["x"] - 0.3) ** 2 + 0.01 * sum(params["layers"]) + (params["kind"] == "a")


def noting(log, pause=0.0):
    """Return the loss function that notes each of its evaluations."""

    def noted(params):
        note(log)
        time.sleep(pause)
        return loss(params)

    return noted


class Infinite(Formula):
    """Scores infinity where `a` is above 0.8: a failure of its own making, which is remembered."""

    def score(self, X, y=None):
        return np.inf if self.a > 0.8 else super().score(X, y)


def search(checkpoint=None, n_iter=40, log=None, fails_above=1.0, **options):
    estimator = Infinite(fails_above=fails_above, log=log)
    return estimators.search(ESTIMATOR_SPACE, estimator, n_iter=n_iter, checkpoint=checkpoint, **options)


def results_of(found):
    """Return all that must be the same, times aside, as text: to the last bit, NaN included."""
    if hasattr(found, "cv_results_"):
        columns = {name: column for name, column in found.cv_results_.items() if not name.endswith("_time")}
        rows = {name: np.asarray(column).tolist() for name, column in columns.items()}
        return repr((rows, found.best_index_, found.best_params_, found.best_score_, found.stop_reason_))
    history = [(one.number, one.params, one.parents, one.origin, one.score) for one in found.history]
    return repr((history, found.best_params, found.best_score, found.stop_reason))


def run_optimize(checkpoint=None, n_iter=60, log=None, **kwargs):
    kwargs = {"seed": 0, "size": 10, "surrogate": None, **kwargs}
    with quietly():
        return optimize(noting(log), SPACE, n_iter=n_iter, checkpoint=checkpoint, **kwargs)


def run_search(checkpoint=None, n_iter=40, log=None, **kwargs):
    with quietly():
        return search(checkpoint, n_iter, log, **kwargs).fit(X, y)


def fork(run):
    """Run something in a child process; return its id."""
    child = os.fork()
    if child:
        return child
    try:
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        run()
        os._exit(0)
    except BaseException:
        os._exit(1)


def kill(child):
    """Kill a child; return whether it had ended before, well."""
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return not os.WIFSIGNALED(status)


def has_ended(child):
    return os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def waits(condition):
    assert wait_for(condition)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "search.db"


@pytest.fixture
def log(tmp_path):
    return tmp_path / "log"


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A finished checkpoint of `run_optimize`, and what it found."""
    path = tmp_path_factory.mktemp("finished") / "search.db"
    return path, results_of(run_optimize(path, log=None))


def files_of(path):
    """Return all files beside a checkpoint, and what is in them."""
    return {one.name: one.read_bytes() for one in path.parent.iterdir() if one.is_file() and not one.is_symlink()}


# --------------------------------------------------------------------------------------------------------- resuming


@pytest.mark.parametrize("run", [run_optimize, run_search])
@pytest.mark.parametrize("surrogate", [None, "auto"])
def test_checkpoint_changes_nothing(run, surrogate, path):
    kwargs = {"n_iter": 20, "surrogate": surrogate}
    assert results_of(run(path, **kwargs)) == results_of(run(**kwargs))


@pytest.mark.parametrize("run", [run_optimize, run_search])
def test_finished_checkpoint_costs_no_evaluation_and_leaves_one_file(run, path, log):
    first = results_of(run(path, log=log))
    n_evaluations = count(log)
    assert n_evaluations == (60 if run is run_optimize else 120)
    before = path.read_bytes()
    assert results_of(run(path, log=log)) == first
    assert count(log) == n_evaluations
    assert path.read_bytes() == before
    assert {one.name for one in path.parent.iterdir()} == {"search.db", "log"}


def test_finished_checkpoint_starts_no_workers(path, monkeypatch):
    run_search(path)
    monkeypatch.setattr("geneticsearch._cross_validation.pooled_or_here", lambda *_: pytest.fail("workers"))
    run_search(path, n_jobs=2)


@pytest.mark.parametrize("run", [run_optimize, run_search])
def test_larger_budget_continues(run, path, log):
    run(path, n_iter=12, log=log, surrogate="auto")
    n_evaluations = count(log)
    continued = run(path, n_iter=24, log=log, surrogate="auto")
    assert results_of(continued) == results_of(run(n_iter=24, surrogate="auto"))
    assert count(log) == n_evaluations * 2


def test_larger_budget_than_a_finite_space_continues_the_search_it_was(path):
    # A space of 27 is evolved under a budget of 20 and listed under one of 27 or more.
    space = {"a": [1, 2, 3], "b": [1, 2, 3], "c": [1, 2, 3]}
    kwargs = {"seed": 0, "checkpoint": path}
    first = optimize(sum_of_values, space, n_iter=20, **kwargs)
    continued = optimize(sum_of_values, space, n_iter=100, **kwargs)
    assert [one.params for one in continued.history[:20]] == [one.params for one in first.history]
    assert continued.stop_reason == "exhausted"
    assert continued.n_evaluations == 27


def sum_of_values(params):
    return sum(params.values())


def test_smaller_budget_is_the_beginning(path, log):
    run_optimize(path, n_iter=30, log=log)
    assert results_of(run_optimize(path, n_iter=12, log=log)) == results_of(run_optimize(n_iter=12))
    assert count(log) == 30


@pytest.mark.parametrize("limits", [{"target": 0.05}, {"patience": 15}])
def test_limits_judge_recalled_candidates_as_they_did(limits, path, log):
    first = run_optimize(path, n_iter=500, log=log, **limits)
    n_evaluations = count(log)
    again = run_optimize(path, n_iter=500, log=log, **limits)
    assert first.stop_reason == next(iter(limits))
    assert results_of(again) == results_of(first)
    assert count(log) == n_evaluations
    assert len(run_optimize(path, n_iter=n_evaluations + 5, log=log).history) == n_evaluations + 5


@pytest.mark.parametrize("run", [run_optimize, run_search])
def test_seed_is_drawn_once_and_remembered(run, path):
    none = {"seed" if run is run_optimize else "random_state": None}
    first = results_of(run(path, n_iter=15, **none))
    assert results_of(run(path, n_iter=15, **none)) == first
    assert results_of(run(n_iter=15, **none)) != first


@pytest.mark.parametrize("make", [np.random.RandomState, np.random.default_rng, np.random.SeedSequence])
def test_generators_are_known_by_what_is_drawn_from_them(make, path):
    first = results_of(run_optimize(path, n_iter=15, seed=make(0)))
    assert results_of(run_optimize(path, n_iter=15, seed=make(0))) == first
    with pytest.raises(CheckpointError, match="the seed"):
        run_optimize(path, n_iter=15, seed=make(1))


@pytest.mark.parametrize("generator", [None, np.random.RandomState(3)])
def test_later_candidates_meet_the_folds_of_the_first(path, generator):
    cv = ShuffleSplit(2, test_size=5, random_state=generator)
    first = run_search(path, n_iter=5, cv=cv)
    again = run_search(path, n_iter=10, cv=ShuffleSplit(2, test_size=5, random_state=generator))
    assert results_of(run_search(path, n_iter=5, cv=cv)) == results_of(first)
    folds = [again.cv_results_[f"split{k}_test_score"] for k in range(2)]
    ok = np.isfinite(folds[0])
    apart = (folds[0] - folds[1])[ok]
    assert np.allclose(apart, apart[0])  # the rows of a fold shift its scores, all by the same


@pytest.mark.slow
def test_failures_and_timeouts_are_remembered(path, log):
    def fn(params):
        note(log)
        if params["x"] > 0.5:
            time.sleep(60)
        return params["x"]

    kwargs = {"n_iter": 3, "seed": 1, "timeout": 1.0, "checkpoint": path}
    with pytest.warns(UserWarning, match=r"more than `timeout`=1.0 seconds"):
        first = optimize(fn, {"x": UniformDistribution(0, 1)}, **kwargs)
    n_evaluations = count(log)
    with pytest.warns(UserWarning, match=r"more than `timeout`=1.0 seconds"):
        again = optimize(fn, {"x": UniformDistribution(0, 1)}, **kwargs)
    assert count(log) == n_evaluations
    assert results_of(again) == results_of(first)
    assert "more than `timeout`=1.0" in next(one for one in load_history(path) if one["error"])["error"]


def test_errors_of_fits_are_told_again(path):
    def fit():
        with pytest.warns(FitFailedWarning) as caught:
            search(path, n_iter=30, fails_above=0.8).fit(X, y)
        return [re.sub(r"0x\w+", "", str(one.message)) for one in caught if one.category is FitFailedWarning]

    assert fit() == fit()


@pytest.mark.parametrize("value", [0.1, -0.0, 5e-324, 1.7976931348623157e308, 1 / 3, np.float32(0.1), np.int64(3)])
def test_scores_survive_bit_for_bit(value, path):
    space = {"x": [1, 2]}
    first = optimize(functools.partial(give, value), space, n_iter=2, checkpoint=path).best_score
    again = optimize(functools.partial(give, value), space, n_iter=2, checkpoint=path).best_score
    assert first.hex() == again.hex() == float(value).hex()


def give(value, params):
    return value


def two_metrics(estimator, X, y):
    return {"first": estimator.score(X, y), "second": -estimator.a}


@pytest.mark.parametrize(
    "scoring", [two_metrics, {"s": "neg_mean_squared_error", "r": "r2"}, "neg_mean_absolute_error"]
)
def test_cv_results_are_rebuilt_exactly(scoring, path):
    refit = {"refit": False, "return_train_score": True, "scoring": scoring}

    def columns():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = search(path, n_iter=20, **refit).fit(X, y).cv_results_
        return repr({name: np.asarray(column).tolist() for name, column in found.items()})  # times too

    assert columns() == columns()


def test_interrupted_search_is_resumed(path, log):
    def fn(params):
        note(log)
        if count(log) == 17:
            raise KeyboardInterrupt
        return loss(params)

    def run():
        with quietly():
            return optimize(fn, SPACE, n_iter=40, size=10, seed=0, surrogate=None, checkpoint=path)

    with pytest.raises(KeyboardInterrupt):
        run()
    assert [one.name for one in path.parent.glob("search*")] == ["search.db"]
    assert len(load_history(path)) == 16
    assert results_of(run()) == results_of(run_optimize(n_iter=40))
    assert count(log) == 41


def test_search_of_coroutines_is_resumed(path, log):
    async def fn(params):
        note(log)
        return loss(params)

    def run(checkpoint):
        with quietly():
            return results_of(optimize(fn, SPACE, n_iter=20, seed=0, checkpoint=checkpoint))

    assert run(path) == run(None) == run(path)
    assert count(log) == 40


def test_workers_before_and_after_make_no_difference(path):
    options = {"n_iter": 25, "surrogate": "auto"}
    whole = results_of(run_search(**options))
    with parallel_config(backend="threading"):
        run_search(path, n_jobs=2, **{**options, "n_iter": 15})
        assert results_of(run_search(path, n_jobs=1, **options)) == whole


def test_clone_and_parameters(path):
    one = search(path, initial={"a": 0.5, "b": 1.0, "kind": 1})
    assert one.checkpoint is path
    assert clone(one).checkpoint == path
    assert clone(one).initial == one.initial
    assert pickle.loads(pickle.dumps(one)).checkpoint == path


def test_path_may_be_text_or_pathlike_and_nothing_else(path):
    run_optimize(str(path), n_iter=5)
    assert len(load_history(str(path))) == 5
    with pytest.raises(ValueError, match="checkpoint"):
        run_search(3)
    with pytest.raises(TypeError, match=r"`checkpoint` must be a path or None; got 3"):
        run_optimize(3)


def test_mistakes_are_told_before_a_file_is_made(path):
    with pytest.raises(ValueError, match="surrogate"):
        run_optimize(path, surrogate="yes")
    with pytest.raises(ValueError, match="window"):
        run_search(path, window=0)
    assert not path.exists()


def test_verbose_says_how_many_are_recalled_and_how_many_to_go(path, capsys):
    run_search(path, n_iter=20)
    run_search(path, n_iter=25, verbose=1)
    assert "20 candidates recalled from the checkpoint, 5 to go" in capsys.readouterr().err
    run_search(path, n_iter=25, verbose=1)
    assert "25 candidates recalled from the checkpoint, 0 to go" in capsys.readouterr().err
    run_search(n_iter=5, verbose=1)
    assert "recalled" not in capsys.readouterr().err


def two_equal_metrics(estimator, X, y):
    """Return two metrics of equal means over two folds, but of other scores on each."""
    first = float(np.min(X)) > 0
    return {"first": estimator.a + first, "second": estimator.a + 1 - first}


@pytest.mark.parametrize("metric", ["first", "second"])
def test_a_checkpoint_knows_which_metric_is_evolved(metric, path):
    options = {"scoring": two_equal_metrics, "refit": metric, "cv": 2, "n_iter": 6}
    found = estimators.search({"a": UniformDistribution(0, 1)}, Formula(), checkpoint=path, **options).fit(X, y)
    assert history_of(path).metric == metric
    np.testing.assert_array_equal(history_of(path).folds, history_of(found).folds)
    assert not np.array_equal(*history_of(path).folds.T)


def test_constraints_are_asked_once_with_and_without_a_checkpoint(path):
    calls = []

    def allowed(params):
        calls.append(1)
        return params["a"] > params["b"]

    counts = []
    for checkpoint in (None, path):
        calls.clear()
        space = {"a": list(range(100)), "b": list(range(100))}
        optimize(lambda p: 0.0, space, n_iter=1, constraints=allowed, checkpoint=checkpoint)
        counts.append(len(calls))
    assert max(counts) <= 10_100


# ------------------------------------------------------------------------------------------------------ second chances


def needing(file, log, share=0.5):
    """Return a function that fails above a share of the space as long as a file is missing."""

    def fn(params):
        note(log)
        if params["x"] > share and not file.exists():
            raise FileNotFoundError(file.name)
        return (params["x"] - 0.7) ** 2

    return fn


def run_needing(file, log, path=None, share=0.5, n_iter=12, **options):
    with quietly():
        fn, space = needing(file, log, share), {"x": UniformDistribution(0, 1)}
        return optimize(fn, space, n_iter=n_iter, seed=0, surrogate=None, checkpoint=path, **options)


def test_candidates_that_raised_get_a_second_chance(path, log, tmp_path):
    file = tmp_path / "file"
    failed = sum(math.isnan(one.score) for one in run_needing(file, log, path).history)
    assert 0 < failed < 12
    file.touch()
    found = run_needing(file, log, path)
    assert results_of(found) == results_of(run_needing(file, log))
    n_evaluations = count(log)
    assert results_of(run_needing(file, log, path)) == results_of(found)
    assert count(log) == n_evaluations
    assert [one["number"] for one in load_history(path)] == list(range(12))


def test_a_second_chance_is_the_last_one(path, log, tmp_path):
    counts = []
    for _ in range(3):
        before = count(log)
        results = results_of(run_needing(tmp_path / "file", log, path))
        counts.append(count(log) - before)
    assert counts[0] == 12
    assert 0 < counts[1] < 12
    assert counts[2] == 0
    assert results == results_of(run_needing(tmp_path / "file", log))


def test_where_nothing_has_succeeded_there_is_always_another_chance(path, log, tmp_path):
    file = tmp_path / "file"
    for n in (1, 2, 3):
        with pytest.raises(ValueError, match="FileNotFoundError"):
            run_needing(file, log, path, share=-1, n_iter=8)
        assert count(log) == 8 * n
    file.touch()
    assert results_of(run_needing(file, log, path, share=-1)) == results_of(run_needing(file, log, share=-1))


def test_a_kill_in_the_middle_of_second_chances_costs_nothing(path, log, tmp_path):
    file = tmp_path / "file"
    run_needing(file, log, path, n_iter=30)
    file.touch()
    whole = results_of(run_needing(file, log, n_iter=30))
    for k in range(1, 12, 3):
        start = count(log)
        child = fork(lambda: run_needing(file, log, path, n_iter=30))
        waits(lambda k=k, start=start, child=child: count(log) >= start + k or has_ended(child))
        kill(child)
    assert results_of(run_needing(file, log, path, n_iter=30)) == whole


def test_failed_fits_get_a_second_chance_too(path, log):
    first = run_search(path, n_iter=12, log=log, fails_above=0.5)
    n_failed = int(np.isnan(first.cv_results_["mean_test_score"]).sum())
    assert 0 < n_failed < 12
    n_fits = count(log)
    assert results_of(run_search(path, n_iter=12, log=log, fails_above=0.5)) == results_of(first)
    assert count(log) == n_fits + 3 * n_failed


# ---------------------------------------------------------------------------------------------------------- killing


def kill_until_finished(run, path, log, rng, n_kills, whole, per_kill):
    """Kill a search after some evaluations, again and again; then let it finish."""
    n_known = 0
    for _ in range(n_kills):
        stop = count(log) + rng.randint(0, 6) * per_kill
        child = fork(run)
        waits(lambda stop=stop, child=child: count(log) >= stop or has_ended(child))
        time.sleep(rng.random() * 0.01)
        kill(child)
        if path.exists():
            n_now = len(load_history(path))
            assert n_now >= n_known
            n_known = n_now
    n_noted = count(log)
    assert results_of(run()) == whole
    return count(log) - n_noted, n_known


@pytest.mark.slow
@pytest.mark.parametrize(("run", "kwargs"), [(run_optimize, {}), (run_search, {"n_iter": 30})])
@pytest.mark.parametrize("surrogate", [None, "auto"])
def test_killed_at_any_instant(run, kwargs, surrogate, path, log):
    kwargs = {"surrogate": surrogate, **kwargs}
    whole = results_of(run(**kwargs))
    rng = random.Random(0)
    n_kills = 12 if surrogate is None else 6
    per_kill = 1 if run is run_optimize else 3
    n_last, n_known = kill_until_finished(
        lambda: run(path, log=log, **kwargs), path, log, rng, n_kills, whole, per_kill
    )
    # What was under way is evaluated again, and no more than that.
    n_whole = 60 if run is run_optimize else 90
    assert n_last == n_whole - n_known * per_kill
    assert count(log) <= n_whole + n_kills * per_kill


@pytest.mark.slow
@pytest.mark.parametrize("run", [run_optimize, run_search])
def test_killed_with_several_workers(run, path, log):
    whole = results_of(run())

    def run_in_threads():
        with parallel_config(backend="threading"):
            return run(path, log=log, n_jobs=2)

    n_last, n_known = kill_until_finished(run_in_threads, path, log, random.Random(1), 10, whole, 1)
    assert n_last == (60 - n_known if run is run_optimize else (40 - n_known) * 3)


@pytest.mark.slow
def test_killed_with_worker_processes(path, log, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        f"import sys\nsys.path[:] = {sys.path!r}\nimport test_journal as t\n"
        "from pathlib import Path\nt.run_search(Path(sys.argv[1]), log=Path(sys.argv[2]), n_jobs=2)\n"
    )
    command = [sys.executable, str(script), str(path), str(log)]
    with subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL) as process:
        waits(lambda: count(log) >= 50 or process.poll() is not None)
        os.killpg(process.pid, signal.SIGKILL)
    n_known, n_noted = len(load_history(path)), count(log)
    assert n_known > 0
    subprocess.run(command, check=True, timeout=120, stderr=subprocess.DEVNULL)
    assert count(log) - n_noted == (40 - n_known) * 3
    assert results_of(run_search(path, log=log)) == results_of(run_search(log=log))


@pytest.mark.slow
def test_killed_while_the_file_is_made(path):
    rng = random.Random(0)
    for _ in range(40):
        child = fork(lambda: run_optimize(path, n_iter=1))
        time.sleep(rng.random() * 0.012)
        kill(child)
        if path.exists():
            assert load_history(path) in ([], load_history(path)[:1])
            path.unlink()
            for rest in path.parent.glob("search.db-*"):
                rest.unlink()


def test_what_is_told_is_recorded_before_the_next_evaluation(path, log):
    def fn(params):
        assert len(load_history(path)) == count(log)
        note(log)
        return params["x"]

    optimize(fn, {"x": UniformDistribution(0, 1)}, n_iter=5, checkpoint=path)


def test_killed_holder_blocks_nobody_even_if_a_child_of_it_lives_on(path, log):
    def hold():
        def fn(params):
            if count(log) == 3 and os.fork() == 0:  # a worker that will be an orphan
                time.sleep(30)
                os._exit(0)
            note(log)
            return loss(params)

        with quietly():
            optimize(fn, SPACE, n_iter=1000, size=10, seed=0, checkpoint=path)

    child = fork(lambda: (os.setpgid(0, 0), hold()))
    waits(lambda: count(log) > 4)
    kill(child)
    try:
        assert len(load_history(path)) >= 4
        journal = _lock._WriterLock(path)
        journal.release()
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)


# ------------------------------------------------------------------------------------------------------- one writer


def test_second_process_is_told_who_holds_it(path, log):
    child = fork(lambda: optimize(noting(log, 0.05), SPACE, n_iter=10_000, seed=0, size=10, checkpoint=path))
    try:
        waits(lambda: count(log) > 2)
        with pytest.raises(CheckpointError, match=rf"is held by process {child} on .+ since 20\d\d-"):
            run_optimize(path)
        n_read = len(load_history(path))
        assert n_read >= 1
        waits(lambda: len(load_history(path)) > n_read + 3)  # readers see more and more
    finally:
        kill(child)
    assert len(load_history(path)) > n_read


def test_second_search_in_the_same_process_is_told_too(path):
    def fn(params):
        with pytest.raises(CheckpointError, match=f"is held by process {os.getpid()}"):
            optimize(loss, SPACE, n_iter=5, seed=0, checkpoint=path)
        return params["x"]

    optimize(fn, {"x": UniformDistribution(0, 1)}, n_iter=3, checkpoint=path)


def test_several_fits_into_one_file_are_refused(path):
    # Each fold of the outer cross-validation is another search.
    with pytest.raises(ValueError, match=r"differs in:\n- X: "), quietly():
        cross_val_score(search(path, n_iter=5, refit=True), X, y, cv=3, error_score="raise")


@pytest.mark.slow
def test_many_readers_do_not_disturb(path, log):
    stop = threading.Event()
    lengths = []

    def read():
        while not stop.is_set():
            if path.exists():
                lengths.append(len(load_history(path)))

    readers = [threading.Thread(target=read) for _ in range(2)]
    for one in readers:
        one.start()
    try:
        found = run_optimize(path, n_iter=150, log=log)
    finally:
        stop.set()
        for one in readers:
            one.join()
    assert results_of(found) == results_of(run_optimize(n_iter=150))
    assert lengths
    assert not list(path.parent.glob("search.db-*"))


# ----------------------------------------------------------------------------------------------------------- damage


def refused_or_identical(path, whole, log=None):
    """Resume a damaged checkpoint; the file must be as it was if it is refused."""
    before = files_of(path)
    try:
        found = run_optimize(path)
    except CheckpointError:
        assert files_of(path) == before
        return False
    assert results_of(found) == whole
    return True


def test_truncated_files(finished, tmp_path):
    source, whole = finished
    content = source.read_bytes()
    path = tmp_path / "search.db"
    lengths = [0, 1, 15, 16, 50, 99, 100, 101, 4095, 4096, 4097, 8192, len(content) // 2, len(content) - 1]
    for length in lengths:
        path.write_bytes(content[:length])
        assert not refused_or_identical(path, whole), length


@pytest.mark.slow
def test_flipped_bits(finished, tmp_path):
    source, whole = finished
    content = source.read_bytes()
    path = tmp_path / "search.db"
    rng = random.Random(0)
    outcomes = []
    for at in [*range(0, 112, 3), *(rng.randrange(len(content)) for _ in range(160))]:
        flipped = bytearray(content)
        flipped[at] ^= 1 << rng.randrange(8)
        path.write_bytes(flipped)
        outcomes.append(refused_or_identical(path, whole))
        for rest in tmp_path.iterdir():
            rest.unlink()
    assert outcomes.count(False) > 50


@pytest.fixture(scope="module")
def crashed(tmp_path_factory):
    """The files of a search that was killed while it wrote a record: a database and its rollback journal."""
    directory = tmp_path_factory.mktemp("crashed")
    path = directory / "search.db"
    run_optimize(path, n_iter=30)

    def die_while_writing():
        connection = _file.open_to_append(path)
        connection.execute("PRAGMA cache_size = 1")  # what does not fit is written before the transaction ends
        connection.execute("BEGIN")
        connection.executemany(
            "INSERT INTO trials VALUES (?, ?, ?, ?)", [(n, b"", "x" * 3000, b"") for n in range(100, 200)]
        )
        os.kill(os.getpid(), signal.SIGKILL)

    os.waitpid(fork(die_while_writing), 0)
    files = files_of(path)
    assert set(files) == {"search.db", "search.db-journal"}
    return files


def test_what_was_not_complete_is_taken_back(crashed, tmp_path):
    for name, content in crashed.items():
        (tmp_path / name).write_bytes(content)
    path = tmp_path / "search.db"
    assert len(load_history(path)) == 30
    assert results_of(run_optimize(path)) == results_of(run_optimize())
    assert set(files_of(path)) == {"search.db"}


@pytest.mark.slow
def test_damaged_rollback_journals(crashed, tmp_path, finished):
    rng = random.Random(0)
    _, whole = finished
    log = crashed["search.db-journal"]
    damages = [log[:length] for length in (0, 10, 28, 511, 512, 513, 5000, len(log) - 1, len(log) - 4000)]
    for _ in range(20):
        flipped = bytearray(log)
        flipped[rng.randrange(len(log))] ^= 1 << rng.randrange(8)
        damages.append(bytes(flipped))
    path = tmp_path / "search.db"
    for damaged in damages:
        path.write_bytes(crashed["search.db"])
        Path(f"{path}-journal").write_bytes(damaged)
        refused_or_identical(path, whole)
        for rest in tmp_path.iterdir():
            rest.unlink()


def test_reading_a_crashed_checkpoint_leaves_it_as_it_is(crashed, tmp_path):
    for name, content in crashed.items():
        (tmp_path / name).write_bytes(content)
    path = tmp_path / "search.db"
    assert len(load_history(path)) == 30
    assert files_of(path) == crashed
    with pytest.raises(CheckpointError, match="the seed: was 0, is 1"):
        run_optimize(path, seed=1)
    assert files_of(path) == crashed


HOSTILE = {
    "extra table": "CREATE TABLE more (x)",
    "view": "CREATE VIEW more AS SELECT 1",
    "trigger": "CREATE TRIGGER more AFTER INSERT ON trials BEGIN DELETE FROM trials; END",
    "index": "CREATE INDEX more ON trials (genes)",
    "version": "PRAGMA user_version = 9",
    "application": "PRAGMA application_id = 9",
    "score": "UPDATE trials SET record = replace(record, '\"score\":0', '\"score\":1')",
    "genes": "UPDATE trials SET genes = zeroblob(8) WHERE number = 3",
    "checksum": "UPDATE trials SET checksum = zeroblob(8) WHERE number = 3",
    "number": "UPDATE trials SET number = 1000 WHERE number = 3",
    "identity": "UPDATE header SET header = replace(header, 'a', 'b')",
    "no header": "DELETE FROM header",
    "two headers": "INSERT INTO header SELECT * FROM header",
    "other type": "UPDATE header SET header = x'00'",
    "journal mode": "PRAGMA journal_mode = WAL",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_changed_databases_are_refused(name, finished, path):
    shutil.copy(finished[0], path)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(HOSTILE[name])
    assert not refused_or_identical(path, None)
    with pytest.raises(CheckpointError):
        load_history(path)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "{}",
        '{"results":[]}',
        '{"results":[1]}',
        '{"results":[{"scores":"x","error":null}]}',
        '{"results":[{"scores":[1],"error":null}]}',
        "9" * 10_000,
        '{"results":' + "[" * 500 + "]" * 500 + "}",
    ],
    ids=range(8),
)
def test_records_of_a_hostile_author_are_refused(text, finished, path):
    """One who knows how checksums are made."""
    shutil.copy(finished[0], path)
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        (genes,) = connection.execute("SELECT genes FROM trials WHERE number = 3").fetchone()
        values = (text, _file._checksum(3, genes, text))
        connection.execute("UPDATE trials SET record = ?, checksum = ? WHERE number = 3", values)
    with pytest.raises(CheckpointError):
        run_optimize(path)
    with pytest.raises(CheckpointError):
        load_history(path)


@pytest.mark.parametrize("change", [{"scores": [1]}, {"scores": {"a": "x"}}, {"fit": "x"}, {"n": None}, None])
def test_fits_of_a_hostile_author_are_refused(change, path):
    run_search(path, n_iter=3)
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        genes, text = connection.execute("SELECT genes, record FROM trials WHERE number = 1").fetchone()
        record = json.loads(text)
        if change is None:
            del record["results"][0]
        else:
            record["results"][0].update(change)
        text = json.dumps(record)
        values = (text, _file._checksum(1, genes, text))
        connection.execute("UPDATE trials SET record = ?, checksum = ? WHERE number = 1", values)
    with pytest.raises(CheckpointError, match="of candidate 1 cannot be read"):
        run_search(path, n_iter=3)


@pytest.mark.parametrize(
    "change",
    [
        *({"generation": math.inf}, {"start": "x"}, {"duration": None}, {"parents": 3}, {"params": 1}, {"score": "x"}),
        {"results": [{"scores": "x", "error": None, "fit": 1}]},
        {"results": [{"scores": {"a": 1}, "error": None}, {"scores": {"b": 1}, "error": None}]},
        {"results": [{"scores": {"a": 1}, "error": None}, {"scores": 1, "error": None}]},
    ],
)
def test_readers_refuse_what_a_hostile_author_wrote(change, finished, path):
    shutil.copy(finished[0], path)
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        genes, text = connection.execute("SELECT genes, record FROM trials WHERE number = 3").fetchone()
        text = json.dumps({**json.loads(text), **change})
        values = (text, _file._checksum(3, genes, text))
        connection.execute("UPDATE trials SET record = ?, checksum = ? WHERE number = 3", values)
    for read in load_history, history_of:
        with pytest.raises(CheckpointError, match="the record of candidate 3 cannot be read"):
            read(path)


def test_other_candidates_are_refused_with_the_versions(finished, path, monkeypatch):
    shutil.copy(finished[0], path)
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        genes, text = connection.execute("SELECT genes, record FROM trials WHERE number = 3").fetchone()
        genes = (np.frombuffer(genes) / 2).tobytes()
        checksum = _file._checksum(3, genes, text)
        connection.execute("UPDATE trials SET genes = ?, checksum = ? WHERE number = 3", (genes, checksum))
    before = files_of(path)
    monkeypatch.setattr(_journal, "versions", lambda: {"numpy": "0.1"})
    with pytest.raises(
        CheckpointError, match=r"candidate 3 is another one. It was written by .*numpy \d.* is .*numpy 0"
    ):
        run_optimize(path)
    assert files_of(path) == before


@pytest.mark.parametrize("change", [None, {"budget": []}, {"initial": 3}, {"folds": 1}, {"shape": {"a": 1}}])
def test_headers_of_a_hostile_author_are_refused(change, finished, path):
    shutil.copy(finished[0], path)
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        (text,) = connection.execute("SELECT header FROM header").fetchone()
        text = "{}" if change is None else json.dumps({**json.loads(text), **change})
        connection.execute("UPDATE header SET header = ?, checksum = ?", (text, _file._checksum(text)))
    with pytest.raises(CheckpointError, match="its header cannot be read"):
        run_optimize(path)


def test_huge_values_are_refused(finished, path, monkeypatch):
    shutil.copy(finished[0], path)
    monkeypatch.setattr(_file, "MAX_VALUE", 100)
    assert not refused_or_identical(path, None)
    monkeypatch.setattr(_file, "MAX_VALUE", 1 << 20)
    monkeypatch.setattr(_file, "MAX_BYTES", 1000)
    with pytest.raises(CheckpointError, match="a regular file of at most 1000 bytes"):
        run_optimize(path)


class Boom:
    def __reduce__(self):
        return pytest.fail, ("executed",)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "an empty file"),
        (b"a,b\n1,2\n" * 100, "a file of another kind"),
        (pickle.dumps(Boom()), "a file of another kind"),
        (b"SQLite format 3\0", "a file of another kind"),
    ],
    ids=["empty", "csv", "pickle", "magic"],
)
def test_other_files_are_refused(content, found, path):
    path.write_bytes(content)
    for run in (run_optimize, run_search):
        with pytest.raises(CheckpointError, match=found):
            run(path)
    with pytest.raises(CheckpointError, match=found):
        load_history(path)
    assert files_of(path) == {"search.db": content}


def test_other_databases_are_refused(path):
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE mine (x)")
    before = files_of(path)
    with pytest.raises(CheckpointError, match="a database of another program"):
        run_optimize(path)
    assert files_of(path) == before


@pytest.mark.parametrize("name", ["search.db", "search.db-journal", "search.db-lock"])
def test_symbolic_links_are_refused(name, finished, tmp_path):
    path = tmp_path / "search.db"
    if name != "search.db":
        shutil.copy(finished[0], path)
    target = tmp_path / "elsewhere"
    shutil.copy(finished[0], target)
    (tmp_path / name).symlink_to(target)
    before = target.read_bytes()
    with pytest.raises(CheckpointError, match=r"link|Too many levels"):
        run_optimize(path)
    assert target.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"my own"])
def test_files_of_others_are_no_locks(content, path):
    lock = Path(f"{path}-lock")
    lock.write_bytes(content)
    if not content:  # what a killed process may leave
        run_optimize(path, n_iter=3)
        assert not lock.exists()
    else:
        with pytest.raises(CheckpointError, match=r"search\.db-lock' is not"):
            run_optimize(path, n_iter=3)
        assert lock.read_bytes() == content


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_pipes_and_directories_are_refused(make, path):
    make(path)
    with pytest.raises(CheckpointError, match="a regular file"):
        run_optimize(path)
    with pytest.raises(CheckpointError, match="a regular file"):
        load_history(path)


@pytest.mark.parametrize(
    ("suffix", "content"),
    [("-wal", b"\x37\x7f\x06\x82" + bytes(28)), ("-journal", bytes(1000) + b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7")],
)
def test_planted_files_are_not_played_back(suffix, content, finished, path):
    """A log, and a journal over several databases, of which SQLite would delete the file that it names."""
    shutil.copy(finished[0], path)
    Path(f"{path}{suffix}").write_bytes(content)
    assert not refused_or_identical(path, None)
    with pytest.raises(CheckpointError):
        load_history(path)


def test_missing_directories_and_files(tmp_path):
    with pytest.raises(CheckpointError, match="in a directory that can be written"):
        run_optimize(tmp_path / "none" / "search.db")
    with pytest.raises(FileNotFoundError, match="there is no checkpoint"):
        load_history(tmp_path / "search.db")


def test_nothing_in_the_file_is_a_pickle(path):
    run_search(path)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert {name for (name,) in connection.execute("SELECT name FROM sqlite_master")} == {"header", "trials"}
        for (text,) in connection.execute("SELECT record FROM trials UNION ALL SELECT header FROM header"):
            json.loads(text)
        for number, genes, checksum in connection.execute("SELECT number, genes, checksum FROM trials"):
            assert isinstance(number, int)
            assert ((np.frombuffer(genes) >= 0) & (np.frombuffer(genes) <= 1)).all()
            assert len(checksum) <= 16


# -------------------------------------------------------------------------------------------------------- full disks


@pytest.mark.slow
def test_full_disk_costs_a_warning(path, log):
    """The limit of a file's size stands in for a full disk, in a child process."""
    log.touch()
    whole = results_of(run_optimize(n_iter=400))
    told = path.parent / "told"

    def run():
        run_optimize(path, n_iter=5, log=log)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            found = optimize(noting(log), SPACE, n_iter=400, size=10, seed=0, surrogate=None, checkpoint=path)
        messages = [str(one.message) for one in caught if "cannot be written" in str(one.message)]
        told.write_text(json.dumps([messages, results_of(found) == whole]))

    child = fork(run)
    _, status = os.waitpid(child, 0)
    assert status == 0
    messages, same = json.loads(told.read_text())
    assert len(messages) == 1
    assert "The search goes on without it" in messages[0]
    assert same
    n_kept = len(load_history(path))
    assert 5 <= n_kept < 400
    assert results_of(run_optimize(path, n_iter=400, log=log)) == whole
    assert count(log) == 400 + 400 - n_kept


@pytest.mark.slow
def test_checkpoint_never_grows_beyond_what_can_be_read(path, monkeypatch):
    monkeypatch.setattr(_file, "MAX_BYTES", 80_000)
    with pytest.warns(RuntimeWarning, match="cannot be written"):
        found = run_optimize(path, n_iter=300)
    assert results_of(found) == results_of(run_optimize(n_iter=300))
    with pytest.warns(RuntimeWarning, match="cannot be written"):
        assert results_of(run_optimize(path, n_iter=300)) == results_of(found)
    assert path.stat().st_size <= 80_000


def test_records_are_made_durable_as_long_as_that_takes_little_of_the_time(path, monkeypatch):
    original, durable, clock = _file.write, [], [0.0]

    def write(connection, row, is_durable):
        original(connection, row, is_durable)
        durable.append(is_durable)
        clock[0] += 0.3 if is_durable else 0.0

    def fn(params):
        clock[0] += 1.0
        return params["x"]

    monkeypatch.setattr(_file, "write", write)
    monkeypatch.setattr(_journal.time, "monotonic", lambda: clock[0])
    optimize(fn, {"x": UniformDistribution(0, 1)}, n_iter=100, seed=0, checkpoint=path)
    assert durable[0]
    assert 4 < sum(durable) < 0.15 * len(durable)  # a slow disk, which takes 0.3 s


# ----------------------------------------------------------------------------------------------------- load_history


def test_history_of_a_search(path):
    found = run_search(path, n_iter=20, fails_above=0.8)
    history = load_history(path)
    table = found.cv_results_
    assert [one["number"] for one in history] == list(range(20))
    assert [one["params"] for one in history] == [dict(params) for params in table["params"]]
    assert [one["origin"] for one in history] == table["origin"].tolist()
    assert [one["parents"] for one in history] == table["parents"].tolist()
    assert [one["generation"] for one in history] == table["generation"].tolist()
    ok = [k for k, one in enumerate(history) if one["error"] is None]
    assert [history[k]["score"] for k in ok] == table["mean_test_score"][ok].tolist()
    assert [history[k]["scores"][1] for k in ok] == table["split1_test_score"][ok].tolist()
    failed = [one for one in history if one["error"] is not None]
    assert failed
    assert all("no value above 0.8" in one["error"] and np.isnan(one["score"]) for one in failed)
    assert all(one["duration"] >= 0 and one["start"] > 1e9 for one in history)


def test_history_as_a_table(path):
    pytest.importorskip("pandas")
    run_optimize(path, n_iter=10)
    table = load_history(path, as_frame=True)
    assert table["number"].tolist() == list(range(10))
    assert table["param_layers"].tolist() == [one["params"]["layers"] for one in load_history(path)]


def test_values_that_are_no_json_are_told_as_texts(path):
    space = {"inner": [FunctionTransformer(), Pipeline([("a", "passthrough")])], "n": [1j, (1, 2)]}
    optimize(lambda params: 0.0, space, n_iter=4, seed=0, checkpoint=path)
    params = [one["params"] for one in load_history(path)]
    assert {one["inner"] for one in params} == {"FunctionTransformer()", "Pipeline(steps=[('a', 'passthrough')])"}
    assert [1, 2] in [one["n"] for one in params]
    assert "1j" in [one["n"] for one in params]


def test_reading_leaves_the_locks_of_the_writer_alone(path):
    """Closing a file gives up the locks that the process has on it: another process could then write."""
    run_optimize(path, n_iter=3)
    connection = _file.open_to_append(path)
    connection.execute("BEGIN IMMEDIATE")
    assert len(load_history(path)) == 3
    code = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0).execute('BEGIN IMMEDIATE')"
    other = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=False)
    assert "database is locked" in other.stderr
    _file.close(connection)
