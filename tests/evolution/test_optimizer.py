"""GeneticOptimizer: what it asks for, what it makes of what it is told."""

import copy
import functools
import math
import os
import pickle
import random
import subprocess
import sys
import threading
import time
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.stats import qmc
from sklearn.model_selection import ParameterGrid

from geneticsearch import (
    ChoiceDistribution,
    ExponentialDistribution,
    GaussianDistribution,
    GeneticOptimizer,
    Individual,
    LogUniformDistribution,
    SequenceDistribution,
    SubsetDistribution,
    UniformDistribution,
)
from geneticsearch.evolution import Exhausted, _breeding, _preselection

SPHERE = {f"x{i}": UniformDistribution(-5, 5) for i in range(4)}
NET = {
    "rate": LogUniformDistribution(1e-4, 1),
    "layers": SequenceDistribution({"width": UniformDistribution(8, 64, q=8), "kind": ["relu", "tanh"]}, 1, 3),
}
ALTERNATIVES = [
    {"model": ["svc"], "C": LogUniformDistribution(1e-3, 1e3)},
    {"model": ["knn"], "k": UniformDistribution(1, 30, q=1), "metric": ["l1", "l2"]},
]
NESTED = {
    "a": [{"b": UniformDistribution(0, 1), "c": ["u", {"d": GaussianDistribution(0, 1)}]}, None],
    "x": [1, 2, 3, 4],
}
SUBSETS = {
    "columns": SubsetDistribution(range(40), 0, 9),
    "rows": ["all", SubsetDistribution(["a", "b", "c", "d", "e"], 2)],
    "x": UniformDistribution(0, 1),
}
SPACES = {
    "sphere": SPHERE,
    "one gene": {"x": UniformDistribution(0, 1)},
    "mixture": {"x": stats.norm(), "n": UniformDistribution(1, 9, q=1), "k": ["a", "b", "c"], "fixed": 1},
    "labels": {f"k{i}": list("abcd") for i in range(5)},
    "flags": {f"flag{i}": [False, True] for i in range(10)},
    "integers": {"n": UniformDistribution(1, 10**6, q=1), "m": LogUniformDistribution(1, 1000, q=1)},
    "unbounded integers": {"n": ExponentialDistribution(10, q=1), "m": GaussianDistribution(0, 30, q=1)},
    "net": NET,
    "alternatives": ALTERNATIVES,
    "nested": NESTED,
    "subsets": SUBSETS,
}
FINITE = {
    "grid": {"b": [1, 2, 3], "a": ["x", "y"], "c": [None, True]},
    "grids": [{"kernel": ["linear"], "C": [1, 10]}, {"kernel": ["rbf"], "C": [1, 10], "gamma": [0.1, 1]}],
    "integers": {"n": UniformDistribution(1, 7, q=1), "m": LogUniformDistribution(1, 5, q=1)},
    "unlikely values": {"a": ChoiceDistribution(list("abcd"), [0.97, 0.01, 0.01, 0.01]), "n": stats.binom(5, 0.1)},
    "sequence": {"layers": SequenceDistribution([8, 16], 0, 3)},
    "subset": {"columns": SubsetDistribution(["a", "b", "c", "d"], 0, 3), "k": [1, 2]},
    "one parameter set": {"a": [1]},
    "no parameter": {"a": 1},
}

each_way = pytest.mark.parametrize(("surrogate", "n"), [("auto", 40), (None, 300)], ids=["surrogate", "plain"])
each_space = pytest.mark.parametrize("space", SPACES.values(), ids=SPACES.keys())
each_way_short = pytest.mark.parametrize(("surrogate", "n"), [("auto", 30), (None, 150)], ids=["surrogate", "plain"])
each_kind = pytest.mark.parametrize("space", [SPACES[name] for name in ("mixture", "flags", "nested")])
each_way_far = pytest.mark.parametrize(
    ("surrogate", "n"),
    [pytest.param("auto", 120, marks=pytest.mark.slow), (None, 400)],
    ids=["surrogate", "plain"],
)
each_name = pytest.mark.parametrize("name", SPACES)
each_name_few_quick = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in ("mixture", "nested") else pytest.mark.slow) for name in SPACES]
)
each_finite_space = pytest.mark.parametrize("space", FINITE.values(), ids=FINITE.keys())


def sphere(params):
    return sum(x * x for x in params.values())


def some_score(params):
    """Return a number for any parameters, the same in every process."""
    return sum(ord(letter) * (i % 7) for i, letter in enumerate(repr(params))) % 101 / 7


def run(optimizer, n, score=some_score):
    """Ask for up to `n` individuals, telling each score at once."""
    for _ in range(n):
        if not optimizer.can_ask:
            break
        try:
            individual = optimizer.ask()
        except Exhausted:
            break
        optimizer.tell(individual, score(individual.params))
    return optimizer


def search(space, n=60, score=some_score, **options):
    """Run a search, a plain one unless told otherwise: most of what holds has nothing to do with the surrogate."""
    return run(GeneticOptimizer(space, **{"seed": 0, "surrogate": None, **options}), n, score)


@functools.cache
def searched(name, n, **options):
    """Return a search that tests only look at."""
    return search(SPACES[name], n, **options)


def params_of(optimizer):
    return [repr(individual.params) for individual in optimizer.history]


