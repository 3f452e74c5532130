"""The telephone's door: verify the signature, understand the form, advance the script, write it down, answer.

It stands before the rest of the application: the operator's requests are answered without sessions, pages and their
guards, from the server's own words (decision 87).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from flask import Blueprint, Response, request

from ivr.asked import LARGEST_FORM, PREFIX, Knock, NotRead, read_form, read_knock
from ivr.conversation import script
from ivr.conversation.apology import LAST_WORDS, UNANNOUNCED, apologise, apology_rings
from ivr.conversation.instructions import HangUp
from ivr.conversation.place import APART, MOST_DOCUMENTS, AddressRefused, Place, Step, read_place
from ivr.conversation.situation import Hunt, PhoneLine, Recollection, Situation
from ivr.operator.border import FormRefused, Operator, Webhook
from records.facts import Fact, FactKind
from routing.snapshot import Snapshot

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["LARGEST_FORM", "Exchange", "VoiceDoor", "voice_blueprint"]

log = logging.getLogger(__name__)

LEG_STEPS = frozenset({Step.SCREEN, Step.TAKE})
_FIRST = Place(Step.ARRIVAL).n
DEMO_MOMENT = "X-Demo-Moment"
DEMO_YEARS = range(2000, 2100)
MOST_KEPT = 1024
"""Addresses that are kept ready in memory: callers who are as far share theirs."""


class FactSink(Protocol):
    """Where facts are appended; False when the disk refused them."""

    def append(self, facts: tuple[Fact, ...]) -> bool:
        """Write the facts durably."""


class HuntMemory(Protocol):
    """What this machine remembers of a call while it rings."""

    def note(self, facts: Iterable[Fact]) -> None:
        """Remember what these facts tell of it; never raises."""

    def recall(self, call: str, n: int, now: datetime) -> Hunt:
        """What is known when the ringing of the document `n` has ended."""


class NoHunts:
    """Nothing is remembered."""

    def note(self, facts: Iterable[Fact]) -> None:
        """Forget them."""

    def recall(self, call: str, n: int, now: datetime) -> Hunt:  # noqa: ARG002 - nothing is known of any call
        """Nothing but the moment."""
        return Hunt(now)


def _remember_nothing(_caller: str | None) -> Recollection:
    return Recollection()


@dataclass(frozen=True, slots=True)
class Exchange:
    """All that the telephone's door needs. Every part is handed in; nothing here reads a clock or a setting."""

    operator: Operator
    snapshot: Callable[[], Snapshot]
    journal: FactSink
    clock: Callable[[], datetime]
    line: PhoneLine
    recall: Callable[[str | None], Recollection] = field(default=_remember_nothing)
    hunts: HuntMemory = field(default_factory=NoHunts)
    is_demo: bool = False

    def now(self, knock: Knock) -> datetime:
        """The moment; in demonstration the telephone's page may name another one."""
        named = _moment(knock.headers.get(DEMO_MOMENT)) if self.is_demo else None
        return named or self.clock()


def _moment(text: str) -> datetime | None:
    """A moment that every time zone can tell, or None."""
    try:
        moment = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment.year in DEMO_YEARS else None


@dataclass(frozen=True, slots=True)
class VoiceAnswer:
    """What is sent back."""

    status: HTTPStatus
    text: str = ""
    mimetype: str = "text/plain"


class VoiceDoor:
    """The telephone's door before the application `behind` it; all that is not the operator's goes on to that one."""

    def __init__(self, behind: WSGIApplication, exchange: Exchange, headers: Sequence[tuple[str, str]] = ()) -> None:
        """`headers` are added to every answer."""
        self._behind = behind
        self._exchange = exchange
        self._headers = tuple(headers)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """One request."""
        if environ["REQUEST_METHOD"] != "POST" or environ.get("PATH_INFO") not in ADDRESSES:
            return self._behind(environ, start_response)
        answer = answer_to(self._exchange, environ)
        body = answer.text.encode()
        headers = [("Content-Type", f"{answer.mimetype}; charset=utf-8"), *self._headers]
        if answer.status is not HTTPStatus.NO_CONTENT:
            headers.append(("Content-Length", str(len(body))))
        start_response(f"{answer.status.value} {answer.status.phrase}", headers)
        return [body]


