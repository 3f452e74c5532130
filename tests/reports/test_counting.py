"""What the dashboard asks besides totals: months, hours on the clock of each département, delays to call back."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine, insert

from records.counting.figures import (
    callback_delays,
    calls_per_hour,
    motive_tallies,
    motive_tallies_by_month,
    tallies_by_departement_and_month,
    tallies_by_month,
    tally,
)
from records.counting.hours import OTHER_CLOCKS
from records.counting.tally import HourCount, Scope
from records.schema.tables import desk_tasks
from routing.departements import departements, timezone_of
from tests.reports.tables import call, count, count_hours, count_motives, invent, store

FALL = Scope(date(2026, 9, 1), date(2026, 10, 30))


def task(
    connection: Connection, call_id: str, kind: str, created: datetime, minutes: float | None, **given: str
) -> None:
    """A message or a callback of a call, handled some minutes later or not at all."""
    handled = None if minutes is None else created + timedelta(minutes=minutes)
    row = {"call_id": call_id, "kind": kind, "departement": "75", "created_at": created, "handled_at": handled, **given}
    connection.execute(insert(desk_tasks).values(row))


@pytest.mark.parametrize("seed", range(3))
def test_months_are_what_one_counts_by_hand(engine: Engine, seed: int) -> None:
    rows = invent(random.Random(seed), 300, strange=True)
    scopes = (FALL, Scope(FALL.since, FALL.until, ("75", "974")), Scope(FALL.since, FALL.until, None, "1"))
    with engine.begin() as connection:
        store(connection, rows)
        for scope in scopes:
            months = {
                date(2026, month, 1): Scope(
                    date(2026, month, 1), date(2026, month, 30), scope.departements, scope.niveau, scope.thematique
                )
                for month in (9, 10)
            }
            by_hand = {first: count(rows, month) for first, month in months.items()}
            assert tallies_by_month(connection, scope) == by_hand
            cited = motive_tallies_by_month(connection, scope)
            assert {first: set(found) for first, found in cited.items()} == {
                first: count_motives(rows, month) for first, month in months.items()
            }
            for (code, first), found in tallies_by_departement_and_month(connection, scope).items():
                of_it = [row for row in rows if row["departement"] == code]
                assert found == count(of_it, months[first])


@pytest.mark.parametrize("seed", range(3))
def test_hours_are_those_on_the_clock_of_each_departement(engine: Engine, seed: int) -> None:
    rows = invent(random.Random(seed), 300, strange=True)
    with engine.begin() as connection:
        store(connection, rows)
        for scope in (FALL, Scope(FALL.since, FALL.until, ("974",)), Scope(FALL.since, FALL.until, ())):
            assert calls_per_hour(connection, scope) == count_hours(rows, scope)


def test_both_hours_of_the_night_when_clocks_go_back_count_as_the_hour_that_the_clock_showed(engine: Engine) -> None:
    night = date(2026, 10, 25)
    with engine.begin() as connection:
        store(connection, [
            call("summer", night, started_at=datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
            call("winter", night, started_at=datetime(2026, 10, 25, 1, 30, tzinfo=UTC), outcome="missed"),
            call("after", night, started_at=datetime(2026, 10, 25, 2, 30, tzinfo=UTC)),
        ])  # fmt: skip
        found = calls_per_hour(connection, Scope(night, night))
    assert found == {(6, 2): HourCount(2, 1), (6, 3): HourCount(1, 0)}


def test_the_ground_knows_the_clocks_that_routing_knows() -> None:
    assert {
        code: str(one.timezone) for code, one in departements().items() if one.timezone != timezone_of(None)
    } == OTHER_CLOCKS


def test_a_known_number_that_calls_again_the_same_day_is_a_repeat(engine: Engine) -> None:
    day = date(2026, 9, 1)
    with engine.begin() as connection:
        store(connection, [
            call("first", day), call("again", day), call("third", day, outcome="missed"),
            call("elsewhere", day, departement="59"), call("tomorrow", day + timedelta(days=1)),
            call("withheld", day, caller=None), call("withheld too", day, caller=None),
            call("by hand", day, source="manual"), call("national", day, departement="*"),
        ])  # fmt: skip
        assert tally(connection, FALL).repeats == 2


def test_soon_and_lost_are_what_became_of_received_calls(engine: Engine) -> None:
    day = date(2026, 9, 1)
    with engine.begin() as connection:
        store(connection, [
            call("in a minute", day, wait_seconds=60), call("later", day, wait_seconds=61),
            call("unknown", day, wait_seconds=None), call("no département", day, departement=None, wait_seconds=5),
            *(call(outcome, day, outcome=outcome, wait_seconds=5) for outcome in (
                "absence", "abandoned_ringing", "abandoned_menu", "missed", "message", "callback", "in_progress")),
        ])  # fmt: skip
        found = tally(connection, FALL)
    assert (found.answered_soon, found.lost, found.received) == (1, 4, 10)


def test_delays_to_call_back_are_in_whole_minutes_and_follow_the_day_of_the_call(engine: Engine) -> None:
    day, at = date(2026, 9, 1), datetime(2026, 9, 1, 12, 1, 30, 900_000, tzinfo=UTC)
    with engine.begin() as connection:
        store(
            connection, [call(f"c{n}", day, outcome="callback") for n in range(6)] + [call("next", date(2026, 11, 1))]
        )
        task(connection, "c0", "callback", at, 59.9)
        task(connection, "c1", "message", at, 60)
        task(connection, "c2", "message", at, 60.5, handled_by="agent@exemple.example")
        task(connection, "c3", "callback", at, None)
        task(connection, "c4", "callback", at, 12, handled_by="effacement")
        task(connection, "c5", "callback", at, -3)
        task(connection, "next", "callback", at, 5)
        assert callback_delays(connection, FALL) == {59: 1, 60: 2, 0: 1}
        assert callback_delays(connection, Scope(FALL.since, FALL.until, ("59",))) == {}


def test_a_level_or_a_thematique_leaves_what_was_said_alone(engine: Engine) -> None:
    rows = invent(random.Random(4), 200)
    with engine.begin() as connection:
        store(connection, rows)
        scope = Scope(FALL.since, FALL.until, None, "1")
        found = tally(connection, scope)
        assert found == count(rows, scope)
        assert found.treated == found.qualified == sum(one.count for one in motive_tallies(connection, scope)) > 0
        assert (found.received, found.waits, calls_per_hour(connection, scope), callback_delays(connection, scope)) == (
            0, {}, {}, {})  # fmt: skip
