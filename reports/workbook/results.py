"""The sheet « Résultats »: the tool's figures by formulas that follow two period cells, and charts beside them.

Every formula stands with the value that the database gave, so that a reader that does not calculate shows the same.
Hidden columns to the right hold, for each wording, its criteria, its count and its rank; the visible table takes them
in that order. A call whose wording or level is not in the list is counted in a last line, « Non reconnu », so that the
motives add up to the total. What a formula says is in `reports.workbook.formulas`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from records.counting.tally import MotiveTally
from reports.figures.definitions import BY_NAME, Figures, Motive, motives, share
from reports.figures.periods import Period
from reports.workbook.charts import SheetChart, draw
from reports.workbook.columns import letter, level_words
from reports.workbook.formulas import (
    CRITERIA,
    LONGEST_CRITERION,
    SINCE,
    TEXTS,
    TYPED_LEVELS,
    UNTIL,
    Formulas,
    criterion,
)
from reports.workbook.history import EXCEL_EPOCH, History
from reports.workbook.nomenclature import Lists
from reports.workbook.pages import PERCENT, READ_ONLY, Looks

FIRST_MOTIVE = 17
"""The line of the first motive, counted from 0: the charts stand above, beside the figures."""
DRAWN_MOTIVES = 10
DRAWN_MONTHS = 12
SOUS_MOTIF, NOMBRE, DUREE = 3, 4, 5
"""The visible columns that formulas name, after niveau, thématique and motif."""
SHOWN_WIDTHS = (28, 44, 40, 54, 10, 14)
"""Of the columns before the hidden ones, which hold the texts of each wording, its criteria, and what follows."""
COUNT, KEY, SECONDS, KNOWN, MEAN, RANK, MONTH, MONTH_CALLS, DRAWN, DRAWN_CALLS = range(CRITERIA + 4, CRITERIA + 14)
CITED = f"${letter(KEY)}${FIRST_MOTIVE}"
"""The cell that counts the motives cited in the period."""
LeveledWording = tuple[str, str, str, str]
UNKNOWN: LeveledWording = ("Non reconnu", "—", "—", "(motif ou niveau hors de la nomenclature)")
"""How the lines whose wording or level is not in the list are shown; its key keeps it last."""
NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Marks that make a file unreadable: XlsxWriter writes a text without them, but not the value of a formula."""
RESULTS_TITLE = "STATISTIQUES DE TRAITEMENT DES APPELS"
UNREAD = 9
"""The line, counted from 0, of the cells that no figure can count."""
Month = tuple[date, int]
"""The first day of a month, and its treated calls within the period."""


def write_results(
    sheet: Any, *, title: str, period: Period, figures: Figures, cited: Sequence[MotiveTally], months: Sequence[Month],
    lists: Lists, history: History, looks: Looks,
) -> None:  # fmt: skip
    """Write the figures, the motives and the charts; `months` are the last months of the period, twelve at most."""
    table = _Table.of(cited, lists)
    results = _Results(sheet, _Styles.of(looks.book), Formulas(history), table, months)
    _shape(sheet, len(table.motives), looks)
    results.write_figures(title, period, figures)
    results.write_motives()
    sheet.conditional_format(
        UNREAD, 1, UNREAD, 1, {"type": "cell", "criteria": ">", "value": 0, "format": looks.wrong}
    )  # fmt: skip
    most = max((number for _, number in months), default=0)
    most_cited = max((motive.nombre for motive in table.motives), default=0)
    last_month, last_drawn = (FIRST_MOTIVE + size - 1 for size in (DRAWN_MONTHS, DRAWN_MOTIVES))
    for chart in (
        SheetChart("column", "Appels par mois", "C1", 0, 350, MONTH, FIRST_MOTIVE, last_month, most),
        SheetChart("bar", "Sous-motifs les plus cités", "C1", 360, 470, DRAWN, FIRST_MOTIVE, last_drawn, most_cited),
    ):
        draw(looks.book, sheet, chart)
    sheet.protect("", dict(READ_ONLY))


