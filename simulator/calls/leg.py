"""One leg of a call: a person at one end, and the document that the operator follows for him."""

from __future__ import annotations

import random
import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto
from functools import partial
from types import MappingProxyType
from typing import Any
from urllib.parse import urldefrag, urljoin

from simulator.wire import forms, verbs
from simulator.wire.courier import Courier
from simulator.wire.documents import DocumentRefused, read_document
from simulator.wire.wire import HTTP_RETRIEVAL, Failure, Fields, Message, WebhookAnswer, Wire
from simulator.world.clock import Time
from simulator.world.feed import CALLER, Feed
from simulator.world.habits import Habits, Mischief
from simulator.world.log import Log, LogEntry
from simulator.world.processes import Process, Routine, Work

MOST_DOCUMENTS = 200
"""No real call asks for so many: an endless loop is a problem to be seen, not to be waited for."""

_NOTHING: Mapping[str, str] = MappingProxyType({})


class HungUp(Exception):  # noqa: N818 - what happened, not an error
    """The person at this end is gone, or his leg was ended."""


class Unfollowable(Exception):  # noqa: N818 - the reader of a call thinks of the document, not of an error
    """No document can be had for this leg, not even from the fallback."""


class Ending(Enum):
    """How following documents came to its end."""

    RAN_OUT = auto()
    HUNG_UP = auto()
    REJECTED = auto()


@dataclass(frozen=True, slots=True)
class Key:
    """A key was pressed."""

    key: str


@dataclass(frozen=True, slots=True)
class Words:
    """Something is being said; it takes `seconds`. `confidence` None: the recogniser tells none."""

    text: str
    seconds: float
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Next:
    """The document to ask for next, with what the caller did."""

    url: str
    method: str = "POST"
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class NumberSetup:
    """How our number is configured at the operator; `numbers` may be shown as caller id."""

    number: str
    voice_url: str
    fallback_url: str = ""
    status_url: str = ""
    numbers: frozenset[str] = frozenset()
    voice_method: str = "POST"
    fallback_method: str = "POST"
    status_method: str = "POST"
    application: str = ""
    trunk: str = ""


@dataclass(slots=True)
class Switchboard:
    """What every leg shares: the operator's means."""

    account_sid: str
    line: NumberSetup
    time: Time
    wire: Wire
    courier: Courier
    log: Log
    habits: Habits
    mischief: Mischief
    dice: random.Random
    api_url: str = "https://api.twilio.com"

    def new_sid(self, prefix: str) -> str:
        """A new identifier, e.g. `CA` and 32 hexadecimal digits."""
        return f"{prefix}{self.dice.getrandbits(128):032x}"


