"""The pictures of a report."""

from __future__ import annotations

import base64
import io
import json
import math
import warnings
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any
from xml.etree.ElementTree import Element

import numpy as np

from geneticsearch import plots
from geneticsearch._errors import require
from geneticsearch.report._markup import _element
from geneticsearch.results import History

MAX_POINTS = 500
"""With more candidates, pictures are made of pixels."""

NARROW = (6.4, 4.0)
"""Width and height in inches of pictures that fit on a phone, with letters that can still be read there."""


@dataclass(frozen=True)
class Picture:
    """A picture in the report.

    Attributes
    ----------
    plot : callable
        A function of `geneticsearch.plots`.
    name : str
        What it shows.
    caption : str
        What to look for in it.
    by_candidate : bool, default=False
        Whether it has a point for each candidate, with its number on the horizontal axis or as the attribute `numbers`
        of the points.
    by_parameter : bool, default=False
        Whether it has a panel for each parameter.
    wide : bool, default=False
        Whether it is as wide as the page.
    is_needed : callable
        Whether there is anything to see, for a `History`.
    """

    plot: Callable[..., Any]
    name: str
    caption: str
    by_candidate: bool = False
    by_parameter: bool = False
    wide: bool = False
    is_needed: Callable[[History], bool] = lambda history: True


PICTURES = [
    Picture(
        plots.plot_pareto,
        "Pareto front",
        "What gaining by one objective costs by the other: look for a knee.",
        by_candidate=True,
        is_needed=lambda history: bool(history.objectives),
    ),
    Picture(
        plots.plot_hypervolume,
        "Hypervolume so far",
        "Whether the front still grew when the search ended.",
        by_candidate=True,
        is_needed=lambda history: bool(history.objectives),
    ),
    Picture(
        plots.plot_progress,
        "Scores of all candidates",
        "Whether the search still improved when it ended.",
        by_candidate=True,
    ),
    Picture(
        partial(plots.plot_progress, x="time"),
        "Scores over time",
        "How long improvements took; time in which nothing was evaluated is left out.",
        is_needed=lambda history: bool(np.isfinite(history.starts + history.durations).any()),
    ),
    Picture(
        plots.plot_stopping,
        "Is it time to stop?",
        "Whether more candidates could still gain more than noise.",
        is_needed=lambda history: history.folds is not None and history.space is not None,
    ),
    Picture(
        plots.plot_genealogy, "Ancestors of the best candidate", "How the best candidate came about.", by_candidate=True
    ),
    Picture(
        plots.plot_species,
        "Species among the candidates",
        "Which structures it tried, and which one took over.",
        is_needed=lambda history: len({one.species for one in history.individuals}) > 1,
    ),
    Picture(
        plots.plot_importance,
        "Importance of the parameters",
        "Which parameters the score depends on, and how sure that is.",
    ),
    Picture(
        plots.plot_parameters,
        "Parameters of all candidates",
        "Where each parameter settled: in the middle of its range, or at an edge that could be moved.",
        by_candidate=True,
        by_parameter=True,
    ),
    Picture(
        plots.plot_slice,
        "Scores against each parameter",
        "Which values the best candidates have; later candidates have stronger colors.",
        by_parameter=True,
    ),
    Picture(
        plots.plot_parallel_coordinates,
        "Parameters of each candidate",
        "Which values go together in the best candidates.",
        wide=True,
    ),
    Picture(
        plots.plot_landscape,
        "Predicted score over two parameters",
        "What score to expect: a ridge between them, several good places, places not looked at yet.",
    ),
    Picture(
        plots.plot_folds,
        "Scores of the best candidates on each fold",
        "Whether they differ by more than the folds do.",
        is_needed=lambda history: history.folds is not None,
    ),
    Picture(
        partial(plots.plot_folds, y="rank"),
        "Ranks of the best candidates on each fold",
        "Whether other folds would have chosen another.",
        is_needed=lambda history: history.folds is not None,
    ),
    Picture(
        plots.plot_train_test,
        "Training against test",
        "Which candidates memorized their training rows.",
        is_needed=lambda history: history.training_scores() is not None,
    ),
    Picture(
        plots.plot_timeline,
        "When candidates were evaluated",
        "Whether workers waited, and which candidates took longest.",
        is_needed=lambda history: bool(np.isfinite(history.starts + history.durations).any()),
    ),
]


def _pictures(history: History, shown: Container[int]) -> Iterator[Element]:
    yield _element("h2", "Pictures")
    drawn = [_drawn(picture, history, shown) for picture in PICTURES if picture.is_needed(history)]
    yield _element("div", *drawn, class_="pictures")


def _drawn(picture: Picture, history: History, shown: Container[int]) -> Element:
    """Return a picture as an image, and on top of it an empty one with the candidates' places, for the script."""
    require("plots", "a report")
    import matplotlib.style
    from matplotlib.figure import Figure

    kind = "svg" if len(history.individuals) <= MAX_POINTS else "png"
    written = io.BytesIO()
    # The same search gives the same page, and the user's styles are not meant for it.
    with matplotlib.style.context(["default", {"svg.hashsalt": "geneticsearch"}]), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about letters that the font does not have
        figure: Any = Figure(figsize=(11, 4.5) if picture.wide else NARROW, layout="constrained")
        picture.plot(history, ax=figure.subplots())
        if picture.by_parameter:
            n_rows, n_columns = figure.axes[1].get_gridspec().get_geometry()
            figure.set_size_inches(3.4 * n_columns + 0.6, 2.3 * n_rows + 0.9)
        figure.savefig(written, format=kind, dpi=150, metadata={"Date": None} if kind == "svg" else None)
    media = {"svg": "image/svg+xml", "png": "image/png"}[kind]
    data = f"data:{media};base64,{base64.b64encode(written.getvalue()).decode()}"
    image = _element("img", src=data, alt=f"{picture.name}. {picture.caption}")
    inside = _element("div", image, _marks(figure, shown) if picture.by_candidate else None)
    is_wide = picture.wide or figure.get_figwidth() > NARROW[0]
    return _element(
        "figure",
        _element("div", inside, class_="picture"),
        _element("figcaption", picture.caption),
        class_="wide" if is_wide else None,
    )


def _marks(figure: Any, shown: Container[int]) -> Element:
    """Return an empty picture of the size of another, with the places of candidates in it as [number, axes, x, y]."""
    width, height = figure.get_size_inches() * 100
    points = {}
    for k, ax in enumerate(figure.axes):
        for scatter in ax.collections:
            offsets = np.ma.filled(scatter.get_offsets(), np.nan)
            places = scatter.get_offset_transform().transform(offsets) / figure.bbox.size
            numbers = getattr(scatter, "numbers", offsets[:, 0])  # where the horizontal axis is another
            for number, (x, y) in zip(numbers, places, strict=True):
                if number in shown and math.isfinite(x + y):
                    points[int(number), k] = [int(number), k, round(x * width, 1), round((1 - y) * height, 1)]
    attributes = {
        "viewBox": f"0 0 {width:g} {height:g}",
        "data-points": json.dumps(sorted(points.values()), separators=(",", ":")),
        "role": "group",
        "aria-label": "Candidates: left and right go from one to the next, Enter to its row in the table.",
    }
    return Element("svg", attributes)
