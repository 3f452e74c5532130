"""The queue: what each reader finds, in which order, by which filters and words, a page at a time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from records.desks.accounts import Account
from records.schema.request_tables import requests
from support.requests import working
from support.requests.queue import RequestFilters
from support.requests.states import WhichDesk
from support.requests.store import find_requests, owners_of
from tests.support.requests.conftest import ALIX, CAMILLE, NOOR, SACHA, Office


@pytest.fixture
def many(office: Office) -> Office:
    """Five requests: of Paris open, taken, closed and handed back; of the Nord late."""
    office.house.clock.advance(days=-4)
    office.escalated("CA59", by=ALIX, departement="59")
    office.house.clock.advance(days=4)
    for call_id in ("CA3", "CA4", "CA5"):
        office.escalated(call_id)
    office.number = 3
    office.does(SACHA, working.take)
    office.number = 4
    office.does(NOOR, working.close, text="Réglé : la clé était révoquée.", solved=True)
    office.number = 5
    office.does(NOOR, working.hand_back, text="À vous.")
    with office.house.writing() as connection:
        connection.execute(update(requests).where(requests.c.id == 3).values(subject="Clé d’accès refusée"))
    return office


def found(office: Office, by: str, **filters: Any) -> list[int]:
    reader: Account = office.house.accounts[by]
    with office.house.writing() as connection:
        lines, total = find_requests(
            connection, RequestFilters(**filters), scope=reader.scope, reader=by, at=office.house.clock(), limit=30,
            desk=WhichDesk.NATIONAL if reader.scope is None else None,
        )  # fmt: skip
    assert total == len(lines)
    return [line.id for line in lines]


def test_the_national_team_has_what_is_to_do_oldest_promise_first(many: Office) -> None:
    assert found(many, SACHA) == [2, 1, 3]
    assert found(many, SACHA, late=True) == [2]
    assert found(many, SACHA, state="toutes") == [2, 1, 5, 3, 4]
    assert found(many, SACHA, desk="local") == [5]
    assert found(many, SACHA, state="closed") == [4]
    assert found(many, SACHA, owner="moi") == [3]
    assert found(many, SACHA, owner="personne") == [2, 1]
    assert found(many, NOOR, owner=SACHA) == [3]
    assert found(many, SACHA, departement="59") == [2]
    assert found(many, SACHA, thematique="Accès et authentification") == [2, 1, 3]
    assert found(many, SACHA, thematique="Évolutions") == []


def test_a_referent_has_those_of_his_departements_at_either_desk(many: Office) -> None:
    assert found(many, CAMILLE) == [5, 1, 3]  # his own desk's first
    assert found(many, CAMILLE, desk="national") == [1, 3]
    assert found(many, ALIX, state="toutes") == [2]
    with many.house.writing() as connection:
        assert owners_of(connection, None) == [SACHA]
        assert owners_of(connection, ("59",)) == []


def test_words_are_found_without_accents_and_a_number_or_a_ticket_by_itself(many: Office) -> None:
    many.number = 1
    many.does(SACHA, working.open_ticket, kind="incident", title="Coupure générale")
    for words, numbers in {
        "cle": [3],
        "CLÉ REFUSÉE": [3],
        "ecran blanc": [2, 3, 1],
        "n° 2": [2],
        "INC-2026-0001": [1],
        "coupure generale": [1],
        "authentification": [2, 3, 1],
        "rien de tel": [],
        "100%_": [],
        "' or 1=1 --": [],
    }.items():
        assert found(many, SACHA, words=words) == numbers, words
    assert found(many, SACHA, words="revoquee", state="toutes") == [4]


def test_a_page_holds_so_many_and_tells_how_many_there_are(many: Office) -> None:
    look: dict[str, Any] = {"scope": None, "desk": None, "reader": SACHA, "at": many.house.clock(), "limit": 2}
    with many.house.writing() as connection:
        for words in ("", "ecran"):
            first, total = find_requests(connection, RequestFilters(state="toutes", words=words), **look)
            last, _ = find_requests(connection, RequestFilters(state="toutes", words=words, page=3), **look)
            none, _ = find_requests(connection, RequestFilters(state="toutes", words=words, page=9), **look)
            assert (len(first), len(last), len(none), total) == (2, 1, 0, 5)


@pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 40, "²", ""])
def test_an_address_that_says_nonsense_filters_nothing(page: str) -> None:
    assert RequestFilters.asked({"etat": "nul", "page": page, "retard": "oui"}).query() in ({}, {"page": "1000"})
    asked = {"etat": "taken", "qui": "moi", "retard": "1", "recherche": "mot", "page": "2"}
    assert RequestFilters.asked(asked, "clé").query(2) == asked


def test_what_is_late_is_so_by_the_clock(one_office: Office) -> None:
    asked = one_office.now()
    assert asked.due_at
    assert not asked.is_late(asked.due_at)
    assert asked.is_late(asked.due_at + timedelta(seconds=1))
