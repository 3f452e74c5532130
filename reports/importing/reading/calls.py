"""The lines of a table that are calls, each cell as it counts: merged cells filled down, days of the right epoch."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from records.counting.words import counted
from records.wording import Wording, fold_words
from reports.importing.reading.book import CALLS, MARK, MINUTES, Cell, Line, UnreadableCell, text_of
from reports.importing.reading.grids import Grid, Row
from reports.importing.reading.layouts import Layout
from reports.importing.reading.parts import Range
from reports.importing.reading.tables import FoundTable
from reports.workbook.columns import letter

FIRST_OF_1904 = date(1904, 1, 1)
DAY_BEFORE_1900 = datetime(1899, 12, 31)  # noqa: DTZ001 - a duration counts from here, in no zone
DURATIONS = frozenset({"seconds", MINUTES})
EPOCH_MATTERS = DURATIONS | {"day"}
BESIDE = DURATIONS | {MARK, CALLS}
"""Columns that make no call of a line in which nothing else stands."""
ANSWERS = frozenset({"niveau", "resolved", "escalated"})
SAYING = ("phone", "day", *Wording._fields)
"""Columns in which a summary or a note may be written."""
SUMMARY = re.compile(
    r"(sous )?(total|totaux)\b|(moyenne|somme|cumul|mediane|maximum|minimum|moy|nb|effectif)\b"
    r"|nombre (d appels?|total)\b|(exemples?|ex)\b"
)
LIKE_A_SUMMARY = re.compile(r"\W*(sous|tot|moy|som|cum|m.{1,2}d|max|min|nb|eff|nombre|ex)", re.IGNORECASE)
"""What the folded words of a summary begin with before they are folded, which takes time."""
NO_DURATION = frozenset({"0", "00:00", "00:00:00", "0:00:00"})
"""What the formula of the minutes makes of a day on which nothing was noted."""
HIDDEN_CALLER = re.compile(r"masqu|inconnu|anonym|priv|nsp|\bnc\b|cach|communiqu|mail")
QUOTED_ASIDES = 8


@dataclass(slots=True)
class Calls:
    """The calls of a table, and French notes on what was left out or filled in."""

    lines: list[Line] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def calls_of(table: FoundTable, layout: Layout, grid: Grid) -> Calls:
    """The calls of a table; its rows are used up."""
    found, epoch = Calls(), _Epoch(layout, grid)
    fill = _merged(table, layout, grid, found)
    asides: list[tuple[int, str]] = []
    elsewhere: list[int] = []
    american = _is_american(table, layout, is_text=grid.is_text)
    rows: deque[Row] = deque(table.rows)
    table.rows = []
    while rows:
        line, cells = rows.popleft()
        width = len(cells)
        named = {key: cells[at] for at, key in layout.places.items() if at < width}
        for key in EPOCH_MATTERS & named.keys():
            named[key] = epoch.cell(key, named[key])
        if not isinstance(named.get("day"), date) and not any(_is_filled(key, cell) for key, cell in named.items()):
            if any(text_of(cells[at]) for at in _unread(table, layout, cells)):
                elsewhere.append(line)
            continue
        named |= fill.get(line, {})
        said = _aside(named, cells)
        if said:
            asides.append((line, said))
            continue
        _agree(named)
        if american:
            named |= {key: _american(named[key]) for key in (EPOCH_MATTERS if grid.is_text else {"day"}) & named.keys()}
        found.lines.append((line, named))
    if asides:
        found.notes.append(_told(asides))
    if elsewhere:
        found.notes.append(
            f"{counted(len(elsewhere), 'ligne n’a', 'lignes n’ont')} de contenu que dans des colonnes qui ne sont pas "
            f"lues : {_listed(elsewhere)}."
        )
    if table.repeated:
        found.notes.append(f"Les en-têtes sont répétés : {_listed(table.repeated)}.")
    return found


def _is_filled(key: str, cell: Cell) -> bool:
    if isinstance(cell, UnreadableCell):
        return key not in BESIDE
    return key not in {MARK, MINUTES, CALLS} and bool(text_of(cell))


def _unread(table: FoundTable, layout: Layout, cells: Sequence[Cell]) -> Iterator[int]:
    first, last = min(layout.places), max(layout.places)
    for place in range(max(first, table.first), min(last + 2, table.end, len(cells))):
        if place not in layout.places:
            yield place


@dataclass(frozen=True, slots=True)
class _Epoch:
    layout: Layout
    grid: Grid

    def cell(self, key: str, cell: Cell) -> Cell:
        """The cell as its column and the file's epoch have it."""
        if key == "day" and isinstance(cell, int | float) and not isinstance(cell, bool) and 1 <= cell <= 100_000:  # noqa: PLR2004 - up to 2173
            if self.grid.is_1904 is None:
                return UnreadableCell(
                    f"c'est le nombre {text_of(cell)}, et le fichier ne dit pas de quelle année il compte ses jours ; "
                    "donnez à la colonne le format Date et enregistrez-le au format .xlsx"
                )
            if self.grid.is_1904:
                return FIRST_OF_1904 + timedelta(days=int(cell))
        if key in DURATIONS and isinstance(cell, date):
            return _duration(cell, is_1904=bool(self.grid.is_1904))
        return cell


