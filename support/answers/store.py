"""Ready answers and proposals, as tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, insert, select, update

from records.database import insert_unless_there
from records.refusals import Overtaken
from records.schema.desk_tables import answers, proposals
from records.wording import Wording
from support.answers.ready import Answer, first_answers


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
    values = new.wording._asdict() | {
        "version": new.version, "aloud": new.aloud, "written": new.written, "validated": new.validated, "by": by,
        "at": at,
    }  # fmt: skip
    if not insert_unless_there(connection, answers, values):
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
