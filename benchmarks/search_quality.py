"""How good are the results of a search after the same number of evaluations?

Real cross-validation of scikit-learn estimators on its bundled data: plateaus, ties, conditional parameters, few
levels. Each method runs with each seed, one evaluation at a time or with several pending. Methods are compared by
regret: the distance from the best of the first 25, 50, ... evaluations to the best that any method ever found on the
task.

    python benchmarks/search_quality.py --seeds 10 --budgets 25 50 100
    python benchmarks/search_quality.py --methods geneticsearch tpe gps --tasks svc-breast tree-wine
    python benchmarks/search_quality.py --methods geneticsearch tpe --in-flight 1 8

`--more DIRECTORY` adds the tasks of a `tasks.py` in that directory, which has functions `list_tasks` and `get_task`:
more cross-validation tasks, and smooth functions as a separate group. `--keep DIRECTORY ...` keeps evaluations and
results in the first directory, so a run can be continued, and also reads the results in the others. Packages that
cannot be installed together run one after the other, each in its environment, and `--kept-only` makes the table. Many
methods depend on the planned number of evaluations, which is the largest budget.

The tables have, for each budget:

- regret relative to random search: the ratio of mean regrets, each plus a hundredth of the distance between the median
  of random search and the best; geometric mean over tasks;
- mean regret, as a share of that distance;
- mean rank among the methods that have a result, if each seed of a method competes with each seed of the others;
- compared with another method: the ratio of regrets with its 95 % bootstrap interval over tasks, and the number of
  tasks on which the mean regret is lower / differs by less than that hundredth / is higher.

The logarithm of a mean over few seeds is too low on average, so ratios favor the method with fewer seeds; `--seeds`
cuts all methods but random search to the same number.

Overhead is the processor time per evaluation, excluding the task: the mean over tasks of the median over seeds.
"""

import argparse
import importlib
import json
import pickle
import sys
import time
import warnings
from collections import defaultdict
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
from _common import print_versions
from _peers import PEERS, Method, children, in_turn
from sklearn import datasets
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import ExtraTreesRegressor, GradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import SVC, SVR
from sklearn.tree import DecisionTreeClassifier

from geneticsearch import (
    ChoiceDistribution,
    GeneticOptimizer,
    LogUniformDistribution,
    SequenceDistribution,
    UniformDistribution,
)

# --------------------------------------------------------------------------------------------------------------------
# Spaces that every method can be given.


@dataclass(frozen=True)
class Param:
    """A parameter; `when=(parent, values)` means that it exists only if its parent has one of the values."""

    name: str
    kind: str  # "float", "int" or "cat"
    low: float = 0
    high: float = 1
    log: bool = False
    choices: tuple = ()
    when: tuple | None = None
    group: str | None = None  # the element of a sequence that it belongs to; its parent is the length

    def exists(self, config):
        return self.when is None or (self.when[0] in config and config[self.when[0]] in self.when[1])

    def draw(self, rng):
        """Draw a value; all values (or all logarithms) are equally likely."""
        if self.kind == "cat":
            return self.choices[rng.integers(len(self.choices))]
        half = 0.5 if self.kind == "int" else 0.0
        scale, back = (np.log, np.exp) if self.log else (float, float)
        value = float(back(rng.uniform(scale(self.low - half), scale(self.high + half))))
        return int(np.clip(round(value), self.low, self.high)) if self.kind == "int" else value


def number(name, low, high, log=False, **rest):
    return Param(name, "float", low, high, log, **rest)


def integer(name, low, high, log=False, **rest):
    return Param(name, "int", low, high, log, **rest)


def choice(name, *choices, **rest):
    return Param(name, "cat", choices=choices, **rest)


