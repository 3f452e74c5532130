"""What an imported workbook would change: calls to add, cells to accept, conflicts explained (decision 33)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from reports.importing.reading.book import Place
from reports.importing.understanding.lines import ReadRow, Refused, Understood
from reports.workbook.columns import COLUMNS, Column, Columns, HistoryRow, Kind, content_id, identity, print_of


@dataclass(frozen=True, slots=True)
class Change:
    """One cell that the workbook changes in a call of ours."""

    place: Place
    call_id: str
    column: str
    """The key of the column."""
    heading: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """One cell that is left as it is, and why."""

    place: Place
    call_id: str
    heading: str
    ours: str
    theirs: str
    reason: str

    def sentence(self) -> str:
        """« Ligne 12, Motif : … »."""
        return f"{self.place}, « {self.heading} » : {self.reason}"


@dataclass(frozen=True, slots=True)
class Addition:
    """One call to add, under the id that its content gives it."""

    place: Place
    call_id: str
    row: HistoryRow


@dataclass(slots=True)
class Difference:
    """What an import would do. Nothing here has been done."""

    additions: list[Addition] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    corrected: dict[str, HistoryRow] = field(default_factory=dict)
    """The calls with accepted cells, as they would become."""
    unchanged: int = 0
    """Lines that are already known as they are."""


def difference(
    departement: str,
    understood: Understood,
    ours: Mapping[str, HistoryRow],
    taken: frozenset[str] = frozenset(),
    erased: frozenset[str] = frozenset(),
    *,
    columns: Columns = COLUMNS,
) -> Difference:
    """Compare a file with `ours`, the calls of this département by id.

    `taken` are ids that exist but are not to be shown (another département's); `erased` those erased on request.
    """
    found = Difference(refused=list(understood.refused))
    fresh: list[ReadRow] = []
    for read in understood.rows:
        call_id = read.row.call_id
        if call_id is None:
            fresh.append(read)
        elif call_id in ours:
            _compare(found, read, ours[call_id], columns)
        elif call_id in erased:
            found.refused.append(Refused(read.place, ("cet appel a été effacé à la demande de la personne",)))
        elif call_id in taken:
            found.refused.append(Refused(read.place, ("cet appel n'appartient pas à ce département",)))
        else:
            fresh.append(read)  # exported from another installation: known by its content
    _add(found, departement, fresh, _Known(ours, taken, erased))
    return found


@dataclass(frozen=True, slots=True)
class _Known:
    ours: Mapping[str, HistoryRow]
    taken: frozenset[str]
    erased: frozenset[str]


def _add(found: Difference, departement: str, fresh: Iterable[ReadRow], known_calls: _Known) -> None:
    """Each content and occurrence number is one call; what we know under that id or content is not added again."""
    occurrences: Counter[tuple[str, ...]] = Counter()
    named: list[tuple[ReadRow, str]] = []
    for read in fresh:
        content = identity(read.row)
        named.append((read, content_id(departement, read.row, occurrences[content])))
        occurrences[content] += 1
    ids = {call_id for _, call_id in named}
    known: Counter[tuple[str, ...]] = Counter()
    masked: Counter[tuple[str, ...]] = Counter()
    for key, row in known_calls.ours.items():
        if key not in ids:
            known[identity(row)] += 1
            masked[identity(row, with_phone=False)] += 1
    for read, call_id in named:
        whole, rest = identity(read.row), identity(read.row, with_phone=False)
        if call_id in known_calls.ours or call_id in known_calls.taken:
            found.unchanged += 1
        elif call_id in known_calls.erased:
            found.refused.append(Refused(read.place, ("cet appel a été effacé à la demande de la personne",)))
        elif masked[rest] and (known[whole] or read.phone_is_masked):
            known[whole] -= 1
            masked[rest] -= 1
            found.unchanged += 1
        else:
            found.additions.append(Addition(read.place, call_id, read.row))


def _compare(found: Difference, read: ReadRow, now: HistoryRow, columns: Columns) -> None:
    values: dict[str, object] = {}
    differs = False
    moved = {column.key for column in columns.compared if _has_moved(column, read, now)}
    if any(column.with_wording and column.key in moved for column in columns.compared):
        moved |= {column.key for column in columns.compared if column.with_wording}
    for column in columns.compared:
        if not _is_touched(column, read, now):
            continue
        differs = True
        ours, theirs = column.text(now), column.text(read.row)
        reason = _why_not(column, read, now, changed_since=column.key in moved)
        if reason:
            found.conflicts.append(Conflict(read.place, str(now.call_id), column.heading, ours, theirs, reason))
        else:
            found.changes.append(Change(read.place, str(now.call_id), column.key, column.heading, ours, theirs))
            values[column.key] = getattr(read.row, column.key)
    if values:
        found.corrected[str(now.call_id)] = _corrected(now, values)
    found.unchanged += not differs


def _has_moved(column: Column, read: ReadRow, now: HistoryRow) -> bool:
    """Whether our cell is known to be another than the one exported."""
    return column.code in read.base and read.base[column.code] != print_of(column.text(now))


def _is_touched(column: Column, read: ReadRow, now: HistoryRow) -> bool:
    """Whether the file says something of its own in this cell.

    It does not where the desk alone has gone on since the export, where the number is masked, or where it has no such
    column; but a level that is missing follows from the wording.
    """
    theirs, exported = column.text(read.row), read.base.get(column.code)
    if theirs == column.text(now) or exported == print_of(theirs):
        return False
    if column.key not in read.columns and not (column.with_wording and theirs):
        return False
    return not (column.kind is Kind.PHONE and read.phone_is_masked)


def _why_not(column: Column, read: ReadRow, now: HistoryRow, *, changed_since: bool) -> str:
    """Why a cell of the file is not offered as a change, or nothing when it is."""
    if column.from_operator and now.by_telephone:
        return "cette valeur vient de l'opérateur téléphonique et ne se corrige pas dans le classeur."
    if now.is_qualified and not read.row.is_qualified:
        return "une qualification ne s'efface pas par un classeur ; modifiez-la sur la page de l'appel."
    if column.key == "escalated" and now.escalated:
        return "un appel escaladé le reste."
    if changed_since:
        return "l'appel a été modifié sur le site depuis l'export ; comparez les deux valeurs et décidez sur sa page."
    if column.code not in read.base:
        return "le classeur ne dit pas ce qu'elle contenait à l'export ; comparez les deux valeurs et décidez."
    return ""


def _corrected(now: HistoryRow, values: Mapping[str, object]) -> HistoryRow:
    fields = {name: getattr(now, name) for name in HistoryRow.__slots__} | dict(values)
    if fields["thematique"]:
        fields["resolved"], fields["escalated"] = bool(fields["resolved"]), bool(fields["escalated"])
    return HistoryRow(**fields)
