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
from reports.figures.definitions import BY_NAME, Figures, Motive, motives, share
from reports.figures.periods import Period
from reports.workbook.columns import letter
from reports.workbook.history import EXCEL_EPOCH, History
from reports.workbook.nomenclature import Lists

SINCE, UNTIL = "$B$3", "$B$4"
FIRST_MOTIVE = 12
"""The line of the first motive, counted from 0."""
DRAWN_MOTIVES = 10
DRAWN_MONTHS = 12
SOUS_MOTIF, NOMBRE, DUREE = 3, 4, 5
"""The visible columns that formulas name, after niveau, thématique and motif."""
SHOWN_WIDTHS = (28, 52, 50, 60, 10, 16, 30, 30, 30)
TEXTS = len(SHOWN_WIDTHS)
"""The first hidden column: niveau, thématique, motif, sous-motif; then their four criteria, and what follows them."""
CRITERIA = TEXTS + 4
COUNT, KEY, MEAN, RANK, MONTH, MONTH_CALLS, DRAWN, DRAWN_CALLS = range(CRITERIA + 4, CRITERIA + 12)
CITED = f"${letter(KEY)}${FIRST_MOTIVE}"
"""The cell that counts the motives cited in the period."""
LeveledWording = tuple[str, str, str, str]
Month = tuple[date, int]
"""The first day of a month, and its treated calls within the period."""


