"""One contract that every distribution keeps, and what is special about each."""

import copy
import dataclasses
import itertools
import math
import pickle
import random
import time

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats
from sklearn.base import clone
from sklearn.model_selection import ParameterSampler

from geneticsearch import (
    ChoiceDistribution,
    Distribution,
    DistributionBase,
    ExponentialDistribution,
    GaussianDistribution,
    LogNormalDistribution,
    LogUniformDistribution,
    SequenceDistribution,
    UniformDistribution,
)
from geneticsearch.space import RvsDistribution, ScipyDistribution
from geneticsearch.space._distribution import MAX_TABLE
from geneticsearch.space._wrapped import as_distribution

# Genes are multiples of 2**-32; both ends are tried in any case.
genes = st.sampled_from([0.0, 2.0**-32, 1 - 2.0**-32, 1.0]) | st.integers(0, 2**32).map(lambda k: k / 2**32)


@dataclasses.dataclass(frozen=True)
class Case:
    """A distribution with its type of value, its values at genes 0 and 1, and how many there are."""

    distribution: Distribution
    kind: type
    low: float | None = None
    high: float | None = None
    n_levels: float = math.inf


NUMBERS = {
    "uniform": Case(UniformDistribution(-2, 3), float, -2, 3),
    "uniform of decimals": Case(UniformDistribution(0.1, 0.9, q=0.1), float, 0.1, 0.9, 9),
    "uniform with bounds between the steps": Case(UniformDistribution(0.5, 10.2, q=3), float, 3, 9, 3),
    "uniform of one value": Case(UniformDistribution(2, 3, q=2), int, 2, 2, 1),
    "uniform of a million integers": Case(UniformDistribution(-1, 10**6, q=1), int, -1, 10**6, 10**6 + 2),
    "log-uniform of integers": Case(LogUniformDistribution(1, 1000, q=1), int, 1, 1000, 1000),
    "log-uniform of a million integers": Case(LogUniformDistribution(1, 10**6, q=1), int, 1, 10**6, 10**6),
    "gaussian": Case(GaussianDistribution(1, 2), float),
    "gaussian tail": Case(GaussianDistribution(0, 1, low=8, high=9), float, 8, 9),
    "gaussian of integers between bounds": Case(GaussianDistribution(5, 3, q=1, low=0, high=12), int, 0, 12, 13),
    "exponential of integers": Case(ExponentialDistribution(20, q=10), int, low=0),
    "exponential between bounds": Case(ExponentialDistribution(0.5, low=1, high=2), float, 1, 2),
    "log-normal": Case(LogNormalDistribution(), float),
    "log-normal of integers between bounds": Case(LogNormalDistribution(1, 1, q=1, low=1, high=9), int, 1, 9, 9),
}


class Letters:
    """Nothing but an `rvs` method, as `RandomizedSearchCV` allows."""

    def rvs(self, random_state=None):
        return "abc"[random_state.randint(3)]


@dataclasses.dataclass(frozen=True)
class Square(Distribution):
    """A distribution of a user's own: nothing but its quantile function."""

    def ppf(self, u):
        return u * u


SCIPY = {
    "scipy norm": Case(ScipyDistribution(stats.norm(1, 2)), float),
    "scipy randint": Case(ScipyDistribution(stats.randint(2, 7)), int, 2, 6, 5),
    "scipy randint of many": Case(ScipyDistribution(stats.randint(0, 10**5)), int, 0, 10**5 - 1, 10**5),
    "scipy poisson": Case(ScipyDistribution(stats.poisson(3)), int, low=0),
    "scipy table": Case(ScipyDistribution(stats.rv_discrete(values=([1, 2, 5], [0.5, 0.2, 0.3]))), int, 1, 5, 3),
}
if hasattr(stats, "Normal"):  # the second infrastructure: scipy 1.15
    SCIPY["scipy Normal"] = Case(ScipyDistribution(stats.Normal(mu=1.0, sigma=2.0)), float)
