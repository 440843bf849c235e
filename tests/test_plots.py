"""Pictures: every function draws every kind of search, and leaves nothing behind."""

import re
import subprocess
import sys
import warnings

import numpy as np
import pytest
from sklearn.base import BaseEstimator

from geneticsearch import GeneticSearchCV, LogUniformDistribution, SequenceDistribution, UniformDistribution, optimize

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")

import matplotlib.pyplot as plt  # noqa: E402

from geneticsearch import plots  # noqa: E402

X = np.arange(24.0).reshape(12, 2)
y = np.arange(12) % 2
FLAT = {"a": UniformDistribution(0, 1), "b": LogUniformDistribution(1e-3, 1e3)}
STRUCTURED = [
    {"a": UniformDistribution(0, 1), "kind": ["some $ign", "_other"]},
    {"a": ["word", UniformDistribution(0, 1)], "b": SequenceDistribution(LogUniformDistribution(1e-3, 1e3), 1, 2)},
]


def loss(params):
    a = params["a"] if params["a"] != "word" else 0.9
    if a > 0.8:
        raise ValueError("no value above 0.8")
    return (a - 0.3) ** 2 + 0.01 * len(np.atleast_1d(params.get("b", ())))


class Formula(BaseEstimator):
    def __init__(self, a=0.0, b=(), kind=None):
        self.a = a
        self.b = b
        self.kind = kind

    def fit(self, X, y=None):
        self.loss_ = loss(self.get_params())
        return self

    def score(self, X, y=None):
        return -self.loss_ - np.mean(X) / 100


def search(space=STRUCTURED, **options):
    options = {"n_iter": 40, "cv": 3, "random_state": 0, "refit": False, "surrogate": None, **options}
    return GeneticSearchCV(Formula(), space, **options).fit(X, y)


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """Return searches of all kinds, by name."""
    place = tmp_path_factory.mktemp("searches")
    with warnings.catch_warnings():  # that some fail
        warnings.simplefilter("ignore")
        found = {
            "search": search(checkpoint=place / "search.db"),
            "flat search": search(FLAT),
            "one candidate": search(FLAT, n_iter=1, random_state=3),
            "result": optimize(loss, STRUCTURED, n_iter=40, seed=0, checkpoint=place / "result.db"),
            "flat result": optimize(loss, FLAT, n_iter=40, seed=0),
            "maximized": optimize(lambda p: -loss(p), FLAT, n_iter=40, seed=0, maximize_fn=True),
            "one evaluation": optimize(lambda p: 1.0, FLAT, n_iter=1, seed=0),
            "all equal": optimize(lambda p: 1.0, FLAT, n_iter=15, seed=0),
            "outliers": optimize(
                lambda p: loss({"a": 0.3 * p["a"]}) * (1e6 if p["b"] > 50 else 1), FLAT, n_iter=40, seed=0
            ),
            "steep": optimize(lambda p: p["b"] ** 3, FLAT, n_iter=40, seed=0),
        }
        found["checkpoint of a search"] = str(place / "search.db")
        found["checkpoint of a result"] = place / "result.db"
    return found


NAMES = [
    *("search", "flat search", "one candidate", "result", "flat result", "maximized", "one evaluation", "all equal"),
    *("outliers", "steep", "checkpoint of a search", "checkpoint of a result"),
]
OF_SEVERAL_FOLDS = {"search", "flat search", "one candidate", "checkpoint of a search"}
ON_ONE_AXES = [getattr(plots, name) for name in plots.__all__ if name != "plot_parameters"]


@pytest.fixture(autouse=True)
def close_figures():
    assert not plt.get_fignums()
    yield
    plt.close("all")


@pytest.mark.parametrize("name", NAMES)
def test_every_search_is_drawn(sources, name, monkeypatch):
    monkeypatch.setattr(plots, "N_FORESTS", 2)
    settings = dict(matplotlib.rcParams)
    for plot in ON_ONE_AXES:
        if plot is plots.plot_folds and name not in OF_SEVERAL_FOLDS:
            with pytest.raises(ValueError, match="`plot_folds` needs the scores of a GeneticSearchCV on several folds"):
                plot(sources[name])
            continue
        ax = plot(sources[name])
        assert isinstance(ax, matplotlib.axes.Axes)
        assert ax.get_title()
        ax.figure.canvas.draw()
        assert ax.figure.number in plt.get_fignums()
        plt.close(ax.figure)
    axes = plots.plot_parameters(sources[name])
    assert all(isinstance(ax, matplotlib.axes.Axes) for ax in axes)
    axes[0].figure.canvas.draw()
    assert dict(matplotlib.rcParams) == settings


@pytest.mark.parametrize("plot", ON_ONE_AXES, ids=lambda plot: plot.__name__)
def test_axes_that_are_given_are_drawn_on(sources, plot):
    figure, axes = plt.subplots(1, 2)
    assert plot(sources["search"], ax=axes[1]) is axes[1]
    assert axes[1].has_data()
    assert not axes[0].has_data()
    assert plt.get_fignums() == [figure.number]


def test_a_figure_that_is_given_is_drawn_on(sources):
    figure = plt.figure(layout="constrained")
    left, right = figure.subfigures(1, 2)
    axes = plots.plot_parameters(sources["flat search"], figure=right)
    assert [ax.figure for ax in axes] == [right, right]
    assert not left.axes
    assert plt.get_fignums() == [figure.number]