def to_geneticsearch(params):
    """Return the space as geneticsearch writes it: conditional parameters inside the option they belong to."""

    def distribution(p):
        options = p.choices if p.kind == "cat" else range(int(p.low), int(p.high) + 1)
        inside = {value: children(params, p, value) for value in options} if p.kind != "float" else {}
        if p.kind == "int" and any(child.group for found in inside.values() for child in found):
            longest = inside[options[-1]]
            first = [child for child in longest if child.group == longest[0].group]
            element = {child.name.removeprefix(f"{child.group}."): distribution(child) for child in first}
            return SequenceDistribution(element, int(p.low), int(p.high))
        if any(inside.values()):
            return ChoiceDistribution(
                [
                    {"": ChoiceDistribution([value]), **{child.name: distribution(child) for child in found}}
                    if found
                    else value
                    for value, found in inside.items()
                ]
            )
        if p.kind == "cat":
            return ChoiceDistribution(list(p.choices))
        make = LogUniformDistribution if p.log else UniformDistribution
        return make(p.low, p.high, q=1 if p.kind == "int" else None)

    return {p.name: distribution(p) for p in params if p.when is None}


def from_geneticsearch(found):
    """Return the flat configuration that parameters of `to_geneticsearch` stand for."""
    config = {}
    for name, value in found.items():
        if isinstance(value, dict):
            inside = from_geneticsearch({key: part for key, part in value.items() if key})
            config |= {name: value[""], **inside}
        elif isinstance(value, tuple):
            config[name] = len(value)
            for i, element in enumerate(value, 1):
                config |= {f"layer{i}.{key}": part for key, part in element.items()}
        else:
            config[name] = value
    return config


# --------------------------------------------------------------------------------------------------------------------
# Tasks.


@dataclass
class Task:
    """A function to minimize. It is deterministic, so each configuration is evaluated only once for all methods."""

    name: str
    params: tuple
    evaluate: object
    known: dict

    def __call__(self, config):
        config = {p.name: config[p.name] for p in self.params if p.exists(config)}
        key = repr(tuple(sorted(config.items())))
        if key not in self.known:
            self.known[key] = float(self.evaluate(config))
        return self.known[key]


def load(dataset, n, standardized=True):
    X, y = getattr(datasets, f"load_{dataset}")(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(y))[:n]
    X, y = StandardScaler().fit_transform(X[order]), y[order]
    # Columns of different scales, where scaling is part of the search.
    return (X if standardized else X * (1 + 30 * np.random.default_rng(1).random(X.shape[1]))), y


def cross_validated(make, dataset, n=None, loss="error", standardized=True):
    """Return a function of a configuration: the mean loss on three folds, or nan if a fit fails."""
    X, y = load(dataset, n, standardized)
    folds = list((KFold if loss == "squared" else StratifiedKFold)(3).split(X, y))

    def evaluate(config):
        losses = []
        for train, test in folds:
            try:
                model = make(config).fit(X[train], y[train])
                if loss == "log":
                    likelihood = model.predict_proba(X[test])[np.arange(len(test)), y[test]]
                    losses.append(-np.mean(np.log(np.maximum(likelihood, 1e-3))))
                elif loss == "squared":
                    losses.append(min(np.mean((model.predict(X[test]) - y[test]) ** 2) / y.var(), 10.0))
                else:
                    losses.append(-np.mean(model.predict(X[test]) == y[test]))
            except ValueError:
                return 10.0
        return np.mean(losses)

    return evaluate


class Boosted:
    """Gradient boosting; a single fit serves every number of stages."""

    def __init__(self, loss, stages):
        self.X, self.y = load("breast_cancer", 150)
        self.folds = list(StratifiedKFold(3).split(self.X, self.y))
        self.loss, self.stages, self.fitted = loss, stages, {}

    def __call__(self, config):
        key = tuple(value for name, value in sorted(config.items()) if name != "n_estimators")
        if key not in self.fitted:
            self.fitted[key] = self.fit({**config, "n_estimators": max(self.stages)})
        return self.fitted[key][config["n_estimators"]]

    def fit(self, config):
        losses = dict.fromkeys(self.stages, 0.0)
        for train, test in self.folds:
            model = GradientBoostingClassifier(random_state=0, **config).fit(self.X[train], self.y[train])
            for stage, shares in enumerate(model.staged_predict_proba(self.X[test]), 1):
                if stage in losses and self.loss == "log":
                    likelihood = shares[np.arange(len(test)), self.y[test]]
                    losses[stage] -= np.mean(np.log(np.maximum(likelihood, 1e-3))) / 3
                elif stage in losses:
                    losses[stage] -= np.mean(shares.argmax(axis=1) == self.y[test]) / 3
        return losses


