"""Breeding, of children and of embryos: what they are bred from, and that evolution maximizes."""

from collections import Counter

import numpy as np
import pytest

from geneticsearch import ChoiceDistribution, LogUniformDistribution, SequenceDistribution, UniformDistribution
from geneticsearch.evolution._archive import Archive, Child
from geneticsearch.evolution._breeding import (
    Genotypes,
    Rates,
    State,
    breed,
    children_of,
    couples,
    species_of,
    survivors,
)
from geneticsearch.evolution._operators import rank_selection_table
from geneticsearch.evolution._population import Population
from geneticsearch.evolution._preselection import N_CHOSEN, evolve
from geneticsearch.space import Space

SPACES = {
    "sphere": {f"x{i}": UniformDistribution(-5, 5) for i in range(4)},
    "mixture": {"x": UniformDistribution(0, 1), "n": UniformDistribution(1, 9, q=1), "k": ["a", "b", "c"]},
    "labels": {f"k{i}": list("abcd") for i in range(5)},
    "large integers": {"n": UniformDistribution(1, 10**6, q=1)},
    "net": {
        "rate": LogUniformDistribution(1e-4, 1),
        "layers": SequenceDistribution({"width": UniformDistribution(8, 64, q=8), "kind": ["relu", "tanh"]}, 1, 3),
    },
    "alternatives": [
        {"model": ["svc"], "C": LogUniformDistribution(1e-3, 1e3)},
        {"k": UniformDistribution(1, 30, q=1)},
    ],
}
each_space = pytest.mark.parametrize("spec", SPACES.values(), ids=SPACES.keys())


def make_parents(space, n=12, seed=0):
    genes = space.canonical(np.random.default_rng(seed).random((n, len(space.genes))))
    return Genotypes(genes, space.active(genes), np.stack([np.arange(n) + 100, np.full(n, -1)], axis=1))


RATES = Rates(crossover=0.5, mutation=0.5, immigrant=0.0)


def state_of(space, seed=0, rates=RATES):
    return State(space, Archive(space, False), Population(20), rates, np.random.default_rng(seed))


def bred(parents, n, scale, space, rates=RATES):
    return breed(parents, parents, n, scale, state_of(space, rates=rates))


def evolved(elite, space, acquisition, asked=(), allowed=None, seed=0):
    return evolve(elite, state_of(space, seed), acquisition, set(asked), allowed)


def structures_of(genotypes, space):
    return np.array(species_of(genotypes.genes, genotypes.active, space), dtype=object)


@each_space
def test_children_are_canonical_and_descend_from_their_parents(spec):
    space = Space(spec)
    parents = make_parents(space)
    before = parents.genes.copy()
    children = bred(parents, 200, 0.1, space)
    assert len(children) == 200
    np.testing.assert_array_equal(children.genes, space.canonical(children.genes, draws=False))
    np.testing.assert_array_equal(children.active, space.active(children.genes))
    assert ((children.genes >= 0) & (children.genes <= 1)).all()
    assert set(children.ancestors[:, 0]) <= set(parents.ancestors[:, 0])
    np.testing.assert_array_equal(parents.genes, before)


@each_space
def test_children_of_two_have_parents_of_one_species(spec):
    space = Space(spec)
    parents = make_parents(space)
    structures = structures_of(parents, space)
    children = bred(parents, 300, 0.1, space)
    mothers, fathers = (children.ancestors - 100).T
    has_two = fathers >= 0
    assert has_two.sum() > 30
    assert (structures[mothers[has_two]] == structures[fathers[has_two]]).all()
    if space.has_structure:
        own = structures_of(children, space) == structures[mothers]
        assert 0.7 < own.mean() < 0.95  # the others come of structural mutations


def test_couples_are_selected_by_rank_within_species():
    species = np.array([0, 1, 0, 2, 1])
    mother, father = couples(species, 20_000, np.random.default_rng(0))
    assert (species[mother] == species[father]).all()
    weights = np.diff(rank_selection_table(5), prepend=0)
    assert np.bincount(mother, minlength=5) / 20_000 == pytest.approx(weights, abs=0.015)
    of_first = np.bincount(father[mother == 0], minlength=5) / (mother == 0).sum()
    assert of_first[[0, 2]] == pytest.approx(weights[[0, 2]] / weights[[0, 2]].sum(), abs=0.015)


@each_space
def test_embryos_are_sorted_by_promise_and_have_not_been_asked_for(spec):
    space = Space(spec)
    parents = make_parents(space)
    asked = set(space.keys(parents.genes, parents.active))

    def acquisition(points):
        return -np.abs(points - 0.6).sum(axis=1)

    embryos = evolved(parents, space, acquisition, asked)
    keys = space.keys(embryos.genes, embryos.active)
    assert len(set(keys)) == len(keys)
    assert not asked & set(keys)
    promise = acquisition(space.phenotype(embryos.genes, embryos.active))
    assert (np.diff(promise) <= 0).all()
    assert set(embryos.ancestors.ravel()) <= {-1, *range(100, 112)}


def test_evolution_maximizes_better_than_as_many_random_draws():
    space = Space({f"x{i}": UniformDistribution(0, 1) for i in range(6)})
    wins = 0
    for seed in range(10):
        rng = np.random.default_rng(seed)
        optimum = rng.random(6)

        def acquisition(points, optimum=optimum):
            return -((points - optimum) ** 2).sum(axis=1)

        elite = space.canonical(rng.random((20, 6)))
        elite = elite[np.argsort(-acquisition(elite))]
        parents = Genotypes(elite, space.active(elite), np.zeros((20, 2), dtype=int))
        best = evolved(parents, space, acquisition, seed=seed).genes[:1]
        wins += acquisition(best)[0] > acquisition(rng.random((825, 6))).max()
    assert wins == 10


