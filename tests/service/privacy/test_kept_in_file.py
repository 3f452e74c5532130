"""What a machine keeps of erasures beside the database, and no longer than it matters."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from service.privacy.forgetting import forget_old_lines, keep_in_file, kept_in_file

NOW = datetime(2026, 12, 7, 9, 0, tzinfo=UTC)


def test_old_erasures_go_from_the_file_and_young_ones_stay(tmp_path: Path) -> None:
    path = tmp_path / "effacements.txt"
    keep_in_file(path, [("old", NOW - timedelta(days=800)), ("young", NOW - timedelta(days=3))])
    forget_old_lines(path, NOW - timedelta(days=730))
    assert kept_in_file(path) == {"young": NOW - timedelta(days=3)}
    assert path.stat().st_mode & 0o077 == 0
    forget_old_lines(tmp_path / "none", NOW)
