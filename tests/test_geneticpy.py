"""What users of GeneticPy count on, whose code changes nothing but its import.

Its suite also tests what has no counterpart here:
- `Population` and `ParameterSet` (diversity, tournaments, mutation rates): internals; the engine has its own tests.
- `pull_constrained_value`: how two values breed there; here crossover works on genes.
- a list in the space of `optimize` as a constant: it is a choice here, as in scikit-learn's grids.
- that two seeds end at different places: both find an optimum that is a bound of the space.
- `patience` in generations: it counts evaluations here.
- that a whole generation is evaluated after the target is reached: the search stops at once.
- that `optimize` refuses to run inside an event loop: it runs there.
- `scoring=accuracy_score`: scikit-learn calls it as a scorer, which it is not; write `make_scorer(accuracy_score)`.
- `search._estimator_type`: scikit-learn has replaced it by tags; ask `is_classifier(search)`.
"""

import asyncio
import inspect
import math
import time

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.tree import DecisionTreeClassifier

import geneticsearch
from geneticsearch import GeneticSearchCV, optimize
from geneticsearch.distributions import *  # noqa: F403  as users of GeneticPy write it
from geneticsearch.distributions import (
    ChoiceDistribution,
    ExponentialDistribution,
    GaussianDistribution,
    LogNormalDistribution,
    UniformDistribution,
)

SQUARE = {"x": UniformDistribution(-5, 5)}


def square(params):
    return (params["x"] - 1) ** 2


# Distributions


@pytest.mark.parametrize(
    "name",
    [
        "ChoiceDistribution",
        "DistributionBase",
        "ExponentialDistribution",
        "GaussianDistribution",
        "LogNormalDistribution",
        "UniformDistribution",
        "optimize",
    ],
)
def test_names_are_where_geneticpy_has_them(name):
    assert hasattr(geneticsearch, name)
    assert name == "optimize" or (name in globals() and hasattr(geneticsearch.distributions, name))


@pytest.mark.parametrize(
    ("distribution", "arguments"),
    [
        (UniformDistribution, {"low": 0, "high": None}),
        (UniformDistribution, {"low": None, "high": 0}),
        (UniformDistribution, {"low": 0, "high": -1}),
        (UniformDistribution, {"low": 1, "high": 1}),
        (UniformDistribution, {"low": 0, "high": 1, "q": 0}),
        (UniformDistribution, {"low": 0, "high": 1, "q": -1}),
        (GaussianDistribution, {"mean": None, "standard_deviation": 1}),
        (GaussianDistribution, {"mean": 0, "standard_deviation": None}),
        (GaussianDistribution, {"mean": 0, "standard_deviation": 0}),
        (GaussianDistribution, {"mean": 0, "standard_deviation": -1}),
        (GaussianDistribution, {"mean": 0, "standard_deviation": 1, "low": 1, "high": 0}),
        (GaussianDistribution, {"mean": 0, "standard_deviation": 1, "q": 0}),
        (ExponentialDistribution, {"scale": 0}),
        (ExponentialDistribution, {"scale": -1}),
        (ExponentialDistribution, {"scale": 1, "low": 2, "high": 1}),
        (ExponentialDistribution, {"scale": 1, "high": -1}),
        (LogNormalDistribution, {"sigma": 0}),
        (LogNormalDistribution, {"sigma": -1}),
        (LogNormalDistribution, {"low": 2, "high": 1}),
        (ChoiceDistribution, {"choice_list": "ab"}),
        (ChoiceDistribution, {"choice_list": 3}),
        (ChoiceDistribution, {"choice_list": []}),
        (ChoiceDistribution, {"choice_list": "c", "probabilities": "d"}),
        (ChoiceDistribution, {"choice_list": ["a", "b"], "probabilities": [0.5, 0.6]}),
        (ChoiceDistribution, {"choice_list": ["a", "b"], "probabilities": [1.0]}),
    ],
    ids=lambda value: value.__name__ if inspect.isclass(value) else str(value),
)
def test_wrong_arguments_are_assertion_errors_and_value_errors(distribution, arguments):
    with pytest.raises(AssertionError):
        distribution(**arguments)
    with pytest.raises(ValueError, match=r"must|has no"):
        distribution(**arguments)