def without(config, *names):
    return {name: value for name, value in config.items() if name not in names}


def own_tasks():
    """Return the parameters and the function of each task."""
    kernels = ("rbf", "poly", "sigmoid")
    stages = (10, 20, 30, 45, 60)
    boosting = [
        choice("n_estimators", *stages),
        choice("learning_rate", 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0),
        choice("subsample", 0.5, 0.7, 0.85, 1.0),
        choice("max_depth", 1, 2, 3, 5),
        choice("min_samples_leaf", 1, 3, 7, 15),
    ]
    support = [
        choice("kernel", "rbf", "poly", "linear", "sigmoid"),
        number("C", 1e-3, 1e3, log=True),
        number("gamma", 1e-5, 1e1, log=True, when=("kernel", kernels)),
        number("coef0", -1.0, 1.0, when=("kernel", ("poly", "sigmoid"))),
        integer("degree", 1, 5, when=("kernel", ("poly",))),
    ]
    listed = [
        choice("kernel", *kernels),
        choice("C", *[float(10.0**k) for k in range(-3, 4)]),
        choice("gamma", *[float(10.0**k) for k in range(-5, 2)]),
        choice("degree", 2, 3, 4, when=("kernel", ("poly",))),
        choice("tol", 1e-4, 1e-3, 1e-2),
    ]
    network = [
        choice("activation", "relu", "tanh", "logistic"),
        number("alpha", 1e-6, 1.0, log=True),
        number("lr", 1e-4, 1e-1, log=True),
        choice("batch", 16, 32, 64),
        integer("n_layers", 1, 3),
        *[
            integer(f"layer{i}.width", 4, 64, log=True, when=("n_layers", tuple(range(i, 4))), group=f"layer{i}")
            for i in (1, 2, 3)
        ],
    ]
    return {
        "svc-breast": (support, cross_validated(lambda c: SVC(max_iter=3000, **c), "breast_cancer", 200)),
        "svc-digits": (
            [
                number("C", 1e-3, 1e3, log=True),
                number("gamma", 1e-5, 1e1, log=True),
                choice("shrinking", True, False),
                choice("class_weight", None, "balanced"),
            ],
            cross_validated(lambda c: SVC(**c), "digits", 200),
        ),
        "svclist-breast": (listed, cross_validated(lambda c: SVC(max_iter=3000, **c), "breast_cancer", 200)),
        "knn-digits": (
            [
                integer("k", 1, 40),
                choice("weights", "uniform", "distance"),
                choice("metric", "minkowski", "cosine", "chebyshev"),
                number("p", 1.0, 5.0, when=("metric", ("minkowski",))),
                integer("n_components", 2, 64, log=True),
            ],
            cross_validated(
                lambda c: make_pipeline(
                    PCA(c["n_components"], random_state=0),
                    KNeighborsClassifier(c["k"], algorithm="brute", **without(c, "k", "n_components")),
                ),
                "digits",
                200,
            ),
        ),
        "tree-wine": (
            [
                choice("criterion", "gini", "entropy"),
                choice("splitter", "best", "random"),
                integer("max_depth", 1, 20),
                integer("min_samples_split", 2, 20),
                integer("min_samples_leaf", 1, 20),
                number("max_features", 0.1, 1.0),
                number("ccp_alpha", 1e-5, 0.1, log=True),
            ],
            cross_validated(lambda c: DecisionTreeClassifier(random_state=0, **c), "wine"),
        ),
        "rf-breast": (
            [
                choice("n_estimators", 5, 10, 20),
                choice("max_features", 0.1, 0.2, 0.3, 0.5, 0.7, 1.0),
                choice("max_depth", 2, 3, 4, 6, 10),
                choice("min_samples_leaf", 1, 2, 3, 5, 8),
                choice("criterion", "gini", "entropy"),
                choice("bootstrap", True, False),
            ],
            cross_validated(lambda c: RandomForestClassifier(random_state=0, **c), "breast_cancer", 150),
        ),
        "et-diabetes": (
            [
                integer("n_estimators", 4, 16, log=True),
                number("max_features", 0.1, 1.0),
                integer("max_depth", 2, 14),
                integer("min_samples_leaf", 1, 20, log=True),
                choice("bootstrap", False, True),
            ],
            cross_validated(
                lambda c: ExtraTreesRegressor(
                    random_state=0, **{**c, "max_features": round(c["max_features"] * 10) / 10}
                ),
                "diabetes",
                200,
                "squared",
            ),
        ),
        "gbm-breast-nll": (boosting, Boosted("log", stages)),
        "gbm-breast-acc": (boosting, Boosted("error", stages)),
        "sgd-digits": (
            [
                choice("loss", "hinge", "log_loss", "modified_huber", "perceptron"),
                choice("penalty", "l2", "l1", "elasticnet"),
                number("alpha", 1e-6, 1e-1, log=True),
                number("l1_ratio", 0.0, 1.0, when=("penalty", ("elasticnet",))),
                choice("learning_rate", "optimal", "constant", "invscaling"),
                number("eta0", 1e-4, 1.0, log=True),
                choice("average", False, True),
            ],
            cross_validated(lambda c: SGDClassifier(random_state=0, max_iter=15, tol=None, **c), "digits", 120),
        ),
        "lda-digits": (
            [
                choice("solver", "lsqr", "eigen"),
                number("shrinkage", 0.0, 1.0),
                integer("k", 2, 64),
                choice("scale", True, False),
            ],
            cross_validated(
                lambda c: make_pipeline(
                    SelectKBest(f_classif, k=c["k"]),
                    *([StandardScaler()] if c["scale"] else []),
                    LinearDiscriminantAnalysis(**without(c, "k", "scale")),
                ),
                "digits",
                200,
                "log",
            ),
        ),
        "logreg-breast": (
            [
                number("C", 1e-4, 1e4, log=True),
                choice("solver", "lbfgs", "liblinear"),
                choice("fit_intercept", True, False),
                choice("class_weight", None, "balanced"),
                number("tol", 1e-6, 1e-1, log=True),
                integer("k", 1, 30),
            ],
            cross_validated(
                lambda c: make_pipeline(
                    SelectKBest(f_classif, k=c["k"]), LogisticRegression(max_iter=40, **without(c, "k"))
                ),
                "breast_cancer",
                200,
            ),
        ),
        "svr-diabetes": (
            [
                choice("kernel", "rbf", "poly", "linear", "sigmoid"),
                number("C", 1e-2, 1e4, log=True),
                number("epsilon", 1e-3, 1e2, log=True),
                number("gamma", 1e-5, 1e1, log=True, when=("kernel", kernels)),
                integer("degree", 1, 4, when=("kernel", ("poly",))),
                number("coef0", -1.0, 1.0, when=("kernel", ("poly", "sigmoid"))),
            ],
            cross_validated(lambda c: SVR(max_iter=2000, **c), "diabetes", 150, "squared"),
        ),
        "skmlp-wine": (network, cross_validated(make_network, "wine")),
        "pipe-breast": (
            pipelines("knn", "tree", "svm", "nb", "logreg"),
            cross_validated(make_classifier, "breast_cancer", 150, standardized=False),
        ),
        "pipe-iris-nll": (
            pipelines("knn", "tree", "nb", "logreg"),
            cross_validated(make_classifier, "iris", loss="log", standardized=False),
        ),
    }


