"""Somebody is told, once, until it is solved: by the outbox, or without a database; with a real mail server."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select

from records import outbox
from records.alerting import figures
from records.alerting.telling import open_alerts, over_since
from records.database import open_database, reading, writing
from records.desks.accounts import add_account
from records.desks.permissions import AccountRole
from records.mail import Mail, Sender
from records.outbox import Owed
from records.schema.migrations import migrate
from records.schema.tables import deliveries, journal_offsets
from routing.rules import Rules
from routing.snapshot import Snapshot
from service.mail import SmtpSender
from service.running.watching.state import read_state, write_state
from service.running.watching.telling.sight import Certificate
from service.running.watching.telling.watch import Means, Watch
from service.settings import Settings, read_settings
from tests.service.mail_server import HoldingServer, mail_server
from tests.service.waiting import eventually

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
AWAY = "postgresql://nobody@127.0.0.1:9/away"
HEADERS = {"From": "SI SIAO <ne-pas-repondre@siao.example>"}


@dataclass
class Refusing:
    """A mail server that takes nothing."""

    def send(self, mail: Mail) -> None:
        """Refuse."""
        raise OSError(mail.to)


@dataclass
class Machine:
    """One machine that is watched, with its clock, its states, its own connection to the database."""

    folder: Path
    engine: Engine
    mail: Sender | None
    name: str = "svi-1"
    now: datetime = NOW
    door: float | None = 0.01
    certificate: Certificate | None = None
    values: dict[str, Any] = field(default_factory=dict)
    watch: Watch = field(init=False)

    def __post_init__(self) -> None:
        self.restart()

    @property
    def settings(self) -> Settings:
        return read_settings(var_dir=self.folder, public_url="https://svi.example", secret_key="made-up", **self.values)

    def restart(self) -> None:
        """The process of the watch begins anew."""
        nobody = Snapshot(1, NOW, (), Rules())
        self.watch = Watch(
            Means(
                self.settings, self.engine, lambda: self.now, self.name, lambda: nobody, self.mail,
                lambda: self.door, lambda _url: self.certificate,
            )
        )  # fmt: skip

    def speak(self, name: str, **told: object) -> None:
        """A process says how it is."""
        write_state(self.settings.state_dir, name, self.now, **told)

    def look(self, minutes: float = 1, *, well: bool = True) -> list[str]:
        """Time passes, everybody speaks, and the watch looks."""
        self.now += timedelta(minutes=minutes)
        if well:
            self.speak("clerk", drained_at=self.now.isoformat(), error=None)
            self.speak("jobs", failing=[])
        return [str(one.kind) for one in self.watch.look()]


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine that runs the tests is no database that is away."""
    monkeypatch.setattr("service.running.watching.telling.watch.QUICK", 60.0)


@pytest.fixture
def mails() -> Iterator[tuple[HoldingServer, SmtpSender]]:
    with mail_server() as (server, url):
        yield server, SmtpSender(url, HEADERS, "", b"made-up")


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    opened = open_database(database_url)
    migrate(opened)
    with writing(opened) as connection:
        for email, role in (("sacha@siao.example", AccountRole.NATIONAL), ("ada@siao.example", AccountRole.ADMIN)):
            add_account(connection, email=email, name="", role=role, departements=(), by="test", at=NOW)
        add_account(
            connection, email="camille@siao.example", name="", role=AccountRole.REFERENT, departements=("75",),
            by="test", at=NOW,
        )  # fmt: skip
    yield opened
    opened.dispose()


@pytest.fixture
def machine(tmp_path: Path, engine: Engine, mails: tuple[HoldingServer, SmtpSender]) -> Machine:
    return Machine(tmp_path / "var", engine, mails[1])


def subjects(mails: tuple[HoldingServer, SmtpSender]) -> list[str]:
    return sorted(f"{mail['To'].split('@')[0]}: {mail['Subject']}" for mail in mails[0].taken)


