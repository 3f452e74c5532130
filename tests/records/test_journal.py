"""The journal: what was acknowledged is on the disk, and no damage to a line costs another one."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given as when
from hypothesis import settings
from hypothesis import strategies as st

from records.calls.journal import Disk, Journal, is_left, journal_files
from records.calls.lines import LONGEST_LINE, StrangeFactError, decode, encode, read_lines
from records.facts import Fact, FactKind, Source
from tests.records import play
from tests.records.play import BEGAN, CALL, STORIES


def facts_in(folder: Path) -> list[Fact]:
    found = [read_lines(path.read_bytes(), 0, is_last=True) for path in journal_files(folder)]
    return [fact for portion in found for fact in portion.facts]


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    made = Journal(tmp_path / "journal", "host-1")
    yield made
    made.close()


# ---------------------------------------------------------------- appending


def test_what_is_appended_is_read_back(journal: Journal) -> None:
    played = play.happy_path()
    assert journal.append(played[:4])
    assert journal.append(played[4:])
    assert facts_in(journal.folder) == played


def test_a_worker_has_one_file_that_nobody_else_may_read(journal: Journal) -> None:
    journal.append(play.busy())
    journal.append(play.happy_path())
    (path,) = journal_files(journal.folder)
    assert path.stat().st_mode & 0o777 == 0o600


def test_nothing_appended_makes_no_file(journal: Journal) -> None:
    assert journal.append([])
    assert journal_files(journal.folder) == []


def test_files_sort_by_the_moment_of_their_creation(tmp_path: Path) -> None:
    for number in range(12):
        one = Journal(tmp_path, f"host-{11 - number}")
        one.append([replace(play.arrived(), n=number)])
        one.close()
    assert [fact.n for fact in facts_in(tmp_path)] == list(range(12))


def test_a_file_that_grows_large_gives_way_to_a_new_one(tmp_path: Path) -> None:
    small = Journal(tmp_path, "host-1", rotate_at=1_000)
    for number in range(20):
        assert small.append([replace(play.arrived(), n=number)])
    small.close()
    assert len(journal_files(tmp_path)) > 2
    assert [fact.n for fact in facts_in(tmp_path)] == list(range(20))


def test_threads_of_one_worker_never_mix_their_lines(journal: Journal) -> None:
    def write(number: int) -> None:
        for n in range(25):
            journal.append([replace(fact, call=f"CA{number}-{n}") for fact in play.happy_path()])

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    written = facts_in(journal.folder)
    assert len(written) == 4 * 25 * len(play.happy_path())
    assert len({fact.key for fact in written}) == len(written)


def test_a_fact_too_long_for_a_line_has_its_texts_cut(journal: Journal) -> None:
    long = replace(play.arrived(), data={"text": "é" * 200_000, "n": 3})
    assert journal.append([long])
    (kept,) = facts_in(journal.folder)
    assert kept.data["n"] == 3
    assert len(kept.data["text"]) == 500


@pytest.mark.parametrize(
    "data",
    [
        {f"{number}": "x" * 600 for number in range(200)},
        {"text": "\x00\ud800\n\r\u2028"},
        {"thing": object(), "set": {1}},
        {("a", "b"): 1},
        {"deep": None},
    ],
)
def test_no_data_however_strange_keeps_a_line_from_being_written(journal: Journal, data: dict[Any, Any]) -> None:
    if "deep" in data:
        for _ in range(100_000):
            data = {"deep": data}
    assert journal.append([replace(play.arrived(), data=data)])
    assert len(facts_in(journal.folder)) == 1
    (path,) = journal_files(journal.folder)
    assert path.stat().st_size <= LONGEST_LINE + 10


# ---------------------------------------------------------------- the disk refuses


class FailingDisk(Disk):
    """A real disk on which the named calls fail: a write that is cut in two, a sync or a creation that is refused."""

    def __init__(self, **failing: set[int]) -> None:
        self._failing = failing
        self._seen = {"create": 0, "write": 0, "sync": 0}

    def _fails(self, name: str) -> bool:
        self._seen[name] += 1
        return self._seen[name] in self._failing.get(name, set())

    def create(self, path: Path) -> int:
        if self._fails("create"):
            raise OSError(28, "no space")
        return super().create(path)

    def write(self, descriptor: int, lines: bytes) -> int:
        return super().write(descriptor, lines[: len(lines) // 2] if self._fails("write") else lines)

    def sync(self, descriptor: int) -> None:
        if self._fails("sync"):
            raise OSError(5, "input/output error")
        super().sync(descriptor)


@pytest.mark.parametrize("call", ["create", "write", "sync"])
@pytest.mark.parametrize("moment", range(1, 13))
def test_an_error_of_the_disk_at_any_point_loses_nothing_acknowledged(tmp_path: Path, call: str, moment: int) -> None:
    """The lines go to a new file, and a torn line stays alone in the old one."""
    journal = Journal(tmp_path, "host-1", rotate_at=600, disk=FailingDisk(**{call: {moment}}))
    played = play.happy_path() * 2
    acknowledged = [fact for fact in played if journal.append([fact])]
    journal.close()
    assert acknowledged == played
    assert [fact.key for fact in played] == [fact.key for fact in facts_in(tmp_path)] or call == "sync"
    assert {fact.key for fact in played} == {fact.key for fact in facts_in(tmp_path)}


def test_a_disk_that_refuses_twice_is_told_and_counted_and_the_next_fact_is_tried_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    journal = Journal(tmp_path, "host-1", disk=FailingDisk(sync={2, 3}))
    played = play.happy_path()
    answers = [journal.append([fact]) for fact in played[:4]]
    journal.close()
    assert answers == [True, False, True, True]
    assert journal.failures == 1
    assert [record.levelname for record in caplog.records].count("CRITICAL") == 1
    assert play.CALLER not in caplog.text
    assert {played[0].key, played[2].key, played[3].key} <= {fact.key for fact in facts_in(tmp_path)}


def test_a_refusing_disk_is_not_filled_with_empty_files(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "host-1", disk=FailingDisk(write=set(range(1, 500))))
    assert not any(journal.append(play.happy_path()) for _ in range(50))
    assert journal_files(tmp_path) == []


def test_a_folder_that_cannot_be_made_is_a_false_and_no_exception(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert not Journal(tmp_path / "file" / "journal", "host-1").append(play.happy_path())


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from records.calls.journal import Journal
from tests.records import play
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, 1_000))
journal = Journal(Path(sys.argv[1]), "host-1")
print(sum(journal.append([fact]) for fact in play.happy_path() * 3))
"""


