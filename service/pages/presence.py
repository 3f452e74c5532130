"""A référent's own presence: away for a period or for now, the holes that it opens, and his line in the directory."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from records.database import writing
from records.in_force.rules import RuleKind
from routing.departements import timezone_of
from routing.directory.people import Person
from routing.planning.coverage import Covered, holes_opened_by
from routing.rules import Absence
from routing.snapshot import Snapshot
from service.accounts.gate import current_account
from service.pages.administration.office import Mistakes, Office, read_period, read_text
from support.store import propose

LONGEST_AWAY = timedelta(days=366)
LONGEST_PROPOSAL = 1000
NEW = 0
"""The number of an absence that is not declared yet."""


def presence_blueprint(office: Office) -> Blueprint:
    """The pages under `/absence`."""
    pages = Blueprint("presence", __name__, url_prefix="/absence")

    @pages.get("")
    def show() -> str:
        return _page(office, g.get("interrupted_form") or {}, {})

    @pages.post("/maintenant")
    def away_now() -> ResponseReturnValue:
        mine, now = _my_line(office), office.clock()
        if not any(absence.start <= now for absence in _my_absences(office)):  # a second click changes nothing
            office.set_rule(RuleKind.ABSENCE, _values(_for_now(mine, now)))
        flash("Vous êtes absent : le prochain appel ne vous sonnera pas.", "success")
        return redirect(url_for(".show"), 303)

    @pages.post("")
    def declare() -> ResponseReturnValue:
        mine = _my_line(office)
        try:
            absence = _read(office.snapshot(), mine, request.form, office.clock())
        except Mistakes as mistakes:
            return _page(office, request.form, mistakes.by_field), 400
        holes = holes_opened_by(office.snapshot(), absence)
        if holes and request.form.get("confirme") != "1":
            return _page(office, request.form, {}, holes)
        if _values(absence) not in map(_values, _my_absences(office)):  # the same form sent twice
            office.set_rule(RuleKind.ABSENCE, _values(absence))
        flash("Votre absence est enregistrée.", "success")
        return redirect(url_for(".show"), 303)

    @pages.post("/<int:number>/retirer")
    def come_back(number: int) -> ResponseReturnValue:
        if number not in {absence.id for absence in _my_absences(office)}:
            abort(404)
        office.unset_rule(RuleKind.ABSENCE, number)
        flash("L’absence est retirée : vous sonnez de nouveau selon vos horaires.", "success")
        return redirect(url_for(".show"), 303)

    @pages.post("/correction")
    def correct() -> ResponseReturnValue:
        reader = current_account()
        try:
            text = read_text(request.form.get("correction", ""), "correction", LONGEST_PROPOSAL)
        except Mistakes as mistakes:
            return _page(office, request.form, mistakes.by_field), 400
        with writing(office.engine) as connection:
            propose(
                connection, kind="directory", reference=reader.name or reader.email,
                departement=next(iter(reader.departements), None), text=text, by=reader.email, at=office.clock(),
            )  # fmt: skip
        flash("Votre correction est transmise à l’équipe nationale.", "success")
        return redirect(url_for(".show"), 303)

    return pages


def _my_lines(office: Office) -> list[Person]:
    """The directory's lines of whoever is signed in: those with this e-mail address."""
    email = current_account().email
    return [person for person in office.snapshot().people if (person.email or "").casefold() == email]


def _my_line(office: Office) -> Person:
    """One of these lines, one that rings first; 404 for whoever has none."""
    lines = sorted(_my_lines(office), key=lambda person: not person.is_ringable)
    return lines[0] if lines else abort(404)


def _my_absences(office: Office) -> list[Absence]:
    """My absences that are not over, soonest first."""
    snapshot, now = office.snapshot(), office.clock()
    mine = {absence for person in _my_lines(office) for absence in snapshot.absences(person.id) if absence.end > now}
    return sorted(mine, key=lambda absence: absence.start)


def _for_now(person: Person, now: datetime) -> Absence:
    """« Absent pour l'instant »: until the person's next opening (decision 21), a day at most when there is none."""
    back = person.hours.next_opening(now.astimezone(timezone_of(_code(person))))
    return Absence(NEW, person.id, now, back or now + timedelta(days=1))


def _code(person: Person) -> str | None:
    return None if person.departement == "*" else person.departement


def _values(absence: Absence) -> dict[str, Any]:
    return {
        "person": absence.person, "start": absence.start, "end": absence.end, "suppleant": absence.suppleant,
    }  # fmt: skip


def _read(snapshot: Snapshot, mine: Person, fields: Mapping[str, str], now: datetime) -> Absence:
    """The absence that the form declares; raises Mistakes."""
    period = read_period(fields, _code(mine), now)
    if period["end"] - period["start"] > LONGEST_AWAY:
        raise Mistakes(au="Une absence dure un an au plus.")
    suppleant = fields.get("suppleant") or None
    if suppleant is not None and suppleant not in dict(_stand_ins(snapshot, mine)):
        raise Mistakes(suppleant="Choisissez dans la liste.")
    return Absence(NEW, mine.id, period["start"], period["end"], suppleant)


def _stand_ins(snapshot: Snapshot, mine: Person) -> list[tuple[str, str]]:
    """Who may take my rang: whoever can be rung in my départements, but me."""
    codes = {person.departement for person in snapshot.people if person.identity == mine.identity}
    others = (
        p for code in sorted(codes) for p in snapshot.lines(code) if p.is_ringable and p.identity != mine.identity
    )
    return list({person.id: (person.id, person.name) for person in others}.values())


def _page(office: Office, fields: Mapping[str, str], errors: Mapping[str, str], holes: tuple[Covered, ...] = ()) -> str:
    snapshot, now, lines = office.snapshot(), office.clock(), _my_lines(office)
    mine = _my_line(office) if lines else None
    for_now = _for_now(mine, now) if mine else None
    absences = _my_absences(office)
    return render_template(
        "presence.html", lines=lines, mine=mine, fields=fields, errors=errors, holes=holes, absences=absences,
        away=next((absence for absence in absences if absence.start <= now), None), for_now=for_now,
        holes_now=holes_opened_by(snapshot, for_now) if for_now else (),
        stand_ins=_stand_ins(snapshot, mine) if mine else [], code=_code(mine) if mine else None,
        name_of={person.id: person.name for person in snapshot.people},
    )  # fmt: skip
