"""Columns: the transformer that keeps some, and the search for the best."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import load_wine, make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.utils.estimator_checks import parametrize_with_checks

from geneticsearch import (
    GeneticFeatureSelector,
    GeneticSearchCV,
    LogUniformDistribution,
    SelectColumns,
    SubsetDistribution,
)

X = np.arange(12.0).reshape(3, 4)
TABLE = pd.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"], "c": [0.5, np.nan, 1.5], "d": [True, False, True]})
SPACE = {"selectcolumns__columns": SubsetDistribution(range(13), 2, 6), "svc__C": LogUniformDistribution(0.1, 100)}


def checks(estimator):
    """Return scikit-learn's checks, as a list, which pytest 9 wants; without the marks that old versions set."""
    cases = parametrize_with_checks([estimator]).args[1]
    return pytest.mark.parametrize(("estimator", "check"), [getattr(case, "values", case) for case in cases])


@checks(SelectColumns())
def test_the_transformer_passes_all_checks(estimator, check):
    check(estimator)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Can't check dok sparse matrix:UserWarning")  # by old versions of scikit-learn
@checks(GeneticFeatureSelector(LogisticRegression(), n_iter=3, cv=2, random_state=0))
def test_the_selector_passes_all_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize(
    "columns", [[3, 1], (1, 3), np.array([1, 3]), range(1, 4, 2), ["d", "b"], pd.Index(["b", "d"])]
)
def test_names_and_positions_keep_the_order_of_the_table(columns):
    select = SelectColumns(columns).fit(TABLE)
    pd.testing.assert_frame_equal(select.transform(TABLE), TABLE[["b", "d"]])
    assert select.get_feature_names_out().tolist() == ["b", "d"]
    assert select.get_support(indices=True).tolist() == [1, 3]


def test_nothing_said_keeps_everything():
    assert SelectColumns().fit_transform(X).tolist() == X.tolist()


@pytest.mark.parametrize("kind", [sparse.csr_matrix, sparse.csc_matrix, sparse.coo_matrix])
def test_sparse_matrices_stay_sparse(kind):
    kept = SelectColumns([0, 2]).fit_transform(kind(X))
    assert sparse.issparse(kept)
    assert kept.toarray().tolist() == X[:, [0, 2]].tolist()


def test_output_is_set_and_inverted():
    select = SelectColumns([0, 2]).set_output(transform="pandas").fit(X)
    assert list(select.transform(X).columns) == ["x0", "x2"]
    back = SelectColumns([0, 2]).fit(X).inverse_transform(X[:, [0, 2]])
    assert back.tolist() == (X * [1, 0, 1, 0]).tolist()


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ("a", "`columns` must be a list of names or positions, or None; got a"),
        (1, "`columns` must be a list of names or positions, or None; got 1"),
        (slice(0, 2), r"`columns` must be a list; got slice\(0, 2, None\). Write `range"),
        ([True, False, True, True], "got a mask. Write `np.flatnonzero"),
        (np.eye(4), "`columns` must be a list of names or positions"),
        ([4], "`columns` must be an integer that is at least 0 and at most 3; got 4"),
        ([-1], "`columns` must be an integer that is at least 0 and at most 3; got -1"),
        ([0.5], "`columns` must be names or positions; got 0.5"),
        (["e"], "`columns` must be names of columns; the table has no 'e'"),
        (["a", 0], "`columns` must differ from each other"),
    ],
)
def test_mistakes_are_named(columns, message):
    with pytest.raises(ValueError, match=message):
        SelectColumns(columns).fit(TABLE)


def test_names_need_a_table_that_has_them():
    with pytest.raises(ValueError, match="`columns` must be positions, as the table has no names; got 'a'"):
        SelectColumns(["a"]).fit(X)


def test_other_columns_are_refused():
    with pytest.raises(ValueError, match="feature names should match"):
        SelectColumns(["a"]).fit(TABLE).transform(TABLE[["b", "a", "c", "d"]])


def test_columns_and_parameters_are_one_search():
    model = make_pipeline(SelectColumns(), StandardScaler(), SVC())
    X, y = load_wine(return_X_y=True)
    search = GeneticSearchCV(model, SPACE, n_iter=20, random_state=0).fit(X, y)
    assert search.best_score_ > 0.9
    assert 2 <= search.best_estimator_[:-1].transform(X).shape[1] <= 6


def noisy(n_noise=30, seed=0):
    rng = np.random.default_rng(seed)
    X, y = make_classification(150, 5, n_informative=4, n_redundant=0, n_clusters_per_class=1, random_state=seed)
    return np.hstack([X, rng.standard_normal((150, n_noise))]), y


