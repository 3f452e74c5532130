"""A database that was put back, or a disk that was lost, destroys no message that somebody left."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select, update

from records.database import Engine, reading, writing
from records.files.folder import folder_store
from records.files.store import DatabaseStore, FileStore
from records.schema.tables import calls, deliveries, desk_tasks, facts, tombstones
from tests.service.directories import MOMENT
from tests.voicemail.conftest import Desk, OperatorFake, call, message
from tests.voicemail.recordings import tone
from voicemail import store
from voicemail.naming import call_named, file_name

DAY = timedelta(days=1)


@pytest.fixture(params=["folder", "database"])
def shelf(request: pytest.FixtureRequest, desk: Desk) -> FileStore:
    """The desk's audio, kept in a folder and in the database."""
    if request.param == "database":
        kept = DatabaseStore(desk.engine, "voicemail", lambda: desk.moment[0])
        desk.work = replace(desk.work, audio=kept)
    return desk.work.audio


def put_back_an_older_database(engine: Engine) -> None:
    """One that knows nothing of the call."""
    with writing(engine) as connection:
        for table in (desk_tasks, deliveries, calls, facts):
            connection.execute(delete(table))


def file_of(desk: Desk, call_id: str) -> str | None:
    with reading(desk.engine) as connection:
        return connection.scalar(select(desk_tasks.c.audio_file).where(desk_tasks.c.call_id == call_id))


@dataclass
class Aged:
    """Files as if they were put there long ago."""

    folder: Path

    def by(self, span: timedelta, at: datetime) -> None:
        for path in self.folder.iterdir():
            os.utime(path, times=((at - span).timestamp(),) * 2)


def test_a_message_that_came_after_the_backup_is_heard_again_once_the_journal_is_replayed(
    desk: Desk, operator: OperatorFake, shelf: FileStore
) -> None:
    """The operator's copy is gone by then: what we kept is the only one."""
    facts_of_it = call("CA1", message("RE1"))
    desk.heard(*facts_of_it)
    desk.work.work()
    put_back_an_older_database(desk.engine)
    operator.answers = [404]
    desk.wait(3 * DAY)
    desk.work.erase_old()  # the night comes before the journal is replayed
    desk.heard(*facts_of_it)
    desk.work.work()
    assert file_of(desk, "CA1") == "CA1.RE1.wav"
    assert shelf.get("CA1.RE1.wav") == tone(5.0)


def test_the_operators_copy_stays_two_days_more_and_never_longer_than_the_message_may(
    desk: Desk, operator: OperatorFake
) -> None:
    desk.heard(*call("CA1", message("RE1")))
    desk.work.work()
    desk.wait(timedelta(hours=47))
    desk.work.work()
    assert operator.deleted() == []
    desk.wait(timedelta(hours=2))
    desk.work.work()
    assert operator.deleted() == ["RE1"]


def test_a_message_fetched_on_its_last_day_leaves_the_operator_on_that_day(desk: Desk, operator: OperatorFake) -> None:
    desk.heard(*call("CA1", message("RE1")))
    desk.wait(30 * DAY - timedelta(hours=1))
    desk.work.work()
    desk.wait(timedelta(hours=2))
    desk.work.work()
    assert operator.deleted() == ["RE1"]


def test_an_erased_message_leaves_the_operator_at_once(desk: Desk, operator: OperatorFake) -> None:
    desk.heard(*call("CA1", message("RE1")))
    desk.work.work()
    with reading(desk.engine) as connection:
        audio = store.audio_of(connection, "CA1")
    assert audio is not None
    desk.work.erase([audio])
    desk.work.forget()
    assert operator.deleted() == ["RE1"]
    assert list(desk.work.audio.list()) == []


def test_a_file_that_left_our_disk_is_fetched_again_while_the_operator_has_it(
    desk: Desk, operator: OperatorFake, shelf: FileStore
) -> None:
    desk.heard(*call("CA1", message("RE1")))
    desk.work.work()
    shelf.delete("CA1.RE1.wav")
    desk.wait(timedelta(hours=5))
    assert desk.work.seek_lost() == 1
    desk.work.work()
    assert shelf.get("CA1.RE1.wav") == tone(5.0)
    assert desk.work.seek_lost() == 0
    desk.wait(2 * DAY)
    desk.work.work()
    assert operator.deleted() == ["RE1"]


