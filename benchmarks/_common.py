"""What the benchmarks share: versions, and tables of medians with their spread."""

from importlib.metadata import PackageNotFoundError, version

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