@dataclass(frozen=True, slots=True)
class _Table:
    """The motives in the order shown, all wordings in the order that settles equal counts, and the total's mean."""

    motives: list[Motive]
    wordings: list[LeveledWording]
    places: list[int]
    """For each motive shown, the place of its wording, from 1."""
    alike: Counter[tuple[str, ...]]
    sums: dict[LeveledWording, MotiveTally]
    total: int
    mean: float | None

    @staticmethod
    def of(cited: Sequence[MotiveTally], lists: Lists) -> _Table:
        known: set[LeveledWording] = {(e.niveau, *e.wording) for e in lists.entries}
        # A 1/2 entry is recorded at either level.
        split = {(level, w[1], w[2], w[3]) for w in known if w[0] == "1/2" for level in "12"}
        shown = {(m.niveau, m.thematique, m.motif, m.sous_motif): m for m in motives(cited)}
        wordings = sorted(shown.keys() | known | split)
        return _Table(
            list(shown.values()),
            wordings,
            [wordings.index(wording) + 1 for wording in shown],
            Counter(tuple(text.casefold() for text in wording) for wording in wordings),
            {(m.niveau, m.thematique, m.motif, m.sous_motif): m for m in cited},
            sum(m.count for m in cited),
            share(sum(m.talk_seconds for m in cited), sum(m.talk_known for m in cited)),
        )

    def is_exact(self, wording: LeveledWording) -> bool:
        """Whether a criterion of COUNTIFS would take it for another (they differ by case alone), or is too long."""
        is_long = any(len(criterion(text)) > LONGEST_CRITERION for text in wording)
        return is_long or self.alike[tuple(text.casefold() for text in wording)] > 1

    def levels(self, wording: LeveledWording) -> tuple[str, ...]:
        """The levels typed that count as this wording's: its own, and none where the wording stands at one level."""
        own = wording[0] if wording[0] in TYPED_LEVELS else ""
        alone = sum(other[1:] == wording[1:] for other in self.wordings) == 1
        return tuple(dict.fromkeys((own, ""))) if alone else (own,)

    @property
    def last(self) -> int:
        """The sheet's line (counted from 1) of the last wording, which is « Non reconnu »."""
        return FIRST_MOTIVE + len(self.wordings) + 1

    def column(self, place: int) -> str:
        """The absolute range of a hidden column."""
        return f"${letter(place)}${FIRST_MOTIVE + 1}:${letter(place)}${self.last}"


@dataclass(frozen=True, slots=True)
class _Styles:
    title: Any
    strong: Any
    warning: Any
    header: Any
    entry: Any
    count: Any
    duration: Any
    rate: Any
    month: Any
    wrap: Any
    number: Any
    minutes: Any

    @staticmethod
    def of(book: Any) -> _Styles:
        big = {"bold": True, "font_size": 14, "align": "left"}
        return _Styles(
            title=book.add_format({"bold": True, "font_size": 16, "font_color": "#000091"}),
            strong=book.add_format({"bold": True}),
            warning=book.add_format({"bold": True, "font_color": "#B30000"}),
            header=book.add_format({"bold": True, "bg_color": "#E3E3FD"}),
            entry=book.add_format(
                {"num_format": "dd/mm/yyyy", "bg_color": "#FEECC2", "border": 1, "align": "left", "locked": False}
            ),
            count=book.add_format({**big, "num_format": "#,##0"}),
            duration=book.add_format({**big, "num_format": "[mm]:ss"}),
            rate=book.add_format({**big, "num_format": PERCENT}),
            month=book.add_format({"num_format": "mm/yyyy"}),
            wrap=book.add_format({"valign": "top"}),
            number=book.add_format({"num_format": "#,##0", "valign": "top"}),
            minutes=book.add_format({"num_format": "[mm]:ss", "valign": "top"}),
        )


def _shape(sheet: Any, shown: int, looks: Looks) -> None:
    for column, width in zip(range(TEXTS), SHOWN_WIDTHS, strict=True):
        sheet.set_column(column, column, width)
    sheet.set_column(TEXTS, DRAWN_CALLS, 9, None, {"hidden": True})
    looks.print_on(sheet, heading=FIRST_MOTIVE - 1)
    # The lines shown today, and some more: a motif typed by hand may come, and so may « Non reconnu ».
    sheet.print_area(0, 0, FIRST_MOTIVE + max(shown + 12, 24), TEXTS - 1)
    sheet.set_row(FIRST_MOTIVE - 1, 20)


