"""The user's dict and its translation to genes and structure."""

import copy
import json
import math
import pickle
from collections import Counter, UserDict, UserList

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import ParameterGrid
from sklearn.svm import SVC

from geneticsearch import (
    ChoiceDistribution,
    ExponentialDistribution,
    GaussianDistribution,
    LogNormalDistribution,
    LogUniformDistribution,
    SequenceDistribution,
    UniformDistribution,
)
from geneticsearch.space import Distribution, Space
from geneticsearch.space._wrapped import as_distribution


class Letters:
    """Nothing but an `rvs` method."""

    def rvs(self, random_state=None):
        return "abc"[random_state.randint(3)]


MODELS = [LogisticRegression(), SVC()]
WIDTH = UniformDistribution(8, 64, q=8)

FINITE = {
    "grid": {"b": [1, 2, 3], "a": ["x", "y"], "c": (None, True)},
    "grids": [{"kernel": ["linear"], "C": [1, 10]}, {"kernel": ["rbf"], "C": [1, 10], "gamma": [0.1, 1]}],
    "one grid in a list": [{"a": [1, 2]}],
    "integers": {"n": UniformDistribution(1, 4, q=1), "m": LogUniformDistribution(1, 5, q=1)},
    "probabilities": {"a": ChoiceDistribution(["x", "y", "z"], [0.7, 0.2, 0.1]), "b": [1, 2]},
    "scipy": {"n": stats.randint(1, 4), "k": stats.binom(3, 0.4), "a": [1, 2]},
    "types": {"a": [1, 1.0, True, "1", None], "b": [0, False]},
    "one listed twice": {"a": ["x", "y", "x"], "b": [1, 2]},
    "many integers": {"n": UniformDistribution(1, 5000, q=1)},
    "models": {"model": MODELS, "a": [1, 2]},
    "sequence": {"layers": SequenceDistribution([8, 16], 1, 3)},
    "sequence from none": {"layers": SequenceDistribution(["a", "b"], 0, 2), "x": [1, 2]},
    "sequence of fixed length": {"layers": SequenceDistribution(["a", "b"], 2, 2)},
    "sequence of one element": {"layers": SequenceDistribution([1, 2, 3], 1, 1)},
    "sequence of dicts": {"layers": SequenceDistribution({"width": [8, 16], "kind": ["relu", "tanh"]}, 1, 2)},
    "sequence of sequences": {"a": SequenceDistribution(SequenceDistribution([0, 1], 1, 2), 1, 2)},
    "branches": {
        "model": [{"kind": "tree", "depth": UniformDistribution(1, 3, q=1)}, {"kind": "forest", "n": [1]}, "mean"],
        "x": [1, 2],
    },
    "branches in a sequence": {"steps": SequenceDistribution([UniformDistribution(1, 2, q=1), None], 1, 2)},
    "only constants": {"a": 1},
}
INFINITE = {
    "continuum": {"x": UniformDistribution(-1, 1), "y": GaussianDistribution(0, 1)},
    "unbounded integers": {"n": GaussianDistribution(0, 1000, q=1), "m": ExponentialDistribution(5, q=1)},
    "mixture": {"x": LogUniformDistribution(1e-3, 1e3), "n": UniformDistribution(1, 9, q=1), "k": ["a", "b", "c"]},
    "constants": {"x": UniformDistribution(0, 1), "fixed": 3, "table": {"a": 1}, "text": "abc", "none": None},
    "others' distributions": {"x": stats.norm(), "n": stats.poisson(3), "letter": Letters()},
    "nested": {"optimizer": {"rate": LogUniformDistribution(1e-4, 1), "momentum": [0, 0.9]}, "x": [1, 2]},
    "conditional to any depth": {
        "a": [
            {"b": [{"c": UniformDistribution(0, 1)}, {"c": ["u", "v"], "d": GaussianDistribution(0, 1)}, None]},
            {"e": SequenceDistribution({"f": [UniformDistribution(0, 1), "off"]}, 0, 2)},
        ],
    },
    "alternatives": [
        {"model": ["svc"], "C": LogUniformDistribution(1e-3, 1e3)},
        {"model": ["net"], "layers": SequenceDistribution(WIDTH, 1, 3), "C": LogUniformDistribution(1e-3, 1e3)},
        {"model": ["knn"], "k": UniformDistribution(1, 9, q=1)},
    ],
}
SPACES = FINITE | INFINITE


def each(specs):
    return pytest.mark.parametrize("spec", specs.values(), ids=specs.keys())


def space_of(spec):
    return Space(spec, constants=True)


