"""A desk with real tables on both databases, an operator's interface on loopback, and a clock that is moved by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask, Response, abort, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from ivr.operator.twilio.recordings import TwilioRecordings
from records.calls.ledger import record, refold
from records.database import Engine, open_database, writing
from records.facts import Fact, FactKind
from records.files.folder import folder_store
from records.mail import Mail
from records.privacy.every_table import every_table
from records.schema.tables import metadata
from routing.departements import timezone_of
from routing.rules import Rules
from routing.snapshot import Snapshot
from tests.loopback import loopback
from tests.service.directories import MOMENT, person
from tests.voicemail.recordings import tone
from voicemail.following_up import FollowUp

ACCOUNT, TOKEN = "ACtests", "made-up-token"
CALLER = "+33639981234"


@dataclass
class OperatorFake:
    """The operator's recordings. `answers` are given in turn, the last one again and again: statuses, bytes, places."""

    answers: list[int | bytes | str] = field(default_factory=lambda: [tone(5.0)])
    asked: list[str] = field(default_factory=list)
    deletions: list[int] = field(default_factory=lambda: [204])
    url: str = ""

    def answer(self) -> AnyResponse:
        self.asked.append(f"{request.method} {request.path}")
        if request.authorization is None or request.authorization.password != TOKEN:
            abort(401)
        if request.method == "DELETE":
            return Response(status=self.deletions.pop(0) if len(self.deletions) > 1 else self.deletions[0])
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(found, str):
            return redirect(found)
        return Response(status=found) if isinstance(found, int) else Response(found, mimetype="audio/x-wav")

    def fetched(self) -> int:
        return sum(one.startswith("GET") for one in self.asked)

    def deleted(self) -> list[str]:
        return [one.rpartition("/")[2].removesuffix(".json") for one in self.asked if one.startswith("DELETE")]


@pytest.fixture
def operator() -> Iterator[OperatorFake]:
    fake = OperatorFake()
    app = Flask(__name__)
    app.before_request(fake.answer)
    with loopback(app) as fake.url:
        yield fake


@dataclass
class Mailbox:
    """Where letters arrive; `troubles` are raised in turn before that."""

    letters: list[Mail] = field(default_factory=list)
    troubles: list[Exception] = field(default_factory=list)

    def send(self, mail: Mail) -> None:
        if self.troubles:
            raise self.troubles.pop(0)
        self.letters.append(mail)


@dataclass
class Noted:
    """The journal, whose lines the clerk takes in at once; `is_full` when the disk refuses them."""

    desk: Desk | None = None
    is_full: bool = False

    def append(self, facts: tuple[Fact, ...]) -> bool:
        if self.desk is not None and not self.is_full:
            self.desk.heard(*facts)
        return not self.is_full


@dataclass
class Desk:
    """The work on messages and callbacks, and what surrounds it."""

    engine: Engine
    work: FollowUp
    post: Mailbox
    serving: list[Snapshot]
    moment: list[datetime]
    folder: Path

    def wait(self, span: timedelta) -> None:
        self.moment[0] += span

    def heard(self, *facts: Fact) -> None:
        """What the clerk does with the journal's facts."""
        with writing(self.engine) as connection:
            calls = record(connection, facts, origin="tests", at=self.moment[0])
            refold(connection, calls, timezone_of=timezone_of, at=self.moment[0])

    def work_for(self, span: timedelta) -> None:
        """A round each minute."""
        for _ in range(int(span.total_seconds()) // 60):
            self.work.work()
            self.wait(timedelta(minutes=1))


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = open_database(database_url)
    every_table()
    metadata.create_all(made)
    yield made
    made.dispose()


@pytest.fixture
def desk(engine: Engine, operator: OperatorFake, tmp_path: Path) -> Desk:
    post, moment, noted = Mailbox(), [MOMENT], Noted()
    serving = [Snapshot(1, MOMENT, (person("Anne"), person("Equipe", "*")), Rules())]
    work = FollowUp(
        engine=engine,
        recordings=TwilioRecordings(ACCOUNT, TOKEN, operator.url),
        sender=post,
        snapshot=lambda: serving[0],
        link=lambda task: f"https://svi.example/{task.kind}/{task.call_id}",
        audio=folder_store(tmp_path / "voicemail"),
        clock=lambda: moment[0],
        journal=noted.append,
    )
    desk = Desk(engine, work, post, serving, moment, tmp_path / "voicemail")
    noted.desk = desk
    return desk


def call(call_id: str, *facts: Callable[[str], Fact], departement: str | None = "75", over: bool = True) -> list[Fact]:
    """The facts of a call that reached nobody, and `facts` after that."""
    at = MOMENT - timedelta(minutes=2)
    made = [
        Fact(call_id, FactKind.ARRIVED, 1, at, "", {"caller": CALLER, "dialled": "+33199000000", "version": 1}),
        Fact(call_id, FactKind.ABSENCE_SAID, 3, at, "", {"reason": "closed"}),
        *(one(call_id) for one in facts),
    ]
    if departement:
        given = {"departement": departement, "by": "keypad"}
        made.append(Fact(call_id, FactKind.DEPARTEMENT_GIVEN, 2, at, "", given))
    if over:
        ended = {"status": "completed", "seconds": 60, "caller": CALLER, "dialled": "+33199000000"}
        made.append(Fact(call_id, FactKind.ENDED, 0, MOMENT, "", ended))
    return made


def message(recording: str = "RE1", seconds: int = 5) -> Callable[[str], Fact]:
    ready = {"recording": recording, "status": "completed", "seconds": seconds}
    return lambda call_id: Fact(call_id, FactKind.RECORDING_READY, 5, MOMENT, recording, ready)


def left(recording: str = "RE1", seconds: int = 5) -> Callable[[str], Fact]:
    data = {"recording": recording, "seconds": seconds, "caller_gone": False}
    return lambda call_id: Fact(call_id, FactKind.MESSAGE_LEFT, 5, MOMENT, "", data)


def callback(number: str | None = CALLER) -> Callable[[str], Fact]:
    return lambda call_id: Fact(call_id, FactKind.CALLBACK_ASKED, 5, MOMENT, "", {"number": number})
