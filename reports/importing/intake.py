"""An import from end to end: look at the file beside what we have, then do what was accepted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from records.calls.bulk import correct_call, qualification_row, requalify, write_calls
from records.counting.history import TreatedCall, known_ids, treated_by_id, treated_calls
from records.counting.tally import Scope
from records.counting.words import agreed, counted
from records.facts import Outcome, Source
from records.wording import Wordings
from reports.importing.deciding.difference import Difference, difference
from reports.importing.reading.book import Chosen
from reports.importing.reading.parser_process import read_book_in_a_process
from reports.importing.reading.sheets import NOTHING
from reports.importing.store import erased_ids, keep_import
from reports.importing.understanding.lines import Understood, understand
from reports.workbook.columns import HistoryRow, content_id, identity
from reports.workbook.content import history_row


@dataclass(frozen=True, slots=True)
class Reader:
    """What reading a file needs from the house: the nomenclature, today, telephone numbers, the département's clock."""

    wordings: Wordings
    today: date
    read_phone: Callable[[str], str]
    zone: ZoneInfo


class ImportRefused(ValueError):  # noqa: N818 - the house says what happened
    """Nothing was imported; the message is a French sentence."""


def read_workbook(content: bytes, reader: Reader, chosen: Chosen = NOTHING) -> Understood:
    """Every line of a file, understood or refused; WorkbookRefused when it cannot be read. Needs no database.

    `chosen` says what headings mean that were not understood.
    """
    book = read_book_in_a_process(content, chosen)
    return understand(book, reader.wordings, reader.today, reader.read_phone)


def compare(connection: Any, understood: Understood, departement: str) -> Difference:
    """What importing these lines would do. Nothing is written."""
    ours = _ours(connection, understood, departement)
    ids = _ids(understood, departement) - set(ours)
    taken = frozenset(known_ids(connection, ids))
    return difference(departement, understood, ours, taken, frozenset(erased_ids(connection, ids - taken)))


def _ours(connection: Any, understood: Understood, departement: str) -> dict[str, HistoryRow]:
    days = [read.row.day for read in understood.rows]
    found: dict[str, TreatedCall] = {}
    if days:
        scope = Scope(min(days), max(days), (departement,))
        found = {call.call_id: call for call in treated_calls(connection, scope)}
    wanted = {read.row.call_id for read in understood.rows if read.row.call_id} - set(found)
    found |= {k: c for k, c in treated_by_id(connection, wanted).items() if c.departement == departement}
    return {call_id: history_row(call) for call_id, call in found.items()}


def _ids(understood: Understood, departement: str) -> set[str]:
    """The ids that the lines name or could be given."""
    occurrences: dict[tuple[str, ...], int] = {}
    ids = set()
    for read in understood.rows:
        content = identity(read.row)
        ids.add(content_id(departement, read.row, occurrences.get(content, 0)))
        occurrences[content] = occurrences.get(content, 0) + 1
        if read.row.call_id:
            ids.add(read.row.call_id)
    return ids


def carry_out(
    connection: Any,
    found: Difference,
    departement: str,
    reader: Reader,
    *,
    by: str,
    at: datetime,
    file_name: str,
    skip_refused: bool = False,
) -> None:
    """Add the calls and change the cells, all or nothing; ImportRefused while lines are refused and not skipped."""
    if found.refused and not skip_refused:
        raise ImportRefused(
            f"{counted(len(found.refused), 'ligne refusée', 'lignes refusées')} : rien n'a été importé. "
            f"Corrigez-{agreed(len(found.refused), 'la, ou demandez à l’ignorer', 'les, ou demandez à les ignorer')}."
        )
    write_calls(
        connection,
        ((_call(a.row, a.call_id, departement, reader), _qualification(a.row, by, at)) for a in found.additions),
    )
    columns: dict[str, set[str]] = {}
    for change in found.changes:
        columns.setdefault(change.call_id, set()).add(change.column)
    for call_id, row in found.corrected.items():
        _correct(connection, row, columns[call_id], _qualification(row, by, at), reader.zone)
    if found.additions or found.changes:
        keep_import(connection, {
            "departement": departement, "file_name": file_name[:200], "by": by, "at": at,
            "added": len(found.additions), "changed": len(found.changes), "refused": len(found.refused),
        })  # fmt: skip


def _noon(day: date, zone: ZoneInfo) -> datetime:
    # The hour is not in the file; noon keeps the day in every clock.
    return datetime.combine(day, time(12), zone)


def _call(row: HistoryRow, call_id: str, departement: str, reader: Reader) -> dict[str, Any]:
    return {
        "call_id": call_id, "caller": row.phone, "departement": departement, "outcome": Outcome.ANSWERED.value,
        "started_at": _noon(row.day, reader.zone), "local_date": row.day, "talk_seconds": row.seconds,
        "total_seconds": row.seconds, "source": Source.IMPORT.value,
    }  # fmt: skip


def _qualification(row: HistoryRow, by: str, at: datetime) -> dict[str, Any] | None:
    if not row.is_qualified:
        return None
    wording = (row.thematique, row.motif, row.sous_motif)
    return qualification_row(
        wording, row.niveau, resolved=bool(row.resolved), escalated=bool(row.escalated), by=by, at=at
    )


OPERATOR_COLUMNS: Mapping[str, str] = {"phone": "caller", "seconds": "talk_seconds", "day": "local_date"}


def _correct(
    connection: Any, row: HistoryRow, changed: set[str], qualification: Mapping[str, Any] | None, zone: ZoneInfo
) -> None:
    call_id = str(row.call_id)
    if qualification is not None and changed - OPERATOR_COLUMNS.keys():
        requalify(connection, call_id, qualification)
    values: dict[str, Any] = {OPERATOR_COLUMNS[key]: getattr(row, key) for key in changed & OPERATOR_COLUMNS.keys()}
    if "day" in changed:
        values["started_at"] = _noon(row.day, zone)
    if "seconds" in changed:
        values["total_seconds"] = row.seconds
    if values:
        correct_call(connection, call_id, values)
