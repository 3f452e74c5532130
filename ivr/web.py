"""The telephone's door: verify the signature, understand the form, advance the script, write it down, answer."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from flask import Blueprint, Response, abort, request

from ivr.conversation import script
from ivr.conversation.apology import LAST_WORDS, UNANNOUNCED, apologise, apology_rings
from ivr.conversation.instructions import HangUp
from ivr.conversation.place import APART, MOST_DOCUMENTS, AddressRefused, Place, Step, read_place
from ivr.conversation.situation import Hunt, PhoneLine, Recollection, Situation
from ivr.operator.border import FormRefused, Operator, Webhook
from records.facts import Fact, FactKind
from routing.snapshot import Snapshot

log = logging.getLogger(__name__)

LARGEST_FORM = 64 * 1024
"""A form is a few hundred bytes; anything beyond this is refused unread."""

LEG_STEPS = frozenset({Step.SCREEN, Step.TAKE})
_FIRST = Place(Step.ARRIVAL).n
DEMO_MOMENT = "X-Demo-Moment"
DEMO_YEARS = range(2000, 2100)


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

    def now(self) -> datetime:
        """The moment; in demonstration the telephone's page may name another one."""
        asked = _moment(request.headers.get(DEMO_MOMENT, "")) if self.is_demo else None
        return asked or self.clock()


def _moment(text: str) -> datetime | None:
    """A moment that every time zone can tell, or None."""
    try:
        moment = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment.year in DEMO_YEARS else None


def voice_blueprint(exchange: Exchange) -> Blueprint:
    """The addresses of the telephone (docs/contract.md#telephone-webhooks). Each one checks the signature first."""
    voice = Blueprint("voice", __name__, url_prefix="/voice")

    @voice.before_request
    def guard() -> None:
        request.max_content_length = LARGEST_FORM
        _refuse_unsigned(exchange)

    @voice.post("", defaults={"step": Step.ARRIVAL.value})
    @voice.post("/<any({}):step>".format(", ".join(one for one in Step if one is not Step.ARRIVAL)))
    def converse(step: str) -> Response:
        try:
            return _document_of(exchange, _converse(exchange, step))
        except Exception as error:  # noqa: BLE001 — whatever breaks, the caller hears why (idea 3)
            return _document_of(exchange, _apology(exchange, error, Step(step)))

    @voice.post("/fallback")
    def fallback() -> Response:
        return _document_of(exchange, _fallback(exchange))

    @voice.post("/status")
    def status() -> Response:
        return _noted(exchange, lambda now: exchange.operator.end_fact(request.form, now))

    @voice.post("/leg")
    def leg() -> Response:
        return _noted(exchange, lambda now: exchange.operator.leg_fact(request.form, _document(), _person(), now))

    @voice.post("/recorded")
    def recorded() -> Response:
        return _noted(exchange, lambda now: exchange.operator.recording_fact(request.form, _document(), now))

    return voice


def _refuse_unsigned(exchange: Exchange) -> None:
    """403 unless the operator signed exactly this address and this form (never `request.url`)."""
    environ = request.environ
    address = environ.get("RAW_URI") or environ.get("REQUEST_URI") or request.full_path.rstrip("?")
    if not exchange.operator.is_signed(address, request.form, request.headers):
        abort(403)


def _converse(exchange: Exchange, step: str) -> str:
    place = read_place(step, _query())
    webhook = exchange.operator.understand(place.step, request.form)
    turn = script.advance(place, webhook.event, _situation(exchange, place, webhook))
    answer = exchange.operator.phrase(turn.instructions)
    exchange.journal.append(turn.facts)
    exchange.hunts.note(turn.facts)
    return answer


def _query() -> Mapping[str, str]:
    """What the address carries; AddressRefused where a field stands twice, since which one is meant is unknown."""
    if not request.query_string:
        return {}
    if len(list(request.args.items(multi=True))) > len(request.args):
        raise AddressRefused("a field stands twice")
    return request.args


def _situation(exchange: Exchange, place: Place, webhook: Webhook) -> Situation:
    knows, now = place.step not in LEG_STEPS, exchange.now()
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


