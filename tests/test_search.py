"""`GeneticSearchCV` as a user of `RandomizedSearchCV` meets it.

The estimators here cost nothing: their score is a formula of their parameters and of the rows they are scored on.
"""

import contextlib
import copy
import inspect
import pickle
import random
import re
import warnings

import estimators
import numpy as np
import pytest
import sklearn
from estimators import Formula, X, y
from joblib import parallel_config
from scipy import stats
from sklearn.base import ClassifierMixin, clone
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer
from sklearn.datasets import make_blobs
from sklearn.exceptions import FitFailedWarning, NotFittedError
from sklearn.linear_model import Ridge
from sklearn.metrics import accuracy_score, make_scorer
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    KFold,
    ParameterGrid,
    RandomizedSearchCV,
    ShuffleSplit,
    cross_val_predict,
    cross_val_score,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KernelDensity
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, OneHotEncoder, StandardScaler
from sklearn.svm import SVC

from geneticsearch import (
    ChoiceDistribution,
    GeneticSearchCV,
    LogUniformDistribution,
    SequenceDistribution,
    UniformDistribution,
)

# Masked columns of integers may warn under scikit-learn 1.5: scikit-learn#29929.
pytestmark = pytest.mark.filterwarnings("ignore:invalid value encountered in cast:RuntimeWarning")

ANCESTRY = {"generation", "species", "parents", "origin"}


class Weighted(Formula):
    """Keeps the weights of the samples it is fitted to, and adds those it is scored on."""

    def fit(self, X, y=None, sample_weight=None):
        self.weight_ = sample_weight
        return super().fit(X, y)

    def score(self, X, y=None, sample_weight=None):
        return super().score(X, y) + (0.0 if sample_weight is None else float(np.sum(sample_weight)))


class Recorder:
    """A scorer that keeps what it was asked to score."""

    def __init__(self):
        self.estimators = []

    def __call__(self, estimator, X, y=None):
        self.estimators.append(estimator)
        return estimator.score(X, y)


SPACE = {"a": UniformDistribution(0, 1), "b": UniformDistribution(0, 9, q=1)}


def search(estimator=None, space=None, **options):
    return estimators.search(
        SPACE if space is None else space,
        Formula() if estimator is None else estimator,
        **{"n_iter": 12, "refit": True, **options},
    )


def timeless(cv_results):
    return {key: value for key, value in cv_results.items() if not key.endswith("_time")}


def assert_same_results(one, other):
    one, other = timeless(one), timeless(other)
    assert one.keys() == other.keys()
    for key in one:
        np.testing.assert_array_equal(np.ma.getmaskarray(one[key]), np.ma.getmaskarray(other[key]), err_msg=key)
        if isinstance(one[key], np.ma.MaskedArray):
            np.testing.assert_equal(one[key].compressed(), other[key].compressed(), err_msg=key)
        else:
            np.testing.assert_equal(one[key], other[key], err_msg=key)


def learned(estimator):
    return {name for name in vars(estimator) if name.endswith("_") and not name.startswith("_")}


# What a fitted search looks like


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"return_train_score": True},
        {"refit": False},
        {"refit": lambda results: 0},
        {"scoring": {"r2": "r2", "mae": "neg_mean_absolute_error"}, "refit": "r2"},
        {"scoring": ["r2", "neg_mean_absolute_error"], "refit": False},
        {"scoring": ["r2", "neg_mean_absolute_error"], "refit": lambda results: 1},
    ],
    ids=["default", "train_score", "no_refit", "callable", "several", "several_no_refit", "several_callable"],
)
def test_has_the_attributes_and_columns_of_randomized_search(options):
    ours = search(**options).fit(X, y)
    theirs = RandomizedSearchCV(Formula(), SPACE, n_iter=12, cv=3, random_state=0, **options).fit(X, y)
    assert learned(theirs) <= learned(ours)
    assert not {name for name in learned(ours) - learned(theirs) if hasattr(theirs, name)}
    assert {name for name in dir(ours) if name.startswith("best_")} == {
        name for name in dir(theirs) if name.startswith("best_")
    }
    assert set(ours.cv_results_) == set(theirs.cv_results_) | ANCESTRY
    for key, values in theirs.cv_results_.items():
        assert type(ours.cv_results_[key]) is type(values), key
        if key != "params":
            assert ours.cv_results_[key].dtype == values.dtype, key
            assert ours.cv_results_[key].shape == values.shape, key


def test_has_the_parameters_of_randomized_search():
    ours, theirs = GeneticSearchCV(Formula(), SPACE), RandomizedSearchCV(Formula(), SPACE)
    shared = theirs.get_params().keys() & ours.get_params().keys()
    assert shared == theirs.get_params().keys()
    assert {name for name in shared if repr(ours.get_params()[name]) != repr(theirs.get_params()[name])} == {"n_iter"}


def test_ancestry_columns_tell_where_each_candidate_came_from():
    results = search(n_iter=40, population_size=8).fit(X, y).cv_results_
    assert results["generation"].dtype.kind == "i"
    assert results["generation"][0] == 0
    for generation, parents in zip(results["generation"], results["parents"], strict=True):
        assert generation == 1 + max((results["generation"][parent] for parent in parents), default=-1)
    assert len(set(results["generation"])) > 1
    assert all(isinstance(species, str) for species in results["species"])
    assert all(isinstance(origin, str) for origin in results["origin"])
    assert results["origin"][0] == "initial"
    assert results["parents"].dtype == object
    for i, parents in enumerate(results["parents"]):
        assert isinstance(parents, tuple)
        assert all(type(parent) is int and 0 <= parent < i for parent in parents)
    assert any(results["parents"])