class SimulatedLeg:
    """One leg. `where` is `caller`, or the telephone number that is rung."""

    def __init__(
        self,
        exchange: Switchboard,
        call: LogEntry,
        feed: Feed,
        *,
        where: str = CALLER,
        moment: datetime | None = None,
        when: Mapping[str, Callable[[], None]] = MappingProxyType({}),
    ) -> None:
        self.exchange = exchange
        self.call = call
        self.feed = feed
        self.where = where
        self.typed_ahead: deque[str] = deque()
        self.process: Process[Any] | None = None
        self.document_url = ""
        self._documents = 0
        self._sequence = 0
        self._session = exchange.wire.session()
        self._shift = moment - exchange.time.now() if moment else None
        self._when = when

    def branch(self, call: LogEntry, *, where: str) -> SimulatedLeg:
        """A leg that is rung for this one: same feed, same pretended moment."""
        moment = self.exchange.time.now() + self._shift if self._shift is not None else None
        return SimulatedLeg(self.exchange, call, self.feed, where=where, moment=moment)

    # ------------------------------------------------------------ what the person does

    def tell(self, signal: object) -> None:
        """Hands a key, words or another signal to the leg, if anybody still follows it."""
        if self.process is not None:
            self.process.tell(signal)

    def hear_ahead(self, signal: object) -> None:
        """What becomes of a signal that nothing asks for: keys are kept or lost, as the operator's habit is."""
        if isinstance(signal, Key) and self.exchange.habits.keeps_typed_ahead:
            self.typed_ahead.append(signal.key)

    # ------------------------------------------------------------ its state

    def note(self, kind: str, **data: Any) -> None:
        """Tells the feed what happens here."""
        self.feed.add(self.exchange.time.now(), kind, self.where, **data)

    def trouble(self, reason: str) -> None:
        """Notes what the operator would show in its debugger."""
        self.exchange.log.problems.append(reason)
        self.note("trouble", reason=reason)

    def answer(self) -> None:
        """The leg is picked up, if it was not yet."""
        if self.call.answered_at is None and not self.call.is_over:
            self.call.answered_at = self.exchange.time.now()
            self.call.status = "in-progress"
            self.note("answered")
            self._happened("answered")

    def close(self, status: str) -> bool:
        """The leg is over; False when it already was. A final status never changes."""
        if self.call.is_over:
            return False
        self.call.status = status
        self.call.ended_at = self.exchange.time.now()
        self._happened("over")
        return True

    def forget(self) -> None:
        """Lets the connection go."""
        self._session.close()

    def progress(self, url: str, status: str, method: str = "POST") -> None:
        """Tells a status callback how the leg stands."""
        now = self.exchange.time.now() + (self._shift or timedelta())
        fields = forms.progress_fields(self.exchange.account_sid, self.call, status, self._sequence, now)
        self._sequence += 1
        self.post(url, fields, method)

    def post(self, url: str, fields: Mapping[str, str], method: str = "POST") -> None:
        """Sends a callback that nobody waits for."""
        if url:
            self.exchange.courier.post(self._message(urljoin(self.document_url, url), fields, method))

    # ------------------------------------------------------------ its documents

    def next(self, url: str, method: str = "POST", fields: Mapping[str, str] = _NOTHING) -> Next:
        """The document that an address in the present one leads to; an empty address is the present one."""
        return Next(urljoin(self.document_url, url), method, fields)

    def fetch(self, wanted: Next) -> Routine[tuple[verbs.Verb, ...]]:
        """The document asked for, else the fallback's, else Unfollowable."""
        document = yield from self._document(wanted)
        if isinstance(document, Failure) and self._fallback:
            error = {"ErrorCode": str(document.code), "ErrorUrl": wanted.url}
            document = yield from self._document(Next(self._fallback, self.exchange.line.fallback_method, error))
        if isinstance(document, Failure):
            raise Unfollowable(document.reason)
        return document

    def tell_in_vain(self, wanted: Next) -> Routine[None]:
        """Sends the request that comes after the caller has gone; its document is read and played to nobody."""
        document = yield from self._document(wanted)
        if not isinstance(document, Failure) and any(
            isinstance(verb, verbs.Dial | verbs.RecordCaller) for verb in document
        ):
            self.trouble(f"{wanted.url} goes on although the caller is gone")

    @property
    def _fallback(self) -> str:
        has_one = not self.call.parent_sid or self.exchange.habits.legs_fall_back
        return self.exchange.line.fallback_url if has_one else ""

    def _document(self, wanted: Next) -> Routine[tuple[verbs.Verb, ...] | Failure]:
        self._documents += 1
        if self._documents > MOST_DOCUMENTS:
            self.trouble(f"more than {MOST_DOCUMENTS} documents")
            raise Unfollowable("endless")
        fields = {**forms.call_fields(self.exchange.account_sid, self.call), **wanted.fields}
        if self._documents == 1 or self.exchange.habits.repeats_headers:
            fields |= forms.header_fields(self.call)
        message = self._message(wanted.url, fields, wanted.method)
        answer = yield Work(lambda: self._sent(message))
        self._repeat(message, answer)
        self._drain()
        document = self._read(answer)
        if isinstance(document, Failure):
            self.trouble(document.reason)
        return document

    def _sent(self, message: Message) -> WebhookAnswer | Failure:
        """The answer, unless this address is one that mischief makes unreachable."""
        mischief = self.exchange.mischief
        address = urldefrag(message.url).url
        is_lost = bool(mischief.unreachable) and re.search(mischief.unreachable, address) is not None
        if is_lost and not mischief.answers_too_late:
            return Failure(HTTP_RETRIEVAL, f"{message.url}: unreachable")
        answer = self.exchange.wire.send(self._session, message)
        return Failure(HTTP_RETRIEVAL, f"{message.url}: too late") if is_lost else answer

    def _read(self, answer: WebhookAnswer | Failure) -> tuple[verbs.Verb, ...] | Failure:
        if isinstance(answer, Failure):
            return answer
        try:
            document = read_document(answer.content_type, answer.body)
        except DocumentRefused as error:
            return Failure(error.code, f"{answer.url}: {error}")
        self.document_url = answer.url
        return document

    def _message(self, url: str, fields: Mapping[str, str], method: str) -> Message:
        token = self.exchange.new_sid("")
        headers: Fields = {}
        if self._shift is not None:
            headers["X-Demo-Moment"] = (self.exchange.time.now() + self._shift).isoformat()
        return Message(url, dict(fields), method, token, headers)

    def _happened(self, event: str) -> None:
        if event in self._when:
            self._when[event]()

    def _drain(self) -> None:
        """Keys pressed while the service was thinking were pressed while nothing was asked."""
        if self.process is not None:
            for signal in self.process.take_waiting_signals():
                self.hear_ahead(signal)

    def _repeat(self, message: Message, first: WebhookAnswer | Failure) -> None:
        for seconds in self.exchange.mischief.repeats:
            pattern = self.exchange.mischief.moment_in_address if seconds else ""
            self.exchange.time.after(seconds, partial(self._send_again, message, first, pattern))

    def _send_again(self, message: Message, first: WebhookAnswer | Failure, pattern: str) -> None:
        def compare(second: WebhookAnswer | Failure) -> None:
            if isinstance(first, WebhookAnswer) and _essence(second, pattern) != _essence(first, pattern):
                self.trouble(f"{message.url} answered something else when asked again")

        self.exchange.time.work(lambda: self.exchange.wire.send_once(message), compare)


def _essence(answer: WebhookAnswer | Failure, pattern: str) -> bytes | None:
    if isinstance(answer, Failure):
        return None
    return re.sub(pattern.encode(), b"", answer.body) if pattern else answer.body
