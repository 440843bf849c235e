"""How busy are workers when fits take different times?

Fits sleep for a lognormal time (sigma 1) that depends on the parameters and the fold, cv=5, 200 candidates. Utilization
is the total time of all fits divided by the number of workers times wall time. Sleeping fits let one machine simulate
many workers; threads avoid the time to start processes.
"""

import contextlib
import io
import logging
import sys
import time
import warnings

import numpy as np
from _common import installed, print_versions, spread
from joblib import parallel_config
from scipy import stats
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import RandomizedSearchCV

from geneticsearch import GeneticSearchCV, UniformDistribution

N_ITER = 200
MEDIAN_SECONDS = 0.05
slept = []


class Sleeper(ClassifierMixin, BaseEstimator):
    """Sleeps for a time that depends on its parameters and data."""

    def __init__(self, a=0.0, b=0.0):
        self.a = a
        self.b = b

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        seed = abs(hash((round(self.a, 9), round(self.b, 9), float(X[0, 0])))) % 2**32
        seconds = MEDIAN_SECONDS * np.random.default_rng(seed).lognormal(sigma=1)
        started = time.perf_counter()
        time.sleep(seconds)
        slept.append(time.perf_counter() - started)
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[0])

    def score(self, X, y=None):
        return 1 - (self.a - 0.3) ** 2 - (self.b - 0.4) ** 2


def random_search(n_jobs, seed):
    space = {name: stats.uniform(0, 1) for name in "ab"}
    return RandomizedSearchCV(Sleeper(), space, n_iter=N_ITER, n_jobs=n_jobs, random_state=seed, refit=False)


def genetic_search(n_jobs, seed, **kwargs):
    space = {name: UniformDistribution(0, 1) for name in "ab"}
    return GeneticSearchCV(Sleeper(), space, n_iter=N_ITER, n_jobs=n_jobs, random_state=seed, refit=False, **kwargs)


def genetic_search_wide(n_jobs, seed):
    return genetic_search(n_jobs, seed, window=2 * n_jobs)


def optuna_search(n_jobs, seed):
    import optuna
    from optuna_integration import OptunaSearchCV

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    space = {name: optuna.distributions.FloatDistribution(0, 1) for name in "ab"}
    return OptunaSearchCV(Sleeper(), space, n_trials=N_ITER, n_jobs=n_jobs, random_state=seed, cv=5, refit=False)


def ga_search(n_jobs, seed):
    from sklearn_genetic import GASearchCV
    from sklearn_genetic.space import Continuous

    space = {name: Continuous(0, 1) for name in "ab"}
    return GASearchCV(
        Sleeper(), cv=5, param_grid=space, population_size=20, generations=9, n_jobs=n_jobs, verbose=False, refit=False
    )


def utilization(make, n_jobs, seed):
    X = np.arange(100.0).reshape(-1, 1)
    y = np.arange(100) % 2
    slept.clear()
    search = make(n_jobs, seed)
    with contextlib.redirect_stdout(io.StringIO()), parallel_config(backend="threading", n_jobs=n_jobs):
        started = time.perf_counter()
        search.fit(X, y)
        wall = time.perf_counter() - started
    return sum(slept) / (n_jobs * wall)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    n_rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    print_versions()
    searches = {
        "RandomizedSearchCV": random_search,
        "GeneticSearchCV": genetic_search,
        "GeneticSearchCV(window=2 * workers)": genetic_search_wide,
    }
    searches |= installed({"OptunaSearchCV": optuna_search, "GASearchCV": ga_search})
    print("| workers | search | utilization, median (range) |")
    print("|---|---|---|")
    for n_jobs in (8, 16):
        for name, make in searches.items():
            shares = [utilization(make, n_jobs, seed) for seed in range(n_rounds)]
            print(f"| {n_jobs} | {name} | {spread(shares)} |", flush=True)
