"""The sheets « Demandes » and « Résultats des demandes »: one line a request, and results by formulas over them.

They carry no personal data: no name, no address, no text. The import of a workbook does not read them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Any

from records.counting.requests import LOCAL, NATIONAL, CountedRequest
from reports.figures.periods import Period
from reports.figures.requests import CHANNELS, RequestFigures, answer_seconds
from reports.workbook.columns import REQUEST_RESULTS_SHEET, REQUESTS_SHEET, letter, yes_no
from reports.workbook.history import EXCEL_EPOCH
from reports.workbook.pages import OPEN_LINES, READ_ONLY, Looks
from routing.calendar.hours import Hours
from routing.departements import timezone_of

SENDERS = {"user": "Utilisateur", "referent": "Référent"}
DESKS = {LOCAL: "Référents", NATIONAL: "Équipe nationale"}
CLOSED, WITHDRAWN, MERGED = "Close", "Retirée", "Réunie avec une autre"
SPARE_ROWS = 200
"""Lines under the last request over which the formulas count as well."""
FIRST_MOTIVE = 17
"""The line of the first motif, counted from 0."""
HEIGHT_OF_A_MEANING = 30
"""Points of a line whose last cell is a sentence of two lines: where nobody says so, it is printed over the next."""


class Shape(Enum):
    """How the cells of a column are written."""

    NUMBER = auto()
    WORDS = auto()
    DAY = auto()
    MOMENT = auto()
    OPEN_TIME = auto()


FORMATS: Mapping[Shape, str] = {
    Shape.NUMBER: "0", Shape.WORDS: "@", Shape.DAY: "dd/mm/yyyy", Shape.MOMENT: "dd/mm/yyyy hh:mm",
    Shape.OPEN_TIME: "[h]:mm",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class RequestColumn:
    """One column: `value_of` gives text, a number of days, or None for an empty cell."""

    key: str
    heading: str
    width: int
    shape: Shape
    value_of: Callable[[CountedRequest], str | float | None]


@dataclass(frozen=True, slots=True)
class RequestsContent:
    """The requests of a workbook, oldest first, their figures, and how a profile is written."""

    rows: Sequence[CountedRequest]
    figures: RequestFigures
    hours: Hours
    profiles: Mapping[str, str]


def _columns(content: RequestsContent) -> tuple[RequestColumn, ...]:
    def delay(one: CountedRequest) -> float | None:
        seconds = answer_seconds(one, content.hours)
        return None if seconds is None else seconds / 86_400

    words, moment = Shape.WORDS, Shape.MOMENT
    return (
        RequestColumn("number", "N°", 9, Shape.NUMBER, lambda one: one.id),
        RequestColumn("day", "Date", 12, Shape.DAY, lambda one: int(_local(one, one.created_at) or 0)),
        RequestColumn("departement", "Département", 14, words, lambda one: one.departement),
        RequestColumn("channel", "Canal", 12, words, lambda one: CHANNELS.get(one.channel, one.channel)),
        RequestColumn("sender", "Expéditeur", 12, words, lambda one: SENDERS.get(one.sender)),
        RequestColumn("profile", "Profil", 26, words, lambda one: content.profiles.get(one.profil or "", one.profil)),
        RequestColumn("thematique", "Thématique", 48, words, lambda one: one.thematique),
        RequestColumn("motif", "Motif", 46, words, lambda one: one.motif),
        RequestColumn("sous_motif", "Sous motif", 52, words, lambda one: one.sous_motif),
        RequestColumn("niveau", "Niveau", 10, words, lambda one: one.niveau),
        RequestColumn("desk", "Bureau", 18, words, lambda one: DESKS.get(one.desk)),
        RequestColumn("taken", "Prise en charge le", 17, moment, lambda one: _local(one, one.taken_at)),
        RequestColumn("answered", "Première réponse le", 17, moment, lambda one: _local(one, one.first_answer_at)),
        RequestColumn("answered_by", "Répondue par", 18, words, lambda one: DESKS.get(one.answered_by or "")),
        RequestColumn("delay", "Délai de réponse (h:min ouvrées)", 16, Shape.OPEN_TIME, delay),
        RequestColumn("closed", "Close le", 17, moment, lambda one: _local(one, one.closed_at)),
        RequestColumn("issue", "Issue", 20, words, _issue),
        RequestColumn("solved", "Problème résolu ?", 12, words, lambda one: yes_no(one.solved) or None),
        RequestColumn("rating", "Avis (1 à 5)", 10, Shape.NUMBER, lambda one: one.rating),
    )  # fmt: skip


def _issue(one: CountedRequest) -> str | None:
    if one.closed_at is None:
        return None
    if one.merged_into is not None:
        return MERGED
    return WITHDRAWN if one.is_withdrawn else CLOSED


def _local(one: CountedRequest, moment: datetime | None) -> float | None:
    """A moment in the département's own time, as spreadsheets count days."""
    if moment is None:
        return None
    local = moment.astimezone(timezone_of(one.departement))
    return local.toordinal() - EXCEL_EPOCH + (local.hour * 3600 + local.minute * 60 + local.second) / 86_400


