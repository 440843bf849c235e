"""Individuals, the archive of all of them, and the ranking of the best."""

import dataclasses
import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geneticsearch import ChoiceDistribution, Individual, SequenceDistribution, UniformDistribution
from geneticsearch.evolution._archive import ORIGINS, Archive, Child
from geneticsearch.evolution._population import Population
from geneticsearch.space import Space

SPACE = Space({"x": UniformDistribution(0, 1), "layers": SequenceDistribution(ChoiceDistribution(["a", "b"]), 1, 3)})


def archive_of(n, maximize=False):
    archive = Archive(SPACE, maximize)
    rng = np.random.default_rng(0)
    asked = []
    for number in range(n):
        genes = SPACE.canonical(rng.random(len(SPACE.genes)))
        parents = tuple(range(max(0, number - number % 3), number))[:2]
        asked.append(archive.append(Child(genes, b"", b"", parents, ORIGINS[number % len(ORIGINS)])))
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
        generation=1,
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


def test_generations_are_the_depth_of_the_lineage():
    archive = Archive(SPACE, False)
    for parents in ((), (), (0,), (1, 2), (3, 0), ()):
        archive.append(Child(np.full(len(SPACE.genes), 0.5), b"", b"", parents, "initial"))
    assert [one.generation for one in archive] == [0, 0, 1, 2, 3, 0]


def test_scores_and_times_are_none_before_they_are_set():
    archive, _ = archive_of(100)
    archive.set_score(3, 0.5, 10.0, 2.0)
    archive.set_score(4, math.nan, None, None)
    assert (archive[3].score, archive[3].start, archive[3].duration) == (0.5, 10.0, 2.0)
    assert math.isnan(archive[4].score)
    assert (archive[5].score, archive[5].start, archive[5].duration) == (None, None, None)
    assert [archive.has_score(i) for i in (3, 4, 5)] == [True, True, False]


@pytest.mark.parametrize("maximize", [False, True])
def test_fitness_is_larger_for_the_better_and_nan_for_failures(maximize):
    archive, _ = archive_of(5, maximize)
    for number, score in enumerate((2.0, 1.0, math.inf, -math.inf)):
        archive.set_score(number, score, None, None)
    sign = 1 if maximize else -1
    np.testing.assert_array_equal(archive.fitness, [sign * 2.0, sign * 1.0, math.nan, math.nan, math.nan])
    assert archive.best == (0 if maximize else 1)


@given(st.permutations(range(6)))
def test_best_is_the_first_of_the_best_in_whatever_order_scores_come(order):
    archive, _ = archive_of(6)
    for number in order:
        archive.set_score(number, (3.0, 1.0, math.nan, 1.0, 2.0, 1.0)[number], None, None)
    assert archive.best == 1


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
    st.tuples(st.integers(0, 6).map(float) | st.just(math.nan), st.sampled_from([b"", b"a", b"b"])),
    min_size=1,
    max_size=40,
)


@given(st.integers(1, 8), results)
def test_parents_are_the_best_and_the_best_of_each_species(size, results):
    population = Population(size)
    for number, (fitness, species) in enumerate(results):
        population.add(number, fitness, species)
    # The reference: sort all of them, the younger before the older where they are equal.
    ranked = sorted(
        (-fitness, -number, species) for number, (fitness, species) in enumerate(results) if not math.isnan(fitness)
    )
    numbers = [-number for _, number, _ in ranked]
    firsts = {species: -number for _, number, species in reversed(ranked)}
    champions = [number for number in numbers[size:] if number in firsts.values()]
    assert population.parents() == numbers[:size] + champions
    assert population.failed == [number for number, (fitness, _) in enumerate(results) if math.isnan(fitness)]


@given(st.integers(1, 8), results)
def test_success_is_to_be_among_the_better_half_of_the_best(size, results):
    population = Population(size)
    known = []
    for number, (fitness, species) in enumerate(results):
        best = sorted(known, reverse=True)[:size]
        expected = not math.isnan(fitness) and (len(best) < size or fitness > best[(size - 1) // 2])
        assert population.add(number, fitness, species) is expected
        if not math.isnan(fitness):
            known.append(fitness)


def test_a_species_is_young_until_it_has_ten_results():
    population = Population(3)
    assert population.young_species() is None
    for number in range(20):
        population.add(number, 1.0, b"old")
    assert population.young_species() is None  # there is no other
    for number in range(20, 30):
        population.add(number, 0.0 if number == 20 else math.nan, b"new")
        assert population.young_species() == (b"new" if number < 29 else None)
