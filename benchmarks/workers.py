"""What do several workers gain, and how large a window do they need?

Time is simulated: candidates take lognormal times (sigma 0.7), and so do their folds among each other (sigma 0.2; five
folds, or `--folds`). Each worker takes the next fold that may start. A candidate may start once the results that its
window needs are known. The search itself does not depend on times, so that each runs once for any number of workers.
TPE gets as many trials at a time as there are workers, each of which evaluates the folds of its trial one after the
other.

    python benchmarks/workers.py --seeds 10 --windows 4 6 8 12 --workers 1 2 4 8 16 64 --more DIRECTORY

The tables have, after the time in which all workers, always busy, would have evaluated 50, 100 and 200 candidates:
regret relative to random search with one worker, as in `search_quality.py`, and the share of time that workers were
busy until the end. `--more` and the tasks are those of `search_quality.py`.
"""

import argparse
import heapq
import json
import warnings
from pathlib import Path

import numpy as np
from _common import print_versions
from _peers import optuna_trials
from search_quality import (
    NEGLIGIBLE,
    Task,
    find_tasks,
    from_geneticsearch,
    print_header,
    print_row,
    random_search,
    to_geneticsearch,
)

from geneticsearch import GeneticOptimizer

WORK = (50, 100, 200)


def fold_times(seed, n_folds):
    """Return the times of the folds of 200 candidates; all of them together take 200."""
    rng = np.random.default_rng([seed, 1])
    times = rng.lognormal(sigma=0.7, size=(WORK[-1], 1)) * rng.lognormal(sigma=0.2, size=(WORK[-1], n_folds))
    return times * WORK[-1] / times.sum()


def genetic_search(task, seed, window):
    """Return the losses of a search, and how many results each candidate needs."""
    optimizer = GeneticOptimizer(to_geneticsearch(task.params), seed=seed, window=window, budget=WORK[-1])
    losses, needs, asked = [], [], []
    while len(losses) < WORK[-1] and (asked or not optimizer.exhausted):
        while optimizer.can_ask and len(asked) < WORK[-1]:
            asked.append(optimizer.ask())
            needs.append(len(losses))
        if len(losses) == len(asked):
            break
        individual = asked[len(losses)]
        losses.append(task(from_geneticsearch(individual.params)))
        optimizer.tell(individual, losses[-1])
    return losses, needs


def schedule(needs, times, n_workers):
    """Return when each candidate is done, and the share of the time for the work of 200 that workers are busy."""
    end = WORK[-1] / n_workers
    free, busy = [0.0] * n_workers, 0.0
    done, known = np.zeros(len(needs)), np.zeros(len(needs) + 1)  # known[n]: when the first n results are
    for number, n_needed in enumerate(needs):
        for seconds in times[number]:
            start = max(heapq.heappop(free), known[n_needed])
            heapq.heappush(free, start + seconds)
            done[number] = max(done[number], start + seconds)
            busy += np.clip(end - start, 0, seconds)
        known[number + 1] = max(known[number], done[number])
    return done, busy / (end * n_workers)


def tpe_search(task, seed, times, n_workers):
    """Return the losses of TPE, when each is known, and that all workers are busy."""
    ask, tell = optuna_trials(task, seed, "TPESampler", constant_liar=n_workers > 1)
    running, losses, done = [], [], []
    for number in range(WORK[-1]):
        now = 0.0
        if len(running) == n_workers:
            now, _, trial, loss = heapq.heappop(running)
            tell(trial, loss)
        trial, config = ask()
        losses.append(task(config))
        done.append(now + times[number].sum())
        heapq.heappush(running, (done[-1], number, trial, losses[-1]))
    return losses, np.array(done), 1.0


def best_after(losses, done, n_workers):
    """Return the best loss that is known after the work of 50, 100 and 200 candidates, or else the first."""
    losses = np.array(losses)
    known = [losses[done <= work / n_workers * (1 + 1e-9)] for work in WORK]
    return [float(found.min()) if len(found) else float(losses[0]) for found in known]