@st.composite
def genotypes(draw, space):
    """Draw genes for a space; ends and neighbors are likelier than by chance."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    genes = rng.random(len(space.genes))
    ends = rng.random(len(genes)) < draw(st.sampled_from([0, 0.3]))
    return np.where(ends, rng.integers(0, 2, len(genes)), genes)


def key(space, genes, of=None):
    """Return the key of one individual, of all its genes or of some."""
    active = space.active(genes[np.newaxis])
    return space.keys(genes[np.newaxis], active if of is None else active & of)[0]


def structure(space, genes):
    return key(space, genes, space.structural)


def mutable(space, genes):
    return np.flatnonzero(space.active(genes[np.newaxis])[0] & ~space.structural).tolist()


def typed(value):
    """Return something that is equal for equal values of one type only, and for other objects by identity."""
    if isinstance(value, dict):
        return tuple((key, typed(one)) for key, one in value.items())
    if isinstance(value, tuple):
        return tuple(typed(one) for one in value)
    return (type(value), value if isinstance(value, int | float | str | None) else id(value))


def is_space(value):
    """Return whether a value, standing in a list, has parameters of its own."""
    if isinstance(value, dict):
        listed = [option for part in value.values() if isinstance(part, list) for option in part]
        return any(is_space(part) for part in [*value.values(), *listed])
    return isinstance(value, Distribution | SequenceDistribution)


def describes(spec, value, element=False):
    """Return whether a space describes a value: the reference for decoding, written from the user's side."""
    if isinstance(spec, SequenceDistribution):
        return (
            type(value) is tuple
            and spec.min_length <= len(value) <= spec.max_length
            and all(describes(spec.element, one, element=True) for one in value)
        )
    if isinstance(spec, dict) and (element or is_space(spec)):
        return (
            type(value) is dict and list(value) == list(spec) and all(describes(spec[key], value[key]) for key in spec)
        )
    if isinstance(spec, list | tuple | ChoiceDistribution):
        options = spec.choice_list if isinstance(spec, ChoiceDistribution) else spec
        dicts_are_spaces = any(isinstance(option, dict) and is_space(option) for option in options)
        return any(
            describes(option, value, element=dicts_are_spaces)
            if is_space(option) or (dicts_are_spaces and isinstance(option, dict))
            else option is value
            for option in options
        )
    distribution = as_distribution(spec)
    if distribution is None:
        return value is spec
    if isinstance(spec, Letters):
        return value in ("a", "b", "c")
    return type(value) in (int, float) and type(value) is type(distribution.ppf(0.5)) and distribution.cdf(value) >= 0


def describes_root(spec, params):
    alternatives = spec if isinstance(spec, list) else [spec]
    return any(
        list(params) == list(one) and all(describes(one[key], params[key]) for key in one) for one in alternatives
    )


# Decoding


@each(SPACES)
@given(data=st.data())
def test_decoded_parameters_are_those_that_the_space_describes(spec, data):
    space = space_of(spec)
    genes = data.draw(genotypes(space))
    assert describes_root(spec, space.decode(genes))
    assert describes_root(spec, space.decode(space.canonical(genes)))


def alike(one, other):
    """Return whether two values are the same, numbers but for the resolution of genes."""
    if isinstance(one, dict):
        return list(one) == list(other) and all(alike(one[key], other[key]) for key in one)
    if isinstance(one, tuple):
        return len(one) == len(other) and all(alike(*pair) for pair in zip(one, other, strict=True))
    if type(one) is float:
        return type(other) is float and math.isclose(one, other, rel_tol=1e-8, abs_tol=1e-8)
    return typed(one) == typed(other)


@each(SPACES)
@given(data=st.data())
def test_encoding_is_the_inverse_of_decoding(spec, data):
    space = space_of(spec)
    params = space.decode(space.canonical(data.draw(genotypes(space))))
    if "letter" in params:
        with pytest.raises(ValueError, match=r"`params\['letter'\]` must be a value of RvsDistribution"):
            space.encode(params)
        return
    genes = space.encode(params)
    assert alike(space.decode(genes), params)
    assert (space.canonical(genes) == genes).all()
    assert (space.encode(space.decode(genes)) == genes).all()


@each(FINITE)
def test_everything_in_a_finite_space_can_be_encoded(spec):
    space = space_of(spec)
    for genes in space.enumerate():
        params = space.decode(genes)
        assert typed(space.decode(space.encode(params))) == typed(params)


