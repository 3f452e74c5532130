"""The journal: facts on the local disk before anybody is answered (docs/architecture.md#idea-2).

A line is `crc32 json`, in ASCII; all the lines of a webhook go in one write and are synced before `append` returns. A
worker has a file of its own, named after the moment of its creation, and holds a shared lock on it as long as it may
still write there: whoever gets the exclusive lock knows that nothing more will come. A file is left for a new one when
its day (UTC) is over, when it is large, and when somebody took it away: then all that it held goes into the new one.
"""

from __future__ import annotations

import errno
import logging
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from records.calls.disk.file import SUFFIX, Disk, FileLostError, JournalFile, is_left, journal_files
from records.calls.disk.reserve import RESERVE_SIZE, reserves
from records.calls.lines import encode
from records.facts import Fact

__all__ = ["Disk", "Journal", "is_left", "journal_files"]

ROTATE_AT = RESERVE_SIZE
"""Bytes after which a worker begins a new file: it keeps as much in memory, in case its file is taken away."""

MOST_OWED = 4 * ROTATE_AT
"""Bytes that wait in memory for a disk that takes nothing; beyond, the oldest are dropped, and counted."""

DAY = 24 * 3600 * 10**9
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

log = logging.getLogger(__name__)


class Journal:
    """One worker's journal under `folder`; `failures` counts the appends that the disk refused.

    To be opened after the worker has forked; several threads may append. `told` counts, under its own words, what went
    wrong: each `Loss`, appends `refused`, appends `healed` on a full disk, bytes `rewritten` and `dropped`.
    """

    def __init__(
        self,
        folder: Path,
        worker_name: str,
        *,
        rotate_at: int = ROTATE_AT,
        disk: Disk | None = None,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        """`worker_name` tells this process from every other one that writes into the same folder; `clock` tells ns."""
        self.folder = folder
        self.failures = 0
        self.told: Counter[str] = Counter()
        self._worker = re.sub(r"[^A-Za-z0-9_.-]", "-", worker_name)[:100] or "worker"
        self._rotate_at = rotate_at
        self._disk = disk or Disk()
        self._clock = clock
        self._lock = threading.Lock()
        self._file: JournalFile | None = None
        self._day = 0
        self._owed = b""

    def append(self, facts: Sequence[Fact]) -> bool:
        """Whether the facts are on the disk; never raises. After an error the same lines go to a new file, once.

        A full disk refuses a third time: the room that the second try took from the reserve is given back before.
        """
        lines = b"".join(map(encode, facts))
        if not lines:
            return True
        tries, is_full = 2, False
        while tries:
            error = self._write(lines)
            if error is None:
                self._count("healed", int(is_full))
                return True
            tries -= 1
            if error.errno in FULL and not is_full:
                is_full, tries = True, 2
        return self._give_up(lines)

    def look_after(self) -> None:
        """While nobody calls: leave a file whose day is over, and bring a lost file and what is owed to a new one."""
        try:
            with self._lock:
                self._leave_what_is_over(b"")
                file = self._file
            if file is not None and file.loss() is not None:
                with self._lock:
                    self._leave(file)
            if self._owed and self.folder.is_dir():
                self._write(b"")
        except OSError as error:
            log.warning("the journal could not be looked after: %s", error.__class__.__name__)

    def what_went_wrong(self) -> Counter[str]:
        """The counts so far, at one moment."""
        with self._lock:
            return Counter(self.told)

    def close(self) -> None:
        """Let go of the file; the next append begins another one."""
        with self._lock:
            self._leave()

    def _write(self, lines: bytes) -> OSError | None:
        """None once the lines are written and synced; a file that refused once is never used again."""
        try:
            file, end = self._put(lines)
            file.sync(end)
        except OSError as error:
            if isinstance(error, FileLostError):
                log.critical("a journal file was %s while it was written; what it held goes to a new one", error.loss)
            else:
                log.warning("the journal met %s, a new file is begun", error.__class__.__name__)
            with self._lock:
                self._leave_broken()
            return error
        return None

    def _put(self, lines: bytes) -> tuple[JournalFile, int]:
        """The lines in the file of the moment, and where they end there; one writer at a time."""
        with self._lock:
            self._leave_what_is_over(lines)
            file = self._file = self._file or self._begin()
            if self._owed:
                owed, self._owed = self._owed, b""
                file.pay(owed)
            return file, file.hand_in(lines) if lines else file.size

    def _begin(self) -> JournalFile:
        """A new file, from the reserve where there is one."""
        now = self._clock()
        path = self.folder / f"{now:020d}-{self._worker}{SUFFIX}"
        self._day = now // DAY
        return self._reserve(path) or JournalFile.create(path, self._disk)

    def _reserve(self, path: Path) -> JournalFile | None:
        for reserve in reserves(self.folder):
            try:
                return JournalFile.take(reserve, path, self._disk)
            except OSError:
                continue
        return None

    def _leave_what_is_over(self, lines: bytes) -> None:
        self._leave_broken()
        file = self._file
        if file is None:
            return
        is_large = file.size >= self._rotate_at or not file.fits(lines)
        if is_large or self._clock() // DAY != self._day:
            self._leave()

    def _leave_broken(self) -> None:
        if self._file is not None and self._file.is_broken:
            self._leave()

    def _leave(self, file: JournalFile | None = None) -> None:
        """Let go of the file, unless another one than `file` has taken its place."""
        if self._file is not None and file in {None, self._file}:
            left, self._file = self._file, None
            self._let_go(left)

    def _let_go(self, file: JournalFile) -> None:
        """Close a file; what the clerk will not find in it any more is owed to the next one."""
        loss = file.loss()
        file.close()
        if loss is not None:
            self.told[loss] += 1
        if loss is not None and file.was_synced:
            self.told["rewritten"] += len(file.kept)
            self._owe(bytes(file.kept))
        elif file.owed:
            self._owe(file.owed)

    def _owe(self, lines: bytes) -> None:
        owed = self._owed + lines
        if len(owed) > MOST_OWED:
            kept = owed[-MOST_OWED:]
            kept = kept[kept.find(b"\n") + 1 :]
            self.told["dropped"] += len(owed) - len(kept)
            owed = kept
        self._owed = owed

    def _count(self, what: str, number: int) -> None:
        if number:
            with self._lock:
                self.told[what] += number

    def _give_up(self, lines: bytes) -> bool:
        with self._lock:
            self.failures += 1
            self.told["refused"] += 1
            self._owe(lines)
        log.critical("the journal cannot be written: a fact waits in memory until the disk takes it")
        return False
