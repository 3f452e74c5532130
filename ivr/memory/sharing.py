"""What a machine learnt of callers reaches the others through the database; each answers calls from its own file.

The clerk exchanges lines, some each second: a call waits for nobody, and a machine whose database is away goes on with
what its file holds. A number that is forgotten is forgotten by all: the stone that says so outlives what it forgot.
"""

from __future__ import annotations

import json
import logging
from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from ivr.memory import store
from ivr.memory.callers import MemoryFile
from ivr.memory.recollecting import LOOKED_AT
from ivr.memory.store import ToldLine
from records.database import Engine, SQLAlchemyError, reading, writing
from records.facts import CallRow

MOST_PENDING = 20_000
"""Lines that wait for a database that is away; the oldest go when more come."""

log = logging.getLogger(__name__)


class SharedMemory:
    """The file of this machine, and the table by which all machines know the same."""

    def __init__(
        self, file: MemoryFile, engine: Engine, clock: Callable[[], datetime], *, kept_for: timedelta = timedelta(90)
    ) -> None:
        """`kept_for`: how long a call counts, as the file has it."""
        self.file = file
        self._engine = engine
        self._clock = clock
        self._kept_for = int(kept_for.total_seconds())
        self._pending: deque[ToldLine] = deque(maxlen=MOST_PENDING)
        self._seen = 0

    def fingerprint(self, text: str) -> str:
        """What stands for a number, or for a call's id."""
        return self.file.fingerprint(text)

    def remember(self, rows: Iterable[CallRow], now: datetime) -> None:
        """Add what these calls tell to the file, then tell the other machines."""
        self._pending.extend(self._told(line) for line in self.file.remember(rows, now))
        self.exchange()

    def exchange(self) -> None:
        """Tell what waits, and take in what others told; a database that is away is tried again the next time."""
        try:
            if self._pending:
                telling = list(self._pending)
                with writing(self._engine) as connection:
                    store.tell(connection, telling)
                self._pending.clear()
            while self._took_in():
                pass
        except (SQLAlchemyError, OSError) as error:
            log.warning("La mémoire des appelants n’est pas échangée (%s).", type(error).__name__)

    def forget(self, caller: str) -> bool:
        """Erase a number's fingerprint for good, here at once and elsewhere in seconds; whether it was anywhere.

        Raises OSError when the disk refuses, SQLAlchemyError when the database does.
        """
        erased = self.file.fingerprint(caller)
        stone = ToldLine(f"f:{erased}", None, _text(["f", erased]), self._now() + self._kept_for)
        with writing(self._engine) as connection:
            was_told = store.forget(connection, erased, stone)
        return self.file.forget(caller) or was_told

    def forget_old(self) -> int:
        """Take away what counts no more for anybody; returns how many lines."""
        with writing(self._engine) as connection:
            return store.forget_old(connection, self._now(), LOOKED_AT)

    def _took_in(self) -> bool:
        """Whether there was anything to take in: one portion of what was told since."""
        with reading(self._engine) as connection:
            found = store.told_after(connection, self._seen)
            if not found and store.newest(connection) < self._seen:  # an older database was put back
                self._seen = 0
                return True
        if not found:
            return False
        made = self.file.take_in([json.loads(line) for _, line in found], self._clock())
        self._pending.extend(self._told(line) for line in made)
        self._seen = found[-1][0]
        return True

    def _told(self, line: list[Any]) -> ToldLine:
        match line:
            case ["c", fingerprint, call, _, ended, *_]:
                return ToldLine(f"c:{fingerprint}:{call}", fingerprint, _text(line), ended + self._kept_for)
            case ["r", fingerprint, until]:
                return ToldLine(f"r:{fingerprint}", fingerprint, _text(line), max(until, self._now()))
            case [_, call, *_, until]:
                return ToldLine(f"h:{call}", None, _text(line), max(until, self._now()))
        raise ValueError("no line of the memory")

    def _now(self) -> int:
        return int(self._clock().timestamp())


def _text(line: list[Any]) -> str:
    return json.dumps(line, separators=(",", ":"))
