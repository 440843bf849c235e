"""The candidates of a search, as individuals, as a table and as parameters to draw."""

import asyncio
import builtins
import time
from dataclasses import replace

import numpy as np
import pytest
from estimators import X, loss, search, y
from scipy import stats
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from geneticsearch import (
    Callback,
    GeneticSearchCV,
    LogNormalDistribution,
    LogUniformDistribution,
    SequenceDistribution,
    UniformDistribution,
    optimize,
)
from geneticsearch.results import history_of, parameters_of
from geneticsearch.space import Space

SPACE = [
    {"a": UniformDistribution(0, 1), "kind": [StandardScaler(), MinMaxScaler()]},
    {"b": SequenceDistribution(LogUniformDistribution(1e-3, 1e3), 1, 3), "kind": ["none"]},
]


ignore_failures = pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning", "ignore::UserWarning")


@ignore_failures
def test_history_has_an_individual_for_each_row_of_cv_results():
    one = search(SPACE).fit(X, y)
    results = one.cv_results_
    assert [individual.number for individual in one.history_] == list(range(40))
    assert [individual.params for individual in one.history_] == results["params"]
    assert [individual.parents for individual in one.history_] == list(results["parents"])
    assert [individual.species for individual in one.history_] == list(results["species"])
    np.testing.assert_allclose([individual.score for individual in one.history_], results["mean_test_score"])
    assert np.isnan(results["mean_test_score"]).any()


@ignore_failures
def test_a_failed_candidate_has_no_score_in_the_history_whatever_error_score():
    one = search(SPACE, error_score=-7).fit(X, y)
    failed = [(one.estimator.get_params() | individual.params)["a"] > 0.8 for individual in one.history_]
    np.testing.assert_array_equal([np.isnan(individual.score) for individual in one.history_], failed)
    assert any(failed)


@ignore_failures
def test_a_frame_has_a_row_per_candidate():
    pytest.importorskip("pandas")
    one = search(SPACE).fit(X, y)
    frame = one.to_frame()
    results = one.cv_results_
    assert list(frame)[:6] == ["number", "generation", "species", "origin", "parents", "score"]
    assert list(frame)[6:8] == ["start", "duration"]
    assert set(list(frame)[8:11]) == {"param_a", "param_b", "param_kind"}
    times = ["mean_fit_time", "mean_score_time"]
    assert list(frame)[11:] == ["split0_test_score", "split1_test_score", "split2_test_score", *times]
    assert len(frame) == 40
    np.testing.assert_allclose(frame["score"], results["mean_test_score"])
    np.testing.assert_array_equal(frame["split1_test_score"], results["split1_test_score"])
    np.testing.assert_array_equal(frame[times], np.transpose([results[time] for time in times]))
    assert frame["parents"].tolist() == list(results["parents"])
    assert frame["param_a"].dropna().tolist() == [params["a"] for params in results["params"] if "a" in params]


def test_a_frame_of_several_metrics_has_the_evolved_one():
    pytest.importorskip("pandas")

    def two(estimator, X, y):
        return {"first": estimator.a + np.mean(X), "second": -estimator.a}

    space = {"a": UniformDistribution(0, 0.7)}
    for refit, metric in (False, "first"), ("second", "second"):
        one = search(space, scoring=two, refit=refit, n_iter=5).fit(X, y)
        frame = one.to_frame()
        np.testing.assert_allclose(frame["score"], one.cv_results_[f"mean_test_{metric}"])
        np.testing.assert_array_equal(frame["split2_test_score"], one.cv_results_[f"split2_test_{metric}"])


def test_a_frame_of_one_fold_has_no_columns_of_folds():
    pytest.importorskip("pandas")
    one = search({"a": UniformDistribution(0, 0.7)}, cv=[(np.arange(6), np.arange(6, 12))], n_iter=3).fit(X, y)
    assert "split0_test_score" not in one.to_frame()


@ignore_failures
def test_a_frame_of_optimize():
    pytest.importorskip("pandas")
    result = optimize(loss, SPACE, n_iter=30, seed=0)
    frame = result.to_frame()
    np.testing.assert_array_equal(frame["score"], [one.score for one in result.history])
    assert frame["number"].tolist() == list(range(30))
    assert not {"mean_fit_time", "split0_test_score"} & set(frame)