def test_no_embryo_is_left_where_everything_has_been_asked_for():
    space = Space({"k": ["a", "b", "c"]})
    genes = space.canonical(np.array(list(space.enumerate())))
    elite = Genotypes(genes, space.active(genes), np.zeros((3, 2), dtype=int))
    asked = space.keys(genes, elite.active)
    assert len(evolved(elite, space, lambda points: points[:, 0], asked)) == 0


def test_children_that_come_to_a_species_are_modeled_on_its_best():
    space = Space(SPACES["alternatives"])
    parents = make_parents(space, n=30)
    breeds = bred(parents, 400, 0.0, space)
    species = space.species(parents.genes, parents.active)
    best = {
        tuple(parents.genes[np.flatnonzero(species == one)[0], parents.active[np.flatnonzero(species == one)[0]]])
        for one in (0, 1)
    }
    came = [i for i in range(400) if (breeds.active[i] != parents.active[breeds.ancestors[i, 0] - 100]).any()]
    alike = [tuple(breeds.genes[i, breeds.active[i]]) in best for i in came]
    assert len(came) > 40
    assert 0.2 < np.mean(alike) < 0.8


def test_no_embryo_is_conceived_that_is_not_allowed():
    space = Space(SPACES["net"])
    parents = make_parents(space)
    embryos = evolved(
        parents, space, lambda points: points[:, 0], allowed=lambda genotypes: genotypes.genes[:, 0] < 0.5
    )
    assert len(embryos) == N_CHOSEN
    assert 0.45 < embryos.genes[:, 0].max() < 0.5


@each_space
def test_immigrants_are_drawn_and_have_no_ancestors(spec):
    space = Space(spec)
    children = bred(make_parents(space), 400, 0.1, space, rates=Rates(0.5, 0.5, 0.25))
    immigrants = children.ancestors[:, 0] == -1
    assert immigrants.mean() == pytest.approx(0.25, abs=0.07)
    assert (children.ancestors[immigrants] == -1).all()


def test_rates_of_breeding_are_shares_of_the_children():
    space = Space(SPACES["sphere"])
    parents = make_parents(space)

    def shares(**rates):
        children = bred(
            parents, 2000, 0.1, space, rates=Rates(**{"crossover": 0.0, "mutation": 0.0, **rates}, immigrant=0)
        )
        return (children.ancestors[:, 1] >= 0).mean()

    assert shares(crossover=0.0) == 0
    assert shares(crossover=0.5) == pytest.approx(0.5 * shares(crossover=1.0), abs=0.05)


@pytest.mark.parametrize(
    ("values", "parent"),
    [
        (ChoiceDistribution(["a", "b", "c"], [0.9, 0.05, 0.05]), "a"),
        (ChoiceDistribution([1, 2, 3, 4], [0.05, 0.8, 0.1, 0.05]), 2),
        (LogUniformDistribution(1, 1000, q=1), 2),
    ],
)
def test_a_small_mutation_leaves_a_wide_level(values, parent):
    space = Space({"k": values})
    genes = space.canonical(space.encode({"k": parent})[np.newaxis])
    children = bred(Genotypes(genes, space.active(genes), np.array([[0, -1]])), 400, 0.001, space)
    found = Counter(space.decode(row)["k"] for row in children.genes)
    assert found[parent] == 0
    assert len(found) == 2  # the neighbors, or both other labels
    assert min(found.values()) > 150


def test_a_level_at_the_end_of_its_range_is_left_by_half_of_small_mutations():
    space = Space({"k": ChoiceDistribution([1, 2, 3, 4], [0.7, 0.1, 0.1, 0.1])})
    genes = space.canonical(space.encode({"k": 1})[np.newaxis])
    children = bred(Genotypes(genes, space.active(genes), np.array([[0, -1]])), 400, 0.001, space)
    assert (children.genes == genes).mean() == pytest.approx(0.5, abs=0.1)


def test_origin_is_what_differs_from_the_ancestors():
    space = Space(SPACES["alternatives"])
    genotypes = make_parents(space, n=12)
    own = species_of(genotypes.genes, genotypes.active, space)
    archive = Archive(space, False)
    for genes, species in zip(genotypes.genes, own, strict=True):
        archive.append(Child(genes, b"", species, (), "initial"))
    state = State(space, archive, Population(3), RATES, np.random.default_rng(0))
    first = tuple([i for i in range(12) if own[i] == own[0]][:2])
    other = tuple([i for i in range(12) if own[i] != own[0]][:2])
    ancestors = np.array([(first[0], -1), first, (other[0], -1), other, (-1, -1)])
    children = children_of(Genotypes(np.tile(genotypes.genes[0], (5, 1)), genotypes.active[[0] * 5], ancestors), state)
    assert [(child.parents, child.origin) for child in children] == [
        ((first[0],), "mutation"),
        (first, "crossover"),
        ((other[0],), "structural mutation"),
        (other, "structural mutation"),
        ((), "immigrant"),
    ]


def test_children_near_failures_are_dropped():
    space = Space({"x": UniformDistribution(0, 1)})
    archive, population = Archive(space, False), Population(3)
    for number, x in enumerate(np.linspace(0, 1, 21)):
        archive.append(Child(np.array([x]), b"", b"", (), "initial"))
        population.add(number, np.nan if x > 0.5 else x, b"")
    state = State(space, archive, population, RATES, np.random.default_rng(0))
    genes = np.random.default_rng(0).random((500, 1))
    kept = survivors(Genotypes(genes, space.active(genes), np.full((500, 2), -1)), 21, state).genes
    assert kept.max() < 0.6
    assert len(kept) == pytest.approx(260, abs=40)
