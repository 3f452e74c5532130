"""The pivot tables of a workbook, as parts added to a workbook that XlsxWriter has closed.

XlsxWriter writes no pivot table, and no table in the mode that keeps one line in memory. So the workbook is written
first; then its parts are copied one after the other into the file that is handed out, with what is missing added: the
table « Appels » over the history, one cache that reads it afresh on opening, and two pivot tables that share the cache.
The names are those of ECMA-376, part 1, chapter 18.10 (pivot tables) and 18.5 (tables).
"""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO
from xml.sax.saxutils import escape, quoteattr, unescape

from reports.workbook.columns import letter
from reports.workbook.history import COUNTED, History, counted_formulas
from reports.workbook.pivot import HEAD, MINUTES, PIVOTS, TABLE, TOTAL, Drawn, Pivot

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE_LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"
KINDS = "application/vnd.openxmlformats-officedocument.spreadsheetml."
DECLARED = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
CHUNK = 1 << 20
ITEMS = '<items count="1"><item t="default"/></items>'
DAY_FORMAT = 14
"""The number format of a day, known to every workbook."""


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