def test_a_frame_has_no_rows_for_what_was_not_evaluated():
    pytest.importorskip("pandas")

    def stops(params):
        if params["a"] > 5:
            raise KeyboardInterrupt
        return params["a"]

    with pytest.raises(KeyboardInterrupt) as caught:
        optimize(stops, {"a": [1, 2, 6]})
    assert caught.value.partial_result.to_frame()["param_a"].tolist() == [1, 2]


def test_a_frame_needs_pandas_and_says_so(monkeypatch):
    original = builtins.__import__

    def without_pandas(name, *args, **kwargs):
        if name == "pandas":
            raise ImportError
        return original(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_pandas)
    with pytest.raises(ImportError, match=r'`to_frame` needs pandas: pip install "geneticsearch\[pandas\]"'):
        optimize(loss, {"a": [0.1, 0.2]}).to_frame()


def test_a_frame_needs_a_fitted_search():
    with pytest.raises(NotFittedError):
        search(SPACE).to_frame()


# One record of all three


@ignore_failures
def test_a_checkpoint_is_the_same_history_as_the_search_itself(tmp_path):
    path = tmp_path / "search.db"
    one, other = history_of(search(SPACE, checkpoint=path).fit(X, y)), history_of(path)
    np.testing.assert_array_equal(one.scores, other.scores)
    np.testing.assert_array_equal(one.folds, other.folds)
    np.testing.assert_allclose(one.fit_times, other.fit_times)
    np.testing.assert_allclose(one.score_times, other.score_times)
    np.testing.assert_array_equal(one.ranking, other.ranking)
    for mine, its in zip(one.individuals, other.individuals, strict=True):
        assert (mine.number, mine.parents, mine.species, mine.origin) == (
            its.number,
            its.parents,
            its.species,
            its.origin,
        )
    assert [p.name for p in parameters_of(one)] == [p.name for p in parameters_of(other)]


def test_a_checkpoint_of_several_metrics_has_the_folds_of_the_evolved_one(tmp_path):
    path = tmp_path / "search.db"
    space = {"a": UniformDistribution(0, 0.7)}
    scoring = {"first": lambda e, X, y: e.a + np.mean(X), "second": lambda e, X, y: np.mean(X) - e.a}
    one = search(space, scoring=scoring, refit="second", checkpoint=path, n_iter=5)
    one.fit(X, y)
    np.testing.assert_array_equal(history_of(path).folds[:, 1], one.cv_results_["split1_test_second"])


@ignore_failures
@pytest.mark.parametrize("maximize", [False, True])
def test_a_history_knows_which_way_is_better(tmp_path, maximize):
    path = tmp_path / "search.db"
    result = optimize(loss, SPACE, n_iter=30, seed=0, maximize_fn=maximize, checkpoint=path)
    for source in (result, path):
        history = history_of(source)
        assert history.maximize is maximize
        assert history.scores[history.ranking[0]] == result.best_score


@pytest.mark.parametrize(
    ("source", "error", "message"),
    [
        (search(), ValueError, "the search must be fitted; got GeneticSearchCV"),
        (3, TypeError, "a fitted GeneticSearchCV, an OptimizeResult or the path of a checkpoint is needed; got 3"),
        ("/nowhere/search.db", FileNotFoundError, "there is no checkpoint"),
    ],
)
def test_what_has_no_history_is_refused(source, error, message):
    with pytest.raises(error, match=message):
        history_of(source)


# Parameters


def test_parameters_are_numbers_or_labels_and_sequences_are_opened():
    history = history_of(optimize(lambda p: p.get("a", 2.0) - len(p.get("b", ())), SPACE, n_iter=60, seed=0))
    found = {one.name: one for one in parameters_of(history)}
    assert set(found) == {"a", "kind", "length of b", "b[0]", "b[1]", "b[2]"}
    assert found["kind"].labels == ("MinMaxScaler", "StandardScaler", "none")
    assert not found["a"].labels
    for i, one in enumerate(history.individuals):
        length = len(one.params["b"]) if "b" in one.params else np.nan
        np.testing.assert_equal(found["length of b"].values[i], length)
        np.testing.assert_equal(found["b[1]"].values[i], one.params["b"][1] if length >= 2 else np.nan)


def test_parameters_that_are_numbers_or_words_are_two():
    space = {"gamma": ["scale", LogUniformDistribution(1e-4, 1)], "sizes": [(1, 2), (3,)], "same": [5]}
    history = history_of(optimize(lambda p: 0.0, space, n_iter=40, seed=0))
    found = {one.name: one for one in parameters_of(history)}
    assert set(found) == {"gamma", "kind of gamma", "sizes"}
    assert found["kind of gamma"].labels == ("scale", "a number")
    assert found["sizes"].labels == ("(1, 2)", "(3,)")


