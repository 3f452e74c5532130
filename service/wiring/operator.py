"""The one place that names the telephone operator: another one is a folder beside `twilio/`, and its line here."""

from __future__ import annotations

from collections.abc import Mapping

from ivr.operator.border import Operator
from ivr.operator.call_log import CallLog
from ivr.operator.number import OurNumber
from ivr.operator.twilio.forms import read_caller
from ivr.operator.twilio.log import TwilioCallLog
from ivr.operator.twilio.number import TwilioNumber
from ivr.operator.twilio.recordings import TwilioRecordings
from ivr.operator.twilio.rest import probe
from ivr.operator.twilio.standby import StandbyPhrasing
from ivr.operator.twilio.voice import Twilio
from service.settings import Settings
from voicemail.following_up import Recordings

__all__ = ["StandbyPhrasing", "call_log_of", "number_of", "operator_of", "probe_of", "read_caller", "recordings_of"]


def operator_of(settings: Settings) -> Operator:
    """Who asks the telephone's door, by this machine's settings."""
    return Twilio(settings.auth_tokens, settings.public_url, settings.caller_id)


def call_log_of(settings: Settings) -> CallLog:
    """The operator's own list of calls; in a demonstration that of the simulated operator."""
    settings.require("twilio_account_sid", "twilio_auth_token")
    return TwilioCallLog(settings.twilio_account_sid, settings.auth_tokens[0], settings.operator_api_url)


def number_of(settings: Settings) -> OurNumber:
    """Our number's settings at the operator's."""
    settings.require("twilio_account_sid", "twilio_auth_token")
    account, token = settings.twilio_account_sid, settings.auth_tokens[0]
    return TwilioNumber(settings.caller_id, account, token, settings.operator_api_url)


def recordings_of(settings: Settings) -> Recordings:
    """The operator's recordings; in a demonstration those of the simulated operator."""
    token = next(iter(settings.auth_tokens), "")
    return TwilioRecordings(settings.twilio_account_sid, token, settings.operator_api_url)


def probe_of(settings: Settings, url: str) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The form and the headers of a request that changes nothing, signed as the operator signs."""
    return probe(settings.auth_tokens[0], url)
