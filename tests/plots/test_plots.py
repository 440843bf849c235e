"""Pictures: every function draws every kind of search, and leaves nothing behind."""

import re
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from estimators import FLAT, Formula, X, minimized, search, y

from geneticsearch import LogUniformDistribution, SequenceDistribution, UniformDistribution, optimize

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")

import matplotlib.pyplot as plt  # noqa: E402

from geneticsearch import plots  # noqa: E402
from geneticsearch.plots import _drawing, _parameters  # noqa: E402

QUICK = ["search", "flat result", "one evaluation"]
SLOW = [
    *("flat search", "one candidate", "result", "maximized", "all equal", "outliers", "steep", "randomized"),
    *("checkpoint search", "checkpoint result"),
]
NAMES = [*QUICK, *[pytest.param(name, marks=pytest.mark.slow) for name in SLOW]]
OF_SEVERAL_FOLDS = {"search", "flat search", "one candidate", "checkpoint search", "randomized"}
PICTURES = [getattr(plots, name) for name in plots.__all__]
OF_TIMES = ["over_time", "plot_timeline"]
OF_PANELS = [plots.plot_parameters, plots.plot_slice]


def over_time(source):
    return plots.plot_progress(source, x="time")


def ranks(source):
    return plots.plot_folds(source, y="rank")


def trained():
    """Return a search that knows its training scores."""
    return search(FLAT, Formula(), n_iter=10, return_train_score=True).fit(X, y)


def several(objectives=("min", "min"), n_iter=12):
    """Return a result with several objectives."""

    def fn(params):
        return [params["a"], (1 - params["a"]) ** 2, params["b"]][: len(objectives)]

    return optimize(fn, FLAT, n_iter=n_iter, seed=0, objectives=objectives)


def needs(plot, name):
    """Return what a picture of a search lacks, in the words of the error; None if nothing."""
    if plot.__name__ in OF_TIMES and name == "randomized":
        return "times of the candidates are needed, and there are none"
    if plot.__name__ in ("plot_folds", "ranks") and name not in OF_SEVERAL_FOLDS:
        return "`plot_folds` needs scores on several folds; there are none"
    return "`plot_train_test` needs training scores" if plot is plots.plot_train_test else None


@pytest.fixture(autouse=True)
def close_figures():
    assert not plt.get_fignums()
    yield
    plt.close("all")


def assert_inside(ax):
    """Assert that nothing is cut off by the edge of the figure."""
    drawn, figure = ax.get_tightbbox(), ax.figure.bbox.padded(1)
    assert (drawn.min >= figure.min).all()
    assert (drawn.max <= figure.max).all()


@pytest.mark.parametrize("plot", [*PICTURES, ranks, over_time], ids=lambda plot: plot.__name__)
@pytest.mark.parametrize("name", NAMES)
def test_every_search_is_drawn(searches, name, plot, monkeypatch):
    monkeypatch.setattr("geneticsearch.plots._drawing.N_FORESTS", 2)
    monkeypatch.setattr("geneticsearch.plots._importance.N_FORESTS", 2)
    settings = dict(matplotlib.rcParams)
    needed = needs(plot, name)
    if needed is not None:
        with pytest.raises(ValueError, match=needed):
            plot(searches[name])
        return
    ax = plot(searches[name])
    assert isinstance(ax, matplotlib.axes.Axes)
    assert ax.get_title()
    ax.figure.canvas.draw()
    assert_inside(ax)
    assert plt.get_fignums() == [ax.figure.number]
    assert dict(matplotlib.rcParams) == settings


@pytest.mark.parametrize("plot", PICTURES, ids=lambda plot: plot.__name__)
def test_axes_that_are_given_are_drawn_on(searches, plot):
    figure, axes = plt.subplots(1, 2)
    source = searches["flat search"]
    if plot is plots.plot_train_test:
        source = trained()
    if plot in (plots.plot_pareto, plots.plot_hypervolume):
        source = several()
    assert plot(source, ax=axes[1]) is axes[1]
    assert any(ax.has_data() for ax in figure.axes[1:])
    assert not axes[0].has_data()
    assert plt.get_fignums() == [figure.number]


