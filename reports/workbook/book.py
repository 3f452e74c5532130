"""The tracking workbook of the ministry: same sheets, same columns, results that follow two period cells."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path
from typing import Any, BinaryIO

from xlsxwriter import Workbook

from records.counting.tally import MotiveTally
from records.wording import Entry
from reports.figures.definitions import DAYS_NOTE, DEFINITIONS, Figures
from reports.figures.periods import Period
from reports.workbook.columns import (
    COLUMNS,
    MARK_HEADING,
    REQUEST_RESULTS_SHEET,
    REQUESTS_SHEET,
    Columns,
    HistoryRow,
)
from reports.workbook.history import History, HistorySheet, Shown, check_fits, write_history
from reports.workbook.nomenclature import Lists, write_nomenclature
from reports.workbook.pages import OPEN_LINES, READ_ONLY, Looks, foot
from reports.workbook.pivot import PIVOT_SHEET, Drawn, Sums, write_pivot_sheet
from reports.workbook.pivot_parts import add_pivots
from reports.workbook.requests import RequestsContent, write_requests
from reports.workbook.results import Month, write_results

HISTORY_SHEET = "Historique d'appel"
SHEETS = ("Page de garde", "Guide d'utilisation", HISTORY_SHEET, "Résultats", "Nomenclature")
"""The sheets that every workbook has, in order."""
GUIDE = (
    (
        "Historique d'appel",
        """Une ligne par appel traité. Les colonnes de numéro, de date et de durée viennent du téléphone et ne se
        corrigent pas ici ; le motif, le niveau et les réponses Oui / Non peuvent être corrigés. Une date ou une durée
        en rouge ne peut pas être comptée.""",
    ),
    (
        "Ajouter un appel",
        """Sous la dernière ligne : saisissez le numéro, la date et la durée en secondes, puis choisissez la thématique,
        le motif et le sous-motif dans les listes ; chaque liste suit le choix précédent. La ligne compte aussitôt dans
        les résultats ; sous « Non reconnu » quand son motif ou son niveau n'est pas dans la nomenclature.""",
    ),
    (
        "Résultats",
        """Saisissez le premier et le dernier jour dans les deux cellules jaunes : les chiffres, les motifs et les
        graphiques suivent aussitôt, sans rien actualiser.""",
    ),
    (
        "Réimporter",
        f"""Le classeur corrigé s'importe depuis la page « Mes résultats » : seules les cellules changées sont
        proposées, et rien n’est enregistré sans votre accord. Gardez la colonne masquée, « {MARK_HEADING} » : elle
        reconnaît les appels.""",
    ),
    (
        "Protection",
        """Les formules et les titres sont protégés contre une fausse manœuvre, sans mot de passe : Révision, Ôter la
        protection de la feuille. Les cellules à remplir restent ouvertes : vous pouvez trier, filtrer, insérer une
        ligne sous un appel (sous les titres, elle serait verrouillée comme eux) et en supprimer une. Pour coller des
        appels, choisissez « Coller les valeurs ».""",
    ),
    (
        REQUESTS_SHEET,
        f"""Une ligne par demande, du téléphone ou écrite, sans nom, sans adresse et sans texte. La feuille
        « {REQUEST_RESULTS_SHEET} » les compte dans la même période que « Résultats ». Ces deux feuilles ne se
        réimportent pas.""",
    ),
    ("Jours", DAYS_NOTE),
)
PIVOT_GUIDE = (
    PIVOT_SHEET,
    """À essayer : deux tableaux croisés dynamiques, qui se rafraîchissent à l’ouverture. Ils lisent le tableau
    « Appels » de l’historique ; une ligne saisie juste dessous s’y ajoute. Pour cela, l’historique n’est pas protégé
    dans ce classeur.""",
)


