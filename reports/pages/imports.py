"""Importing a workbook: what it would change, shown first, decided line by line, then done."""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from records.counting.words import counted
from records.database import writing
from reports.figures.definitions import BY_NAME, FOUR, show, show_duration
from reports.figures.periods import french_month
from reports.importing.deciding.choices import Alike, Choice, Choices, Likeness
from reports.importing.deciding.difference import Difference
from reports.importing.deciding.months import figures_of_lines
from reports.importing.deciding.planning import plan_of
from reports.importing.intake import ImportRefused, Reader, carry_out, compare, month_effects, read_workbook
from reports.importing.reading.book import LinePlace, WorkbookRefused
from reports.importing.reading.headings import offered
from reports.importing.reading.sheets import LARGEST_BYTES
from reports.importing.refusals import workbook_of
from reports.importing.store import take_turn
from reports.importing.told import (
    CHOICES,
    KINDRED,
    asked_headings,
    differing,
    fingerprint,
    grouped,
    notes_of,
    said_wording,
    unknown_wordings,
)
from reports.importing.understanding.lines import Understood
from reports.pages.context import XLSX, Reports, chosen_departement
from reports.workbook.columns import HistoryRow
from routing.departements import Departement

LARGEST_PREVIEW = 3 * 1024 * 1024
"""Bytes, compressed, of a file that its preview hands back for the decision; a larger one is chosen again."""
SHOWN = 250
"""Lines of each table."""
MOST_CHOICES = 950
"""Fields of the form that carry what people say; a form has a thousand at most."""
SHOWN_HEADINGS = 60
SHOWN_WORDINGS = 60
DECIDED = 600
"""Lines with a choice of their own, where headings and wordings leave so many fields."""
STALE = "Ce que l’import changerait n’est plus ce qui était montré : regardez à nouveau, puis acceptez."
OTHER_FILE = "Ce fichier n’est pas celui de l’aperçu : voici ce que lui changerait."


@dataclass(frozen=True, slots=True)
class SentFile:
    """What was sent: the file, and all that was said of it so far."""

    content: bytes
    name: str
    is_another: bool = False
    """Whether another file was chosen than the one that was shown."""
    chosen: Mapping[str, str] = field(default_factory=dict)
    meant: Mapping[str, str] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict)
    """The wordings of `meant` as they stand in the file."""
    choices: Choices = field(default_factory=Choices)
    skip_refused: bool = False


@dataclass(frozen=True, slots=True)
class LookedAt:
    """What every step begins with: whose calls these are, what was sent, and how it is understood."""

    place: Departement
    reader: Reader
    asked: SentFile
    understood: Understood


def add(pages: Blueprint, desk: Reports) -> None:
    """The pages under `/resultats/import`."""

    @pages.errorhandler(WorkbookRefused)
    def refuse_the_file(refusal: WorkbookRefused) -> ResponseReturnValue:
        flash(f"{refusal} Rien n’a été importé.", "error")
        return redirect(url_for(".results", departement=chosen_departement(desk).code), 303)

    @pages.post("/resultats/import")
    def preview_import() -> ResponseReturnValue:
        return _preview(desk, _looked_at(desk))

    @pages.post("/resultats/import/confirmer")
    def confirm_import() -> ResponseReturnValue:
        looked = _looked_at(desk)
        place, asked = looked.place, looked.asked
        if asked.is_another:
            return _preview(desk, looked, OTHER_FILE), 400
        try:
            with writing(desk.engine) as connection:
                take_turn(connection)
                found = compare(connection, looked.understood, place.code)
                _check_seen(found, looked.understood)
                plan = carry_out(
                    connection, found, place.code, looked.reader, by=desk.reader().email, at=desk.clock(),
                    file_name=asked.name, skip_refused=asked.skip_refused, choices=asked.choices,
                )  # fmt: skip
        except ImportRefused as refusal:
            return _preview(desk, looked, str(refusal)), 400
        added = counted(len(plan.additions), "appel ajouté", "appels ajoutés")
        changed = counted(plan.cells, "cellule changée", "cellules changées")
        flash(f"{added}, {changed}.", "success")
        return redirect(url_for(".results", departement=place.code), 303)

    @pages.post("/resultats/import/refusees.xlsx")
    def refused_lines() -> ResponseReturnValue:
        looked = _looked_at(desk)
        with desk.reading() as connection:
            found = compare(connection, looked.understood, looked.place.code)
        return _to_correct(found)


