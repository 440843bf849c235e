"""The checkpoint file: record, recall, resume."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import sqlite3
import stat
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any, BinaryIO
from urllib.parse import quote

import numpy as np

from geneticsearch._errors import warn
from geneticsearch.checkpoint._identity import Fingerprint, Identity, compare
from geneticsearch.checkpoint._lock import _WriterLock
from geneticsearch.checkpoint._record import (
    CheckpointError,
    Record,
    _damaged,
    _genes_as_bytes,
    _versions_in_words,
    lineage,
    versions,
)
from geneticsearch.evolution import Individual

APPLICATION_ID = 0x67656E65  # "gene"

FORMAT = 1

MAX_BYTES = 1 << 30
"""Size of a checkpoint; a larger file is refused, and no larger one is written."""

MAX_VALUE = 1 << 26
"""Size of one value in it."""

SYNC_SECONDS = 1.0
"""How much time's records a power failure may cost."""

SYNC_SHARE = 0.01
"""Share of the time that may be spent on making records durable."""

SCHEMA = {
    "header": "CREATE TABLE header (key TEXT PRIMARY KEY, value TEXT NOT NULL, checksum BLOB NOT NULL) WITHOUT ROWID",
    "trials": (
        "CREATE TABLE trials (number INTEGER PRIMARY KEY, genes BLOB NOT NULL, record TEXT NOT NULL, "
        "checksum BLOB NOT NULL)"
    ),
}