@pytest.mark.parametrize(
    ("distribution", "low", "high"),
    [
        (UniformDistribution(2, 3), 2, 3),
        (GaussianDistribution(0, 1, low=-1, high=0.5), -1, 0.5),
        (GaussianDistribution(5, 1e-5), 4.9, 5.1),
        (ExponentialDistribution(0.1, low=0.01, high=1), 0.01, 1),
        (ExponentialDistribution(), 0, math.inf),
        (ExponentialDistribution(scale=1e-8), 0, 1),
        (LogNormalDistribution(), 0, math.inf),
        (LogNormalDistribution(mean=1, sigma=0.5, low=0.001, high=2), 0.001, 2),
    ],
    ids=str,
)
def test_values_lie_between_the_bounds(distribution, low, high):
    values = [distribution.pull_value() for _ in range(50)]
    assert all(type(value) is float and low <= value <= high for value in values)
    assert len(set(values)) == 50


@pytest.mark.parametrize(
    "make",
    [
        lambda q: UniformDistribution(0, 12, q),
        lambda q: GaussianDistribution(6, 4, q=q, low=0, high=12),
        lambda q: ExponentialDistribution(10, q=q),
        lambda q: LogNormalDistribution(2, 1, q=q),
    ],
    ids=["uniform", "gaussian", "exponential", "log_normal"],
)
@pytest.mark.parametrize("q", [1, 3, 1.0, 3.0])
def test_steps_are_kept_and_have_the_type_of_q(make, q):
    values = [make(q).pull_value() for _ in range(50)]
    assert {type(value) for value in values} == {type(q)}
    assert all(value % q == 0 for value in values)


@pytest.mark.parametrize("values", [["c", "d"], [-1, 2], [-3.0, 5.0], [None, True, (1, 2)]], ids=str)
def test_choices_are_the_listed_objects(values):
    drawn = [ChoiceDistribution(values).pull_value() for _ in range(50)]
    assert all(any(one is value for value in values) for one in drawn)
    assert len({str(one) for one in drawn}) == len(values)


def test_choice_of_probability_one_is_always_drawn():
    distribution = ChoiceDistribution(["a", "b", "c", "d"], [0, 0, 1, 0])
    assert {distribution.pull_value() for _ in range(50)} == {"c"}


def test_probabilities_are_those_given():
    distribution = ChoiceDistribution(["rare", "common"], [0.1, 0.9])
    assert 0.02 < np.mean([distribution.pull_value() == "rare" for _ in range(500)]) < 0.2


# What optimize finds, and how it answers


@pytest.mark.slow
def test_minimizes_over_steps_and_numbers():
    space = {"x": UniformDistribution(0, 1), "y": UniformDistribution(0, 1_000_000, 1000)}
    started = time.perf_counter()
    result = optimize(lambda params: params["x"] + params["y"], space, size=50, generation_count=6, seed=0)
    assert sorted(result.best_params) == ["x", "y"]
    assert result.best_params["x"] < 0.01
    assert result.best_params["y"] == 0
    assert result.best_score < 0.01
    assert 0 < result.total_time < time.perf_counter() - started


@pytest.mark.slow
def test_finds_a_narrow_place_in_the_tail_of_a_distribution():
    def loss(params):
        return params["x"] + params["xq"] + params["c"] + (0 if 18 < params["y"] < 20 else 1_000_000)

    space = {
        "x": UniformDistribution(0, 1),
        "y": GaussianDistribution(100, 50, low=0),
        "xq": UniformDistribution(0, 100, q=5),
        "c": ChoiceDistribution([1000, 3000, 5000], [0.1, 0.7, 0.2]),
    }
    best = optimize(loss, space, size=100, generation_count=60, seed=0).best_params
    assert 18 < best["y"] < 20
    assert best["c"] == 1000
    assert best["xq"] == 0
    assert best["x"] < 0.01


