"""Pictures of a search, drawn by matplotlib.

Each function takes a fitted `GeneticSearchCV`, the result of `optimize` or the path of a checkpoint, whose search may
still be running. Candidates are called by the numbers that `history_`, `to_frame` and `load_history` give them.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from geneticsearch._history import Floats, History, history_of, parameters_of
from geneticsearch._importance import permutation_importances
from geneticsearch._surrogate import compress_tail
from geneticsearch._validation import ArgumentError, check_number

__all__ = ["plot_folds", "plot_genealogy", "plot_importance", "plot_parameters", "plot_progress", "plot_species"]

# Okabe & Ito (2008), "Color Universal Design": told apart with every kind of colour vision. Their yellow and black are
# left out: one is faint on white, the other is for lines.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
OTHERS = "#999999"
FAINT = "#BBBBBB"
WINNER = {"marker": "*", "s": 220, "color": "#D55E00", "edgecolor": "white", "linewidth": 0.8, "zorder": 5}

MIN_CANDIDATES = 10
"""Of fewer, nobody can tell which parameters matter."""

N_FORESTS = 20


def plot_progress(source: Any, *, ax: Any = None) -> Any:
    """Draw the score of every candidate, and the best so far.

    Scores far worse than most are drawn as triangles at the edge, so that the good ones can be told apart; positive
    scores that are minimised have a logarithmic scale, where the best is less than a hundredth of most others.

    Parameters
    ----------
    source : GeneticSearchCV, OptimizeResult, str or path-like
        A fitted search, a result or a checkpoint.
    ax : matplotlib.axes.Axes or None, default=None
        Where to draw; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Where it was drawn.

    Examples
    --------
    >>> from geneticsearch import UniformDistribution, optimize
    >>> from geneticsearch.plots import plot_progress
    >>> result = optimize(lambda params: params["x"] ** 2, {"x": UniformDistribution(-1, 1)}, n_iter=30, seed=0)
    >>> ax = plot_progress(result)
    >>> ax.get_xlabel()
    'candidate'
    """
    history = history_of(source)
    ax = _axes(ax)
    limits = _Limits(history)
    species = _Species(history)
    for k, name in enumerate(species.names):
        mine = species.positions == k
        text = _text(name) if len(species.names) > 1 else "candidate"
        limits.scatter(ax, history.numbers[mine], history.scores[mine], color=species.colours[k], s=22, label=text)
    fitness = np.maximum.accumulate(history.fitness)
    known = np.isfinite(fitness)
    best = fitness if history.maximize else -fitness
    ax.step(history.numbers[known], best[known], where="post", color="black", linewidth=1.2, label="best so far")
    _mark_failed(ax, history)
    limits.apply(ax)
    ax.set(xlabel="candidate", ylabel="score", title="Scores of all candidates")
    _legend(ax, history)
    return ax


def plot_species(source: Any, *, ax: Any = None, window: int | None = None) -> Any:
    """Draw how many candidates each species had, as its share of the latest ones.

    Parameters
    ----------
    source : GeneticSearchCV, OptimizeResult, str or path-like
        A fitted search, a result or a checkpoint.
    ax : matplotlib.axes.Axes or None, default=None
        Where to draw; None makes a new figure.
    window : int or None, default=None
        Number of latest candidates that shares are taken of; None is a tenth of all, but at least 10.

    Returns
    -------
    matplotlib.axes.Axes
        Where it was drawn. The legend tells the best score and the number of candidates of each species.

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
    labels = []
    for k, name in enumerate(species.names):
        mine = np.where(species.positions == k, history.fitness, -np.inf)
        best = "all failed" if np.isneginf(mine.max()) else f"best {history.scores[mine.argmax()]:.4g}"
        labels.append(f"{_text(name)}: {best}, {int(births[k].sum())} of {n}")
    numbers = history.numbers.astype(float)
    if n == 1:  # an area needs two sides
        numbers, shares = np.add(numbers, [-0.5, 0.5]), np.repeat(shares, 2, axis=1)
    ax.stackplot(numbers, shares, colors=species.colours, labels=labels, edgecolor="white", linewidth=0.5)
    ax.set(
        xlabel="candidate",
        ylabel=f"share of the latest {window}",
        ylim=(0, 1),
        xlim=(numbers[0], numbers[-1]),
        title="Species among the candidates",
    )
    ax.yaxis.set_major_formatter("{x:.0%}")
    # As in the picture, the topmost first.
    handles, texts = ax.get_legend_handles_labels()
    ax.legend(handles[::-1], texts[::-1], loc="upper center", bbox_to_anchor=(0.5, -0.15), fontsize="small")
    return ax