def write_requests(sheet: Any, results: Any, content: RequestsContent, period: Period, looks: Looks) -> None:
    """Write both sheets: the lines, then what is counted over them within the two period cells of « Résultats »."""
    columns = _columns(content)
    _write_lines(sheet, columns, content.rows, looks)
    _write_results(results, _Ranges(columns, len(content.rows)), content.figures, period, looks)


def _write_lines(
    sheet: Any, columns: Sequence[RequestColumn], rows: Sequence[CountedRequest], looks: Looks
) -> None:  # fmt: skip
    header = looks.header
    styles = {shape: looks.open(text) for shape, text in FORMATS.items()}
    sheet.freeze_panes(1, 0)
    looks.print_on(sheet, heading=0)
    sheet.protect("", dict(OPEN_LINES))
    sheet.autofilter(0, 0, max(len(rows), 1), len(columns) - 1)
    for place, column in enumerate(columns):
        sheet.set_column(place, place, column.width, styles[column.shape])
    sheet.set_row(0, 32)
    for place, column in enumerate(columns):
        sheet.write_string(0, place, column.heading, header)
    for at, one in enumerate(rows, start=1):
        for place, column in enumerate(columns):
            value = column.value_of(one)
            if isinstance(value, str):
                sheet.write_string(at, place, value, styles[column.shape])
            elif value is not None:
                sheet.write_number(at, place, value, styles[column.shape])


@dataclass(frozen=True, slots=True)
class _Ranges:
    """The formulas over the lines of one sheet; the period is that of « Résultats »."""

    columns: Sequence[RequestColumn]
    rows: int

    def of(self, key: str) -> str:
        """The absolute range of a column, spare lines included."""
        place = next(place for place, column in enumerate(self.columns) if column.key == key)
        return f"{REQUESTS_SHEET}!${letter(place)}$2:${letter(place)}${self.rows + SPARE_ROWS + 1}"

    def count(self, *criteria: tuple[str, str]) -> str:
        """How many lines of the period meet further criteria, each a column and a text."""
        more = "".join(f',{self.of(key)},"{text}"' for key, text in criteria)
        days = self.of("day")
        return f'COUNTIFS({days},">="&$B$3,{days},"<"&$B$4+1{more})'

    def delays(self) -> str:
        """The delays of the period, for a formula of an array."""
        days, delay = self.of("day"), self.of("delay")
        return f"IF(({days}>=$B$3)*({days}<$B$4+1)*ISNUMBER({delay}),{delay})"

    def mean_rating(self) -> str:
        """The mean of the opinions of the period, empty when there is none."""
        days = self.of("day")
        return f'IFERROR(AVERAGEIFS({self.of("rating")},{days},">="&$B$3,{days},"<"&$B$4+1),"")'

    def wording(self, row: int) -> str:
        """How often the wording in the first three cells of a line (counted from 1) is cited in the period."""
        days = self.of("day")
        same = "*".join(
            f"EXACT({self.of(key)},${name}${row})"
            for key, name in (("thematique", "A"), ("motif", "B"), ("sous_motif", "C"))
        )
        return f"SUMPRODUCT(({days}>=$B$3)*({days}<$B$4+1)*{same})"


@dataclass(frozen=True, slots=True)
class _ResultLine:
    """One result: its label, formula, value of today and format; `is_array`: the formula works on an array.

    `figure` is the name of the figure whose meaning stands beside it.
    """

    label: str
    formula: str
    value: float | None
    style: str
    figure: str = ""
    is_array: bool = False