def test_a_dead_worker_is_told_once_and_its_return_too(
    machine: Machine, mails: tuple[HoldingServer, SmtpSender], engine: Engine
) -> None:
    """To the national team and the administrators, and to no référent."""
    assert machine.look() == []
    machine.speak("clerk", drained_at=machine.now.isoformat(), error=None)

    def without_jobs(minutes: float) -> list[str]:
        machine.now += timedelta(minutes=minutes)
        machine.speak("clerk", drained_at=machine.now.isoformat(), error=None)
        return machine.look(0, well=False)

    assert without_jobs(1) == [], "a restart is no alert"
    assert without_jobs(1) == ["worker"]
    assert without_jobs(30) == ["worker"]
    assert subjects(mails) == [
        "ada: [SI SIAO] Les travaux sont arrêtés",
        "sacha: [SI SIAO] Les travaux sont arrêtés",
    ]
    letter = mails[0].taken[0].get_content()
    assert "svi-1" in letter
    assert "À faire : lire ce que disent les processus" in letter
    assert "https://svi.example/administration/etat" in letter
    assert "Depuis : mardi 24 novembre 2026 à 11 h 01, heure de Paris." in letter
    mails[0].taken.clear()
    assert machine.look() == []
    assert subjects(mails) == [], "it may come and go"
    machine.look(10)
    machine.look(30)
    assert subjects(mails) == [
        "ada: [SI SIAO] Rétabli : Les travaux sont arrêtés",
        "sacha: [SI SIAO] Rétabli : Les travaux sont arrêtés",
    ]
    with reading(engine) as connection:
        assert open_alerts(connection) == []
        assert [one.kind for one in over_since(connection, NOW)] == ["worker"]


def test_what_comes_and_goes_is_told_once(machine: Machine, mails: tuple[HoldingServer, SmtpSender]) -> None:
    for _ in range(10):
        machine.door = None
        machine.look(1)
        machine.look(2)
        machine.door = 0.01
        machine.look(5)
    assert len(mails[0].taken) == 2


def test_the_addresses_of_the_setting_take_the_place_of_the_accounts(
    machine: Machine, mails: tuple[HoldingServer, SmtpSender]
) -> None:
    machine.values = {"alert_emails": "nuit@siao.example, astreinte@siao.example"}
    machine.restart()
    machine.certificate = Certificate(until=machine.now + timedelta(days=19, minutes=2))
    machine.look()
    assert subjects(mails) == [
        "astreinte: [SI SIAO] Le certificat de l’adresse publique",
        "nuit: [SI SIAO] Le certificat de l’adresse publique",
    ]
    assert "expire dans 19 jours" in mails[0].taken[0].get_content()


def test_all_that_begins_together_is_one_mail(machine: Machine, mails: tuple[HoldingServer, SmtpSender]) -> None:
    machine.now += timedelta(minutes=1)
    machine.certificate = Certificate(wrong="il a expiré")
    machine.speak("clerk", drained_at=machine.now.isoformat(), journal_losses={"unlinked": 2})
    machine.speak("jobs", operator={"state": "ok", "repaired": 3})
    assert machine.look(0, well=False) == ["journal_losses", "reconciliation", "certificate"]
    assert {mail["Subject"] for mail in mails[0].taken} == {
        "[SI SIAO] Le journal des appels a été abîmé, et 2 autres points"
    }
    assert len(mails[0].taken) == 2
    assert "2 pertes notées depuis un jour" in mails[0].taken[0].get_content()


def test_two_machines_that_see_the_same_write_one_mail(
    machine: Machine, mails: tuple[HoldingServer, SmtpSender], tmp_path: Path
) -> None:
    """And it is over only once neither sees it any more."""
    other = Machine(tmp_path / "other", machine.engine, machine.mail, "svi-2")
    expired = Certificate(wrong="il a expiré")
    machine.certificate = other.certificate = expired
    machine.look()
    other.look()
    assert len(mails[0].taken) == 2
    machine.certificate = Certificate(until=NOW + timedelta(days=90))
    for _ in range(20):
        machine.look(5)
        other.look(5)
    assert len(mails[0].taken) == 2, "the other one still meets the old certificate"


def test_each_machine_tells_of_its_own_disk(machine: Machine, mails: tuple[HoldingServer, SmtpSender]) -> None:
    other = replace(machine, folder=machine.folder.parent / "other", name="svi-2")
    for one in (machine, other):
        one.door = None
        one.look()
        one.look(2)
    assert len(mails[0].taken) == 4


def test_a_machine_that_is_off_has_not_solved_what_it_told(
    machine: Machine, mails: tuple[HoldingServer, SmtpSender]
) -> None:
    """Its disk is as full as it was; after a day nobody knows."""
    other = replace(machine, folder=machine.folder.parent / "other", name="svi-2")
    other.door = None
    other.look()
    other.look(2)
    mails[0].taken.clear()
    machine.look(60)
    assert mails[0].taken == []
    machine.look(24 * 60)
    assert len(mails[0].taken) == 2


