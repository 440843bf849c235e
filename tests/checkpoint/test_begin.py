"""What `initial` may be: parameters, the results of other searches, and their checkpoints."""

import math
import warnings

import estimators
import numpy as np
import pytest
from estimators import Formula, X, y
from joblib import parallel_config
from scipy import stats
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, KFold, RandomizedSearchCV

from geneticsearch import (
    Callback,
    CheckpointError,
    GaussianDistribution,
    GeneticOptimizer,
    GeneticSearchCV,
    SequenceDistribution,
    UniformDistribution,
    load_history,
    optimize,
)
from geneticsearch.space import Space

SPACE = {"a": UniformDistribution(0, 1), "b": [1, 2, 3]}


class Counted(Formula):
    n_fits = 0

    def fit(self, X, y=None):
        Counted.n_fits += 1
        return super().fit(X, y)


@pytest.fixture(autouse=True)
def _count_from_zero():
    Counted.n_fits = 0
    losses.clear()


losses = []


def loss(params):
    losses.append(params)
    return (params["a"] - 0.3) ** 2 + params["b"]


def searched(space=SPACE, estimator=None, **options):
    return estimators.searched(space, estimator or Counted(), **{"n_iter": 20, "surrogate": "auto", **options})


def given(found):
    """Return the parameters of the candidates that were given, which must come first."""
    origins = (
        found.cv_results_["origin"].tolist() if hasattr(found, "cv_results_") else [i.origin for i in found.history]
    )
    params = found.cv_results_["params"] if hasattr(found, "cv_results_") else [i.params for i in found.history]
    n = origins.count("given")
    assert origins[:n] == ["given"] * n
    return list(params[:n])


# ------------------------------------------------------------------------------------------------------- parameters


def test_one_dict():
    (params,) = given(optimize(loss, SPACE, n_iter=10, seed=0, initial={"a": 0.25, "b": 3}))
    assert params == {"a": 0.25, "b": 3}


def test_several_dicts_in_their_order():
    initial = [{"a": 0.9, "b": 1}, {"a": 0.1, "b": 3}, {"a": 0.9, "b": 1}]
    found = given(searched(initial=initial))
    assert len(found) == 2  # one of them is given twice
    assert all(one == other for one, other in zip(found, initial, strict=False))


def test_numbers_are_evaluated_as_they_are_given():
    space = {"w": UniformDistribution(-1, 2), "g": GaussianDistribution(0, 1), "n": UniformDistribution(0, 2**62, q=1)}
    initial = {"w": 0.0, "g": 9.0, "n": 2**61 + 1}
    found = optimize(lambda params: params["w"] ** 2, space, n_iter=40, seed=0, surrogate=None, initial=initial)
    assert found.history[0].params == initial
    assert sum(one.params["g"] == 9.0 for one in found.history) > 1  # children inherit it


class StopAfter(Callback):
    def on_result(self, individual, best):
        return individual.number > 6


def test_numbers_are_given_again_when_a_search_is_resumed(tmp_path):
    one = {"x": UniformDistribution(0, 1), "y": GaussianDistribution(0, 1)}
    other = {"x": UniformDistribution(-1, 2), "y": GaussianDistribution(1, 3)}

    def distance(params):
        return params["x"] ** 2 + params["y"] ** 2

    optimize(distance, one, n_iter=10, seed=0, checkpoint=tmp_path / "one.db")
    expected = optimize(distance, other, n_iter=20, seed=0, initial=tmp_path / "one.db")
    assert expected.history[0].params in [one["params"] for one in load_history(tmp_path / "one.db")]

    def search(**options):
        files = {"initial": tmp_path / "one.db", "checkpoint": tmp_path / "other.db"}
        return optimize(distance, other, n_iter=20, seed=0, **files, **options)

    search(callbacks=StopAfter())
    (tmp_path / "one.db").unlink()
    found = search()
    assert [(one.params, one.score) for one in found.history] == [(one.params, one.score) for one in expected.history]
    again = optimize(distance, other, n_iter=30, seed=1, initial=tmp_path / "other.db")
    assert again.history[0].params == expected.best_params


def test_dicts_need_not_be_fewer_than_half_of_the_budget_nor_than_all_of_it():
    initial = [{"a": k / 10, "b": 1} for k in range(8)]
    assert len(given(optimize(loss, SPACE, n_iter=10, seed=0, initial=initial))) == 8
    assert len(given(optimize(loss, SPACE, n_iter=5, seed=0, initial=initial))) == 5