def distinct(optimizer):
    return len(set(params_of(optimizer)))


# Seeds


@each_space
def test_same_seed_gives_the_same_search(space):
    one, other = search(space, seed=3), search(space, seed=3)
    assert list(one.history) == list(other.history)
    assert params_of(search(space, seed=4)) != params_of(one)


@pytest.mark.parametrize(
    "make",
    [
        lambda: 7,
        lambda: np.int64(7),
        lambda: [1, 2, 3],
        lambda: np.random.SeedSequence(7),
        lambda: np.random.default_rng(7),
        lambda: np.random.RandomState(7),
    ],
    ids=["int", "numpy int", "list", "SeedSequence", "Generator", "RandomState"],
)
def test_seeds_may_be_all_that_numpy_users_call_so(make):
    assert params_of(search(SPHERE, 20, seed=make())) == params_of(search(SPHERE, 20, seed=make()))


@pytest.mark.parametrize("make", [np.random.default_rng, np.random.RandomState])
def test_each_search_with_one_generator_is_another(make):
    generator = make(0)
    assert params_of(search(SPHERE, 5, seed=generator)) != params_of(search(SPHERE, 5, seed=generator))


def test_no_seed_is_fresh_entropy():
    assert params_of(search(SPHERE, 5, seed=None)) != params_of(search(SPHERE, 5, seed=None))


@each_kind
def test_global_generators_are_left_alone(space):
    before = np.random.get_state()[1].tolist(), random.getstate()
    search(space, 30)
    assert (np.random.get_state()[1].tolist(), random.getstate()) == before


SCRIPT = """
from test_optimizer import NET, NESTED, SPACES, search
for name, space in SPACES.items():
    for individual in search(space, 40).history:
        print(name, individual)
"""


@pytest.mark.slow
def test_search_does_not_depend_on_the_hash_seed():
    outputs = [
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={
                **os.environ,
                "PYTHONHASHSEED": hash_seed,
                "PYTHONPATH": os.pathsep.join([os.path.dirname(__file__), *sys.path]),
            },
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for hash_seed in ("1", "2")
    ]
    assert outputs[0].count("\n") == 40 * len(SPACES)
    assert outputs[0] == outputs[1]


# Window order


@pytest.mark.parametrize("space", [SPHERE, NET, FINITE["grid"]], ids=["sphere", "net", "grid"])
@given(shuffle=st.randoms(use_true_random=False), window=st.integers(1, 12))
def test_order_of_telling_does_not_change_the_search(space, shuffle, window):
    in_order = search(space, 40, window=window)
    optimizer = GeneticOptimizer(space, window=window, surrogate=None, seed=0)
    pending = []
    while len(optimizer.history) < 40 or pending:
        if len(optimizer.history) < 40 and optimizer.can_ask and (not pending or shuffle.random() < 0.6):
            pending.append(optimizer.ask())
        elif pending:
            individual = pending.pop(shuffle.randrange(len(pending)))
            optimizer.tell(individual, some_score(individual.params))
        else:
            break
    assert list(optimizer.history) == list(in_order.history)
    assert optimizer.best == in_order.best


@pytest.mark.parametrize("window", [1, 8])
@pytest.mark.parametrize("score", [-1e9, math.nan, math.inf])
@pytest.mark.parametrize("number", [160, 170])  # the window is full; inside a batch, and near its beginning
def test_an_individual_does_not_know_scores_inside_the_window(window, score, number):
    def next_individual(late):
        optimizer = search(SPHERE, number - window + 1, sphere, window=window)
        pending = [optimizer.ask() for _ in range(window - 1)]
        for individual in reversed(pending[: None if late else 0]):
            optimizer.tell(individual, score)
        return optimizer.ask()

    assert next_individual(late=True) == next_individual(late=False)
    assert next_individual(late=True).number == number


@pytest.mark.parametrize("window", [1, 4, 8])
@pytest.mark.parametrize("share", [0.0, 0.1])
def test_an_individual_knows_all_scores_before_the_window(window, share, monkeypatch):
    monkeypatch.setattr(_breeding, "BATCH_SHARE", share)
    distances = set()
    for seed in range(5):
        optimizer = search(SPHERE, 240, sphere, window=window, seed=seed)
        distances |= {child.number - parent for child in optimizer.history[160:] for parent in child.parents}
    assert min(distances) == window if share == 0 else min(distances) >= window


@pytest.mark.parametrize(
    ("window", "numbers", "pending"),
    [
        (4, (0, 5, 8, 10, 12, 15, 300), (4, 4, 3, 3, 4, 4, 4)),
        (8, (0, 5, 8, 10, 20, 30, 300), (8, 5, 3, 3, 6, 8, 8)),
        (16, (0, 5, 6, 10, 14, 20, 300), (10, 6, 7, 11, 15, 16, 16)),
    ],
    ids=str,
)
def test_an_individual_is_bred_from_most_of_those_before_it(window, numbers, pending):
    def pending_at(number):
        optimizer = search(SPHERE, number, sphere, window=window)
        while optimizer.can_ask:
            optimizer.ask()
        return len(optimizer.history) - number

    assert tuple(map(pending_at, numbers)) == pending


