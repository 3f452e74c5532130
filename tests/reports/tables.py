"""Filling the tables with invented calls, and counting them by hand."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, insert

from records.counting.tally import HourCount, MotiveTally, Scope, Tally
from records.facts import Outcome, Source
from records.schema.desk_tables import qualifications
from records.schema.tables import calls
from routing.departements import timezone_of
from tests.reports.counting import ACCESS, ENTRIES

Call = dict[str, Any]


def call(call_id: str, day: date, **given: Any) -> Call:
    """One answered call of Paris at noon, with what is given instead; `niveau`… qualify it."""
    return {
        "call_id": call_id, "caller": "+33199000001", "departement": "75", "outcome": Outcome.ANSWERED,
        "started_at": datetime(day.year, day.month, day.day, 12, tzinfo=UTC), "local_date": day, "wait_seconds": 12,
        "talk_seconds": 240, "source": Source.WEBHOOK, "callback_confirmed": False, "attempts": "[]",
        "qualification": None, **given,
    }  # fmt: skip


def qualified(
    niveau: str, thematique: str, motif: str, sous_motif: str, *, resolved: bool | None, escalated: bool | None
) -> Call:
    """A qualification."""
    return {
        "version": 1, "niveau": niveau, "thematique": thematique, "motif": motif, "sous_motif": sous_motif,
        "resolved": resolved, "escalated": escalated, "comment": "", "by": "test",
        "at": datetime(2026, 1, 1, tzinfo=UTC),
    }  # fmt: skip


def store(connection: Connection, rows: Iterable[Call]) -> None:
    """Write the calls and their qualifications."""
    rows = list(rows)
    plain = [{key: value for key, value in row.items() if key != "qualification"} for row in rows]
    if plain:
        connection.execute(insert(calls), plain)
    qualified_rows = [{"call_id": row["call_id"], **row["qualification"]} for row in rows if row["qualification"]]
    if qualified_rows:
        connection.execute(insert(qualifications), qualified_rows)


def invent(
    rng: random.Random, number: int, first: date = date(2026, 9, 1), days: int = 60, *, strange: bool = False
) -> list[Call]:
    """Calls of every kind: withheld, without département, by hand, imported, unqualified, of unknown duration.

    `strange` ones may also be national, or carry a qualification that says neither yes nor no.
    """
    made, perhaps, national = [], [None] * strange, ["*"] * strange
    for index in range(number):
        source = rng.choice([*[Source.WEBHOOK] * 6, Source.RECONCILIATION, Source.MANUAL, Source.IMPORT])
        outcome = rng.choice(list(Outcome)) if source in {Source.WEBHOOK, Source.RECONCILIATION} else Outcome.ANSWERED
        entry = rng.choice(ENTRIES)
        qualification = None
        if rng.random() < 0.6:
            qualification = qualified(
                rng.choice(["1", "2"]) if entry.niveau == "1/2" else entry.niveau, *entry.wording,
                resolved=rng.choice([True, True, False, *perhaps]),
                escalated=rng.choice([True, False, False, *perhaps]),
            )  # fmt: skip
        day = first + timedelta(days=rng.randrange(days))
        code = rng.choice(["75", "75", "2A", "974", "59", None, *national])
        zone = timezone_of(code if code != "*" else None)
        at = datetime.combine(day, time(rng.randrange(24), rng.randrange(60)), zone)
        made.append(
            call(
                f"CA{index:06d}", day, source=source, outcome=outcome, departement=code, started_at=at.astimezone(UTC),
                caller=rng.choice([None, "+33199000002", f"+3319900{rng.randrange(10):04d}"]),
                wait_seconds=rng.choice([None, rng.randrange(80)]), talk_seconds=rng.choice([None, rng.randrange(900)]),
                qualification=qualification,
            )
        )  # fmt: skip
    return made


def outage(now: datetime) -> tuple[list[Call], list[Call]]:
    """Six quiet weeks of one call an hour, and a wave of the last forty minutes that the radar tells of."""
    told = qualified("1", ACCESS, "Autre", "Autre", resolved=True, escalated=False)
    first, start = now - timedelta(weeks=6), now - timedelta(minutes=40)
    hours = [first + timedelta(hours=n) for n in range(6 * 7 * 24)]
    quiet = [call(f"q{n}", at.date(), started_at=at, qualification=told) for n, at in enumerate(hours)]
    wave = [
        call(f"w{n}", start.date(), started_at=start + timedelta(minutes=n), qualification=told,
             departement=["75", "59", "13", "33", "69"][n % 5])
        for n in range(30)
    ]  # fmt: skip
    return quiet, wave


def is_within(row: Call, scope: Scope) -> bool:
    qualification = row["qualification"] or {}
    return (
        scope.since <= row["local_date"] <= scope.until
        and (scope.departements is None or row["departement"] in scope.departements)
        and (scope.niveau is None or qualification.get("niveau") == scope.niveau)
        and (scope.thematique is None or qualification.get("thematique") == scope.thematique)
    )


def is_treated(row: Call) -> bool:
    return row["source"] in {"manual", "import"} or row["outcome"] == Outcome.ANSWERED


def is_lost(row: Call) -> bool:
    return row["outcome"] in {"absence", "abandoned_ringing", "abandoned_menu", "missed"}


def is_received(row: Call) -> bool:
    return row["source"] in {"webhook", "reconciliation"} and row["departement"] not in {None, "*"}


def count(rows: Sequence[Call], scope: Scope) -> Tally:
    """The tally of a scope, counted one call at a time."""
    kept = [row for row in rows if is_within(row, scope)]
    treated = [row for row in kept if is_treated(row)]
    known = [row["talk_seconds"] for row in treated if row["talk_seconds"] is not None]
    qualified_ones = [row["qualification"] for row in treated if row["qualification"]]
    phone = [row for row in kept if row["source"] in {"webhook", "reconciliation"}]
    received = [row for row in kept if is_received(row)]
    waits: dict[int, int] = {}
    for row in received:
        if row["wait_seconds"] is not None:
            waits[row["wait_seconds"]] = waits.get(row["wait_seconds"], 0) + 1

    def ended(outcome: Outcome) -> int:
        return sum(row["outcome"] == outcome for row in phone)

    said = {
        "treated": len(treated),
        "talk_known": len(known),
        "talk_seconds": sum(known),
        "qualified": len(qualified_ones),
        "resolution_known": sum(t["resolved"] is not None for t in qualified_ones),
        "resolved": sum(bool(t["resolved"]) for t in qualified_ones),
        "escalation_known": sum(t["escalated"] is not None for t in qualified_ones),
        "escalated": sum(bool(t["escalated"]) for t in qualified_ones),
    }
    if scope.niveau or scope.thematique:
        return Tally(**said)
    first_of = [(row["caller"], row["departement"], row["local_date"]) for row in received if row["caller"]]
    return Tally(
        **said,
        received=len(received), received_answered=sum(row["outcome"] == Outcome.ANSWERED for row in received),
        absences=ended(Outcome.ABSENCE), messages=ended(Outcome.MESSAGE), callbacks=ended(Outcome.CALLBACK),
        abandoned_menu=ended(Outcome.ABANDONED_MENU), abandoned_ringing=ended(Outcome.ABANDONED_RINGING), waits=waits,
        answered_soon=sum(
            row["outcome"] == Outcome.ANSWERED and row["wait_seconds"] is not None and row["wait_seconds"] <= 60
            for row in received
        ),
        lost=sum(is_lost(row) for row in received), repeats=len(first_of) - len(set(first_of)),
    )  # fmt: skip


def count_motives(rows: Sequence[Call], scope: Scope) -> set[MotiveTally]:
    """The motives of a scope, counted one call at a time."""
    groups: dict[tuple[str, ...], list[Call]] = {}
    for row in rows:
        qualification = row["qualification"]
        if qualification and is_within(row, scope) and is_treated(row):
            key = tuple(qualification[name] for name in ("niveau", "thematique", "motif", "sous_motif"))
            groups.setdefault(key, []).append(row)
    found = set()
    for (niveau, thematique, motif, sous_motif), group in groups.items():
        known = [row["talk_seconds"] for row in group if row["talk_seconds"] is not None]
        said = [[row["qualification"][flag] for row in group] for flag in ("resolved", "escalated")]
        flags = [number for one in said for number in (sum(each is not None for each in one), sum(map(bool, one)))]
        found.add(MotiveTally(niveau, thematique, motif, sous_motif, len(group), len(known), sum(known), *flags))
    return found


def count_hours(rows: Sequence[Call], scope: Scope) -> dict[tuple[int, int], HourCount]:
    """Received and lost calls by weekday and local hour, counted one call at a time."""
    found: dict[tuple[int, int], HourCount] = {}
    for row in rows:
        if is_within(row, scope) and is_received(row):
            local = row["started_at"].astimezone(timezone_of(row["departement"]))
            received, lost = found.get((local.weekday(), local.hour), (0, 0))
            found[local.weekday(), local.hour] = HourCount(received + 1, lost + is_lost(row))
    return found
