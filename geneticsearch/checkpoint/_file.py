"""The file of a checkpoint: an SQLite database that nobody vouches for.

It is in SQLite's plain mode, with a rollback journal: beside it there is another file only while a record is written,
and after a crash in the middle of that. https://sqlite.org/lockingv3.html and https://sqlite.org/fileformat2.html tell
what is relied on here.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import sqlite3
import stat
import threading
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO
from urllib.parse import quote

from geneticsearch.checkpoint._record import CheckpointError

APPLICATION_ID = 0x67656E65  # "gene"

FORMAT = 1

MAX_BYTES = 1 << 30
"""Size of a checkpoint; a larger file is refused, and no larger one is written."""

MAX_VALUE = 1 << 26
"""Size of one value in it."""

SECONDS_TO_WAIT = 60.0
"""For others that have the file: readers take milliseconds."""

SCHEMA = {
    "header": "CREATE TABLE header (header TEXT NOT NULL, checksum BLOB NOT NULL)",
    "trials": (
        "CREATE TABLE trials (number INTEGER PRIMARY KEY, genes BLOB NOT NULL, record TEXT NOT NULL, "
        "checksum BLOB NOT NULL)"
    ),
}

Row = tuple[int, bytes, str]
"""Number, genes and record of a candidate."""

_opened: dict[sqlite3.Connection, Path] = {}
"""Files that this process has open for writing. It must not open them any other way: closing a file gives up the locks
that SQLite has on it elsewhere in the process (https://sqlite.org/howtocorrupt.html, section 2.2). A forked child keeps
its copies here for the same reason."""

_opening = threading.RLock()
"""Held while a file is opened for writing, or opened and closed without SQLite."""


def damaged(path: Path, reason: str) -> CheckpointError:
    """Return the error for a file that is not as it was written."""
    return CheckpointError(
        f"`checkpoint` must be as geneticsearch wrote it; {str(path)!r} is damaged, and is left as it is: {reason}. "
        "Begin another file."
    )


def create(path: Path, header: str) -> None:
    """Create a file that holds its header; at any instant there is none, or a complete one."""
    if len(header) > MAX_VALUE:
        raise CheckpointError(f"`checkpoint` cannot hold the header of this search: {len(header)} bytes.")
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {FORMAT}")
        for statement in SCHEMA.values():
            connection.execute(statement)
        connection.execute("INSERT INTO header VALUES (?, ?)", (header, _checksum(header)))
        content = connection.serialize()
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
        _sync_directory(path.parent)
    except OSError as error:
        raise CheckpointError(
            f"`checkpoint` must be a file that can be created; got {str(path)!r}: {error}."
        ) from error


def _sync_directory(path: Path) -> None:
    """Wait until the names in a directory are on the disk."""
    if os.name == "posix":
        file = os.open(path, os.O_RDONLY)
        try:
            os.fsync(file)
        finally:
            os.close(file)


def read(path: Path) -> tuple[str, list[Row]]:
    """Return the header and the rows of a sound file, which is only read."""
    try:
        with contextlib.closing(_connect(path, "ro")) as connection:
            return _checked(connection, path)
    except sqlite3.OperationalError as error:
        # Errors of the module itself, such as that a text is not UTF-8, have no code.
        if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_READONLY_ROLLBACK:
            raise damaged(path, str(error)) from error
    except (sqlite3.Error, UnicodeError) as error:
        raise damaged(path, str(error)) from error
    # A process was killed while it wrote a record. A copy is read, from which SQLite takes back what is not complete.
    with TemporaryDirectory(prefix="geneticsearch-") as directory:
        copy = Path(directory) / "copy.db"
        shutil.copyfile(path, copy)
        with contextlib.suppress(FileNotFoundError):
            shutil.copyfile(f"{path}-journal", f"{copy}-journal")
        try:
            with contextlib.closing(_connect(copy, "rw")) as connection:
                return _checked(connection, path)
        except (sqlite3.Error, UnicodeError) as error:
            raise damaged(path, str(error)) from error


def open_to_append(path: Path) -> sqlite3.Connection:
    """Open a file that was found to be sound."""
    with _opening:
        connection = _connect(path, "rw")
        _opened[connection] = path
    try:
        page_size = connection.execute("PRAGMA page_size").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {MAX_BYTES // page_size}")
        connection.execute("BEGIN IMMEDIATE")  # shows whether it can be written
        connection.execute("ROLLBACK")
    except BaseException as error:
        close(connection)
        if isinstance(error, sqlite3.Error):
            raise CheckpointError(f"`checkpoint` must be a file that can be written: {path}: {error}") from error
        raise
    return connection


def close(connection: sqlite3.Connection) -> None:
    """Close a file that `open_to_append` opened."""
    with _opening:
        _opened.pop(connection, None)
        connection.close()


def write(connection: sqlite3.Connection, row: Row, durable: bool) -> None:
    """Write a row, in the place of an older one of the same number.

    A process that is killed loses nothing then. If it is to be durable, neither does a computer that loses power; that
    takes some 20 ms rather than 0.1.
    """
    connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'OFF'}")
    connection.execute("INSERT OR REPLACE INTO trials VALUES (?, ?, ?, ?)", (*row, _checksum(*row)))


def delete(connection: sqlite3.Connection, numbers: list[int]) -> None:
    """Delete rows."""
    connection.execute("BEGIN")
    connection.executemany("DELETE FROM trials WHERE number = ?", [(number,) for number in numbers])
    connection.execute("COMMIT")


def make_durable(connection: sqlite3.Connection) -> None:
    """Wait until all that was written is on the disk."""
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA user_version = {FORMAT}")  # nothing new, but written


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    """Open a file that seems to be a checkpoint."""
    if not any(_is_same(path, other) for other in _opened.values()):
        _check_files(path)
    connection = sqlite3.connect(
        f"file:{quote(str(path))}?mode={mode}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        timeout=SECONDS_TO_WAIT,
    )
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE + 1024)
    for pragma in ("trusted_schema = OFF", "cell_size_check = ON", "mmap_size = 0"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _is_same(path: Path, other: Path) -> bool:
    with contextlib.suppress(OSError):
        return os.path.samefile(path, other)
    return False


def _check_files(path: Path) -> None:
    """Raise unless the file seems to be a checkpoint, and nothing beside it could count as a part of it."""
    with _opening, _open_to_read(path) as file:
        start = file.read(100)
    if start[:16] != b"SQLite format 3\0" or len(start) < 100:
        found = "an empty file" if not start else "a file of another kind"
        raise CheckpointError(
            f"`checkpoint` must be a file that geneticsearch wrote, or none; {str(path)!r} is {found}. Use another "
            "name, or remove it."
        )
    if int.from_bytes(start[68:72], "big") != APPLICATION_ID:
        raise CheckpointError(
            f"`checkpoint` must be a file that geneticsearch wrote, or none; {str(path)!r} is a database of another "
            "program. Use another name."
        )
    if start[18:20] != b"\x01\x01" or os.path.lexists(f"{path}-wal"):
        raise damaged(path, "it has, or says that it has, a write-ahead log, which geneticsearch never writes")
    with contextlib.suppress(FileNotFoundError), _open_to_read(Path(f"{path}-journal")) as file:
        end = file.seek(0, os.SEEK_END)
        file.seek(max(0, end - 8))
        if file.read() == b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7":  # SQLite would delete the file that such a journal names
            raise damaged(path, f"{path.name}-journal is of a transaction over several databases")


def _open_to_read(path: Path) -> BinaryIO:
    """Open a regular file of a bounded size."""
    if not stat.S_ISREG(os.lstat(path).st_mode):  # before it is opened: a pipe would wait for ever
        raise CheckpointError(f"`checkpoint` must be a regular file; {str(path)!r} is a link, a directory or a device.")
    flags = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"))
    try:
        descriptor = os.open(path, flags)
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


def _checked(connection: sqlite3.Connection, path: Path) -> tuple[str, list[Row]]:
    """Return the header and the rows, or raise if anything is not as it was written."""
    connection.execute("BEGIN")  # one state of the file
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version != FORMAT:
        raise CheckpointError(
            f"`checkpoint` must be of format {FORMAT}; {str(path)!r} is of format {version}. Use the version of "
            "geneticsearch that wrote it, or begin another file."
        )
    tables = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name LIMIT 3").fetchall()
    if tables != [("table", name, name, statement) for name, statement in sorted(SCHEMA.items())]:
        raise damaged(path, "it has other tables than a checkpoint")
    (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if verdict != "ok":
        raise damaged(path, str(verdict)[:200])
    headers = connection.execute("SELECT header, checksum FROM header LIMIT 2").fetchall()
    if len(headers) != 1 or not isinstance(headers[0][0], str) or headers[0][1] != _checksum(headers[0][0]):
        raise damaged(path, "the checksum of its header is wrong")
    rows = connection.execute("SELECT number, genes, record, checksum FROM trials ORDER BY number").fetchall()
    for number, genes, text, checksum in rows:
        is_sound = isinstance(genes, bytes) and len(genes) % 8 == 0 and isinstance(text, str)
        if not is_sound or checksum != _checksum(number, genes, text):
            raise damaged(path, f"the checksum of candidate {number} is wrong")
    return headers[0][0], [row[:3] for row in rows]


def _checksum(*parts: Any) -> bytes:
    digest = blake2b(digest_size=8)
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode()
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.digest()


def _after_fork() -> None:
    global _opening
    _opening = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
