"""The clerk: moves the journal's lines into the ledger, offset and rows in one transaction, and folds the calls.

Killed at any point it loses nothing and doubles nothing. While the database is away it waits, a little longer each
time, and goes on from where it was.
"""

from __future__ import annotations

import fcntl
import logging
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, Insert, bindparam, delete, select

from records.calls.disk.file import is_left, journal_files
from records.calls.disk.reading import JournalReader
from records.calls.disk.reserve import keep_reserve
from records.calls.ledger import AT_ONCE, Fingerprint, TimezoneOf, no_fingerprint, record, refold, set_apart
from records.calls.lines import Portion
from records.database import Engine, SQLAlchemyError, insert_into, reading, writing
from records.facts import CallRow
from records.schema.tables import journal_offsets

POLL = 0.25
"""Seconds between two looks at the journal: a call is to be seen two seconds after its end."""

BUSY = 2.0
"""Seconds after which a round ends though there is more to move: stopping and the signs of life wait no longer."""

LONGEST_PAUSE = 5.0
PORTION = 256 * 1024
"""Bytes of a journal moved in one transaction: some five hundred facts, more than the longest line."""

COMPARE = timedelta(seconds=2)
"""How often the database is asked whether it is still where the clerk left it."""

KEPT_FOR = timedelta(days=7) - timedelta(hours=1)
"""How long a journal file that was moved whole stays on the disk, from the moment of its creation.

None of its lines was moved before that moment, and a worker leaves a file after a day: a line that was moved stays six
days at least, and never more than seven.
"""

GONE_FOR = timedelta(days=30)
"""How long the database knows how far a file was moved that nobody has moved since, and that is not here."""

FORGET = 3600.0
"""Seconds between two looks for such files."""

RESERVE_PAUSE = 5.0
"""Seconds between two looks at the reserve."""

log = logging.getLogger(__name__)

OnCalls = Callable[[list[CallRow]], None]


class _SetBackError(Exception):
    """The database is not where the clerk left it."""


@dataclass(slots=True)
class Drained:
    """What one round moved. `error` is the name of what stopped it.

    `set_back`: the database knew of less than had been moved (it was replaced, or restored); that is moved again.
    `is_unfinished`: it left more behind than what was written meanwhile.
    """

    lines: int = 0
    facts: int = 0
    torn: int = 0
    strange: int = 0
    calls: set[str] = field(default_factory=set)
    unreadable: dict[str, str] = field(default_factory=dict)
    """Entries of the folder that could not be read, by their names: what each one met. The others were moved."""

    error: str | None = None
    set_back: bool = False
    is_unfinished: bool = False


def _tell_nobody(_rows: list[CallRow]) -> None:
    return


