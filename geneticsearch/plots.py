"""Pictures of a search, drawn by matplotlib.

Each function takes a fitted `GeneticSearchCV`, the result of `optimize` or the path of a checkpoint, whose search may
still be running. Candidates are called by the numbers that `history_`, `to_frame` and `load_history` give them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np

from geneticsearch._history import Floats, History, Parameter, history_of, parameters_of
from geneticsearch._importance import has_log_scale, permutation_importances, scaled
from geneticsearch._population import ORIGINS
from geneticsearch._surrogate import MAX_RESULTS, GaussianProcess, choose_training_set, compress_tail, one_blas_thread
from geneticsearch._validation import ArgumentError, check_choice, check_number

__all__ = [
    "plot_folds",
    "plot_genealogy",
    "plot_importance",
    "plot_landscape",
    "plot_parallel_coordinates",
    "plot_parameters",
    "plot_progress",
    "plot_species",
]

# Okabe & Ito (2008), "Color Universal Design": told apart with every kind of colour vision. Their yellow and black are
# left out: one is faint on white, the other is for lines.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
COLOUR_MAP = "YlGnBu"  # from light to dark, so told apart as well; the best is dark
OTHERS = "#999999"
FAINT = "#BBBBBB"
WINNER = {
    "marker": "*",
    "s": 220,
    "color": "#D55E00",
    "edgecolor": "white",
    "linewidth": 0.8,
    "zorder": 5,
    "clip_on": False,
}

MIN_CANDIDATES = 10
"""Of fewer, nobody can tell which parameters matter."""

TOO_FEW = "too few different candidates to tell"
TOO_FEW_PARAMETERS = "fewer than two parameters differ between candidates"

N_FORESTS = 20

MAX_PARALLEL = 10
"""Parallel axes that fit into a picture."""

ABSENT = -0.12
"""Where a line crosses the axis of a parameter that the candidate does not have; the axis is from 0 to 1."""

N_STEPS = 60
"""Points along each side of a landscape."""

UNSURE = 0.5
"""Standard deviation of a prediction, as a part of that of the scores, from which it says little."""

ORIGIN_COLOURS = dict(zip(ORIGINS, (*COLOURS[:5], COLOURS[0], COLOURS[5]), strict=True))
"""Of how a candidate was made; one that lists a finite space has the colour of an initial one."""


def plot_progress(source: Any, *, x: str = "candidate", ax: Any = None) -> Any:
    """Draw the score of every candidate, and the best so far.

    Scores far worse than most are drawn as triangles at the edge, so that the good ones can be told apart; positive
    scores that are minimised have a logarithmic scale, where the best is less than a hundredth of most others.

    Parameters
    ----------
    source : GeneticSearchCV, OptimizeResult, str or path-like
        A fitted search, a result or a checkpoint.
    x : {'candidate', 'time'}, default='candidate'
        What to draw scores over: the numbers of the candidates, or the time at which each was done. Time in which no
        candidate was evaluated, such as between an interruption and going on, is cut out.
    ax : matplotlib.axes.Axes or None, default=None
        Where to draw; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Where it was drawn. Over time, without the candidates whose times are not known.

    Raises
    ------
    ValueError
        If `x` is 'time', and no times are known.

    Examples
    --------
    >>> from geneticsearch import UniformDistribution, optimize
    >>> from geneticsearch.plots import plot_progress
    >>> result = optimize(lambda params: params["x"] ** 2, {"x": UniformDistribution(-1, 1)}, n_iter=30, seed=0)
    >>> plot_progress(result).get_xlabel()
    'candidate'
    >>> plot_progress(result, x="time").get_xlabel()
    'time in seconds'
    """
    check_choice("x", x, ("candidate", "time"))
    history = history_of(source)
    places, text = (history.numbers, "candidate") if x == "candidate" else _times(history)
    ax = _axes(ax)
    limits = _Limits(history)
    species = _Species(history)
    for k, name in enumerate(species.names):
        mine = species.positions == k
        label = _text(name) if len(species.names) > 1 else "candidate"
        limits.scatter(ax, places[mine], history.scores[mine], color=species.colours[k], s=22, label=label)
    order = np.argsort(places, kind="stable")
    order = order[np.isfinite(places[order])]
    fitness = np.maximum.accumulate(history.fitness[order])
    known = np.isfinite(fitness)
    best = limits.inside(fitness if history.maximize else -fitness)
    ax.step(places[order][known], best[known], where="post", color="black", linewidth=1.2, label="best so far")
    failed = places[~np.isfinite(history.scores)]
    if len(failed):
        style = {"marker": "x", "color": "black", "s": 18, "linewidth": 0.9, "clip_on": False}
        ax.scatter(failed, np.full(len(failed), 0.015), transform=ax.get_xaxis_transform(), label="failed", **style)
    limits.apply(ax)
    ax.set(xlabel=text, ylabel="score", title="Scores of all candidates")
    if x == "candidate":
        _whole_ticks(ax, "x")
    longest = max(map(len, ax.get_legend_handles_labels()[1]))
    _legend_below(ax, ncols=4 if longest <= 24 else 2)
    return ax


def _times(history: History) -> tuple[Floats, str]:
    """Return when candidates were done, less the time in which none was evaluated, and a text that tells the unit."""
    ends = history.starts + history.durations
    order = np.argsort(ends - history.durations)
    order = order[np.isfinite(ends[order])]
    if not len(order):
        raise ArgumentError("`x='time'` needs times of the candidates, and there are none. Use `x='candidate'`.")
    starts = history.starts[order]
    idle = np.maximum(starts[1:] - np.maximum.accumulate(ends[order])[:-1], 0.0).cumsum()
    times = np.full(len(ends), np.nan)
    times[order] = ends[order] - starts[0] - np.concatenate([[0.0], idle])
    units = {"hours": 3600, "minutes": 60, "seconds": 1}
    unit = next((unit for unit, seconds in units.items() if np.nanmax(times) >= 2 * seconds), "seconds")
    return times / units[unit], f"time in {unit}"


def plot_species(source: Any, *, ax: Any = None, window: int | None = None) -> Any:
    """Draw how many candidates each species had, as its share of the latest ones.

    Parameters
    ----------
    source : GeneticSearchCV, OptimizeResult, str or path-like
        A fitted search, a result or a checkpoint.
    ax : matplotlib.axes.Axes or None, default=None
        Where to draw; None makes a new figure.
    window : int or None, default=None
        Number of latest candidates that shares are taken of; None is a tenth of all, but at least 10.

    Returns
    -------
    matplotlib.axes.Axes
        Where it was drawn, with a star at the best candidate of each species, an orange one at the best of all. The
        legend tells the best score and the number of candidates of each.

    Examples
    --------
    >>> from geneticsearch import SequenceDistribution, UniformDistribution, optimize
    >>> from geneticsearch.plots import plot_species
    >>> space = {"x": SequenceDistribution(UniformDistribution(-1, 1), 1, 3)}
    >>> result = optimize(lambda params: abs(sum(params["x"]) - 2), space, n_iter=60, seed=0)
    >>> plot_species(result).get_ylabel()
    'share of the latest 10'
    """
    check_number("window", window, low=1, integer=True, optional=True)
    history = history_of(source)
    ax = _axes(ax)
    species = _Species(history)
    n = len(history.individuals)
    window = max(10, n // 10) if window is None else int(window)
    births = np.array([species.positions == k for k in range(len(species.names))], dtype=float)
    totals = np.concatenate([np.zeros((len(births), 1)), births.cumsum(axis=1)], axis=1)
    first = np.maximum(np.arange(n) + 1 - window, 0)
    shares = (totals[:, 1:] - totals[:, first]) / (np.arange(n) + 1 - first)
    labels, stars = [], {}
    for k, name in enumerate(species.names):
        mine = np.where(species.positions == k, history.fitness, -np.inf)
        best, i = "all failed", int(mine.argmax())
        if np.isfinite(mine[i]):
            best = f"best {history.scores[i]:.4g}"
            stars[i] = shares[:k, i].sum() + shares[k, i] / 2
        labels.append(f"{_text(name)}: {best}, {int(births[k].sum())} of {n}")
    for i in history.ranking[:1]:
        ax.scatter(history.numbers[i], stars.pop(i), **WINNER, label="the best")
    if stars:
        style = {**WINNER, "s": 90, "color": "white", "edgecolor": "black"}
        ax.scatter(history.numbers[list(stars)], list(stars.values()), **style, label="the best of its species")
    numbers = history.numbers.astype(float)
    if n == 1:  # an area needs two sides
        numbers, shares = np.add(numbers, [-0.5, 0.5]), np.repeat(shares, 2, axis=1)
    ax.stackplot(numbers, shares, colors=species.colours, labels=labels, edgecolor="white", linewidth=0.5)
    ax.set(
        xlabel="candidate",
        ylabel=f"share of the latest {window}",
        ylim=(0, 1),
        xlim=(numbers[0], numbers[-1]),
        title="Species among the candidates",
    )
    _whole_ticks(ax, "x")
    ax.yaxis.set_major_formatter("{x:.0%}")
    handles, texts = ax.get_legend_handles_labels()
    _legend_below(ax, handles=handles[::-1], labels=texts[::-1], ncols=1)  # as in the picture, the topmost first
    return ax


def plot_parameters(source: Any, *, figure: Any = None) -> Any:
    """Draw the values of each parameter over the candidates: where the search looked, and where it stayed.

    Parameters that are the same in all candidates are left out, sequences and dicts opened. A logarithmic scale is used
    where the distribution of a parameter is logarithmic; of results that do not know it, where its first values are.

    Parameters
    ----------
    source : GeneticSearchCV, OptimizeResult, str or path-like
        A fitted search, a result or a checkpoint.
    figure : matplotlib.figure.Figure, SubFigure or None, default=None
        An empty figure to draw in, since there is one Axes for each parameter; None makes a new one.

    Returns
    -------
    ndarray of matplotlib.axes.Axes
        One for each parameter.

    Examples
    --------
    >>> from geneticsearch import LogUniformDistribution, optimize
    >>> from geneticsearch.plots import plot_parameters
    >>> space = {"x": LogUniformDistribution(0.001, 1), "kind": ["a", "b"]}
    >>> result = optimize(lambda params: params["x"] + (params["kind"] == "a"), space, n_iter=30, seed=0)
    >>> [(ax.get_title(), ax.get_yscale()) for ax in plot_parameters(result)]
    [('x', 'log'), ('kind', 'linear')]
    """
    history = history_of(source)
    parameters = parameters_of(history)
    n_columns = min(3, max(1, len(parameters)))
    n_rows = max(1, math.ceil(len(parameters) / n_columns))
    if figure is None:
        figure = _pyplot().figure(figsize=(3.4 * n_columns + 0.6, 2.3 * n_rows + 0.7), layout="constrained")
    grid = figure.subplots(n_rows, n_columns, sharex=True, squeeze=False)
    axes = grid.ravel()[: max(1, len(parameters))]
    for ax in grid.ravel()[len(axes) :]:
        ax.remove()
    for column in range(n_columns):  # the lowest that is left shows the numbers
        lowest = [ax for ax in grid[:, column] if any(ax is one for one in axes)][-1]
        lowest.tick_params(labelbottom=True)
        lowest.set_xlabel("candidate")
    if not parameters:
        _say(axes[0], "all candidates have the same parameters")
        return axes
    ranking = history.ranking
    top = ranking[: max(1, math.ceil(len(ranking) / 10))]
    is_top = np.isin(np.arange(len(history.individuals)), top)
    for ax, parameter in zip(axes, parameters, strict=True):
        ax.set_title(_text(parameter.name), fontsize="medium")
        values = _places(parameter)
        _set_scale(ax, "y", parameter)
        _whole_ticks(ax, "x")
        ax.scatter(history.numbers[~is_top], values[~is_top], s=10, color=FAINT, label="candidate")
        ax.scatter(history.numbers[is_top], values[is_top], s=14, color=COLOURS[0], label="one of the best tenth")
        ax.scatter(history.numbers[ranking[:1]], values[ranking[:1]], **{**WINNER, "s": 110}, label="the best")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, fontsize="small")
    return axes


def plot_importance(source: Any, *, ax: Any = None, random_state: int | None = 0) -> Any:
    """Draw how much of the differences between scores each parameter explains.

    A random forest learns to predict the score from the parameters, of a sample of the candidates drawn with
    replacement. Then the values of one parameter are shuffled among the candidates that were not drawn, and the error
    of the predictions grows: by how much, as a share of the variance of the scores, is the importance of that
    parameter. This is done 20 times. The bars are means, the lines one standard deviation to either side; a bar
    shorter than its line may be chance.

    It tells of the candidates that the search had, many of them near the best ones, rather than of the whole space; and
    parameters that go together, such as those of one species and what made it one, share what is theirs. Scores are
    used as the search sees them, with the bad ones drawn together so that a few failures do not decide.

    Parameters
    ----------
    source : GeneticSearchCV, OptimizeResult, str or path-like
        A fitted search, a result or a checkpoint.
    ax : matplotlib.axes.Axes or None, default=None
        Where to draw; None makes a new figure.
    random_state : int or None, default=0
        Seed of the forests and the shuffling.

    Returns
    -------
    matplotlib.axes.Axes
        Where it was drawn: the 15 most important parameters. With fewer than 10 candidates, or no differences, it only
        says so.

    References
    ----------
    Breiman (2001), "Random Forests", Machine Learning 45, section 10.

    Examples
    --------
    >>> from geneticsearch import UniformDistribution, optimize
    >>> from geneticsearch.plots import plot_importance
    >>> space = {"matters": UniformDistribution(-1, 1), "does not": UniformDistribution(-1, 1)}
    >>> result = optimize(lambda params: params["matters"] ** 2, space, n_iter=40, seed=0)
    >>> [text.get_text() for text in plot_importance(result).get_yticklabels()]
    ['matters', 'does not']
    """
    history = history_of(source)
    ax = _axes(ax)
    ax.set_title("Importance of the parameters")
    parameters = parameters_of(history)
    targets = compress_tail(history.fitness)
    if not parameters or not _are_enough(targets):
        _say(ax, TOO_FEW)
        return ax
    importances, _ = permutation_importances(parameters, targets, N_FORESTS, random_state)
    means, spread = importances.mean(axis=0), importances.std(axis=0)
    order = np.argsort(-means, kind="stable")[:15]
    places = np.arange(len(order))
    ax.barh(places, means[order], color=COLOURS[4], height=0.65)
    ax.errorbar(means[order], places, xerr=spread[order], fmt="o", color="black", markersize=4, linewidth=1.2)
    ax.axvline(0, color="black", linewidth=0.8)
    ax.set_yticks(places, [_text(parameters[i].name) for i in order])
    ax.invert_yaxis()
    ax.set_xlabel("error that shuffling it adds, as a share of the variance of the scores")
    return ax


def plot_parallel_coordinates(
    source: Any, *, parameters: Iterable[str] | None = None, ax: Any = None, random_state: int | None = 0
) -> Any:
    """Draw each candidate as a line across parallel axes, one for each parameter, in the colour of its score.

    Where the lines of the best candidates, which are dark and thick, run together, a parameter must have that value;
    where they fan out, it does not matter, or depends on the others.

    Parameters
    ----------
    source : GeneticSearchCV, OptimizeResult, str or path-like
        A fitted search, a result or a checkpoint.
    parameters : iterable of str or None, default=None
        Names of parameters, as other pictures show them, from left to right. None takes all that are not the same in
        all candidates; of more than 10 the most important ones, as `plot_importance` finds them.
    ax : matplotlib.axes.Axes or None, default=None
        Where to draw; None makes a new figure.
    random_state : int or None, default=0
        Seed of finding the most important ones.

    Returns
    -------
    matplotlib.axes.Axes
        Where it was drawn. Candidates that do not have a parameter cross below its axis. With fewer than two
        parameters, it only says so.

    Raises
    ------
    ValueError
        If there is no parameter of that name, or it is the same in all candidates.

    Examples
    --------
    >>> from geneticsearch import LogUniformDistribution, UniformDistribution, optimize
    >>> from geneticsearch.plots import plot_parallel_coordinates
    >>> space = {"x": UniformDistribution(-1, 1), "y": LogUniformDistribution(0.01, 1), "kind": ["a", "b"]}
    >>> result = optimize(lambda params: params["x"] ** 2 + params["y"], space, n_iter=30, seed=0)
    >>> ax = plot_parallel_coordinates(result, parameters=["kind", "y", "x"])
    >>> [text.get_text() for text in ax.get_xticklabels()]
    ['kind', 'y', 'x']
    """
    history = history_of(source)
    known = parameters_of(history)
    chosen = known if parameters is None else [_named("parameters", name, known) for name in parameters]
    ax = _axes(ax)
    ax.set_title("Parameters of all candidates")
    if len(chosen) < 2:
        _say(ax, TOO_FEW_PARAMETERS)
        return ax
    left_out = []
    if parameters is None and len(known) > MAX_PARALLEL:
        ranked = _by_importance(history, known, random_state)
        chosen = [one for one in known if one in ranked[:MAX_PARALLEL]]
        left_out = [one.name for one in ranked[MAX_PARALLEL:]]
    places = np.arange(len(chosen))
    heights = np.empty((len(history.individuals), len(chosen)))
    for k, parameter in enumerate(chosen):
        heights[:, k] = scaled(parameter, _places(parameter))
        _draw_axis(ax, k, parameter)
    ax.set_yticks([])
    if np.isnan(heights).any():
        heights[np.isnan(heights)] = ABSENT
        ax.set_yticks([ABSENT], ["absent"], fontsize="small")
        ax.axhline(ABSENT, color=FAINT, linewidth=0.8, zorder=0)
    _draw_lines(ax, heights, history)
    names = [_text(parameter.name, 24) for parameter in chosen]
    is_crowded = max(map(len, names)) * len(names) > 80
    ax.set_xticks(places, names, fontsize="small", **({"rotation": 25, "ha": "right"} if is_crowded else {}))
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set(xlim=(-0.5, len(chosen) - 0.8), ylim=(heights.min() - 0.04, 1.04))
    notes = ["orange: the best"] if len(history.ranking) else []
    if len(history.ranking) < len(heights):
        notes.append("dotted: failed")
    if left_out:
        notes.append(f"left out, less important: {', '.join(left_out)}")
    ax.set_xlabel(_text("; ".join(notes), 110), fontsize="small")
    return ax


def _draw_lines(ax: Any, heights: Floats, history: History) -> None:
    """Draw each candidate as a line that crosses upright axes at its heights, the best one last."""
    from matplotlib.collections import LineCollection

    places = np.arange(heights.shape[1])
    lines = np.stack(np.broadcast_arrays(places, heights), axis=2)
    failed = ~np.isfinite(history.scores)
    ax.add_collection(LineCollection(list(lines[failed]), color="black", linestyle=":", linewidth=0.8))
    limits = _Limits(history)
    order = history.ranking[::-1]
    if len(order):
        is_top = np.arange(len(order))[::-1] < math.ceil(len(order) / 10)
        drawn = LineCollection(
            list(lines[order]),
            array=limits.inside(history.scores[order]),
            cmap=COLOUR_MAP if history.maximize else f"{COLOUR_MAP}_r",
            norm="log" if limits.is_log else "linear",
            linewidths=np.where(is_top, 1.6, 0.8),
        )
        ax.add_collection(drawn)
        ax.figure.colorbar(drawn, ax=ax, label="score", extend=limits.extend)
        ax.plot(places, heights[order[-1]], color=WINNER["color"], linewidth=2.2)


def plot_landscape(
    source: Any, x: str | None = None, y: str | None = None, *, ax: Any = None, random_state: int | None = 0
) -> Any:
    """Draw the score that a surrogate predicts over two parameters, and the candidates that have both.

    The surrogate is a Gaussian process, as in the search, of all candidates. The picture is a slice of the space
    through the best one: the other parameters have its values, while the candidates that are shown differ in those,
    too. Scores are used as the search sees them, with the bad ones drawn together. Predictions say little where the
    picture is dotted: their standard deviation is more than half that of the scores.

    Parameters
    ----------
    source : GeneticSearchCV, OptimizeResult, str or path-like
        A fitted search, a result or a checkpoint.
    x, y : str or None, default=None
        Names of parameters, as other pictures show them. The best candidate is the best of those that have them. None
        takes the parameter along which the predictions differ most, numbers before choices.
    ax : matplotlib.axes.Axes or None, default=None
        Where to draw; None makes a new figure.
    random_state : int or None, default=0
        Seed of the candidates that the surrogate learns from, where there are more than 250.

    Returns
    -------
    matplotlib.axes.Axes
        Where it was drawn. With fewer than 10 candidates, no differences or fewer than two parameters, it only says so.

    Raises
    ------
    ValueError
        If no parameter that differs between candidates has that name, or no candidate has both.

    Examples
    --------
    >>> from geneticsearch import LogUniformDistribution, UniformDistribution, optimize
    >>> from geneticsearch.plots import plot_landscape
    >>> space = {"x": UniformDistribution(-1, 1), "y": LogUniformDistribution(0.01, 1), "kind": ["a", "b"]}
    >>> result = optimize(lambda params: params["x"] ** 2 + params["y"], space, n_iter=30, seed=0)
    >>> ax = plot_landscape(result)
    >>> ax.get_xlabel(), ax.get_xscale(), ax.get_ylabel(), ax.get_yscale()
    ('y', 'log', 'x', 'linear')
    """
    history = history_of(source)
    parameters = [one for one in parameters_of(history) if one.labels or np.nanmin(one.values) < np.nanmax(one.values)]
    pair = [None if name is None else _named(side, name, parameters) for side, name in (("x", x), ("y", y))]
    given = [one for one in pair if one is not None]
    best = next((i for i in history.ranking if all(np.isfinite(one.values[i]) for one in given)), None)
    if (best is None and len(history.ranking)) or (given and x == y):
        raise ArgumentError(f"`x` and `y` must be two parameters of the same candidates; got {x!r} and {y!r}.")
    targets = compress_tail(history.fitness)
    ax = _axes(ax)
    ax.set_title("Predicted score, the other parameters as in the best candidate")
    if best is None or not _are_enough(targets):
        _say(ax, TOO_FEW)
        return ax
    surrogate = _Surrogate(parameters, targets, random_state)
    others = [one for one in parameters if np.isfinite(one.values[best]) and one not in given]
    others.sort(key=lambda one: (bool(one.labels), -np.ptp(surrogate.predict(best, [one])[1])))
    if len(given) + len(others) < 2:
        _say(ax, TOO_FEW_PARAMETERS)
        return ax
    chosen = [others.pop(0) if one is None else one for one in pair]
    tables, means, deviations = surrogate.predict(best, chosen)

    for side, parameter in zip("xy", chosen, strict=True):
        _set_scale(ax, side, parameter)
        ax.set(**{f"{side}label": _text(parameter.name)})
    low, high = np.clip([means.min(), means.max()], targets.min(), targets.max())
    drawn = ax.pcolormesh(*tables, means, shading="nearest", rasterized=True, vmin=low, vmax=high, cmap=COLOUR_MAP)
    if low < high and not any(parameter.labels for parameter in chosen):
        style = {"colors": "white", "linewidths": 0.6, "linestyles": "solid"}
        ax.contour(*tables, means, levels=np.linspace(low, high, 10)[1:-1], **style)
    is_dotted = (deviations > UNSURE) & _is_sparse(deviations.shape)
    if is_dotted.any():
        dots = [table[is_dotted] for table in tables]
        ax.scatter(*dots, s=2, color="black", linewidth=0, label="hardly known")

    places = np.array([_places(parameter) for parameter in chosen])
    failed = ~np.isfinite(history.scores)
    style = {"s": 16, "color": "white", "edgecolor": "black", "linewidth": 0.7, "clip_on": False}
    ax.scatter(*places[:, ~failed], label="candidate", **style)
    if np.isfinite(places[:, failed]).all(axis=0).any():
        ax.scatter(*places[:, failed], s=18, color="black", marker="x", linewidth=0.9, label="failed", clip_on=False)
    ax.scatter(*places[:, best], **WINNER, label="the best")
    _legend_below(ax)

    # Even steps of what the surrogate learns are not even steps of the score.
    bar = ax.figure.colorbar(drawn, ax=ax, label="score (scale drawn together at the bad end)")
    bar.ax.yaxis.set_inverted(not history.maximize)
    ticks = np.unique(np.linspace(low, high, 6))
    known = history.ranking[::-1]
    marks = np.interp(ticks, targets[known], history.scores[known])
    bar.set_ticks(ticks, labels=[f"{mark:.4g}" for mark in marks])
    return ax


class _Surrogate:
    """The surrogate of a search, which has learnt from its candidates.

    Parameters
    ----------
    parameters : list of Parameter
        What differs between candidates.
    targets : ndarray of shape (n_individuals,)
        What `compress_tail` returns.
    random_state : int or None
        Seed.
    """

    def __init__(self, parameters: list[Parameter], targets: Floats, random_state: int | None) -> None:
        self._parameters = parameters
        self._points = np.array([self._column(parameter, parameter.values) for parameter in parameters]).T
        self._process = GaussianProcess(np.array([bool(parameter.labels) for parameter in parameters]))
        learnt = choose_training_set(targets, MAX_RESULTS, np.random.default_rng(random_state))
        points = self._points[learnt], targets[learnt]
        with one_blas_thread():
            self._process.fit(*points).condition(*points)

    @staticmethod
    def _column(parameter: Parameter, values: Floats) -> Floats:
        """Return values as parts of the range; where there is none, the middle of a scale, a label of its own."""
        return np.nan_to_num(scaled(parameter, values), nan=-1.0 if parameter.labels else 0.5)

    def predict(self, i: int, chosen: list[Parameter]) -> tuple[list[Floats], Floats, Floats]:
        """Return values of parameters as tables, with means and deviations; the other parameters as candidate i."""
        tables = np.meshgrid(*map(_steps, chosen))
        points = np.tile(self._points[i], (tables[0].size, 1))
        for parameter, table in zip(chosen, tables, strict=True):
            points[:, self._parameters.index(parameter)] = self._column(parameter, table.ravel())
        means, deviations = self._process.predict(points)
        return list(tables), means.reshape(tables[0].shape), deviations.reshape(tables[0].shape)


def plot_genealogy(source: Any, *, ax: Any = None) -> Any:
    """Draw the ancestors of the best candidate, each with lines to its parents.

    Parameters
    ----------
    source : GeneticSearchCV, OptimizeResult, str or path-like
        A fitted search, a result or a checkpoint.
    ax : matplotlib.axes.Axes or None, default=None
        Where to draw; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Where it was drawn: heights are scores, colours tell how an ancestor was bred (see `Individual`), and all other
        candidates are faint.

    Examples
    --------
    >>> from geneticsearch import UniformDistribution, optimize
    >>> from geneticsearch.plots import plot_genealogy
    >>> result = optimize(lambda params: params["x"] ** 2, {"x": UniformDistribution(-1, 1)}, n_iter=30, seed=0)
    >>> plot_genealogy(result).get_ylabel()
    'score'
    """
    history = history_of(source)
    ax = _axes(ax)
    limits = _Limits(history)
    numbers, scores, ranking = history.numbers, history.scores, history.ranking
    index_of = {one.number: i for i, one in enumerate(history.individuals)}
    family: set[int] = set()
    waiting = ranking[:1].tolist()
    lines = []
    while waiting:
        i = waiting.pop()
        if i in family:
            continue
        family.add(i)
        parents = [index_of[number] for number in history.individuals[i].parents if number in index_of]
        parents = [parent for parent in parents if np.isfinite(scores[parent])]
        lines += [(i, parent) for parent in parents]
        waiting += parents
    in_family = np.isin(np.arange(len(numbers)), list(family))
    limits.scatter(ax, numbers[~in_family], scores[~in_family], color=FAINT, s=10, label="no ancestor of the best")
    shown = limits.inside(scores)
    for child, parent in lines:
        ax.plot(numbers[[parent, child]], shown[[parent, child]], color="#555555", linewidth=0.7, zorder=2)
    for origin, colour in ORIGIN_COLOURS.items():
        mine = np.array([i for i in sorted(family) if history.individuals[i].origin == origin], dtype=int)
        if len(mine):
            limits.scatter(ax, numbers[mine], scores[mine], color=colour, s=32, zorder=3, label=origin)
    ax.scatter(numbers[ranking[:1]], shown[ranking[:1]], **WINNER, label="the best")
    limits.apply(ax)
    ax.set(xlabel="candidate", ylabel="score", title="Ancestors of the best candidate")
    _whole_ticks(ax, "x")
    _legend_below(ax)
    return ax


def plot_folds(source: Any, *, k: int = 10, ax: Any = None) -> Any:
    """Draw the scores of the best candidates on each fold.

    A faint line joins the scores on one fold: where the lines rise and fall together, the folds differ more than the
    candidates do.

    Parameters
    ----------
    source : GeneticSearchCV, str or path-like
        A fitted search, or its checkpoint.
    k : int, default=10
        Number of candidates, best first.
    ax : matplotlib.axes.Axes or None, default=None
        Where to draw; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Where it was drawn.

    Raises
    ------
    ValueError
        If there are no scores on several folds, as for `optimize`.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from geneticsearch import GeneticSearchCV
    >>> from geneticsearch.plots import plot_folds
    >>> tree = DecisionTreeClassifier(random_state=0)
    >>> search = GeneticSearchCV(tree, {"max_depth": [1, 2, 3]}, random_state=0).fit(*load_iris(return_X_y=True))
    >>> [text.get_text() for text in plot_folds(search).get_xticklabels()]
    ['2', '1', '0']
    """
    check_number("k", k, low=1, integer=True)
    history = history_of(source)
    if history.folds is None:
        raise ArgumentError("`plot_folds` needs the scores of a GeneticSearchCV on several folds; there are none.")
    ax = _axes(ax)
    top = history.ranking[:k]
    places = np.arange(len(top))
    folds = history.folds[top]
    ax.plot(places, folds, color=FAINT, linewidth=0.8, zorder=1)
    ax.plot(places, folds, "o", color=COLOURS[4], markersize=5, zorder=2)
    ax.plot([], [], "o", color=COLOURS[4], markersize=5, label="score on one fold")
    ax.plot(places, history.scores[top], "_", color="black", markersize=18, markeredgewidth=2, label="mean, the score")
    ax.set_xticks(places, [str(number) for number in history.numbers[top]])
    ax.set(xlabel="candidate, best first", ylabel="score", title=f"Scores of the best {len(top)} on each fold")
    _legend_below(ax)
    if not len(top):
        _say(ax, "all candidates failed")
    return ax


# --------------------------------------------------------------------------------------------------------------- parts
def _pyplot() -> Any:
    try:
        import matplotlib.pyplot as plt
    except ImportError:
        raise ImportError('`geneticsearch.plots` needs matplotlib: pip install "geneticsearch[plots]"') from None
    return plt


def _axes(ax: Any) -> Any:
    """Return where to draw."""
    return _pyplot().subplots(figsize=(8, 4.5), layout="constrained")[1] if ax is None else ax


def _say(ax: Any, text: str) -> None:
    """Write, instead of a picture."""
    ax.set(xticks=[], yticks=[])
    ax.text(0.5, 0.5, text, ha="center", va="center", transform=ax.transAxes, color="#555555")


def _text(text: str, length: int = 48) -> str:
    """Return a text as a label: not too long, without mathematics and what cannot be drawn."""
    half = (length - 3) // 2
    short = text if len(text) <= length else f"{text[:half]}...{text[-half:]}"  # ends tell names apart as well
    short = "".join(letter if letter.isprintable() else "\ufffd" for letter in short)
    return short.replace("$", r"\$").lstrip("_") or "_"


def _legend_below(ax: Any, *, ncols: int = 4, **entries: Any) -> None:
    """Put the legend where nothing is drawn: below the label of the axis, whatever the height of the picture."""
    place: dict[str, Any] = {"loc": "upper center", "bbox_to_anchor": (0.5, 0), "borderaxespad": 4.8}
    if ax.figure.get_layout_engine() is None:  # nothing makes room for it there
        place, ncols = {"loc": "best"}, 1
    ax.legend(**entries, **place, ncols=ncols, fontsize="small")


def _whole_ticks(ax: Any, side: str) -> None:
    """Have no ticks between whole numbers."""
    ax.locator_params(axis=side, integer=True, min_n_ticks=1)


def _set_scale(ax: Any, side: str, parameter: Parameter) -> None:
    """Set the axis "x" or "y" to the scale of a parameter."""
    if parameter.labels:
        labels = [_text(one, 18) for one in parameter.labels]
        ax.set(**{f"{side}ticks": range(len(labels)), f"{side}ticklabels": labels})
        ax.set(**{f"{side}lim": (-0.6, len(labels) - 0.4)})
    elif has_log_scale(parameter):
        ax.set(**{f"{side}scale": "log"})
    elif _is_whole(parameter):
        _whole_ticks(ax, side)


def _draw_axis(ax: Any, place: float, parameter: Parameter) -> None:
    """Draw an upright axis of height 1 with the scale of a parameter."""
    from matplotlib.ticker import LogLocator, MaxNLocator

    if parameter.labels:
        ticks, labels = np.arange(len(parameter.labels), dtype=float), [_text(one, 14) for one in parameter.labels]
    else:
        locator = LogLocator(numticks=6) if has_log_scale(parameter) else MaxNLocator(4, integer=_is_whole(parameter))
        low, high = np.nanmin(parameter.values), np.nanmax(parameter.values)
        ticks = np.array([tick for tick in locator.tick_values(low, high) if low <= tick <= high])
        ticks = ticks if len(ticks) > 1 else np.unique([low, high])
        labels = [f"{tick:.4g}" for tick in ticks]
    heights = scaled(parameter, ticks)
    ax.plot([place, place], [0, 1], color="black", linewidth=0.8, zorder=3)
    ax.plot(np.full(len(ticks), place), heights, "_", color="black", markersize=5, zorder=3)
    box = {"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 0.8}
    for height, label in zip(heights, labels, strict=True):
        style = {"ha": "right", "va": "center", "fontsize": "x-small", "bbox": box, "zorder": 4}
        ax.annotate(label, (place, height), xytext=(-5, 0), textcoords="offset points", **style)


# ---------------------------------------------------------------------------------------------------------- parameters
def _is_whole(parameter: Parameter) -> bool:
    return not np.any(parameter.values % 1 > 0)  # NaN is not


def _places(parameter: Parameter) -> Floats:
    """Return where to draw the values: of one label beside each other, which the golden ratio spreads evenly."""
    n = len(parameter.values)
    return parameter.values + 0.5 * (np.arange(n) * 0.618034 % 1 - 0.5) if parameter.labels else parameter.values


def _named(argument: str, name: str, parameters: list[Parameter]) -> Parameter:
    """Return the parameter of that name."""
    for one in parameters:
        if one.name == name:
            return one
    names = ", ".join(one.name for one in parameters) or "none do"
    raise ArgumentError(f"`{argument}` must name parameters that differ between candidates: {names}; got {name!r}.")


def _are_enough(targets: Floats) -> bool:
    """Return whether there are differences to learn from."""
    return len(targets) >= MIN_CANDIDATES and bool(targets.any())


def _by_importance(history: History, parameters: list[Parameter], random_state: int | None) -> list[Parameter]:
    """Return the parameters, the most important first; as they are if nobody can tell."""
    targets = compress_tail(history.fitness)
    if not _are_enough(targets):
        return parameters
    importances, _ = permutation_importances(parameters, targets, N_FORESTS, random_state)
    return [parameters[i] for i in np.argsort(-importances.mean(axis=0), kind="stable")]


def _steps(parameter: Parameter) -> Floats:
    """Return values over the range of a parameter, evenly on its scale."""
    if parameter.labels:
        return np.arange(len(parameter.labels), dtype=float)
    space = np.geomspace if has_log_scale(parameter) else np.linspace
    return space(np.nanmin(parameter.values), np.nanmax(parameter.values), N_STEPS)


def _is_sparse(shape: tuple[int, ...]) -> Any:
    """Return a mask of some points of a grid: of sides with many steps, every third."""
    return np.logical_and.outer(*(np.arange(n) % (3 if n == N_STEPS else 1) == 0 for n in shape))


# -------------------------------------------------------------------------------------------------- species and scores
class _Species:
    """Which candidates are of which species; of more than fit into a picture, those with most candidates.

    Attributes
    ----------
    names, colours : list of str
        Of each species, in the order of their first candidate.
    positions : ndarray of shape (n_individuals,)
        Position of each candidate's species among them.
    """

    def __init__(self, history: History) -> None:
        species = [one.species for one in history.individuals]
        counts = Counter(species)
        largest = sorted(counts, key=lambda name: -counts[name])
        if len(largest) > len(COLOURS):
            largest = largest[: len(COLOURS) - 1]
        self.names = [name for name in counts if name in largest]
        self.colours = list(COLOURS[: len(self.names)])
        n_others = len(counts) - len(self.names)
        if n_others:
            self.names.append(f"{n_others} others")
            self.colours.append(OTHERS)
        place = {name: k for k, name in enumerate(self.names)}
        self.positions = np.array([place.get(name, len(self.names) - 1) for name in species])


class _Limits:
    """The range of scores to show: all, unless a few are so bad that the others could not be told apart.

    Positive scores that are minimised have a logarithmic scale, where the best is a small part of most others.
    """

    def __init__(self, history: History) -> None:
        self._sign = 1 if history.maximize else -1
        fitness = history.fitness[np.isfinite(history.fitness)]
        self._worst = -np.inf
        self.is_log = bool(
            not history.maximize and len(fitness) and fitness.max() < 0 and np.median(fitness) < 100 * fitness.max()
        )
        if len(fitness) and not self.is_log:
            best, middle = fitness.max(), np.quantile(fitness, 0.25)
            if middle < best and best - fitness.min() > 4 * (best - middle):
                self._worst = best - 2.5 * (best - middle)

    @property
    def extend(self) -> str:
        """At which end of its bar the worst colour stands for worse ones as well."""
        return "neither" if np.isinf(self._worst) else "min" if self._sign > 0 else "max"

    def inside(self, scores: Floats) -> Floats:
        """Return the scores, those out of range moved to the edge."""
        shown: Floats = self._sign * np.maximum(self._sign * scores, self._worst)
        return shown

    def scatter(self, ax: Any, numbers: Any, scores: Floats, **style: Any) -> None:
        """Draw candidates."""
        is_inside = self._sign * scores >= self._worst
        ax.scatter(numbers[is_inside], scores[is_inside], **style)
        is_outside = self._sign * scores < self._worst
        if is_outside.any():
            marker = "v" if self._sign > 0 else "^"
            ax.scatter(
                numbers[is_outside], self.inside(scores)[is_outside], **{**style, "marker": marker, "label": None}
            )

    def apply(self, ax: Any) -> None:
        """Set the axis."""
        if self.is_log:
            ax.set_yscale("log")