def run(task, arguments, seed):
    """Return the rows of all searches with a seed: best losses and worker use, by label and number of workers."""
    times = fold_times(seed, arguments.folds)
    losses = random_search(task, seed, WORK[-1])
    rows = {"random search, 1": (best_after(losses, times.sum(axis=1).cumsum(), 1), 1.0)}
    for window in arguments.windows:
        losses, needs = genetic_search(task, seed, window)
        for n_workers in arguments.workers:
            done, use = schedule(needs, times, n_workers)
            rows[f"window={window}, {n_workers}"] = best_after(losses, done, n_workers), use
    for n_workers in arguments.tpe:
        losses, done, use = tpe_search(task, seed, times, n_workers)
        rows[f"TPE, {n_workers}"] = best_after(losses, done, n_workers), use
    return rows


def print_table(title, results, n_folds):
    """Print regret relative to random search, and worker use."""
    print(f"\n{title}: {len(results)} tasks x {len(next(iter(results.values()))['rows'])} seeds, {n_folds} folds\n")
    print_header("search", "workers", *(f"regret, {work}" for work in WORK), "worker use")
    logs = {}
    for result in results.values():
        rows = list(result["rows"].values())
        median = result["median"]
        unit = max(median - result["best"], 1e-12)
        for label in rows[0]:
            means = np.mean([row[label][0] for row in rows], axis=0)
            regrets = (means - result["best"]) / unit + NEGLIGIBLE
            logs.setdefault(label, []).append(([*np.log(regrets)], np.mean([row[label][1] for row in rows])))
    random = np.array([one[0] for one in logs.pop("random search, 1")])
    for label, found in sorted(logs.items(), key=lambda item: int(item[0].rsplit(", ")[-1])):
        search, n_workers = label.rsplit(", ", 1)
        ratios = np.exp(np.mean(np.array([one[0] for one in found]) - random, axis=0))
        print_row(search, n_workers, *(f"{r:.2f}" for r in ratios), f"{np.mean([one[1] for one in found]):.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--windows", type=int, nargs="*", default=[4, 6, 8, 12])
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4, 8, 16, 64])
    parser.add_argument("--tpe", type=int, nargs="*", default=[], help="numbers of workers to run TPE with")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--groups", nargs="+", default=["own", "smooth"], choices=["own", "more", "smooth"])
    parser.add_argument("--tasks", nargs="+", help="names of tasks; all by default")
    parser.add_argument("--more", type=Path, help="directory of a tasks.py with more tasks")
    parser.add_argument("--keep", type=Path, help="directory of results; what it has is not run again")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    if arguments.keep:
        arguments.keep.mkdir(parents=True, exist_ok=True)
    results = {}
    for group, makers in find_tasks(arguments.more).items():
        for name, make in makers.items():
            if group not in arguments.groups or (arguments.tasks and name not in arguments.tasks):
                continue
            path = arguments.keep and arguments.keep / f"{name}.json"
            result = json.loads(path.read_text()) if path and path.exists() else {"best": np.inf, "rows": {}}
            params, evaluate = make()
            task = Task(name, tuple(params), evaluate, {})
            for seed in range(arguments.first_seed, arguments.first_seed + arguments.seeds):
                if str(seed) not in result["rows"]:
                    result["rows"][str(seed)] = run(task, arguments, seed)
            if task.known:
                result["best"] = min(result["best"], *task.known.values())
                result.setdefault("median", float(np.median(random_search(task, 0, WORK[-1]))))
                if path:
                    path.write_text(json.dumps(result))
            results.setdefault(group, {})[name] = result
    print_versions()
    for group, found in results.items():
        print_table(
            {"own": "Cross-validation", "more": "More cross-validation", "smooth": "Smooth functions"}[group],
            found,
            arguments.folds,
        )


if __name__ == "__main__":
    main()
