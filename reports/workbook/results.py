"""The sheet « Résultats »: the tool's figures by formulas that follow two period cells, and charts beside them.

Every formula stands with the value that the database gave, so that a reader that does not calculate shows the same.
Hidden columns to the right hold, for each wording, its criteria, its count and its rank; the visible table takes them
in that order. No function newer than Excel 2010 is used: LibreOffice and old Excels follow the period alike.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from records.counting.tally import MotiveTally
from reports.figures.definitions import Figures, Motive, motives, share
from reports.figures.periods import Period
from reports.workbook.history import EXCEL_EPOCH, History
from reports.workbook.nomenclature import Lists

SINCE, UNTIL = "$B$3", "$B$4"
FIRST_MOTIVE = 12
"""The line of the first motive, counted from 0."""
DRAWN_MOTIVES = 10
DRAWN_MONTHS = 12
CITED = f"$S${FIRST_MOTIVE}"
"""The cell that counts the motives cited in the period."""
H = 9
"""The first hidden column (J): niveau, thématique, motif, sous-motif, their four criteria, count, key, mean, rank."""
Wording = tuple[str, str, str, str]
Month = tuple[date, int]
"""The first day of a month, and its treated calls within the period."""


@dataclass(frozen=True, slots=True)
class Formulas:
    """The formulas of one history."""

    history: History

    def period(self) -> str:
        """The two criteria of the period."""
        days = self.history.column("B")
        return f'{days},">="&{SINCE},{days},"<"&{UNTIL}+1'

    def count(self, *criteria: str) -> str:
        """How many calls of the period meet further criteria."""
        return f"COUNTIFS({','.join((self.period(), *criteria))})"

    def mean(self, *criteria: str) -> str:
        """The mean duration in days of the calls of the period that meet further criteria, empty when there is none."""
        return f'IFERROR(AVERAGEIFS({self.history.column("C")},{",".join((self.period(), *criteria))})/86400,"")'

    def qualified(self) -> str:
        """How many calls of the period carry a thématique."""
        return self.count(self.history.column("E"), '"?*"')

    def rate(self, letter: str) -> str:
        """The share of « Oui » in a column among the qualified calls, empty when there is none."""
        yes = self.count(self.history.column(letter), '"Oui"', self.history.column("E"), '"?*"')
        return f'IFERROR({yes}/{self.qualified()},"")'

    def mean_of_qualified(self) -> str:
        """The mean duration in days of the calls of the period that carry a thématique."""
        return self.mean(self.history.column("E"), '"?*"')

    def wording(self, row: int, *, exact: bool) -> tuple[str, str]:
        """Count and mean of the wording on a hidden line; `exact` where another wording differs by case alone."""
        columns = [self.history.column(letter) for letter in "HEFG"]
        if not exact:
            criteria = [part for i, c in enumerate(columns) for part in (c, f"${_letter(H + 4 + i)}${row}")]
            return self.count(*criteria), self.mean(*criteria)
        days, seconds = self.history.column("B"), self.history.column("C")
        same = "*".join(f"EXACT({c},${_letter(H + i)}${row})" for i, c in enumerate(columns))
        kept = f"({days}>={SINCE})*({days}<{UNTIL}+1)*{same}"
        known = f"SUMPRODUCT({kept}*ISNUMBER({seconds}))"
        return f"SUMPRODUCT({kept})", f'IFERROR(SUMPRODUCT({kept},{seconds})/{known}/86400,"")'


def _letter(column: int) -> str:
    return chr(ord("A") + column)


def criterion(text: str) -> str:
    """The text as a COUNTIFS criterion that means nothing but itself."""
    return "=" + text.replace("~", "~~").replace("*", "~*").replace("?", "~?")


def write_results(
    book: Any, sheet: Any, *, period: Period, figures: Figures, cited: Sequence[MotiveTally], months: Sequence[Month],
    lists: Lists, history: History,
) -> None:  # fmt: skip
    """Write the figures, the motives and the charts; `months` are the last months of the period, twelve at most."""
    table = _Table.of(cited, lists)
    results = _Results(sheet, _Styles.of(book), Formulas(history), table, months)
    _shape(sheet, len(table.wordings))
    results.write_figures(period, figures)
    results.write_motives()
    _draw(book, sheet)


@dataclass(frozen=True, slots=True)
class _Table:
    """The motives in the order shown, all wordings in the order that settles equal counts, and the total's mean."""

    motives: list[Motive]
    cited: dict[Wording, Motive]
    wordings: list[Wording]
    places: list[int]
    """For each motive shown, the place of its wording, from 1."""
    alike: Counter[tuple[str, ...]]
    total: int
    mean: float | None

    @staticmethod
    def of(cited: Sequence[MotiveTally], lists: Lists) -> _Table:
        known: set[Wording] = {(e.niveau, *e.wording) for e in lists.entries}
        # A 1/2 entry is recorded at either level.
        split = {(level, w[1], w[2], w[3]) for w in known if w[0] == "1/2" for level in "12"}
        shown = {(m.niveau, m.thematique, m.motif, m.sous_motif): m for m in motives(cited)}
        wordings = sorted(shown.keys() | known | split)
        return _Table(
            list(shown.values()),
            shown,
            wordings,
            [wordings.index(wording) + 1 for wording in shown],
            Counter(tuple(text.casefold() for text in wording) for wording in wordings),
            sum(m.count for m in cited),
            share(sum(m.talk_seconds for m in cited), sum(m.talk_known for m in cited)),
        )

    def is_exact(self, wording: Wording) -> bool:
        """Whether another wording differs by case alone, so that COUNTIFS would take one for the other."""
        return self.alike[tuple(text.casefold() for text in wording)] > 1

    @property
    def last(self) -> int:
        """The sheet's line (counted from 1) of the last wording."""
        return FIRST_MOTIVE + max(len(self.wordings), 1)

    def column(self, letter: str) -> str:
        """The absolute range of a hidden column."""
        return f"${letter}${FIRST_MOTIVE + 1}:${letter}${self.last}"


