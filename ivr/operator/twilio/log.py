"""Twilio's own lists of calls and of recordings, read page by page and put in our words (docs/operator.md#call-log)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from ivr.operator.call_log import ListedRecording, LoggedCall, LoggedLeg
from ivr.operator.twilio.forms import is_identifier, read_seconds, read_status
from ivr.operator.twilio.presented import OurLines, read_presented
from ivr.operator.twilio.rest import client, every, reported
from records.facts import LegStatus

PAGE = 1000
MARGIN = timedelta(days=1)
"""The filter counts UTC days: ask for one more, then look at the moment ourselves."""

GOING_ON = frozenset({"queued", "initiated", "ringing", "in-progress"})

RECORDED = frozenset({"completed", "absent", "failed"})
"""What a recording's callback would have told: nothing more becomes of it."""

BY_DOCUMENT = "RecordVerb"
"""The source of a recording that a document of ours asked for: a message."""


class TwilioCallLog:
    """The account's list of calls. `token` is the first accepted auth token; `api_url` a compatible engine."""

    def __init__(self, account: str, token: str, api_url: str = "", lines: OurLines | None = None) -> None:
        self._client = client(account, token, api_url)
        self._lines = lines or OurLines()

    def ended_since(self, since: datetime) -> Iterator[LoggedCall]:
        """The account's inbound calls begun at `since` (aware) or later that have ended, with their legs, oldest first.

        Nothing is given before the whole list could be read.
        """
        # The library prints any moment with a Z, whatever its zone: it must be UTC.
        begun = (since - MARGIN).astimezone(UTC)
        with reported():
            found = every(self._client.calls.page(start_time_after=begun, page_size=PAGE))
        legs: dict[str, list[Any]] = defaultdict(list)
        for one in found:
            if parent := _text(one.parent_call_sid):
                legs[parent].append(one)
        inbound = [one for one in found if one.direction == "inbound" and _has_ended(one) and one.start_time]
        for one in sorted(inbound, key=lambda call: call.start_time):
            if one.start_time >= since:
                yield self._call(one, legs[one.sid])

    def _call(self, one: Any, legs: list[Any]) -> LoggedCall:
        # `from` is a word of Python's: the library calls it `_from`. Headers of a trunk are not in the list.
        return LoggedCall(
            call=one.sid,
            caller=self._lines.caller(_text(getattr(one, "_from", None)), _text(one.forwarded_from)),
            dialled=_dialled(one),
            status=_status(one),
            started=one.start_time,
            ended=one.end_time,
            seconds=_seconds(one),
            legs=tuple(_leg(leg) for leg in sorted(legs, key=lambda leg: (str(leg.start_time or ""), leg.sid))),
        )

    def recordings_since(self, since: datetime) -> Iterator[ListedRecording]:
        """The messages recorded at `since` (aware) or later that are done with, oldest first."""
        begun = (since - MARGIN).astimezone(UTC)
        with reported():
            found = every(self._client.recordings.page(date_created_after=begun, page_size=PAGE))
        for one in sorted((one for one in found if _is_message(one)), key=_made):
            if _made(one) >= since:
                yield ListedRecording(one.sid, one.call_sid, str(one.status), _seconds(one), _made(one))


def _is_message(one: Any) -> bool:
    is_done = one.source == BY_DOCUMENT and str(one.status) in RECORDED and (one.date_created or one.start_time)
    return bool(is_done) and is_identifier(_text(one.call_sid))


def _made(one: Any) -> datetime:
    made: datetime = one.date_created or one.start_time
    return made


def _leg(one: Any) -> LoggedLeg:
    ended = one.end_time if _has_ended(one) else None
    return LoggedLeg(one.sid, _dialled(one), _status(one), one.start_time, ended, _seconds(one))


def _dialled(one: Any) -> str:
    return read_presented(_text(one.to)) or ""


def _text(told: Any) -> str:
    """What the list tells as a text; nothing where it tells something else."""
    return told if isinstance(told, str) else ""


def _has_ended(one: Any) -> bool:
    return str(one.status) not in GOING_ON


def _status(one: Any) -> LegStatus:
    """The status in our words; an unknown one is named in the log and read as a failure."""
    return read_status(str(one.status)) or LegStatus.FAILED


def _seconds(one: Any) -> int:
    return read_seconds(str(one.duration)) or 0