def test_results_make_a_data_frame():
    pd = pytest.importorskip("pandas")
    fitted = search(space=[{"a": [0.1, 0.2]}, {"b": UniformDistribution(0, 9, q=1)}]).fit(X, y)
    assert pd.DataFrame(fitted.cv_results_).shape == (12, len(fitted.cv_results_))


def test_parameters_are_the_users_own_objects():
    def function(rows):
        return rows

    values = [None, True, (1, 2), "text", function, Formula(), np.float32, 1, 1.0]
    fitted = search(space={"kind": values}).fit(X, y)
    tried = [params["kind"] for params in fitted.cv_results_["params"]]
    assert len(tried) == len(values)
    assert all(one is other for one, other in zip(tried, values, strict=True))


def test_numbers_are_native():
    space = {
        "a": stats.uniform(),
        "b": stats.randint(0, 9),
        "pause": np.array([0, 0]),
        "kind": np.array(["x", "y"]),
    }
    for params in search(space=space).fit(X, y).cv_results_["params"]:
        assert [type(params[name]) for name in ("a", "b", "pause", "kind")] == [float, int, int, str]


def test_parameters_of_variable_length_are_columns_of_tuples():
    space = {"kind": SequenceDistribution(UniformDistribution(1, 8, q=1), min_length=1, max_length=3)}
    results = search(space=space, n_iter=30).fit(X, y).cv_results_
    assert results["param_kind"].dtype == object
    assert {len(value) for value in results["param_kind"]} == {1, 2, 3}
    assert all(isinstance(value, tuple) for value in results["param_kind"])
    assert len(set(results["species"])) == 3


def test_tuples_of_one_length_are_values_not_rows():
    results = search(space={"kind": ((1, 1), (1, 2))}).fit(X, y).cv_results_
    assert list(results["param_kind"].data) == [(1, 1), (1, 2)]


# Budgets


@pytest.mark.parametrize("n_iter", [1, 2, 7, 23])
def test_n_iter_is_the_exact_number_of_candidates(n_iter):
    recorder = Recorder()
    fitted = search(n_iter=n_iter, scoring=recorder, refit=False).fit(X, y)
    assert len(fitted.cv_results_["params"]) == n_iter
    assert len(recorder.estimators) == 3 * n_iter


def test_default_budget_is_a_hundred_candidates():
    fitted = GeneticSearchCV(Formula(), SPACE, cv=2, surrogate=None, random_state=0).fit(X, y)
    assert len(fitted.cv_results_["params"]) == 100


@pytest.mark.parametrize(
    "grid",
    [
        {"b": [3, 1, 2], "a": [0.5, 0.1]},
        {"a": np.linspace(0, 1, 4), "b": range(3)},
        [{"b": [4], "a": (0.2, 0.1, 0.3)}, {"kind": ["x", "y"], "b": [0, 1]}, {}],
        {"kind": [None, StandardScaler(), (1, 2)], "a": [0.5]},
        {},
    ],
    ids=["dict", "arrays", "list_of_dicts", "objects", "empty"],
)
def test_a_grid_within_the_budget_gives_what_grid_search_gives(grid):
    ours = search(space=grid, n_iter=50, return_train_score=True).fit(X, y)
    theirs = GridSearchCV(Formula(), grid, cv=3, return_train_score=True).fit(X, y)
    assert ours.cv_results_["params"] == theirs.cv_results_["params"]
    assert_same_results({k: v for k, v in ours.cv_results_.items() if k not in ANCESTRY}, theirs.cv_results_)
    for key, values in timeless(theirs.cv_results_).items():
        assert isinstance(values, list) or ours.cv_results_[key].dtype == values.dtype, key
    assert ours.best_index_ == theirs.best_index_
    assert ours.best_score_ == theirs.best_score_


def test_a_grid_as_large_as_the_budget_is_walked_in_order():
    grid = {"a": [0.1, 0.2, 0.3], "b": [1, 2, 3, 4]}
    assert search(space=grid, n_iter=12).fit(X, y).cv_results_["params"] == list(ParameterGrid(grid))


@pytest.mark.parametrize(
    "space",
    [
        {"a": [0.1, 0.2, 0.3, 0.4], "b": list(range(10))},
        {"a": UniformDistribution(0, 1, q=0.25), "b": UniformDistribution(0, 7, q=1)},
        {"a": stats.uniform(0, 1), "b": stats.randint(0, 5)},
        {"kind": SequenceDistribution([1, 2], min_length=0, max_length=4)},
        [{"a": [0.1, 0.2]}, {"b": stats.randint(0, 1000)}, {"kind": SequenceDistribution([1, 2, 3], 1, 3)}],
    ],
    ids=["lists", "quantized", "scipy", "sequence", "list_of_dicts"],
)
def test_nothing_is_evaluated_twice(space):
    fitted = search(space=space, n_iter=30).fit(X, y)
    tried = [repr(sorted(params.items())) for params in fitted.cv_results_["params"]]
    assert len(tried) == 30
    assert len(set(tried)) == 30


def test_a_value_listed_twice_counts_once():
    fitted = search(space={"b": [1, 1, 2, 2]}).fit(X, y)
    assert fitted.cv_results_["params"] == [{"b": 1}, {"b": 2}]


def test_a_finite_space_ends_the_search():
    fitted = search(space={"b": UniformDistribution(1, 5, q=1)}, n_iter=80).fit(X, y)
    assert sorted(params["b"] for params in fitted.cv_results_["params"]) == [1, 2, 3, 4, 5]


