"""How a search begins: where its checkpoint left off, or with individuals that `initial` gives."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from geneticsearch._errors import ArgumentError, ArgumentTypeError, warn
from geneticsearch.checkpoint._identity import Fingerprint, Identity, describe, fingerprint, same
from geneticsearch.checkpoint._journal import Journal, Memory, Stored
from geneticsearch.checkpoint._record import CheckpointError, Record
from geneticsearch.evolution import GeneticOptimizer
from geneticsearch.space import Constraints, Genes, Space


@dataclass(frozen=True)
class Beginning:
    """What a search begins with.

    Attributes
    ----------
    optimizer : GeneticOptimizer
        The engine, with the seed, budget and initial individuals that the checkpoint remembers.
    folds : object
        Folds of the cross-validation, as they were first.
    memory : Memory
        What need not be evaluated again.
    journal : Journal or None
        The checkpoint, to be closed at the end.
    """

    optimizer: GeneticOptimizer
    folds: Any
    memory: Memory
    journal: Journal | None

    def close(self) -> None:
        """Close the checkpoint, if there is one."""
        if self.journal is not None:
            self.journal.close()


def begin(
    checkpoint: Any,
    start: WarmStart,
    make_optimizer: Callable[..., GeneticOptimizer],
    identify_search: Callable[[], tuple[Identity, Identity]],
    *,
    seed: Any,
    drawn_seed: Any,
    budget: int,
    folds: Any = None,
) -> Beginning:
    """Open the checkpoint of a search, or begin one.

    Parameters
    ----------
    checkpoint : str, path-like or None
        Its file; None for a search that is not recorded.
    start : WarmStart
        What to begin with, if the file does not know.
    make_optimizer : callable
        Takes `seed`, `budget` and `initial`.
    identify_search : callable
        Returns what shapes which individuals there are, and what shapes their scores.
    seed, drawn_seed : object
        The seed as given, and what was drawn from it.
    budget : int
        Number of individuals to ask for.
    folds : object
        Folds of a cross-validation, as JSON.
    """
    if checkpoint is not None and not isinstance(checkpoint, str | os.PathLike):
        raise ArgumentTypeError(f"`checkpoint` must be a path or None; got {checkpoint!r}.")
    if checkpoint is None:
        known = start.known(identify_search()[1], folds) if start.path is not None else {}
        optimizer = make_optimizer(seed=drawn_seed, budget=budget, initial=start.genes)
        return Beginning(optimizer, folds, Memory(None, known), None)

    shape, evaluation = identify_search()
    make_optimizer(seed=drawn_seed, budget=budget)  # mistakes are told before a file is made

    def remember() -> dict[str, Any]:
        return {
            "seed": drawn_seed if seed is None else None,
            "budget": int(budget),
            "initial": [genes.tolist() for genes in start.genes],
            "folds": folds,
            "maximize": start.maximize,
            "space": fingerprint(start.space.signature()).digest,
        }

    chance = fingerprint(drawn_seed, describe(seed)) if seed is not None else fingerprint(None)
    identity = {**shape, **evaluation, "the seed": chance, "initial": start.fingerprint}
    journal = Journal(checkpoint, identity, remember)
    try:
        memory = journal.memory
        optimizer = make_optimizer(
            seed=drawn_seed if seed is not None else memory["seed"],
            budget=memory["budget"],
            initial=[np.array(genes, dtype=float) for genes in memory["initial"]],
        )
        known = start.known(evaluation, memory["folds"])
        return Beginning(optimizer, memory["folds"], Memory(journal, known), journal)
    except BaseException as error:
        journal.close()
        if isinstance(error, KeyError | TypeError | AttributeError):
            raise CheckpointError(f"`checkpoint` must be as geneticsearch wrote it; {checkpoint!r} is not.") from error
        raise


@dataclass(frozen=True)
class _Row:
    """A parameter set to begin with."""

    params: Mapping[str, Any]
    score: float | None = None
    genes: Genes | None = None


class WarmStart:
    """The individuals that a search begins with.

    Parameters
    ----------
    initial : object
        As the front doors take it.
    space : Space
        The space of this search.
    n_iter : int
        Its budget; results of another search get at most half of it.
    maximize : bool
        Whether its larger scores are better.
    metric : str or None, default=None
        Which of several metrics it evolves.
    constraints : callable, list of callable or None, default=None
        What they must be allowed by.

    Attributes
    ----------
    path : str or None
        The checkpoint that it is, if it is one.
    """

    def __init__(
        self,
        initial: Any,
        space: Space,
        n_iter: int,
        maximize: bool,
        metric: str | None = None,
        constraints: Any = None,
    ) -> None:
        self._initial = initial
        self.space = space
        self.maximize = bool(maximize)
        self._metric = metric
        self._constraints = Constraints(constraints)
        self._limit = max(1, n_iter // 2)
        self.path = os.path.abspath(os.fspath(initial)) if isinstance(initial, str | os.PathLike) else None
        self._explicit: list[Genes] | None = None
        if initial is None:
            self._explicit = []
        elif isinstance(initial, Mapping) and not _is_results(initial):
            self._explicit = [self._encode(initial, "initial")]
        elif isinstance(initial, list | tuple):
            self._explicit = [self._encode(params, f"initial[{i}]") for i, params in enumerate(initial)]

    def _encode(self, params: Any, name: str = "initial") -> Genes:
        """Return the genes of parameters that are in the space and allowed."""
        genes = self.space.encode(params, name)
        if not self._constraints.allow(params):
            raise ArgumentError(f"`{name}` must be allowed by `constraints`; got {params!r}.")
        return genes

    @cached_property
    def fingerprint(self) -> Fingerprint:
        """What tells it from others; of a checkpoint only its path, since its search may go on."""
        if self.path is not None:
            return fingerprint(["checkpoint", self.path], f"the checkpoint {self.path!r}")
        if self._explicit is not None:
            n = len(self._explicit)
            return fingerprint(self._explicit, f"{n} set{'s' * (n > 1)} of parameters" if n else "None")
        return fingerprint([genes.tobytes() for genes in self._results], "the results of another search")

    @property
    def genes(self) -> list[Genes]:
        """What to begin with, best first if there are scores."""
        return self._results[: self._limit] if self._explicit is None else self._explicit

    @cached_property
    def _results(self) -> list[Genes]:
        """All that the results of another search have to give, best first."""
        rows = self._rows()
        sign = -1.0 if self._maximizes else 1.0
        scored = [row for row in rows if row.score is None or math.isfinite(row.score)]
        scored.sort(key=lambda row: 0.0 if row.score is None else sign * row.score)
        found: list[Genes] = []
        reasons: list[str] = []
        for row in scored:
            try:
                found.append(self._encode(row.params if row.genes is None else self.space.decode(row.genes)))
            except ArgumentError as error:
                reasons.append(str(error))
        if reasons:
            warn(
                f"`initial` holds {len(reasons)} of {len(scored)} parameter sets that are not in the space, or not "
                f"allowed, and are left out; the first: {reasons[0]}"
            )
        return found

    def known(self, evaluation: Identity, folds: Any) -> dict[bytes, Record]:
        """Return the records of a checkpoint whose evaluations are those of this search, by genes.

        Parameters
        ----------
        evaluation : Identity
            What shapes the score of a parameter set.
        folds : object
            The folds that it is evaluated on, as the memory of a checkpoint has them.
        """
        if self.path is None or not os.path.exists(self.path):
            return {}
        stored = self._stored
        if folds != stored.memory.get("folds"):
            return {}
        if not all(same(stored.identity.get(name), one) for name, one in evaluation.items()):
            return {}
        known = {}
        for row, (_, _, record) in zip(self._stored_rows(), stored.trials, strict=True):
            genes = row.genes
            if genes is None:
                try:
                    genes = self.space.encode(row.params)
                except ArgumentError:
                    continue
                if self.space.decode(genes) != row.params:  # not to the last digit
                    continue
            known[genes.astype("<f8").tobytes()] = record
        return known

    @cached_property
    def _stored(self) -> Stored:
        return Stored(self.path)

    @property
    def _maximizes(self) -> bool:
        if self.path is not None:
            return bool(self._stored.memory.get("maximize", self.maximize))
        return self.maximize

    def _rows(self) -> list[_Row]:
        """Return the results of another search."""
        initial = self._initial
        if self.path is not None:
            return self._stored_rows()
        if hasattr(initial, "history"):
            return [_Row(one.params, one.score) for one in initial.history]
        results = initial if isinstance(initial, Mapping) else getattr(initial, "cv_results_", None)
        if results is not None:
            return _rows_of_results(results, self._metric)
        if hasattr(initial, "get_params"):
            raise ArgumentError(
                f"`initial` must be fitted; got {initial!r}. If it was, it has been cloned: pass its `cv_results_`."
            )
        raise ArgumentTypeError(
            "`initial` must be a dict of parameters, a list of them, a `cv_results_`, a fitted search, an "
            f"`OptimizeResult` or the path of a checkpoint; got {initial!r}."
        )

    def _stored_rows(self) -> list[_Row]:
        mine = fingerprint(self.space.signature())
        is_same = self._stored.memory.get("space") == mine.digest
        n_genes = len(self.space.genes)
        return [
            _Row(
                record.get("params", {}),
                float(record.get("score", math.nan)),
                genes if is_same and len(genes) == n_genes else None,
            )
            for _, genes, record in self._stored.trials
        ]


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
    return [_Row(params, score) for params, score in zip(candidates, scores, strict=True)]
