"""The ancestors of the best candidate."""

from __future__ import annotations

from typing import Any

import numpy as np

from geneticsearch.plots._documented import documented
from geneticsearch.plots._drawing import FAINT, ORIGIN_COLORS, WINNER, _axes, _legend_below, _Limits, _whole_ticks
from geneticsearch.results import history_of


@documented
def plot_genealogy(source: Any, *, ax: Any = None) -> Any:
    """Draw the ancestors of the best candidate, each with lines to its parents.

    Parameters
    ----------
    {source}
    {ax}

    Returns
    -------
    matplotlib.axes.Axes
        Where it was drawn: heights are scores, colors the origins of the ancestors (see `Individual`), and all other
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
    for origin, color in ORIGIN_COLORS.items():
        mine = np.array([i for i in sorted(family) if history.individuals[i].origin == origin], dtype=int)
        if len(mine):
            limits.scatter(ax, numbers[mine], scores[mine], color=color, s=32, zorder=3, label=origin)
    ax.scatter(numbers[ranking[:1]], shown[ranking[:1]], **WINNER, label="the best")
    limits.apply(ax)
    ax.set(xlabel="candidate", ylabel=history.metric, title="Ancestors of the best candidate")
    _whole_ticks(ax, "x")
    _legend_below(ax)
    return ax
