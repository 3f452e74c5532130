"""The demonstration's written requests: every state, sender and desk; the same for the same seed; no call changes."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from sqlalchemy import select

from records.desks.untold_steps import untold_steps
from records.schema.desk_tables import qualification_history
from records.schema.request_tables import requests
from records.schema.tables import calls as call_table
from records.schema.written_tables import avoided_requests
from routing.requests.table import Wrote
from support.nomenclature.entries import first_nomenclature
from support.requests import working
from support.requests.invented import EscalatedCall
from support.requests.letters.readers import TOLD
from support.requests.request import Request
from support.requests.states import Move, RequestState, WhichDesk
from support.requests.store import events_of, to_request
from support.requests.written.invented import invent_written
from tests.support.house import NOW, store_call
from tests.support.requests.conftest import CAMILLE, PASSWORD, Office

NUMBER = 120


def invent(office: Office, seed: int, number: int = NUMBER) -> list[Request]:
    """So many written requests beside one call of Paris."""
    with office.house.writing() as connection:
        before = {row.id for row in connection.execute(select(requests.c.id))}
        at = NOW - timedelta(days=100)
        store_call(connection, f"DEMO{seed}-{len(before)}", started_at=at)
        calls = [EscalatedCall(f"DEMO{seed}-{len(before)}", "Aïcha", "75", PASSWORD, "2", at)]
        made = invent_written(
            office.house.engine, connection, calls, number=number, seed=seed, hours=working.USUAL_HOURS, until=NOW,
            entries=first_nomenclature().entries, departements=("75", "59"),
        )  # fmt: skip
        assert made == number
        rows = connection.execute(select(requests).where(requests.c.id.not_in(before)).order_by(requests.c.id))
        return [to_request(row) for row in rows]


def told(one: Request) -> tuple[object, ...]:
    return (one.channel, one.sender, one.departement, one.state, one.desk, one.created_at, one.closed_at, one.rating)


def test_every_state_sender_desk_and_channel_is_there_and_some_wait_for_the_desks(one_office: Office) -> None:
    found = invent(one_office, 1)
    waiting = [one for one in found if one.state is not RequestState.CLOSED]
    assert {one.state for one in waiting} >= {RequestState.OPEN, RequestState.TAKEN, RequestState.WAITING}
    assert {(one.channel, one.sender) for one in found} == {
        (channel, sender) for channel in ("form", "mail") for sender in Wrote
    }
    for desk in WhichDesk:
        assert [one for one in waiting if one.desk is desk and one.state is RequestState.OPEN], desk
    assert any(one.owner == CAMILLE for one in found)
    for name in ("climbed_at", "merged_into", "rating", "linked_call_id"):
        assert [one for one in found if getattr(one, name)], name
    assert len(waiting) < NUMBER / 3


def test_the_same_seed_writes_the_same(one_office: Office) -> None:
    first, again, other = (invent(one_office, seed, 30) for seed in (3, 3, 4))
    assert [told(one) for one in first] == [told(one) for one in again] != [told(one) for one in other]


def test_no_step_is_to_come_nor_told_and_no_call_changes(one_office: Office) -> None:
    with one_office.house.writing() as connection:
        before = connection.execute(select(qualification_history)).all()
    found = invent(one_office, 2)
    with one_office.house.writing() as connection:
        assert connection.execute(select(qualification_history)).all() == before
        assert len(connection.execute(select(call_table.c.call_id)).all()) == 2
        moves: Counter[Move] = Counter()
        for one in found:
            steps = events_of(connection, one.id)
            moves.update(step.move for step in steps)
            assert [step.at for step in steps] == sorted(step.at for step in steps), (one.id, steps)
            assert all(step.at <= NOW for step in steps), one.id
        assert set(moves) >= {Move.CONFIRM, Move.CLIMB, Move.MERGE, Move.LINK, Move.RATE, Move.WITHDRAW, Move.ESCALATE}
        assert [step.request_id for step in untold_steps(connection, TOLD, NOW - timedelta(days=120))] == [1]
        avoided = connection.execute(select(avoided_requests)).all()
        assert avoided
        assert all(row.at <= NOW for row in avoided)