def test_without_a_database_the_mail_leaves_at_once_and_once(
    tmp_path: Path, engine: Engine, mails: tuple[HoldingServer, SmtpSender]
) -> None:
    """To those that were known last; it is written down when the database is back, and its end is told."""
    machine = Machine(tmp_path / "var", engine, mails[1])
    machine.look()
    away = open_database(AWAY)
    machine.engine = away
    machine.restart()
    for _ in range(5):
        machine.look(1)
    assert subjects(mails) == [
        "ada: [SI SIAO] La base de données ne répond pas",
        "sacha: [SI SIAO] La base de données ne répond pas",
    ]
    assert [one["kind"] for one in read_state(machine.settings.state_dir, "watch")["alerts"]["open"]] == ["database"]
    machine.restart()
    machine.look(5)
    assert len(mails[0].taken) == 2, "the watch begun anew knows what was told"
    mails[0].taken.clear()
    machine.engine = engine
    machine.restart()
    machine.look()
    with reading(engine) as connection:
        assert [one.told for one in open_alerts(connection)] == ["La base de données ne répond pas."]
    machine.look(11)
    assert subjects(mails) == [
        "ada: [SI SIAO] Rétabli : La base de données ne répond pas",
        "sacha: [SI SIAO] Rétabli : La base de données ne répond pas",
    ]
    assert "Terminé : La base de données ne répond pas." in mails[0].taken[0].get_content()
    away.dispose()


def test_two_machines_without_a_database_tell_it_under_one_name(
    tmp_path: Path, mails: tuple[HoldingServer, SmtpSender]
) -> None:
    """So that a mailbox shows one."""
    away = open_database(AWAY)
    for name in ("svi-1", "svi-2"):
        machine = Machine(tmp_path / name, away, mails[1], name, values={"alert_emails": "nuit@siao.example"})
        for _ in range(4):
            machine.look()
    assert len({mail["Message-ID"] for mail in mails[0].taken}) == 1
    away.dispose()


def test_what_the_database_was_told_before_it_went_is_not_told_again(
    machine: Machine, mails: tuple[HoldingServer, SmtpSender]
) -> None:
    machine.certificate = Certificate(wrong="il a expiré")
    machine.look()
    assert len(mails[0].taken) == 2
    away = open_database(AWAY)
    machine.watch.means = replace(machine.watch.means, engine=away)
    machine.look()
    assert len(mails[0].taken) == 2
    away.dispose()


def test_a_mail_server_that_refuses_is_told_on_the_pages_and_when_it_takes_mails_again(
    tmp_path: Path, engine: Engine, mails: tuple[HoldingServer, SmtpSender]
) -> None:
    machine = Machine(tmp_path / "var", engine, Refusing())
    with writing(engine) as connection:
        outbox.owe_mail(connection, Owed.NOTICE, "CA1", Mail("camille@siao.example", "Un message", "…", "k"), NOW)
        [taken] = outbox.take(connection, Owed.NOTICE, NOW)
        connection.execute(deliveries.update().values(tries=4))
        outbox.postpone(connection, replace(taken, tries=4), NOW, "MailFailed: non")
    machine.look()
    found = machine.look(20)
    assert found == ["mail"]
    told = read_state(machine.settings.state_dir, "watch")
    assert told["mail"] == {"state": "degraded", "failing": 1}
    assert [one["kind"] for one in told["alerts"]["open"]] == ["mail"]
    figures = read_state(machine.settings.state_dir, "figures")
    assert figures["mails_failing"] == [["notice", 1]]
    machine.mail = mails[1]
    machine.restart()
    machine.look(60)
    assert [mail["Subject"] for mail in mails[0].taken] == ["[SI SIAO] Des courriels ne partent pas"] * 2


def test_neither_database_nor_mails_are_tried_every_quarter_of_a_minute(tmp_path: Path) -> None:
    tried: list[str] = []

    class Counting:
        def send(self, mail: Mail) -> None:
            tried.append(mail.to)
            raise OSError

    away = open_database(AWAY)
    machine = Machine(tmp_path / "var", away, Counting(), values={"alert_emails": "nuit@siao.example"})
    for _ in range(20):
        machine.look(0.25)
    assert 1 <= len(tried) <= 2
    away.dispose()


