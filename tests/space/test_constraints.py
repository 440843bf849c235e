"""Constraints: what is allowed, and what goes wrong with them."""

import functools
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import ParameterGrid

from geneticsearch import GeneticOptimizer, SequenceDistribution, UniformDistribution
from geneticsearch.evolution import Exhausted
from geneticsearch.space import Constraints

WHOLE = {"low": UniformDistribution(0, 10), "high": UniformDistribution(0, 10)}
NET = {
    "layers": SequenceDistribution(UniformDistribution(8, 64, q=8), 0, 4),
    "rate": UniformDistribution(0, 1),
}
NESTED = {
    "a": [{"b": UniformDistribution(0, 1), "c": ["u", {"d": UniformDistribution(0, 1)}]}, None],
    "x": [1, 2, 3, 4],
}
ALTERNATIVES = [
    {"model": ["svc"], "C": UniformDistribution(0.01, 10)},
    {"model": ["knn"], "k": UniformDistribution(1, 30, q=1), "metric": ["l1", "l2"]},
]
GRID = {"a": [1, 2, 3, 4, 5], "b": [1, 2, 3, 4, 5], "c": [False, True]}
SPACES = {"numbers": WHOLE, "net": NET, "nested": NESTED, "alternatives": ALTERNATIVES, "grid": GRID}


def some_of(share, params):
    """Allow a share of all parameters, anywhere."""
    return zlib.crc32(repr(params).encode()) % 100 < 100 * share


def start(space, constraints, n=40, **options):
    return run(GeneticOptimizer(space, constraints=constraints, **{"seed": 0, **options}), n)


def run(optimizer, n=40):
    while len(optimizer.history) < n and optimizer.can_ask:
        try:
            individual = optimizer.ask()
        except Exhausted:
            break
        optimizer.tell(individual, zlib.crc32(repr(individual.params).encode()) % 1000)
    return optimizer


def params_of(optimizer):
    return [individual.params for individual in optimizer.history]


# What is asked for


@pytest.mark.parametrize(
    ("name", "surrogate"),
    [
        *((name, None) for name in SPACES),
        *((name, "auto") for name in ("numbers", "nested")),
        *(pytest.param(name, "auto", marks=pytest.mark.slow) for name in ("net", "alternatives", "grid")),
    ],
)
@given(share=st.floats(0.05, 1), seed=st.integers(0, 1000))
def test_only_what_is_allowed_is_asked_for(name, surrogate, share, seed):
    space, n = SPACES[name], 30 if surrogate is None else 13
    allowed = functools.partial(some_of, share)
    optimizer = start(space, allowed, n, surrogate=surrogate, seed=seed)
    assert len(optimizer.history) == min(n, optimizer.size)
    assert all(allowed(params) for params in params_of(optimizer))


@given(share=st.floats(0, 1), budget=st.integers(1, 60))
def test_a_grid_is_asked_for_to_the_last_set_that_is_allowed(share, budget):
    allowed = [params for params in ParameterGrid(GRID) if some_of(share, params)]
    if not allowed:
        with pytest.raises(ValueError, match=r"they refused all 50 of them: `constraints` refused 50\."):
            GeneticOptimizer(GRID, constraints=functools.partial(some_of, share), budget=budget)
        return
    optimizer = start(GRID, functools.partial(some_of, share), n=100, budget=budget, surrogate=None)
    assert optimizer.exhausted
    assert optimizer.size == len(allowed)
    if budget >= len(allowed):
        assert params_of(optimizer) == allowed
    else:
        assert sorted(map(repr, params_of(optimizer))) == sorted(map(repr, allowed))


@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES.keys())
def test_what_allows_everything_changes_no_candidate(space):
    free = start(space, None, n=14)
    assert params_of(start(space, [], n=14)) == params_of(free)
    assert params_of(start(space, lambda params: True, n=14)) == params_of(free)


def test_all_constraints_of_a_list_hold():
    optimizer = start(WHOLE, [lambda p: p["low"] < p["high"], lambda p: p["high"] < 5])
    assert all(params["low"] < params["high"] < 5 for params in params_of(optimizer))


def test_same_seed_gives_the_same_search_in_whatever_order_it_is_told():
    allowed = functools.partial(some_of, 0.3)
    first = start(NET, allowed, n=25, window=6)
    second = GeneticOptimizer(NET, constraints=allowed, seed=0, window=6)
    pending = []
    while len(second.history) < 25 or pending:
        while len(second.history) < 25 and second.can_ask:
            pending.append(second.ask())
        individual = pending.pop()
        second.tell(individual, zlib.crc32(repr(individual.params).encode()) % 1000)
    assert list(second.history) == list(first.history)


