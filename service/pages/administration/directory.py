"""The directory's pages: search, who would ring now, history, and a file checked, compared, published."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from datetime import timedelta

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from records.csv_cells import csv_of
from records.database import reading
from records.desks.accounts import list_accounts
from records.desks.permissions import Permission
from records.in_force.directories import directory_history, published_directory
from records.refusals import ChangeRefused
from routing.calendar.public_holidays import own_days_to_come, with_own_days
from routing.departements import departements
from routing.directory.cells import MAX_BYTES, fold, read_rows
from routing.directory.differences import Differences, differences
from routing.directory.people import Person
from routing.directory.reading import DirectoryRefused
from routing.planning.coverage import Cover, Covered, coverage
from routing.planning.plan import plan
from service.accounts.gate import LARGEST_NUMBER
from service.directory.declaring import keep_own_days
from service.directory.followed_csv import read_people
from service.directory.publishing import publish_directory
from service.directory.rules import own_days_kept
from service.pages.administration.office import Office, departement_options, for_whoever_may, read_choice
from service.pages.labels import departement_name
from support.answers.store import open_proposals

SHOWN = 60
AHEAD = timedelta(days=7)


def directory_blueprint(office: Office) -> Blueprint:
    """The pages under `/administration/annuaire`."""
    pages = for_whoever_may(
        Permission.ADMINISTER, Blueprint("admin_directory", __name__, url_prefix="/administration/annuaire")
    )

    @pages.get("")
    def search() -> str:
        return _page(office)

    @pages.post("/jours-feries/<code>")
    def keep_days(code: str) -> ResponseReturnValue:
        try:
            keep = read_choice(request.form.get("comptes", ""), "comptes", {"oui", "non"}) == "oui"
            keep_own_days(office.acting(), office.settings, departement=code, keep=keep)
        except ChangeRefused as refusal:
            return _page(office, str(refusal)), 400
        told = "comptent" if keep else "ne comptent plus"
        flash(f"{departement_name(code)} : ses jours fériés propres {told}, dès le prochain appel.", "success")
        return redirect(url_for(".search", _anchor="jours-feries"), 303)

    @pages.get("/historique")
    def history() -> str:
        with reading(office.engine) as connection:
            versions = directory_history(connection)
        return render_template("admin/directory_history.html", versions=versions, serving=office.snapshot().version)

    @pages.get("/departement/<code>")
    def one(code: str) -> str:
        if code != "*" and code not in departements():
            abort(404)
        snapshot, now = office.snapshot(), office.clock()
        ranges = coverage(snapshot, now, now + AHEAD, [code]) if code != "*" else ()
        return render_template(
            "admin/directory_one.html", code=code, lines=snapshot.lines(code), plan=plan(snapshot, code, now),
            name_of={person.id: person.name for person in snapshot.people}, holes=_holes(ranges), ranges=ranges,
        )  # fmt: skip

    @pages.get("/telecharger")
    def download() -> ResponseReturnValue:
        version = request.args.get("version", office.snapshot().version, int)
        with reading(office.engine) as connection:
            found = published_directory(connection, version) if 0 < version <= LARGEST_NUMBER else None
        if found:
            text = found.csv
        elif not version and office.settings.referents_csv.exists():
            text = office.settings.referents_csv.read_text(encoding="utf-8-sig")
        else:
            abort(404)
        headings, *rows = (row.cells for row in read_rows(text.encode()))
        headers = {"Content-Disposition": f'attachment; filename="referents-{version}.csv"'}
        return Response(csv_of(headings, rows), mimetype="text/csv", headers=headers)

    @pages.get("/publier")
    def upload() -> str:
        return render_template("admin/directory_upload.html", problems=(), error="")

    @pages.post("/publier")
    def check() -> ResponseReturnValue:
        file = request.files.get("fichier")
        if not file or not file.filename:
            return render_template("admin/directory_upload.html", problems=(), error="Choisissez un fichier CSV."), 400
        return _compare(office, file.read(MAX_BYTES + 1))

    @pages.post("/publier/confirmer")
    def publish() -> ResponseReturnValue:
        try:
            content = base64.b64decode(request.form.get("contenu", ""), validate=True)
        except (binascii.Error, ValueError):
            abort(400)
        if request.form.get("version") != str(office.snapshot().version):
            flash("L’annuaire a changé entre-temps : voici la différence avec celui qui sert maintenant.", "warning")
            return _compare(office, content)
        try:
            snapshot = publish_directory(office.acting(), office.settings, content, request.form.get("note", ""))
        except DirectoryRefused as refusal:
            return render_template("admin/directory_upload.html", problems=refusal.problems, error=""), 400
        except ChangeRefused as refusal:
            return _compare(office, content, str(refusal))
        flash(f"Version {snapshot.version} publiée : elle sert dès le prochain appel.", "success")
        return redirect(url_for(".search"), 303)

    return pages


def _page(office: Office, refused: str = "") -> str:
    """The search, what was proposed, and the days off that only some territories have; `refused` is about these."""
    asked, code = request.args.get("q", "")[:100], request.args.get("departement", "")
    found = _search(office.snapshot().people, asked, code)
    with reading(office.engine) as connection:
        waiting, kept = open_proposals(connection, "directory"), own_days_kept(connection)
    return render_template(
        "admin/directory.html", found=found[:SHOWN], count=len(found), asked=asked, code=code, proposals=waiting,
        version=office.snapshot().version, desks=departement_options(national=True), refused=refused, kept=kept,
        own_days={each: own_days_to_come(each, office.clock()) for each in with_own_days()},
    )  # fmt: skip


def _compare(office: Office, content: bytes, error: str = "") -> ResponseReturnValue:
    """What the file would change, or all that is wrong with it; `error` is what is wrong with the note."""
    try:
        people = read_people(content, office.settings)
    except DirectoryRefused as refusal:
        return render_template("admin/directory_upload.html", problems=refusal.problems, error=""), 400
    serving = office.snapshot()
    found = differences(serving.people, people)
    page = render_template(
        "admin/directory_difference.html", found=found, error=error, note=request.form.get("note", ""),
        lines=len(people), version=serving.version,
        content=base64.b64encode(content).decode("ascii"), lost=_lost(office, serving.people, people, found),
        changes=[(before, after, _changed(before, after)) for before, after in found.changed],
    )  # fmt: skip
    return page, 400 if error else 200


def _lost(office: Office, old: Iterable[Person], new: Iterable[Person], found: Differences) -> list[str]:
    """French sentences about accounts and absences that would point to nobody (decision 3)."""
    gone = {(p.email or "").casefold() for p in old} - {(p.email or "").casefold() for p in new} - {""}
    with reading(office.engine) as connection:
        accounts = [account.email for account in list_accounts(connection) if account.closed_at is None]
    told = [f"Le compte {email} n’aurait plus de ligne dans l’annuaire." for email in accounts if email in gone]
    orphaned = set(found.orphaned)
    away = [absence for absence in office.snapshot().rules.absences if {absence.person, absence.suppleant} & orphaned]
    return told + [f"L’absence n° {absence.id} nommerait quelqu’un qui n’est plus dans l’annuaire." for absence in away]


def _changed(before: Person, after: Person) -> list[tuple[str, str, str]]:
    """The columns that differ, as (label, before, after)."""
    labels = {
        "siao": "SIAO", "nom": "nom", "prenom": "prénom", "role": "rôle", "phone": "téléphone", "email": "e-mail",
        "rang": "rang", "hours": "horaires", "screened": "filtrage",
    }  # fmt: skip
    pairs = ((label, _shown(before, name), _shown(after, name)) for name, label in labels.items())
    return [(label, old, new) for label, old, new in pairs if old != new]


def _shown(person: Person, name: str) -> str:
    if name == "hours":
        return person.hours.show()
    value = getattr(person, name)
    if isinstance(value, bool):
        return "oui" if value else "non"
    return "—" if value is None else str(value)


def _search(people: Iterable[Person], asked: str, code: str) -> list[Person]:
    words = fold(asked).split()
    kept = (person for person in people if not code or person.departement == code)
    return [person for person in kept if all(word in _text(person) for word in words)]


def _text(person: Person) -> str:
    return fold(f"{person.prenom} {person.nom} {person.siao} {person.email or ''} {person.role} {person.departement}")


def _holes(ranges: Iterable[Covered]) -> list[Covered]:
    return [covered for covered in ranges if covered.cover is Cover.HOLE]
