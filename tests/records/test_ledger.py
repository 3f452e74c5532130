"""The ledger: every fact once, the row rebuilt from facts at any time, nothing stopped by what cannot be taken in."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert, select, update

from records.calls.fold import fold
from records.calls.ledger import facts_of, record, refold
from records.database import Engine, reading, writing
from records.facts import Fact, FactKind, Outcome, Source
from records.schema.tables import calls, desk_tasks, facts, quarantine, tombstones
from records.true_rows.comparing import rebuild
from tests.records import play
from tests.records.play import CALL, STORIES, timezone_of

NOW = datetime(2026, 1, 6, tzinfo=UTC)


def take_in(connection: Connection, heard: Iterable[Fact]) -> None:
    touched = record(connection, list(heard), origin="test", at=NOW)
    refold(connection, touched, timezone_of=timezone_of, at=NOW)


def rows(connection: Connection, table: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(select(table).order_by(*table.primary_key)).mappings()]


def all_stories() -> list[Fact]:
    return [replace(fact, call=f"CA{name[:3]}") for name, story in STORIES.items() for fact in story()]


def test_a_fact_told_twice_is_kept_once(engine: Engine) -> None:
    with writing(engine) as connection:
        take_in(connection, play.happy_path() * 2)
        take_in(connection, play.happy_path())
        assert len(rows(connection, facts)) == len(play.happy_path())


def test_facts_come_back_as_they_were_told(engine: Engine) -> None:
    with writing(engine) as connection:
        take_in(connection, play.happy_path())
        kept = facts_of(connection, [CALL])[CALL]
    assert sorted(kept, key=lambda fact: fact.key) == sorted(play.happy_path(), key=lambda fact: fact.key)


@pytest.mark.parametrize("story", STORIES)
def test_the_row_in_the_table_is_the_folded_row(engine: Engine, story: str) -> None:
    played = STORIES[story]()
    row = fold(CALL, played)
    assert row is not None
    with writing(engine) as connection:
        take_in(connection, played)
        (stored,) = rows(connection, calls)
    assert (stored["outcome"], stored["talk_seconds"], stored["wait_seconds"]) == (
        row.outcome,
        row.talk_seconds,
        row.wait_seconds,
    )
    assert (stored["started_at"], stored["ended_at"]) == (row.started_at, row.ended_at)
    assert [one["person"] for one in json.loads(stored["attempts"])] == [one.person for one in row.attempts]


def test_one_fact_at_a_time_in_any_order_gives_the_rows_of_all_at_once(engine: Engine) -> None:
    played = all_stories()
    with writing(engine) as connection:
        take_in(connection, played)
        expected = rows(connection, calls)
    random.Random(3).shuffle(played)
    with writing(engine) as connection:
        for table in (calls, facts, desk_tasks):
            connection.execute(table.delete())
        for start in range(0, len(played), 5):
            take_in(connection, played[start : start + 7])
        assert rows(connection, calls) == expected


def test_of_two_receptions_the_earlier_is_kept_whichever_journal_comes_first(engine: Engine) -> None:
    early = play.given()
    late = replace(early, at=early.at + timedelta(seconds=9))
    for order in ([early, late], [late, early]):
        with writing(engine) as connection:
            connection.execute(facts.delete())
            for fact in order:
                take_in(connection, [fact])
            assert [row["at"] for row in rows(connection, facts)] == [early.at]


def test_of_two_readings_of_the_operators_log_the_later_is_kept(engine: Engine) -> None:
    early = replace(play.fact(FactKind.LOGGED, 0, 60, seconds=1), source=Source.RECONCILIATION)
    late = replace(early, at=early.at + timedelta(hours=1), data={"seconds": 2})
    with writing(engine) as connection:
        for fact in (late, early):
            take_in(connection, [fact])
        assert [row["total_seconds"] for row in rows(connection, calls)] == [2]


def test_everything_rebuilt_from_the_facts_is_what_was_there(engine: Engine) -> None:
    by_hand = {
        "call_id": "by-hand", "outcome": "answered", "started_at": NOW, "local_date": NOW.date(), "attempts": "[]",
        "callback_confirmed": False, "source": "manual", "talk_seconds": 60,
    }  # fmt: skip
    with writing(engine) as connection:
        take_in(connection, all_stories())
        connection.execute(insert(calls).values(by_hand))
        before = rows(connection, calls), rows(connection, desk_tasks)
        connection.execute(update(calls).where(calls.c.source == "webhook").values(talk_seconds=1, outcome="missed"))
    found = rebuild(engine, timezone_of=timezone_of, at=NOW)
    assert (found.compared, len(found.mended)) == (len(before[0]) - 1, len(before[0]) - 1)
    with reading(engine) as connection:
        assert (rows(connection, calls), rows(connection, desk_tasks)) == before


def test_a_call_entered_by_hand_is_never_folded_over(engine: Engine) -> None:
    with writing(engine) as connection:
        take_in(connection, play.happy_path())
        connection.execute(update(calls).values(source="manual", talk_seconds=1))
        take_in(connection, play.happy_path())
        assert [row["talk_seconds"] for row in rows(connection, calls)] == [1]


def test_an_erased_call_stays_erased(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(insert(tombstones).values(call_id=CALL, erased_at=NOW))
        take_in(connection, play.happy_path())
        assert (rows(connection, facts), rows(connection, calls)) == ([], [])
    assert rebuild(engine, timezone_of=timezone_of, at=NOW).mended == ()


def test_an_erasure_wins_over_facts_that_were_still_there(engine: Engine) -> None:
    with writing(engine) as connection:
        take_in(connection, play.happy_path())
        connection.execute(insert(tombstones).values(call_id=CALL, erased_at=NOW))
        connection.execute(calls.delete())
    assert rebuild(engine, timezone_of=timezone_of, at=NOW).mended == ()


def test_many_calls_take_few_statements(engine: Engine) -> None:
    """Fifty calls cost no more statements than ten, so that the clerk keeps up with a hundred calls a second."""

    def statements(number: int) -> int:
        played = [replace(fact, call=f"CA{number}-{index}") for index in range(number) for fact in play.message()]
        heard: list[str] = []
        listener: Any = lambda _connection, _cursor, statement, *_rest: heard.append(statement)  # noqa: E731 - taken off again below
        event.listen(engine, "before_cursor_execute", listener)
        with writing(engine) as connection:
            take_in(connection, played)
            assert rows(connection, quarantine) == []
        event.remove(engine, "before_cursor_execute", listener)
        return len(heard)

    assert statements(50) == statements(10) < 20


# ---------------------------------------------------------------- what cannot be taken in


POISONS = [
    replace(play.arrived(), call="CA\x00poison"),
    replace(play.arrived(), call="CA\ud800poison"),
    replace(play.arrived(), n=2**70),
    replace(play.arrived(), who="w" * 100_000),
]


@pytest.mark.parametrize("poison", POISONS, ids=["NUL", "surrogate", "number", "length"])
@pytest.mark.parametrize("place", [0, 5, 11])
def test_a_fact_with_an_impossible_name_costs_no_other(engine: Engine, poison: Fact, place: int) -> None:
    played = play.happy_path()
    played.insert(place, poison)
    with writing(engine) as connection:
        take_in(connection, played)
        assert len(rows(connection, facts)) == len(play.happy_path())
        assert len(rows(connection, quarantine)) == 1
        assert [row["outcome"] for row in rows(connection, calls)] == ["answered"]


def refuse_document_13(connection: Connection) -> None:
    """Make the database itself refuse some facts."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("alter table facts add constraint refuse check (n <> 13)")
    else:
        connection.exec_driver_sql(
            "create trigger refuse before insert on facts when new.n = 13 begin select raise(abort, 'refused'); end"
        )


