"""The tables of the desk: qualifications and their history, requests to level 2, the nomenclature, ready answers."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, and_, func, insert, literal, select, update

from records.database import insert_for
from records.desks.statut import Solved, Statut, show_statut
from records.schema.desk_tables import (
    answers,
    nomenclature_versions,
    proposals,
    qualification_history,
    qualifications,
    requests,
)
from records.wording import Entry, Wording
from support.answers import Answer, first_answers
from support.nomenclature import Nomenclature, NomenclatureChange, first_nomenclature, with_entries

FAVOURITES_OF = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Qualification:
    """What was said about a call. `version` counts its changes from 1; `at` is UTC."""

    call_id: str
    version: int
    wording: Wording
    niveau: str
    solved: Solved
    comment: str
    by: str
    at: datetime
    level_2_closed: bool = False

    @property
    def statut(self) -> Statut:
        """The statut that a reader sees."""
        return show_statut(self.solved, level_2_closed=self.level_2_closed)

    @property
    def content(self) -> tuple[Wording, str, Solved, str]:
        """What it says, whoever said it and when."""
        return (self.wording, self.niveau, self.solved, self.comment)


class Overtaken(Exception):  # noqa: N818 - named as what happened
    """Somebody else wrote first; `current` is what stands now."""

    def __init__(self, current: Any) -> None:
        super().__init__("Quelqu'un d'autre a enregistré entre-temps.")
        self.current = current


def _qualification(row: Any) -> Qualification:
    return Qualification(
        row.call_id, row.version, Wording(row.thematique, row.motif, row.sous_motif), row.niveau,
        Solved(row.resolved, row.escalated), row.comment, row.by, row.at, getattr(row, "closed_at", None) is not None,
    )  # fmt: skip


def read_qualification(connection: Connection, call_id: str) -> Qualification | None:
    """The qualification of a call, None when it has none."""
    query = select(qualifications, requests.c.closed_at).join_from(
        qualifications, requests, requests.c.call_id == qualifications.c.call_id, isouter=True
    )
    row = connection.execute(query.where(qualifications.c.call_id == call_id)).first()
    return None if row is None else _qualification(row)


def save_qualification(connection: Connection, new: Qualification) -> Qualification:
    """Write version `new.version`, which follows the one its writer saw; Overtaken when another stands there already.

    Saying again what stands (a form sent twice) changes nothing and is no conflict.
    """
    values = {
        "call_id": new.call_id, "version": new.version, "thematique": new.wording.thematique,
        "motif": new.wording.motif, "sous_motif": new.wording.sous_motif, "niveau": new.niveau,
        "resolved": new.solved.resolved, "escalated": new.solved.escalated, "comment": new.comment, "by": new.by,
        "at": new.at,
    }  # fmt: skip
    if not _write(connection, new, values):
        current = read_qualification(connection, new.call_id)
        if current is not None and current.content == new.content:
            return current
        raise Overtaken(current)
    connection.execute(insert(qualification_history).values(**values))
    return new


def _write(connection: Connection, new: Qualification, values: dict[str, Any]) -> bool:
    """Whether this version is now the current one: the database lets one of two writers through."""
    if new.version == 1:
        return _insert_unless_there(connection, qualifications, values)
    seen = and_(qualifications.c.call_id == new.call_id, qualifications.c.version == new.version - 1)
    return connection.execute(update(qualifications).where(seen).values(**values)).rowcount == 1


def _insert_unless_there(connection: Connection, table: Table, values: dict[str, Any]) -> bool:
    """Whether the line was added; False when one of the same key was there."""
    added = insert_for(connection, table).values(**values).on_conflict_do_nothing().returning(literal(1))
    return connection.execute(added).first() is not None


def history_of(connection: Connection, call_id: str) -> list[Qualification]:
    """Every version that ever held, newest first."""
    query = select(qualification_history).where(qualification_history.c.call_id == call_id)
    return [_qualification(row) for row in connection.execute(query.order_by(qualification_history.c.version.desc()))]


def favourites(
    connection: Connection, by: str, nomenclature: Nomenclature, at: datetime, count: int = 5
) -> list[Entry]:
    """The sous-motifs that this person uses most, completed by the first of the list."""
    names = (qualifications.c.thematique, qualifications.c.motif, qualifications.c.sous_motif)
    mine = and_(qualifications.c.by == by, qualifications.c.at > at - FAVOURITES_OF)
    query = select(*names).where(mine).group_by(*names).order_by(func.count().desc(), *names).limit(3 * count)
    used = [nomenclature.find(*row) for row in connection.execute(query)]
    return list(dict.fromkeys([*(entry for entry in used if entry), *nomenclature.entries]))[:count]


# ---------------------------------------------------------------- requests to level 2


@dataclass(frozen=True, slots=True)
class Request:
    """What level 2 is asked to solve, for one call."""

    id: int
    call_id: str
    departement: str | None
    version: int
    subject: str
    description: str
    wording: Wording
    reply_to: str
    created_at: datetime
    created_by: str
    completed_at: datetime | None = None
    closed_at: datetime | None = None


def _request(row: Any) -> Request:
    return Request(
        row.id, row.call_id, row.departement, row.version, row.subject, row.description,
        Wording(row.thematique, row.motif, row.sous_motif), row.reply_to, row.created_at, row.created_by,
        row.completed_at, row.closed_at,
    )  # fmt: skip


def file_request(
    connection: Connection, qualification: Qualification, departement: str | None, description: str
) -> int:
    """The number of the call's request: the one it has, or a new one filled from its qualification."""
    w = qualification.wording
    values = {
        "call_id": qualification.call_id, "departement": departement, "version": 1,
        "subject": f"{w.motif} : {w.sous_motif}"[:200], "description": description,
        "thematique": w.thematique, "motif": w.motif, "sous_motif": w.sous_motif,
        "reply_to": qualification.by, "created_at": qualification.at, "created_by": qualification.by,
    }  # fmt: skip
    _insert_unless_there(connection, requests, values)
    return int(
        connection.execute(select(requests.c.id).where(requests.c.call_id == qualification.call_id)).scalar_one()
    )


