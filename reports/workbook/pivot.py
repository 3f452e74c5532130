"""The two pivot tables of the ministry’s slide: what each groups and counts, and what it shows until it is refreshed.

How they become parts of the file is in `reports.workbook.pivot_parts`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from records.counting.tally import MotiveTally
from reports.figures.definitions import share
from reports.workbook.columns import COLUMNS, level_words
from reports.workbook.history import COUNTED
from reports.workbook.pages import PERCENT, Looks
from reports.workbook.results import RESULTS_TITLE

PIVOT_SHEET = "Tableaux croisés"
TABLE = "Appels"
HEAD = 6
"""The first line of both tables, counted from 0: « Valeurs », then the headings; the page filter stands above."""
BODY = HEAD + 2
TO_TRY = (
    "À essayer : ces deux tableaux croisés dynamiques n’ont pas encore été ouverts dans Excel. La feuille "
    "« Résultats » donne les mêmes chiffres par des formules."
)
HOW = (
    "Ils se rafraîchissent à l’ouverture ; après une correction : Données, Actualiser tout. « Date » choisit les jours "
    "comptés. Ils lisent le tableau « Appels » de l’historique."
)
BLANK, ALL, TOTAL = "(vide)", "(Tous)", "Total général"
NIVEAU, MOTIF, THEMATIQUE, SOUS_MOTIF = "niveau", "motif", "thematique", "sous_motif"


@dataclass(frozen=True, slots=True)
class Measure:
    """One column of figures: its heading, the heading of the column that it reads, how it is summed and written."""

    heading: str
    source: str
    subtotal: str
    shape: str
    value_of: Callable[[Sums], float | None]


@dataclass(frozen=True, slots=True)
class Sums:
    """What a line of a pivot table shows: sums over calls, None where they are not known before it is refreshed."""

    count: int
    seconds: float | None
    known: int
    resolved: int = 0
    resolution_known: int = 0
    escalated: int = 0
    escalation_known: int = 0

    @staticmethod
    def of(tallies: Iterable[MotiveTally]) -> Sums:
        """The sums of some wordings."""
        found = list(tallies)
        return Sums(
            *(
                sum(getattr(one, name) for one in found)
                for name in (
                    "count", "talk_seconds", "talk_known", "resolved", "resolution_known", "escalated",
                    "escalation_known",
                )
            )
        )  # fmt: skip

    def mean(self) -> float | None:
        """The mean duration in days."""
        return None if self.seconds is None or not self.known else self.seconds / self.known / 86_400


@dataclass(frozen=True, slots=True)
class Pivot:
    """One pivot table: where it stands, the columns whose words it groups, and its figures."""

    name: str
    title: str
    first: int
    """Its first column, counted from 0."""
    keys: tuple[str, ...]
    measures: tuple[Measure, ...]
    most_cited_first: bool
    with_subtotals: bool
    """Whether each of the first groups has a line of its own, « Total Niveau 1 »."""


MINUTES = COLUMNS.declared[COLUMNS.place("minutes")].heading
PIVOTS = (
    Pivot(
        "StatistiquesAppels", RESULTS_TITLE, 0, (NIVEAU, MOTIF),
        (
            Measure("Nombre d'appels", COUNTED[0], "sum", "#,##0", lambda sums: sums.count),
            Measure("Durée en moyenne par appel", MINUTES, "average", "[mm]:ss", Sums.mean),
            Measure(
                "Taux de résolution", COUNTED[1], "average", PERCENT,
                lambda sums: share(sums.resolved, sums.resolution_known),
            ),
            Measure(
                "Taux d'escalade au national", COUNTED[2], "average", PERCENT,
                lambda sums: share(sums.escalated, sums.escalation_known),
            ),
        ),
        most_cited_first=False, with_subtotals=True,
    ),
    Pivot(
        "MotifsCites", "Motifs les plus cités par les utilisateurs", 7, (NIVEAU, THEMATIQUE, MOTIF, SOUS_MOTIF),
        (
            Measure("Nombre", COUNTED[0], "sum", "#,##0", lambda sums: sums.count),
            Measure("Durée moyenne", MINUTES, "average", "[mm]:ss", Sums.mean),
        ),
        most_cited_first=True, with_subtotals=False,
    ),
)  # fmt: skip
Line = tuple[tuple[str, ...], Sums]
"""The labels of a line, one for each key, and its sums."""


def pivot_lines(pivot: Pivot, cited: Sequence[MotiveTally], total: Sums) -> list[Line]:
    """What a pivot table shows before anybody refreshes it, its total last. `total` are the sums of every call."""
    leaves: dict[tuple[str, ...], list[MotiveTally]] = {}
    for tally in cited:
        texts = {key: getattr(tally, key) for key in pivot.keys}
        texts[NIVEAU] = level_words(tally.niveau)
        leaves.setdefault(tuple(texts[key] or BLANK for key in pivot.keys), []).append(tally)
    sums = {labels: Sums.of(found) for labels, found in leaves.items()}
    rest = total.count - sum(one.count for one in sums.values())
    if rest > 0:
        sums[(BLANK,) * len(pivot.keys)] = Sums(rest, None, 0)
    weights: Counter[tuple[str, ...]] = Counter()
    for labels, one in sums.items():
        for depth in range(1, len(labels) + 1):
            weights[labels[:depth]] += one.count

    def order(labels: tuple[str, ...]) -> list[tuple[int, bool, str]]:
        return [
            (-weights[labels[:depth]] if pivot.most_cited_first else 0, labels[depth - 1] == BLANK, labels[depth - 1])
            for depth in range(1, len(labels) + 1)
        ]

    lines: list[Line] = []
    for niveau, group in groupby(sorted(sums, key=order), key=lambda labels: labels[0]):
        members = list(group)
        lines += [(labels, sums[labels]) for labels in members]
        if pivot.with_subtotals:
            within = [one for tallies in (leaves.get(labels, []) for labels in members) for one in tallies]
            both = Sums.of(within) if within else sums[members[0]]
            lines.append(((f"Total {niveau}", *[""] * (len(pivot.keys) - 1)), both))
    return [*lines, ((TOTAL, *[""] * (len(pivot.keys) - 1)), total)]


@dataclass(frozen=True, slots=True)
class Drawn:
    """The pivot tables of one workbook: the index of their sheet (from 1) and the last line of each, from 1."""

    sheet: int
    last_lines: tuple[int, ...]


def write_pivot_sheet(sheet: Any, index: int, cited: Sequence[MotiveTally], total: Sums, looks: Looks) -> Drawn:
    """Write what both tables show until they are refreshed, line by line, and say where they stand."""
    title = looks.book.add_format({"bold": True, "font_size": 14, "font_color": "#000091"})
    warning = looks.book.add_format({"bold": True, "font_color": "#B34000"})
    styles = {one.shape: looks.open(one.shape) for pivot in PIVOTS for one in pivot.measures}
    looks.print_on(sheet, heading=HEAD + 1)
    for pivot in PIVOTS:
        for place, key in enumerate(pivot.keys, start=pivot.first):
            sheet.set_column(place, place, 24 if key == NIVEAU else 40, looks.open())
        last = pivot.first + len(pivot.keys)
        for place, measure in enumerate(pivot.measures, start=last):
            sheet.set_column(place, place, max(len(measure.heading) + 2, 12), looks.open(measure.shape))
    sheet.write_string(0, 0, TO_TRY, warning)
    sheet.write_string(1, 0, HOW)
    for pivot in PIVOTS:
        sheet.write_string(3, pivot.first, pivot.title, title)
    for pivot in PIVOTS:
        sheet.write_string(HEAD - 2, pivot.first, "Date")
        sheet.write_string(HEAD - 2, pivot.first + 1, ALL)
    for pivot in PIVOTS:
        sheet.write_string(HEAD, pivot.first + len(pivot.keys), "Valeurs")
    for pivot in PIVOTS:
        headings = [COLUMNS.declared[COLUMNS.place(key)].heading for key in pivot.keys]
        for place, heading in enumerate((*headings, *(one.heading for one in pivot.measures)), start=pivot.first):
            sheet.write_string(HEAD + 1, place, heading, looks.header)
    every = [pivot_lines(pivot, cited, total) for pivot in PIVOTS]
    for row in range(max(map(len, every))):
        for pivot, lines in zip(PIVOTS, every, strict=True):
            if row < len(lines):
                labels, sums = lines[row]
                above = lines[row - 1][0] if row else ()
                _write_line(sheet, BODY + row, pivot, (_not_repeated(labels, above), sums), styles)
    return Drawn(index, tuple(BODY + len(lines) for lines in every))


def _not_repeated(labels: tuple[str, ...], above: tuple[str, ...]) -> tuple[str, ...]:
    """The labels of a line without those of the line above it, as a pivot table shows them."""
    return tuple(
        "" if above[: depth + 1] == labels[: depth + 1] else label for depth, label in enumerate(labels)
    )  # fmt: skip


def _write_line(sheet: Any, row: int, pivot: Pivot, line: Line, styles: Mapping[str, Any]) -> None:
    labels, sums = line
    for place, label in enumerate(labels, start=pivot.first):
        if label:
            sheet.write_string(row, place, label)
    for place, measure in enumerate(pivot.measures, start=pivot.first + len(labels)):
        value = measure.value_of(sums)
        if value is not None:
            sheet.write_number(row, place, value, styles[measure.shape])
