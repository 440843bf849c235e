"""The candidates of a search, as individuals, as a table and as parameters to draw."""

import asyncio
import inspect
import pickle
import sys
import time
from dataclasses import replace

import numpy as np
import pytest
from estimators import FLAT, Formula, X, loss, minimized, quietly, search, searched, y
from scipy import stats
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from geneticsearch import (
    Callback,
    GeneticSearchCV,
    LogNormalDistribution,
    LogUniformDistribution,
    OptimizeResult,
    SequenceDistribution,
    UniformDistribution,
    optimize,
)
from geneticsearch.results import history_of, species_table
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
    ours = {"params", "generation", "species", "origin", "parents", "param_a", "param_b", "param_kind"}
    assert set(list(frame)[11:]) == set(results) - ours
    times = ["mean_fit_time", "std_fit_time", "mean_score_time"]
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
        for name in "first", "second":
            for column in f"split2_test_{name}", f"std_test_{name}", f"rank_test_{name}":
                np.testing.assert_array_equal(frame[column], one.cv_results_[column])


def test_a_frame_has_training_scores():
    pytest.importorskip("pandas")
    one = search({"a": UniformDistribution(0, 0.7)}, return_train_score=True, n_iter=3).fit(X, y)
    np.testing.assert_array_equal(one.to_frame()["mean_train_score"], one.cv_results_["mean_train_score"])


def test_columns_of_a_frame_have_the_kind_of_their_values():
    pd = pytest.importorskip("pandas")
    space = [
        {"depth": [1, 2, 3], "x": UniformDistribution(0, 1), "kind": ["a", "b"]},
        {"leaf": [4, 5], "flag": [True, False], "big": [1 << 70], "x": UniformDistribution(0, 1)},
    ]
    begun = pd.Timestamp.now("UTC")
    frame = optimize(lambda p: p["x"], space, n_iter=20, seed=0).to_frame()
    kinds = {name: str(frame[f"param_{name}"].dtype) for name in ("depth", "leaf", "flag", "x", "big")}
    assert kinds == {"depth": "Int64", "leaf": "Int64", "flag": "boolean", "x": "float64", "big": "object"}
    assert set(frame["param_depth"].dropna()) == {1, 2, 3}
    assert frame["param_depth"].isna().any()
    assert set(frame["param_kind"].dropna()) == {"a", "b"}
    assert frame["start"].between(begun - pd.Timedelta("1s"), pd.Timestamp.now("UTC")).all()


def test_a_frame_has_species_if_there_are_several():
    pytest.importorskip("pandas")
    flat = optimize(lambda p: p["a"], {"a": [1, 2]}).to_frame()
    assert "species" not in flat
    several = optimize(lambda p: 0.0, [{"a": [1, 2]}, {"b": [1]}]).to_frame()
    assert several["species"].nunique() == 2


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
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r'`to_frame` needs pandas: pip install "geneticsearch\[pandas\]"'):
        optimize(loss, {"a": [0.1, 0.2]}).to_frame()


def test_a_frame_needs_a_fitted_search():
    with pytest.raises(NotFittedError):
        search(SPACE).to_frame()


# One history, whatever a search comes as

TWO = {"first": lambda e, X, y: e.a + np.mean(X), "second": lambda e, X, y: np.mean(X) - e.a}
TIED = {"first": lambda e, X, y: np.mean(X), "second": lambda e, X, y: 35 - np.mean(X)}  # with other scores on folds


def two(estimator, X, y):
    return {"z": np.mean(X), "a": estimator.a}


CHECKPOINTED = {
    "metrics without names": lambda path: searched(FLAT, scoring=two, refit=False, n_iter=4, checkpoint=path),
    "a named metric": lambda path: searched(FLAT, scoring="neg_mean_squared_error", n_iter=4, checkpoint=path),
    "tied metrics": lambda path: searched(FLAT, scoring=TIED, refit="second", n_iter=4, checkpoint=path),
    "conditional": lambda path: searched(SPACE, checkpoint=path),
    "ties": lambda path: searched({"a": [0.1, 0.5, 0.2, 0.4], "kind": [1, 2]}, checkpoint=path),
    "metrics": lambda path: searched(
        {"a": UniformDistribution(0, 0.7)}, scoring=TWO, refit="second", return_train_score=True, checkpoint=path
    ),
    "one fold": lambda path: searched(cv=[(np.arange(6), np.arange(6, 12))], n_iter=5, checkpoint=path),
    "error_score": lambda path: searched(error_score=-7, checkpoint=path),
    "minimized": lambda path: minimized(checkpoint=path),
    "maximized": lambda path: minimized(maximize_fn=True, checkpoint=path),
    "equal": lambda path: minimized(lambda params: 1.0, n_iter=9, checkpoint=path),
}


