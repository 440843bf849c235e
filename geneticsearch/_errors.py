"""Errors, warnings, and checks of arguments."""

from __future__ import annotations

import importlib
import math
import sys
import warnings
from numbers import Integral, Real
from typing import Any


class ArgumentError(ValueError, AssertionError):
    """An argument has the right kind and a wrong value; an `AssertionError` too, which users of GeneticPy catch."""


class ArgumentTypeError(TypeError, ArgumentError):
    """An argument is of the wrong kind."""


def check_number(
    name: str,
    value: Any,
    *,
    low: float = -math.inf,
    high: float = math.inf,
    open_low: bool = False,
    integer: bool = False,
    optional: bool = False,
) -> None:
    """Raise unless `value` is a finite number (an integer, if asked) between `low` and `high`."""
    if value is None and optional:
        return
    kind = "an integer" if integer else "a number"
    or_none = " or None" if optional else ""
    if isinstance(value, bool) or not isinstance(value, Integral if integer else Real):
        raise ArgumentTypeError(f"`{name}` must be {kind}{or_none}; got {value!r}.")
    try:
        number = float(value)
    except OverflowError:
        raise ArgumentError(f"`{name}` must be {kind} that a float can hold{or_none}; got a larger one.") from None
    too_low = number <= low if open_low else number < low
    if not math.isfinite(number) or too_low or number > high:
        bounds = []
        if low > -math.inf:
            bounds.append(f"greater than {low:g}" if open_low else f"at least {low:g}")
        if high < math.inf:
            bounds.append(f"at most {high:g}")
        wanted = " and ".join(bounds) or "finite"
        raise ArgumentError(f"`{name}` must be {kind} that is {wanted}{or_none}; got {value!r}.")


def check_choice(name: str, value: Any, choices: tuple[Any, ...]) -> None:
    """Raise unless `value` is one of the `choices`, which are strings or None."""
    if not any(value is choice or (isinstance(value, str) and value == choice) for choice in choices):
        raise ArgumentError(f"`{name}` must be {' or '.join(map(repr, choices))}; got {value!r}.")


def check_order(low: float | None, high: float | None) -> None:
    """Raise unless `low` is less than `high`, where both are given."""
    if low is not None and high is not None and not low < high:
        raise ArgumentError(f"`low` must be less than `high`; got low={low!r}, high={high!r}.")


NOT_THE_USER = {"geneticsearch", "sklearn", "joblib", "asyncio", "contextlib", "functools"}
"""Packages whose lines are not the user's own: those that run our code, and that our code runs through."""


def warn(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn, pointing at the line of the user's code that led here."""
    level, frame = 2, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] in NOT_THE_USER:
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)


def require(extra: str, what: str) -> Any:
    """Return the optional module that comes with `extra`; if it is missing, the error says how to install it.

    Parameters
    ----------
    extra : str
        Name of the extra in pyproject.toml.
    what : str
        What needs it, such as "`to_frame`".
    """
    module = {"plots": "matplotlib"}.get(extra, extra)
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ImportError(f'{what} needs {module}: pip install "geneticsearch[{extra}]"') from error
