"""Rows compared with a fresh fold of their facts, and mended; calls that have no more facts are left as they are."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from records.calls.ledger import AT_ONCE, Fingerprint, TimezoneOf, fold_again, lock_calls, no_fingerprint, refold
from records.calls.rows import FOLDED_SOURCES, FoldedCall, row_values
from records.database import Engine, reading, writing
from records.schema.ledger_tables import archived_calls
from records.schema.tables import calls, facts, tombstones


@dataclass(frozen=True, slots=True)
class Mended:
    """A row that was not what its facts say: by column, what stood there and what stands there now.

    A row that was missing has every column, with None before.
    """

    call_id: str
    columns: Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How many calls were compared, and which were mended."""

    compared: int
    mended: tuple[Mended, ...]


def mend(
    engine: Engine,
    call_ids: Collection[str],
    *,
    timezone_of: TimezoneOf,
    at: datetime,
    fingerprint: Fingerprint = no_fingerprint,
) -> list[Mended]:
    """Fold these calls again, write those whose row differs, and say how; in one transaction, alone on these calls."""
    if not call_ids:
        return []
    how: dict[str, Any] = {"timezone_of": timezone_of, "at": at, "fingerprint": fingerprint}
    with writing(engine) as connection:
        lock_calls(connection, call_ids)
        found = _different(connection, fold_again(connection, call_ids, **how))
        written = {row.call_id for row in refold(connection, [one.call_id for one in found], **how)}
    return [one for one in found if one.call_id in written]


def rebuild(
    engine: Engine,
    *,
    timezone_of: TimezoneOf,
    at: datetime,
    fingerprint: Fingerprint = no_fingerprint,
    only: str | None = None,
) -> Rebuilt:
    """Compare every call that has facts, or `only` one, with its facts, and mend it, some hundreds at a time.

    Calls entered by hand or imported, erased ones and archived ones stay as they are.
    """
    compared, mended = 0, []
    for some in [[only]] if only is not None else _with_facts(engine):
        mended += mend(engine, some, timezone_of=timezone_of, at=at, fingerprint=fingerprint)
        compared += len(some)
    return Rebuilt(compared, tuple(mended))


def kept_as_they_are(connection: Connection, only: str | None = None) -> Mapping[str, int]:
    """How many calls no rebuilding touches, by why: `archived`, `erased`, `by_hand`, `without_facts`."""
    has_facts = select(facts.c.id).where(facts.c.call == calls.c.call_id).exists()
    archived, erased = select(archived_calls.c.call_id), select(tombstones.c.call_id)
    is_closed = calls.c.call_id.in_(archived.union_all(erased))
    is_folded = calls.c.source.in_(FOLDED_SOURCES)
    wanted = {
        "archived": select(archived_calls.c.call_id),
        "erased": erased,
        "by_hand": select(calls.c.call_id).where(~is_folded),
        "without_facts": select(calls.c.call_id).where(is_folded, ~is_closed, ~has_facts),
    }
    counts: dict[str, int] = {}
    for why, query in wanted.items():
        ids = query.subquery()
        mine = [] if only is None else [ids.c.call_id == only]
        counts[why] = len(connection.execute(select(ids.c.call_id).where(*mine)).all())
    return counts


def _with_facts(engine: Engine) -> Iterator[list[str]]:
    """The calls that have facts, some hundreds at a time, in the order of their names."""
    last = ""
    while True:
        with reading(engine) as connection:
            query = select(facts.c.call).distinct().where(facts.c.call > last).order_by(facts.c.call).limit(AT_ONCE)
            some = list(connection.scalars(query))
        if not some:
            return
        yield some
        last = some[-1]


def _different(connection: Connection, folded: Collection[FoldedCall]) -> list[Mended]:
    known = _rows(connection, [call.row.call_id for call in folded])
    found = []
    for call in sorted(folded, key=lambda one: one.row.call_id):
        row = known.get(call.row.call_id)
        if row is not None and row["source"] not in FOLDED_SOURCES:
            continue
        columns = _changes(row or {}, row_values(call))
        if columns:
            found.append(Mended(call.row.call_id, columns))
    return found


def _rows(connection: Connection, call_ids: Collection[str]) -> dict[str, Mapping[str, Any]]:
    ids = sorted(call_ids)
    found: dict[str, Mapping[str, Any]] = {}
    for start in range(0, len(ids), AT_ONCE):
        query = select(calls).where(calls.c.call_id.in_(ids[start : start + AT_ONCE]))
        found |= {row["call_id"]: row for row in connection.execute(query).mappings()}
    return found


def _changes(row: Mapping[str, Any], fresh: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """By column, what stood there and what the facts say, where they differ."""
    found = {}
    for name, value in fresh.items():
        stood = row.get(name)
        same = json.loads(stood) == json.loads(value) if name == "attempts" and stood else stood == value
        if not same:
            found[name] = (stood, value)
    return found