def test_evolution_finds_better_candidates_than_its_first_ones():
    fitted = search(n_iter=80).fit(X, y)
    scores = fitted.cv_results_["mean_test_score"]
    assert np.mean(scores[-40:]) > np.mean(scores[:10])
    assert fitted.best_params_["b"] == 2
    assert fitted.best_params_["a"] == pytest.approx(0.3, abs=0.1)


# The same search again


def test_same_seed_same_search():
    one, other = search(n_iter=40).fit(X, y), search(n_iter=40).fit(X, y)
    assert_same_results(one.cv_results_, other.cv_results_)
    assert one.best_params_ == other.best_params_


def test_fitting_again_starts_anew():
    fitted = search(n_iter=20).fit(X, y)
    first = fitted.cv_results_
    assert_same_results(first, fitted.fit(X, y).cv_results_)
    fitted.set_params(refit=False).fit(X, y)
    assert len(fitted.cv_results_["params"]) == 20


@pytest.mark.parametrize("n_iter", [3, 30])
def test_other_seed_other_search(n_iter):
    one, other = (search(n_iter=n_iter, random_state=seed).fit(X, y).cv_results_["params"] for seed in (0, 1))
    assert one != other


def test_without_a_seed_each_search_is_another():
    one, other = (search(random_state=None).fit(X, y).cv_results_["params"] for _ in range(2))
    assert one != other


def test_a_random_state_instance_is_a_seed():
    one, other = (search(random_state=np.random.RandomState(5)).fit(X, y) for _ in range(2))
    assert_same_results(one.cv_results_, other.cv_results_)


def test_order_of_the_names_does_not_matter_to_a_grid():
    one = search(space={"a": [0.1, 0.2], "b": [1, 2]}).fit(X, y)
    other = search(space={"b": [1, 2], "a": [0.1, 0.2]}).fit(X, y)
    assert one.cv_results_["params"] == other.cv_results_["params"]


@pytest.mark.parametrize("space", [SPACE, [{"a": [0.1, 0.9]}, SPACE], {"a": list(np.linspace(0, 1, 50))}])
def test_threads_do_not_change_the_search(space):
    alone = search(space=space, n_iter=30).fit(X, y)
    with parallel_config(backend="threading"):
        together = search(space=space, n_iter=30, n_jobs=3).fit(X, y)
    assert_same_results(alone.cv_results_, together.cv_results_)


@pytest.mark.slow
def test_processes_do_not_change_the_search():
    alone = search(n_iter=30, return_train_score=True).fit(X, y)
    together = search(n_iter=30, return_train_score=True, n_jobs=2).fit(X, y)
    assert_same_results(alone.cv_results_, together.cv_results_)
    assert alone.best_params_ == together.best_params_


@pytest.mark.parametrize("pre_dispatch", [1, "n_jobs", "all", "2*n_jobs"])
def test_pre_dispatch_does_not_change_the_search(pre_dispatch):
    with parallel_config(backend="threading"):
        fitted = search(n_jobs=2, pre_dispatch=pre_dispatch).fit(X, y)
    assert_same_results(fitted.cv_results_, search().fit(X, y).cv_results_)


def test_global_generators_are_untouched():
    def states():
        return np.random.get_state(), random.getstate()

    before = states()
    search(n_iter=30).fit(X, y)
    np.testing.assert_equal(states(), before)


# The same folds for all


@pytest.mark.parametrize("cv", [KFold(3, shuffle=True), ShuffleSplit(3)], ids=["shuffled", "random"])
def test_all_candidates_meet_the_same_folds(cv):
    results = search(scoring=lambda estimator, X, y: X.mean(), n_iter=30, cv=cv).fit(X, y).cv_results_
    for i in range(3):
        assert len(set(results[f"split{i}_test_score"])) == 1


def test_folds_can_be_drawn_only_once():
    fitted = search(cv=KFold(3).split(X), n_iter=30).fit(X, y)
    assert fitted.n_splits_ == 3
    assert_same_results(fitted.cv_results_, search(cv=KFold(3), n_iter=30).fit(X, y).cv_results_)


def test_splitter_is_asked_once():
    class Counting(KFold):
        n_calls = 0

        def split(self, *args, **kwargs):
            Counting.n_calls += 1
            return super().split(*args, **kwargs)

    search(cv=Counting(3), n_iter=30).fit(X, y)
    assert Counting.n_calls == 1


def test_groups_reach_the_splitter():
    groups = np.repeat(np.arange(6), 3)
    fitted = search(cv=GroupKFold(3)).fit(X, y, groups=groups)
    expected = GridSearchCV(Formula(), {"a": [0.3]}, cv=GroupKFold(3)).fit(X, y, groups=groups)
    offset = fitted.cv_results_["split0_test_score"] - fitted.cv_results_["split1_test_score"]
    theirs = expected.cv_results_["split0_test_score"] - expected.cv_results_["split1_test_score"]
    np.testing.assert_allclose(offset, theirs[0])
    with pytest.raises(ValueError, match="groups"):
        search(cv=GroupKFold(3)).fit(X, y)


# What the caller handed over stays as it was


