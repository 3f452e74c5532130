"""The ledger: every fact once, and the row of each call folded from its facts, which can be rebuilt at any time.

`record` and `refold` are called in one transaction with the offset of the journal that the facts came from.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, Table, delete, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from records.database import is_unreachable, writing
from records.facts import NATIONAL, CallRow, Fact, FactKind, Outcome, Source
from records.fold import fold
from records.lines import LARGEST_NUMBER, StrangeFactError, data_text, fact_of
from records.tables import calls, desk_tasks, facts, quarantine, tombstones

TimezoneOf = Callable[[str | None], ZoneInfo]
"""The time zone of a département (routing and records are strangers: the roof hands it in)."""

Fingerprint = Callable[[str | None], str | None]
"""The keyed fingerprint of a caller's number, None for one that is withheld (decision 15)."""

LONGEST_NAME = 64
AT_ONCE = 500
"""Rows in one statement: SQLite takes 32,766 values."""

_FOLDED = (Source.WEBHOOK, Source.RECONCILIATION)
_ASKED_BY = {
    Outcome.MESSAGE: {FactKind.MESSAGE_LEFT, FactKind.RECORDING_READY},
    Outcome.CALLBACK: {FactKind.CALLBACK_ASKED, FactKind.CALLBACK_TYPED},
}
_Item = TypeVar("_Item")


def no_fingerprint(_caller: str | None) -> str | None:
    """No fingerprint for anybody."""
    return None


def insert_for(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT of this database's own kind, which may say what to do with a row that is there already."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


# ---------------------------------------------------------------- facts


def record(connection: Connection, heard: Sequence[Fact], *, origin: str, at: datetime) -> set[str]:
    """Keep each fact once and return the calls touched; a fact that the database refuses goes to quarantine.

    Of two receptions of one fact the earlier is kept, and of two readings of the operator's log the later, so that the
    order in which journals arrive changes nothing. Facts of erased calls are dropped.
    """
    named = [fact for fact in heard if _is_named(fact)]
    for fact in heard:
        if not _is_named(fact):
            set_apart(connection, str(_fact_row(fact)), origin=origin, error="not the name of a call", at=at)
    erased = erased_among(connection, {fact.call for fact in named})
    kept = [fact for fact in named if fact.call not in erased]
    touched: set[str] = set()
    for some in _at_once(kept):
        touched |= _record_all(connection, some) or _record_each(connection, some, origin=origin, at=at)
    return touched


def _is_named(fact: Fact) -> bool:
    """Whether the identity of a fact fits its columns on every database."""
    names = (fact.call, fact.who)
    fits = all(name.isascii() and name.isprintable() and len(name) <= LONGEST_NAME for name in names)
    return fits and bool(fact.call) and abs(fact.n) <= LARGEST_NUMBER


def _record_all(connection: Connection, heard: Sequence[Fact]) -> set[str]:
    """The calls touched; none when the database refuses one of the facts."""
    try:
        with connection.begin_nested():
            for is_log in (False, True):
                rows = [_fact_row(fact) for fact in heard if (fact.kind is FactKind.LOGGED) is is_log]
                if rows:
                    connection.execute(_keep(connection, later=is_log), rows)
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


def _keep(connection: Connection, *, later: bool) -> sqlite.Insert | postgresql.Insert:
    statement = insert_for(connection, facts)
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
        for row in connection.execute(select(facts).where(facts.c.call.in_(some))).mappings():
            fact = _read_fact(row)
            if fact is not None:
                found[fact.call].append(fact)
    return found


def _read_fact(row: Any) -> Fact | None:
    try:
        return fact_of({**row, "data": json.loads(row["data"])})
    except StrangeFactError:
        return None


def erased_among(connection: Connection, call_ids: Collection[str]) -> set[str]:
    """Those of these calls that were erased."""
    erased: set[str] = set()
    for some in _at_once(sorted(call_ids)):
        erased.update(connection.scalars(select(tombstones.c.call_id).where(tombstones.c.call_id.in_(some))))
    return erased


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
    rows: list[CallRow] = []
    erased = erased_among(connection, call_ids)
    for call_id, heard in facts_of(connection, set(call_ids) - erased).items():
        try:
            with connection.begin_nested():
                row = fold(call_id, heard)
                if row is not None:
                    _write(connection, row, heard, timezone_of=timezone_of, fingerprint=fingerprint)
                    rows.append(row)
        except Exception as error:
            if is_unreachable(error):
                raise
            set_apart(connection, call_id, origin="fold", error=type(error).__name__, at=at)
    return rows


def _write(
    connection: Connection, row: CallRow, heard: Sequence[Fact], *, timezone_of: TimezoneOf, fingerprint: Fingerprint
) -> None:
    values = call_values(row, timezone_of) | {"caller_fingerprint": fingerprint(row.caller)}
    statement = insert_for(connection, calls).values(values)
    folded = {name: statement.excluded[name] for name in values if name != "call_id"}
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[calls.c.call_id], set_=folded, where=calls.c.source.in_([str(one) for one in _FOLDED])
        )
    )
    _write_task(connection, row, heard)


