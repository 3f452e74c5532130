"""`svi message set`: a text or a recording, in service for the next call."""

from __future__ import annotations

from pathlib import Path

import pytest

from records.database import open_database
from records.schema.migrations import migrate
from service.app import create_app
from service.cli import run
from service.directory.snapshots import SnapshotFile
from service.settings import Settings, read_settings
from tests.service.directories import CSV
from tests.voicemail.recordings import tone


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name, value in {"DEMO": "1", "VAR_DIR": str(tmp_path / "var"), "REFERENTS_CSV": "referents.csv"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "referents.csv").write_text(CSV, encoding="utf-8")
    settings = read_settings()
    engine = open_database(settings.database_url)
    migrate(engine)
    engine.dispose()
    (tmp_path / "accueil.wav").write_bytes(tone(3, rate=44_100, channels=2))
    (tmp_path / "photo.wav").write_bytes(b"\x89PNG")
    return settings


def set_now(settings: Settings) -> list[tuple[str, str | None, str | None, str | None]]:
    serving = SnapshotFile(settings.var_dir).current()
    assert serving is not None
    return [(one.departement, one.reason, one.text, one.audio) for one in serving.rules.messages]


def test_a_recording_is_kept_played_and_can_be_removed(settings: Settings) -> None:
    assert run(["message", "set", "75", "--reason", "closed", "--audio", "accueil.wav"]) == 0
    [(departement, reason, text, audio)] = set_now(settings)
    assert (departement, reason, text) == ("75", "closed", None)
    answer = create_app(settings).test_client().get(f"/voice/sound/{audio}")
    assert (answer.status_code, answer.mimetype) == (200, "audio/wav")
    assert run(["message", "remove", "1"]) == 0
    assert set_now(settings) == []


@pytest.mark.parametrize("typed", [["Nous sommes en réunion."], ["--text", "Nous sommes en réunion."]])
def test_a_text_is_given_either_way(settings: Settings, typed: list[str]) -> None:
    assert run(["message", "set", "75", *typed]) == 0
    assert set_now(settings) == [("75", None, "Nous sommes en réunion.", None)]


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ([], "soit un texte, soit un enregistrement"),
        (["Un texte.", "--audio", "accueil.wav"], "soit un texte, soit un enregistrement"),
        (["--audio", "photo.wav"], "seuls les fichiers WAV et MP3"),
    ],
)
def test_what_is_no_message_is_refused(
    settings: Settings, capsys: pytest.CaptureFixture[str], typed: list[str], reason: str
) -> None:
    assert run(["message", "set", "75", *typed]) == 1
    assert reason in capsys.readouterr().err
    assert SnapshotFile(settings.var_dir).current() is None
