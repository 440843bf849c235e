"""Advice: what is said, and what is not."""

import pickle
import re
from dataclasses import replace

import estimators
import numpy as np
import pytest
from estimators import X, y
from scipy import stats
from sklearn.base import BaseEstimator

from geneticsearch import (
    ExponentialDistribution,
    GaussianDistribution,
    LogUniformDistribution,
    SequenceDistribution,
    UniformDistribution,
    optimize,
)
from geneticsearch.evolution import Individual
from geneticsearch.results import History, corrected_score, history_of
from geneticsearch.space import Space


class Rising(BaseEstimator):
    """Scores better the larger, or smaller, its parameter."""

    def __init__(self, a=0.0, sign=1):
        self.a = a
        self.sign = sign

    def fit(self, X, y=None):
        return self

    def score(self, X, y=None):
        return self.sign * float(np.sum(self.a))


def search(space, sign=1, **options):
    return estimators.search(space, Rising(sign=sign), **{"n_iter": 60, "cv": 2, **options})


@pytest.mark.parametrize(
    ("distribution", "sign", "expected"),
    [
        (UniformDistribution(2, 10), 1, ("high", 10, 12)),
        (UniformDistribution(2, 10), -1, ("low", 2, 1)),
        (UniformDistribution(-8, 0), -1, ("low", -8, -10)),
        (UniformDistribution(10, 30, q=1), 1, ("high", 30, 35)),
        (LogUniformDistribution(1, 1e4), 1, ("high", "1e+04", "1e+05")),
        (stats.loguniform(1, 1e4), -1, ("low", 1, 0.1)),
        (stats.uniform(2, 8), 1, ("high", 10, 12)),
    ],
)
def test_a_value_at_an_edge_is_told_with_where_to_look(distribution, sign, expected):
    side, end, wider = expected
    at_the_edge = {"a": type(distribution.rvs())(float(end))}
    assert search({"a": distribution}, sign, initial=at_the_edge).fit(X, y).advice_ == [
        f"The best value of a, {end}, lies at the {side} edge of its range, {end}. "
        f"Try {'higher values, up' if side == 'high' else 'lower values, down'} to about {wider}."
    ]


@pytest.mark.parametrize(
    ("distribution", "sign"),
    [
        (UniformDistribution(0, 1), 1),
        (UniformDistribution(0, 5), -1),
        (UniformDistribution(1, 50, q=1), -1),
        (GaussianDistribution(0, 1), 1),
        (ExponentialDistribution(1), 1),
        (stats.norm(), 1),
        ([1, 2, 3, 10], 1),
        ([0.5], 1),
    ],
)
def test_ends_that_can_be_natural_are_not(distribution, sign):
    assert search({"a": distribution}, sign).fit(X, y).advice_ == []


def test_the_length_of_a_sequence_and_its_elements_can_lie_at_an_edge():
    space = {"a": SequenceDistribution(UniformDistribution(2, 10), 1, 3)}
    advice = search(space, n_iter=60).fit(X, y).advice_
    assert advice[0].startswith("The best value of the length of a, 3, lies at the high edge of its range, 3.")
    assert advice[0].endswith("Try higher values, up to about 4.")
    assert re.match(r"The best value of a\[0\], \S+, lies at the high edge", advice[1])


def history(means, times=None, noise=0.0, n_folds=5, species="only one", space=None, spread=0.0, n_portfolio=0):
    rng = np.random.default_rng(0)
    folds = np.asarray(means, dtype=float)[:, np.newaxis] + rng.normal(0, 1, (len(means), n_folds)) * noise
    folds += np.linspace(-1, 1, n_folds)  # which all candidates share
    species = [species] * len(means) if isinstance(species, str) else species
    individuals = [
        Individual(i, 0, species[i], {"a": i, "b": "x"}, (), origin, np.zeros(0), folds[i].mean())
        for i, origin in enumerate(["portfolio"] * n_portfolio + ["initial"] * (len(means) - n_portfolio))
    ]
    columns = {}
    if times is not None:
        columns = {"mean_fit_time": np.array(times, dtype=float), "std_fit_time": np.full(len(means), spread)}
        columns |= {f"{of}_score_time": np.zeros(len(means)) for of in ("mean", "std")}
    return History(individuals, True, "score", folds, columns, space)


