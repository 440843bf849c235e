"""What is remembered of a search: recalled where it has been evaluated before, recorded where it has not."""

from __future__ import annotations

import math
import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from geneticsearch._errors import ArgumentTypeError, require, warn
from geneticsearch.checkpoint import _file
from geneticsearch.checkpoint._identity import ALIKE, compare
from geneticsearch.checkpoint._lock import _WriterLock
from geneticsearch.checkpoint._record import (
    CheckpointError,
    Header,
    Record,
    Result,
    genes_as_bytes,
    have_raised,
    versions,
)
from geneticsearch.evolution import Individual

SYNC_SHARE = 0.02
"""Share of a search's time that it may wait for records to be on the disk, so that they survive a power failure."""

SYNC_SECONDS = 0.2
"""How many seconds it may wait besides."""

MAX_TRIES = 2
"""How often a candidate that fails by an exception is evaluated, in different runs: the cause may lie elsewhere."""

_UNREADABLE = (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError)


class Checkpoint:
    """A checkpoint as it is now, read once.

    Parameters
    ----------
    path : str or path-like
        Its file, which is only read.

    Attributes
    ----------
    path : Path
        Its absolute path.
    header : Header
        The search that it belongs to.
    records : dict of int to Record
        The candidates by number, in the order of asking.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    CheckpointError
        If it is no checkpoint, or damaged.
    """

    def __init__(self, path: Any) -> None:
        self.path = Path(os.path.abspath(os.fspath(path)))
        if not os.path.lexists(self.path):
            raise FileNotFoundError(f"there is no checkpoint {str(self.path)!r}.")
        header, rows = _file.read(self.path)
        try:
            self.header = Header.from_json(header)
        except _UNREADABLE:
            raise _file.damaged(self.path, "its header cannot be read") from None
        self.records: dict[int, Record] = {}
        for number, genes, text in rows:
            try:
                self.records[number] = Record.from_json(number, genes, text)
            except _UNREADABLE:
                raise _file.damaged(self.path, f"the record of candidate {number} cannot be read") from None