def test_a_database_that_is_frozen_is_away_and_holds_nobody(
    machine: Machine, mails: tuple[HoldingServer, SmtpSender], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes the connection and never answers."""
    frozen, ask = threading.Event(), machine.watch._who_is_told
    monkeypatch.setattr("service.running.watching.telling.watch.QUICK", 0.05)
    monkeypatch.setattr(machine.watch, "_who_is_told", lambda connection: frozen.wait(30) and ask(connection))
    found: list[str] = []
    for _ in range(4):
        found = machine.look(1)
    assert found == ["database"]
    frozen.set()
    eventually(lambda: not machine.watch._asking.is_busy)
    assert len(mails[0].taken) <= 2


def test_jobs_that_wait_for_the_database_are_not_told_besides(tmp_path: Path) -> None:
    away = open_database(AWAY)
    machine = Machine(tmp_path / "var", away, None)
    late = {"rapprochement": {"done_at": None, "due": NOW.isoformat(), "late": True}}
    for _ in range(20):
        machine.now += timedelta(minutes=5)
        machine.speak("clerk", drained_at=NOW.isoformat(), error="OperationalError")
        machine.speak("jobs", failing=["radar des pannes"], jobs=late)
        found = machine.look(0, well=False)
    assert found == ["database"]
    away.dispose()


def test_a_late_job_is_named(machine: Machine, mails: tuple[HoldingServer, SmtpSender]) -> None:
    late = {"rapprochement": {"done_at": None, "due": NOW.isoformat(), "late": True}}
    for _ in range(7):
        machine.now += timedelta(minutes=1)
        machine.speak("clerk", drained_at=machine.now.isoformat(), error=None)
        machine.speak("jobs", jobs=late)
        machine.look(0, well=False)
    assert len(mails[0].taken) == 2
    assert "« rapprochement » est en retard" in mails[0].taken[0].get_content()


def test_a_journal_that_is_not_moved_for_minutes_is_told_though_the_clerk_lives(
    machine: Machine, mails: tuple[HoldingServer, SmtpSender], engine: Engine
) -> None:
    """The zeros of a file that was made ready are no line that waits."""
    import os  # noqa: PLC0415 - the age of a file is all that is wanted

    journal = machine.settings.journal_dir
    journal.mkdir(parents=True)
    for name, content in (("1-a.journal", b"x" * 3000 + b"\0" * 5000), ("2-b.journal", b"y" * 10 + b"\0" * 90)):
        (journal / name).write_bytes(content)
        os.utime(journal / name, (NOW.timestamp(), NOW.timestamp()))
    with writing(engine) as connection:
        connection.execute(journal_offsets.insert().values(file="2-b.journal", offset=10, at=NOW))
    machine.look(1)
    assert read_state(machine.settings.state_dir, "figures")["journal_bytes"] == 3000
    assert machine.look(5) == []
    assert machine.look(2) == ["journal"]
    assert "2 Ko attendent" in mails[0].taken[0].get_content()


def test_a_house_without_mails_still_writes_down_what_is_wrong(tmp_path: Path, engine: Engine) -> None:
    machine = Machine(tmp_path / "var", engine, None, certificate=Certificate(wrong="il a expiré"))
    machine.look()
    with reading(engine) as connection:
        assert [one.told for one in open_alerts(connection)] == [
            "Le certificat de l’adresse publique n’est pas valable : il a expiré."
        ]
        assert connection.execute(select(deliveries)).all() == []


def test_calls_are_counted_from_the_ledger_by_outcome_and_desk(machine: Machine, store: Callable[..., None]) -> None:
    """Those of webhooks and of the operator's log; a call typed by hand is none of the operator's."""
    store("CA1", departement="59", started_at=NOW)
    store("CA2", departement="59", started_at=NOW - timedelta(days=40))
    store("CA3", departement=None, outcome="abandoned_menu", started_at=NOW)
    store("CA4", departement="75", source="manual", started_at=NOW)
    store("CA5", departement="75", outcome="in_progress", started_at=NOW)
    machine.values = {"metrics": True}
    machine.restart()
    machine.look()
    told = read_state(machine.settings.state_dir, "figures")
    assert told["calls"] == [["abandoned_menu", "", 1], ["answered", "59", 2]]
    assert told["calls_in_progress"] == 1


def test_a_count_of_past_calls_that_takes_long_is_found_by_a_later_look(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, may_end, count = [], threading.Event(), figures.calls_by_desk

    def slow(connection: Connection, first: date | None = None, before: date | None = None) -> figures.Counts:
        asked.append(before)
        may_end.wait(30)
        return count(connection, first, before)

    monkeypatch.setattr(figures, "calls_by_desk", slow)
    monkeypatch.setattr("service.running.watching.telling.watch.QUICK", 0.05)
    assert machine.watch._past_calls(NOW) is None
    may_end.set()
    eventually(lambda: not machine.watch._counting.is_busy)
    assert (machine.watch._past_calls(NOW), len(asked)) == ([], 1)


@pytest.fixture
def store(engine: Engine) -> Callable[..., None]:
    from tests.support.house import store_call  # noqa: PLC0415 - a whole house for one row

    def keep(call_id: str, **given: object) -> None:
        with writing(engine) as connection:
            store_call(connection, call_id, **given)

    return keep


def test_a_machine_on_which_no_backup_was_ever_made_is_told_of_after_a_day_and_a_half_whatever_restarts(
    tmp_path: Path, engine: Engine
) -> None:
    one = Machine(tmp_path / "one", engine, None)
    assert one.look() == []
    one.restart()
    assert one.look(36 * 60 + 1) == ["backup"]
    one.speak("backup")
    assert one.look() == []
    other = Machine(tmp_path / "other", engine, None, values={"demo": True})
    assert other.look() == other.look(36 * 60 + 1) == []