if hasattr(stats, "Binomial"):  # and its discrete ones: scipy 1.16
    SCIPY["scipy Binomial"] = Case(ScipyDistribution(stats.Binomial(n=5, p=0.5)), int, 0, 5, 6)

CHOICES = {
    "choice of strings": Case(ChoiceDistribution(["a", "b", "c"]), str, n_levels=3),
    "choice with probabilities": Case(ChoiceDistribution([1, 2, 3, 4], [0.1, 0.2, 0.3, 0.4]), int, 1, 4, 4),
    "choice with one listed twice": Case(ChoiceDistribution(["a", "b", "a"]), str, n_levels=2),
    "choice of an array": Case(ChoiceDistribution(np.array([0.5, 1.5])), float, 0.5, 1.5, 2),
}
OWN = {"of a user's own": Case(Square(), float, 0, 1)}
DRAWN = {"rvs of strings": Case(RvsDistribution(Letters()), str)}

DISTRIBUTIONS = NUMBERS | SCIPY | CHOICES | OWN | DRAWN
ORDERED = {name: case for name, case in DISTRIBUTIONS.items() if case.kind in (int, float)}


def each(cases):
    return pytest.mark.parametrize("case", cases.values(), ids=cases.keys())


# The contract


@each(ORDERED)
@given(genes, genes)
def test_quantiles_rise_with_the_gene(case, one, other):
    low, high = sorted([one, other])
    assert case.distribution.ppf(low) <= case.distribution.ppf(high)


@each(ORDERED)
@given(genes)
def test_values_are_finite_and_between_the_bounds(case, gene):
    value = case.distribution.ppf(gene)
    assert math.isfinite(value)
    assert case.low is None or value >= case.low
    assert case.high is None or value <= case.high


@each(DISTRIBUTIONS)
@given(genes)
def test_values_are_native_and_of_one_type(case, gene):
    assert type(case.distribution.ppf(gene)) is case.kind


@each(ORDERED)
def test_bounds_are_reached_exactly_at_the_ends_of_the_gene(case):
    first, last = case.distribution.ppf(0.0), case.distribution.ppf(1.0)
    assert type(first) is type(last) is case.kind
    assert case.low is None or first == case.low
    assert case.high is None or last == case.high


@each({name: case for name, case in ORDERED.items() if not case.distribution.discrete})
@given(st.floats(1e-6, 1 - 1e-6))
def test_no_mass_is_piled_on_the_bounds(case, gene):
    value = case.distribution.ppf(gene)
    assert value != case.low
    assert value != case.high


@each({name: case for name, case in DISTRIBUTIONS.items() if name not in DRAWN})
@given(genes)
def test_cdf_finds_the_gene_of_a_value(case, gene):
    value = case.distribution.ppf(gene)
    found = case.distribution.cdf(value)
    assert type(found) is float
    assert 0 <= found <= 1
    again = case.distribution.ppf(found)
    assert again == value if case.distribution.discrete else again == pytest.approx(value, rel=1e-6, abs=1e-7)


@each(NUMBERS | SCIPY | CHOICES)
def test_cdf_refuses_what_is_no_number(case):
    for value in ("z", None, (), True, math.nan):
        with pytest.raises(ValueError, match="is not a value of"):
            case.distribution.cdf(value)


@each(ORDERED)
def test_cdf_refuses_what_lies_outside(case):
    beyond = [case.low - 1 if case.low is not None else None, case.high + 1 if case.high is not None else None]
    beyond += [0.123456] if case.distribution.discrete else []
    for value in beyond:
        if value is not None:
            with pytest.raises(ValueError, match="is not a value of"):
                case.distribution.cdf(value)


@each(NUMBERS)
def test_no_gene_is_too_near_to_the_ends(case):
    values = [case.distribution.ppf(gene) for gene in (0.0, 5e-324, 1e-300, 1e-20, 0.5, 1 - 2**-53, 1.0)]
    assert values == sorted(values)


@each(DISTRIBUTIONS)
def test_number_of_levels_is_known(case):
    assert case.distribution.n_levels == case.n_levels
    assert math.isinf(case.n_levels) or case.distribution.discrete


