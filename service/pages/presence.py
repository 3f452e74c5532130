"""Absence: one's own or a colleague's, until when, the holes that it opens, whom one replaces; one's line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from records.counting.words import of_name
from records.refusals import ChangeRefused
from routing.departements import NATIONAL, timezone_of
from routing.directory.people import Person
from routing.planning.coverage import Covered, holes_opened_by
from routing.planning.presence import (
    AwayFor,
    as_days,
    at_hour,
    away_until,
    end_of_day,
    half_days,
    said_period,
    whole_days,
)
from routing.rules import Absence
from routing.snapshot import Snapshot
from service.accounts.gate import current_account
from service.directory.absences import (
    AlreadyAway,
    change_absence,
    changed_absence,
    checked_absence,
    declare_absence,
    period_of,
    stand_ins,
    withdraw_absence,
)
from service.pages.administration.office import Office, errors_of
from support.answers.answering import make_proposal

CHOICES = {"demi-journee": AwayFor.HALF_DAY, "aujourdhui": AwayFor.TODAY, "demain": AwayFor.TOMORROW}
_KEPT = ("personne", "absence", "prolonge", "jusqu_a", "du", "du_heure", "au", "au_heure", "suppleant")
"""What a form that asks once more (to confirm, to extend) carries along."""


@dataclass(frozen=True)
class AskedAbsence:
    """What the page answers to: what was typed, what is wrong with it, the holes that it would open.

    `standing`: the absence that covers a part of it already.
    """

    fields: Mapping[str, str]
    errors: Mapping[str, str]
    holes: tuple[Covered, ...] = ()
    standing: Absence | None = None

    @property
    def kept(self) -> dict[str, str]:
        """The fields to carry along."""
        return {name: self.fields[name] for name in _KEPT if self.fields.get(name)}


def presence_blueprint(office: Office) -> Blueprint:
    """The pages under `/absence`; `?personne=` (a short id) names a colleague, `?absence=` one to change."""
    pages = Blueprint("presence", __name__, url_prefix="/absence")

    @pages.get("")
    def show() -> str:
        fields = g.get("interrupted_form") or request.args
        number = request.args.get("absence", type=int)
        if number is not None and not g.get("interrupted_form"):
            person, absence = _theirs(office, number)
            fields = _as_typed(person, absence)
        return _page(office, AskedAbsence(fields, {}))

    @pages.post("")
    def declare() -> ResponseReturnValue:
        person, snapshot = _chosen(office, request.form), office.snapshot()
        if person is None:
            abort(404)
        try:
            made = _absence(office, snapshot, person)
            others = tuple(one for one in snapshot.rules.absences if one.id != made.id)
            holes = holes_opened_by(replace(snapshot, rules=replace(snapshot.rules, absences=others)), made)
            if holes and request.form.get("confirme") != "1":
                return _page(office, AskedAbsence(request.form, {}, holes))
            _write(office, snapshot, person, made)
        except AlreadyAway as refusal:
            error = {"au": str(refusal)}
            return _page(office, AskedAbsence(request.form, error, standing=refusal.standing)), 400
        except ChangeRefused as refusal:
            return _page(office, AskedAbsence(request.form, errors_of(refusal))), 400
        flash(f"{_of(person)} est enregistrée : {said_period(person, made.start, made.end)}.", "success")
        return _back(person)

    @pages.post("/<int:number>/retirer")
    def come_back(number: int) -> ResponseReturnValue:
        person, _absence = _theirs(office, number)
        try:
            withdraw_absence(office.acting(), office.settings, office.snapshot(), number)
        except ChangeRefused:  # somebody else has just taken it back
            abort(404)
        flash(f"{_of(person)} est retirée : les appels sonnent de nouveau selon les horaires.", "success")
        return _back(person)

    @pages.post("/correction")
    def correct() -> ResponseReturnValue:
        reader, text = current_account(), request.form.get("correction", "")
        try:
            make_proposal(office.acting(), kind="directory", reference=reader.name or reader.email, text=text)
        except ChangeRefused as refusal:
            return _page(office, AskedAbsence(request.form, errors_of(refusal))), 400
        flash("Votre correction est transmise à l’équipe nationale.", "success")
        return redirect(url_for(".show"), 303)

    return pages


# ---------------------------------------------------------------- who


def _my_lines(office: Office) -> list[Person]:
    """The directory's lines of whoever is signed in (those with this e-mail address), one that rings first."""
    email = current_account().email
    mine = [person for person in office.snapshot().people if (person.email or "").casefold() == email]
    return sorted(mine, key=lambda person: not person.is_ringable)


