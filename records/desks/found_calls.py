"""The calls that somebody looks for: by digits, words, day, what became of them, who had them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select

from records.database import folded, folded_text
from records.desks.desk_calls import DeskCall, Scope, desk_call_of, lines_query
from records.desks.statut import Solved, Statut, show_statut
from records.facts import Outcome
from records.schema.desk_tables import accounts, qualifications
from records.schema.request_tables import requests
from records.schema.tables import calls

UNQUALIFIED = "non qualifié"
"""Stands among the statuts for a call of which nothing was said yet."""
MISSED = "missed_any"
"""Stands among the outcomes for every call that nobody took."""
TOOK, QUALIFIED = "pris", "qualifie"

_COUNTRIES = ("33", "262", "508", "590", "594", "596", "681", "687", "689")
_MANY_NAMES = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; what is empty leaves all.

    `text` is what was typed, `digits` its digits when it may be a part of a telephone number (a leading + kept).
    `who` is TOOK or QUALIFIED and whom: a name as calls carry it, an account's address.
    """

    text: str = ""
    digits: str = ""
    departement: str = ""
    since: date | None = None
    until: date | None = None
    statut: str = ""
    outcome: str = ""
    who: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A call with what was said about it, as a file of calls tells it."""

    call: DeskCall
    thematique: str
    motif: str
    niveau: str
    statut: str
    comment: str
    by: str
    at: datetime | None
    request: int | None


def _conditions(scope: Scope, wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [] if scope is None else [calls.c.departement.in_(scope)]
    if wanted.departement:
        found.append(calls.c.departement == wanted.departement)
    if wanted.since:
        found.append(calls.c.local_date >= wanted.since)
    if wanted.until:
        found.append(calls.c.local_date <= wanted.until)
    if wanted.outcome == MISSED:
        found.append(calls.c.outcome.not_in([Outcome.ANSWERED, Outcome.IN_PROGRESS]))
    elif wanted.outcome:
        found.append(calls.c.outcome == wanted.outcome)
    if wanted.statut:
        found.append(_has_statut(wanted.statut))
    if wanted.who:
        kind, whom = wanted.who
        found.append(calls.c.referent == whom if kind == TOOK else qualifications.c.by == whom)
    if wanted.text:
        found.append(_says(wanted.text, wanted.digits))
    return found


def _has_statut(statut: str) -> ColumnElement[bool]:
    """As `show_statut` tells it: an escalated call stays so until its request is closed (decision 32)."""
    q = qualifications.c
    if statut == UNQUALIFIED:
        return q.call_id.is_(None)
    with_level_2 = and_(q.escalated.is_(True), requests.c.closed_at.is_(None))
    if statut == Statut.ESCALADE:
        return with_level_2
    resolved = {str(Statut.RESOLU): True, str(Statut.EN_COURS): False}.get(statut)
    return and_(~with_level_2, q.call_id.is_not(None), q.resolved.is_(resolved))


def _says(text: str, digits: str) -> ColumnElement[bool]:
    """The digits in a number, or every word in the comment or the names of the sous-motif."""
    q = qualifications.c
    said = folded(q.thematique + " " + q.motif + " " + q.sous_motif + " " + q.comment)
    words = and_(*(said.contains(word, autoescape=True) for word in folded_text(text).split()))
    if not digits:
        return words
    return or_(words, _dialled(calls.c.caller, digits), _dialled(calls.c.callback_number, digits))


def _dialled(number: ColumnElement[Any], digits: str) -> ColumnElement[bool]:
    """Whether a kept number (+33…) holds these digits, written with a country's code or with the national zero."""
    plain = digits.removeprefix("+")
    ways = [number.contains(plain, autoescape=True)]
    if digits.startswith("00"):
        ways.append(number.startswith(f"+{plain[2:]}", autoescape=True))
    if plain.startswith("0"):
        ways += [number.startswith(f"+{code}{plain[1:]}", autoescape=True) for code in _COUNTRIES]
    return or_(*ways)


def _from(query: Select[Any]) -> Select[Any]:
    return query.outerjoin(requests, requests.c.call_id == calls.c.call_id)


def find_calls(connection: Connection, scope: Scope, wanted: Wanted, *, limit: int, offset: int = 0) -> list[DeskCall]:
    """The calls of the scope that are wanted, newest first."""
    query = _from(lines_query()).where(*_conditions(scope, wanted))
    query = query.order_by(calls.c.started_at.desc(), calls.c.call_id).limit(limit).offset(offset)
    return [desk_call_of(row) for row in connection.execute(query)]


def count_calls(connection: Connection, scope: Scope, wanted: Wanted) -> int:
    """How many calls are wanted."""
    joined = calls.outerjoin(qualifications, qualifications.c.call_id == calls.c.call_id)
    joined = joined.outerjoin(requests, requests.c.call_id == calls.c.call_id)
    query = select(func.count()).select_from(joined).where(*_conditions(scope, wanted))
    return int(connection.execute(query).scalar_one())


def tell_calls(connection: Connection, scope: Scope, wanted: Wanted, *, limit: int) -> Iterator[Told]:
    """The wanted calls with what was said about each, newest first."""
    q = qualifications.c
    more = (q.thematique, q.motif, q.niveau, q.comment, q.by, q.at, requests.c.id, requests.c.closed_at)
    names = ("thematique", "motif", "niveau", "comment", "by", "at", "id", "closed_at")
    columns = [column.label(f"told_{name}") for name, column in zip(names, more, strict=True)]
    query = _from(lines_query()).add_columns(*columns).where(*_conditions(scope, wanted))
    for row in connection.execute(query.order_by(calls.c.started_at.desc(), calls.c.call_id).limit(limit)):
        yield _told(desk_call_of(row), row)


def _told(call: DeskCall, row: Any) -> Told:
    statut = ""
    if call.is_qualified:
        solved = Solved(call.resolved, call.escalated)
        statut = str(show_statut(solved, level_2_closed=row.told_closed_at is not None))
    return Told(
        call, row.told_thematique or "", row.told_motif or "", row.told_niveau or "", statut, row.told_comment or "",
        row.told_by or "", row.told_at, row.told_id,
    )  # fmt: skip


def who_had_calls(connection: Connection, scope: Scope, departement: str = "") -> tuple[list[str], list[Any]]:
    """Who took calls of these départements (names), and who qualified some (accounts: id, email, name)."""
    here: list[ColumnElement[bool]] = [] if scope is None else [calls.c.departement.in_(scope)]
    if departement:
        here.append(calls.c.departement == departement)
    took = select(calls.c.referent).where(calls.c.referent.is_not(None), *here).distinct().order_by(calls.c.referent)
    by = select(qualifications.c.by).join(calls, calls.c.call_id == qualifications.c.call_id).where(*here)
    said = select(accounts.c.id, accounts.c.email, accounts.c.name).where(accounts.c.email.in_(by))
    names = [row.referent for row in connection.execute(took.limit(_MANY_NAMES))]
    return names, list(connection.execute(said.order_by(accounts.c.name, accounts.c.email).limit(_MANY_NAMES)))
