"""Several searches beside each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from geneticsearch._errors import ArgumentError, check_choice
from geneticsearch.plots._documented import documented
from geneticsearch.plots._drawing import COLORS, _axes, _legend_below, _Limits, _text, _unit, _whole_ticks
from geneticsearch.results import Floats, History, history_of

STYLES = ("-", "--", "-.", ":")


@documented
def plot_comparison(searches: Any, *, x: str = "candidate", ax: Any = None) -> Any:
    """Draw the best score so far of several searches, the median and quartiles over their repetitions.

    A single run of each says little, since the difference depends on the seed: give several.

    Parameters
    ----------
    {searches}
    x : {'candidate', 'time'}, default='candidate'
        What to draw scores over: the number of candidates so far, or the time that their evaluations took together,
        which does not depend on the number of workers.
    {ax}

    Returns
    -------
    matplotlib.axes.Axes
        Where it was drawn: lines are medians, bands reach from the lower to the upper quartile. A search that ended
        keeps its best score. The vertical axis begins where the worst of the searches is after a tenth of the
        candidates.

    Raises
    ------
    ValueError
        If some searches maximize and others minimize, or `x` is 'time' and no times are known.

    Examples
    --------
    >>> from scipy.stats import loguniform
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.model_selection import RandomizedSearchCV
    >>> from sklearn.svm import SVC
    >>> from geneticsearch import GeneticSearchCV
    >>> from geneticsearch.plots import plot_comparison
    >>> X, y = load_iris(return_X_y=True)
    >>> space = {"C": loguniform(1e-2, 1e3), "gamma": loguniform(1e-4, 1e1)}
    >>> searches = {
    ...     kind.__name__: [kind(SVC(), space, n_iter=15, cv=3, random_state=seed).fit(X, y) for seed in range(3)]
    ...     for kind in (GeneticSearchCV, RandomizedSearchCV)
    ... }
    >>> ax = plot_comparison(searches)
    >>> ax.get_ylabel(), [line.get_label() for line in ax.get_lines()]
    ('accuracy, best so far', ['GeneticSearchCV', 'RandomizedSearchCV'])
    """
    check_choice("x", x, ("candidate", "time"))
    compared = _by_name(searches)
    sign = 1 if next(iter(compared.values()))[0].maximize else -1
    runs = {name: [_best_so_far(one, x) for one in histories] for name, histories in compared.items()}
    every = [run for group in runs.values() for run in group]
    places = np.unique(np.concatenate([places for places, _ in every]))
    unit, label = _unit(float(places[-1])) if x == "time" else (1, "")
    ax = _axes(ax)
    worst = np.inf
    for k, (name, group) in enumerate(runs.items()):
        best = sign * np.array([_held(places, *run) for run in group])
        low, middle, high = np.quantile(best, (0.25, 0.5, 0.75), axis=0, method="nearest")
        style = {"color": COLORS[k % len(COLORS)], "linestyle": STYLES[k % len(STYLES)]}
        ax.step(places / unit, middle, where="post", label=_text(name), linewidth=1.8, **style)
        if len(group) > 1:
            band = {"step": "post", "color": style["color"], "alpha": 0.18, "linewidth": 0}
            ax.fill_between(places / unit, low, high, **band)
        after = sign * (low if sign > 0 else high)[len(places) // 10 :]
        worst = min([worst, *after[np.isfinite(after)]])
    most = max(fitness[-1] for _, fitness in every)
    if np.isfinite(worst) and worst < most:
        edges = sign * np.array([worst - 0.05 * (most - worst), most + 0.05 * (most - worst)])
        ax.set_ylim(edges.min(), edges.max())
    n_runs = {len(group) for group in runs.values()}
    bands = f"; median and quartiles of {'-'.join(map(str, sorted(n_runs)))} runs" if max(n_runs) > 1 else ""
    text = "candidate" if x == "candidate" else f"time of all evaluations in {label}"
    ax.set(xlabel=text, ylabel=f"{_metric(compared)}, best so far", title=f"Best score so far{bands}")
    if x == "candidate":
        _whole_ticks(ax, "x")
    _legend_below(ax)
    return ax


@documented
def plot_distribution(searches: Any, *, ax: Any = None) -> Any:
    """Draw which share of the candidates has a score up to each value: the empirical distribution.

    A search that found many good candidates is steep near the best score; of random candidates, the picture shows how
    much there was to gain.

    Parameters
    ----------
    {searches} The candidates of a list count together.
    {ax}

    Returns
    -------
    matplotlib.axes.Axes
        Where it was drawn. Candidates that failed count as worse than all others.

    Raises
    ------
    ValueError
        If some searches maximize and others minimize.

    Examples
    --------
    >>> from geneticsearch import UniformDistribution, optimize
    >>> from geneticsearch.plots import plot_distribution
    >>> space = {"x": UniformDistribution(-1, 1)}
    >>> bred, at_random = [
    ...     optimize(lambda params: params["x"] ** 2, space, n_iter=30, seed=0, **options)
    ...     for options in ({}, {"percentage_to_randomly_spawn": 1.0, "surrogate": None})
    ... ]
    >>> plot_distribution({"bred": bred, "at random": at_random}).get_ylabel()
    'share of the candidates'
    """
    compared = _by_name(searches)
    ax = _axes(ax)
    limits = [_Limits(history) for histories in compared.values() for history in histories]
    ends = []
    for k, (name, histories) in enumerate(compared.items()):
        scores = np.concatenate([one.scores for one in histories])
        known = np.sort(scores[np.isfinite(scores)])
        n_below = len(scores) - len(known) if histories[0].maximize else 0
        shares = (n_below + np.arange(1, len(known) + 1)) / len(scores)
        style = {"color": COLORS[k % len(COLORS)], "linestyle": STYLES[k % len(STYLES)], "linewidth": 1.8}
        ax.step(known, shares, where="post", label=_text(name), **style)
        ends += [known]
    if all(one.is_log for one in limits):
        ax.set_xscale("log")
    shown = np.concatenate(ends)
    if len(shown):
        for one in limits:
            shown = one.inside(shown)
        margin = 0.0 if ax.get_xscale() == "log" else 0.03 * np.ptp(shown)
        if np.ptp(shown):
            ax.set_xlim(shown.min() - margin, shown.max() + margin)
    ax.set(
        ylim=(0, 1.02), ylabel="share of the candidates", xlabel=_metric(compared), title="Distribution of the scores"
    )
    ax.yaxis.set_major_formatter("{x:.0%}")
    _legend_below(ax)
    return ax


def _by_name(searches: Any) -> dict[str, list[History]]:
    """Return the histories of each kind of search by name."""
    named = searches if isinstance(searches, Mapping) else {"candidates": searches}
    found = {
        str(name): [history_of(one) for one in (group if isinstance(group, list | tuple) else [group])]
        for name, group in named.items()
    }
    if not found or not all(found.values()):
        raise ArgumentError(f"`searches` must have at least one search by each name; got {searches!r}.")
    if len({one.maximize for group in found.values() for one in group}) > 1:
        raise ArgumentError("`searches` must all maximize or all minimize.")
    return found


def _metric(compared: dict[str, list[History]]) -> str:
    """Return the name of the metric, if all searches have the same."""
    names = {one.metric for group in compared.values() for one in group}
    return names.pop() if len(names) == 1 else "score"


def _best_so_far(history: History, x: str) -> tuple[Floats, Floats]:
    """Return numbers of candidates or seconds of evaluations so far, and the best fitness."""
    if x == "candidate":
        places = np.arange(1.0, len(history.individuals) + 1)
    else:
        seconds = history.seconds()
        folds = 1 if history.folds is None else history.folds.shape[1]
        took = history.durations if seconds is None else seconds[0] * (folds - history.n_skipped)
        took = np.where(np.isnan(took), history.durations, took)
        if not np.isfinite(took).any():
            raise ArgumentError("`x='time'` needs times of the candidates, and there are none. Use `x='candidate'`.")
        places = np.nan_to_num(took).cumsum()
    return places, np.fmax.accumulate(history.complete_fitness)


def _held(places: Floats, known: Floats, fitness: Floats) -> Floats:
    """Return the fitness at other places: the last one known, or negative infinity before the first."""
    index = np.searchsorted(known, places, side="right") - 1
    return np.where((index >= 0) & np.isfinite(fitness[index]), fitness[index], -np.inf)