@dataclass(frozen=True, slots=True)
class _Results:
    """Writes the sheet line by line (it keeps one line in memory)."""

    sheet: Any
    styles: _Styles
    formulas: Formulas
    table: _Table
    months: Sequence[Month]

    def formula(self, row: int, column: int, formula: str, value: float | str | None, style: Any = None) -> None:
        """Write a formula and beside it the value that it has today."""
        now = NOT_XML.sub("", value) if isinstance(value, str) else value
        self.sheet.write_formula(row, column, f"={formula}", style, "" if now is None else now)

    def write_figures(self, title: str, period: Period, figures: Figures) -> None:
        """Write the two period cells, the four figures, and what could not be counted."""
        styles, formulas = self.styles, self.formulas
        self.sheet.write_string(0, 0, RESULTS_TITLE, styles.title)
        self.sheet.write_string(1, 0, title, styles.strong)
        for row, label, day in ((2, "Du (premier jour)", period.since), (3, "Au (dernier jour)", period.until)):
            self.sheet.write_string(row, 0, label, styles.strong)
            self.sheet.write_number(row, 1, day.toordinal() - EXCEL_EPOCH, styles.entry)
        lines = {
            "nombre_appels": (formulas.count(), styles.count, figures.nombre_appels),
            "duree_moyenne_secondes": (formulas.mean(), styles.duration, in_days(figures.duree_moyenne_secondes)),
            "taux_resolution": (formulas.rate("resolved"), styles.rate, figures.taux_resolution),
            "taux_escalade": (formulas.rate("escalated"), styles.rate, figures.taux_escalade),
        }
        for row, (name, (formula, style, value)) in enumerate(lines.items(), start=5):
            self.sheet.write_string(row, 0, BY_NAME[name].label, styles.strong)
            self.formula(row, 1, formula, value, style)
        self.sheet.write_string(UNREAD, 0, "Dates et durées non lues", styles.strong)
        self.formula(UNREAD, 1, formulas.unread(), 0, styles.count)
        said = '"Cellules rouges de l’historique, à corriger : elles manquent aux chiffres."'
        self.formula(UNREAD + 1, 0, f'IF($B${UNREAD + 1}=0,"",{said})', None, styles.warning)

    def write_motives(self) -> None:
        """Write the table of motives, and beside it the hidden columns that feed it and the charts."""
        table, head = self.table, FIRST_MOTIVE - 1
        self.sheet.write_string(head - 1, 0, "Motifs les plus cités par les utilisateurs", self.styles.strong)
        for column, heading in enumerate(("Niveau", "Thématique", "Motif", "Sous motif", "Nombre", "Durée moyenne")):
            self.sheet.write_string(head, column, heading, self.styles.header)
        self.formula(head, KEY, f'COUNTIF({table.column(KEY)},">0")', len(table.motives))
        for index in range(max(len(table.wordings) + 2, DRAWN_MONTHS)):
            motive = table.motives[index] if index < len(table.motives) else None
            if index <= len(table.wordings) + 1:
                self._write_visible(index, motive)
            if index < len(table.wordings):
                self._write_hidden(index)
            elif index == len(table.wordings):
                self._write_unknown(index)
            if index < DRAWN_MONTHS:
                self._write_month(index)
            if index < DRAWN_MOTIVES:
                self._write_drawn(index, motive)

    def _write_visible(self, index: int, motive: Motive | None) -> None:
        table, styles = self.table, self.styles
        row, is_total = FIRST_MOTIVE + index, index == len(table.motives)

        def write(column: int, source: int, total: str, style: Any, value: float | str | None) -> None:
            taken = f"INDEX({table.column(source)},${letter(RANK)}{row + 1})"
            self.formula(row, column, f'IF({index}<{CITED},{taken},IF({index}={CITED},{total},""))', value, style)

        texts = (
            (level_words(motive.niveau), motive.thematique, motive.motif, motive.sous_motif)
            if motive
            else ("", "", "", "")
        )
        write(0, TEXTS, '"Total général"', styles.wrap, "Total général" if is_total else texts[0])
        for column in range(1, SOUS_MOTIF + 1):
            write(column, TEXTS + column, '""', styles.wrap, texts[column])
        number = motive.nombre if motive else None
        seconds = motive.duree_moyenne_secondes if motive else None
        write(NOMBRE, COUNT, self.formulas.qualified(), styles.number, table.total if is_total else number)
        mean = in_days(table.mean if is_total else seconds)
        write(DUREE, MEAN, self.formulas.mean_of_qualified(), styles.minutes, mean)

    def _write_hidden(self, index: int) -> None:
        table, row, line = self.table, FIRST_MOTIVE + index, FIRST_MOTIVE + index + 1
        wording = table.wordings[index]
        for column, text in enumerate(wording):
            self.sheet.write_string(row, TEXTS + column, text if column else level_words(text))
            self.sheet.write_string(row, CRITERIA + column, criterion(text))
        count, seconds, known = self.formulas.wording(line, table.levels(wording), exact=table.is_exact(wording))
        tally = table.sums.get(wording)
        sums = (tally.count, tally.talk_seconds, tally.talk_known) if tally else (0, 0, 0)
        place = index + 1
        counted = f"{letter(COUNT)}{line}"
        key = f"IF({counted}=0,0,{counted}+1-{place}/10000)"
        self._write_counted(index, (count, seconds, known), sums, key, sums[0] + 1 - place / 10_000 if sums[0] else 0)

    def _write_unknown(self, index: int) -> None:
        """What is in the total and in no line above."""
        row = FIRST_MOTIVE + index
        for column, text in enumerate(UNKNOWN):
            self.sheet.write_string(row, TEXTS + column, text)
        formulas, above = self.formulas, max(row, FIRST_MOTIVE + 1)

        def rest(total: str, column: int) -> str:
            known = f"SUM(${letter(column)}${FIRST_MOTIVE + 1}:${letter(column)}${above})" if index else "0"
            return f"{total}-{known}"

        count = rest(formulas.qualified(), COUNT)
        seconds = rest(formulas.seconds_of_qualified(), SECONDS)
        known = rest(formulas.known_of_qualified(), KNOWN)
        # Below 1: whatever its number, it is the last line.
        self._write_counted(index, (count, seconds, known), (0, 0, 0), f"IF({letter(COUNT)}{row + 1}>0,0.5,0)", 0)

    def _write_counted(
        self, index: int, formulas: tuple[str, str, str], sums: tuple[int, int, int], key: str, key_now: float
    ) -> None:  # fmt: skip
        row, line = FIRST_MOTIVE + index, FIRST_MOTIVE + index + 1
        for column, formula, value in zip((COUNT, SECONDS, KNOWN), formulas, sums, strict=True):
            self.formula(row, column, formula, value)
        self.formula(row, KEY, key, key_now)
        known = f"{letter(KNOWN)}{line}"
        mean = f'IF({known}=0,"",{letter(SECONDS)}{line}/{known}/86400)'
        self.formula(row, MEAN, mean, in_days(share(sums[1], sums[2])))
        keys, places = self.table.column(KEY), self.table.places
        rank = places[index] if index < len(places) else ""
        self.formula(row, RANK, f'IF({index}<{CITED},MATCH(LARGE({keys},{index + 1}),{keys},0),"")', rank)

    def _write_month(self, index: int) -> None:
        row, cell = FIRST_MOTIVE + index, f"${letter(MONTH)}{FIRST_MOTIVE + index + 1}"
        day, number = self.months[index] if index < len(self.months) else (None, None)
        first, last = (f"DATE(YEAR({end}),MONTH({end}),1)" for end in (SINCE, UNTIL))
        start = f"EDATE(MAX({first},EDATE({last},{1 - DRAWN_MONTHS})),{index})"
        serial = None if day is None else day.toordinal() - EXCEL_EPOCH
        self.formula(row, MONTH, f'IF({start}<={UNTIL},{start},"")', serial, self.styles.month)
        days = self.formulas.history.column("day")
        within = f'{days},">="&MAX({cell},{SINCE}),{days},"<"&MIN(EDATE({cell},1),{UNTIL}+1)'
        self.formula(row, MONTH_CALLS, f'IF({cell}="","",COUNTIFS({within}))', number)

    def _write_drawn(self, index: int, motive: Motive | None) -> None:
        row = FIRST_MOTIVE + index
        name, number = (motive.sous_motif, motive.nombre) if motive else (None, None)
        self.formula(row, DRAWN, f'IF({index}<{CITED},${letter(SOUS_MOTIF)}{row + 1},"")', name)
        self.formula(row, DRAWN_CALLS, f'IF({index}<{CITED},${letter(NOMBRE)}{row + 1},"")', number)


def in_days(seconds: float | None) -> float | None:
    """A duration as spreadsheets keep it."""
    return None if seconds is None else seconds / 86_400
