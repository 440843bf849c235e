"""Individuals, the archive of all of them, and the ranking of the best."""

import dataclasses
import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geneticsearch import ChoiceDistribution, Individual, SequenceDistribution, UniformDistribution
from geneticsearch.evolution._archive import ORIGINS, Archive
from geneticsearch.evolution._population import Population
from geneticsearch.space import Space

SPACE = Space({"x": UniformDistribution(0, 1), "layers": SequenceDistribution(ChoiceDistribution(["a", "b"]), 1, 3)})


def archive_of(n, first_generation=10, later_generations=4, seed=0):
    archive = Archive(SPACE, first_generation, later_generations)
    rng = np.random.default_rng(seed)
    asked = []
    for number in range(n):
        genes = SPACE.canonical(rng.random(len(SPACE.genes)))
        parents = tuple(range(max(0, number - number % 3), number))[:2]
        asked.append(archive.append(genes, parents, ORIGINS[number % len(ORIGINS)]))
    return archive, asked


# Archive


@pytest.mark.parametrize("n", [0, 1, 64, 65, 500])
def test_archive_gives_back_what_was_appended(n):
    archive, asked = archive_of(n)
    assert len(archive) == n
    assert list(archive) == asked
    assert all((one.genes == other.genes).all() for one, other in zip(archive, asked, strict=True))


def test_individuals_say_who_they_are():
    archive, asked = archive_of(5)
    last = archive[4]
    assert last == Individual(
        number=4,
        generation=0,
        species=SPACE.describe(asked[4].genes),
        params=SPACE.decode(asked[4].genes),
        parents=(3,),
        origin=ORIGINS[4],
        genes=asked[4].genes,
    )
    assert last.score is None


def test_archive_is_a_sequence():
    archive, asked = archive_of(7)
    assert archive[-1] == asked[6]
    assert archive[2:5] == asked[2:5]
    assert archive[::-3] == asked[::-3]
    assert asked[3] in archive
    assert archive[np.int64(2)] == asked[2]
    for index in (7, -8):
        with pytest.raises(IndexError, match=rf"there are 7 individuals; got index {index}\."):
            archive[index]


def test_generations_are_counted_from_the_number():
    archive, _ = archive_of(20, first_generation=10, later_generations=4)
    assert [one.generation for one in archive] == [0] * 10 + [1] * 4 + [2] * 4 + [3] * 2


def test_scores_are_none_before_they_are_told():
    archive, _ = archive_of(100)
    archive.set_score(3, 0.5)
    archive.set_score(4, math.nan)
    assert archive[3].score == 0.5
    assert math.isnan(archive[4].score)
    assert archive[5].score is None
    assert [archive.is_told(i) for i in (3, 4, 5)] == [True, True, False]
    archive_after, _ = archive_of(100)
    for one in range(60):
        archive_after.set_score(one, float(one))
    archive_after.append(np.full(len(SPACE.genes), 0.5), (), ORIGINS[0])
    assert [archive_after.is_told(i) for i in (59, 60, 100)] == [True, False, False]


def test_genes_that_are_handed_out_do_not_lead_back_into_the_archive():
    archive, _ = archive_of(3)
    before = archive[1].genes.copy()
    archive[1].genes[:] = 0.123
    assert (archive[1].genes == before).all()


def test_individuals_are_records():
    _, asked = archive_of(1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        asked[0].score = 1.0
    scored = dataclasses.replace(asked[0], score=1.0)
    assert (scored.score, asked[0].score) == (1.0, None)
    assert pickle.loads(pickle.dumps(scored)) == scored
    assert "genes" not in repr(scored)


# Population

results = st.lists(
    st.tuples(st.integers(0, 6).map(float), st.sampled_from([(), (1,), (1, 2)])), min_size=1, max_size=40
)


@given(st.integers(1, 8), results)
def test_the_best_are_ranked_over_all_and_within_their_species(n_parents, results):
    population = Population(n_parents)
    for number, (fitness, structure) in enumerate(results):
        population.add(number, fitness, structure)
    # The reference: sort all of them, the younger before the older where they are equal.
    everyone = sorted(((-fitness, -number, structure) for number, (fitness, structure) in enumerate(results)))
    ranked = everyone[:n_parents]
    assert len(population) == len(ranked)
    for rank, (_, number, structure) in enumerate(ranked):
        assert population.parent(rank) == -number
        kin = [(fitness, one) for fitness, one, species in everyone if species == structure][:n_parents]
        assert population.kin(-number) == kin


@given(st.integers(1, 8), results)
def test_success_is_to_be_among_the_better_half_of_the_parents(n_parents, results):
    population = Population(n_parents)
    told = []
    for number, (fitness, structure) in enumerate(results):
        best = sorted(told, reverse=True)[:n_parents]
        expected = len(best) < n_parents or fitness > best[(n_parents - 1) // 2]
        assert population.add(number, fitness, structure) is expected
        told.append(fitness)


@given(results)
def test_best_score_never_worsens(results):
    population = Population(3)
    best = -math.inf
    for number, (fitness, structure) in enumerate(results):
        population.add(number, fitness, structure)
        now = results[population.parent(0)][0]
        assert now >= best
        best = now
