"""Two machines, each with a disk of its own, on one database: what one learns of a caller the other knows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from ivr.memory.callers import MemoryFile
from ivr.memory.recollecting import RedialLimits
from ivr.memory.sharing import SharedMemory
from records.database import Engine, open_database, reading
from records.facts import Outcome
from records.schema.audio_tables import remembered_lines
from records.schema.tables import metadata
from tests.service.test_memory_file import CALLER, NOON, OTHER, SECRET, ended

LIMITS = RedialLimits(calls=4)
AWAY = "postgresql://nobody@127.0.0.1:9/away"


@dataclass
class Machine:
    """Its file, its clerk's memory, and one of its web workers."""

    folder: Path
    engine: Engine
    moment: list[datetime]

    def __post_init__(self) -> None:
        self.clerk = SharedMemory(self._file(), self.engine, lambda: self.moment[0])
        self.worker = self._file()

    def _file(self) -> MemoryFile:
        return MemoryFile(self.folder, SECRET, limits=LIMITS)

    def restarts(self) -> None:
        self.__post_init__()

    def text(self) -> str:
        return self.clerk.file.path.read_text() if self.clerk.file.path.exists() else ""


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = open_database(database_url)
    metadata.create_all(made)
    yield made
    made.dispose()


@pytest.fixture
def moment() -> list[datetime]:
    return [NOON]


@pytest.fixture
def two(engine: Engine, tmp_path: Path, moment: list[datetime]) -> tuple[Machine, Machine]:
    return Machine(tmp_path / "a", engine, moment), Machine(tmp_path / "b", engine, moment)


def test_a_call_answered_by_one_machine_knows_what_the_other_learnt(two: tuple[Machine, Machine]) -> None:
    here, there = two
    here.clerk.remember([ended("CA1")], NOON)
    assert there.worker.recall(CALLER, NOON).departement is None
    there.clerk.exchange()
    assert there.worker.recall(CALLER, NOON).departement == "93"


def test_who_redials_on_two_machines_in_turn_is_flagged_on_both(two: tuple[Machine, Machine]) -> None:
    for number in range(LIMITS.calls):
        two[number % 2].clerk.exchange()
        two[number % 2].clerk.remember([ended(f"CA{number}")], NOON)
    for machine in two:
        machine.clerk.exchange()
        assert machine.worker.recall(CALLER, NOON).is_redialling
    later = NOON + timedelta(seconds=1)
    two[0].clerk.remember([ended("CA9", at=later, outcome=Outcome.ANSWERED)], later)
    two[1].clerk.exchange()
    assert not two[1].worker.recall(CALLER, later).is_redialling


def test_calls_that_two_machines_took_at_one_moment_count_together(two: tuple[Machine, Machine]) -> None:
    """Neither knew of the other's calls when it counted its own."""
    here, there = two
    here.clerk.remember([ended("CA0"), ended("CA1")], NOON)
    there.clerk.remember([ended("CA2"), ended("CA3")], NOON)
    for machine in (there, here):
        machine.clerk.exchange()
        assert machine.worker.recall(CALLER, NOON).is_redialling


def test_a_forgotten_number_is_forgotten_by_every_machine(two: tuple[Machine, Machine], engine: Engine) -> None:
    here, there = two
    here.clerk.remember([ended("CA1"), ended("CA2", caller=OTHER)], NOON)
    there.clerk.exchange()
    assert here.clerk.forget(CALLER)
    there.clerk.exchange()
    fingerprint = here.clerk.fingerprint(CALLER)
    for machine in two:
        assert machine.worker.recall(CALLER, NOON).departement is None
        assert machine.worker.recall(OTHER, NOON).departement == "93"
        assert fingerprint not in machine.text()
    with reading(engine) as connection:
        kept = connection.scalars(select(remembered_lines.c.key)).all()
    assert [key for key in kept if fingerprint in key] == [f"f:{fingerprint}"]


