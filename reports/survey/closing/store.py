"""The treated calls of a month and what was said of them, as the tables knew them at one moment (decision 79)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from records.counting.figures import within
from records.counting.rows import is_treated
from records.counting.tally import MotiveTally, Scope, Tally
from records.facts import Source
from records.schema.desk_tables import audit, qualification_history, qualifications
from records.schema.ledger_tables import archived_calls
from records.schema.report_tables import import_batches
from records.schema.tables import calls, facts
from reports.survey.closing.standing import standing_at

ADDED, UNDONE = "appel ajouté", "qualification annulée"
"""What the trail says of a call written down by hand, and of a qualification that was taken back."""
IDS_AT_ONCE = 500

Counts = dict[str | None, tuple[Tally, list[MotiveTally]]]


def counted_at(connection: Connection, scope: Scope, moment: datetime) -> Counts:
    """The sums and the motives of each département as they were at that moment; those without one under None.

    A call counts when nothing says that it came later: its facts, the trail of a call written by hand, the imports of
    its département. What was said of it is the version that stood then.
    """
    batches = _imports(connection)
    undone = _undone(connection, scope)
    found: dict[str | None, list[tuple[int | None, Any]]] = defaultdict(list)
    treated = _treated(connection, scope)
    for start in range(0, len(treated), IDS_AT_ONCE):
        there = _there_at(connection, treated[start : start + IDS_AT_ONCE], moment, batches)
        said = _said_at(connection, [call.call_id for call in there], moment, undone)
        for call in there:
            found[call.departement].append((call.talk_seconds, said.get(call.call_id)))
    return {code: _counted(lines) for code, lines in found.items()}


def _treated(connection: Connection, scope: Scope) -> Sequence[Any]:
    c = calls.c
    query = select(c.call_id, c.departement, c.talk_seconds, c.source).where(is_treated, *within(scope))
    return connection.execute(query).all()


def _imports(connection: Connection) -> dict[str | None, set[datetime]]:
    found: dict[str | None, set[datetime]] = defaultdict(set)
    for code, at in connection.execute(select(import_batches.c.departement, import_batches.c.at)):
        found[code].add(at)
    return found


def _undone(connection: Connection, scope: Scope) -> dict[str, dict[int, datetime]]:
    """By call, when each of its versions was taken back; only what can be about the calls of this scope."""
    since = datetime.combine(scope.since, time(), UTC) - timedelta(days=1)
    query = select(audit.c.reference, audit.c.at).where(audit.c.at >= since, audit.c.what == UNDONE)
    found: dict[str, dict[int, datetime]] = defaultdict(dict)
    for reference, at in connection.execute(query):
        call_id, _, version = reference.rpartition(" version ")
        if version.isdigit():
            found[call_id][int(version)] = at
    return found


def _there_at(
    connection: Connection, some: Collection[Any], moment: datetime, batches: Mapping[str | None, Collection[datetime]]
) -> list[Any]:
    ids = [call.call_id for call in some]
    heard = select(facts.c.call, func.min(facts.c.at)).where(facts.c.call.in_(ids)).group_by(facts.c.call)
    gone = select(archived_calls.c.call_id, archived_calls.c.first_at).where(archived_calls.c.call_id.in_(ids))
    typed = select(audit.c.reference, func.min(audit.c.at)).where(audit.c.reference.in_(ids), audit.c.what == ADDED)
    history = qualification_history.c
    told = select(history.call_id, func.min(history.at)).where(history.call_id.in_(ids), history.version == 1)
    first = {row[0]: row[1] for row in connection.execute(heard)}
    first |= {row[0]: row[1] for row in connection.execute(gone)}
    first |= {row[0]: row[1] for row in connection.execute(typed.group_by(audit.c.reference))}
    imported = {row[0]: row[1] for row in connection.execute(told.group_by(history.call_id))}

    def came(call: Any) -> datetime | None:
        if call.source != Source.IMPORT:
            return first.get(call.call_id)
        known, qualified = batches.get(call.departement, ()), imported.get(call.call_id)
        return qualified if qualified in known else min(known, default=None)

    return [call for call in some if (at := came(call)) is None or at <= moment]


def _said_at(
    connection: Connection, ids: Collection[str], moment: datetime, undone: Mapping[str, Mapping[int, datetime]]
) -> dict[str, Any]:
    """What stood of each of these calls; one without a history has said what it says since its own moment."""
    history: dict[str, list[Any]] = defaultdict(list)
    versions = select(qualification_history).where(qualification_history.c.call_id.in_(ids))
    for row in connection.execute(versions.order_by(qualification_history.c.version)):
        history[row.call_id].append(row)
    now = select(qualifications).where(qualifications.c.call_id.in_(ids))
    for row in connection.execute(now):
        history.setdefault(row.call_id, [row])
    found = {}
    for call_id, rows in history.items():
        standing = standing_at(moment, rows, undone.get(call_id, {}))
        if standing is not None:
            found[call_id] = standing
    return found


def _counted(lines: list[tuple[int | None, Any]]) -> tuple[Tally, list[MotiveTally]]:
    known = [seconds for seconds, _ in lines if seconds is not None]
    said = [(seconds, row) for seconds, row in lines if row is not None]
    flags = _flags([row for _, row in said])
    tally = Tally(
        treated=len(lines), talk_known=len(known), talk_seconds=sum(known), qualified=len(said),
        resolution_known=flags[0], resolved=flags[1], escalation_known=flags[2], escalated=flags[3],
    )  # fmt: skip
    groups: dict[tuple[str, str, str, str], list[tuple[int | None, Any]]] = defaultdict(list)
    for seconds, row in said:
        groups[row.niveau, row.thematique, row.motif, row.sous_motif].append((seconds, row))
    return tally, [_motive(wording, group) for wording, group in groups.items()]


def _motive(wording: tuple[str, str, str, str], group: list[tuple[int | None, Any]]) -> MotiveTally:
    known = [seconds for seconds, _ in group if seconds is not None]
    return MotiveTally(*wording, len(group), len(known), sum(known), *_flags([row for _, row in group]))


def _flags(rows: list[Any]) -> tuple[int, int, int, int]:
    resolved, escalated = [row.resolved for row in rows], [row.escalated for row in rows]
    return (
        sum(said is not None for said in resolved), sum(map(bool, resolved)),
        sum(said is not None for said in escalated), sum(map(bool, escalated)),
    )  # fmt: skip