def test_the_file_of_an_erased_caller_that_a_backup_brought_back_goes_the_next_night(
    desk: Desk, shelf: FileStore
) -> None:
    shelf.put("CA1.RE1.wav", tone(5.0))
    shelf.put("CA2.RE2.wav", tone(5.0))
    with writing(desk.engine) as connection:
        connection.execute(insert(tombstones).values(call_id="CA1", erased_at=MOMENT))
    if isinstance(shelf, DatabaseStore):
        desk.work.erase_old()
    else:
        desk.moment[0] = datetime.now(UTC)  # files of a folder bear the machine's own time
        desk.work.erase_old()
    assert list(shelf.list()) == ["CA2.RE2.wav"]


def test_an_orphan_is_deleted_when_a_message_would_be(desk: Desk) -> None:
    desk.work.audio.put("CA2.RE2.wav", tone(5.0))
    for draft in (".CA3.RE3.wav.0123abcd", ".0123456789abcdef.wav"):  # their writer died
        (desk.folder / draft).write_bytes(tone(1.0))
    Aged(desk.folder).by(31 * DAY, desk.moment[0])
    desk.work.erase_old()
    assert list(desk.folder.iterdir()) == []


def test_a_file_of_an_earlier_version_gets_the_name_by_which_its_message_finds_it(desk: Desk, shelf: FileStore) -> None:
    desk.heard(*call("CA1", message("RE1")))
    desk.work.work()
    shelf.put("0123456789abcdef0123456789abcdef.wav", tone(5.0))
    shelf.delete("CA1.RE1.wav")
    with writing(desk.engine) as connection:
        connection.execute(update(desk_tasks).values(audio_file="0123456789abcdef0123456789abcdef.wav"))
    desk.work.erase_old()
    assert file_of(desk, "CA1") == "CA1.RE1.wav"
    assert list(shelf.list()) == ["CA1.RE1.wav"]


def test_a_message_erased_while_its_audio_came_leaves_no_file(desk: Desk, operator: OperatorFake) -> None:
    desk.heard(*call("CA1", message("RE1")))
    with reading(desk.engine) as connection:
        audio = store.audio_of(connection, "CA1")
    assert audio is not None
    gone = replace(audio, file=None)

    class Slow:
        """Whoever erases is quicker."""

        folder = desk.work.audio

        def put(self, name: str, content: bytes) -> None:
            self.folder.put(name, content)
            desk.work.erase([gone])
            self.folder.put(name, content)

        get, delete, list = folder.get, folder.delete, folder.list

    replace(desk.work, audio=Slow()).work()
    assert list(desk.work.audio.list()) == []
    desk.work.work()
    assert operator.deleted() == ["RE1"]


@pytest.mark.parametrize("call_id", ["CA1", "CA" + "0" * 32, "a/b", "..", "é~", "x" * 64, "/" * 64])
def test_a_name_tells_its_call_whatever_the_operators_ids_look_like(call_id: str, tmp_path: Path) -> None:
    name = file_name(call_id, call_id)
    assert call_named(name) == call_id
    assert len(name) <= 200
    folder_store(tmp_path).put(name, b"x")
    assert list(folder_store(tmp_path).list()) == [name]


@pytest.mark.parametrize("name", ["0" * 32 + ".wav", "a.b", "", ".a.b.wav", "~!.RE.wav"])
def test_another_name_is_of_no_call(name: str) -> None:
    assert call_named(name) is None


@pytest.mark.parametrize("name", ["", ".", "..", "../a", "a/b", "/etc/passwd", "a\n", "x" * 201])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    kept = folder_store(tmp_path / "kept")
    with pytest.raises(FileNotFoundError):
        kept.put(name, b"x")
    assert kept.get(name) is None


def test_a_draft_that_goes_while_the_folder_is_swept_keeps_no_other_from_going(tmp_path: Path) -> None:
    """A link to nowhere reads as a file does that is gone by then."""
    (tmp_path / ".CA1.RE1.wav.0123abcd").symlink_to(tmp_path / "nowhere")
    old = tmp_path / ".CA2.RE2.wav.0123abcd"
    old.touch()
    os.utime(old, (0, 0))
    folder_store(tmp_path).sweep_drafts(datetime(2026, 11, 24, tzinfo=UTC))
    assert not old.exists()
