"""A parameter as a column of the candidates."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geneticsearch.space import Word, as_number, dormant_as_one, path_in_words, short

if TYPE_CHECKING:
    from geneticsearch.results._history import Floats, History

MAX_LABELS = 10
"""Lists with more different values than these, or with fractions in them, are sequences, each element of which is a
parameter; other lists are values to choose from."""

A_NUMBER = "a number"
"""The label of numbers, where other values are words."""


LENGTH = "length of "

SIZE = "size of "


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

    @property
    def is_structural(self) -> bool:
        """Whether other parameters may exist for some of its values only."""
        return bool(self.labels) or self.name.startswith(LENGTH)

    @property
    def has_log_scale(self) -> bool:
        """Whether all values can be shown on the logarithmic scale that the parameter lies on."""
        return self.is_log and bool(np.nanmin(self.values) > 0)

    def scaled(self, values: Floats) -> Floats:
        """Return values as parts of the range; labels are in the middle of equal parts."""
        if self.labels:
            return (values + 0.5) / len(self.labels)
        low, high = np.nanmin(self.values), np.nanmax(self.values)
        if self.has_log_scale:
            values, low, high = np.log(values), np.log(low), np.log(high)
        return (values - low) / (high - low or 1.0)

    def seen(self, values: Floats) -> Floats:
        """Return values as a model sees them: an absent one is the middle of a scale, or a label of its own."""
        return dormant_as_one(self.scaled(values), np.isfinite(values), ordered=not self.labels)


def parameters_of(history: History) -> list[Parameter]:
    """Return the parameters that differ between candidates, in the order of the space."""
    n = len(history.individuals)
    found = []
    for name, values in _columns({i: one.params for i, one in enumerate(history.individuals)}, _subsets(history)):
        numbers, positions = np.full((2, n), np.nan)
        words = {}
        for i, value in values.items():
            number = as_number(value)
            numbers[i] = np.nan if number is None else number
            words[i] = short(value, 24) if number is None else A_NUMBER
        labels = tuple(sorted(set(words.values()), key=lambda word: (word == A_NUMBER, word)))
        has_numbers = A_NUMBER in labels
        if has_numbers:
            found.append(Parameter(name, numbers, is_log=_is_log(history, name, numbers)))
        if labels != (A_NUMBER,):
            positions[list(words)] = [labels.index(word) for word in words.values()]
            found.append(Parameter(f"kind of {name}" if has_numbers else name, positions, labels))
    return [one for one in found if len(np.unique(one.values)) > 1]  # NaN counts as a value, once


def _subsets(history: History) -> set[str]:
    """Return the places of subsets: by the space or, for a checkpoint, by what it says of the space."""
    genes = () if history.space is None else history.space.genes
    told = {name[name.find("[") :] for name, text in history.settings.items() if text.startswith("SubsetDistribution(")}
    return told | {_keys(gene.path) for gene in genes if isinstance(gene.distribution, Word)}


def _keys(path: tuple[Any, ...]) -> str:
    """Return a path as it is written in Python."""
    return "".join(f"[{key!r}]" for key in path)


def _columns(
    values: dict[int, Any], subsets: set[str], path: tuple[Any, ...] = ()
) -> Iterator[tuple[str, dict[int, Any]]]:
    """Yield the name of each parameter below `path`, and its values by index of the individual; sizes of subsets."""
    name = path_in_words(path)
    if _keys(path) in subsets:
        yield SIZE + name, {i: len(value) for i, value in values.items() if isinstance(value, list | tuple)}
        # What is left are values of other alternatives.
        values = {i: value for i, value in values.items() if not isinstance(value, list | tuple)}
    lists = [value for value in values.values() if isinstance(value, list | tuple)]
    has_fractions = any(isinstance(part, float) for value in lists for part in value)
    is_sequence = has_fractions or len({short(value, 500, digits=None) for value in lists}) > MAX_LABELS
    whole: dict[int, Any] = {}
    lengths: dict[int, Any] = {}
    parts: dict[Any, dict[int, Any]] = {}
    for i, value in values.items():
        if isinstance(value, Mapping):
            inside = value.items()
        elif is_sequence and isinstance(value, list | tuple):
            inside = dict(enumerate(value)).items()
            lengths[i] = len(value)
        else:
            whole[i] = value
            continue
        for key, part in inside:
            parts.setdefault(key, {})[i] = part
    if whole:
        yield name, whole
    if lengths:
        yield LENGTH + name, lengths
    for key, column in parts.items():
        yield from _columns(column, subsets, (*path, key))


def _is_log(history: History, name: str, numbers: Floats) -> bool:
    """Return whether a parameter lies on a logarithmic scale, by its distribution or else by the first values drawn."""
    for gene in () if history.space is None else history.space.genes:
        if path_in_words(gene.path) == name and not gene.structural and gene.distribution.ordered:
            low, middle, high = (gene.distribution.ppf(u) for u in (0.02, 0.5, 0.98))
            return None not in map(as_number, (low, middle, high)) and _looks_log(low, middle, high, tolerance=0.15)
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
