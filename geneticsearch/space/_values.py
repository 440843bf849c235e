"""Values of any kind: which are numbers, which are the same, and copies that functions may change."""

from __future__ import annotations

import copy
import decimal
import enum
import math
import numbers
import operator
from collections.abc import Hashable
from typing import Any

import numpy as np

ATOMS = frozenset([bool, int, float, str, bytes, type(None), object])
"""Types of values that cannot be changed, and of which those are the same that are equal."""


def is_number(value: Any) -> bool:
    """Return whether `value` is a real number, which truth values, durations and enums are not."""
    return isinstance(value, numbers.Real) and not isinstance(value, bool | enum.Enum | np.timedelta64)


def as_number(value: Any) -> float | None:
    """Return a finite number as a float; None for anything else, such as truth values, durations and enums.

    Examples
    --------
    >>> as_number(np.int64(3)), as_number(True), as_number(np.timedelta64(1, "D")), as_number(math.nan)
    (3.0, None, None, None)
    """
    if not is_number(value) and not isinstance(value, decimal.Decimal):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def native(value: Any, integer: bool = False) -> Any:
    """Return a plain Python object for a number, bool or string of numpy."""
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if isinstance(value, np.generic) and value.dtype.kind in "biufcUS":  # not dates and durations, which may be finer
        value = value.item()
    return int(value) if integer and float(value).is_integer() else value


def key_of(value: Any, loose: bool = False) -> Hashable:
    """Return a key that two values share if they are the same; it never raises an error.

    Parameters
    ----------
    value : object
        Anything. 1, 1.0 and True are three values, and NaN is one; lists, dicts, sets and arrays are the same if what
        they hold is; other objects if they say so.
    loose : bool, default=False
        Whether it is enough to be as good as the same: a number of another type, a list for a tuple or an array, an
        estimator with the same parameters.

    Examples
    --------
    >>> key_of([1, 2]) == key_of([1, 2]), key_of(1) == key_of(1.0), key_of(1, loose=True) == key_of(1.0, loose=True)
    (True, False, True)
    """
    try:
        return _key(native(value) if loose else value, loose)
    except Exception:  # of values that hold themselves, or whose methods fail
        return type(value), _Object(value)


def _key(value: Any, loose: bool) -> Hashable:
    kind: Any = "a number" if loose and is_number(value) else type(value)
    if kind in ATOMS or kind == "a number":
        return kind, value if value == value else "nan"
    if isinstance(value, list | tuple | np.ndarray if loose else list | tuple):
        return "a sequence" if loose else kind, tuple(key_of(part, loose) for part in value)
    if isinstance(value, np.ndarray):
        held = value.tobytes() if value.dtype != object else key_of(value.ravel().tolist())
        return kind, value.dtype, value.shape, held
    if isinstance(value, dict):
        return kind, frozenset((key_of(name, loose), key_of(part, loose)) for name, part in value.items())
    if isinstance(value, set | frozenset):
        return kind, frozenset(key_of(part, loose) for part in value)
    if loose and hasattr(kind, "get_params"):
        return kind, key_of(value.get_params(deep=False), loose)
    return kind, "nan" if _is_nan(value) else _Object(value)


def _is_nan(value: Any) -> bool:
    """Return whether a value differs from itself."""
    try:
        return bool(value != value)
    except Exception:  # the answer is neither true nor false
        return False


class _Object:
    """An object as part of a key: equal to others that say so, and to itself whatever it says."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __hash__(self) -> int:
        try:
            return hash(self.value)
        except Exception:
            return hash(type(self.value))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Object):
            return False
        try:
            return self.value is other.value or bool(self.value == other.value)
        except Exception:  # the answer is neither true nor false, as for tables
            return False


def own_copy(value: Any) -> Any:
    """Return a value that may be changed without changing the original.

    What cannot be changed is returned itself, and so are functions, classes and what cannot be copied.

    Examples
    --------
    >>> listed = [1], ("a", len)
    >>> copied = own_copy(listed)
    >>> copied == listed, copied[0] is listed[0], copied[1] is listed[1]
    (True, False, True)
    """
    kind = type(value)
    if kind in ATOMS:
        return value
    if kind is dict:
        return {key: own_copy(part) for key, part in value.items()}
    if kind is list:
        return [own_copy(part) for part in value]
    if kind is tuple:
        parts = tuple([own_copy(part) for part in value])
        return value if all(map(operator.is_, parts, value)) else parts
    try:
        return copy.deepcopy(value)
    except Exception:  # such as locks and connections
        return value
