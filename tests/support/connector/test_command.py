"""`svi connector` and `svi doctor` as whoever runs the machine types them, against the fake."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from records.database import open_database, writing
from records.desks.acting import Acting
from records.schema.migrations import migrate
from records.wording import Entry, Wording
from routing.calendar.hours import read_hours
from routing.requests.table import Routed, SentTo
from service.cli import run
from service.running.watching.checks import check_connector
from service.settings import read_settings
from support.connector.tickets import NUMBER
from support.requests.filing import Written, file_request
from tests.support.connector.fake import TOKEN, FakeHubSpot, Fault, fake_hubspot
from tests.support.house import NOW


@dataclass
class Machine:
    """The account, and the commands of a machine that is set to it."""

    fake: FakeHubSpot
    capsys: pytest.CaptureFixture[str]

    def run(self, *words: str) -> tuple[int, str, str]:
        status = run(["connector", *words])
        said = self.capsys.readouterr()
        return status, said.out, said.err

    def doctor(self) -> list[str]:
        return [one.sentence for one in check_connector(read_settings(), NOW)]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Machine]:
    monkeypatch.chdir(tmp_path)
    with fake_hubspot() as fake:
        for name, value in {
            "DEMO": "1", "VAR_DIR": str(tmp_path / "var"), "HUBSPOT_TOKEN": TOKEN, "HUBSPOT_URL": fake.url,
        }.items():  # fmt: skip
            monkeypatch.setenv(name, value)
        (tmp_path / "var").mkdir()
        engine = open_database(read_settings().database_url)
        migrate(engine)
        entry = Entry("1", Wording("Compte", "Mot de passe", "Oublié"))
        with writing(engine) as connection:
            for _ in range(2):
                written = Written("form", "user", "75", "Essai", "Alex", "gestionnaire", "a@b.example", entry, "x", "y")
                acting = Acting(engine, written.email, NOW)
                file_request(acting, connection, written, Routed(SentTo.LOCAL, "usager"), hours=read_hours(""))
        engine.dispose()
        yield Machine(fake, capsys)


def test_a_dry_run_says_what_would_be_written(machine: Machine) -> None:
    status, said, _ = machine.run("push", "--dry-run")
    assert status == 0
    assert said.startswith("2 demandes seraient écrites.\nDemande n° 1 – Mot de passe : Oublié")
    assert len(json.loads(machine.run("push", "--dry-run", "--json")[1])) == 2
    assert not machine.fake.asked


def test_push_writes_and_compare_finds_what_differs(machine: Machine) -> None:
    assert machine.run("push")[:2] == (0, "2 demandes écrites.\n")
    assert machine.run("compare")[:2] == (0, "Rien ne diffère.\n")
    machine.fake.tickets["1"]["svi_siao_niveau"] = "2"
    del machine.fake.tickets["2"]
    _, said, _ = machine.run("compare")
    assert said.splitlines() == [
        "Demande n° 1 : svi_siao_niveau, ici « 1 », chez HubSpot « 2 ».", "Demande n° 2 : absente chez HubSpot.",
    ]  # fmt: skip
    found = json.loads(machine.run("compare", "--json")[1])
    assert found[0] == {"request_id": 1, "property": "svi_siao_niveau", "ours": "1", "theirs": "2"}
    assert machine.run("push")[1] == "0 demande écrite.\n"
    assert machine.run("push", "--repair")[1] == "2 demandes écrites.\n"
    assert machine.run("compare")[1] == "Rien ne diffère.\n"


def test_what_was_refused_is_said_and_can_be_pushed_again_at_once(machine: Machine) -> None:
    machine.fake.stages = frozenset({"2"})
    status, said, error = machine.run("push")
    assert (status, said) == (1, "0 demande écrite.\n")
    assert "Demande n° 1 refusée : 1 is not a valid pipeline stage ID" in error
    machine.fake.stages = frozenset({"1"})
    assert machine.run("push")[:2] == (0, "2 demandes écrites.\n")


def test_a_service_that_is_away_is_a_refusal_in_french(machine: Machine) -> None:
    machine.fake.faults = [Fault(503)]
    status, _, error = machine.run("compare")
    assert (status, error) == (1, "HubSpot ne répond pas en ce moment (503).\n")


def test_the_doctor_says_what_is_missing_there(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert machine.doctor() == ["HubSpot répond, ses propriétés sont là"]
    del machine.fake.properties["svi_siao_motif"]
    assert machine.doctor() == ["1 propriété manque chez HubSpot (docs/connector.md) : svi_siao_motif"]
    machine.fake.properties[NUMBER] = False
    assert "n’est pas à valeur unique" in machine.doctor()[0]
    monkeypatch.setenv("HUBSPOT_TOKEN", "faux")
    assert machine.doctor() == ["HubSpot refuse le jeton : vérifiez HUBSPOT_TOKEN."]
    monkeypatch.setenv("HUBSPOT_URL", "http://crm.example")
    assert machine.doctor() == ["HUBSPOT_URL n’est pas en https : rien n’est écrit"]
    assert machine.run("push")[0] == 1


def test_without_a_token_there_is_no_connector(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUBSPOT_TOKEN", "")
    assert machine.doctor() == []
    assert machine.run("push")[0] == 1
    assert not machine.fake.asked
