"""Fronts, hypervolume, and evolution by several objectives."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from geneticsearch import GeneticOptimizer, UniformDistribution
from geneticsearch.evolution import dominated_share, hypervolume_so_far, knee, pareto_ranks
from geneticsearch.evolution._pareto import by_rank_and_crowding, hypervolume

SPACE = {"x": UniformDistribution(-2, 3), "y": UniformDistribution(-2, 2)}

POINTS = arrays(float, st.tuples(st.integers(1, 12), st.integers(2, 4)), elements=st.integers(0, 5).map(float))


def near_0_and_1(params):
    x, y = params["x"], params["y"]
    return x**2 + y**2, (x - 1) ** 2 + y**2


def evolve(n=25, order=None, **options):
    options = {"objectives": ["min", "min"], "seed": 0, **options}
    optimizer = GeneticOptimizer(SPACE, **options)
    waiting = []
    while len(optimizer.history) < n or waiting:
        while optimizer.can_ask and len(optimizer.history) < n:
            waiting.append(optimizer.ask())
        individual = waiting.pop(0 if order is None else int(order.integers(len(waiting))))
        optimizer.tell(individual, near_0_and_1(individual.params))
    return optimizer


def dominates(one, other):
    return (one >= other).all() and (one > other).any()


@given(POINTS)
def test_a_rank_is_one_more_than_the_worst_rank_of_those_that_dominate(points):
    ranks = pareto_ranks(points)
    for i, mine in enumerate(points):
        assert ranks[i] == 1 + max((ranks[j] for j, other in enumerate(points) if dominates(other, mine)), default=0)


@given(POINTS)
def test_the_hypervolume_of_whole_numbers_is_the_number_of_dominated_cells(points):
    cells = np.stack(np.meshgrid(*[np.arange(1, 6)] * points.shape[1]), axis=-1).reshape(-1, points.shape[1])
    n_dominated = (points[:, np.newaxis] >= cells).all(axis=2).any(axis=0).sum()
    assert hypervolume(points, np.zeros(points.shape[1])) == n_dominated


@given(POINTS)
def test_the_hypervolume_so_far_grows_to_that_of_all(points):
    shares = hypervolume_so_far(points)
    assert (np.diff(shares) >= 0).all()
    assert shares[-1] == pytest.approx(dominated_share(points))
    assert 0 < shares[-1] <= 1 + 1e-12


def test_failures_rank_last_and_are_nowhere_else():
    points = np.array([[np.nan, np.nan], [0.0, 1.0], [0.0, 0.0]])
    assert pareto_ranks(points).tolist() == [3, 1, 2]
    assert hypervolume_so_far(points).tolist() == [0.0, 1.0, 1.0]
    assert hypervolume_so_far(points[:1]).tolist() == [0.0]


def test_extremes_and_lonely_individuals_of_a_front_come_first():
    points = np.array([[0.0, 10.0], [4.0, 6.0], [4.1, 5.9], [8.0, 3.0], [10.0, 0.0], [0.0, 0.0]])
    order = by_rank_and_crowding(points).tolist()
    assert set(order[:2]) == {0, 4}
    assert order[2] == 3
    assert order[-1] == 5


def test_the_knee_does_not_depend_on_units():
    points = np.array([[0.0, 10.0], [8.0, 9.0], [10.0, 0.0], [-5.0, -5.0]])
    assert knee(points) == knee(points * [1e6, 1e-6] + [3, 7]) == 1


def test_the_front_is_where_no_objective_improves_without_the_other():
    optimizer = evolve(45)
    front = optimizer.pareto_front
    assert len(front) > 10
    assert [one.scores[0] for one in front] == sorted(one.scores[0] for one in front)
    assert all(-0.1 < one.params["x"] < 1.1 and abs(one.params["y"]) < 0.3 for one in front)
    assert optimizer.best.score == optimizer.best.scores[0] == min(one.scores[0] for one in optimizer.history)


@pytest.mark.parametrize("surrogate", ["auto", None])
def test_evolution_beats_chance(surrogate):
    rng = np.random.default_rng(0)
    by_chance = [near_0_and_1({"x": rng.uniform(-2, 3), "y": rng.uniform(-2, 2)}) for _ in range(40)]
    found = [one.scores for one in evolve(40, surrogate=surrogate).history]
    reference = np.array([-2.0, -2.0])
    assert hypervolume(-np.array(found), reference) > hypervolume(-np.array(by_chance), reference)


@pytest.mark.parametrize("surrogate", ["auto", None])
def test_the_order_of_telling_does_not_matter(surrogate):
    one = evolve(surrogate=surrogate)
    other = evolve(surrogate=surrogate, order=np.random.default_rng(1))
    assert [i.params for i in one.history] == [i.params for i in other.history]


def test_directions_count():
    mirrored = GeneticOptimizer(SPACE, objectives=["min", "max"], seed=0)
    for _ in range(30):
        individual = mirrored.ask()
        first, second = near_0_and_1(individual.params)
        mirrored.tell(individual, (first, -second))
    assert [one.params for one in mirrored.history] == [one.params for one in evolve(30).history]


@pytest.mark.parametrize("constant", [0, 1])
def test_an_objective_that_never_changes_does_no_harm(constant):
    optimizer = GeneticOptimizer(SPACE, objectives=["min", "min"], seed=0)
    for _ in range(30):
        individual = optimizer.ask()
        scores = [individual.params["x"] ** 2] * 2
        scores[constant] = 7.0
        optimizer.tell(individual, scores)
    assert len(optimizer.pareto_front) == 1
    assert abs(optimizer.pareto_front[0].params["x"]) < 0.3


def test_an_individual_that_fails_by_one_objective_has_failed():
    optimizer = GeneticOptimizer(SPACE, objectives=["min", "max", "min"], seed=0)
    for i in range(25):
        individual = optimizer.ask()
        optimizer.tell(individual, (float("nan") if i % 3 == 0 else individual.params["x"], i, 1))
    failed = optimizer.history[0]
    assert np.isnan(failed.score)
    assert np.isnan(failed.scores).all()
    assert all(one.number % 3 for one in optimizer.pareto_front)


def test_there_is_no_front_without_scores_or_with_one_objective():
    assert GeneticOptimizer(SPACE, objectives=["min", "min"]).pareto_front == []
    optimizer = GeneticOptimizer(SPACE)
    optimizer.tell(optimizer.ask(), 1.0)
    assert optimizer.pareto_front == []


def test_a_pickled_engine_goes_on_as_it_was():
    optimizer = evolve(15)
    copy = pickle.loads(pickle.dumps(optimizer))
    assert copy.ask().params == optimizer.ask().params


@pytest.mark.parametrize(
    ("objectives", "error", "match"),
    [
        ("min", TypeError, "must be a list of 'min' and 'max'"),
        (["min"], ValueError, "two or more of 'min' and 'max'"),
        (["min", "least"], ValueError, "two or more of 'min' and 'max'"),
    ],
)
def test_objectives_are_checked(objectives, error, match):
    with pytest.raises(error, match=match):
        GeneticOptimizer(SPACE, objectives=objectives)


@pytest.mark.parametrize("scores", [1.0, (1.0,), (1.0, 2.0, 3.0), "ab", None])
def test_scores_are_as_many_as_objectives(scores):
    optimizer = GeneticOptimizer(SPACE, objectives=["min", "min"])
    with pytest.raises(ValueError, match="must hold 2 numbers, a score by each objective"):
        optimizer.tell(optimizer.ask(), scores)


def test_what_is_for_one_objective_is_refused():
    with pytest.raises(ValueError, match="`objectives` say what is maximized"):
        GeneticOptimizer(SPACE, objectives=["min", "min"], maximize=True)
    optimizer = GeneticOptimizer(SPACE, objectives=["min", "min"])
    with pytest.raises(ValueError, match="`noise` is that of a single score"):
        optimizer.tell(optimizer.ask(), (1.0, 2.0), noise=0.1)