@each(DISTRIBUTIONS)
def test_edges_are_kept_of_small_tables_only(case):
    assert (case.distribution.edges() is None) == (case.n_levels > MAX_TABLE)


@each({name: case for name, case in DISTRIBUTIONS.items() if case.n_levels <= MAX_TABLE})
def test_edges_bound_the_cells_of_the_levels(case):
    distribution, edges = case.distribution, case.distribution.edges()
    assert edges.shape == (case.n_levels + 1,)
    assert edges[0] == 0
    assert edges[-1] == 1
    assert (np.diff(edges) > 0).all()
    centers = [distribution.ppf(float(u)) for u in (edges[1:] + edges[:-1]) / 2]
    assert len(set(centers)) == case.n_levels
    width = np.diff(edges) * 1e-6
    assert [distribution.ppf(float(u)) for u in edges[:-1] + width] == centers
    assert [distribution.ppf(float(u)) for u in edges[1:] - width] == centers


@each(NUMBERS | CHOICES | OWN)
def test_repr_is_the_code_that_makes_an_equal_one(case):
    made = eval(repr(case.distribution), {**globals(), "array": np.array})
    assert repr(made) == repr(case.distribution)
    assert isinstance(getattr(made, "choice_list", None), np.ndarray) or made == case.distribution


@each(NUMBERS)
def test_equal_distributions_have_equal_hashes(case):
    other = dataclasses.replace(case.distribution)
    assert other is not case.distribution
    assert {other, case.distribution} == {other}


def test_different_distributions_are_not_equal():
    distributions = [case.distribution for name, case in (NUMBERS | CHOICES).items() if name != "choice of an array"]
    assert all(one != other for one, other in itertools.combinations(distributions, 2))


@each(DISTRIBUTIONS)
def test_copies_have_the_same_values(case):
    if type(getattr(case.distribution, "frozen", None)).__name__ == "Normal":
        pytest.skip("scipy's own copies of a Normal lose its parameters")
    points = np.linspace(0, 1, 9).tolist()
    values = [case.distribution.ppf(u) for u in points]  # what is kept between calls travels too, or is made again
    pickled = pickle.loads(pickle.dumps(case.distribution))
    for again in (pickled, copy.deepcopy(case.distribution), clone(case.distribution, safe=False)):
        assert [again.ppf(u) for u in points] == values
        assert again.n_levels == case.n_levels


@each(DISTRIBUTIONS)
def test_distributions_cannot_be_changed(case):
    field = next(iter(dataclasses.fields(case.distribution)), None)
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(case.distribution, field.name if field else "anything", 1)


@each({name: DISTRIBUTIONS[name] for name in ("uniform", "scipy poisson", "choice of strings", "rvs of strings")})
@pytest.mark.parametrize("seed", [0, np.random.default_rng, np.random.RandomState], ids=["int", "Generator", "State"])
def test_rvs_is_reproducible(case, seed):
    draws = [case.distribution.rvs(size=8, random_state=seed(3) if callable(seed) else seed) for _ in range(2)]
    assert draws[0] == draws[1]
    assert [type(value) for value in draws[0]] == [case.kind] * 8
    assert len(set(draws[0])) > 1


@each(DISTRIBUTIONS)
def test_rvs_without_size_is_one_value(case):
    value = case.distribution.rvs(random_state=5)
    assert type(value) is case.kind
    assert value == case.distribution.rvs(size=1, random_state=5)[0]


def test_rvs_advances_a_generator():
    rng = np.random.default_rng(0)
    assert UniformDistribution(0, 1).rvs(random_state=rng) != UniformDistribution(0, 1).rvs(random_state=rng)


@each(DISTRIBUTIONS)
def test_drawing_leaves_the_global_generators_alone(case):
    before = np.random.get_state()[1].tolist(), random.getstate()
    case.distribution.rvs(size=3)
    case.distribution.rvs(size=3, random_state=0)
    case.distribution.pull_value()
    case.distribution.ppf(0.3)
    assert (np.random.get_state()[1].tolist(), random.getstate()) == before


