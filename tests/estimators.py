"""Searches to look at: of a formula that fails in places, over a flat space and one with species."""

import contextlib
import time
import warnings
from numbers import Number

import numpy as np
import pytest
from scipy.stats import loguniform, uniform
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.exceptions import FitFailedWarning
from sklearn.model_selection import RandomizedSearchCV

from geneticsearch import (
    Callback,
    GeneticSearchCV,
    LogUniformDistribution,
    SequenceDistribution,
    UniformDistribution,
    optimize,
)

X = np.arange(36.0).reshape(18, 2)
y = np.arange(18) % 2
FLAT = {"a": UniformDistribution(0, 1), "b": LogUniformDistribution(1e-3, 1e3)}
STRUCTURED = [
    {"a": UniformDistribution(0, 1), "kind": ["some $ign", "_other"]},
    {"a": ["word", UniformDistribution(0, 1)], "b": SequenceDistribution(LogUniformDistribution(1e-3, 1e3), 1, 2)},
]


def loss(params, fails_above=0.8):
    """Return a loss that is least where `a` is 0.3 and `b` is 2, or has a length of 2."""
    a, b = params.get("a", 0.0), params.get("b", 2)
    if isinstance(a, str) or a > fails_above:
        raise ValueError(f"no value above {fails_above}")
    return (a - 0.3) ** 2 + 0.01 * abs((b if isinstance(b, Number) else len(b)) - 2)


class Formula(RegressorMixin, BaseEstimator):
    """Scores by a formula of its parameters and of the rows it is scored on, so that folds differ.

    It cannot be fitted where `a` is above `fails_above`. Each fit appends a byte to the file `log`.
    """

    def __init__(self, a=0.0, b=2, kind=None, fails_above=1.0, log=None, pause=0.0):
        self.a = a
        self.b = b
        self.kind = kind
        self.fails_above = fails_above
        self.log = log
        self.pause = pause

    def fit(self, X, y=None):
        note(self.log)
        time.sleep(self.pause)
        self.loss_ = loss({"a": self.a, "b": self.b}, self.fails_above)
        self.n_features_in_ = np.shape(X)[1]
        return self

    def predict(self, X):
        return np.full(len(X), self.a)

    def score(self, X, y=None):
        return np.mean(X) / 100 - self.loss_


def search(space=STRUCTURED, estimator=None, **options):
    """Return a search, quick and not yet fitted."""
    options = {"n_iter": 40, "cv": 3, "random_state": 0, "refit": False, "surrogate": None, **options}
    return GeneticSearchCV(Formula(fails_above=0.8) if estimator is None else estimator, space, **options)


