"""How much each parameter matters."""

from __future__ import annotations

from typing import Any

import numpy as np

from geneticsearch.evolution import compress_tail
from geneticsearch.plots._documented import documented
from geneticsearch.plots._drawing import COLORS, N_FORESTS, TOO_FEW, _are_enough, _axes, _say, _text
from geneticsearch.results import history_of, permutation_importances


@documented
def plot_importance(source: Any, *, ax: Any = None, random_state: int | None = 0) -> Any:
    """Draw how much of the differences between scores each parameter explains.

    A random forest learns to predict the score from the parameters of a sample of the candidates, drawn with
    replacement. Then the values of one parameter are shuffled among the candidates that were not drawn and that have
    it; its importance is the growth of the prediction error, as a share of the variance of the scores. This is done 20
    times. Bars are means, lines one standard deviation to either side; a bar shorter than its line may be chance.

    A choice or a length is shuffled together with the parameters that exist for some of its values only; the effect
    that these have among candidates of the same choice is not counted as that of the choice.

    The picture describes the candidates that were evaluated, most of them near the best, rather than the whole space.
    Correlated parameters share their importance. Scores are used as the search sees them, with bad scores compressed so
    that a few failures do not decide.

    Parameters
    ----------
    {source}
    {ax}
    random_state : int or None, default=0
        Seed of the forests and the shuffling.

    Returns
    -------
    matplotlib.axes.Axes
        Where it was drawn: the 15 most important parameters. With fewer than 10 candidates, or no differences, it says
        so instead.

    References
    ----------
    Breiman (2001), "Random Forests", Machine Learning 45, section 10.

    Examples
    --------
    >>> from geneticsearch import UniformDistribution, optimize
    >>> from geneticsearch.plots import plot_importance
    >>> space = {"matters": UniformDistribution(-1, 1), "does not": UniformDistribution(-1, 1)}
    >>> result = optimize(lambda params: params["matters"] ** 2, space, n_iter=40, seed=0)
    >>> [text.get_text() for text in plot_importance(result).get_yticklabels()]
    ['matters', 'does not']
    """
    history = history_of(source)
    ax = _axes(ax)
    ax.set_title("Importance of the parameters")
    parameters = history.parameters
    targets = compress_tail(history.fitness)
    if not parameters or not _are_enough(targets):
        _say(ax, TOO_FEW)
        return ax
    importances, _ = permutation_importances(parameters, targets, N_FORESTS, random_state)
    means, spread = importances.mean(axis=0), importances.std(axis=0)
    order = np.argsort(-means, kind="stable")[:15]
    places = np.arange(len(order))
    ax.barh(places, means[order], color=COLORS[4], height=0.65)
    ax.errorbar(means[order], places, xerr=spread[order], fmt="o", color="black", markersize=4, linewidth=1.2)
    ax.axvline(0, color="black", linewidth=0.8)
    ax.set_yticks(places, [_text(parameters[i].name) for i in order])
    ax.invert_yaxis()
    ax.set_xlabel("error that shuffling adds, as a share of the variance")
    return ax
