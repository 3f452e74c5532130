"""Twilio's own lists of calls and of recordings, read page by page and put in our words (docs/operator.md#call-log)."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from ivr.operator.call_log import ListedRecording, LoggedCall, LoggedLeg
from ivr.operator.twilio.forms import is_identifier, read_caller, read_status
from ivr.operator.twilio.rest import client, reported
from records.facts import LegStatus

PAGE = 1000
MARGIN = timedelta(days=1)
"""The filter counts UTC days: ask for one more, then look at the moment ourselves."""

GOING_ON = frozenset({"queued", "initiated", "ringing", "in-progress"})

RECORDED = frozenset({"completed", "absent", "failed"})
"""What a recording's callback would have told: nothing more becomes of it."""

BY_DOCUMENT = "RecordVerb"
"""The source of a recording that a document of ours asked for: a message."""

log = logging.getLogger(__name__)


class TwilioCallLog:
    """The account's list of calls. `token` is the first accepted auth token; `api_url` a compatible engine."""

    def __init__(self, account: str, token: str, api_url: str = "") -> None:
        self._client = client(account, token, api_url)

    def ended_since(self, since: datetime) -> Iterator[LoggedCall]:
        """The inbound calls begun at `since` (aware) or later that have ended, with their legs, oldest first."""
        # The library prints any moment with a Z, whatever its zone: it must be UTC.
        begun = (since - MARGIN).astimezone(UTC)
        with reported():
            found = list(self._client.calls.stream(start_time_after=begun, page_size=PAGE))
        legs: dict[str, list[Any]] = defaultdict(list)
        for one in found:
            if one.parent_call_sid:
                legs[one.parent_call_sid].append(one)
        ours = [one for one in found if one.direction == "inbound" and _has_ended(one) and one.start_time]
        for one in sorted(ours, key=lambda call: call.start_time):
            if one.start_time >= since:
                yield _call(one, legs[one.sid])

    def recordings_since(self, since: datetime) -> Iterator[ListedRecording]:
        """The messages recorded at `since` (aware) or later that are done with, oldest first."""
        begun = (since - MARGIN).astimezone(UTC)
        with reported():
            found = list(self._client.recordings.stream(date_created_after=begun, page_size=PAGE))
        for one in sorted((one for one in found if _is_message(one)), key=_made):
            if _made(one) >= since:
                yield ListedRecording(one.sid, one.call_sid, str(one.status), _seconds(one), _made(one))


def _is_message(one: Any) -> bool:
    names = (one.sid or "", one.call_sid or "")
    is_done = one.source == BY_DOCUMENT and str(one.status) in RECORDED and (one.date_created or one.start_time)
    return bool(is_done) and all(is_identifier(name) for name in names)


def _made(one: Any) -> datetime:
    made: datetime = one.date_created or one.start_time
    return made


def _call(one: Any, legs: list[Any]) -> LoggedCall:
    return LoggedCall(
        call=one.sid,
        caller=read_caller(_from(one)),
        dialled=read_caller(one.to or "") or "",
        status=_status(one),
        started=one.start_time,
        ended=one.end_time,
        seconds=_seconds(one),
        legs=tuple(_leg(leg) for leg in sorted(legs, key=lambda leg: (str(leg.start_time or ""), leg.sid))),
    )


def _leg(one: Any) -> LoggedLeg:
    ended = one.end_time if _has_ended(one) else None
    return LoggedLeg(one.sid, read_caller(one.to or "") or "", _status(one), one.start_time, ended, _seconds(one))


def _from(one: Any) -> str:
    # `from` is a word of Python's: the library calls it `_from`.
    return getattr(one, "_from", None) or ""


def _has_ended(one: Any) -> bool:
    return str(one.status) not in GOING_ON


def _status(one: Any) -> LegStatus:
    """The status in our words; an unknown one is named in the log and read as a failure."""
    status = read_status(str(one.status))
    if status is None:
        log.error("the operator's list has an unknown status: %s", one.status)
    return status or LegStatus.FAILED


def _seconds(one: Any) -> int:
    text = str(one.duration or "0")
    return int(text) if text.isdecimal() else 0