class Clerk:
    """Drains the journals under `folder` into the ledger.

    `on_calls` hears of the rows after their transaction; it may be called twice for one row, and what it raises is
    written to the log and stops nothing.
    """

    def __init__(
        self,
        folder: Path,
        engine: Engine,
        timezone_of: TimezoneOf,
        *,
        clock: Callable[[], datetime],
        on_calls: OnCalls = _tell_nobody,
        fingerprint: Fingerprint = no_fingerprint,
        portion: int = PORTION,
    ) -> None:
        """`clock` tells the moment (aware, UTC); `portion` is how many bytes are moved in one transaction."""
        self.folder = folder
        self._engine = engine
        self._timezone_of = timezone_of
        self._clock = clock
        self._on_calls = on_calls
        self._fingerprint = fingerprint
        self._reader = JournalReader(portion)
        self._offsets: dict[str, int] | None = None
        self._left_at: dict[str, int] = {}
        self._compared_at = clock()
        self._unreadable: dict[str, str] = {}
        self._first = ""
        self._next_reserve = self._next_forgetting = 0.0
        self.is_full = False

    @property
    def losses(self) -> Counter[str]:
        """How many journal files vanished, shrank or were replaced while this clerk was reading them."""
        return self._reader.losses

    def drain_once(self, at_most: float | None = None) -> Drained:
        """Move all that is in the journals now, or the first portions of it when that takes more than some seconds.

        Never raises for a database or a disk that is away.
        """
        drained = Drained()
        until = None if at_most is None else time.monotonic() + at_most
        try:
            try:
                self._drain(drained, until)
            except _SetBackError:
                drained.set_back = True
                self._offsets = None
                self._drain(drained, until)
        except (SQLAlchemyError, OSError, _SetBackError) as error:
            self._offsets = None
            drained.error = type(error).__name__
        return drained

    def forget_offsets(self) -> None:
        """Begin the next round from where the database is that is there now."""
        self._offsets = None

    def run(
        self,
        stop: threading.Event,
        *,
        poll: float = POLL,
        busy: float = BUSY,
        after_round: Callable[[Drained], None] | None = None,
    ) -> None:
        """Drain until `stop` is set, as the only clerk of this host; `after_round` hears of every round."""
        with self._alone(stop) as is_alone:
            pause = poll
            while is_alone and not stop.is_set():
                self.keep_reserve()
                drained = self.drain_once(busy)
                if after_round is not None:
                    after_round(drained)
                pause = min(pause * 2, LONGEST_PAUSE) if drained.error else poll
                stop.wait(0 if drained.is_unfinished else pause)

    @contextmanager
    def _alone(self, stop: threading.Event) -> Iterator[bool]:
        """Wait to be the only clerk of this host; False when told to stop meanwhile."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.folder / "clerk.lock").open("a") as file:
            while not (is_alone := _locked(file.fileno())) and not stop.wait(1):
                pass
            yield is_alone

    def keep_reserve(self) -> None:
        """Have the next journal files ready, while there is room for them."""
        if time.monotonic() >= self._next_reserve:
            self._next_reserve = time.monotonic() + RESERVE_PAUSE
            has_room = keep_reserve(self.folder)
            if self.is_full is has_room:
                log.log(logging.INFO if has_room else logging.ERROR, "the journal's reserve has room: %s", has_room)
            self.is_full = not has_room

    def _drain(self, drained: Drained, until: float | None) -> None:
        files = journal_files(self.folder)
        if self._offsets is None:
            with reading(self._engine) as connection:
                self._left_at = _read_offsets(connection)
            self._offsets = dict(self._left_at)
        elif abs(self._clock() - self._compared_at) >= COMPARE:
            self._compared_at = self._clock()
            self._compare_offsets(files)
        self._reader.look_around(files)
        self._move_in_turn(files, drained, until)
        self._say_unreadable(drained)
        self._forget_old(path for path in files if path.name not in drained.unreadable)
        self._forget_gone(files)

    def _move_in_turn(self, files: Iterable[Path], drained: Drained, until: float | None) -> None:
        """A portion of each file in turn, up to where it ended when it was read.

        What is written meanwhile waits for the next round: few large transactions cost less than many small ones. A
        round that is too long leaves the rest to the next, which begins with it.
        """
        waiting = deque(sorted(files, key=lambda path: (path.name < self._first, path.name)))
        while waiting:
            path = waiting.popleft()
            portion = self._read(path, drained)
            if portion is not None:
                self._move(path, portion, drained)
                waiting += [] if portion.is_end else [path]
            if until is not None and time.monotonic() >= until:
                break
        drained.is_unfinished = bool(waiting)
        self._first = waiting[0].name if waiting else ""
        if waiting:
            drained.unreadable = self._unreadable | drained.unreadable

    def _compare_offsets(self, files: Iterable[Path]) -> None:
        """_SetBackError when the database, asked again, is not where we left it."""
        with reading(self._engine) as connection:
            there = _read_offsets(connection)
        if any(there.get(path.name, 0) != self._left_at.get(path.name, 0) for path in files):
            raise _SetBackError

    def _read(self, path: Path, drained: Drained) -> Portion | None:
        """The next portion of a file; None for one that cannot be read, which stops no other."""
        try:
            return self._reader.read(path, self._known())
        except FileNotFoundError:
            return None
        except OSError as error:
            drained.unreadable[path.name] = type(error).__name__
            return None

    def _move(self, path: Path, portion: Portion, drained: Drained) -> None:
        """One portion of a file, in one transaction."""
        now = self._clock()
        with writing(self._engine) as connection:
            if _read_offset(connection, path.name) != self._left_at.get(path.name, 0):
                raise _SetBackError
            touched = record(connection, portion.facts, origin=path.name, at=now)
            for raw, error in portion.strange:
                set_apart(connection, raw, origin=path.name, error=error, at=now)
            rows = refold(connection, touched, timezone_of=self._timezone_of, at=now, fingerprint=self._fingerprint)
            _write_offset(connection, path.name, portion.offset, now)
        self._known()[path.name] = self._left_at[path.name] = portion.offset
        _count(drained, portion, touched)
        self._tell(rows)

    def _say_unreadable(self, drained: Drained) -> None:
        for name, error in drained.unreadable.items():
            if self._unreadable.get(name) != error:
                log.critical("the entry %s of the journal cannot be read (%s); the others are moved", name, error)
        self._unreadable = dict(drained.unreadable)

    def _known(self) -> dict[str, int]:
        if self._offsets is None:
            self._offsets = {}
        return self._offsets

    def _tell(self, rows: list[CallRow]) -> None:
        if not rows:
            return
        try:
            self._on_calls(rows)
        except Exception:
            log.exception("what follows a call failed")

    def _forget_old(self, files: Iterable[Path]) -> None:
        """Delete the files that were moved whole, a week after their creation, that nobody can write any more."""
        latest = (self._clock() - KEPT_FOR).timestamp()
        for path in files:
            try:
                found = path.stat()
                is_moved = self._known().get(path.name, 0) >= found.st_size
                if _created(path, found.st_mtime) >= latest or not (is_moved and is_left(path)):
                    continue
                path.unlink()
            except FileNotFoundError:
                continue
            except OSError as error:
                log.warning("an old journal file could not be deleted: %s", type(error).__name__)
                continue
            self._reader.forget(path.name)
            with writing(self._engine) as connection:
                connection.execute(delete(journal_offsets).where(journal_offsets.c.file == path.name))

    def _forget_gone(self, files: Iterable[Path]) -> None:
        """Forget how far files were moved that went another way: with their machine, or by somebody's hand."""
        if time.monotonic() < self._next_forgetting:
            return
        self._next_forgetting = time.monotonic() + FORGET
        old = select(journal_offsets.c.file).where(journal_offsets.c.at < self._clock() - GONE_FOR)
        with reading(self._engine) as connection:
            gone = set(connection.scalars(old)) - {path.name for path in files}
        if gone:
            with writing(self._engine) as connection:
                connection.execute(delete(journal_offsets).where(journal_offsets.c.file.in_(sorted(gone)[:AT_ONCE])))