def test_real_short_writes_of_a_file_that_may_not_grow_lose_nothing(tmp_path: Path) -> None:
    """The kernel itself cuts each write at a thousand bytes of file: each time a new file is begun."""
    done = subprocess.run([sys.executable, "-c", FULL_DISK, str(tmp_path)], capture_output=True, text=True, check=True)  # noqa: S603 - this interpreter
    played = play.happy_path()
    assert int(done.stdout) == 3 * len(played)
    assert len(facts_in(tmp_path)) == 3 * len(played)
    assert any(read_lines(path.read_bytes(), 0, is_last=True).torn for path in journal_files(tmp_path))


# ---------------------------------------------------------------- who may still write


def test_a_file_is_left_when_its_writer_closes_it_or_dies(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "host-1")
    journal.append(play.busy())
    (path,) = journal_files(tmp_path)
    assert not is_left(path)
    journal.close()
    assert is_left(path)


# ---------------------------------------------------------------- reading damaged files


def test_a_last_line_without_its_end_waits_until_nothing_more_can_come() -> None:
    raw = b"".join(encode(fact) for fact in play.busy())
    cut = raw[:-1]
    waiting = read_lines(cut, 0, is_last=False)
    assert (len(waiting.facts), waiting.torn) == (len(play.busy()) - 1, 0)
    rest = read_lines(cut[waiting.offset :], waiting.offset, is_last=True)
    assert rest.facts == (play.busy()[-1],)
    assert rest.offset == len(cut)


FIFTY = [replace(fact, n=index) for index, fact in enumerate((play.happy_path() * 5)[:50])]
FILE = b"".join(encode(fact) for fact in FIFTY)


def test_one_wrong_byte_costs_at_most_its_own_line() -> None:
    """Every third byte of fifty lines is damaged, and each newline: the other facts are there, and no false one."""
    known = {fact.key for fact in FIFTY}
    newlines = {position for position, byte in enumerate(FILE) if byte == ord(b"\n")}
    for position in sorted(newlines | set(range(0, len(FILE), 3))):
        damaged = bytearray(FILE)
        damaged[position] ^= 1 << position % 8
        portion = read_lines(bytes(damaged), 0, is_last=True)
        kept = {fact.key for fact in portion.facts}
        assert kept <= known
        assert len(kept) >= len(known) - 1, position
        assert portion.torn >= 1 or len(kept) == len(known)


