"""Ready answers, what départements add, how often they served, and proposals, as tables."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Table, and_, func, insert, or_, select, update

from records.database import insert_unless_there
from records.refusals import Overtaken
from records.schema.desk_tables import answer_uses, answers, local_paragraphs, proposals
from records.schema.tables import deliveries
from records.wording import Wording
from support.answers.local import LocalParagraph
from support.answers.ready import Answer, first_answers
from support.nomenclature.changing import earlier_names
from support.nomenclature.store import all_changes


def _answer(row: Any) -> Answer:
    return Answer(_wording(row), row.aloud, row.written, row.version, row.validated)


def _wording(row: Any) -> Wording:
    return Wording(row.thematique, row.motif, row.sous_motif)


def _about(table: Table, names: Iterable[Wording]) -> Any:
    """The rows of these names; a sous-motif keeps what was written under its earlier ones (decision 57)."""
    return or_(
        *(
            and_(
                table.c.thematique == one.thematique, table.c.motif == one.motif, table.c.sous_motif == one.sous_motif
            )
            for one in names
        )
    )  # fmt: skip


def answers_for(connection: Connection, wordings: Collection[Wording]) -> dict[Wording, Answer]:
    """The ready answer that holds for each wording that has one: the newest version, else the text as delivered.

    Written under its name or an earlier one; an answer bears the name that was asked for.
    """
    changes = all_changes(connection)
    newest: dict[Wording, Answer] = {}
    query = select(answers).order_by(answers.c.version)
    if len(wordings) == 1:
        query = query.where(_about(answers, earlier_names(next(iter(wordings)), changes)))
    for row in connection.execute(query):
        newest[_wording(row)] = _answer(row)
    found = {}
    for wording in wordings:
        names = earlier_names(wording, changes)
        written = [newest[name] for name in names if name in newest]
        delivered = [first_answers()[name] for name in names if name in first_answers()]
        best = max(written, key=lambda one: one.version) if written else next(iter(delivered), None)
        if best:
            found[wording] = best.under(wording)
    return found


def answer_for(connection: Connection, wording: Wording) -> Answer | None:
    """The ready answer that holds for this wording, or None."""
    return answers_for(connection, [wording]).get(wording)


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
    """Every version written since delivery, newest first, each under the name of its time, with author and moment."""
    names = earlier_names(wording, all_changes(connection))
    rows = connection.execute(
        select(answers).where(_about(answers, names)).order_by(answers.c.version.desc(), answers.c.at.desc())
    )
    return [(_answer(row), row.by, row.at) for row in rows]


# ---------------------------------------------------------------- what a département adds


def _paragraph(row: Any, wording: Wording) -> LocalParagraph:
    return LocalParagraph(row.departement, wording, row.text, row.version, row.by, row.at)


def paragraphs_for(connection: Connection, wording: Wording) -> dict[str, LocalParagraph]:
    """What each département adds now, by code, empty where it took its text back."""
    history = paragraph_history(connection, wording)
    return {one.departement: one for one in reversed(history)}


def paragraph_history(connection: Connection, wording: Wording) -> list[LocalParagraph]:
    """Every version of every département, newest first, under any name of the sous-motif."""
    names = earlier_names(wording, all_changes(connection))
    table = local_paragraphs
    rows = connection.execute(
        select(table).where(_about(table, names)).order_by(table.c.version.desc(), table.c.id.desc())
    )
    return [_paragraph(row, wording) for row in rows]


def every_paragraph(connection: Connection, codes: Collection[str] | None) -> dict[Wording, str]:
    """The words that these départements (None: all) add, by the wording under which they stand: for a search."""
    table = local_paragraphs
    query = select(table).order_by(table.c.version)
    if codes is not None:
        query = query.where(table.c.departement.in_(codes))
    newest = {(row.departement, _wording(row)): row.text for row in connection.execute(query)}
    told: dict[Wording, str] = {}
    for (_, wording), text in newest.items():
        told[wording] = f"{told.get(wording, '')} {text}"
    return told


def save_paragraph(connection: Connection, new: LocalParagraph) -> None:
    """Keep a new version, which follows the one its writer saw; Overtaken when another stands there already."""
    current = paragraphs_for(connection, new.wording).get(new.departement)
    if (current.version if current else 0) != new.version - 1:
        raise Overtaken(current)
    values = new.wording._asdict() | {
        "departement": new.departement, "version": new.version, "text": new.text, "by": new.by, "at": new.at,
    }  # fmt: skip
    if not insert_unless_there(connection, local_paragraphs, values):
        raise Overtaken(paragraphs_for(connection, new.wording).get(new.departement))


# ---------------------------------------------------------------- how often an answer served

COPIED, SENT = "copied", "sent"
RECIPIENTS_KEPT = timedelta(days=90)
"""How long it is known to whom an answer was sent; the page on personal data says so."""
AT_ONCE = 500
COUNTED = timedelta(days=365)
"""Over which time the uses of an answer are counted."""


@dataclass(frozen=True, slots=True)
class AnswerUse:
    """One time that an answer was sent; `state` is `waiting`, `sent` or `refused` by the mail server."""

    id: int
    at: datetime
    by: str
    recipient: str | None
    state: str


def note_use(
    connection: Connection,
    wording: Wording,
    way: str,
    *,
    by: str,
    at: datetime,
    departement: str | None,
    call_id: str | None,
    recipient: str | None = None,
) -> int:
    """Write down that an answer served, and return the line's number."""
    values = wording._asdict() | {
        "way": way, "by": by, "at": at, "departement": departement, "call_id": call_id, "recipient": recipient,
    }  # fmt: skip
    return int(connection.execute(insert(answer_uses).values(values).returning(answer_uses.c.id)).scalar_one())