def test_constants_may_be_left_out_but_not_changed():
    space = space_of({"x": UniformDistribution(0, 1), "fixed": 3})
    assert space.decode(space.encode({"x": 0.5})) == {"x": 0.5, "fixed": 3}
    assert space.decode(space.encode({"x": 0.5, "fixed": 3})) == {"x": 0.5, "fixed": 3}
    with pytest.raises(ValueError, match=r"`params\['fixed'\]` is 3 in this space; got 4"):
        space.encode({"x": 0.5, "fixed": 4})


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (
            {"model": "knn", "k": 99},
            r"`start` fits none of 3 alternatives: .*`start\['k'\]` must be a value of .*got 99",
        ),
        (
            {"model": "net", "layers": (8, 16, 24, 32), "C": 1.0},
            r"`start\['layers'\]` must be a tuple of 1 to 3 elements",
        ),
        ({"model": "svc"}, "lacks 'C'"),
        ("svc", r"`start` must be a dict of parameters; got 'svc'"),
    ],
)
def test_what_cannot_be_encoded_is_named(params, message):
    with pytest.raises(ValueError, match=message):
        space_of(INFINITE["alternatives"]).encode(params, "start")


@each(SPACES)
@given(data=st.data())
def test_canonical_genes_stay_what_they_are(spec, data):
    space = space_of(spec)
    genes = data.draw(genotypes(space))
    before = genes.copy()
    canonical = space.canonical(genes)
    assert (genes == before).all()
    assert not np.shares_memory(canonical, genes)
    assert ((canonical >= 0) & (canonical <= 1)).all()
    assert (space.canonical(canonical) == canonical).all()


@each(SPACES)
@given(data=st.data())
def test_canonical_genes_have_the_same_values(spec, data):
    space = space_of(spec)
    # Not at the ends of cells, which belong to either side.
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    genes = rng.random(len(space.genes))
    decoded, canonical = space.decode(genes), space.decode(space.canonical(genes))
    assert [*map(type, decoded.values())] == [*map(type, canonical.values())]
    if math.isfinite(space.size):
        assert typed(decoded) == typed(canonical)


@each(SPACES)
def test_canonical_works_on_many_rows_at_once(spec):
    space = space_of(spec)
    rows = np.random.default_rng(0).random((5, 3, len(space.genes)))
    one_by_one = [[space.canonical(genes) for genes in matrix] for matrix in rows]
    assert (space.canonical(rows) == np.array(one_by_one).reshape(rows.shape)).all()


@each(SPACES)
@given(data=st.data())
def test_keys_are_equal_exactly_where_the_parameters_are(spec, data):
    space = space_of(spec)
    one = space.canonical(data.draw(genotypes(space)))
    other = space.canonical(data.draw(genotypes(space)))
    few = np.random.default_rng(data.draw(st.integers(0, 2**32))).random(len(one)) < 0.3
    other = space.canonical(np.where(few, other, one))  # relatives: often equal in what counts
    assert (key(space, one) == key(space, other)) == (typed(space.decode(one)) == typed(space.decode(other)))


@each(SPACES)
@given(data=st.data())
def test_dormant_genes_change_nothing(spec, data):
    space = space_of(spec)
    genes = space.canonical(data.draw(genotypes(space)))
    active = set(mutable(space, genes))
    active |= {i for i, gene in enumerate(space.genes) if gene.structural}
    other = space.canonical(data.draw(genotypes(space)))
    changed = np.array([genes[i] if i in active else other[i] for i in range(len(genes))])
    assert typed(space.decode(changed)) == typed(space.decode(genes))
    assert key(space, changed) == key(space, genes)


@each(SPACES)
@given(data=st.data())
def test_structures_are_equal_exactly_where_their_descriptions_are(spec, data):
    space = space_of(spec)
    one, other = (space.canonical(data.draw(genotypes(space))) for _ in range(2))
    assert (structure(space, one) == structure(space, other)) == (space.describe(one) == space.describe(other))


@each(SPACES)
@given(data=st.data())
def test_individuals_of_one_structure_can_exchange_every_active_gene(spec, data):
    space = space_of(spec)
    mother, father = (space.canonical(data.draw(genotypes(space))) for _ in range(2))
    structural = np.array([gene.structural for gene in space.genes], dtype=bool)
    father = np.where(structural, mother, father)
    assert structure(space, mother) == structure(space, father)
    assert mutable(space, mother) == mutable(space, father)
    child = np.where(np.random.default_rng(data.draw(st.integers(0, 99))).random(len(mother)) < 0.5, mother, father)
    assert structure(space, child) == structure(space, mother)
    assert describes_root(spec, space.decode(child))


@each(SPACES)
def test_species_are_numbered(spec):
    space = space_of(spec)
    genes = space.canonical(np.random.default_rng(0).random((60, len(space.genes))))
    active = space.active(genes)
    assert active.shape == genes.shape
    structures = [space.describe(one) for one in genes]
    species = space.species(genes, active)
    assert len(set(zip(species.tolist(), structures, strict=True))) == len(set(structures)) == len(set(species))