def test_those_given_take_part_in_the_evolution():
    best = {"a": 0.3, "b": 1}
    found = optimize(loss, SPACE, n_iter=60, seed=0, initial=best)
    assert found.best_score <= loss(best) + 1e-9
    assert any(0 in one.parents for one in found.history)


def test_finite_spaces_begin_with_those_given_and_list_the_others():
    found = optimize(lambda params: params["b"], {"b": [1, 2, 3]}, initial={"b": 3}, seed=0)
    assert [one.params["b"] for one in found.history] == [3, 1, 2]


def test_same_seed_same_search():
    initial = [{"a": 0.9, "b": 1}, {"a": 0.1, "b": 3}]
    one = searched(initial=initial)
    with parallel_config(backend="threading", n_jobs=2):
        assert searched(initial=initial).cv_results_["params"] == one.cv_results_["params"]


@pytest.mark.parametrize(
    ("initial", "message"),
    [
        ({"a": 2.0, "b": 1}, r"`initial\['a'\]` must be a value of UniformDistribution\(low=0.*; got 2\.0"),
        ([{"a": 0.5, "b": 1}, {"a": 0.5, "b": 9}], r"`initial\[1\]\['b'\]` must be a value of .*; got 9"),
        ({"a": 0.5}, r"`initial` must have a value for each parameter; this one lacks 'b'"),
        ({"a": 0.5, "b": 1, "c": 2}, "this one holds 'c', which the space does not"),
        ([3], r"`initial\[0\]` must be a dict of parameters; got 3"),
        ({"a": "x", "b": 1}, r"`initial\['a'\]` must be a value of"),
        ({"a": math.nan, "b": 1}, r"`initial\['a'\]` must be a value of"),
    ],
)
def test_invalid_ones_are_named_before_the_first_fit(initial, message):
    for run in (lambda: searched(initial=initial), lambda: optimize(loss, SPACE, n_iter=5, initial=initial)):
        with pytest.raises(ValueError, match=message):
            run()
    assert Counted.n_fits == 0
    assert losses == []


def test_other_kinds_are_refused():
    with pytest.raises(TypeError, match="`initial` must be a dict of parameters, a list of them"):
        optimize(loss, SPACE, n_iter=5, initial=3)
    with pytest.raises(ValueError, match="`initial` must be fitted"):
        searched(initial=GeneticSearchCV(Counted(), SPACE))
    with pytest.raises(FileNotFoundError, match="there is no checkpoint"):
        searched(initial="nowhere.db")


def test_structures_can_be_given():
    space = {
        "layers": SequenceDistribution({"n": UniformDistribution(1, 9, q=1), "f": ["relu", "tanh"]}, 1, 3),
        "rate": ["off", UniformDistribution(0, 1)],
    }
    params = {"layers": ({"n": 3, "f": "tanh"}, {"n": 9, "f": "relu"}), "rate": "off"}
    assert given(optimize(lambda params: 0.0, space, n_iter=5, seed=0, initial=params)) == [params]
    for wrong, message in [
        ({**params, "layers": ()}, r"`initial\['layers'\]` must be a tuple of 1 to 3 elements; got \(\)"),
        ({**params, "layers": ({"n": 3},)}, r"`initial\['layers'\]\[0\]` must have .* lacks 'f'"),
        ({**params, "rate": 3.0}, r"`initial\['rate'\]` fits none of 2 alternatives"),
    ]:
        with pytest.raises(ValueError, match=message):
            optimize(lambda params: 0.0, space, n_iter=5, initial=wrong)


def test_alternatives_can_be_given():
    space = [{"a": UniformDistribution(0, 1)}, {"b": [1, 2], "c": UniformDistribution(0, 1)}]
    assert given(optimize(lambda params: 0.0, space, n_iter=9, seed=0, initial={"b": 2, "c": 1.0})) == [
        {"b": 2, "c": 1.0}
    ]


def test_genes_can_be_given_to_the_engine():
    optimizer = GeneticOptimizer(SPACE, seed=0, initial=[np.array([0.25, 0.5])])
    first = optimizer.ask()
    assert (first.params, first.origin, first.generation) == ({"a": 0.25, "b": 2}, "given", 0)
    assert optimizer.ask().origin == "initial"
    for wrong in ([np.zeros(3)], [np.array([0.5, 1.5])], [np.array([0.5, np.nan])]):
        with pytest.raises(ValueError, match=r"`initial` must hold arrays of 2 genes in \[0, 1\]"):
            GeneticOptimizer(SPACE, initial=wrong)