@pytest.mark.parametrize("plot", OF_PANELS, ids=lambda plot: plot.__name__)
def test_panels_are_where_the_axes_were(searches, plot):
    by_hand = plt.figure()
    for left, right in (
        plt.subplots(1, 2, layout="constrained")[1],
        (by_hand.add_axes((0, 0, 0.4, 1)), by_hand.add_axes((0.5, 0.1, 0.4, 0.8))),
    ):
        place = right.get_position()
        ax = plot(searches["flat search"], ax=right)
        panels = [one for one in ax.figure.axes if one not in (left, ax)]
        assert {panel.get_title() or panel.get_xlabel() for panel in panels} >= {"a", "b"}
        for panel in panels:
            assert place.padded(0.01).contains(*panel.get_position().p0)
            assert place.padded(0.01).contains(*panel.get_position().p1)


@pytest.mark.parametrize("plot", [plots.plot_progress, plots.plot_genealogy], ids=lambda plot: plot.__name__)
def test_the_legend_is_below_the_picture_where_there_is_room_for_it(searches, plot):
    ax = plot(searches["search"])
    ax.figure.canvas.draw()
    assert ax.get_legend().get_window_extent().y1 < ax.bbox.y0
    ax = plot(searches["search"], ax=plt.subplots()[1])
    ax.figure.canvas.draw()
    assert ax.get_legend().get_window_extent().y0 > ax.bbox.y0


def test_a_failed_search_in_a_checkpoint_is_drawn(tmp_path):
    path = tmp_path / "search.db"
    with pytest.raises(ValueError, match="failed"):
        search({"a": UniformDistribution(0.81, 1)}, n_iter=10, checkpoint=path).fit(X, y)
    for plot in [*PICTURES, ranks, over_time]:
        if plot is not plots.plot_train_test:
            plot(path).figure.canvas.draw()


def test_a_random_search_is_drawn_to_compare(searches):
    ax = plots.plot_progress(searches["randomized"])
    (line,) = ax.get_lines()
    assert line.get_ydata()[-1] == searches["randomized"].best_score_
    assert len(drawn(ax, "failed")) == np.isnan(searches["randomized"].cv_results_["mean_test_score"]).sum() > 0


def texts(legend):
    return [text.get_text() for text in legend.get_texts()]


def test_progress_shows_each_species_and_the_failed(searches):
    ax = plots.plot_progress(searches["search"])
    shown = texts(ax.get_legend())
    assert {"best so far", "failed"} <= set(shown)
    assert len(shown) > 4
    assert texts(plots.plot_progress(searches["flat result"]).get_legend())[:2] == ["candidate", "best so far"]


def test_progress_falls_where_scores_are_minimized_and_rises_where_not(searches):
    for name, sign in ("result", -1), ("maximized", 1), ("search", 1):
        (line,) = plots.plot_progress(searches[name]).get_lines()
        assert (np.diff(line.get_ydata()) * sign >= 0).all()
        assert line.get_ydata()[-1] == searches[name].best_score if name != "search" else True


def test_outliers_do_not_hide_the_others_and_steep_scores_are_logarithmic(searches):
    ax = plots.plot_progress(searches["outliers"])
    assert ax.get_ylim()[1] < 100
    assert ax.get_yscale() == "linear"
    assert plots.plot_progress(searches["steep"]).get_yscale() == "log"


def timed(times):
    """Return a result whose candidates, the later the better, start and end at these times."""
    result = optimize(lambda params: 0.0, {"a": UniformDistribution(0, 1)}, n_iter=1, seed=0)
    history = [
        replace(
            result.history[0], number=i, score=-float(i), start=start, duration=None if start is None else end - start
        )
        for i, (start, end) in enumerate(times)
    ]
    return replace(result, history=history)


def test_time_runs_only_while_candidates_are_evaluated():
    day = 86_400
    # Two at a time, a pause of a day, one that takes longer than the next, and one that nobody timed.
    ax = over_time(
        timed([(day, day + 4), (day + 1, day + 6), (2 * day, 2 * day + 9), (2 * day + 2, 2 * day + 5), (None, 0)])
    )
    places = ax.collections[0].get_offsets()
    np.testing.assert_allclose(places[:4], [[4, 0], [6, -1], [15, -2], [11, -3]])
    assert np.isnan(places[4, 0]) or places[4].mask.any()
    (line,) = ax.get_lines()
    np.testing.assert_allclose(line.get_xydata(), [[4, 0], [6, -1], [11, -3], [15, -3]])
    assert ax.get_xlabel() == "time in seconds"