def _apology(exchange: Exchange, error: Exception, step: Step) -> str:
    """Our own fault, never the caller's: he hears so in French and the national team rings (decision 12)."""
    level = logging.WARNING if isinstance(error, (AddressRefused, FormRefused)) else logging.ERROR
    log.log(level, "a document failed at %s: %s", step, type(error).__name__, exc_info=level == logging.ERROR)
    if step in LEG_STEPS:
        return _connect(exchange, _document(), _person(), type(error).__name__)
    return _apologise(exchange, _document() or _FIRST, type(error).__name__)


def _fallback(exchange: Exchange) -> str:
    """The operator could not use one of our documents: the same apology; who calls, and which one, are noted."""
    told = exchange.operator.fallen_back(request.form)
    failed = _place_of(told.failed)
    if told.is_leg or failed.step in LEG_STEPS:
        return _connect(exchange, failed.n, failed.person, told.error)
    arrival = {"caller": told.caller, "hidden": told.is_hidden, "dialled": told.dialled}
    _write(exchange, _told(exchange, FactKind.ARRIVED, _FIRST, **arrival))
    return _apologise(exchange, failed.n, told.error)


def _place_of(failed: str) -> Place:
    """The place whose document failed, by its path and query; the arrival when that is none of ours."""
    try:
        parts = urlsplit(failed)
        step = parts.path.removeprefix("/voice").removeprefix("/")
        place = read_place(step or Step.ARRIVAL, dict(parse_qsl(parts.query)))
    except ValueError:
        return Place(Step.ARRIVAL)
    return place if 0 < place.n <= MOST_DOCUMENTS + 1 else Place(Step.ARRIVAL)


def _connect(exchange: Exchange, n: int, person: str, error: str) -> str:
    """On a référent's leg nobody can be rung: he hears why nothing is announced, and has the caller."""
    try:
        failed = _told(exchange, FactKind.APOLOGISED, n, error=error)
        _write(exchange, replace(failed, who=person))
        return exchange.operator.phrase(UNANNOUNCED)
    except Exception:
        log.exception("the apology failed")
        return exchange.operator.nothing()


def _apologise(exchange: Exchange, n: int, error: str) -> str:
    """The apology for the document `n`; where even that fails, the last words. Nobody is rung for who has left."""
    try:
        snapshot = exchange.snapshot()
        is_gone = exchange.operator.is_gone(request.form)
        rings = None if is_gone else apology_rings(snapshot)
        failed = _told(exchange, FactKind.APOLOGISED, n, error=error, rang=n + APART)
        rung = (_told(exchange, FactKind.RANG_RUNG, n + APART, **rings),) if rings else ()
        _write(exchange, failed, *rung)
        return exchange.operator.phrase((HangUp(),) if is_gone else apologise(snapshot, n + APART))
    except Exception:
        log.exception("the apology failed")
        return exchange.operator.phrase(LAST_WORDS)


def _told(exchange: Exchange, kind: FactKind, n: int, **data: Any) -> Fact:
    return Fact(exchange.operator.call_of(request.form), kind, n, exchange.now(), "", data)


def _write(exchange: Exchange, *facts: Fact) -> None:
    """Keep the facts of a call that has a name."""
    if facts[0].call:
        exchange.journal.append(facts)


def _document() -> int:
    n = request.args.get("n", "")
    return int(n) if n.isascii() and n.isdigit() and len(n) < 5 else 0  # noqa: PLR2004 — documents are at most 41


def _person() -> str:
    person = request.args.get("p", "")
    return person if person.isascii() and person.isalnum() and len(person) <= 16 else ""  # noqa: PLR2004 — an id


def _noted(exchange: Exchange, read: Callable[[datetime], Fact | None]) -> Response:
    """A callback is kept as a fact and answered at once; 503 when the disk refuses it, so that it is sent again."""
    try:
        fact = read(exchange.now())
    except FormRefused:
        log.warning("a callback names no call")
        fact = None
    if fact is not None and not exchange.journal.append((fact,)):
        return Response(status=503)
    return Response(status=204)


def _document_of(exchange: Exchange, text: str) -> Response:
    return Response(text, mimetype=exchange.operator.mimetype)
