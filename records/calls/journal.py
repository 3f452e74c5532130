"""The journal: facts on the local disk before anybody is answered (docs/architecture.md#idea-2).

A line is `crc32 json`, in ASCII; all the lines of a webhook go in one write and are synced before `append` returns. A
worker has a file of its own, named after the moment of its creation, and holds a shared lock on it as long as it may
still write there: whoever gets the exclusive lock knows that nothing more will come.
"""

from __future__ import annotations

import fcntl
import logging
import os
import re
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from records.calls.lines import encode
from records.facts import Fact

ROTATE_AT = 64 * 1024 * 1024
"""Bytes after which a worker begins a new file."""

SUFFIX = ".journal"

log = logging.getLogger(__name__)


class Disk:
    """The three things a journal asks of the disk; each raises OSError."""

    def create(self, path: Path) -> int:
        """The descriptor of a new file, for appending, that its owner alone may read."""
        return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)

    def write(self, descriptor: int, lines: bytes) -> int:
        """How many bytes were written."""
        return os.write(descriptor, lines)

    def sync(self, descriptor: int) -> None:
        """Wait until what was written would survive a power cut."""
        os.fdatasync(descriptor)


class Journal:
    """One worker's journal under `folder`; `failures` counts the appends that the disk refused.

    To be opened after the worker has forked; several threads may append.
    """

    def __init__(self, folder: Path, worker_name: str, *, rotate_at: int = ROTATE_AT, disk: Disk | None = None) -> None:
        """`worker_name` tells this process from every other one that writes into the same folder."""
        self.folder = folder
        self.failures = 0
        self._worker = re.sub(r"[^A-Za-z0-9_.-]", "-", worker_name)[:100] or "worker"
        self._rotate_at = rotate_at
        self._disk = disk or Disk()
        self._lock = threading.Lock()
        self._file: _File | None = None

    def append(self, facts: Sequence[Fact]) -> bool:
        """Whether the facts are on the disk; never raises. After an error the same lines go to a new file, once."""
        lines = b"".join(encode(fact) for fact in facts)
        if not lines:
            return True
        return self._write(lines) or self._write(lines) or self._give_up()

    def close(self) -> None:
        """Let go of the file; the next append begins another one."""
        with self._lock:
            self._leave()

    def _write(self, lines: bytes) -> bool:
        """Whether the lines were written and synced; a file that refused once is never used again."""
        try:
            file, end = self._put(lines)
            file.sync(end)
        except OSError as error:
            log.warning("the journal met %s, a new file is begun", error.__class__.__name__)
            with self._lock:
                self._leave_broken()
            return False
        if file.size >= self._rotate_at:
            with self._lock:
                self._leave(file)
        return True

    def _put(self, lines: bytes) -> tuple[_File, int]:
        """The lines in the file of the moment, and where they end there; one writer at a time."""
        with self._lock:
            self._leave_broken()
            file = self._file = self._file or _File(self._new_path(), self._disk)
            return file, file.write(lines)

    def _new_path(self) -> Path:
        return self.folder / f"{time.time_ns():020d}-{self._worker}{SUFFIX}"

    def _leave_broken(self) -> None:
        if self._file is not None and self._file.is_broken:
            self._leave()

    def _leave(self, file: _File | None = None) -> None:
        """Let go of the file, unless another one than `file` has taken its place."""
        if self._file is not None and file in {None, self._file}:
            self._file.close()
            self._file = None

    def _give_up(self) -> bool:
        with self._lock:
            self.failures += 1
        log.critical("the journal cannot be written: a fact is lost unless the operator's log brings it back")
        return False


class _File:
    """One journal file, open for appending and locked as being written.

    What several threads wrote meanwhile is synced at once: who waits for the disk next finds it already done.
    """

    def __init__(self, path: Path, disk: Disk) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path = path
        self.size = 0
        self.is_broken = False
        self._synced = 0
        self._syncing = threading.Lock()
        self._disk = disk
        self._descriptor = disk.create(path)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            sync_folder(path.parent)
        except OSError:
            self.close()
            raise

    def write(self, lines: bytes) -> int:
        """Where the lines end, written at once; after an error nothing may follow them in this file."""
        try:
            written = self._disk.write(self._descriptor, lines)
        except OSError:
            self.is_broken = True
            raise
        if written != len(lines):
            self.is_broken = True
            raise OSError(f"{written} bytes of {len(lines)} were written")
        self.size += written
        return self.size

    def sync(self, end: int) -> None:
        """Return once all up to `end` is surely on the disk; OSError when it is not, or the file was left meanwhile."""
        with self._syncing:
            if self._synced >= end:
                return
            if self.is_broken:
                raise OSError("the file was left")
            reached = self.size
            try:
                self._disk.sync(self._descriptor)
            except OSError:
                self.is_broken = True
                raise
            self._synced = reached

    def close(self) -> None:
        """Close the file, and remove it when nothing was ever acknowledged from it."""
        with self._syncing:
            self.is_broken = True
            try:
                if not self._synced:
                    self.path.unlink(missing_ok=True)
                os.close(self._descriptor)
            except OSError as error:
                log.warning("a journal file could not be closed: %s", error.__class__.__name__)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def is_left(path: Path) -> bool:
    """Whether no process can still write into a journal file (False when that cannot be told)."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def journal_files(folder: Path) -> list[Path]:
    """The journal files, the oldest first; none when the folder is not there."""
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == SUFFIX)
    except FileNotFoundError:
        return []