def make_network(config):
    return MLPClassifier(
        tuple(config[f"layer{i + 1}.width"] for i in range(config["n_layers"])),
        activation=config["activation"],
        alpha=config["alpha"],
        learning_rate_init=config["lr"],
        batch_size=config["batch"],
        max_iter=6,
        random_state=0,
    )


def pipelines(*models):
    """Return the parameters of pipelines that choose among classifiers, each with its own parameters."""
    inside = {
        "knn": [integer("n_neighbors", 1, 25), choice("p", 1, 2), choice("weights", "uniform", "distance")],
        "tree": [
            integer("max_depth", 1, 15),
            number("min_samples_leaf", 0.005, 0.3, log=True),
            choice("criterion", "gini", "entropy"),
            number("max_features", 0.1, 1.0),
        ],
        "logreg": [number("C", 1e-4, 1e4, log=True), choice("fit_intercept", True, False)],
        "svm": [number("C", 1e-2, 1e3, log=True), number("gamma", 1e-5, 1e1, log=True)],
        "nb": [number("var_smoothing", 1e-12, 1.0, log=True)],
    }
    own = [
        Param(**{**vars(p), "name": f"{model}.{p.name}", "when": ("model", (model,))})
        for model in models
        for p in inside[model]
    ]
    return [choice("scaler", "none", "standard", "minmax"), choice("model", *models), *own]