class Journal:
    """The memory of one search: its checkpoint, if it has one, and what is known from elsewhere.

    It is read and compared at once; it is created or changed from `begin` on.

    Parameters
    ----------
    path : str, path-like or None
        The file; None remembers nothing.
    header : Header
        The search; an existing file must belong to the same.

    Attributes
    ----------
    header : Header
        The search as it was begun, with its seed, budget, initial candidates and folds.
    known : dict of bytes to Record
        Records of another search with the same evaluations, by genes.

    Raises
    ------
    CheckpointError
        If the file is not a checkpoint of this search, is damaged, or is in use. It is not changed then.
    """

    def __init__(self, path: Any, header: Header) -> None:
        if path is not None and not isinstance(path, str | os.PathLike):
            raise ArgumentTypeError(f"`checkpoint` must be a path or None; got {path!r}.")
        self.header = header
        self.known: dict[bytes, Record] = {}
        self._path = None if path is None else Path(os.path.abspath(os.fspath(path)))
        self._pid = os.getpid()
        self._lock: _WriterLock | None = None
        self._connection: sqlite3.Connection | None = None
        self._records: dict[int, Record] = {}
        self._tries: dict[int, int] = {}
        self._waited, self._is_durable = 0.0, True
        if self._path is not None:
            self._lock = _WriterLock(self._path)
            try:
                if os.path.lexists(self._path):
                    self._resume(Checkpoint(self._path))
            except BaseException:
                self._lock.release()
                raise
        nothing_succeeded = all(record.has_raised for record in self._records.values())
        self._max_tries = math.inf if nothing_succeeded else MAX_TRIES

    def _resume(self, stored: Checkpoint) -> None:
        _compare(stored, self.header)
        # A seed that is no number is not written down; it has been compared.
        seed = self.header.seed if stored.header.seed is None else stored.header.seed
        self.header = replace(stored.header, seed=seed)
        self._records = stored.records

    def begin(self, folds: Any = None) -> Header:
        """Open the file to write; create it, for a search on these folds, if it does not exist. Return the header."""
        self._opened = time.monotonic()
        if self._path is None or not os.path.lexists(self._path):
            self.header = replace(self.header, folds=folds)
        if self._path is not None:
            if not os.path.lexists(self._path):
                _warn_of_what_cannot_be_compared(self._path, self.header)
                _file.create(self._path, self.header.to_json())
            self._connection = _file.open_to_append(self._path)
        return self.header

    @property
    def is_kept(self) -> bool:
        """Whether there is a file to record in."""
        return self._path is not None

    def recall(self, individual: Individual) -> Record | None:
        """Return the record of an individual; None if it must be evaluated.

        Raises
        ------
        CheckpointError
            If the record is of another one: the search does not breed as it did.
        """
        record = self._records.pop(individual.number, None)
        if record is None:
            return self._recall_known(individual)
        if genes_as_bytes(record.genes) != genes_as_bytes(individual.genes):
            raise CheckpointError(
                f"`checkpoint` must be resumed by versions that breed the same candidates; in {str(self._path)!r} "
                f"candidate {individual.number} is another one. {_compare_versions(self.header)}Go on with the "
                "versions that wrote it, or begin another file."
            )
        if self._has_another_try(record):
            self._tries[individual.number] = record.n_tries
            return None
        return record

    def count(self, n_candidates: int) -> int:
        """Return how many of the first candidates need no evaluation."""
        return sum(n < n_candidates and not self._has_another_try(record) for n, record in self._records.items())

    def _has_another_try(self, record: Record) -> bool:
        return record.has_raised and record.n_tries < self._max_tries

    def _recall_known(self, individual: Individual) -> Record | None:
        """Take over what another search found of the same parameters."""
        known = self.known.get(genes_as_bytes(individual.genes))
        if known is not None:
            names = ("score", "start", "duration", "n_resources")
            scored = replace(individual, **{name: getattr(known, name) for name in names})
            self.record(scored, known.on_folds, known.rungs)
        return known

    def record(
        self, individual: Individual, on_folds: Sequence[Result | None], rungs: Sequence[Result | None] = ()
    ) -> None:
        """Record an evaluated individual, at once, with results as in `Record.on_folds` and `Record.rungs`.

        A process that is killed loses nothing then. If the file cannot be written, a warning says so, once, and the
        search goes on without it.
        """
        n_tries = self._tries.pop(individual.number, 0)
        if n_tries and not have_raised([result for result in on_folds if result is not None]):
            self._take_another_way(individual.number)
        if self._connection is None or os.getpid() != self._pid:
            return
        record = Record.of(individual, on_folds, n_tries + 1, rungs)
        row = (record.number, genes_as_bytes(record.genes), record.to_json())
        started = time.monotonic()
        self._is_durable = self._waited <= SYNC_SECONDS + SYNC_SHARE * (started - self._opened)
        self._attempt(lambda connection: _file.write(connection, row, self._is_durable))
        self._waited += (time.monotonic() - started) if self._is_durable else 0.0

    def _take_another_way(self, number: int) -> None:
        """Set aside the records that were bred while a candidate had failed; those bred once more are known."""
        aside = {n: record for n, record in self._records.items() if n > number}
        known = [record for record in aside.values() if not record.has_raised and not record.n_skipped]
        self.known = {**self.known, **{genes_as_bytes(record.genes): record for record in known}}
        self._records = {n: record for n, record in self._records.items() if n < number}
        self._attempt(lambda connection: _file.delete(connection, list(aside)))

    def _attempt(self, write: Callable[[sqlite3.Connection], None]) -> None:
        """Change the file; after a failure it is closed, as it was before, and no more is written."""
        if self._connection is None:
            return
        try:
            write(self._connection)
        except (sqlite3.Error, OSError) as error:
            self._close()
            warn(
                f"The checkpoint {str(self._path)!r} cannot be written ({error}). The search goes on without it; what "
                "it holds so far can be resumed.",
                RuntimeWarning,
            )

    def close(self) -> None:
        """Make everything durable, leave one file, and let others have it."""
        if os.getpid() == self._pid:
            if not self._is_durable:
                self._attempt(_file.make_durable)
            self._close()

    def _close(self) -> None:
        if self._connection is not None:
            _file.close(self._connection)
            self._connection = None
        if self._lock is not None:
            self._lock.release()
            self._lock = None


