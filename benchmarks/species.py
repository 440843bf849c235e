"""What is the search worth where the structure is unknown: how many layers, which classifier?

Networks of one to five layers, and a choice of one classifier out of four or five with the parameters it has,
cross-validated on data that come with scikit-learn or are made by it. Options and tables are those of
`search_quality.py`; `--more DIRECTORY` adds networks of unknown depth.

    python benchmarks/species.py --seeds 10 --budgets 25 50 100
    python benchmarks/species.py --methods geneticsearch no-species no-waking --against geneticsearch
"""

from functools import partial
from unittest.mock import patch

import numpy as np
from _peers import Method
from search_quality import (
    METHODS,
    Param,
    choice,
    from_geneticsearch,
    genetic_search,
    integer,
    main,
    number,
    open_tasks,
    to_geneticsearch,
    without,
)
from sklearn import datasets, set_config
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import ExtraTreesClassifier, GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from geneticsearch import GeneticOptimizer
from geneticsearch.evolution import _breeding as breeding
from geneticsearch.evolution import _population as population
from geneticsearch.evolution import _preselection as preselection
from geneticsearch.space import Space

# --------------------------------------------------------------------------------------------------------------------
# Tasks.


def data(name):
    """Return standardised data."""
    if name == "moons":
        X, y = datasets.make_moons(200, noise=0.35, random_state=0)
        X = np.hstack([X, np.random.default_rng(0).normal(size=(200, 3))])
    elif name == "classification":
        X, y = datasets.make_classification(200, 15, n_informative=5, n_redundant=3, flip_y=0.1, random_state=0)
    else:
        X, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    if name == "diabetes":
        y = (y > np.median(y)).astype(int)
    chosen = np.random.default_rng(0).permutation(len(y))[:200]
    return StandardScaler().fit_transform(X[chosen]), y[chosen]


def cross_validated(make, name):
    """Return a function of a configuration: 1 minus the area under the curve, of more than two classes the error."""
    X, y = data(name)
    folds = list(StratifiedKFold(3, shuffle=True, random_state=0).split(X, y))
    two_classes = y.max() == 1

    def decide(model, X):
        return model.decision_function(X) if hasattr(model, "decision_function") else model.predict_proba(X)[:, 1]

    def evaluate(config):
        losses = []
        for train, test in folds:
            try:
                model = make(config).fit(X[train], y[train])
                if two_classes:
                    losses.append(1 - roc_auc_score(y[test], decide(model, X[test])))
                else:
                    losses.append(np.mean(model.predict(X[test]) != y[test]))
            except ValueError:
                return 1.0
        return np.mean(losses)

    return evaluate


CLASSIFIERS = {
    "svc": (
        lambda **rest: SVC(max_iter=3000, **rest),
        [
            choice("kernel", "rbf", "poly", "sigmoid"),
            number("C", 1e-3, 1e3, log=True),
            number("gamma", 1e-5, 1e1, log=True),
        ],
    ),
    "knn": (
        KNeighborsClassifier,
        [integer("n_neighbors", 1, 40, log=True), choice("weights", "uniform", "distance"), choice("p", 1, 2)],
    ),
    "trees": (
        lambda **rest: ExtraTreesClassifier(random_state=0, **rest),
        [
            integer("n_estimators", 4, 16, log=True),
            number("max_features", 0.1, 1.0),
            integer("max_depth", 2, 14),
            integer("min_samples_leaf", 1, 20, log=True),
        ],
    ),
    "logistic": (
        lambda **rest: LogisticRegression(max_iter=50, **rest),
        [number("C", 1e-4, 1e4, log=True), choice("class_weight", None, "balanced")],
    ),
    "boosting": (
        lambda **rest: GradientBoostingClassifier(random_state=0, **rest),
        [
            integer("n_estimators", 5, 30, log=True),
            number("learning_rate", 0.01, 1.0, log=True),
            integer("max_depth", 1, 4),
            number("subsample", 0.4, 1.0),
        ],
    ),
}


def which_classifier(name):
    """Return the parameters and the function of a choice among classifiers."""
    names = [one for one in CLASSIFIERS if one != "boosting" or name != "digits"]  # ten classes take ten times as long
    own = [
        Param(**{**vars(p), "name": f"{one}.{p.name}", "when": ("classifier", (one,))})
        for one in names
        for p in CLASSIFIERS[one][1]
    ]

    def make(config):
        one = config["classifier"]
        make_one = CLASSIFIERS[one][0]
        return make_one(**{key.removeprefix(f"{one}."): v for key, v in config.items() if key.startswith(f"{one}.")})

    return [choice("classifier", *names), *own], cross_validated(make, name)


def network(name):
    """Return the parameters and the function of a network of one to five layers."""
    params = [
        choice("activation", "relu", "tanh", "logistic"),
        number("alpha", 1e-6, 1.0, log=True),
        number("learning_rate_init", 1e-4, 1e-1, log=True),
        integer("n_layers", 1, 5),
        *[
            integer(f"layer{i}.width", 4, 64, log=True, when=("n_layers", tuple(range(i, 6))), group=f"layer{i}")
            for i in range(1, 6)
        ],
    ]

    def make(config):
        sizes = tuple(config[f"layer{i + 1}.width"] for i in range(config["n_layers"]))
        rest = without(config, "n_layers", *[f"layer{i}.width" for i in range(1, 6)])
        return MLPClassifier(sizes, batch_size=32, max_iter=8, random_state=0, **rest)

    return params, cross_validated(make, name)


