"""How much overhead does a candidate have, compared with RandomizedSearchCV and other searches?

An estimator whose fit costs nothing, four parameters, cv=5. All searches alternate for seven rounds. The ratio compares
the wall time per candidate to that of RandomizedSearchCV in the same round.
"""

import contextlib
import io
import logging
import time
import warnings

import numpy as np
from _common import Formula, installed, print_versions, spread
from scipy import stats
from sklearn.model_selection import RandomizedSearchCV

from geneticsearch import GeneticSearchCV, UniformDistribution

NAMES = "abcd"
N_ITER = 300


def random_search(n_jobs, seed):
    space = {name: stats.uniform(0, 1) for name in NAMES}
    return RandomizedSearchCV(Formula(), space, n_iter=N_ITER, n_jobs=n_jobs, random_state=seed)


def genetic_search(n_jobs, seed):
    space = {name: UniformDistribution(0, 1) for name in NAMES}
    return GeneticSearchCV(Formula(), space, n_iter=N_ITER, n_jobs=n_jobs, random_state=seed, surrogate=None)


def optuna_search(n_jobs, seed):
    import optuna
    from optuna_integration import OptunaSearchCV

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    space = {name: optuna.distributions.FloatDistribution(0, 1) for name in NAMES}
    return OptunaSearchCV(Formula(), space, n_trials=N_ITER, n_jobs=n_jobs, random_state=seed, cv=5)


def ga_search(n_jobs, seed):
    from sklearn_genetic import GASearchCV
    from sklearn_genetic.space import Continuous

    space = {name: Continuous(0, 1) for name in NAMES}
    return GASearchCV(
        Formula(), cv=5, param_grid=space, population_size=20, generations=14, n_jobs=n_jobs, verbose=False
    )


def seconds_per_candidate(make, n_jobs, seed):
    X = np.random.default_rng(0).random((100, 4))
    y = np.arange(100) % 2
    search = make(n_jobs, seed)
    with contextlib.redirect_stdout(io.StringIO()):
        started = time.perf_counter()
        search.fit(X, y)
        seconds = time.perf_counter() - started
    n_candidates = getattr(search, "n_trials_", None) or len(search.cv_results_["params"])
    return seconds / n_candidates


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    print_versions()
    searches = {"RandomizedSearchCV": random_search, "GeneticSearchCV": genetic_search}
    searches |= installed({"OptunaSearchCV": optuna_search, "GASearchCV": ga_search})
    print("| n_jobs | search | ms per candidate | ratio to RandomizedSearchCV, median (range) |")
    print("|---|---|---|---|")
    for n_jobs in (1, 2):
        for make in searches.values():
            seconds_per_candidate(make, n_jobs, seed=99)  # start workers and do late imports
        measured = {name: [] for name in searches}
        for seed in range(7):
            for name, make in searches.items():
                measured[name].append(seconds_per_candidate(make, n_jobs, seed))
        base = measured["RandomizedSearchCV"]
        for name, seconds in measured.items():
            ratios = [one / other for one, other in zip(seconds, base, strict=True)]
            print(f"| {n_jobs} | {name} | {1000 * np.median(seconds):.2f} | {spread(ratios)} |", flush=True)
