"""The directory's pages: search, who would ring now, history, and a file checked, compared, published."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from records.csv_cells import csv_of
from records.database import reading
from records.desks.permissions import Permission
from records.in_force.directories import directory_history
from records.refusals import ChangeRefused, Overtaken
from records.typed.numbers import typed_number
from routing.calendar.public_holidays import own_days_to_come, with_own_days
from routing.departements import departements
from routing.directory.cells import MAX_BYTES, Unreadable, fold, read_rows
from routing.directory.headings import HEADINGS
from routing.directory.people import Person
from routing.directory.reading import DirectoryRefused
from routing.planning.coverage import coverage
from routing.planning.plan import plan
from service.accounts.gate import LARGEST_NUMBER
from service.directory.declaring import keep_own_days
from service.directory.followed_csv import read_people
from service.directory.publishing import publish_directory, serving_text
from service.directory.rules import own_days_kept
from service.pages.administration.comparing import AHEAD, comparison, holes_of, refused_file
from service.pages.administration.office import Office, departement_options, for_whoever_may, read_choice
from service.pages.administration.person import CHANGED_MEANWHILE, add_person_pages
from service.pages.labels import departement_name
from support.answers.store import open_proposals

SHOWN = 60


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
        return render_template("directory/directory_history.html", versions=versions, serving=office.snapshot().version)

    @pages.get("/departement/<code>")
    def one(code: str) -> str:
        if code != "*" and code not in departements():
            abort(404)
        snapshot, now = office.snapshot(), office.clock()
        ranges = coverage(snapshot, now, now + AHEAD, [code]) if code != "*" else ()
        return render_template(
            "directory/directory_one.html", code=code, lines=snapshot.lines(code), plan=plan(snapshot, code, now),
            name_of={person.id: person.name or person.siao for person in snapshot.people}, holes=holes_of(ranges),
        )  # fmt: skip

    @pages.get("/telecharger")
    def download() -> ResponseReturnValue:
        version = request.args.get("version", office.snapshot().version, int)
        try:
            with reading(office.engine) as connection:
                known = 0 <= version <= LARGEST_NUMBER
                text = serving_text(connection, office.settings, version) if known else None
            headings, *rows = (row.cells for row in read_rows((text or abort(404)).encode(), HEADINGS))
        except Unreadable as refused:
            flash(f"Le fichier suivi ne se lit pas : {refused}.", "error")
            return redirect(url_for(".search"), 303)
        acting = office.acting()
        with acting.writing() as connection:
            acting.note(connection, "annuaire téléchargé", str(version))
        headers = {"Content-Disposition": f'attachment; filename="referents-{version}.csv"'}
        return Response(csv_of(headings, rows), mimetype="text/csv", headers=headers)

    @pages.get("/publier")
    def upload() -> str:
        return render_template("directory/directory_upload.html", problems=(), error="")

    @pages.post("/publier")
    def check() -> ResponseReturnValue:
        file = request.files.get("fichier")
        if not file or not file.filename:
            return render_template(
                "directory/directory_upload.html", problems=(), error="Choisissez un fichier CSV."
            ), 400
        return _compare(office, file.read(MAX_BYTES + 1))

    @pages.post("/publier/confirmer")
    def publish() -> ResponseReturnValue:
        try:
            content = base64.b64decode(request.form.get("contenu", ""), validate=True)
        except (binascii.Error, ValueError):
            abort(400)
        seen = typed_number(request.form.get("version", ""))
        try:
            snapshot = publish_directory(
                office.acting(), office.settings, content, request.form.get("note", ""),
                compared_with=-1 if seen is None else seen,
                confirmed="confirmer" in request.form,
            )  # fmt: skip
        except DirectoryRefused as refusal:
            return refused_file(refusal), 400
        except Overtaken:
            flash(CHANGED_MEANWHILE, "warning")
            return _compare(office, content)
        except ChangeRefused as refusal:
            return _compare(office, content, {refusal.field: str(refusal)})
        flash(f"Version {snapshot.version} publiée : elle sert dès le prochain appel.", "success")
        return redirect(url_for(".search"), 303)

    add_person_pages(pages, office)
    return pages


def _page(office: Office, refused: str = "") -> str:
    """The search, what was proposed, and the days off that only some territories have; `refused` is about these."""
    asked, code = request.args.get("q", "")[:100], request.args.get("departement", "")
    found = _search(office.snapshot().people, asked, code)
    with reading(office.engine) as connection:
        waiting, kept = open_proposals(connection, "directory"), own_days_kept(connection)
    return render_template(
        "directory/directory.html", found=found[:SHOWN], count=len(found), asked=asked, code=code, proposals=waiting,
        version=office.snapshot().version, desks=departement_options(national=True), refused=refused, kept=kept,
        own_days={each: own_days_to_come(each, office.clock()) for each in with_own_days()},
    )  # fmt: skip


def _compare(office: Office, content: bytes, errors: Mapping[str, str] | None = None) -> ResponseReturnValue:
    """What the file would change, or all that is wrong with it; `errors`: with the note or the confirmation."""
    try:
        people = read_people(content, office.settings)
    except DirectoryRefused as refusal:
        return refused_file(refusal), 400
    kept = {"contenu": base64.b64encode(content).decode("ascii"), "version": str(office.snapshot().version)}
    page = comparison(
        office, people, title="Ce que ce fichier changerait", action=url_for(".publish"), kept=kept, errors=errors or {}
    )
    return page, 400 if errors else 200


def _search(people: Iterable[Person], asked: str, code: str) -> list[Person]:
    words = fold(asked).split()
    kept = (person for person in people if not code or person.departement == code)
    return [person for person in kept if all(word in _text(person) for word in words)]


def _text(person: Person) -> str:
    return fold(f"{person.prenom} {person.nom} {person.siao} {person.email or ''} {person.role} {person.departement}")