def _duration(cell: date, *, is_1904: bool) -> Cell:
    """More than a day shown as a day of the calendar is a duration; a later day is left as it is."""
    moment = cell if isinstance(cell, datetime) else datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001 - as above
    since = moment - (datetime(1904, 1, 1) if is_1904 else DAY_BEFORE_1900)  # noqa: DTZ001 - as above
    return timedelta(seconds=round(since.total_seconds())) if since < timedelta(days=31) else cell


def _agree(named: dict[str, Cell]) -> None:
    """Of two durations, one that cannot be read gives way to the other: they are the same."""
    seconds, minutes = named.get("seconds"), named.get(MINUTES)
    if isinstance(minutes, UnreadableCell) and (text_of(seconds) or isinstance(seconds, UnreadableCell)):
        named[MINUTES] = None
    elif isinstance(seconds, UnreadableCell) and text_of(minutes):
        named["seconds"] = None


def _merged(table: FoundTable, layout: Layout, grid: Grid, found: Calls) -> dict[int, dict[str, Cell]]:
    """What merged cells say on each of their lines: a day or a motif holds for all, a duration for none."""
    fill: dict[int, dict[str, Cell]] = {}
    wanted: dict[int, list[tuple[Range, str]]] = {}
    for first, last in grid.parts.merged:
        key = layout.places.get(first[1])
        if key and key != MARK and first[0] >= table.line and last[0] > first[0]:
            wanted.setdefault(first[0] + 1, []).append(((first, last), key))
    if not wanted:
        return fill
    filled: dict[str, list[str]] = {}
    epoch, lines = _Epoch(layout, grid), sorted(line for line, _ in table.rows)
    for line, cells in table.rows:
        for (first, last), key in wanted.get(line, ()):
            cell = epoch.cell(key, cells[first[1]]) if first[1] < len(cells) else ""
            if not text_of(cell):
                continue
            span = f"{line} à {last[0] + 1}"
            if key in DURATIONS:
                cell = UnreadableCell(
                    f"elle est dans une cellule fusionnée (lignes {span}) ; écrivez celle de chaque appel"
                )
            else:
                filled.setdefault(_heading(layout, first[1]), []).append(span)
            for other in lines[_at(lines, line) : _at(lines, last[0] + 2)]:
                fill.setdefault(other, {})[key] = cell
    for heading, spans in filled.items():
        found.notes.append(
            f"« {heading} » : une cellule fusionnée vaut pour chacune de ses lignes "
            f"({', '.join(spans[:QUOTED_ASIDES])}{'…' if len(spans) > QUOTED_ASIDES else ''})."
        )
    return fill


def _at(lines: Sequence[int], line: int) -> int:
    return bisect_left(lines, line)


def _heading(layout: Layout, place: int) -> str:
    return next(heading.text for heading in layout.headings if heading.column == letter(place))


def _aside(named: Mapping[str, Cell], cells: Sequence[Cell]) -> str:
    """What a line begins with that is no call but a total, a mean, a note or a day prepared; "" for a call."""
    if text_of(named.get(MARK)):
        return ""
    day = named.get("day")
    has_day = isinstance(day, date | int | float | UnreadableCell) or any(sign.isdigit() for sign in text_of(day))
    words = [named.get(key) for key in SAYING]
    first = "" if has_day else next(filter(None, map(text_of, cells)), "")
    for cell in words if has_day else (first, *words):
        if isinstance(cell, str) and LIKE_A_SUMMARY.match(cell):
            text = text_of(cell)
            if SUMMARY.match(fold_words(text)) and not _is_wording(text, named):
                return text
    if "day" not in named:
        return ""
    if has_day:
        told = {key for key, cell in named.items() if isinstance(cell, UnreadableCell) or text_of(cell)}
        told -= {"day", CALLS, *((MINUTES,) if text_of(named.get(MINUTES)) in NO_DURATION else ())}
        note = text_of(named.get("phone")) if told == {"phone"} else ""
        # « Fermé », « Férié » beside a day; « masqué » is a caller.
        if note and not any(map(str.isdigit, note)) and not HIDDEN_CALLER.search(fold_words(note)):
            return note
        is_prepared = not isinstance(day, UnreadableCell) and not told
        return (f"{day:%d/%m/%Y}" if isinstance(day, date) else text_of(day)) if is_prepared else ""
    filled = {key for key, cell in named.items() if key not in {MARK, MINUTES, CALLS} and _is_filled(key, cell)}
    letters = sum(sign.isalpha() for sign in text_of(named.get("phone")))
    is_note = filled <= ANSWERS | DURATIONS or (len(filled) <= 2 and "phone" in filled and letters > 2)  # noqa: PLR2004 - no number
    return first if is_note or (len(filled) == 1 and "phone" not in filled) else ""


