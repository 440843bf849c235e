"""Scores of all candidates, and the best so far."""

from __future__ import annotations

from typing import Any

import numpy as np

from geneticsearch._errors import check_choice
from geneticsearch.plots._documented import documented
from geneticsearch.plots._drawing import _axes, _clock, _legend_below, _Limits, _Species, _text, _whole_ticks
from geneticsearch.results import history_of


@documented
def plot_progress(source: Any, *, x: str = "candidate", ax: Any = None) -> Any:
    """Draw the score of every candidate, and the best so far.

    Scores far worse than most are drawn as triangles at the edge, so that good scores stay distinct; positive
    scores that are minimized have a logarithmic scale, where the best is less than a hundredth of most others.

    Parameters
    ----------
    {source}
    x : {'candidate', 'time'}, default='candidate'
        What to draw scores over: the numbers of the candidates, or the time when each was done. Time in which nothing
        was evaluated, such as that between an interruption and a resumption, is cut out.
    {ax}

    Returns
    -------
    matplotlib.axes.Axes
        Where it was drawn. Over time, candidates whose times are not known are left out.

    Raises
    ------
    ValueError
        If `x` is 'time' and no times are known.

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
    places, text = (history.numbers, "candidate") if x == "candidate" else _clock(history)[1:]
    ax = _axes(ax)
    limits = _Limits(history)
    species = _Species(history)
    for k, name in enumerate(species.names):
        mine = species.positions == k
        label = _text(name) if len(species.names) > 1 else "candidate"
        limits.scatter(ax, places[mine], history.scores[mine], color=species.colors[k], s=22, label=label)
    order = np.argsort(places, kind="stable")
    order = order[np.isfinite(places[order])]
    fitness = np.fmax.accumulate(history.complete_fitness[order])
    known = np.isfinite(fitness)
    best = limits.inside(fitness if history.maximize else -fitness)
    ax.step(places[order][known], best[known], where="post", color="black", linewidth=1.2, label="best so far")
    stopped = history.n_skipped > 0
    if stopped.any():
        limits.scatter(ax, places[stopped], history.scores[stopped], color="white", s=6, label="stopped early")
    failed = places[history.failed]
    if len(failed):
        style = {"marker": "x", "color": "black", "s": 18, "linewidth": 0.9, "clip_on": False}
        ax.scatter(failed, np.full(len(failed), 0.015), transform=ax.get_xaxis_transform(), label="failed", **style)
    limits.apply(ax)
    ax.set(xlabel=text, ylabel=history.metric, title="Scores of all candidates")
    if x == "candidate":
        _whole_ticks(ax, "x")
    longest = max(map(len, ax.get_legend_handles_labels()[1]))
    _legend_below(ax, ncols=4 if longest <= 24 else 2)
    return ax
