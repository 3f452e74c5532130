"""Opening a file: which sheets are histories, what their headings mean, and the lines under them (decision 71)."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from io import BytesIO
from types import MappingProxyType

from records.counting.words import agreed, counted
from records.wording import Wording, fold_words
from reports.importing.reading.book import (
    MARK,
    Cell,
    Chosen,
    How,
    LeftOut,
    ReadBook,
    ReadSheet,
    WorkbookRefused,
    text_of,
)
from reports.importing.reading.calls import calls_of
from reports.importing.reading.grids import DAMAGED, MOST_COLUMNS, OLE, PROTECTED, Grid, grids_of
from reports.importing.reading.headings import Headings, is_of_requests
from reports.importing.reading.layouts import Layout, layout_of
from reports.importing.reading.tables import LARGEST_ROWS, FoundTable, tables_of
from reports.workbook.columns import COLUMNS, REQUEST_RESULTS_SHEET, REQUESTS_SHEET, Columns

LARGEST_BYTES = 30 * 1024 * 1024
LARGEST_UNPACKED = 600 * 1024 * 1024
LIGHT_BYTES, LIGHT_UNPACKED = 2 * 1024 * 1024, 40 * 1024 * 1024
"""Bytes of a file, packed and unpacked, up to which it may be read while its reader waits."""
ENTRY, MOST_ENTRIES = b"PK\x01\x02", 10_000
"""How an entry of an archive begins in its list, and the most that are opened."""
ABSURD = "Le contenu du classeur est démesuré : il n'a pas été ouvert."
NOTHING: Chosen = MappingProxyType({})

NOT_OF_CALLS = frozenset(map(fold_words, (REQUESTS_SHEET, REQUEST_RESULTS_SHEET)))
"""Sheets in which no call stands, whatever their columns."""
OURS = NOT_OF_CALLS | frozenset(
    map(
        fold_words,
        ("Page de garde", "Guide d'utilisation", "Résultats", "Nomenclature", "Départements", "Tableaux croisés"),
    )
)
"""The other sheets of the ministry's workbook: no call is expected there."""
OF_REQUESTS = "elle tient des demandes, qui ne se réimportent pas"
GUIDE = re.compile(r"(?:guide|exemple|mode d emploi|notice|aide)\b")
OF_EXAMPLES = "d'après son nom elle explique l'outil : ses lignes sont des exemples (renommez-la si ce sont des appels)"
FACTS = frozenset({"phone", "seconds", "minutes", "resolved", "escalated", "niveau"})
COPY_OF = 3
"""Lines from which a sheet that repeats another is its copy; one or two may be two calls alike."""


def read_book(content: bytes, chosen: Chosen = NOTHING, columns: Columns = COLUMNS) -> ReadBook:
    """The histories of a file; WorkbookRefused otherwise. `chosen` maps the headings that people mapped by hand."""
    check_container(content)
    headings = Headings(columns, chosen)
    found = _read(content, headings, least=2)
    if not found.sheets:
        found = _read(content, headings, least=1)
    if found.sheets:
        return found
    reasons = "".join(f" « {sheet.name} » : {sheet.reason}." for sheet in found.left_out[:6])
    raise WorkbookRefused(
        "Aucune feuille ne porte les colonnes de l'historique d'appel (Date, Thématique, Motif, Sous motif…)." + reasons
    )


def _read(content: bytes, headings: Headings, least: int) -> ReadBook:
    full: list[ReadSheet] = []
    asked: list[ReadSheet] = []
    empty: list[ReadSheet] = []
    left_out: list[LeftOut] = []
    guides: list[ReadSheet] = []
    notes: dict[str, list[str]] = {}
    for grid in grids_of(content):
        reason, kept = "", 0
        others: list[str] = []
        tables, words = tables_of(grid, headings, least)
        is_guide = bool(GUIDE.match(fold_words(grid.name)))
        for table in tables:
            layout = layout_of(table, headings)
            refused, is_sure = _judge(layout)
            if refused or (not is_sure and fold_words(grid.name) in OURS):
                reason = reason or refused
                others += [f"Le tableau de la ligne {table.line} n'est pas lu : {refused}."] if table.rows else []
                continue
            sheet = _sheet(table, layout, grid)
            kept += 1
            (empty if not sheet.lines else guides if is_guide else full if is_sure else asked).append(sheet)
        if others and kept:
            notes[grid.name] = others
        if not kept:
            left_out.append(_left_out(grid.name, reason, words))
    if full:
        left_out.extend(LeftOut(sheet.name, OF_EXAMPLES) for sheet in guides)
    found = _chosen_among(full or guides, asked, empty, left_out)
    return replace(found, sheets=tuple(_told(sheet, notes) for sheet in found.sheets))


