"""How our numbers are set at Twilio's: which addresses they call, how to put them right, and where we may call."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from urllib.parse import urldefrag

import phonenumbers
from twilio.base.exceptions import TwilioRestException

from ivr.operator.number import HeldNumber, NumberSettings
from ivr.operator.twilio.overrides import with_overrides
from ivr.operator.twilio.rest import client, every, reported

NOT_FOUND = 404
PAGE = 1000
LONGEST_SHOWN = 200


class TwilioNumbers:
    """The incoming numbers of the account (E.164), and its geographic permissions."""

    def __init__(self, account: str, token: str, api_url: str = "") -> None:
        self._client = client(account, token, api_url)

    def held(self, expected: NumberSettings) -> list[HeldNumber]:
        """Every number of the account, compared with `expected`; raises OperatorUnavailable."""
        expected = with_overrides(expected)
        return [
            HeldNumber(one.phone_number, _leads_to(one, expected.voice), tuple(_differences(one, expected)))
            for one in self._found()
        ]

    def configure(self, numbers: Collection[str], expected: NumberSettings) -> None:
        """Set those of `numbers` that the account holds as `expected`; raises OperatorUnavailable."""
        expected = with_overrides(expected)
        for found in self._found():
            if found.phone_number in numbers:
                with reported():
                    found.update(
                        voice_url=expected.voice,
                        voice_method="POST",
                        voice_fallback_url=expected.fallback,
                        voice_fallback_method=expected.fallback_method,
                        status_callback=expected.status,
                        status_callback_method="POST",
                        **({"voice_application_sid": "", "trunk_sid": ""} if _is_taken_over(found) else {}),
                    )

    def closed_countries(self, countries: Collection[str]) -> frozenset[str]:
        """Those of these countries whose ordinary numbers the account may not call; raises OperatorUnavailable."""
        with reported():
            return frozenset(one for one in countries if not self._may_call(one))

    def _may_call(self, country: str) -> bool:
        """An island that the operator does not list by itself is listed with the country whose code it shares."""
        code = phonenumbers.country_code_for_region(country)
        for name in (country, phonenumbers.region_code_for_country_code(code)):
            try:
                told = self._client.voice.v1.dialing_permissions.countries(name).fetch()
            except TwilioRestException as error:
                if error.status != NOT_FOUND:
                    raise
            else:
                return bool(told.low_risk_numbers_enabled)
        return False

    def _found(self) -> list[Any]:
        with reported():
            return every(self._client.incoming_phone_numbers.page(page_size=PAGE))


def _differences(found: Any, expected: NumberSettings) -> list[str]:
    """One French sentence for each setting that is not as `expected`."""
    told = {
        "l’adresse d’appel": (found.voice_url, expected.voice),
        "la méthode d’appel": (found.voice_method, "POST"),
        "l’adresse de secours": (found.voice_fallback_url, expected.fallback),
        "la méthode de secours": (found.voice_fallback_method, expected.fallback_method),
        "l’adresse de fin d’appel": (found.status_callback, expected.status),
        "la méthode de fin d’appel": (found.status_callback_method, "POST"),
    }
    sentences = [
        f"Chez l’opérateur, {name} du {found.phone_number} est « {_shown(is_now)} » au lieu de « {should} »."
        for name, (is_now, should) in told.items()
        if (is_now or "") != should
    ]
    if _is_taken_over(found):
        sentences.append(
            f"Chez l’opérateur, une application ou un faisceau prend le pas sur l’adresse d’appel du "
            f"{found.phone_number}."
        )
    return sentences


def _shown(told: Any) -> str:
    """What stands at the operator's, as one short line: it was typed in a console, and is read on a terminal."""
    text = "".join(mark if mark.isprintable() else "?" for mark in str(told or "vide"))
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def _leads_to(found: Any, voice: str) -> bool:
    return urldefrag(found.voice_url or "").url == urldefrag(voice).url and not _is_taken_over(found)


def _is_taken_over(found: Any) -> bool:
    return bool(found.voice_application_sid or getattr(found, "trunk_sid", None))