def _is_wording(text: str, named: Mapping[str, Cell]) -> bool:
    """Whether a word such as « Cumul » stands in a line that has all three names: it is then a name."""
    return all(text_of(named.get(key)) for key in Wording._fields) and text != text_of(named.get("phone"))


def _short(text: str) -> str:
    return f"« {text[:40]}{'…' if len(text) > 40 else ''} »"  # noqa: PLR2004 - what fits in a list


def _told(asides: Sequence[tuple[int, str]]) -> str:
    quoted = ", ".join(f"ligne {line} ({_short(text)})" for line, text in asides[:QUOTED_ASIDES])
    more = len(asides) - QUOTED_ASIDES
    rest = f" et {counted(more, 'autre', 'autres')}" if more > 0 else ""
    return f"Ce ne sont pas des appels (totaux, moyennes, remarques, jours seuls), et ce n’est pas lu : {quoted}{rest}."


def _listed(lines: Sequence[int]) -> str:
    shown = ", ".join(map(str, lines[:QUOTED_ASIDES])) + ("…" if len(lines) > QUOTED_ASIDES else "")
    return f"{'ligne' if len(lines) == 1 else 'lignes'} {shown}"


_CLOCK = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d))? ?([AP])M", re.IGNORECASE)
_DAY = re.compile(r"\D*(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4}|\d{2})\b")


def _is_american(table: FoundTable, layout: Layout, *, is_text: bool) -> bool:
    """Whether the days of a table put the month first.

    A .csv says so by « 2:20 PM » or by one thirteenth month second. In a workbook, whose program makes true dates of
    what it understands, no day may speak against it.
    """
    place = next((at for at, key in layout.places.items() if key == "day"), -1)
    found = False
    for _, cells in table.rows:
        if is_text and any(text_of(one)[-1:] in "mM" and _CLOCK.fullmatch(text_of(one)) for one in cells):
            return True
        cell = cells[place] if 0 <= place < len(cells) else ""
        told = _DAY.match(text_of(cell)) if isinstance(cell, str) else None
        first, second = (int(told[1]), int(told[2])) if told else (0, 0)
        if isinstance(cell, date):
            first = cell.day
        if not is_text and first > 12:  # noqa: PLR2004 - months
            return False
        found = found or second > 12 >= first > 0  # noqa: PLR2004 - as above
        if found and is_text:
            return True
    return found


def _american(cell: Cell) -> Cell:
    """A cell of a table that puts the month first: read where it can be nothing else."""
    if isinstance(cell, date):
        if cell.day > 12 or cell.day == cell.month:  # noqa: PLR2004 - months
            return cell
        return UnreadableCell(
            f"« {cell:%d/%m/%Y} » a peut-être son jour et son mois échangés, d'autres dates de la feuille mettant le "
            "mois d'abord ; écrivez le mois en lettres"
        )
    clock, told = _CLOCK.fullmatch(text_of(cell)), _DAY.match(text_of(cell))
    try:
        if clock:
            return time(int(clock[1]) % 12 + (12 if clock[4] in "pP" else 0), int(clock[2]), int(clock[3] or 0))
        if told is None or int(told[1]) > 12 or told[1] == told[2]:  # noqa: PLR2004 - months
            return cell
        if int(told[2]) > 12:  # noqa: PLR2004 - as above
            year = int(told[3])
            return date(year if year > 99 else 2000 + year, int(told[1]), int(told[2]))  # noqa: PLR2004 - two digits
    except ValueError:
        return cell
    return UnreadableCell(
        f"« {text_of(cell)} » peut mettre le jour ou le mois d'abord, d'autres dates étant écrites à l'américaine ; "
        "écrivez le mois en lettres, ou d'un .csv enregistrez le classeur au format .xlsx"
    )
