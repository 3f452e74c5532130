"""The pivot tables of the ministry's slide, as parts added to a workbook that XlsxWriter has closed.

XlsxWriter writes no pivot table, and no table in the mode that keeps one line in memory. So the workbook is written
first; then its parts are copied one after the other into the file that is handed out, with what is missing added: the
table « Appels » over the history, one cache that reads it afresh on opening, and two pivot tables that share the cache.
The names are those of ECMA-376, part 1, chapter 18.10 (pivot tables) and 18.5 (tables).
"""

from __future__ import annotations

import re
import shutil
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, BinaryIO
from xml.sax.saxutils import escape, quoteattr, unescape

from records.counting.tally import MotiveTally
from reports.figures.definitions import share
from reports.workbook.columns import COLUMNS, letter, level_words
from reports.workbook.history import COUNTED, History, counted_formulas
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
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE_LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"
KINDS = "application/vnd.openxmlformats-officedocument.spreadsheetml."
DECLARED = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
CHUNK = 1 << 20
ITEMS = '<items count="1"><item t="default"/></items>'
DAY_FORMAT = 14
"""The number format of a day, known to every workbook."""
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


# ---------------------------------------------------------------- the parts


def add_pivots(closed: BinaryIO, out: BinaryIO, history: History, history_sheet: int, drawn: Drawn) -> None:
    """Copy the workbook `closed` to `out` with its table and its pivot tables, a megabyte at a time.

    `history_sheet` is the index of the sheet of the history, from 1.
    """
    with zipfile.ZipFile(closed) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        shapes = _shapes(source.read("xl/styles.xml").decode())
        ends = {
            f"xl/worksheets/sheet{history_sheet}.xml": '<tableParts count="1"><tablePart r:id="rId1"/></tableParts>'
        }
        edits: dict[str, Callable[[str], str]] = {
            "[Content_Types].xml": _with_kinds,
            "xl/workbook.xml": _with_cache,
            "xl/_rels/workbook.xml.rels": lambda text: _before(
                text, "</Relationships>", _link("rIdAppels", "pivotCacheDefinition", CACHE_PART.removeprefix("xl/"))
            ),
        }
        for info in source.infolist():
            if info.filename in edits:
                target.writestr(_like(info), edits[info.filename](source.read(info).decode()))
            else:
                _copy(source, target, info, ends.get(info.filename, ""))
        for name, text in _parts(history, history_sheet, drawn, shapes):
            target.writestr(_like(source.infolist()[0], name), DECLARED + text)


CACHE_PART, TABLE_PART = "xl/pivotCache/pivotCacheDefinition1.xml", "xl/tables/table1.xml"


def _like(info: zipfile.ZipInfo, name: str = "") -> zipfile.ZipInfo:
    """A new entry of the same moment and size, so that it is not made of the larger kind without need."""
    made = zipfile.ZipInfo(name or info.filename, info.date_time)
    made.compress_type, made.external_attr = zipfile.ZIP_DEFLATED, info.external_attr
    made.file_size = 0 if name else info.file_size
    return made


def _copy(source: zipfile.ZipFile, target: zipfile.ZipFile, info: zipfile.ZipInfo, end: str) -> None:
    """Copy a part; `end` goes before the end of its root."""
    with source.open(info) as read, target.open(_like(info), "w") as write:
        if not end:
            shutil.copyfileobj(read, write, CHUNK)
            return
        kept = b""
        while chunk := read.read(CHUNK):
            write.write(kept[:-CHUNK])
            kept = kept[-CHUNK:] + chunk
        write.write(
            _before(kept.decode("utf-8", "surrogateescape"), "</worksheet>", end).encode("utf-8", "surrogateescape")
        )


def _before(text: str, end: str, added: str) -> str:
    """The text with something before its last `end`."""
    start, found, rest = text.rpartition(end)
    if not found:
        raise ValueError(f"no {end} in a part of the workbook")
    return start + added + found + rest


def _shapes(styles: str) -> dict[str, int]:
    """The number of each number format of the workbook."""
    own = re.findall(r'<numFmt numFmtId="(\d+)" formatCode="([^"]*)"', styles)
    return {"#,##0": 3, **{unescape(code, {"&quot;": '"'}): int(number) for number, code in own}}