@dataclass(frozen=True, slots=True)
class _Styles:
    title: Any
    strong: Any
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
            header=book.add_format({"bold": True, "bg_color": "#E3E3FD"}),
            entry=book.add_format({"num_format": "dd/mm/yyyy", "bg_color": "#FEECC2", "border": 1, "align": "left"}),
            count=book.add_format({**big, "num_format": "#,##0"}),
            duration=book.add_format({**big, "num_format": "[mm]:ss"}),
            rate=book.add_format({**big, "num_format": "0.0%"}),
            month=book.add_format({"num_format": "mm/yyyy"}),
            wrap=book.add_format({"valign": "top"}),
            number=book.add_format({"num_format": "#,##0", "valign": "top"}),
            minutes=book.add_format({"num_format": "[mm]:ss", "valign": "top"}),
        )


def _shape(sheet: Any, size: int) -> None:
    for column, width in enumerate((28, 52, 50, 60, 10, 16, 30, 30, 30)):
        sheet.set_column(column, column, width)
    sheet.set_column(H, H + 15, 9, None, {"hidden": True})
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.print_area(0, 0, FIRST_MOTIVE + max(size, 40), H - 1)
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
        self.sheet.write_formula(row, column, f"={formula}", style, "" if value is None else value)

    def write_figures(self, period: Period, figures: Figures) -> None:
        """Write the two period cells and the four figures."""
        styles, formulas = self.styles, self.formulas
        self.sheet.write_string(0, 0, "Résultats", styles.title)
        for row, label, day in ((2, "Du (premier jour)", period.since), (3, "Au (dernier jour)", period.until)):
            self.sheet.write_string(row, 0, label, styles.strong)
            self.sheet.write_number(row, 1, day.toordinal() - EXCEL_EPOCH, styles.entry)
        lines = (
            ("Nombre d'appels", formulas.count(), styles.count, figures.nombre_appels),
            ("Durée en moyenne par appel", formulas.mean(), styles.duration, in_days(figures.duree_moyenne_secondes)),
            ("Taux de résolution", formulas.rate("I"), styles.rate, figures.taux_resolution),
            ("Taux d'escalade au national", formulas.rate("J"), styles.rate, figures.taux_escalade),
        )
        for row, (label, formula, style, value) in enumerate(lines, start=5):
            self.sheet.write_string(row, 0, label, styles.strong)
            self.formula(row, 1, formula, value, style)

    def write_motives(self) -> None:
        """Write the table of motives, and beside it the hidden columns that feed it and the charts."""
        table, head = self.table, FIRST_MOTIVE - 1
        self.sheet.write_string(head - 1, 0, "Motifs les plus cités par les utilisateurs", self.styles.strong)
        for column, heading in enumerate(("Niveau", "Thématique", "Motif", "Sous motif", "Nombre", "Durée moyenne")):
            self.sheet.write_string(head, column, heading, self.styles.header)
        self.formula(head, H + 9, f'COUNTIF({table.column("S")},">=1")', len(table.motives))
        for index in range(max(len(table.wordings) + 1, DRAWN_MONTHS)):
            motive = table.motives[index] if index < len(table.motives) else None
            if index <= len(table.wordings):
                self._write_visible(index, motive)
            if index < len(table.wordings):
                self._write_hidden(index)
            if index < DRAWN_MONTHS:
                self._write_month(index)
            if index < DRAWN_MOTIVES:
                self._write_drawn(index, motive)

    def _write_visible(self, index: int, motive: Motive | None) -> None:
        table, styles = self.table, self.styles
        row, is_total = FIRST_MOTIVE + index, index == len(table.motives)

        def write(column: int, letter: str, total: str, style: Any, value: float | str | None) -> None:
            taken = f"INDEX({table.column(letter)},$U{row + 1})"
            self.formula(row, column, f'IF({index}<{CITED},{taken},IF({index}={CITED},{total},""))', value, style)

        texts = (motive.niveau, motive.thematique, motive.motif, motive.sous_motif) if motive else ("", "", "", "")
        write(0, "J", '"Total général"', styles.wrap, "Total général" if is_total else texts[0])
        for column, letter in ((1, "K"), (2, "L"), (3, "M")):
            write(column, letter, '""', styles.wrap, texts[column])
        number = motive.nombre if motive else None
        seconds = motive.duree_moyenne_secondes if motive else None
        write(4, "R", self.formulas.qualified(), styles.number, table.total if is_total else number)
        write(5, "T", self.formulas.mean_of_qualified(), styles.minutes, in_days(table.mean if is_total else seconds))

    def _write_hidden(self, index: int) -> None:
        table, row, line = self.table, FIRST_MOTIVE + index, FIRST_MOTIVE + index + 1
        wording = table.wordings[index]
        for column, text in enumerate(wording):
            self.sheet.write_string(row, H + column, text)
            self.sheet.write_string(row, H + 4 + column, criterion(text))
        count, mean = self.formulas.wording(line, exact=table.is_exact(wording))
        motive, place = table.cited.get(wording), index + 1
        number = motive.nombre if motive else 0
        self.formula(row, H + 8, count, number)
        key = number + 1 - place / 10_000 if number else 0
        self.formula(row, H + 9, f"IF(R{line}=0,0,R{line}+1-{place}/10000)", key)
        self.formula(row, H + 10, mean, in_days(motive.duree_moyenne_secondes if motive else None))
        keys = table.column("S")
        rank = table.places[index] if index < len(table.places) else ""
        self.formula(row, H + 11, f'IF({index}<{CITED},MATCH(LARGE({keys},{place}),{keys},0),"")', rank)

    def _write_month(self, index: int) -> None:
        row, cell = FIRST_MOTIVE + index, f"$V{FIRST_MOTIVE + index + 1}"
        day, number = self.months[index] if index < len(self.months) else (None, None)
        first, last = (f"DATE(YEAR({end}),MONTH({end}),1)" for end in (SINCE, UNTIL))
        start = f"EDATE(MAX({first},EDATE({last},{1 - DRAWN_MONTHS})),{index})"
        serial = None if day is None else day.toordinal() - EXCEL_EPOCH
        self.formula(row, H + 12, f'IF({start}<={UNTIL},{start},"")', serial, self.styles.month)
        days = self.formulas.history.column("B")
        within = f'{days},">="&MAX({cell},{SINCE}),{days},"<"&MIN(EDATE({cell},1),{UNTIL}+1)'
        self.formula(row, H + 13, f'IF({cell}="","",COUNTIFS({within}))', number)

    def _write_drawn(self, index: int, motive: Motive | None) -> None:
        row = FIRST_MOTIVE + index
        self.formula(row, H + 14, f'IF({index}<{CITED},$D{row + 1},"")', motive.sous_motif if motive else None)
        self.formula(row, H + 15, f'IF({index}<{CITED},$E{row + 1},"")', motive.nombre if motive else None)


