"""An import from end to end: look at the file beside what we have, then do what was accepted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from records.calls.bulk import correct_call, qualification_row, requalify, write_calls
from records.counting.figures import tallies_by_day
from records.counting.history import TreatedCall, known_ids, treated_by_id, treated_calls
from records.counting.tally import Scope, Tally
from records.counting.words import agreed, counted
from records.desks.audit import note
from records.facts import Outcome, Source
from records.privacy.erased import erased_moments
from records.wording import Wordings, fold_words
from reports.figures.periods import month_of
from reports.importing.deciding.choices import AS_PROPOSED, Choices
from reports.importing.deciding.difference import Addition, Difference, SaidBefore, difference, numbered
from reports.importing.deciding.months import MonthEffect, effect
from reports.importing.deciding.planning import DecidedImport, plan_of, undecided
from reports.importing.reading.book import Chosen, ReadSheet
from reports.importing.reading.parser_process import read_book_in_a_process
from reports.importing.reading.sheets import NOTHING
from reports.importing.refusals import IGNORED_HEADINGS
from reports.importing.store import earlier_qualifications, erased_ids, keep_import, said_by_imports
from reports.importing.understanding.lines import NOTHING_MEANT, Meant, Understood, understand
from reports.workbook.columns import HistoryRow, content_id
from reports.workbook.content import history_row
from routing.departements import departements, timezone_of


@dataclass(frozen=True, slots=True)
class Reader:
    """What reading a file needs from the house: the nomenclature, today, telephone numbers, the département's clock."""

    wordings: Wordings
    today: date
    read_phone: Callable[[str], str]
    zone: ZoneInfo
    departement: str = ""
    """Its code: a column that says another one is told."""
    fingerprint: Callable[[str | None], str | None] = lambda _: None
    """What stands for a number, by which an erased one is known."""


NUMBER_LEFT_OUT = "Son numéro a été effacé depuis à la demande de la personne : il n’est pas gardé."


class ImportRefused(ValueError):  # noqa: N818 - the house says what happened
    """Nothing was imported; the message is a French sentence."""


def read_workbook(content: bytes, reader: Reader, chosen: Chosen = NOTHING, meant: Meant = NOTHING_MEANT) -> Understood:
    """Every line of a file, understood or refused; WorkbookRefused when it cannot be read. Needs no database.

    `chosen` says what headings mean that were not understood, `meant` what wordings mean that are not in the list.
    """
    book = read_book_in_a_process(content, {**IGNORED_HEADINGS, **chosen})
    book = replace(book, sheets=tuple(_with_place(sheet, reader.departement) for sheet in book.sheets))
    found = understand(book, reader.wordings, reader.today, reader.read_phone, meant=meant)
    found.prints = {
        phone: made
        for phone in {read.row.phone for read in found.rows}
        if phone and (made := reader.fingerprint(phone))
    }
    return found


def _with_place(sheet: ReadSheet, code: str) -> ReadSheet:
    """The sheet with a note where its lines say the département of somebody else."""
    place = departements().get(code)
    if place is None:
        return sheet
    other = _named_by(sheet.name)
    if other and other != code:
        note = (
            f"Cette feuille porte le nom d’un autre département ; ses appels seraient ajoutés à {place.name} ({code})."
        )
        return replace(sheet, notes=(note, *sheet.notes))
    if len(sheet.departements) != 1:  # several are told by the reading
        return sheet
    said = sheet.departements[0]
    words = fold_words(said).split()
    if code.lower().lstrip("0") in {word.lstrip("0") for word in words} or fold_words(place.name) in fold_words(said):
        return sheet
    note = f"La colonne « Département » dit « {said[:40]} », et ces appels seraient ajoutés à {place.name} ({code})."
    return replace(sheet, notes=(note, *sheet.notes))


def _named_by(name: str) -> str:
    """The code of the département whose code or name a sheet has for a name; 01 to 12 are months."""
    bare = name.strip().upper()
    if bare in departements() and not (bare.isdecimal() and int(bare) <= 12):  # noqa: PLR2004 - months
        return bare
    return next((code for code, one in departements().items() if fold_words(one.name) == fold_words(name)), "")


def compare(connection: Any, understood: Understood, departement: str) -> Difference:
    """What importing these lines would do. Nothing is written."""
    understood = without_erased(connection, understood, departement)
    ours = _ours(connection, understood, departement)
    ids = _ids(understood, departement) - set(ours)
    taken = frozenset(known_ids(connection, ids))

    def said_before(call_ids: Iterable[str]) -> SaidBefore:
        ids = frozenset(call_ids)
        earlier = earlier_qualifications(connection, ids)
        return SaidBefore(
            frozenset(said_by_imports(connection, ids)), {one: frozenset(said) for one, said in earlier.items()}
        )

    erased = frozenset(erased_ids(connection, (ids - taken) | set(ours)))
    return difference(departement, understood, ours, taken, erased, said_before=said_before)


