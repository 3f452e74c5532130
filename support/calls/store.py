"""What was said about calls, as tables: the qualification that holds, its history, the sous-motifs used most."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, func, insert, select, update

from records.database import insert_unless_there
from records.desks.statut import Solved, Statut, show_statut
from records.refusals import Overtaken
from records.schema.desk_tables import qualification_history, qualifications
from records.schema.request_tables import requests
from records.wording import Entry, Wording
from support.nomenclature.entries import Nomenclature

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
        return insert_unless_there(connection, qualifications, values)
    seen = and_(qualifications.c.call_id == new.call_id, qualifications.c.version == new.version - 1)
    return connection.execute(update(qualifications).where(seen).values(**values)).rowcount == 1


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
