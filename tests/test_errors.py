"""Warnings point at the user's line; missing extras say how to get them."""

import inspect
import sys
import threading
import warnings

import pytest
from sklearn.datasets import load_iris
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeClassifier

from geneticsearch import GeneticSearchCV, UniformDistribution, optimize
from geneticsearch._errors import require

SPACE = {"x": UniformDistribution(0, 1)}
OUTSIDE = optimize(lambda p: p["x"], {"x": UniformDistribution(2, 3)}, n_iter=2, seed=0)
IRIS = load_iris(return_X_y=True)


def of_function(tmp_path):
    optimize(lambda p: p["x"], SPACE, n_iter=2, seed=0, initial=OUTSIDE)


def with_checkpoint(tmp_path):
    optimize(lambda p: p["x"], SPACE, n_iter=2, seed=0, initial=OUTSIDE, checkpoint=tmp_path / "search.db")


def of_search(tmp_path):
    found = GeneticSearchCV(DecisionTreeClassifier(), {"max_depth": [5, 6]}, cv=3).fit(*IRIS)
    GeneticSearchCV(DecisionTreeClassifier(), {"max_depth": [1, 2]}, cv=3, initial=found).fit(*IRIS)


def inside_a_pipeline(tmp_path):
    found = GeneticSearchCV(DecisionTreeClassifier(), {"max_depth": [5, 6]}, cv=3).fit(*IRIS)
    make_pipeline(GeneticSearchCV(DecisionTreeClassifier(), {"max_depth": [1, 2]}, cv=3, initial=found)).fit(*IRIS)


def coroutine(tmp_path):
    async def fn(params):
        return params["x"]

    optimize(fn, SPACE, n_iter=2, seed=0, initial=OUTSIDE)


def failed_evaluation(tmp_path):
    optimize(lambda p: p["x"] if p["x"] < 0.5 else None, SPACE, n_iter=5, seed=0)


def unknown_identity(tmp_path):
    lock = threading.Lock()
    optimize(lambda p: p["x"] if lock else 0.0, SPACE, n_iter=2, seed=0, checkpoint=tmp_path / "lock.db")


@pytest.mark.parametrize(
    "user",
    [
        of_function,
        with_checkpoint,
        of_search,
        inside_a_pipeline,
        coroutine,
        failed_evaluation,
        unknown_identity,
    ],
)
def test_warnings_point_at_the_line_of_the_user(user, tmp_path):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        user(tmp_path)
    (warning,) = caught
    lines, first = inspect.getsourcelines(user)
    assert warning.filename == __file__
    assert first <= warning.lineno < first + len(lines)


def test_a_missing_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r'^a picture needs matplotlib: pip install "geneticsearch\[plots\]"$'):
        require("plots", "a picture")


def test_an_extra_that_is_there_is_its_module():
    pandas = pytest.importorskip("pandas")
    assert require("pandas", "`to_frame`") is pandas
