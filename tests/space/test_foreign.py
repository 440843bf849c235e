"""Spaces that were written for other searches."""

import pytest

from geneticsearch import ChoiceDistribution, LogUniformDistribution, UniformDistribution, optimize
from geneticsearch.space._wrapped import as_distribution


def made(package, name, **attributes):
    """Return an object like that of a package, which need not be installed."""
    return type(name, (), {"__module__": f"{package}.space", **attributes})()


def optuna(name, **attributes):
    return made("optuna", name, **{"log": False, "step": None, **attributes})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (optuna("FloatDistribution", low=0.5, high=2.0), UniformDistribution(0.5, 2.0)),
        (optuna("FloatDistribution", low=0.5, high=2.0, log=True), LogUniformDistribution(0.5, 2.0)),
        (optuna("FloatDistribution", low=0.5, high=1.0, step=0.25), ChoiceDistribution([0.5, 0.75, 1.0])),
        (optuna("IntDistribution", low=1, high=9, step=1), UniformDistribution(1, 9, q=1)),
        (optuna("IntDistribution", low=1, high=9, step=1, log=True), LogUniformDistribution(1, 9, q=1)),
        (optuna("IntDistribution", low=1, high=8, step=3), ChoiceDistribution([1, 4, 7])),
        (optuna("IntDistribution", low=4, high=4, step=1), ChoiceDistribution([4])),
        (optuna("CategoricalDistribution", choices=("a", None)), ChoiceDistribution(["a", None])),
        (made("skopt", "Real", low=0.1, high=1.0, prior="log-uniform"), LogUniformDistribution(0.1, 1.0)),
        (made("skopt", "Integer", low=1, high=5, prior="uniform"), UniformDistribution(1, 5, q=1)),
        (made("skopt", "Categorical", categories=("a", "b")), ChoiceDistribution(["a", "b"])),
        (
            made("sklearn_genetic", "Continuous", lower=0.1, upper=1.0, distribution="log-uniform", rvs=None),
            LogUniformDistribution(0.1, 1.0),
        ),
        (
            made("sklearn_genetic", "Categorical", choices=["a", "b"], priors=[0.1, 0.9]),
            ChoiceDistribution(["a", "b"], [0.1, 0.9]),
        ),
        (made("mine", "FloatDistribution", low=0.5, high=2.0), None),
        (made("optuna", "Study"), None),
    ],
)
def test_distributions_of_other_packages_are_understood(value, expected):
    assert as_distribution(value) == expected


def test_distributions_of_optuna_make_a_space():
    distributions = pytest.importorskip("optuna.distributions")
    space = {
        "x": distributions.FloatDistribution(0.01, 1.0, log=True),
        "n": distributions.IntDistribution(1, 9, step=2),
        "kind": distributions.CategoricalDistribution(["a", "b"]),
    }
    result = optimize(lambda params: params["x"] + params["n"] + (params["kind"] == "a"), space, n_iter=30, seed=0)
    assert result.best_params["n"] == 1
    assert result.best_params["kind"] == "b"
    assert {one.params["n"] for one in result.history} == {1, 3, 5, 7, 9}