def make_classifier(config):
    model = config["model"]
    make, fixed = {
        "knn": (KNeighborsClassifier, {}),
        "tree": (DecisionTreeClassifier, {"random_state": 0}),
        "logreg": (LogisticRegression, {"max_iter": 30}),
        "svm": (SVC, {"max_iter": 3000}),
        "nb": (GaussianNB, {}),
    }[model]
    prefix = f"{model}."
    classifier = make(**fixed, **{k.removeprefix(prefix): v for k, v in config.items() if k.startswith(prefix)})
    scaler = {"none": [], "standard": [StandardScaler()], "minmax": [MinMaxScaler()]}[config["scaler"]]
    return make_pipeline(*scaler, classifier)


# --------------------------------------------------------------------------------------------------------------------
# Methods. Each returns the losses in the order of evaluation.


def genetic_search(task, seed, n, in_flight=1, **options):
    options = {"window": 20, "budget": n, **options}
    optimizer = GeneticOptimizer(to_geneticsearch(task.params), seed=seed, **options)

    def ask():
        if not optimizer.can_ask:
            return None
        individual = optimizer.ask()
        return individual, from_geneticsearch(individual.params)

    return in_turn(task, n, in_flight, ask, optimizer.tell)


def random_search(task, seed, n):
    rng = np.random.default_rng(seed)
    return [task({p.name: p.draw(rng) for p in task.params}) for _ in range(n)]


def genetic(label, **options):
    return Method(label, partial(genetic_search, **options), parallel=True)


METHODS = {
    "random": Method("random search", random_search),
    "geneticsearch": genetic("geneticsearch"),
    "geneticsearch-w1": genetic("geneticsearch, window=1", window=1),
    "plain": genetic("geneticsearch, surrogate=None", surrogate=None),
    "plain-w1": genetic("geneticsearch, surrogate=None, window=1", surrogate=None, window=1),
    **PEERS,
}


@dataclass(frozen=True)
class Entry:
    """A method with a number of evaluations pending: a row of the tables."""

    method: str
    in_flight: int = 1

    @property
    def key(self):
        return self.method if self.in_flight == 1 else f"{self.method}-{self.in_flight}-in-flight"

    @property
    def label(self):
        return METHODS[self.method].label + (f", {self.in_flight} in flight" if self.in_flight > 1 else "")


