"""`svi rebuild`: rows compared with their facts, what changed told without anybody's number."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from records.calls.ledger import record, refold
from records.database import Engine, open_database, reading, writing
from records.schema.ledger_tables import archived_calls
from records.schema.migrations import migrate
from records.schema.tables import calls
from routing.departements import timezone_of
from service.cli import run
from service.settings import read_settings
from service.wiring.memory import caller_memory, fingerprint_by
from service.wiring.story import story_of_call
from tests.records import play
from tests.records.play import CALL

AT = datetime(2026, 11, 20, tzinfo=UTC)
KEY = "une-clef-secrete-de-plus-de-quarante-lettres"


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    url = f"sqlite:///{tmp_path / 'svi.sqlite'}"
    for name, value in {"VAR_DIR": str(tmp_path), "DATABASE_URL": url, "SECRET_KEY": KEY}.items():
        monkeypatch.setenv(name, value)
    engine = open_database(url)
    migrate(engine)
    fingerprint = fingerprint_by(caller_memory(read_settings()))
    with writing(engine) as connection:
        touched = record(connection, play.happy_path(), origin="test", at=AT)
        refold(connection, touched, timezone_of=timezone_of, at=AT, fingerprint=fingerprint)
    yield engine
    engine.dispose()


def spoil(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(update(calls).values(outcome="missed", caller="+33639980000"))


def test_what_changes_is_told_and_no_number_is(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    spoil(engine)
    assert run(["rebuild"]) == 0
    told = capsys.readouterr().out
    assert "1 appel comparé à ses faits, 1 fiche refaite." in told
    assert f"- {CALL} : " in told
    assert "outcome missed → answered" in told
    assert "+33" not in told
    assert run(["rebuild", CALL]) == 0
    assert "1 appel comparé à ses faits, 0 fiche refaite." in capsys.readouterr().out


def test_a_machine_reads_the_same(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    spoil(engine)
    assert run(["rebuild", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "compared": 1,
        "mended": [
            {"call_id": CALL, "columns": {"caller": None, "outcome": {"before": "missed", "after": "answered"}}}
        ],
        "kept": {},
    }


@pytest.mark.usefixtures("engine")
def test_a_call_that_nobody_knows_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rebuild", "CAnobody"]) == 1
    assert "CAnobody" in capsys.readouterr().err


def test_an_archived_call_is_left_as_it_is_and_its_story_says_why(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(engine)
    with writing(engine) as connection:
        connection.execute(insert(archived_calls).values(call_id=CALL, first_at=AT, archived_at=AT))
    assert run(["rebuild", CALL, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"compared": 0, "mended": [], "kept": {"archived": 1}}
    assert run(["rebuild"]) == 0
    assert "1 archivé" in capsys.readouterr().out
    with reading(engine) as connection:
        [(_, sentence)] = story_of_call(connection, CALL)
    assert "durée de conservation" in sentence