@each(DISTRIBUTIONS)
def test_randomized_search_draws_from_the_same_spaces(case):
    draws = [list(ParameterSampler({"a": case.distribution}, 5, random_state=1)) for _ in range(2)]
    assert draws[0] == draws[1]
    assert [type(one["a"]) for one in draws[0]] == [case.kind] * 5


# Numbers


@pytest.mark.parametrize(
    ("distribution", "reference"),
    [
        (UniformDistribution(2, 5), stats.uniform(2, 3)),
        (LogUniformDistribution(1e-3, 1e2), stats.loguniform(1e-3, 1e2)),
        (GaussianDistribution(1, 2), stats.norm(1, 2)),
        (GaussianDistribution(1, 2, low=0, high=4), stats.truncnorm(-0.5, 1.5, loc=1, scale=2)),
        (GaussianDistribution(0, 1, low=6), stats.truncnorm(6, np.inf)),
        (ExponentialDistribution(2), stats.expon(scale=2)),
        (ExponentialDistribution(2, low=1), stats.expon(loc=1, scale=2)),
        (ExponentialDistribution(2, high=3), stats.truncexpon(1.5, scale=2)),
        (LogNormalDistribution(0.5, 2), stats.lognorm(2, scale=math.exp(0.5))),
    ],
    ids=repr,
)
@given(st.floats(1e-3, 1 - 1e-3))
def test_quantiles_are_those_of_scipy(distribution, reference, gene):
    assert distribution.ppf(gene) == pytest.approx(float(reference.ppf(gene)), rel=1e-7, abs=1e-9)


@pytest.mark.parametrize(
    ("distribution", "reference"),
    [
        (UniformDistribution(1, 6, q=1), lambda a, b: b - a),
        (LogUniformDistribution(1, 9, q=1), lambda a, b: math.log(b / a)),
        (GaussianDistribution(5, 3, q=1, low=0, high=12), lambda a, b: stats.norm(5, 3).cdf([a, b]) @ [-1, 1]),
        (ExponentialDistribution(4, q=1, low=2, high=9), lambda a, b: stats.expon(scale=4).cdf([a, b]) @ [-1, 1]),
        (
            LogNormalDistribution(1, 1, q=1, low=1, high=9),
            lambda a, b: stats.lognorm(1, scale=math.e).cdf([a, b]) @ [-1, 1],
        ),
    ],
    ids=lambda value: repr(value) if isinstance(value, Distribution) else "",
)
def test_each_level_has_the_mass_of_the_cell_around_it(distribution, reference):
    levels = range(distribution.ppf(0.0), distribution.ppf(1.0) + 1)
    masses = np.array([reference(k - 0.5, k + 0.5) for k in levels])
    assert np.diff(distribution.edges()) == pytest.approx(masses / masses.sum())


def test_integer_log_scale_does_not_lose_its_low_end():
    shares = np.diff(LogUniformDistribution(1, 1000, q=1).edges())
    assert shares[0] == pytest.approx(math.log(3) / math.log(2001))
    assert (np.diff(shares) < 0).all()


@pytest.mark.parametrize(
    ("distribution", "kind"),
    [
        (UniformDistribution(0, 10, q=2), int),
        (UniformDistribution(0, 10, q=2.0), float),
        (UniformDistribution(0.0, 10, q=2), float),
        (UniformDistribution(np.int64(0), np.int64(10), q=np.int64(2)), int),
        (GaussianDistribution(0.5, 1.5, q=1), int),
        (GaussianDistribution(0.5, 1.5, q=1, low=-3.0), float),
        (ExponentialDistribution(1.5, q=1), int),
        (LogNormalDistribution(0.5, 0.5, q=1, high=9), int),
    ],
    ids=repr,
)
def test_step_gives_integers_if_it_and_the_bounds_are_integers(distribution, kind):
    assert {type(distribution.ppf(u)) for u in (0.0, 0.2, 0.5, 0.9, 1.0)} == {kind}