def find_tasks(more):
    """Return, by group and name, functions that make a task's parameters and its function."""
    names = ("breast_cancer", "diabetes", "digits", "classification", "moons")
    groups = {
        "networks": {"network-digits": partial(network, "digits")},
        "classifiers": {f"which-{name}": partial(which_classifier, name) for name in names},
    }
    if more is not None:
        theirs, make = open_tasks(more)
        groups["networks"] |= {name: partial(make, name) for name in theirs.list_tasks("varlen")}
    return groups


TITLES = {"networks": "Networks of unknown depth", "classifiers": "Which classifier"}


# --------------------------------------------------------------------------------------------------------------------
# Methods. Each returns the losses in the order of evaluation.


def one_search_each(task, seed, n):
    """Search each alternative on its own, taking turns, with an equal share of the budget."""
    root = next(p for p in task.params if p.when is None and any(q.when and q.when[0] == p.name for q in task.params))
    values = root.choices if root.kind == "cat" else range(int(root.low), int(root.high) + 1)
    optimizers = []
    for value in values:
        mine = [p for p in task.params if p is not root and (p.when is None or value in p.when[1])]
        mine = [Param(**{**vars(p), "when": None, "group": None}) for p in mine]
        space = to_geneticsearch(mine)
        options = {"window": 20, "seed": [seed, len(optimizers)]}
        optimizers.append((value, GeneticOptimizer(space, **options)))
    losses = []
    while len(losses) < n and optimizers:
        value, optimizer = optimizers.pop(0)
        if optimizer.can_ask:
            individual = optimizer.ask()
            losses.append(task({root.name: value, **from_geneticsearch(individual.params)}))
            optimizer.tell(individual, losses[-1])
            optimizers.append((value, optimizer))
    return losses


class Flat(ClassifierMixin, BaseEstimator):
    """A configuration as an estimator, whose score is minus its loss."""

    task, losses = None, None

    def __init__(self, **config):
        self.config = config

    def get_params(self, deep=True):
        return dict(self.config)

    def set_params(self, **config):
        self.config = {**self.config, **config}
        return self

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[0])

    def score(self, X, y=None):
        whole = {p.name for p in Flat.task.params if p.kind == "int"}
        Flat.losses.append(Flat.task({k: round(v) if k in whole else v for k, v in self.config.items()}))
        return -Flat.losses[-1]


def ga_search(task, seed, n):
    """Run GASearchCV on all parameters of all alternatives; those that do not exist are carried along."""
    from sklearn_genetic import GASearchCV
    from sklearn_genetic.space import Categorical, Continuous, Integer

    def dimension(p):
        if p.kind == "cat":
            return Categorical(list(p.choices))
        if p.log:  # it knows no whole numbers on a logarithmic scale
            return Continuous(p.low, p.high, distribution="log-uniform")
        return (Integer if p.kind == "int" else Continuous)(p.low, p.high)

    Flat.task, Flat.losses = task, []
    rng = np.random.default_rng(seed)
    rows = np.arange(4)
    search = GASearchCV(
        Flat(**{p.name: p.draw(rng) for p in task.params}),
        cv=[(rows, rows)],
        param_grid={p.name: dimension(p) for p in task.params},
        population_size=10,
        generations=max(1, n // 10),
        verbose=False,
        refit=False,
        random_state=seed,
    )
    search.fit(rows[:, np.newaxis], rows % 2)
    return Flat.losses[:n]


# --------------------------------------------------------------------------------------------------------------------
# The search without a part of it.


def patched(place, name, value, **options):
    """Return a genetic search in which something is something else."""

    def search(task, seed, n):
        with patch.object(place, name, value):
            return genetic_search(task, seed, n, **options)

    return search


def any_mates(task, seed, n, **options):
    """Mate with anyone, whatever the structure."""
    with patch.object(Space, "species", lambda space, genes, active: np.zeros(len(genes), dtype=np.intp)):
        return genetic_search(task, seed, n, **options)


METHODS |= {
    "each": Method("geneticsearch, one search for each structure", one_search_each),
    "ga": Method("GASearchCV, all parameters at once", ga_search, "sklearn-genetic-opt"),
    "no-species": Method("geneticsearch, mates of any structure", any_mates),
    "plain-no-species": Method("surrogate=None, mates of any structure", partial(any_mates, surrogate=None)),
    "no-champions": Method("geneticsearch, only the best of all breed", patched(population, "MAX_CHAMPIONS", 0)),
    "no-waking": Method("geneticsearch, dormant genes wake as they are", patched(breeding, "WAKING_RATE", 0)),
    "no-combining": Method("geneticsearch, no mutation beside a structural one", patched(breeding, "COMBINED_RATE", 0)),
    "no-turns": Method("geneticsearch, no turns for young species", patched(preselection, "TURN_RATE", 0)),
}


if __name__ == "__main__":
    set_config(assume_finite=True, skip_parameter_validation=True)  # a quarter of the time of such small fits
    main(__doc__, TITLES, find_tasks, ["geneticsearch", "plain", "tpe", "ga", "each"])