def test_a_listed_space_needs_no_results_to_fill_the_window():
    optimizer = GeneticOptimizer({"x": list(range(100))}, budget=100, window=16, seed=0)
    assert [optimizer.ask().number for _ in range(16)] == list(range(16))
    assert not optimizer.can_ask


@pytest.mark.parametrize("window", [1, 3, 8])
def test_asking_beyond_the_window_says_whose_score_is_missing(window):
    optimizer = GeneticOptimizer(SPHERE, window=window, seed=0)
    pending = [optimizer.ask() for _ in range(window)]
    assert not optimizer.can_ask
    message = (
        rf"^`ask` needs the score of individual 0 first, since at most {window} individuals may be pending at this "
        "stage; call `tell`"
    )
    with pytest.raises(RuntimeError, match=message):
        optimizer.ask()
    for individual in pending[1:]:
        optimizer.tell(individual, 1.0)
        assert not optimizer.can_ask
    optimizer.tell(pending[0], 1.0)
    assert optimizer.can_ask
    assert optimizer.ask().number == window


# Nothing twice, everything once


@each_name
@each_way
def test_nothing_is_asked_for_twice(name, surrogate, n):
    optimizer = searched(name, n, surrogate=surrogate, window=8)
    assert len(optimizer.history) == n
    assert distinct(optimizer) == n


@each_finite_space
@pytest.mark.parametrize("budget", [None, 1000])
def test_finite_spaces_are_exhausted_exactly(space, budget):
    optimizer = search(space, 1000, budget=budget)
    size = optimizer.space.size
    assert len(optimizer.history) == distinct(optimizer) == size
    assert optimizer.exhausted
    assert not optimizer.can_ask
    message = rf"^`ask` has nothing left to propose after {size} parameter sets of the space"
    with pytest.raises(RuntimeError, match=message):
        optimizer.ask()


def test_space_is_not_exhausted_before_its_end():
    optimizer = GeneticOptimizer({"a": [1, 2, 3]}, seed=0)
    for _ in range(3):
        assert not optimizer.exhausted
        optimizer.ask()
    assert optimizer.exhausted


@pytest.mark.parametrize("name", ["grid", "grids"])
@pytest.mark.parametrize("more", [0, 1])
def test_grid_within_the_budget_is_listed_in_the_order_of_a_grid_search(name, more):
    grid = list(ParameterGrid(FINITE[name]))
    optimizer = search(FINITE[name], 1000, budget=len(grid) + more)
    assert [one.params for one in optimizer.history] == grid
    assert {one.origin for one in optimizer.history} == {"exhaustive"}


def test_grid_beyond_the_budget_is_evolved():
    optimizer = search(FINITE["grid"], 1000, budget=11)
    assert optimizer.history[0].origin == "initial"
    assert [one.params for one in optimizer.history] != list(ParameterGrid(FINITE["grid"]))


def test_space_with_more_sets_than_a_float_can_count_is_searched():
    optimizer = search(
        {f"feature_{i}": [False, True] for i in range(1100)}, 15, budget=20, score=lambda params: sum(params.values())
    )
    assert distinct(optimizer) == 15
    assert not optimizer.exhausted


# Scores


