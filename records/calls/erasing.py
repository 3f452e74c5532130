"""Taking a caller's number out of everything that was written down; the calls stay, without it, for the figures.

Each call gets a tombstone: neither a late line of a journal nor the operator's log brings the number back. Its keyed
fingerprint is kept, so that what it did before stays erased (decision 95).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update

from records.calls.late import GOES_ON
from records.calls.ledger import lock_calls
from records.outbox import Owed
from records.privacy.calls_growing_old import give_prints, random_words
from records.privacy.erased import keep_erased
from records.privacy.finding import UNTOUCHED, FoundText, calls_of, directories_with, may_hold, take_out, texts_with
from records.privacy.scrubbing import scrub_calls, scrub_facts
from records.privacy.written import GONE, WrittenNumber, unescaped, written
from records.schema.desk_tables import answer_uses
from records.schema.tables import calls, deliveries, quarantine

ERASED = GONE

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class SentMail:
    """A mail about a call of the number, which has left: its kind, its reader, when."""

    kind: str
    recipient: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Erased:
    """The calls that lost the number, how many facts held it, and how many calls still go on and keep it until then.

    `texts` says by table in how many texts it stood; `mails` are those that had left about these calls.
    """

    calls: tuple[str, ...]
    facts: int
    going_on: int
    texts: Mapping[str, int] = field(default_factory=dict)
    mails: tuple[SentMail, ...] = ()


@dataclass(frozen=True, slots=True)
class WhereItStands:
    """Where a number stands: its calls, and the texts."""

    calls: tuple[str, ...]
    texts: tuple[FoundText, ...]


def look_for(connection: Connection, number: str, fingerprint: str, *, is_listed: bool = False) -> WhereItStands:
    """Where an E.164 number stands. It takes some seconds at 300,000 calls, and needs no more than a view to read."""
    sought = written(number)
    directories = () if is_listed else directories_with(connection, sought)
    return WhereItStands(
        tuple(calls_of(connection, sought, fingerprint)),
        (*texts_with(connection, sought, UNTOUCHED), *directories),
    )


def erase_number(
    connection: Connection, number: str, fingerprint: str, at: datetime, *,
    until: datetime | None = None, is_listed: bool = False, seen: WhereItStands | None = None,
) -> Erased:  # fmt: skip
    """Take an E.164 number, and its fingerprint, out of everything; returns what was done.

    `until`: when it was erased before, so that calls since then stay. `is_listed`: it is a référent's, and the
    directories keep it. `seen`: what was found before, so that nobody who writes waits for the search.
    """
    keep_erased(connection, fingerprint, until or at)
    sought = written(number)
    seen = seen or look_for(connection, number, fingerprint, is_listed=is_listed)
    known = list(seen.calls)
    lock_calls(connection, known)
    begun = _begun(connection, known)
    found = [one for one in known if until is None or begun.get(one, (until, True))[0] <= until]
    over = [one for one in found if one not in begun or _is_over(*begun[one], at)]
    mails = tuple(mail for some in _pieces(over) for mail in _sent(connection, some))
    changed = 0
    give_prints(connection, random_words(connection, over))
    for some in _pieces(over):
        changed += scrub_facts(connection, some, sought)
        _scrub_answers(connection, some, at)
        scrub_calls(connection, some, at)
    take_out(connection, sought, seen.texts)
    _forget_set_apart(connection, sought)
    where = Counter(one.column.table for one in seen.texts)
    return Erased(tuple(over), changed, len(found) - len(over), where, mails)


def _forget_set_apart(connection: Connection, sought: WrittenNumber) -> None:
    """Delete the lines set apart in which the number stands, and no others."""
    near = select(quarantine.c.id, quarantine.c.raw).where(may_hold(quarantine.c.raw, sought))
    its = [row.id for row in connection.execute(near) if sought.is_in(unescaped(row.raw))]
    for some in _pieces(its):
        connection.execute(delete(quarantine).where(quarantine.c.id.in_(some)))


def _begun(connection: Connection, call_ids: list[str]) -> dict[str, tuple[datetime, bool]]:
    """When each of these calls began, and whether its end is known."""
    found: dict[str, tuple[datetime, bool]] = {}
    for some in _pieces(call_ids):
        query = select(calls.c.call_id, calls.c.started_at, calls.c.ended_at).where(calls.c.call_id.in_(some))
        found |= {row.call_id: (row.started_at, row.ended_at is not None) for row in connection.execute(query)}
    return found


def _is_over(started_at: datetime, has_ended: bool, at: datetime) -> bool:
    return has_ended or started_at < at - GOES_ON


def _scrub_answers(connection: Connection, call_ids: Collection[str], at: datetime) -> None:
    """Forget to whom ready answers were sent for these calls; one that has not left yet does not leave."""
    sent = connection.scalars(select(answer_uses.c.id).where(answer_uses.c.call_id.in_(call_ids))).all()
    nothing = {"recipient": None, "subject": None, "text": None, "done_at": func.coalesce(deliveries.c.done_at, at)}
    its = (deliveries.c.kind == str(Owed.ANSWER), deliveries.c.reference.in_([str(use) for use in sent]))
    connection.execute(update(deliveries).where(*its).values(nothing))
    connection.execute(update(answer_uses).where(answer_uses.c.id.in_(sent)).values(recipient=None))


def _sent(connection: Connection, call_ids: Collection[str]) -> list[SentMail]:
    """The mails about these calls that have left: to a desk, or with an answer."""
    told = [f"{kind}:{call_id}" for call_id in call_ids for kind in ("message", "callback")]
    uses = connection.scalars(select(answer_uses.c.id).where(answer_uses.c.call_id.in_(call_ids))).all()
    notices = (deliveries.c.kind == str(Owed.NOTICE)) & deliveries.c.reference.in_(told)
    answers = (deliveries.c.kind == str(Owed.ANSWER)) & deliveries.c.reference.in_([str(use) for use in uses])
    left = (deliveries.c.recipient.is_not(None), deliveries.c.done_at.is_not(None), deliveries.c.error.is_(None))
    query = select(deliveries.c.kind, deliveries.c.recipient, deliveries.c.done_at).where(notices | answers, *left)
    return [SentMail(*row) for row in connection.execute(query.order_by(deliveries.c.done_at))]


def _pieces(items: list[str]) -> list[list[str]]:
    return [items[start : start + _AT_ONCE] for start in range(0, len(items), _AT_ONCE)]
