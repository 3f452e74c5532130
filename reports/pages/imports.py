"""Importing a workbook: what it would change, shown first, decided line by line, then done.

What is more than a moment's work is done apart (`imports_apart.py`), and its reader waits on a page of its own.
"""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Mapping
from io import BytesIO

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from records.working import heavy
from reports.importing.deciding.choices import Choice, Choices, Likeness
from reports.importing.deciding.difference import Difference
from reports.importing.intake import ImportRefused, Reader, compare
from reports.importing.reading.book import LinePlace, WorkbookRefused
from reports.importing.reading.headings import offered
from reports.importing.reading.parser_process import AT_ONCE, TooHeavy
from reports.importing.reading.sheets import LARGEST_BYTES, check_container, is_light
from reports.importing.refusals import workbook_of
from reports.pages import works
from reports.pages.context import XLSX, Reports, chosen_departement
from reports.pages.imports_shown import ImportStep, LookedAt, SentFile, do_import, look_at, preview
from reports.preparing.kinds import IMPORT
from routing.departements import Departement

OTHER_FILE = "Ce fichier n’est pas celui de l’aperçu : voici ce que lui changerait."
TO_CORRECT = "lignes-a-corriger.xlsx"


def add(pages: Blueprint, desk: Reports) -> None:
    """The pages under `/resultats/import`."""

    @pages.errorhandler(WorkbookRefused)
    def refuse_the_file(refusal: WorkbookRefused) -> ResponseReturnValue:
        flash(f"{refusal} Rien n’a été importé.", "error")
        return redirect(url_for(".results", departement=chosen_departement(desk).code), 303)

    @pages.post("/resultats/import")
    def preview_import() -> ResponseReturnValue:
        place, reader, asked = _sent(desk)
        try:
            return _page(place, preview(desk, _looked_at(place, reader, asked)))
        except TooHeavy:
            return _apart(desk, place, asked, ImportStep.LOOK)

    @pages.post("/resultats/import/confirmer")
    def confirm_import() -> ResponseReturnValue:
        place, reader, asked = _sent(desk)
        try:
            looked = _looked_at(place, reader, asked)
        except TooHeavy:
            return _apart(desk, place, asked, ImportStep.LOOK if asked.is_another else ImportStep.DO)
        if asked.is_another:
            return _page(place, preview(desk, looked, OTHER_FILE)), 400
        try:
            told = do_import(desk, looked, by=desk.reader().email)
        except ImportRefused as refusal:
            return _page(place, preview(desk, looked, str(refusal))), 400
        flash(told, "success")
        return redirect(url_for(".results", departement=place.code), 303)

    @pages.post("/resultats/import/refusees.xlsx")
    def refused_lines() -> ResponseReturnValue:
        place, reader, asked = _sent(desk)
        try:
            looked = _looked_at(place, reader, asked)
        except TooHeavy:
            return _apart(desk, place, asked, ImportStep.TO_CORRECT)
        with desk.reading() as connection:
            found = compare(connection, looked.understood, place.code)
        return _to_correct(found)


def _page(place: Departement, prepared: str) -> str:
    return render_template("reports/import.html", place=place, prepared=Markup(prepared))  # noqa: S704 - our template


def _to_correct(found: Difference) -> Response:
    out = BytesIO(workbook_of(found.refused))
    return send_file(out, mimetype=XLSX, as_attachment=True, download_name=TO_CORRECT)


def _sent(desk: Reports) -> tuple[Departement, Reader, SentFile]:
    """Whose calls these are, how they are read, and what was sent; 400 for what no form of ours sends."""
    place = chosen_departement(desk)
    with desk.reading() as connection:
        reader = desk.intake(connection, place.code, desk.today())
    return place, reader, _asked(reader)


def _looked_at(place: Departement, reader: Reader, asked: SentFile) -> LookedAt:
    """The file understood; WorkbookRefused when it cannot be read, TooHeavy when it is more than a moment's work."""
    if asked.work:
        raise TooHeavy
    check_container(asked.content)
    if not is_light(asked.content):
        raise TooHeavy
    return look_at(place, reader, asked, AT_ONCE)


def _apart(desk: Reports, place: Departement, asked: SentFile, step: ImportStep) -> ResponseReturnValue:
    """Let the process of heavy work do this step, and lead to the page on which its reader waits."""
    parameters = {
        "departement": place.code, "step": step, "file": asked.work, "digest": asked.digest, "said": asked.as_kept(),
    }  # fmt: skip
    pieces = heavy.pieces_of(BytesIO(asked.content))
    return works.handed_over(desk, IMPORT, parameters, () if asked.work else pieces)


# ---------------------------------------------------------------- what was sent


def _asked(reader: Reader) -> SentFile:
    """The file and all that was said of it; 400 for a file handed back that is not what it was."""
    form = request.form
    sent = request.files.get("classeur")
    was_shown, work = form.get("empreinte", ""), form.get("travail", "")
    kept_apart = int(work) if not sent and work.isdecimal() and len(work) < 19 else 0  # noqa: PLR2004 - a 64-bit id
    content = b"" if kept_apart else sent.stream.read(LARGEST_BYTES + 1) if sent else _handed_back()
    digest = was_shown if kept_apart else hashlib.sha256(content).hexdigest()
    name = (sent.filename if sent else "") or form.get("nom", "") or "classeur.xlsx"
    keys, entries = {key for key, _ in offered()}, {entry.wording.key for entry in reader.wordings.entries}
    return SentFile(
        content, name[:200], bool(sent and was_shown) and digest != was_shown,
        {heading: key for heading, key in _said("colonne").items() if not key or key in keys},
        {typed: entry for typed, entry in _said("motif").items() if entry in entries},
        _said("dit"), _choices(_said("choix"), _said("tous")), "ignorer" in form,
        digest, form.get("vu", ""), kept_apart,
    )  # fmt: skip


def _said(kind: str) -> dict[str, str]:
    """The fields « kind:… » of the form, by what follows."""
    prefix = f"{kind}:"
    return {name.removeprefix(prefix): value for name, value in request.form.items() if name.startswith(prefix)}


def _handed_back() -> bytes:
    """The workbook that the preview's form carries; 400 when it is not the one that was shown."""
    try:
        content = zlib.decompressobj().decompress(base64.b64decode(request.form.get("contenu", "")), LARGEST_BYTES)
    except (ValueError, zlib.error):
        abort(400)
    if content and hashlib.sha256(content).hexdigest() != request.form.get("empreinte", ""):
        abort(400)
    return content


def _choices(lines: Mapping[str, str], all_of: Mapping[str, str]) -> Choices:
    """What was decided; what no form of ours sends is left out."""
    decided: dict[LinePlace, Choice] = {}
    for where, choice in lines.items():
        sheet, _, line = where.rpartition(":")
        if choice in set(Choice) and line.isdecimal() and len(line) < 9:  # noqa: PLR2004 - no sheet has more
            decided[LinePlace(sheet, int(line))] = Choice(choice)
    known = {(key, choice) for key, choice in all_of.items() if key in set(Likeness) and choice in set(Choice)}
    return Choices(decided, {Likeness(key): Choice(choice) for key, choice in known})
