"""Parameters over candidates, scores against parameters, and parallel coordinates."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from geneticsearch.plots._documented import documented
from geneticsearch.plots._drawing import (
    COLORS,
    FAINT,
    NO_PARAMETERS,
    TOO_FEW_PARAMETERS,
    WINNER,
    _axes,
    _by_importance,
    _color_map,
    _draw_axis,
    _Limits,
    _named,
    _panels,
    _places,
    _say,
    _set_scale,
    _text,
    _whole_ticks,
)
from geneticsearch.results import Floats, History, Parameter, history_of

MAX_PANELS = 12
"""Panels that fit into a picture."""


@documented
def plot_parameters(
    source: Any, *, parameters: Iterable[str] | None = None, ax: Any = None, random_state: int | None = 0
) -> Any:
    """Draw the values of each parameter over the candidates: where the search looked, and where it stayed.

    Parameters that are the same in all candidates are left out; sequences and dicts are opened. The scale is
    logarithmic where the distribution of the parameter is or, if that is not known, where its first values are.

    Parameters
    ----------
    {source}
    {parameters}
    {ax}
    {random_state}

    Returns
    -------
    {panels}

    Examples
    --------
    >>> from geneticsearch import LogUniformDistribution, optimize
    >>> from geneticsearch.plots import plot_parameters
    >>> space = {"x": LogUniformDistribution(0.001, 1), "kind": ["a", "b"]}
    >>> result = optimize(lambda params: params["x"] + (params["kind"] == "a"), space, n_iter=30, seed=0)
    >>> title, *panels = plot_parameters(result).figure.axes
    >>> [(panel.get_title(), panel.get_yscale()) for panel in panels]
    [('x', 'log'), ('kind', 'linear')]
    """
    history = history_of(source)
    chosen, left_out = _chosen(history, parameters, MAX_PANELS, random_state)
    ax, panels = _panels(ax, max(1, len(chosen)), sharex=True)
    ax.set_title(_titled("Parameters of all candidates", left_out))
    if not chosen:
        _say(panels[0], NO_PARAMETERS)
        return ax
    ranking = history.ranking
    top = ranking[: max(1, math.ceil(len(ranking) / 10))]
    is_top = np.isin(np.arange(len(history.individuals)), top)
    for panel, parameter in zip(panels, chosen, strict=True):
        panel.set_title(_text(parameter.name, 36), fontsize="medium")
        values = _places(parameter)
        _set_scale(panel, "y", parameter)
        _whole_ticks(panel, "x")
        panel.scatter(history.numbers[~is_top], values[~is_top], s=10, color=FAINT, label="candidate")
        panel.scatter(history.numbers[is_top], values[is_top], s=14, color=COLORS[0], label="one of the best tenth")
        panel.scatter(history.numbers[ranking[:1]], values[ranking[:1]], **{**WINNER, "s": 110}, label="the best")
    for panel in panels[-3:]:
        panel.set_xlabel("candidate")
    handles, labels = panels[0].get_legend_handles_labels()
    ax.legend(handles, labels, loc="upper center", ncols=3, fontsize="small", frameon=False)
    return ax


@documented
def plot_slice(
    source: Any, *, parameters: Iterable[str] | None = None, ax: Any = None, random_state: int | None = 0
) -> Any:
    """Draw the score of every candidate against its value of each parameter, the later candidates darker.

    Where the best scores of a panel gather, the parameter should have that value; a panel that is flat at its upper
    edge (lower, where scores are minimized) shows a parameter that hardly matters.

    Parameters
    ----------
    {source}
    {parameters}
    {ax}
    {random_state}

    Returns
    -------
    {panels}

    See Also
    --------
    plot_importance : How much of the differences each parameter explains.

    Examples
    --------
    >>> from geneticsearch import LogUniformDistribution, UniformDistribution, optimize
    >>> from geneticsearch.plots import plot_slice
    >>> space = {"x": UniformDistribution(-1, 1), "y": LogUniformDistribution(0.01, 1), "kind": ["a", "b"]}
    >>> result = optimize(lambda params: params["x"] ** 2 + params["y"], space, n_iter=30, seed=0)
    >>> title, left, right, colors = plot_slice(result, parameters=["y", "kind"]).figure.axes
    >>> left.get_xlabel(), left.get_xscale(), left.get_ylabel(), right.get_xlabel()
    ('y', 'log', 'score', 'kind')
    """
    history = history_of(source)
    chosen, left_out = _chosen(history, parameters, MAX_PANELS, random_state)
    ax, panels = _panels(ax, max(1, len(chosen)), sharey=True)
    ax.set_title(_titled(f"{_text(history.metric)} against each parameter", left_out))
    if not chosen:
        _say(panels[0], NO_PARAMETERS)
        return ax
    limits = _Limits(history)
    late = {"vmin": history.numbers[0], "vmax": history.numbers[-1], "cmap": _color_map(is_dark_high=True)}
    for k, (panel, parameter) in enumerate(zip(panels, chosen, strict=True)):
        values = _places(parameter)
        _set_scale(panel, "x", parameter)
        panel.set_xlabel(_text(parameter.name, 36))
        limits.scatter(panel, values, history.scores, c=history.numbers, s=20, label="candidate", **late)
        best = history.ranking[:1]
        panel.scatter(values[best], history.scores[best], **{**WINNER, "s": 110}, label="the best")
        limits.apply(panel)
        if k % 3 == 0:
            panel.set_ylabel(history.metric)
    handles, labels = panels[0].get_legend_handles_labels()
    ax.legend(handles, labels, loc="upper center", ncols=3, fontsize="small", frameon=False)
    ax.figure.colorbar(panels[0].collections[0], ax=panels, label="candidate", aspect=30)
    return ax


def _chosen(
    history: History, names: Iterable[str] | None, most: int, random_state: int | None
) -> tuple[list[Parameter], list[str]]:
    """Return the parameters to show, at most so many unless they are named, and the names of those left out."""
    known = history.parameters
    if names is not None:
        return [_named("parameters", name, known) for name in names], []
    if len(known) <= most:
        return known, []
    ranked = _by_importance(history, known, random_state)
    return [one for one in known if one in ranked[:most]], [one.name for one in ranked[most:]]


def _titled(title: str, left_out: list[str]) -> str:
    """Return the title, and how many parameters there was no room for."""
    return f"{title}; the {len(left_out)} least important are left out" if left_out else title


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
    {parameters}
    {ax}
    {random_state}

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
    chosen, left_out = _chosen(history, parameters, MAX_PARALLEL, random_state)
    ax = _axes(ax)
    ax.set_title("Parameters of all candidates")
    if len(chosen) < 2:
        _say(ax, TOO_FEW_PARAMETERS)
        return ax
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
            cmap=_color_map(is_dark_high=history.maximize),
            norm="log" if limits.is_log else "linear",
            linewidths=np.where(is_top, 1.6, 0.8),
        )
        ax.add_collection(drawn)
        ax.figure.colorbar(drawn, ax=ax, label=history.metric, extend=limits.extend)
        ax.plot(places, heights[order[-1]], color=WINNER["color"], linewidth=2.2)