RANDOM = Entry("random")


def run(entry, task, seed, n):
    """Return the best loss so far after each evaluation, and the overhead in milliseconds per evaluation."""
    method = METHODS[entry.method]
    try:
        package = f"{method.package} {version(method.package)}" if method.package else None
    except PackageNotFoundError:
        sys.exit(f"`--methods {entry.method}` needs {method.package}; install it or leave the method out.")
    spent = 0.0
    evaluate = task.evaluate

    def timed(config):
        nonlocal spent
        started = time.process_time()
        try:
            return evaluate(config)
        finally:
            spent += time.process_time() - started

    task.evaluate = timed
    started = time.process_time()
    try:
        losses = method.search(task, seed, n, **({"in_flight": entry.in_flight} if entry.in_flight > 1 else {}))
    finally:
        task.evaluate = evaluate
    overhead = 1000 * (time.process_time() - started - spent) / len(losses)
    best = np.minimum.accumulate(losses)
    best = [*best, *[best[-1]] * (n - len(best))]  # a search that ends early has nothing left to try
    return {"best": best, "median": float(np.median(losses)), "overhead": overhead, "package": package}


def run_all(task, entries, n_seeds, n):
    return {entry: {seed: run(entry, task, seed, n) for seed in range(n_seeds[entry])} for entry in entries}


def run_and_keep(task, entries, n_seeds, n, directories, kept_only):
    """Run what has no result in the directories, keep it in the first directory, and return all results."""
    directory = directories[0]
    directory.mkdir(parents=True, exist_ok=True)
    evaluations = f"{task.name}.pkl"
    for other in reversed(directories):
        if (other / evaluations).exists():
            task.known.update(pickle.loads((other / evaluations).read_bytes()))
    runs = {}
    for entry in entries:
        results = f"{task.name}.{entry.key}.json"
        kept = {}
        for other in directories:
            found = json.loads((other / results).read_text()) if (other / results).exists() else {}
            for seed, one in found.items():
                if len(one["best"]) > len(kept.get(seed, {"best": []})["best"]):
                    kept[seed] = one
        missing = [seed for seed in map(str, range(n_seeds[entry])) if len(kept.get(seed, {"best": []})["best"]) < n]
        if missing and not kept_only:
            for seed in missing:
                kept[seed] = run(entry, task, int(seed), n)
                write(directory / results, json.dumps(kept).encode())
            write(directory / evaluations, pickle.dumps(task.known))
        runs[entry] = {int(seed): one for seed, one in kept.items() if int(seed) < n_seeds[entry]}
    return runs


def write(path, content):
    """Write a file atomically."""
    part = path.with_name(path.name + ".part")
    part.write_bytes(content)
    part.replace(path)


# --------------------------------------------------------------------------------------------------------------------
# Tables.


NEGLIGIBLE = 0.01  # of the distance between the median of random search and the best: on plateaus regret is often 0


def regrets(runs, best_known, budgets):
    """Return a dict from (task, budget, entry) to the regret with each seed, as a share of that distance."""
    found = {}
    for task, entries in runs.items():
        median = np.median([one["median"] for one in entries[RANDOM].values()])
        unit = max(median - best_known[task], 1e-12)
        for entry, seeds in entries.items():
            for budget in budgets:
                best = [one["best"][budget - 1] for one in seeds.values() if len(one["best"]) >= budget]
                if best:
                    found[task, budget, entry] = np.round((np.array(best) - best_known[task]) / unit, 9)
    return found


def expected_ranks(found):
    """Return the mean rank of each entry if each seed of one meets each seed of the others."""

    def beaten_by(mine, theirs):
        return np.mean((theirs < mine[:, None]) + 0.5 * (theirs == mine[:, None]))

    return {
        entry: 1 + sum(beaten_by(mine, theirs) for other, theirs in found.items() if other != entry)
        for entry, mine in found.items()
    }


