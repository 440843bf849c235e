"""Searches to look at: of a formula that fails in places, over a flat space and one with species."""

import numpy as np
from sklearn.base import BaseEstimator

from geneticsearch import GeneticSearchCV, LogUniformDistribution, SequenceDistribution, UniformDistribution

X = np.arange(24.0).reshape(12, 2)
y = np.arange(12) % 2
FLAT = {"a": UniformDistribution(0, 1), "b": LogUniformDistribution(1e-3, 1e3)}
STRUCTURED = [
    {"a": UniformDistribution(0, 1), "kind": ["some $ign", "_other"]},
    {"a": ["word", UniformDistribution(0, 1)], "b": SequenceDistribution(LogUniformDistribution(1e-3, 1e3), 1, 2)},
]


def loss(params):
    a = params["a"] if params["a"] != "word" else 0.9
    if a > 0.8:
        raise ValueError("no value above 0.8")
    return (a - 0.3) ** 2 + 0.01 * len(np.atleast_1d(params.get("b", ())))


class Formula(BaseEstimator):
    def __init__(self, a=0.0, b=(), kind=None):
        self.a = a
        self.b = b
        self.kind = kind

    def fit(self, X, y=None):
        self.loss_ = loss(self.get_params())
        return self

    def predict(self, X):
        return np.full(len(X), 1)

    def score(self, X, y=None):
        return -self.loss_ - np.mean(X) / 100


def search(space=STRUCTURED, **options):
    options = {"n_iter": 40, "cv": 3, "random_state": 0, "refit": False, "surrogate": None, **options}
    return GeneticSearchCV(Formula(), space, **options).fit(X, y)
