"""The desk as a browser meets it: the assembled application, its letters, people who sign in by their links."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, insert
from werkzeug.test import TestResponse

from records.database import Connection, open_database, writing
from records.desks.accounts import Account, add_account, make_link_token
from records.desks.permissions import AccountRole
from records.mail import Mail
from records.schema.migrations import migrate
from records.schema.tables import calls
from service.app import create_app
from service.directory.followed_csv import follow_csv
from service.directory.snapshots import SnapshotFile
from service.settings import Settings, read_settings

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
"""The moment of the tests: a Tuesday, 11 o'clock in Paris."""

CSV = """departement,siao,nom,prenom,role,telephone,email,rang,horaires,filtrage
75,SIAO de Paris,Exemple,Camille,référent,01 99 00 12 34,camille@siao.example,1,24/7,oui
75,SIAO de Paris,Modèle,Dominique,suppléant,01 99 00 12 35,dominique@siao.example,2,24/7,oui
59,SIAO du Nord,Essai,Alix,référent,03 53 01 12 34,alix@siao.example,1,lun-ven 09:00-17:00,oui
*,Équipe nationale,Nation,Sacha,national,01 99 00 12 36,sacha@siao.example,1,24/7,non
"""


@dataclass
class Clock:
    """The moment of the house; a test moves it."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        """Let time pass."""
        self.now += timedelta(**by)


@dataclass
class Letterbox:
    """Where mails land; while away, it takes none."""

    taken: list[Mail] = field(default_factory=list)
    is_away: bool = False

    def send(self, mail: Mail) -> None:
        """Keep it."""
        if self.is_away:
            raise OSError("personne")
        self.taken.append(mail)


@dataclass
class House:
    """The application, its database, its clock, its letters."""

    app: Flask
    engine: Engine
    settings: Settings
    clock: Clock
    letters: Path
    accounts: dict[str, Account] = field(default_factory=dict)

    def invite(self, email: str, role: str = "referent", *codes: str) -> Account:
        """A new account."""
        with writing(self.engine) as connection:
            made = add_account(
                connection, email=email, name=email.split("@", maxsplit=1)[0].title(), role=AccountRole(role),
                departements=codes, by="test", at=self.clock(),
            )  # fmt: skip
        self.accounts[email] = made
        return made

    def link(self, email: str, next_path: str = "/a-faire") -> str:
        """The path of a one-time link."""
        with writing(self.engine) as connection:
            return (
                f"/connexion/{make_link_token(connection, self.accounts[email].id, self.clock(), next_path=next_path)}"
            )

    def signed_in(self, email: str = "camille@siao.example") -> Browser:
        """A browser in which this person has followed a link."""
        browser = Browser(self.app.test_client())
        answer = browser.post(self.link(email), {})
        assert answer.status_code == 303, answer.text
        return browser

    def mails(self) -> list[EmailMessage]:
        """The letters sent so far, oldest first; waits for those on their way."""
        for thread in threading.enumerate():
            if thread.name == "letter":
                thread.join()
        paths = sorted(self.letters.glob("*.eml"))
        return [message_from_bytes(path.read_bytes(), policy=default) for path in paths]

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()
        self.app.extensions["database"].dispose()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction of the database."""
        with writing(self.engine) as connection:
            yield connection


@dataclass
class Browser:
    """A browser without script: it sends the token of the page that it is on, as a form does."""

    client: FlaskClient

    def get(self, path: str, **headers: str) -> TestResponse:
        """Open a page."""
        return self.client.get(path, headers={name.replace("_", "-"): text for name, text in headers.items()})

    def token(self) -> str:
        """A good form token of this session."""
        page = self.client.get("/connexion").text
        found = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert found
        return found[1]

    def post(self, path: str, fields: dict[str, str], **headers: str) -> TestResponse:
        """Send a form."""
        data = {"csrf_token": self.token()} | fields
        return self.client.post(path, data=data, headers={name.replace("_", "-"): t for name, t in headers.items()})


def store_call(connection: Connection, call_id: str, **given: Any) -> None:
    """One answered call of Paris, with what is given instead."""
    started = given.get("started_at", NOW)
    row = {
        "call_id": call_id, "caller": "+33199000001", "departement": "75", "outcome": "answered",
        "answered_by": "local", "referent": "Camille Exemple", "referent_phone": "+33199000100",
        "started_at": started, "local_date": date(started.year, started.month, started.day), "wait_seconds": 12,
        "talk_seconds": 240, "total_seconds": 260, "attempts": "[]", "callback_confirmed": False, "source": "webhook",
    }  # fmt: skip
    connection.execute(insert(calls).values(**row | given))


def open_house(folder: Path, database_url: str, **more: Any) -> House:
    """A house with an empty database, three accounts and a directory."""
    csv = folder / "referents.csv"
    csv.write_text(CSV, encoding="utf-8")
    settings = read_settings(
        demo=True, var_dir=folder / "var", referents_csv=csv, database_url=database_url, mail_url=str(folder / "mail"),
        secret_key="made-up", twilio_auth_token="made-up", public_url="http://127.0.0.1:8000", **more,
    )  # fmt: skip
    engine = open_database(database_url)
    migrate(engine)
    assert follow_csv(SnapshotFile(settings.var_dir), settings, NOW) is None
    clock = Clock()
    app = create_app(settings, clock=clock)
    house = House(app, engine, settings, clock, folder / "mail")
    house.invite("camille@siao.example", "referent", "75")
    house.invite("alix@siao.example", "referent", "59")
    house.invite("sacha@siao.example", "national")
    return house