@dataclass(frozen=True, slots=True)
class WorkbookContent:
    """What goes into one workbook. `rows` may be an iterator: each row is written and forgotten."""

    title: str
    period: Period
    made_on: str
    rows: Iterable[HistoryRow]
    figures: Figures
    motives: Sequence[MotiveTally]
    months: Sequence[Month]
    """The last months of the period, twelve at most, with their treated calls."""
    entries: Sequence[Entry]
    show_phone: Callable[[str], str] = str
    """How a number (E.164) is written: in full or masked."""
    phones_are_masked: bool = False
    departements: Sequence[tuple[str, Figures]] = ()
    """Code and figures per département, for a consolidated workbook."""
    requests: RequestsContent | None = None
    with_pivot: bool = False
    """Whether the two pivot tables of the ministry's slide are added."""


GUIDE_LINE = 100
"""Letters that fit on a line of the guide, whatever the font."""
STEP = 1_000
"""Rows between two words of progress."""


def write_workbook(
    out: Path | BinaryIO,
    content: WorkbookContent,
    columns: Columns = COLUMNS,
    *,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Write the workbook and return its number of history rows. Memory stays bounded whatever the number of rows.

    `progress` is told the rows written so far, every thousand.
    """
    check_fits(int(content.figures.nombre_appels))
    if not content.with_pivot:
        return _write_sheets(str(out) if isinstance(out, Path) else out, content, columns, progress)[0].rows
    with tempfile.TemporaryFile() as closed:
        history, drawn = _write_sheets(closed, content, columns, progress)
        closed.seek(0)
        with out.open("wb") if isinstance(out, Path) else nullcontext(out) as file:
            add_pivots(closed, file, history, SHEETS.index(HISTORY_SHEET) + 1, drawn)
    return history.rows


def _write_sheets(
    out: str | BinaryIO, content: WorkbookContent, columns: Columns, progress: Callable[[int], None] | None
) -> tuple[History, Drawn]:  # fmt: skip
    """Write every sheet, and say what was written of the history and, last, of the pivot tables."""
    book = Workbook(
        out,
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    looks, drawn = Looks(book, foot(content.title, content.period.label(), content.made_on)), Drawn(0, ())
    with book:
        book.set_properties({"title": content.title, "author": "Assistance SI SIAO"})
        book.set_calc_mode("auto")
        cover, guide, history_sheet, results, nomenclature = (
            book.add_worksheet(name, HistorySheet if name == HISTORY_SHEET else None) for name in SHEETS
        )
        _write_cover(cover, content, looks)
        _write_guide(guide, looks, with_pivot=content.with_pivot)
        lists = Lists.of(content.entries)
        write_nomenclature(nomenclature, lists, looks)
        shown = Shown(content.show_phone, content.phones_are_masked, bool(content.departements), content.with_pivot)
        rows = _told(content.rows, progress)
        history = write_history(history_sheet, rows, lists, shown, looks, columns=columns)
        write_results(
            results, title=content.title, period=content.period, figures=content.figures, cited=content.motives,
            months=content.months, lists=lists, history=history, looks=looks,
        )  # fmt: skip
        if content.requests:
            requests, request_results = (book.add_worksheet(name) for name in (REQUESTS_SHEET, REQUEST_RESULTS_SHEET))
            write_requests(requests, request_results, content.requests, content.period, looks)
        if content.departements:
            _write_departements(book.add_worksheet("Départements"), content.departements, looks)
        if content.with_pivot:
            pivots = book.add_worksheet(PIVOT_SHEET)
            drawn = write_pivot_sheet(pivots, pivots.index + 1, content.motives, _all_calls(content), looks)
        cover.activate()
    return history, drawn


def _all_calls(content: WorkbookContent) -> Sums:
    """The sums of every call of the workbook, from its figures; they know the mean, as if of one call."""
    values = content.figures.values
    count, mean = int(values["nombre_appels"] or 0), values["duree_moyenne_secondes"]
    known = Sums.of(content.motives)
    return replace(known, count=count, seconds=mean, known=0 if mean is None else 1)


def _told(rows: Iterable[HistoryRow], progress: Callable[[int], None] | None) -> Iterable[HistoryRow]:
    return rows if progress is None else _telling(rows, progress)


def _telling(rows: Iterable[HistoryRow], progress: Callable[[int], None]) -> Iterator[HistoryRow]:
    for written, row in enumerate(rows):
        if written and written % STEP == 0:
            progress(written)
        yield row


def _write_cover(sheet: Any, content: WorkbookContent, looks: Looks) -> None:
    title = looks.book.add_format({"bold": True, "font_size": 20, "font_color": "#000091"})
    strong = looks.book.add_format({"bold": True})
    wrap = looks.book.add_format({"text_wrap": True, "valign": "top"})
    sheet.hide_gridlines(2)
    sheet.set_column("A:A", 38)
    sheet.set_column("B:B", 90)
    looks.print_on(sheet)
    sheet.write_string("A1", "Suivi de l'assistance téléphonique SI SIAO", title)
    for row, (label, value) in enumerate(
        (("Périmètre", content.title), ("Période", content.period.label()), ("Établi le", content.made_on)), start=2
    ):
        sheet.write_string(row, 0, label, strong)
        sheet.write_string(row, 1, value)
    sheet.write_string(6, 0, "Ce que disent les chiffres de la période", strong)
    for row, definition in enumerate(DEFINITIONS, start=7):
        value = definition.show(content.figures.values[definition.name])
        sheet.write_string(row, 0, f"{definition.label} : {value}")
        sheet.write_string(row, 1, definition.meaning, wrap)
    sheet.protect("", dict(READ_ONLY))


def _write_guide(sheet: Any, looks: Looks, *, with_pivot: bool) -> None:
    strong = looks.book.add_format({"bold": True, "valign": "top"})
    wrap = looks.book.add_format({"text_wrap": True, "valign": "top"})
    sheet.hide_gridlines(2)
    sheet.set_column("A:A", 24)
    sheet.set_column("B:B", 100)
    looks.print_on(sheet)
    sheet.write_string("A1", "Guide d'utilisation", looks.book.add_format({"bold": True, "font_size": 16}))
    guide = (*GUIDE, *((PIVOT_GUIDE,) if with_pivot else ()))
    for row, (name, text) in enumerate(guide, start=2):
        said = " ".join(text.split())
        sheet.set_row(row, 15 * ceil(len(said) / GUIDE_LINE) + 8)
        sheet.write_string(row, 0, name, strong)
        sheet.write_string(row, 1, said, wrap)
    sheet.protect("", dict(READ_ONLY))


def _write_departements(sheet: Any, departements: Sequence[tuple[str, Figures]], looks: Looks) -> None:
    formats = {"count": looks.open("#,##0"), "duration": looks.open("[mm]:ss"), "rate": looks.open("0.0\\ %")}
    header = looks.header
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, 0, 14)
    sheet.set_column(1, len(DEFINITIONS), 13)
    sheet.set_row(0, 48)
    looks.print_on(sheet, heading=0)
    sheet.autofilter(0, 0, len(departements), len(DEFINITIONS))
    sheet.write_string(0, 0, "Département", header)
    for column, definition in enumerate(DEFINITIONS, start=1):
        sheet.write_string(0, column, definition.label, header)
    for row, (code, figures) in enumerate(departements, start=1):
        sheet.write_string(row, 0, code, looks.open("@"))
        for column, definition in enumerate(DEFINITIONS, start=1):
            value = figures.values[definition.name]
            shown = "" if value is None else value / 86_400 if definition.shown_as == "duration" else value
            style = formats[definition.shown_as]
            if shown == "":
                sheet.write_blank(row, column, None, style)
            else:
                sheet.write_number(row, column, shown, style)
    sheet.protect("", dict(OPEN_LINES))
