"""The evolution of embryos: what they are bred from, and that it maximises."""

import numpy as np
import pytest

from geneticsearch import LogUniformDistribution, SequenceDistribution, UniformDistribution
from geneticsearch.evolution._embryos import Embryos, _couples, breed, evolve
from geneticsearch.evolution._operators import rank_selection_table
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
    return Embryos(genes, space.active(genes), np.stack([np.arange(n) + 100, np.full(n, -1)], axis=1))


@each_space
def test_children_are_snapped_and_descend_from_their_parents(spec):
    space = Space(spec)
    parents = make_parents(space)
    before = parents.genes.copy()
    children = breed(parents, parents, 200, 0.1, space, np.random.default_rng(1))
    assert len(children) == 200
    np.testing.assert_array_equal(children.genes, space.snap(children.genes))
    np.testing.assert_array_equal(children.active, space.active(children.genes))
    assert ((children.genes >= 0) & (children.genes <= 1)).all()
    assert set(children.ancestors[:, 0]) <= set(parents.ancestors[:, 0])
    np.testing.assert_array_equal(parents.genes, before)


@each_space
def test_children_of_two_have_parents_of_one_species(spec):
    space = Space(spec)
    parents = make_parents(space)
    structures = {
        number: space.structure(one) for number, one in zip(parents.ancestors[:, 0], parents.genes, strict=True)
    }
    children = breed(parents, parents, 300, 0.1, space, np.random.default_rng(1))
    couples = children.ancestors[children.ancestors[:, 1] >= 0]
    assert len(couples) > 30
    assert all(structures[mother] == structures[father] for mother, father in couples.tolist())
    if not space.has_structure:
        return
    own = [
        space.structure(one) == structures[a] for one, a in zip(children.genes, children.ancestors[:, 0], strict=True)
    ]
    assert 0.7 < np.mean(own) < 0.95  # the others come of structural mutations


def test_couples_are_selected_by_rank_within_species():
    species = np.array([0, 1, 0, 2, 1])
    mother, father = _couples(species, 20_000, np.random.default_rng(0))
    assert (species[mother] == species[father]).all()
    weights = np.diff(rank_selection_table(5), prepend=0)
    assert np.bincount(mother, minlength=5) / 20_000 == pytest.approx(weights, abs=0.015)
    of_first = np.bincount(father[mother == 0], minlength=5) / (mother == 0).sum()
    assert of_first[[0, 2]] == pytest.approx(weights[[0, 2]] / weights[[0, 2]].sum(), abs=0.015)


@each_space
def test_embryos_are_yielded_by_promise_and_are_nothing_asked_for(spec):
    space = Space(spec)
    parents = make_parents(space)
    asked = set(space.keys(parents.genes, parents.active))

    def acquisition(points):
        return -np.abs(points - 0.6).sum(axis=1)

    rng = np.random.default_rng(0)
    born = list(evolve(parents.genes, np.arange(12), space, acquisition, asked, rng))
    genes = np.array([one for one, _ in born])
    keys = space.keys(genes, space.active(genes))
    assert len(set(keys)) == len(keys)
    assert not asked & set(keys)
    promise = acquisition(space.phenotype(genes, space.active(genes)))
    assert (np.diff(promise) <= 0).all()
    assert all(ancestor in range(-1, 12) for _, both in born for ancestor in both)


def test_evolution_maximises_better_than_as_many_random_draws():
    space = Space({f"x{i}": UniformDistribution(0, 1) for i in range(6)})
    wins = 0
    for seed in range(10):
        rng = np.random.default_rng(seed)
        optimum = rng.random(6)

        def acquisition(points, optimum=optimum):
            return -((points - optimum) ** 2).sum(axis=1)

        elite = space.canonical(rng.random((20, 6)))
        elite = elite[np.argsort(-acquisition(elite))]
        genes, _ = next(evolve(elite, np.arange(20), space, acquisition, set(), rng))
        wins += acquisition(genes[np.newaxis])[0] > acquisition(rng.random((825, 6))).max()
    assert wins == 10


def test_nothing_is_yielded_where_everything_has_been_asked_for():
    space = Space({"k": ["a", "b", "c"]})
    genes = space.canonical(np.array(list(space.enumerate())))
    asked = set(space.keys(genes, space.active(genes)))
    assert not list(evolve(genes, np.arange(3), space, lambda points: points[:, 0], asked, np.random.default_rng(0)))


def test_those_who_come_to_a_species_are_modelled_on_its_best():
    space = Space(SPACES["alternatives"])
    parents = make_parents(space, n=30)
    breeds = breed(parents, parents, 400, 0.0, space, np.random.default_rng(0))
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
    embryos = evolve(
        parents.genes,
        np.arange(len(parents)),
        space,
        lambda points: points[:, 0],
        set(),
        np.random.default_rng(0),
        lambda genes: genes[0] < 0.5,
    )
    rates = [genes[0] for genes, _ in embryos]
    assert len(rates) > 100
    assert 0.45 < max(rates) < 0.5
