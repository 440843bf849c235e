"""Scores of the best candidates on each fold."""

from __future__ import annotations

from typing import Any

import numpy as np

from geneticsearch._errors import ArgumentError, check_number
from geneticsearch.plots._documented import documented
from geneticsearch.plots._drawing import COLORS, FAINT, _axes, _legend_below, _say
from geneticsearch.results import history_of


@documented
def plot_folds(source: Any, *, k: int = 10, ax: Any = None) -> Any:
    """Draw the scores of the best candidates on each fold.

    A faint line joins the scores on one fold: where the lines rise and fall together, the folds differ more than the
    candidates do.

    Parameters
    ----------
    {source}
    k : int, default=10
        Number of candidates, best first.
    {ax}

    Returns
    -------
    {axes}

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
        raise ArgumentError("`plot_folds` needs scores on several folds; there are none.")
    ax = _axes(ax)
    top = history.ranking[:k]
    places = np.arange(len(top))
    folds = history.folds[top]
    ax.plot(places, folds, color=FAINT, linewidth=0.8, zorder=1)
    ax.plot(places, folds, "o", color=COLORS[4], markersize=5, zorder=2)
    ax.plot([], [], "o", color=COLORS[4], markersize=5, label="score on one fold")
    ax.plot(places, history.scores[top], "_", color="black", markersize=18, markeredgewidth=2, label="mean, the score")
    ax.set_xticks(places, [str(number) for number in history.numbers[top]])
    ax.set(xlabel="candidate, best first", ylabel=history.metric, title=f"Scores of the best {len(top)} on each fold")
    _legend_below(ax)
    if not len(top):
        _say(ax, "all candidates failed")
    return ax