def test_a_fact_that_the_database_refuses_costs_no_other(engine: Engine) -> None:
    played = all_stories()
    poisons = [replace(play.arrived(), n=13), play.fact(FactKind.SILENT, 13, 4), replace(play.given(), n=13)]
    for place, poison in zip((0, 40, 80), poisons, strict=True):
        played.insert(place, poison)
    with writing(engine) as connection:
        refuse_document_13(connection)
        take_in(connection, played)
        assert len(rows(connection, facts)) == len({fact.key for fact in played}) - len(poisons)
        assert [row["error"] for row in rows(connection, quarantine)] == ["refused by the database"] * len(poisons)


def test_a_row_that_the_database_refuses_costs_no_other_row(engine: Engine) -> None:
    refused = "new.call_id = 'CAS4 '"
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("alter table calls add constraint refuse check (call_id <> 'CAS4 ')")
        else:
            connection.exec_driver_sql(
                f"create trigger refuse before insert on calls when {refused} begin select raise(abort, 'no'); end"
            )
        take_in(connection, all_stories())
        written = {row["call_id"] for row in rows(connection, calls)}
        assert {fact.call for fact in all_stories()} - written == {"CAS4 "}
        assert [row["raw"] for row in rows(connection, quarantine)] == ["'CAS4 '"]


