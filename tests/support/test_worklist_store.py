"""What waits on a desk, read from real tables on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, insert, text

from records.database import Connection, Engine, open_database, writing
from records.desks.accounts import Account, add_account
from records.desks.permissions import AccountRole
from records.schema.desk_tables import qualifications
from records.schema.migrations import migrate
from records.schema.request_tables import request_events, requests
from records.schema.tables import desk_tasks
from support.worklist import line as line_module
from support.worklist.done.store import done_since
from support.worklist.line import WorkLine
from support.worklist.marks.store import is_done, is_taken_since, mark
from support.worklist.store import (
    count_lines,
    read_lines,
    set_without,
    withheld_missed,
)
from tests.support.house import NOW, store_call

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MISSED = {"outcome": "abandoned_ringing", "answered_by": None, "referent": None, "talk_seconds": None}
NUMBER = "+33639980001"


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with writing(engine) as opened:
        yield opened


@pytest.fixture
def camille(connection: Connection) -> Account:
    return account(connection, "camille@siao.example", "75")


def account(connection: Connection, email: str, *codes: str) -> Account:
    role = AccountRole.REFERENT if codes else AccountRole.NATIONAL
    return add_account(connection, email=email, name="", role=role, departements=codes, by="test", at=NOW)


def lines(connection: Connection, reader: Account) -> list[WorkLine]:
    """The list of a reader, which is as long as the menu says in every scene of this file."""
    found = read_lines(connection, reader, NOW, frozenset())
    assert count_lines(connection, reader, NOW) == len([line for line in found if not line.is_aside(NOW)])
    return found


def keys(connection: Connection, reader: Account) -> list[str]:
    return [line.key for line in lines(connection, reader)]


def missed(connection: Connection, call_id: str, **given: Any) -> None:
    store_call(connection, call_id, **(MISSED | {"caller": NUMBER, "started_at": NOW - HOUR} | given))


def qualify(connection: Connection, call_id: str, **given: Any) -> None:
    said = {"thematique": "T", "motif": "M", "sous_motif": "Mot de passe", "niveau": "1", "comment": ""}
    row = {"call_id": call_id, "version": 1, "resolved": False, "escalated": False, "by": "x", "at": NOW - HOUR}
    connection.execute(insert(qualifications).values(**said | row | given))


def ask(connection: Connection, number: int, **given: Any) -> None:
    row = {
        "id": number, "channel": "phone", "sender": "referent", "departement": "75", "version": 1, "subject": "Objet",
        "description": "", "thematique": "T", "motif": "M", "sous_motif": "S", "niveau": "2", "reply_to": "x",
        "desk": "national", "state": "open", "created_at": NOW - DAY, "created_by": "x",
    }  # fmt: skip
    connection.execute(insert(requests).values(**row | given))


def step(connection: Connection, number: int, move: str, by: str, at: timedelta) -> None:
    values = {"request_id": number, "at": NOW + at, "by": by, "move": move, "text": "", "data": "{}"}
    connection.execute(insert(request_events).values(values))


def test_missed_callers_of_the_desk_stand_in_the_list_once_a_day(connection: Connection, camille: Account) -> None:
    missed(connection, "CA1")
    missed(connection, "CA2", outcome="absence", started_at=NOW - 2 * HOUR)
    missed(connection, "CAnord", departement="59")
    missed(connection, "CAold", started_at=NOW - 31 * DAY, caller="+33639980003")
    missed(connection, "CAmenu", outcome="abandoned_menu", departement=None, caller="+33639980004")
    [line] = lines(connection, camille)
    assert (line.key, line.references) == ("missed:CA2", ("CA2", "CA1"))


def test_whoever_was_answered_called_back_or_left_something_has_left_the_list(
    connection: Connection, camille: Account
) -> None:
    for number, then in enumerate(
        ({"outcome": "answered"}, {"outcome": "answered", "source": "manual"}, {"outcome": "message"}), start=1
    ):
        caller = f"+3363998001{number}"
        missed(connection, f"CA{number}", caller=caller)
        store_call(connection, f"CAthen{number}", caller=caller, started_at=NOW, **then)
        qualify(connection, f"CAthen{number}", resolved=True)
    assert keys(connection, camille) == []


def test_what_is_done_stays_done_and_a_caller_who_calls_again_comes_back(
    connection: Connection, camille: Account
) -> None:
    missed(connection, "CA1")
    [line] = lines(connection, camille)
    mark(connection, line, done_at=NOW, done_by=camille.email)
    assert keys(connection, camille) == []
    assert [done.reference for done in done_since(connection, camille, NOW - HOUR)] == ["CA1"]
    missed(connection, "CA2", started_at=NOW - HOUR / 2)
    assert keys(connection, camille) == ["missed:CA2"]


def test_withheld_callers_are_counted_apart_because_nobody_can_call_them_back(
    connection: Connection, camille: Account
) -> None:
    missed(connection, "CA1", caller=None)
    missed(connection, "CA2", caller=None, departement="59")
    assert keys(connection, camille) == []
    assert withheld_missed(connection, camille.scope, NOW) == 1


def test_a_desk_that_does_not_want_its_missed_callers_has_none(connection: Connection) -> None:
    both = account(connection, "deux@siao.example", "59", "75")
    missed(connection, "CA1")
    missed(connection, "CAnord", departement="59")
    assert set_without(connection, "75", by="x", at=NOW, without=True)
    assert not set_without(connection, "75", by="x", at=NOW, without=True)
    assert keys(connection, both) == ["missed:CAnord"]
    assert set_without(connection, "75", by="x", at=NOW, without=False)
    assert len(keys(connection, both)) == 2


def test_tasks_calls_to_qualify_and_calls_en_cours_are_lines(connection: Connection, camille: Account) -> None:
    store_call(connection, "CAmessage", outcome="message", caller=NUMBER)
    store_call(connection, "CAcallback", outcome="callback", caller=None, callback_number=NUMBER)
    for kind, at in (("message", NOW - 30 * HOUR), ("callback", NOW - HOUR)):
        task = {"call_id": f"CA{kind}", "kind": kind, "departement": "75", "created_at": at}
        connection.execute(insert(desk_tasks).values(task))
    store_call(connection, "CAnew")
    store_call(connection, "CAongoing", started_at=NOW - DAY)
    qualify(connection, "CAongoing", by="lea@siao.example")
    store_call(connection, "CAresolved")
    qualify(connection, "CAresolved", resolved=True)
    found = lines(connection, camille)
    assert [line.key for line in found] == [
        "message:CAmessage", "callback:CAcallback", "ongoing:CAongoing", "qualify:CAnew"
    ]  # fmt: skip
    assert [line.number for line in found[:2]] == [NUMBER, NUMBER]
    assert (found[2].subject, found[2].owner) == ("Mot de passe", "lea@siao.example")


def test_an_escalated_call_is_en_cours_again_only_when_level_2_has_closed_it(
    connection: Connection, camille: Account
) -> None:
    for call_id in ("CA1", "CA2"):
        store_call(connection, call_id)
        qualify(connection, call_id, escalated=True)
    ask(connection, 1, call_id="CA1")
    ask(connection, 2, call_id="CA2", state="closed", closed_at=NOW)
    assert keys(connection, camille) == ["ongoing:CA2"]


def test_the_national_team_has_calls_without_departement_and_its_own_requests(
    connection: Connection, camille: Account
) -> None:
    sacha = account(connection, "sacha@siao.example")
    missed(connection, "CA1", departement=None)
    missed(connection, "CAlog", departement=None, outcome="missed", caller="+33639980009")
    store_call(connection, "CAnational", answered_by="national")
    ask(connection, 1)
    ask(connection, 2, desk="local")
    ask(connection, 3, state="closed", closed_at=NOW)
    assert sorted(keys(connection, sacha)) == ["missed:CA1", "qualify:CAnational", "request:1"]
    assert keys(connection, camille) == ["request:2"]


def test_an_answer_of_level_2_is_a_line_of_the_desk_that_asked_until_it_is_read(
    connection: Connection, camille: Account
) -> None:
    nord, sacha = account(connection, "alix@siao.example", "59"), account(connection, "sacha@siao.example")
    ask(connection, 1)
    step(connection, 1, "open", camille.email, -2 * HOUR)
    step(connection, 1, "answer", sacha.email, -HOUR)
    [line] = lines(connection, camille)
    assert (line.key, line.state, line.since) == ("answer:1", "answer", NOW - HOUR)
    assert keys(connection, nord) == []
    mark(connection, line, done_at=NOW, done_by=camille.email)
    assert keys(connection, camille) == []
    assert [done.subject for done in done_since(connection, camille, NOW - DAY)] == ["Objet"]
    assert done_since(connection, nord, NOW - DAY) == []
    step(connection, 1, "plan", sacha.email, HOUR)
    assert keys(connection, camille) == ["answer:1"]


def test_a_desk_has_its_answered_calls_to_qualify_newest_first(connection: Connection, camille: Account) -> None:
    """What the national team took in its place is the national team's to qualify."""
    sacha = account(connection, "sacha@siao.example")
    store_call(connection, "old", started_at=NOW - 2 * HOUR)
    store_call(connection, "new")
    store_call(connection, "national", answered_by="national")
    store_call(connection, "nowhere", departement=None, answered_by="national", started_at=NOW - HOUR)
    store_call(connection, "elsewhere", departement="59")
    store_call(connection, "nobody", outcome="abandoned_menu")
    store_call(connection, "forgotten", started_at=NOW - 91 * DAY)
    assert keys(connection, camille) == ["qualify:new", "qualify:old"]
    assert keys(connection, sacha) == ["qualify:national", "qualify:nowhere"]