def test_space_and_estimator_are_not_changed():
    inner = [Ridge(alpha=3), StandardScaler()]
    space = [{"kind": inner, "a": [0.1, 0.2]}, {"a": UniformDistribution(0, 1), "b": [1, 2]}]
    before = copy.deepcopy(space)
    estimator = Formula(kind=Ridge())
    fitted = search(estimator, space, n_iter=20).fit(X, y)
    assert fitted.param_distributions is space
    assert repr(space) == repr(before)
    assert space[0]["kind"] is inner
    assert list(space[1]) == ["a", "b"]
    assert fitted.estimator is estimator
    assert not learned(estimator)


def test_estimators_among_the_choices_are_cloned():
    choices = [Ridge(alpha=1.0), Ridge(alpha=2.0)]
    pipeline = Pipeline([("model", None)])
    used = []
    fitted = search(
        pipeline,
        {"model": choices, "model__alpha": LogUniformDistribution(0.1, 10)},
        scoring=lambda estimator, X, y: used.append(estimator.named_steps["model"]) or estimator.score(X, y),
    ).fit(X, y)
    assert not {id(model) for model in used} & {id(choice) for choice in choices}
    assert len({id(model) for model in used}) == len(used)
    assert [choice.alpha for choice in choices] == [1.0, 2.0]
    assert not any(hasattr(choice, "coef_") for choice in choices)
    assert fitted.best_params_["model__alpha"] == fitted.best_estimator_.named_steps["model"].alpha
    assert all(any(params["model"] is choice for choice in choices) for params in fitted.cv_results_["params"])


def test_list_of_scores_and_constructor_arguments_are_kept():
    scoring, cv = ["r2", "neg_mean_absolute_error"], [(np.arange(9), np.arange(9, 18))]
    fitted = search(scoring=scoring, refit="r2", cv=cv).fit(X, y)
    assert fitted.scoring is scoring
    assert fitted.cv is cv
    assert scoring == ["r2", "neg_mean_absolute_error"]


# Estimators of all sorts


def test_pipeline_with_steps_to_choose():
    pipeline = Pipeline([("scale", StandardScaler()), ("model", Formula())])
    space = {"scale": [StandardScaler(), MinMaxScaler(), "passthrough"], "model__a": UniformDistribution(0, 1)}
    fitted = search(pipeline, space, n_iter=20).fit(X, y)
    assert {type(params["scale"]) for params in fitted.cv_results_["params"]} == {StandardScaler, MinMaxScaler, str}
    assert fitted.predict(X).shape == (18,)
    assert fitted.best_estimator_.named_steps["model"].a == fitted.best_params_["model__a"]


def test_column_transformer_on_data_frames():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"size": X[:, 0], "color": list("rgbrgbrgbrgbrgbrgb")})
    columns = ColumnTransformer([("number", StandardScaler(), ["size"]), ("text", OneHotEncoder(), ["color"])])
    pipeline = Pipeline([("columns", columns), ("model", GaussianNB())])
    space = {
        "columns__number": [StandardScaler(), MinMaxScaler(), "drop"],
        "columns__text__drop": [None, "first"],
        "model__var_smoothing": LogUniformDistribution(1e-9, 1e-3),
    }
    fitted = search(pipeline, space).fit(frame, pd.Series(y))
    assert list(fitted.feature_names_in_) == ["size", "color"]
    assert fitted.n_features_in_ == 2
    assert list(fitted.classes_) == [0, 1]
    assert fitted.predict_proba(frame).shape == (18, 2)


def test_precomputed_kernels_are_split_on_both_axes():
    points, labels = make_blobs(60, centers=2, random_state=0)
    kernel = points @ points.T
    fitted = search(SVC(kernel="precomputed"), {"C": LogUniformDistribution(0.01, 10)}).fit(kernel, labels)
    direct = search(SVC(kernel="linear"), {"C": LogUniformDistribution(0.01, 10)}).fit(points, labels)
    np.testing.assert_allclose(fitted.cv_results_["mean_test_score"], direct.cv_results_["mean_test_score"])
    assert fitted.predict(kernel).shape == (60,)


def test_clusters_without_y():
    points, _ = make_blobs(60, centers=3, cluster_std=0.1, random_state=0)
    fitted = search(KMeans(n_init=1, random_state=0), {"n_clusters": UniformDistribution(1, 4, q=1)}).fit(points)
    assert len(fitted.cv_results_["params"]) == 4
    assert fitted.predict(points).shape == (60,)
    assert fitted.transform(points).shape == (60, fitted.best_params_["n_clusters"])


def test_density_without_y_or_predict():
    points, _ = make_blobs(60, random_state=0)
    fitted = search(KernelDensity(), {"bandwidth": LogUniformDistribution(0.01, 100)}, n_iter=20).fit(points)
    assert 0.1 < fitted.best_params_["bandwidth"] < 10
    assert fitted.score_samples(points).shape == (60,)
    assert not hasattr(fitted, "predict")


def test_transformer():
    space = {"kw_args": [{"copy": True}, {"copy": False}]}
    fitted = search(FunctionTransformer(np.array), space, scoring=lambda estimator, X, y=None: 1.0).fit(X)
    assert fitted.cv_results_["params"] == [{"kw_args": {"copy": True}}, {"kw_args": {"copy": False}}]
    np.testing.assert_array_equal(fitted.transform(X), X)


# Scores and refits


def test_named_metric_is_what_evolves():
    scoring = {"up": lambda estimator, X, y: estimator.a, "down": lambda estimator, X, y: -estimator.a}
    for refit, best in (("up", 1), ("down", 0)):
        fitted = search(space={"a": UniformDistribution(0, 1)}, n_iter=60, scoring=scoring, refit=refit).fit(X, y)
        assert abs(np.median([params["a"] for params in fitted.cv_results_["params"][-20:]]) - best) < 0.2
        assert fitted.best_params_["a"] == pytest.approx(best, abs=0.02)
        assert fitted.cv_results_[f"rank_test_{refit}"][fitted.best_index_] == 1
        assert fitted.best_score_ == fitted.cv_results_[f"mean_test_{refit}"][fitted.best_index_]
        assert fitted.score(X, y) == scoring[refit](fitted.best_estimator_, X, y)


