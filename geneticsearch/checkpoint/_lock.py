"""The right to write a checkpoint."""

from __future__ import annotations

import contextlib
import os
import socket
import stat
import sys
import time
from pathlib import Path

from geneticsearch.checkpoint._record import CheckpointError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


class _WriterLock:
    """The right to write: a lock of the operating system on a file beside the checkpoint, which ends with its holder.

    The file also says who the holder is. Not the checkpoint itself is locked, because systems differ in how that goes
    together with the locks of SQLite.
    """

    def __init__(self, path: Path) -> None:
        self._path = Path(f"{path}-lock")
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
        while True:
            try:
                self._file = os.open(self._path, flags, 0o666)
            except OSError as error:
                raise CheckpointError(
                    f"`checkpoint` must be in a directory that can be written; got {str(path)!r}: {error}."
                ) from None
            holder = os.read(self._file, 500) if stat.S_ISREG(os.fstat(self._file).st_mode) else b"?"
            if holder and not holder.startswith(b"process "):
                os.close(self._file)
                raise CheckpointError(
                    f"`checkpoint` must be written by one search at a time, which {path.name}-lock tells; "
                    f"{str(self._path)!r} is not what geneticsearch wrote. Remove it, or use another name."
                )
            try:
                _lock(self._file)
            except OSError:
                os.close(self._file)
                who = holder.decode("utf-8", "replace") or "a process that has just begun"
                raise CheckpointError(
                    f"`checkpoint` must be written by one search at a time; {str(path)!r} is held by {who}. Wait for "
                    "its end, or use another file."
                ) from None
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(self._file), os.stat(self._path)):
                    break
            os.close(self._file)  # its last holder has removed it in the meantime
        since = time.strftime("%Y-%m-%d %H:%M:%S")
        os.ftruncate(self._file, 0)
        os.lseek(self._file, 0, os.SEEK_SET)
        os.write(self._file, f"process {os.getpid()} on {socket.gethostname()} since {since}".encode())
        _held.append(self)

    def release(self) -> None:
        """Let others have it."""
        _held.remove(self)
        if os.name == "posix":
            with contextlib.suppress(OSError):
                os.unlink(self._path)
            os.close(self._file)
        else:
            os.close(self._file)
            with contextlib.suppress(OSError):
                os.unlink(self._path)

    def forget(self) -> None:
        """Close a child's copy."""
        with contextlib.suppress(OSError):
            os.close(self._file)


_held: list[_WriterLock] = []


def is_held(path: Path) -> bool:
    """Return whether a search writes a checkpoint, as far as can be told: its process may be on another machine."""
    try:
        words = Path(f"{path}-lock").read_text(encoding="utf-8", errors="replace").split()
    except FileNotFoundError:
        return False
    is_here = len(words) > 3 and words[3] == socket.gethostname()
    if os.name != "posix" or not is_here or not words[1].isdecimal():
        return True
    try:
        os.kill(int(words[1]), 0)  # asks whether it lives
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _after_fork() -> None:
    """Let go, in a forked child, of the locks of its parent; they would outlive it."""
    for lock in _held:
        lock.forget()
    _held.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def _lock(file: int) -> None:
    """Lock an open file, or raise an `OSError` if another has locked it."""
    if sys.platform == "win32":
        os.lseek(file, 1 << 30, os.SEEK_SET)  # where nothing is read
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        os.lseek(file, 0, os.SEEK_SET)
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