def every_kind(connection: Connection, number: int) -> None:
    """A line of each kind for Camille, whose missed caller called twice."""
    start = number * 10
    for attempt in (1, 2):
        missed(
            connection, f"CAmissed{number}-{attempt}", caller=f"+3363998{start:05d}", started_at=NOW - attempt * HOUR
        )
    for kind in ("message", "callback"):
        store_call(connection, f"CA{kind}{number}", outcome=kind, caller=NUMBER)
        task = {"call_id": f"CA{kind}{number}", "kind": kind, "departement": "75", "created_at": NOW - HOUR}
        connection.execute(insert(desk_tasks).values(task))
    store_call(connection, f"CAnew{number}")
    store_call(connection, f"CAongoing{number}", started_at=NOW - DAY)
    qualify(connection, f"CAongoing{number}")
    ask(connection, start + 1, desk="local")
    ask(connection, start + 2)
    step(connection, start + 2, "open", "camille@siao.example", -2 * HOUR)
    step(connection, start + 2, "answer", "sacha@siao.example", -HOUR)


def test_what_is_set_aside_is_counted_by_the_menu_only_when_its_day_has_come(
    connection: Connection, camille: Account
) -> None:
    every_kind(connection, 1)
    every_kind(connection, 2)
    found = lines(connection, camille)
    assert len(found) == 14
    for left, line in enumerate(found, start=1):
        mark(connection, line, aside_until=NOW + DAY)
        assert count_lines(connection, camille, NOW) == 14 - left
        assert len([one for one in lines(connection, camille) if not one.is_aside(NOW)]) == 14 - left
    assert count_lines(connection, camille, NOW + DAY) == 14
    missed(connection, "CAagain", caller=found[0].number, started_at=NOW)
    lines(connection, camille)