@pytest.mark.parametrize(("best", "n_later", "is_told"), [(1, 10, True), (1, 9, False), (5, 10, False)])
def test_a_portfolio_that_nothing_beats_is_told(best, n_later, is_told):
    means = np.zeros(3 + n_later)
    means[best] = 1.0
    told = [sentence for sentence in history(means, n_portfolio=3).advice if "came from the portfolio" in sentence]
    assert len(told) == is_told
    assert all(f"candidate, 1, came from the portfolio, and none of the {n_later} other" in one for one in told)


def test_a_faster_candidate_within_one_standard_error_is_told():
    (sentence,) = history([0.5, 0.9, 0.8, 0.85], [0.1, 9.0, 2.0, 1.0]).advice
    assert sentence == (
        "Candidate 3 is within one standard error of the best (0.85 of 0.9, ± 0.35) and takes 1 s rather than 9 s to "
        "fit and score: a=3, b=x. Pass refit=fastest_within(0.35) to select such a candidate."
    )


@pytest.mark.parametrize(
    "times",
    [
        None,
        [1, 1.5, 1, 1],  # not half
        [1e-4, 0.09, 1e-4, 1e-4],  # it hardly matters
        [1, 0.1, 1, 1],  # the best is the fastest
    ],
)
def test_a_candidate_that_is_hardly_faster_is_not(times):
    assert history([0.5, 0.9, 0.8, 0.85], times).advice == []


def test_speed_is_compared_beyond_the_spread_of_times_only():
    means, times = [0.5, 0.9, 0.8, 0.85], [3.0, 3.0, 1.0, 1.05]
    assert history(means, times, spread=1.1).advice == []
    (sentence,) = history(means, times, spread=0.3).advice
    assert sentence.startswith("Candidate 3 ")  # as fast as 2, as far as anybody can tell, and better
    (sentence,) = history(means, times, spread=0.01).advice
    assert sentence.startswith("Candidate 2 ")


def test_scores_of_a_faster_candidate_have_as_many_digits_as_tell_them_apart():
    (sentence,) = history([0.5, 0.912345, 0.8, 0.912344], [1, 9, 9, 1.0]).advice
    assert "(0.912344 of 0.912345, " in sentence


def test_optimism_is_that_of_the_largest_of_noisy_scores():
    n, k, noise = 200, 5, 0.1
    (sentence,) = history(np.full(n, 10.0), noise=noise, n_folds=k).advice
    optimism = float(sentence.split("about ")[1].split("; ")[0])
    expected = np.random.default_rng(1).normal(0, noise / np.sqrt(k), (2000, n)).max(axis=1).mean()
    assert 0.3 * expected < optimism < 1.3 * expected
    assert sentence.endswith("Judge the result on data that the search has not seen.")


@pytest.mark.parametrize("maximize", [True, False])
def test_corrected_score_takes_luck_away_and_knows_its_error(maximize):
    means = np.where(np.arange(60) % 2, 10.0, 12.0 if not maximize else 8.0)
    found = replace(history(means, noise=0.1), maximize=maximize)
    value, error = corrected_score(found)
    best = found.scores[found.ranking[0]]
    assert 10 < value < best if maximize else 10 > value > best
    k = found.folds.shape[1]
    assert error == pytest.approx(np.sqrt((1 / k + 1 / (k - 1)) * found.folds[1::2].var(axis=1, ddof=1).mean()))


def test_corrected_score_is_none_where_noise_is_unknown():
    assert corrected_score(history([0.1, 0.2])) is None
    assert corrected_score(replace(history([0.1, 0.2, 0.3]), folds=None)) is None


def test_there_is_no_optimism_without_noise_and_little_where_the_best_is_far_ahead():
    assert history(np.linspace(0, 1, 20)).advice == []
    assert history([*np.linspace(0, 1, 20), 100], noise=0.01).advice == []