@each(SPACES)
def test_phenotypes_tell_apart_what_is_different_unless_only_a_draw_is(spec):
    space = space_of(spec)
    genes = space.canonical(np.random.default_rng(0).random((60, len(space.genes))))
    active = space.active(genes)
    phenotypes = space.phenotype(genes, active)
    assert phenotypes.shape == (60, space.informative.sum())
    if space.informative.all():
        assert len({row.tobytes() for row in phenotypes}) == len(set(space.keys(genes, active)))
    dormant = np.where(active, genes, np.random.default_rng(1).random(genes.shape))
    np.testing.assert_array_equal(space.phenotype(dormant, active), phenotypes)


def test_constants_and_listed_objects_come_back():
    table, model = {"a": 1}, SVC()
    spec = {"table": table, "text": "abc", "none": None, "model": [model], "x": UniformDistribution(0, 1)}
    params = space_of(spec).decode(np.full(2, 0.5))
    assert params == {"table": {"a": 1}, "text": "abc", "none": None, "model": model, "x": 0.5}
    assert params["model"] is model
    assert params["table"] is table


def test_the_callers_dict_is_not_changed():
    spec = {"a": [{"b": [1, 2]}, None], "l": SequenceDistribution({"w": [1, 2]}, 1, 2), "x": UniformDistribution(0, 1)}
    before = copy.deepcopy(spec)
    space = space_of(spec)
    for genes in np.random.default_rng(0).random((10, len(space.genes))):
        space.decode(space.canonical(genes))["extra"] = 1
    assert spec == before


def test_inactive_parameters_do_not_exist():
    space = space_of(SPACES["alternatives"])
    rng = np.random.default_rng(0)
    seen = {tuple(space.decode(space.canonical(rng.random(len(space.genes))))) for _ in range(50)}
    assert seen == {("model", "C"), ("model", "layers", "C"), ("model", "k")}


def test_what_alternatives_have_in_common_is_one_gene():
    one = {"C": LogUniformDistribution(1, 10), "kernel": ["rbf"]}
    other = {"C": LogUniformDistribution(1, 10), "kernel": ["poly"]}
    third = {"C": LogUniformDistribution(1, 100), "kernel": ["poly"]}
    assert Counter(gene.path for gene in space_of([one, other]).genes)["C",] == 1
    assert Counter(gene.path for gene in space_of([one, other, third]).genes)["C",] == 2


def test_species_are_told_in_words():
    space = space_of(SPACES["alternatives"])
    rng = np.random.default_rng(0)
    words = {space.describe(space.canonical(rng.random(len(space.genes)))) for _ in range(200)}
    assert words == {
        "model=svc",
        "model=knn",
        "model=net, layers[1]",
        "model=net, layers[2]",
        "model=net, layers[3]",
    }
    assert space_of({"a": [1, 2]}).describe(np.array([0.5])) == "only one"


# Finite spaces


SIZES = {
    "grid": 12,
    "grids": 6,
    "one grid in a list": 2,
    "integers": 20,
    "probabilities": 6,
    "scipy": 24,
    "types": 10,
    "one listed twice": 4,
    "many integers": 5000,
    "models": 4,
    "sequence": 14,
    "sequence from none": 14,
    "sequence of fixed length": 4,
    "sequence of one element": 3,
    "sequence of dicts": 20,
    "sequence of sequences": 42,
    "branches": 10,
    "branches in a sequence": 12,
    "only constants": 1,
}


@pytest.mark.parametrize("name", FINITE)
def test_every_parameter_set_is_listed_once(name):
    space = space_of(FINITE[name])
    assert space.size == SIZES[name]
    listed = [space.canonical(genes) for genes in space.enumerate()]
    assert len(listed) == space.size
    assert len({typed(space.decode(genes)) for genes in listed}) == space.size
    assert len({key(space, genes) for genes in listed}) == space.size
    assert all(describes_root(FINITE[name], space.decode(genes)) for genes in listed)


@pytest.mark.parametrize("name", INFINITE)
def test_size_of_an_endless_space_is_infinite(name):
    assert space_of(INFINITE[name]).size == math.inf


@pytest.mark.parametrize("name", ["grid", "grids", "one grid in a list", "models"])
def test_order_of_listing_is_that_of_a_grid_search(name):
    space = space_of(FINITE[name])
    listed = [space.decode(genes) for genes in space.enumerate()]
    assert listed == list(ParameterGrid(FINITE[name]))


def test_listed_genes_are_independent_of_each_other():
    listed = list(space_of({"a": [1, 2]}).enumerate())
    assert not np.shares_memory(listed[0], listed[1])


def test_levels_out_of_reach_do_not_count():
    space = space_of({"n": GaussianDistribution(0, 1, q=1, low=-100, high=100)})
    listed = {space.decode(space.canonical(genes))["n"] for genes in space.enumerate()}
    assert len(listed) == space.size


