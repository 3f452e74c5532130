"""The roof's tests see no setting of the machine that runs them, and write nothing into the project."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.settings import Settings


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