def voice_blueprint(exchange: Exchange) -> Blueprint:
    """The telephone’s addresses (docs/contract.md#telephone-webhooks), where no `VoiceDoor` stands before them."""
    voice = Blueprint("voice", __name__, url_prefix=PREFIX)

    @voice.post("")
    @voice.post("/<any({}):step>".format(", ".join(one for one in Step if one is not Step.ARRIVAL)))
    def converse(step: str = Step.ARRIVAL) -> Response:  # noqa: ARG001 - read again from the address
        return _response(exchange)

    for name in CALLBACKS:
        voice.add_url_rule(f"/{name}", name, lambda: _response(exchange), methods=["POST"])
    return voice


def _response(exchange: Exchange) -> Response:
    answer = answer_to(exchange, request.environ)
    return Response(answer.text, answer.status, mimetype=answer.mimetype)


def answer_to(exchange: Exchange, environ: WSGIEnvironment) -> VoiceAnswer:
    """The answer to a request of the operator: 403 unless it is signed; never an exception."""
    try:
        knock = read_knock(environ)
        environ["svi.call"] = exchange.operator.call_of(knock.form)  # for the lines of the log
        if not exchange.operator.is_signed(knock.address, knock.form, knock.headers):
            return VoiceAnswer(HTTPStatus.FORBIDDEN)
        note = CALLBACKS.get(knock.step)
        return note(exchange, knock) if note else _document_of(exchange, knock)
    except NotRead as refused:
        return VoiceAnswer(refused.status)
    except Exception:
        log.exception("a request of the operator failed")
        return VoiceAnswer(HTTPStatus.INTERNAL_SERVER_ERROR)


def _document_of(exchange: Exchange, knock: Knock) -> VoiceAnswer:
    try:
        text = _converse(exchange, knock)
    except Exception as error:  # noqa: BLE001 — whatever breaks, the caller hears why (idea 3)
        text = _apology(exchange, knock, error)
    return _document(exchange, text)


def _document(exchange: Exchange, text: str) -> VoiceAnswer:
    return VoiceAnswer(HTTPStatus.OK, text, exchange.operator.mimetype)


def _converse(exchange: Exchange, knock: Knock) -> str:
    place = _place(knock.step or Step.ARRIVAL, knock.query)
    webhook = exchange.operator.understand(place.step, knock.form)
    turn = script.advance(place, webhook.event, _situation(exchange, knock, place, webhook))
    answer = exchange.operator.phrase(turn.instructions)
    exchange.journal.append(turn.facts)
    exchange.hunts.note(turn.facts)
    return answer


@lru_cache(MOST_KEPT)
def _place(step: str, query: str) -> Place:
    """The place; AddressRefused too where a field stands twice, since which one is meant is unknown."""
    fields = read_form(query.encode())
    if len(fields.pairs) > len(fields):
        raise AddressRefused("a field stands twice")
    return read_place(step, fields)


def _situation(exchange: Exchange, knock: Knock, place: Place, webhook: Webhook) -> Situation:
    knows, now = place.step not in LEG_STEPS, exchange.now(knock)
    hunt = exchange.hunts.recall(webhook.call, place.n, now) if place.step is Step.RING else Hunt(now)
    return Situation(
        call=webhook.call,
        caller=webhook.caller,
        is_gone=webhook.is_gone,
        now=hunt.ended_at,
        snapshot=exchange.snapshot(),
        line=exchange.line,
        recollection=exchange.recall(webhook.caller) if knows else Recollection(),
        leg=webhook.leg,
        rung_at=hunt.rung_at,
        reached=hunt.reached,
        is_hidden=webhook.is_hidden,
    )


def _apology(exchange: Exchange, knock: Knock, error: Exception) -> str:
    """Our own fault, never the caller's: he hears so in French and the national team rings (decision 12)."""
    step = Step(knock.step or Step.ARRIVAL)
    level = logging.WARNING if isinstance(error, (AddressRefused, FormRefused)) else logging.ERROR
    log.log(level, "a document failed at %s: %s", step, type(error).__name__, exc_info=level == logging.ERROR)
    if step in LEG_STEPS:
        return _connect(exchange, knock, _number(knock), _person(knock), type(error).__name__)
    return _apologise(exchange, knock, _number(knock) or _FIRST, type(error).__name__)


def _fallback(exchange: Exchange, knock: Knock) -> VoiceAnswer:
    """The operator could not use one of our documents: the same apology; who calls, and which one, are noted."""
    try:
        return _document(exchange, _fallen_back(exchange, knock))
    except Exception:
        log.exception("the fallback failed")
        return _document(exchange, exchange.operator.phrase(LAST_WORDS))