def test_a_file_cut_at_any_length_gives_every_whole_line() -> None:
    for length in range(0, len(FILE), 7):
        cut = FILE[:length]
        portion = read_lines(cut, 0, is_last=True)
        whole = cut.count(b"\n")
        assert len(portion.facts) in {whole, whole + 1}
        assert portion.facts == tuple(FIFTY[: len(portion.facts)])


def test_a_torn_line_never_swallows_the_next_one() -> None:
    one, two = encode(FIFTY[0]), encode(FIFTY[1])
    assert read_lines(one[:40] + two, 0, is_last=True).facts == (FIFTY[1],)
    assert read_lines(one[:-1] + two, 0, is_last=True).facts == (FIFTY[0], FIFTY[1])


@settings(max_examples=300)
@when(st.binary(max_size=400))
def test_garbage_is_no_fact_and_no_error(raw: bytes) -> None:
    portion = read_lines(raw, 0, is_last=True)
    assert portion.facts == ()
    assert portion.offset == len(raw)


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[]",
        "12",
        "null",
        '{"call":"CA1","kind":"from_the_future","n":1,"at":"2026-01-05T08:00:00+00:00","data":{}}',
        '{"call":"CA1","kind":"arrived","n":1,"at":"2026-01-05T08:00:00","data":{}}',
        '{"call":"CA1","kind":"arrived","n":"1","at":"2026-01-05T08:00:00+00:00","data":{}}',
        '{"call":"CA1","kind":"arrived","n":9223372036854775808,"at":"2026-01-05T08:00:00+00:00"}',
        '{"call":"","kind":"arrived","n":1,"at":"2026-01-05T08:00:00+00:00"}',
        '{"call":"CA\\u0000","kind":"arrived","n":1,"at":"2026-01-05T08:00:00+00:00"}',
        '{"call":"CA1","kind":"arrived","n":1,"at":"2026-01-05T08:00:00+00:00","data":[]}',
        '{"call":"CA1","kind":"arrived","n":1,"at":"2026-01-05T08:00:00+00:00","source":"nobody"}',
        '{"call":"CA1","kind":"arrived","n":1,"at":5}',
        "{" * 50_000,
    ],
)
def test_a_line_that_tells_no_known_fact_is_refused_by_name(text: str) -> None:
    with pytest.raises(StrangeFactError):
        decode(text)


@settings(max_examples=200)
@when(
    st.sampled_from(list(FactKind)),
    st.integers(0, 50),
    st.dictionaries(st.text(), st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.lists(st.text()))),
    st.datetimes(timezones=st.just(UTC), min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)),  # noqa: DTZ001 - bounds are naive
)
def test_every_fact_comes_back_as_it_was(kind: FactKind, n: int, data: dict[str, Any], at: datetime) -> None:
    fact = Fact(CALL, kind, n, at, "alice123", data, Source.RECONCILIATION)
    assert decode(encode(fact)[9:].decode()) == fact


def test_every_story_comes_back_as_it_was() -> None:
    for story in STORIES.values():
        for fact in story():
            assert decode(encode(fact)[9:].decode()) == fact
    assert play.happy_path()[0].at == BEGAN


class SlowDisk(Disk):
    """A disk whose syncs take their time and are counted, and of which one can be made to fail."""

    def __init__(self, *, fails_at: int = 0) -> None:
        """`fails_at` is the number of the sync that fails, 0: none does."""
        self.syncs = 0
        self._fails_at = fails_at

    def sync(self, descriptor: int) -> None:
        """Wait, count, fail when it is time."""
        self.syncs += 1
        time.sleep(0.005)
        if self.syncs == self._fails_at:
            raise OSError("the disk is tired")
        super().sync(descriptor)


@pytest.mark.parametrize("fails_at", [0, 1, 2, 5])
def test_threads_that_write_together_share_a_sync_and_lose_nothing_when_it_fails(tmp_path: Path, fails_at: int) -> None:
    """What was acknowledged is on the disk, whoever's sync it was that failed meanwhile."""
    disk = SlowDisk(fails_at=fails_at)
    journal = Journal(tmp_path, "w1", disk=disk)
    calls = [f"CA{number}" for number in range(48)]
    with ThreadPoolExecutor(8) as threads:
        kept = list(threads.map(lambda call: journal.append([Fact(call, FactKind.SILENT, 1, BEGAN)]), calls))
    journal.close()
    assert all(kept)
    assert disk.syncs < len(calls)
    assert {one.call for one in facts_in(tmp_path)} == set(calls)