def _warn_of_what_cannot_be_compared(path: Path, header: Header) -> None:
    unknown = [name for name, one in header.identity.items() if not one.certain]
    if unknown:
        warn(
            f"The checkpoint {str(path)!r} cannot be resumed: nothing tells whether {', '.join(unknown)} will be the "
            "same then, since it holds what cannot be compared, such as a lock, a connection or an iterator.",
            RuntimeWarning,
        )


def _compare(stored: Checkpoint, header: Header) -> None:
    """Raise unless a checkpoint belongs to a search."""
    different = compare(stored.header.identity, header.identity)
    if different:
        more = len(different) - 10
        lines = "".join(f"\n- {line}" for line in different[:10]) + (f"\n- {more} more" if more > 0 else "")
        hint = "If fits change an object, such as a callback, make it anew for each. " if ALIKE in lines else ""
        raise CheckpointError(
            f"`checkpoint` must belong to the same search; {str(stored.path)!r} differs in:{lines}\n"
            f"{hint}{_compare_versions(stored.header)}It is left as it is. Use another file, or make the search what "
            "it was."
        )


def _compare_versions(header: Header) -> str:
    """Return in words which versions are not those that began a checkpoint."""
    now = versions()
    names = sorted(name for name in {**header.versions, **now} if header.versions.get(name) != now.get(name))
    if not names:
        return ""
    was, is_now = (", ".join(f"{name} {found.get(name, 'none')}" for name in names) for found in (header.versions, now))
    return f"It was written by {was}; this is {is_now}. "


def load_history(path: Any, *, as_frame: bool = False) -> Any:
    """Read the candidates from a checkpoint, also while its search is running.

    The file is only read; no lock is taken, and nothing in it is executed.

    Parameters
    ----------
    path : str or path-like
        A checkpoint that `GeneticSearchCV` or `optimize` has written.
    as_frame : bool, default=False
        Whether to return a pandas DataFrame, with a column per parameter, rather than a list.

    Returns
    -------
    list of dict or DataFrame
        A row per evaluated candidate, in the order of breeding. The keys are ``number``, ``generation``, ``species``,
        ``origin``, ``parents``, ``params`` (values other than numbers, strings, lists and dicts as strings), ``score``
        (NaN if it failed), ``error`` (None, or why it failed), ``scores`` (of each evaluation: a number, or a dict of
        them for several metrics), ``start`` (of the evaluation, in seconds since 1970) and ``duration`` (in seconds).

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    CheckpointError
        If it is no checkpoint, or damaged.

    Examples
    --------
    >>> import tempfile, os
    >>> from geneticsearch import UniformDistribution, load_history, optimize
    >>> path = os.path.join(tempfile.mkdtemp(), "search.db")
    >>> result = optimize(lambda p: p["x"] ** 2, {"x": UniformDistribution(-1, 1)}, n_iter=5, seed=0, checkpoint=path)
    >>> [trial["number"] for trial in load_history(path)]
    [0, 1, 2, 3, 4]
    """
    names = ("number", "generation", "species", "origin", "parents", "params", "score", "error", "start", "duration")
    trials = [
        {**{name: getattr(record, name) for name in names}, "scores": [result.scores for result in record.results]}
        for record in Checkpoint(path).records.values()
    ]
    if not as_frame:
        return trials
    rows = [{**trial, **{f"param_{name}": value for name, value in trial["params"].items()}} for trial in trials]
    return require("pandas", "`as_frame=True`").DataFrame(rows)
