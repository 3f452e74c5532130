"""The ledger: every fact once, and the row of each call folded from its facts, which can be rebuilt at any time.

`record` and `refold` are called in one transaction with the offset of the journal that the facts came from.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache
from hashlib import blake2b
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Insert, bindparam, delete, insert, select, text, union_all

from records.calls.fold import fold
from records.calls.late import staying_erased
from records.calls.lines import KINDS, LARGEST_NUMBER, SOURCES, data_text, read_json
from records.calls.rows import FOLDED_SOURCES, FoldedCall, write_calls
from records.database import insert_into, is_unreachable
from records.facts import CallRow, Fact, FactKind
from records.schema.desk_tables import qualifications
from records.schema.ledger_tables import archived_calls
from records.schema.tables import calls, facts, quarantine, tombstones

log = logging.getLogger(__name__)

TimezoneOf = Callable[[str | None], ZoneInfo]
"""The time zone of a département (routing and records are strangers: the roof hands it in)."""

Fingerprint = Callable[[str | None], str | None]
"""The keyed fingerprint of a caller's number, None for one that is withheld (decision 15)."""

LONGEST_NAME = 64
AT_ONCE = 500
"""Rows in one statement: SQLite takes 32,766 values."""

_Item = TypeVar("_Item")


def no_fingerprint(_caller: str | None) -> str | None:
    """No fingerprint for anybody."""
    return None


# ---------------------------------------------------------------- one writer of a call at a time


def lock_calls(connection: Connection, call_ids: Collection[str]) -> None:
    """Be the only one who writes these calls' facts and rows until this transaction ends.

    To be taken before the facts are read from which a row follows: what another machine has written of these calls is
    seen then. SQLite has one writer anyway. The order is the same for everybody, so that nobody waits in a ring.
    """
    if connection.dialect.name != "postgresql" or not call_ids:
        return
    keys = sorted({_lock_key(call_id) for call_id in call_ids})
    connection.execute(_LOCK_KEYS, {"keys": keys})


_LOCK_KEYS = text("SELECT count(pg_advisory_xact_lock(key)) FROM unnest(CAST(:keys AS bigint[])) AS key")


def _lock_key(call_id: str) -> int:
    """A number of 64 bits for the lock of a call."""
    return int.from_bytes(blake2b(b"call " + call_id.encode(), digest_size=8).digest(), signed=True)


# ---------------------------------------------------------------- facts


def record(connection: Connection, heard: Sequence[Fact], *, origin: str, at: datetime) -> set[str]:
    """Keep each fact once and return the calls touched; a fact that the database refuses goes to quarantine.

    Of two receptions of one fact the earlier is kept, and of two readings of the operator's log the later, so that the
    order in which journals arrive changes nothing. Facts of erased calls are dropped, and late ones of archived calls.
    """
    named: list[Fact] = []
    for fact in heard:
        if _is_named(fact):
            named.append(fact)
        else:
            set_apart(connection, str(_fact_row(fact)), origin=origin, error="not the name of a call", at=at)
    told = {fact.call for fact in named}
    lock_calls(connection, told)
    closed = closed_among(connection, told)
    kept = [fact for fact in named if fact.call not in closed] if closed else named
    touched: set[str] = set()
    for some in _at_once(kept):
        touched |= _record_all(connection, some) or _record_each(connection, some, origin=origin, at=at)
    return touched


def _is_named(fact: Fact) -> bool:
    """Whether the identity of a fact fits its columns on every database."""
    both = fact.call + fact.who
    fits = both.isascii() and both.isprintable() and max(len(fact.call), len(fact.who)) <= LONGEST_NAME
    return fits and bool(fact.call) and abs(fact.n) <= LARGEST_NUMBER


def _record_all(connection: Connection, heard: Sequence[Fact]) -> set[str]:
    """The calls touched; none when the database refuses one of the facts."""
    try:
        with connection.begin_nested():
            for is_log in (False, True):
                rows = [_fact_row(fact) for fact in heard if (fact.kind is FactKind.LOGGED) is is_log]
                if rows:
                    connection.execute(_keep(connection.dialect.name, later=is_log), rows)
    except Exception as error:
        if is_unreachable(error):
            raise
        return set()
    return {fact.call for fact in heard}


def _record_each(connection: Connection, heard: Sequence[Fact], *, origin: str, at: datetime) -> set[str]:
    touched: set[str] = set()
    for fact in heard:
        found = _record_all(connection, [fact])
        touched |= found
        if not found:
            set_apart(connection, str(_fact_row(fact)), origin=origin, error="refused by the database", at=at)
    return touched


@cache
def _keep(dialect: str, *, later: bool) -> Insert:
    statement = insert_into(dialect, facts)
    new = statement.excluded
    is_better = new.at > facts.c.at if later else new.at < facts.c.at
    return statement.on_conflict_do_update(
        index_elements=[facts.c.call, facts.c.kind, facts.c.n, facts.c.who],
        set_={"at": new.at, "source": new.source, "data": new.data},
        where=is_better,
    )


def _fact_row(fact: Fact) -> dict[str, Any]:
    return {
        "call": fact.call,
        "kind": str(fact.kind),
        "n": fact.n,
        "who": fact.who,
        "at": fact.at,
        "source": str(fact.source),
        "data": data_text(fact.data),
    }


