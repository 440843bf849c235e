"""The candidates of a search as a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from numbers import Integral
from typing import Any

import numpy as np

from geneticsearch._errors import require
from geneticsearch.results._history import History

ABSENT = object()


def frame_of(history: History) -> Any:
    """Return the candidates of a search as a pandas DataFrame, one row each."""
    pd = require("pandas", "`to_frame`")
    individuals = history.individuals
    columns: dict[str, Any] = {
        "number": history.numbers,
        "generation": [one.generation for one in individuals],
        "species": [one.species for one in individuals],
        "origin": [one.origin for one in individuals],
        "parents": _objects(one.parents for one in individuals),
        "score": history.scores,
        "start": pd.to_datetime(history.starts, unit="s", utc=True),
        "duration": history.durations,
    }
    if len(set(columns["species"])) == 1:
        del columns["species"]
    for name in dict.fromkeys(name for one in individuals for name in one.params):
        columns[f"param_{name}"] = _column([one.params.get(name, ABSENT) for one in individuals])
    return pd.DataFrame({**columns, **history.columns})


def _column(values: Sequence[Any]) -> Any:
    """Return the values of a parameter as pandas takes them, whatever they are; whole numbers stay whole."""
    import pandas as pd

    is_absent = np.array([value is ABSENT for value in values])
    held = [value for value in values if value is not ABSENT]
    if is_absent.any() and all(type(value) is bool or _is_whole(value) for value in held):
        kind = "boolean" if all(type(value) is bool for value in held) else "Int64"
        return pd.array([pd.NA if value is ABSENT else value for value in values], dtype=kind)
    column: Any = _objects(np.nan if value is ABSENT else value for value in values)
    column = pd.Series(column, dtype=object)
    try:
        return column.infer_objects()
    except OverflowError:  # older versions of pandas, by integers of more than 64 bits
        return column


def _is_whole(value: Any) -> bool:
    """Return whether a value is a whole number that fits into 64 bits."""
    is_number = isinstance(value, Integral) and not isinstance(value, bool | np.timedelta64)
    return is_number and -(1 << 63) <= int(value) < 1 << 63


def _objects(values: Iterable[Any]) -> np.ndarray:
    """Return an array of objects as they are: lists and arrays are values, too."""
    values = list(values)
    array = np.empty(len(values), dtype=object)
    for i, value in enumerate(values):
        array[i] = value
    return array
