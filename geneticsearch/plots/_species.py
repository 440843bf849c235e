"""How the species shared the budget."""

from __future__ import annotations

from typing import Any

import numpy as np

from geneticsearch._errors import check_number
from geneticsearch.plots._documented import documented
from geneticsearch.plots._drawing import WINNER, _axes, _legend_below, _Species, _text, _whole_ticks
from geneticsearch.results import history_of


@documented
def plot_species(source: Any, *, ax: Any = None, window: int | None = None) -> Any:
    """Draw how many candidates each species had, as its share of the latest ones.

    Parameters
    ----------
    {source}
    {ax}
    window : int or None, default=None
        Number of latest candidates to take shares of; None is a tenth of all, but at least 10.

    Returns
    -------
    matplotlib.axes.Axes
        Where it was drawn, with a star at the best candidate of each species, orange at the best of all. The legend has
        the best score and the number of candidates of each.

    Examples
    --------
    >>> from geneticsearch import SequenceDistribution, UniformDistribution, optimize
    >>> from geneticsearch.plots import plot_species
    >>> space = {"x": SequenceDistribution(UniformDistribution(-1, 1), 1, 3)}
    >>> result = optimize(lambda params: abs(sum(params["x"]) - 2), space, n_iter=60, seed=0)
    >>> plot_species(result).get_ylabel()
    'share of the latest 10'
    """
    check_number("window", window, low=1, integer=True, optional=True)
    history = history_of(source)
    ax = _axes(ax)
    species = _Species(history)
    n = len(history.individuals)
    window = max(10, n // 10) if window is None else int(window)
    births = np.array([species.positions == k for k in range(len(species.names))], dtype=float)
    totals = np.concatenate([np.zeros((len(births), 1)), births.cumsum(axis=1)], axis=1)
    first = np.maximum(np.arange(n) + 1 - window, 0)
    shares = (totals[:, 1:] - totals[:, first]) / (np.arange(n) + 1 - first)
    labels, stars = [], {}
    for k, name in enumerate(species.names):
        mine = history.ranking[species.positions[history.ranking] == k]
        best = "all failed"
        if len(mine):
            i = int(mine[0])
            best = f"best {history.scores[i]:.4g}"
            stars[i] = shares[:k, i].sum() + shares[k, i] / 2
        labels.append(f"{_text(name)}: {best}, {int(births[k].sum())} of {n}")
    for i in history.ranking[:1]:
        ax.scatter(history.numbers[i], stars.pop(i), **WINNER, label="the best")
    if stars:
        style = {**WINNER, "s": 90, "color": "white", "edgecolor": "black"}
        ax.scatter(history.numbers[list(stars)], list(stars.values()), **style, label="the best of its species")
    numbers = history.numbers.astype(float)
    if n == 1:  # an area needs two sides
        numbers, shares = np.add(numbers, [-0.5, 0.5]), np.repeat(shares, 2, axis=1)
    ax.stackplot(numbers, shares, colors=species.colors, labels=labels, edgecolor="white", linewidth=0.5)
    ax.set(
        xlabel="candidate",
        ylabel=f"share of the latest {window}",
        ylim=(0, 1),
        xlim=(numbers[0], numbers[-1]),
        title="Species among the candidates",
    )
    _whole_ticks(ax, "x")
    ax.yaxis.set_major_formatter("{x:.0%}")
    handles, texts = ax.get_legend_handles_labels()
    _legend_below(ax, handles=handles[::-1], labels=texts[::-1], ncols=1)  # as in the picture, the topmost first
    return ax
