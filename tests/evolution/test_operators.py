"""Selection, crossover and mutation, as functions of arrays and a generator."""

import math
from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from geneticsearch.evolution import _operators
from geneticsearch.evolution._operators import (
    crossover,
    differential_step,
    mutation,
    rank_selection_table,
    subset_crossover,
    subset_mutation,
)

seeds = st.integers(0, 2**32)
units = st.floats(0, 1)


@st.composite
def several_genes(draw, n_vectors):
    """Draw vectors of one length, which of their genes are ordered, and a generator."""
    n = draw(st.integers(1, 6))
    vectors = [draw(arrays(float, n, elements=units)) for _ in range(n_vectors)]
    return *vectors, draw(arrays(bool, n)), np.random.default_rng(draw(seeds))


def mutated_alone(genes, mutable, rate, scale, ordered, n_levels, rng):
    """Mutate a single individual, of which at least one gene changes."""
    return mutation(genes[np.newaxis], mutable[np.newaxis], np.array([True]), rate, scale, ordered, n_levels, rng)[0]


def mutated_beyond(*drawn):
    """Mutate a single individual; steps that leave the unit interval do not return."""
    with mock.patch.object(_operators, "return_to_unit", lambda genes, rng: genes):
        return mutated_alone(*drawn)


OPERATORS = {
    "crossover": (2, crossover),
    "differential step": (3, differential_step),
    "mutation": (
        1,
        lambda genes, ordered, rng: mutated_alone(
            genes, np.ones(len(genes), dtype=bool), 1.5, 0.2, ordered, np.full(len(genes), np.inf), rng
        ),
    ),
}


# What every operator keeps


@pytest.mark.parametrize(("n_vectors", "operator"), OPERATORS.values(), ids=OPERATORS.keys())
@given(st.data())
def test_children_are_new_genes_in_the_unit_interval(n_vectors, operator, data):
    *vectors, ordered, rng = data.draw(several_genes(n_vectors))
    before = [vector.copy() for vector in vectors]
    child = operator(*vectors, ordered, rng)
    assert child.shape == vectors[0].shape
    assert ((child >= 0) & (child <= 1)).all()
    assert all(not np.shares_memory(child, vector) for vector in vectors)
    assert all((vector == old).all() for vector, old in zip(vectors, before, strict=True))


@pytest.mark.parametrize(("n_vectors", "operator"), OPERATORS.values(), ids=OPERATORS.keys())
def test_generator_is_the_only_source_of_chance(n_vectors, operator):
    vectors = list(np.random.default_rng(0).random((n_vectors, 5)))
    ordered = np.array([True, False, True, False, True])
    before = np.random.get_state()[1].tolist()
    children = [operator(*vectors, ordered, np.random.default_rng(seed)).tolist() for seed in (1, 1, 2, 3, 4)]
    assert children[0] == children[1]
    assert any(children[0] != child for child in children[2:])
    assert np.random.get_state()[1].tolist() == before


# Selection


@given(st.integers(1, 300))
def test_better_ranks_are_likelier(n):
    table = rank_selection_table(n)
    shares = np.diff([0, *table])
    assert len(table) == n
    assert table[-1] == pytest.approx(1)
    assert (shares > 0).all()
    assert (np.diff(shares) < 0).all()


# Crossover


@given(several_genes(2))
def test_each_label_of_a_child_comes_from_a_parent(drawn):
    mother, father, ordered, rng = drawn
    child = crossover(mother, father, ordered, rng)
    from_parents = (child == mother) | (child == father)
    assert from_parents[~ordered].all()


@given(several_genes(2))
def test_all_genes_of_a_child_come_from_a_parent_or_all_ordered_ones_are_blended(drawn):
    mother, father, ordered, rng = drawn
    child = crossover(mother, father, ordered, rng)
    reach = 0.25 * np.abs(mother - father) + 1e-12
    assert (child >= np.minimum(mother, father) - reach).all()
    assert (child <= np.maximum(mother, father) + reach).all()


def test_crossover_blends_three_times_in_ten():
    mother, father = np.zeros(4) + 0.3, np.zeros(4) + 0.6
    rng = np.random.default_rng(0)
    children = [crossover(mother, father, np.ones(4, dtype=bool), rng) for _ in range(2000)]
    blended = [not ((child == mother) | (child == father)).all() for child in children]
    assert np.mean(blended) == pytest.approx(0.3, abs=0.03)
    reached = np.concatenate([child for child, is_blended in zip(children, blended, strict=True) if is_blended])
    assert reached.min() == pytest.approx(0.225, abs=0.005)
    assert reached.max() == pytest.approx(0.675, abs=0.005)