@pytest.mark.parametrize("more", [{}, {"x": UniformDistribution(0, 1)}], ids=["finite", "with a continuum"])
def test_a_space_may_hold_more_sets_than_a_float_can_count(more):
    space = space_of({f"feature_{i}": [False, True] for i in range(1100)} | more)
    assert space.size == (math.inf if more else 2**1100)


def test_examples_of_each_alternative_are_always_the_same():
    spec = SPACES["alternatives"]
    examples = space_of(spec).examples(3)
    assert [len(one) for one in examples] == [3, 3, 3]
    assert [{one["model"] for one in group} for group in examples] == [{"svc"}, {"net"}, {"knn"}]
    assert examples == space_of(spec).examples(3)
    assert [len(one) for one in space_of(SPACES["mixture"]).examples(2)] == [2]


# Drawing at random


def leaves():
    numbers = st.sampled_from([WIDTH, LogUniformDistribution(1e-3, 1), stats.randint(1, 4), GaussianDistribution(0, 1)])
    return numbers | st.lists(st.sampled_from([1, 2.0, "a", None, (1, 2), (3,)]), min_size=1, max_size=3)


def specs(inner):
    dicts = st.dictionaries(st.sampled_from("kmn"), inner, min_size=1, max_size=2)
    options = st.lists(inner | st.sampled_from([1, "b"]), min_size=1, max_size=3)
    lengths = st.sampled_from([(0, 2), (1, 1), (2, 3)])
    return dicts | options | st.builds(lambda one, ends: SequenceDistribution(one, *ends), inner | options, lengths)


@given(st.recursive(leaves(), specs, max_leaves=6), st.integers(0, 99))
def test_draws_are_what_the_search_decodes(element, seed):
    for spec in (SequenceDistribution(element, 1, 2), ChoiceDistribution([element, "else"])):
        space = space_of({"x": spec})
        drawn = spec.rvs(random_state=seed)
        assert alike(space.decode(space.encode({"x": drawn})), {"x": drawn})
        assert len(spec.rvs(size=3, random_state=seed)) == 3


def test_dicts_of_constants_are_drawn_as_they_are():
    spec = SequenceDistribution([{"k": [1, 2]}, {"k": [3]}], 2, 2)
    assert {repr(spec.rvs(random_state=seed)) for seed in range(20)} <= {
        repr((one, other)) for one in spec.element for other in spec.element
    }


# Exact values


@pytest.mark.parametrize(
    ("spec", "value"),
    [
        (UniformDistribution(-1, 2), 0.0),
        (UniformDistribution(-1, 2), 0),
        (UniformDistribution(0, 1), 1e-300),
        (UniformDistribution(0, 2**63 - 1, q=1), 2**62 + 1),
        (LogUniformDistribution(1e-3, 1e3), 0.1),
        (LogUniformDistribution(1, 2**62, q=1), 2**61 + 12345),
        (GaussianDistribution(0, 1), 9.0),
        (GaussianDistribution(0, 1), -1e9),
        (GaussianDistribution(0, 10, q=1), 1000),
        (ExponentialDistribution(1), 40.0),
        (stats.norm(), 9.0),
        (stats.poisson(3), 100),
        (stats.gamma(2), 0.1),
    ],
    ids=repr,
)
def test_numbers_that_are_given_are_decoded_exactly(spec, value):
    space = space_of({"x": spec, "y": SequenceDistribution(spec, 2, 2)})
    params = {"x": value, "y": (value, space.decode(np.full(4, 0.5))["x"])}
    genes = space.encode(params, exact=True)
    decoded = space.decode(genes)
    assert decoded == params
    assert type(decoded["x"]) is type(space.decode(np.full(4, 0.5))["x"])
    assert (space.canonical(genes) == genes).all()
    assert (space.encode(params, exact=True) == genes).all()
    again = space_of({"x": spec, "y": SequenceDistribution(spec, 2, 2)})
    again.remember(json.loads(json.dumps(space.remembered)))
    assert again.decode(genes) == params


def test_numbers_between_two_genes_have_one_each():
    space = space_of({"x": UniformDistribution(0, 1e6)})
    values = [0.1 + i * 1e-9 for i in range(20)]
    genes = [space.encode({"x": value}, exact=True) for value in values]
    assert [space.decode(one)["x"] for one in genes] == values
    assert len({key(space, one) for one in genes}) == 20


def test_only_numbers_that_are_given_are_remembered():
    space = space_of({"x": UniformDistribution(-1, 2)})
    space.encode({"x": 0.0})
    assert space.remembered == []
    space.encode({"x": 0.5}, exact=True)
    assert space.remembered == []


