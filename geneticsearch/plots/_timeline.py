"""When each candidate was evaluated."""

from __future__ import annotations

from typing import Any

import numpy as np

from geneticsearch.plots._documented import documented
from geneticsearch.plots._drawing import _axes, _clock, _legend_below, _Species, _text, _whole_ticks
from geneticsearch.results import Floats, history_of


@documented
def plot_timeline(source: Any, *, ax: Any = None) -> Any:
    """Draw when each candidate was evaluated, and how many at a time: gaps are workers that waited.

    Time in which nothing was evaluated, such as that between an interruption and a resumption, is cut out.

    Parameters
    ----------
    {source}
    {ax}

    Returns
    -------
    matplotlib.axes.Axes
        Where it was drawn: bars are evaluations of candidates, in the color of their species, black where they failed.
        Candidates whose times are not known are left out.

    Raises
    ------
    ValueError
        If no times are known, as for the searches of scikit-learn.

    Examples
    --------
    >>> from geneticsearch import UniformDistribution, optimize
    >>> from geneticsearch.plots import plot_timeline
    >>> result = optimize(lambda params: params["x"] ** 2, {"x": UniformDistribution(-1, 1)}, n_iter=30, seed=0)
    >>> plot_timeline(result).get_xlabel()
    'time in seconds'
    """
    history = history_of(source)
    starts, ends, text = _clock(history)
    rows = _rows(starts, ends)
    species = _Species(history)
    ax = _axes(ax)
    known = rows >= 0
    groups = [
        (_text(name) if len(species.names) > 1 else "candidate", color, (species.positions == k) & ~history.failed)
        for k, (name, color) in enumerate(zip(species.names, species.colors, strict=True))
    ]
    for label, color, mine in [*groups, ("failed", "black", history.failed)]:
        shown = mine & known
        if shown.any():
            style = {"color": color, "edgecolor": "white", "linewidth": 0.4, "height": 0.8, "label": label}
            ax.barh(rows[shown] + 1, (ends - starts)[shown], left=starts[shown], **style)
    ax.set(xlabel=text, ylabel="evaluated at the same time", title="When candidates were evaluated")
    ax.set_ylim(0.4, rows.max() + 1.6)
    _whole_ticks(ax, "y")
    _legend_below(ax, ncols=2)
    return ax


def _rows(starts: Floats, ends: Floats) -> Any:
    """Return a row for each bar, the lowest in which nothing else is drawn at that time; -1 where times are unknown."""
    rows = np.full(len(starts), -1)
    free: list[float] = []  # when each row is
    for i in np.argsort(starts, kind="stable"):
        if np.isfinite(ends[i]):
            row = next((k for k, end in enumerate(free) if end <= starts[i] + 1e-9), len(free))
            free[row : row + 1] = [ends[i]]
            rows[i] = row
    return rows
