"""Who should answer now: one function, used by live calls, `svi route`, the pages and the coverage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from routing.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Because:
    """One rule that decided something: `rule` is a stable name, `text` the French sentence a reader sees."""

    rule: str
    text: str
    person: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Who rings for one département at one moment, in which order, or why nobody does.

    `desk` is `local`, `national` or `overflow`; `asked` the code the caller gave; `served_by` the code of the desk whose people ring.
    `rangs` are short ids, same tuple = together. Empty `rangs` come with a `reason` (`closed`, `holiday`, `away`,
    `no_referent`) and `reopens`, the first moment (UTC) at which the plan rings anybody, None when none within 60 days.
    `overflow_closed` / `overflow_no_answer`: code of the desk offered in that case, or None.
    """

    asked: str
    at: datetime
    desk: str
    served_by: str
    rangs: tuple[tuple[str, ...], ...]
    reason: str | None
    reopens: datetime | None
    overflow_closed: str | None
    overflow_no_answer: str | None
    because: tuple[Because, ...]


def plan(snapshot: Snapshot, departement: str, at: datetime) -> Plan:
    """Who rings for `departement` (a code or `*`) at `at` (aware), by the snapshot."""
    raise NotImplementedError