def test_a_failed_search_in_a_checkpoint_is_drawn(tmp_path):
    path = tmp_path / "search.db"
    with pytest.raises(ValueError, match="failed"):
        GeneticSearchCV(Formula(), {"a": UniformDistribution(0.81, 1)}, n_iter=12, cv=2, checkpoint=path).fit(X, y)
    for plot in ON_ONE_AXES:
        plot(path).figure.canvas.draw()
    plots.plot_parameters(path)[0].figure.canvas.draw()


def texts(legend):
    return [text.get_text() for text in legend.get_texts()]


def test_progress_shows_each_species_and_the_failed(sources):
    ax = plots.plot_progress(sources["search"])
    shown = texts(ax.get_legend())
    assert {"best so far", "failed"} <= set(shown)
    assert len(shown) > 4
    assert texts(plots.plot_progress(sources["flat result"]).get_legend())[:2] == ["candidate", "best so far"]


def test_progress_falls_where_scores_are_minimised_and_rises_where_not(sources):
    for name, sign in ("result", -1), ("maximized", 1), ("search", 1):
        (line,) = plots.plot_progress(sources[name]).get_lines()
        assert (np.diff(line.get_ydata()) * sign >= 0).all()
        assert line.get_ydata()[-1] == sources[name].best_score if name != "search" else True


def test_outliers_do_not_hide_the_others_and_steep_scores_are_logarithmic(sources):
    ax = plots.plot_progress(sources["outliers"])
    assert ax.get_ylim()[1] < 100
    assert ax.get_yscale() == "linear"
    assert plots.plot_progress(sources["steep"]).get_yscale() == "log"


def test_shares_of_species_add_up(sources):
    ax = plots.plot_species(sources["search"], window=5)
    tops = np.max([area.get_paths()[0].vertices[:, 1].max() for area in ax.collections])
    assert tops == pytest.approx(1)
    assert sum(int(text.rsplit(", ", 1)[1].split(" of ")[0]) for text in texts(ax.get_legend())) == 40
    assert ax.get_ylabel() == "share of the latest 5"


def test_of_many_species_the_largest_have_a_colour():
    space = {"x": SequenceDistribution(UniformDistribution(0, 1), 1, 9)}
    result = optimize(lambda params: len(params["x"]), space, n_iter=30, seed=0, surrogate=None)
    shown = texts(plots.plot_species(result).get_legend())
    assert len(shown) == 6
    assert re.match(r"\d others: best \d, \d+ of 30$", shown[0])


def test_parameters_have_the_scale_of_their_distribution(sources):
    for name in "flat search", "flat result":
        scales = {ax.get_title(): ax.get_yscale() for ax in plots.plot_parameters(sources[name])}
        assert scales == {"a": "linear", "b": "log"}


def test_the_parameter_that_matters_is_the_important_one():
    space = {"x": UniformDistribution(-1, 1), "y": UniformDistribution(-1, 1), "kind": ["a", "b", "c"]}
    result = optimize(lambda p: p["x"] ** 2 + 0.3 * (p["kind"] == "b"), space, n_iter=80, seed=0, surrogate=None)
    ax = plots.plot_importance(result)
    names = [text.get_text() for text in ax.get_yticklabels()]
    widths = dict(zip(names, [bar.get_width() for bar in ax.patches], strict=True))
    assert names[-1] == "y"
    assert widths["x"] > 5 * abs(widths["y"])
    again = plots.plot_importance(result)
    assert [bar.get_width() for bar in again.patches] == list(widths.values())


def test_importance_says_when_it_cannot_tell(sources):
    for name in "one candidate", "one evaluation", "all equal":
        (text,) = plots.plot_importance(sources[name]).texts
        assert text.get_text() == "too few different candidates to tell"


def test_genealogy_has_a_line_to_each_parent(sources):
    one = sources["search"]
    family, waiting = set(), [one.best_index_]
    while waiting:
        row = waiting.pop()
        waiting += [parent for parent in one.history_[row].parents if parent not in family]
        family.add(row)
    n_lines = sum(len(one.history_[row].parents) for row in family)
    assert len(plots.plot_genealogy(one).get_lines()) == n_lines
    assert n_lines > 0


def test_folds_are_those_of_the_best(sources):
    one = sources["search"]
    ax = plots.plot_folds(one, k=4)
    rows = [int(text.get_text()) for text in ax.get_xticklabels()]
    scores = one.cv_results_["mean_test_score"]
    assert len(rows) == 4
    assert rows[0] == one.best_index_
    assert (np.diff(scores[rows]) <= 0).all()
    np.testing.assert_array_equal(ax.get_lines()[0].get_ydata(), one.cv_results_["split0_test_score"][rows])


def test_wrong_arguments_are_told(sources):
    with pytest.raises(ValueError, match="`k`"):
        plots.plot_folds(sources["search"], k=0)
    with pytest.raises(ValueError, match="`window`"):
        plots.plot_species(sources["search"], window=0)
    with pytest.raises(TypeError, match="is needed; got 3"):
        plots.plot_progress(3)


def test_matplotlib_is_imported_when_something_is_drawn():
    code = (
        "import sys, geneticsearch.plots as plots; assert 'matplotlib' not in sys.modules\n"
        "sys.modules['matplotlib.pyplot'] = None\n"
        "from geneticsearch import optimize\n"
        "try: plots.plot_progress(optimize(lambda p: 0.0, {'a': [1, 2]}))\n"
        "except ImportError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == '`geneticsearch.plots` needs matplotlib: pip install "geneticsearch[plots]"'
