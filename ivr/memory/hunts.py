"""What this machine remembers of a call while it rings: a small file of each call, read when a ringing has ended.

A line tells that a rang was rung (`rung n moment`), that a telephone was picked up (`reached n person`), or when the
end of a ringing was first told (`ended n moment`). The address alone cannot know the first two, and with the third a
webhook that comes again gets the same answer. It is a convenience: where the file cannot be read or another machine
answered, somebody may be rung twice for one call (decision 43). It holds no number; the jobs remove it a day later.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from itertools import takewhile
from pathlib import Path

from ivr.conversation.situation import Hunt
from records.facts import Fact, FactKind

log = logging.getLogger(__name__)

_LINE = re.compile(r"^(rung|reached|ended) ([0-9]{1,4}) (\S+)$", re.MULTILINE)


class HuntFolder:
    """The files under one folder, written and read by every web worker of this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def note(self, facts: Iterable[Fact]) -> None:
        """Remember what these facts tell of the ringing; never raises."""
        for fact in facts:
            if fact.kind is FactKind.RANG_RUNG:
                self._try_to_write(fact.call, f"rung {fact.n} {fact.at.isoformat()}")
            if fact.kind is FactKind.PICKED_UP:
                self._try_to_write(fact.call, f"reached {fact.n} {fact.who}")

    def recall(self, call: str, n: int, now: datetime) -> Hunt:
        """What was known when the end of the ringing of `n` was first told; nothing but `now` when nothing is read."""
        if not _moments(self._lines(call), "ended", n):
            self._try_to_write(call, f"ended {n} {now.isoformat()}")
        lines = self._lines(call)
        before = list(takewhile(lambda line: not _moments([line], "ended", n), lines))
        return Hunt(
            ended_at=next(iter(_moments(lines, "ended", n)), now),
            rung_at=_moments(before, "rung"),
            reached=frozenset(told for what, of, told in before if (what, of) == ("reached", str(n))),
        )

    def forget(self, before: datetime) -> None:
        """Remove the files of calls that were last written to before that moment."""
        for path in self.folder.glob("*"):
            if path.stat().st_mtime < before.timestamp():
                path.unlink(missing_ok=True)

    def _path(self, call: str) -> Path:
        return self.folder / sha256(call.encode()).hexdigest()[:32]

    def _lines(self, call: str) -> list[tuple[str, str, str]]:
        """The whole lines, three words each; a torn one is none."""
        try:
            text = self._path(call).read_text(encoding="ascii")
        except (OSError, ValueError):
            return []
        return [(found[1], found[2], found[3]) for found in _LINE.finditer(text)]

    def _try_to_write(self, call: str, line: str) -> None:
        try:
            self._write(call, line)
        except OSError as error:
            log.warning("La mémoire des sonneries n’a pas pu être écrite : %s", type(error).__name__)

    def _write(self, call: str, line: str) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        descriptor = os.open(self._path(call), flags, 0o600)
        try:
            os.write(descriptor, f"{line}\n".encode("ascii"))
        finally:
            os.close(descriptor)


def _moments(lines: Iterable[tuple[str, str, str]], wanted: str, n: int | None = None) -> tuple[datetime, ...]:
    """The moments that the lines of one kind tell, of one document or of all; what is none is left out."""
    told = (_moment(text) for what, of, text in lines if what == wanted and n in {None, int(of)})
    return tuple(at for at in told if at is not None)


def _moment(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo is not None else None