@pytest.mark.parametrize(
    "distribution",
    [
        UniformDistribution(np.float32(0), np.float64(1)),
        LogUniformDistribution(np.float64(1), np.float64(2)),
        GaussianDistribution(np.float64(0), np.float64(1)),
        GaussianDistribution(np.float32(0), 1, low=np.float32(-1)),
        ExponentialDistribution(np.float64(1)),
        LogNormalDistribution(np.float64(0), np.float64(1)),
        GaussianDistribution(np.float64(0), np.float64(1), q=np.float64(0.5)),
    ],
    ids=repr,
)
def test_numpy_arguments_give_native_values(distribution):
    assert {type(distribution.ppf(u)) for u in (0.0, 0.3, 0.5, 1.0)} == {float}


def test_decimal_steps_have_no_rounding_noise():
    values = {UniformDistribution(0, 1, q=0.1).ppf(u) for u in np.linspace(0, 1, 200).tolist()}
    assert sorted(values) == [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]


def test_bounds_far_beyond_the_mass_are_allowed():
    distribution = GaussianDistribution(0, 1, q=1, low=-100, high=100)
    edges = distribution.edges()
    assert len({distribution.ppf(float(u)) for u in (edges[1:] + edges[:-1]) / 2}) == distribution.n_levels
    assert distribution.ppf(0.5) == 0


def test_log_scale_may_span_all_of_the_floats():
    assert LogUniformDistribution(1e-200, 1e200).ppf(0.5) == pytest.approx(1)


def test_log_scale_with_a_step_may_start_near_zero():
    distribution = LogUniformDistribution(1e-10, 10, q=1)
    assert [distribution.ppf(u) for u in (0.0, 1.0)] == [1, 10]


@pytest.mark.parametrize(
    ("distribution", "values"),
    [
        (UniformDistribution(0, 2**63 - 1, q=1), [0, 2**62, 2**63 - 1]),
        (UniformDistribution(2**60, 2**60 + 10, q=1), [2**60, 2**60 + 5, 2**60 + 10]),
        (UniformDistribution(-(2**70), 2**70, q=2**69), [-(2**70), 0, 2**70]),
        (UniformDistribution(1, np.nextafter(1, 2)), [1.0, 1.0, np.nextafter(1, 2)]),
        (LogUniformDistribution(1, 2**63 - 1, q=1), [1, 2**31, 2**63 - 1]),
    ],
    ids=repr,
)
def test_large_and_near_numbers_are_within_their_bounds(distribution, values):
    assert [distribution.ppf(u) for u in (0.0, 0.5, 1.0)] == pytest.approx(values, rel=1e-9, abs=0)
    assert [distribution.ppf(u) for u in (0.0, 1.0)] == [values[0], values[-1]]
    assert distribution.ppf(distribution.cdf(values[-1])) <= values[-1]
    with pytest.raises(ValueError, match="is not a value of"):
        distribution.cdf(values[-1] + 1)


def test_a_positive_number_is_not_zero():
    assert LogNormalDistribution(0, 1).ppf(0.0) > 0
    assert LogNormalDistribution(700, 100).ppf(1.0) < math.inf


# Choices


def test_choices_come_back_as_the_very_objects():
    listed = [None, True, 1, 1.0, "one", (1, 2), [3], {"a": 4}, object(), math.sqrt, UniformDistribution, np.zeros(2)]
    distribution = ChoiceDistribution(listed)
    assert distribution.n_levels == len(listed)
    centers = [(i + 0.5) / len(listed) for i in range(len(listed))]
    assert all(distribution.ppf(u) is one for u, one in zip(centers, listed, strict=True))
    assert all(distribution.ppf(distribution.cdf(one)) is one for one in listed)


@given(st.lists(st.floats(0.01, 1), min_size=1, max_size=6))
def test_cells_of_choices_are_as_wide_as_their_probabilities(weights):
    probabilities = [w / sum(weights) for w in weights]
    edges = ChoiceDistribution([str(i) for i in range(len(weights))], probabilities).edges()
    assert np.diff(edges) == pytest.approx(probabilities)


