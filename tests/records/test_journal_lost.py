"""A journal file taken away under its worker, a full disk, a folder with other things in it: nothing is lost."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path, PosixPath
from typing import Self

import pytest
from sqlalchemy import delete, update

from records.calls.disk.file import JournalFile
from records.calls.disk.reserve import keep_reserve, reserves
from records.calls.journal import DAY, Disk, Journal, is_left, journal_files
from records.calls.lines import read_lines
from records.database import Engine, writing
from records.facts import Fact
from records.schema.tables import facts, journal_offsets
from tests.records import play
from tests.records.clerks import NOW, clerk_of, count, outcomes
from tests.records.play import CALL

SIZE = 64 * 1024


def numbered(number: int) -> Fact:
    return replace(play.arrived(), n=number)


def stored(folder: Path) -> set[int]:
    found = [read_lines(path.read_bytes(), 0, is_last=True) for path in journal_files(folder)]
    return {fact.n for portion in found for fact in portion.facts}


def unlink(path: Path) -> None:
    path.unlink()


def truncate(path: Path) -> None:
    os.truncate(path, 0)


def cut(path: Path) -> None:
    os.truncate(path, 100)


def rename_over(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(b"something else\n")
    other.replace(path)


def move_away(path: Path) -> None:
    path.rename(path.with_suffix(".old"))


def remove_the_folder(path: Path) -> None:
    shutil.rmtree(path.parent)


TAKEN = {
    unlink: "unlinked",
    truncate: "truncated",
    cut: "truncated",
    rename_over: "replaced",
    move_away: "unlinked",
    remove_the_folder: "unlinked",
}


@pytest.mark.parametrize("reserved", [False, True])
@pytest.mark.parametrize(("take", "word"), TAKEN.items())
def test_a_file_taken_away_under_its_worker_is_written_again_whole(
    folder: Path, journal: Journal, take: Callable[[Path], None], word: str, reserved: bool
) -> None:
    """All ten that were acknowledged before, and the one that noticed."""
    if reserved:
        keep_reserve(folder, size=SIZE)
    assert all(journal.append([numbered(number)]) for number in range(10))
    take(journal_files(folder)[0])
    assert journal.append([numbered(10)])
    assert stored(folder) == set(range(11))
    assert journal.told[word] == 1
    assert journal.failures == 0


@pytest.mark.parametrize(("take", "word"), [(unlink, "unlinked"), (truncate, "truncated"), (rename_over, "replaced")])
def test_a_worker_that_nobody_calls_any_more_notices_as_well(
    folder: Path, journal: Journal, take: Callable[[Path], None], word: str
) -> None:
    assert all(journal.append([numbered(number)]) for number in range(10))
    take(journal_files(folder)[0])
    journal.look_after()
    assert stored(folder) == set(range(10))
    assert journal.told[word] == 1
    journal.look_after()
    assert journal.told[word] == 1


def test_what_somebody_put_in_the_place_of_a_file_is_never_removed(folder: Path, journal: Journal) -> None:
    journal.append([numbered(0)])
    (path,) = journal_files(folder)
    rename_over(path)
    journal.append([numbered(1)])
    assert path.read_bytes() == b"something else\n"


def test_a_file_taken_away_again_and_again_loses_nothing(folder: Path, journal: Journal) -> None:
    for number in range(20):
        assert journal.append([numbered(number)])
        for path in journal_files(folder):
            path.unlink()
    assert journal.append([numbered(20)])
    assert stored(folder) == set(range(21))


def test_the_ledger_has_every_call_of_a_file_that_was_unlinked(folder: Path, journal: Journal, engine: Engine) -> None:
    """The clerk was away when it happened; the fact that it sees twice is kept once."""
    clerk = clerk_of(folder, engine)
    journal.append(play.happy_path()[:4])
    assert clerk.drain_once().facts == 4
    journal.append(play.happy_path()[4:6])
    for path in journal_files(folder):
        path.unlink()
    journal.append(play.happy_path()[6:])
    assert clerk.drain_once().error is None
    assert clerk.losses["unlinked"] == 1
    assert outcomes(engine) == {CALL: "answered"}
    assert count(engine, facts) == len(play.happy_path())


@pytest.mark.parametrize(("take", "word"), [(truncate, "truncated"), (rename_over, "replaced")])
def test_the_clerk_tells_a_file_that_shrank_or_changed_and_goes_on(
    folder: Path, journal: Journal, engine: Engine, take: Callable[[Path], None], word: str
) -> None:
    clerk = clerk_of(folder, engine)
    journal.append(play.happy_path()[:4])
    clerk.drain_once()
    take(journal_files(folder)[0])
    assert clerk.drain_once().error is None
    assert clerk.losses == {word: 1}
    journal.append(play.happy_path()[4:])
    assert clerk.drain_once().error is None
    assert count(engine, facts) == len(play.happy_path())
    assert outcomes(engine) == {CALL: "answered"}


# ---------------------------------------------------------------- a disk that is full


class FullDisk(Disk):
    """A disk on which nothing new can be created, and no file grows beyond what is ready in it."""

    def __init__(self) -> None:
        self.is_full = False

    def create(self, path: Path) -> int:
        if self.is_full:
            raise OSError(28, "no space")
        return super().create(path)

    def write(self, descriptor: int, lines: bytes) -> int:
        here = os.lseek(descriptor, 0, os.SEEK_CUR)
        if self.is_full and here + len(lines) > os.fstat(descriptor).st_size:
            raise OSError(28, "no space")
        return super().write(descriptor, lines)


def test_a_full_disk_is_healed_from_the_reserve_and_counted(folder: Path) -> None:
    disk = FullDisk()
    journal = Journal(folder, "host-1", disk=disk)
    assert journal.append([numbered(0)])
    keep_reserve(folder, size=SIZE)
    disk.is_full = True
    assert all(journal.append([numbered(number)]) for number in range(1, 50))
    assert (journal.failures, journal.told["healed"]) == (0, 1)
    assert reserves(folder) == []
    assert keep_reserve(folder, size=SIZE)
    assert len(reserves(folder)) == 1
    journal.close()
    assert stored(folder) == set(range(50))


def test_what_a_disk_refused_for_good_waits_in_memory_until_it_takes_it(folder: Path) -> None:
    disk = FullDisk()
    journal = Journal(folder, "host-1", disk=disk)
    assert journal.append([numbered(0)])
    disk.is_full = True
    assert not any(journal.append([numbered(number)]) for number in (1, 2))
    journal.look_after()
    assert journal.told["refused"] == 2
    disk.is_full = False
    journal.look_after()
    assert stored(folder) == {0, 1, 2}
    assert journal.append([numbered(3)])
    journal.close()
    assert stored(folder) == {0, 1, 2, 3}


def test_a_reserve_that_has_no_room_is_not_made_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert not keep_reserve(tmp_path / "file")
    assert keep_reserve(tmp_path, size=SIZE, count=1)
    assert keep_reserve(tmp_path, size=SIZE, count=1)
    assert [path.name for path in reserves(tmp_path)] == ["1.reserve"]
    assert (tmp_path / "1.reserve").stat().st_mode & 0o777 == 0o600


def test_two_workers_never_take_the_same_reserve(folder: Path) -> None:
    keep_reserve(folder, size=SIZE)
    one, other = Journal(folder, "host-1"), Journal(folder, "host-2")
    assert one.append([numbered(1)])
    assert other.append([numbered(2)])
    assert len(journal_files(folder)) == 2
    for journal in (one, other):
        journal.close()
    assert stored(folder) == {1, 2}


def test_a_reserve_made_anew_while_two_workers_take_one_gives_them_no_common_file(folder: Path) -> None:
    """One is between opening it and giving it its name when the other takes it, and the clerk makes the next."""
    keep_reserve(folder, size=SIZE, count=1)
    (reserve,) = reserves(folder)
    one, other = Journal(folder, "host-1"), Journal(folder, "host-2")

    class Late(PosixPath):
        def rename(self, target: str | os.PathLike[str]) -> Self:
            one.append([numbered(1)])
            keep_reserve(folder, size=SIZE, count=1)
            return super().rename(target)

    mine = folder / "00000000000000000002-host-2.journal"
    with pytest.raises(OSError, match="replaced"):
        JournalFile.take(Late(reserve), mine, Disk())
    assert not mine.exists()
    assert other.append([numbered(2)])
    for journal in (one, other):
        journal.close()
    assert stored(folder) == {1, 2}


# ---------------------------------------------------------------- files that are ready, full of zeros


def test_the_clerk_takes_zeros_for_what_is_not_written_yet(folder: Path, journal: Journal, engine: Engine) -> None:
    keep_reserve(folder, size=SIZE)
    clerk = clerk_of(folder, engine)
    for fact in play.happy_path():
        assert journal.append([fact])
        drained = clerk.drain_once()
        assert (drained.facts, drained.torn, drained.error) == (1, 0, None)
    assert outcomes(engine) == {CALL: "answered"}


def test_what_is_not_written_yet_is_looked_at_once_a_round_and_not_at_all_while_nobody_calls(
    folder: Path, journal: Journal, engine: Engine
) -> None:
    """Eight megabytes of a file, several times a second: the web workers need the processor."""
    size = 32 * SIZE
    keep_reserve(folder, size=size)
    clerk = clerk_of(folder, engine)
    read = []
    for number in range(8):
        if number < 4:
            journal.append([numbered(number)])
        before = bytes_read()
        assert clerk.drain_once().facts == (number < 4)
        read.append(bytes_read() - before)
    assert max(read[:4]) < 1.8 * size
    assert max(read[4:]) < size / 4


def bytes_read() -> int:
    """By this process, from files."""
    told = Path("/proc/self/io").read_text(encoding="ascii")
    return int(told.split("rchar: ")[1].split()[0])


def test_a_line_written_within_one_tick_of_the_files_clock_is_read(
    folder: Path, journal: Journal, engine: Engine
) -> None:
    """The last line of a call, when nobody calls after it, waits for nobody."""
    keep_reserve(folder, size=SIZE)
    clerk = clerk_of(folder, engine)
    journal.append([numbered(1)])
    (path,) = journal_files(folder)
    clerk.drain_once()
    clerk.drain_once()
    tick = path.stat().st_mtime_ns
    journal.append([numbered(2)])
    os.utime(path, ns=(tick, tick))
    assert clerk.drain_once().facts == 1


def test_a_file_that_is_full_gives_way_to_the_next_one(folder: Path, journal: Journal, engine: Engine) -> None:
    keep_reserve(folder, size=2_000)
    for number in range(30):
        assert journal.append([numbered(number)])
    assert len(journal_files(folder)) == 2
    assert clerk_of(folder, engine).drain_once().torn == 0
    assert count(engine, facts) == 30


def test_what_was_ready_is_given_back_when_a_worker_dies(folder: Path, engine: Engine) -> None:
    """Killed in the middle of a line: what was acknowledged is there, and the torn line is counted."""
    keep_reserve(folder, size=SIZE)
    journal = Journal(folder, "host-1")
    journal.append([numbered(1)])
    (path,) = journal_files(folder)
    length = path.read_bytes().rstrip(b"\0")
    with path.open("r+b") as file:
        file.seek(len(length))
        file.write(length[:40])
    os.close(journal._file._descriptor)  # type: ignore[union-attr]
    assert is_left(path)
    clerk = clerk_of(folder, engine)
    drained = clerk.drain_once()
    assert (drained.facts, drained.torn, drained.error) == (1, 1, None)
    assert clerk.drain_once().torn == 0
    assert path.stat().st_size < SIZE


@pytest.mark.parametrize("hole", [1, 3_000, 700_000])
@pytest.mark.parametrize("is_open", [True, False])
def test_zeros_with_lines_behind_them_are_damage_that_costs_no_other_line(
    folder: Path, engine: Engine, hole: int, is_open: bool
) -> None:
    """A power cut that kept a later page and not an earlier one."""
    journal = Journal(folder, "host-1")
    journal.append([numbered(1)])
    (path,) = journal_files(folder)
    with path.open("ab") as file:
        file.write(bytes(hole))
    journal.append([numbered(2)])
    if not is_open:
        journal.close()
    clerk = clerk_of(folder, engine)
    drained = clerk.drain_once()
    assert (drained.facts, drained.error) == (2, None)
    assert drained.torn == 1
    assert clerk.drain_once().lines == 0
    journal.close()


# ---------------------------------------------------------------- one unreadable entry


def put_a_folder(folder: Path) -> Path:
    path = folder / "00000000000000000001-x.journal"
    path.mkdir()
    return path


def put_a_dangling_link(folder: Path) -> Path:
    path = folder / "00000000000000000001-x.journal"
    path.symlink_to(path)
    return path


def put_a_pipe(folder: Path) -> Path:
    path = folder / "00000000000000000001-x.journal"
    os.mkfifo(path)
    return path


@pytest.mark.parametrize("put", [put_a_folder, put_a_dangling_link, put_a_pipe])
def test_one_unreadable_entry_stops_no_other_file(
    folder: Path, journal: Journal, engine: Engine, put: Callable[[Path], Path], caplog: pytest.LogCaptureFixture
) -> None:
    journal.append(play.happy_path())
    path = put(folder)
    clerk = clerk_of(folder, engine)
    for _ in range(3):
        drained = clerk.drain_once()
        assert (drained.error, list(drained.unreadable)) == (None, [path.name])
    assert outcomes(engine) == {CALL: "answered"}
    assert [record.levelname for record in caplog.records].count("CRITICAL") == 1


# ---------------------------------------------------------------- seven days


def test_a_worker_leaves_its_file_when_the_day_is_over_even_when_nobody_calls(folder: Path) -> None:
    moment = [10 * DAY]
    journal = Journal(folder, "host-1", clock=lambda: moment[0])
    journal.append([numbered(1)])
    (path,) = journal_files(folder)
    moment[0] += DAY - 1
    journal.look_after()
    assert not is_left(path)
    moment[0] += 1
    journal.look_after()
    assert is_left(path)
    assert journal.append([numbered(2)])
    assert len(journal_files(folder)) == 2
    moment[0] -= 2 * DAY
    assert journal.append([numbered(3)])
    assert len(journal_files(folder)) == 3
    journal.close()


def test_no_line_is_on_the_disk_more_than_seven_days_after_it_was_moved(folder: Path, engine: Engine) -> None:
    """A worker that lives for two weeks with a call every six hours, and a clerk that looks every hour."""
    moment = datetime(2026, 1, 6, 5, tzinfo=UTC)
    journal = Journal(folder, "host-1", clock=lambda: int(moment.timestamp()) * 10**9)
    moved: dict[int, datetime] = {}
    clerk = clerk_of(folder, engine, clock=lambda: moment)
    for hour in range(14 * 24):
        if hour % 6 == 0:
            journal.append([numbered(hour)])
            moved[hour] = moment
        journal.look_after()
        assert clerk.drain_once().error is None
        for n in stored(folder):
            assert moment - moved[n] <= timedelta(days=7)
        kept = {n for n, at in moved.items() if moment - at < timedelta(days=5, hours=23)}
        assert kept <= stored(folder)
        moment += timedelta(hours=1)
    assert count(engine, facts) == len(moved)
    assert count(engine, journal_offsets) == len(journal_files(folder)) <= 8
    journal.close()


def test_a_file_that_vanishes_while_old_ones_are_deleted_stops_nothing(
    folder: Path, journal: Journal, engine: Engine
) -> None:
    journal.append(play.happy_path())
    journal.close()
    clerk = clerk_of(folder, engine, clock=lambda: NOW + timedelta(days=3650))
    assert clerk.drain_once().error is None
    assert journal_files(folder) == []
    assert clerk.drain_once().error is None
    assert not clerk.losses


def test_a_restored_database_has_the_file_that_is_still_written_replayed_at_once(
    folder: Path, journal: Journal, engine: Engine
) -> None:
    keep_reserve(folder, size=SIZE)
    journal.append([numbered(1)])
    clerk = clerk_of(folder, engine)
    assert clerk.drain_once().facts == 1
    assert clerk.drain_once().facts == 0, "nobody calls any more: the file is quiet"
    with writing(engine) as connection:
        connection.execute(delete(facts))
        connection.execute(update(journal_offsets).values(offset=0))
    clerk.forget_offsets()
    assert clerk.drain_once().facts == 1