@pytest.mark.parametrize(
    ("seconds", "unit", "last"), [(100, "seconds", 100), (180, "minutes", 3), (9000, "hours", 2.5)]
)
def test_long_times_are_in_minutes_or_hours(seconds, unit, last):
    ax = over_time(timed([(0.0, 1.0), (1.0, seconds)]))
    assert ax.get_xlabel() == f"time in {unit}"
    assert ax.get_lines()[0].get_xdata()[-1] == last


def test_without_times_there_is_no_picture_over_time():
    with pytest.raises(ValueError, match="times of the candidates are needed, and there are none"):
        over_time(timed([(None, None)]))
    assert not plt.get_fignums()


def test_the_best_so_far_is_shown_where_it_would_be_out_of_the_picture(searches):
    ax = plots.plot_progress(searches["outliers"])
    (line,) = ax.get_lines()
    low, high = ax.get_ylim()
    assert ((low < line.get_ydata()) & (line.get_ydata() < high)).all()


def test_shares_of_species_add_up(searches):
    ax = plots.plot_species(searches["search"], window=5)
    tops = np.max([area.get_paths()[0].vertices[:, 1].max() for area in areas(ax)])
    assert tops == pytest.approx(1)
    shown = [text for text in texts(ax.get_legend()) if not text.startswith("the best")]
    assert sum(int(text.rsplit(", ", 1)[1].split(" of ")[0]) for text in shown) == 40
    assert ax.get_ylabel() == "share of the latest 5"


def areas(ax):
    return [one for one in ax.collections if not len(one.get_offsets()) > 1 and not is_star(one)]


def is_star(artist):
    return artist.get_label().startswith("the best")


def test_a_star_in_the_area_of_each_species_is_its_best_candidate(searches):
    one = searches["search"]
    ax = plots.plot_species(one)
    stars = {tuple(place): star.get_label() for star in ax.collections if is_star(star) for place in star.get_offsets()}
    scores = one.cv_results_["mean_test_score"]
    species = one.cv_results_["species"]
    best = {
        name: max(np.flatnonzero(species == name), key=lambda i: np.nan_to_num(scores[i], nan=-9))
        for name in set(species)
    }
    assert {number for number, _ in stars} == {i for i in best.values() if np.isfinite(scores[i])}
    assert {number for (number, _), label in stars.items() if label == "the best"} == {one.best_index_}
    for place in stars:
        assert sum(area.get_paths()[0].contains_point(place) for area in areas(ax)) == 1


def test_of_many_species_the_largest_have_a_color():
    space = {"x": SequenceDistribution(UniformDistribution(0, 1), 1, 9)}
    result = optimize(lambda params: len(params["x"]), space, n_iter=30, seed=0, surrogate=None)
    shown = texts(plots.plot_species(result).get_legend())
    assert len(shown) == 8
    assert re.match(r"\d others: best \d, \d+ of 30$", shown[0])
    assert shown[-2:] == ["the best of its species", "the best"]


def test_parameters_have_the_scale_of_their_distribution(searches):
    for name in "flat search", "flat result":
        scales = {ax.get_title(): ax.get_yscale() for ax in plots.plot_parameters(searches[name]).figure.axes[1:]}
        assert scales == {"a": "linear", "b": "log"}


def test_a_slice_has_each_candidate_at_its_value_and_score(searches):
    result = searches["flat result"]
    title, a, b, _ = plots.plot_slice(result).figure.axes
    assert title.get_title() == "score against each parameter"
    assert (a.get_xlabel(), b.get_xlabel(), b.get_xscale(), a.get_ylabel()) == ("a", "b", "log", "score")
    shown = np.concatenate([one.get_offsets() for one in a.collections if not is_star(one)])
    known = {one.params["a"] for one in result.history if np.isfinite(one.score)}
    assert set(shown[np.isfinite(shown[:, 1]), 0]) == known
    (star,) = drawn(a, "the best")
    assert tuple(star) == (result.best_params["a"], result.best_score)


def test_panels_can_be_chosen_and_the_rest_is_counted(searches, monkeypatch):
    ax = plots.plot_slice(searches["flat result"], parameters=["b"])
    assert [one.get_xlabel() for one in ax.figure.axes[1:-1]] == ["b"]
    monkeypatch.setattr(_parameters, "MAX_PANELS", 1)
    monkeypatch.setattr(_parameters, "_by_importance", lambda history, known, _: known[::-1])
    ax = plots.plot_parameters(searches["flat result"])
    assert [one.get_title() for one in ax.figure.axes] == [
        "Parameters of all candidates; the 1 least important are left out",
        "b",
    ]