def test_choice_of_probability_zero_is_never_drawn():
    distribution = ChoiceDistribution(["never", "a", "b"], [0, 0.5, 0.5])
    assert distribution.n_levels == 2
    assert {distribution.ppf(u) for u in (0.0, 0.2, 0.8, 1.0)} == {"a", "b"}
    with pytest.raises(ValueError, match="'never' is not a value of"):
        distribution.cdf("never")


def test_choice_listed_twice_has_both_shares():
    distribution = ChoiceDistribution(["a", "b", "a"], [0.25, 0.5, 0.25])
    assert np.diff(distribution.edges()) == pytest.approx([0.5, 0.5])


@pytest.mark.parametrize(
    ("values", "ordered"),
    [
        ([1, 2, 3], True),
        ([3.5, 2, -1], True),
        ([1, 3, 2], False),
        ([1, 2], False),
        ([True, False], False),
        (["a", "b", "c"], False),
        ([1, 2, math.inf], False),
        ([1, 2, None], False),
        (range(4), True),
    ],
    ids=repr,
)
def test_numbers_in_order_are_a_scale(values, ordered):
    assert ChoiceDistribution(values).ordered is ordered


# Distributions of others


@pytest.mark.parametrize(
    "frozen",
    [stats.randint(2, 7), stats.binom(5, 0.3), stats.poisson(4), stats.norm(), stats.gamma(2)],
    ids=lambda frozen: frozen.dist.name,
)
@given(st.floats(0.001, 0.999))
def test_scipy_distributions_keep_their_quantiles(frozen, gene):
    assume(frozen.ppf(gene - 1e-9) == pytest.approx(frozen.ppf(gene + 1e-9), rel=1e-3))  # a step's own side is free
    assert as_distribution(frozen).ppf(gene) == pytest.approx(frozen.ppf(gene))


@pytest.mark.parametrize(
    ("frozen", "n_levels"),
    [
        (stats.zipf(2), 2**20),
        (stats.zipf(1.1), 2**20),
        (stats.logser(0.999999), 2**20),
        (stats.logser(0.5), 28),
        (stats.betabinom(10**5, 2, 3), 99_966),
    ],
    ids=["heavy tail", "without mean", "long", "short", "bounded"],
)
def test_probabilities_that_scipy_would_sum_anew_are_summed_once(frozen, n_levels):
    distribution = as_distribution(frozen)
    assert distribution.n_levels == n_levels
    values = [distribution.ppf(u) for u in (0.0, 0.3, 0.9, 1 - 2**-32, 1.0)]
    assert values == sorted(values)
    assert values[-1] - values[0] < n_levels
    assert distribution.ppf(distribution.cdf(values[2])) == values[2]
    started = time.perf_counter()
    distribution.rvs(size=1000, random_state=0)
    assert time.perf_counter() - started < 0.5  # a millisecond for each would be too long


@pytest.mark.parametrize("name", ["Normal", "Uniform", "Binomial"])
def test_second_infrastructure_of_scipy_keeps_its_quantiles(name):
    if not hasattr(stats, name):
        pytest.skip("this scipy does not have it")
    arguments = {"Normal": {"mu": 1.0, "sigma": 2.0}, "Uniform": {"a": 2.0, "b": 5.0}, "Binomial": {"n": 5, "p": 0.3}}
    frozen = getattr(stats, name)(**arguments[name])
    distribution = as_distribution(frozen)
    assert isinstance(distribution, ScipyDistribution)
    assert distribution.discrete is (name == "Binomial")
    for gene in (0.01, 0.3, 0.77):
        assert distribution.ppf(gene) == pytest.approx(float(frozen.icdf(gene)))


def test_rvs_of_a_gene_can_be_drawn_again():
    distribution = as_distribution(Letters())
    assert isinstance(distribution, RvsDistribution)
    values = [distribution.ppf(u) for u in np.linspace(0, 1, 50).tolist()]
    assert values == [distribution.ppf(u) for u in np.linspace(0, 1, 50).tolist()]
    assert set(values) == set("abc")