def without_erased(connection: Any, understood: Understood, departement: str) -> Understood:
    """The same lines, without the numbers that were erased since their day: what a person did before stays erased."""
    erased = erased_moments(connection, understood.prints.values()) if understood.prints else {}
    moments = {phone: erased[made] for phone, made in understood.prints.items() if made in erased}
    if not moments:
        return understood
    zone = timezone_of(departement)
    rows = [
        replace(read, row=replace(read.row, phone=None), phone_is_masked=True, notes=(*read.notes, NUMBER_LEFT_OUT))
        if read.row.phone in moments and datetime.combine(read.row.day, time(), zone) <= moments[read.row.phone]
        else read
        for read in understood.rows
    ]
    return replace(understood, rows=rows)


def month_effects(
    connection: Any, understood: Understood, found: Difference, departement: str, choices: Choices = AS_PROPOSED
) -> list[MonthEffect]:
    """The figures of each month of the file, as they are and as these decisions make them."""
    days = [read.row.day for read in understood.rows] + [one.now.day for one in found.alike]
    if not days:
        return []
    ours: dict[date, Tally] = {}
    first, last = month_of(min(days)), month_of(max(days))
    for day, sums in tallies_by_day(connection, Scope(first.since, last.until, (departement,))).items():
        month = day.replace(day=1)
        ours[month] = ours.get(month, Tally()) + sums
    return effect(found, choices, ours, {day.replace(day=1) for day in days})


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
    ids = {content_id(departement, read.row, occurrence) for read, occurrence in numbered(understood.rows)}
    return ids | {read.row.call_id for read in understood.rows if read.row.call_id}


def refuse_undecided(found: Difference, choices: Choices) -> None:
    """ImportRefused while somebody has to say what becomes of a line."""
    left = undecided(found, choices)
    if left:
        raise ImportRefused(
            f"{counted(len(left), 'ligne ressemble', 'lignes ressemblent')} à un appel connu sans qu’on sache si c’est "
            f"le même : rien n'a été importé. Dites ce qu’il en est, ligne par ligne sur la page « Mes résultats »."
        )


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
    choices: Choices = AS_PROPOSED,
) -> DecidedImport:
    """Add the calls and change the cells, all or nothing; ImportRefused while lines are refused and not skipped."""
    if found.refused and not skip_refused:
        raise ImportRefused(
            f"{counted(len(found.refused), 'ligne refusée', 'lignes refusées')} : rien n'a été importé. "
            f"Corrigez-{agreed(len(found.refused), 'la, ou demandez à l’ignorer', 'les, ou demandez à les ignorer')}."
        )
    plan = plan_of(found, choices)
    named = _with_ids(connection, departement, plan.additions)
    write_calls(
        connection, ((_call(row, call_id, departement, reader), _qualification(row, by, at)) for call_id, row in named)
    )
    for one in plan.corrections:
        columns = {change.column for change in one.changes}
        _correct(connection, one.becomes, columns, _qualification(one.becomes, by, at), reader.zone)
    if plan.additions or plan.corrections:
        keep_import(connection, {
            "departement": departement, "file_name": file_name[:200], "by": by, "at": at,
            "added": len(plan.additions), "changed": plan.cells, "refused": len(found.refused),
        })  # fmt: skip
        added = counted(len(plan.additions), "appel ajouté", "appels ajoutés")
        changed = counted(plan.cells, "cellule changée", "cellules changées")
        note(connection, by=by, what="classeur importé", reference=f"{departement} : {added}, {changed}", at=at)
    return plan


def _with_ids(connection: Any, departement: str, additions: Iterable[Addition]) -> list[tuple[str, HistoryRow]]:
    """The calls to add, each under the first id of its content that no call has or had."""
    found: list[tuple[str, HistoryRow]] = []
    used: set[str] = set()
    waiting = [(one.call_id or content_id(departement, one.row, 0), one.row, 0) for one in additions]
    while waiting:
        ids = {call_id for call_id, _, _ in waiting}
        gone = used | known_ids(connection, ids) | erased_ids(connection, ids)
        left = []
        for call_id, row, number in waiting:
            if call_id in gone:
                left.append((content_id(departement, row, number + 1), row, number + 1))
            else:
                found.append((call_id, row))
                gone.add(call_id)
                used.add(call_id)
        waiting = left
    return found


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
    return qualification_row(wording, row.niveau, resolved=row.resolved, escalated=row.escalated, by=by, at=at)


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
