"""What happens in one call, moment by moment, for whoever plays it, watches it or checks it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

CALLER = "caller"


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened. `where` is `caller` or the telephone number of the leg; `data` depends on the kind.

    Kinds: calls {from_, to}, answered, says {text, seconds}, plays {url, seconds}, quiet (what was being said ends)
    {text, whole}, listens {keys, words, digits, seconds}, waits (the prompts are over) {seconds}, key {key}, words
    {text}, beep, records {seconds}, recorded {seconds}, dials {phones}, rings {caller_id}, picked_up, bridged {phone},
    talk_over, ring_over, leg_over {status, seconds}, over {status, seconds, by}, trouble {reason}.
    """

    number: int
    at: datetime
    kind: str
    where: str
    data: dict[str, Any]


@dataclass(slots=True)
class Feed:
    """The happenings of one call, in order; another thread may wait for the next."""

    happenings: list[Happening] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def add(self, at: datetime, kind: str, where: str, **data: Any) -> None:
        """Notes one more happening."""
        with self.changed:
            self.happenings.append(Happening(len(self.happenings), at, kind, where, data))
            self.changed.notify_all()

    def after(self, number: int, *, seconds: float = 0.0) -> list[Happening]:
        """The happenings from that number on; waits up to `seconds` of the wall's clock for one."""
        with self.changed:
            self.changed.wait_for(lambda: len(self.happenings) > number, seconds)
            return self.happenings[number:]