# What is decoded never changes


def test_decoded_values_are_those_of_always():
    spec = {
        "u": UniformDistribution(-1, 3),
        "i": UniformDistribution(1, 100, q=1),
        "l": LogUniformDistribution(1e-4, 10),
        "li": LogUniformDistribution(1, 10_000, q=1),
        "g": GaussianDistribution(0, 2, low=-3),
        "e": ExponentialDistribution(2, q=0.5),
        "n": LogNormalDistribution(1, 0.5),
        "k": ["rbf", "linear", None],
        "s": stats.poisson(4),
        "w": SequenceDistribution([8, 16, 32], 1, 3),
        "m": [{"kind": "a", "x": UniformDistribution(0, 1)}, "mean"],
    }
    space = space_of(spec)
    rows = (np.arange(3)[:, np.newaxis] * 0.618 + np.arange(len(space.genes)) * 0.381) % 1
    decoded = [space.decode(row) for row in space.canonical(rows)]
    assert all(alike(one, other) for one, other in zip(decoded, PINNED, strict=True))
    assert [space.describe(row) for row in rows] == ["w[2], m=mean", "w[1], m=mean", "w[2], m=a"]


PINNED = [
    {
        "u": -1.0,
        "i": 39,
        "l": 0.6456542298100164,
        "li": 2,
        "g": 0.28065928570508186,
        "e": 4.5,
        "n": 2.049192420087891,
        "k": None,
        "s": 1,
        "w": (32, 8),
        "m": "mean",
    },
    {
        "u": 1.4720000000670552,
        "i": 100,
        "l": 0.007943282337022434,
        "li": 938,
        "g": -1.6881011049460657,
        "e": 1.5,
        "n": 5.219192481508603,
        "k": "rbf",
        "s": 5,
        "w": (16,),
        "m": "mean",
    },
    {
        "u": -0.05599999986588955,
        "i": 62,
        "l": 9.77237219887036,
        "li": 21,
        "g": 1.517732588882783,
        "e": 0.5,
        "n": 2.7943147349389603,
        "k": None,
        "s": 3,
        "w": (8, 16),
        "m": {"kind": "a", "x": 0.5700000000651926},
    },
]


# Structural mutation


@each(SPACES)
@given(data=st.data())
def test_structural_mutation_gives_what_the_space_describes(spec, data):
    space = space_of(spec)
    genes = space.canonical(data.draw(genotypes(space)))
    before = genes.copy()
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    mutated = space.canonical(space.structural_mutation(genes, rng))
    assert (genes == before).all()
    assert describes_root(spec, space.decode(mutated))


@pytest.mark.parametrize("name", ["grid", "mixture", "nested", "sequence of one element", "only constants"])
def test_structural_mutation_changes_nothing_where_the_structure_has_no_freedom(name):
    space = space_of(SPACES[name])
    genes = space.canonical(np.full(len(space.genes), 0.3))
    mutated = space.structural_mutation(genes, np.random.default_rng(0))
    assert mutated.tolist() == genes.tolist()
    assert mutated is not genes


@pytest.mark.parametrize("name", ["grids", "alternatives"])
@given(data=st.data())
def test_structural_mutation_takes_another_branch(name, data):
    space = space_of(SPACES[name])
    genes = space.canonical(data.draw(genotypes(space)))
    mutated = space.structural_mutation(genes, np.random.default_rng(data.draw(st.integers(0, 2**32))))
    before, after = space.decode(genes), space.decode(space.canonical(mutated))
    if "layers" in before and "layers" in after and before["layers"] != after["layers"]:
        return  # one in the sequence
    assert structure(space, mutated) != structure(space, genes) or "layers" in before
    common = (before.keys() & after.keys()) - {"model", "kernel"}
    assert all(before[key] == after[key] for key in common)


@pytest.mark.parametrize(
    ("low", "high", "element"),
    [(0, 3, list("abcdefgh")), (1, 4, WIDTH), (2, 2, WIDTH), (1, 3, {"w": WIDTH, "k": [1, 2]})],
)
@given(data=st.data())
def test_structural_mutation_inserts_removes_moves_or_swaps_elements(low, high, element, data):
    space = space_of({"layers": SequenceDistribution(element, low, high)})
    genes = space.canonical(data.draw(genotypes(space)))
    mutated = space.structural_mutation(genes, np.random.default_rng(data.draw(st.integers(0, 2**32))))
    before, after = (list(space.decode(one)["layers"]) for one in (genes, mutated))
    assert low <= len(after) <= high
    if len(after) == len(before) + 1:
        assert before in [after[:i] + after[i + 1 :] for i in range(len(after))]
    elif len(after) == len(before) - 1:
        assert after in [before[:i] + before[i + 1 :] for i in range(len(before))]
    else:
        assert len(after) == len(before)
        moved = [
            [*rest[:j], before[i], *rest[j:]]
            for i in range(len(before))
            for rest in [before[:i] + before[i + 1 :]]
            for j in range(len(before))
        ]
        swapped = [
            [before[{i: j, j: i}.get(k, k)] for k in range(len(before))] for i in range(len(before)) for j in range(i)
        ]
        assert after in moved + swapped