def call_values(row: CallRow, timezone_of: TimezoneOf) -> dict[str, Any]:
    """The columns of a row, its local day included; control characters that a database refuses are left out."""
    values = {name: _column(name, value) for name, value in asdict(row).items()}
    values["attempts"] = json.dumps([{**asdict(one), "result": one.result} for one in row.attempts])
    values["local_date"] = row.started_at.astimezone(timezone_of(row.departement)).date()
    return values


def _column(name: str, value: Any) -> Any:
    """A value that fits its column: an operator's address of sixty-five letters keeps no call from its row."""
    if not isinstance(value, str):
        return value
    return value.replace("\x00", "").encode("utf-8", "replace").decode()[: getattr(calls.c[name].type, "length", None)]


def _write_task(connection: Connection, row: CallRow, heard: Sequence[Fact]) -> None:
    """A message and a callback are each a task of a desk; one that is no more asked for and not handled goes away."""
    asked = _ASKED_BY.get(row.outcome)
    untouched = (desk_tasks.c.handled_at.is_(None), desk_tasks.c.audio_file.is_(None))
    stale = delete(desk_tasks).where(desk_tasks.c.call_id == row.call_id, *untouched)
    connection.execute(stale.where(desk_tasks.c.kind != str(row.outcome)))
    if asked is None:
        return
    desk = row.departement or NATIONAL
    created = min(fact.at for fact in heard if fact.kind in asked)
    task = {"call_id": row.call_id, "kind": str(row.outcome), "departement": desk, "created_at": created}
    statement = insert_for(connection, desk_tasks).values(task)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[desk_tasks.c.call_id, desk_tasks.c.kind],
            set_={"departement": desk, "created_at": created},
            where=desk_tasks.c.handled_at.is_(None),
        )
    )


def rebuild(engine: Engine, *, timezone_of: TimezoneOf, at: datetime, fingerprint: Fingerprint = no_fingerprint) -> int:
    """Fold every call again from its facts, in one transaction, and return how many rows there are.

    Tasks that are handled, calls entered by hand and calls whose number was erased stay.
    """
    with writing(engine) as connection:
        is_erased = calls.c.call_id.in_(select(tombstones.c.call_id))
        connection.execute(delete(calls).where(calls.c.source.in_([str(one) for one in _FOLDED]), ~is_erased))
        known = list(connection.scalars(select(facts.c.call).distinct().order_by(facts.c.call)))
        for some in _at_once(known):
            refold(connection, some, timezone_of=timezone_of, at=at, fingerprint=fingerprint)
        return connection.scalar(select(func.count()).select_from(calls)) or 0


def _at_once(items: Iterable[_Item]) -> Iterator[list[_Item]]:
    waiting = list(items)
    for start in range(0, len(waiting), AT_ONCE):
        yield waiting[start : start + AT_ONCE]