def test_the_menu_counts_many_lines_with_as_few_statements_as_few_and_works_out_no_promise(
    connection: Connection, camille: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    def statements() -> int:
        heard: list[str] = []
        listener: Any = lambda _connection, _cursor, statement, *_rest: heard.append(statement)  # noqa: E731 - taken off again below
        event.listen(connection, "before_cursor_execute", listener)
        count_lines(connection, camille, NOW)
        event.remove(connection, "before_cursor_execute", listener)
        return len(heard)

    every_kind(connection, 0)
    lines(connection, camille)
    monkeypatch.setattr(line_module, "due_at", None)  # nobody asks the calendar
    few = statements()
    for number in range(1, 30):
        every_kind(connection, number)
    assert count_lines(connection, camille, NOW) == 30 * 7
    assert statements() == few <= 8


def test_calls_en_cours_cost_no_look_at_every_request_where_all_were_written(tmp_path: Path) -> None:
    """`analyze` then tells SQLite that a call may have all of them: joined, the menu of each page took 24 s."""
    engine = open_database(f"sqlite:///{tmp_path / 'svi.sqlite'}")
    migrate(engine)
    with writing(engine) as connection:
        reader = account(connection, "camille@siao.example", "75")
        for number in range(1, 300):
            missed(connection, f"CA{number}")
            qualify(connection, f"CA{number}")
            ask(connection, number, channel="form", state="closed", closed_at=NOW)
        connection.execute(text("analyze"))
        steps: list[None] = []
        sqlite: Any = connection.connection.dbapi_connection
        sqlite.set_progress_handler(lambda: steps.append(None), 1_000)
        assert count_lines(connection, reader, NOW) == 299
        sqlite.set_progress_handler(None, 0)
        assert len(steps) < 100  # thousands of steps of the database: 35, and 395 where each call meets each request
    engine.dispose()


def test_of_two_who_take_a_line_at_once_the_database_lets_one_through(connection: Connection, camille: Account) -> None:
    """Both have read it as free; the second one writes when the first has."""
    missed(connection, "CA1")
    [line] = lines(connection, camille)
    first, second = (is_taken_since(connection, line, who) for who in ("camille", "noor"))
    assert mark(connection, line, unless=first, owner="camille", owned_at=NOW)
    assert not mark(connection, line, unless=second, owner="noor", owned_at=NOW)
    assert [each.owner for each in lines(connection, camille)] == ["camille"]


def test_of_two_who_say_at_once_that_it_is_done_one_does(connection: Connection, camille: Account) -> None:
    missed(connection, "CA1")
    [line] = lines(connection, camille)
    assert mark(connection, line, unless=is_done(line), done_at=NOW, done_by="camille")
    assert not mark(connection, line, unless=is_done(line), done_at=NOW, done_by="noor")