class Journal:
    """The checkpoint of one search, open for reading and writing.

    Parameters
    ----------
    path : str or path-like
        The file; it is created if it does not exist.
    identity : Identity
        What shapes the search; an existing file must have been written by the same.
    remember : callable
        Returns what a new file shall remember besides, as a dict of JSON values.

    Attributes
    ----------
    memory : dict
        What the file remembers.

    Raises
    ------
    CheckpointError
        If the file is not a checkpoint of this search, is damaged, or is in use. It is not changed then.
    """

    def __init__(self, path: Any, identity: Identity, remember: Callable[[], dict[str, Any]]) -> None:
        self.path = Path(os.path.abspath(os.fspath(path)))
        self._failed = False
        self._pid = os.getpid()
        self._lock = _WriterLock(self.path)
        try:
            if not os.path.lexists(self.path):
                _create(self.path, identity, remember())
            with snapshot(self.path) as connection:
                self.memory = self._admit(connection, identity)
            with _files:
                self._connection = self._open(identity)
                _open_journals.append(self)
            self._sync = _Synchroniser(Path(f"{self.path}-wal"))
        except BaseException:
            self._lock.release()
            raise

    def _admit(self, connection: sqlite3.Connection, identity: Identity) -> dict[str, Any]:
        """Return the memory of a sound checkpoint of the same search."""
        header = _check(connection, self.path)
        different = compare(_identity_of(header, self.path), identity)
        if different:
            more = len(different) - 10
            lines = "".join(f"\n- {line}" for line in different[:10]) + (f"\n- {more} more" if more > 0 else "")
            raise CheckpointError(
                f"`checkpoint` must belong to the same search; {str(self.path)!r} differs in:{lines}\n"
                f"It was written by {_versions_in_words(header['versions'])}; these are "
                f"{_versions_in_words(versions())}. It is left as it is. Use another file, or make the search what "
                "it was."
            )
        memory: dict[str, Any] = header["memory"]
        self._versions = _versions_in_words(header["versions"])
        return memory

    def _open(self, identity: Identity) -> sqlite3.Connection:
        """Open the file itself, after a copy was found to be sound."""
        connection = _connect(f"file:{quote(str(self.path))}?mode=rw")
        try:
            page_size = connection.execute("PRAGMA page_size").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {MAX_BYTES // page_size}")
            connection.execute("PRAGMA synchronous = NORMAL")
            self._admit(connection, identity)
            connection.execute("BEGIN IMMEDIATE")  # shows whether it can be written
            connection.execute("ROLLBACK")
            (self._last,) = connection.execute("SELECT coalesce(max(number), -1) FROM trials").fetchone()
        except sqlite3.Error as error:
            connection.close()
            raise CheckpointError(f"`checkpoint` must be a file that can be written: {self.path}: {error}") from error
        except BaseException:
            connection.close()
            raise
        return connection

    def recall(self, individual: Individual) -> Record | None:
        """Return what was recorded of an individual, or None if nothing was.

        Raises
        ------
        CheckpointError
            If the record is of another one: the search does not breed as it did.
        """
        if individual.number > self._last:
            return None
        row = self._connection.execute(
            "SELECT number, genes, record, checksum FROM trials WHERE number = ?", (individual.number,)
        ).fetchone()
        if row is None:
            return None
        record = _read_trial(row, self.path)
        if row[1] != _genes_as_bytes(individual.genes):
            raise CheckpointError(
                f"`checkpoint` must be resumed by versions that breed the same candidates; in {str(self.path)!r} "
                f"candidate {individual.number} is another one. It was written by {self._versions}; these are "
                f"{_versions_in_words(versions())}. Go on with those versions, or begin another file."
            )
        return record

    def record(self, individual: Individual, record: Record) -> None:
        """Record an individual, at once.

        A process that is killed loses nothing then. If the file cannot be written, a warning says so, once, and the
        search goes on without it.
        """
        if self._failed or os.getpid() != self._pid:
            return
        try:
            if self._sync.failure is not None:
                raise self._sync.failure
            text = json.dumps(record, separators=(",", ":"))
            genes = _genes_as_bytes(individual.genes)
            row = (individual.number, genes, text, _checksum(individual.number, genes, text))
            self._connection.execute("INSERT INTO trials VALUES (?, ?, ?, ?)", row)
        except (sqlite3.Error, OSError) as error:
            self._fail(error)
        else:
            self._sync.request()

    def _fail(self, error: Exception) -> None:
        """Write no more; the statement that failed has been rolled back."""
        self._failed = True
        with contextlib.suppress(sqlite3.Error):
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        warn(
            f"The checkpoint {str(self.path)!r} cannot be written ({error}). The search goes on without it; what it "
            "holds so far can be resumed.",
            RuntimeWarning,
        )

    def close(self) -> None:
        """Make everything durable, leave one file, and let others have it."""
        if os.getpid() != self._pid or self not in _open_journals:
            return
        self._sync.close()
        try:
            if self._sync.failure is not None and not self._failed:
                self._fail(self._sync.failure)
            with contextlib.suppress(sqlite3.Error):
                self._connection.execute("PRAGMA synchronous = FULL")
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            with _files:
                _open_journals.remove(self)
                self._connection.close()
            self._lock.release()


class Memory:
    """What is known of individuals without evaluating them.

    Parameters
    ----------
    journal : Journal or None
        The checkpoint of this search, told of all that happens.
    known : dict of bytes to dict, default={}
        Records of another search with the same evaluations, by genes.
    """

    def __init__(self, journal: Journal | None, known: Mapping[bytes, Record] = MappingProxyType({})) -> None:
        self._journal = journal
        self._known = known

    def recall(self, individual: Individual) -> Record | None:
        """Return the record of an individual; None if it must be evaluated."""
        record = None if self._journal is None else self._journal.recall(individual)
        if record is None and self._known:
            record = self._known.get(_genes_as_bytes(individual.genes))
            if record is not None:
                self.record(individual, {**record, **lineage(individual)})
        return record

    def record(self, individual: Individual, record: Record) -> None:
        """Remember an individual that has been evaluated."""
        if self._journal is not None:
            self._journal.record(individual, record)


_open_journals: list[Journal] = []
"""Those of this process; a forked child keeps its copies here, since closing them would take files from its parent."""

_files = threading.RLock()
"""Held while a database is opened, closed or copied: closing a file gives up the locks that SQLite has on it elsewhere
in the process (https://sqlite.org/howtocorrupt.html, section 2.2)."""


def _after_fork() -> None:
    """Let go, in a forked child, of the locks of its parent; they would outlive it."""
    global _files
    _files = threading.RLock()
    for journal in _open_journals:
        journal._lock.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


class _Synchroniser:
    """A thread that makes the write-ahead log durable, soon after there is something new in it.

    It waits in between, so that it takes no more than its share of the time; but no longer than a second.
    """

    def __init__(self, log: Path) -> None:
        self.failure: OSError | None = None
        self._log = log
        self._wanted = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="geneticsearch-checkpoint", daemon=True)
        self._thread.start()

    def request(self) -> None:
        """Ask for what has been written to be made durable."""
        self._wanted.set()

    def close(self) -> None:
        """End the thread."""
        self._ended.set()
        self._wanted.set()
        self._thread.join()

    def _run(self) -> None:
        new = True
        while self._wanted.wait() and not self._ended.is_set():
            self._wanted.clear()
            started = time.perf_counter()
            try:
                _make_durable(self._log)
                if new:
                    _make_durable(self._log.parent)
                    new = False
            except OSError as error:
                self.failure = error
                return
            self._ended.wait(min(SYNC_SECONDS, (time.perf_counter() - started) / SYNC_SHARE))