def test_a_comparison_has_medians_and_quartiles_of_the_best_so_far():
    runs = [minimized(space=FLAT, n_iter=n, seed=seed) for seed, n in enumerate((20, 20, 15))]
    ax = plots.plot_comparison({"some": runs, "one": runs[0]})
    some, one = ax.get_lines()
    best = []
    for run in runs:
        scores = [np.inf if np.isnan(each.score) else each.score for each in run.history]
        best.append(np.minimum.accumulate(scores + [np.inf] * (20 - len(scores))))
    np.testing.assert_allclose(some.get_ydata(), np.median(best, axis=0))
    np.testing.assert_allclose(one.get_ydata(), best[0])
    assert len(ax.collections) == 1  # a single run has no band
    assert ax.get_title() == "Best score so far; median and quartiles of 1-3 runs"


def test_searches_of_scikit_learn_are_compared_by_candidates_and_by_time(searches):
    ours, theirs = searches["flat search"], searches["randomized"]
    for x, label in ("candidate", "candidate"), ("time", "time of all evaluations in seconds"):
        ax = plots.plot_comparison({"bred": ours, "random": theirs}, x=x)
        assert ax.get_xlabel() == label
        assert ax.get_lines()[0].get_ydata()[-1] == ours.best_score_
        assert ax.get_lines()[1].get_ydata()[-1] == theirs.best_score_
    with pytest.raises(ValueError, match="must all maximize or all minimize"):
        plots.plot_comparison({"bred": ours, "other": searches["flat result"]})
    with pytest.raises(ValueError, match="at least one search by each name; got"):
        plots.plot_distribution({"none": []})


def test_a_distribution_ends_at_one_and_counts_failures_as_worst(searches):
    search = searches["flat search"]
    scores = search.cv_results_["mean_test_score"]
    (line,) = plots.plot_distribution(search).get_lines()
    assert line.get_ydata()[-1] == 1
    assert line.get_ydata()[0] == pytest.approx((np.isnan(scores).sum() + 1) / len(scores))
    np.testing.assert_array_equal(line.get_xdata(), np.sort(scores[np.isfinite(scores)]))


def test_evaluations_at_the_same_time_are_above_each_other():
    ax = plots.plot_timeline(timed([(0, 4), (1, 6), (4, 5), (86_400, 86_409), (None, 0)]))
    bars = sorted((bar.get_y() + bar.get_height() / 2, bar.get_x(), bar.get_width()) for bar in ax.patches)
    assert [tuple(round(each, 6) for each in bar) for bar in bars] == [(1, 0, 4), (1, 4, 1), (1, 6, 9), (2, 1, 5)]


def test_training_scores_are_drawn_against_the_others():
    one = trained()
    ax = plots.plot_train_test(one)
    results = one.cv_results_
    (star,) = drawn(ax, "the best")
    assert tuple(star) == (results["mean_train_score"][one.best_index_], results["mean_test_score"][one.best_index_])


def test_ranks_are_among_all_candidates_of_a_fold(searches):
    one = searches["search"]
    ax = plots.plot_folds(one, y="rank", k=4)
    rows = [int(text.get_text()) for text in ax.get_xticklabels()]
    scores = np.nan_to_num(one.cv_results_["split0_test_score"], nan=-np.inf)
    better = [(scores > scores[row]).sum() for row in rows]
    equal = [(scores == scores[row]).sum() for row in rows]
    np.testing.assert_allclose(ax.get_lines()[0].get_ydata(), np.add(better, (np.array(equal) + 1) / 2))
    assert ax.yaxis_inverted()


def test_it_is_time_to_stop_when_gains_would_be_noise(searches):
    one = search(FLAT, Formula(), n_iter=40).fit(X, y)
    gain, noise = plots.plot_stopping(one).get_lines()
    assert list(gain.get_xdata()) == [20, 22, 25, 28, 31, 35, 39]
    assert gain.get_ydata()[-1] < gain.get_ydata()[0]
    folds = [one.cv_results_[f"split{i}_test_score"][one.best_index_] for i in range(3)]
    assert noise.get_ydata()[-1] == pytest.approx(np.sqrt((1 / 3 + 1 / 2) * np.var(folds, ddof=1)))
    for name in "flat result", "randomized":
        (text,) = plots.plot_stopping(searches[name]).texts
        assert text.get_text() == "too little is known of the candidates to tell"


