"""What the model expects over two parameters."""

from __future__ import annotations

from typing import Any

import numpy as np

from geneticsearch._errors import ArgumentError
from geneticsearch.evolution import MAX_RESULTS, GaussianProcess, choose_training_set, compress_tail, one_blas_thread
from geneticsearch.plots._documented import documented
from geneticsearch.plots._drawing import (
    TOO_FEW,
    TOO_FEW_PARAMETERS,
    WINNER,
    _are_enough,
    _axes,
    _color_map,
    _is_sparse,
    _legend_below,
    _named,
    _places,
    _say,
    _set_scale,
    _steps,
    _text,
)
from geneticsearch.results import Floats, History, Parameter, history_of

UNSURE = 0.5
"""Standard deviation of a prediction, as a part of that of the scores, from which it says little."""


@documented
def plot_landscape(
    source: Any, x: str | None = None, y: str | None = None, *, ax: Any = None, random_state: int | None = 0
) -> Any:
    """Draw the score that a surrogate predicts over two parameters, and the candidates that have both.

    The surrogate is a Gaussian process, as in the search, of all candidates. The picture is a slice of the space
    through the best candidate: the other parameters have its values, while the candidates shown differ in those, too.
    Where an axis is a choice or a length, each of its values has a slice of its own, through the best candidate with
    that value; the picture is empty where no candidate with it has the other parameter. Scores are used as the search
    sees them, with bad scores compressed. Predictions say little where the picture is dotted: their standard deviation
    is more than half that of the scores.

    Parameters
    ----------
    {source}
    x, y : str or None, default=None
        Names of parameters, as other pictures show them. The star is the best candidate that has both. None takes the
        parameter of the best candidate along which the predictions differ most, numbers before choices.
    {ax}
    random_state : int or None, default=0
        Seed of the candidates that the surrogate learns from, where there are more than 250.

    Returns
    -------
    matplotlib.axes.Axes
        Where it was drawn. With fewer than 10 candidates, no differences or fewer than two parameters, it says
        so instead.

    Raises
    ------
    ValueError
        If no parameter that differs between candidates has that name, or no candidate has both.

    Examples
    --------
    >>> from geneticsearch import LogUniformDistribution, UniformDistribution, optimize
    >>> from geneticsearch.plots import plot_landscape
    >>> space = {"x": UniformDistribution(-1, 1), "y": LogUniformDistribution(0.01, 1), "kind": ["a", "b"]}
    >>> result = optimize(lambda params: params["x"] ** 2 + params["y"], space, n_iter=30, seed=0)
    >>> ax = plot_landscape(result, "x", "y")
    >>> ax.get_xlabel(), ax.get_xscale(), ax.get_ylabel(), ax.get_yscale()
    ('x', 'linear', 'y', 'log')
    """
    history = history_of(source)
    parameters = [one for one in history.parameters if one.labels or np.nanmin(one.values) < np.nanmax(one.values)]
    pair = [None if name is None else _named(side, name, parameters) for side, name in (("x", x), ("y", y))]
    given = [one for one in pair if one is not None]
    best = next((i for i in history.ranking if all(np.isfinite(one.values[i]) for one in given)), None)
    if (best is None and len(history.ranking)) or (given and x == y):
        raise ArgumentError(f"`x` and `y` must be two parameters of the same candidates; got {x!r} and {y!r}.")
    targets = compress_tail(history.fitness)
    ax = _axes(ax)
    ax.set_title("Predicted score, the other parameters as in the best candidate")
    if best is None or not _are_enough(targets):
        _say(ax, TOO_FEW)
        return ax
    surrogate = _Surrogate(history, parameters, targets, random_state)
    others = [one for one in parameters if np.isfinite(one.values[best]) and one not in given]
    others.sort(key=lambda one: (bool(one.labels), -surrogate.range_of(best, one)))
    if len(given) + len(others) < 2:
        _say(ax, TOO_FEW_PARAMETERS)
        return ax
    chosen = [others.pop(0) if one is None else one for one in pair]
    for side, parameter in zip("xy", chosen, strict=True):
        _set_scale(ax, side, parameter)
        ax.set(**{f"{side}label": _text(parameter.name)})
    drawn = _draw_predictions(ax, chosen, *surrogate.predict(*chosen), limits=(targets.min(), targets.max()))
    _draw_candidates(ax, history, chosen, best)
    _legend_below(ax)
    _add_bar(ax, history, targets, drawn)
    return ax


