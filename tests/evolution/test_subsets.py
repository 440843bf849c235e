"""Subsets in a search."""

import numpy as np
import pytest
from scipy.spatial.distance import jaccard

from geneticsearch import GeneticOptimizer, SubsetDistribution, UniformDistribution, load_history, optimize, to_optuna
from geneticsearch.evolution._gaussian_process import GaussianProcess, _Posterior
from geneticsearch.results import history_of

GOOD = {1, 5, 9, 33, 39}


def score(params):
    """Greatest, 5, where the subset is `GOOD` and x is 0.3."""
    chosen = set(params["columns"])
    return len(GOOD & chosen) - 0.2 * len(chosen - GOOD) - (params["x"] - 0.3) ** 2


def space(n_items=40, **sizes):
    return {"columns": SubsetDistribution(range(n_items), **sizes), "x": UniformDistribution(0, 1)}


def searched(n, space, **options):
    optimizer = GeneticOptimizer(space, maximize=True, **{"seed": 0, **options})
    for _ in range(n):
        individual = optimizer.ask()
        optimizer.tell(individual, score(individual.params))
    return optimizer


@pytest.mark.parametrize("surrogate", ["auto", None])
@pytest.mark.parametrize("sizes", [{}, {"min_size": 3, "max_size": 3}, {"min_size": 0, "max_size": 2}])
def test_values_are_within_their_sizes_and_nothing_is_asked_for_twice(sizes, surrogate):
    optimizer = searched(60, space(**sizes), surrogate=surrogate)
    values = [one.params["columns"] for one in optimizer.history]
    least, most = sizes.get("min_size", 1), sizes.get("max_size", 40)
    assert {len(value) for value in values} <= set(range(least, most + 1))
    assert all(list(value) == sorted(set(value)) for value in values)
    assert len({(value, one.params["x"]) for value, one in zip(values, optimizer.history, strict=True)}) == 60


def test_the_best_subset_is_found():
    assert searched(80, space()).best.score > 4


@pytest.mark.slow
def test_the_surrogate_helps():
    budget = 80
    helped, alone = (
        [searched(budget, space(), seed=s, surrogate=one).best.score for s in range(3)] for one in ("auto", None)
    )
    assert np.mean(helped) > np.mean(alone)


def test_first_sizes_are_spread():
    sizes = [len(one.params["columns"]) for one in searched(10, space(1000)).history]
    assert np.histogram(np.log10(sizes), bins=3, range=(0, 3))[0].min() >= 2


def test_subsets_of_many_items_are_one_input_and_one_gene_among_others():
    optimizer = searched(40, space(1000, max_size=20))
    bred = [one for one in optimizer.history if len(one.parents) == 1 and one.origin == "mutation"]
    before = [optimizer.history[one.parents[0]].params for one in bred]
    kept = [one.params["columns"] == params["columns"] for one, params in zip(bred, before, strict=True)]
    moved = [one.params["x"] != params["x"] for one, params in zip(bred, before, strict=True)]
    assert bred
    assert any(kept)
    assert any(moved)


def test_a_process_with_sets_agrees_with_the_plain_one():
    rng = np.random.default_rng(0)
    members = (rng.random((30, 12)) < 0.5).astype(float)
    numbers, targets = rng.random((30, 1)), rng.standard_normal(30)
    process = GaussianProcess(np.array([False]), [slice(1, 13)])
    process.weights, process.scale, process.noise = np.array([2.0, 3.0]), 1.5, 0.1
    points = np.hstack([numbers, members])
    process.condition(points[:20], targets[:20])
    mean, _ = process.predict(points[20:])

    def kernel(one, other):
        r = np.sqrt(2 * (one[0] - other[0]) ** 2 + 3 * jaccard(one[1:] > 0, other[1:] > 0))
        return 1.5 * (1 + np.sqrt(5) * r + 5 * r * r / 3) * np.exp(-np.sqrt(5) * r)

    covariance = np.array([[kernel(one, other) for other in points[:20]] for one in points])
    expected = covariance[20:] @ np.linalg.solve(covariance[:20] + 0.1 * np.eye(20), targets[:20])
    np.testing.assert_allclose(mean, expected, rtol=1e-6)
    posterior = _Posterior(points, targets, np.array([False]), 30.0, 0.0, [slice(1, 13)])
    theta, step = np.array([0.3, -0.4, 0.2, -2.0]), 1e-6
    slopes = [(posterior.value(theta + d) - posterior.value(theta - d)) / 2 / step for d in step * np.eye(4)]
    np.testing.assert_allclose(posterior(theta)[1], slopes, rtol=1e-4, atol=1e-5)


def test_a_search_is_resumed(tmp_path):
    def minimized(params):
        return -score(params)

    options = {"seed": 0, "initial": [{"columns": [39, 1], "x": 0.5}]}
    whole = optimize(minimized, space(), n_iter=40, **options)
    optimize(minimized, space(), n_iter=20, checkpoint=tmp_path / "s.db", **options)
    resumed = optimize(minimized, space(), n_iter=40, checkpoint=tmp_path / "s.db", **options)
    assert [one.params for one in resumed.history] == [one.params for one in whole.history]
    assert whole.history[0].params == {"columns": (1, 39), "x": 0.5}
    assert len(load_history(tmp_path / "s.db")) == 40
    with pytest.raises(
        ValueError, match=r"was SubsetDistribution\(items=range\(0, 40\).*is SubsetDistribution\(items=range\(0, 41"
    ):
        optimize(minimized, space(41), n_iter=40, checkpoint=tmp_path / "s.db", **options)


def test_pictures_and_tables_show_the_size(tmp_path):
    result = optimize(lambda params: -score(params), space(), n_iter=30, seed=0, checkpoint=tmp_path / "s.db")
    parameters = {one.name: one for one in history_of(result).parameters}
    assert list(parameters) == ["size of columns", "x"]
    assert [one.name for one in history_of(tmp_path / "s.db").parameters] == ["size of columns", "x"]
    assert parameters["size of columns"].values.tolist() == [len(one.params["columns"]) for one in result.history]
    pytest.importorskip("optuna")
    assert set(to_optuna(result).trials[0].params) == {"size of columns", "x"}