def test_own_distribution_needs_nothing_but_quantiles():
    assert DistributionBase is Distribution
    assert Square().cdf(0.25) == pytest.approx(0.5)
    assert Square().rvs(random_state=0) == pytest.approx(np.random.default_rng(0).uniform() ** 2)
    with pytest.raises(ValueError, match=r"4 is not a value of Square\(\)"):
        Square().cdf(4)
    with pytest.raises(TypeError, match="abstract"):
        Distribution()


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (UniformDistribution(0, 1), UniformDistribution),
        ([1, 2], ChoiceDistribution),
        ((1, 2), ChoiceDistribution),
        (range(3), ChoiceDistribution),
        (np.arange(3), ChoiceDistribution),
        (stats.norm(), ScipyDistribution),
        (stats.norm, ScipyDistribution),
        (stats.randint(1, 3), ScipyDistribution),
        (Letters(), RvsDistribution),
        ("ab", type(None)),
        (b"ab", type(None)),
        (3, type(None)),
        (None, type(None)),
        ({"a": [1]}, type(None)),
        ({1, 2}, type(None)),
        (Letters, type(None)),
        (np.float64(3), type(None)),
    ],
    ids=repr,
)
def test_values_of_each_kind_stand_for_a_distribution_or_none(value, kind):
    assert type(as_distribution(value)) is kind


# Mistakes


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: UniformDistribution("0", 1), TypeError, "`low` must be a number; got '0'."),
        (lambda: UniformDistribution(0, None), TypeError, "`high` must be a number; got None."),
        (lambda: UniformDistribution(True, 2), TypeError, "`low` must be a number; got True."),
        (lambda: UniformDistribution(0, math.inf), ValueError, "`high` must be a number that is finite; got inf."),
        (lambda: UniformDistribution(math.nan, 1), ValueError, "`low` must be a number that is finite; got nan."),
        (
            lambda: UniformDistribution(0, 10**400, q=1),
            ValueError,
            "`high` must be a number that a float can hold; got a larger one.",
        ),
        (lambda: UniformDistribution(2, 1), ValueError, "`low` must be less than `high`; got low=2, high=1."),
        (lambda: UniformDistribution(1, 1), ValueError, "`low` must be less than `high`; got low=1, high=1."),
        (
            lambda: UniformDistribution(0, 1, q=0),
            ValueError,
            "`q` must be a number that is greater than 0 or None; got 0.",
        ),
        (lambda: UniformDistribution(0, 1, q="1"), TypeError, "`q` must be a number or None; got '1'."),
        (
            lambda: UniformDistribution(1, 2, q=10),
            ValueError,
            "UniformDistribution has no value between `low` and `high`; got low=1, high=2, q=10. Widen the bounds or "
            "lower `q`.",
        ),
        (lambda: LogUniformDistribution(0, 1), ValueError, "`low` must be a number that is greater than 0; got 0."),
        (lambda: LogUniformDistribution(-1, 1), ValueError, "`low` must be a number that is greater than 0; got -1."),
        (lambda: GaussianDistribution(None, 1), TypeError, "`mean` must be a number; got None."),
        (
            lambda: GaussianDistribution(0, 0),
            ValueError,
            "`standard_deviation` must be a number that is greater than 0; got 0.",
        ),
        (
            lambda: GaussianDistribution(0, 1, low=1e3, high=1e4),
            ValueError,
            "GaussianDistribution has no mass between `low` and `high`, or none that floats can express; got "
            "GaussianDistribution(mean=0, standard_deviation=1, low=1000.0, high=10000.0). Choose other bounds "
            "or parameters.",
        ),
        (lambda: ExponentialDistribution(-1), ValueError, "`scale` must be a number that is greater than 0; got -1."),
        (
            lambda: ExponentialDistribution(1, high=-1),
            ValueError,
            "ExponentialDistribution has no value between `low` and `high`; got low=None, high=-1, q=None. Widen the "
            "bounds.",
        ),
        (lambda: LogNormalDistribution(0, "a"), TypeError, "`sigma` must be a number; got 'a'."),
        (lambda: LogNormalDistribution(math.inf), ValueError, "`mean` must be a number that is finite; got inf."),
        (
            lambda: ChoiceDistribution("ab"),
            TypeError,
            "`choice_list` must be a list, a tuple or a 1-d array; got 'ab'.",
        ),
        (
            lambda: ChoiceDistribution({1, 2}),
            TypeError,
            "`choice_list` must be a list, a tuple or a 1-d array; got {1, 2}.",
        ),
        (lambda: ChoiceDistribution([]), ValueError, "`choice_list` must hold at least one value; got []."),
        (
            lambda: ChoiceDistribution(np.eye(2)),
            ValueError,
            "`choice_list` must have one dimension; got an array of shape (2, 2).",
        ),
        (
            lambda: ChoiceDistribution([1, 2], "normal"),
            ValueError,
            "`probabilities` must be 'uniform' or a list of numbers; got 'normal'.",
        ),
        (
            lambda: ChoiceDistribution([1, 2], ["a", "b"]),
            TypeError,
            "`probabilities` must be 'uniform' or a list of numbers; got ['a', 'b'].",
        ),
        (
            lambda: ChoiceDistribution([1, 2], [1.0]),
            ValueError,
            "`probabilities` must have one number per choice; got 1 for 2 choices.",
        ),
        (
            lambda: ChoiceDistribution([1, 2], [0.5, 0.6]),
            ValueError,
            "`probabilities` must be at least 0 and sum to 1; got [0.5, 0.6].",
        ),
        (
            lambda: ChoiceDistribution([1, 2], [-0.5, 1.5]),
            ValueError,
            "`probabilities` must be at least 0 and sum to 1; got [-0.5, 1.5].",
        ),
        (
            lambda: SequenceDistribution([1], -1, 2),
            ValueError,
            "`min_length` must be an integer that is at least 0; got -1.",
        ),
        (lambda: SequenceDistribution([1], 1.0, 2), TypeError, "`min_length` must be an integer; got 1.0."),
        (
            lambda: SequenceDistribution([1], 3, 2),
            ValueError,
            "`max_length` must be an integer that is at least 3; got 2.",
        ),
        (
            lambda: SequenceDistribution([1], 0, 0),
            ValueError,
            "`max_length` must be an integer that is at least 1; got 0.",
        ),
        (
            lambda: UniformDistribution(0, 5).cdf(6),
            ValueError,
            "6 is not a value of UniformDistribution(low=0, high=5).",
        ),
    ],
)
def test_mistakes_are_told_at_once(make, error, message):
    with pytest.raises(error) as caught:
        make()
    assert str(caught.value) == message
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, AssertionError)


