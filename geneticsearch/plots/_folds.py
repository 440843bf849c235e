"""Scores and ranks of the best candidates on each fold."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.stats import rankdata

from geneticsearch._errors import ArgumentError, check_choice, check_number
from geneticsearch.plots._documented import documented
from geneticsearch.plots._drawing import COLORS, FAINT, _axes, _legend_below, _say
from geneticsearch.results import history_of


@documented
def plot_folds(source: Any, *, y: str = "score", k: int = 10, ax: Any = None) -> Any:
    """Draw the scores, or the ranks, of the best candidates on each fold.

    A faint line joins the scores on one fold: where the lines rise and fall together, the folds differ more than the
    candidates do. Ranks show what other folds might have chosen: a best candidate that is far down on some folds is
    the best by chance.

    Parameters
    ----------
    {source}
    y : {'score', 'rank'}, default='score'
        What to draw: scores, or ranks among all candidates on each fold.
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
    check_choice("y", y, ("score", "rank"))
    check_number("k", k, low=1, integer=True)
    history = history_of(source)
    if history.folds is None:
        raise ArgumentError("`plot_folds` needs scores on several folds; there are none.")
    ax = _axes(ax)
    top = history.complete[:k]
    places = np.arange(len(top))
    if y == "score":
        folds, means, label = history.folds[top], history.scores[top], "mean, the score"
    else:
        fitness = history.folds if history.maximize else -history.folds
        folds = rankdata(-np.nan_to_num(fitness, nan=-np.inf), axis=0)[top]
        means, label = folds.mean(axis=1), "mean"
    ax.plot(places, folds, color=FAINT, linewidth=0.8, zorder=1)
    ax.plot(places, folds, "o", color=COLORS[4], markersize=5, zorder=2)
    ax.plot([], [], "o", color=COLORS[4], markersize=5, label=f"{y} on one fold")
    ax.plot(places, means, "_", color="black", markersize=18, markeredgewidth=2, label=label)
    ax.set_xticks(places, [str(number) for number in history.numbers[top]])
    ylabel = history.metric if y == "score" else f"rank by {history.metric} on the fold"
    title = f"{y.capitalize()}s of the best {len(top)} on each fold"
    ax.set(xlabel="candidate, best first", ylabel=ylabel, title=title)
    if y == "rank":
        ax.invert_yaxis()
    _legend_below(ax)
    if not len(top):
        _say(ax, "all candidates failed")
    return ax