@each_space
@pytest.mark.parametrize("surrogate", ["auto", None], ids=["surrogate", "plain"])
def test_failed_individuals_are_never_best_nor_parents(space, surrogate):
    optimizer = GeneticOptimizer(space, surrogate=surrogate, seed=0)
    failed = {}
    for i in range(80 if surrogate is None else 35):
        individual = optimizer.ask()
        if i % 3 == 0:
            failed[i] = (math.nan, math.inf, -math.inf)[i // 3 % 3]
        optimizer.tell(individual, failed[i] if i in failed else some_score(individual.params))
        assert optimizer.best is None or optimizer.best.number not in failed
    assert not failed.keys() & {parent for one in optimizer.history for parent in one.parents}
    assert all(math.isfinite(one.score) is (one.number not in failed) for one in optimizer.history)
    assert any(one.parents for one in optimizer.history)


@each_kind
def test_search_goes_on_if_everything_fails(space):
    optimizer = search(space, 40, score=lambda params: math.nan)
    assert distinct(optimizer) == 40
    assert optimizer.best is None


@each_space
def test_maximizing_is_minimizing_the_negative(space):
    minimized = search(space, 80)
    maximized = search(space, 80, score=lambda params: -some_score(params), maximize=True)
    assert params_of(minimized) == params_of(maximized)
    assert minimized.best.number == maximized.best.number
    assert minimized.best.score == -maximized.best.score == min(one.score for one in minimized.history)


@given(st.lists(st.one_of(st.floats(), st.integers(0, 3).map(float)), max_size=30), st.booleans())
def test_best_is_the_first_of_the_best_and_never_worsens(scores, maximize):
    optimizer = GeneticOptimizer(SPHERE, maximize=maximize, seed=0)
    told = []
    for score in scores:
        individual = optimizer.ask()
        optimizer.tell(individual, score)
        told.append((-score if maximize else score, individual.number))
        finite = [one for one in told if math.isfinite(one[0])]
        assert (None if optimizer.best is None else optimizer.best.number) == (min(finite)[1] if finite else None)


def test_best_has_its_score_and_its_parameters():
    optimizer = search(SPHERE, 30, sphere)
    assert isinstance(optimizer.best, Individual)
    assert optimizer.best.score == sphere(optimizer.best.params)
    assert optimizer.best == optimizer.history[optimizer.best.number]
    assert GeneticOptimizer(SPHERE).best is None


@each_kind
def test_constant_scores_do_not_stop_the_search(space):
    optimizer = search(space, 100, score=lambda params: 1.0)
    assert distinct(optimizer) == 100
    assert optimizer.best.number == 0


@pytest.mark.parametrize("score", [True, np.float32(2), np.int64(3), 10**20])
def test_scores_may_be_numbers_of_any_kind(score):
    optimizer = search(SPHERE, 1, score=lambda params: score)
    assert type(optimizer.best.score) is float
    assert optimizer.best.score == score


# Origins


def test_individuals_are_numbered_and_generations_are_the_depth_of_lineages():
    history = search(NET, 150).history
    assert [one.number for one in history] == list(range(150))
    for one in history:
        assert one.generation == 1 + max((history[parent].generation for parent in one.parents), default=-1)
    assert max(one.generation for one in history) > 3


@each_space
def test_asked_individuals_are_those_of_the_history(space):
    optimizer = GeneticOptimizer(space, seed=0)
    for _ in range(30):
        individual = optimizer.ask()
        assert individual.score is None
        assert optimizer.history[individual.number] == individual
        optimizer.tell(individual, 1.0)
        assert individual.score is None
        assert optimizer.history[individual.number].score == 1.0


@each_name
@each_way
def test_parents_are_what_the_origin_says(name, surrogate, n):
    optimizer = searched(name, n, surrogate=surrogate, window=8)
    n_parents = {
        "initial": {0},
        "immigrant": {0},
        "exhaustive": {0},
        "mutation": {1},
        "crossover": {2},
        "structural mutation": {1, 2},
    }
    for child in optimizer.history:
        assert len(child.parents) in n_parents[child.origin]
        assert len(set(child.parents)) == len(child.parents)
        assert all(0 <= parent < child.number for parent in child.parents)


@each_name
@each_way
def test_mates_are_of_one_species_and_so_are_their_children(name, surrogate, n):
    history = searched(name, n, surrogate=surrogate, window=8).history
    for child in history:
        species = {history[parent].species for parent in child.parents}
        assert len(species) <= 1
        if child.origin in ("crossover", "mutation"):
            assert species == {child.species}


@pytest.mark.parametrize(
    ("name", "surrogate", "n"),
    [
        ("nested", "auto", 50),
        *(pytest.param(name, "auto", 50, marks=pytest.mark.slow) for name in ("net", "alternatives")),
        *((name, None, 150) for name in ("net", "alternatives", "nested")),
    ],
)
def test_structured_spaces_breed_in_every_way(name, surrogate, n):
    history = [one for seed in range(2) for one in search(SPACES[name], n, surrogate=surrogate, seed=seed).history]
    assert {one.origin for one in history} >= {"initial", "immigrant", "mutation", "crossover", "structural mutation"}
    assert len({one.species for one in history}) > 1


def test_spaces_without_structure_have_one_species():
    history = search(SPHERE, 100).history
    assert {one.species for one in history} == {"only one"}
    assert "structural mutation" not in {one.origin for one in history}


@pytest.mark.parametrize(
    ("options", "origins"),
    [
        ({"immigrant_rate": 1.0}, {"initial", "immigrant"}),
        ({"immigrant_rate": 0.0, "crossover_rate": 0.0}, {"initial", "mutation"}),
        ({"immigrant_rate": 0.0, "crossover_rate": 1.0}, {"initial", "mutation", "crossover"}),
    ],
    ids=str,
)
def test_rates_decide_how_children_are_made(options, origins):
    assert {one.origin for one in search(SPHERE, 120, sphere, surrogate=None, **options).history} == origins


def test_immigrant_rate_is_their_share():
    origins = [one.origin for one in search(SPHERE, 1010, sphere, immigrant_rate=0.2, surrogate=None).history[10:]]
    assert origins.count("immigrant") / 1000 == pytest.approx(0.2, abs=0.05)


@each_way_short
@pytest.mark.parametrize("population_size", [1, 3])
def test_the_best_are_the_only_parents(surrogate, n, population_size):
    optimizer = search(SPHERE, n, sphere, population_size=population_size, surrogate=surrogate, window=1)
    for child in optimizer.history:
        bred_from = [one.score for one in optimizer.history[: child.number]]
        # A batch is bred at a time: a parent may have been overtaken by as many since.
        n_since = max(1, child.number // 10)
        ranks = [sorted(bred_from).index(optimizer.history[parent].score) for parent in child.parents]
        assert max(ranks, default=0) < population_size + n_since - 1


def test_first_individuals_fill_the_space():
    for seed in range(5):
        first = np.array([one.genes for one in search(SPHERE, 8, seed=seed).history])
        cells = np.sort((first * 8).astype(int), axis=0)
        assert (cells == np.arange(8)[:, None]).all()  # one in each eighth of every parameter


def test_there_may_be_more_genes_than_a_sobol_sequence_has_dimensions(monkeypatch):
    monkeypatch.setattr(qmc.Sobol, "MAXDIM", 3)
    first = np.array([one.genes for one in search(SPHERE, 8, seed=1).history])
    cells = np.sort((first * 8).astype(int), axis=0)
    assert (cells[:, :3] == np.arange(8)[:, None]).all()
    assert len(set(first[:, 3])) == 8
    assert (cells[:, 3] != np.arange(8)).any()  # drawn at random


# Surrogate


@pytest.mark.slow
@each_name_few_quick
@pytest.mark.parametrize("window", [6, 20])
def test_scores_inside_the_window_mean_nothing_to_the_surrogate(name, window):
    def asked(order):
        optimizer = GeneticOptimizer(SPACES[name], window=window, surrogate="auto", seed=1)
        pending, params = [], []
        for _ in range(35):
            while not optimizer.can_ask:
                individual = pending.pop(order(len(pending)))
                optimizer.tell(individual, some_score(individual.params))
            pending.append(optimizer.ask())
            params.append(pending[-1].params)
        return params

    assert repr(asked(lambda n: 0)) == repr(asked(lambda n: n - 1)) == repr(asked(lambda n: n // 2))


def test_individuals_under_way_are_not_asked_for_again_nor_nearby():
    def spread(window):
        optimizer = search({"x": UniformDistribution(0, 1)}, 14, lambda params: params["x"] ** 2, window=1, seed=2)
        if window == 1:  # nothing under way: the scores say the same again and again
            return np.ptp([copy.deepcopy(optimizer).ask().params["x"] for _ in range(8)])
        optimizer.window = 160  # as many as there are individuals, at this stage
        return np.ptp([optimizer.ask().params["x"] for _ in range(8)])

    assert spread(9) > spread(1) == 0


@pytest.mark.parametrize(
    "score",
    [
        lambda params: 1.0,
        lambda params: math.nan,
        lambda params: 1.0 if some_score(params) < 1 else math.nan,
        lambda params: float(some_score(params) < 7),
        lambda params: -math.inf if some_score(params) < 5 else some_score(params),
        lambda params: (some_score(params) - 7) * 1e307,
        lambda params: 1 + 1e-16 * some_score(params),
    ],
    ids=["constant", "all failed", "few", "two values", "failures", "huge", "tiny"],
)
def test_surrogate_takes_any_scores(score):
    assert distinct(search(SPACES["nested"], 30, score, window=3, surrogate="auto")) == 30


class Draw:
    """An object that only draws."""

    def rvs(self, random_state=None):
        return random_state.randint(1000)


@pytest.mark.parametrize(
    "space", [{"r": Draw()}, {"r": Draw(), "x": UniformDistribution(0, 1)}], ids=["alone", "beside"]
)
def test_objects_that_only_draw_are_left_to_crossover_and_mutation(space):
    optimizer = search(space, 60, lambda params: params.get("x", 0) + params["r"] / 1000, surrogate="auto")
    assert distinct(optimizer) == 60
    assert optimizer.best.score < 0.2


def test_surrogate_leaves_the_field_after_many_results(monkeypatch):
    calls = []

    def evolve(elite, *_):
        calls.append(len(elite))
        return elite.take(np.arange(0))

    monkeypatch.setattr(_preselection, "evolve", evolve)
    monkeypatch.setattr(_preselection, "MAX_RESULTS", 30)
    search(SPHERE, 100, sphere, window=1, surrogate="auto")
    assert len(calls) == 21  # individuals 10 to 30 know at most 30 results
    monkeypatch.setattr(_preselection, "FULL_RESULTS", 20)
    calls.clear()
    search(SPHERE, 100, sphere, window=1, surrogate="auto")
    assert len(calls) == 16  # 10 to 20, and five of 21 to 30


def test_spaces_of_many_genes_are_searched_without_surrogate(monkeypatch):
    monkeypatch.setattr("geneticsearch.evolution._optimizer.MAX_SURROGATE_GENES", 3)
    assert list(search(SPHERE, 40, surrogate="auto").history) == list(search(SPHERE, 40).history)


def test_surrogate_chooses_unless_it_is_told_not_to():
    default = run(GeneticOptimizer(SPHERE, seed=0), 20)
    assert list(default.history) == list(search(SPHERE, 20, surrogate="auto").history)
    assert list(default.history) != list(search(SPHERE, 20, surrogate=None).history)


def test_initial_individuals_are_the_same_with_and_without_surrogate():
    one, other = search(SPHERE, 20, surrogate="auto"), search(SPHERE, 20)
    assert params_of(one)[:10] == params_of(other)[:10]
    assert params_of(one)[10:] != params_of(other)[10:]


# Odd sizes


@pytest.mark.parametrize("name", ["sphere", "labels", "nested"])
@pytest.mark.parametrize("population_size", [1, 2])
@pytest.mark.parametrize(("surrogate", "n"), [("auto", 25), (None, 60)])
def test_tiny_populations_work(name, population_size, surrogate, n):
    assert distinct(search(SPACES[name], n, population_size=population_size, surrogate=surrogate)) == n


@pytest.mark.parametrize("rate", [0, 1])
@pytest.mark.parametrize("name", ["crossover_rate", "mutation_rate", "immigrant_rate"])
@pytest.mark.parametrize("space", ["labels", "net"])
def test_rates_may_be_extreme(space, name, rate):
    assert distinct(search(SPACES[space], 80, **{name: rate})) == 80


def test_the_callers_space_is_not_changed():
    for space in SPACES.values():
        before = repr(space)
        duplicate = copy.deepcopy(space)
        search(space, 30)
        assert repr(space) == before
        assert list(space) == list(duplicate)


# Quality


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("surrogate", "n"), [("auto", 60), (None, 500)], ids=["surrogate", "plain"])
def test_sphere_is_solved(surrogate, n, seed):
    assert search(SPHERE, n, sphere, seed=seed, surrogate=surrogate).best.score < 0.05


@each_way_far
def test_search_beats_chance_on_labels(surrogate, n):
    wanted = {f"k{i}": "c" for i in range(8)}
    space = {name: list("abcdefgh") for name in wanted}

    def n_wrong(params):
        return sum(params[name] != wanted[name] for name in wanted)

    assert np.mean([search(space, n, n_wrong, seed=seed, surrogate=surrogate).best.score for seed in range(4)]) <= 1


def ackley(params):
    """A bowl with ripples, moved off the center, and a label that matters."""
    x = np.array([params[f"x{i}"] for i in range(5)]) - 0.7
    ripples = np.exp(np.cos(2 * np.pi * x).mean())
    return float(20 + math.e - 20 * np.exp(-0.2 * np.sqrt((x**2).mean())) - ripples) + 3 * (params["k"] != "b")


@pytest.mark.slow
def test_surrogate_needs_fewer_evaluations_than_plain_breeding():
    space = {**{f"x{i}": UniformDistribution(-4, 5) for i in range(5)}, "k": ["a", "b", "c"]}
    with_it = [search(space, 60, ackley, window=1, seed=seed, surrogate="auto").best.score for seed in range(6)]
    without = [search(space, 60, ackley, window=1, seed=seed, surrogate=None).best.score for seed in range(6)]
    assert np.mean(with_it) < 0.7 * np.mean(without)
    assert np.sum(np.less(with_it, without)) >= 5


@pytest.mark.parametrize(("surrogate", "n"), [(None, 500), ("auto", 60)])
def test_optimum_on_bounds_is_within_reach(surrogate, n):
    space = {"x": UniformDistribution(0.1, 7), "y": LogUniformDistribution(1e-3, 1)}
    genes = search(space, n, sphere, surrogate=surrogate).best.genes
    assert (genes < 0.03).all()
    assert (genes == 0).any()


@each_way_far
def test_length_of_a_sequence_is_found(surrogate, n):
    space = {"layers": SequenceDistribution(UniformDistribution(0, 10, q=1), 1, 6)}
    wanted = (3, 1, 4, 1)

    def distance(params):
        layers = params["layers"]
        return 5 * abs(len(layers) - 4) + sum(abs(a - b) for a, b in zip(layers, wanted, strict=False))

    assert np.mean([search(space, n, distance, seed=seed, surrogate=surrogate).best.score for seed in range(3)]) <= 1


def test_better_alternative_gets_more_of_the_budget():
    species = [one.species for one in search(ALTERNATIVES, 200, lambda params: float("C" not in params)).history]
    assert species.count("model=svc") > 120


# Cost


def test_memory_per_individual_is_small():
    optimizer = search(SPHERE, 100, sphere, population_size=100, surrogate=None)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        run(optimizer, 3000, sphere)
        used = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert used / 3000 < 500


def test_work_per_individual_does_not_grow():
    optimizer = search(SPHERE, 300, sphere, population_size=100, surrogate=None)
    counts = []
    for _ in range(2):
        calls = 0

        def count(frame, event, argument):
            nonlocal calls
            calls += event in ("call", "c_call")

        sys.setprofile(count)
        try:
            run(optimizer, 200, sphere)
        finally:
            sys.setprofile(None)
        counts.append(calls)
        run(optimizer, 2000, sphere)
    assert counts[1] < 1.3 * counts[0]


# Mistakes


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"population_size": 0}, ValueError, "`population_size` must be an integer that is at least 1; got 0."),
        ({"population_size": 2.0}, TypeError, "`population_size` must be an integer; got 2.0."),
        (
            {"crossover_rate": 1.5},
            ValueError,
            "`crossover_rate` must be a number that is at least 0 and at most 1; got 1.5.",
        ),
        (
            {"mutation_rate": -0.1},
            ValueError,
            "`mutation_rate` must be a number that is at least 0 and at most 1; got -0.1.",
        ),
        (
            {"immigrant_rate": math.nan},
            ValueError,
            "`immigrant_rate` must be a number that is at least 0 and at most 1; got nan.",
        ),
        ({"immigrant_rate": None}, TypeError, "`immigrant_rate` must be a number; got None."),
        ({"window": 0}, ValueError, "`window` must be an integer that is at least 1; got 0."),
        ({"surrogate": "gp"}, ValueError, "`surrogate` must be 'auto' or None; got 'gp'."),
        ({"surrogate": True}, ValueError, "`surrogate` must be 'auto' or None; got True."),
        ({"budget": 0}, ValueError, "`budget` must be an integer that is at least 1 or None; got 0."),
        (
            {"seed": -1},
            ValueError,
            "`seed` must be a whole number of at least 0, a generator of numpy or None; got -1.",
        ),
        (
            {"seed": "abc"},
            ValueError,
            "`seed` must be a whole number of at least 0, a generator of numpy or None; got 'abc'.",
        ),
        (
            {"space": 3},
            TypeError,
            "`space` must be a dict of parameter names and what they may be, or a list of such dicts; got 3 (int).",
        ),
    ],
    ids=str,
)
def test_mistakes_are_told_at_construction(options, error, message):
    with pytest.raises(error) as caught:
        GeneticOptimizer(**{"space": SPHERE, **options})
    assert str(caught.value) == message
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, AssertionError)


