"""What a local desk leaves overdue goes to the national team by itself, once."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from records.database import reading, writing
from records.desks.acting import Acting
from records.refusals import Overtaken
from records.schema.desk_tables import audit
from routing.calendar.hours import read_hours
from support.requests.request import Request
from support.requests.states import RequestState, WhichDesk
from support.requests.store import events_of, read_request
from support.requests.working import hand_back, take
from support.routes.climbing import SERVICE, Climbing
from tests.support.house import NOW, House
from tests.support.routes.written import write_request

OFFICE = read_hours("")
LATE = NOW - timedelta(minutes=1)


def climb_all(engine: Engine, at: datetime = NOW) -> None:
    Climbing(engine, lambda: at, OFFICE).work()


def one(engine: Engine, **more: Any) -> int:
    with writing(engine) as connection:
        return write_request(connection, NOW - timedelta(days=2), due_at=more.pop("due_at", LATE), **more)


def read(engine: Engine, number: int) -> Request:
    with reading(engine) as connection:
        found = read_request(connection, number)
    assert found
    return found


@pytest.mark.parametrize("more", [{}, {"state": "taken", "owner": "camille@siao.example"}, {"channel": "mail"}])
def test_an_overdue_request_climbs_and_is_promised_anew(engine: Engine, more: dict[str, Any]) -> None:
    number = one(engine, **more)
    climb_all(engine)
    found = read(engine, number)
    assert (found.desk, found.state, found.owner, found.climbed_at) == (
        WhichDesk.NATIONAL, RequestState.OPEN, None, NOW,
    )  # fmt: skip
    assert found.due_at == NOW + timedelta(days=1)
    with reading(engine) as connection:
        [step] = events_of(connection, number)
        assert (step.move, step.by, step.data) == ("climb", SERVICE, {"rule": "delai"})
        assert connection.scalars(select(audit.c.what)).all() == ["demande passée au niveau 2"]


@pytest.mark.parametrize(
    "more",
    [
        {"due_at": NOW},
        {"due_at": None},
        {"channel": "phone", "route": None},
        {"desk": "national"},
        {"state": "waiting"},
        {"state": "taken", "first_answer_at": LATE},
        {"state": "closed", "closed_at": LATE},
        {"climbed_at": LATE},
    ],
    ids=str,
)
def test_nothing_else_climbs(engine: Engine, more: dict[str, Any]) -> None:
    number = one(engine, **more)
    before = read(engine, number)
    climb_all(engine)
    assert read(engine, number) == before


def test_it_climbs_once_however_often_the_job_runs_and_not_again_once_handed_back(house: House) -> None:
    number = one(house.engine)
    climb_all(house.engine)
    climb_all(house.engine)
    with house.writing() as connection:
        acting = Acting(house.engine, "sacha@siao.example", NOW, house.accounts["sacha@siao.example"])
        asked = read(house.engine, number)
        hand_back(acting, connection, asked, text="Relève du département.", hours=OFFICE)
    climb_all(house.engine, NOW + timedelta(days=30))
    with reading(house.engine) as connection:
        assert [step.move for step in events_of(connection, number)] == ["climb", "hand_back"]
    assert read(house.engine, number).desk is WhichDesk.LOCAL


def test_whoever_takes_it_at_that_moment_and_the_job_do_not_undo_each_other(house: House) -> None:
    """Many times at once: each request is taken, then climbs or not; no step is lost, none is made twice."""
    numbers = [one(house.engine) for _ in range(8)]
    acting = Acting(house.engine, "camille@siao.example", NOW, house.accounts["camille@siao.example"])
    seen = {number: read(house.engine, number) for number in numbers}

    def take_all() -> None:
        for number in reversed(numbers):
            try:
                with acting.writing() as connection:
                    take(acting, connection, seen[number], hours=OFFICE)
            except Overtaken:
                continue

    threads = [
        threading.Thread(target=take_all),
        *(threading.Thread(target=climb_all, args=(house.engine,)) for _ in "ab"),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(house.engine) as connection:
        for number in numbers:
            moves = [str(step.move) for step in events_of(connection, number)]
            assert moves in (["climb"], ["take"], ["take", "climb"]), number
            assert read(house.engine, number).version == 1 + len(moves)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, "Confiée aux référents du département : son motif est de niveau 1."),
        ({"desk": "national", "route": "personne"}, "personne du département 75 Paris ne peut répondre"),
        ({"desk": "national", "climbed_at": NOW}, "Passée d’elle-même au niveau 2"),
        ({"desk": "local", "climbed_at": NOW}, "elle ne passe d’elle-même qu’une fois"),
    ],
)
def test_the_page_of_a_request_says_where_it_went_and_why(house: House, more: dict[str, Any], said: str) -> None:
    number = one(house.engine, **more)
    assert said in " ".join(house.signed_in("sacha@siao.example").get(f"/demandes/{number}").text.split())


def test_the_page_of_a_call_s_request_says_nothing_of_a_table(house: House) -> None:
    number = one(house.engine, channel="phone", route=None, sender="referent")
    assert "Confiée" not in house.signed_in("sacha@siao.example").get(f"/demandes/{number}").text