def _created(path: Path, written_at: float) -> float:
    """When a file was created, in seconds, as its name says; a copy may have been written before."""
    named = path.name.partition("-")[0]
    return min(int(named) / 1e9, written_at) if named.isdecimal() and len(named) < 21 else written_at  # noqa: PLR2004 - ns


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


_OFFSETS = select(journal_offsets.c.file, journal_offsets.c.offset)
_OFFSET = select(journal_offsets.c.offset).where(journal_offsets.c.file == bindparam("name"))


def _read_offsets(connection: Connection) -> dict[str, int]:
    return {row.file: row.offset for row in connection.execute(_OFFSETS)}


def _read_offset(connection: Connection, file: str) -> int:
    return connection.scalar(_OFFSET, {"name": file}) or 0


def _write_offset(connection: Connection, file: str, offset: int, at: datetime) -> None:
    connection.execute(_put_offset(connection.dialect.name), {"file": file, "offset": offset, "at": at})


@cache
def _put_offset(dialect: str) -> Insert:
    statement = insert_into(dialect, journal_offsets)
    new = {"offset": statement.excluded.offset, "at": statement.excluded.at}
    return statement.on_conflict_do_update(index_elements=[journal_offsets.c.file], set_=new)


def _count(drained: Drained, portion: Portion, touched: set[str]) -> None:
    drained.lines += portion.lines
    drained.facts += len(portion.facts)
    drained.torn += portion.torn
    drained.strange += len(portion.strange)
    drained.calls |= touched
    if portion.torn or portion.strange:
        log.error("the journal has %d damaged lines and %d unknown facts", portion.torn, len(portion.strange))
