"""A référent's own presence: away for a period or for now, the holes that it opens, and his line in the directory."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from records.in_force.rules import RuleKind
from records.refusals import ChangeRefused
from routing.directory.people import Person
from routing.planning.coverage import Covered, holes_opened_by
from routing.rules import Absence
from routing.snapshot import Snapshot
from service.accounts.gate import current_account
from service.directory.absences import (
    absent_for_now,
    checked_absence,
    declare_absence,
    declare_absent_for_now,
    stand_ins,
)
from service.directory.declaring import withdraw
from service.pages.administration.office import Office, errors_of, read_period
from support.answers.answering import make_proposal


def presence_blueprint(office: Office) -> Blueprint:
    """The pages under `/absence`."""
    pages = Blueprint("presence", __name__, url_prefix="/absence")

    @pages.get("")
    def show() -> str:
        return _page(office, g.get("interrupted_form") or {}, {})

    @pages.post("/maintenant")
    def away_now() -> ResponseReturnValue:
        declare_absent_for_now(office.acting(), office.settings, office.snapshot(), _my_line(office))
        flash("Vous êtes absent : le prochain appel ne vous sonnera pas.", "success")
        return redirect(url_for(".show"), 303)

    @pages.post("")
    def declare() -> ResponseReturnValue:
        mine, snapshot, acting = _my_line(office), office.snapshot(), office.acting()
        try:
            start, end = read_period(request.form, _code(mine), acting.at)
            suppleant = _suppleant(snapshot, mine, request.form)
            absence = checked_absence(snapshot, mine, suppleant, start=start, end=end, at=acting.at)
        except ChangeRefused as refusal:
            return _page(office, request.form, errors_of(refusal)), 400
        holes = holes_opened_by(snapshot, absence)
        if holes and request.form.get("confirme") != "1":
            return _page(office, request.form, {}, holes)
        declare_absence(
            acting, office.settings, snapshot, person=mine, suppleant=suppleant, start=start, end=end
        )  # fmt: skip
        flash("Votre absence est enregistrée.", "success")
        return redirect(url_for(".show"), 303)

    @pages.post("/<int:number>/retirer")
    def come_back(number: int) -> ResponseReturnValue:
        if number not in {absence.id for absence in _my_absences(office)}:
            abort(404)
        try:
            withdraw(office.acting(), office.settings, RuleKind.ABSENCE, number)
        except ChangeRefused:  # somebody else has just taken it back
            abort(404)
        flash("L’absence est retirée : vous sonnez de nouveau selon vos horaires.", "success")
        return redirect(url_for(".show"), 303)

    @pages.post("/correction")
    def correct() -> ResponseReturnValue:
        reader, text = current_account(), request.form.get("correction", "")
        try:
            make_proposal(office.acting(), kind="directory", reference=reader.name or reader.email, text=text)
        except ChangeRefused as refusal:
            return _page(office, request.form, errors_of(refusal)), 400
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


def _code(person: Person) -> str | None:
    return None if person.departement == "*" else person.departement


def _suppleant(snapshot: Snapshot, mine: Person, fields: Mapping[str, str]) -> Person | None:
    typed = fields.get("suppleant")
    if not typed:
        return None
    found = snapshot.person(mine.departement, typed)
    if found is None:
        raise ChangeRefused("Choisissez dans la liste.", "suppleant")
    return found


def _page(office: Office, fields: Mapping[str, str], errors: Mapping[str, str], holes: tuple[Covered, ...] = ()) -> str:
    snapshot, now, lines = office.snapshot(), office.clock(), _my_lines(office)
    mine = _my_line(office) if lines else None
    for_now = absent_for_now(snapshot, mine, now) if mine else None
    absences = _my_absences(office)
    return render_template(
        "presence.html", lines=lines, mine=mine, fields=fields, errors=errors, holes=holes, absences=absences,
        away=next((absence for absence in absences if absence.start <= now), None), for_now=for_now,
        holes_now=holes_opened_by(snapshot, for_now) if for_now else (),
        stand_ins=[(one.id, one.name) for one in stand_ins(snapshot, mine)] if mine else [],
        code=_code(mine) if mine else None,
        name_of={person.id: person.name for person in snapshot.people},
    )  # fmt: skip
