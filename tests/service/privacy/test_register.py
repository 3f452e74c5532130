"""The register and the page say the periods that the job carries out, by the settings of the moment."""

from __future__ import annotations

import json

import pytest

from service.app import create_app
from service.cli import run
from service.privacy.register import TO_FILL_IN
from service.privacy.retention import RETENTION
from service.settings import read_settings


@pytest.fixture(autouse=True)
def other_periods(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMO", "1")
    monkeypatch.setenv("NUMBER_DAYS", "61")


def test_the_register_says_each_period_and_marks_what_the_state_has_to_say(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["register"]) == 0
    told = capsys.readouterr().out
    assert "| Numéro de l’appelant, numéro à rappeler | 61 jours après l’appel |" in told
    assert told.count(TO_FILL_IN) >= 5
    assert all(line.data in told for line in RETENTION)
    assert run(["register", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert sum(len(one["data"]) for one in found["activities"]) == len(RETENTION)
    assert all(one["legal_basis"] and one["purposes"] and one["recipients"] for one in found["activities"])


def test_the_page_is_rendered_from_the_same_table() -> None:
    page = create_app(read_settings()).test_client().get("/donnees-personnelles").text
    settings = read_settings()
    for line in RETENTION:
        assert f"<td>{line.data}</td><td>{line.purpose}</td><td>{line.period(settings)}</td>" in page
    assert "61 jours après l’appel" in page
    assert "afficher un numéro laisse une trace" in page
