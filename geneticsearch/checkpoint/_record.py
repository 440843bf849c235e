"""What a checkpoint says of a search and of each candidate: the only code that knows how it is written down."""

from __future__ import annotations

import base64
import contextlib
import json
import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from typing import Any

import numpy as np

from geneticsearch._errors import ArgumentError
from geneticsearch.checkpoint._identity import Fingerprint, Identity
from geneticsearch.evolution import Individual
from geneticsearch.space import Genes

Fold = tuple[np.ndarray, np.ndarray]
"""What to train on and what to test on, as indices or masks."""

Scores = float | dict[str, float]
"""Of one metric, or of several by name."""


class CheckpointError(ArgumentError):
    """A checkpoint cannot be used: it is damaged, no checkpoint, in use, or belongs to another search."""


@dataclass(frozen=True)
class Header:
    """A search, as far as its candidates and their scores depend on it.

    Attributes
    ----------
    seed : object
        Drawn seed of the engine.
    budget : int
        Number of candidates that the engine was to be asked for.
    initial : list of ndarray
        Genes of the candidates that it begins with.
    numbers : list of (int, float, float)
        What these stand for exactly: see `Space.remembered`.
    maximize : bool
        Whether larger scores are better.
    metric : str or None, default=None
        Name of the metric that is evolved; None if it has none.
    objectives : list of (str, bool), default=[]
        Names of several objectives, and whether larger scores by them are better.
    folds : list of (ndarray, ndarray) or None, default=None
        Folds of the cross-validation, where they were drawn rather than given.
    space : str, default=""
        Digest of the space.
    shape, evaluation : Identity, default={}
        What decides which candidates there are, and what decides their scores.
    versions : dict of str to str
        Of Python and the packages that matter, by name.
    """

    seed: Any
    budget: int
    initial: Sequence[Genes] = ()
    numbers: Sequence[tuple[int, float, float]] = ()
    maximize: bool = True
    metric: str | None = None
    objectives: Sequence[tuple[str, bool]] = ()
    folds: Sequence[Fold] | None = None
    space: str = ""
    shape: Identity = field(default_factory=dict)
    evaluation: Identity = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=lambda: versions())

    @property
    def identity(self) -> Identity:
        """All that must be the same for a search to go on."""
        return {**self.shape, **self.evaluation}

    def to_json(self) -> str:
        """Return it as a text."""
        return _to_json(
            seed=self.seed if isinstance(self.seed, int | list) else None,
            budget=int(self.budget),
            initial=[genes.tolist() for genes in self.initial],
            numbers=list(self.numbers),
            maximize=bool(self.maximize),
            metric=self.metric,
            **({"objectives": [list(one) for one in self.objectives]} if self.objectives else {}),
            folds=None if self.folds is None else [_encode_fold(*fold) for fold in self.folds],
            space=self.space,
            shape={name: [one.digest, one.text, one.certain] for name, one in self.shape.items()},
            evaluation={name: [one.digest, one.text, one.certain] for name, one in self.evaluation.items()},
            versions=self.versions,
        )

    @classmethod
    def from_json(cls, text: str) -> Header:
        """Return what `to_json` wrote; raise a ValueError, TypeError or KeyError if it did not."""
        found = json.loads(text)
        return cls(
            seed=found["seed"],
            budget=int(found["budget"]),
            initial=[np.array(genes, dtype=float) for genes in found["initial"]],
            numbers=[(int(i), float(u), value) for i, u, value in found["numbers"]],
            maximize=bool(found["maximize"]),
            metric=None if found["metric"] is None else str(found["metric"]),
            objectives=[(str(name), bool(maximize)) for name, maximize in found.get("objectives", ())],
            folds=None if found["folds"] is None else [_decode_fold(*fold) for fold in found["folds"]],
            space=str(found["space"]),
            shape=_identity(found["shape"]),
            evaluation=_identity(found["evaluation"]),
            versions={str(name): str(version) for name, version in dict(found["versions"]).items()},
        )


