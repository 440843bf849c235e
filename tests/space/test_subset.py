"""Some of a list of items: what users may write, and its genes."""

import math

import numpy as np
import pytest
from sklearn.model_selection import ParameterSampler

from geneticsearch import SequenceDistribution, SubsetDistribution, UniformDistribution
from geneticsearch.space import Space

LETTERS = list("abcdefg")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("abc",), "`items` must be a list, a tuple, a range or a 1-d array; got 'abc'"),
        ((3,), "`items` must be a list, a tuple, a range or a 1-d array; got 3"),
        (([],), "`items` must hold at least one item"),
        ((np.eye(2),), "`items` must have one dimension"),
        ((["a", "b", "a"],), "`items` must differ from each other; 'a' is listed twice"),
        ((LETTERS, -1), "`min_size` must be an integer that is at least 0 and at most 7; got -1"),
        ((LETTERS, 8), "`min_size` must be an integer that is at least 0 and at most 7; got 8"),
        ((LETTERS, 3, 2), "`max_size` must be an integer that is at least 3 and at most 7; got 2"),
        ((LETTERS, 0, 0), "`max_size` must be an integer that is at least 1"),
        ((LETTERS, 0, 2.5), "`max_size` must be an integer"),
    ],
)
def test_mistakes_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        SubsetDistribution(*arguments)


@pytest.mark.parametrize("random_state", [0, np.random.RandomState(0), np.random.default_rng(0), None])
def test_values_are_tuples_of_items_in_their_order(random_state):
    drawn = SubsetDistribution(np.arange(50)[::-1], 2, 5).rvs(200, random_state)
    assert {len(value) for value in drawn} == {2, 3, 4, 5}
    assert all(type(item) is int for value in drawn for item in value)
    assert all(list(value) == sorted(set(value), reverse=True) for value in drawn)


def test_every_order_of_magnitude_and_every_item_is_equally_likely():
    drawn = SubsetDistribution(range(63), 0).rvs(4000, random_state=0)
    sizes = np.array([len(value) for value in drawn])
    assert np.histogram(np.log2(sizes + 1), bins=6, range=(0, 6))[0].tolist() == pytest.approx([667] * 6, abs=80)
    counts = np.bincount([item for value in drawn for item in value], minlength=63)
    assert counts.tolist() == pytest.approx([counts.mean()] * 63, rel=0.15)


def test_scikit_learn_draws_from_it():
    (params,) = ParameterSampler({"columns": SubsetDistribution(LETTERS, 2, 3)}, 1, random_state=0)
    assert 2 <= len(params["columns"]) <= 3


@pytest.mark.parametrize("n_items", [1, 2, 31, 32, 33, 64, 1000])
def test_genes_are_few_and_stand_for_exactly_one_subset(n_items):
    space = Space({"c": SubsetDistribution(range(n_items), 0)})
    assert len(space.genes) == math.ceil(n_items / 32)
    assert space.size == 2**n_items
    for chosen in ((), (0,), tuple(range(n_items)), tuple(range(0, n_items, 3))):
        genes = space.encode({"c": chosen})
        assert space.decode(genes) == {"c": chosen}
        assert space.canonical(genes).tolist() == genes.tolist()


def test_a_list_an_array_and_any_order_stand_for_the_same_subset():
    space = Space({"c": SubsetDistribution(["x", 1, 2.0])})
    ways = [("x", 2), [2.0, "x"], np.array(["x", 2.0], dtype=object)]
    assert [space.decode(space.encode({"c": way})) for way in ways] == [{"c": ("x", 2.0)}] * 3


@pytest.mark.parametrize("value", [(), ("a", "a"), ("a", "z"), tuple("abcd"), "a", 3, None])
def test_what_is_no_subset_is_refused(value):
    with pytest.raises(ValueError, match=r"`params\['c'\]` must be a tuple of 1 to 3 different items of SubsetDist"):
        Space({"c": SubsetDistribution(LETTERS, 1, 3)}).encode({"c": value})


def test_a_finite_space_is_listed_by_size():
    space = Space({"c": SubsetDistribution(["a", "b", "c"], 1, 2)})
    listed = [space.decode(genes)["c"] for genes in space.enumerate()]
    assert listed == [("a",), ("b",), ("c",), ("a", "b"), ("a", "c"), ("b", "c")]
    assert space.size == len(listed)


def test_all_items_and_no_fewer_are_a_constant():
    space = Space({"c": SubsetDistribution(LETTERS, 7), "x": UniformDistribution(0, 1)})
    assert len(space.genes) == 1
    assert space.decode(np.array([0.5])) == {"c": tuple(LETTERS), "x": 0.5}


def test_subsets_lie_in_branches_and_in_sequences():
    columns = SubsetDistribution(range(40), 2, 4)
    space = Space({"c": ["all", columns], "s": SequenceDistribution(columns, 1, 3)})
    rng = np.random.default_rng(0)
    genes = space.canonical(space.complete(rng.random((200, len(space.genes))), rng))
    for _ in range(10):
        genes = np.array([space.structural_mutation(row, rng) for row in genes])
        decoded = [space.decode(row) for row in genes]
        assert all(one["c"] == "all" or 2 <= len(one["c"]) <= 4 for one in decoded)
        assert all(2 <= len(part) <= 4 for one in decoded for part in one["s"])
        assert {len(one["s"]) for one in decoded} == {1, 2, 3}


def test_a_dormant_subset_wakes_up_as_one():
    space = Space({"c": ["all", SubsetDistribution(range(40), 2, 4)]})
    genes = space.encode({"c": "all"})
    assert 2 <= len(space.decode(space.structural_mutation(genes, np.random.default_rng(0)))["c"]) <= 4


def test_alternatives_share_a_subset():
    columns = SubsetDistribution(range(40), 2, 4)
    alike, other = SubsetDistribution(range(40), 2, 4), SubsetDistribution([1, 2])
    space = Space([{"c": columns, "x": [1, 2]}, {"c": alike}, {"c": other}])
    assert len(space.subsets) == 2


def test_a_model_sees_one_input():
    space = Space({"x": UniformDistribution(0, 1), "c": [SubsetDistribution(range(40), 1, 5), "all"]})
    genes = np.array([space.encode({"x": 0.5, "c": c}) for c in ((0, 39), (1,), "all")])
    seen = space.phenotype(genes, space.active(genes))
    (columns,) = space.sets
    assert seen[:, : columns.start].shape == (3, 2)
    assert seen[:2, columns].nonzero()[1].tolist() == [0, 39, 1]
    assert (seen[2, columns] == 0.5).all()