def _chosen_among(
    full: Sequence[ReadSheet], asked: Sequence[ReadSheet], empty: Sequence[ReadSheet], left_out: list[LeftOut]
) -> ReadBook:
    """The sheets that are histories, else those that may be; copies and empty ones are left out."""
    sheets = _without_copies(full or asked or empty[:1], left_out)
    if sum(len(sheet.lines) for sheet in sheets) > LARGEST_ROWS:
        raise WorkbookRefused(f"Le classeur a plus de {LARGEST_ROWS} lignes : découpez-le par année.")
    nothing = [
        LeftOut(sheet.name, "aucun appel ne suit ses en-têtes") for sheet in (empty if full or asked else empty[1:])
    ]
    left_out.extend(nothing)
    if full:
        for sheet in asked:
            named = ", ".join(f"« {heading.text} »" for heading in sheet.unknown[:5])
            may_be = len([heading for heading in sheet.headings if heading.key]) > 1
            said = f" ({named} : inconnus{' ; dites ce qu’ils veulent dire pour la lire' if may_be else ''})"
            reason = f"ses en-têtes ne sont pas ceux d'un historique{said if named else ''}"
            left_out.append(LeftOut(sheet.name, reason, headings=sheet.unknown if may_be else ()))
    names, also = {sheet.name for sheet in sheets}, dict[str, list[str]]()
    for other in left_out:
        if other.name in names and other not in nothing:
            also.setdefault(other.name, []).append(f"Un autre tableau de cette feuille n'est pas lu : {other.reason}.")
    return ReadBook(
        tuple(_told(sheet, also) for sheet in sheets), tuple(sheet for sheet in left_out if sheet.name not in names)
    )


def _told(sheet: ReadSheet, notes: dict[str, list[str]]) -> ReadSheet:
    """The sheet with further notes, once each."""
    return replace(sheet, notes=(*sheet.notes, *notes.pop(sheet.name, ())))


def _judge(layout: Layout) -> tuple[str, bool]:
    """Why a table is no history, "" when it is or may be; and whether it surely is.

    A table with a date and a motif is one, whatever else is missing. Where the missing ones may stand under a heading
    that was not understood, people are asked: nothing is lost for a word.
    """
    keys = layout.keys
    if is_of_requests(heading.text for heading in layout.headings):
        return OF_REQUESTS, False
    names, facts = keys & set(Wording._fields), keys & FACTS
    unknown = [heading for heading in layout.headings if heading.how is How.UNKNOWN]
    if "day" in keys:
        if names or len(facts) > 1:
            return "", True
        return ("", False) if facts or unknown else ("elle n'a que la colonne « Date »", False)
    if not unknown or not (facts - {"niveau"} or len(unknown) > 1) or not (names or facts):
        return "elle n'a pas de colonne « Date »", False
    return "", bool(names) and bool(facts - {"niveau"})


def _sheet(table: FoundTable, layout: Layout, grid: Grid) -> ReadSheet:
    calls = calls_of(table, layout, grid)
    notes = [*layout.notes, *calls.notes]
    if grid.is_hidden:
        notes.insert(0, "Cette feuille est masquée dans le classeur ; elle est lue comme les autres.")
    if not grid.parts.has_places:
        notes.insert(
            0,
            "Le fichier ne dit pas dans quelle colonne se trouve chaque cellule : si des valeurs semblent décalées, "
            "ouvrez-le dans un tableur, enregistrez-le, puis renvoyez-le.",
        )
    if not layout.keys & set(Wording._fields):
        notes.insert(0, "Aucun en-tête ne dit le motif : ces appels seraient ajoutés sans motif.")
    if "day" not in layout.keys:
        notes.insert(0, "Aucun en-tête ne dit la date des appels : dites quelle colonne est « Date ».")
    name = f"{grid.name}, colonnes {table.columns}" if table.columns else grid.name
    return ReadSheet(name, table.line, tuple(layout.headings), tuple(calls.lines), tuple(notes), layout.departements)


def _left_out(name: str, reason: str, words: Sequence[str]) -> LeftOut:
    usual = fold_words(name) in OURS
    if fold_words(name) in NOT_OF_CALLS:
        reason = OF_REQUESTS
    elif usual:
        reason = "c'est une feuille du modèle où ne figure aucun appel"
    elif not words:
        reason = "elle est vide"
    elif not reason:
        begins = ", ".join(f"« {text[:40]} »" for text in words[:3])
        reason = f"aucune de ses lignes ne porte les en-têtes d'un historique (elle commence par {begins})"
    return LeftOut(name, reason, usual=usual)


