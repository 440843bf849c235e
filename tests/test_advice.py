"""Advice: what is said, and what is not."""

import numpy as np
import pytest
from scipy import stats
from sklearn.base import BaseEstimator

from geneticsearch import (
    ExponentialDistribution,
    GaussianDistribution,
    GeneticSearchCV,
    LogUniformDistribution,
    SequenceDistribution,
    UniformDistribution,
    optimize,
)
from geneticsearch._advice import advise
from geneticsearch._history import History, history_of
from geneticsearch._population import Individual

X = np.arange(24.0).reshape(12, 2)
y = np.arange(12) % 2


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
    options = {"n_iter": 30, "cv": 2, "random_state": 0, **options}
    return GeneticSearchCV(Rising(sign=sign), space, **options)


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
    assert search({"a": distribution}, sign).fit(X, y).advice_ == [
        f"The best value of a, {end}, lies at the {side} edge of its range, {end}. Try {side}er ones, to about {wider}."
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
    assert (
        advice[0]
        == "The best value of the length of a, 3, lies at the high edge of its range, 3. Try higher ones, to about 4."
    )
    assert advice[1].startswith("The best value of a[0], 10, lies at the high edge")


def history(means, times=None, noise=0.0, n_folds=5, species="only one", space=None):
    rng = np.random.default_rng(0)
    folds = np.asarray(means, dtype=float)[:, np.newaxis] + rng.normal(0, 1, (len(means), n_folds)) * noise
    folds += np.linspace(-1, 1, n_folds)  # which all candidates share
    species = [species] * len(means) if isinstance(species, str) else species
    individuals = [
        Individual(i, 0, species[i], {"a": i, "b": "x"}, (), "initial", np.zeros(0), folds[i].mean())
        for i in range(len(means))
    ]
    return History(individuals, True, folds, None if times is None else np.array(times, dtype=float), space)


def test_a_faster_candidate_within_one_standard_error_is_told():
    (sentence,) = advise(history([0.5, 0.9, 0.8, 0.85], [0.1, 9.0, 2.0, 1.0]), False)
    assert sentence == (
        "Candidate 3 is within one standard error of the best (0.85 of 0.9, ± 0.35) and fits in 1 s rather than 9 s: "
        "a=3, b=x."
    )


@pytest.mark.parametrize("times", [None, [1, 1.5, 1, 1], [1e-4, 4e-3, 1e-4, 1e-4], [1, 0.1, 1, 1]])
def test_a_candidate_that_is_hardly_faster_is_not(times):
    assert advise(history([0.5, 0.9, 0.8, 0.85], times), False) == []


def test_optimism_is_that_of_the_largest_of_noisy_scores():
    n, k, noise = 200, 5, 0.1
    (sentence,) = advise(history(np.full(n, 10.0), noise=noise, n_folds=k), False)
    optimism = float(sentence.split("about ")[1].split(". ")[0])
    expected = np.random.default_rng(1).normal(0, noise / np.sqrt(k), (2000, n)).max(axis=1).mean()
    assert 0.3 * expected < optimism < 1.3 * expected
    assert sentence.endswith("Judge the result on data that the search has not seen.")


def test_there_is_no_optimism_without_noise_and_little_where_the_best_is_far_ahead():
    assert advise(history(np.linspace(0, 1, 20)), False) == []
    assert advise(history([*np.linspace(0, 1, 20), 100], noise=0.01), False) == []


def test_species_with_too_few_candidates_are_told_unless_all_was_evaluated():
    species = ["a"] * 5 + ["b"] * 2 + ["c"] * 3 + ["d"]
    one = history(np.linspace(0, 1, 11), species=species)
    assert advise(one, False) == [
        "Too few candidates to judge, less than 3 each, had: b; d. A larger `n_iter` would give them a chance."
    ]
    assert advise(one, True) == []
    many = history(np.linspace(0, 1, 8), species=list("abcdefgh"))
    assert "had: a; b; c; d; e and 3 more." in advise(many, False)[0]


def test_there_is_no_advice_if_all_failed_or_one_was_evaluated():
    assert advise(history([np.nan, np.nan]), False) == []
    assert search({"a": UniformDistribution(3, 5)}, n_iter=1).fit(X, y).advice_[-1].startswith("Too few candidates")


def test_results_of_unknown_space_get_no_advice_about_edges():
    result = optimize(lambda params: params["a"], {"a": UniformDistribution(2, 10)}, n_iter=30, seed=0)
    assert history_of(result).space is None
    assert advise(history_of(result), False) == []


def test_advice_is_printed_once_if_verbose_and_never_otherwise(capsys):
    one = search({"a": UniformDistribution(2, 10)}).fit(X, y)
    assert one.advice_
    assert capsys.readouterr() == ("", "")
    one.set_params(verbose=1).fit(X, y)
    assert capsys.readouterr().err.count(one.advice_[0]) == 1
