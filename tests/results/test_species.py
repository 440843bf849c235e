"""The table of species."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geneticsearch import Individual
from geneticsearch.results import History, species_table


def history(*species_and_scores, maximize=True):
    individuals = [
        Individual(number, 0, species, {"x": number}, (), "initial", np.zeros(1), score)
        for number, (species, score) in enumerate(species_and_scores)
    ]
    return History([one for one in individuals if one.score is not None], maximize)


def test_table_of_species_has_the_best_one_first():
    scores = ("a", 3.0), ("b", 1.0), ("a", 2.0), ("c", math.nan), ("b", math.inf), ("a", 2.0), ("d", None)
    table = species_table(history(*scores, maximize=False))
    assert {name: column.tolist() for name, column in table.items() if name != "best_score"} == {
        "species": ["b", "a", "c"],
        "n_evaluations": [2, 3, 1],
        "n_failed": [1, 0, 1],
        "best_params": [{"x": 1}, {"x": 2}, None],
        "first": [1, 0, 3],
        "last": [4, 5, 3],
    }
    np.testing.assert_array_equal(table["best_score"], [1.0, 2.0, math.nan])


def test_table_of_species_knows_that_larger_may_be_better():
    table = species_table(history(("a", 3.0), ("b", 4.0), ("a", 5.0), ("b", -math.inf)))
    assert table["species"].tolist() == ["a", "b"]
    assert table["best_score"].tolist() == [5.0, 4.0]
    assert table["n_failed"].tolist() == [0, 1]


def test_table_of_no_individuals_is_empty():
    assert all(len(column) == 0 for column in species_table(history()).values())


@given(
    scores=st.lists(st.tuples(st.sampled_from("abc"), st.none() | st.floats()), max_size=30),
    maximize=st.booleans(),
)
def test_table_of_species_agrees_with_the_individuals(scores, maximize):
    one = history(*scores, maximize=maximize)
    scored = one.individuals
    table = species_table(one)
    assert sum(table["n_evaluations"]) == len(scored)
    assert sum(table["n_failed"]) == sum(not math.isfinite(one.score) for one in scored)
    for i, species in enumerate(table["species"]):
        numbers = [one.number for one in scored if one.species == species]
        assert (table["first"][i], table["last"][i]) == (numbers[0], numbers[-1])
        good = [one.score for one in scored if one.species == species and math.isfinite(one.score)]
        if good:
            assert table["best_score"][i] == (max if maximize else min)(good)
            assert scores[table["best_params"][i]["x"]][1] == table["best_score"][i]
