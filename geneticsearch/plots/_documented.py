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
