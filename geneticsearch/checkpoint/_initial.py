"""What `initial` may be: parameters, results of another search, or its checkpoint."""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from geneticsearch._errors import ArgumentError, ArgumentTypeError, warn
from geneticsearch.checkpoint._identity import Fingerprint, Identity, describe, fingerprint, same
from geneticsearch.checkpoint._journal import Checkpoint
from geneticsearch.checkpoint._record import Header, Record, genes_as_bytes, same_folds
from geneticsearch.evolution import draw_seed
from geneticsearch.space import Constraints, Genes, Space


@dataclass(frozen=True)
class Given:
    """A parameter set to begin with, and what another search found of it."""

    genes: Genes
    score: float | None = None
    record: Record | None = None


@dataclass(frozen=True)
class Initial:
    """What a search begins with.

    Attributes
    ----------
    genes : list of ndarray
        The individuals to evaluate first.
    fingerprint : Fingerprint
        What tells them from others.
    header : Header or None, default=None
        The search whose checkpoint they come from.
    given : list of Given, default=[]
        All candidates of that checkpoint.
    """

    genes: list[Genes]
    fingerprint: Fingerprint
    header: Header | None = None
    given: list[Given] = field(default_factory=list)

    def known(self, header: Header) -> dict[bytes, Record]:
        """Return, by genes, the records of the checkpoint that hold for another search: those scored in the same way.

        Failures by an exception are not among them, since their cause may have lain elsewhere, nor candidates that were
        stopped; and nothing is taken over of the ladders that the others climbed.
        """
        if self.header is None or not _are_scored_alike(self.header, header):
            return {}
        records = {genes_as_bytes(one.genes): one.record for one in self.given}
        return {
            genes: replace(record, rungs=[])
            for genes, record in records.items()
            if record is not None and not record.has_raised and not record.n_skipped
        }


def _are_scored_alike(one: Header, other: Header) -> bool:
    return same_folds(one.folds, other.folds) and all(
        same(one.evaluation.get(name), fingerprint) for name, fingerprint in other.evaluation.items()
    )