@contextlib.contextmanager
def quietly():
    """Ignore the warnings of evaluations that fail."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*of `fn` failed")
        warnings.filterwarnings("ignore", "One or more of the test scores are non-finite")
        warnings.simplefilter("ignore", FitFailedWarning)
        yield


def searched(space=STRUCTURED, estimator=None, **options):
    """Return a fitted search some of whose candidates may have failed."""
    with quietly():
        return search(space, estimator, **options).fit(X, y)


def minimized(fn=loss, space=STRUCTURED, **options):
    """Return the result of `optimize`, some of whose candidates may have failed."""
    with quietly():
        return optimize(fn, space, **{"n_iter": 40, "seed": 0, "surrogate": None, **options})


OWN_AND_ERROR = {"own": lambda estimator, X, y: estimator.score(X), "error": lambda estimator, X, y: -estimator.loss_}
"""Two metrics of `Formula`."""


def same(one, other):
    """Return whether two searches have the same candidates and the same best; fail if their results differ."""
    for name in one.cv_results_:
        if "_time" not in name:
            np.testing.assert_array_equal(one.cv_results_[name], other.cv_results_[name])
    assert [one.score for one in one.history_] == [one.score for one in other.history_]
    return one.history_ == other.history_ and one.best_index_ == other.best_index_


def check_stopped_have_no_means(one, n_splits):
    """Fail unless a search by `OWN_AND_ERROR` has stopped candidates, and these alone have no means."""
    stopped = one.cv_results_["n_splits_run"] < n_splits
    assert stopped.any()
    for name in "mean_test_own", "mean_test_error", "mean_train_own", "mean_train_error":
        assert (np.isnan(one.cv_results_[name]) == stopped).all()


class StopAt(Callback):
    """Interrupts a search."""

    def __init__(self, number):
        self.number = number

    def on_result(self, individual, best):
        if individual.number == self.number:
            raise KeyboardInterrupt


def note(log):
    if log is not None:
        with open(log, "ab", buffering=0) as file:
            file.write(b".")


def count(log):
    """Return how many fits noted themselves in a file."""
    return log.stat().st_size if log.exists() else 0


def wait_for(condition, seconds=60.0):
    """Wait until a condition holds; return its value, false if it did not hold in time."""
    deadline = time.monotonic() + seconds
    while not (value := condition()) and time.monotonic() < deadline:
        time.sleep(0.002)
    return value


HOSTILE = [
    "</script><script>alert(1)</script>",
    "\"><img src='http://example.invalid/x' onerror='alert(1)'>",
    "--> ]]> &lt;b&gt; <!-- ${x} $$ \\$",
    "\x00\x1b\ud800\ufffe 雪 \u202e",
    "javascript:alert(1)",
]
"""Names and values that must not mean anything to a browser."""


def interrupted(place):
    stopped = search(FLAT, callbacks=StopAt(20))
    with quietly(), pytest.raises(KeyboardInterrupt):
        stopped.fit(X, y)
    return stopped


def randomized(place):
    space = {"a": uniform(0, 1), "b": loguniform(1e-3, 1e3)}
    one = RandomizedSearchCV(Formula(fails_above=0.8), space, n_iter=40, cv=3, random_state=0)
    with quietly():
        return one.fit(X, y)


def hostile(place):
    space = {"a": UniformDistribution(0, 0.7), HOSTILE[0]: HOSTILE, **{name: [name, 1.0, None] for name in HOSTILE[1:]}}
    return minimized(space=[space, {**space, "b": [HOSTILE]}], n_iter=30, checkpoint=place / "hostile.db")


def failed(place):
    with quietly(), pytest.raises(ValueError, match="failed"):
        search({"a": UniformDistribution(0.81, 1)}, n_iter=12, checkpoint=place / "failed.db").fit(X, y)


def checkpoint_of(name):
    """Return a function that runs a search with a checkpoint, if that is not there yet, and returns its path."""

    def path(place):
        path = place / f"{name}.db"
        if not path.exists():
            SEARCHES[name](place)
        return path

    return path


SEARCHES = {
    "search": lambda place: searched(random_state=3, checkpoint=place / "search.db"),
    "flat search": lambda place: searched(FLAT, refit=True),
    "one candidate": lambda place: searched(FLAT, n_iter=1),
    "several metrics": lambda place: searched(FLAT, scoring=["r2", "explained_variance"], refit="explained_variance"),
    "refit by a function": lambda place: searched(FLAT, refit=lambda results: 3),
    "interrupted": interrupted,
    "result": lambda place: minimized(checkpoint=place / "result.db"),
    "flat result": lambda place: minimized(space=FLAT),
    "maximized": lambda place: minimized(lambda params: -loss(params), FLAT, maximize_fn=True),
    "one evaluation": lambda place: minimized(lambda params: 1.0, FLAT, n_iter=1),
    "all equal": lambda place: minimized(lambda params: 1.0, FLAT, n_iter=15),
    "outliers": lambda place: minimized(
        lambda params: loss({"a": 0.2 * params["a"]}) * (1e6 if params["b"] > 50 else 1), FLAT
    ),
    "steep": lambda place: minimized(lambda params: params["b"] ** 3, FLAT, n_iter=15),
    "nested": lambda place: minimized(
        lambda params: params["outer"]["x"], {"outer": [{"x": UniformDistribution(0, 1)}]}, n_iter=12
    ),
    "randomized": randomized,
    "hostile": hostile,
    "failed": failed,
    "checkpoint search": checkpoint_of("search"),
    "checkpoint result": checkpoint_of("result"),
    "checkpoint hostile": checkpoint_of("hostile"),
    "checkpoint failed": checkpoint_of("failed"),
}


class Searches(dict):
    """Searches of all kinds, by name; each is run when it is first looked up."""

    def __init__(self, place):
        super().__init__()
        self.place = place

    def __missing__(self, name):
        return self.setdefault(name, SEARCHES[name](self.place))