def plot_parameters(source: Any, *, figure: Any = None) -> Any:
    """Draw the values of each parameter over the candidates: where the search looked, and where it stayed.

    Parameters that are the same in all candidates are left out, sequences and dicts opened. A logarithmic scale is used
    where the distribution of a parameter is logarithmic; of results that do not know it, where its first values are.

    Parameters
    ----------
    source : GeneticSearchCV, OptimizeResult, str or path-like
        A fitted search, a result or a checkpoint.
    figure : matplotlib.figure.Figure, SubFigure or None, default=None
        An empty figure to draw in, since there is one Axes for each parameter; None makes a new one.

    Returns
    -------
    ndarray of matplotlib.axes.Axes
        One for each parameter.

    Examples
    --------
    >>> from geneticsearch import LogUniformDistribution, optimize
    >>> from geneticsearch.plots import plot_parameters
    >>> space = {"x": LogUniformDistribution(0.001, 1), "kind": ["a", "b"]}
    >>> result = optimize(lambda params: params["x"] + (params["kind"] == "a"), space, n_iter=30, seed=0)
    >>> [(ax.get_title(), ax.get_yscale()) for ax in plot_parameters(result)]
    [('x', 'log'), ('kind', 'linear')]
    """
    history = history_of(source)
    parameters = parameters_of(history)
    n_columns = min(3, max(1, len(parameters)))
    n_rows = max(1, math.ceil(len(parameters) / n_columns))
    if figure is None:
        figure = _pyplot().figure(figsize=(3.4 * n_columns + 0.6, 2.3 * n_rows + 0.7), layout="constrained")
    grid = figure.subplots(n_rows, n_columns, sharex=True, squeeze=False)
    axes = grid.ravel()[: max(1, len(parameters))]
    for ax in grid.ravel()[len(axes) :]:
        ax.remove()
    for column in range(n_columns):  # the lowest that is left shows the numbers
        lowest = [ax for ax in grid[:, column] if any(ax is one for one in axes)][-1]
        lowest.tick_params(labelbottom=True)
        lowest.set_xlabel("candidate")
    if not parameters:
        _say(axes[0], "all candidates have the same parameters")
        return axes
    ranking = history.ranking
    top = ranking[: max(1, math.ceil(len(ranking) / 10))]
    is_top = np.isin(np.arange(len(history.individuals)), top)
    for ax, parameter in zip(axes, parameters, strict=True):
        ax.set_title(_text(parameter.name), fontsize="medium")
        values = parameter.values
        if parameter.labels:
            # Candidates of one label beside each other, not on top; the golden ratio spreads them evenly.
            values = values + 0.5 * (np.arange(len(values)) * 0.618034 % 1 - 0.5)
            ax.set_yticks(range(len(parameter.labels)), [_text(one, 18) for one in parameter.labels])
            ax.set_ylim(-0.6, len(parameter.labels) - 0.4)
        if parameter.is_log and np.nanmin(values) > 0:
            ax.set_yscale("log")
        ax.scatter(history.numbers[~is_top], values[~is_top], s=10, color=FAINT, label="candidate")
        ax.scatter(history.numbers[is_top], values[is_top], s=14, color=COLOURS[0], label="one of the best tenth")
        ax.scatter(history.numbers[ranking[:1]], values[ranking[:1]], **{**WINNER, "s": 110}, label="the best")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, fontsize="small")
    return axes