@pytest.mark.parametrize("surrogate", ["auto", None])
def test_a_thin_slice_of_a_space_is_searched(surrogate):
    optimizer = start(WHOLE, lambda p: abs(p["low"] - p["high"]) < 0.02, surrogate=surrogate)
    assert len(optimizer.history) == 40


def test_few_allowed_sets_of_a_space_too_large_to_list_are_an_end():
    space = {"a": list(range(1000)), "b": list(range(1000))}
    optimizer = start(space, lambda p: p["a"] < 2 and p["b"] < 500, n=1)
    assert optimizer.size == 10**6  # of which nobody knows how many are allowed
    space = {"a": list(range(200)), "b": list(range(200))}
    optimizer = start(space, lambda p: p["a"] < 2 and p["b"] < 5, n=100, surrogate=None)
    assert optimizer.exhausted
    assert not optimizer.can_ask
    assert all(params["a"] < 2 and params["b"] < 5 for params in params_of(optimizer))
    with pytest.raises(RuntimeError, match="nothing left to propose"):
        optimizer.ask()


def test_constraints_may_change_the_dict_they_are_given():
    optimizer = start(GRID, lambda params: params.pop("a") > 2)
    assert all(params["a"] > 2 for params in params_of(optimizer))


@pytest.mark.parametrize("yes", [True, np.True_, 1, "yes", [0]])
@pytest.mark.parametrize("no", [False, np.False_, 0, "", []])
def test_answers_are_true_or_false_as_python_has_it(yes, no):
    assert Constraints(lambda params: yes).allow({})
    assert not Constraints(lambda params: no).allow({})


# Mistakes


def test_an_unsatisfiable_space_says_who_refused_how_much():
    message = (
        r"`constraints` must allow some parameters of the space; they refused all 50 of them: `constraints\[0\]` "
        r"refused 30, `constraints\[1\]` refused 20, each counted with the first that refused it\."
    )
    with pytest.raises(ValueError, match=message):
        GeneticOptimizer(GRID, constraints=[lambda p: p["a"] > 3, lambda p: p["a"] < 3])
    calls = []

    def never(params):
        calls.append(params)
        return False

    with pytest.raises(ValueError, match=r"refused all of 16384 that were tried: `constraints` refused 16384\."):
        GeneticOptimizer(WHOLE, constraints=never)
    assert len(calls) == 16384


@pytest.mark.parametrize(
    ("constraint", "message"),
    [
        (lambda params: params["c"], r"KeyError\('c'\) for \{'low': .*\}\. Parameters that a candidate does not have"),
        (lambda params: 1 / 0, r"`constraints` must return .* it raised ZeroDivisionError\(.*\) for \{'low'"),
        (lambda params: None, r"`constraints` must return whether parameters are allowed; got None for \{'low'"),
        (lambda params: np.array([True, True]), r"it raised ValueError\("),
    ],
)
def test_a_constraint_that_goes_wrong_is_shown_with_the_parameters(constraint, message):
    with pytest.raises(ValueError, match=message):
        GeneticOptimizer(WHOLE, constraints=constraint)


def test_a_constraint_that_goes_wrong_later_is_told_when_asking():
    space = {"low": UniformDistribution(0, 40000, q=1)}
    optimizer = None

    def late(params):
        if optimizer is not None and len(optimizer.history) >= 12:
            raise RuntimeError("too late")
        return True

    optimizer = GeneticOptimizer(space, constraints=late, seed=0)
    with pytest.raises(ValueError, match=r"`constraints` must return .* it raised RuntimeError\('too late'\)"):
        run(optimizer)


async def patient(params):
    return True


@pytest.mark.parametrize("constraints", ["x < 1", 3, {"x": 1}])
def test_constraints_that_are_none_are_refused(constraints):
    with pytest.raises(TypeError, match="`constraints` must be a function that takes a dict of parameters"):
        GeneticOptimizer(WHOLE, constraints=constraints)


@pytest.mark.parametrize("wrong", [None, "x < 1", patient])
def test_constraints_that_are_none_in_a_list_are_named(wrong):
    with pytest.raises(TypeError, match=r"`constraints\[1\]` must be a function .*; got "):
        GeneticOptimizer(WHOLE, constraints=[lambda params: True, wrong])
