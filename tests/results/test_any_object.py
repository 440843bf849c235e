"""Any object that a user lists goes through everything that shows results."""

import datetime
import decimal
import enum
import fractions
import functools

import numpy as np
import pytest
import sklearn
from estimators import searched
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from geneticsearch import UniformDistribution, optimize, plots, to_optuna, write_report
from geneticsearch.callbacks import MLflowCallback, TensorBoardCallback
from geneticsearch.results import history_of

pd = pytest.importorskip("pandas")


class Color(enum.Enum):
    RED = 1
    BLUE = 2
    GREEN = 3


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Awkward:
    """Cannot be shown, compared or hashed."""

    __hash__ = None

    def __repr__(self):
        raise RuntimeError("no repr")

    def __eq__(self, other):
        raise RuntimeError("no ==")


def increase(x):
    return x + 1


VALUES = {
    "durations": [np.timedelta64(n, "D") for n in (1, 7, 30)],
    "durations of numpy in ns": [np.timedelta64(n, "ns") for n in (1, 7)],
    "timedeltas": [datetime.timedelta(hours=n) for n in (1, 2, 3)],
    "timedeltas of pandas": [pd.Timedelta(hours=n) for n in (1, 2, 3)],
    "dates": [datetime.date(2020, 1, n) for n in (1, 2, 3)],
    "dates of numpy": [np.datetime64("2020-01-01"), np.datetime64("NaT"), np.datetime64("2021-01-01")],
    "timestamps": [pd.Timestamp("2020-01-01", tz="UTC"), pd.NaT, pd.Timestamp("2021-01-01", tz="UTC")],
    "decimals": [decimal.Decimal("0.1"), decimal.Decimal("sNaN"), decimal.Decimal("1e400")],
    "fractions": [fractions.Fraction(1, 3), fractions.Fraction(2, 3)],
    "enums": list(Color),
    "whole enums": list(Level),
    "not numbers": [float("nan"), float("inf"), 1.0, np.float32("nan")],
    "missing": [None, pd.NA, np.nan],
    "scalars of numpy": [np.int8(1), np.float32(0.5), np.bool_(True), np.str_("a")],
    "arrays": [np.arange(3), np.arange(100.0), np.array(5)],
    "functions": [np.mean, increase, functools.partial(increase), len],
    "estimators": [StandardScaler(), MinMaxScaler(), StandardScaler, "passthrough"],
    "large numbers": [1 << 70, 10**400, 3],
    "complex numbers": [1 + 2j, 3 - 1j],
    "bytes": [b"a", b"\xff", bytearray(b"b")],
    "sets": [{1, 2}, frozenset({3}), range(3)],
    "nested": [[1, [2, np.nan]], {"a": {"b": (None, 1)}}, ()],
    "truth": [True, False, None],
    "awkward": [Awkward(), Awkward(), object()],
}


def space_of(kind):
    return {"v": VALUES[kind], "a": UniformDistribution(0, 0.7)}


@pytest.mark.parametrize("kind", VALUES)
def test_any_object_is_shown(kind, tmp_path):
    pytest.importorskip("optuna")
    path = tmp_path / "search.db"
    result = optimize(lambda params: params["a"], space_of(kind), n_iter=12, seed=0, surrogate=None, checkpoint=path)
    for source in result, path:
        history = history_of(source)
        assert len(history.parameters) >= 1
        assert isinstance(history.advice, list)
        assert len(to_optuna(source).trials) == 12
    assert result._repr_html_()
    frame = result.to_frame()
    for value, individual in zip(frame["param_v"], result.history, strict=True):
        given = individual.params["v"]
        assert value is given or pd.isna(value) is True or value == given or isinstance(given, np.generic)


@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    """Return a result with all of these values, and its checkpoint."""
    path = tmp_path_factory.mktemp("values") / "search.db"
    space = {**VALUES, "a": UniformDistribution(0, 0.7)}
    return optimize(lambda params: params["a"], space, n_iter=20, seed=0, surrogate=None, checkpoint=path), path


OF_VALUES = ["plot_importance", "plot_landscape", "plot_parallel_coordinates", "plot_parameters"]


@pytest.mark.slow
@pytest.mark.parametrize("name", OF_VALUES)
def test_any_object_is_drawn(name, everything, monkeypatch):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    monkeypatch.setattr("geneticsearch.plots._drawing.N_FORESTS", 2)
    monkeypatch.setattr("geneticsearch.plots._importance.N_FORESTS", 2)
    for source in everything:
        drawn = getattr(plots, name)(source)
        np.atleast_1d(drawn)[0].figure.canvas.draw()
        matplotlib.pyplot.close("all")


def test_a_landscape_over_any_object_is_drawn(everything):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    plots.plot_landscape(everything[0], "durations", "estimators").figure.canvas.draw()
    matplotlib.pyplot.close("all")


def test_any_object_is_reported(everything, tmp_path, monkeypatch):
    pytest.importorskip("matplotlib")
    monkeypatch.setattr("geneticsearch.report._pictures.PICTURES", [])  # which the tests above draw
    for source in everything:
        assert "StandardScaler" in write_report(source, tmp_path / "search.html").read_text("utf-8")


@pytest.mark.slow
def test_any_object_is_tracked(tmp_path, monkeypatch):
    pytest.importorskip("mlflow")
    pytest.importorskip("tensorboard")
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    callbacks = [MLflowCallback(tracking_uri=(tmp_path / "runs").as_uri()), TensorBoardCallback(tmp_path / "events")]
    space = {**VALUES, "a": UniformDistribution(0, 0.7)}
    result = optimize(lambda params: params["a"], space, n_iter=3, seed=0, callbacks=callbacks, verbose=2)
    assert result.n_evaluations == 3


@pytest.mark.parametrize("kind", [kind for kind in VALUES if kind != "awkward"])
def test_any_object_is_searched_by_cross_validation(kind, tmp_path):
    if kind in ("arrays", "nested") and sklearn.__version__ < "1.6":
        pytest.skip("older versions of scikit-learn have no results for such parameters")
    space = {"kind": VALUES[kind], "a": UniformDistribution(0, 0.7)}
    one, again = (searched(space, n_iter=4, cv=2, checkpoint=tmp_path / "search.db") for _ in range(2))
    np.testing.assert_array_equal(one.cv_results_["mean_test_score"], again.cv_results_["mean_test_score"])
    assert len(one.to_frame()) == 4
    assert isinstance(one.advice_, list)