def plot_importance(source: Any, *, ax: Any = None, random_state: int | None = 0) -> Any:
    """Draw how much of the differences between scores each parameter explains.

    A random forest learns to predict the score from the parameters, of a sample of the candidates drawn with
    replacement. Then the values of one parameter are shuffled among the candidates that were not drawn, and the error
    of the predictions grows: by how much, as a share of the variance of the scores, is the importance of that
    parameter. This is done 20 times. The bars are means, the lines one standard deviation to either side; a bar
    shorter than its line may be chance.

    It tells of the candidates that the search had, many of them near the best ones, rather than of the whole space; and
    parameters that go together, such as those of one species and what made it one, share what is theirs. Scores are
    used as the search sees them, with the bad ones drawn together so that a few failures do not decide.

    Parameters
    ----------
    source : GeneticSearchCV, OptimizeResult, str or path-like
        A fitted search, a result or a checkpoint.
    ax : matplotlib.axes.Axes or None, default=None
        Where to draw; None makes a new figure.
    random_state : int or None, default=0
        Seed of the forests and the shuffling.

    Returns
    -------
    matplotlib.axes.Axes
        Where it was drawn: the 15 most important parameters. With fewer than 10 candidates, or no differences, it only
        says so.

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
    parameters = parameters_of(history)
    targets = compress_tail(history.fitness)
    if len(targets) < MIN_CANDIDATES or not targets.any() or not parameters:
        _say(ax, "too few different candidates to tell")
        return ax
    importances, _ = permutation_importances(parameters, targets, N_FORESTS, random_state)
    means, spread = importances.mean(axis=0), importances.std(axis=0)
    order = np.argsort(-means, kind="stable")[:15]
    places = np.arange(len(order))
    ax.barh(places, means[order], color=COLOURS[4], height=0.65)
    ax.errorbar(means[order], places, xerr=spread[order], fmt="o", color="black", markersize=4, linewidth=1.2)
    ax.axvline(0, color="black", linewidth=0.8)
    ax.set_yticks(places, [_text(parameters[i].name) for i in order])
    ax.invert_yaxis()
    ax.set_xlabel("error that shuffling it adds, as a share of the variance of the scores")
    return ax


def plot_genealogy(source: Any, *, ax: Any = None) -> Any:
    """Draw the ancestors of the best candidate, each with lines to its parents.

    Parameters
    ----------
    source : GeneticSearchCV, OptimizeResult, str or path-like
        A fitted search, a result or a checkpoint.
    ax : matplotlib.axes.Axes or None, default=None
        Where to draw; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Where it was drawn: heights are scores, colours tell how an ancestor was bred (see `Individual`), and all other
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
    origins = list(dict.fromkeys(history.individuals[i].origin for i in sorted(family)))
    for k, origin in enumerate(origins):
        mine = np.array([i for i in sorted(family) if history.individuals[i].origin == origin])
        colour = COLOURS[k % len(COLOURS)]
        limits.scatter(ax, numbers[mine], scores[mine], color=colour, s=32, zorder=3, label=origin)
    ax.scatter(numbers[ranking[:1]], shown[ranking[:1]], **WINNER, label="the best")
    limits.apply(ax)
    ax.set(xlabel="candidate", ylabel="score", title="Ancestors of the best candidate")
    _legend(ax, history)
    return ax