def test_axes_have_the_name_of_the_metric():
    from sklearn.datasets import load_iris
    from sklearn.pipeline import make_pipeline
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    for estimator, name, scoring, metric in (
        (make_pipeline(DecisionTreeClassifier()), "decisiontreeclassifier__max_depth", None, "accuracy"),
        (DecisionTreeRegressor(), "max_depth", None, "R²"),
        (DecisionTreeRegressor(), "max_depth", "r2", "r2"),
    ):
        one = search({name: [1, 2]}, estimator, scoring=scoring).fit(*load_iris(return_X_y=True))
        assert plots.plot_progress(one).get_ylabel() == metric


def test_the_legend_explains_triangles(searches):
    ax = plots.plot_progress(searches["outliers"])
    assert any(text.startswith("worse than ") for text in texts(ax.get_legend()))


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


def test_importance_says_when_it_cannot_tell(searches):
    for name in "one candidate", "one evaluation", "all equal":
        (text,) = plots.plot_importance(searches[name]).texts
        assert text.get_text() == "too few different candidates to tell"


def drawn(ax, label):
    """Return what is drawn under a label of the legend."""
    (one,) = [one for one in ax.collections if one.get_label() == label]
    return np.asarray(one.get_offsets())


def test_parallel_lines_cross_each_axis_at_the_value(searches):
    result = searches["flat result"]
    ax = plots.plot_parallel_coordinates(result)
    assert [text.get_text() for text in ax.get_xticklabels()] == ["a", "b"]
    lines = next(one for one in ax.collections if one.get_array() is not None)
    ended = [one for one in result.history if np.isfinite(one.score)]
    ended.sort(key=lambda one: -one.score)
    values = np.array([[one.params["a"], np.log(one.params["b"])] for one in ended])
    everyone = np.array([[one.params["a"], np.log(one.params["b"])] for one in result.history])
    low, high = everyone.min(axis=0), everyone.max(axis=0)
    heights = np.array([line[:, 1] for line in lines.get_segments()])
    np.testing.assert_allclose(heights, (values - low) / (high - low))  # the best is drawn last
    assert (np.diff(lines.get_linewidths()) >= 0).all()
    brightness = lines.to_rgba(lines.get_array())[:, :3].sum(axis=1)
    assert brightness[-1] == brightness.min() < brightness[0]
    best = next(line for line in ax.get_lines() if line.get_color() == _drawing.WINNER["color"])
    np.testing.assert_allclose(best.get_ydata(), heights[-1])


def test_axes_are_labeled_with_values(searches):
    ax = plots.plot_parallel_coordinates(searches["flat result"], parameters=["b", "a"])
    shown = {(round(text.xy[0]), text.get_text()): text.xy[1] for text in ax.texts}
    values = np.log([one.params["b"] for one in searches["flat result"].history])
    assert shown[0, "10"] == pytest.approx((np.log(10) - values.min()) / np.ptp(values))
    assert all(0 <= height <= 1 for height in shown.values())


def test_what_a_candidate_does_not_have_is_below_the_axis(searches):
    one = searches["search"]
    ax = plots.plot_parallel_coordinates(one, parameters=["kind", "a"])
    assert [text.get_text() for text in ax.get_yticklabels()] == ["absent"]
    n_absent = sum("kind" not in params for params in one.cv_results_["params"])
    lines = [line for lines in ax.collections for line in lines.get_segments()]
    assert sum(line[0, 1] == _parameters.ABSENT for line in lines) == n_absent > 0
    assert len(lines) == 40
    assert "dotted: failed" in ax.get_xlabel()


def test_of_many_parameters_the_important_ones_have_an_axis(monkeypatch):
    monkeypatch.setattr("geneticsearch.plots._drawing.N_FORESTS", 3)
    monkeypatch.setattr("geneticsearch.plots._importance.N_FORESTS", 3)
    space = {f"p{i:02d}": UniformDistribution(0, 1) for i in range(14)}
    result = optimize(lambda p: p["p13"] + p["p04"], space, n_iter=60, seed=0, surrogate=None)
    ax = plots.plot_parallel_coordinates(result)
    names = [text.get_text() for text in ax.get_xticklabels()]
    assert len(names) == _parameters.MAX_PARALLEL
    assert names == sorted(names)
    assert {"p04", "p13"} < set(names)
    left_out = ax.get_xlabel().removeprefix("orange: the best; left out, less important: ").split(", ")
    assert sorted([*names, *left_out]) == list(space)