@dataclass(frozen=True)
class Result:
    """What became of one call of a candidate: of one fold, or of the function itself.

    Attributes
    ----------
    scores : float or dict of str to float
        Of one metric, or of several by name; NaN if it failed.
    error : str or None, default=None
        Why it failed.
    cause : str or None, default=None
        How it failed: by an "exception", a "value" that is no score, a "death" of its worker, or a "timeout".
    train_scores : float, dict of str to float or None, default=None
        Scores on the data that a fit has seen.
    fit_time, score_time : float or None, default=None
        Seconds of a fit, and of scoring it.
    n_test_samples : int or None, default=None
        Number of samples that it was scored on.
    """

    scores: Scores
    error: str | None = None
    cause: str | None = None
    train_scores: Scores | None = None
    fit_time: float | None = None
    score_time: float | None = None
    n_test_samples: int | None = None

    @property
    def by_metric(self) -> dict[str, float]:
        """The scores by metric; a single one is called "score"."""
        return self.scores if isinstance(self.scores, dict) else {"score": self.scores}

    @property
    def train_by_metric(self) -> dict[str, float]:
        """The scores on the training data by metric; empty if unknown."""
        if self.train_scores is None:
            return {}
        return self.train_scores if isinstance(self.train_scores, dict) else {"score": self.train_scores}

    def _to_dict(self) -> dict[str, Any]:
        found = {
            "scores": self.scores,
            "error": self.error and shorten(self.error),
            "cause": self.cause,
            "train": self.train_scores,
            "fit": self.fit_time,
            "score": self.score_time,
            "n": self.n_test_samples,
        }
        return {name: value for name, value in found.items() if value is not None}

    @classmethod
    def _from_dict(cls, found: dict[str, Any]) -> Result:
        return cls(
            scores=_as_scores(found["scores"]),
            error=_optional(str, found.get("error")),
            cause=_optional(str, found.get("cause")),
            train_scores=_optional(_as_scores, found.get("train")),
            fit_time=_optional(float, found.get("fit")),
            score_time=_optional(float, found.get("score")),
            n_test_samples=_optional(int, found.get("n")),
        )


AS_IN_INDIVIDUAL = (
    *("number", "genes", "generation", "species", "origin", "parents", "params"),
    *("score", "start", "duration", "n_skipped", "n_resources", "scores"),
)
"""What records have in common with individuals."""


@dataclass(frozen=True)
class Record:
    """A candidate that has been evaluated.

    Attributes
    ----------
    number, genes, generation, species, origin, parents, score, start, duration, n_skipped, n_resources, scores
        As in `Individual`.
    params : dict
        Its parameters: numbers, texts, lists and dicts as they are, other values as texts.
    results : list of Result
        One for each call that was necessary.
    folds : tuple of int
        Which calls these are, if some were not necessary.
    rungs : list of Result or None
        What came before them on a ladder; None for a rung that was left out.
    n_tries : int, default=1
        How often it has been evaluated; a failure is given a second chance.
    """

    number: int
    genes: Genes
    generation: int
    species: str
    origin: str
    parents: tuple[int, ...]
    params: dict[str, Any]
    score: float
    start: float
    duration: float
    results: list[Result]
    n_tries: int = 1
    n_skipped: int = 0
    n_resources: int = 0
    scores: tuple[float, ...] = ()
    folds: tuple[int, ...] = ()
    rungs: list[Result | None] = field(default_factory=list)

    @classmethod
    def of(
        cls,
        individual: Individual,
        results: Sequence[Result | None],
        n_tries: int = 1,
        rungs: Sequence[Result | None] = (),
    ) -> Record:
        """Return the record of an evaluated individual, given the results of its calls, None for unnecessary ones."""
        known = {fold: result for fold, result in enumerate(results) if result is not None}
        kept = {name: getattr(individual, name) for name in AS_IN_INDIVIDUAL}
        kept |= {"species": individual.species[:1000], "params": plain(individual.params)}
        return cls(
            **kept,
            results=list(known.values()),
            folds=tuple(known) if individual.n_skipped else (),
            rungs=list(rungs),
            n_tries=n_tries,
        )

    @property
    def individual(self) -> Individual:
        """The candidate, with parameters as in `params`."""
        return Individual(**{name: getattr(self, name) for name in AS_IN_INDIVIDUAL})

    @property
    def on_folds(self) -> list[Result | None]:
        """The results in the order of the calls, None where there is none."""
        n = len(self.results) + self.n_skipped
        found: list[Result | None] = [None] * n
        for fold, result in zip(self.folds if self.n_skipped else range(n), self.results, strict=True):
            found[fold] = result
        return found

    @property
    def error(self) -> str | None:
        """Why it failed; None if it did not."""
        return next((result.error for result in self.results if result.error is not None), None)

    @property
    def has_raised(self) -> bool:
        """Whether it failed by an exception, whose cause may lie elsewhere."""
        return have_raised(self.results)

    def to_json(self) -> str:
        """Return as a text all but its number and genes."""
        names = ("generation", "species", "origin", "parents", "params", "score", "start", "duration", "n_tries")
        found = {name: getattr(self, name) for name in names}
        if self.n_skipped:
            found |= {"n_skipped": self.n_skipped, "folds": self.folds}
        if self.n_resources:
            found["n_resources"] = self.n_resources
            found["rungs"] = [result and result._to_dict() for result in self.rungs]
        if self.scores:
            found["by_objective"] = list(self.scores)
        return _to_json(**found, results=[result._to_dict() for result in self.results])

    @classmethod
    def from_json(cls, number: int, genes: bytes, text: str) -> Record:
        """Return what `to_json` wrote; raise a ValueError, TypeError, KeyError or the like if it did not."""
        found = json.loads(text)
        record = cls(
            number=number,
            genes=np.frombuffer(genes, dtype="<f8"),
            generation=int(found["generation"]),
            species=str(found["species"]),
            origin=str(found["origin"]),
            parents=tuple(int(parent) for parent in found["parents"]),
            params={str(name): value for name, value in found["params"].items()},
            score=float(found["score"]),
            start=float(found["start"]),
            duration=float(found["duration"]),
            results=[Result._from_dict(result) for result in found["results"]],
            n_tries=int(found["n_tries"]),
            n_skipped=int(found.get("n_skipped", 0)),
            n_resources=int(found.get("n_resources", 0)),
            folds=tuple(int(fold) for fold in found.get("folds", ())),
            rungs=[result and Result._from_dict(result) for result in found.get("rungs", ())],
            scores=tuple(float(score) for score in found.get("by_objective", ())),
        )
        if len({tuple(r.scores) if isinstance(r.scores, dict) else None for r in record.results}) > 1:
            raise ValueError("its results have different metrics.")
        return record


