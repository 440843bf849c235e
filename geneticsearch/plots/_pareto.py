"""The front of a search with several objectives, and how it grew."""

from __future__ import annotations

from typing import Any

import numpy as np

from geneticsearch._errors import ArgumentError
from geneticsearch.plots._documented import documented
from geneticsearch.plots._drawing import COLORS, FAINT, WINNER, _axes, _legend_below, _say, _text, _whole_ticks
from geneticsearch.results import History, history_of

NO_OBJECTIVES = "the search has a single objective"


@documented
def plot_pareto(source: Any, *, x: str | None = None, y: str | None = None, ax: Any = None) -> Any:
    """Draw the candidates over two objectives: the front, its knee, and those that are dominated.

    With more than two objectives, the front has candidates that seem to be dominated: they are better by another.
    Candidates far from the front may lie outside of the picture.

    Parameters
    ----------
    {source}
    x, y : str or None, default=None
        Names of the objectives to draw; None takes the first and the second.
    {ax}

    Returns
    -------
    {axes}

    Raises
    ------
    ValueError
        If there are no objectives of the names.

    Examples
    --------
    >>> from geneticsearch import UniformDistribution, optimize
    >>> from geneticsearch.plots import plot_pareto
    >>> space = {"x": UniformDistribution(-2, 2)}
    >>> result = optimize(
    ...     lambda p: (p["x"] ** 2, (p["x"] - 1) ** 2), space, n_iter=30, objectives=["min", "min"], seed=0
    ... )
    >>> plot_pareto(result).get_xlabel()
    'objective 0 (smaller is better)'
    """
    history = history_of(source)
    ax = _axes(ax)
    ax.set_title("Pareto front")
    names = list(history.objectives)
    if not names:
        _say(ax, NO_OBJECTIVES)
        return ax
    for name in (x, y):
        if name is not None and name not in names:
            raise ArgumentError(f"`x` and `y` must be objectives, which are {names}; got {name!r}.")
    at = [names.index(name if name is not None else names[k]) for k, name in enumerate((x, y))]
    scores = np.array([one.scores for one in history.individuals], dtype=float)[:, at]
    front = history.front
    if not len(front):
        _say(ax, "all candidates failed")
        return ax
    is_front = np.isin(np.arange(len(scores)), front)
    groups = [
        (~is_front & ~history.failed, {"color": FAINT, "s": 18, "label": "dominated"}),
        (is_front, {"color": COLORS[0], "s": 26, "label": "front"}),
    ]
    for group, style in groups:
        points = ax.scatter(*scores[group].T, linewidths=0, **style)
        points.numbers = history.numbers[group]  # for the report
    if len(names) == 2:
        order = front[np.argsort(scores[front, 0], kind="stable")]
        ax.plot(*scores[order].T, color=COLORS[0], linewidth=1, alpha=0.6)
    if len(front) > 2:
        points = ax.scatter(*scores[[history.knee]].T, **WINNER, label="knee")
        points.numbers = history.numbers[[history.knee]]
    for k, (low, high) in enumerate(zip(scores[front].min(axis=0), scores[front].max(axis=0), strict=True)):
        margin = (high - low) or abs(high) or 1.0
        values = scores[~history.failed, k]
        ends = max(values.min(), low - margin), min(values.max(), high + margin)
        room = 0.05 * (ends[1] - ends[0]) or 0.05 * margin
        (ax.set_xlim, ax.set_ylim)[k](ends[0] - room, ends[1] + room)
    ax.set(xlabel=_label(history, names[at[0]]), ylabel=_label(history, names[at[1]]))
    _legend_below(ax)
    return ax


@documented
def plot_hypervolume(source: Any, *, ax: Any = None) -> Any:
    """Draw which share of the box around the front was dominated after each candidate.

    The box reaches from the best values of the last front to a tenth of its range beyond its worst values.

    Parameters
    ----------
    {source}
    {ax}

    Returns
    -------
    {axes}

    Examples
    --------
    >>> from geneticsearch import UniformDistribution, optimize
    >>> from geneticsearch.plots import plot_hypervolume
    >>> space = {"x": UniformDistribution(-2, 2)}
    >>> result = optimize(
    ...     lambda p: (p["x"] ** 2, (p["x"] - 1) ** 2), space, n_iter=30, objectives=["min", "min"], seed=0
    ... )
    >>> plot_hypervolume(result).get_ylabel()
    'hypervolume, share of its box'
    """
    history = history_of(source)
    ax = _axes(ax)
    ax.set_title("Hypervolume so far")
    if not history.objectives:
        _say(ax, NO_OBJECTIVES)
        return ax
    front = np.sort(history.front)
    ax.step(history.numbers, history.hypervolume, where="post", color="black", linewidth=1.2)
    ax.scatter(history.numbers[front], history.hypervolume[front], color=COLORS[0], s=22, zorder=3, label="front")
    ax.set(xlabel="candidate", ylabel="hypervolume, share of its box", ylim=(0, None))
    _whole_ticks(ax, "x")
    _legend_below(ax)
    return ax


def _label(history: History, name: str) -> str:
    return _text(name) if history.objectives[name] else f"{_text(name)} (smaller is better)"