def test_noise_is_kept_and_the_less_certain_counts_less():
    searches = []
    for noise in (None, 0, 4.0):
        optimizer = GeneticOptimizer(SPHERE, seed=0)
        for i in range(15):
            individual = optimizer.ask()
            optimizer.tell(individual, some_score(individual.params), noise if i % 2 else None)
        searches.append(optimizer.history)
    unknown, none, some = searches
    assert list(unknown) == list(none) != list(some)
    assert [one.noise for one in some][-3:] == [None, 4.0, None]
    assert [one.noise for one in none][-3:] == [None, 0.0, None]


@pytest.mark.slow
def test_known_noise_keeps_a_search_from_following_chance():
    space = {name: UniformDistribution(0, 1) for name in "abcd"}
    later = {True: [], False: []}  # the losses without noise of the second half
    for seed in range(3):
        for is_told in later:
            optimizer, rng = GeneticOptimizer(space, seed=seed), np.random.default_rng(seed)
            for i in range(60):
                individual = optimizer.ask()
                loss, error = sum((value - 0.37) ** 2 for value in individual.params.values()), 0.5 if i % 2 else 0.03
                optimizer.tell(individual, loss + error * rng.normal(), error**2 if is_told else None)
                later[is_told] += [loss] if i >= 30 else []
    assert np.mean(later[True]) < 0.8 * np.mean(later[False])


