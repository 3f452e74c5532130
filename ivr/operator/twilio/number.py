"""How our number is set at Twilio's: which addresses it calls, and how to put them right."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ivr.operator.call_log import OperatorUnavailable
from ivr.operator.number import NumberSettings
from ivr.operator.twilio.overrides import asked_again
from ivr.operator.twilio.rest import client, reported


class TwilioNumber:
    """One incoming number of the account (E.164)."""

    def __init__(self, number: str, account: str, token: str, api_url: str = "") -> None:
        self._number = number
        self._client = client(account, token, api_url)

    def differences(self, expected: NumberSettings) -> list[str]:
        """One French sentence for each setting that is not as `expected`; raises OperatorUnavailable."""
        expected = _with_overrides(expected)
        found = self._found()
        told = {
            "l’adresse d’appel": (found.voice_url, expected.voice),
            "l’adresse de secours": (found.voice_fallback_url, expected.fallback),
            "la méthode de secours": (found.voice_fallback_method, expected.fallback_method),
            "l’adresse de fin d’appel": (found.status_callback, expected.status),
        }
        sentences = [
            f"Chez l’opérateur, {name} est « {is_now or 'vide'} » au lieu de « {should} »."
            for name, (is_now, should) in told.items()
            if (is_now or "") != should
        ]
        if found.voice_application_sid or getattr(found, "trunk_sid", None):
            sentences.append("Chez l’opérateur, une application ou un faisceau prend le pas sur l’adresse d’appel.")
        return sentences

    def configure(self, expected: NumberSettings) -> None:
        """Set the number as `expected`; raises OperatorUnavailable."""
        expected = _with_overrides(expected)
        found = self._found()
        with reported():
            found.update(
                voice_url=expected.voice,
                voice_method="POST",
                voice_fallback_url=expected.fallback,
                voice_fallback_method=expected.fallback_method,
                status_callback=expected.status,
                status_callback_method="POST",
            )

    def _found(self) -> Any:
        with reported():
            found = self._client.incoming_phone_numbers.list(phone_number=self._number, limit=1)
        if not found:
            raise OperatorUnavailable(f"Le compte chez l’opérateur n’a pas le numéro {self._number}.")
        return found[0]


def _with_overrides(expected: NumberSettings) -> NumberSettings:
    """The same addresses, each to be asked again; the static fallback too, after which nothing comes but English."""
    return replace(
        expected,
        voice=asked_again(expected.voice),
        fallback=asked_again(expected.fallback),
        status=asked_again(expected.status),
    )