def _lines(ranges: _Ranges, figures: RequestFigures) -> list[_ResultLine]:
    values = figures.values()
    by_channel = {one.channel: one.received for one in figures.channels}
    delays, written, by_local = ranges.delays(), ("channel", f"<>{CHANNELS['phone']}"), DESKS[LOCAL]
    answered = ranges.count(written, ("answered_by", "?*"))
    at_level_1 = ranges.count(written, ("answered_by", by_local))
    ninth = f"ROUNDUP(ROUND(COUNT({delays})*0.9,6),0)"
    return [
        _ResultLine("Demandes reçues", ranges.count(), values["recues"], "count", "recues"),
        *(
            _ResultLine(f"dont : {label}", ranges.count(("channel", label)), by_channel[channel], "count")
            for channel, label in CHANNELS.items()
        ),
        _ResultLine("Demandes closes", ranges.count(("issue", CLOSED)), values["closes"], "count", "closes"),
        _ResultLine(
            "Répondues au niveau 1", at_level_1, values["repondues_niveau_1"], "count", "repondues_niveau_1"
        ),
        _ResultLine(
            "Part répondue au niveau 1", f'IFERROR({at_level_1}/{answered},"")', values["taux_niveau_1"], "rate",
            "taux_niveau_1",
        ),
        _ResultLine(
            "Première réponse, médiane", f'IFERROR(MEDIAN({delays}),"")', _days(values["reponse_mediane"]), "open",
            "reponse_mediane", is_array=True,
        ),
        _ResultLine(
            "Première réponse, 90e centile", f'IFERROR(SMALL({delays},{ninth}),"")', _days(values["reponse_p90"]),
            "open", "reponse_p90", is_array=True,
        ),
        _ResultLine("Avis moyen (de 1 à 5)", ranges.mean_rating(), values["avis"], "mean", "avis"),
    ]  # fmt: skip


def _days(seconds: float | None) -> float | None:
    return None if seconds is None else seconds / 86_400


def _write_results(sheet: Any, ranges: _Ranges, figures: RequestFigures, period: Period, looks: Looks) -> None:
    book = looks.book
    strong = book.add_format({"bold": True, "valign": "top"})
    header = book.add_format({"bold": True, "bg_color": "#E3E3FD"})
    styles = {
        name: book.add_format({"num_format": shape, "align": "left", "valign": "top"})
        for name, shape in (
            ("count", "#,##0"), ("rate", "0.0\\ %"), ("open", "[h]:mm"), ("mean", "0.0"), ("day", "dd/mm/yyyy")
        )
    }  # fmt: skip
    sheet.set_column(0, 2, 50)
    sheet.set_column(3, 3, 12)
    looks.print_on(sheet, heading=FIRST_MOTIVE - 1)
    sheet.protect("", dict(READ_ONLY))
    sheet.write_string(
        0, 0, REQUEST_RESULTS_SHEET, book.add_format({"bold": True, "font_size": 16, "font_color": "#000091"})
    )
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_row(1, 48)
    sheet.merge_range(1, 0, 1, 3, figures.note, wrapped)
    for row, label, cell, day in ((2, "Du", "$B$3", period.since), (3, "Au", "$B$4", period.until)):
        sheet.write_string(row, 0, f"{label} (cellule de « Résultats »)", strong)
        sheet.write_formula(row, 1, f"='Résultats'!{cell}", styles["day"], day.toordinal() - EXCEL_EPOCH)
    meanings = {one.name: one.meaning for one in figures.figures}
    for row, line in enumerate(_lines(ranges, figures), start=4):
        if line.figure in meanings:
            sheet.set_row(row, HEIGHT_OF_A_MEANING)
        sheet.write_string(row, 0, line.label, strong)
        sheet.write_string(row, 2, meanings.get(line.figure, ""), wrapped)
        value = "" if line.value is None else line.value
        if line.is_array:
            sheet.write_array_formula(row, 1, row, 1, f"{{={line.formula}}}", styles[line.style], value)
        else:
            sheet.write_formula(row, 1, f"={line.formula}", styles[line.style], value)
    avoided = figures.values()["evitees"] or 0
    sheet.set_row(14, HEIGHT_OF_A_MEANING)
    sheet.write_string(14, 0, "Demandes évitées (période de l’export)", strong)
    sheet.write_number(14, 1, avoided, styles["count"])
    sheet.write_string(14, 2, meanings["evitees"], wrapped)
    for place, heading in enumerate(("Thématique", "Motif", "Sous motif", "Demandes")):
        sheet.write_string(FIRST_MOTIVE - 1, place, heading, header)
    cited = [motive for motive in figures.every_motive if motive[3]]
    for row, (*names, number, _avoided) in enumerate(cited, start=FIRST_MOTIVE):
        for place, text in enumerate(names):
            sheet.write_string(row, place, text)
        sheet.write_formula(row, 3, f"={ranges.wording(row + 1)}", styles["count"], number)
