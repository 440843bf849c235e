"""What a ladder is climbed with, rows or a parameter of the estimator; how much on each rung, and by which fits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone, is_classifier
from sklearn.utils.multiclass import type_of_target

from geneticsearch._errors import ArgumentError, check_choice, check_number, warn
from geneticsearch.checkpoint import Fold
from geneticsearch.evaluation import Call
from geneticsearch.space import Space

Positions = NDArray[np.intp]

ROWS = "n_samples"

LEAST_ROWS = 500
"""Rows that a rung has at least, unless users say otherwise."""

LEAST_ROWS_PER_CLASS = 20
"""Of the smallest class."""

LEAST_OF_PARAMETER = 5

N_DRAWS = 20
"""Orders of groups among which the one is taken whose first groups have the classes of all."""


@dataclass(frozen=True)
class Resource:
    """What users say about a ladder, checked as far as is possible before the folds are known.

    Attributes
    ----------
    name : str
        "n_samples", or a parameter of the estimator.
    smallest : int or None
        How much of it the first rung has; None for 'auto'.
    factor : float
        How many times as much the next rung has.
    full : int or None
        How much of it the estimator has; None for rows.
    """

    name: str
    smallest: int | None
    factor: float
    full: int | None

    def rungs(self, full: int, least: int) -> list[int]:
        """Return how much each rung has, given how much there is in all, and how little makes sense by default.

        Examples
        --------
        >>> Resource("n_samples", None, 3, None).rungs(8000, 500), Resource("n_samples", 100, 3, None).rungs(8000, 500)
        ([889, 2667], [100, 300, 900, 2700])
        """
        if self.smallest is None:
            n = max(0, math.floor(math.log(max(full, 1) / max(least, 1), self.factor) + 1e-9))
            return [math.ceil(full / self.factor**k) for k in range(n, 0, -1)]
        n = math.floor(math.log(full / self.smallest, self.factor) + 0.5) if self.smallest < full else 0
        return [math.floor(self.smallest * self.factor**k + 1e-9) for k in range(max(n, int(self.smallest < full)))]


def read_resource(search: Any, space: Space) -> Resource | None:
    """Return the resource of a search, or None if it has none; raise if it makes no sense."""
    name, smallest, estimator = search.resource, search.min_resources, search.estimator
    if name is None:
        return None
    check_number("factor", search.factor, low=1, open_low=True)
    if isinstance(smallest, str):
        check_choice("min_resources", smallest, ("auto",))
    else:
        check_number("min_resources", smallest, low=1, integer=True)
    least = None if isinstance(smallest, str) else int(smallest)
    if name == ROWS:
        return Resource(name, least, float(search.factor), None)
    values = estimator.get_params(deep=True) if hasattr(estimator, "get_params") else {}
    if name not in values:
        raise ArgumentError(
            f"`resource` must be 'n_samples', a parameter of the estimator or None; got {name!r}. The estimator has "
            f"{sorted(values)}."
        )
    full: Any = values[name]
    if type(full) is bool or not isinstance(full, Integral) or full < 2:
        raise ArgumentError(
            "`resource` must be a parameter whose value in the estimator is a whole number, the most that candidates "
            f"climb to; got {name!r}, which is {full!r}. Set it, as in `estimator.set_params({name}=100)`."
        )
    if least is not None and least >= full:
        raise ArgumentError(
            f"`min_resources` must be less than the estimator's own {name}, which is {full}; got {smallest!r}."
        )
    searched = {key for alternative in space.examples(n=10) for params in alternative for key in params}
    for key in sorted(searched):
        if name == key or name.startswith(f"{key}__"):
            raise ArgumentError(
                f"`resource` must not be searched; got {name!r}, and {key!r} is in `param_distributions`. Leave "
                "one of them out."
            )
    return Resource(name, least, float(search.factor), int(full))


class Rungs:
    """The fits that a candidate has before those on all folds.

    Parameters
    ----------
    resource : Resource
        What they differ in.
    folds : sequence of (array, array)
        Rows to train and to test on. The fold with the most rows to train on, of equals the first, is that of the
        ladder.
    estimator : estimator
        Tells whether `y` has classes.
    y : array-like or None
        Target of all rows.
    groups : array-like or None
        Groups of all rows, which `folds` may keep together.
    rng : numpy.random.Generator
        Draws the rows.

    Attributes
    ----------
    fold : int
        The fold of the ladder.
    resources : list of int
        How much of the resource each rung has, and a fit in full.
    """

    def __init__(
        self, resource: Resource, folds: Sequence[Fold], estimator: Any, y: Any, groups: Any, rng: np.random.Generator
    ) -> None:
        self._resource = resource
        folds = [(_as_positions(train), _as_positions(test)) for train, test in folds]
        self.fold = max(range(len(folds)), key=lambda k: len(folds[k][0]))
        train = folds[self.fold][0]
        classes = _classes(estimator, y, train) if resource.full is None else None
        if resource.full is None:
            share = 1.0 if classes is None else np.bincount(classes).min() / len(train)
            full, least = len(train), max(LEAST_ROWS, math.ceil(LEAST_ROWS_PER_CLASS / share))
        else:
            full, least = resource.full, LEAST_OF_PARAMETER
        amounts = resource.rungs(full, least)
        if not amounts:
            self._say_small(full, least)
        self.resources = [*amounts, full]
        self._rows: list[Positions] = []
        if resource.full is None:
            groups = None if groups is None else np.asarray(groups)
            self._rows = [train[part] for part in parts(folds, self.fold, amounts, classes, groups, rng)]

    def _say_small(self, full: int, least: int) -> None:
        name, what = self._resource.name, "training rows" if self._resource.full is None else "as its full amount"
        if self._resource.smallest is not None:
            raise ArgumentError(
                f"`min_resources` must be less than the {full} rows that a fold is trained on; got "
                f"{self._resource.smallest!r}."
            )
        warn(
            f"`resource={name!r}` makes no ladder: with {full} {what}, no part of 1/{self._resource.factor:g} has at "
            f"least {least}. Candidates are evaluated in full; `min_resources` sets a smaller part."
        )

    def calls(self, on_folds: list[Call]) -> list[Call]:
        """Return the fit on each rung, given those on all folds."""
        function, args, options = on_folds[self.fold]
        changed: list[dict[str, Any]] = (
            [{"train": rows} for rows in self._rows]
            if self._resource.full is None
            else [
                {"parameters": {**options["parameters"], self._resource.name: amount}} for amount in self.resources[:-1]
            ]
        )
        # A fit sets parameters of its estimator, and scikit-learn's own callbacks know no fits but those on folds.
        more = {"return_train_score": False, **({"callback_ctx": None} if "callback_ctx" in options else {})}
        return [(function, (clone(args[0]), *args[1:]), {**options, **one, **more}) for one in changed]


def _as_positions(rows: Any) -> Positions:
    rows = np.asarray(rows)
    return np.flatnonzero(rows) if rows.dtype == bool else rows


def _classes(estimator: Any, y: Any, rows: Positions) -> NDArray[np.intp] | None:
    """Return the class of each row as a number; None if there are no classes."""
    if y is None or not is_classifier(estimator) or type_of_target(y) not in ("binary", "multiclass"):
        return None
    return np.unique(np.asarray(y).ravel()[rows], return_inverse=True)[1].ravel()


def parts(
    folds: Sequence[Fold],
    fold: int,
    amounts: Sequence[int],
    classes: NDArray[np.intp] | None,
    groups: NDArray[Any] | None,
    rng: np.random.Generator,
) -> list[Positions]:
    """Return positions among the training rows of a fold, for each amount; each part is in the next.

    What the folds keep is kept: of rows in order of time the last are taken, of groups whole ones, and of classes their
    shares.
    """
    n = len(folds[fold][0])
    if _are_in_time(folds):
        return [np.arange(n - amount, n) for amount in amounts]
    if groups is not None and not any(np.isin(groups[train], groups[test]).any() for train, test in folds):
        return _whole_groups(groups[folds[fold][0]], amounts, classes, rng)
    order = rng.permutation(n)
    if classes is not None:
        share = np.empty(n)
        for rows in (order[classes[order] == one] for one in range(classes.max() + 1)):
            share[rows] = (np.arange(len(rows)) + 0.5) / len(rows)
        order = order[np.argsort(share[order], kind="stable")]
    return [np.sort(order[:amount]) for amount in amounts]


def _are_in_time(folds: Sequence[Fold]) -> bool:
    """Return whether rows to train on come before those to test on, in several folds."""
    return len(folds) > 1 and all(np.max(train) < np.min(test) for train, test in folds)


def _whole_groups(
    groups: NDArray[Any], amounts: Sequence[int], classes: NDArray[np.intp] | None, rng: np.random.Generator
) -> list[Positions]:
    """Return the rows of as few groups as have the amounts, of several draws that with the most even classes."""
    codes = np.unique(groups, return_inverse=True)[1].ravel()
    counts = np.bincount(codes)

    def draw() -> list[Positions]:
        order = rng.permutation(len(counts))
        sums = counts[order].cumsum()
        place = np.empty(len(counts), dtype=np.intp)
        place[order] = np.arange(len(counts))
        return [np.flatnonzero(place[codes] <= np.searchsorted(sums, amount)) for amount in amounts]

    if classes is None:
        return draw()
    shares = np.bincount(classes) / len(classes)

    def unevenness(drawn: list[Positions]) -> float:
        found = (np.bincount(classes[rows], minlength=len(shares)) / len(rows) for rows in drawn)
        return max((float(np.abs(one / shares - 1).max()) for one in found), default=0.0)

    return min((draw() for _ in range(N_DRAWS)), key=unevenness)