@pytest.mark.parametrize("kind", CHECKPOINTED)
def test_the_history_of_a_search_is_that_of_its_checkpoint(kind, tmp_path):
    path = tmp_path / "search.db"
    one, other = history_of(CHECKPOINTED[kind](path)), history_of(path)
    for mine, its in zip(one.individuals, other.individuals, strict=True):
        assert replace(mine, params={}, score=None) == replace(its, params={}, score=None)
        np.testing.assert_array_equal(mine.genes, its.genes)
    for name in "scores", "ranking", "fitness", "failed", "folds", "durations":
        np.testing.assert_allclose(
            np.array(getattr(one, name), dtype=float), np.array(getattr(other, name), dtype=float), rtol=1e-12
        )
    assert list(one.columns) == list(other.columns)
    for name, column in one.columns.items():
        np.testing.assert_allclose(column, other.columns[name], err_msg=name)
    assert (one.maximize, one.metric, one.versions) == (other.maximize, other.metric, other.versions)
    assert [p.name for p in one.parameters] == [p.name for p in other.parameters]
    table, its = species_table(one), species_table(other)
    for name in set(table) - {"best_params"}:
        np.testing.assert_array_equal(table[name], its[name])


def test_a_checkpoint_in_which_every_metric_failed_has_a_history(tmp_path):
    path = tmp_path / "search.db"
    failing = search({"a": UniformDistribution(0.9, 1)}, scoring=two, refit="a", n_iter=4, checkpoint=path)
    with quietly(), pytest.raises(ValueError, match="failed"):
        failing.fit(X, y)
    assert history_of(path).failed.all()


@pytest.mark.parametrize("searcher", [RandomizedSearchCV, GridSearchCV])
@pytest.mark.parametrize("scoring", [None, "neg_mean_squared_error", ["r2", "neg_mean_absolute_error"]])
def test_searches_of_scikit_learn_have_a_history(searcher, scoring):
    space = {"a": [0.1, 0.3, 0.3, 0.9], "kind": [None, "x"]}
    refit = "neg_mean_absolute_error" if isinstance(scoring, list) else True
    options = {"n_iter": 7, "random_state": 0} if searcher is RandomizedSearchCV else {}
    with quietly():
        one = searcher(Formula(fails_above=0.8), space, scoring=scoring, refit=refit, cv=3, **options).fit(X, y)
    history = history_of(one)
    metric = "neg_mean_absolute_error" if isinstance(scoring, list) else "score"
    assert history.metric == (scoring if isinstance(scoring, str) else metric)
    np.testing.assert_array_equal(history.scores, one.cv_results_[f"mean_test_{metric}"])
    np.testing.assert_array_equal(history.folds[:, 1], one.cv_results_[f"split1_test_{metric}"])
    assert history.ranking[0] == one.best_index_
    assert history.best.params == one.best_params_
    assert history.failed.any()
    assert {parameter.name for parameter in history.parameters} <= {"a", "kind"}
    assert history.settings["a"] == "[0.1, 0.3, 0.3, 0.9]"
    assert history.title == "Search of Formula"


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
        (3, TypeError, "a fitted search, an OptimizeResult or the path of a checkpoint is needed; got 3"),
        ("/nowhere/search.db", FileNotFoundError, "there is no checkpoint"),
    ],
)
def test_what_has_no_history_is_refused(source, error, message):
    with pytest.raises(error, match=message):
        history_of(source)


def test_a_look_at_a_search_hardly_adds_to_its_pickle():
    for one in searched(FLAT, n_iter=200), minimized(space=FLAT, n_iter=200, surrogate=None):
        before = len(pickle.dumps(one))
        advice = history_of(one).advice
        assert one._history_.advice == advice
        assert len(pickle.dumps(one)) < before + 40 * 200
        assert pickle.loads(pickle.dumps(one))._history_.advice == advice


def test_a_result_is_made_of_public_parts():
    assert not [name for name in inspect.signature(OptimizeResult).parameters if name.startswith("_")]


# Parameters


def test_parameters_are_numbers_or_labels_and_sequences_are_opened():
    history = history_of(optimize(lambda p: p.get("a", 2.0) - len(p.get("b", ())), SPACE, n_iter=60, seed=0))
    found = {one.name: one for one in history.parameters}
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
    found = {one.name: one for one in history.parameters}
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
    result = optimize(lambda p: p["a"], {"a": distribution}, n_iter=30, seed=0, surrogate=None)
    history = history_of(result)
    if known:
        history = replace(history, space=Space({"a": distribution}))
    (parameter,) = history.parameters
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


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=pytest.mark.slow) if "workers" in kind else kind for kind in TIMED]
)
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


def test_what_was_never_evaluated_is_no_part_of_the_history():
    def stops(params):
        if params["a"] == 2:
            raise KeyboardInterrupt
        return params["a"]

    with pytest.raises(KeyboardInterrupt) as caught:
        optimize(stops, {"a": [1, 2]})
    (first,) = caught.value.partial_result.history
    assert first.start is not None


def test_callbacks_are_told_the_time():
    told = []

    class Notes(Callback):
        def on_result(self, individual, best):
            told.append((individual.start, individual.duration))

    result = optimize(sleeping, ONE_PARAMETER, n_iter=3, seed=0, callbacks=Notes())
    assert told == [(one.start, one.duration) for one in result.history]
