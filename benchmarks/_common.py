"""What the benchmarks share: versions, and tables of medians with their spread."""

import argparse
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin

PACKAGES = (
    "geneticsearch",
    "scikit-learn",
    "joblib",
    "numpy",
    "scipy",
    "geneticpy",
    "optuna",
    "optuna-integration",
    "sklearn-genetic-opt",
    "cmaes",
    "torch",
    "smac",
    "ConfigSpace",
    "HEBO",
    "hyperopt",
    "nevergrad",
    "scikit-optimize",
)


def print_versions():
    """Print the versions of all packages that a benchmark may use."""
    found = []
    for package in PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    print("Versions: " + ", ".join(found) + "\n")


def kept_parser(description, methods, tasks, seeds):
    """Return a parser of the arguments of a benchmark that keeps its results, and can print them again."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs=2, default=seeds, help="the first seed, and the one after the last")
    parser.add_argument("--methods", nargs="+", choices=methods, default=list(methods))
    parser.add_argument("--tasks", nargs="+", choices=tasks, default=list(tasks))
    parser.add_argument("--keep", type=Path, help="directory of results; what it has is not run again")
    parser.add_argument("--kept-only", action="store_true", help="run nothing; print tables of what `--keep` has")
    return parser


def installed(searches):
    """Return the searches whose packages are installed, and print which are not."""
    found = {}
    for name, make in searches.items():
        try:
            make(1, 0)
        except ImportError as error:
            print(f"{name} is left out: {error}")
        else:
            found[name] = make
    return found


def spread(values):
    """Return the median and the range of some measurements."""
    return f"{np.median(values):.2f} ({min(values):.2f} - {max(values):.2f})"


class Formula(ClassifierMixin, BaseEstimator):
    """An estimator that costs nothing: its score is a formula of its parameters."""

    def __init__(self, a=0.0, b=0.0, c=0.0, d=0.0):
        self.a = a
        self.b = b
        self.c = c
        self.d = d

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[0])

    def score(self, X, y=None):
        return 1 - (self.a - 0.3) ** 2 - (self.b - 0.4) ** 2 - (self.c - 0.1) ** 2 - (self.d - 0.9) ** 2
