"""Several objectives through the front doors."""

import asyncio
import math

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_diabetes
from sklearn.decomposition import PCA
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import Lasso, LogisticRegression
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline

from geneticsearch import (
    Callback,
    GeneticSearchCV,
    LogUniformDistribution,
    UniformDistribution,
    knee_of_front,
    optimize,
)
from geneticsearch.callbacks import EarlyStopping
from geneticsearch.results import history_of
from geneticsearch.scorers import neg_n_features, neg_prediction_time, neg_size

SPACE = {"x": UniformDistribution(-2, 3), "y": UniformDistribution(-2, 2)}


def near_0_and_1(params):
    x, y = params["x"], params["y"]
    return x**2 + y**2, (x - 1) ** 2 + y**2


async def later(params):
    await asyncio.sleep(0)
    return near_0_and_1(params)


def fails_sometimes(params):
    if params["x"] < 0:
        raise ZeroDivisionError
    return [params["x"], math.inf if params["y"] > 1 else -params["y"]]


def search(fn=near_0_and_1, n_iter=20, **options):
    return optimize(fn, SPACE, n_iter=n_iter, seed=0, objectives=["min", "min"], **options)


def test_the_result_holds_the_front():
    found = search()
    front = [one.scores for one in found.pareto_front]
    assert front == sorted(front)
    assert found.best_score == found.pareto_front[0].scores[0] == min(one.score for one in found.history)
    for one in found.history:
        assert any(a <= one.scores[0] and b <= one.scores[1] for a, b in front)
    assert len(found.hypervolume) == 20
    assert (np.diff(found.hypervolume) >= 0).all()


def test_with_one_objective_there_is_no_front():
    found = optimize(lambda params: params["x"] ** 2, SPACE, n_iter=5, seed=0)
    assert found.pareto_front == []
    assert found.hypervolume.size == 0
    assert found.history[0].scores == ()


@pytest.mark.slow
def test_the_number_of_jobs_does_not_matter():
    one, other = search(n_jobs=1).history, search(n_jobs=2).history
    assert [(i.params, i.scores) for i in one] == [(i.params, i.scores) for i in other]


def test_coroutines_have_objectives_too():
    one, other = search(later, window=8).history, search(window=8).history
    assert [i.scores for i in one] == [i.scores for i in other]


def test_an_interrupted_search_finds_the_same_front(tmp_path):
    path = tmp_path / "search.db"

    class Watcher(Callback):
        def on_result(self, individual, best):
            if individual.number == 16:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        search(checkpoint=path, callbacks=Watcher())
    whole = search()
    resumed = search(checkpoint=path)
    assert [one.scores for one in resumed.pareto_front] == [one.scores for one in whole.pareto_front]
    assert [one.params for one in resumed.history] == [one.params for one in whole.history]
    history = history_of(path)
    assert [history.individuals[i].scores for i in history.front] == [one.scores for one in whole.pareto_front]


def test_a_checkpoint_of_other_objectives_is_refused(tmp_path):
    search(n_iter=5, checkpoint=tmp_path / "search.db")
    with pytest.raises(ValueError, match="objectives"):
        optimize(near_0_and_1, SPACE, n_iter=5, seed=0, objectives=["min", "max"], checkpoint=tmp_path / "search.db")


def test_what_fails_by_one_objective_has_failed():
    with pytest.warns(UserWarning, match="failed and count as the worst"):
        found = search(fails_sometimes, n_iter=40)
    assert all(np.isfinite(one.scores).all() and one.params["x"] >= 0 for one in found.pareto_front)
    failed = [one for one in found.history if math.isnan(one.score)]
    assert failed
    assert all(np.isnan(one.scores).all() for one in failed)


def test_functions_that_return_something_else_are_named():
    with pytest.raises(ValueError, match="must return 2 numbers, a score by each objective; got 3"):
        search(lambda params: 3)


def test_patience_waits_for_the_front():
    found = search(lambda params: (1.0, 2.0), patience=4)
    assert (found.stop_reason, found.n_evaluations) == ("patience", 5)


def test_what_is_for_one_objective_is_refused():
    with pytest.raises(ValueError, match="`target` is for a single objective"):
        search(target=0.1)
    with pytest.raises(ValueError, match="`objectives` say what is maximized"):
        search(maximize_fn=True)
    with pytest.raises(ValueError, match="`EarlyStopping` compares a single score"):
        search(callbacks=EarlyStopping(patience=3, min_improvement=0.1))


def test_progress_shows_the_front(capsys):
    search(n_iter=12, verbose=2)
    shown = capsys.readouterr().err
    assert "front=" in shown
    assert "hypervolume=0." in shown


def test_advice_names_the_knee_and_what_costs_almost_nothing():
    points = iter([(0.0, 10.0), (0.01, 8.0), (3.0, 2.0), (10.0, 0.0)])
    advice = search(lambda params: next(points), n_iter=4).advice
    assert advice[0] == "The knee of the front is candidate 2: objective 0 3, objective 1 2."
    assert len(advice) == 2
    assert "Almost for free: candidate 1 (objective 0 0.01, objective 1 8)" in advice[1]
    assert "gains 20% of the range of the front by objective 1 over candidate 0" in advice[1]


