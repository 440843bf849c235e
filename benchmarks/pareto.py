"""Several objectives: hypervolume regret after 50, 100 and 200 evaluations, against Optuna's samplers and pymoo.

    python benchmarks/pareto.py run OUT.jsonl --tasks zdt1 zdt2 --methods geneticsearch TPESampler --seeds 0 1 2
    python benchmarks/pareto.py table OUT.jsonl

Runs that are in the file already are left out. Needs optuna, pymoo and, for GPSampler, torch.
"""

import argparse
import json
import math
import pathlib
import time
import warnings

import numpy as np

from geneticsearch import GeneticOptimizer, UniformDistribution
from geneticsearch.evolution._pareto import hypervolume

CHECKPOINTS = (50, 100, 200)
OURS = {"geneticsearch": {}, "window=1": {"window": 1}, "surrogate=None": {"surrogate": None}}
METHODS = (*OURS, "NSGAIISampler", "TPESampler", "GPSampler", "pymoo", "random")


def zdt(front, x, g=None):
    g = 1 + 9 * x[1:].mean() if g is None else g
    return x[0], g * front(x[0], g)


def zdt4(x):
    rest = 10 * x[1:] - 5
    return zdt(
        lambda f, g: 1 - math.sqrt(f / g), x, 1 + 10 * len(rest) + (rest**2 - 10 * np.cos(4 * np.pi * rest)).sum()
    )


def zdt6(x):
    f, g = 1 - math.exp(-4 * x[0]) * math.sin(6 * math.pi * x[0]) ** 6, 1 + 9 * x[1:].mean() ** 0.25
    return f, g * (1 - (f / g) ** 2)


def dtlz1(x):
    rest = x[2:] - 0.5
    g = 100 * (len(rest) + (rest**2 - np.cos(20 * np.pi * rest)).sum())
    return 0.5 * x[0] * x[1] * (1 + g), 0.5 * x[0] * (1 - x[1]) * (1 + g), 0.5 * (1 - x[0]) * (1 + g)


def dtlz2(x):
    g = 1 + ((x[2:] - 0.5) ** 2).sum()
    a, b = x[:2] * np.pi / 2
    return g * math.cos(a) * math.cos(b), g * math.cos(a) * math.sin(b), g * math.sin(a)


def dtlz7(x):
    g = 2 + 9 * x[2:].mean()
    return x[0], x[1], g * (3 - sum(f / g * (1 + math.sin(3 * math.pi * f)) for f in x[:2]))


def kursawe(x):
    x = 10 * x - 5
    return -10 * np.exp(-0.2 * np.hypot(x[:-1], x[1:])).sum(), (np.abs(x) ** 0.8 + 5 * np.sin(x**3)).sum()


def fonseca(x):
    x, place = 8 * x - 4, 1 / math.sqrt(len(x))
    return 1 - math.exp(-((x - place) ** 2).sum()), 1 - math.exp(-((x + place) ** 2).sum())


def cross_validation(kind):
    """Return a task: the error of a model on folds, and how many features or leaves it uses."""
    from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits
    from sklearn.linear_model import ElasticNet, LogisticRegression
    from sklearn.model_selection import cross_validate
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.tree import DecisionTreeClassifier

    def evaluate(model, X, y, scoring, size):
        found = cross_validate(model, X, y, cv=3, scoring=scoring, return_estimator=True)
        return -found["test_score"].mean(), float(np.mean([size(one) for one in found["estimator"]]))

    if kind == "logistic":
        X, y = load_breast_cancer(return_X_y=True)

        def logistic(x):
            one = LogisticRegression(
                C=10 ** (5 * x[0] - 3), penalty="elasticnet", l1_ratio=x[1], solver="saga", max_iter=50, random_state=0
            )
            return evaluate(
                make_pipeline(StandardScaler(), one), X, y, "neg_log_loss", lambda one: (one[-1].coef_ != 0).sum()
            )

        return logistic
    if kind == "elastic net":
        X, y = load_diabetes(return_X_y=True)
        X = np.hstack([X, X[:, :, None].repeat(10, 2).reshape(len(X), -1) * X.repeat(10, 1).reshape(len(X), -1)])
        X = StandardScaler().fit_transform(X)

        def elastic_net(x):
            one = ElasticNet(alpha=10 ** (4 * x[0] - 2), l1_ratio=x[1], max_iter=300)
            return evaluate(one, X, y, "neg_root_mean_squared_error", lambda one: (one.coef_ != 0).sum())

        return elastic_net
    X, y = load_digits(return_X_y=True)

    def tree(x):
        one = DecisionTreeClassifier(
            max_depth=1 + int(15.99 * x[0]),
            min_samples_leaf=1 + int(49.99 * x[1]),
            max_features=max(x[2], 0.02),
            ccp_alpha=0.02 * x[3] ** 2,
            random_state=0,
        )
        return evaluate(one, X, y, "accuracy", lambda one: one.get_n_leaves())

    return tree