def _with_kinds(text: str) -> str:
    kinds = {CACHE_PART: "pivotCacheDefinition", TABLE_PART: "table"}
    kinds |= {_pivot_part(number): "pivotTable" for number in range(1, len(PIVOTS) + 1)}
    made = "".join(f'<Override PartName="/{part}" ContentType="{KINDS}{kind}+xml"/>' for part, kind in kinds.items())
    return _before(text, "</Types>", made)


def _with_cache(text: str) -> str:
    return _before(text, "</workbook>", '<pivotCaches><pivotCache cacheId="1" r:id="rIdAppels"/></pivotCaches>')


def _pivot_part(number: int) -> str:
    return f"xl/pivotTables/pivotTable{number}.xml"


def _link(name: str, kind: str, target: str) -> str:
    return f'<Relationship Id="{name}" Type="{LINKS}/{kind}" Target="{target}"/>'


def _links(*links: str) -> str:
    return f'<Relationships xmlns="{PACKAGE_LINKS}">{"".join(links)}</Relationships>'


def _parts(
    history: History, history_sheet: int, drawn: Drawn, shapes: Mapping[str, int]
) -> Iterator[tuple[str, str]]:  # fmt: skip
    """The name and the text of every part that is new."""
    cache = "../pivotCache/pivotCacheDefinition1.xml"
    yield f"xl/worksheets/_rels/sheet{history_sheet}.xml.rels", _links(_link("rId1", "table", "../tables/table1.xml"))
    yield TABLE_PART, _table(history)
    yield CACHE_PART, _cache(history)
    pivots = range(1, len(PIVOTS) + 1)
    links = (_link(f"rId{number}", "pivotTable", f"../pivotTables/pivotTable{number}.xml") for number in pivots)
    yield f"xl/worksheets/_rels/sheet{drawn.sheet}.xml.rels", _links(*links)
    for number, pivot in enumerate(PIVOTS, start=1):
        yield _pivot_part(number), _pivot(pivot, history, drawn.last_lines[number - 1], shapes)
        yield f"xl/pivotTables/_rels/pivotTable{number}.xml.rels", _links(_link("rId1", "pivotCacheDefinition", cache))


def _table(history: History) -> str:
    """The table « Appels »: a line typed below it becomes its own, with the formulas of its columns."""
    headings = history.headings
    area = f"A1:{letter(len(headings) - 1)}{max(history.rows, 1) + 1}"

    def cell(key: str) -> str:
        heading = history.columns.declared[history.columns.place(key)].heading
        special = re.sub(r"([][#'])", r"'\1", heading)
        return f"{TABLE}[[#This Row],[{special}]]"

    seconds = cell("seconds")
    formulas = {
        MINUTES: f'IF(ISNUMBER({seconds}),{seconds}/86400,"")',
        **dict(zip(COUNTED, counted_formulas(cell), strict=True)),
    }
    columns = []
    for number, heading in enumerate(headings, start=1):
        formula = formulas.get(heading)
        inside = f"<calculatedColumnFormula>{escape(formula)}</calculatedColumnFormula>" if formula else ""
        columns.append(f'<tableColumn id="{number}" name={quoteattr(heading)}>{inside}</tableColumn>')
    return (
        f'<table xmlns="{MAIN}" id="1" name="{TABLE}" displayName="{TABLE}" ref="{area}" totalsRowShown="0">'
        f'<autoFilter ref="{area}"/><tableColumns count="{len(columns)}">{"".join(columns)}</tableColumns>'
        '<tableStyleInfo name="TableStyleLight1" showFirstColumn="0" showLastColumn="0" showRowStripes="0" '
        'showColumnStripes="0"/></table>'
    )


def _cache(history: History) -> str:
    """The cache, without a record: it reads the table afresh on opening."""
    day = history.columns.place("day")
    formats = [DAY_FORMAT if place == day else 0 for place in range(len(history.headings))]
    fields = "".join(
        f'<cacheField name={quoteattr(heading)} numFmtId="{number}"><sharedItems/></cacheField>'
        for heading, number in zip(history.headings, formats, strict=True)
    )
    return (
        f'<pivotCacheDefinition xmlns="{MAIN}" xmlns:r="{LINKS}" saveData="0" refreshOnLoad="1" '
        'refreshedBy="Assistance SI SIAO" createdVersion="3" refreshedVersion="3" minRefreshableVersion="3">'
        f'<cacheSource type="worksheet"><worksheetSource name="{TABLE}"/></cacheSource>'
        f'<cacheFields count="{len(history.headings)}">{fields}</cacheFields></pivotCacheDefinition>'
    )