def in_days(seconds: float | None) -> float | None:
    """A duration as spreadsheets keep it."""
    return None if seconds is None else seconds / 86_400


def _draw(book: Any, sheet: Any) -> None:
    for kind, title, column, size, place in (
        ("column", "Appels par mois", H + 12, DRAWN_MONTHS, "G2"),
        ("bar", "Sous-motifs les plus cités", H + 14, DRAWN_MOTIVES, "G18"),
    ):
        last = FIRST_MOTIVE + size - 1
        chart = book.add_chart({"type": kind})
        chart.add_series(
            {
                "name": title,
                "categories": ["Résultats", FIRST_MOTIVE, column, last, column],
                "values": ["Résultats", FIRST_MOTIVE, column + 1, last, column + 1],
                "fill": {"color": "#000091"},
                "data_labels": {"value": True},
                "gap": 60,
            }
        )
        chart.set_title({"name": title, "name_font": {"size": 12}})
        chart.set_legend({"none": True})
        chart.show_hidden_data()
        chart.set_x_axis({"num_format": "mm/yyyy"} if kind == "column" else {})
        if kind == "bar":
            chart.set_y_axis({"reverse": True})
        chart.set_size({"width": 620, "height": 310})
        sheet.insert_chart(place, chart, {"object_position": 3, "description": title})