def _make_durable(path: Path) -> None:
    """Wait until a file, or the names in a directory, are on the disk."""
    if path.is_dir() and os.name != "posix":
        return
    file = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(file)
    finally:
        os.close(file)


# The format


def _checksum(*parts: Any) -> bytes:
    digest = blake2b(digest_size=8)
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode()
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.digest()


def _create(path: Path, identity: Identity, memory: dict[str, Any]) -> None:
    """Create a checkpoint that holds its header; at any instant there is none, or a complete one."""
    unknown = [name for name, one in identity.items() if not one.certain]
    if unknown:
        warn(
            f"The checkpoint {str(path)!r} cannot be resumed: nothing tells whether {', '.join(unknown)} will be the "
            "same then, since it holds what cannot be compared, such as a lock, a connection or an iterator.",
            RuntimeWarning,
        )
    header = {
        "identity": {name: [one.digest, one.text, one.certain] for name, one in identity.items()},
        "memory": memory,
        "versions": versions(),
    }
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {FORMAT}")
        for statement in SCHEMA.values():
            connection.execute(statement)
        for key, value in header.items():
            text = json.dumps(value, separators=(",", ":"))
            if len(text) > MAX_VALUE:
                raise CheckpointError(f"`checkpoint` cannot hold the {key} of this search: {len(text)} bytes.")
            connection.execute("INSERT INTO header VALUES (?, ?, ?)", (key, text, _checksum(key, text)))
        content = bytearray(connection.serialize())
    finally:
        connection.close()
    content[18:20] = b"\x02\x02"  # in write-ahead mode from the beginning: https://sqlite.org/fileformat2.html
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        file = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
        try:
            with open(file, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(file)
            try:
                os.link(part, path)  # never in the place of another file, as a renaming may be
            except FileExistsError:
                raise
            except OSError:  # a file system without links
                os.rename(part, path)
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(part)
        _make_durable(path.parent)
    except OSError as error:
        raise CheckpointError(
            f"`checkpoint` must be a file that can be created; got {str(path)!r}: {error}."
        ) from error


def _connect(uri: str) -> sqlite3.Connection:
    """Open a database that nobody vouches for."""
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, timeout=60.0)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE + 1024)
    for pragma in ("trusted_schema = OFF", "cell_size_check = ON", "mmap_size = 0"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


@contextlib.contextmanager
def snapshot(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a copy of a checkpoint: the file itself, whatever it is and whoever writes it, is only read."""
    with _files, TemporaryDirectory(prefix="geneticsearch-") as directory:
        uri = f"file:{quote(str(path))}?mode=ro"
        if not any(one._pid == os.getpid() and _is_same(path, one.path) for one in _open_journals):
            copy = Path(directory) / "copy.db"
            _copy(path, copy)
            uri = f"file:{quote(str(copy))}?mode=rw"
        try:
            with contextlib.closing(_connect(uri)) as connection:
                yield connection
        except (sqlite3.Error, UnicodeError) as error:
            raise _damaged(path, str(error)) from error


def _is_same(path: Path, other: Path) -> bool:
    with contextlib.suppress(OSError):
        return os.path.samefile(path, other)
    return False


def _copy(path: Path, copy: Path) -> None:
    """Copy a checkpoint and its log, as they are at one time."""
    if os.path.lexists(f"{path}-journal"):
        raise _damaged(path, f"there is a {path.name}-journal beside it, which geneticsearch never writes")
    index = Path(f"{path}-shm")
    if os.path.lexists(index) and not stat.S_ISREG(os.lstat(index).st_mode):
        raise _damaged(path, f"{index.name} beside it is no regular file")
    log = Path(f"{path}-wal")
    for _ in range(100):
        before = _log_header(log)
        with _open_to_read(path) as source, open(copy, "wb") as target:
            start = source.read(100)
            if start[:16] != b"SQLite format 3\0" or len(start) < 100:
                found = "an empty file" if not start else "a file of another kind"
                raise CheckpointError(
                    f"`checkpoint` must be a file that geneticsearch wrote, or none; {str(path)!r} is {found}. Use "
                    "another name, or remove it."
                )
            if int.from_bytes(start[68:72], "big") != APPLICATION_ID:
                raise CheckpointError(
                    f"`checkpoint` must be a file that geneticsearch wrote, or none; {str(path)!r} is a database of "
                    "another program. Use another name."
                )
            if start[18:20] != b"\x02\x02":
                raise _damaged(path, "it is not in write-ahead mode")
            target.write(start)
            shutil.copyfileobj(source, target)
        if before is not None:
            try:
                with _open_to_read(log) as source, open(f"{copy}-wal", "wb") as target:
                    shutil.copyfileobj(source, target)
            except FileNotFoundError:
                continue
        if _log_header(log) == before:  # a log that begins anew has another header
            return
    raise CheckpointError(f"`checkpoint` must hold still to be read; {str(path)!r} changes all the time. Try again.")


def _log_header(log: Path) -> bytes | None:
    """Return what changes when the log begins anew; None if there is none."""
    try:
        with _open_to_read(log) as file:
            return file.read(32)
    except FileNotFoundError:
        return None


def _open_to_read(path: Path) -> BinaryIO:
    """Open a regular file of a bounded size."""
    if not stat.S_ISREG(os.lstat(path).st_mode):  # before it is opened: a pipe would wait for ever
        raise CheckpointError(f"`checkpoint` must be a regular file; {str(path)!r} is a link, a directory or a device.")
    try:
        descriptor = os.open(
            path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        )
    except FileNotFoundError:
        raise
    except OSError as error:
        raise CheckpointError(f"`checkpoint` must be a file that can be read; got {str(path)!r}: {error}.") from None
    state = os.fstat(descriptor)
    if not stat.S_ISREG(state.st_mode) or state.st_size > MAX_BYTES:
        os.close(descriptor)
        raise CheckpointError(
            f"`checkpoint` must be a regular file of at most {MAX_BYTES} bytes; {str(path)!r} is not."
        )
    return os.fdopen(descriptor, "rb")


def _check(connection: sqlite3.Connection, path: Path) -> dict[str, Any]:
    """Return the header of a sound checkpoint; raise if it is not."""
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
            raise _damaged(path, "it does not say that geneticsearch wrote it")
        if version != FORMAT:
            raise CheckpointError(
                f"`checkpoint` must be of format {FORMAT}; {str(path)!r} is of format {version}. Use the version of "
                "geneticsearch that wrote it, or begin another file."
            )
        tables = connection.execute(
            "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name LIMIT 3"
        ).fetchall()
        if tables != [("table", name, name, statement) for name, statement in sorted(SCHEMA.items())]:
            raise _damaged(path, "it has other tables than a checkpoint")
        (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        if verdict != "ok":
            raise _damaged(path, str(verdict)[:200])
        header = {}
        for key, value, checksum in connection.execute("SELECT key, value, checksum FROM header LIMIT 10"):
            if not isinstance(value, str) or checksum != _checksum(key, value):
                raise _damaged(path, "a checksum of its header is wrong")
            header[key] = _parse(value, path)
        if set(header) != {"identity", "memory", "versions"} or not all(isinstance(v, dict) for v in header.values()):
            raise _damaged(path, "its header is not complete")
        for row in connection.execute("SELECT number, genes, record, checksum FROM trials"):
            _check_trial(row, path)
    except (sqlite3.Error, UnicodeError) as error:
        raise _damaged(path, str(error)) from error
    return header


def _identity_of(header: dict[str, Any], path: Path) -> Identity:
    try:
        return {
            name: Fingerprint(str(digest), str(text), certain is True)
            for name, (digest, text, certain) in header["identity"].items()
        }
    except (TypeError, ValueError):
        raise _damaged(path, "its header cannot be read") from None


def _check_trial(row: tuple[Any, ...], path: Path) -> None:
    number, genes, text, checksum = row
    if not isinstance(genes, bytes) or not isinstance(text, str) or checksum != _checksum(number, genes, text):
        raise _damaged(path, f"the checksum of candidate {number} is wrong")


def _read_trial(row: tuple[Any, ...], path: Path) -> Record:
    """Return the record of a row."""
    _check_trial(row, path)
    record = _parse(row[2], path)
    if not isinstance(record, dict) or not isinstance(record.get("results"), list):
        raise _damaged(path, f"the record of candidate {row[0]} is none")
    return record


def _parse(text: str, path: Path) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise _damaged(path, "it holds what is no JSON") from None


class Stored:
    """A checkpoint as it is now, read once.

    Attributes
    ----------
    identity : Identity
        The search that it belongs to.
    memory : dict
        What it remembers besides.
    versions : dict
        Of the packages that created it, by name.
    trials : list of (ndarray, dict)
        Genes and record of each individual, in the order of asking.
    """

    def __init__(self, path: Any) -> None:
        where = Path(os.path.abspath(os.fspath(path)))
        if not os.path.lexists(where):
            raise FileNotFoundError(f"there is no checkpoint {str(where)!r}.")
        with snapshot(where) as connection:
            header = _check(connection, where)
            self.identity = _identity_of(header, where)
            self.memory: dict[str, Any] = header["memory"]
            self.versions: dict[str, Any] = header["versions"]
            self.trials = [
                (row[0], np.frombuffer(row[1], dtype="<f8"), _read_trial(row, where))
                for row in connection.execute("SELECT number, genes, record, checksum FROM trials ORDER BY number")
                if len(row[1]) % 8 == 0
            ]
        self.path = where


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
        ``origin``, ``parents``, ``params`` (what is no number, text, list or dict as a text), ``score`` (NaN if it
        failed), ``error`` (None, or why it failed), ``scores`` (of each evaluation: a number, or a dict of them for
        several metrics), ``start`` (of the evaluation, in seconds since 1970) and ``duration`` (in seconds).

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
    trials = as_trials(Stored(path))
    if not as_frame:
        return trials
    try:
        import pandas as pd
    except ImportError:
        raise ImportError('`as_frame=True` needs pandas: pip install "geneticsearch[pandas]"') from None
    rows = [{**trial, **{f"param_{name}": value for name, value in trial["params"].items()}} for trial in trials]
    return pd.DataFrame(rows)


def as_trials(stored: Stored) -> list[dict[str, Any]]:
    """Return what `load_history` shows of a checkpoint."""
    trials = []
    for number, _, record in stored.trials:
        try:
            trials.append(_as_trial(number, record))
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            raise _damaged(stored.path, f"the record of candidate {number} cannot be read") from None
    return trials


def _as_trial(number: int, record: Record) -> dict[str, Any]:
    """Return what `load_history` shows of a record."""
    errors = [result["error"] for result in record["results"] if result.get("error") is not None]
    return {
        "number": number,
        "generation": int(record["generation"]),
        "species": str(record["species"]),
        "origin": str(record["origin"]),
        "parents": tuple(int(parent) for parent in record["parents"]),
        "params": dict(record["params"]),
        "score": float(record["score"]),
        "error": str(errors[0]) if errors else None,
        "scores": _as_numbers([result["scores"] for result in record["results"]]),
        "start": float(record["start"]),
        "duration": float(record["duration"]),
    }


def _as_numbers(scores: list[Any]) -> list[Any]:
    """Return scores of several evaluations: numbers, or dicts of numbers with the same names."""
    if not any(isinstance(one, dict) for one in scores):
        return [float(one) for one in scores]
    return [{name: float(one[name]) for name in scores[0]} for one in scores]
