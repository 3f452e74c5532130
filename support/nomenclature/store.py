"""The versions of the nomenclature, as a table."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, select, tuple_, update

from records.database import insert_unless_there
from records.refusals import Overtaken
from records.schema.desk_tables import answers, nomenclature_versions, sous_motif_words
from records.wording import Entry, Wording
from support.nomenclature.changing import NomenclatureChange
from support.nomenclature.entries import Nomenclature, first_nomenclature, with_entries


def nomenclature_in_force(connection: Connection, day: date) -> Nomenclature:
    """The list that holds on this day: the newest version that has begun and stands, or the list as delivered."""
    table = nomenclature_versions.c
    query = select(table.version, table.entries).where(table.valid_from <= day, table.withdrawn_at.is_(None))
    row = connection.execute(query.order_by(table.valid_from.desc(), table.version.desc()).limit(1)).first()
    return first_nomenclature() if row is None else with_entries(_entries(row.entries), row.version)


def newest_nomenclature(connection: Connection) -> Nomenclature:
    """The list as it will be when everything planned has begun."""
    return nomenclature_in_force(connection, date.max)


def latest_number(connection: Connection) -> int:
    """The highest number that a version ever had, withdrawn or not: the next one follows it; 0 before any."""
    return connection.execute(select(func.max(nomenclature_versions.c.version))).scalar() or 0


def withdraw_version(connection: Connection, number: int, *, by: str, at: datetime) -> bool:
    """Take a version out of the lists that hold; it stays in the history. False when it was withdrawn already."""
    table = nomenclature_versions
    this = update(table).where(table.c.version == number, table.c.withdrawn_at.is_(None))
    return bool(connection.execute(this.values(withdrawn_at=at, withdrawn_by=by)).rowcount)


def publish_nomenclature(
    connection: Connection,
    entries: Iterable[Entry],
    changes: Iterable[NomenclatureChange],
    *,
    follows: int,
    valid_from: date,
    by: str,
    at: datetime,
    note: str = "",
) -> int:
    """Keep the version of the list after `follows`, in force from that day on; returns its number. No call is touched.

    Overtaken when that version is there already.
    """
    listed = [{"niveau": entry.niveau, **_names(entry.wording)} for entry in entries]
    kept = [
        {"kind": c.kind, "before": c.before and _names(c.before), "after": c.after and _names(c.after)} for c in changes
    ]
    values = {
        "version": follows + 1, "valid_from": valid_from, "published_at": at, "published_by": by, "note": note,
        "entries": json.dumps(listed), "changes": json.dumps(kept),
    }  # fmt: skip
    if not insert_unless_there(connection, nomenclature_versions, values):
        raise Overtaken(newest_nomenclature(connection))
    return follows + 1


@dataclass(frozen=True, slots=True)
class Published:
    """One version of the list as its history tells it; one that was withdrawn holds on no day."""

    version: int
    valid_from: date
    published_at: datetime
    published_by: str
    note: str
    changes: tuple[NomenclatureChange, ...]
    entries: tuple[Entry, ...]
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None


def nomenclature_history(connection: Connection) -> list[Published]:
    """Every published version, oldest first, withdrawn ones too."""
    rows = connection.execute(select(nomenclature_versions).order_by(nomenclature_versions.c.version))
    return [
        Published(
            r.version, r.valid_from, r.published_at, r.published_by, r.note, _changes(r.changes), _entries(r.entries),
            r.withdrawn_at, r.withdrawn_by,
        )
        for r in rows
    ]  # fmt: skip


def standing_versions(connection: Connection) -> list[Published]:
    """The versions that hold or will hold, in the order in which they begin."""
    standing = (one for one in nomenclature_history(connection) if one.withdrawn_at is None)
    return sorted(standing, key=lambda one: (one.valid_from, one.version))


def all_changes(connection: Connection) -> list[NomenclatureChange]:
    """Every change of every version that stands, begun or planned, in the order in which they begin."""
    table = nomenclature_versions.c
    query = select(table.changes).where(table.withdrawn_at.is_(None)).order_by(table.valid_from, table.version)
    return [change for text in connection.scalars(query) for change in _changes(text)]


def find_entry(connection: Connection, key: str, day: date) -> Entry | None:
    """The entry of this key in the list of that day, else in one that is planned."""
    lists = [nomenclature_in_force(connection, day)]
    lists += [with_entries(one.entries, one.version) for one in standing_versions(connection) if one.valid_from > day]
    return next((found for one in lists if (found := one.entry(key))), None)


# ---------------------------------------------------------------- what callers say for a sous-motif


@dataclass(frozen=True, slots=True)
class CallersWords:
    """One version of what callers say for a sous-motif, under the name that it was written for; 0 is as delivered."""

    wording: Wording
    version: int
    phrases: tuple[str, ...]
    by: str
    at: datetime | None


def words_history(connection: Connection, names: Sequence[Wording]) -> list[CallersWords]:
    """Every version written since delivery, newest first; `names`: what the sous-motif is and was called."""
    table = sous_motif_words
    about = tuple_(table.c.thematique, table.c.motif, table.c.sous_motif).in_([tuple(name) for name in names])
    rows = connection.execute(select(table).where(about).order_by(table.c.version.desc(), table.c.id.desc()))
    return [_words(row) for row in rows]


def all_words(connection: Connection) -> list[CallersWords]:
    """Every version of every sous-motif, oldest first."""
    return [_words(row) for row in connection.execute(select(sous_motif_words).order_by(sous_motif_words.c.id))]


def save_words(
    connection: Connection, wording: Wording, version: int, phrases: Sequence[str], *, by: str, at: datetime
) -> None:
    """Keep one more version; Overtaken when that one is there already."""
    values = wording._asdict() | {"version": version, "words": "\n".join(phrases), "by": by, "at": at}
    if not insert_unless_there(connection, sous_motif_words, values):
        raise Overtaken(next(iter(words_history(connection, [wording])), None))


def texts_stamp(connection: Connection) -> tuple[int, ...]:
    """What changes whenever a ready answer or what callers say changes."""
    newest = (select(func.coalesce(func.max(table.c.id), 0)).scalar_subquery() for table in (sous_motif_words, answers))
    return tuple(connection.execute(select(*newest)).one())


def _words(row: Any) -> CallersWords:
    w = Wording(row.thematique, row.motif, row.sous_motif)
    return CallersWords(w, row.version, tuple(row.words.splitlines()), row.by, row.at)


def _names(wording: Wording) -> dict[str, str]:
    return {"thematique": wording.thematique, "motif": wording.motif, "sous_motif": wording.sous_motif}


def _entries(text: str) -> tuple[Entry, ...]:
    return tuple(Entry(e["niveau"], Wording(e["thematique"], e["motif"], e["sous_motif"])) for e in json.loads(text))


def _changes(text: str) -> tuple[NomenclatureChange, ...]:
    return tuple(
        NomenclatureChange(c["kind"], c["before"] and Wording(**c["before"]), c["after"] and Wording(**c["after"]))
        for c in json.loads(text)
    )