def test_each_parent_gives_half_of_the_genes():
    rng = np.random.default_rng(0)
    labels = np.zeros(1000, dtype=bool)
    child = crossover(np.zeros(1000), np.ones(1000), labels, rng)
    assert child.mean() == pytest.approx(0.5, abs=0.06)


# Differential step


@given(several_genes(2))
def test_difference_of_equals_moves_nothing(drawn):
    child, one, ordered, rng = drawn
    assert (differential_step(child, one, one, ordered, rng) == child).all()


@given(several_genes(3))
def test_differential_step_leaves_labels_alone(drawn):
    child, one, other, ordered, rng = drawn
    moved = differential_step(child, one, other, ordered, rng)
    assert (moved[~ordered] == child[~ordered]).all()


def test_differential_step_goes_along_the_difference():
    rng = np.random.default_rng(0)
    half, ordered = np.full(3, 0.5), np.ones(3, dtype=bool)
    difference = np.array([0.1, -0.05, 0.02])
    ratios = set()
    for _ in range(50):
        step = differential_step(half, difference, np.zeros(3), ordered, rng) - half
        factors = step[step != 0] / difference[step != 0]
        assert factors == pytest.approx(np.full(len(factors), factors[0] if len(factors) else 0))
        ratios.add(len(factors))
    assert ratios == {0, 1, 2, 3}


# Mutation


@st.composite
def mutations(draw):
    """Draw genes at the center of their cells, some of them mutable, and the arguments of a mutation."""
    n = draw(st.integers(1, 6))
    n_levels = np.array(draw(st.lists(st.sampled_from([2.0, 3.0, 10.0, math.inf]), min_size=n, max_size=n)))
    genes = draw(arrays(float, n, elements=st.floats(0.01, 0.99)))
    finite = np.isfinite(n_levels)
    cells = np.where(finite, n_levels, 1)
    genes = np.where(finite, (np.floor(genes * cells) + 0.5) / cells, genes)
    mutable = draw(arrays(bool, n))
    rate, scale = draw(st.floats(0, 6)), draw(st.floats(0.01, 0.35))
    return genes, mutable, rate, scale, draw(arrays(bool, n)), n_levels, np.random.default_rng(draw(seeds))


@given(mutations())
def test_mutation_changes_mutable_genes_and_at_least_one(drawn):
    genes, mutable, *_ = drawn
    changed = mutated_beyond(*drawn) != genes
    assert not changed[~mutable].any()
    assert changed.any() == mutable.any()


@given(mutations())
def test_mutation_moves_by_a_level_at_least_and_labels_to_the_centre_of_another_cell(drawn):
    genes, _, _, _, ordered, n_levels, _ = drawn
    mutated = mutated_beyond(*drawn)
    changed = mutated != genes
    steps = np.abs(mutated - genes)[changed & ordered]
    assert (steps >= 1 / n_levels[changed & ordered] - 1e-12).all()
    labels = changed & ~ordered & np.isfinite(n_levels)
    places = mutated[labels] * n_levels[labels] - 0.5
    assert places == pytest.approx(np.round(places))
    assert (np.abs(mutated - genes)[labels] * n_levels[labels] > 0.5).all()


def many_mutations(n, gene=0.5, rate=1.0, scale=0.05, ordered=True, n_levels=math.inf, n_genes=1):
    genes, mutable, must = np.full((n, n_genes), gene), np.ones((n, n_genes), dtype=bool), np.ones(n, dtype=bool)
    kinds = np.full(n_genes, ordered), np.full(n_genes, n_levels), np.random.default_rng(0)
    return mutation(genes, mutable, must, rate, scale, *kinds)


def test_rate_is_the_expected_number_of_changes():
    changes = (many_mutations(1000, rate=3, n_genes=10) != 0.5).sum(axis=1)
    assert changes.min() == 1
    assert changes.mean() == pytest.approx(3 + 0.7**10, abs=0.2)  # at least one changes


def test_scale_is_about_the_size_of_a_step():
    for scale in (0.02, 0.1):
        steps = np.abs(many_mutations(2000, scale=scale) - 0.5)
        assert np.median(steps) == pytest.approx(0.65 * scale, rel=0.15)


def test_one_in_ten_steps_beyond_the_unit_interval_lands_on_its_bound():
    mutated = many_mutations(500, gene=0.9, scale=0.2)
    assert 0 < (mutated == 1).mean() < 0.1
    assert not (mutated > 1).any()


def test_every_other_label_is_equally_likely():
    places = np.round(many_mutations(3000, gene=0.3, ordered=False, n_levels=5.0).ravel() * 5 - 0.5).astype(int)
    assert np.bincount(places, minlength=5)[1] == 0
    assert np.bincount(places, minlength=5)[[0, 2, 3, 4]] / 3000 == pytest.approx(0.25, abs=0.03)


