"""Every documented knob changes the search, with and without the surrogate, or says that it does not."""

import inspect

import numpy as np
import pytest
from estimators import FLAT, loss, searched

from geneticsearch import GeneticOptimizer, GeneticSearchCV, optimize

each_way = pytest.mark.parametrize(("surrogate", "n"), [("auto", 24), (None, 60)], ids=["surrogate", "plain"])
each_way_few_quick = pytest.mark.parametrize(
    ("surrogate", "n"), [pytest.param("auto", 24, marks=pytest.mark.slow), (None, 60)], ids=["surrogate", "plain"]
)

NOT_TURNED = {"estimator", "fn", "space", "param_space", "param_distributions"}
"""What is searched, and not how."""

GENES = [np.array([0.123, 0.456])]
ALLOWED = {"constraints": lambda params: params["a"] < 0.6}

OF_ENGINE = {
    "population_size": 2,
    "crossover_rate": 0.0,
    "mutation_rate": 0.0,
    "immigrant_rate": 0.9,
    "window": 3,
    "surrogate": ...,  # the other one
    "maximize": True,
    "seed": 1,
    "initial": GENES,
    "portfolio": GENES,
    "budget": 24,
    **ALLOWED,
}

OF_OPTIMIZE = {
    "size": 10,
    "generation_count": 1,
    "percentage_to_randomly_spawn": 0.9,
    "mutate_chance": 1.0,
    "retain_percentage": 0.1,
    "maximize_fn": True,
    "target": 0.1,
    "seed": 1,
    "n_iter": 15,
    "patience": 3,
    "window": 3,
    "surrogate": ...,  # the other one
    "initial": {"a": 0.123, "b": 4.0},
    **ALLOWED,
}

OF_SEARCH = {
    "n_iter": 15,
    "population_size": 2,
    "random_state": 1,
    "target": -0.1,
    "patience": 3,
    "window": 3,
    "surrogate": ...,  # the other one
    "initial": {"a": 0.123, "b": 4.0},
    "scoring": "neg_mean_squared_error",
    **ALLOWED,
}

ELSEWHERE = {
    "racing",
    "resource",
    "min_resources",
    "factor",
    "error_score",
    "verbose",
    "max_time",
    "timeout",
    "n_jobs",
    "checkpoint",
    "callbacks",
    "objectives",
}
"""Knobs of which folds to run and on what part of the data, of when and where, of failures, of what to show, and of
several objectives; they have tests of their own."""

WITHOUT_EFFECT = {"use_tournament_selection": True, "tournament_size": 5, "adaptive_mutation": True}


def asked(n, **options):
    """Return the parameters that the engine asks for."""
    optimizer = GeneticOptimizer(FLAT, **{"seed": 0, **options})
    for _ in range(n):
        individual = optimizer.ask()
        optimizer.tell(individual, loss(individual.params, fails_above=1))
    return [one.params for one in optimizer.history]


def minimized(n, **options):
    """Return the parameters that `optimize` evaluates."""
    result = optimize(lambda params: loss(params, fails_above=1), FLAT, **{"n_iter": n, "seed": 0, **options})
    return [one.params for one in result.history]


def fitted(n, **options):
    """Return the parameters that `GeneticSearchCV` evaluates."""
    return searched(FLAT, **{"n_iter": n, **options}).cv_results_["params"]


def changes(candidates, surrogate, n, name, value):
    """Return whether a knob changes the candidates; the same turn must change them in the same way."""
    options = {"surrogate": surrogate}
    if name == "generation_count":  # the number of evaluations, where nothing else says it
        options |= {"n_iter": None, "size": 10}
    turn = {name: {"auto": None, None: "auto"}[surrogate] if name == "surrogate" else value}
    turned, again = (candidates(n, **{**options, **turn}) for _ in range(2))
    assert repr(turned) == repr(again)
    return repr(candidates(n, **options)) != repr(turned)


@each_way
@pytest.mark.parametrize("name", [name for name in OF_ENGINE if name != "budget"])
def test_every_knob_of_the_engine_changes_the_search(name, surrogate, n):
    assert changes(asked, surrogate, n, name, OF_ENGINE[name])


@each_way_few_quick
@pytest.mark.parametrize("name", OF_OPTIMIZE)
def test_every_knob_of_optimize_changes_the_search(name, surrogate, n):
    assert changes(minimized, surrogate, n, name, OF_OPTIMIZE[name])


@each_way_few_quick
@pytest.mark.parametrize("name", OF_SEARCH)
def test_every_knob_of_the_estimator_changes_the_search(name, surrogate, n):
    assert changes(fitted, surrogate, n, name, OF_SEARCH[name])


def test_budget_decides_whether_a_finite_space_is_listed():
    space = {"a": [1, 2, 3], "b": ["x", "y"]}
    origins = [GeneticOptimizer(space, budget=budget, seed=0).ask().origin for budget in (5, 6)]
    assert origins == ["initial", "exhaustive"]


@pytest.mark.parametrize("name", WITHOUT_EFFECT)
def test_knobs_without_effect_say_so(name):
    with pytest.warns(UserWarning, match=f"`{name}`.* no effect"):
        turned = minimized(20, **{name: WITHOUT_EFFECT[name]})
    assert turned == minimized(20)


@pytest.mark.parametrize(
    ("function", "knobs"),
    [
        (GeneticOptimizer, OF_ENGINE),
        (optimize, [*OF_OPTIMIZE, *WITHOUT_EFFECT]),
        (
            GeneticSearchCV,
            {
                **OF_SEARCH,
                **dict.fromkeys(["cv", "refit", "pre_dispatch", "return_train_score"]),
            },
        ),
    ],
)
def test_no_knob_is_left_out(function, knobs):
    assert set(inspect.signature(function).parameters) - NOT_TURNED - ELSEWHERE == set(knobs) - ELSEWHERE
