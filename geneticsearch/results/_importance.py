"""Which parameters matter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from geneticsearch.results._parameters import Parameter

if TYPE_CHECKING:
    from geneticsearch.results._history import Floats

N_TREES = 20

MAX_CANDIDATES = 1000
"""Of more, that many are drawn at random."""


def permutation_importances(
    parameters: list[Parameter], targets: Floats, n_forests: int, random_state: int | None
) -> tuple[Floats, Floats]:
    """Return how much worse random forests predict targets from parameters when one of these is shuffled.

    Each forest learns from candidates drawn with replacement, and predicts the others. A parameter is shuffled among
    the candidates that have it. Parameters that exist only for some of its values, such as those of one of several
    models, go with it; the error that shuffling them among candidates of the same value adds is not counted.

    Parameters
    ----------
    parameters : list of Parameter
        The values of each over n_individuals candidates.
    targets : ndarray of shape (n_individuals,)
        What to predict, not all equal.
    n_forests : int
        Number of forests.
    random_state : int or None
        Seed of the forests and the shuffling.

    Returns
    -------
    importances : ndarray of shape (n_forests, n_parameters)
        Growth of the mean squared error, as a share of the variance of the targets.
    explained : ndarray of shape (n_forests,)
        Share of the variance that the predictions explain while nothing is shuffled.

    References
    ----------
    Breiman (2001), "Random Forests", Machine Learning 45, section 10.
    """
    from sklearn.ensemble import RandomForestRegressor

    rng = np.random.default_rng(random_state)
    n = len(targets)
    looked_at = rng.choice(n, MAX_CANDIDATES, replace=False) if n > MAX_CANDIDATES else np.arange(n)
    targets = targets[looked_at]
    values = np.array([one.values[looked_at] for one in parameters]).T
    features = np.array([one.seen(one.values[looked_at]) for one in parameters]).T
    n = len(targets)
    blocks = _blocks(values)
    importances = np.empty((n_forests, len(parameters)))
    explained = np.empty(n_forests)
    for i in range(n_forests):
        drawn = rng.integers(n, size=n)
        rest = np.setdiff1d(np.arange(n), drawn)
        if len(rest) < 2:  # hardly ever
            rest = np.arange(n)
        forest = RandomForestRegressor(N_TREES, max_features=0.7, random_state=int(rng.integers(2**31)))
        forest.fit(features[drawn], targets[drawn])
        tables, unshuffled = [features[rest]], np.zeros(len(blocks), dtype=int)
        groups = np.nan_to_num(values[rest], nan=-np.inf).T
        tables += [_shuffled(tables[0], block, groups[block[0]] > -np.inf, rng) for block in blocks]
        for k, block in enumerate(blocks):
            if len(block) > 1:
                unshuffled[k] = len(tables)
                tables.append(_shuffled(tables[0], block, groups[k], rng))
        predictions = forest.predict(np.concatenate(tables)).reshape(len(tables), -1)
        errors = ((predictions - targets[rest]) ** 2).mean(axis=1) / targets.var()
        importances[i] = errors[1 : len(blocks) + 1] - errors[unshuffled]
        explained[i] = 1 - errors[0]
    return importances, explained


def _blocks(values: Floats) -> list[NDArray[np.intp]]:
    """Return for each column its index, and those of the columns that exist only for some of its values."""
    exists = np.isfinite(values)
    n, n_columns = values.shape
    depends = np.zeros((n_columns, n_columns), dtype=int)
    for k, column in enumerate(np.nan_to_num(values, nan=-np.inf).T):
        _, groups = np.unique(column, return_inverse=True)
        if groups.max() > n / 2 or exists.all():  # groups of one agree by chance
            continue
        shares = np.array([np.bincount(groups, weights=one) for one in exists.T]) / np.bincount(groups)
        held = shares[:, np.unique(groups[exists[:, k]])]
        depends[k] = np.isin(shares, (0, 1)).all(axis=1) & (held.min(axis=1) < held.max(axis=1))
    for _ in range(n_columns.bit_length()):  # those that depend on these, too
        depends = np.minimum(depends + depends @ depends, 1)
    return [np.append(k, np.flatnonzero(row)) for k, row in enumerate(depends)]


def _shuffled(
    features: Floats, block: NDArray[np.intp], groups: NDArray[np.generic], rng: np.random.Generator
) -> Floats:
    """Return features whose `block` of columns is shuffled within groups of rows."""
    shuffled = features.copy()
    for group in np.unique(groups):
        rows = np.flatnonzero(groups == group)
        shuffled[np.ix_(rows, block)] = features[np.ix_(rng.permutation(rows), block)]
    return shuffled
