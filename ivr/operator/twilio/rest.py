"""The operator's interface for programs: one client, with a time limit, that can be led to a compatible engine."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from twilio.base.exceptions import TwilioException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from ivr.operator.call_log import OperatorUnavailable
from ivr.operator.twilio.forms import is_identifier

log = logging.getLogger(__name__)

API = "https://api.twilio.com"
TIMEOUT = 10.0
"""Seconds that the operator has for one answer; the library's own default is for ever."""


_STUMBLES = (ValueError, TypeError, KeyError, AttributeError)
"""What the library raises over an answer that is no JSON, or of another shape."""


class RedirectedHttpClient(TwilioHttpClient):  # type: ignore[misc]  # the library ships no types
    """Sends every request to `base` (scheme and host), paths unchanged."""

    def __init__(self, base: str, **more: Any) -> None:
        super().__init__(**more)
        self._base = urlsplit(base)

    def request(self, method: str, url: str, *args: Any, **more: Any) -> Response:
        """Make one request, elsewhere."""
        parts = urlsplit(url)
        moved = (self._base.scheme, self._base.netloc, self._base.path + parts.path, parts.query, parts.fragment)
        return super().request(method, urlunsplit(moved), *args, **more)


def client(account: str, token: str, api_url: str = "") -> Client:
    """A client of the account; `api_url` is the address of a compatible engine or a simulator."""
    limits: dict[str, Any] = {"timeout": TIMEOUT, "max_retries": 2}
    http = RedirectedHttpClient(api_url, **limits) if api_url else TwilioHttpClient(**limits)
    return Client(account, token, http_client=http)


@contextmanager
def reported() -> Iterator[None]:
    """Turn what goes wrong on the way to the operator into OperatorUnavailable."""
    try:
        yield
    except (TwilioException, requests.RequestException, *_STUMBLES) as error:
        answer = error.args[-1] if error.args else None  # where the library could not fetch a page
        status = getattr(error, "status", None) or getattr(answer, "status_code", None)
        told = f"statut {status}" if status else type(error).__name__
        raise OperatorUnavailable(f"L’opérateur n’a pas répondu comme attendu ({told}).") from error


def every(page: Any) -> list[Any]:
    """Every entry of a list in pages, read from its first one; what cannot be read or has no name is left out.

    An entry that stands on two pages is one. Raises OperatorUnavailable when a page that adds nothing names another:
    such a list would never end.
    """
    found: dict[str, Any] = {}
    while page is not None:
        before = len(found)
        found |= {one.sid: one for one in _readable(page)}
        if len(found) == before and page.next_page_url:
            raise OperatorUnavailable("La liste de l’opérateur ne finit pas : chaque page annonce la suivante.")
        page = page.next_page()
    return list(found.values())


def _readable(page: Any) -> Iterator[Any]:
    """The entries of a page that can be read and have a name; the library stumbles over some, and goes on."""
    while True:
        try:
            one = next(page)
        except StopIteration:
            return
        except _STUMBLES as error:
            log.error("an entry of the operator's list cannot be read: %s", type(error).__name__)  # noqa: TRY400 - of no use
            continue
        if isinstance(one.sid, str) and is_identifier(one.sid):
            yield one
        else:
            log.error("an entry of the operator's list has no name")


def sign(token: str, url: str, form: dict[str, str]) -> str:
    """The signature that the operator would put on this request."""
    return str(RequestValidator(token).compute_signature(url, form))


def probe(token: str, url: str) -> tuple[dict[str, str], dict[str, str]]:
    """The form and the headers of a callback that tells nothing, signed: to knock at our own door."""
    form = {"CallSid": "doctor", "CallStatus": "in-progress"}
    return form, {"X-Twilio-Signature": sign(token, url, form)}


def clock_skew(at: datetime, api_url: str = "") -> timedelta:
    """By how much `at` is ahead of the moment (header Date, whole seconds) at which the operator answers."""
    began = time.monotonic()
    with reported():
        answer = requests.head(api_url or API, timeout=TIMEOUT, allow_redirects=False)
        told = parsedate_to_datetime(answer.headers["Date"])
    on_the_way = timedelta(seconds=(time.monotonic() - began) / 2)
    return at + on_the_way - told
