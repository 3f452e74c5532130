"""Webhooks over real HTTP, signed as the operator signs them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urldefrag, urlencode, urljoin, urlsplit, urlunsplit

import requests
from twilio.request_validator import RequestValidator

from simulator.world.habits import Timeouts

AGENT = "TwilioProxy/1.1"
MOST_REDIRECTS = 10
HTTP_RETRIEVAL = 11200
CONNECTION = 11205
TOO_MANY_REDIRECTS = 11215

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


def signature(token: str, url: str, fields: Mapping[str, str]) -> str:
    """The X-Twilio-Signature of a request; for GET the fields are in the address and `fields` is empty."""
    return str(RequestValidator(token).compute_signature(url, dict(fields)))


class Wire:
    """Sends webhooks. A session belongs to one leg, so cookies come back to it and to no other."""

    def __init__(self, auth_token: str, timeouts: Timeouts) -> None:
        self._auth_token = auth_token
        self._timeouts = timeouts

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
                response = session.get(url, headers={"User-Agent": AGENT}, timeout=self._patience)
        except requests.RequestException as error:
            return Failure(HTTP_RETRIEVAL, f"{url}: {type(error).__name__}")
        return response.content if response.ok else Failure(HTTP_RETRIEVAL, f"{url} answered {response.status_code}")

    @property
    def _patience(self) -> tuple[float, float]:
        return (self._timeouts.connect, self._timeouts.read)

    def _exchange(self, session: requests.Session, message: Message) -> requests.Response | Failure:
        """One request; a refused connection is tried once more, an answer that comes too late is not."""
        for _ in range(2):
            try:
                return self._request(session, message)
            except (requests.ConnectTimeout, requests.ConnectionError) as error:
                failure = Failure(CONNECTION, f"{message.url}: {type(error).__name__}")
            except requests.RequestException as error:
                return Failure(HTTP_RETRIEVAL, f"{message.url}: {type(error).__name__}")
        return failure

    def _request(self, session: requests.Session, message: Message) -> requests.Response:
        url, _ = urldefrag(message.url)
        fields = dict(message.fields)
        if message.method == "GET":
            url, fields = _with_query(url, fields), {}
        headers = {
            "User-Agent": AGENT,
            "I-Twilio-Idempotency-Token": message.token,
            "X-Twilio-Signature": signature(self._auth_token, url, fields),
            **message.headers,
        }
        body = urlencode(fields) if message.method == "POST" else None
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
        return session.request(
            message.method, url, data=body, headers=headers, timeout=self._patience, allow_redirects=False
        )


def _with_query(url: str, fields: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    query = "&".join(filter(None, (parts.query, urlencode(fields))))
    return urlunsplit(parts._replace(query=query))