@pytest.mark.parametrize(("noise", "error"), [(-1.0, ValueError), (math.nan, ValueError), ("much", TypeError)])
def test_noise_must_be_a_variance(noise, error):
    optimizer = GeneticOptimizer(SPHERE, seed=0)
    individual = optimizer.ask()
    with pytest.raises(error, match=r"^`noise` must be a number"):
        optimizer.tell(individual, 1.0, noise)
    optimizer.tell(individual, 1.0)
    assert optimizer.best.noise is None


def test_telling_twice_says_so():
    optimizer = GeneticOptimizer(SPHERE, seed=0)
    individual = optimizer.ask()
    optimizer.tell(individual, 1.0)
    message = r"that has no score yet; got number 0, which has a score\.$"
    with pytest.raises(RuntimeError, match=message):
        optimizer.tell(individual, 2.0)
    assert optimizer.best.score == 1.0


def test_telling_of_a_stranger_says_so():
    stranger = search(SPHERE, 5).history[4]
    message = r"^`tell` takes an individual that `ask` handed out and that has no score yet; got number 4\.$"
    with pytest.raises(RuntimeError, match=message):
        GeneticOptimizer(SPHERE, seed=0).tell(stranger, 2.0)


@pytest.mark.parametrize("individual", [3, None, {"x": 1}])
def test_telling_of_no_individual_says_so(individual):
    optimizer = GeneticOptimizer(SPHERE, seed=0)
    optimizer.ask()
    with pytest.raises(TypeError, match="`tell` takes an individual"):
        optimizer.tell(individual, 2.0)