def _to_correct(found: Difference) -> Response:
    out = BytesIO(workbook_of(found.refused))
    return send_file(out, mimetype=XLSX, as_attachment=True, download_name="lignes-a-corriger.xlsx")


def _looked_at(desk: Reports) -> LookedAt:
    """WorkbookRefused for a file that cannot be read."""
    place = chosen_departement(desk)
    with desk.reading() as connection:
        reader = desk.intake(connection, place.code, desk.today())
    asked = _asked(reader)
    return LookedAt(place, reader, asked, read_workbook(asked.content, reader, asked.chosen, asked.meant))


# ---------------------------------------------------------------- what was sent


def _asked(reader: Reader) -> SentFile:
    """The file and all that was said of it; 400 for a file handed back that is not what it was."""
    form = request.form
    sent = request.files.get("classeur")
    was_shown = form.get("empreinte", "")
    content = sent.stream.read(LARGEST_BYTES + 1) if sent else _handed_back()
    is_another = bool(sent and was_shown) and hashlib.sha256(content).hexdigest() != was_shown
    name = (sent.filename if sent else "") or form.get("nom", "") or "classeur.xlsx"
    keys, entries = {key for key, _ in offered()}, {entry.wording.key for entry in reader.wordings.entries}
    return SentFile(
        content, name[:200], is_another,
        {heading: key for heading, key in _said("colonne").items() if not key or key in keys},
        {typed: entry for typed, entry in _said("motif").items() if entry in entries},
        _said("dit"), _choices(_said("choix"), _said("tous")), "ignorer" in form,
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


def _check_seen(found: Difference, understood: Understood) -> None:
    """ImportRefused when an import would do something else than what was shown."""
    if fingerprint(found, understood.book) != request.form.get("vu", ""):
        raise ImportRefused(STALE)


# ---------------------------------------------------------------- what is shown


def _preview(desk: Reports, looked: LookedAt, problem: str = "") -> str:
    place, asked, understood = looked.place, looked.asked, looked.understood
    with desk.reading() as connection:
        found = compare(connection, understood, place.code)
        months = month_effects(connection, understood, found, place.code, asked.choices)
    packed = zlib.compress(asked.content)
    is_small = len(packed) <= LARGEST_PREVIEW
    headings = asked_headings(understood.book)
    left = MOST_CHOICES - len(headings[:SHOWN_HEADINGS]) - 2 * len(asked.meant)
    wordings = [one for one in unknown_wordings(understood) if one.wording.key not in asked.meant]
    wordings = wordings[: max(0, min(SHOWN_WORDINGS, left // 2))]
    groups = _groups(found, max(0, min(DECIDED, left - 2 * len(wordings))))
    entries = [(entry.wording.key, said_wording(entry.wording)) for entry in looked.reader.wordings.entries]
    return render_template(
        "reports/import.html", place=place, found=found, name=asked.name, asked=asked, problem=problem,
        is_small=is_small, content=base64.b64encode(packed).decode() if is_small else "",
        digest=hashlib.sha256(asked.content).hexdigest(), seen=fingerprint(found, understood.book),
        plan=plan_of(found, asked.choices),
        book=understood.book, headings=headings, most_headings=SHOWN_HEADINGS, columns=offered(),
        wordings=wordings, entries=entries, said_wording=said_wording,
        notes=notes_of(understood), lines=len(understood.rows), months=months, french_month=french_month,
        of_file=figures_of_lines(read.row for read in understood.rows),
        without_duration=sum(read.row.seconds is None for read in understood.rows),
        four=[BY_NAME[name] for name in FOUR], groups=groups, kindred=KINDRED, labels=CHOICES,
        differing=partial(differing, show_phone=desk.show_phone), called=partial(_called, desk), limit=SHOWN, show=show,
    )  # fmt: skip


def _groups(found: Difference, left: int) -> list[tuple[Likeness, list[Alike], int]]:
    """Each likeness with the lines that are shown, `left` at most of all, and how many there are."""
    groups = []
    for likeness, lines in grouped(found):
        groups.append((likeness, lines[: min(left, SHOWN)], len(lines)))
        left -= len(groups[-1][1])
    return groups


def _called(desk: Reports, row: HistoryRow) -> str:
    """A call in a few words: number, day, duration."""
    number = desk.show_phone(row.phone) if row.phone else "numéro inconnu"
    return f"{number}, {row.day:%d/%m/%Y}, {'durée inconnue' if row.seconds is None else show_duration(row.seconds)}"
