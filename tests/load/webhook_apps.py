"""The apps that the webhook bench compares; each is one function that gunicorn calls."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask, Response, abort, request
from sqlalchemy import create_engine, event
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from twilio.request_validator import RequestValidator

from ivr.operator.twilio.voice import Twilio
from ivr.web import Exchange, FactSink, voice_blueprint
from records.facts import Fact
from service.wiring.worker_journal import WorkerJournal
from tests.ivr.scene import OWN, situation, snapshot
from tests.load.webhooks import FORM, PUBLIC, TOKEN


class NoJournal:
    """A journal that keeps nothing."""

    def append(self, _facts: tuple[Fact, ...]) -> bool:
        """Forget the facts."""
        return True


def _telephone(journal: FactSink) -> Flask:
    known = snapshot()
    operator = Twilio((TOKEN,), PUBLIC, OWN)
    app = Flask(__name__)
    exchange = Exchange(operator, lambda: known, journal, clock=lambda: datetime.now(UTC), line=situation().line)
    app.register_blueprint(voice_blueprint(exchange))
    return app


def welcome() -> Flask:
    """Our telephone without its journal."""
    return _telephone(NoJournal())


def journalled() -> Flask:
    """Our telephone as it serves."""
    return _telephone(WorkerJournal(Path(os.environ["BENCH_FOLDER"]) / "journal"))


def bare() -> Flask:
    """Flask, and the bytes of our welcome from memory."""
    signature = RequestValidator(TOKEN).compute_signature(f"{PUBLIC}/voice", FORM)
    ours = welcome().test_client().post("/voice", data=FORM, headers={"X-Twilio-Signature": signature}).data
    app = Flask(__name__)

    @app.post("/voice")
    def answer() -> Response:
        return Response(ours, mimetype="text/xml")

    return app


class Base(DeclarativeBase):
    """The naive app's tables."""


class Webhook(Base):
    """One webhook, as many write it down."""

    __tablename__ = "webhooks"
    id: Mapped[int] = mapped_column(primary_key=True)
    call: Mapped[str]
    caller: Mapped[str]
    at: Mapped[str]


def naive() -> Flask:
    """Flask + SQLAlchemy as a first version is written: signature, one row committed, the same bytes."""
    folder = Path(os.environ["BENCH_FOLDER"])
    folder.mkdir(parents=True, exist_ok=True)
    engine = create_engine(f"sqlite:///{folder / 'naive.sqlite'}")
    event.listen(engine, "connect", lambda connection, _record: connection.execute("PRAGMA busy_timeout=10000"))
    Base.metadata.create_all(engine)
    validator = RequestValidator(TOKEN)
    signature = validator.compute_signature(f"{PUBLIC}/voice", FORM)
    ours = welcome().test_client().post("/voice", data=FORM, headers={"X-Twilio-Signature": signature}).data
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