def test_maximizes_when_asked():
    result = optimize(lambda params: -square(params), SQUARE, size=20, generation_count=4, maximize_fn=True, seed=0)
    assert result.best_params["x"] == pytest.approx(1, abs=0.05)
    assert result.best_score > -0.01


@pytest.mark.slow
def test_add_or_multiply():
    def loss(params):
        return params["x"] + params["y"] if params["type"] == "add" else params["x"] * params["y"]

    space = {
        "type": ChoiceDistribution(choice_list=["add", "multiply"]),
        "x": UniformDistribution(low=5, high=10, q=1),
        "y": GaussianDistribution(mean=0, standard_deviation=1),
    }
    result = optimize(loss, space, size=50, generation_count=4, seed=0)
    assert result.best_params["type"] == "multiply"
    assert result.best_params["x"] == 10
    assert result.best_params["y"] < -3


def test_result_unpacks_like_the_first_release():
    best_params, loss, total_time = optimize(square, SQUARE, size=10, generation_count=2, seed=0)
    assert loss == square(best_params)
    assert total_time > 0


def test_result_answers_the_keys_of_1x_and_the_attributes_of_2x():
    result = optimize(square, SQUARE, size=10, generation_count=2, seed=0)
    assert result["top_params"] is result.best_params
    assert result["top_score"] == result.best_score == square(result.best_params)
    assert result["total_time"] == result.total_time
    with pytest.raises(KeyError):
        result["nonsense"]


def test_arguments_stand_in_geneticpys_order():
    names = list(inspect.signature(optimize).parameters)
    assert names[:11] == [
        "fn",
        "param_space",
        "size",
        "generation_count",
        "percentage_to_randomly_spawn",
        "mutate_chance",
        "retain_percentage",
        "maximize_fn",
        "target",
        "verbose",
        "seed",
    ]
    defaults = [inspect.signature(optimize).parameters[name].default for name in names[2:11]]
    assert defaults == [None, None, 0.1, 0.35, 0.5, False, None, False, None]  # 100 and 10 if either is given


def test_constants_are_passed_on():
    marker = object()
    space = {"x": UniformDistribution(0, 1), "z": -50, "s": "test", "d": {}, "n": None, "o": marker}

    def loss(params):
        assert params["o"] is marker
        return params["x"] + params["z"]

    result = optimize(loss, space, size=20, generation_count=4, seed=0)
    assert {name: result.best_params[name] for name in "zsdno"} == {name: space[name] for name in "zsdno"}
    assert result.best_score < -49.9


def test_space_of_constants_only():
    assert optimize(lambda params: params["x"], {"x": 5}, size=10, generation_count=3, seed=0).best_params == {"x": 5}


# Evaluations, targets and seeds


def counted(function):
    def counting(params):
        counting.seen.append(dict(params))
        return function(params)

    counting.seen = []
    return counting


@pytest.mark.parametrize(
    ("arguments", "n_evaluations"),
    [
        pytest.param({"size": 100}, 600, marks=pytest.mark.slow),
        ({"size": 20, "generation_count": 4}, 60),
        ({"size": 20, "generation_count": 4, "retain_percentage": 0.75}, 40),
    ],
    ids=str,
)
def test_retained_individuals_keep_their_score(arguments, n_evaluations):
    loss = counted(square)
    result = optimize(loss, SQUARE, seed=0, **arguments)
    assert len(loss.seen) == n_evaluations
    assert result.n_evaluations == n_evaluations
    assert len({params["x"] for params in loss.seen}) == n_evaluations


def test_small_space_is_evaluated_once():
    loss = counted(lambda params: params["x"])
    assert optimize(loss, {"x": UniformDistribution(0, 5, q=1)}, size=20, generation_count=20).best_params == {"x": 0}
    assert sorted(params["x"] for params in loss.seen) == [0, 1, 2, 3, 4, 5]


def test_target_ends_the_search():
    space = {"x": UniformDistribution(0, 5, q=1), "y": UniformDistribution(0, 1)}
    loss = counted(lambda params: params["x"] + params["y"])
    result = optimize(loss, space, size=200, generation_count=50_000, target=1, seed=0)
    assert result.best_score <= 1
    assert result.best_score == min(params["x"] + params["y"] for params in loss.seen)
    assert len(loss.seen) < 400