def _is_mine(person: Person) -> bool:
    return (person.email or "").casefold() == current_account().email


def _may_speak_for(snapshot: Snapshot, person: Person) -> bool:
    """Whether the reader is that person, works at a desk where that person has a line, or is of the national team."""
    reader = current_account()
    desks = {line.departement for line in snapshot.people if line.identity == person.identity}
    return _is_mine(person) or any(reader.may_read(desk) for desk in desks)


def _colleagues(snapshot: Snapshot) -> list[tuple[str, str]]:
    """The options of the list of those whom the reader may speak for: short id; name and départements."""
    people: dict[tuple[str, str, str], list[Person]] = {}
    for person in snapshot.people:
        if person.is_ringable and not _is_mine(person) and _may_speak_for(snapshot, person):
            people.setdefault(person.identity, []).append(person)
    named = [(lines[0].id, f"{lines[0].name} ({', '.join(map(_desk, lines))})") for lines in people.values()]
    return sorted(named, key=lambda option: option[1].casefold())


def _desk(person: Person) -> str:
    return "équipe nationale" if person.departement == NATIONAL else person.departement


def _chosen(office: Office, fields: Mapping[str, str]) -> Person | None:
    """The person that the page is about: the one named, else the reader's own line; 404 for a stranger."""
    named, snapshot = fields.get("personne"), office.snapshot()
    if not named:
        return next(iter(_my_lines(office)), None)
    person = snapshot.person(NATIONAL, named)
    if person is None or not _may_speak_for(snapshot, person):
        abort(404)
    return next(iter(_my_lines(office)), person) if _is_mine(person) else person


def _theirs(office: Office, number: int) -> tuple[Person, Absence]:
    """The absence of that number that is not over, and its person; 404 unless the reader may speak for him."""
    snapshot, at = office.snapshot(), office.clock()
    absence = next((one for one in snapshot.rules.absences if one.id == number and one.end > at), None)
    person = snapshot.person(NATIONAL, absence.person) if absence else None
    if absence is None or person is None or not _may_speak_for(snapshot, person):
        abort(404)
    return person, absence


# ---------------------------------------------------------------- until when


def _absence(office: Office, snapshot: Snapshot, person: Person) -> Absence:
    """What the form asks for, checked: a new absence, another period of one, or one that is made longer."""
    fields, at = request.form, office.clock()
    suppleant = _suppleant(snapshot, person, fields)
    start, end = _period(snapshot, person, fields, at)
    longer = fields.get("prolonge", type=int)
    number = longer or fields.get("absence", type=int)
    if not number:
        return checked_absence(snapshot, person, suppleant, start=start, end=end, at=at)
    standing = _theirs(office, number)[1]
    if standing not in snapshot.absences(person.id):
        abort(404)
    if longer:
        start, end = min(start, standing.start), max(end, standing.end)
        if suppleant is None and standing.suppleant:
            suppleant = snapshot.person(person.departement, standing.suppleant)
    return changed_absence(snapshot, person, suppleant, standing.id, start=start, end=end, at=at)


def _write(office: Office, snapshot: Snapshot, person: Person, made: Absence) -> None:
    acting, suppleant = office.acting(), made.suppleant and snapshot.person(person.departement, made.suppleant)
    asked: dict[str, Any] = {"person": person, "suppleant": suppleant or None, "start": made.start, "end": made.end}
    if made.id:
        change_absence(acting, office.settings, snapshot, made.id, **asked)
    else:
        declare_absence(acting, office.settings, snapshot, **asked)


def _period(snapshot: Snapshot, person: Person, fields: Mapping[str, str], at: datetime) -> tuple[datetime, datetime]:
    """What was chosen or typed, by the person's own clock; a day alone is the whole day, the last one included."""
    choice = fields.get("jusqu_a", "")
    if choice:
        if choice not in CHOICES:
            raise ChangeRefused("Choisissez dans la liste.", "until")
        return period_of(snapshot, person, CHOICES[choice], at)
    try:
        last = _day(fields.get("au", ""), "end")
        first = _day(fields["du"], "start") if fields.get("du") else None
        start = at if first is None else whole_days(person, first, first)[0]
        if first and fields.get("du_heure"):
            start = at_hour(person, first, _hour(fields["du_heure"], "start"))
        if fields.get("au_heure"):
            return start, at_hour(person, last, _hour(fields["au_heure"], "end"))
        return start, end_of_day(person, last)
    except OverflowError:
        raise ChangeRefused("Donnez un jour.", "end") from None


