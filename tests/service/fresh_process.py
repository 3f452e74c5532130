"""A web application as the web server loads it, in a process of its own: `python -m tests.service.fresh_process`.

Prints, as JSON, what its first webhooks were the first to need: modules loaded, calendars made, files read.
"""

from __future__ import annotations

import json
import re
import sys
from html import unescape
from typing import Any
from urllib.parse import urldefrag, urlencode

import holidays
from flask import Flask
from twilio.request_validator import RequestValidator

from service.app import application
from service.directory import snapshots
from service.settings import Settings, read_settings

FORM = {"CallSid": "CA1", "From": "+33639981234", "To": "+33199000156", "CallStatus": "in-progress"}
ANSWERS = (
    {"Digits": "75"}, {"Digits": "29"}, {"Digits": "97"}, {"Digits": "*"}, {"Digits": "20"}, {"Digits": ""},
    {"SpeechResult": "la Guadeloupe", "Confidence": "0.9"}, {"SpeechResult": "soixante-quinze"},
)  # fmt: skip
CALLERS = ("+33639981234", "+590590000001", "+262262000001", "+687240001", "anonymous", "sip:accueil@exemple.fr")


class Caller:
    """Sends the operator's signed forms to an application."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self._client = app.test_client()
        self._base = settings.public_url
        self._validator = RequestValidator(settings.auth_tokens[0])

    def sends(self, address: str, **form: str) -> str:
        """The document that answers, always with status 200."""
        fields = FORM | form
        signature = self._validator.compute_signature(self._base + address, fields)
        answer = self._client.post(
            address, data=urlencode(fields), content_type="application/x-www-form-urlencoded",
            headers={"X-Twilio-Signature": signature},
        )  # fmt: skip
        assert answer.status_code == 200, answer.text
        return answer.text


def next_address(document: str, base: str) -> str | None:
    """Where the document's answer goes, without our own host nor what is for the operator; None where the call ends."""
    found = re.search(r'action="([^"]+)"', document)
    return urldefrag(unescape(found[1])).url.removeprefix(base) if found else None


def calls(caller: Caller, base: str) -> None:
    """The first two or three webhooks of several calls."""
    for number in CALLERS:
        menu = next_address(caller.sends("/voice", From=number), base)
        for answer in ANSWERS:
            there = next_address(caller.sends(str(menu), From=number, **answer), base)
            if there:
                caller.sends(there, From=number, Digits="4")


def counted(module: Any, name: str, made: list[str]) -> None:
    """Let a function note that it was called."""
    real = getattr(module, name)

    def noting(*given: Any, **named: Any) -> Any:
        made.append(f"{name} {given} {named}")
        return real(*given, **named)

    setattr(module, name, noting)


def main() -> None:
    settings = read_settings(complete=True)
    app = application()
    caller, made = Caller(app, settings), list[str]()
    counted(holidays, "country_holidays", made)
    counted(snapshots, "_load", made)
    before = set(sys.modules)
    calls(caller, settings.public_url)
    print(json.dumps({"modules": sorted(set(sys.modules) - before), "made": made}))


if __name__ == "__main__":
    main()
