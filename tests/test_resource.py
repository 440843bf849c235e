"""What a ladder is climbed with: how much on each rung, which rows these are, and what is refused."""

import numpy as np
import pytest
from estimators import FLAT
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, KFold, StratifiedGroupKFold, StratifiedKFold, TimeSeriesSplit
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from geneticsearch import GeneticSearchCV
from geneticsearch._resource import Resource, parts

RNG = np.random.default_rng(0)
N = 400
X = RNG.normal(size=(N, 2))
y = np.repeat([0, 1, 2, 2], N // 4)
GROUPS = RNG.permutation(np.repeat(np.arange(40), N // 40))
SEEN = []


class Spy(ClassifierMixin, BaseEstimator):
    """Notes the rows, targets and weights that it is fitted to."""

    def __init__(self, a=0.0, b=1.0, n_steps=90):
        self.a = a
        self.b = b
        self.n_steps = n_steps

    def fit(self, X, y, sample_weight=None):
        SEEN.append((X, y, sample_weight, self.n_steps))
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[0])

    def score(self, X, y=None, sample_weight=None):
        return self.a


def spied(data=(X, y), n_iter=2, **options):
    """Return what the fits of two candidates have seen, those on rungs first."""
    SEEN.clear()
    options = {"cv": 4, "random_state": 0, "refit": False, "resource": "n_samples", "min_resources": 40, **options}
    params = {name: options.pop(name) for name in ("groups", "sample_weight") if name in options}
    GeneticSearchCV(Spy(), FLAT, n_iter=n_iter, **options).fit(*data, **params)
    return list(SEEN)


# How much


@pytest.mark.parametrize(
    ("smallest", "full", "rungs"),
    [
        (None, 8000, [889, 2667]),
        (None, 1499, []),
        (None, 1500, [500]),
        (None, 40_000, [1482, 4445, 13334]),
        (100, 8000, [100, 300, 900, 2700]),
        (100, 8200, [100, 300, 900, 2700]),
        (100, 101, [100]),
        (100, 100, []),
    ],
)
def test_rungs_end_well_below_the_full_resource(smallest, full, rungs):
    assert Resource("n_samples", smallest, 3, None).rungs(full, 500) == rungs


def test_a_rare_class_makes_the_first_rung_larger():
    rare = np.zeros(4000, dtype=int)
    rare[:80] = 1
    rare = RNG.permutation(rare)
    seen = spied((RNG.normal(size=(4000, 2)), rare), min_resources="auto")
    assert [len(rows) for rows, *_ in seen[:2]] == [1000, 3000]


def test_too_few_rows_make_no_ladder():
    with pytest.warns(UserWarning, match="`resource='n_samples'` makes no ladder: with 300 training rows"):
        seen = spied(min_resources="auto")
    assert {len(rows) for rows, *_ in seen} == {300}


def test_a_small_parameter_makes_no_ladder():
    with pytest.warns(UserWarning, match="`resource='n_steps'` makes no ladder: with 90 as its full amount"):
        spied(resource="n_steps", min_resources="auto", factor=30)


# Which rows


def rows_of(array, data=X):
    """Return the positions of rows in the data."""
    return [int(np.flatnonzero((data == row).all(axis=1))[0]) for row in array]


def test_a_part_of_the_rows_has_all_classes_in_their_shares():
    for seen, n in zip(spied()[:2], (40, 120), strict=True):
        assert np.bincount(seen[1]).tolist() == [n // 4, n // 4, n // 2]


def test_each_part_is_in_the_next_and_they_keep_their_order():
    first, second, whole = (rows_of(seen[0]) for seen in spied()[:3])
    assert set(first) < set(second) < set(whole)
    assert first == sorted(first)


def test_a_seed_draws_the_same_rows_and_another_one_others():
    draws = [rows_of(spied(random_state=seed)[0][0]) for seed in (0, 0, 1)]
    assert draws[0] == draws[1] != draws[2]


@pytest.mark.parametrize("cv", [GroupKFold(4), StratifiedGroupKFold(4)], ids=["groups", "stratified"])
def test_groups_stay_whole(cv):
    sizes = []
    for seen in spied(cv=cv, groups=GROUPS)[:2]:
        rows = rows_of(seen[0])
        assert {(GROUPS[rows] == one).sum() for one in np.unique(GROUPS[rows])} == {N // 40}
        sizes.append(len(rows))
        assert np.abs(np.bincount(seen[1], minlength=3) / len(rows) - [0.25, 0.25, 0.5]).max() < 0.2
    assert sizes == [40, 120]


def test_groups_that_folds_do_not_keep_are_left_alone():
    with pytest.warns(UserWarning, match="groups parameter is ignored"):
        seen = spied(cv=KFold(4, shuffle=True, random_state=0), groups=GROUPS)[0]
    assert len(np.unique(GROUPS[rows_of(seen[0])])) > 20


def test_of_rows_in_time_the_last_are_taken_in_the_longest_fold():
    first, second = (rows_of(seen[0]) for seen in spied(cv=TimeSeriesSplit(3))[:2])
    assert first == list(range(260, 300))
    assert second == list(range(180, 300))


def test_a_single_fold_is_not_taken_for_time():
    fold = (np.arange(300), np.arange(300, 400))
    assert parts([fold], 0, [40], None, None, np.random.default_rng(0))[0].min() < 100


def test_masks_are_rows_too():
    train = np.arange(N) % 4 > 0
    seen = spied(cv=[(train, ~train)])
    assert len(seen[0][0]) == 40
    assert train[rows_of(seen[0][0])].all()


def test_weights_are_cut_with_the_rows():
    weights = np.arange(float(N))
    for rows, _, sample_weight, _ in spied(sample_weight=weights):
        assert sample_weight.tolist() == rows_of(rows)


def test_a_parameter_climbs_on_all_rows():
    seen = spied(resource="n_steps", min_resources=10, n_iter=1)
    assert [(len(rows), n_steps) for rows, _, _, n_steps in seen] == [(300, 10), (300, 30), *[(300, 90)] * 4]


@pytest.mark.filterwarnings("ignore:With n_samples")
def test_distances_between_rows_are_cut_on_both_sides():
    data, classes = make_classification(120, random_state=0)
    distances = np.sqrt(((data[:, None] - data) ** 2).sum(axis=2))
    one = GeneticSearchCV(
        KNeighborsClassifier(metric="precomputed"),
        {"n_neighbors": range(1, 20)},
        n_iter=19,
        random_state=0,
        resource="n_samples",
        min_resources=40,
    ).fit(distances, classes)
    assert (one.cv_results_["n_splits_run"] < 5).any()


def test_a_step_of_a_pipeline_has_a_resource():
    model = make_pipeline(StandardScaler(), RandomForestClassifier(n_estimators=20, random_state=0))
    one = GeneticSearchCV(
        model,
        {"randomforestclassifier__max_depth": range(1, 4)},
        random_state=0,
        cv=2,
        resource="randomforestclassifier__n_estimators",
        min_resources=5,
    ).fit(X, y)
    assert len(one.best_estimator_[-1].estimators_) == 20
    assert one.cv_results_["n_resources"].tolist() == [20, 20, 20]


# What is refused


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"resource": "rows"}, "`resource` must be 'n_samples', a parameter of the estimator or None; got 'rows'"),
        ({"resource": "a"}, "whole number, the most that candidates climb to; got 'a', which is 0.0"),
        ({"min_resources": "exhaust"}, "`min_resources` must be 'auto'; got 'exhaust'"),
        ({"min_resources": 0}, "`min_resources` must be an integer that is at least 1; got 0"),
        ({"min_resources": 300}, "`min_resources` must be less than the 300 rows that a fold is trained on; got 300"),
        ({"resource": "n_steps", "min_resources": 90}, "less than the estimator's own n_steps, which is 90; got 90"),
        ({"factor": 1}, "`factor` must be a number that is greater than 1; got 1"),
        ({"cv": [(slice(0, 9), slice(9, 18))]}, "`resource` needs folds that are arrays of rows"),
    ],
)
def test_what_makes_no_sense_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        spied(**options)


@pytest.mark.parametrize(
    ("space", "name"),
    [({"svc__max_iter": [10, 20]}, "svc__max_iter"), ({"svc": [SVC(max_iter=9), LogisticRegression()]}, "svc")],
)
def test_a_resource_that_is_searched_is_refused(space, name):
    model = make_pipeline(StandardScaler(), SVC(max_iter=100))
    with pytest.raises(ValueError, match=f"`resource` must not be searched; got 'svc__max_iter', and '{name}' is in"):
        GeneticSearchCV(model, space, resource="svc__max_iter").fit(X, y)


def test_a_resource_without_a_whole_number_is_refused():
    with pytest.raises(ValueError, match="got 'max_iter', which is -1"):
        GeneticSearchCV(SVC(), {"C": [1, 2]}, resource="max_iter").fit(X, y)


def test_without_a_resource_the_others_say_nothing():
    one = GeneticSearchCV(Spy(), FLAT, n_iter=2, cv=StratifiedKFold(2), min_resources=9, factor=2).fit(X, y)
    assert "n_resources" not in one.cv_results_