def _pivot(pivot: Pivot, history: History, last: int, shapes: Mapping[str, int]) -> str:
    """One pivot table in tabular form; its lines and columns are laid out when it is refreshed."""
    headings, columns = history.headings, history.columns
    rows, day = [columns.place(key) for key in pivot.keys], columns.place("day")
    sources = [headings.index(one.source) for one in pivot.measures]
    width = len(pivot.keys) + len(pivot.measures)
    area = f"{letter(pivot.first)}{HEAD + 1}:{letter(pivot.first + width - 1)}{last}"
    order = (
        f' sortType="descending">{ITEMS}<autoSortScope><pivotArea dataOnly="0" '
        'outline="0" fieldPosition="0"><references count="1"><reference field="4294967294" count="1" selected="0">'
        '<x v="0"/></reference></references></pivotArea></autoSortScope></pivotField>'
    )
    by_name = f' sortType="ascending">{ITEMS}</pivotField>'
    unsummed_by_name = ' defaultSubtotal="0" sortType="ascending"/>'
    plain = 'compact="0" outline="0" showAll="0"'
    fields = []
    for place in range(len(headings)):
        if place in rows:
            summed = pivot.with_subtotals and place == rows[0]
            if pivot.most_cited_first:
                tail = order if summed else ' defaultSubtotal="0"' + order.replace(ITEMS, "")
            else:
                tail = by_name if summed else unsummed_by_name
            fields.append(f'<pivotField axis="axisRow" {plain}{tail}')
        elif place == day:
            fields.append(f'<pivotField axis="axisPage" numFmtId="{DAY_FORMAT}" {plain}>{ITEMS}</pivotField>')
        else:
            data = ' dataField="1"' if place in sources else ""
            fields.append(f"<pivotField{data} {plain}/>")
    measures = "".join(
        f'<dataField name={quoteattr(one.heading)} fld="{source}" subtotal="{one.subtotal}" baseField="0" baseItem="0" '
        f'numFmtId="{shapes[one.shape]}"/>'
        for one, source in zip(pivot.measures, sources, strict=True)
    )
    grouped = "".join(f'<field x="{place}"/>' for place in rows)
    places = "".join(
        "<i><x/></i>" if not number else f'<i i="{number}"><x v="{number}"/></i>'
        for number in range(len(pivot.measures))
    )
    return (
        f'<pivotTableDefinition xmlns="{MAIN}" name="{pivot.name}" cacheId="1" applyNumberFormats="0" '
        'applyBorderFormats="0" applyFontFormats="0" applyPatternFormats="0" applyAlignmentFormats="0" '
        f'applyWidthHeightFormats="1" dataCaption="Valeurs" grandTotalCaption="{TOTAL}" missingCaption="" '
        # A mean of nothing is empty, as before the first refresh, and no « #DIV/0! ».
        'showError="1" errorCaption="" '
        'updatedVersion="3" minRefreshableVersion="3" createdVersion="3" useAutoFormatting="0" itemPrintTitles="1" '
        'indent="0" compact="0" compactData="0">'
        f'<location ref="{area}" firstHeaderRow="1" firstDataRow="2" firstDataCol="{len(rows)}" rowPageCount="1" '
        'colPageCount="1"/>'
        f'<pivotFields count="{len(fields)}">{"".join(fields)}</pivotFields>'
        f'<rowFields count="{len(rows)}">{grouped}</rowFields>'
        '<rowItems count="1"><i t="grand"><x/></i></rowItems>'
        f'<colFields count="1"><field x="-2"/></colFields><colItems count="{len(pivot.measures)}">{places}</colItems>'
        f'<pageFields count="1"><pageField fld="{day}" hier="-1"/></pageFields>'
        f'<dataFields count="{len(pivot.measures)}">{measures}</dataFields>'
        '<pivotTableStyleInfo name="PivotStyleLight16" showRowHeaders="1" showColHeaders="1" showRowStripes="0" '
        'showColStripes="0" showLastColumn="1"/></pivotTableDefinition>'
    )