def _day(typed: str, field: str) -> date:
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        raise ChangeRefused("Donnez un jour.", field) from None


def _hour(typed: str, field: str) -> time:
    try:
        return time.fromisoformat(typed.strip()).replace(tzinfo=None)
    except ValueError:
        raise ChangeRefused("Donnez une heure, par exemple 14:00.", field) from None


def _as_typed(person: Person, absence: Absence) -> dict[str, str]:
    """The absence as the form has it."""
    days, zone = as_days(person, absence.start, absence.end), timezone_of(person.departement)
    start, end = absence.start.astimezone(zone), absence.end.astimezone(zone)
    first, last = days or (start.date(), end.date())
    hours = {} if days else {"du_heure": f"{start:%H:%M}", "au_heure": f"{end:%H:%M}"}
    return {
        "personne": person.id, "absence": str(absence.id), "du": first.isoformat(), "au": last.isoformat(),
        "suppleant": absence.suppleant or "", **hours,
    }  # fmt: skip


def _suppleant(snapshot: Snapshot, person: Person, fields: Mapping[str, str]) -> Person | None:
    typed = fields.get("suppleant")
    if not typed:
        return None
    found = snapshot.person(person.departement, typed)
    if found is None:
        raise ChangeRefused("Choisissez dans la liste.", "suppleant")
    return found


# ---------------------------------------------------------------- the page


def _of(person: Person) -> str:
    return "Votre absence" if _is_mine(person) else f"L’absence {of_name(person.name)}"


def _back(person: Person) -> ResponseReturnValue:
    return redirect(url_for(".show", personne=None if _is_mine(person) else person.id), 303)


def _page(office: Office, asked: AskedAbsence) -> str:
    snapshot, at = office.snapshot(), office.clock()
    person = _chosen(office, asked.fields)
    absences: list[Absence] = []
    replaced: list[tuple[str, str]] = []
    if person is not None:
        absences = sorted({one for one in snapshot.absences(person.id) if one.end > at}, key=lambda one: one.start)
        replaced = _replaced(snapshot, person, at)
    return render_template(
        "presence.html", person=person, is_mine=person is not None and _is_mine(person), asked=asked,
        fields=asked.fields, errors=asked.errors, lines=_my_lines(office), colleagues=_colleagues(snapshot),
        absences=absences, away=next((one for one in absences if one.start <= at), None), replaced=replaced,
        choices=_choices(snapshot, person, at) if person else [], code=_code(person) if person else None,
        stand_ins=[(one.id, one.name) for one in stand_ins(snapshot, person)] if person else [],
        said=lambda one: said_period(person, one.start, one.end) if person else "",
        name_of={one.id: one.name for one in snapshot.people},
    )  # fmt: skip


def _choices(snapshot: Snapshot, person: Person, at: datetime) -> list[tuple[str, AwayFor, datetime]]:
    """The lengths that keep the telephone from ringing at least once, and when it may ring again."""
    ends = ((name, choice, away_until(snapshot, person, choice, at)) for name, choice in CHOICES.items())
    return [(name, choice, _back_at(snapshot, person, end)) for name, choice, end in ends if end is not None]


def _back_at(snapshot: Snapshot, person: Person, end: datetime) -> datetime:
    return max(end, next(half_days(snapshot, person, end), (end, end))[0])


def _replaced(snapshot: Snapshot, person: Person, at: datetime) -> list[tuple[str, str]]:
    """Whom this person replaces, and when, in words."""
    own = {line.id for line in snapshot.people if line.identity == person.identity}
    named = [one for one in snapshot.rules.absences if one.suppleant in own and one.end > at]
    found = [(one, snapshot.person(person.departement, one.person)) for one in sorted(named, key=lambda one: one.start)]
    return [(away.name, said_period(away, one.start, one.end)) for one, away in found if away]


def _code(person: Person) -> str | None:
    return None if person.departement == NATIONAL else person.departement
