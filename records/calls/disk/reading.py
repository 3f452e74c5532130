"""How the clerk reads journal files that are being written: what is new, what was taken away, what is not to be read.

Zero bytes are not written yet. Zeros with lines behind them are damage: they are passed, and counted as a torn line.
"""

from __future__ import annotations

import logging
import os
import stat
from collections import Counter
from collections.abc import Iterable, MutableMapping
from dataclasses import replace
from pathlib import Path

from records.calls.disk.file import Loss, held, is_left
from records.calls.lines import Portion, read_lines

log = logging.getLogger(__name__)

_ZEROS = bytes(128 * 1024)


class NotAFileError(OSError):
    """Something else bears the name of a journal file."""


class JournalReader:
    """Reads the files portion by portion; `losses` counts those that shrank, vanished or were replaced meanwhile."""

    def __init__(self, portion: int) -> None:
        """`portion` is how many bytes are read at once."""
        self.losses: Counter[str] = Counter()
        self._portion = portion
        self._seen: dict[str, tuple[int, int]] = {}
        self._unwritten: dict[str, tuple[int, int, int]] = {}

    def look_around(self, files: Iterable[Path]) -> None:
        """Notice the files that are not there any more, though nobody said that he deletes them."""
        names = {path.name for path in files}
        for name in self._seen.keys() - names:
            self._lost(name, Loss.UNLINKED)
            self.forget(name)

    def forget(self, name: str) -> None:
        """A file that was deleted on purpose."""
        self._seen.pop(name, None)
        self._unwritten.pop(name, None)

    def read(self, path: Path, offsets: MutableMapping[str, int]) -> Portion | None:
        """What stands in a file after its offset, None when there is nothing to move yet; OSError when it is no file.

        A file that shrank or is another one is read from its beginning: a fact twice is a fact once.
        """
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise NotAFileError("not a file")
        self._compare(path.name, found, offsets)
        offset = offsets.get(path.name, 0)
        if found.st_size <= offset:
            return None
        is_done = is_left(path)
        is_quiet = not is_done and self._unwritten.get(path.name) == _sign(found, offset)
        if is_quiet and _piece(path, offset, 1) == b"\0":  # a line may have come within one tick of the file's clock
            return None
        return self._what_follows(path, offset, found, is_done=is_done)

    def _compare(self, name: str, found: os.stat_result, offsets: MutableMapping[str, int]) -> None:
        this = (found.st_ino, found.st_dev)
        if self._seen.setdefault(name, this) != this:
            self._lost(name, Loss.REPLACED)
        elif found.st_size < offsets.get(name, 0):
            self._lost(name, Loss.TRUNCATED)
        else:
            return
        self._seen[name] = this
        self._unwritten.pop(name, None)
        offsets[name] = 0

    def _lost(self, name: str, loss: Loss) -> None:
        self.losses[loss] += 1
        log.critical("the journal file %s was %s by somebody else", name, loss)

    def _what_follows(self, path: Path, offset: int, found: os.stat_result, *, is_done: bool) -> Portion | None:
        raw = _piece(path, offset, self._portion)
        zero = raw.find(b"\0")
        if zero < 0:
            is_end = offset + len(raw) >= found.st_size
            return self._lines(raw, offset, is_last=is_done and is_end, is_end=is_end)
        behind = _next_line(path, offset + zero)
        if behind is None:
            if is_done:
                _give_back(path, offset + zero)
            else:
                self._unwritten[path.name] = _sign(found, offset + zero)
            return self._lines(raw[:zero], offset, is_last=is_done, is_end=True)
        if not is_done and _piece(path, offset + zero, 1) != b"\0":
            return self._what_follows(path, offset, found, is_done=is_done)  # it was being written while we looked
        passed = read_lines(raw[:zero], offset, is_last=True)
        is_whole = raw[:zero].endswith(b"\n") or not zero
        return Portion(passed.facts, behind, passed.torn + is_whole, passed.strange)

    def _lines(self, raw: bytes, offset: int, *, is_last: bool, is_end: bool) -> Portion | None:
        """A line longer than a portion is none of ours."""
        is_endless = len(raw) == self._portion and b"\n" not in raw
        portion = read_lines(raw, offset, is_last=is_last or is_endless)
        return replace(portion, is_end=is_end) if portion.offset > offset else None


def _sign(found: os.stat_result, offset: int) -> tuple[int, int, int]:
    """What changes when a file is written, or read again from before, as after a restore."""
    return (found.st_mtime_ns, found.st_size, offset)


def _piece(path: Path, offset: int, size: int) -> bytes:
    with path.open("rb", buffering=0) as file:
        return os.pread(file.fileno(), size, offset)


def _next_line(path: Path, offset: int) -> int | None:
    """Where something stands again behind zeros; None when the rest of the file is not written.

    Megabytes several times a second: they are compared with zeros, not searched.
    """
    with path.open("rb", buffering=0) as file:
        file.seek(offset)
        while piece := file.read(len(_ZEROS)):
            if piece != _ZEROS[: len(piece)]:
                return offset + len(piece) - len(piece.lstrip(b"\0"))
            offset += len(piece)
    return None


def _give_back(path: Path, size: int) -> None:
    """Cut what was ready and never written off a file that nobody writes any more."""
    with held(path, writes=True) as descriptor:
        if descriptor is not None:
            os.ftruncate(descriptor, size)
