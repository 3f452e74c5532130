"""All that the service asks of a telephone operator beside its door: what it wrote down, kept, and has set for us."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

from ivr.conversation.standby import Document
from ivr.operator.border import Operator
from ivr.operator.call_log import CallLog
from ivr.operator.number import NumberSettings, OurNumbers


class KeptRecordings(Protocol):
    """The recordings that the operator keeps."""

    def fetch(self, recording: str) -> bytes:
        """The recording as a WAV file; raises LookupError when there is none, OSError when it cannot be had now."""

    def forget(self, recording: str) -> None:
        """Delete it; one that is gone is fine. Raises OSError."""


class Standby(Protocol):
    """How the static fallback is written for this operator."""

    def phrase(self, documents: Mapping[str, Document]) -> dict[str, str]:
        """The text of each document, by its name."""

    def phrase_switch(self) -> str:
        """The document whose blanks the operator fills: it leads to the file that a key or a status names."""


class Provider(Protocol):
    """One operator, with our account there. Only `call_log` and `numbers` need credentials to be made."""

    @property
    def hosting(self) -> str:
        """French: where the document with blanks has to be put, for who sets the fallback up."""

    def door(self) -> Operator:
        """Who asks the telephone's door."""

    def call_log(self) -> CallLog:
        """The account's own list of calls."""

    def numbers(self) -> OurNumbers:
        """The account's numbers as they are set there, and where they may call."""

    def as_set(self, expected: NumberSettings) -> NumberSettings:
        """What a number is set to there when it should call these addresses."""

    def recordings(self) -> KeptRecordings:
        """The messages that callers left."""

    def probe(self, url: str) -> tuple[Mapping[str, str], Mapping[str, str]]:
        """The form and the headers of a callback that tells nothing, signed: to knock at our own door."""

    def clock_skew(self, at: datetime) -> timedelta:
        """By how much our clock, which says `at`, is ahead of theirs; raises OperatorUnavailable."""

    def standby(self, files: str, switch: str) -> Standby:
        """How the static fallback is written when its files stand at `files`, its document with blanks at `switch`."""

    def read_number(self, text: str) -> str | None:
        """A telephone number as the operator writes it, in E.164; None when it is none."""