def test_species_with_too_few_candidates_are_told_unless_all_was_evaluated():
    species = ["a"] * 5 + ["b"] * 2 + ["c"] * 3 + ["d"]
    one = history(np.linspace(0, 1, 11), species=species)
    assert one.advice == [
        "These species had fewer than 3 candidates each, too few to judge: b; d. "
        "A larger n_iter would give them a chance."
    ]
    assert replace(one, stop_reason="exhausted").advice == []
    many = history(np.linspace(0, 1, 8), species=list("abcdefgh"))
    assert "judge: a; b; c; d; e and 3 more." in many.advice[0]


def test_there_is_no_advice_if_all_failed_or_one_was_evaluated():
    assert history([np.nan, np.nan]).advice == []
    assert (
        search({"a": UniformDistribution(3, 5)}, n_iter=1)
        .fit(X, y)
        .advice_[-1]
        .startswith("These species had fewer than 3")
    )


def test_results_of_unknown_space_get_no_advice_about_edges(tmp_path):
    path = tmp_path / "search.db"
    optimize(lambda params: params["a"], {"a": UniformDistribution(2, 10)}, n_iter=30, seed=0, checkpoint=path)
    assert history_of(path).space is None
    assert history_of(path).advice == []


def test_results_of_functions_have_advice_as_well():
    space = {"a": UniformDistribution(2, 10), "b": 3}
    for maximize, side in (False, "low"), (True, "high"):
        result = optimize(lambda params: params["a"], space, n_iter=30, seed=0, maximize_fn=maximize)
        (sentence,) = result.advice
        assert f"lies at the {side} edge" in sentence


def weighted(params):
    return sum(weight * (params[name] - 0.4) ** 2 for name, weight in WEIGHTS.items()) + 0.1 * (params["kind"] == "z")


WEIGHTS = {"a": 1, "b": 0.3, "c": 0.1, "d": 0.03, "e": 0, "f": 0}
MANY = {**{name: UniformDistribution(0, 1) for name in WEIGHTS}, "kind": ["x", "y", "z"], "other": ["x", "y"]}


@pytest.mark.slow
def test_parameters_that_do_not_matter_are_told():
    found = []
    for seed in range(2):
        advice = optimize(weighted, MANY, n_iter=120, seed=seed).advice
        found += [
            sentence.split(" do")[0].replace(" and ", ", ").split(", ") for sentence in advice if "matter" in sentence
        ]
    assert {name for names in found for name in names} == {"e", "f", "other"}
    assert sum(len(names) for names in found) >= 4  # of 6


def test_the_edge_of_a_parameter_that_does_not_matter_is_not_told():
    one = drawn(200, lambda p, rng: p["a"])
    space = Space({"a": UniformDistribution(0, 1), "b": UniformDistribution(-1, 2)})
    for i, individual in enumerate(one.individuals):
        genes = space.encode(individual.params)
        one.individuals[i] = replace(individual, genes=genes)
    best = one.ranking[0]
    one.individuals[best] = replace(one.individuals[best], genes=np.array([1.0, 1.0]))
    advice = replace(one, space=space).advice
    assert [sentence.split(" not seem")[0] for sentence in advice] == ["b does"]


def drawn(n, score, seed=0, **more):
    """Return a history of candidates drawn at random."""
    rng = np.random.default_rng(seed)
    params = [{"a": rng.random(), "b": rng.random(), **{k: v(rng, i) for k, v in more.items()}} for i in range(n)]
    scores = [score(one, rng) for one in params]
    return History(
        [Individual(i, 0, "", params[i], (), "initial", np.zeros(0), scores[i]) for i in range(n)], maximize=True
    )


def unimportant(one):
    return [sentence.split(" not seem")[0] for sentence in one.advice if "not seem to matter" in sentence]


def test_of_a_parameter_that_does_not_matter_a_sentence_tells():
    assert unimportant(drawn(200, lambda p, rng: p["a"])) == ["b does"]
    both = drawn(200, lambda p, rng: p["a"], c=lambda rng, i: 10 ** rng.uniform(-5, 5))
    assert unimportant(both) == ["b and c do"]
    assert unimportant(drawn(3000, lambda p, rng: p["a"])) == ["b does"]


