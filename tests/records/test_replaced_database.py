"""A database that is replaced, deleted or set back while it is in use: noticed, and the journal is moved again."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, text

from records.calls.journal import Journal
from records.database import Engine, SQLAlchemyError, begin_anew, is_unreachable, open_database, reading, writing
from records.schema.tables import calls, facts, journal_offsets, metadata
from records.sqlite_file import DatabaseReplaced
from tests.records import play
from tests.records.clerks import NOW, clerk_of, count, outcomes
from tests.records.play import CALL


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "svi.sqlite"


def opened(path: Path) -> Engine:
    engine = open_database(f"sqlite:///{path}")
    metadata.create_all(engine)
    return engine


def copy_of(path: Path) -> Path:
    """A backup as SQLite itself makes it, of the moment."""
    backup = path.with_name("backup.sqlite")
    with sqlite3.connect(path) as connection:
        connection.execute("VACUUM INTO ?", (str(backup),))
    connection.close()
    return backup


def note(engine: Engine, name: str) -> None:
    with writing(engine) as connection:
        connection.execute(text("insert into tombstones values (:name, '2026-01-01 00:00:00')"), {"name": name})


def noted(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        assert connection.scalar(text("pragma integrity_check")) == "ok"
        return list(connection.scalars(text("select call_id from tombstones order by call_id")))


def test_every_process_that_has_the_file_open_goes_on_with_the_one_that_stands_there_now(path: Path) -> None:
    """The writes that the old file's log still held are not played over the new one."""
    one, other = opened(path), opened(path)
    note(one, "before")
    backup = copy_of(path)
    for number in range(50):
        note(one, f"lost {number:02}")
        note(other, f"lost too {number:02}")
    backup.replace(path)
    assert noted(other) == ["before"]
    note(one, "after")
    assert noted(one) == noted(other) == ["after", "before"]
    one.dispose()
    other.dispose()


KILLED = """
import os, sys
from records.database import open_database, writing
from sqlalchemy import text
with writing(open_database(sys.argv[1])) as connection:
    connection.execute(text("insert into tombstones values ('lost', '2026-01-01 00:00:00')"))
os.kill(os.getpid(), 9)
"""


def test_the_log_of_a_file_removed_while_nobody_was_there_is_not_played_over_the_copy_that_got_its_inode(
    path: Path,
) -> None:
    """`rm` and `cp` of a backup after a power cut: the log beside it is of the file that is no more."""
    engine = opened(path)
    note(engine, "before")
    backup = copy_of(path)
    engine.dispose()
    subprocess.run([sys.executable, "-c", KILLED, f"sqlite:///{path}"], check=False)  # noqa: S603
    assert path.with_name("svi.sqlite-wal").stat().st_size > 0
    inode = path.stat().st_ino
    path.unlink()
    shutil.copyfile(backup, path)
    if path.stat().st_ino != inode:
        pytest.skip("this file system does not give an inode again at once")
    again = open_database(f"sqlite:///{path}")
    assert noted(again) == ["before"]
    assert path.with_name("svi.sqlite-wal.replaced").exists()
    again.dispose()


def test_what_was_committed_to_a_file_that_is_no_more_the_database_is_an_error(path: Path) -> None:
    engine = opened(path)
    backup = copy_of(path)

    def write_while_it_is_replaced() -> None:
        with writing(engine) as connection:
            connection.execute(text("insert into tombstones values ('CA1', '2026-01-01 00:00:00')"))
            backup.replace(path)

    with pytest.raises(DatabaseReplaced) as caught:
        write_while_it_is_replaced()
    assert is_unreachable(caught.value)
    assert noted(engine) == []
    engine.dispose()


def test_a_deleted_file_is_not_made_again_by_whoever_comes_first(path: Path) -> None:
    """An empty file would be taken for the database, and would be in the way of the one that is put back."""
    engine = opened(path)
    note(engine, "before")
    path.unlink()
    with pytest.raises(SQLAlchemyError) as caught:
        noted(engine)
    assert is_unreachable(caught.value)
    assert not path.exists()
    begin_anew(engine)
    metadata.create_all(engine)
    assert noted(engine) == []
    engine.dispose()


def test_a_whole_folder_that_is_gone_is_a_database_that_is_away(tmp_path: Path) -> None:
    path = tmp_path / "data" / "svi.sqlite"
    path.parent.mkdir()
    engine = opened(path)
    path.parent.rename(tmp_path / "elsewhere")
    with pytest.raises(SQLAlchemyError) as caught:
        noted(engine)
    assert is_unreachable(caught.value)
    begin_anew(engine)
    metadata.create_all(engine)
    assert noted(engine) == []
    engine.dispose()


def test_a_folder_copied_with_its_log_keeps_what_stands_in_the_log(path: Path, tmp_path: Path) -> None:
    """Another disk gives other inodes to files that belong together."""
    engine = opened(path)
    note(engine, "in the log")
    copies = tmp_path / "moved"
    copies.mkdir()
    for file in (path, path.with_name("svi.sqlite-wal"), path.with_name(".svi.sqlite.files")):
        (copies / file.name).write_bytes(file.read_bytes())
    engine.dispose()
    moved = open_database(f"sqlite:///{copies / path.name}")
    assert noted(moved) == ["in the log"]
    moved.dispose()


def test_the_clerk_moves_the_journal_again_into_a_database_that_was_set_back(
    folder: Path, journal: Journal, engine: Engine
) -> None:
    """Restored from a backup on either kind of database: what it does not know is known again within a round."""
    moment = [NOW]
    clerk = clerk_of(folder, engine, clock=lambda: moment[0])
    journal.append(play.happy_path())
    assert clerk.drain_once().set_back is False
    with writing(engine) as connection:
        for table in (facts, calls, journal_offsets):
            connection.execute(delete(table))
    assert clerk.drain_once().set_back is False
    moment[0] += timedelta(seconds=3)
    found = clerk.drain_once()
    assert (found.set_back, found.error, found.facts) == (True, None, len(play.happy_path()))
    assert outcomes(engine) == {CALL: "answered"}


def test_a_line_that_comes_before_the_setback_is_noticed_is_not_moved_without_those_before_it(
    folder: Path, journal: Journal, engine: Engine
) -> None:
    clerk = clerk_of(folder, engine)
    journal.append(play.happy_path()[:4])
    clerk.drain_once()
    with writing(engine) as connection:
        for table in (facts, calls, journal_offsets):
            connection.execute(delete(table))
    journal.append(play.happy_path()[4:])
    assert clerk.drain_once().set_back is True
    assert count(engine, facts) == len(play.happy_path())
    with reading(engine) as connection:
        assert connection.scalar(select(calls.c.outcome)) == "answered"