def test_unordered_continuum_is_drawn_anew():
    mutated = many_mutations(1000, ordered=False, scale=0.01).ravel()
    assert np.histogram(mutated, bins=4, range=(0, 1))[0] / 1000 == pytest.approx(0.25, abs=0.05)


# Many at once


@pytest.mark.parametrize("operator", [crossover, differential_step])
def test_operators_of_many_do_to_each_what_they_do_to_one(operator):
    n = 4000
    vectors = [np.array([0.3, 0.5, 0.2]), np.array([0.6, 0.4, 0.9]), np.array([0.5, 0.5, 0.5])]
    vectors = vectors[: 2 if operator is crossover else 3]
    ordered, rng = np.array([True, True, False]), np.random.default_rng(0)
    one_by_one = np.array([operator(*vectors, ordered, rng) for _ in range(n)])
    at_once = operator(*[np.tile(vector, (n, 1)) for vector in vectors], ordered, rng)
    assert at_once.shape == one_by_one.shape
    np.testing.assert_allclose(at_once.mean(axis=0), one_by_one.mean(axis=0), atol=0.015)
    np.testing.assert_allclose(np.cov(at_once.T), np.cov(one_by_one.T), atol=0.006)


def test_mutation_spares_individuals_that_need_not_change():
    genes, must = np.full((1000, 4), 0.5), np.arange(1000) < 500
    kinds = np.ones(4, dtype=bool), np.full(4, np.inf), np.random.default_rng(0)
    changed = (mutation(genes, np.ones((1000, 4), dtype=bool), must, 0.5, 0.1, *kinds) != genes).any(axis=1)
    assert changed[must].all()
    assert changed[~must].mean() == pytest.approx(1 - (1 - 0.125) ** 4, abs=0.08)
    nothing = np.zeros((1000, 4), dtype=bool)
    assert (mutation(genes, nothing, must, 0.5, 0.1, *kinds) == genes).all()


def test_size_of_a_mutation_may_differ_between_individuals():
    genes, scale = np.full((2000, 1), 0.5), np.repeat([0.01, 0.1], 1000)
    kinds = np.ones(1, dtype=bool), np.full(1, np.inf), np.random.default_rng(0)
    ones = np.ones(2000, dtype=bool)
    steps = np.abs(mutation(genes, ones[:, np.newaxis], ones, 1.0, scale, *kinds) - 0.5).ravel()
    assert np.median(steps[:1000]) == pytest.approx(0.0065, rel=0.2)
    assert np.median(steps[1000:]) == pytest.approx(0.065, rel=0.2)


# Subsets


def some_members(n, n_items=50, size=10, seed=0):
    return np.random.default_rng(seed).permuted(np.tile(np.arange(n_items) < size, (n, 1)), axis=1)


def test_a_child_has_what_both_parents_have_and_draws_of_the_rest():
    mother, father = some_members(2000), some_members(2000, seed=1)
    child = subset_crossover(mother, father, (1, 50), np.random.default_rng(0))
    assert child[mother & father].all()
    assert not child[~(mother | father)].any()
    assert child[mother ^ father].mean() == pytest.approx(0.5, abs=0.02)


def test_mutation_adds_drops_or_swaps_a_few_items():
    members = some_members(6000)
    mutant = subset_mutation(members, np.full(6000, 0.1), (1, 50), np.random.default_rng(0))
    added, dropped = (mutant & ~members).sum(axis=1), (members & ~mutant).sum(axis=1)
    assert (added + dropped >= 1).all()
    for one, other in (added, dropped), (dropped, added):
        assert ((one > 0) & (other == 0)).mean() == pytest.approx(1 / 3, abs=0.03)
        assert (one == 1).mean() == pytest.approx(1 / 3, abs=0.05)
        assert one[one > 0].mean() == pytest.approx(2, abs=0.2)


@pytest.mark.parametrize("sizes", [(10, 10), (9, 12), (0, 50), (1, 10)])
def test_subsets_stay_within_their_sizes(sizes):
    rng = np.random.default_rng(0)
    members = some_members(500)
    for _ in range(20):
        members = subset_crossover(members, rng.permutation(members), sizes, rng)
        members = subset_mutation(members, np.full(500, 0.3), sizes, rng)
        assert sizes[0] <= members.sum(axis=1).min() <= members.sum(axis=1).max() <= sizes[1]


@pytest.mark.parametrize("size", [0, 50])
def test_nothing_can_be_dropped_from_nothing_nor_added_to_all(size):
    mutant = subset_mutation(some_members(500, size=size), np.full(500, 0.1), (0, 50), np.random.default_rng(0))
    assert 0 < (mutant.sum(axis=1) != size).mean() < 1