# A function of numbers in the unit interval, how many, and the reference point of the hypervolume.
TASKS = {
    "zdt1": (lambda x: zdt(lambda f, g: 1 - math.sqrt(f / g), x), 10, (1.1, 7)),
    "zdt2": (lambda x: zdt(lambda f, g: 1 - (f / g) ** 2, x), 10, (1.1, 7)),
    "zdt3": (lambda x: zdt(lambda f, g: 1 - math.sqrt(f / g) - f / g * math.sin(10 * math.pi * f), x), 10, (1.1, 7)),
    "zdt4": (zdt4, 5, (1.1, 100)),
    "zdt6": (zdt6, 6, (1.1, 10)),
    "dtlz1": (dtlz1, 5, (300, 300, 300)),
    "dtlz2": (dtlz2, 7, (1.5, 1.5, 1.5)),
    "dtlz7": (dtlz7, 6, (1.1, 1.1, 25)),
    "kursawe": (kursawe, 3, (-4, 15)),
    "fonseca": (fonseca, 4, (1.1, 1.1)),
    "logistic": ("logistic", 2, (0.7, 31)),
    "elastic net": ("elastic net", 2, (80, 111)),
    "tree": ("tree", 4, (0, 400)),
}

PLACES = np.array([0.62, 0.27, 0.44, 0.71, 0.36, 0.55, 0.3, 0.66, 0.48])


def inside(fn, n, reference):
    """Return a task like another, whose fronts lie at 0 by all but the first numbers: move these into their ranges."""
    n_first = len(reference) - 1
    places = PLACES[: n - n_first]

    def moved(x):
        rest = np.abs(x[n_first:] - places) / np.maximum(places, 1 - places)
        return fn(np.concatenate([x[:n_first], rest]))

    return moved, n, reference


STANDARD = list(TASKS)
TASKS |= {f"{name} inside": inside(*TASKS[name]) for name in ("zdt1", "zdt2", "zdt3", "zdt6", "dtlz7")}


def objective(name):
    fn, n, reference = TASKS[name]
    return (cross_validation(fn) if isinstance(fn, str) else fn), n, np.array(reference, dtype=float)


def geneticsearch(fn, n, m, seed, n_iter, **arguments):
    space = {f"x{i}": UniformDistribution(0, 1) for i in range(n)}
    optimizer = GeneticOptimizer(space, objectives=["min"] * m, seed=seed, budget=n_iter, **arguments)
    for _ in range(n_iter):
        individual = optimizer.ask()
        scores = fn(np.array(list(individual.params.values())))
        optimizer.tell(individual, scores)
        yield scores


def optuna_sampler(fn, n, m, seed, n_iter, sampler):
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(directions=["minimize"] * m, sampler=getattr(optuna.samplers, sampler)(seed=seed))
    for _ in range(n_iter):
        trial = study.ask()
        scores = fn(np.array([trial.suggest_float(f"x{i}", 0, 1) for i in range(n)]))
        study.tell(trial, [float(one) for one in scores])
        yield scores


def pymoo(fn, n, m, seed, n_iter):
    from pymoo.algorithms.moo.nsga2 import NSGA2
    from pymoo.core.problem import ElementwiseProblem
    from pymoo.optimize import minimize

    found = []

    class Task(ElementwiseProblem):
        def __init__(self):
            super().__init__(n_var=n, n_obj=m, xl=0, xu=1)

        def _evaluate(self, x, out, *args, **kwargs):
            out["F"] = fn(x)
            found.append(out["F"])

    minimize(Task(), NSGA2(pop_size=20), ("n_eval", n_iter), seed=seed)
    yield from found[:n_iter]


def chance(fn, n, m, seed, n_iter):
    rng = np.random.default_rng(seed)
    for _ in range(n_iter):
        yield fn(rng.random(n))


def scores_of(method, fn, n, m, seed, n_iter):
    if method in OURS:
        return geneticsearch(fn, n, m, seed, n_iter, **OURS[method])
    if method == "random":
        return chance(fn, n, m, seed, n_iter)
    return pymoo(fn, n, m, seed, n_iter) if method == "pymoo" else optuna_sampler(fn, n, m, seed, n_iter, method)


