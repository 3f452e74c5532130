"""What a machine keeps of erasures beside the database, and no longer than it matters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from records.database import Engine, open_database, writing
from records.privacy.erased import keep_erased
from records.schema.migrations import migrate
from service.privacy.forgetting import Forgetting, erased_file, forget_old_lines, keep_in_file, kept_in_file
from service.settings import Settings, read_settings
from service.wiring.memory import caller_memory

NOW = datetime(2026, 12, 7, 9, 0, tzinfo=UTC)


def test_old_erasures_go_from_the_file_and_young_ones_stay(tmp_path: Path) -> None:
    path = tmp_path / "effacements.txt"
    keep_in_file(path, [("old", NOW - timedelta(days=800)), ("young", NOW - timedelta(days=3))])
    forget_old_lines(path, NOW - timedelta(days=730))
    assert kept_in_file(path) == {"young": NOW - timedelta(days=3)}
    assert path.stat().st_mode & 0o077 == 0
    forget_old_lines(tmp_path / "none", NOW)


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[tuple[Settings, Engine]]:
    engine = open_database(database_url)
    migrate(engine)
    yield read_settings(demo=True, var_dir=tmp_path / "var", database_url=database_url), engine
    engine.dispose()


def test_an_erasure_committed_after_one_of_a_later_moment_is_forgotten_all_the_same(
    house: tuple[Settings, Engine],
) -> None:
    """Each is told by the moment at which it was begun; a long one is seen after a short one that was begun later."""
    settings, engine = house
    forgetting = Forgetting(engine, caller_memory(settings), settings, lambda: NOW)
    looks = []
    for fingerprint, at in (("short", NOW), ("long", NOW - timedelta(minutes=50)), (None, NOW)):
        if fingerprint:
            with writing(engine) as connection:
                keep_erased(connection, fingerprint, at)
        looks.append((forgetting.look(), set(kept_in_file(erased_file(settings)))))
    assert looks == [(1, {"short"}), (1, {"short", "long"}), (0, {"short", "long"})]
