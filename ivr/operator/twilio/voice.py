"""Twilio as an operator of the telephone's door: its documents and its forms behind the one border."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from ivr.conversation.place import Step
from ivr.operator.border import FallenBack, Webhook
from ivr.operator.twilio import forms
from ivr.operator.twilio.documents import TwilioDocuments, empty
from ivr.operator.twilio.presented import OurLines
from records.facts import Fact


class Twilio(TwilioDocuments):
    """The whole border (`ivr.operator.border.Operator`)."""

    mimetype = "text/xml"

    def __init__(self, tokens: Sequence[str], public_url: str, caller_id: str, lines: OurLines | None = None) -> None:
        """`lines`: our numbers, and those that hide the caller's; the rest as TwilioDocuments."""
        super().__init__(tokens, public_url, caller_id)
        self._lines = lines or OurLines()

    def call_of(self, form: Mapping[str, str]) -> str:
        """The call that the form names, or nothing."""
        return forms.call_of(form)

    def is_gone(self, form: Mapping[str, str]) -> bool:
        """Whether the call is over."""
        return forms.is_gone(form)

    def understand(self, step: Step, form: Mapping[str, str]) -> Webhook:
        """The event; raises FormRefused."""
        return forms.understand(step, form, self._lines)

    def fallen_back(self, form: Mapping[str, str]) -> FallenBack:
        """Who called, the error, and where."""
        return forms.fallen_back(form, self._public_url, self._lines)

    def end_fact(self, form: Mapping[str, str], at: datetime) -> Fact | None:
        """The end of a call."""
        return forms.end_fact(form, at, self._lines)

    def leg_fact(self, form: Mapping[str, str], n: int, person: str, at: datetime) -> Fact | None:
        """What became of a leg."""
        return forms.leg_fact(form, n, person, at)

    def recording_fact(self, form: Mapping[str, str], n: int, at: datetime) -> Fact:
        """What became of a recording."""
        return forms.recording_fact(form, n, at)

    def nothing(self) -> str:
        """An empty response."""
        return empty()
