"""The first caller after a start waits for nothing that could be made ready before (a fresh process, never timed)."""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service import app as assembly
from service import telephone
from service.app import application
from service.directory.followed_csv import follow_csv
from service.directory.snapshots import SnapshotFile
from service.settings import Settings, read_settings
from service.wiring.telephone import warm
from tests.support.house import CSV, NOW

ROOT = Path(__file__).parents[2]
OVERSEAS = """971,SIAO de Guadeloupe,Modèle,Line,référent,02 61 91 97 11,line@siao.example,1,,oui
29,SIAO du Finistère,Modèle,Jo,référent,02 61 91 29 11,jo@siao.example,1,lun-ven 09:00-12:00,oui
"""


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A demonstration with a directory in service, in the environment too."""
    csv = tmp_path / "referents.csv"
    csv.write_text(CSV + OVERSEAS, encoding="utf-8")
    for name, value in {"DEMO": "1", "VAR_DIR": tmp_path / "var", "REFERENTS_CSV": csv}.items():
        monkeypatch.setenv(name, str(value))
    made = read_settings(complete=True)
    assert follow_csv(SnapshotFile(made.var_dir), made, NOW) is None
    return made


@pytest.mark.usefixtures("settings")
def test_the_first_webhooks_load_no_module_make_no_calendar_and_read_no_directory() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.service.fresh_process"], cwd=ROOT, env=os.environ, capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    assert json.loads(done.stdout.splitlines()[-1]) == {"modules": [], "made": []}


def test_making_ready_writes_nothing_down(settings: Settings) -> None:
    application()
    assert list(settings.journal_dir.rglob("*")) == []


@pytest.mark.usefixtures("settings")
def test_the_first_reader_of_a_dashboard_waits_for_no_template() -> None:
    cache = application().jinja_env.cache
    assert cache is not None
    known = {name for _, name in cache.keys()}  # noqa: SIM118 - no mapping
    assert {"layout.html", "macros.html", "reports/national/frame.html", "reports/results.html"} <= known


def test_making_ready_needs_no_directory(settings: Settings) -> None:
    """A line without a snapshot is made ready too, on the last minute of a year."""
    shutil.rmtree(settings.var_dir)
    line = assembly.create_app(settings).extensions["telephone"]
    warm(line, settings, datetime(2026, 12, 31, 23, 59, tzinfo=UTC))
    assert line.snapshot().people == ()


@pytest.mark.usefixtures("settings")
def test_what_cannot_be_made_ready_keeps_nobody_from_being_answered(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_given: object) -> None:
        raise RuntimeError("made up")

    monkeypatch.setattr(telephone, "warm", broken)
    with caplog.at_level(logging.ERROR):
        assert application().test_client().get("/health").status_code in {200, 503}
    assert "Le premier appel attendra" in caplog.text
