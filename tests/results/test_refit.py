"""Which candidate is refitted, where not the best score decides."""

import pickle
import time

import numpy as np
import pytest
from estimators import X, y
from sklearn.base import BaseEstimator, clone

from geneticsearch import GeneticSearchCV, SequenceDistribution, UniformDistribution, fastest_within, one_standard_error


class Table(BaseEstimator):
    """Its score on a fold is what `scores` says for `row`; fits take `seconds[row]`."""

    scores = np.zeros((1, 2))
    seconds = None

    def __init__(self, row=0, size=0):
        self.row = row
        self.size = size

    def fit(self, X, y=None):
        if self.seconds is not None:
            time.sleep(self.seconds[self.row])
        self.fitted_ = True
        return self

    def score(self, X, y=None):
        fold = int(X[0, 0] / 12)
        return float(self.scores[self.row][fold])

    def predict(self, X):
        return np.zeros(len(X))


def results(folds, params, times=None, metric="score"):
    folds = np.asarray(folds, dtype=float)
    times = np.zeros(len(folds)) if times is None else np.asarray(times, dtype=float)
    return {
        "mean_fit_time": times,
        "mean_score_time": np.zeros(len(folds)),
        "params": params,
        **{f"split{i}_test_{metric}": scores for i, scores in enumerate(folds.T)},
        f"mean_test_{metric}": folds.mean(axis=1),
    }


FOLDS = [[0.50, 0.60], [0.80, 1.00], [0.79, 0.83], [0.60, 0.90], [np.nan, 0.9]]
"""Means are 0.55, 0.9, 0.81, 0.75 and NaN; the standard error of the best is 0.1."""


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 9, 5, 3, 0], 2),
        ([1, 2, 5, 3, 0], 1),
        ([1, 5, 5, 3, 0], 1),  # as simple, and better
        ([1, None, 1000, 3, 0], 2),
        ([1, (3, 4), [6], 3, 0], 2),
        ([1, (2, 4), np.array([7]), 3, 0], 1),
    ],
)
def test_the_simplest_within_one_standard_error(values, expected):
    assert one_standard_error("c")(results(FOLDS, [{"c": value} for value in values])) == expected


def test_a_candidate_without_the_parameter_is_taken_last():
    refit = one_standard_error("c")
    assert refit(results(FOLDS, [{"c": 0}, {"d": 0}, {"c": 10}, {"c": 3}, {"c": 0}])) == 2
    assert refit(results(FOLDS, [{"d": 0}] * 5)) == 1


def test_complexity_may_be_a_function():
    refit = one_standard_error(lambda params: -params["leaf"])
    assert refit(results(FOLDS, [{"leaf": value} for value in (100, 1, 7, 3, 0)])) == 2


def test_the_first_of_several_metrics_is_meant():
    params = [{"c": value} for value in (1, 9, 5, 3, 0)]
    both = {**results(FOLDS, params, metric="a_test_1"), **results(np.zeros((5, 2)), params, metric="b")}
    assert one_standard_error("c")(both) == 2
    assert fastest_within(0.1)(both) == 1


def test_the_fastest_within_the_tolerance():
    params = [{}] * 5
    one = results(FOLDS, params, [1, 9, 5, 3, 0])
    assert [fastest_within(tolerance)(one) for tolerance in (0, 0.05, 0.0901, 0.16, 1)] == [1, 1, 2, 3, 0]
    assert fastest_within(0.1)(results(FOLDS, params, [1, 5, 5, 3, 0])) == 1  # as fast, and better


def test_a_search_refits_what_they_choose(monkeypatch):
    monkeypatch.setattr(Table, "scores", np.array([[0.5, 0.6], [0.8, 1.0], [0.79, 0.83]]))
    space = {"row": [0, 1, 2], "size": [(1, 2)]}
    refit = one_standard_error(lambda params: -params["row"])
    search = GeneticSearchCV(Table(), space, cv=2, refit=refit, random_state=0).fit(X, y)
    assert search.best_params_ == {"row": 2, "size": (1, 2)}
    assert search.best_estimator_.row == 2
    assert not hasattr(search, "best_score_")
    monkeypatch.setattr(Table, "seconds", [0, 0.05, 0.01])
    search = clone(search).set_params(refit=fastest_within(0.1)).fit(X, y)
    assert search.best_index_ == 2


def test_both_can_be_copied_pickled_and_read():
    for refit in one_standard_error("c"), fastest_within(0.5):
        assert clone(refit, safe=False) == pickle.loads(pickle.dumps(refit)) == refit
    assert repr(one_standard_error("c")) == "one_standard_error(complexity='c')"


def test_mistakes_are_told_at_once():
    with pytest.raises(TypeError, match="`complexity` must be the name of a parameter or a function"):
        one_standard_error(3)
    for wrong in -1, "much", np.nan:
        with pytest.raises((ValueError, TypeError), match="`tolerance` must be"):
            fastest_within(wrong)
    with pytest.raises(
        TypeError, match=r"`complexity` must give numbers or sequences of them; got 'word' of \{'c': 'word'\}"
    ):
        one_standard_error("c")(results(FOLDS, [{"c": "word"}] * 5))
    with pytest.raises(ValueError, match="needs scores on at least two folds; there is one"):
        one_standard_error("c")(results([[0.5], [0.6]], [{"c": 1}] * 2))


def test_a_parameter_that_is_not_in_the_space_is_told_before_the_first_fit(monkeypatch):
    monkeypatch.setattr(Table, "fit", lambda *_: pytest.fail("this is a fit"))
    space = [{"row": [0]}, {"size": SequenceDistribution(UniformDistribution(0, 1), 1, 2)}]
    with pytest.raises(
        ValueError, match=r"must be a parameter in `param_distributions`; got 'sise'. There are \['row', 'size'\]"
    ):
        GeneticSearchCV(Table(), space, refit=one_standard_error("sise")).fit(X, y)
