"""`svi call` plays only against a demonstration: no invented call may count among real ones."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from service.app import create_app
from service.cli import run
from service.settings import read_settings
from tests.loopback import loopback


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """A service for real callers on loopback; its address."""
    settings = read_settings(
        var_dir=folder / "var", secret_key="a made-up secret key", twilio_account_sid="AC1", twilio_auth_token="one",
        public_url="http://127.0.0.1", caller_id="+33199000000",
    )  # fmt: skip
    with loopback(create_app(settings)) as url:
        yield url


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """A machine with nothing set but its folder."""
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "own"))
    return monkeypatch


def test_a_service_of_real_callers_is_not_played_against(
    machine: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with running(tmp_path) as address:
        machine.setenv("PUBLIC_URL", address)
        assert run(["call"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "n’est pas une démonstration" in captured.err
    assert list((tmp_path / "var").rglob("*.journal")) == []


def test_where_nothing_answers_the_sentence_says_what_to_start(
    machine: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    machine.setenv("PUBLIC_URL", f"http://127.0.0.1:{port}")
    assert run(["call"]) == 1
    assert "lancez d’abord « make run »" in capsys.readouterr().err
