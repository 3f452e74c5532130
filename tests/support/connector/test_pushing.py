"""Requests become tickets of the ministry's CRM, each once, whatever fails on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select, update

from records.database import reading, writing
from records.desks.acting import Acting
from records.schema.request_tables import requests
from records.schema.tables import deliveries
from records.schema.written_tables import connector_tickets
from records.wording import Entry, Wording
from routing.calendar.hours import read_hours
from routing.requests.table import Routed, SentTo
from support.connector.hubspot import HubSpot
from support.connector.pushing import MOST_TRIES, Connector
from support.connector.tickets import NUMBER, Ticketing
from support.requests.filing import Written, file_request
from support.requests.request import as_its_sender
from support.requests.store import read_request
from support.requests.working import withdraw
from tests.support.connector.fake import TOKEN, FakeHubSpot, Fault, fake_hubspot
from tests.support.house import Clock

STAGES = {"open": "1", "taken": "2", "waiting": "3", "planned": "3", "technical": "3", "closed": "4"}


@dataclass
class Linked:
    """The database, the account, the connector between them."""

    engine: Engine
    fake: FakeHubSpot
    clock: Clock
    connector: Connector

    def ask(self, times: int = 1) -> list[int]:
        """New requests; their numbers."""
        entry = Entry("1", Wording("Compte", "Mot de passe", "Oublié"))
        numbers = []
        with writing(self.engine) as connection:
            for _ in range(times):
                written = Written(
                    "form", "user", "75", "Essai", "Alex", "gestionnaire", "alex@structure.example", entry,
                    "Je n’ai plus mon mot de passe", "Madame Modèle ne peut plus entrer.",
                )  # fmt: skip
                acting = Acting(self.engine, written.email, self.clock())
                routed = Routed(SentTo.LOCAL, "usager")
                numbers.append(file_request(acting, connection, written, routed, hours=read_hours("")).id)
        return numbers

    def close(self, number: int) -> None:
        with writing(self.engine) as connection:
            asked = read_request(connection, number)
            assert asked
            acting = Acting(self.engine, asked.created_by, self.clock(), as_its_sender(asked))
            withdraw(acting, connection, asked, solved=True)

    def work(self) -> dict[str, object]:
        return dict(self.connector.work()["connector"])

    def later(self) -> dict[str, object]:
        """What a round says once every pause is over."""
        self.clock.advance(hours=2)
        return self.work()

    def posts(self) -> int:
        return len([path for path, _ in self.fake.asked if path.startswith("POST")])


@pytest.fixture
def linked(engine: Engine) -> Iterator[Linked]:
    clock = Clock()
    with fake_hubspot() as fake:
        remote = HubSpot(fake.url, TOKEN, clock, timeout=(2.0, 0.5))
        ticketing = Ticketing("0", STAGES, "https://svi.example")
        yield Linked(engine, fake, clock, Connector(engine, remote, ticketing, clock))


def test_a_request_becomes_one_ticket_that_follows_it(linked: Linked) -> None:
    (number,) = linked.ask()
    assert linked.work() == {"state": "ok", "written": 1}
    ticket = linked.fake.tickets[str(number)]
    assert (ticket["hs_pipeline_stage"], ticket["svi_siao_motif"]) == ("1", "Mot de passe")
    assert linked.work() == {"state": "ok", "written": 0}
    linked.close(number)
    assert linked.work() == {"state": "ok", "written": 1}
    assert linked.fake.tickets[str(number)]["hs_pipeline_stage"] == "4"
    assert linked.fake.made == 1
    with reading(linked.engine) as connection:
        row = connection.execute(select(connector_tickets)).one()
    assert (row.request_id, row.remote_id, row.is_new, row.error) == (number, "9001", False, None)


def test_no_name_no_address_and_no_word_that_somebody_typed_leaves(linked: Linked) -> None:
    linked.ask()
    linked.work()
    sent = str(linked.fake.asked)
    for word in ("Essai", "Alex", "alex@", "plus mon", "Madame", "gestionnaire"):
        assert word not in sent


def test_several_changes_are_one_ticket_and_a_hundred_and_fifty_are_two_batches(linked: Linked) -> None:
    first, *_ = linked.ask(150)
    linked.close(first)
    assert linked.work() == {"state": "ok", "written": 150}
    assert [len(document["inputs"]) for _, document in linked.fake.asked] == [100, 50]


def test_what_changes_and_changes_back_is_written_each_time(linked: Linked) -> None:
    (number,) = linked.ask()
    linked.work()
    for desk in ("national", "local"):
        with writing(linked.engine) as connection:
            values = {"desk": desk, "version": requests.c.version + 1}
            connection.execute(update(requests).where(requests.c.id == number).values(values))
        assert linked.work()["written"] == 1
        assert linked.fake.tickets[str(number)]["svi_siao_bureau"] == desk


@pytest.mark.parametrize(
    ("headers", "before", "after"),
    [
        ({"Retry-After": "600"}, {"minutes": 9}, {"minutes": 2}),
        ({"Retry-After": "Tue, 24 Nov 2026 10:10:00 GMT"}, {"minutes": 9}, {"minutes": 2}),
        ({"Retry-After": "99999999"}, {"hours": 23}, {"hours": 2}),
        ({"Retry-After": "bientôt"}, {"seconds": 20}, {"seconds": 20}),
        ({"Retry-After": "0"}, {"seconds": 5}, {"seconds": 10}),
        ({}, {"seconds": 20}, {"seconds": 20}),
    ],
)
def test_too_many_requests_are_waited_for_as_long_as_is_asked(
    linked: Linked, headers: dict[str, str], before: dict[str, float], after: dict[str, float]
) -> None:
    linked.ask()
    linked.fake.faults = [Fault(429, headers, {"policyName": "TEN_SECONDLY_ROLLING", "category": "RATE_LIMITS"})]
    said = linked.work()
    assert said["state"] == "degraded"
    assert "TEN_SECONDLY_ROLLING" in str(said["reason"])
    linked.clock.advance(**before)
    linked.work()
    assert linked.posts() == 1
    linked.clock.advance(**after)
    assert linked.work()["written"] == 1


def test_a_limit_of_the_account_stops_the_round_and_the_next_ones_finish_it(linked: Linked) -> None:
    linked.ask(250)
    linked.fake.limit = 1
    assert linked.work()["state"] == "degraded"
    assert len(linked.fake.tickets) == 100
    linked.fake.limit = None
    assert linked.later() == {"state": "ok", "written": 150}
    assert linked.fake.made == 250


@pytest.mark.parametrize("status", [408, 423, 477, 500, 502, 503, 504, 524])
def test_servers_that_are_away_are_asked_again(linked: Linked, status: int) -> None:
    linked.ask()
    linked.fake.faults = [Fault(status), Fault(status)]
    assert linked.work()["state"] == "degraded"
    assert linked.later()["state"] == "degraded"
    assert linked.later() == {"state": "ok", "written": 1}


def test_what_was_written_before_the_answer_was_lost_is_no_second_ticket(linked: Linked) -> None:
    linked.ask(3)
    linked.fake.faults = [Fault(524, wrote=True), Fault(200, wrote=True, seconds=1.5)]
    assert "524" in str(linked.work()["reason"])
    assert "ReadTimeout" in str(linked.later()["reason"])
    assert linked.later() == {"state": "ok", "written": 3}
    assert (len(linked.fake.tickets), linked.fake.made) == (3, 3)


def test_a_delivery_that_comes_twice_writes_once(linked: Linked) -> None:
    linked.ask()
    linked.work()
    with writing(linked.engine) as connection:
        connection.execute(update(deliveries).values(done_at=None, next_try_at=linked.clock()))
    assert linked.work() == {"state": "ok", "written": 0}
    assert linked.posts() == 1


def test_it_is_tried_so_often_given_up_and_owed_anew_the_next_day(linked: Linked) -> None:
    (number,) = linked.ask()
    linked.fake.faults = [Fault(503)] * MOST_TRIES
    for _ in range(MOST_TRIES):
        linked.clock.advance(minutes=61)
        linked.work()
    with reading(linked.engine) as connection:
        waits = connection.execute(select(func.count()).where(deliveries.c.done_at.is_(None))).scalar_one()
        error = connection.execute(select(connector_tickets.c.error)).scalar_one()
    assert (waits, error) == (0, "HubSpot ne répond pas en ce moment (503).")
    linked.clock.advance(days=1)
    assert linked.work()["written"] == 1
    assert str(number) in linked.fake.tickets


@pytest.mark.parametrize("is_multi_status", [True, False])
def test_one_bad_ticket_keeps_no_other_waiting(linked: Linked, *, is_multi_status: bool) -> None:
    numbers = linked.ask(20)
    linked.close(numbers[7])
    linked.fake.stages = frozenset({"1"})
    linked.fake.is_multi_status = is_multi_status
    assert linked.work() == {"state": "degraded", "written": 19, "refused": 1}
    assert set(linked.fake.tickets) == {str(one) for one in numbers if one != numbers[7]}
    asked = linked.posts()
    linked.work()
    assert linked.posts() == asked, "it is not asked about again on the same day"
    linked.fake.stages = frozenset({"1", "4"})
    linked.clock.advance(days=1)
    assert linked.work() == {"state": "ok", "written": 1}


def test_when_every_ticket_is_bad_the_account_is_not_flooded(linked: Linked) -> None:
    linked.ask(100)
    linked.fake.stages, linked.fake.is_multi_status = frozenset(), False
    assert linked.work()["refused"] == 100
    assert linked.posts() < 40


@pytest.mark.parametrize(
    ("break_it", "said"),
    [
        (lambda fake: fake.faults.append(Fault(401)), "HUBSPOT_TOKEN"),
        (lambda fake: fake.faults.append(Fault(403)), "portée « tickets »"),
        (lambda fake: fake.faults.append(Fault(301, {"Location": "https://elsewhere.example"})), "HUBSPOT_URL"),
        (lambda fake: fake.properties.pop(NUMBER), NUMBER),
        (lambda fake: fake.properties.pop("svi_siao_motif"), "svi_siao_motif"),
        (lambda fake: fake.properties.update({NUMBER: False}), "valeur unique"),
    ],
)
def test_what_somebody_has_to_mend_stops_the_round_and_is_said(linked: Linked, break_it: object, said: str) -> None:
    linked.ask(150)
    break_it(linked.fake)  # type: ignore[operator]
    news = linked.work()
    assert news["state"] == "down"
    assert said in str(news["reason"])
    assert linked.posts() == 1
    assert TOKEN not in str(news)
    linked.fake.properties[NUMBER] = linked.fake.properties["svi_siao_motif"] = True
    assert linked.later() == {"state": "ok", "written": 150}


def test_an_answer_that_is_no_json_loses_nothing(linked: Linked) -> None:
    linked.ask()
    linked.fake.faults = [Fault(200, body={"results": "x", "errors": 3})]
    assert linked.work()["state"] in {"degraded", "ok"}
    linked.clock.advance(days=1)
    assert linked.work()["written"] == 1


def test_a_dry_run_says_what_it_would_write_once_and_writes_nothing(
    linked: Linked, caplog: pytest.LogCaptureFixture
) -> None:
    (number,) = linked.ask()
    linked.connector.is_dry = True
    assert linked.work() == {"state": "off", "reason": "à blanc"}
    linked.work()
    assert not linked.fake.asked
    assert [one.message.startswith(f"À blanc : la demande {number}") for one in caplog.records] == [True]
    with reading(linked.engine) as connection:
        assert connection.execute(select(func.count()).select_from(deliveries)).scalar_one() == 0


def test_what_differs_is_read_back_and_told(linked: Linked) -> None:
    first, second, third = linked.ask(3)
    linked.work()
    assert linked.connector.compare() == []
    del linked.fake.tickets[str(second)]
    linked.fake.tickets[str(third)]["hs_pipeline_stage"] = "2"
    found = [(one.number, one.name, one.theirs) for one in linked.connector.compare()]
    assert found == [(second, "", None), (third, "hs_pipeline_stage", "2")]
    assert first not in {number for number, *_ in found}


def test_old_requests_that_were_never_written_are_and_old_ones_that_were_are_left_alone(linked: Linked) -> None:
    (number,) = linked.ask()
    linked.close(number)
    linked.clock.advance(days=90)
    assert linked.work()["written"] == 1
    assert linked.connector.changed() == []
    with writing(linked.engine) as connection:
        connection.execute(update(requests).values(niveau="2"))
    assert linked.connector.changed() == []
    assert [one.number for one in linked.connector.changed(every=True)] == [number]
    assert linked.clock() - timedelta(days=90) < linked.clock()
