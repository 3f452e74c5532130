"""Commands typed one after the other on a house of a test's own, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from records.database import open_database
from records.schema.migrations import migrate
from service.cli import run

Typed = Callable[..., tuple[int, str, str]]


@pytest.fixture
def typed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], database_url: str
) -> Typed:
    """Type a command: its status, what it says, what it complains of."""
    for name, value in {"DEMO": "1", "VAR_DIR": str(tmp_path / "var"), "DATABASE_URL": database_url}.items():
        monkeypatch.setenv(name, value)
    engine = open_database(database_url)
    migrate(engine)
    engine.dispose()

    def run_one(*arguments: str) -> tuple[int, str, str]:
        status = run(list(arguments))
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run_one
