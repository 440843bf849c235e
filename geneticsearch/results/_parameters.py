"""A parameter as a column of the candidates."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from geneticsearch.evolution import Individual
from geneticsearch.results._history import Floats, History
from geneticsearch.space import path_in_words

MAX_LABELS = 10
"""Lists are sequences, each element of which is a parameter, if there are more than these different ones, or if they
hold fractions; otherwise they are values to choose from."""


@dataclass(frozen=True)
class Parameter:
    """The values of one parameter over the candidates.

    Attributes
    ----------
    name : str
        Its name, such as ``layers[0].width``.
    values : ndarray of shape (n_individuals,)
        Numbers, or positions in `labels`; NaN where a candidate does not have it.
    labels : tuple of str
        Names of the values; empty for numbers.
    is_log : bool
        Whether it lies on a logarithmic scale.
    """

    name: str
    values: Floats
    labels: tuple[str, ...] = ()
    is_log: bool = False


def parameters_of(history: History) -> list[Parameter]:
    """Return the parameters that are not the same in all candidates, in the order of the space."""
    columns = _columns(history.individuals)
    found = []
    for name, values in columns.items():
        numbers = np.full(len(history.individuals), np.nan)
        words = dict.fromkeys(values, "a number")
        for i, value in values.items():
            if _is_number(value):
                numbers[i] = value
            else:
                words[i] = label(value)
        is_number = np.isfinite(numbers)
        if is_number.any():
            found.append(Parameter(name, numbers, is_log=_is_log(history, name, numbers)))
        if len(values) > is_number.sum():
            labels = tuple(sorted(set(words.values()), key=lambda word: (word == "a number", word)))
            positions = np.full(len(numbers), np.nan)
            positions[list(words)] = [labels.index(word) for word in words.values()]
            found.append(Parameter(f"kind of {name}" if is_number.any() else name, positions, labels))
    return [one for one in found if len(np.unique(one.values)) > 1]  # NaN counts as a value, once


def _columns(individuals: Sequence[Individual]) -> dict[str, dict[int, Any]]:
    """Return the values of each parameter by index of the individual; of dicts and sequences those inside."""
    columns: dict[str, dict[int, Any]] = {}
    for i, one in enumerate(individuals):
        for name, value in one.params.items():
            columns.setdefault(str(name), {})[i] = value
    while True:
        opened: dict[str, dict[int, Any]] = {}
        for name, values in columns.items():
            lists = [value for value in values.values() if isinstance(value, list | tuple)]
            has_fractions = any(isinstance(part, float) for value in lists for part in value)
            is_sequence = has_fractions or len({repr(value) for value in lists}) > MAX_LABELS
            for i, value in values.items():
                parts: Iterable[tuple[str, Any]] = [(name, value)]
                if isinstance(value, Mapping):
                    parts = [(f"{name}.{key}", part) for key, part in value.items()]
                elif is_sequence and isinstance(value, list | tuple):
                    parts = [(f"{name}[{k}]", part) for k, part in enumerate(value)]
                    parts = [(f"length of {name}", len(value)), *parts]
                for part_name, part in parts:
                    opened.setdefault(part_name, {})[i] = part
        if list(opened) == list(columns):
            return opened
        columns = opened


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool) and math.isfinite(value)


def label(value: Any) -> str:
    """Return a short name of a value: the class of an estimator, the text of anything else."""
    if hasattr(value, "get_params") and not isinstance(value, type):
        return type(value).__name__
    text = " ".join(str(value).split())
    return text if len(text) <= 24 else f"{text[:21]}..."


def _is_log(history: History, name: str, numbers: Floats) -> bool:
    """Return whether a parameter lies on a logarithmic scale, by its distribution or else by the first values drawn."""
    for gene in () if history.space is None else history.space.genes:
        if path_in_words(gene.path) == name and not gene.structural and gene.distribution.ordered:
            low, middle, high = (gene.distribution.ppf(u) for u in (0.02, 0.5, 0.98))
            return all(map(_is_number, (low, middle, high))) and _looks_log(low, middle, high, tolerance=0.15)
    drawn = np.array([one.origin in ("initial", "immigrant") for one in history.individuals]) & np.isfinite(numbers)
    if drawn.sum() < 5:
        drawn = np.isfinite(numbers)
    return _looks_log(*np.quantile(numbers[drawn], (0.02, 0.5, 0.98)).tolist())


def _looks_log(low: float, middle: float, high: float, tolerance: float = 0.5) -> bool:
    """Return whether the median lies in the middle of the logarithms rather than of the values."""
    if not (low > 0 and high >= 20 * low):
        return False
    on_log = (math.log(middle) - math.log(low)) / (math.log(high) - math.log(low))
    return abs(on_log - 0.5) < min(tolerance, abs((middle - low) / (high - low) - 0.5))
