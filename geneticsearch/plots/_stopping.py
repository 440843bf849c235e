"""Whether it is time to stop."""

from __future__ import annotations

from typing import Any

import numpy as np

from geneticsearch.plots._documented import documented
from geneticsearch.plots._drawing import COLORS, _axes, _legend_below, _say, _whole_ticks
from geneticsearch.results import history_of, possible_gains


@documented
def plot_stopping(source: Any, *, ax: Any = None) -> Any:
    """Draw what a search could still gain, and the noise of its best score: when they cross, it is time to stop.

    The gain is what a Gaussian process deems possible anywhere in the space, the noise is the standard error of the
    best score over its folds. Below it, more candidates choose between differences that other data would not show.
    ``patience="auto"`` of `GeneticSearchCV` ends a search there.

    Parameters
    ----------
    {source}
    {ax}

    Returns
    -------
    matplotlib.axes.Axes
        Where it was drawn. With fewer than 20 candidates, without folds, or for a search whose space is not known, such
        as one in a checkpoint, it says so instead.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.svm import SVC
    >>> from geneticsearch import GeneticSearchCV, LogUniformDistribution
    >>> from geneticsearch.plots import plot_stopping
    >>> search = GeneticSearchCV(SVC(), {"C": LogUniformDistribution(0.01, 100)}, n_iter=30, random_state=0)
    >>> [line.get_label() for line in plot_stopping(search.fit(*load_iris(return_X_y=True))).get_lines()]
    ['what could still be gained', 'noise of the best score']
    """
    history = history_of(source)
    ax = _axes(ax)
    ax.set_title("Is it time to stop?")
    found = np.array(list(possible_gains(history))[::-1]).reshape(-1, 3)
    found = found[np.isfinite(found).all(axis=1)]
    if not len(found):
        _say(ax, "too little is known of the candidates to tell")
        return ax
    numbers, gains, errors = found.T
    ax.plot(numbers, gains, "o-", color=COLORS[0], markersize=4, label="what could still be gained")
    ax.plot(numbers, errors, "--", color="black", linewidth=1.2, label="noise of the best score")
    if (gains < errors).any():
        style = {"color": COLORS[2], "alpha": 0.2, "linewidth": 0, "label": "gains would be noise"}
        ax.fill_between(numbers, 0, errors, where=gains < errors, **style)
    ax.set(xlabel="candidates so far", ylabel=f"difference in {history.metric}", ylim=(0, None))
    _whole_ticks(ax, "x")
    _legend_below(ax)
    return ax
