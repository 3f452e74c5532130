"""What an imported workbook would change: calls to add, cells to accept, conflicts explained (decision 33)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from zlib import crc32

from reports.importing.understanding import ReadRow, Refused, Understood
from reports.workbook.columns import COLUMNS, Column, HistoryRow, cell_texts, content_id

WORDING = frozenset({"thematique", "motif", "sous_motif", "niveau"})
"""Columns that are taken together or not at all."""


@dataclass(frozen=True, slots=True)
class Change:
    """One cell that the workbook changes in a call of ours."""

    line: int
    call_id: str
    column: str
    """The key of the column."""
    heading: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """One cell that is left as it is, and why."""

    line: int
    call_id: str
    heading: str
    ours: str
    theirs: str
    reason: str

    def sentence(self) -> str:
        """« Ligne 12, Motif : … »."""
        return f"Ligne {self.line}, « {self.heading} » : {self.reason}"


@dataclass(frozen=True, slots=True)
class Addition:
    """One call to add, under the id that its content gives it."""

    line: int
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
            _compare(found, read, ours[call_id], read.base or ())
        elif call_id in erased:
            found.refused.append(Refused(read.line, ("cet appel a été effacé à la demande de la personne",)))
        elif call_id in taken:
            found.refused.append(Refused(read.line, ("cet appel n'appartient pas à ce département",)))
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
    named: list[tuple[ReadRow, str, tuple[str, ...]]] = []
    for read in fresh:
        content = cell_texts(read.row)
        named.append((read, content_id(departement, read.row, occurrences[content]), content))
        occurrences[content] += 1
    ids = {call_id for _, call_id, _ in named}
    known: Counter[tuple[str, ...]] = Counter(
        cell_texts(row) for key, row in known_calls.ours.items() if key not in ids
    )
    masked: dict[tuple[str, ...], int] = defaultdict(int)
    for content, number in known.items():
        masked[content[1:]] += number
    for read, call_id, content in named:
        if call_id in known_calls.ours or call_id in known_calls.taken:
            found.unchanged += 1
        elif call_id in known_calls.erased:
            found.refused.append(Refused(read.line, ("cet appel a été effacé à la demande de la personne",)))
        elif masked[content[1:]] and (known[content] or read.phone_is_masked):
            known[content] -= 1
            masked[content[1:]] -= 1
            found.unchanged += 1
        else:
            found.additions.append(Addition(read.line, call_id, read.row))


def _print(text: str) -> str:
    return f"{crc32(text.encode()) & 0xFFFFFF:06x}"


def _compare(found: Difference, read: ReadRow, now: HistoryRow, base: tuple[str, ...]) -> None:
    values: dict[str, object] = {}
    differs = False
    wording_moved = any(
        column.key in WORDING and exported != _print(column.text(now))
        for column, exported in zip(COLUMNS, base, strict=True)
    )
    for column, exported in zip(COLUMNS, base, strict=True):
        ours, theirs = column.text(now), column.text(read.row)
        if ours == theirs or (column.key == "phone" and read.phone_is_masked):
            continue
        if exported == _print(theirs) or (column.key == "phone" and exported == _print("") and not theirs):
            continue  # not touched in the file: the desk has gone on since, or the number was never shown
        differs = True
        moved = wording_moved if column.key in WORDING else exported != _print(ours)
        reason = _why_not(column, read.row, now, changed_since=moved)
        if reason:
            found.conflicts.append(Conflict(read.line, str(now.call_id), column.heading, ours, theirs, reason))
        else:
            found.changes.append(Change(read.line, str(now.call_id), column.key, column.heading, ours, theirs))
            values[column.key] = getattr(read.row, column.key)
    if values:
        found.corrected[str(now.call_id)] = _corrected(now, values)
    found.unchanged += not differs


def _why_not(column: Column, theirs: HistoryRow, now: HistoryRow, *, changed_since: bool) -> str:
    """Why a changed cell is not offered, or nothing when it is."""
    if column.from_operator and now.by_telephone:
        return "cette valeur vient de l'opérateur téléphonique et ne se corrige pas dans le classeur."
    if now.is_qualified and not theirs.is_qualified:
        return "une qualification ne s'efface pas par un classeur ; modifiez-la sur la page de l'appel."
    if column.key == "escalated" and now.escalated:
        return "un appel escaladé le reste."
    if changed_since:
        return "l'appel a été modifié sur le site depuis l'export ; comparez les deux valeurs et décidez sur sa page."
    return ""


def _corrected(now: HistoryRow, values: Mapping[str, object]) -> HistoryRow:
    fields = {name: getattr(now, name) for name in HistoryRow.__slots__} | dict(values)
    if fields["thematique"]:
        fields["resolved"], fields["escalated"] = bool(fields["resolved"]), bool(fields["escalated"])
    return HistoryRow(**fields)