@dataclass(frozen=True, slots=True)
class Formulas:
    """The formulas of one history."""

    history: History

    def period(self) -> str:
        """The two criteria of the period."""
        days = self.history.column("day")
        return f'{days},">="&{SINCE},{days},"<"&{UNTIL}+1'

    def count(self, *criteria: str) -> str:
        """How many calls of the period meet further criteria."""
        return f"COUNTIFS({','.join((self.period(), *criteria))})"

    def mean(self, *criteria: str) -> str:
        """The mean duration in days of the calls of the period that meet further criteria, empty when there is none."""
        return f'IFERROR(AVERAGEIFS({self.history.column("seconds")},{",".join((self.period(), *criteria))})/86400,"")'

    def qualified(self) -> str:
        """How many calls of the period carry a thématique."""
        return self.count(*self._qualified())

    def _qualified(self) -> tuple[str, str]:
        return self.history.column("thematique"), '"?*"'

    def rate(self, key: str) -> str:
        """The share of « Oui » in a column among the qualified calls, empty when there is none."""
        yes = self.count(self.history.column(key), '"Oui"', *self._qualified())
        return f'IFERROR({yes}/{self.qualified()},"")'

    def mean_of_qualified(self) -> str:
        """The mean duration in days of the calls of the period that carry a thématique."""
        return self.mean(*self._qualified())

    def wording(self, row: int, *, exact: bool) -> tuple[str, str]:
        """Count and mean of the wording on a hidden line; `exact` where another wording differs by case alone."""
        columns = [self.history.column(key) for key in ("niveau", "thematique", "motif", "sous_motif")]
        if not exact:
            criteria = [part for i, c in enumerate(columns) for part in (c, f"${letter(CRITERIA + i)}${row}")]
            return self.count(*criteria), self.mean(*criteria)
        days, seconds = self.history.column("day"), self.history.column("seconds")
        same = "*".join(f"EXACT({c},${letter(TEXTS + i)}${row})" for i, c in enumerate(columns))
        kept = f"({days}>={SINCE})*({days}<{UNTIL}+1)*{same}"
        known = f"SUMPRODUCT({kept}*ISNUMBER({seconds}))"
        return f"SUMPRODUCT({kept})", f'IFERROR(SUMPRODUCT({kept},{seconds})/{known}/86400,"")'


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
    cited: dict[LeveledWording, Motive]
    wordings: list[LeveledWording]
    places: list[int]
    """For each motive shown, the place of its wording, from 1."""
    alike: Counter[tuple[str, ...]]
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
            shown,
            wordings,
            [wordings.index(wording) + 1 for wording in shown],
            Counter(tuple(text.casefold() for text in wording) for wording in wordings),
            sum(m.count for m in cited),
            share(sum(m.talk_seconds for m in cited), sum(m.talk_known for m in cited)),
        )

    def is_exact(self, wording: LeveledWording) -> bool:
        """Whether another wording differs by case alone, so that COUNTIFS would take one for the other."""
        return self.alike[tuple(text.casefold() for text in wording)] > 1

    @property
    def last(self) -> int:
        """The sheet's line (counted from 1) of the last wording."""
        return FIRST_MOTIVE + max(len(self.wordings), 1)

    def column(self, place: int) -> str:
        """The absolute range of a hidden column."""
        return f"${letter(place)}${FIRST_MOTIVE + 1}:${letter(place)}${self.last}"


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
    for column, width in enumerate(SHOWN_WIDTHS):
        sheet.set_column(column, column, width)
    sheet.set_column(TEXTS, DRAWN_CALLS, 9, None, {"hidden": True})
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.print_area(0, 0, FIRST_MOTIVE + max(size, 40), TEXTS - 1)
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
        lines = {
            "nombre_appels": (formulas.count(), styles.count, figures.nombre_appels),
            "duree_moyenne_secondes": (formulas.mean(), styles.duration, in_days(figures.duree_moyenne_secondes)),
            "taux_resolution": (formulas.rate("resolved"), styles.rate, figures.taux_resolution),
            "taux_escalade": (formulas.rate("escalated"), styles.rate, figures.taux_escalade),
        }
        for row, (name, (formula, style, value)) in enumerate(lines.items(), start=5):
            self.sheet.write_string(row, 0, BY_NAME[name].label, styles.strong)
            self.formula(row, 1, formula, value, style)

    def write_motives(self) -> None:
        """Write the table of motives, and beside it the hidden columns that feed it and the charts."""
        table, head = self.table, FIRST_MOTIVE - 1
        self.sheet.write_string(head - 1, 0, "Motifs les plus cités par les utilisateurs", self.styles.strong)
        for column, heading in enumerate(("Niveau", "Thématique", "Motif", "Sous motif", "Nombre", "Durée moyenne")):
            self.sheet.write_string(head, column, heading, self.styles.header)
        self.formula(head, KEY, f'COUNTIF({table.column(KEY)},">=1")', len(table.motives))
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

        def write(column: int, source: int, total: str, style: Any, value: float | str | None) -> None:
            taken = f"INDEX({table.column(source)},${letter(RANK)}{row + 1})"
            self.formula(row, column, f'IF({index}<{CITED},{taken},IF({index}={CITED},{total},""))', value, style)

        texts = (motive.niveau, motive.thematique, motive.motif, motive.sous_motif) if motive else ("", "", "", "")
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
            self.sheet.write_string(row, TEXTS + column, text)
            self.sheet.write_string(row, CRITERIA + column, criterion(text))
        count, mean = self.formulas.wording(line, exact=table.is_exact(wording))
        motive, place = table.cited.get(wording), index + 1
        number = motive.nombre if motive else 0
        self.formula(row, COUNT, count, number)
        key = number + 1 - place / 10_000 if number else 0
        counted = f"{letter(COUNT)}{line}"
        self.formula(row, KEY, f"IF({counted}=0,0,{counted}+1-{place}/10000)", key)
        self.formula(row, MEAN, mean, in_days(motive.duree_moyenne_secondes if motive else None))
        keys = table.column(KEY)
        rank = table.places[index] if index < len(table.places) else ""
        self.formula(row, RANK, f'IF({index}<{CITED},MATCH(LARGE({keys},{place}),{keys},0),"")', rank)

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


def _draw(book: Any, sheet: Any) -> None:
    for kind, title, column, size, place in (
        ("column", "Appels par mois", MONTH, DRAWN_MONTHS, "G2"),
        ("bar", "Sous-motifs les plus cités", DRAWN, DRAWN_MOTIVES, "G18"),
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