@pytest.mark.parametrize(
    ("score", "error"),
    [
        *((score, TypeError) for score in (None, "good", "1", b"1", [1, 2], {}, 1j)),
        (10**400, ValueError),
        (10**5000, ValueError),
    ],
    ids=lambda value: repr(value) if not isinstance(value, int) else "large",
)
def test_scores_that_are_no_numbers_are_refused_and_can_be_told_again(score, error):
    optimizer = GeneticOptimizer(SPHERE, seed=0)
    individual = optimizer.ask()
    with pytest.raises(error, match=r"^`score` must be a number"):
        optimizer.tell(individual, score)
    optimizer.tell(individual, 1.0)
    assert optimizer.best.score == 1.0


# Species


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2))])
def test_one_unlucky_score_does_not_end_a_species(seed):
    space = [
        {"kind": ["sure"], "x": UniformDistribution(0, 1)},
        {"kind": ["picky"], "y": UniformDistribution(0, 1), "z": UniformDistribution(0, 1)},
    ]

    def score(params):
        if params["kind"] == "sure":
            return 0.1 + 0.1 * params["x"]
        return 1.0 - 1.5 * (params["y"] > 0.9) * params["z"]

    optimizer = search(space, 60, score, seed=seed, surrogate="auto")
    assert sum(individual.params["kind"] == "picky" for individual in optimizer.history) >= 6


def test_a_hopeless_species_gets_no_more_than_its_turns():
    space = [{"kind": ["good"], "x": UniformDistribution(0, 1)}, {"kind": ["bad"], "x": UniformDistribution(0, 1)}]
    optimizer = search(space, 80, lambda p: p["x"] + 9 * (p["kind"] == "bad"), surrogate="auto")
    assert sum(individual.params["kind"] == "bad" for individual in optimizer.history) <= 20


# Questions, constraints, threads


