"""What is remembered of a search and of each candidate, as JSON."""

from __future__ import annotations

import base64
import contextlib
import platform
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from geneticsearch._errors import ArgumentError
from geneticsearch.evolution import Individual

Record = dict[str, Any]
"""What is remembered of an individual: JSON."""


class CheckpointError(ArgumentError):
    """A checkpoint cannot be used: it is damaged, no checkpoint, in use, or belongs to another search."""


def lineage(individual: Individual) -> Record:
    """Return what a record says of an individual, besides its results."""
    return {
        "generation": individual.generation,
        "species": individual.species[:1000],
        "origin": individual.origin,
        "parents": individual.parents,
        "params": plain(individual.params),
    }


# Reading


def plain(value: Any, depth: int = 4) -> Any:
    """Return a value as JSON: numbers, texts, lists and dicts as they are, anything else as a short text.

    Examples
    --------
    >>> plain({"kernel": "rbf", "layers": (8, 16), "step": complex(1, 2)})
    {'kernel': 'rbf', 'layers': [8, 16], 'step': '(1+2j)'}
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | float) or (isinstance(value, int) and abs(value) < 1 << 63):
        return value
    if isinstance(value, str):
        return value[:1000]
    if depth and isinstance(value, list | tuple) and len(value) <= 100:
        return [plain(part, depth - 1) for part in value]
    if depth and isinstance(value, dict) and len(value) <= 100:
        return {str(key)[:200]: plain(part, depth - 1) for key, part in value.items()}
    try:
        return " ".join(repr(value).split())[:200]
    except Exception:
        return type(value).__name__


def encode_split(train: Any, test: Any) -> list[Any]:
    """Return the indices of a fold as JSON; of those to train on only their number where they are all the others."""
    train, test = np.asarray(train), np.asarray(test)
    n = len(train) + len(test)
    if train.dtype == test.dtype == np.intp and np.array_equal(train, np.setdiff1d(np.arange(n), test)):
        return [n - len(test), _encode_array(test)]
    return [_encode_array(train), _encode_array(test)]


def decode_split(split: list[Any]) -> tuple[np.ndarray, np.ndarray]:
    """Return what `encode_split` was given."""
    train, test = split[0], _decode_array(split[1])
    if isinstance(train, int):
        return np.setdiff1d(np.arange(train + len(test)), test), test
    return _decode_array(train), test


def _encode_array(array: np.ndarray) -> list[str]:
    return [array.dtype.str, base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()]


def _decode_array(encoded: list[str]) -> np.ndarray:
    kind, data = encoded
    if np.dtype(kind).kind not in "iub":
        raise ValueError(f"folds are indices or masks; got {kind!r}.")
    return np.frombuffer(base64.b64decode(data, validate=True), dtype=np.dtype(kind)).copy()


def shorten(text: str, length: int = 10_000) -> str:
    """Return a text without its middle where it is too long to be kept."""
    return text if len(text) <= length else f"{text[: length // 2]}\n...\n{text[-length // 2 :]}"


def _genes_as_bytes(genes: np.ndarray) -> bytes:
    return genes.astype("<f8").tobytes()


def versions() -> dict[str, str]:
    """Return the versions that shape a search."""
    versions = {"python": platform.python_version()}
    for name in ("geneticsearch", "numpy", "scipy", "scikit-learn"):
        with contextlib.suppress(metadata.PackageNotFoundError):
            versions[name] = metadata.version(name)
    return versions


def _versions_in_words(versions: dict[str, Any]) -> str:
    return ", ".join(f"{name} {version}" for name, version in sorted(versions.items()))


def _damaged(path: Path, reason: str) -> CheckpointError:
    return CheckpointError(
        f"`checkpoint` must be as geneticsearch wrote it; {str(path)!r} is damaged, and is left as it is: {reason}. "
        "Begin another file."
    )