def landscape(result, *names, **options):
    """Return the Axes, and the predicted targets as a function of both parameters."""
    ax = plots.plot_landscape(result, *names, **options)
    return ax, next(one for one in ax.collections if one.get_array() is not None and one.get_array().ndim == 2)


@pytest.fixture(scope="module")
def bowl():
    """Return a search for the lowest place of a bowl, which lies at x = 0.3 and y = 1."""
    space = {
        "no": UniformDistribution(0, 1),
        "kind": ["a", "b"],
        "x": UniformDistribution(-1, 1),
        "y": LogUniformDistribution(1e-2, 1e2),
    }

    def score(params):
        return (params["x"] - 0.3) ** 2 + np.log10(params["y"]) ** 2 / 4 + (params["kind"] == "b")

    return optimize(score, space, n_iter=60, seed=0)


def test_the_landscape_is_darkest_at_the_lowest_place_of_a_bowl(bowl):
    ax, mesh = landscape(bowl, "x", "y")
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_yscale()) == ("x", "y", "log")
    corners = mesh.get_coordinates()
    means = mesh.get_array()
    row, column = np.unravel_index(means.argmax(), means.shape)
    x, y = corners[row : row + 2, column : column + 2].mean(axis=(0, 1))
    assert x == pytest.approx(0.3, abs=0.05)
    assert np.log10(y) == pytest.approx(0, abs=0.15)
    brightness = mesh.to_rgba(means)[..., :3].sum(axis=2)
    assert brightness[row, column] == brightness.min() < brightness.max() - 1


def test_the_landscape_has_all_candidates_and_the_best(bowl):
    ax, _ = landscape(bowl, "x", "y")
    places = np.array([[one.params["x"], one.params["y"]] for one in bowl.history])
    np.testing.assert_allclose(drawn(ax, "candidate"), places)
    np.testing.assert_allclose(drawn(ax, "the best"), [[bowl.best_params["x"], bowl.best_params["y"]]])


def test_colors_of_the_landscape_are_told_in_scores(bowl):
    _, mesh = landscape(bowl)
    bar = mesh.colorbar.ax
    marks = np.array([float(text.get_text()) for text in bar.get_yticklabels()])
    assert (np.diff(marks) < 0).all()  # from dark to bright are the larger targets, which are the smaller scores
    assert bar.yaxis_inverted()
    scores = [one.score for one in bowl.history]
    assert min(scores) <= marks.min() * 1.001
    assert marks.max() <= max(scores) * 1.001


def test_the_landscape_is_over_the_numbers_that_matter_unless_told_otherwise(bowl):
    ax, _ = landscape(bowl)
    assert {ax.get_xlabel(), ax.get_ylabel()} == {"x", "y"}
    ax, _ = landscape(bowl, y="no")
    assert ax.get_ylabel() == "no"
    assert ax.get_xlabel() in ("x", "y")
    ax, mesh = landscape(bowl, x="kind")
    assert mesh.get_array().shape == (_drawing.N_STEPS, 2)
    assert [text.get_text() for text in ax.get_xticklabels()] == ["a", "b"]
    assert (mesh.get_array()[:, 0] > mesh.get_array()[:, 1]).mean() > 0.9


def test_where_nothing_was_evaluated_the_landscape_is_dotted():
    space = {"x": UniformDistribution(0, 1), "y": UniformDistribution(0, 1)}
    result = optimize(lambda p: np.sin(12 * p["x"]) + np.sin(12 * p["y"]), space, n_iter=25, seed=0, surrogate=None)
    ax, mesh = landscape(result, "x", "y")
    candidates, dots = drawn(ax, "candidate"), drawn(ax, "hardly known")
    corners = mesh.get_coordinates().reshape(-1, 2)
    of_dots, of_all = (np.linalg.norm(one[:, np.newaxis] - candidates, axis=2).min(axis=1) for one in (dots, corners))
    assert 0 < len(dots) < 0.1 * len(corners)
    assert of_dots.min() > 0.02
    assert of_dots.mean() > 1.3 * of_all.mean()


def test_a_landscape_goes_through_the_best_that_has_the_parameters(searches):
    one = searches["search"]
    lengths = np.array([len(params.get("b", ())) for params in one.cv_results_["params"]])
    scores = np.where(lengths == 2, one.cv_results_["mean_test_score"], np.nan)
    best = np.nanargmax(scores)
    ax = plots.plot_landscape(one, "b[0]", "b[1]")
    (star,) = drawn(ax, "the best" if best == one.best_index_ else "the best of those with both")
    assert tuple(star) == one.cv_results_["params"][best]["b"]


