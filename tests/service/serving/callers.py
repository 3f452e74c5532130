"""Callers at a steady rate, each with a connection of his own, and what became of them."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from service.settings import Settings

A_SECOND = 20
PATIENCE = 240.0
"""Seconds: a busy machine that tests is slow; whoever is refused hears so at once."""


@dataclass
class Callers:
    """What became of those who called: `refused` says why, one entry each."""

    answered: int = 0
    longest: float = 0.0
    refused: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def made(self) -> int:
        """How many have heard how it ended."""
        return self.answered + len(self.refused)


def signed_call(settings: Settings, name: str) -> tuple[bytes, dict[str, str]]:
    """The form and the headers of a call that comes in."""
    form = {
        "CallSid": name, "AccountSid": settings.twilio_account_sid, "From": "+33639980000", "To": settings.svi_number,
        "CallStatus": "ringing", "Direction": "inbound",
    }  # fmt: skip
    signature = RequestValidator(settings.auth_tokens[0]).compute_signature(f"{settings.public_url}/voice", form)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": signature}
    return urlencode(form).encode(), headers


def call(settings: Settings, port: int, name: str) -> str:
    """One call on a fresh connection: empty when it was answered, else why not."""
    body, headers = signed_call(settings, name)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("POST", "/voice", body, headers)
        answer = connection.getresponse()
        text = answer.read()
    except (OSError, http.client.HTTPException) as error:
        return repr(error)
    finally:
        connection.close()
    return "" if answer.status == 200 and b"<Response" in text else f"{answer.status} {text[:80]!r}"


@contextmanager
def calling(settings: Settings, *ports: int, a_second: int = A_SECOND) -> Iterator[Callers]:
    """Callers at `a_second`, on `ports` in turn, until the block ends; then each has been answered or refused."""
    callers, over = Callers(), threading.Event()

    def one(number: int) -> None:
        began = time.monotonic()
        refused = call(settings, ports[number % len(ports)], f"CA{number:032x}")
        with callers.lock:
            callers.longest = max(callers.longest, time.monotonic() - began)
            if refused:
                callers.refused.append(refused)
            else:
                callers.answered += 1

    def ring() -> None:
        number = 0
        while not over.wait(1 / a_second):
            number += 1
            pool.submit(one, number)

    with ThreadPoolExecutor(200) as pool:
        ringing = threading.Thread(target=ring)
        ringing.start()
        try:
            yield callers
        finally:
            over.set()
            ringing.join()