def uses_since(connection: Connection, wordings: Collection[Wording], since: datetime) -> dict[Wording, int]:
    """How often each answer was copied or sent since then, under any of its names."""
    table = answer_uses.c
    columns = (table.thematique, table.motif, table.sous_motif)
    rows = connection.execute(select(*columns, func.count().label("times")).where(table.at >= since).group_by(*columns))
    counted = {_wording(row): int(row.times) for row in rows}
    changes = all_changes(connection)
    return {one: sum(counted.get(name, 0) for name in set(earlier_names(one, changes))) for one in wordings}


def sent_by_since(connection: Connection, by: str, since: datetime) -> int:
    """How many answers this account has sent since then."""
    table = answer_uses.c
    query = select(func.count()).where(table.by == by, table.way == SENT, table.at > since)
    return int(connection.execute(query).scalar_one())


def was_sent(
    connection: Connection, wording: Wording, recipient: str, call_id: str | None, *, by: str, since: datetime
) -> bool:
    """Whether this account has sent this answer to this address, for this call, since then."""
    table = answer_uses.c
    same = (table.by == by, table.way == SENT, table.recipient == recipient, table.call_id == call_id, table.at > since)
    query = select(func.count()).where(*same, _about(answer_uses, [wording]))
    return bool(connection.execute(query).scalar_one())


def sent_for_call(connection: Connection, call_id: str, wording: Wording) -> list[AnswerUse]:
    """The mails of this answer for a call, oldest first, and whether each has left."""
    names = earlier_names(wording, all_changes(connection))
    table = answer_uses.c
    query = select(answer_uses).where(table.call_id == call_id, table.way == SENT, _about(answer_uses, names))
    rows = list(connection.execute(query.order_by(table.id)))
    keys = {delivery_key(row.id): row for row in rows}
    mails = {
        one.dedupe_key: one for one in connection.execute(select(deliveries).where(deliveries.c.dedupe_key.in_(keys)))
    }
    return [AnswerUse(row.id, row.at, row.by, row.recipient, _state(mails.get(key))) for key, row in keys.items()]


def _state(mail: Row[Any] | None) -> str:
    if mail is None or mail.done_at is None:
        return "waiting"
    return "refused" if mail.error else "sent"


def forget_recipients(connection: Connection, before: datetime) -> int:
    """Take the addresses of older mails out of the uses, which stay counted, and of the outbox; how many there were."""
    old = select(answer_uses.c.id).where(answer_uses.c.at < before, answer_uses.c.recipient.is_not(None))
    uses = connection.scalars(old).all()
    for start in range(0, len(uses), AT_ONCE):
        some = uses[start : start + AT_ONCE]
        keys = [delivery_key(use) for use in some]
        nothing = {"recipient": None, "subject": None, "text": None}
        connection.execute(update(deliveries).where(deliveries.c.dedupe_key.in_(keys)).values(nothing))
        connection.execute(update(answer_uses).where(answer_uses.c.id.in_(some)).values(recipient=None))
    return len(uses)


def delivery_key(use: int) -> str:
    """The name of the mail that this use owes."""
    return f"answer:{use}"


def sender_of_use(connection: Connection, use: int) -> str | None:
    """The address of the account that sent this answer."""
    return connection.execute(select(answer_uses.c.by).where(answer_uses.c.id == use)).scalar()


# ---------------------------------------------------------------- proposals


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
