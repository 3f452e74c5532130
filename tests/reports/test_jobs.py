"""The scheduled work, day by day: the survey opens and freezes, the report leaves once, the radar writes once."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, text

import records.schema.migrations
from records.database import Connection, reading, writing
from records.mail import Mail
from records.schema.migrations import migrate
from reports.figures.periods import month_of
from reports.figures.summary import figures_json, scope_of
from reports.monthly import report_text
from reports.radar.store import open_alerts, put_aside
from reports.survey.campaign import board, send_answer
from routing.departements import PARIS
from routing.directory.reading import read_directory
from routing.rules import Rules
from routing.snapshot import Snapshot
from service.wiring.reports_jobs import ReportsJobs
from tests.reports.tables import invent, outage, store

CSV = """departement,siao,nom,prenom,role,telephone,email,rang,horaires,filtrage
75,SIAO,Exemple,Camille,référent,01 99 00 12 34,camille@siao.example,1,24/7,oui
*,Nation,Nation,Sacha,national,01 99 00 12 36,sacha@siao.example,1,24/7,non
"""
OCTOBER = month_of(date(2026, 10, 1))
LATE = datetime(2026, 11, 1, 9, tzinfo=PARIS)


@dataclass
class Letters:
    """A sender that keeps what it is handed."""

    sent: list[Mail] = field(default_factory=list)
    is_away: bool = False

    def send(self, mail: Mail) -> None:
        if self.is_away:
            raise OSError("away")
        self.sent.append(mail)


@dataclass
class House:
    """The jobs with a directory of two people, at a moment."""

    engine: Engine
    now: datetime = datetime(2026, 10, 27, 8, tzinfo=PARIS)
    letters: Letters = field(default_factory=Letters)

    def jobs(self) -> ReportsJobs:
        people = read_directory(CSV.encode(), secret=b"made-up", own_numbers=frozenset(), allow_fiction=True)
        snapshot = Snapshot(1, datetime(2026, 1, 1, tzinfo=UTC), people, Rules())
        return ReportsJobs(self.engine, lambda: self.now, lambda: snapshot, self.letters, "https://svi.example")

    def subjects(self) -> list[str]:
        return [f"{mail.to.split('@')[0]}: {mail.subject}" for mail in self.letters.sent]


def test_the_survey_opens_reminds_and_freezes_by_itself(engine: Engine) -> None:
    house = House(engine)
    with writing(engine) as connection:
        store(connection, invent(random.Random(3), 200))
    while house.now < datetime(2026, 11, 4, tzinfo=PARIS):
        house.jobs().run_survey()
        house.now += timedelta(hours=7)
    assert house.subjects() == [
        "camille: Enquête mensuelle octobre 2026 : ouverte",
        "sacha: Enquête mensuelle octobre 2026 : départements sans adresse",
        "camille: Enquête mensuelle octobre 2026 : rappel",
        "sacha: Enquête mensuelle octobre 2026 : départements sans adresse",
        "camille: Enquête mensuelle octobre 2026 : il manque votre réponse",
        "sacha: Enquête mensuelle octobre 2026 : départements sans adresse",
    ]
    with reading(engine) as connection:
        survey = board(connection, OCTOBER, house.now).survey
    assert survey is not None
    assert survey.frozen_at is not None
    assert survey.opened_at.astimezone(PARIS).day == 28


def test_the_monthly_report_leaves_once_with_the_figures_of_every_face(engine: Engine) -> None:
    house = House(engine, datetime(2026, 11, 1, 7, tzinfo=PARIS))
    with writing(engine) as connection:
        store(connection, invent(random.Random(3), 200))
    for hours in (0, 2, 2, 48):
        house.now += timedelta(hours=hours)
        house.jobs().report_month()
    (letter,) = house.letters.sent
    with reading(engine) as connection:
        figures = figures_json(connection, scope_of(OCTOBER))
        assert report_text(connection, OCTOBER, "https://svi.example/national", 0.85) == letter.text
    assert f"Nombre d'appels : {figures['nombre_appels']} (" in letter.text
    assert letter.subject == "[SI SIAO] Bilan d'octobre 2026"


def test_the_radar_writes_once_about_a_wave_and_forgets_what_is_put_aside(engine: Engine) -> None:
    house = House(engine, datetime(2026, 10, 20, 12, tzinfo=UTC))
    quiet, wave = outage(house.now)
    with writing(engine) as connection:
        store(connection, quiet)
    house.jobs().watch()
    assert house.letters.sent == []
    with writing(engine) as connection:
        store(connection, wave)
    house.jobs().watch()
    house.now += timedelta(minutes=5)
    house.jobs().watch()
    (letter,) = house.letters.sent
    assert "« Autre » : " in letter.text
    assert "Annonce proposée" in letter.text
    with writing(engine) as connection:
        (alert,) = open_alerts(connection, house.now)
        put_aside(connection, alert["key"], "sacha@siao.example", house.now)
        assert open_alerts(connection, house.now) == []


def test_what_had_been_sent_before_there_was_one_outbox_is_not_sent_again(engine: Engine) -> None:
    survey, report = House(engine, datetime(2026, 10, 29, 9, tzinfo=PARIS)), House(engine, LATE)
    survey.jobs().run_survey()
    report.jobs().report_month()
    sent = [mail.key for mail in survey.letters.sent] + [f"monthly|2026-10|{report.letters.sent[0].to}|{'0' * 24}"]
    with writing(engine) as connection:
        step_back(connection, "0003")
        known = {row.key for row in connection.execute(text("select key from report_mails"))}
        assert set(sent[:2]) < known, "and the version before knows them too"
        connection.execute(text("delete from report_mails"))
        for key in sent:
            connection.execute(text("insert into report_mails values (:key, :at)"), {"key": key, "at": str(LATE)})
    migrate(engine)
    again = House(engine, datetime(2026, 10, 29, 9, tzinfo=PARIS))
    again.jobs().run_survey()
    again.now = LATE
    again.jobs().report_month()
    again.jobs().send()
    assert again.subjects() == []


def test_a_report_whose_figures_change_later_is_not_sent_again(engine: Engine) -> None:
    house = House(engine, LATE)
    house.jobs().report_month()
    with writing(engine) as connection:
        store(connection, invent(random.Random(3), 200))
    house.jobs().report_month()
    assert len(house.letters.sent) == 1


def test_an_answer_that_comes_first_keeps_a_waiting_reminder_from_leaving(engine: Engine) -> None:
    house = House(engine, datetime(2026, 10, 29, 9, tzinfo=PARIS))
    house.letters.is_away = True
    house.jobs().run_survey()
    with writing(engine) as connection:
        send_answer(connection, OCTOBER, "75", {}, by="camille@siao.example", now=house.now)
    house.letters.is_away = False
    house.now += timedelta(hours=1)
    house.jobs().run_survey()
    house.jobs().send()
    assert house.subjects() == ["sacha: Enquête mensuelle octobre 2026 : départements sans adresse"]


def step_back(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(records.schema.migrations.__path__[0]))
    config.attributes["connection"] = connection
    command.downgrade(config, revision)
