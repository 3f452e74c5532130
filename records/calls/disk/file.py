"""One journal file, held open by its writer, which looks after each sync whether it is still there and whole.

A file that was taken from the reserve is full of zeros beyond its lines: zero bytes are not written yet. So a sync
moves no metadata, and a disk that has become full refuses nothing until the file is full too.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import threading
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

SUFFIX = ".journal"

log = logging.getLogger(__name__)


class Loss(StrEnum):
    """What somebody else did to a journal file under its writer, or to one that the clerk was reading."""

    UNLINKED = "unlinked"
    REPLACED = "replaced"
    TRUNCATED = "truncated"


class FileLostError(OSError):
    """What was acknowledged is no longer where the clerk reads it."""

    def __init__(self, loss: Loss) -> None:
        super().__init__(f"the file was {loss}")
        self.loss = loss


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


class JournalFile:
    """One journal file, open for writing and locked as being written.

    What several threads hand in meanwhile is written and synced at once, by the first of them whom nobody serves; each
    of the others wakes when his own lines are on the disk, or as the next to write. `kept` is all that was handed in,
    to be written again elsewhere should the file be lost.
    """

    def __init__(self, path: Path, descriptor: int, disk: Disk, *, room: int = 0) -> None:
        """`room` is how many bytes are ready, full of zeros, from the beginning of the file."""
        self.path = path
        self.size = 0
        self.room = room
        self.kept = bytearray()
        self.lost: Loss | None = None
        self.is_broken = False
        self._fault = OSError("the file was left")
        self._owed = b""
        self._owed_until = 0
        self._written = 0
        self._synced = 0
        self._turn = threading.Condition(threading.Lock())
        self._pending: list[bytes] = []
        self._waiting: list[tuple[int, threading.Lock]] = []
        self._is_syncing = False
        self._disk = disk
        self._descriptor = descriptor
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            sync_folder(path.parent)
        except OSError:
            self.close()
            raise

    @classmethod
    def create(cls, path: Path, disk: Disk) -> JournalFile:
        """A new file, that grows with its lines."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return cls(path, disk.create(path), disk)

    @classmethod
    def take(cls, reserve: Path, path: Path, disk: Disk) -> JournalFile:
        """The file that a reserve becomes; OSError when another process takes it first."""
        descriptor = os.open(reserve, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            reserve.rename(path)
            if not os.path.samestat(os.fstat(descriptor), path.stat()):  # another took it, and a new one was made
                path.unlink()
                raise FileLostError(Loss.REPLACED)
        except OSError:
            os.close(descriptor)
            raise
        return cls(path, descriptor, disk, room=os.fstat(descriptor).st_size)

    def fits(self, lines: bytes) -> bool:
        """Whether the lines stay within what is ready; a file that grows takes all, an empty one too."""
        return not self.room or not self.size or self.size + len(lines) <= self.room

    def hand_in(self, lines: bytes) -> int:
        """Where the lines will end, to be synced up to; OSError when nothing may follow in this file."""
        with self._turn:
            self.kept += lines
            if self.is_broken:
                raise self._left()
            self._pending.append(lines)
            self.size += len(lines)
            return self.size

    def pay(self, owed: bytes) -> None:
        """Hand in what is owed from other files; until it is synced, it stays owed."""
        self._owed += owed
        self._owed_until = self.size + len(owed)
        self.hand_in(owed)

    @property
    def owed(self) -> bytes:
        """What was to be paid here and is not surely on the disk."""
        return self._owed if self._synced < self._owed_until else b""

    def sync(self, end: int) -> None:
        """Return once all up to `end` is surely on the disk; OSError when it is not, or the file was left meanwhile."""
        turn = self._wait_behind(end)
        if turn is not None:
            turn.acquire()  # released by whoever has written up to `end`, or has failed, or leaves the writing to us
        if self._synced >= end:
            return
        if turn is not None and self.is_broken:
            raise self._left()
        self._write_all()

    def _wait_behind(self, end: int) -> threading.Lock | None:
        """None when the lines are there already or this thread is to write; else what is released in its turn."""
        with self._turn:
            if self._synced >= end:
                return None
            if not self._is_syncing:
                self._is_syncing = True
                return None
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append((end, turn))
            return turn

    def _write_all(self) -> None:
        """Write and sync what all have handed in so far; raises OSError when that fails, for all of them."""
        error: OSError | None = OSError("the sync was interrupted")
        with self._turn:
            lines, reached = b"".join(self._pending), self.size
            self._pending.clear()
        try:
            error = self._left() if self.is_broken else self._sync(lines, reached)
        finally:
            self._has_synced(reached, error)
        if error is not None:
            raise error

    def _has_synced(self, reached: int, error: OSError | None) -> None:
        """Wake whom this concerns: those whose lines are there and the next to write, or after a fault all."""
        with self._turn:
            if error is None:
                self._synced = reached
                served = [turn for end, turn in self._waiting if end <= reached]
                later = [(end, turn) for end, turn in self._waiting if end > reached]
            else:
                self.lost = error.loss if isinstance(error, FileLostError) else self.lost
                self.is_broken, self._fault = True, error
                served, later = [turn for _, turn in self._waiting], []
            self._is_syncing = bool(later)
            self._waiting = later[1:]
            if not later:
                self._turn.notify_all()
        for turn in served + [turn for _, turn in later[:1]]:
            turn.release()

    def _left(self) -> OSError:
        """For a thread whose lines went down with another one's: what the disk said to that one."""
        return OSError(self._fault.errno, "the file was left")

    def _sync(self, lines: bytes, reached: int) -> OSError | None:
        try:
            if lines:
                written = self._disk.write(self._descriptor, lines)
                if written != len(lines):
                    return OSError(f"{written} bytes of {len(lines)} were written")
                self._written += written
            self._disk.sync(self._descriptor)
            self._look(reached)
        except OSError as error:
            return error
        return None

    @property
    def was_synced(self) -> bool:
        """Whether anything was ever acknowledged from it."""
        return self._synced > 0

    def loss(self) -> Loss | None:
        """What became of the file, None while it stands at its path with all that was acknowledged."""
        try:
            self._look(self._synced)
        except FileLostError as lost:
            return lost.loss
        except OSError:
            pass
        return self.lost

    def _look(self, reached: int) -> None:
        mine = os.fstat(self._descriptor)
        try:
            found = self.path.stat()
        except (FileNotFoundError, NotADirectoryError) as error:
            raise FileLostError(Loss.UNLINKED) from error
        if (found.st_ino, found.st_dev) != (mine.st_ino, mine.st_dev):
            raise FileLostError(Loss.REPLACED)
        if mine.st_size < max(reached, self.room):
            raise FileLostError(Loss.TRUNCATED)

    def close(self) -> None:
        """Close the file: what is ready beyond its lines is given back, and one without an acknowledged line goes."""
        with self._turn:
            while self._is_syncing:
                self._turn.wait()
            is_there = self.loss() is None
            self.is_broken = True
            try:
                if is_there and not self._synced:
                    self.path.unlink(missing_ok=True)
                elif is_there and self.room:
                    os.ftruncate(self._descriptor, self._written)
            except OSError as error:
                log.warning("a journal file could not be tidied: %s", error.__class__.__name__)
            with contextlib.suppress(OSError):
                os.close(self._descriptor)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def held(path: Path, *, writes: bool = False) -> Iterator[int | None]:
    """A descriptor of a file that no process can write into meanwhile; None when one may, or that cannot be told."""
    try:
        descriptor = os.open(path, (os.O_RDWR if writes else os.O_RDONLY) | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        yield None
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        yield None
        return
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def is_left(path: Path) -> bool:
    """Whether no process can still write into a journal file (False when that cannot be told)."""
    with held(path) as descriptor:
        return descriptor is not None


def journal_files(folder: Path) -> list[Path]:
    """The journal files, the oldest first; none when the folder is not there."""
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == SUFFIX)
    except FileNotFoundError:
        return []