@pytest.mark.parametrize("scoring", [None, ["r2", "neg_mean_absolute_error"]])
def test_callable_refit_chooses_from_the_results(scoring):
    seen = []

    def worst(results):
        seen.append(results)
        return int(np.argmin(results["mean_test_score" if scoring is None else "mean_test_r2"]))

    fitted = search(scoring=scoring, refit=worst).fit(X, y)
    assert len(seen) == 1
    assert set(seen[0]) == set(fitted.cv_results_)
    assert fitted.best_index_ == worst(fitted.cv_results_)
    assert fitted.best_estimator_.a == fitted.best_params_["a"]
    assert not hasattr(fitted, "best_score_")


def test_without_refit_there_is_no_best_estimator():
    fitted = search(refit=False).fit(X, y)
    assert fitted.best_params_ == fitted.cv_results_["params"][fitted.best_index_]
    assert not hasattr(fitted, "best_estimator_")
    with pytest.raises(AttributeError, match="predict"):
        fitted.predict(X)


def test_several_metrics_without_refit():
    fitted = search(scoring={"r2": "r2", "mae": "neg_mean_absolute_error"}, refit=False, n_iter=20).fit(X, y)
    assert len(fitted.cv_results_["mean_test_mae"]) == 20
    assert not hasattr(fitted, "best_params_")


def test_several_metrics_need_a_named_refit():
    with pytest.raises(ValueError, match="refit"):
        search(scoring=["r2", "neg_mean_absolute_error"], refit=True).fit(X, y)


def test_callable_that_returns_several_metrics():
    def scoring(estimator, X, y):
        return {"a": estimator.a, "b": -estimator.b}

    fitted = search(scoring=scoring, refit="b", n_iter=40).fit(X, y)
    assert fitted.best_params_["b"] == 0
    assert fitted.multimetric_


def test_scorer_that_is_a_loss():
    scorer = make_scorer(lambda y_true, y_pred: float(np.abs(y_pred - 0.7).mean()), greater_is_better=False)
    fitted = search(space={"a": UniformDistribution(0, 1)}, scoring=scorer, n_iter=60).fit(X, y)
    assert fitted.best_params_["a"] == pytest.approx(0.7, abs=0.02)


def test_list_of_dicts_masks_what_a_candidate_does_not_have():
    space = [{"a": UniformDistribution(0, 1), "kind": ["x"]}, {"b": UniformDistribution(0, 9, q=1), "kind": ["y"]}]
    results = search(space=space, n_iter=14).fit(X, y).cv_results_
    assert set(results["param_kind"]) == {"x", "y"}
    for i, params in enumerate(results["params"]):
        for name in ("a", "b", "kind"):
            column = results[f"param_{name}"]
            assert isinstance(column, np.ma.MaskedArray)
            assert column.mask[i] == (name not in params)
            assert name not in params or column[i] == params[name]
    assert len(set(results["species"])) == 2
    for kind in ("x", "y"):
        assert len(set(results["species"][results["param_kind"] == kind])) == 1


# Weights, metadata and other things that pass through fit


def test_fit_parameters_are_sliced_like_the_rows():
    class Checking(Weighted):
        def fit(self, X, y=None, sample_weight=None):
            np.testing.assert_array_equal(sample_weight, X[:, 0])
            return super().fit(X, y, sample_weight)

    fitted = search(Checking(), error_score="raise").fit(X, y, sample_weight=X[:, 0])
    np.testing.assert_array_equal(fitted.best_estimator_.weight_, X[:, 0])


def test_parameters_that_are_not_per_row_pass_unchanged():
    class Listening(Formula):
        def fit(self, X, y=None, callback=None):
            assert callback() == "called"
            return super().fit(X, y)

    search(Listening(), error_score="raise").fit(X, y, callback=lambda: "called")


def test_metadata_is_routed_to_fit_score_and_splitter():
    weight = np.arange(18.0)
    groups = np.repeat(np.arange(6), 3)
    with sklearn.config_context(enable_metadata_routing=True):
        model = Weighted().set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
        fitted = search(model, cv=GroupKFold(3)).fit(X, y, sample_weight=weight, groups=groups)
        grid = {name: [value] for name, value in fitted.best_params_.items()}
        theirs = GridSearchCV(model, grid, cv=GroupKFold(3))
        theirs.fit(X, y, sample_weight=weight, groups=groups)
        np.testing.assert_array_equal(fitted.best_estimator_.weight_, weight)
        for i in range(3):
            column = f"split{i}_test_score"
            assert fitted.cv_results_[column][fitted.best_index_] == theirs.cv_results_[column][0]
        assert fitted.score(X, y, sample_weight=weight) == theirs.score(X, y, sample_weight=weight)


def test_metadata_nobody_asked_for_is_refused():
    with sklearn.config_context(enable_metadata_routing=True), pytest.raises(Exception, match="sample_weight"):
        search().fit(X, y, sample_weight=np.ones(18))


