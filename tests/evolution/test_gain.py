"""What could still be gained, and when to look."""

import numpy as np
import pytest

from geneticsearch import GeneticOptimizer, SequenceDistribution, UniformDistribution
from geneticsearch.evolution import looks, possible_gain
from geneticsearch.space import Space

SPACE = Space({"a": UniformDistribution(0, 1), "b": UniformDistribution(0, 1)})


def height(genes):
    return -((genes[:, 0] - 0.3) ** 2) - 0.3 * (genes[:, 1] - 0.6) ** 2


def gain_after(n, unit=1.0, noise=np.nan, space=SPACE):
    genes = space.canonical(np.random.default_rng(1).random((n, len(space.genes))))
    return possible_gain(space, genes, unit * height(genes), np.full(n, noise * unit**2))


def test_looks_are_further_and_further_apart_whatever_comes_after():
    assert looks(19) == []
    assert looks(20) == [20]
    assert looks(100)[:9] == looks(50)[:9] == [20, 22, 25, 28, 31, 35, 39, 43, 48]


@pytest.mark.parametrize("n", [10, 30, 100])
def test_gain_bounds_what_was_missed_and_shrinks(n):
    genes = SPACE.canonical(np.random.default_rng(1).random((n, 2)))
    assert -height(genes).max() <= gain_after(n) < gain_after(5)
    assert gain_after(100) < 0.02


def test_gain_is_in_units_of_the_fitness_and_larger_for_noisy_results():
    assert gain_after(30, unit=1e6) == pytest.approx(1e6 * gain_after(30), rel=1e-3)
    assert gain_after(30, noise=0.1) > 2 * gain_after(30)


def test_gain_is_unbounded_where_results_say_nothing():
    genes = np.random.default_rng(0).random((30, 2))
    nothing = np.full(30, np.nan)
    assert possible_gain(SPACE, genes, np.ones(30), nothing) == np.inf
    assert possible_gain(SPACE, genes, nothing, nothing) == np.inf
    assert gain_after(30, space=Space({"a": SequenceDistribution(UniformDistribution(0, 1), 101, 101)})) == np.inf


def test_gain_of_an_optimizer_is_within_constraints_and_changes_nothing():
    gains = []
    for constraints in (None, lambda params: params["a"] < 0.1):
        optimizers = [
            GeneticOptimizer(SPACE, constraints=constraints, maximize=True, initial=[np.array([0.05, 0.5])], seed=0)
            for _ in range(2)
        ]
        for i in range(25):
            for optimizer in optimizers:
                one = optimizer.ask()
                optimizer.tell(one, one.params["a"] if one.params["a"] < 0.1 else 0.0)
            if i % 5 == 4:
                gains.append(optimizers[0].possible_gain(i + 1))
        assert list(optimizers[0].history) == list(optimizers[1].history)
    open_gains, closed_gains = np.split(np.array(gains), 2)
    assert np.median(closed_gains) < np.median(open_gains)
