"""How much overhead does a checkpoint add?

The time that a search waits for its checkpoint, for evaluations that take between 0 and 50 ms; the time to load a
finished checkpoint; and the size of the file. Medians of five runs.
"""

import os
import tempfile
import time
import warnings
from statistics import median

import numpy as np
from _common import Formula, print_versions

from geneticsearch import GeneticSearchCV, UniformDistribution, optimize
from geneticsearch.checkpoint._journal import Journal

SPACE = {name: UniformDistribution(0, 1) for name in "abcd"}
X, y = np.random.default_rng(0).random((100, 4)), np.arange(100) % 2


def wait(seconds):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


class Loss:
    def __init__(self, seconds):
        self.seconds = seconds

    def __call__(self, params):
        wait(self.seconds)
        return sum(params.values())


def run_optimize(seconds, n_iter, checkpoint):
    optimize(Loss(seconds), SPACE, n_iter=n_iter, seed=0, checkpoint=checkpoint)


def run_search(seconds, n_iter, checkpoint):
    GeneticSearchCV(Formula(), SPACE, n_iter=n_iter, random_state=0, refit=False, checkpoint=checkpoint).fit(X, y)


def timed(run, *arguments):
    started = time.perf_counter()
    run(*arguments)
    return time.perf_counter() - started


class Clock:
    """Adds up the seconds that the search waits for its checkpoint."""

    def __init__(self):
        self.opening = self.recording = 0.0

    def __enter__(self):
        self._originals = {name: getattr(Journal, name) for name in ("__init__", "begin", "record", "recall", "close")}
        for name, original in self._originals.items():
            setattr(Journal, name, self._timed("recording" if name in ("record", "recall") else "opening", original))
        return self

    def _timed(self, part, method):
        def wrapper(*args):
            started = time.perf_counter()
            try:
                return method(*args)
            finally:
                setattr(self, part, getattr(self, part) + time.perf_counter() - started)

        return wrapper

    def __exit__(self, *_):
        for name, original in self._originals.items():
            setattr(Journal, name, original)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    print_versions()
    print("| search | ms per evaluation | candidates | ms to open and close | ms per candidate | share | KB each |")
    print("|---|---|---|---|---|---|---|")
    cases = [(run_optimize, 0.0, 3000), (run_optimize, 0.005, 1000), (run_optimize, 0.05, 200), (run_search, 0.0, 300)]
    for run, seconds, n_iter in cases:
        opening, recording, shares = [], [], []
        for _ in range(5):
            with tempfile.TemporaryDirectory() as directory, Clock() as clock:
                path = os.path.join(directory, "search.db")
                whole = timed(run, seconds, n_iter, path)
                size = os.path.getsize(path) / n_iter / 1000
            opening.append(1000 * clock.opening)
            recording.append(1000 * clock.recording / n_iter)
            shares.append(clock.recording / whole)
        case = f"{run.__name__[4:]} | {seconds * 1000:g} | {n_iter} | {median(opening):.0f}"
        print(f"| {case} | {median(recording):.2f} | {median(shares):.2%} | {size:.1f} |")
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "search.db")
        run_optimize(0.0, 10_000, path)
        seconds = timed(run_optimize, 0.0, 10_000, path)
        print(f"\n10,000 candidates of a finished checkpoint are recalled in {seconds:.1f} s")
