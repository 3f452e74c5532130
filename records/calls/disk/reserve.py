"""The reserve: the next journal files, made ready full of zeros while there is room on the disk.

The clerk alone makes them (where it is older than this, there are none, and files grow). A worker takes one by giving
it the name of its file: on a disk that has become full, this is the room that its next calls are written in.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path

from records.calls.disk.file import sync_folder

RESERVES = 2
"""Files kept ready on a machine."""

RESERVE_SIZE = 8 * 1024 * 1024
"""Bytes of each: the lines of some fifteen hundred calls."""

MARGIN = 64 * 1024 * 1024
"""Bytes left to everybody else of the disk: it is never filled to its end on purpose."""

SUFFIX = ".reserve"
_PIECE = bytes(1024 * 1024)


def reserves(folder: Path) -> list[Path]:
    """The files that are ready."""
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == SUFFIX)
    except OSError:
        return []


def keep_reserve(folder: Path, *, size: int = RESERVE_SIZE, count: int = RESERVES) -> bool:
    """Make the next missing file, if any; False when there is no room. One process of a machine does, others wait."""
    missing = [path for number in range(1, count + 1) if not (path := folder / f"{number}{SUFFIX}").exists()]
    if not missing:
        return True
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if _free(folder) < size + MARGIN:
            return False
        with (folder / "reserve.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _make(missing[0], size)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return True


def _free(folder: Path) -> int:
    """Bytes that we may still write there."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def _make(path: Path, size: int) -> None:
    """Zeros on the disk, then the name: nobody sees half a file."""
    fresh = path.with_suffix(".making")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        left = size
        while left > 0:
            left -= os.write(descriptor, _PIECE[:left])
        os.fsync(descriptor)
        fresh.rename(path)
        sync_folder(path.parent)
    except OSError:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)