def test_target_ends_the_search_for_the_largest():
    space = {"x": UniformDistribution(0, 5, q=1), "y": UniformDistribution(0, 1)}
    loss = counted(lambda params: params["x"] + params["y"])
    result = optimize(loss, space, size=200, generation_count=50_000, maximize_fn=True, target=5, seed=0)
    assert result.best_score >= 5
    assert len(loss.seen) < 400


def test_target_is_reached_by_equality():
    loss = counted(lambda params: 0.0)
    optimize(loss, SQUARE, size=10, generation_count=5, target=0.0, seed=0)
    assert len(loss.seen) <= 10


def test_patience_ends_a_search_without_progress():
    loss = counted(lambda params: 1.0)
    result = optimize(loss, SQUARE, size=20, generation_count=1000, patience=5, seed=0, maximize_fn=True)
    assert result.best_score == 1.0
    assert len(loss.seen) < 1000


@pytest.mark.slow
def test_patience_lets_progress_go_on():
    result = optimize(square, SQUARE, size=30, generation_count=50, patience=100, seed=0)
    assert result.best_params["x"] == pytest.approx(1, abs=0.05)


def test_same_seed_same_result_and_another_seed_another():
    one, same, other = (optimize(square, SQUARE, size=20, generation_count=3, seed=seed) for seed in (123, 123, 124))
    assert one.best_params == same.best_params
    assert one.best_score == same.best_score
    assert one.best_params != other.best_params


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*evaluations of `fn` failed:UserWarning")
@pytest.mark.parametrize("maximize_fn", [True, False])
def test_nan_is_never_the_best(maximize_fn):
    def loss(params):
        return math.nan if params["x"] > 0 else params["x"]

    for seed in range(3):
        result = optimize(loss, SQUARE, size=20, generation_count=3, seed=seed, maximize_fn=maximize_fn)
        assert result.best_params["x"] <= 0
        assert result.best_score == result.best_params["x"]


def test_none_is_not_a_score_and_ends_the_search():
    loss = counted(lambda params: None)
    with pytest.raises((TypeError, ValueError), match="None"):
        optimize(loss, SQUARE, size=100, generation_count=2, seed=0)
    assert len(loss.seen) == 10


@pytest.mark.parametrize(
    "arguments",
    [
        {"size": 2},
        {"size": 3, "retain_percentage": 0.5},
        {"size": 10, "retain_percentage": 0.33, "mutate_chance": 0.17, "percentage_to_randomly_spawn": 0.21},
        {"size": 10, "retain_percentage": 0.9, "mutate_chance": 1.0, "percentage_to_randomly_spawn": 1.0},
        {"size": 10, "retain_percentage": 1.0},
        {"size": 10, "generation_count": 0},
    ],
    ids=str,
)
def test_no_fraction_hangs(arguments):
    arguments = {"fn": square, "param_space": SQUARE, "generation_count": 3, "seed": 0} | arguments
    assert optimize(**arguments).best_score < 36


@pytest.mark.parametrize(
    "arguments",
    [
        {"size": 0},
        {"size": 2.5},
        {"generation_count": -1},
        {"mutate_chance": 1.5},
        {"mutate_chance": -0.1},
        {"retain_percentage": 1.5},
        {"percentage_to_randomly_spawn": 2},
        {"patience": 0},
        {"param_space": 3},
        {"param_space": None},
        {"fn": 3},
    ],
    ids=str,
)
def test_mistakes_are_assertion_errors_before_the_first_evaluation(arguments):
    loss = counted(square)
    with pytest.raises(AssertionError):
        optimize(**{"fn": loss, "param_space": SQUARE} | arguments)
    assert not loss.seen


# Progress


def test_verbose_shows_progress_on_stderr(capsys):
    optimize(square, SQUARE, size=50, generation_count=15, verbose=True, seed=0, surrogate=None)
    out, err = capsys.readouterr()
    assert "Optimizing parameters: " in err
    assert "425/425" in err
    assert not out


