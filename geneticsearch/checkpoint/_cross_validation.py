"""Estimators and splits of a cross-validation, as a checkpoint compares them."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import Any

import numpy as np

from geneticsearch.checkpoint._identity import Identity, describe, fingerprint
from geneticsearch.checkpoint._record import CheckpointError, Fold, Header, same_folds


def identify_estimator(estimator: Any) -> Identity:
    """Return the fingerprints of an estimator: of its class, of each parameter by name, and of it as a whole."""
    identity = {"the estimator": fingerprint(type(estimator))}
    for name, value in sorted(estimator.get_params(deep=True).items()):
        one = type(value) if hasattr(value, "get_params") and not isinstance(value, type) else value
        identity[f"the estimator's parameter {name!r}"] = fingerprint(one, describe(value))
    # The parts say what differs; the whole makes sure of what they leave out.
    identity["the estimator, as a whole"] = fingerprint(estimator, type(estimator).__name__)
    return identity


def identify_cv(cv: Any) -> Identity:
    """Return the fingerprint of a splitter; splits that are given are compared when they are known."""
    if not _is_drawn(cv):
        return {"cv": fingerprint("given splits", f"{len(cv)} splits" if hasattr(cv, "__len__") else "given splits")}
    return {"cv": fingerprint(_without_generators(cv) if hasattr(cv, "split") else cv, describe(cv))}


def _without_generators(splitter: Any) -> list[Any]:
    """Return what a splitter is, its generator as no more than a kind: the folds drawn from it are remembered."""
    generators = np.random.RandomState | np.random.Generator
    state = {name: type(v) if isinstance(v, generators) else v for name, v in vars(splitter).items()}
    return [type(splitter), state]


def folds_to_meet(header: Header, folds: Sequence[Fold], cv: Any) -> Sequence[Fold]:
    """Return the folds that the candidates of a checkpoint met; those of `cv` if there are none.

    Parameters
    ----------
    header : Header
        That of the search.
    folds : sequence of (ndarray, ndarray)
        What `cv` splits the data into now.
    cv : object
        As the user gave it.

    Raises
    ------
    CheckpointError
        If the two cannot belong to the same search.
    """
    if header.folds is None:
        return folds
    if not _is_drawn(cv) and not same_folds(header.folds, folds):
        raise CheckpointError(
            "`checkpoint` must belong to the same search; the splits of `cv` are not what they were. It is left as "
            "it is. Use another file, or make the search what it was."
        )
    if len(header.folds) != len(folds):
        raise CheckpointError(
            f"`checkpoint` must hold {len(folds)} folds; it holds {len(header.folds)}. Use another file."
        )
    return header.folds


def _is_drawn(cv: Any) -> bool:
    """Return whether folds are drawn by a splitter, and remembered, rather than given, and compared."""
    return cv is None or isinstance(cv, Integral) or hasattr(cv, "split")