def complete_request(
    connection: Connection, request: Request, *, subject: str, description: str, reply_to: str, at: datetime
) -> None:
    """Write what the form says; Overtaken when somebody changed the request since it was read."""
    seen = and_(requests.c.id == request.id, requests.c.version == request.version)
    values = {"subject": subject, "description": description, "reply_to": reply_to, "completed_at": at}
    change = update(requests).where(seen).values(**values, version=request.version + 1)
    if connection.execute(change).rowcount != 1:
        raise Overtaken(read_request(connection, request.id))


def read_request(connection: Connection, number: int) -> Request | None:
    """The request of this number."""
    row = connection.execute(select(requests).where(requests.c.id == number)).first()
    return None if row is None else _request(row)


def request_of(connection: Connection, call_id: str) -> Request | None:
    """The request that a call led to."""
    row = connection.execute(select(requests).where(requests.c.call_id == call_id)).first()
    return None if row is None else _request(row)


def list_requests(connection: Connection, scope: tuple[str, ...] | None, limit: int = 200) -> list[Request]:
    """The requests of these départements (None: all), newest first."""
    query = select(requests).order_by(requests.c.created_at.desc(), requests.c.id.desc()).limit(limit)
    if scope is not None:
        query = query.where(requests.c.departement.in_(scope))
    return [_request(row) for row in connection.execute(query)]


# ---------------------------------------------------------------- the nomenclature, dated


def nomenclature_in_force(connection: Connection, day: date) -> Nomenclature:
    """The list that holds on this day: the newest version that has begun, or the list as delivered."""
    table = nomenclature_versions.c
    query = select(table.version, table.entries).where(table.valid_from <= day)
    row = connection.execute(query.order_by(table.valid_from.desc(), table.version.desc()).limit(1)).first()
    return first_nomenclature() if row is None else with_entries(_entries(row.entries), row.version)


def newest_nomenclature(connection: Connection) -> Nomenclature:
    """The last published list, begun or not: the one that the next change starts from."""
    return nomenclature_in_force(connection, date.max)


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
    if not _insert_unless_there(connection, nomenclature_versions, values):
        raise Overtaken(newest_nomenclature(connection))
    return follows + 1