def test_routing_works_when_the_search_is_nested():
    class Checking(Weighted):
        def fit(self, X, y=None, sample_weight=None):
            assert sample_weight is not None
            return super().fit(X, y, sample_weight)

    with sklearn.config_context(enable_metadata_routing=True):
        model = Checking().set_fit_request(sample_weight=True).set_score_request(sample_weight=False)
        scores = cross_val_score(
            search(model, error_score="raise"), X, y, cv=2, params={"sample_weight": np.ones(18)}, error_score="raise"
        )
    assert np.isfinite(scores).all()


# Failures


def test_failed_fits_score_error_score_and_warn_once():
    with pytest.warns(FitFailedWarning, match="no value above 0.5") as caught:
        fitted = search(Formula(fails_above=0.5), {"a": UniformDistribution(0, 1)}, n_iter=30, error_score=-7).fit(X, y)
    assert len([w for w in caught if w.category is FitFailedWarning]) == 1
    failed = np.array([params["a"] > 0.5 for params in fitted.cv_results_["params"]])
    assert 0 < failed.sum() < 30
    assert (fitted.cv_results_["mean_test_score"][failed] == -7).all()
    assert (fitted.cv_results_["mean_test_score"][~failed] > -7).all()


def test_failed_candidates_are_nan_last_and_have_few_children():
    with pytest.warns((FitFailedWarning, UserWarning)) as caught:
        fitted = search(Formula(fails_above=0.5), {"a": UniformDistribution(0, 1)}, n_iter=60).fit(X, y)
    assert {w.category for w in caught} == {FitFailedWarning, UserWarning}
    assert len(caught) == 2
    results = fitted.cv_results_
    failed = np.array([params["a"] > 0.5 for params in results["params"]])
    np.testing.assert_array_equal(np.isnan(results["mean_test_score"]), failed)
    assert (results["rank_test_score"][failed] > (~failed).sum()).all()
    assert fitted.best_params_["a"] == pytest.approx(0.3, abs=0.05)
    assert failed[-30:].mean() < 0.3


def test_error_score_raise_shows_the_users_error():
    with pytest.raises(ValueError, match=r"no value above 0\.5"):
        search(Formula(fails_above=0.5), error_score="raise", n_iter=30).fit(X, y)


@pytest.mark.parametrize("name", [None, "search.db"])
def test_splits_that_are_no_indices_are_the_error_of_grid_search(name, tmp_path):
    splits = [(slice(None), slice(None))]
    try:  # older versions of scikit-learn take them
        GridSearchCV(Formula(), {"a": [0.1, 0.2]}, cv=splits).fit(X, y)
    except ValueError as error:
        expected = pytest.raises(ValueError, match=re.escape(str(error)))
    else:
        expected = contextlib.nullcontext()
    with expected:
        search(space={"a": [0.1, 0.2]}, cv=splits, checkpoint=name and tmp_path / name).fit(X, y)


def test_all_fits_failing_is_an_error_that_shows_why():
    with pytest.raises(ValueError, match=r"(?s)All the 30 fits failed.*no value above 0.5"):
        search(Formula(fails_above=0.5), {"a": UniformDistribution(0.6, 1)}, n_iter=10).fit(X, y)


def test_failing_scores_are_told():
    def scoring(estimator, X, y):
        if estimator.a > 0.5:
            raise ValueError("no score above one half")
        return estimator.a

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fitted = search(space={"a": UniformDistribution(0, 1)}, scoring=scoring, n_iter=40).fit(X, y)
    assert any("no score above one half" in str(w.message) for w in caught)
    assert fitted.best_params_["a"] <= 0.5


def test_one_failing_fold_makes_the_candidate_fail():
    class OnRowZero(Formula):
        def score(self, X, y=None):
            return np.nan if self.a > 0.5 and 0 in X[:, 0] else super().score(X, y)

    with pytest.warns(UserWarning, match="non-finite") as caught:
        fitted = search(OnRowZero(), {"a": UniformDistribution(0, 1)}, n_iter=30, cv=KFold(3)).fit(X, y)
    assert len(caught) == 1
    failed = np.array([params["a"] > 0.5 for params in fitted.cv_results_["params"]])
    np.testing.assert_array_equal(np.isnan(fitted.cv_results_["mean_test_score"]), failed)
    assert np.isfinite(fitted.cv_results_["split1_test_score"]).all()


# Being an estimator


def test_clone_is_unfitted_and_equal():
    fitted = search(n_iter=5).fit(X, y)
    cloned = clone(fitted)
    assert repr(cloned.get_params()) == repr(fitted.get_params())
    assert not learned(cloned)
    with pytest.raises(NotFittedError):
        cloned.predict(X)
    assert_same_results(cloned.fit(X, y).cv_results_, fitted.cv_results_)


def test_pickle_keeps_a_fitted_search():
    fitted = search().fit(X, y)
    loaded = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(loaded.predict(X), fitted.predict(X))
    assert_same_results(loaded.cv_results_, fitted.cv_results_)
    assert_same_results(loaded.fit(X, y).cv_results_, fitted.cv_results_)


def test_unfitted_search_pickles():
    assert_same_results(pickle.loads(pickle.dumps(search())).fit(X, y).cv_results_, search().fit(X, y).cv_results_)


def test_set_params_reaches_the_estimator():
    changed = search().set_params(n_iter=4, estimator__kind="other").fit(X, y)
    assert len(changed.cv_results_["params"]) == 4
    assert changed.best_estimator_.kind == "other"
    with pytest.raises(ValueError, match="Invalid parameter"):
        search().set_params(nonsense=1)