def test_values_longer_than_their_columns_keep_no_call_from_its_row(engine: Engine) -> None:
    strange = play.fact(FactKind.ARRIVED, 1, 0, caller="+" + "9" * 300, dialled="sip:\x00" + "x" * 300)
    with writing(engine) as connection:
        take_in(connection, [strange, play.given("département inconnu"), play.ended(9)])
        (row,) = rows(connection, calls)
        assert rows(connection, quarantine) == []
    assert (len(row["caller"]), row["departement"]) == (64, "dép")


def test_a_call_that_cannot_be_folded_stops_no_other(engine: Engine) -> None:
    """The zone of one département cannot be found: its call is set apart, and the other has its row."""

    def fails_on_29(departement: str | None) -> Any:
        if departement == "29":
            raise KeyError(departement)
        return timezone_of(departement)

    played = [*play.happy_path(), *(replace(fact, call="CA0029") for fact in play.message())]
    with writing(engine) as connection:
        touched = record(connection, played, origin="test", at=NOW)
        refolded = refold(connection, touched, timezone_of=fails_on_29, at=NOW)
        assert [row.call_id for row in refolded] == [CALL]
        assert [(row["raw"], row["error"]) for row in rows(connection, quarantine)] == [("'CA0029'", "KeyError")]


# ---------------------------------------------------------------- what follows from a row


def test_a_call_belongs_to_the_day_of_its_departement(engine: Engine) -> None:
    evening = [replace(fact, at=fact.at.replace(hour=21)) for fact in (play.arrived(), play.given("974"))]
    with writing(engine) as connection:
        take_in(connection, evening)
        assert [row["local_date"] for row in rows(connection, calls)] == [date(2026, 1, 6)]


def test_a_message_and_a_callback_are_tasks_of_their_desk(engine: Engine) -> None:
    played = [*play.message(), *(replace(fact, call="CA0002") for fact in play.busy())]
    with writing(engine) as connection:
        take_in(connection, played)
        tasks = [(row["call_id"], row["kind"], row["departement"]) for row in rows(connection, desk_tasks)]
    assert tasks == [(CALL, "message", "29"), ("CA0002", "callback", "75")]


def test_without_departement_the_task_is_the_national_desks(engine: Engine) -> None:
    played = [play.arrived(), play.fact(FactKind.CALLBACK_ASKED, 5, 27, number=play.CALLER), play.ended(30)]
    with writing(engine) as connection:
        take_in(connection, played)
        assert [row["departement"] for row in rows(connection, desk_tasks)] == ["*"]


def test_a_late_fact_that_makes_the_call_answered_takes_the_task_back_unless_it_is_handled(engine: Engine) -> None:
    asked = [*play.happy_path()[:3], play.fact(FactKind.CALLBACK_ASKED, 9, 27, number=play.CALLER)]
    for handled, left in ((None, 0), (NOW, 1)):
        with writing(engine) as connection:
            for table in (facts, calls, desk_tasks):
                connection.execute(table.delete())
            take_in(connection, asked)
            assert len(rows(connection, desk_tasks)) == 1
            connection.execute(update(desk_tasks).values(handled_at=handled))
            take_in(connection, play.happy_path())
            assert len(rows(connection, desk_tasks)) == left
            assert rows(connection, calls)[0]["outcome"] == Outcome.ANSWERED


def test_folding_again_keeps_what_people_did_with_a_task(engine: Engine) -> None:
    with writing(engine) as connection:
        take_in(connection, play.message())
        connection.execute(update(desk_tasks).values(audio_file="a.wav", handled_at=NOW, handled_by="Alice"))
        take_in(connection, play.message())
        (task,) = rows(connection, desk_tasks)
    assert (task["audio_file"], task["handled_at"], task["handled_by"]) == ("a.wav", NOW, "Alice")


def test_the_fingerprint_stands_beside_the_number(engine: Engine) -> None:
    with writing(engine) as connection:
        touched = record(connection, play.happy_path(), origin="test", at=NOW)
        refold(connection, touched, timezone_of=timezone_of, at=NOW, fingerprint=lambda caller: f"of {caller}")
        assert [row["caller_fingerprint"] for row in rows(connection, calls)] == [f"of {play.CALLER}"]