def have_raised(results: Sequence[Result]) -> bool:
    """Return whether calls failed by an exception, rather than by killing their worker or running out of time."""
    causes = {result.cause for result in results}
    return "exception" in causes and not causes & {"death", "timeout"}


def same_folds(one: Sequence[Fold] | None, other: Sequence[Fold] | None) -> bool:
    """Return whether candidates meet the same folds."""
    if one is None or other is None:
        return one is other
    return len(one) == len(other) and all(
        np.array_equal(*parts) for pair in zip(one, other, strict=True) for parts in zip(*pair, strict=True)
    )


def genes_as_bytes(genes: Genes) -> bytes:
    """Return genes as they are stored and compared: to the last bit, on every machine."""
    return genes.astype("<f8").tobytes()


def versions() -> dict[str, str]:
    """Return the versions that matter to a search."""
    numbered = {name: _version(name) for name in ("geneticsearch", "numpy", "scipy", "scikit-learn")}
    return {"python": platform.python_version(), **{name: number for name, number in numbered.items() if number}}


@cache  # looking it up takes a millisecond
def _version(name: str) -> str:
    """Return the version of an installed package, or nothing."""
    with contextlib.suppress(metadata.PackageNotFoundError):
        return metadata.version(name)
    return ""


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


def shorten(text: str, length: int = 10_000) -> str:
    """Return a text without its middle where it is too long to be kept."""
    return text if len(text) <= length else f"{text[: length // 2]}\n...\n{text[-length // 2 :]}"


def _to_json(**values: Any) -> str:
    return json.dumps(values, separators=(",", ":"))


def _optional(kind: Any, value: Any) -> Any:
    return None if value is None else kind(value)


def _as_scores(scores: Any) -> Scores:
    return {str(name): float(one) for name, one in scores.items()} if isinstance(scores, dict) else float(scores)


def _identity(found: Any) -> Identity:
    return {
        name: Fingerprint(str(digest), str(text), certain is True) for name, (digest, text, certain) in found.items()
    }


def _encode_fold(train: Any, test: Any) -> list[Any]:
    """Return the indices of a fold as JSON; of those to train on only their number where they are all the others."""
    train, test = np.asarray(train), np.asarray(test)
    n = len(train) + len(test)
    if train.dtype == test.dtype == np.intp and np.array_equal(train, np.setdiff1d(np.arange(n), test)):
        return [n - len(test), _encode_array(test)]
    return [_encode_array(train), _encode_array(test)]


def _decode_fold(train: Any, test: Any) -> Fold:
    test = _decode_array(test)
    if isinstance(train, int):
        return np.setdiff1d(np.arange(train + len(test)), test), test
    return _decode_array(train), test


def _encode_array(array: np.ndarray) -> list[str]:
    return [array.dtype.str, base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()]


def _decode_array(encoded: Any) -> np.ndarray:
    kind, data = encoded
    if np.dtype(kind).kind not in "iub":
        raise ValueError(f"folds are indices or masks; got {kind!r}.")
    return np.frombuffer(base64.b64decode(data, validate=True), dtype=np.dtype(kind)).copy()
