"""The parts that the docstrings of all pictures share."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

Picture = TypeVar("Picture", bound=Callable[..., Any])

PARTS = {
    "{source}": """\
source : GeneticSearchCV, OptimizeResult, str or path-like
    A fitted search (also one of scikit-learn), a result of `optimize`, or the path of a checkpoint.""",
    "{searches}": """\
searches : mapping of str to sources, or a source
    Each search by the name that the legend shows, or several of the same kind, such as one for each seed, as a list. A
    source is a fitted search (also one of scikit-learn), a result of `optimize`, or the path of a checkpoint.""",
    "{parameters}": """\
parameters : iterable of str or None, default=None
    Names of parameters, as other pictures show them, in the order in which to show them. None takes all that differ
    between candidates or, where these are too many, the most important (see `plot_importance`).""",
    "{random_state}": """\
random_state : int or None, default=0
    Seed for finding the most important parameters.""",
    "{panels}": """\
matplotlib.axes.Axes
    Where it was drawn: the title and the legend. The panels in its place are further Axes of its figure.""",
    "{ax}": """\
ax : matplotlib.axes.Axes or None, default=None
    Where to draw; None makes a new figure.""",
    "{axes}": """\
matplotlib.axes.Axes
    Where it was drawn.""",
}


def documented(picture: Picture) -> Picture:
    """Fill the shared parts into a docstring, as matplotlib's `_docstring.interpd` does."""
    text = inspect.cleandoc(picture.__doc__ or "")
    for name, part in PARTS.items():
        text = text.replace(name, part)
    picture.__doc__ = text
    return picture