def read_initial(
    initial: Any,
    space: Space,
    n_iter: int,
    *,
    maximize: bool = True,
    metric: str | None = None,
    constraints: Any = None,
    checkpoint: Any = None,
) -> Initial:
    """Return what a search begins with.

    Parameters
    ----------
    initial : object
        As the front doors take it.
    space : Space
        The space of the search.
    n_iter : int
        Its budget; results of another search get at most half of it.
    maximize : bool, default=True
        Whether larger scores of other results are better; a checkpoint knows that itself.
    metric : str or None, default=None
        Which of several metrics is evolved.
    constraints : callable, list of callable or None, default=None
        What they must be allowed by.
    checkpoint : object, default=None
        That of the search itself; where it exists the search has begun, and the one of `initial` may be gone.
    """
    encode = _Encoder(space, Constraints(constraints))
    if initial is None:
        return _of_params([])
    if isinstance(initial, Mapping) and not _is_results(initial):
        return _of_params([encode(initial, "initial")])
    if isinstance(initial, list | tuple):
        return _of_params([encode(params, f"initial[{i}]") for i, params in enumerate(initial)])
    n_given = max(1, n_iter // 2)
    if isinstance(initial, str | os.PathLike):
        path = os.path.abspath(os.fspath(initial))
        what = fingerprint(["checkpoint", path], f"the checkpoint {path!r}")  # not its content: its search may go on
        has_begun = isinstance(checkpoint, str | os.PathLike) and os.path.lexists(checkpoint)
        if has_begun and not os.path.lexists(path):
            return Initial([], what)
        other = Checkpoint(path)
        given, best = _of_checkpoint(other, encode)
        return Initial(best[:n_given], what, other.header, given)
    best = encode.best_of(_rows(initial, metric), maximize)
    return Initial(best[:n_given], fingerprint([genes.tobytes() for genes in best], "the results of another search"))


def new_header(
    initial: Initial,
    space: Space,
    identify_search: Callable[[], tuple[Identity, Identity]] | None,
    *,
    seed: Any,
    budget: int,
    maximize: bool = True,
    metric: str | None = None,
    objectives: Sequence[tuple[str, bool]] = (),
) -> Header:
    """Return the header of a search that begins.

    Parameters
    ----------
    initial : Initial
        What it begins with.
    space : Space
        What it searches.
    identify_search : callable or None
        Returns what decides which candidates there are, and what decides their scores; None if nothing is compared.
    seed : object
        The seed as given.
    budget : int
        Number of candidates.
    maximize : bool, default=True
        Whether larger scores are better.
    metric : str or None, default=None
        Which of several metrics is evolved.
    objectives : sequence of (str, bool), default=()
        Names of several objectives, and whether larger scores by them are better.
    """
    drawn = draw_seed(seed)
    shape: Identity = {}
    evaluation: Identity = {}
    if identify_search is not None:
        shape, evaluation = identify_search()
        chance = fingerprint(None) if seed is None else fingerprint(drawn, describe(seed))
        shape = {**shape, "the seed": chance, "initial": initial.fingerprint}
    return Header(
        seed=drawn,
        budget=int(budget),
        initial=initial.genes,
        numbers=space.remembered,
        maximize=bool(maximize),
        metric=metric,
        objectives=objectives,
        space=fingerprint(space.signature()).digest,
        shape=shape,
        evaluation=evaluation,
    )


def compact_results(initial: Any) -> Any:
    """Return `initial`, as parameters and scores if it is a fitted search, of which nothing else is kept then."""
    if isinstance(initial, Mapping | list | tuple | str | os.PathLike) or initial is None:
        return initial
    results = getattr(initial, "cv_results_", None)
    if results is None:
        return initial
    means = {str(name): results[name] for name in results if str(name).startswith("mean_test_")}
    return {"params": list(results["params"]), **means}


def _of_params(genes: list[Genes]) -> Initial:
    n = len(genes)
    return Initial(genes, fingerprint(genes, f"{n} set{'s' * (n > 1)} of parameters" if n else "None"))


def _of_checkpoint(checkpoint: Checkpoint, encode: _Encoder) -> tuple[list[Given], list[Genes]]:
    """Return all candidates that are in the space, and genes of the allowed ones, best first."""
    records = list(checkpoint.records.values())
    maximize = checkpoint.header.maximize
    space = encode.space
    if checkpoint.header.space == fingerprint(space.signature()).digest:
        space.remember(checkpoint.header.numbers)
        given = [Given(record.genes, record.score, record) for record in records]
        return given, encode.best_of([(space.decode(one.genes), one.score, one.genes) for one in given], maximize)
    given = []
    for record in records:
        with contextlib.suppress(ArgumentError):
            given.append(Given(space.encode(record.params, exact=True), record.score, record))
    return given, encode.best_of([(record.params, record.score, None) for record in records], maximize)


_Row = tuple[Any, float | None, Genes | None]
"""Parameters, their score and, if they are known, their genes."""


class _Encoder:
    """Turns parameters that the search may have into genes."""

    def __init__(self, space: Space, constraints: Constraints) -> None:
        self.space = space
        self._constraints = constraints

    def __call__(self, params: Any, name: str = "initial", genes: Genes | None = None) -> Genes:
        """Return the genes of parameters that are in the space and allowed."""
        genes = self.space.encode(params, name, exact=True) if genes is None else genes
        if not self._constraints.allow(params):
            raise ArgumentError(f"`{name}` must be allowed by `constraints`; got {params!r}.")
        return genes

    def best_of(self, rows: Iterable[_Row], maximize: bool) -> list[Genes]:
        """Return the genes of results, best first; a warning tells of those that cannot be used."""
        sign = -1.0 if maximize else 1.0
        scored = [row for row in rows if row[1] is None or math.isfinite(row[1])]
        scored.sort(key=lambda row: 0.0 if row[1] is None else sign * row[1])
        found: list[Genes] = []
        reasons: list[str] = []
        for params, _, genes in scored:
            try:
                found.append(self(params, genes=genes))
            except ArgumentError as error:
                reasons.append(str(error))
        if reasons:
            warn(
                f"`initial` holds {len(reasons)} of {len(scored)} parameter sets that are not in the space, or not "
                f"allowed, and are left out; the first: {reasons[0]}"
            )
        return found


def _rows(initial: Any, metric: str | None) -> list[_Row]:
    """Return the results of another search."""
    if hasattr(initial, "history"):
        return [(one.params, one.score, None) for one in initial.history]
    results = initial if isinstance(initial, Mapping) else getattr(initial, "cv_results_", None)
    if results is not None:
        return _rows_of_results(results, metric)
    if hasattr(initial, "get_params"):
        raise ArgumentError(
            f"`initial` must be fitted; got {initial!r}. If it was, it has been cloned: pass its `cv_results_`."
        )
    raise ArgumentTypeError(
        "`initial` must be a dict of parameters, a list of them, a `cv_results_`, a fitted search, an "
        f"`OptimizeResult` or the path of a checkpoint; got {initial!r}."
    )


def _is_results(value: Mapping[str, Any]) -> bool:
    """Return whether a dict is a `cv_results_` rather than parameters."""
    return "params" in value and any(str(key).startswith("mean_") for key in value)


def _rows_of_results(results: Mapping[str, Any], metric: str | None) -> list[_Row]:
    """Return the rows of a `cv_results_`."""
    candidates: Sequence[Any] = results["params"]
    names = [f"mean_test_{metric}", "mean_test_score"]
    means = [str(name) for name in results if str(name).startswith("mean_test_")]
    name = next((name for name in names if name in results), means[0] if len(means) == 1 else None)
    scores = [None] * len(candidates) if name is None else np.asarray(results[name], dtype=float).tolist()
    return [(params, score, None) for params, score in zip(candidates, scores, strict=True)]