def test_numpy_scalars_and_lists_are_taken_for_what_they_are():
    space = {"a": UniformDistribution(0, 1), "b": [1.0, 2.0], "t": [(1, 2), (3,)], "s": ["x", "y"]}
    initial = {"a": np.float64(0.5), "b": np.int64(2), "t": [3], "s": np.str_("y")}
    (params,) = given(optimize(lambda params: 0.0, space, n_iter=5, seed=0, initial=initial))
    assert repr(params) == repr({"a": 0.5, "b": 2.0, "t": (3,), "s": "y"})


# ------------------------------------------------------------------------------------------ results of other searches


def by_score(found):
    scores = found.cv_results_["mean_test_score"]
    order = [
        k for k in np.argsort(-np.where(np.isfinite(scores), scores, -np.inf), kind="stable") if np.isfinite(scores[k])
    ]
    return [found.cv_results_["params"][k] for k in order]


@pytest.mark.parametrize("what", ["search", "cv_results_"])
def test_best_of_another_search_come_first(what):
    other = searched(random_state=5)
    found = given(searched(initial=other if what == "search" else other.cv_results_))
    assert len(found) == 10
    assert all(one == best for one, best in zip(found, by_score(other), strict=False))


@pytest.mark.parametrize("kind", [RandomizedSearchCV, GridSearchCV])
def test_searches_of_scikit_learn(kind):
    if kind is RandomizedSearchCV:
        other = kind(Counted(), {"a": stats.uniform(0, 0.8), "b": [1, 2, 3]}, n_iter=8, random_state=0, cv=3)
    else:
        other = kind(Counted(), {"a": [0.1, 0.5], "b": [1, 2]}, cv=3)
    other.fit(X, y)
    found = given(searched(initial=other))
    assert found[0] == other.best_params_
    assert len(found) == len(other.cv_results_["params"])


def test_results_of_optimize():
    other = optimize(loss, SPACE, n_iter=30, seed=5)
    found = given(optimize(loss, SPACE, n_iter=10, seed=0, initial=other))
    assert len(found) == 5
    assert found[0] == other.best_params


def test_evolved_metric_says_which_are_best():
    def scoring(estimator, X, y):
        return {"good": -estimator.a, "bad": estimator.a}

    other = GeneticSearchCV(
        Counted(), {"a": UniformDistribution(0, 0.8)}, n_iter=10, scoring=scoring, refit="bad", cv=3, random_state=0
    ).fit(X, y)
    space = {"a": UniformDistribution(0, 0.8)}
    for metric, best in (("good", min), ("bad", max)):
        found = given(searched(space, initial=other.cv_results_, scoring=scoring, refit=metric))
        assert found[0]["a"] == best(params["a"] for params in other.cv_results_["params"])


def test_those_outside_of_the_space_are_left_out_and_counted():
    other = searched({"a": UniformDistribution(0, 0.8), "b": [1, 2, 7]}, random_state=5)
    n_outside = sum(params["b"] == 7 for params in other.cv_results_["params"])
    message = rf"`initial` holds {n_outside} of 20 parameter sets that are not in the space.*; got 7"
    with pytest.warns(UserWarning, match=message):
        found = given(searched(initial=other))
    assert all(params["b"] != 7 for params in found)


def test_cloned_search_says_that_it_is_not_fitted():
    with pytest.raises(ValueError, match="If it was, it has been cloned: pass its `cv_results_`"):
        searched(initial=clone(searched()))


# ------------------------------------------------------------------------------------------------------- checkpoints


def test_scores_of_a_checkpoint_are_recalled(tmp_path):
    path = tmp_path / "other.db"
    other = searched(random_state=5, checkpoint=path)
    Counted.n_fits = 0
    found = searched(initial=path, checkpoint=tmp_path / "search.db")
    assert len(given(found)) == 10
    assert Counted.n_fits == (20 - 10) * 3
    assert found.cv_results_["mean_test_score"][0] == other.best_score_
    assert given(found)[0] == other.best_params_
    # They are recorded like all others.
    history = load_history(tmp_path / "search.db")
    assert [one["origin"] for one in history[:10]] == ["given"] * 10
    path.unlink()
    again = searched(initial=path, checkpoint=tmp_path / "search.db")
    assert Counted.n_fits == (20 - 10) * 3
    assert again.cv_results_["params"] == found.cv_results_["params"]