X, y = load_diabetes(return_X_y=True)
SCORING = {"r2": "r2", "features": neg_n_features, "size": neg_size}


def lasso(**options):
    options = {"objectives": ["r2", "features"], "scoring": SCORING, "refit": "r2", "n_iter": 15, **options}
    return GeneticSearchCV(Lasso(), {"alpha": LogUniformDistribution(1e-3, 10)}, cv=3, random_state=0, **options)


@pytest.fixture(scope="module")
def searched():
    return lasso().fit(X, y)


def test_a_search_has_a_front(searched):
    results = searched.cv_results_
    front = searched.pareto_front_
    scores = np.column_stack([results["mean_test_r2"], results["mean_test_features"]])
    assert set(front) == set(np.flatnonzero(results["pareto_rank"] == 1))
    assert (np.diff(scores[front, 0]) <= 0).all()
    for mine in scores:
        assert (scores[front] >= mine).all(axis=1).any()
    assert (np.diff(results["hypervolume"]) >= 0).all()
    assert [one.scores for one in searched.history_] == [tuple(pair) for pair in scores.tolist()]
    assert searched.corrected_score_ is None


@pytest.mark.parametrize("metric", ["r2", "features", "size"])
def test_the_name_of_a_metric_refits_the_best_of_the_front(searched, metric):
    found = clone(searched).set_params(refit=metric).fit(X, y)
    scores = found.cv_results_[f"mean_test_{metric}"]
    assert found.best_index_ in found.pareto_front_
    assert found.best_score_ == scores[found.pareto_front_].max()
    assert (found.cv_results_["mean_test_r2"] == searched.cv_results_["mean_test_r2"]).all()


def test_the_knee_can_be_refitted(searched):
    knee = knee_of_front(["r2", "features"])(searched.cv_results_)
    assert knee in searched.pareto_front_
    assert knee not in (searched.pareto_front_[0], searched.pareto_front_[-1])
    assert clone(searched).set_params(refit=knee_of_front(["r2", "features"])).fit(X, y).best_index_ == knee
    with pytest.raises(ValueError, match="`metrics` of `refit` must be metrics of `scoring`"):
        knee_of_front(["auc"])(searched.cv_results_)
    with pytest.raises(ValueError, match="needs a search with several `objectives`"):
        knee_of_front()({"mean_test_score": np.ones(3)})


def test_a_search_resumes_with_its_objectives(tmp_path, searched):
    path = tmp_path / "search.db"
    lasso(n_iter=15, checkpoint=path, callbacks=StopAfter(7)).fit(X, y)
    resumed = lasso(checkpoint=path).fit(X, y)
    assert resumed.pareto_front_.tolist() == searched.pareto_front_.tolist()
    assert resumed.cv_results_["params"] == searched.cv_results_["params"]
    assert history_of(path).front.tolist() == searched.pareto_front_.tolist()
    with pytest.raises(ValueError, match="objectives"):
        lasso(checkpoint=path, objectives=["r2", "size"]).fit(X, y)


class StopAfter(Callback):
    def __init__(self, n):
        self.n = n

    def on_result(self, individual, best):
        return individual.number + 1 >= self.n


def test_fits_that_fail_are_not_on_the_front():
    def scoring(estimator, X, y):
        return {"one": estimator.alpha if estimator.alpha > 0.1 else math.nan, "two": -estimator.alpha}

    with pytest.warns(UserWarning, match="non-finite"):
        found = lasso(scoring=scoring, objectives=["one", "two"], refit="two").fit(X, y)
    assert all(found.cv_results_["params"][i]["alpha"] > 0.1 for i in found.pareto_front_)
    assert found.best_params_["alpha"] > 0.1


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"objectives": ["r2"]}, "two or more metrics"),
        ({"objectives": "r2"}, "two or more metrics"),
        ({"objectives": ["r2", "r2"]}, "two or more metrics"),
        ({"objectives": ["r2", "auc"]}, "must be metrics of `scoring`, which are"),
        ({"scoring": "r2"}, "must be metrics of `scoring`, a list or dict"),
        ({"scoring": lambda estimator, X, y: {"r2": 1.0}}, "must be metrics that `scoring` returns"),
        ({"target": 0.5}, "`target=0.5` is for a single score"),
        ({"racing": True}, "`racing=True` is for a single score"),
        ({"patience": "auto"}, "`patience='auto'` is for a single score"),
    ],
)
def test_objectives_of_a_search_are_checked(options, match):
    with pytest.raises(ValueError, match=match):
        lasso(**options).fit(X, y)


def test_features_that_are_used_are_counted():
    assert neg_n_features(Lasso(alpha=1.0).fit(X, y)) == -3
    assert neg_n_features(LogisticRegression().fit(X, y // 100)) == -10
    assert neg_n_features(KNeighborsRegressor().fit(X, y)) == -10
    assert neg_n_features(make_pipeline(SelectKBest(k=3), KNeighborsRegressor()).fit(X, y)) == -3
    assert neg_n_features(make_pipeline(PCA(4), "passthrough").fit(X, y)) == -10  # PCA itself looks at all


def test_sizes_and_times_are_negative():
    model = KNeighborsRegressor().fit(X, y)
    assert neg_size(model) < neg_size(Lasso().fit(X, y)) < 0
    assert neg_prediction_time(model, X) < 0