def _fallen_back(exchange: Exchange, knock: Knock) -> str:
    told = exchange.operator.fallen_back(knock.form)
    failed = _place_of(told.failed)
    if told.is_leg or failed.step in LEG_STEPS:
        return _connect(exchange, knock, failed.n, failed.person, told.error)
    arrival = {"caller": told.caller, "hidden": told.is_hidden, "dialled": told.dialled}
    _write(exchange, _told(exchange, knock, FactKind.ARRIVED, _FIRST, **arrival))
    return _apologise(exchange, knock, failed.n, told.error)


def _place_of(failed: str) -> Place:
    """The place whose document failed, by its path and query; the arrival when that is none of ours."""
    try:
        parts = urlsplit(failed)
        step = parts.path.removeprefix("/voice").removeprefix("/")
        place = _place(step or Step.ARRIVAL, parts.query)
    except ValueError:
        return Place(Step.ARRIVAL)
    return place if 0 < place.n <= MOST_DOCUMENTS + 1 else Place(Step.ARRIVAL)


def _connect(exchange: Exchange, knock: Knock, n: int, person: str, error: str) -> str:
    """On a référent's leg nobody can be rung: he hears why nothing is announced, and has the caller."""
    try:
        failed = _told(exchange, knock, FactKind.APOLOGISED, n, error=error)
        _write(exchange, replace(failed, who=person))
        return exchange.operator.phrase(UNANNOUNCED)
    except Exception:
        log.exception("the apology failed")
        return exchange.operator.nothing()


def _apologise(exchange: Exchange, knock: Knock, n: int, error: str) -> str:
    """The apology for the document `n`; where even that fails, the last words. Nobody is rung for who has left."""
    try:
        snapshot = exchange.snapshot()
        is_gone = exchange.operator.is_gone(knock.form)
        rings = None if is_gone else apology_rings(snapshot)
        failed = _told(exchange, knock, FactKind.APOLOGISED, n, error=error, rang=n + APART)
        rung = (_told(exchange, knock, FactKind.RANG_RUNG, n + APART, **rings),) if rings else ()
        _write(exchange, failed, *rung)
        return exchange.operator.phrase((HangUp(),) if is_gone else apologise(snapshot, n + APART))
    except Exception:
        log.exception("the apology failed")
        return exchange.operator.phrase(LAST_WORDS)


def _told(exchange: Exchange, knock: Knock, kind: FactKind, n: int, **data: Any) -> Fact:
    return Fact(exchange.operator.call_of(knock.form), kind, n, exchange.now(knock), "", data)


def _write(exchange: Exchange, *facts: Fact) -> None:
    """Keep the facts of a call that has a name."""
    if facts[0].call:
        exchange.journal.append(facts)


def _number(knock: Knock) -> int:
    """The number of the document, as the address says it; 0 when it does not."""
    n = knock.fields.get("n", "")
    return int(n) if n.isascii() and n.isdigit() and len(n) < 5 else 0  # noqa: PLR2004 — documents are at most 41


def _person(knock: Knock) -> str:
    person = knock.fields.get("p", "")
    return person if person.isascii() and person.isalnum() and len(person) <= 16 else ""  # noqa: PLR2004 — an id


def _noted(exchange: Exchange, knock: Knock, read: Callable[[datetime], Fact | None]) -> VoiceAnswer:
    """A callback is kept as a fact and answered at once; 503 when the disk refuses it, so that it is sent again."""
    try:
        fact = read(exchange.now(knock))
    except FormRefused:
        log.warning("a callback names no call")
        fact = None
    if fact is not None and not exchange.journal.append((fact,)):
        return VoiceAnswer(HTTPStatus.SERVICE_UNAVAILABLE)
    return VoiceAnswer(HTTPStatus.NO_CONTENT)


def _status(exchange: Exchange, knock: Knock) -> VoiceAnswer:
    return _noted(exchange, knock, lambda now: exchange.operator.end_fact(knock.form, now))


def _leg(exchange: Exchange, knock: Knock) -> VoiceAnswer:
    n, person = _number(knock), _person(knock)
    return _noted(exchange, knock, lambda now: exchange.operator.leg_fact(knock.form, n, person, now))


def _recorded(exchange: Exchange, knock: Knock) -> VoiceAnswer:
    return _noted(exchange, knock, lambda now: exchange.operator.recording_fact(knock.form, _number(knock), now))


CALLBACKS: dict[str, Callable[[Exchange, Knock], VoiceAnswer]] = {
    "fallback": _fallback,
    "status": _status,
    "leg": _leg,
    "recorded": _recorded,
}
"""The addresses that are no step of the conversation."""

ADDRESSES = frozenset({PREFIX, *(f"{PREFIX}/{one}" for one in (*Step, *CALLBACKS) if one is not Step.ARRIVAL)})
