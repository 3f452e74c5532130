"""What is done to a line: each verb checks, writes the row and the line of the trail in one transaction."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from records.database import Connection
from records.desks.accounts import Account, colleagues, names_by_email
from records.desks.acting import UNDONE_WITHIN, Acting
from records.desks.calling_back import forget_call_back, note_call_back
from records.refusals import ChangeRefused
from routing.departements import timezone_of
from support.worklist.line import LineKind, WorkLine
from support.worklist.marks.store import is_done, is_taken_since, mark, mark_read, undo_done
from support.worklist.store import (
    desks_of,
    read_lines,
    set_without,
)

LONGEST_ASIDE = timedelta(days=366)
DONE_HERE = frozenset({LineKind.MISSED, LineKind.ANSWER})
"""What is said to be done on this list; the others end on their own page."""
GIVEN_HERE = frozenset(LineKind) - {LineKind.REQUEST}
"""Whose owner is kept here; a request keeps its own."""
GONE = "Cette ligne n’est plus à faire : quelqu’un s’en est occupé, ou elle est partie d’elle-même."


def take(acting: Acting, kind: LineKind, reference: str, usage: Collection[str]) -> None:
    """Say that the line is one's own; ChangeRefused when a colleague has said so before."""
    with acting.writing() as connection:
        line = _line(acting, connection, kind, reference, usage)
        _check_given_here(line)
        if line.kind is not LineKind.ONGOING and line.owner not in {None, acting.by}:
            raise _taken(connection, line.owner)
        quicker = is_taken_since(connection, line, acting.by)
        if not mark(connection, line, unless=quicker, owner=acting.by, owned_at=acting.at):
            seen = mark_read(connection, kind, reference)
            raise _taken(connection, seen.owner if seen else None)
        acting.note(connection, "à faire : pris", line.key)


def hand_over(acting: Acting, kind: LineKind, reference: str, to: str, usage: Collection[str]) -> None:
    """Give the line to somebody who works on its desk, "" for nobody; ChangeRefused for anybody else."""
    with acting.writing() as connection:
        line = _line(acting, connection, kind, reference, usage)
        _check_given_here(line)
        if to and to not in {one.email for one in colleagues(connection, line.departement)} | {acting.by}:
            raise ChangeRefused("Choisissez quelqu’un qui travaille pour ce département.", "a")
        mark(connection, line, owner=to or None, owned_at=acting.at if to else None)
        acting.note(connection, "à faire : confié", f"{line.key} → {to or 'personne'}")


def set_aside(acting: Acting, kind: LineKind, reference: str, until: date | None, usage: Collection[str]) -> None:
    """Hide the line until that day begins, in the département's own time; None brings it back at once."""
    with acting.writing() as connection:
        line = _line(acting, connection, kind, reference, usage)
        zone = timezone_of(line.departement)
        today = acting.at.astimezone(zone).date()
        if until is not None and not today < until <= today + LONGEST_ASIDE:
            raise ChangeRefused("Choisissez un jour à venir, d’ici un an au plus.", "jusqu_au")
        moment = None if until is None else datetime.combine(until, time(0), zone)
        mark(connection, line, aside_until=moment, aside_by=None if until is None else acting.by)
        said = "à faire : mis de côté" if until else "à faire : repris"
        acting.note(connection, said, f"{line.key} → {until}" if until else line.key)


def finish(acting: Acting, kind: LineKind, reference: str, seconds: int | None, usage: Collection[str]) -> str | None:
    """Say that the line is done. With the duration of a call back: the id of that call, which is to be qualified."""
    with acting.writing() as connection:
        line = _line(acting, connection, kind, reference, usage)
        if line.kind not in DONE_HERE:
            raise ChangeRefused("Cette ligne se termine sur sa page.")
        if not mark(connection, line, unless=is_done(line), done_at=acting.at, done_by=acting.by):
            raise ChangeRefused(GONE)
        acting.note(connection, "à faire : fait", line.key)
        if seconds is None or line.kind is not LineKind.MISSED:
            return None
        return note_call_back(
            acting, connection, number=line.number, departement=line.departement, zone=timezone_of(line.departement),
            of=line.reference, seconds=seconds,
        )  # fmt: skip


def undo(acting: Acting, kind: LineKind, reference: str) -> None:
    """Take back that a line is done: within ten minutes, by whoever said so. The call back that it made goes too."""
    with acting.writing() as connection:
        seen = mark_read(connection, kind, reference)
        if seen is None or seen.done_at is None:
            raise ChangeRefused("Cette ligne n’est pas notée comme faite.")
        if seen.done_by != acting.by:
            raise ChangeRefused("Seule la personne qui l’a noté peut l’annuler.")
        if acting.at - seen.done_at > UNDONE_WITHIN:
            raise ChangeRefused("Plus de dix minutes ont passé : cela ne s’annule plus.")
        references = undo_done(connection, kind, reference, seen)
        for one in references:
            if not forget_call_back(acting, connection, of=one, at=seen.done_at):
                raise ChangeRefused("Le rappel est déjà qualifié : annulez d’abord sa qualification.")
        acting.note(connection, "à faire : annulé", f"{kind}:{reference}")


def list_missed(acting: Acting, desk: str, *, wanted: bool) -> bool:
    """List the missed callers of a desk, or not: one that the reader has. Whether it changed anything."""
    with acting.writing() as connection:
        if desk not in desks_of(_reader(acting).scope):
            raise ChangeRefused("Choisissez l’un de vos départements.", "departement")
        if not set_without(connection, desk, by=acting.by, at=acting.at, without=not wanted):
            return False
        acting.note(connection, "appels manqués listés" if wanted else "appels manqués non listés", desk)
        return True


def _taken(connection: Connection, owner: str | None) -> ChangeRefused:
    name = names_by_email(connection).get(owner or "", owner or "Quelqu’un")
    return ChangeRefused(f"{name} s’en occupe déjà. Pour reprendre cette ligne, confiez-la-vous.")


def _line(acting: Acting, connection: Connection, kind: LineKind, reference: str, usage: Collection[str]) -> WorkLine:
    """The line as it stands in this transaction, whichever of a missed caller's calls names it."""
    for line in read_lines(connection, _reader(acting), acting.at, usage):
        if line.kind is kind and reference in line.references:
            return line
    raise ChangeRefused(GONE)


def _reader(acting: Acting) -> Account:
    if acting.account is None:
        raise ChangeRefused("La liste « À faire » est celle d’une personne : connectez-vous.")
    return acting.account


def _check_given_here(line: WorkLine) -> None:
    if line.kind not in GIVEN_HERE:
        raise ChangeRefused("Une demande se confie sur sa page.")