def logarithms(found, tasks, budget, entry, other):
    """Return the logarithm of the ratio of mean regrets on each task on which both have a result."""
    pairs = [(found.get((t, budget, entry)), found.get((t, budget, other))) for t in tasks]
    return np.array(
        [np.log((a.mean() + NEGLIGIBLE) / (b.mean() + NEGLIGIBLE)) for a, b in pairs if a is not None and b is not None]
    )


def print_row(*cells):
    print("| " + " | ".join(cells) + " |")


def print_header(*cells):
    print_row(*cells)
    print("|---" * len(cells) + "|")


def print_table(title, tasks, entries, found, budgets, overheads):
    """Print regret against random search, mean regret, mean rank and overhead."""
    print(f"\n{title}: {len(tasks)} tasks\n")
    columns = [f"{what}, {b}" for what in ("regret / random's", "mean regret", "rank") for b in budgets]
    print_header("search", "tasks x seeds", *columns, "overhead, ms")
    ranks = defaultdict(list)
    for budget in budgets:
        for t in tasks:
            here = {entry: found[t, budget, entry] for entry in entries if (t, budget, entry) in found}
            for entry, rank in expected_ranks(here).items():
                ranks[entry, budget].append(rank)
    for entry in entries:
        sizes = [len(found[t, budgets[0], entry]) for t in tasks if (t, budgets[0], entry) in found]
        if not sizes:
            continue
        has = [b for b in budgets if ranks[entry, b]]
        ratios = {b: np.exp(np.mean(logarithms(found, tasks, b, entry, RANDOM))) for b in has}
        means = {b: np.mean([found[t, b, entry].mean() for t in tasks if (t, b, entry) in found]) for b in has}
        cells = [f"{ratios[b]:.2f}" if b in has else "" for b in budgets]
        cells += [f"{means[b]:.3f}" if b in has else "" for b in budgets]
        cells += [f"{np.mean(ranks[entry, b]):.2f}" if b in has else "" for b in budgets]
        seeds = f"{min(sizes)}" if min(sizes) == max(sizes) else f"{min(sizes)}-{max(sizes)}"
        print_row(entry.label, f"{len(sizes)} x {seeds}", *cells, f"{np.mean(overheads[entry]):.1f}")


def print_comparison(title, tasks, entries, found, budgets, other):
    """Print how each method compares with another on the tasks that both have."""
    print(f"\n{title}, against {other.label}: ratio of regrets [95 % interval], tasks better/equal/worse\n")
    print_header("search", *map(str, budgets))
    rng = np.random.default_rng(0)
    for entry in entries:
        cells = []
        for budget in budgets:
            logs = logarithms(found, tasks, budget, entry, other)
            if entry == other or not len(logs):
                cells.append("")
                continue
            means = logs[rng.integers(len(logs), size=(10_000, len(logs)))].mean(axis=1)
            ratio, low, high = np.exp([logs.mean(), *np.quantile(means, [0.025, 0.975])])
            shared = [t for t in tasks if {(t, budget, entry), (t, budget, other)} <= found.keys()]
            differences = np.array([found[t, budget, entry].mean() - found[t, budget, other].mean() for t in shared])
            better, worse = np.sum(differences < -NEGLIGIBLE), np.sum(differences > NEGLIGIBLE)
            counts = f"{better}/{len(shared) - better - worse}/{worse}"
            cells.append(f"{ratio:.2f} [{low:.2f}, {high:.2f}], {counts}")
        if any(cells):
            print_row(entry.label, *cells)


# --------------------------------------------------------------------------------------------------------------------
# The command.


def open_tasks(more):
    """Return the module of tasks in a directory, and a function that makes the parameters and the function of one."""
    sys.path.insert(0, str(more))
    theirs = importlib.import_module("tasks")

    def make(name):
        task = theirs.get_task(name)
        return [Param(**{**vars(p), "choices": p.choices or ()}) for p in task.space.params], task

    return theirs, make