@dataclass(frozen=True, slots=True)
class Published:
    """One version of the list as its history tells it."""

    version: int
    valid_from: date
    published_at: datetime
    published_by: str
    note: str
    changes: tuple[NomenclatureChange, ...]


def nomenclature_history(connection: Connection) -> list[Published]:
    """Every published version, oldest first."""
    rows = connection.execute(select(nomenclature_versions).order_by(nomenclature_versions.c.version))
    return [
        Published(r.version, r.valid_from, r.published_at, r.published_by, r.note, _changes(r.changes)) for r in rows
    ]


def _names(wording: Wording) -> dict[str, str]:
    return {"thematique": wording.thematique, "motif": wording.motif, "sous_motif": wording.sous_motif}


def _entries(text: str) -> tuple[Entry, ...]:
    return tuple(Entry(e["niveau"], Wording(e["thematique"], e["motif"], e["sous_motif"])) for e in json.loads(text))


def _changes(text: str) -> tuple[NomenclatureChange, ...]:
    return tuple(
        NomenclatureChange(c["kind"], c["before"] and Wording(**c["before"]), c["after"] and Wording(**c["after"]))
        for c in json.loads(text)
    )


# ---------------------------------------------------------------- ready answers and proposals


def _answer(row: Any) -> Answer:
    return Answer(
        Wording(row.thematique, row.motif, row.sous_motif), row.aloud, row.written, row.version, row.validated
    )


def _about(wording: Wording) -> Any:
    return and_(
        answers.c.thematique == wording.thematique,
        answers.c.motif == wording.motif,
        answers.c.sous_motif == wording.sous_motif,
    )


def answer_for(connection: Connection, wording: Wording) -> Answer | None:
    """The ready answer that holds for this wording: the newest version, the text as delivered, or None."""
    query = select(answers).where(_about(wording)).order_by(answers.c.version.desc()).limit(1)
    row = connection.execute(query).first()
    return first_answers().get(wording) if row is None else _answer(row)


def save_answer(connection: Connection, new: Answer, *, by: str, at: datetime) -> Answer:
    """Keep a new version, which follows the one its writer saw; Overtaken when another stands there already."""
    current = answer_for(connection, new.wording)
    if current is not None and current.version != new.version - 1:
        raise Overtaken(current)
    values = _names(new.wording) | {
        "version": new.version, "aloud": new.aloud, "written": new.written, "validated": new.validated, "by": by,
        "at": at,
    }  # fmt: skip
    if not _insert_unless_there(connection, answers, values):
        raise Overtaken(answer_for(connection, new.wording))
    return new


def answer_history(connection: Connection, wording: Wording) -> list[tuple[Answer, str, datetime]]:
    """Every version written since delivery, newest first, with its author and moment."""
    rows = connection.execute(select(answers).where(_about(wording)).order_by(answers.c.version.desc()))
    return [(_answer(row), row.by, row.at) for row in rows]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a référent asks of the national team; `kind` is `answer` or `directory`."""

    id: int
    kind: str
    reference: str
    departement: str | None
    text: str
    by: str
    at: datetime


def propose(
    connection: Connection, *, kind: str, reference: str, departement: str | None, text: str, by: str, at: datetime
) -> None:
    """Write down a proposal to the national team."""
    values = {"kind": kind, "reference": reference[:700], "departement": departement, "text": text, "by": by, "at": at}
    connection.execute(insert(proposals).values(**values))


def open_proposals(connection: Connection, kind: str | None = None) -> list[Proposal]:
    """The proposals that nobody has settled, oldest first."""
    query = select(proposals).where(proposals.c.settled_at.is_(None)).order_by(proposals.c.at, proposals.c.id)
    rows = connection.execute(query if kind is None else query.where(proposals.c.kind == kind))
    return [Proposal(r.id, r.kind, r.reference, r.departement, r.text, r.by, r.at) for r in rows]


def settle_proposal(connection: Connection, number: int, *, by: str, at: datetime) -> bool:
    """Mark a proposal as settled; False when none of that number waits."""
    open_one = and_(proposals.c.id == number, proposals.c.settled_at.is_(None))
    return bool(connection.execute(update(proposals).where(open_one).values(settled_at=at, settled_by=by)).rowcount)