@pytest.mark.parametrize(
    "changes", [{"estimator": Counted(kind=1)}, {"cv": KFold(3, shuffle=True)}, {"scoring": "r2"}, {"error_score": 0.0}]
)
def test_scores_are_made_anew_where_they_would_be_others(changes, tmp_path):
    searched(random_state=5, checkpoint=tmp_path / "other.db")
    Counted.n_fits = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = searched(initial=tmp_path / "other.db", **changes)
    assert len(given(found)) == 10
    assert Counted.n_fits == 60


def test_scores_are_recalled_in_another_space_where_the_parameters_are_the_same(tmp_path):
    path = tmp_path / "other.db"
    optimize(loss, {"n": [1, 2, 3], "b": [1, 2], "a": [0, 1]}, checkpoint=path)
    losses.clear()
    optimize(loss, {"n": [1, 2, 3, 4], "b": [1, 2], "a": [0, 1]}, initial=path, n_iter=16, seed=0)
    assert len(losses) == 16 - 12


def test_best_of_a_checkpoint_come_first_whether_it_minimized_or_maximized(tmp_path):
    for maximize in (False, True):
        path = tmp_path / f"{maximize}.db"
        other = optimize(loss, SPACE, n_iter=20, seed=5, maximize_fn=maximize, checkpoint=path)
        assert given(optimize(loss, SPACE, n_iter=10, seed=0, initial=path))[0] == other.best_params


def test_damaged_checkpoints_are_refused_here_too(tmp_path):
    path = tmp_path / "other.db"
    path.write_bytes(b"a,b\n")
    with pytest.raises(CheckpointError, match="a file of another kind"):
        searched(initial=path)


def test_resumed_search_begins_as_it_did(tmp_path):
    path = tmp_path / "search.db"
    initial = [{"a": 0.9, "b": 1}, {"a": 0.1, "b": 3}]
    other = optimize(loss, SPACE, n_iter=30, seed=5)
    for start in (initial, other):
        first = optimize(loss, SPACE, n_iter=10, seed=0, initial=start, checkpoint=path)
        more = optimize(loss, SPACE, n_iter=30, seed=0, initial=start, checkpoint=path)
        assert [one.params for one in more.history[:10]] == [one.params for one in first.history]
        with pytest.raises(CheckpointError, match=r"initial: was .*, is 1 set of parameters"):
            optimize(loss, SPACE, n_iter=10, seed=0, initial=initial[0], checkpoint=path)
        path.unlink()


def test_initial_must_be_allowed_by_constraints():
    space = {"a": [1, 2, 3, 4], "b": UniformDistribution(0, 1)}
    options = {"n_iter": 12, "seed": 0, "constraints": lambda params: params["a"] > 1}
    with pytest.raises(ValueError, match=r"`initial\[1\]` must be allowed by `constraints`; got {'a': 1, 'b': 0.5}"):
        optimize(lambda params: params["b"], space, initial=[{"a": 2, "b": 0.5}, {"a": 1, "b": 0.5}], **options)
    first = optimize(lambda params: params["b"], space, n_iter=20, seed=0)
    with pytest.warns(UserWarning, match="or not allowed, and are left out; the first: `initial` must be allowed"):
        second = optimize(lambda params: params["b"], space, initial=first, **options)
    assert all(one.params["a"] > 1 for one in second.history)
    assert "given" in {one.origin for one in second.history}


def test_genes_given_to_the_engine_must_be_allowed():
    space = Space({"a": [1, 2, 3, 4]}, constants=True)
    with pytest.raises(ValueError, match=r"`initial` must be allowed by `constraints`; got the genes of {'a': 1}"):
        GeneticOptimizer(space, initial=[space.encode({"a": 1})], constraints=lambda params: params["a"] > 1)


def test_checkpoint_of_a_constrained_search_goes_on(tmp_path):
    space = {"a": [1, 2, 3, 4], "b": UniformDistribution(0, 1)}

    def loss(params):
        assert params["a"] > 1
        return params["b"]

    options = {"seed": 0, "constraints": [above_one], "checkpoint": tmp_path / "search.db"}
    optimize(loss, space, n_iter=15, **options)
    whole = optimize(loss, space, n_iter=25, seed=0, constraints=[above_one])
    assert [one.params for one in optimize(loss, space, n_iter=25, **options).history] == [
        one.params for one in whole.history
    ]
    with pytest.raises(CheckpointError, match="constraints"):
        optimize(loss, space, n_iter=25, **{**options, "constraints": None})


def above_one(params):
    return params["a"] > 1
