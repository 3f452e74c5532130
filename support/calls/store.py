"""What was said about calls, as tables: the qualification that holds, its history, the sous-motifs used most."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, or_, select, update

from records.database import insert_unless_there
from records.desks.statut import Solved, Statut, show_statut
from records.refusals import Overtaken
from records.schema.desk_tables import audit, qualification_history, qualifications
from records.schema.request_tables import requests
from records.schema.tables import calls, desk_tasks
from records.wording import Entry, Wording
from support.nomenclature.entries import Nomenclature

FAVOURITES_OF = timedelta(days=180)
OPEN_SINCE = timedelta(days=90)
"""What a caller left open longer ago is no longer shown with his next call."""
MOST_MATTERS = 8
UNDONE = "qualification annulée"
"""What the trail says of a version taken back; the reference is the call and the version."""


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
    seen = and_(qualifications.c.call_id == new.call_id, qualifications.c.version == new.version - 1)
    if connection.execute(update(qualifications).where(seen).values(**values)).rowcount == 1:
        return True
    if last_version(connection, new.call_id) != new.version - 1:
        return False
    return insert_unless_there(connection, qualifications, values)


def last_version(connection: Connection, call_id: str) -> int:
    """The number of the last version that was ever written for a call, 0 when there is none."""
    written = qualification_history.c
    query = select(func.coalesce(func.max(written.version), 0)).where(written.call_id == call_id)
    return int(connection.execute(query).scalar_one())


def remove_qualification(connection: Connection, current: Qualification) -> None:
    """Take the qualification from a call, which has none then; its history stays. Overtaken when another stands."""
    seen = and_(qualifications.c.call_id == current.call_id, qualifications.c.version == current.version)
    if connection.execute(delete(qualifications).where(seen)).rowcount != 1:
        raise Overtaken(read_qualification(connection, current.call_id))


def undone_versions(connection: Connection, call_id: str) -> frozenset[int]:
    """The versions that somebody took back, as the trail tells it."""
    start = f"{call_id} version "
    query = select(audit.c.reference).where(
        audit.c.what == UNDONE, audit.c.reference.startswith(start, autoescape=True)
    )
    return frozenset(int(text.removeprefix(start)) for text in connection.execute(query).scalars())


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


# ---------------------------------------------------------------- what a caller still waits for


@dataclass(frozen=True, slots=True)
class OpenMatter:
    """What the same caller still waits for: `kind` is `request`, `message`, `callback` or `ongoing`; `at` is UTC.

    `reference` is the request's number, or the call's id.
    """

    kind: str
    reference: str
    at: datetime
    departement: str | None
    about: str


def open_matters(
    connection: Connection, caller: str | None, call_id: str, scope: tuple[str, ...] | None, at: datetime
) -> list[OpenMatter]:
    """What this caller still waits for from his other calls, newest first, in these départements (None: all).

    A withheld caller is nobody in particular: nothing is known of him.
    """
    if caller is None:
        return []
    same = or_(calls.c.caller == caller, calls.c.callback_number == caller)
    about = [same, calls.c.call_id != call_id, calls.c.started_at > at - OPEN_SINCE]
    found = [
        *_open_requests(connection, [*about, *_within(requests.c.departement, scope)]),
        *_open_tasks(connection, [*about, *_within(desk_tasks.c.departement, scope)]),
        *_ongoing(connection, [*about, *_within(calls.c.departement, scope)]),
    ]
    return sorted(found, key=lambda matter: matter.at, reverse=True)[:MOST_MATTERS]


def _within(column: Any, scope: tuple[str, ...] | None) -> list[ColumnElement[bool]]:
    return [] if scope is None else [column.in_(scope)]


def _open_requests(connection: Connection, conditions: list[ColumnElement[bool]]) -> list[OpenMatter]:
    query = select(requests).join(calls, calls.c.call_id == requests.c.call_id).where(*conditions)
    rows = connection.execute(query.where(requests.c.closed_at.is_(None)).limit(MOST_MATTERS))
    return [OpenMatter("request", str(r.id), r.created_at, r.departement, r.subject) for r in rows]


def _open_tasks(connection: Connection, conditions: list[ColumnElement[bool]]) -> list[OpenMatter]:
    query = select(desk_tasks).join(calls, calls.c.call_id == desk_tasks.c.call_id).where(*conditions)
    rows = connection.execute(query.where(desk_tasks.c.handled_at.is_(None)).limit(MOST_MATTERS))
    return [OpenMatter(r.kind, r.call_id, r.created_at, r.departement, "") for r in rows]


def _ongoing(connection: Connection, conditions: list[ColumnElement[bool]]) -> list[OpenMatter]:
    """The calls said to be « En cours »: neither solved nor with level 2."""
    q = qualifications.c
    open_request = select(requests.c.id).where(requests.c.call_id == q.call_id, requests.c.closed_at.is_(None)).exists()
    query = select(q.call_id, q.sous_motif, calls.c.started_at, calls.c.departement).join_from(
        qualifications, calls, calls.c.call_id == q.call_id
    )
    rows = connection.execute(query.where(*conditions, q.resolved.is_(False), ~open_request).limit(MOST_MATTERS))
    return [OpenMatter("ongoing", r.call_id, r.started_at, r.departement, r.sous_motif) for r in rows]