def run(args):
    out = pathlib.Path(args.out)
    done = {(one["task"], one["method"], one["seed"]) for one in read(out)}
    deadline = time.monotonic() + args.seconds
    for seed in args.seeds:
        for name in args.tasks:
            fn, n, reference = objective(name)
            for method in args.methods:
                if (name, method, seed) in done or time.monotonic() > deadline:
                    continue
                started = time.perf_counter()
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    scores = np.array(list(scores_of(method, fn, n, len(reference), seed, args.n_iter)), dtype=float)
                volumes = {k: hypervolume(-scores[:k], -reference) for k in CHECKPOINTS if k <= args.n_iter}
                row = {"task": name, "method": method, "seed": seed, "volumes": volumes}
                row["seconds"] = time.perf_counter() - started
                row["front"] = front(scores, reference)
                with out.open("a") as file:
                    file.write(json.dumps(row) + "\n")


def front(scores, reference):
    from geneticsearch.evolution import pareto_ranks

    scores = scores[(pareto_ranks(-scores) == 1) & (scores < reference).all(axis=1)]
    return scores.round(6).tolist()


def read(path):
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def table(args):
    """Print regrets relative to those of random search, and the ratio to the best other method of each task."""
    rows = read(pathlib.Path(args.out))
    tasks = [name for name in TASKS if any(row["task"] == name for row in rows)]
    known = {}
    for name in tasks:  # the volume of all fronts together is as good as is known
        points = np.array([point for row in rows if row["task"] == name for point in row["front"]])
        known[name] = hypervolume(-points, -np.array(TASKS[name][2], dtype=float))
    regrets = {}
    for row in rows:
        for k, volume in row["volumes"].items():
            regrets.setdefault((row["method"], row["task"], int(k)), {})[row["seed"]] = known[row["task"]] - volume
    print(f"{len(tasks)} tasks: {', '.join(tasks)}")
    print("| method | " + " | ".join(map(str, CHECKPOINTS)) + " | seeds |\n|---|" + "---|" * (len(CHECKPOINTS) + 1))
    for method in METHODS:
        cells = []
        for k in CHECKPOINTS:
            ratios = []
            for name in tasks:
                mine, theirs = regrets.get((method, name, k), {}), regrets.get(("random", name, k), {})
                both = sorted(set(mine) & set(theirs))
                if both:
                    ratios.append(np.mean([mine[s] for s in both]) / np.mean([theirs[s] for s in both]))
            cells.append(interval(ratios) if len(ratios) == len(tasks) else "")
        n_seeds = [len(regrets.get((method, name, CHECKPOINTS[0]), {})) for name in tasks]
        print(f"| {method} | " + " | ".join(cells) + f" | {min(n_seeds)} - {max(n_seeds)} |")
    for k in CHECKPOINTS:
        ratios = {}
        for name in tasks:
            mean = {m: np.mean(list(regrets[m, name, k].values())) for m in METHODS if (m, name, k) in regrets}
            others = [mean[m] for m in ("NSGAIISampler", "TPESampler", "GPSampler", "pymoo") if m in mean]
            if "geneticsearch" in mean and others:
                ratios[name] = mean["geneticsearch"] / max(min(others), 1e-12)
        print(k, "against the best other of each task:", interval(list(ratios.values())))
        print("   ", {name: round(float(ratio), 2) for name, ratio in ratios.items()})


def interval(ratios):
    """Return the geometric mean over tasks, and its 95 % bootstrap interval."""
    if not ratios:
        return ""
    logs = np.log(np.maximum(ratios, 1e-3))
    draws = np.random.default_rng(0).choice(logs, (2000, len(logs))).mean(axis=1)
    low, high = np.exp(np.quantile(draws, [0.025, 0.975]))
    return f"{np.exp(logs.mean()):.2f} ({low:.2f} - {high:.2f})"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["run", "table"])
    parser.add_argument("out")
    parser.add_argument("--tasks", nargs="*", default=STANDARD)
    parser.add_argument("--methods", nargs="*", default=list(METHODS))
    parser.add_argument("--seeds", nargs="*", type=int, default=list(range(10)))
    parser.add_argument("--n-iter", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=math.inf, help="begin no run after so many seconds")
    arguments = parser.parse_args()
    (run if arguments.command == "run" else table)(arguments)
