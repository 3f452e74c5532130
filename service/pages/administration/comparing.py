"""What a new directory would change, told before it is published; or what is wrong with it, where it is refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from flask import render_template, request

from records.database import reading
from records.desks.accounts import list_accounts
from routing.calendar.words import write_moment
from routing.departements import NATIONAL, timezone_of
from routing.directory.differences import Differences, differences
from routing.directory.people import Person
from routing.directory.reading import LINES_SHOWN, DirectoryRefused, first_lines
from routing.phones import show_phone
from routing.planning.coverage import Cover, Covered, coverage
from routing.rules import Absence
from routing.snapshot import Snapshot
from service.directory.publishing import MOST_NAMED, what_goes
from service.pages.administration.office import Office
from service.pages.labels import departement_name, opening_hours

AHEAD = timedelta(days=7)
MOST_HOLES = 12
"""Sentences about holes that one reads; a file that opens more shows these and their number."""
LABELS: Mapping[str, str] = {
    "siao": "SIAO", "nom": "nom", "prenom": "prénom", "role": "rôle", "phone": "téléphone", "email": "e-mail",
    "rang": "rang", "hours": "horaires", "screened": "filtrage",
}  # fmt: skip


def refused_file(refusal: DirectoryRefused) -> str:
    """The page of what is wrong with a file: its first bad lines, and how many there are besides."""
    shown, more = first_lines(refusal.problems, LINES_SHOWN)
    return render_template("directory/directory_upload.html", problems=shown, more=more + refusal.more, error="")


def comparison(
    office: Office, people: Sequence[Person], *, action: str, kept: Mapping[str, str], title: str,
    errors: Mapping[str, str], correct: str = "", note: str = "",
) -> str:  # fmt: skip
    """The page between checking and publishing.

    `action` is where it is published, `kept` the hidden fields that go there, `correct` the address that shows the form
    again with what was typed, `errors` what is wrong with the note or the confirmation.
    """
    serving = office.snapshot()
    found = differences(serving.people, people)
    holes = list(_holes_made(serving, people, found, office.clock()))
    return render_template(
        "directory/directory_difference.html", found=found, lines=len(people), title=title, action=action, kept=kept,
        correct=correct, errors=errors, note=request.form.get("note", note), lost=_lost(office, people, found),
        gone=what_goes(found), most_named=MOST_NAMED,
        holes=holes[:MOST_HOLES], more_holes=max(len(holes) - MOST_HOLES, 0),
        changes=[(before, after, changed_columns(before, after)) for before, after in found.changed],
    )  # fmt: skip


def changed_columns(before: Person, after: Person) -> list[tuple[str, str, str]]:
    """The columns that differ, as (label, before, after)."""
    pairs = ((label, _shown(before, name), _shown(after, name)) for name, label in LABELS.items())
    return [(label, old, new) for label, old, new in pairs if old != new]


def _shown(person: Person, name: str) -> str:
    if name == "hours":
        return opening_hours(person.hours)
    value = getattr(person, name)
    if isinstance(value, bool):
        return "oui" if value else "non"
    if name == "phone" and value:
        return show_phone(value)
    return "—" if value is None else str(value)


def _lost(office: Office, people: Iterable[Person], found: Differences) -> list[str]:
    """French sentences about accounts and absences that would point to nobody (decision 3)."""
    serving = office.snapshot()
    gone = _addresses(serving.people) - _addresses(people)
    with reading(office.engine) as connection:
        left = [each for each in list_accounts(connection) if each.closed_at is None and each.email.casefold() in gone]
    told = [
        f"{account.name or account.email} n’aurait plus de ligne dans l’annuaire ; son compte resterait ouvert."
        for account in left
    ]
    orphaned = set(found.orphaned)
    away = [each for each in serving.rules.absences if {each.person, each.suppleant} & orphaned]
    return told + [_lost_absence(serving, absence) for absence in away if absence.end > office.clock()]


def _lost_absence(serving: Snapshot, absence: Absence) -> str:
    line = serving.person("", absence.person)
    zone = timezone_of(line.departement if line else None)
    days = f"du {write_moment(absence.start, zone)} au {write_moment(absence.end, zone)}"
    who = line.name if line else "quelqu’un qui n’est plus dans l’annuaire"
    return f"L’absence déclarée pour {who}, {days}, nommerait quelqu’un d’inconnu : déclarez-la de nouveau."


def _addresses(people: Iterable[Person]) -> set[str]:
    return {person.email.casefold() for person in people if person.email}


def _holes_made(
    serving: Snapshot, people: Sequence[Person], found: Differences, now: datetime
) -> Iterator[tuple[str, str]]:
    """Département and words of each time of the next days at which nobody could be rung any more."""
    touched = {line.departement for line in (*found.added, *found.removed)}
    touched |= {after.departement for _before, after in found.changed}
    codes = sorted(touched - {NATIONAL} - set(found.emptied))
    if not codes:
        return
    before = holes_of(coverage(serving, now, now + AHEAD, codes))
    known = {(hole.departement, hole.start, hole.end) for hole in before}
    after = holes_of(coverage(replace(serving, people=tuple(people)), now, now + AHEAD, codes))
    for hole in after:
        if (hole.departement, hole.start, hole.end) not in known:
            zone = timezone_of(hole.departement)
            words = f"du {write_moment(hole.start, zone)} au {write_moment(hole.end, zone)}"
            yield departement_name(hole.departement), words


def holes_of(ranges: Iterable[Covered]) -> list[Covered]:
    """Those at which somebody is expected and nobody can be rung."""
    return [covered for covered in ranges if covered.cover is Cover.HOLE]
