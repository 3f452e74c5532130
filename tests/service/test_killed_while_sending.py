"""A worker that is killed while it sends loses no mail, whatever the mail is about; on both databases."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from records.calls.ledger import record, refold
from records.database import Engine, open_database, writing
from records.schema.migrations import migrate
from routing.departements import PARIS, timezone_of
from service.directory.snapshots import SnapshotFile
from service.settings import Settings, read_settings
from tests.reports.tables import outage, store
from tests.service.directories import MOMENT, person, snapshot
from tests.service.mail_process import KINDS, round_of
from tests.service.mail_server import HoldingServer, mail_server
from tests.voicemail.conftest import call, callback

PROJECT = Path(__file__).parents[2]
AFTER_THE_LEASE = timedelta(minutes=5, seconds=1)
WHEN = {
    "survey": datetime(2026, 10, 29, 9, tzinfo=PARIS),
    "report": datetime(2026, 11, 1, 9, tzinfo=PARIS),
    "alert": datetime(2026, 10, 20, 12, tzinfo=UTC),
    "bulletin": MOMENT,
    "notice": MOMENT,
}


@dataclass
class House:
    """A service with a directory of two readers, something to tell of, and a mail server."""

    settings: Settings
    engine: Engine
    server: HoldingServer

    def work(self, kind: str, at: datetime) -> None:
        round_of(kind, self.settings, self.engine, lambda: at)

    def is_killed_at_work(self, kind: str, at: datetime, holds: str) -> None:
        """A worker of its own process gets no answer to its first mail, and is killed."""
        self.server.holds = holds
        given = (str(self.settings.var_dir), self.settings.database_url, self.settings.mail_url, at.isoformat())
        command = [sys.executable, "-m", "tests.service.mail_process", kind, *given]
        with subprocess.Popen(command, cwd=PROJECT) as worker:  # noqa: S603 - written above
            while not self.server.is_holding.wait(0.1):  # however long a busy machine takes to start it
                assert worker.poll() is None, "it ended, and sent nothing"
            worker.kill()

    def taken(self) -> Counter[str]:
        """How often each mail came, by its name."""
        return Counter(message["Message-ID"] for message in self.server.taken)


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[House]:
    with mail_server() as (server, url):
        settings = read_settings(demo=True, var_dir=tmp_path / "var", database_url=database_url, mail_url=url)
        engine = open_database(database_url)
        migrate(engine)
        national = replace(person("Equipe", "*"), email="i.roussel@exemple.fr")
        SnapshotFile(settings.var_dir).write(snapshot(1, person(), national))
        with writing(engine) as connection:
            told = record(connection, call("CA1", callback()), origin="tests", at=MOMENT)
            refold(connection, told, timezone_of=timezone_of, at=MOMENT)
            for calls in outage(WHEN["alert"]):
                store(connection, calls)
        yield House(settings, engine, server)
        engine.dispose()


@pytest.mark.parametrize("kind", KINDS)
def test_a_mail_whose_worker_is_killed_before_it_leaves_is_sent_by_the_next(house: House, kind: str) -> None:
    at = WHEN[kind]
    house.is_killed_at_work(kind, at, "before taking")
    assert not house.taken()
    house.work(kind, at + AFTER_THE_LEASE)
    assert len(house.taken()) == (2 if kind == "survey" else 1)
    assert set(house.taken().values()) == {1}


def test_a_mail_whose_worker_is_killed_before_marking_it_comes_twice_under_one_name(house: House) -> None:
    at = WHEN["survey"]
    house.is_killed_at_work("survey", at, "after taking")
    first = house.server.taken[0]["Message-ID"]
    house.work("survey", at + AFTER_THE_LEASE)
    assert house.taken()[first] == 2
    assert sorted(house.taken().values()) == [1, 2]


def test_a_mail_that_another_worker_is_sending_is_left_to_it_as_long_as_its_lease_lasts(house: House) -> None:
    at = WHEN["survey"]
    house.is_killed_at_work("survey", at, "before taking")
    house.work("survey", at + timedelta(minutes=4))
    assert len(house.taken()) == 1, "the other mail of the survey"
