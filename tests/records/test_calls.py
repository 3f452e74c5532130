"""Calls in the words of the contract."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from records.calls.ledger import record, refold
from records.calls.listing import get_call, list_calls
from records.database import Engine, reading, writing
from records.facts import Fact
from records.schema.desk_tables import qualifications
from tests.records import play
from tests.records.play import CALL, timezone_of

NOW = datetime(2026, 1, 6, tzinfo=UTC)


def take_in(engine: Engine, heard: Iterable[Fact]) -> None:
    with writing(engine) as connection:
        touched = record(connection, list(heard), origin="test", at=NOW)
        refold(connection, touched, timezone_of=timezone_of, at=NOW)


def listed(engine: Engine, **wanted: Any) -> list[dict[str, Any]]:
    with reading(engine) as connection:
        return list_calls(connection, timezone_of=timezone_of, **wanted)


def test_a_call_has_exactly_the_names_of_the_contract_and_their_values(engine: Engine) -> None:
    take_in(engine, play.second_rang())
    assert json.loads(json.dumps(listed(engine))) == [
        {
            "call_id": CALL,
            "caller": "+33639981234",
            "departement": "75",
            "departement_given_by": "keypad",
            "outcome": "answered",
            "absence_reason": None,
            "answered_by": "local",
            "referent": "Bruno Exemple",
            "referent_phone": "+33639980102",
            "started_at": "2026-01-05T09:12:34+01:00",
            "ended_at": "2026-01-05T09:15:00+01:00",
            "wait_seconds": 36,
            "talk_seconds": 90,
            "total_seconds": 146,
            "attempts": [
                {"referent": "Alice Exemple", "phone": "+33639980101", "result": "no_answer"},
                {"referent": "Bruno Exemple", "phone": "+33639980102", "result": "accepted"},
            ],
            "message_seconds": None,
            "callback_number": None,
            "qualification": None,
            "source": "webhook",
        }
    ]


def test_moments_have_the_offset_of_the_departement(engine: Engine) -> None:
    take_in(engine, [play.arrived(), play.given("974"), play.ended(20)])
    (call,) = listed(engine)
    assert call["started_at"] == "2026-01-05T12:12:34+04:00"


def test_the_oldest_call_comes_first(engine: Engine) -> None:
    for days in (2, 0, 1):
        take_in(engine, [replace(play.arrived(), call=f"CA{days}", at=play.BEGAN + timedelta(days=days))])
    assert [call["call_id"] for call in listed(engine)] == ["CA0", "CA1", "CA2"]


def test_days_are_local_and_both_included(engine: Engine) -> None:
    """A call at 22:30 in Paris is of the next day in La Réunion."""
    late = datetime(2026, 1, 5, 21, 30, tzinfo=UTC)
    for code in ("75", "974"):
        facts = [play.arrived(), play.given(code)]
        take_in(engine, [replace(fact, call=f"CA{code}", at=late) for fact in facts])

    def on(first: int, last: int) -> list[str]:
        return [call["departement"] for call in listed(engine, since=date(2026, 1, first), until=date(2026, 1, last))]

    assert (on(5, 5), on(6, 6), on(4, 7), on(7, 9)) == (["75"], ["974"], ["75", "974"], [])


def test_one_departement_alone(engine: Engine) -> None:
    for code in ("75", "29"):
        take_in(engine, [replace(fact, call=f"CA{code}") for fact in (play.arrived(), play.given(code))])
    assert [call["call_id"] for call in listed(engine, departement="29")] == ["CA29"]


def test_a_withheld_number_is_null(engine: Engine) -> None:
    take_in(engine, [play.arrived(None), play.ended(4, caller=None)])
    assert listed(engine)[0]["caller"] is None


def test_one_call_by_its_name(engine: Engine) -> None:
    take_in(engine, play.busy())
    with reading(engine) as connection:
        found = get_call(connection, CALL, timezone_of=timezone_of)
        assert found == listed(engine)[0]
        assert get_call(connection, "CA-nobody", timezone_of=timezone_of) is None


@pytest.mark.parametrize("escalated", [True, False])
def test_a_qualified_call_carries_its_qualification(engine: Engine, escalated: bool) -> None:
    take_in(engine, play.happy_path())
    said = {
        "call_id": CALL, "version": 1, "thematique": "Accès", "motif": "Connexion", "sous_motif": "Mot de passe",
        "niveau": "1", "resolved": True, "escalated": escalated, "comment": "", "by": "alice@exemple.fr", "at": NOW,
    }  # fmt: skip
    with writing(engine) as connection:
        connection.execute(insert(qualifications).values(said))
    qualification = listed(engine)[0]["qualification"]
    assert set(qualification) == {
        "thematique", "motif", "sous_motif", "niveau", "statut", "resolved", "escalated", "comment", "by", "at",
    }  # fmt: skip
    assert qualification["statut"] == ("Escaladé" if escalated else "Résolu")