def _draw_predictions(
    ax: Any,
    chosen: list[Parameter],
    tables: list[Floats],
    means: Floats,
    deviations: Floats,
    limits: tuple[float, float],
) -> Any:
    """Color the picture by predictions, within the limits of what was learned; return what a color bar describes."""
    low, high = np.clip([np.nanmin(means), np.nanmax(means)], *limits)
    drawn = ax.pcolormesh(
        *tables, means, shading="nearest", rasterized=True, vmin=low, vmax=high, cmap=_color_map(is_dark_high=True)
    )
    if low < high and not any(parameter.is_structural for parameter in chosen):
        style = {"colors": "white", "linewidths": 0.6, "linestyles": "solid"}
        ax.contour(*tables, means, levels=np.linspace(low, high, 10)[1:-1], **style)
    is_dotted = (deviations > UNSURE) & _is_sparse(deviations.shape)
    if is_dotted.any():
        dots = [table[is_dotted] for table in tables]
        ax.scatter(*dots, s=2, color="black", linewidth=0, label="hardly known")
    return drawn


def _draw_candidates(ax: Any, history: History, chosen: list[Parameter], best: int) -> None:
    """Draw the candidates that have both parameters, and the best of them."""
    places = np.array([_places(parameter) for parameter in chosen])
    failed = history.failed
    style = {"s": 16, "color": "white", "edgecolor": "black", "linewidth": 0.7, "clip_on": False}
    ax.scatter(*places[:, ~failed], label="candidate", **style)
    if np.isfinite(places[:, failed]).all(axis=0).any():
        ax.scatter(*places[:, failed], s=18, color="black", marker="x", linewidth=0.9, label="failed", clip_on=False)
    is_best = best == history.ranking[0]
    ax.scatter(*places[:, best], **WINNER, label="the best" if is_best else "the best of those with both")


def _add_bar(ax: Any, history: History, targets: Floats, drawn: Any) -> None:
    """Add a color bar in scores: even steps of what the surrogate learns are not even steps of the score."""
    bar = ax.figure.colorbar(drawn, ax=ax, label=f"{history.metric} (bad scores compressed)")
    bar.ax.yaxis.set_inverted(not history.maximize)
    low, high = drawn.get_clim()
    ticks = np.unique(np.linspace(low, high, 6))
    known = history.ranking[::-1]
    marks = np.interp(ticks, targets[known], history.scores[known])
    bar.set_ticks(ticks, labels=[f"{mark:.4g}" for mark in marks])


class _Surrogate:
    """The surrogate of a search, which has learned from its candidates.

    Parameters
    ----------
    history : History
        The candidates.
    parameters : list of Parameter
        What differs between them.
    targets : ndarray of shape (n_individuals,)
        What `compress_tail` returns.
    random_state : int or None
        Seed.
    """

    def __init__(
        self, history: History, parameters: list[Parameter], targets: Floats, random_state: int | None
    ) -> None:
        self._ranking = history.ranking
        self._parameters = parameters
        self._points = np.array([parameter.seen(parameter.values) for parameter in parameters]).T
        self._process = GaussianProcess(np.array([bool(parameter.labels) for parameter in parameters]))
        learned = choose_training_set(targets, MAX_RESULTS, np.random.default_rng(random_state))
        points = self._points[learned], targets[learned]
        with one_blas_thread():
            self._process.fit(*points).condition(*points)

    def range_of(self, i: int, parameter: Parameter) -> float:
        """Return by how much predictions differ over a parameter, the others being as in candidate i."""
        means, _ = self._predict(np.full(len(steps := _steps(parameter)), i), [parameter], [steps])
        return float(np.ptp(means))

    def predict(self, x: Parameter, y: Parameter) -> tuple[list[Floats], Floats, Floats]:
        """Return the values of two parameters as tables, with means and deviations, NaN where they cannot go together.

        The other parameters are as in the best candidate that has both and, where they are choices or lengths, the same
        values of them; if there is none, the same value of the first.
        """
        tables = np.meshgrid(_steps(x), _steps(y))
        have_both = np.isfinite(x.values + y.values)[self._ranking]
        of_x, of_y = ([have_both & same for same in self._same(one, _steps(one))] for one in (x, y))
        bases = np.full(tables[0].shape, -1)
        for row, column in np.ndindex(bases.shape):
            if of_x[column].any() and of_y[row].any():
                same = of_x[column] & of_y[row]
                bases[row, column] = self._ranking[(same if same.any() else of_x[column]).argmax()]
        means, deviations = np.full((2, *bases.shape), np.nan)
        known = bases >= 0
        means[known], deviations[known] = self._predict(bases[known], [x, y], [table[known] for table in tables])
        return list(tables), means, deviations

    def _same(self, parameter: Parameter, steps: Floats) -> list[Any]:
        """Return for each step which candidates, best first, can stand for it: those on it where it is a choice."""
        values = parameter.values[self._ranking]
        return [values == step if parameter.is_structural else np.ones(len(values), dtype=bool) for step in steps]

    def _predict(self, bases: Any, moved: list[Parameter], values: list[Floats]) -> tuple[Floats, Floats]:
        """Return predictions for the candidates `bases`, with other values of the parameters in `moved`."""
        points = self._points[bases]
        for parameter, column in zip(moved, values, strict=True):
            points[:, self._parameters.index(parameter)] = parameter.seen(column)
        return self._process.predict(points)
