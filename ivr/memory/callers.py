"""What is remembered of callers: a file of keyed fingerprints, no number, appended by the clerk, read by web workers.

A line is `crc32 json`: a call `["c", fingerprint, call, started, ended, departement, served]`, until when a caller is
taken for one who redials without end `["r", fingerprint, until]`, or a hunt that goes on `["h", call, desk, until]`
(until 0: over). All who withhold their number from one desk are one caller, `withheld:` and its code. Moments are epoch
seconds. The file is a convenience: when the disk refuses it, callers hear the ordinary menu (decisions 15, 17 and 42).
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import threading
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, cast

from ivr.conversation.situation import Recollection
from ivr.memory.recollecting import (
    LONGEST_HUNT,
    LOOKED_AT,
    DeskOf,
    PastCall,
    RedialLimits,
    desk_called,
    desk_hunted,
    flagged_until,
    full_desks,
    lasts,
    usual_departement,
    within,
)
from records.facts import NATIONAL, AttemptResult, CallRow, Outcome
from records.privacy.prints import fingerprint_with
from routing.departements import departements

log = logging.getLogger(__name__)

SERVED = frozenset({Outcome.ANSWERED, Outcome.MESSAGE, Outcome.CALLBACK})
_WITHHELD = "withheld:"


@dataclass(slots=True)
class Remembered:
    """What is known of one fingerprint: its last calls by their own fingerprint, and until when it is flagged."""

    calls: dict[str, PastCall] = field(default_factory=dict)
    flagged_until: int = 0


@dataclass(slots=True)
class Memories:
    """What the file holds: callers by their fingerprint, and of each hunt that goes on its desk and its last moment."""

    callers: dict[str, Remembered] = field(default_factory=dict)
    hunts: dict[str, tuple[str, int]] = field(default_factory=dict)


def _is_taken(row: CallRow) -> bool:
    return row.referent is not None or any(one.result is AttemptResult.ACCEPTED for one in row.attempts)


def _desk_of_nobody(_departement: str, _person: str) -> str | None:
    return None


class MemoryFile:
    """The memory under one folder. Recalling costs one `stat` while nothing has changed.

    `desk_of` tells whose people ring: the clerk counts hunts by that desk.
    """

    def __init__(
        self,
        folder: Path,
        secret: bytes,
        *,
        kept_for: timedelta = timedelta(days=90),
        limits: RedialLimits | None = None,
        desk_of: DeskOf = _desk_of_nobody,
    ) -> None:
        self.path = folder / "callers.log"
        self._print = fingerprint_with(secret)
        self._kept_for = kept_for
        self._limits = limits or RedialLimits()
        self._desk_of = desk_of
        self._known = Memories()
        self._read_to = 0
        self._inode = 0
        self._reading = threading.Lock()
        self._full: tuple[tuple[int, int, int], frozenset[str]] = ((0, 0, 0), frozenset())

    def fingerprint(self, text: str) -> str:
        """What stands for a number, or for a call's id, in the file."""
        return str(self._print(text))

    def recall(self, caller: str | None, now: datetime) -> Recollection:
        """What is remembered of an E.164 number, or of withheld ones (None); nothing where the file is unreadable."""
        self._follow()
        moment = int(now.timestamp())
        with self._reading:
            full = self._full_desks(moment)
            if caller is None:
                return Recollection(flooded=self._flooded(moment), full=full)
            known = self._known.callers.get(self.fingerprint(caller))
            calls = tuple(known.calls.values()) if known else ()
        since = moment - int(self._kept_for.total_seconds())
        is_redialling = known is not None and self._is_flagged(known, moment)
        return Recollection(usual_departement(calls, since), is_redialling, full=full)

    def _full_desks(self, moment: int) -> frozenset[str]:
        """Counted once for each second and each change of the file, however many hunts go on and calls come."""
        seen = (self._inode, self._read_to, moment)
        if self._full[0] != seen:
            self._full = (seen, full_desks(self._known.hunts.values(), moment, self._limits))
        return self._full[1]

    def _flooded(self, moment: int) -> frozenset[str]:
        """The desks that withheld calls have rung too often."""
        found = ((code, self._known.callers.get(_WITHHELD + code)) for code in (*departements(), NATIONAL))
        return frozenset(code for code, known in found if known and self._is_flagged(known, moment))

    def _is_flagged(self, known: Remembered, moment: int) -> bool:
        return lasts(known.flagged_until, moment, int(self._limits.pause.total_seconds()))

    def remember(self, rows: Iterable[CallRow], now: datetime) -> list[list[Any]]:
        """Add the calls that have ended or ask for somebody, and the hunts that go on; returns the lines added.

        A call given twice is remembered once, as it was the last time.
        """
        rows, moment = list(rows), int(now.timestamp())
        asking = [row for row in rows if row.ended_at or row.departement or row.attempts]
        past = [(who, self._past(row)) for row in asking if (who := self._who(row))]
        try:
            with self._locked():
                self._follow()
                lines = [*self._new_lines(past, moment), *self._hunt_lines(rows, moment)]
                self._append(lines)
        except OSError as error:
            self._inode = 0  # what the disk refused is not known: read everything again
            log.warning("La mémoire des appelants n’a pas pu être écrite : %s", type(error).__name__)
            return []
        return lines

    def take_in(self, told: Iterable[list[Any]], now: datetime) -> list[list[Any]]:
        """Add what other machines told, in its order; `["f", fingerprint]` forgets one. Raises OSError.

        Returns the lines that it made of them: who calls without end on all machines together is found here.
        """
        with self._locked():
            self._follow()
            fresh: list[list[Any]] = []
            is_forgetting = False
            for line in told:
                if line[:1] == ["f"]:
                    is_forgetting |= self._known.callers.pop(str(line[-1]), None) is not None
                elif _add(self._known, line):
                    fresh.append(line)
            ended = {line[1]: line[4] for line in fresh if line[0] == "c"}
            moment = max(int(now.timestamp()), *ended.values(), 0)  # the other machine's clock may be ahead of ours
            found = list(self._flag_lines(set(ended), moment))
            fresh += found
            try:
                if is_forgetting:
                    self._rewrite(lambda _fingerprint, _known: True)
                else:
                    self._append(fresh)
            except OSError:
                self._inode = 0
                raise
        return found

    def forget(self, caller: str) -> bool:
        """Erase a number's fingerprint for good; returns whether it was there. Raises OSError when the disk refuses."""
        return self.forget_prints({self.fingerprint(caller)})

    def forget_prints(self, erased: Collection[str]) -> bool:
        """The same of fingerprints, whose numbers another machine was told; whether any was there."""
        with self._locked():
            self._follow()
            was_there = any(one in self._known.callers for one in erased)
            self._rewrite(lambda fingerprint, _: fingerprint not in erased)
        return was_there

    def compact(self, now: datetime) -> None:
        """Rewrite the file with what still counts; what is older than its retention is forgotten."""
        since = int((now - self._kept_for).timestamp())
        with self._locked():
            self._follow()
            going_on = self._known.hunts.items()
            self._known.hunts = {call: hunt for call, hunt in going_on if now.timestamp() < hunt[1]}
            for known in self._known.callers.values():
                kept = self._still_counting(tuple(known.calls.values()), int(now.timestamp()))
                known.calls = {one.call: one for one in kept if one.ended >= since}
            self._rewrite(lambda _, known: bool(known.calls) or known.flagged_until > now.timestamp())

    def load(self) -> None:
        """Read the file now, so that no call waits for its first reading."""
        self._follow()

    def _still_counting(self, calls: tuple[PastCall, ...], now: int) -> list[PastCall]:
        """The last calls that name a département, and those of the window in which redials are counted."""
        named = sorted((one for one in calls if one.departement), key=lambda one: one.ended)[-LOOKED_AT:]
        return [*named, *within(calls, now, self._limits.window)]

    def _who(self, row: CallRow) -> str | None:
        """Under which name a call is counted: its caller's, or that of all who withhold theirs from the same desk.

        One whom a carrier hides is nobody: all who call through it would pay for one another (decision 41).
        """
        if row.caller:
            return self.fingerprint(row.caller)
        if row.is_hidden:
            return None
        desk = desk_called(row, self._desk_of)
        return f"{_WITHHELD}{desk}" if desk else None

    def _past(self, row: CallRow) -> PastCall:
        """The call as it counts; one that goes on has no département yet, so that it is nobody's usual one."""
        ended = row.ended_at or row.started_at
        return PastCall(
            call=self._name(row),
            started=int(row.started_at.timestamp()),
            ended=int(ended.timestamp()),
            departement=row.departement if row.caller and row.ended_at else None,
            is_served=row.outcome in SERVED or (row.ended_at is None and _is_taken(row)),
        )

    def _new_lines(self, past: list[tuple[str, PastCall]], now: int) -> Iterator[list[Any]]:
        """The lines to append: each call not written yet, then what it changes for its caller."""
        for fingerprint, call in past:
            known = self._known.callers.setdefault(fingerprint, Remembered())
            if known.calls.get(call.call) == call:
                continue
            known.calls[call.call] = call
            yield ["c", fingerprint, call.call, call.started, call.ended, call.departement, call.is_served]
            until = self._until(fingerprint, known, now)
            if until != known.flagged_until:
                known.flagged_until = until
                yield ["r", fingerprint, until]

    def _until(self, fingerprint: str, known: Remembered, now: int) -> int:
        most = self._limits.withheld if fingerprint.startswith(_WITHHELD) else self._limits.calls
        return flagged_until(known.calls.values(), most, now, self._limits, known.flagged_until)

    def _flag_lines(self, fingerprints: set[str], now: int) -> Iterator[list[Any]]:
        """A line for each of these callers who is flagged from now on, or is so no more."""
        for fingerprint in sorted(fingerprints & self._known.callers.keys()):
            known = self._known.callers[fingerprint]
            until = self._until(fingerprint, known, now)
            if (until > now) != (known.flagged_until > now):
                known.flagged_until = until
                yield ["r", fingerprint, until]

    def _hunt_lines(self, rows: list[CallRow], now: int) -> Iterator[list[Any]]:
        """A line for each hunt that begins or is over; one that nobody ends is over by itself."""
        for row in rows:
            call, desk = self._name(row), desk_hunted(row, self._desk_of)
            before = self._known.hunts.get(call)
            if desk is None and before is not None:
                del self._known.hunts[call]
                yield ["h", call, before[0], 0]
            elif desk is not None and (before is None or before[0] != desk):
                self._known.hunts[call] = (desk, now + LONGEST_HUNT)
                yield ["h", call, desk, now + LONGEST_HUNT]

    def _name(self, row: CallRow) -> str:
        return self.fingerprint(row.call_id)[:12]

    def _append(self, lines: list[list[Any]]) -> None:
        if not lines:
            return
        text = b"".join(map(_write, lines))
        with _open(self.path, "ab") as file:
            if file.tell() and not self._ends_whole():
                text = b"\n" + text  # a line that a power cut tore must not swallow the next one
            file.write(text)

    def _ends_whole(self) -> bool:
        with self.path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"\n"

    def _rewrite(self, keeps: Callable[[str, Remembered], bool]) -> None:
        """Put what `keeps` accepts in a new file that takes the old one's place at once."""
        kept = {name: known for name, known in self._known.callers.items() if keeps(name, known)}
        self._known = Memories(kept, self._known.hunts)
        fresh = self.path.with_name(f".{self.path.name}.new")
        with _open(fresh, "wb") as file:
            file.writelines(_write(line) for line in self._whole())
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path)
        self._inode = 0

    def _whole(self) -> Iterator[list[Any]]:
        for call, (desk, until) in self._known.hunts.items():
            yield ["h", call, desk, until]
        for fingerprint, known in self._known.callers.items():
            for one in known.calls.values():
                yield ["c", fingerprint, one.call, one.started, one.ended, one.departement, one.is_served]
            if known.flagged_until:
                yield ["r", fingerprint, known.flagged_until]

    def _follow(self) -> None:
        """Read what was appended since the last time; everything when the file was replaced."""
        try:
            found = os.stat(self.path)  # noqa: PTH116 - on the way of every call: the plain call is the quickest
            if (found.st_ino, found.st_size) != (self._inode, self._read_to):
                with self._reading:
                    self._read_on()
        except FileNotFoundError:
            self._known, self._inode, self._read_to = Memories(), 0, 0
        except OSError as error:
            log.warning("La mémoire des appelants est illisible : %s", type(error).__name__)

    def _read_on(self) -> None:
        with self.path.open("rb") as file:
            found = os.fstat(file.fileno())
            is_same = found.st_ino == self._inode and found.st_size >= self._read_to
            known, start = (self._known, self._read_to) if is_same else (Memories(), 0)
            file.seek(start)
            text = file.read()
        whole = text[: text.rfind(b"\n") + 1]
        for line in whole.splitlines():
            _take(known, line)
        self._known, self._inode, self._read_to = known, found.st_ino, start + len(whole)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the lock of all who write: the clerk, the daily compaction, `svi erase`."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _open(self.path.with_name("callers.lock"), "ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _open(path: Path, mode: str) -> BinaryIO:
    """A file for its owner alone."""
    return cast("BinaryIO", open(path, mode, opener=_private))


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _write(line: list[Any]) -> bytes:
    text = json.dumps(line, separators=(",", ":")).encode()
    return b"%08x %s\n" % (zlib.crc32(text), text)


def _take(known: Memories, line: bytes) -> None:
    """Add one line to what is known; a torn or damaged one is let by."""
    checksum, _, text = line.partition(b" ")
    if checksum != b"%08x" % zlib.crc32(text):
        return
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):  # the checksum of nothing is right for an empty line
        return
    _add(known, told)


def _add(known: Memories, told: Any) -> bool:
    """Whether what one line tells is new; what is no line is nothing."""
    match told:
        case ["c", str(fingerprint), str(call), int(started), int(ended), str() | None as departement, bool(served)]:
            past = PastCall(call, started, ended, departement, served)
            calls = known.callers.setdefault(fingerprint, Remembered()).calls
            before, calls[call] = calls.get(call), past
            return before != past
        case ["r", str(fingerprint), int(until)]:
            caller = known.callers.setdefault(fingerprint, Remembered())
            flagged, caller.flagged_until = caller.flagged_until, until
            return flagged != until
        case ["h", str(call), str(), 0]:
            return known.hunts.pop(call, None) is not None
        case ["h", str(call), str(desk), int(until)]:
            hunted, known.hunts[call] = known.hunts.get(call), (desk, until)
            return hunted != (desk, until)
        case _:
            return False
