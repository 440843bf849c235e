"""Does the search learn to avoid failing candidates?

Logistic regression supports only some penalties with each solver: of 5 solvers x 4 penalties, 9 combinations work. This
measures the share of failing candidates among the first 25, 50 and 100 of a search, compared with random draws, with
ten seeds. The estimator refuses the same combinations as scikit-learn's, and its score is a formula, so nothing else
affects the result.
"""

import warnings

import numpy as np
from _common import print_versions, spread
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import RandomizedSearchCV

from geneticsearch import GeneticSearchCV, LogUniformDistribution

WORKS = {
    "lbfgs": {"l2", None},
    "liblinear": {"l1", "l2"},
    "newton-cg": {"l2", None},
    "sag": {"l2", None},
    "saga": {"elasticnet"},
}
SPACE = {
    "solver": list(WORKS),
    "penalty": ["l1", "l2", "elasticnet", None],
    "C": LogUniformDistribution(1e-4, 1e4),
    "tol": LogUniformDistribution(1e-6, 1e-1),
}


class Picky(ClassifierMixin, BaseEstimator):
    """Refuses combinations of solver and penalty as LogisticRegression does."""

    def __init__(self, solver="lbfgs", penalty="l2", C=1.0, tol=1e-4):
        self.solver = solver
        self.penalty = penalty
        self.C = C
        self.tol = tol

    def fit(self, X, y):
        if self.penalty not in WORKS[self.solver]:
            raise ValueError(f"{self.solver} does not support {self.penalty}")
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[0])

    def score(self, X, y=None):
        return -((np.log10(self.C) - 1) ** 2) - 0.1 * (np.log10(self.tol) + 4) ** 2


def failing_shares(search):
    X, y = np.zeros((20, 1)), np.arange(20) % 2
    failed = np.isnan(search.fit(X, y).cv_results_["mean_test_score"])
    return [100 * failed[:n].mean() for n in (25, 50, 100)]


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    print_versions()
    print("| search | % failed of 25 | % failed of 50 | % failed of 100 |")
    print("|---|---|---|---|")
    for searcher in (RandomizedSearchCV, GeneticSearchCV):
        shares = [
            failing_shares(searcher(Picky(), SPACE, n_iter=100, cv=2, random_state=seed, refit=False))
            for seed in range(10)
        ]
        print(f"| {searcher.__name__} | " + " | ".join(map(spread, zip(*shares, strict=True))) + " |", flush=True)