def find_tasks(more):
    """Return, by group and name, functions that make a task's parameters and its function."""
    groups = {"own": {name: lambda made=made: made for name, made in own_tasks().items()}}
    if more is not None:
        theirs, make = open_tasks(more)
        real = {*theirs.list_tasks("sklearn"), *(name for name in theirs.list_tasks() if name.startswith("mlp"))}
        for name in theirs.list_tasks():
            groups.setdefault("more" if name in real else "smooth", {})[name] = partial(make, name)
    return groups


TITLES = {"own": "Cross-validation", "more": "More cross-validation", "smooth": "Smooth functions"}


DEFAULT = ["geneticsearch", "geneticsearch-w1", "plain", "plain-w1", "tpe"]


def parse_arguments(description, titles, default):
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10, help="number of seeds")
    parser.add_argument("--random-seeds", type=int, default=30, help="number of seeds of random search")
    parser.add_argument("--budgets", type=int, nargs="+", default=[25, 50, 100])
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=default)
    parser.add_argument("--in-flight", type=int, nargs="+", default=[1], help="numbers of evaluations pending")
    parser.add_argument("--against", choices=METHODS, default="tpe", help="what the others are compared with")
    parser.add_argument("--groups", nargs="+", choices=titles, default=list(titles), help="groups of tasks")
    parser.add_argument("--tasks", nargs="+", help="names of tasks; all by default")
    parser.add_argument("--more", type=Path, help="directory of a tasks.py with more tasks")
    parser.add_argument("--keep", type=Path, nargs="+", help="directories of evaluations and results")
    parser.add_argument("--kept-only", action="store_true", help="run nothing; print tables of what `--keep` has")
    arguments = parser.parse_args()
    if arguments.kept_only and not arguments.keep:
        parser.error("`--kept-only` needs `--keep`.")
    for method in arguments.methods:
        if max(arguments.in_flight) > 1 and not METHODS[method].parallel and method != "random":
            parser.error(f"`--in-flight` must be 1 for {method}: it runs one evaluation after the other.")
    return arguments


def main(description=__doc__, titles=TITLES, find_tasks=find_tasks, default=DEFAULT):
    arguments = parse_arguments(description, titles, default)
    warnings.simplefilter("ignore")
    entries = [RANDOM]  # the number of pending evaluations does not matter for it
    entries += [Entry(m, k) for k in arguments.in_flight for m in arguments.methods if m != "random"]
    n_seeds = {entry: arguments.random_seeds if entry == RANDOM else arguments.seeds for entry in entries}
    n = max(arguments.budgets)
    results = {}
    for group, makers in find_tasks(arguments.more).items():
        runs, best_known = {}, {}
        for name, make in makers.items():
            if group not in arguments.groups or (arguments.tasks and name not in arguments.tasks):
                continue
            params, evaluate = make()
            task = Task(name, tuple(params), evaluate, {})
            if arguments.keep:
                made = run_and_keep(task, entries, n_seeds, n, arguments.keep, arguments.kept_only)
            else:
                made = run_all(task, entries, n_seeds, n)
            if not made[RANDOM]:
                print(f"{name} is left out: there are no results of random search", file=sys.stderr)
                continue
            runs[name], best_known[name] = made, min(task.known.values())
            print(f"{name} is done", file=sys.stderr, flush=True)
        if runs:
            results[group] = runs, best_known
    print_versions()
    for group, (runs, best_known) in results.items():
        found = regrets(runs, best_known, arguments.budgets)
        overheads = {
            entry: [np.median([one["overhead"] for one in of[entry].values()]) for of in runs.values() if of[entry]]
            for entry in entries
        }
        print_table(titles[group], list(runs), entries, found, arguments.budgets, overheads)
        other = Entry(arguments.against)
        if other in entries:
            print_comparison(titles[group], list(runs), entries, found, arguments.budgets, other)


if __name__ == "__main__":
    main()
