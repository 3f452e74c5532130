"""Files that one machine took, given by another: both reach the database (AUDIO_STORE=database)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from records.database import Engine, open_database, reading, writing
from records.files.store import DatabaseStore
from records.schema.audio_tables import stored_files
from records.schema.tables import metadata
from records.schema.written_tables import attachments
from support.attachments.attachment import Attachment, Upload
from support.attachments.caring import AttachmentCare
from support.attachments.folder import FileLost
from support.attachments.keeping import Attachments
from support.attachments.store import forget_waiting
from tests.support.house import Clock

WHO = "sam.invente@asso.example"


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = open_database(database_url)
    metadata.create_all(made)
    yield made
    made.dispose()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def machine(folder: Path, engine: Engine, clock: Clock) -> Attachments:
    return Attachments(folder, None, DatabaseStore(engine, "pieces", clock))


def kept(files: Attachments, engine: Engine, clock: Clock, content: bytes = b"bonjour") -> Attachment:
    with writing(engine) as connection:
        (one,) = files.keep(connection, [Upload("a.txt", content)], by=WHO, at=clock(), filed_key="form")
    return one


def test_another_machine_gives_the_file_and_no_folder_is_made(engine: Engine, tmp_path: Path, clock: Clock) -> None:
    here, there = machine(tmp_path / "a", engine, clock), machine(tmp_path / "b", engine, clock)
    one = kept(here, engine, clock)
    assert there.content_of(one) == b"bonjour"
    assert list(tmp_path.glob("?")) == []


def test_what_is_not_what_was_kept_is_not_given(engine: Engine, tmp_path: Path, clock: Clock) -> None:
    files = machine(tmp_path, engine, clock)
    one = kept(files, engine, clock)
    with writing(engine) as connection:
        connection.execute(update(stored_files).values(content=b"autre"))
    with pytest.raises(FileLost):
        files.content_of(one)


def test_a_file_goes_with_its_transaction_and_with_its_form(engine: Engine, tmp_path: Path, clock: Clock) -> None:
    files = machine(tmp_path, engine, clock)

    def kept_names() -> list[str]:
        with reading(engine) as connection:
            return list(connection.scalars(select(stored_files.c.name)))

    with engine.connect() as connection:
        files.keep(connection, [Upload("a.txt", b"a")], by=WHO, at=clock(), filed_key="form")
        connection.rollback()
    assert kept_names() == []
    first, second = kept(files, engine, clock, b"un"), kept(files, engine, clock, b"deux")
    with writing(engine) as connection:
        assert forget_waiting(connection, first.id, "form")
    care = AttachmentCare(engine, files, clock)
    care.sweep()
    assert set(kept_names()) == {first.stored, second.stored}
    clock.advance(days=1, minutes=1)
    care.sweep()
    assert kept_names() == []


def test_a_file_whose_line_a_wrong_database_has_lost_is_there_for_a_week(
    engine: Engine, tmp_path: Path, clock: Clock
) -> None:
    """The right one may be put back: the file is still what its line says."""
    files = machine(tmp_path, engine, clock)
    one = kept(files, engine, clock)
    with writing(engine) as connection:
        connection.execute(delete(attachments))
    care = AttachmentCare(engine, files, clock)
    clock.advance(days=7)
    care.sweep()
    assert files.content_of(one) == b"bonjour"
    clock.advance(days=1, minutes=1)
    care.sweep()
    with pytest.raises(FileLost):
        files.content_of(one)
    assert timedelta(days=8) == clock() - one.added_at - timedelta(minutes=1)