def test_silent_unless_verbose(capsys):
    optimize(square, SQUARE, size=20, generation_count=5, seed=0)
    assert capsys.readouterr() == ("", "")


# Asynchronous functions


def test_async_function_is_awaited():
    async def loss(params):
        await asyncio.sleep(0)
        return square(params)

    result = optimize(loss, SQUARE, size=20, generation_count=4, seed=0)
    assert result.best_params["x"] == pytest.approx(1, abs=0.1)


def test_function_that_returns_a_coroutine_is_told_what_to_pass():
    async def loss(params):
        return square(params)

    with pytest.raises(ValueError, match="Pass the `async def` function itself"):
        optimize(lambda params: loss(params), SQUARE, size=10, generation_count=2)


def test_async_evaluations_overlap():
    running = []

    async def loss(params):
        running.append(running[-1] + 1 if running else 1)
        await asyncio.sleep(0.02)
        running.append(running[-1] - 1)
        return square(params)

    optimize(loss, SQUARE, size=50, generation_count=2, seed=0, surrogate=None)
    assert max(running) > 1


def test_async_evaluations_share_an_event_loop():
    loops = set()

    async def loss(params):
        loops.add(asyncio.get_running_loop())
        return square(params)

    optimize(loss, SQUARE, size=10, generation_count=5, seed=0)
    assert len(loops) == 1


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_runs_where_an_event_loop_is_running(kind):
    async def loss(params):
        return square(params)

    async def notebook():
        return optimize(square if kind == "sync" else loss, SQUARE, size=10, generation_count=3, seed=0)

    assert asyncio.run(notebook()).best_score < 25


# The search of GeneticPy 1.x


def test_search_of_a_classifier():
    iris = load_iris()
    space = {
        "max_depth": UniformDistribution(low=1, high=6, q=1),
        "min_samples_leaf": UniformDistribution(low=1, high=50, q=1),
        "criterion": ChoiceDistribution(choice_list=["gini", "entropy"]),
    }
    search = GeneticSearchCV(
        DecisionTreeClassifier(random_state=0), space, random_state=0, n_iter=24, population_size=8
    )
    assert search.fit(iris.data, iris.target) is search
    assert set(search.best_params_) == set(space)
    assert {name: getattr(search.best_estimator_, name) for name in space} == search.best_params_
    assert search.best_score_ > 0.9
    assert list(search.classes_) == [0, 1, 2]
    assert search.n_features_in_ == 4
    assert search.score(iris.data, iris.target) > 0.9


@pytest.mark.parametrize("scoring", ["neg_log_loss", "accuracy", "f1_macro", "balanced_accuracy"])
def test_search_by_a_named_scorer(scoring):
    iris = load_iris()
    space = {"min_samples_leaf": UniformDistribution(low=1, high=50, q=1)}
    search = GeneticSearchCV(DecisionTreeClassifier(), space, random_state=0, scoring=scoring, n_iter=10)
    search.fit(iris.data, iris.target)
    assert 1 <= search.best_params_["min_samples_leaf"] <= 50
    assert search.best_score_ == search.cv_results_["mean_test_score"].max()


def test_search_of_a_nested_pipeline():
    iris = load_iris()
    preprocessing = Pipeline(steps=[("pca", PCA())])
    pipeline = Pipeline(steps=[("preprocessing", preprocessing), ("logistic", LogisticRegression(max_iter=1000))])
    space = {
        "preprocessing__pca__n_components": UniformDistribution(low=1, high=4, q=1),
        "logistic__C": LogNormalDistribution(mean=1, sigma=0.5, low=0.001, high=2),
        "logistic__fit_intercept": ChoiceDistribution([True]),
    }
    search = GeneticSearchCV(pipeline, space, random_state=0, n_iter=10, population_size=5, verbose=False)
    search.fit(iris.data, iris.target, groups=None)
    assert set(search.best_params_) == set(space)
    assert search.best_params_["logistic__fit_intercept"] is True
    assert search.predict(iris.data[:1])[0] == 0
    assert search.predict_proba(iris.data[:1]).argmax() == 0
