"""How good is what a search finds, for the same number of evaluations?

Real cross-validation of scikit-learn estimators on its bundled data: plateaus, ties, conditional parameters, few
levels. Each method runs with each seed, one evaluation after the other. What counts is regret: how far the best of the
first 25, 50, ... evaluations is from the best that any method ever found on the task.

    python benchmarks/search_quality.py --seeds 10 --budgets 25 50 100
    python benchmarks/search_quality.py --methods geneticsearch tpe gps --tasks svc-breast tree-wine

`--more DIRECTORY` adds the tasks of a `tasks.py` in that directory, which has functions `list_tasks` and `get_task`.
`--keep DIRECTORY` keeps evaluations and results there, so that a run can be continued.
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
from pathlib import Path

import numpy as np
from _common import print_versions
from scipy.stats import rankdata
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
    """One parameter; `when=(parent, values)` says that it exists only where its parent has one of the values."""

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
        """Draw a value, all of them (or all logarithms) equally likely."""
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

    def children(parent, value):
        return [p for p in params if p.when is not None and p.when[0] == parent.name and value in p.when[1]]

    def distribution(p):
        options = p.choices if p.kind == "cat" else range(int(p.low), int(p.high) + 1)
        inside = {value: children(p, value) for value in options} if p.kind != "float" else {}
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
    """What is minimised. It is deterministic, so that each configuration is evaluated once, whoever asks."""

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
    """Return a function of a configuration: the mean loss on three folds, nan where a fit fails."""
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
    """Gradient boosting, of which one fit serves every number of stages."""

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
    """Return the parameters of pipelines that choose among classifiers, each with parameters of its own."""
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


def genetic_search(task, seed, n, **options):
    options = {"window": 20, "growing": True, "budget": n, **options}
    optimizer = GeneticOptimizer(to_geneticsearch(task.params), seed=seed, **options)
    losses = []
    while len(losses) < n and optimizer.can_ask:
        individual = optimizer.ask()
        losses.append(task(from_geneticsearch(individual.params)))
        optimizer.tell(individual, losses[-1])
    return losses


def random_search(task, seed, n):
    rng = np.random.default_rng(seed)
    return [task({p.name: p.draw(rng) for p in task.params}) for _ in range(n)]


def optuna_search(task, seed, n, sampler):
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    kinds = {"TPE": optuna.samplers.TPESampler, "GP": optuna.samplers.GPSampler}
    study = optuna.create_study(sampler=kinds[sampler](seed=seed))
    losses = []

    def objective(trial):
        config = {}
        for p in task.params:
            if not p.exists(config):
                continue
            if p.kind == "cat":
                config[p.name] = trial.suggest_categorical(p.name, list(p.choices))
            elif p.kind == "int":
                config[p.name] = trial.suggest_int(p.name, int(p.low), int(p.high), log=p.log)
            else:
                config[p.name] = trial.suggest_float(p.name, p.low, p.high, log=p.log)
        losses.append(task(config))
        return losses[-1]

    study.optimize(objective, n_trials=n)
    return losses


METHODS = {
    "random": random_search,
    "geneticsearch": genetic_search,
    "geneticsearch-w1": lambda *run: genetic_search(*run, window=1),
    "plain": lambda *run: genetic_search(*run, surrogate=None),
    "plain-w1": lambda *run: genetic_search(*run, surrogate=None, window=1),
    "tpe": lambda *run: optuna_search(*run, "TPE"),
    "gps": lambda *run: optuna_search(*run, "GP"),
}
LABELS = {
    "random": "random search",
    "geneticsearch": "geneticsearch",
    "geneticsearch-w1": "geneticsearch, window=1",
    "plain": "geneticsearch, surrogate=None",
    "plain-w1": "geneticsearch, surrogate=None, window=1",
    "tpe": "Optuna TPESampler",
    "gps": "Optuna GPSampler",
}


def run(method, task, seed, n):
    """Return the best loss so far after each evaluation, and processor milliseconds per evaluation beside the task."""
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
        losses = METHODS[method](task, seed, n)
    finally:
        task.evaluate = evaluate
    overhead = 1000 * (time.process_time() - started - spent) / len(losses)
    best = np.minimum.accumulate(losses)
    return {"best": [*best, *[best[-1]] * (n - len(best))], "median": float(np.median(losses)), "overhead": overhead}


# --------------------------------------------------------------------------------------------------------------------
# Tables.


NEGLIGIBLE = 0.01


def regrets(runs, task, method, budget, best_known):
    """Return the regret with each seed, as a share of the distance between the median of random search and the best."""
    median = np.median([one["median"] for one in runs[task, "random"].values()])
    unit = max(median - best_known[task], 1e-12)
    return {seed: (one["best"][budget - 1] - best_known[task]) / unit for seed, one in runs[task, method].items()}


def print_table(title, tasks, methods, runs, budgets):
    """Print regret against random search, mean rank and overhead."""
    best_known = {t: min(one["best"][-1] for m in methods for one in runs[t, m].values()) for t in tasks}
    n_seeds = min(len(runs[t, m]) for t in tasks for m in methods)
    print(f"\n{title}: {len(tasks)} tasks, {n_seeds} seeds\n")
    print("| search | " + " | ".join(f"regret, {b}" for b in budgets), end=" | ")
    print(" | ".join(f"rank, {b}" for b in budgets) + " | overhead, ms |")
    print("|---" * (2 + 2 * len(budgets)) + "|")
    ratios, ranks = defaultdict(list), defaultdict(list)
    for budget in budgets:
        for t in tasks:
            found = {m: regrets(runs, t, m, budget, best_known) for m in methods}
            # On plateaus regret is often 0: a hundredth of the way from the median to the best is as good as nothing.
            level = {m: np.mean(list(found[m].values())) + NEGLIGIBLE for m in methods}
            for m in methods:
                ratios[m, budget].append(level[m] / level["random"])
            for seed in sorted(set.intersection(*[set(found[m]) for m in methods])):
                order = rankdata(np.round([found[m][seed] for m in methods], 9))
                for m, rank in zip(methods, order, strict=True):
                    ranks[m, budget].append(rank)
    for m in methods:
        overhead = np.mean([one["overhead"] for t in tasks for one in runs[t, m].values()])
        cells = [f"{np.exp(np.mean(np.log(ratios[m, b]))):.2f}" for b in budgets]
        cells += [f"{np.mean(ranks[m, b]):.2f}" for b in budgets]
        print(f"| {LABELS[m]} | " + " | ".join(cells) + f" | {overhead:.1f} |")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10, help="number of seeds")
    parser.add_argument("--budgets", type=int, nargs="+", default=[25, 50, 100])
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=[m for m in METHODS if m != "gps"])
    parser.add_argument("--tasks", nargs="+", help="names of tasks; all by default")
    parser.add_argument("--more", type=Path, help="directory of a tasks.py with more tasks")
    parser.add_argument("--keep", type=Path, help="directory in which to keep evaluations and results")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    warnings.simplefilter("ignore")
    methods = list(dict.fromkeys(["random", *arguments.methods]))
    groups = {"Cross-validation": {name: lambda made=made: made for name, made in own_tasks().items()}}
    if arguments.more is not None:
        sys.path.insert(0, str(arguments.more))
        theirs = importlib.import_module("tasks")
        for name in theirs.list_tasks():
            groups.setdefault("More", {})[name] = lambda name=name: (
                theirs.get_task(name).space.params,
                theirs.get_task(name),
            )
    n = max(arguments.budgets)
    runs = defaultdict(dict)
    for group in groups.values():
        for name, make in list(group.items()):
            if arguments.tasks and name not in arguments.tasks:
                del group[name]
                continue
            params, evaluate = make()
            task = Task(name, tuple(params), evaluate, {})
            if arguments.keep is None:
                for method in methods:
                    runs[name, method] = {seed: run(method, task, seed, n) for seed in range(arguments.seeds)}
            else:
                run_and_keep(task, methods, arguments.seeds, n, arguments.keep, runs)
            print(f"{name} is done", file=sys.stderr, flush=True)
    print_versions()
    for title, group in groups.items():
        if group:
            print_table(title, list(group), methods, runs, arguments.budgets)


def run_and_keep(task, methods, n_seeds, n, directory, runs):
    """Run what the directory has no result of, and keep it there."""
    directory.mkdir(parents=True, exist_ok=True)
    evaluations = directory / f"{task.name}.pkl"
    if evaluations.exists():
        task.known.update(pickle.loads(evaluations.read_bytes()))
    for method in methods:
        results = directory / f"{task.name}.{method}.json"
        kept = json.loads(results.read_text()) if results.exists() else {}
        for seed in range(n_seeds):
            if len(kept.get(str(seed), {"best": []})["best"]) < n:
                kept[str(seed)] = run(method, task, seed, n)
        results.write_text(json.dumps(kept))
        runs[task.name, method] = {seed: kept[str(seed)] for seed in range(n_seeds)}
    evaluations.write_bytes(pickle.dumps(task.known))


if __name__ == "__main__":
    main()