def test_a_machine_that_was_off_meanwhile_forgets_when_it_is_back(two: tuple[Machine, Machine]) -> None:
    here, there = two
    here.clerk.remember([ended("CA1")], NOON)
    there.clerk.exchange()
    here.clerk.forget(CALLER)
    there.restarts()
    there.clerk.exchange()
    assert there.worker.recall(CALLER, NOON).departement is None


def test_a_number_that_calls_again_after_it_was_forgotten_is_remembered_again(two: tuple[Machine, Machine]) -> None:
    here, there = two
    here.clerk.remember([ended("CA1")], NOON)
    here.clerk.forget(CALLER)
    later = NOON + timedelta(hours=1)
    here.clerk.remember([ended("CA2", departement="75", at=later)], later)
    for _ in range(2):
        there.clerk.exchange()
        assert there.worker.recall(CALLER, later).departement == "75"
        there.restarts()


def test_a_new_disk_knows_what_is_in_the_database(two: tuple[Machine, Machine], tmp_path: Path) -> None:
    here, _ = two
    here.clerk.remember([ended("CA1")], NOON)
    fresh = Machine(tmp_path / "new", here.engine, here.moment)
    fresh.clerk.exchange()
    assert fresh.worker.recall(CALLER, NOON).departement == "93"


def test_a_machine_whose_database_is_away_goes_on_with_its_file(tmp_path: Path, moment: list[datetime]) -> None:
    away = open_database(AWAY)
    alone = Machine(tmp_path / "alone", away, moment)
    alone.clerk.remember([ended("CA1")], NOON)
    assert alone.worker.recall(CALLER, NOON).departement == "93"
    away.dispose()


def test_what_a_database_that_was_away_did_not_hear_is_told_when_it_is_back(two: tuple[Machine, Machine]) -> None:
    here, there = two
    away = open_database(AWAY)
    here.clerk._engine = away
    here.clerk.remember([ended("CA1")], NOON)
    here.clerk._engine = there.engine
    here.clerk.exchange()
    there.clerk.exchange()
    assert there.worker.recall(CALLER, NOON).departement == "93"
    away.dispose()


def test_an_older_database_that_was_put_back_is_read_from_its_beginning(
    two: tuple[Machine, Machine], engine: Engine
) -> None:
    here, there = two
    here.clerk.remember([ended(f"CA{number}") for number in range(5)], NOON)
    there.clerk.exchange()
    with engine.begin() as connection:
        connection.execute(remembered_lines.delete())
        line = f'["c","{there.clerk.fingerprint(OTHER)}","abc",1796644800,1796644800,"75",false]'
        connection.execute(remembered_lines.insert().values(id=1, key="c:x", line=line, until=2_000_000_000))
    there.clerk.exchange()
    assert there.worker.recall(OTHER, NOON).departement == "75"


def test_the_table_keeps_the_last_calls_of_each_caller_and_nothing_that_counts_no_more(
    two: tuple[Machine, Machine], engine: Engine, moment: list[datetime]
) -> None:
    here, _ = two
    days = [NOON + timedelta(days=day) for day in range(8)]
    for number, day in enumerate(days):
        here.clerk.remember([ended(f"CA{number}", at=day)], day)
    moment[0] = days[-1]
    assert here.clerk.forget_old() > 0
    with reading(engine) as connection:
        assert len(connection.scalars(select(remembered_lines.c.key)).all()) == 5
    moment[0] = NOON + timedelta(days=100)
    here.clerk.forget_old()
    with reading(engine) as connection:
        assert connection.scalars(select(remembered_lines.c.key)).all() == []


def test_the_table_holds_no_number_and_no_call_id(two: tuple[Machine, Machine], engine: Engine) -> None:
    two[0].clerk.remember([ended("CA0123456789")], NOON)
    with reading(engine) as connection:
        told = str(connection.execute(select(remembered_lines)).all())
    assert "639981234" not in told
    assert "CA0123456789" not in told
