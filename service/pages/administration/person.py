"""One person of the directory on a page: changed, added, taken out, with the checks and the preview of a whole file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from records.database import reading
from records.refusals import ChangeRefused, Overtaken
from routing.departements import NATIONAL, departements
from routing.directory.cells import Unreadable
from routing.directory.editing import DirectoryText
from routing.directory.people import Person, Role
from routing.directory.reading import COLUMNS, DirectoryRefused
from service.directory.followed_csv import read_people
from service.directory.publishing import publish_directory, serving_text
from service.pages.administration.comparing import changed_columns, comparison, refused_file
from service.pages.administration.office import Office, departement_options

NEW = "ajouter"
"""What stands in the address where nobody has a short id yet."""
SCREENING = (("oui", "Oui : le référent tape 1 pour prendre l’appel"), ("non", "Non : qui décroche a l’appel"))
CHANGED_MEANWHILE = "L’annuaire a changé entre-temps : voici la différence avec celui qui sert maintenant."


def add_person_pages(pages: Blueprint, office: Office) -> None:
    """The pages `/personne/ajouter` and `/personne/<short id>`."""

    @pages.get("/personne/<short>")
    def person(short: str) -> str:
        file, departement = _file(office), request.args.get("departement", "")
        if short == NEW:
            return _form(file, None, _blank(office, departement), {})
        place = file.find(short, departement)
        return abort(404) if place is None else _form(file, place, file.shown(place), {})

    @pages.post("/personne/<short>")
    def check_person(short: str) -> ResponseReturnValue:
        file = _file(office)
        place = file.find(short, request.form.get("ligne", ""))
        if short != NEW and place is None:
            return _gone(file)
        if request.form.get("faire") == "corriger":
            return _form(file, place, _typed(), {})
        if request.form.get("base", file.base) != file.base:
            flash(CHANGED_MEANWHILE, "warning")
        return _checked(office, file, place, {})

    @pages.post("/personne/<short>/publier")
    def publish_person(short: str) -> ResponseReturnValue:
        file = _file(office)
        place = file.find(short, request.form.get("ligne", ""))
        if short != NEW and place is None:
            return _gone(file)
        if request.form.get("base") != file.base:
            flash(CHANGED_MEANWHILE, "warning")
            return _checked(office, file, place, {})
        text, _line = file.edited(place, _typed(), removing="retirer" in request.form)
        try:
            snapshot = publish_directory(
                office.acting(), office.settings, text.encode(), request.form.get("note", ""),
                compared_with=file.version, confirmed="confirmer" in request.form,
            )  # fmt: skip
        except DirectoryRefused:
            return _checked(office, file, place, {})
        except Overtaken:
            flash("L’annuaire vient de changer : regardez de nouveau ce qui changerait.", "warning")
            return _form(file, place, _typed(), {})
        except ChangeRefused as refusal:
            return _checked(office, file, place, {refusal.field: str(refusal)})
        flash(f"Version {snapshot.version} publiée : elle sert dès le prochain appel.", "success")
        code = _typed()["departement"]
        known = code == NATIONAL or code in departements()
        return redirect(url_for(".one", code=code) if known else url_for(".search"), 303)


@dataclass(frozen=True, slots=True)
class _ServingFile:
    """The file that serves, and who stands in it, in its order."""

    version: int
    text: str
    people: tuple[Person, ...]

    @property
    def base(self) -> str:
        """The fingerprint that a form carries, so that a file changed since is noticed."""
        return sha256(self.text.encode()).hexdigest()

    def find(self, short: str, departement: str) -> int | None:
        """The place of the line of this short id, in this département where it has several; None without any."""
        places = [place for place, each in enumerate(self.people) if each.id == short]
        same = [place for place in places if self.people[place].departement == departement]
        return next(iter(same or places), None)

    def shown(self, place: int) -> dict[str, str]:
        """The line as its form shows it: what is chosen from a list under the list's own words."""
        person = self.people[place]
        screened = "oui" if person.screened else "non"
        chosen = {"departement": person.departement, "role": str(person.role), "filtrage": screened}
        return {name: cell.strip() for name, cell in DirectoryText(self.text).cells(place).items()} | chosen

    def edited(self, place: int | None, typed: Mapping[str, str], *, removing: bool) -> tuple[str, int]:
        """The file once the form is published, and the physical line that it is about (0: taken out)."""
        file = DirectoryText(self.text)
        if place is None:
            edited = file.added(typed)
        elif removing:
            edited = file.removed(place)
        else:
            before = self.shown(place)
            edited = file.changed(place, {name: cell for name, cell in typed.items() if cell != before[name]})
        return edited.text, edited.line


