"""Axes, limits, legends and colors of all pictures."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from geneticsearch._errors import ArgumentError, require
from geneticsearch.evolution import ORIGINS, compress_tail
from geneticsearch.results import Floats, History, Parameter, permutation_importances
from geneticsearch.space import cut

# Okabe & Ito (2008), "Color Universal Design": distinct for every kind of color vision. Their yellow and black are left
# out: one is faint on white, the other is for lines.
COLORS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")

MAP_FROM = 0.3
"""Where the color map begins: what is lighter can hardly be seen on white."""

OTHERS = "#999999"

FAINT = "#AAAAAA"

WINNER = {
    "marker": "*",
    "s": 220,
    "color": "#D55E00",
    "edgecolor": "white",
    "linewidth": 0.8,
    "zorder": 5,
    "clip_on": False,
}

ORIGIN_COLORS = dict(zip(ORIGINS, (*COLORS[:5], COLORS[0], COLORS[5], "#882255"), strict=True))
"""Of how a candidate was made; listing a finite space has the color of the initial design."""

MIN_CANDIDATES = 10
"""Fewer do not show which parameters matter."""

TOO_FEW = "too few different candidates to tell"

NO_PARAMETERS = "all candidates have the same parameters"

TOO_FEW_PARAMETERS = "fewer than two parameters differ between candidates"

N_FORESTS = 20

N_STEPS = 60
"""Points along each side of a landscape."""


def _pyplot() -> Any:
    require("plots", "`geneticsearch.plots`")
    import matplotlib.pyplot as plt

    return plt


def _axes(ax: Any) -> Any:
    """Return where to draw."""
    return _pyplot().subplots(figsize=(8, 4.5), layout="constrained")[1] if ax is None else ax


def _color_map(is_dark_high: bool) -> Any:
    """Return the colors of scores, from light to dark, so distinct without color as well; the best is dark."""
    import matplotlib
    from matplotlib.colors import LinearSegmentedColormap

    shades = matplotlib.colormaps["YlGnBu"](np.linspace(MAP_FROM, 1, 64))
    return LinearSegmentedColormap.from_list("scores", shades if is_dark_high else shades[::-1])


def _panels(ax: Any, n: int, **shared: bool) -> tuple[Any, list[Any]]:
    """Return a place for title and legend, which the Axes becomes, and n panels in its place below, three to a row."""
    n_columns = min(3, n)
    n_rows = -(-n // n_columns)
    if ax is None:
        size = (3.4 * n_columns + 0.6, 2.3 * n_rows + 0.9)
        ax = _pyplot().subplots(figsize=size, layout="constrained")[1]
    spec = ax.get_subplotspec()
    if spec is None:  # placed by hand
        (left, bottom), (right, top) = ax.get_position().get_points()
        spec = ax.figure.add_gridspec(left=left, bottom=bottom, right=right, top=top)[0]
    above, below = spec.subgridspec(2, 1, height_ratios=[0.01, n_rows])
    ax.set_subplotspec(above)
    ax.set_axis_off()
    grid = below.subgridspec(n_rows, n_columns).subplots(squeeze=False, **shared).ravel()
    for unused in grid[n:]:
        unused.remove()
    panels = list(grid[:n])
    for panel in panels[-n_columns:]:  # below which there is none
        panel.tick_params(labelbottom=True)
    return ax, panels


def _say(ax: Any, text: str) -> None:
    """Write, instead of a picture."""
    ax.set(xticks=[], yticks=[])
    ax.text(0.5, 0.5, text, ha="center", va="center", transform=ax.transAxes, color="#555555")


def _text(text: str, length: int = 48) -> str:
    """Return a text as a label: not too long, without mathematics and what cannot be drawn."""
    if len(text) > length:
        text = text.removesuffix("(...)")  # an estimator's name says more than this
    short = "".join(letter if letter.isprintable() else "\ufffd" for letter in cut(text, length))
    return short.replace("$", r"\$").lstrip("_") or "_"


def _legend_below(ax: Any, *, ncols: int = 4, **entries: Any) -> None:
    """Put the legend where nothing is drawn: below the label of the axis, whatever the height of the picture."""
    place: dict[str, Any] = {"loc": "upper center", "bbox_to_anchor": (0.5, 0), "borderaxespad": 4.8}
    if ax.figure.get_layout_engine() is None:  # there, nothing makes room for it
        place, ncols = {"loc": "best"}, 1
    ax.legend(**entries, **place, ncols=ncols, fontsize="small")


def _whole_ticks(ax: Any, side: str) -> None:
    """Have no ticks between whole numbers."""
    ax.locator_params(axis=side, integer=True, min_n_ticks=1)


def _set_scale(ax: Any, side: str, parameter: Parameter) -> None:
    """Set the axis "x" or "y" to the scale of a parameter."""
    if parameter.labels:
        labels = [_text(one, 20) for one in parameter.labels]
        is_crowded = side == "x" and sum(map(len, labels)) > 7 * ax.get_window_extent().width / ax.figure.dpi
        turned = {"rotation": 30, "ha": "right", "rotation_mode": "anchor"} if is_crowded else {}
        getattr(ax, f"set_{side}ticks")(range(len(labels)), labels, **turned)
        ax.set(**{f"{side}lim": (-0.6, len(labels) - 0.4)})
    elif parameter.has_log_scale:
        _set_log_scale(ax, side, float(np.nanmax(parameter.values) / np.nanmin(parameter.values)))
    elif _is_whole(parameter):
        _whole_ticks(ax, side)


def _set_log_scale(ax: Any, side: str, ratio: float) -> None:
    """Set the axis to a logarithmic scale, with few labels, for values that differ by a factor."""
    from matplotlib.ticker import LogLocator, NullFormatter

    ax.set(**{f"{side}scale": "log"})
    axis = getattr(ax, f"{side}axis")
    axis.set_minor_formatter(NullFormatter())
    if ratio < 100:
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter("{x:g}")


def _draw_axis(ax: Any, place: float, parameter: Parameter) -> None:
    """Draw an upright axis of height 1 with the scale of a parameter."""
    from matplotlib.ticker import LogLocator, MaxNLocator

    if parameter.labels:
        ticks, labels = np.arange(len(parameter.labels), dtype=float), [_text(one, 14) for one in parameter.labels]
    else:
        locator = LogLocator(numticks=6) if parameter.has_log_scale else MaxNLocator(4, integer=_is_whole(parameter))
        low, high = np.nanmin(parameter.values), np.nanmax(parameter.values)
        ticks = np.array([tick for tick in locator.tick_values(low, high) if low <= tick <= high])
        ticks = ticks if len(ticks) > 1 else np.unique([low, high])
        labels = [f"{tick:.4g}" for tick in ticks]
    heights = parameter.scaled(ticks)
    ax.plot([place, place], [0, 1], color="black", linewidth=0.8, zorder=3)
    ax.plot(np.full(len(ticks), place), heights, "_", color="black", markersize=5, zorder=3)
    box = {"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 0.8}
    for height, label in zip(heights, labels, strict=True):
        style = {"ha": "right", "va": "center", "fontsize": "x-small", "bbox": box, "zorder": 4}
        ax.annotate(label, (place, height), xytext=(-5, 0), textcoords="offset points", **style)


def _is_whole(parameter: Parameter) -> bool:
    return not np.any(parameter.values % 1 > 0)  # NaN is not


def _places(parameter: Parameter) -> Floats:
    """Return where to draw the values: of one label beside each other, spread evenly by the golden ratio."""
    n = len(parameter.values)
    return parameter.values + 0.5 * (np.arange(n) * 0.618034 % 1 - 0.5) if parameter.labels else parameter.values


def _named(argument: str, name: str, parameters: list[Parameter]) -> Parameter:
    """Return the parameter of that name."""
    for one in parameters:
        if one.name == name:
            return one
    names = ", ".join(one.name for one in parameters) or "none do"
    raise ArgumentError(f"`{argument}` must name parameters that differ between candidates: {names}; got {name!r}.")


def _are_enough(targets: Floats) -> bool:
    """Return whether there are differences to learn from."""
    return len(targets) >= MIN_CANDIDATES and bool(targets.any())


def _by_importance(history: History, parameters: list[Parameter], random_state: int | None) -> list[Parameter]:
    """Return the parameters, the most important first; as they are if that is not known."""
    targets = compress_tail(history.fitness)
    if not _are_enough(targets):
        return parameters
    importances, _ = permutation_importances(parameters, targets, N_FORESTS, random_state)
    return [parameters[i] for i in np.argsort(-importances.mean(axis=0), kind="stable")]


def _steps(parameter: Parameter) -> Floats:
    """Return values over the range of a parameter, evenly on its scale."""
    if parameter.labels:
        return np.arange(len(parameter.labels), dtype=float)
    if parameter.is_structural:
        return np.unique(parameter.values[np.isfinite(parameter.values)])
    space = np.geomspace if parameter.has_log_scale else np.linspace
    return space(np.nanmin(parameter.values), np.nanmax(parameter.values), N_STEPS)


def _is_sparse(shape: tuple[int, ...]) -> Any:
    """Return a mask of some points of a grid: of sides with many steps, every third."""
    return np.logical_and.outer(*(np.arange(n) % (3 if n == N_STEPS else 1) == 0 for n in shape))


def _clock(history: History) -> tuple[Floats, Floats, str]:
    """Return when evaluations began and ended, less the time in which there was none, and a label with the unit."""
    starts, ends = history.starts, history.starts + history.durations
    order = np.argsort(starts)
    order = order[np.isfinite(ends[order])]
    if not len(order):
        raise ArgumentError("times of the candidates are needed, and there are none.")
    idle = np.maximum(starts[order][1:] - np.maximum.accumulate(ends[order])[:-1], 0.0).cumsum()
    before = np.full(len(ends), np.nan)
    before[order] = starts[order][0] + np.concatenate([[0.0], idle])
    unit, label = _unit(float(np.nanmax(ends - before)))
    return (starts - before) / unit, (ends - before) / unit, f"time in {label}"


def _unit(longest: float) -> tuple[int, str]:
    """Return the unit, in seconds and in words, of times up to the longest."""
    units = {"hours": 3600, "minutes": 60, "seconds": 1}
    label = next((label for label, seconds in units.items() if longest >= 2 * seconds), "seconds")
    return units[label], label


class _Species:
    """Which candidates are of which species; of more than fit into a picture, those with most candidates.

    Attributes
    ----------
    names, colors : list of str
        Of each species, in the order of their first candidate.
    positions : ndarray of shape (n_individuals,)
        Position of each candidate's species among them.
    """

    def __init__(self, history: History) -> None:
        species = [one.species for one in history.individuals]
        counts = Counter(species)
        largest = sorted(counts, key=lambda name: -counts[name])
        if len(largest) > len(COLORS):
            largest = largest[: len(COLORS) - 1]
        self.names = [name for name in counts if name in largest]
        self.colors = list(COLORS[: len(self.names)])
        n_others = len(counts) - len(self.names)
        if n_others:
            self.names.append(f"{n_others} others")
            self.colors.append(OTHERS)
        place = {name: k for k, name in enumerate(self.names)}
        self.positions = np.array([place.get(name, len(self.names) - 1) for name in species])


class _Limits:
    """The range of scores to show: all, unless a few are so bad that the others would look alike.

    Positive scores that are minimized have a logarithmic scale, where the best is a small part of most others.
    """

    def __init__(self, history: History) -> None:
        self._sign = 1 if history.maximize else -1
        fitness = history.fitness[~history.failed]
        self._worst = -np.inf
        self._marker = "v" if history.maximize else "^"
        self.is_log = bool(
            not history.maximize and len(fitness) and fitness.max() < 0 and np.median(fitness) < 100 * fitness.max()
        )
        if len(fitness) and not self.is_log:
            best, middle = fitness.max(), np.quantile(fitness, 0.25)
            if middle < best and best - fitness.min() > 4 * (best - middle):
                self._worst = best - 2.5 * (best - middle)

    @property
    def extend(self) -> str:
        """At which end of its bar the worst color stands for all worse scores."""
        return "neither" if np.isinf(self._worst) else "min" if self._sign > 0 else "max"

    def inside(self, scores: Floats) -> Floats:
        """Return the scores, those out of range moved to the edge."""
        shown: Floats = self._sign * np.maximum(self._sign * scores, self._worst)
        return shown

    def scatter(self, ax: Any, places: Any, scores: Floats, c: Any = None, **style: Any) -> None:
        """Draw candidates, in the colors `c` if these differ."""
        is_inside = self._sign * scores >= self._worst
        is_outside = self._sign * scores < self._worst
        for shown, more in (is_inside, {}), (is_outside, {"marker": self._marker, "label": None}):
            if shown.any() or not more:
                colors = {} if c is None else {"c": c[shown]}
                ax.scatter(places[shown], self.inside(scores)[shown], **{**style, **colors, **more})

    def apply(self, ax: Any, side: str = "y") -> None:
        """Set the axis, and explain the triangles at its edge."""
        if self.is_log:
            ax.set(**{f"{side}scale": "log"})
        if np.isfinite(self._worst):
            label = f"worse than {self._sign * self._worst:.3g}"
            ax.scatter([], [], marker=self._marker, color=OTHERS, s=22, label=label)