def _without_copies(sheets: Sequence[ReadSheet], left_out: list[LeftOut]) -> list[ReadSheet]:
    """The sheets but those of which every line stands in another, as often: the year kept beside its months."""
    if len(sheets) == 1:
        return list(sheets)
    kept: dict[int, Counter[int]] = {}
    notes: dict[int, list[str]] = {}
    for place in sorted(range(len(sheets)), key=lambda at: -len(sheets[at].lines)):
        ours = Counter(_content(cells) for _, cells in sheets[place].lines)
        for other, theirs in kept.items():
            shared = (ours & theirs).total()
            name = sheets[other].name
            if shared == ours.total() >= COPY_OF:
                left_out.append(LeftOut(sheets[place].name, f"toutes ses lignes figurent déjà dans « {name} »"))
                break
            if shared:
                same = agreed(shared, "c'est un autre appel", "ce sont d'autres appels")
                notes.setdefault(place, []).append(
                    f"{counted(shared, 'ligne figure', 'lignes figurent')} aussi dans « {name} » : "
                    f"c'est à vous de dire si {same}."
                )
        else:
            kept[place] = ours
    return [replace(sheets[at], notes=(*sheets[at].notes, *notes.get(at, ()))) for at in sorted(kept)]


def _content(cells: Mapping[str, Cell]) -> int:
    """What stands in a line, its hidden cell left out: the same number for the same cells."""
    return hash(tuple(sorted((key, text_of(cell)) for key, cell in cells.items() if key != MARK and text_of(cell))))


def check_container(content: bytes) -> None:
    """Refuse before parsing: empty, too large, protected by a password, no workbook, or a bomb.

    A file is known by what it holds, not by its name; the sentence says what to do with what it is.
    """
    if not content:
        raise WorkbookRefused("Le fichier est vide.")
    if len(content) > LARGEST_BYTES:
        raise WorkbookRefused(f"Le fichier dépasse {LARGEST_BYTES // 1024 // 1024} Mo : découpez-le par année.")
    if content.startswith(OLE):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise WorkbookRefused(PROTECTED)
        return
    if content.startswith(b"PK"):
        _check_archive(content)
        return
    start = content[:1_000].lstrip(b"\xef\xbb\xbf\r\n\t ").lower()
    for sign, is_what in OTHER_FILES:
        if start.startswith(sign):
            raise WorkbookRefused(
                f"Le fichier est {is_what}, pas un classeur : enregistrez-le d'un tableur au format .xlsx."
            )


OTHER_FILES = (
    (b"%pdf", "un document PDF"),
    (b"{\\rtf", "un document de traitement de texte"),
    (b"<!doctype", "une page web"),
    (b"<html", "une page web"),
    (b"<table", "une page web"),
    (b"<?xml", "un document XML"),
    (b"\x89png", "une image"),
    (b"\xff\xd8\xff", "une image"),
)


def is_light(content: bytes) -> bool:
    """Whether a file may be read at once, as far as its size tells; counted without reading it.

    A line of separated values that is wider than any history is left to the other process too, which refuses it.
    """
    if len(content) > LIGHT_BYTES:
        return False
    if not content.startswith(b"PK"):
        return content.startswith(OLE) or not any(_is_wide(line) for line in content.split(b"\n", 60)[:60])
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return sum(part.file_size for part in archive.infolist()) <= LIGHT_UNPACKED
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return True  # it is refused at once


def _is_wide(line: bytes) -> bool:
    return any(line.count(sign) > MOST_COLUMNS for sign in (b";", b",", b"\t", b"|"))


def _check_archive(content: bytes) -> None:
    # Counted before they are listed: half a million entries take seconds of a web process.
    if content.count(ENTRY) > MOST_ENTRIES:
        raise WorkbookRefused(ABSURD)
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise WorkbookRefused(DAMAGED) from error
    if sum(part.file_size for part in parts) > LARGEST_UNPACKED:
        raise WorkbookRefused(ABSURD)
    if any(part.flag_bits & 1 for part in parts):
        raise WorkbookRefused(PROTECTED)
    names = {part.filename for part in parts}
    for sign, is_what in (("word/document.xml", "un document Word"), ("ppt/presentation.xml", "un diaporama"),
                          ("Index/Document.iwa", "un fichier de Numbers ou de Pages")):  # fmt: skip
        if sign in names:
            raise WorkbookRefused(
                f"Le fichier est {is_what}, pas un classeur : enregistrez le tableau au format .xlsx."
            )
    if not any(name.endswith(("content.xml", "workbook.xml", "workbook.bin")) for name in names):
        raise WorkbookRefused("Le fichier est une archive sans classeur : envoyez le classeur qu'elle contient.")
