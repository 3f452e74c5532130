"""The one place that names the telephone operator: another one is a folder beside `twilio/`, and its line here."""

from __future__ import annotations

from ivr.operator.provider import Provider
from ivr.operator.twilio.presented import OurLines
from ivr.operator.twilio.provider import TwilioProvider
from service.settings import Settings


def provider_of(settings: Settings) -> Provider:
    """The operator by this machine's settings; in a demonstration the simulated one."""
    return TwilioProvider(
        settings.twilio_account_sid, settings.auth_tokens, settings.public_url, settings.caller_id,
        OurLines(settings.own_numbers, settings.transits), settings.operator_api_url,
    )  # fmt: skip