@pytest.mark.parametrize(
    "one",
    [
        drawn(40, lambda p, rng: p["a"]),  # too few
        drawn(100, lambda p, rng: p["a"] + 0.2 * p["b"]),  # it matters
        drawn(100, lambda p, rng: p["a"] * (p["b"] > 0.5)),
        drawn(100, lambda p, rng: rng.random()),  # no model at all
        drawn(100, lambda p, rng: 1.0),
        drawn(100, lambda p, rng: np.nan),
        drawn(100, lambda p, rng: p["a"] + p["b"], c=lambda rng, i: float(i == 7)),  # hardly tried
        drawn(100, lambda p, rng: p["a"] + p["b"], c=lambda rng, i: "x" if i % 20 else "y"),
    ],
)
def test_what_may_matter_is_not_said_not_to(one):
    assert unimportant(one) == []


def test_a_parameter_that_some_do_not_have_is_not_judged():
    one = drawn(100, lambda p, rng: p["a"] + p["b"], c=lambda rng, i: rng.random())
    for individual in one.individuals[::3]:
        del individual.params["c"]
    assert unimportant(one) == []


def test_advice_of_an_interrupted_search_and_of_none(monkeypatch):
    one = search({"a": UniformDistribution(2, 10)})
    assert not hasattr(one, "advice_")

    def stops(self, X, y=None):
        if self.a > 9.9:
            raise KeyboardInterrupt
        return float(self.a)

    monkeypatch.setattr(Rising, "score", stops)
    with pytest.raises(KeyboardInterrupt):
        one.fit(X, y)
    assert isinstance(one.advice_, list)
    monkeypatch.undo()
    one.set_params(random_state=1).fit(X, y)
    assert "lies at the high edge" in one.advice_[0]


def test_advice_is_printed_once_if_verbose_and_never_otherwise(capsys):
    one = search({"a": UniformDistribution(2, 10)}).fit(X, y)
    assert one.advice_
    assert capsys.readouterr() == ("", "")
    one.set_params(verbose=1).fit(X, y)
    assert capsys.readouterr().err.count(one.advice_[0]) == 1

    result = optimize(lambda params: params["a"], {"a": UniformDistribution(2, 10)}, n_iter=30, seed=0, verbose=True)
    assert capsys.readouterr().err.count(result.advice[0]) == 1


def test_advice_is_about_the_space_that_was_searched():
    space = {"a": UniformDistribution(2, 10)}
    one = search(space, initial={"a": 10.0}).fit(X, y)
    result = optimize(lambda params: params["a"], space, n_iter=30, seed=0, initial={"a": 2.0})
    space["a"] = UniformDistribution(100, 200)
    assert one.advice_[0].startswith("The best value of a, 10, lies at the high edge of its range, 10.")
    assert result.advice[0].startswith("The best value of a, 2, lies at the low edge of its range, 2.")
    assert pickle.loads(pickle.dumps(one)).advice_ == one.advice_
    assert pickle.loads(pickle.dumps(result)).advice == result.advice


def test_an_edge_that_noise_may_have_chosen_is_not_told():
    one = search({"a": UniformDistribution(2, 10)}, initial={"a": 10.0}, n_iter=30).fit(X, y)
    history = one._history_
    assert "lies at the high edge" in one.advice_[0]
    genes = np.array([each.genes[0] for each in history.individuals])
    # The best is better than one well inside the range by 0.001, and folds differ by much more.
    folds = genes[:, np.newaxis] - 2 + np.random.default_rng(0).normal(0, 0.5, (len(genes), 2))
    folds[genes.argmax()] = [0.5, 1.5]
    folds[np.abs(genes - 0.5).argmin()] = [1.499, 0.499]
    scores = folds.mean(axis=1)
    folds[(scores > 0.9) & (scores < 0.9985)] -= 1.0
    scores = folds.mean(axis=1)
    folds[(scores > 1.0)] -= 1.0
    individuals = [replace(each, score=float(row.mean())) for each, row in zip(history.individuals, folds, strict=True)]
    noisy = replace(history, individuals=individuals, folds=folds, columns={})
    assert noisy.best.genes[0] == 1
    assert not any("lies at the" in sentence for sentence in noisy.advice)