def plot_folds(source: Any, *, k: int = 10, ax: Any = None) -> Any:
    """Draw the scores of the best candidates on each fold.

    A faint line joins the scores on one fold: where the lines rise and fall together, the folds differ more than the
    candidates do.

    Parameters
    ----------
    source : GeneticSearchCV, str or path-like
        A fitted search, or its checkpoint.
    k : int, default=10
        Number of candidates, best first.
    ax : matplotlib.axes.Axes or None, default=None
        Where to draw; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Where it was drawn.

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
        raise ArgumentError("`plot_folds` needs the scores of a GeneticSearchCV on several folds; there are none.")
    ax = _axes(ax)
    top = history.ranking[:k]
    places = np.arange(len(top))
    folds = history.folds[top]
    ax.plot(places, folds, color=FAINT, linewidth=0.8, zorder=1)
    ax.plot(places, folds, "o", color=COLOURS[4], markersize=5, zorder=2)
    ax.plot([], [], "o", color=COLOURS[4], markersize=5, label="score on one fold")
    ax.plot(places, history.scores[top], "_", color="black", markersize=18, markeredgewidth=2, label="mean, the score")
    ax.set_xticks(places, [str(number) for number in history.numbers[top]])
    ax.set(xlabel="candidate, best first", ylabel="score", title=f"Scores of the best {len(top)} on each fold")
    ax.legend(fontsize="small")
    if not len(top):
        _say(ax, "all candidates failed")
    return ax


# --------------------------------------------------------------------------------------------------------------- parts
def _pyplot() -> Any:
    try:
        import matplotlib.pyplot as plt
    except ImportError:
        raise ImportError('`geneticsearch.plots` needs matplotlib: pip install "geneticsearch[plots]"') from None
    return plt


def _axes(ax: Any) -> Any:
    """Return where to draw."""
    return _pyplot().subplots(figsize=(8, 4.5), layout="constrained")[1] if ax is None else ax


def _say(ax: Any, text: str) -> None:
    """Write, instead of a picture."""
    ax.set(xticks=[], yticks=[])
    ax.text(0.5, 0.5, text, ha="center", va="center", transform=ax.transAxes, color="#555555")


def _text(text: str, length: int = 48) -> str:
    """Return a text as a label: not too long, and without mathematics."""
    short = text if len(text) <= length else f"{text[: length - 3]}..."
    return short.replace("$", r"\$").lstrip("_") or "_"


def _legend(ax: Any, history: History) -> None:
    """Put the legend where the worse and later candidates would be, of which there are few."""
    ax.legend(loc="lower right" if history.maximize else "upper right", fontsize="small", framealpha=0.9)


def _mark_failed(ax: Any, history: History) -> None:
    """Mark failed candidates at the lower edge."""
    failed = history.numbers[~np.isfinite(history.scores)]
    if len(failed):
        places = np.full(len(failed), 0.015)
        style = {"marker": "x", "color": "black", "s": 18, "linewidth": 0.9, "clip_on": False}
        ax.scatter(failed, places, transform=ax.get_xaxis_transform(), label="failed", **style)


class _Species:
    """Which candidates are of which species; of more than fit into a picture, those with most candidates.

    Attributes
    ----------
    names, colours : list of str
        Of each species, in the order of their first candidate.
    positions : ndarray of shape (n_individuals,)
        Position of each candidate's species among them.
    """

    def __init__(self, history: History) -> None:
        species = [one.species for one in history.individuals]
        counts = {name: species.count(name) for name in dict.fromkeys(species)}
        largest = sorted(counts, key=lambda name: -counts[name])
        if len(largest) > len(COLOURS):
            largest = largest[: len(COLOURS) - 1]
        self.names = [name for name in counts if name in largest]
        self.colours = list(COLOURS[: len(self.names)])
        n_others = len(counts) - len(self.names)
        if n_others:
            self.names.append(f"{n_others} others")
            self.colours.append(OTHERS)
        place = {name: k for k, name in enumerate(self.names)}
        self.positions = np.array([place.get(name, len(self.names) - 1) for name in species])


class _Limits:
    """The range of scores to show: all, unless a few are so bad that the others could not be told apart.

    Positive scores that are minimised have a logarithmic scale, where the best is a small part of most others.
    """

    def __init__(self, history: History) -> None:
        self._sign = 1 if history.maximize else -1
        fitness = history.fitness[np.isfinite(history.fitness)]
        self._worst = -np.inf
        self._is_log = bool(
            not history.maximize and len(fitness) and fitness.max() < 0 and np.median(fitness) < 100 * fitness.max()
        )
        if len(fitness) and not self._is_log:
            best, middle = fitness.max(), np.quantile(fitness, 0.25)
            if middle < best and best - fitness.min() > 4 * (best - middle):
                self._worst = best - 2.5 * (best - middle)

    def inside(self, scores: Floats) -> Floats:
        """Return the scores, those out of range moved to the edge."""
        shown: Floats = self._sign * np.maximum(self._sign * scores, self._worst)
        return shown

    def scatter(self, ax: Any, numbers: Any, scores: Floats, **style: Any) -> None:
        """Draw candidates."""
        is_inside = self._sign * scores >= self._worst
        ax.scatter(numbers[is_inside], scores[is_inside], **style)
        is_outside = self._sign * scores < self._worst
        if is_outside.any():
            marker = "v" if self._sign > 0 else "^"
            ax.scatter(
                numbers[is_outside], self.inside(scores)[is_outside], **{**style, "marker": marker, "label": None}
            )

    def apply(self, ax: Any) -> None:
        """Set the axis."""
        if self._is_log:
            ax.set_yscale("log")
        elif np.isfinite(self._worst):
            bottom, top = ax.get_ylim()
            worst = self._sign * self._worst
            ax.set_ylim(
                (worst - 0.04 * (top - worst), top) if self._sign > 0 else (bottom, worst + 0.04 * (worst - bottom))
            )