def test_every_kind_of_structural_mutation_happens():
    space = space_of({"layers": SequenceDistribution(UniformDistribution(0, 1), 1, 3)})
    genes = space.canonical(np.array([0.5, 0.1, 0.2, 0.3]))
    rng = np.random.default_rng(0)
    after = [space.decode(space.structural_mutation(genes, rng))["layers"] for _ in range(100)]
    assert Counter(map(len, after)).keys() == {1, 2, 3}
    assert {round(one[0], 3) for one in after if len(one) == 1} == {0.1, 0.2}
    inserted = {round(value, 3) for one in after if len(one) == 3 for value in one}
    assert inserted == {0.1, 0.2, 0.3}  # copies of a neighbor and the dormant element
    assert any(one == pytest.approx((0.2, 0.1)) for one in after)


def test_elements_that_are_moved_or_swapped_never_stay_where_they_are():
    space = space_of({"layers": SequenceDistribution(UniformDistribution(0, 1), 4, 4)})
    genes = space.canonical(np.array([0.5, 0.1, 0.2, 0.3, 0.4]))
    rng = np.random.default_rng(0)
    after = {tuple((10 * space.structural_mutation(genes, rng)[1:]).round().astype(int)) for _ in range(200)}
    assert (1, 2, 3, 4) not in after
    assert (4, 2, 3, 1) in after  # a swap
    assert (2, 3, 4, 1) in after  # a move


def test_a_removed_element_stays_dormant_and_can_come_back():
    space = space_of({"layers": SequenceDistribution(UniformDistribution(0, 1), 1, 2)})
    genes = space.canonical(np.array([0.9, 0.25, 0.75]))
    rng = np.random.default_rng(1)
    seen = set()
    for _ in range(60):
        shorter = space.structural_mutation(genes, rng)
        if len(space.decode(shorter)["layers"]) == 1:
            seen.add(tuple(sorted(shorter[1:].tolist())))
    assert len(seen) == 1
    assert seen.pop() == pytest.approx((0.25, 0.75))


# Mistakes


@pytest.mark.parametrize(
    ("spec", "error", "message"),
    [
        (
            3,
            TypeError,
            "`space` must be a dict of parameter names and what they may be, or a list of such dicts; got 3 (int).",
        ),
        (
            [{"a": [1]}, 3],
            TypeError,
            "`space` must be a dict of parameter names and what they may be, or a list of such dicts; "
            "got [{'a': [1]}, 3] (list).",
        ),
        ([], ValueError, "`space` must hold at least one dict; got []."),
        (
            {"a": 64},
            TypeError,
            "`space['a']` must be a distribution, a list of values or a frozen scipy.stats distribution; got 64. To "
            "fix a value, write `[64]`.",
        ),
        (
            {"a": "rbf"},
            TypeError,
            "`space['a']` must be a distribution, a list of values or a frozen scipy.stats distribution; got 'rbf'. To "
            "fix a value, write `['rbf']`.",
        ),
        (
            [{"a": [1]}, {"b": {"c": UniformDistribution(0, 1), "d": None}}],
            TypeError,
            "`space[1]['b']['d']` must be a distribution, a list of values or a frozen scipy.stats distribution; got "
            "None. To fix a value, write `[None]`.",
        ),
        (
            {"layers": SequenceDistribution({"width": 64}, 1, 2)},
            TypeError,
            "`space['layers'].element['width']` must be a distribution, a list of values or a frozen scipy.stats "
            "distribution; got 64. To fix a value, write `[64]`.",
        ),
        (
            {"layers": SequenceDistribution(64, 1, 2)},
            TypeError,
            "`space['layers'].element` must be a distribution, a list of values or a frozen scipy.stats distribution; "
            "got 64. To fix a value, write `[64]`.",
        ),
        (
            {"a": [{"b": UniformDistribution(0, 1), "c": 3}, None]},
            TypeError,
            "`space['a'][0]['c']` must be a distribution, a list of values or a frozen scipy.stats distribution; got 3."
            " To fix a value, write `[3]`.",
        ),
        (
            [{"a": [1]}, 3, 4].__iter__(),
            TypeError,
            "`space` must be a dict of parameter names and what they may be, or a list of such dicts; got "
            "list_iterator (list_iterator).",
        ),
        (
            {"a": {2}},
            TypeError,
            "`space['a']` must be a distribution, a list of values or a frozen scipy.stats distribution; got {2}. To "
            "choose from what it holds, write `list(...)` around it.",
        ),
        (
            {"a": {2: 3}.keys()},
            TypeError,
            "`space['a']` must be a distribution, a list of values or a frozen scipy.stats distribution; got "
            "dict_keys([2]). To choose from what it holds, write `list(...)` around it.",
        ),
        ({1: [1, 2]}, TypeError, "Parameter names in `space` must be strings; got 1."),
        ([{"a": [1]}, {2: [1]}], TypeError, "Parameter names in `space[1]` must be strings; got 2."),
        ({"a": []}, ValueError, "`space['a']`: `choice_list` must hold at least one value; got []."),
        (
            {"a": np.eye(2)},
            ValueError,
            "`space['a']`: `choice_list` must have one dimension; got an array of shape (2, 2).",
        ),
    ],
)
def test_mistakes_are_told_with_their_place(spec, error, message):
    with pytest.raises(error) as caught:
        Space(spec)
    assert str(caught.value) == message
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, AssertionError)