@each_way_short
@pytest.mark.parametrize("name", ["sphere", "net"])
def test_questions_have_no_effects(name, surrogate, n):
    quiet, asked = (GeneticOptimizer(SPACES[name], surrogate=surrogate, seed=0) for _ in range(2))
    for _ in range(n):
        before = pickle.dumps(asked)
        assert asked.can_ask
        assert not asked.exhausted
        assert asked.best is None or asked.size == math.inf
        assert pickle.dumps(asked) == before
        one, other = quiet.ask(), asked.ask()
        assert one == other
        quiet.tell(one, some_score(one.params))
        asked.tell(other, some_score(other.params))


@pytest.mark.parametrize("surrogate", ["auto", None])
@pytest.mark.parametrize("budget", [None, 40, 1000])
def test_constraints_are_asked_once_about_each_set_of_a_space_that_is_listed(surrogate, budget):
    calls = []
    space = {"a": list(range(20)), "b": list(range(20))}
    optimizer = search(
        space, 40, surrogate=surrogate, budget=budget, constraints=lambda p: calls.append(repr(p)) or p["a"] < 10
    )
    assert optimizer.size == 200
    assert len(calls) == len(set(calls)) == 400


def test_a_given_point_shows_that_constraints_allow_something():
    space = {"a": UniformDistribution(0, 1), "b": UniformDistribution(0, 1)}
    options = {"constraints": lambda p: p["a"] > 0.9999 and p["b"] > 0.9999}
    with pytest.raises(ValueError, match="must allow some parameters"):
        GeneticOptimizer(space, **options)
    optimizer = search(space, 9, lambda p: p["a"], initial=[np.array([0.99995, 0.99995])], **options)
    assert len(optimizer.history) > 3
    assert all(one.params["a"] > 0.9999 for one in optimizer.history)


def test_threads_may_share_an_optimizer():
    optimizer = GeneticOptimizer(SPHERE, window=400, seed=0)

    def work():
        for _ in range(10):
            individual = optimizer.ask()
            optimizer.tell(individual, sphere(individual.params))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.number for one in optimizer.history] == list(range(40))
    assert all(one.score == sphere(one.params) for one in optimizer.history)
    assert distinct(optimizer) == 40


def test_optimizers_can_be_pickled_in_the_middle_of_a_search():
    optimizer = search(NET, 30)
    twin = pickle.loads(pickle.dumps(optimizer))
    assert params_of(run(optimizer, 20)) == params_of(run(twin, 20))


@pytest.mark.parametrize("n", [20_000, 100_000])
def test_long_lists_of_values_take_no_time(n):
    started = time.process_time()
    optimizer = GeneticOptimizer({"x": list(range(n)), "y": [str(i) for i in range(n)]}, seed=0)
    assert optimizer.ask().params["x"] in range(n)
    assert time.process_time() - started < 3


@pytest.mark.slow
@pytest.mark.parametrize("penalty", [1e3, 1e6, 1e10, 1e30, math.inf])
def test_penalties_of_any_size_cost_about_the_same(penalty):
    space = {"x": UniformDistribution(0, 1), "y": UniformDistribution(-5, 5)}

    def score(params):
        return penalty if params["x"] > 0.5 else (params["x"] - 0.3) ** 2 + params["y"] ** 2

    best = [search(space, 60, score, surrogate="auto", seed=seed).best.score for seed in range(7)]
    assert np.exp(np.mean(np.log(best))) < 3e-5


# Pinned: a change of these candidates is a change of every search, which the changelog must tell.


def pinned(name, surrogate):
    """Return the origin and the genes, to four digits, of an individual for which all parts have played together."""
    individual = search(SPACES[name], 35, surrogate=surrogate).history[34 if surrogate is None else 12]
    return individual.origin, np.round(individual.genes, 4).tolist()


@pytest.mark.parametrize(
    ("name", "surrogate", "origin", "genes"),
    [
        ("sphere", None, "mutation", [0.3047, 0.4719, 0.6204, 0.476]),
        ("sphere", "auto", "mutation", [0.1507, 0.4261, 0.3001, 0.5067]),
        ("mixture", None, "crossover", [0.9864, 0.5, 0.5]),
        ("mixture", "auto", "mutation", [0.2037, 0.1667, 0.1667]),
        ("labels", None, "mutation", [0.125, 0.375, 0.375, 0.375, 0.625]),
        ("labels", "auto", "crossover", [0.625, 0.875, 0.375, 0.875, 0.625]),
        ("net", None, "crossover", [0.6363, 0.1667, 0.4375, 0.25, 0.1875, 0.75, 0.9375, 0.75]),
        ("net", "auto", "mutation", [0.0951, 0.1667, 0.3125, 0.25, 0.0625, 0.75, 0.8125, 0.75]),
        ("alternatives", None, "crossover", [0.25, 0.6796, 0.0167, 0.25]),
        ("alternatives", "auto", "immigrant", [0.75, 0.4645, 0.05, 0.75]),
        ("nested", None, "immigrant", [0.25, 0.3193, 0.25, 0.8994, 0.625]),
        ("nested", "auto", "immigrant", [0.25, 0.0, 0.25, 0.349, 0.875]),
    ],
)
def test_candidates_are_as_they_were(name, surrogate, origin, genes):
    assert pinned(name, surrogate) == (origin, genes)