def test_nested_cross_validation():
    scores = cross_val_score(search(random_state=0), X, y, cv=3, error_score="raise")
    assert scores.shape == (3,)
    assert np.isfinite(scores).all()
    assert cross_val_predict(search(), X, y, cv=3).shape == (18,)


def test_search_inside_a_pipeline_and_inside_a_search():
    pipeline = Pipeline([("scale", StandardScaler()), ("search", search(n_iter=4))])
    outer = search(pipeline, {"search__n_iter": [2, 3]}).fit(X, y)
    assert outer.best_params_["search__n_iter"] in (2, 3)


def test_html_representation_shows_the_estimator():
    unfitted = search(Ridge(), {"alpha": LogUniformDistribution(0.01, 10)})
    for one in (unfitted, clone(unfitted).fit(X, y)):
        assert "GeneticSearchCV" in one._repr_html_()
        assert "Ridge" in one._repr_html_()


def test_representation_names_the_space():
    assert "UniformDistribution(" in repr(search())


def test_delegates_to_the_best_estimator():
    fitted = search(GaussianNB(), {"var_smoothing": LogUniformDistribution(1e-9, 1)}, scoring="accuracy").fit(X, y)
    for method in ("predict", "predict_proba", "predict_log_proba"):
        np.testing.assert_array_equal(getattr(fitted, method)(X), getattr(fitted.best_estimator_, method)(X))
    assert fitted.score(X, y) == accuracy_score(y, fitted.predict(X))
    assert sklearn.base.is_classifier(fitted)
    assert not hasattr(fitted, "transform")


def test_classifiers_get_stratified_folds():
    class Constant(ClassifierMixin, Formula):
        pass

    labels = np.sort(y)
    seen = []
    search(Constant(), scoring=lambda estimator, X, y: seen.append(set(y)) or estimator.a).fit(X, labels)
    assert all(classes == {0, 1} for classes in seen)


def test_randomized_search_takes_the_same_space():
    space = {"a": LogUniformDistribution(0.01, 1), "b": ChoiceDistribution([1, 2]), "kind": UniformDistribution(0, 1)}
    theirs = [
        RandomizedSearchCV(Formula(), space, n_iter=5, cv=2, random_state=0).fit(X, y).cv_results_["params"]
        for _ in range(2)
    ]
    assert theirs[0] == theirs[1]
    assert all(0.01 <= params["a"] <= 1 and type(params["b"]) is int for params in theirs[0])


@pytest.mark.filterwarnings("ignore:The estimator Formula does not support callbacks")
def test_progress_bar_of_scikit_learn():
    callback = pytest.importorskip("sklearn.callback", reason="scikit-learn has callbacks since 1.9")
    pytest.importorskip("rich")
    plain = search(n_iter=5).fit(X, y)
    assert_same_results(search(n_iter=5).set_callbacks(callback.ProgressBar()).fit(X, y).cv_results_, plain.cv_results_)


def test_callbacks_see_every_fit():
    pytest.importorskip("sklearn.callback", reason="scikit-learn has callbacks since 1.9")

    class Counting:
        def __init__(self):
            self.ended = []
            self.calls = []

        def setup(self, estimator, context):
            self.calls.append("setup")

        def on_fit_task_begin(self, estimator, context, **kwargs):
            pass

        def on_fit_task_end(self, estimator, context, **kwargs):
            self.ended.append(context.task_name)

        def teardown(self, estimator, context):
            self.calls.append("teardown")

    counting = {}
    for Search in (GeneticSearchCV, RandomizedSearchCV):
        counting[Search] = Counting()
        Search(Formula(), SPACE, n_iter=11, cv=3).set_callbacks(counting[Search]).fit(X, y)
    assert sorted(counting[GeneticSearchCV].ended) == sorted(counting[RandomizedSearchCV].ended)
    assert counting[GeneticSearchCV].calls == ["setup", "teardown"]
    assert counting[GeneticSearchCV].ended.count("candidate-split-evaluation") == 33


# Mistakes


@pytest.mark.parametrize(
    "mistake",
    [
        {"n_iter": 0},
        {"n_iter": 2.5},
        {"n_iter": "many"},
        {"population_size": 0},
        {"refit": 3},
        {"scoring": "nonsense"},
        {"error_score": "ignore"},
        {"random_state": "seed"},
        {"cv": "three"},
        {"space": {"a": 1}},
        {"space": {"a": "text"}},
        {"space": {"a": []}},
        {"space": {"a": np.ones((3, 2))}},
        {"space": [{"a": [1]}, 0]},
        {"space": []},
        {"space": 3},
        {"space": None, "estimator": 3},
        {"space": {"nonsense": [1, 2]}},
        {"space": {1: [1, 2]}},
    ],
    ids=str,
)
def test_mistakes_are_told_before_the_first_fit(mistake):
    class Untouched(Formula):
        def fit(self, X, y=None):
            pytest.fail("fitted in spite of a mistake")

    mistake = {"estimator": Untouched(), "error_score": np.nan} | mistake
    with pytest.raises((TypeError, ValueError)):
        search(**mistake).fit(X, y)


def test_constructor_checks_nothing():
    kept = GeneticSearchCV(None, 3, n_iter=-1, population_size="x", scoring=4)
    assert (kept.estimator, kept.param_distributions, kept.n_iter, kept.population_size) == (None, 3, -1, "x")