@pytest.mark.parametrize(
    "make",
    [
        lambda: UniformDistribution(-1e308, 1e308),
        lambda: UniformDistribution(0, 1e308, q=1e-308),
        lambda: LogUniformDistribution(1000, np.nextafter(1000, 2000)),
        lambda: LogUniformDistribution(2**60, 2**60 + 10, q=1),
        lambda: GaussianDistribution(0, 1, low=0, high=1e-17),
        lambda: GaussianDistribution(1e300, 1),
        lambda: ExponentialDistribution(5e-324, low=1),
        lambda: LogNormalDistribution(mean=1000),
        lambda: LogNormalDistribution(mean=-1000),
    ],
)
def test_what_floats_cannot_express_is_refused(make):
    with pytest.raises(ValueError, match="has no mass between `low` and `high`, or none that floats can express; got "):
        make()


def test_sequences_can_be_drawn_for_randomized_search():
    layers = SequenceDistribution({"width": UniformDistribution(8, 64, q=8), "activation": ["relu", None]}, 0, 3)
    rng = np.random.RandomState(0)
    drawn = [layers.rvs(random_state=rng) for _ in range(100)]
    assert {len(one) for one in drawn} == {0, 1, 2, 3}
    assert all(element["width"] in range(8, 65, 8) for one in drawn for element in one)
    assert {element["activation"] for one in drawn for element in one} == {"relu", None}
    assert layers.rvs(random_state=3) == layers.rvs(random_state=3)
