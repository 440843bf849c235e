"""What a suggestion takes from the data: sizes and scales, never a fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

LEAST_PART = 3
"""A third of the samples is in the training part of any fold, and of a split inside one."""


@dataclass(frozen=True)
class Data:
    """What is known of the data that an estimator gets.

    Attributes
    ----------
    n_samples : int, default=300
        What the training part of any fold has at least; without data, what most have.
    n_features : int or None, default=None
        At most as many; None if unknown.
    variance : float, default=1.0
        Variance of all values of X, as in ``gamma="scale"``.
    spread : float, default=1.0
        Standard deviation of a numeric target.
    is_imbalanced : bool, default=False
        Whether a class has less than half of an equal share.
    """

    n_samples: int = 300
    n_features: int | None = None
    variance: float = 1.0
    spread: float = 1.0
    is_imbalanced: bool = False

    @classmethod
    def of(cls, X: Any, y: Any) -> Data:
        """Return what is known of these data."""
        shape = () if X is None else getattr(X, "shape", None) or _shape_of_list(X)
        known: dict[str, Any] = {}
        if shape:
            known["n_samples"] = max(1, shape[0] // LEAST_PART)
        if shape and len(shape) == 2:
            known["n_features"] = int(shape[1])
            known["variance"] = _variance(X)
        if y is not None:
            known |= _of_target(np.asarray(y))
        return cls(**known)

    @property
    def gamma(self) -> float:
        """What ``gamma="scale"`` is for these data."""
        return 1 / ((self.n_features or 20) * self.variance)


def _shape_of_list(X: Any) -> tuple[int, ...]:
    first = X[0] if len(X) else None
    return (len(X), len(first)) if isinstance(first, list | tuple | np.ndarray) else (len(X),)


def _variance(X: Any) -> float:
    """Return the variance of a table of numbers; 1 for any other, which must be transformed first."""
    try:
        if hasattr(X, "tocsr"):
            values, size = X.tocsr().data, float(np.prod(X.shape))
            variance = float(np.sum(values**2) / size - (np.sum(values) / size) ** 2)
        else:
            variance = float(np.nanvar(np.asarray(X, dtype=float)))
    except (TypeError, ValueError):
        return 1.0
    return variance if np.isfinite(variance) and variance > 0 else 1.0


def _of_target(y: np.ndarray) -> dict[str, Any]:
    if y.ndim == 1 and len(y):
        counts = np.unique(y.astype(str) if y.dtype == object else y, return_counts=True)[1]
        is_imbalanced = bool(counts.min() < len(y) / len(counts) / 2)
    else:
        is_imbalanced = False
    spread = float(np.std(y)) if y.dtype.kind in "fiub" and y.size else 1.0
    return {"is_imbalanced": is_imbalanced, "spread": spread if np.isfinite(spread) and spread > 0 else 1.0}
