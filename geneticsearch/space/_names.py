"""Names of parameters, and values in few characters, as users write them."""

from __future__ import annotations

import datetime
import enum
import functools
import math
import numbers
import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

MAX_DEPTH = 8
"""Values that lie deeper inside of each other are not looked into."""


def path_in_words(path: tuple[Any, ...]) -> str:
    """Return a path as users write it.

    Examples
    --------
    >>> path_in_words(("layers", 0, "width"))
    'layers[0].width'
    """
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path).removeprefix(".")


def flatten(params: Mapping[Any, Any]) -> dict[str, Any]:
    """Return parameters by name; those inside dicts, lists and tuples have names of their own.

    Examples
    --------
    >>> flatten({"layers": ({"width": 8}, {"width": 16}), "kernel": "rbf"})
    {'layers[0].width': 8, 'layers[1].width': 16, 'kernel': 'rbf'}
    """
    return {path_in_words(path): value for path, value in _parts(params, ())}


def _parts(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Yield what `value` consists of, with the path to it."""
    is_dict = isinstance(value, Mapping)
    if not (is_dict or isinstance(value, list | tuple)) or (path and not value) or len(path) > MAX_DEPTH:
        yield path, value
        return
    for key, part in value.items() if is_dict else enumerate(value):
        yield from _parts(part, (*path, key))


def short(value: Any, length: int = 60, digits: int | None = 6) -> str:
    """Return a value in few characters, on one line. It never raises an error.

    Parameters
    ----------
    value : object
        Anything: functions and classes are named, estimators show the parameters that were set, unless that is long.
    length : int, default=60
        Greatest number of characters.
    digits : int or None, default=6
        Significant digits of fractions; None shows all of them.

    Examples
    --------
    >>> short(1 / 3), short(0.1 + 0.2, digits=None), short("rbf"), short(len), short((8, "relu"))
    ('0.333333', '0.30000000000000004', 'rbf', 'len', "(8, 'relu')")
    >>> from sklearn.svm import SVC
    >>> short(SVC()), short(SVC(C=10)), short(SVC(C=10, kernel="poly"), length=12)
    ('SVC', 'SVC(C=10)', 'SVC(...)')
    """
    try:
        text = value if isinstance(value, str) else _in_words(value, length, digits, MAX_DEPTH)
    except Exception:  # a `repr` may do anything
        text = type(value).__name__
    return cut(" ".join(text.split()), length)


def assignments(params: Mapping[str, Any], length: int = 24, digits: int = 3) -> str:
    """Return parameters as the arguments of a call, each value no longer than `length`.

    Examples
    --------
    >>> assignments({"C": 1.23456, "kernel": "rbf"})
    'C=1.23, kernel=rbf'
    """
    return ", ".join(f"{name}={short(value, length, digits)}" for name, value in params.items())


def cut(text: str, length: int) -> str:
    """Return a text without its middle where it is too long; both ends tell names apart."""
    if len(text) <= length:
        return text
    end = max(length - 3, 0) // 2
    return f"{text[: max(length - 3, 0) - end]}...{text[len(text) - end :]}"[:length]


def _in_words(value: Any, length: int, digits: int | None, depth: int) -> str:
    """Return the text of a value, however long."""
    if isinstance(value, enum.Enum):
        return f"{type(value).__name__}.{value.name}"
    if isinstance(value, np.generic) and not isinstance(value, np.datetime64 | np.timedelta64 | np.void):
        value = value.item()
    if isinstance(value, float):
        return repr(value if digits is None else float(f"{value:.{digits}g}"))
    if isinstance(value, np.generic | datetime.date | datetime.time | datetime.timedelta | numbers.Number):
        return str(value)
    if isinstance(value, functools.partial):
        return f"partial({_in_words(value.func, length, digits, depth)}, ...)"
    if callable(value) and hasattr(value, "__name__"):
        return str(value.__name__)
    if isinstance(value, list | tuple | set | frozenset | Mapping):
        return _of_parts(value, length, digits, depth)
    if hasattr(value, "shape") and hasattr(value, "dtype") and math.prod(value.shape) > 10:
        return f"{type(value).__name__} of shape {tuple(value.shape)}"
    representation: Any = type(value).__repr__
    if representation is object.__repr__:
        return type(value).__name__
    text = re.sub(r" at 0x[0-9A-Fa-f]+", "", repr(value))  # an address says nothing
    if hasattr(value, "get_params"):
        text = " ".join(text.split()).removesuffix("()")
        return text if len(text) <= length else f"{type(value).__name__}(...)"
    return text


def _of_parts(value: Any, length: int, digits: int | None, depth: int) -> str:
    """Return the text of a list, tuple, set or dict."""
    if not depth or len(value) > length:
        return f"{type(value).__name__} of {len(value)}"

    def part(one: Any) -> str:
        return repr(one) if isinstance(one, str) else _in_words(one, length, digits, depth - 1)

    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{part(key)}: {part(one)}' for key, one in value.items())}}}"
    text = ", ".join(part(one) for one in value)
    if isinstance(value, tuple):
        return f"({text},)" if len(value) == 1 else f"({text})"
    return f"[{text}]" if isinstance(value, list) else f"{{{text}}}"


def digits_apart(score: float, other: float | None, least: int = 5) -> str:
    """Return a score with as many digits as tell it from the other, but no fewer than `least`.

    Examples
    --------
    >>> digits_apart(-54.34912, -54.34883), digits_apart(0.5, None)
    ('-54.3491', '0.5')
    """
    for n in range(least, 17):
        text = f"{score:.{n}g}"
        if other is None or score == other or text != f"{other:.{n}g}":
            return text
    return repr(score)
