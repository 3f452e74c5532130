"""Twilio, whole: one class that gives all that the service asks of an operator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.operator.border import Operator
from ivr.operator.call_log import CallLog
from ivr.operator.number import NumberSettings, OurNumbers
from ivr.operator.provider import KeptRecordings, Standby
from ivr.operator.twilio.overrides import with_overrides
from ivr.operator.twilio.presented import OurLines, read_presented
from ivr.operator.twilio.recordings import TwilioRecordings
from ivr.operator.twilio.standby import HOSTING, StandbyPhrasing
from ivr.operator.twilio.voice import Twilio


@dataclass(frozen=True, slots=True)
class TwilioProvider:
    """Our account: every accepted token (the first one signs), our address, the number shown, all our numbers."""

    account: str
    tokens: Sequence[str]
    public_url: str
    caller_id: str
    lines: OurLines
    api_url: str = ""
    """Of another engine; empty: the operator's own."""

    hosting: str = HOSTING

    def door(self) -> Operator:
        """Who asks the telephone's door."""
        return Twilio(self.tokens, self.public_url, self.caller_id, self.lines)

    # The library's interface for programs takes a fifth of a second to import: whoever answers calls does without it.

    def call_log(self) -> CallLog:
        """The account's own list of calls."""
        from ivr.operator.twilio.log import TwilioCallLog  # noqa: PLC0415 - see above

        return TwilioCallLog(self.account, self.tokens[0], self.api_url, self.lines)

    def numbers(self) -> OurNumbers:
        """The account's numbers as they are set there."""
        from ivr.operator.twilio.number import TwilioNumbers  # noqa: PLC0415 - see above

        return TwilioNumbers(self.account, self.tokens[0], self.api_url)

    def as_set(self, expected: NumberSettings) -> NumberSettings:
        """The addresses with how to ask again."""
        return with_overrides(expected)

    def recordings(self) -> KeptRecordings:
        """The messages that callers left."""
        return TwilioRecordings(self.account, next(iter(self.tokens), ""), self.api_url)

    def probe(self, url: str) -> tuple[Mapping[str, str], Mapping[str, str]]:
        """The form and the headers of a callback that tells nothing, signed."""
        from ivr.operator.twilio.rest import probe  # noqa: PLC0415 - see above

        return probe(self.tokens[0], url)

    def clock_skew(self, at: datetime) -> timedelta:
        """By how much our clock is ahead of theirs, to the second."""
        from ivr.operator.twilio.rest import clock_skew  # noqa: PLC0415 - see above

        return clock_skew(at, self.api_url)

    def standby(self, files: str, switch: str) -> Standby:
        """How the static fallback is written."""
        return StandbyPhrasing(files, switch, self.caller_id)

    def read_number(self, text: str) -> str | None:
        """A telephone number in E.164, or None."""
        return read_presented(text)