def test_the_selector_finds_the_columns():
    X, y = noisy()
    selector = GeneticFeatureSelector(KNeighborsClassifier(), max_features=8, n_iter=50, random_state=0).fit(X, y)
    assert selector.n_features_ == selector.support_.sum() == selector.transform(X).shape[1] <= 8
    assert selector.support_[:5].sum() >= 2
    assert selector.estimator_.n_features_in_ == selector.n_features_


def test_fewer_columns_are_preferred_unless_the_score_is_all():
    def selected(seed, prefer_fewer):
        X, y = noisy(seed=seed)
        options = {"n_iter": 30, "random_state": seed, "prefer_fewer": prefer_fewer}
        return GeneticFeatureSelector(KNeighborsClassifier(), **options).fit(X, y)

    pairs = [(selected(seed, True).n_features_, selected(seed, False).n_features_) for seed in range(3)]
    assert all(few <= best for few, best in pairs)
    assert any(few < best for few, best in pairs)
    best = selected(0, False)
    assert best.support_[list(best.search_.best_params_["select__columns"])].all()


@pytest.mark.parametrize("scoring", [None, "f1", lambda estimator, X, y: estimator.score(X, y)])
def test_the_front_of_a_selector_holds_the_best_columns_of_each_number(scoring):
    X, y = noisy()
    selector = GeneticFeatureSelector(KNeighborsClassifier(), n_iter=20, scoring=scoring, random_state=0, cv=3)
    search = selector.fit(X, y).search_
    results = search.cv_results_
    sizes = [len(params["select__columns"]) for params in results["params"]]
    assert (results["mean_test_neg_n_columns"] == np.negative(sizes)).all()
    front = search.pareto_front_
    assert results["mean_test_score"][front[0]] == results["mean_test_score"].max()
    assert (np.diff(results["mean_test_score"][front]) < 0).all()
    assert (np.diff(np.array(sizes)[front]) < 0).all()


def test_a_number_of_columns_that_is_given_is_no_objective():
    X, y = noisy()
    selector = GeneticFeatureSelector(KNeighborsClassifier(), n_iter=12, min_features=3, max_features=3, random_state=0)
    assert selector.fit(X, y).n_features_ == 3
    assert not hasattr(selector.search_, "pareto_front_")


@pytest.mark.slow
def test_a_handful_of_columns_is_found():
    sizes = []
    for seed in range(3):
        X, y = noisy(seed=seed)
        selector = GeneticFeatureSelector(KNeighborsClassifier(), n_iter=50, random_state=seed)
        sizes.append(selector.fit(X, y).n_features_)
    assert np.mean(sizes) < 12  # a search of the score alone kept 20


def test_the_selector_searches_parameters_too():
    X, y = load_wine(return_X_y=True, as_frame=True)
    space = {"svc__C": LogUniformDistribution(0.1, 100)}
    model = make_pipeline(StandardScaler(), SVC())
    selector = clone(GeneticFeatureSelector(model, space, n_iter=15, random_state=0, min_features=2)).fit(X, y)
    assert selector.search_.best_params_["estimator__svc__C"] == selector.estimator_["svc"].C
    assert list(selector.transform(X).columns) == selector.get_feature_names_out().tolist()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"min_features": 0}, "`min_features` must be an integer that is at least 1 and at most 4"),
        ({"min_features": 5}, "`min_features` must be an integer that is at least 1 and at most 4"),
        ({"min_features": 3, "max_features": 2}, "`max_features` must be an integer that is at least 3"),
    ],
)
def test_mistakes_of_the_selector_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        GeneticFeatureSelector(LogisticRegression(), **arguments).fit(X, [0, 1, 0])


def test_several_metrics_of_the_selector_are_refused():
    with pytest.raises(TypeError, match="`scoring` must be one metric"):
        GeneticFeatureSelector(LogisticRegression(), scoring=["f1", "accuracy"]).fit(X, [0, 1, 0])


@pytest.mark.slow
def test_nothing_leaks_from_pure_noise():
    rng = np.random.default_rng(0)
    selected, honest = [], []
    for seed in range(4):
        X, y = rng.standard_normal((80, 50)), np.arange(80) % 2
        selector = GeneticFeatureSelector(LogisticRegression(), n_iter=20, cv=3, random_state=seed)
        selected.append(clone(selector).fit(X, y).search_.best_score_)
        honest.append(cross_val_score(make_pipeline(selector, LogisticRegression()), X, y, cv=4).mean())
    assert np.mean(selected) > 0.58  # the best of 20 scores on the same folds is too good
    assert np.mean(honest) == pytest.approx(0.5, abs=0.07)  # columns chosen inside each fold are worth what they are