def test_the_star_of_a_landscape_is_called_the_best_only_if_it_is(searches):
    one = searches["search"]
    best = one.best_params_
    ax = plots.plot_landscape(one)
    (star,) = drawn(ax, "the best")
    values = {**best, **{f"b[{k}]": value for k, value in enumerate(best.get("b", ()))}}
    for name, place, labels in zip((ax.get_xlabel(), ax.get_ylabel()), star, "xy", strict=True):
        if isinstance(values.get(name), float):
            assert place == pytest.approx(values[name]), labels


def test_a_landscape_is_empty_where_two_parameters_do_not_go_together():
    space = [
        {"model": ["svc"], "C": UniformDistribution(0, 1), "kernel": ["a", "b"]},
        {"model": ["forest"], "depth": UniformDistribution(1, 9)},
        {"model": ["ridge"], "C": UniformDistribution(0, 1)},
    ]

    def score(params):
        return {"svc": 0, "forest": 2, "ridge": 4}[params["model"]] + params.get("C", 0)

    result = optimize(score, space, n_iter=60, seed=0, surrogate=None)
    ax, mesh = landscape(result, "model", "C")
    is_empty = np.ma.getmaskarray(np.ma.masked_invalid(mesh.get_array())).reshape(_drawing.N_STEPS, 3)
    assert [text.get_text() for text in ax.get_xticklabels()] == ["forest", "ridge", "svc"]
    assert is_empty[:, 0].all()
    assert not is_empty[:, 1:].any()
    _, mesh = landscape(result, "model", "kernel")
    is_empty = np.ma.getmaskarray(np.ma.masked_invalid(mesh.get_array())).reshape(2, 3)
    assert is_empty.tolist() == [[True, True, False]] * 2


def test_a_landscape_over_lengths_is_empty_where_there_is_no_such_element():
    space = {"x": SequenceDistribution(UniformDistribution(0, 1), 1, 4)}
    result = optimize(lambda p: abs(sum(p["x"]) - 1), space, n_iter=60, seed=0, surrogate=None)
    _, mesh = landscape(result, "length of x", "x[2]")
    is_empty = np.ma.getmaskarray(np.ma.masked_invalid(mesh.get_array()))
    assert is_empty.all(axis=0).tolist() == [True, True, False, False]
    assert is_empty.any(axis=0).tolist() == [True, True, False, False]


def test_a_choice_between_models_is_important_though_their_parameters_tell_it():
    space = [
        {"model": ["svc"], "C": UniformDistribution(0, 1), "gamma": UniformDistribution(0, 1)},
        {"model": ["forest"], "depth": UniformDistribution(0, 1), "leaf": UniformDistribution(0, 1)},
        {"model": ["ridge"], "alpha": UniformDistribution(0, 1)},
    ]

    def score(params):
        return {"svc": 0, "forest": 3, "ridge": 10}[params["model"]] + params.get("C", 0)

    result = optimize(score, space, n_iter=90, seed=0, surrogate=None)
    ax = plots.plot_importance(result)
    names = [text.get_text() for text in ax.get_yticklabels()]
    widths = dict(zip(names, [bar.get_width() for bar in ax.patches], strict=True))
    assert names[0] == "model"
    assert widths["model"] > 0.8
    assert all(abs(widths[name]) < 0.1 for name in names if name not in ("model", "C"))


def test_a_choice_is_not_important_for_the_values_of_its_parameters():
    space = [
        {"model": ["svc"], "C": UniformDistribution(0, 1)},
        {"model": ["forest"], "depth": UniformDistribution(0, 1)},
    ]
    result = optimize(lambda p: p.get("C", p.get("depth")), space, n_iter=90, seed=2, surrogate=None)
    ax = plots.plot_importance(result)
    widths = dict(
        zip([text.get_text() for text in ax.get_yticklabels()], [bar.get_width() for bar in ax.patches], strict=True)
    )
    assert widths["C"] > 0.3
    assert abs(widths["model"]) < 0.25 * widths["C"]


