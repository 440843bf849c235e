"""Scores against parameters, and parallel coordinates."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from geneticsearch.plots._documented import documented
from geneticsearch.plots._drawing import (
    COLOR_MAP,
    COLORS,
    FAINT,
    TOO_FEW_PARAMETERS,
    WINNER,
    _axes,
    _by_importance,
    _draw_axis,
    _Limits,
    _named,
    _places,
    _pyplot,
    _say,
    _set_scale,
    _text,
    _whole_ticks,
)
from geneticsearch.results import Floats, History, history_of


@documented
def plot_parameters(source: Any, *, figure: Any = None) -> Any:
    """Draw the values of each parameter over the candidates: where the search looked, and where it stayed.

    Parameters that are the same in all candidates are left out; sequences and dicts are opened. The scale is
    logarithmic where the distribution of the parameter is or, if that is not known, where its first values are.

    Parameters
    ----------
    {source}
    figure : matplotlib.figure.Figure, SubFigure or None, default=None
        An empty figure to draw in, with one Axes for each parameter; None makes a new one.

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
    parameters = history.parameters
    n_columns = min(3, max(1, len(parameters)))
    n_rows = max(1, math.ceil(len(parameters) / n_columns))
    if figure is None:
        figure = _pyplot().figure(figsize=(3.4 * n_columns + 0.6, 2.3 * n_rows + 0.7), layout="constrained")
    grid = figure.subplots(n_rows, n_columns, sharex=True, squeeze=False)
    axes = grid.ravel()[: max(1, len(parameters))]
    for ax in grid.ravel()[len(axes) :]:
        ax.remove()
    for column in range(n_columns):  # the lowest one left shows the numbers
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
        ax.scatter(history.numbers[is_top], values[is_top], s=14, color=COLORS[0], label="one of the best tenth")
        ax.scatter(history.numbers[ranking[:1]], values[ranking[:1]], **{**WINNER, "s": 110}, label="the best")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, fontsize="small")
    return axes


MAX_PARALLEL = 10
"""Parallel axes that fit into a picture."""

ABSENT = -0.12
"""Where a line crosses the axis of a parameter that the candidate does not have; the axis is from 0 to 1."""


@documented
def plot_parallel_coordinates(
    source: Any, *, parameters: Iterable[str] | None = None, ax: Any = None, random_state: int | None = 0
) -> Any:
    """Draw each candidate as a line across parallel axes, one for each parameter, in the color of its score.

    Where the lines of the best candidates, which are dark and thick, run together, a parameter should have that value;
    where they fan out, it does not matter or depends on the others.

    Parameters
    ----------
    {source}
    parameters : iterable of str or None, default=None
        Names of parameters, as other pictures show them, from left to right. None takes all that differ between
        candidates; of more than 10, the most important (see `plot_importance`).
    {ax}
    random_state : int or None, default=0
        Seed for finding the most important parameters.

    Returns
    -------
    matplotlib.axes.Axes
        Where it was drawn. Candidates that do not have a parameter cross below its axis. With fewer than two
        parameters, it says so instead.

    Raises
    ------
    ValueError
        If no parameter that differs between candidates has that name.

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
    known = history.parameters
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
        heights[:, k] = parameter.scaled(_places(parameter))
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
    failed = history.failed
    ax.add_collection(LineCollection(list(lines[failed]), color="black", linestyle=":", linewidth=0.8))
    limits = _Limits(history)
    order = history.ranking[::-1]
    if len(order):
        is_top = np.arange(len(order))[::-1] < math.ceil(len(order) / 10)
        drawn = LineCollection(
            list(lines[order]),
            array=limits.inside(history.scores[order]),
            cmap=COLOR_MAP if history.maximize else f"{COLOR_MAP}_r",
            norm="log" if limits.is_log else "linear",
            linewidths=np.where(is_top, 1.6, 0.8),
        )
        ax.add_collection(drawn)
        ax.figure.colorbar(drawn, ax=ax, label=history.metric, extend=limits.extend)
        ax.plot(places, heights[order[-1]], color=WINNER["color"], linewidth=2.2)