def test_errors_name_the_argument_that_the_user_knows():
    with pytest.raises(TypeError, match=r"^`param_distributions\['a'\]` must be a distribution"):
        Space({"a": 1}, name="param_distributions")


def test_long_values_are_not_repeated_as_advice():
    with pytest.raises(TypeError, match=r"distribution; got 'x+'\.$"):
        Space({"a": "x" * 100})


def test_a_distribution_that_was_not_called_is_no_constant():
    with pytest.raises(TypeError, match=r"`space\['x'\]` must be a distribution, .*got <class "):
        Space({"x": UniformDistribution}, constants=True)


def test_species_of_nested_dicts_are_named_by_their_fixed_values():
    options = [{"kind": ["sgd"], "momentum": UniformDistribution(0, 1)}, {"kind": ["adam"], "beta": [0.1, 0.2]}]
    space = Space({"optimizer": options})
    assert {space.describe(genes) for genes in np.random.default_rng(0).random((20, len(space.genes)))} == {
        "optimizer=sgd",
        "optimizer=adam",
    }


@pytest.mark.parametrize("constants", [False, True])
@pytest.mark.parametrize("make", [set, lambda one: {one: 2}.values(), iter, lambda one: (i for i in one)])
def test_collections_without_order_are_no_values(make, constants):
    with pytest.raises(TypeError, match=r"write `list\(\.\.\.\)` around it"):
        Space({"a": make("abc")}, constants=constants)


@pytest.mark.parametrize("constants", [False, True])
def test_distributions_of_scipy_must_be_frozen(constants):
    with pytest.raises(ValueError, match=r"`space\['C'\]`: scipy.stats.loguniform must be frozen: .* \(a, b\)"):
        Space({"C": stats.loguniform}, constants=constants)
    if hasattr(stats, "Normal"):
        with pytest.raises(TypeError, match=r"Call it with its parameters\."):
            Space({"C": stats.Normal}, constants=constants)
    assert Space({"C": stats.expon}, constants=constants).size == math.inf  # which has no parameters


@pytest.mark.parametrize(
    "spec",
    [{"C": (1e-3, 1e3)}, {"C": (1e-3, 1e3, "log-uniform")}, {"a": [1], "b": {"C": (1, 30), "D": WIDTH}}],
)
def test_a_range_of_another_library_is_warned_about(spec):
    with pytest.warns(
        UserWarning, match=r"`space\[.*'C'\]` is a choice .* write UniformDistribution\(.*, .*\)"
    ) as caught:
        Space(spec)
    assert caught[0].filename == __file__


@pytest.mark.parametrize("value", [[1, 2], (True, False), (30, 1), ("a", "b"), (1, 2, 3), (None, 1), [(1, 2), (3, 4)]])
def test_other_lists_are_not_warned_about(value):
    assert Space({"a": value}).size == len(value)


def test_spaces_of_other_libraries_are_taken():
    spec = UserList([UserDict({"a": UserList([1, 2])}), UserDict({"b": UserDict({"c": WIDTH, "d": UserList([3])})})])
    assert Space(spec).size == 10


def test_draws_of_an_object_are_the_same_in_a_copy():
    space = space_of({"letter": Letters()})
    rng = np.random.default_rng(0)
    first = space.canonical(rng.random((9, 1)))
    copied = pickle.loads(pickle.dumps(space))
    more = rng.random((9, 1))
    assert (copied.canonical(more) == space.canonical(more)).all()
    assert set(copied.canonical(more).ravel()) <= set(first.ravel())