def test_pictures_say_when_there_are_too_few_candidates_or_parameters(searches):
    one_parameter = optimize(lambda p: p["a"], {"a": UniformDistribution(0, 1)}, n_iter=15, seed=0)
    said = {
        (plots.plot_landscape, "one candidate"): _drawing.TOO_FEW,
        (plots.plot_landscape, "all equal"): _drawing.TOO_FEW,
        (plots.plot_parallel_coordinates, "one evaluation"): _drawing.TOO_FEW_PARAMETERS,
    }
    for (plot, name), words in said.items():
        assert [text.get_text() for text in plot(searches[name]).texts] == [words]
    for plot in plots.plot_landscape, plots.plot_parallel_coordinates:
        assert [text.get_text() for text in plot(one_parameter).texts] == [_drawing.TOO_FEW_PARAMETERS]


def test_genealogy_has_a_line_to_each_parent(searches):
    one = searches["search"]
    family, waiting = set(), [one.best_index_]
    while waiting:
        row = waiting.pop()
        waiting += [parent for parent in one.history_[row].parents if parent not in family]
        family.add(row)
    n_lines = sum(len(one.history_[row].parents) for row in family)
    assert len(plots.plot_genealogy(one).get_lines()) == n_lines
    assert n_lines > 0


def test_folds_are_those_of_the_best(searches):
    one = searches["search"]
    ax = plots.plot_folds(one, k=4)
    rows = [int(text.get_text()) for text in ax.get_xticklabels()]
    scores = one.cv_results_["mean_test_score"]
    assert len(rows) == 4
    assert rows[0] == one.best_index_
    assert (np.diff(scores[rows]) <= 0).all()
    np.testing.assert_array_equal(ax.get_lines()[0].get_ydata(), one.cv_results_["split0_test_score"][rows])


def test_wrong_arguments_are_told(searches):
    with pytest.raises(ValueError, match="`k`"):
        plots.plot_folds(searches["search"], k=0)
    with pytest.raises(ValueError, match="`window`"):
        plots.plot_species(searches["search"], window=0)
    with pytest.raises(TypeError, match="is needed; got 3"):
        plots.plot_progress(3)
    with pytest.raises(ValueError, match="`x` must be 'candidate' or 'time'; got 'hour'"):
        plots.plot_progress(searches["search"], x="hour")
    with pytest.raises(ValueError, match="`y` must name parameters that differ between candidates: a, b; got 'c'"):
        plots.plot_landscape(searches["flat result"], "a", "c")
    with pytest.raises(ValueError, match="`parameters` must name parameters that differ between candidates: a, b"):
        plots.plot_parallel_coordinates(searches["flat result"], parameters=["a", "c"])
    for pair in ("a", "a"), ("kind", "b[0]"):
        with pytest.raises(ValueError, match="`x` and `y` must be two parameters of the same candidates; got"):
            plots.plot_landscape(searches["search"], *pair)
    with pytest.raises(ValueError, match="`y` must be 'score' or 'rank'; got 'mean'"):
        plots.plot_folds(searches["search"], y="mean")
    assert not plt.get_fignums()


@pytest.mark.slow
def test_matplotlib_is_imported_when_something_is_drawn():
    code = (
        "import sys, geneticsearch.plots as plots; assert 'matplotlib' not in sys.modules\n"
        "sys.modules['matplotlib'] = None\n"
        "from geneticsearch import optimize\n"
        "try: plots.plot_progress(optimize(lambda p: 0.0, {'a': [1, 2]}))\n"
        "except ImportError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == '`geneticsearch.plots` needs matplotlib: pip install "geneticsearch[plots]"'


def test_the_front_is_drawn_apart_from_what_it_dominates():
    found = several()
    dominated, front, knee = plots.plot_pareto(found).collections
    assert front.numbers.tolist() == sorted(one.number for one in found.pareto_front)
    assert len(front.numbers) + len(dominated.numbers) == 12
    assert set(knee.numbers) <= set(front.numbers)
    for number, place in zip(front.numbers, front.get_offsets(), strict=True):
        assert tuple(place) == found.history[number].scores


def test_other_objectives_can_be_drawn():
    found = several(["min", "min", "max"])
    ax = plots.plot_pareto(found, x="objective 2", y="objective 1")
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("objective 2", "objective 1 (smaller is better)")
    with pytest.raises(ValueError, match="`x` and `y` must be objectives, which are"):
        plots.plot_pareto(found, x="size")


def test_the_hypervolume_is_that_of_the_result():
    found = several()
    (line,) = plots.plot_hypervolume(found).get_lines()
    assert (line.get_ydata() == found.hypervolume).all()