def _file(office: Office) -> _ServingFile:
    """The file that serves; 404 where there is none, and all that is wrong with it where it is refused by now."""
    version = office.snapshot().version
    try:
        with reading(office.engine) as connection:
            text = serving_text(connection, office.settings, version)
        return _ServingFile(version, text, read_people(text.encode(), office.settings)) if text else abort(404)
    except DirectoryRefused as refusal:
        return abort(make_response(refused_file(refusal), 409))
    except Unreadable:
        abort(404)


def _gone(file: _ServingFile) -> ResponseReturnValue:
    """The form of somebody new, with what was typed about a line that is not there any more."""
    told = "cette ligne n’est plus dans l’annuaire : elle a été retirée ou renommée entre-temps ; voir l’historique"
    return _form(file, None, _typed(), {"": told}), 409


def _typed() -> dict[str, str]:
    return {name: request.form.get(name, "").strip() for name in COLUMNS}


def _blank(office: Office, departement: str) -> dict[str, str]:
    """The fields of somebody new, with the SIAO of the others there."""
    siao = next((each.siao for each in office.snapshot().lines(departement)), "")
    return dict.fromkeys(COLUMNS, "") | {
        "departement": departement, "siao": siao, "role": str(Role.REFERENT), "filtrage": "oui",
    }  # fmt: skip


def _checked(office: Office, file: _ServingFile, place: int | None, errors: Mapping[str, str]) -> ResponseReturnValue:
    """The preview of what the form would change, or the form with what is wrong at its fields."""
    typed, removing = _typed(), "retirer" in request.form
    if not removing and typed["departement"] == "":
        return _form(file, place, typed, {"departement": "Choisissez un département."}), 400
    text, line = file.edited(place, typed, removing=removing)
    try:
        people = read_people(text.encode(), office.settings)
    except DirectoryRefused as refusal:
        wrong = {one.column if one.line == line else "": one.reason for one in reversed(refusal.problems)}
        return _form(file, place, typed, wrong), 400
    short = NEW if place is None else file.people[place].id
    ligne = "" if place is None else file.people[place].departement
    kept = typed | {"base": file.base, "ligne": ligne} | ({"retirer": "1"} if removing else {})
    page = comparison(
        office, people, title=_title(file, place, removing=removing), errors=errors, kept=kept,
        action=url_for(".publish_person", short=short),
        correct="" if removing else url_for(".check_person", short=short),
        note=_note(file, place, people, removing=removing),
    )  # fmt: skip
    return page, 400 if errors else 200


def _title(file: _ServingFile, place: int | None, *, removing: bool) -> str:
    if place is None:
        return "Ce que cet ajout changerait"
    name = _name(file.people[place])
    return f"Retirer {name} de l’annuaire" if removing else f"Ce que ce changement ferait : {name}"


def _note(file: _ServingFile, place: int | None, people: tuple[Person, ...], *, removing: bool) -> str:
    """The words offered for the history."""
    if place is None:
        return f"Ajout : {_name(people[-1])}"[:200]
    name = _name(file.people[place])
    if removing:
        return f"Retrait : {name}"[:200]
    columns = ", ".join(label for label, _old, _new in changed_columns(file.people[place], people[place]))
    return f"{name} : {columns}"[:200] if columns else ""


def _name(person: Person) -> str:
    return person.name or person.email or person.siao


def _form(file: _ServingFile, place: int | None, fields: Mapping[str, str], errors: Mapping[str, str]) -> str:
    line = None if place is None else file.people[place]
    others = [each for each in file.people if line and each is not line and each.identity == line.identity]
    return render_template(
        "directory/person.html", line=line, fields=fields, errors=errors, base=file.base, others=others if line else [],
        short=line.id if line else NEW, name=_name(line) if line else "", desks=departement_options(national=True),
        roles=[(str(role), str(role).capitalize()) for role in Role], screening=SCREENING,
    )  # fmt: skip