def test_search_with_a_surrogate_does_not_depend_on_the_workers_either():
    space = {"a": UniformDistribution(0, 1), "b": [1, 2, 3, 5]}

    def results(n_jobs):
        with parallel_config(backend="threading"):
            one = GeneticSearchCV(Formula(), space, n_iter=30, cv=3, random_state=0, surrogate="auto", n_jobs=n_jobs)
            return one.fit(X, X[:, 0]).cv_results_

    one, other = results(1), results(2)
    assert one["params"] == other["params"]
    assert one["mean_test_score"].tolist() == other["mean_test_score"].tolist()


def test_surrogate_is_auto_or_none():
    with pytest.raises(ValueError, match="`surrogate` must be"):
        GeneticSearchCV(Formula(), {"a": [1, 2]}, surrogate="gp").fit(X, X[:, 0])


# Species and constraints

STRUCTURED = [
    {"kind": ["one"], "a": UniformDistribution(0, 1)},
    {"kind": ["two"], "a": UniformDistribution(0, 1), "b": [1, 2, 3]},
]


def only_small(params):
    return params["a"] < 0.5


def test_species_are_a_table_that_agrees_with_cv_results():
    search = GeneticSearchCV(Formula(), STRUCTURED, n_iter=30, random_state=0).fit(X, y)
    species, results = search.species_, search.cv_results_
    assert species["species"].tolist()[0] == results["species"][search.best_index_]
    assert species["best_score"][0] == search.best_score_
    assert species["best_params"][0] == search.best_params_
    for i, words in enumerate(species["species"]):
        rows = np.flatnonzero(results["species"] == words)
        assert species["n_evaluations"][i] == len(rows)
        assert (species["first"][i], species["last"][i]) == (rows[0], rows[-1])
        assert species["best_score"][i] == results["mean_test_score"][rows].max()
    assert pytest.importorskip("pandas").DataFrame(species).shape == (2, 7)


def test_constraints_are_kept_by_candidates_clones_and_pickles():
    search = GeneticSearchCV(Formula(), STRUCTURED, n_iter=15, constraints=[only_small], random_state=0)
    assert clone(search).constraints == [only_small]
    fitted = pickle.loads(pickle.dumps(clone(search).fit(X, y)))
    assert len(fitted.cv_results_["params"]) == 15
    assert all(params["a"] < 0.5 for params in fitted.cv_results_["params"])
    with parallel_config("threading"):
        with_jobs = clone(search).set_params(n_jobs=2).fit(X, y)
    assert with_jobs.cv_results_["params"] == fitted.cv_results_["params"]


def test_grid_under_constraints_is_the_allowed_part_of_a_grid_search():
    grid = {"a": [0.1, 0.3, 0.6, 0.9], "b": [1, 2, 3]}
    search = GeneticSearchCV(Formula(), grid, constraints=only_small).fit(X, y)
    other = GridSearchCV(Formula(), grid).fit(X, y)
    rows = [i for i, params in enumerate(other.cv_results_["params"]) if only_small(params)]
    assert search.cv_results_["params"] == [other.cv_results_["params"][i] for i in rows]
    np.testing.assert_array_equal(search.cv_results_["mean_test_score"], other.cv_results_["mean_test_score"][rows])
    assert search.stop_reason_ == "exhausted"


def test_mistaken_constraints_are_told_before_the_first_fit():
    search = GeneticSearchCV(Formula(), STRUCTURED, random_state=0)
    for constraints, message in [
        (lambda params: False, r"refused all of 16384 that were tried: `constraints` refused 16384\."),
        (lambda params: params["b"] > 1, r"KeyError\('b'\) for .*use `params.get`"),
        ("a < b", "`constraints` must be a function"),
    ]:
        with pytest.raises(ValueError, match=message):
            search.set_params(constraints=constraints).fit(X, y)
        assert not hasattr(search, "cv_results_")


def test_results_are_kept_when_a_constraint_goes_wrong_in_the_middle():
    calls = []

    def tired(params):
        calls.append(params)
        if len(calls) > 60:
            raise RuntimeError("tired")
        return True

    search = GeneticSearchCV(Formula(), STRUCTURED, constraints=tired, surrogate=None, random_state=0)
    with pytest.raises(ValueError, match=r"`constraints` must return .* it raised RuntimeError\('tired'\) for "):
        search.fit(X, y)
    assert search.stop_reason_ == "error"
    assert 10 <= len(search.cv_results_["params"]) < 60
    assert len(search.species_["species"]) == 2


def test_each_fitted_attribute_is_documented_as_numpydoc_wants_it():
    pd = pytest.importorskip("pandas")
    fitted = search(Ridge(), {"alpha": [0.1, 1.0]}, refit=True).fit(pd.DataFrame({"u": X[:, 0], "v": X[:, 1]}), y)
    doc = inspect.getdoc(GeneticSearchCV)
    section = doc[doc.index("Attributes\n----------") : doc.index("See Also\n--------")]
    documented = set(re.findall(r"^(\w+_) : \S", section, flags=re.MULTILINE))
    public = {name for name in dir(type(fitted)) if name.endswith("_")} | set(vars(fitted))
    attributes = {name for name in public if name.endswith("_") and not name.startswith("_") and hasattr(fitted, name)}
    assert attributes <= documented
    assert documented - attributes == {"classes_", "pareto_front_"}  # of classifiers, and by several objectives


def test_a_search_given_as_initial_is_not_kept_alive():
    sizes, other = [], None
    for seed in range(4):
        other = search(n_iter=20, initial=other, random_state=seed).fit(X, y)
        sizes.append(len(pickle.dumps(other)))
    assert isinstance(other.initial, dict)
    assert max(sizes[1:]) < 1.5 * min(sizes[1:])
    assert len(clone(other).fit(X, y).history_) == 20