def facts_of(connection: Connection, call_ids: Collection[str]) -> dict[str, list[Fact]]:
    """The facts of each of these calls, as they are kept; a kind that this version does not know is left out."""
    found: dict[str, list[Fact]] = {call_id: [] for call_id in call_ids}
    for some in _at_once(sorted(call_ids)):
        for call, kind, n, at, who, data, source in connection.execute(_FACTS, {"some": some}):
            if kind in KINDS and source in SOURCES:
                found[call].append(Fact(call, KINDS[kind], n, at, who, read_json(data), SOURCES[source]))
    return found


_FACTS = select(facts.c.call, facts.c.kind, facts.c.n, facts.c.at, facts.c.who, facts.c.data, facts.c.source).where(
    facts.c.call.in_(bindparam("some", expanding=True))
)


def withdraw(connection: Connection, call_ids: Collection[str]) -> list[str]:
    """Take out calls known from the operator's log alone, row and facts, and return which; qualified ones stay."""
    taken: list[str] = []
    lock_calls(connection, call_ids)
    for some in _at_once(sorted(call_ids)):
        told = select(facts.c.call).where(facts.c.call.in_(some), facts.c.kind != str(FactKind.LOGGED))
        qualified = select(qualifications.c.call_id).where(qualifications.c.call_id.in_(some))
        kept = {*connection.scalars(told), *connection.scalars(qualified)}
        these = [call_id for call_id in some if call_id not in kept]
        is_folded = calls.c.source.in_(FOLDED_SOURCES)
        connection.execute(delete(calls).where(calls.c.call_id.in_(these), is_folded))
        connection.execute(delete(facts).where(facts.c.call.in_(these)))
        taken += these
    return taken


def closed_among(connection: Connection, call_ids: Collection[str]) -> set[str]:
    """Those of these calls whose rows stay as they are: they were erased, or their facts were taken out for their age.

    Neither a late fact nor a fold changes them.
    """
    closed: set[str] = set()
    for some in _at_once(sorted(call_ids)):
        closed.update(connection.scalars(_CLOSED, {"some": some}))
    return closed


_CLOSED = union_all(
    *(
        select(table.c.call_id).where(table.c.call_id.in_(bindparam("some", expanding=True)))
        for table in (tombstones, archived_calls)
    )
)


def set_apart(connection: Connection, raw: str, *, origin: str, error: str, at: datetime) -> None:
    """Keep aside what could not be taken in, as ASCII."""
    row = {"at": at, "origin": origin[:200], "error": error[:200], "raw": ascii(raw)}
    connection.execute(insert(quarantine).values(row))


# ---------------------------------------------------------------- rows


def refold(
    connection: Connection,
    call_ids: Collection[str],
    *,
    timezone_of: TimezoneOf,
    at: datetime,
    fingerprint: Fingerprint = no_fingerprint,
) -> list[CallRow]:
    """Fold these calls again, write their rows and the tasks that follow from them, and return the rows.

    A call that cannot be folded or written goes to quarantine and stops no other. Calls entered by hand or imported
    have no facts and are never touched.
    """
    lock_calls(connection, call_ids)
    folded = fold_again(connection, call_ids, timezone_of=timezone_of, at=at, fingerprint=fingerprint)
    late = staying_erased(connection, folded, fingerprint, at)
    written = [call for some in _at_once(late.calls) for call in _written(connection, some, at=at)]
    late.scrub(connection, at)
    return [call.row for call in written]


def fold_again(
    connection: Connection,
    call_ids: Collection[str],
    *,
    timezone_of: TimezoneOf,
    at: datetime,
    fingerprint: Fingerprint,
) -> list[FoldedCall]:
    """What these calls are by their facts, nothing being written but to quarantine: one that cannot be folded."""
    folded: list[FoldedCall] = []
    open_ones = set(call_ids) - closed_among(connection, call_ids)
    for call_id, heard in facts_of(connection, open_ones).items():
        try:
            row = fold(call_id, heard)
            if row is not None:
                folded.append(FoldedCall(row, heard, timezone_of(row.departement), fingerprint(row.caller)))
        except Exception as error:
            log.exception("a call cannot be folded")
            set_apart(connection, call_id, origin="fold", error=type(error).__name__, at=at)
    return folded


def _written(connection: Connection, folded: list[FoldedCall], *, at: datetime) -> list[FoldedCall]:
    """Those that could be written: all at once, or else one after the other."""
    try:
        with connection.begin_nested():
            write_calls(connection, folded)
    except Exception as error:
        if is_unreachable(error):
            raise
        if len(folded) > 1:
            log.warning("%d calls are written one by one: %s", len(folded), type(error).__name__)
            return [call for one in folded for call in _written(connection, [one], at=at)]
        log.exception("the row of a call cannot be written")
        set_apart(connection, folded[0].row.call_id, origin="fold", error=type(error).__name__, at=at)
        return []
    return folded


def _at_once(items: Iterable[_Item]) -> Iterator[list[_Item]]:
    waiting = list(items)
    for start in range(0, len(waiting), AT_ONCE):
        yield waiting[start : start + AT_ONCE]
