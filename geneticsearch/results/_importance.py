"""Which parameters matter."""

from __future__ import annotations

import numpy as np

from geneticsearch.results._history import Floats
from geneticsearch.results._parameters import Parameter

N_TREES = 20

MAX_CANDIDATES = 1000
"""Of more, that many drawn at random are looked at."""


def permutation_importances(
    parameters: list[Parameter], targets: Floats, n_forests: int, random_state: int | None
) -> tuple[Floats, Floats]:
    """Return how much worse random forests predict targets from parameters when one of these is shuffled.

    Each forest learns from candidates that are drawn with replacement, and predicts the others.

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
    blocks = [features(parameter) for parameter in parameters]
    ends = np.cumsum([block.shape[1] for block in blocks])
    all_features = np.concatenate(blocks, axis=1)
    if len(targets) > MAX_CANDIDATES:
        looked_at = rng.choice(len(targets), MAX_CANDIDATES, replace=False)
        all_features, targets = all_features[looked_at], targets[looked_at]
        blocks = [block[looked_at] for block in blocks]
    n = len(targets)
    errors = np.empty((n_forests, len(parameters) + 1))  # the last one with nothing shuffled
    for row in errors:
        drawn = rng.integers(n, size=n)
        rest = np.setdiff1d(np.arange(n), drawn)
        if len(rest) < 2:  # hardly ever
            rest = np.arange(n)
        forest = RandomForestRegressor(N_TREES, max_features=0.7, random_state=int(rng.integers(2**31)))
        forest.fit(all_features[drawn], targets[drawn])
        shuffled = np.tile(all_features[rest], (len(row), 1, 1))
        for k, (end, block) in enumerate(zip(ends, blocks, strict=True)):
            shuffled[k, :, end - block.shape[1] : end] = rng.permutation(block[rest])
        predictions = forest.predict(shuffled.reshape(-1, all_features.shape[1])).reshape(len(row), -1)
        row[:] = ((predictions - targets[rest]) ** 2).mean(axis=1) / targets.var()
    return errors[:, :-1] - errors[:, -1:], 1 - errors[:, -1]


def features(parameter: Parameter) -> Floats:
    """Return a parameter as columns of numbers; one that a candidate does not have is far from all others."""
    if parameter.labels:
        return np.array([parameter.values == k for k in range(len(parameter.labels))], dtype=float).T
    return np.nan_to_num(scaled(parameter, parameter.values), nan=-1.0)[:, np.newaxis]


def scaled(parameter: Parameter, values: Floats) -> Floats:
    """Return values of a parameter as parts of its range; labels are in the middle of equal parts."""
    if parameter.labels:
        return (values + 0.5) / len(parameter.labels)
    low, high = np.nanmin(parameter.values), np.nanmax(parameter.values)
    if has_log_scale(parameter):
        values, low, high = np.log(values), np.log(low), np.log(high)
    return (values - low) / (high - low or 1.0)


def has_log_scale(parameter: Parameter) -> bool:
    """Return whether all values can be shown on the logarithmic scale that the parameter lies on."""
    return parameter.is_log and bool(np.nanmin(parameter.values) > 0)
