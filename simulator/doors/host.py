"""The simulated operator as a process of its own, for the demonstration: one engine, whatever the number of workers.

It listens on this machine only. A call is known by its unguessable identifier, and only its own telephones can be
picked up through it.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, Response, abort, jsonify, request
from werkzeug.exceptions import HTTPException
from werkzeug.serving import make_server

from simulator.calls.engine import Caller, OperatorAccount, SimulatedOperator
from simulator.calls.leg import NumberSetup
from simulator.calls.phones import Phone
from simulator.doors.rest import rest_blueprint
from simulator.world.clock import WallTime
from simulator.world.feed import Happening

MOST_CALLS = 500
"""Calls whose story is kept; older ones are forgotten."""

FORGOTTEN_AFTER = 30.0
"""Seconds after which a call that no page asks for is hung up: its visitor has closed the page."""

LONGEST_KEYS = 20
LONGEST_WORDS = 300
FIRST_YEAR, LAST_YEAR = 2020, 2099
PARIS = ZoneInfo("Europe/Paris")
WITHHELD = "anonymous"

ReadNumber = Callable[[str], str]
"""A number as people type it, in E.164; raises ValueError with a French sentence when it may not call."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Host:
    """The engine and the calls that are followed in a browser."""

    operator: SimulatedOperator
    forgotten_after: float = FORGOTTEN_AFTER
    calls: OrderedDict[str, Caller] = field(default_factory=OrderedDict)
    _asked_for: dict[str, datetime] = field(default_factory=dict)

    def begin(self, from_: str, moment: datetime | None) -> Caller:
        """A new call."""
        caller = self.operator.call(from_, moment=moment)
        self.calls[caller.sid] = caller
        while len(self.calls) > MOST_CALLS:
            self.calls.popitem(last=False)
        self._keep_an_eye_on(caller)
        return caller

    def find(self, call: str) -> Caller:
        """The call of that identifier, or 404."""
        found = self.calls.get(call) or abort(404, "Cet appel n'est plus connu : recommencez.")
        self._asked_for[call] = self.operator.time.now()
        return found

    def phone_of(self, caller: Caller, number: str) -> Phone:
        """A telephone that rings or talks for this call, or 409."""
        phone = self.operator.phones.get(number)
        if phone is None or phone.leg is None or phone.leg.call.parent_sid != caller.sid:
            abort(409, "Ce téléphone ne sonne plus.")
        return phone

    def _keep_an_eye_on(self, caller: Caller) -> None:
        """Hangs up once nobody watches any more; else looks again later."""
        now = self.operator.time.now()
        silent = (now - self._asked_for.setdefault(caller.sid, now)).total_seconds()
        if caller.is_over or silent >= self.forgotten_after:
            self._asked_for.pop(caller.sid)
            caller.hang_up()
        else:
            self.operator.time.after(self.forgotten_after / 3, lambda: self._keep_an_eye_on(caller))


def host_app(
    operator: SimulatedOperator, read_number: ReadNumber, *, forgotten_after: float = FORGOTTEN_AFTER
) -> Flask:
    """The JSON interface of the engine, and beside it the operator's own interface for programs.

    `read_number` says which numbers may call.
    """
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 16 * 1024
    host = Host(operator, forgotten_after)
    app.register_blueprint(rest_blueprint(operator))
    app.register_error_handler(HTTPException, _explain)

    @app.post("/calls")
    def begin() -> Response:
        asked = _asked()
        caller = host.begin(_caller(_text(asked, "from"), read_number), _read_moment(_text(asked, "moment")))
        return jsonify(call=caller.sid)

    @app.get("/calls/<call>/happenings")
    def happenings(call: str) -> Response:
        caller = host.find(call)
        after = max(0, request.args.get("after", 0, type=int))
        return jsonify(happenings=[_to_json(one) for one in caller.feed.after(after)], over=caller.is_over)

    @app.post("/calls/<call>/<deed>")
    def act(call: str, deed: str) -> Response:
        caller, asked = host.find(call), _asked()
        number = _text(asked, "phone")
        deeds = _phone_deeds(host.phone_of(caller, number), asked) if number else _caller_deeds(caller, asked)
        if deed not in deeds:
            abort(404, "Ce geste n'existe pas.")
        deeds[deed]()
        return jsonify(done=True)

    return app


def _caller_deeds(caller: Caller, asked: dict[str, Any]) -> dict[str, Callable[[], None]]:
    return {
        "press": lambda: caller.press(_keys(asked)),
        "say": lambda: caller.say(_words(asked)),
        "hangup": caller.hang_up,
    }


def _phone_deeds(phone: Phone, asked: dict[str, Any]) -> dict[str, Callable[[], None]]:
    return {
        "answer": phone.answer,
        "press": lambda: phone.press(_keys(asked)),
        "refuse": phone.refuse,
        "hangup": phone.hang_up,
    }


def _asked() -> dict[str, Any]:
    asked = request.get_json()
    return asked if isinstance(asked, dict) else abort(400, "La demande est mal formée.")


def _text(asked: dict[str, Any], name: str) -> str:
    text = asked.get(name) or ""
    return text.strip() if isinstance(text, str) else abort(400, "La demande est mal formée.")


def _keys(asked: dict[str, Any]) -> str:
    keys = _text(asked, "keys")
    if not keys or len(keys) > LONGEST_KEYS or set(keys) - set("0123456789*#"):
        abort(400, "Les touches sont les chiffres, l'étoile et le dièse.")
    return keys


def _words(asked: dict[str, Any]) -> str:
    words = _text(asked, "text")
    return words[:LONGEST_WORDS] if words else abort(400, "Écrivez ce que dit l'appelant.")


def _caller(typed: str, read: ReadNumber) -> str:
    """The caller's number in E.164, `anonymous` when it is withheld; 400 for a number that may not call."""
    if not typed or typed == WITHHELD:
        return WITHHELD
    try:
        return read(typed)
    except ValueError as refusal:
        abort(400, str(refusal))


def _read_moment(typed: str) -> datetime | None:
    """The date and hour that the call pretends to have, in Paris unless it says otherwise; None for now."""
    if not typed:
        return None
    try:
        moment = datetime.fromisoformat(typed)
    except ValueError:
        abort(400, "La date et l'heure ne sont pas comprises.")
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        abort(400, f"L'année doit être entre {FIRST_YEAR} et {LAST_YEAR}.")
    return moment if moment.tzinfo else moment.replace(tzinfo=PARIS)


def _to_json(one: Happening) -> dict[str, Any]:
    return {"number": one.number, "at": one.at.timestamp(), "kind": one.kind, "where": one.where, **one.data}


def _explain(error: HTTPException) -> tuple[Response, int]:
    return jsonify(error=error.description), error.code or 500


def serve_engine(
    host: str,
    port: int,
    *,
    account: OperatorAccount,
    line: NumberSetup,
    read_number: ReadNumber,
) -> None:
    """Serves the engine until the process is ended. `line` says where the service answers its webhooks."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    time = WallTime()
    operator = SimulatedOperator(time, account, line, api_url=f"http://{host}:{port}")
    server = make_server(host, port, host_app(operator, read_number), threaded=True)
    try:
        server.serve_forever()
    finally:
        server.server_close()
        time.close()
