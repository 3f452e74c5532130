"""The demonstration's requests: in every state, worked on in open hours, the same for the same seed, told to nobody."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from records.desks.statut import Solved
from records.desks.untold_steps import untold_steps
from routing.calendar.open_time import after_open_days
from support.calls.store import Qualification, save_qualification
from support.requests.invented import EscalatedCall, invent_requests
from support.requests.letters.readers import TOLD
from support.requests.listing import list_requests
from support.requests.states import Move, RequestState
from support.requests.store import events_of
from support.requests.working import USUAL_HOURS
from tests.support.house import NOW, store_call
from tests.support.requests.conftest import PASSWORD, Office

CALLS = 60


def invent(office: Office, seed: int) -> list[dict[str, object]]:
    """The requests of sixty escalated calls of the last weeks, as they then stand, without their numbers."""
    with office.house.writing() as connection:
        calls: list[EscalatedCall] = []
        for index in range(CALLS):
            at = NOW - timedelta(days=CALLS - index, minutes=index)
            name = f"DEMO{seed}-{len(calls)}-{office.number}"
            store_call(connection, name, started_at=at)
            told = Qualification(name, 1, PASSWORD, "2", Solved(False, True), "", "demonstration", at)
            save_qualification(connection, told)
            calls.append(EscalatedCall(name, "Aïcha Le Gall", "75", PASSWORD, "2", at))
        before = {one["request_id"] for one in list_requests(connection)}
        assert invent_requests(office.house.engine, connection, calls, seed=seed, hours=USUAL_HOURS, until=NOW) == CALLS
        office.number += CALLS
        found = [one for one in list_requests(connection) if one["request_id"] not in before]
    return [one | {"request_id": None, "call_id": None, "technical_ticket": None} for one in found]


def test_the_queue_holds_every_state_and_the_past_is_closed(one_office: Office) -> None:
    states = Counter(one["state"] for one in invent(one_office, 1))
    assert set(states) == set(RequestState)
    assert states["closed"] > CALLS / 2
    statuts = {str(one_office.call(f"DEMO1-{index}-1")["statut"]) for index in range(CALLS - 20)}
    assert statuts >= {"Résolu", "En cours"}


def test_the_same_seed_gives_the_same_requests(one_office: Office) -> None:
    assert invent(one_office, 3) == invent(one_office, 3) != invent(one_office, 4)


def test_level_2_works_in_its_open_hours_never_in_the_future_and_no_mail_tells_of_it(one_office: Office) -> None:
    invent(one_office, 2)
    with one_office.house.writing() as connection:
        for number in range(2, CALLS + 2):
            for step in events_of(connection, number):
                assert step.at <= NOW
                if step.move in {Move.TAKE, Move.ANSWER, Move.ASK, Move.CLOSE}:
                    assert step.at == after_open_days(step.at, 0, USUAL_HOURS), step
        untold = untold_steps(connection, TOLD, NOW - timedelta(days=90))
    assert [step.request_id for step in untold] == [1]
