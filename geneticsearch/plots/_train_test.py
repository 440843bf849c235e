"""Scores on the training rows against those on the others."""

from __future__ import annotations

from typing import Any

import numpy as np

from geneticsearch._errors import ArgumentError
from geneticsearch.plots._documented import documented
from geneticsearch.plots._drawing import WINNER, _axes, _legend_below, _Limits, _Species, _text
from geneticsearch.results import history_of


@documented
def plot_train_test(source: Any, *, ax: Any = None) -> Any:
    """Draw the score of every candidate on the rows it was fitted to, against that on the rows it was not.

    Far to the right of the line, where both are equal, lie models that memorized their training rows; near the
    line and low, models too simple to learn.

    Parameters
    ----------
    {source}
    {ax}

    Returns
    -------
    {axes}

    Raises
    ------
    ValueError
        If the training scores are not known, as without ``return_train_score=True``.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from geneticsearch import GeneticSearchCV
    >>> from geneticsearch.plots import plot_train_test
    >>> tree = DecisionTreeClassifier(random_state=0)
    >>> search = GeneticSearchCV(tree, {"max_depth": [1, 2, 3]}, return_train_score=True, random_state=0)
    >>> plot_train_test(search.fit(*load_iris(return_X_y=True))).get_xlabel()
    'accuracy on training rows'
    """
    history = history_of(source)
    training = history.training_scores()
    if training is None:
        raise ArgumentError("`plot_train_test` needs training scores. Search with `return_train_score=True`.")
    ax = _axes(ax)
    limits, species = _Limits(history), _Species(history)
    for k, name in enumerate(species.names):
        mine = species.positions == k
        label = _text(name) if len(species.names) > 1 else "candidate"
        limits.scatter(ax, training[mine], history.scores[mine], color=species.colors[k], s=22, label=label)
    best = history.ranking[:1]
    ax.scatter(training[best], history.scores[best], **WINNER, label="the best")
    shown = limits.inside(history.scores[history.ranking])
    ends = [shown.min(), shown.max()] if len(shown) else [np.nan, np.nan]
    ax.plot(ends, ends, color="#555555", linewidth=1, linestyle="--", label="both are equal")
    limits.apply(ax)
    metric = history.metric
    ax.set(xlabel=f"{metric} on training rows", ylabel=f"{metric} on the other rows", title="Training against test")
    _legend_below(ax, ncols=3)
    return ax