@pytest.mark.parametrize("known", [True, False], ids=["by its distribution", "by its values"])
@pytest.mark.parametrize(
    ("distribution", "expected"),
    [
        (LogUniformDistribution(1e-3, 1e3), True),
        (LogUniformDistribution(1, 1000, q=1), True),
        (LogNormalDistribution(0, 2), True),
        (stats.loguniform(1e-5, 1), True),
        (UniformDistribution(0, 1), False),
        (UniformDistribution(1, 100, q=1), False),
        (UniformDistribution(-1, 1), False),
    ],
)
def test_logarithmic_parameters_are_known(distribution, expected, known):
    result = optimize(lambda p: p["a"], {"a": distribution}, n_iter=30, seed=0)
    history = history_of(result)
    if known:
        history = replace(history, space=Space({"a": distribution}))
    (parameter,) = parameters_of(history)
    assert parameter.is_log is expected


# --------------------------------------------------------------------------------------------------------------- times
class Sleeping(BaseEstimator):
    def __init__(self, a=0.0):
        self.a = a

    def fit(self, X, y=None):
        time.sleep(0.03)
        return self

    def score(self, X, y=None):
        return self.a


def sleeping(params):
    time.sleep(0.03)
    return params["a"]


async def waiting(params):
    await asyncio.sleep(0.03)
    return params["a"]


ONE_PARAMETER = {"a": UniformDistribution(0, 1)}
TIMED = {
    "search": lambda **more: search_sleeping(**more).history_,
    "search with workers": lambda **more: search_sleeping(n_jobs=2, **more).history_,
    "function": lambda **more: optimize(sleeping, ONE_PARAMETER, n_iter=4, seed=0, **more).history,
    "function with workers": lambda **more: (
        optimize(sleeping, ONE_PARAMETER, n_iter=4, seed=0, n_jobs=2, **more).history
    ),
    "coroutine": lambda **more: optimize(waiting, ONE_PARAMETER, n_iter=4, seed=0, **more).history,
}


def search_sleeping(**options):
    return GeneticSearchCV(Sleeping(), ONE_PARAMETER, n_iter=4, cv=2, random_state=0, refit=False, **options).fit(X, y)


@pytest.mark.parametrize("kind", TIMED)
def test_each_candidate_has_the_time_of_its_evaluation(kind, tmp_path):
    begun = time.time()
    history = TIMED[kind](checkpoint=tmp_path / "search.db")
    ended = time.time()
    n_folds = 2 if "search" in kind else 1
    for one in history:
        assert begun - 0.01 <= one.start <= one.start + one.duration <= ended + 0.01
        assert one.duration >= (0.029 * n_folds if "workers" not in kind else 0.029)
    again = TIMED[kind](checkpoint=tmp_path / "search.db")
    of_file = history_of(tmp_path / "search.db")
    for times in (
        [(one.start, one.duration) for one in again],
        list(zip(of_file.starts, of_file.durations, strict=True)),
    ):
        np.testing.assert_allclose(times, [(one.start, one.duration) for one in history], rtol=0, atol=1e-5)


@pytest.mark.slow
def test_a_candidate_that_is_stopped_has_the_time_until_then():
    def sleeps_long(params):
        time.sleep(60 if params["a"] > 1 else 0)
        return params["a"]

    with pytest.warns(UserWarning, match="timeout"):
        result = optimize(sleeps_long, {"a": [0, 2]}, timeout=0.3)
    assert 0.3 <= result.history[1].duration < 30
    assert result.history[1].start > result.history[0].start > 0


def test_what_was_never_evaluated_has_no_time():
    def stops(params):
        if params["a"] == 2:
            raise KeyboardInterrupt
        return params["a"]

    with pytest.raises(KeyboardInterrupt) as caught:
        optimize(stops, {"a": [1, 2]})
    first, second = caught.value.partial_result.history
    assert first.start is not None
    assert second.start is second.duration is second.score is None


def test_callbacks_are_told_the_time():
    told = []

    class Notes(Callback):
        def on_result(self, individual, best):
            told.append((individual.start, individual.duration))

    result = optimize(sleeping, ONE_PARAMETER, n_iter=3, seed=0, callbacks=Notes())
    assert told == [(one.start, one.duration) for one in result.history]
