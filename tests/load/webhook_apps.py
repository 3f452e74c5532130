"""The apps that the webhook bench puts beside the house, served alike: `python -m tests.load.webhook_apps APP PORT`."""

from __future__ import annotations

import os
import socket
import sys
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask, Response, abort, request
from sqlalchemy import Engine, ForeignKey, create_engine, event, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship
from twilio.request_validator import RequestValidator
from twilio.twiml.voice_response import VoiceResponse

from ivr.operator.twilio.voice import Twilio
from ivr.web import Exchange, FactSink, VoiceDoor, voice_blueprint
from records.calls.disk.reserve import RESERVES, keep_reserve
from records.facts import Fact
from service.running.serving.group import Group
from service.running.serving.lanes import Lanes
from service.running.serving.server import CONNECTIONS
from service.wiring.worker_journal import WorkerJournal
from tests.ivr.scene import OWN, situation, snapshot
from tests.load.webhooks import FORM, PUBLIC, THREADS, TOKEN, WORKERS


class NoJournal:
    """A journal that keeps nothing."""

    def append(self, _facts: tuple[Fact, ...]) -> bool:
        """Forget the facts."""
        return True


def signed() -> Flask:
    """Our telephone's door without a journal."""
    return _door(NoJournal())


def journalled() -> Flask:
    """The same door with a worker's journal: each fact is on the disk before the answer; no clerk reads it."""
    return _door(WorkerJournal(Path(os.environ["BENCH_FOLDER"]) / "journal"))


def _door(journal: FactSink) -> Flask:
    known = snapshot()
    operator = Twilio((TOKEN,), PUBLIC, OWN)
    app = Flask(__name__)
    exchange = Exchange(operator, lambda: known, journal, clock=lambda: datetime.now(UTC), line=situation().line)
    app.register_blueprint(voice_blueprint(exchange))
    app.wsgi_app = VoiceDoor(app.wsgi_app, exchange)  # type: ignore[method-assign]
    return app


def _our_welcome() -> bytes:
    signature = RequestValidator(TOKEN).compute_signature(f"{PUBLIC}/voice", FORM)
    return bytes(signed().test_client().post("/voice", data=FORM, headers={"X-Twilio-Signature": signature}).data)


def bare() -> Flask:
    """Flask, and the bytes of our welcome from memory."""
    ours = _our_welcome()
    app = Flask(__name__)

    @app.post("/voice")
    def answer() -> Response:
        return Response(ours, mimetype="text/xml")

    return app


# ---------------------------------------------------------------- as a first version is written


class Base(DeclarativeBase):
    """The tables of the other apps."""


class Webhook(Base):
    """One webhook, as many write it down."""

    __tablename__ = "webhooks"
    id: Mapped[int] = mapped_column(primary_key=True)
    call: Mapped[str]
    caller: Mapped[str]
    at: Mapped[str]


class Departement(Base):
    """Where a caller is sent to by the code that he types."""

    __tablename__ = "departements"
    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    referents: Mapped[list[Referent]] = relationship()


class Referent(Base):
    """Who is rung there."""

    __tablename__ = "referents"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    phone: Mapped[str]
    departement: Mapped[str] = mapped_column(ForeignKey("departements.code"))


def _engine(folder: Path) -> Engine:
    engine = create_engine(f"sqlite:///{folder / 'other.sqlite'}")
    event.listen(engine, "connect", lambda connection, _record: connection.execute("PRAGMA busy_timeout=10000"))
    return engine


def prepare(folder: Path) -> None:
    """Make the tables once, before any worker starts, with two référents in each of a hundred départements.

    The files that a clerk keeps ready for the journals are there too.
    """
    for _ in range(RESERVES):
        keep_reserve(folder / "journal")
    engine = _engine(folder)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        for number in range(100):
            people = [Referent(name=f"Person {one}", phone=f"+331990{number:03d}{one}0") for one in (1, 2)]
            session.add(Departement(code=f"{number:02d}", name=f"Département {number}", referents=people))
        session.commit()
    engine.dispose()


def tutorial() -> Flask:
    """A menu and a forwarded call, as tutorials write them: no signature is checked, nothing is stored."""
    engine = _engine(Path(os.environ["BENCH_FOLDER"]))
    app = Flask(__name__)

    @app.route("/voice", methods=["GET", "POST"])
    def welcome() -> Response:
        response = VoiceResponse()
        with response.gather(num_digits=2, action="/voice/menu", method="POST") as menu:
            menu.say("Welcome. Please type the two digits of your area.", language="fr-FR", loop=3)
        response.redirect("/voice")
        return Response(str(response), mimetype="text/xml")

    @app.route("/voice/menu", methods=["GET", "POST"])
    def menu() -> Response:
        response = VoiceResponse()
        with Session(engine) as session:
            found = session.scalar(select(Departement).where(Departement.code == request.form.get("Digits")))
            if found is None:
                response.say("This area is not known.", language="fr-FR")
                response.redirect("/voice")
            else:
                response.say(f"You are being connected to {found.name}.", language="fr-FR")
                dial = response.dial(caller_id=request.form["To"], timeout=20, action="/voice/ended")
                for one in found.referents:
                    dial.number(one.phone)
                response.say("Goodbye.", language="fr-FR")
                response.hangup()
        return Response(str(response), mimetype="text/xml")

    return app


def storing() -> Flask:
    """Flask + SQLAlchemy as a first version is written: signature, one row committed, the same bytes."""
    engine = _engine(Path(os.environ["BENCH_FOLDER"]))
    validator = RequestValidator(TOKEN)
    ours = _our_welcome()
    app = Flask(__name__)

    @app.post("/voice")
    def answer() -> Response:
        if not validator.validate(f"{PUBLIC}/voice", request.form, request.headers.get("X-Twilio-Signature", "")):
            abort(403)
        with Session(engine) as session:
            moment = datetime.now(UTC).isoformat()
            session.add(Webhook(call=request.form["CallSid"], caller=request.form["From"], at=moment))
            session.commit()
        return Response(ours, mimetype="text/xml")

    return app


APPS = {"signed": signed, "journalled": journalled, "bare": bare, "tutorial": tutorial, "storing": storing}


def main(app: str, port: str) -> None:
    """Serve one of the apps until told to stop."""
    listening = socket.create_server(("127.0.0.1", int(port)), backlog=1024)
    listening.setblocking(False)
    Group(APPS[app](), listening, WORKERS, lambda: Lanes(threads=THREADS, most=CONNECTIONS)).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
