"""The snapshot on disk: what every call is routed by, still there when the database is not (decisions 23 and 24)."""

from __future__ import annotations

import fcntl
import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from records.files.folder import sync_folder
from routing.snapshot import Snapshot, from_json, to_json

KEPT = 10
"""How many older copies stay on disk."""

log = logging.getLogger(__name__)

Stamp = tuple[int, int, int]


class SnapshotFile:
    """`snapshot.json` under one folder, written under a lock, read again when it changes; `problem` names a damage."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "snapshot.json"
        self.copies = folder / "snapshots"
        self.problem: str | None = None
        self._lock_path = folder / "snapshot.lock"
        self._good: Snapshot | None = None
        self._seen: Stamp | None = None
        self._held = threading.RLock()
        self._depth = 0

    def current(self) -> Snapshot | None:
        """The last good snapshot, None when there never was one; costs one `stat` when nothing has changed."""
        stamp = _stamp(self.path)
        if stamp != self._seen or (stamp is None and self._good is None):
            self._read(stamp)
        return self._good

    def write(self, snapshot: Snapshot) -> None:
        """Put `snapshot` in service for every process of this machine; raises OSError when the disk refuses."""
        text = to_json(snapshot).encode()
        with self.locked():
            self._keep_copy(text)
            _replace(self.path, text)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock of all who publish on this machine; entering twice is fine."""
        with self._held:
            self._lock_path.parent.mkdir(parents=True, exist_ok=True)
            with self._lock_path.open("a") as file:
                if not self._depth:
                    fcntl.flock(file, fcntl.LOCK_EX)
                self._depth += 1
                try:
                    yield
                finally:
                    self._depth -= 1

    def forget_copies(self, before: datetime) -> None:
        """Delete the copies of before then; the newest stays, which is what serves should the file be damaged."""
        with self.locked():
            for path in sorted(self.copies.glob("*.json"))[:-1]:
                if path.stat().st_mtime < before.timestamp():
                    path.unlink()

    def _read(self, stamp: Stamp | None) -> None:
        good, self.problem = _load(self.path)
        if good is None and self._good is None:
            good = self._newest_good_copy()
        if self.problem and stamp is not None:
            log.critical("Annuaire en service illisible, le dernier bon continue : %s", self.problem)
        self._good, self._seen = good or self._good, stamp

    def _newest_good_copy(self) -> Snapshot | None:
        copies = sorted(self.copies.glob("*.json"), reverse=True)
        return next((good for good, _ in map(_load, copies) if good is not None), None)

    def _keep_copy(self, text: bytes) -> None:
        self.copies.mkdir(parents=True, exist_ok=True)
        numbers = sorted(int(path.stem) for path in self.copies.glob("*.json") if path.stem.isdigit())
        _replace(self.copies / f"{(numbers[-1] if numbers else 0) + 1:012d}.json", text)
        for number in numbers[: max(0, len(numbers) + 1 - KEPT)]:
            (self.copies / f"{number:012d}.json").unlink(missing_ok=True)


def _stamp(path: Path) -> Stamp | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - on the way of every call: the plain call is the quickest
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_ino, found.st_size)


def _load(path: Path) -> tuple[Snapshot | None, str | None]:
    """The snapshot in `path`, or None and what is wrong with it."""
    try:
        return from_json(path.read_bytes().decode()), None
    except (OSError, ValueError) as error:
        return None, f"{path.name} : {error}"


def _replace(path: Path, text: bytes) -> None:
    """Put `text` in `path` so that a reader, or a power cut, finds the old file or the new one, whole."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with fresh.open("wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    sync_folder(path.parent)
