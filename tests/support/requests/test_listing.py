"""`svi requests list` as others read it: the contract's words, local days, oldest first; a plain list for people."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from service.cli import run
from support.requests import working
from support.requests.listing import list_requests
from tests.support.house import NOW
from tests.support.requests.conftest import CAMILLE, LOU, SACHA, Office

CONTRACT = Path("docs/contract.md").read_text(encoding="utf-8").partition("## A request")[2].partition("\n## ")[0]
NAMES = set(
    re.findall(r"`(\w+)`", "".join(line.split("|")[1] for line in CONTRACT.splitlines() if line.startswith("| `")))
)


def test_a_request_is_told_in_the_words_of_the_contract(office: Office) -> None:
    office.house.invite("reunion@siao.example", "referent", "974")
    office.escalated("CA974", by="reunion@siao.example", departement="974")
    office.does(SACHA, working.open_ticket, kind="incident", title="Écran blanc")
    office.house.clock.advance(hours=1)
    office.does(SACHA, working.close, text="Réglé.", solved=True)
    with office.house.writing() as connection:
        first, told = list_requests(connection)
    assert set(told) == NAMES
    assert first["request_id"] == 1
    assert told == {
        "request_id": 2, "channel": "phone", "departement": "974", "sender": "referent",
        "thematique": "Accès et authentification", "motif": "Problème de connexion au SI SIAO",
        "sous_motif": "Réinitialisation du mot de passe", "niveau": "1", "desk": "national", "owner": "Sacha",
        "state": "closed", "opened_at": "2026-11-24T14:00:00+04:00", "due_at": None,
        "taken_at": "2026-11-24T14:00:00+04:00", "first_answer_at": "2026-11-24T15:00:00+04:00",
        "closed_at": "2026-11-24T15:00:00+04:00", "result": "Réglé.", "call_id": "CA974",
        "technical_ticket": {"reference": "INC-2026-0001", "kind": "incident", "state": "new"},
    }  # fmt: skip


def test_a_written_request_is_told_with_how_it_came_and_nothing_of_whoever_wrote(office: Office) -> None:
    number = office.written(channel="mail")
    office.does(CAMILLE, working.answer, text="Voici.")
    with office.house.writing() as connection:
        told = list_requests(connection)[-1]
    assert set(told) == NAMES
    assert (told["request_id"], told["channel"], told["sender"], told["desk"], told["call_id"]) == (
        number, "mail", "user", "local", None,
    )  # fmt: skip
    assert told["owner"] == "Camille"
    assert [name for name in (LOU, "Lou", "Essai", "Mon compte est bloqué.") if name in json.dumps(told)] == []


def test_days_are_local_and_both_ends_are_included(office: Office) -> None:
    office.house.clock.now = datetime(2026, 11, 30, 21, 0, tzinfo=UTC)  # 22 h in Paris, 1 h the next day in Mayotte
    office.escalated("CA2")
    office.escalated("CA976", by=SACHA, departement="976")
    last, next_day = datetime(2026, 11, 30, tzinfo=UTC).date(), datetime(2026, 12, 1, tzinfo=UTC).date()
    with office.house.writing() as connection:
        assert [one["call_id"] for one in list_requests(connection, until=last)] == ["CA1", "CA2"]
        assert [one["call_id"] for one in list_requests(connection, since=next_day)] == ["CA976"]
        assert [one["call_id"] for one in list_requests(connection, departement="976")] == ["CA976"]
        assert list_requests(connection, since=last, until=last, departement="59") == []


def test_the_command_lists_them_for_machines_and_for_people(
    one_office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", one_office.house.settings.database_url)
    monkeypatch.setenv("DEMO", "1")
    assert run(["requests", "list", "--json", "-d", "75", "--from", "2026-11-24", "--to", "2026-11-24"]) == 0
    assert [one["request_id"] for one in json.loads(capsys.readouterr().out)] == [1]
    assert run(["requests", "list"]) == 0
    line = capsys.readouterr().out
    assert "n° 1 2026-11-24T11:00:00+01:00 75" in line
    assert "à prendre en charge (niveau 2), personne, attendue avant le 25/11/2026 11:00" in line
    assert run(["requests", "list", "-d", "59"]) == 0
    assert capsys.readouterr().out == "Aucune demande.\n"
    assert run(["requests", "list", "--from", "2026-11-25", "--to", "2026-11-24"]) == 1
    assert "avant le premier" in capsys.readouterr().err


def test_what_is_late_is_told_with_its_day(one_office: Office) -> None:
    with one_office.house.writing() as connection:
        [told] = list_requests(connection, since=(NOW - timedelta(days=1)).date())
    assert told["due_at"] == "2026-11-25T11:00:00+01:00"
