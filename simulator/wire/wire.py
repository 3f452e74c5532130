"""Webhooks over real HTTP, signed as the operator signs them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urldefrag, urlencode, urljoin, urlsplit, urlunsplit

import requests
from twilio.request_validator import RequestValidator

from simulator.wire.overrides import BROKEN, CONNECTING, FAILED, READING, REFUSED, Overrides, read_overrides
from simulator.world.habits import Habits, Timeouts

AGENT = "TwilioProxy/1.1"
MOST_REDIRECTS = 10
HTTP_RETRIEVAL = 11200
CONNECTION = 11205
TOO_MANY_REDIRECTS = 11215
BAD_OVERRIDE = 11240

Fields = dict[str, str]


@dataclass(frozen=True, slots=True)
class Message:
    """One webhook: where, what, and the token that stays the same when it is sent again."""

    url: str
    fields: Mapping[str, str]
    method: str = "POST"
    token: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def without_keys(self, url: str, *, keeps_method: bool) -> Message:
        """The same message for the place that a redirection names: what was keyed in is not sent again."""
        fields = {name: text for name, text in self.fields.items() if name != "Digits"}
        return Message(url, fields, self.method if keeps_method else "GET", self.token, self.headers)


@dataclass(frozen=True, slots=True)
class WebhookAnswer:
    """What the webhook answered; `url` is where it was found after redirections."""

    url: str
    status: int
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Failure:
    """Nothing usable came; `code` is the operator's number for it."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class _Tried:
    """One try: what came, and the kind of failure that a retry policy may name (empty: none)."""

    came: requests.Response | Failure
    kind: str = ""


def signature(token: str, url: str, fields: Mapping[str, str]) -> str:
    """The X-Twilio-Signature of a request; for GET the fields are in the address and `fields` is empty."""
    return str(RequestValidator(token).compute_signature(url, dict(fields)))


class Wire:
    """Sends webhooks. A session belongs to one leg, so cookies come back to it and to no other."""

    def __init__(self, auth_token: str, timeouts: Timeouts, habits: Habits) -> None:
        self._auth_token = auth_token
        self._timeouts = timeouts
        self._habits = habits

    def session(self) -> requests.Session:
        """A new session, which looks at no proxy setting of the machine."""
        session = requests.Session()
        session.trust_env = False
        return session

    def send(self, session: requests.Session, message: Message) -> WebhookAnswer | Failure:
        """The answer to a webhook, redirections followed; a Failure when there is none or its status is an error."""
        for _ in range(MOST_REDIRECTS + 1):
            response = self._exchange(session, message)
            if isinstance(response, Failure):
                return response
            if response.is_redirect:
                target = urljoin(message.url, response.headers["Location"])
                message = message.without_keys(target, keeps_method=response.status_code in {307, 308})
            elif response.ok:
                kind = response.headers.get("Content-Type", "")
                return WebhookAnswer(message.url, response.status_code, kind, response.content)
            else:
                return Failure(HTTP_RETRIEVAL, f"{message.url} answered {response.status_code}")
        return Failure(TOO_MANY_REDIRECTS, f"{message.url}: too many redirections")

    def send_once(self, message: Message) -> WebhookAnswer | Failure:
        """The answer to a webhook that belongs to no leg's session."""
        with self.session() as session:
            return self.send(session, message)

    def fetch_audio(self, url: str) -> bytes | Failure:
        """The bytes of an audio file."""
        try:
            with self.session() as session:
                patience = (self._timeouts.connect, self._timeouts.read)
                response = session.get(url, headers={"User-Agent": AGENT}, timeout=patience)
        except requests.RequestException as error:
            return Failure(HTTP_RETRIEVAL, f"{url}: {type(error).__name__}")
        return response.content if response.ok else Failure(HTTP_RETRIEVAL, f"{url} answered {response.status_code}")

    def _exchange(self, session: requests.Session, message: Message) -> requests.Response | Failure:
        """What comes of one webhook: tried again as its address asks, by default after a failed connection alone."""
        try:
            asked = read_overrides(message.url if self._habits.knows_overrides else "")
        except ValueError as error:
            return Failure(BAD_OVERRIDE, f"{message.url}: {error}")
        end = time.monotonic() + min(asked.total, self._timeouts.total)
        tried = self._try(session, message, asked, end)
        for _ in range(asked.retries):
            if not asked.retry_after(tried.kind) or time.monotonic() >= end:
                break
            tried = self._try(session, message, asked, end)
        return tried.came

    def _try(self, session: requests.Session, message: Message, asked: Overrides, end: float) -> _Tried:
        left = max(end - time.monotonic(), 0.001)
        patience = (min(asked.connect, self._timeouts.connect, left), min(asked.read, self._timeouts.read, left))
        try:
            response = self._request(session, message, patience)
        except requests.RequestException as error:
            kind = _kind(error)
            code = HTTP_RETRIEVAL if kind == READING else CONNECTION
            return _Tried(Failure(code, f"{message.url}: {type(error).__name__}"), kind)
        return _Tried(response, {4: REFUSED, 5: FAILED}.get(response.status_code // 100, ""))

    def _request(self, session: requests.Session, message: Message, patience: tuple[float, float]) -> requests.Response:
        url, fragment = urldefrag(message.url)
        fields = dict(message.fields)
        if message.method == "GET":
            url, fields = _with_query(url, fields), {}
        signed = f"{url}#{fragment}" if fragment and self._habits.signs_fragment else url
        headers = {
            "User-Agent": AGENT,
            "I-Twilio-Idempotency-Token": message.token,
            "X-Twilio-Signature": signature(self._auth_token, signed, fields),
            **message.headers,
        }
        body = urlencode(fields) if message.method == "POST" else None
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
        return session.request(message.method, url, data=body, headers=headers, timeout=patience, allow_redirects=False)


def _kind(error: requests.RequestException) -> str:
    if isinstance(error, requests.ConnectTimeout) or _never_connected(error):
        return CONNECTING
    return BROKEN if isinstance(error, requests.ConnectionError) else READING


def _never_connected(error: requests.RequestException) -> bool:
    """Whether the library gave up before any connection was made: then alone it tells its own reason."""
    return any(getattr(cause, "reason", None) for cause in error.args)


def _with_query(url: str, fields: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    query = "&".join(filter(None, (parts.query, urlencode(fields))))
    return urlunsplit(parts._replace(query=query))
