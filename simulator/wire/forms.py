"""The form fields of each webhook, as the operator sends them (blank ones included: they are signed too)."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime

from simulator.wire.wire import Fields
from simulator.world.log import LogEntry, LoggedRecording

_COUNTRIES = {"+33": "FR", "+262": "RE", "+590": "GP", "+594": "GF", "+596": "MQ", "+508": "PM", "+687": "NC"}
_SIP_CODES = {"completed": "200", "busy": "486", "no-answer": "487", "canceled": "487", "failed": "404"}


def country_of(number: str) -> str:
    """The country that the operator tells for a number, blank when it cannot."""
    return next((country for prefix, country in _COUNTRIES.items() if number.startswith(prefix)), "")


def call_fields(account_sid: str, call: LogEntry) -> Fields:
    """What every request about a leg carries."""
    fields = {
        "AccountSid": account_sid,
        "ApiVersion": "2010-04-01",
        "CallSid": call.sid,
        "CallStatus": call.status,
        "Direction": call.direction,
        "From": call.from_,
        "Caller": call.from_,
        "To": call.to,
        "Called": call.to,
        **_places("From", call.from_),
        **_places("Caller", call.from_),
        **_places("To", call.to),
        **_places("Called", call.to),
    }
    if call.parent_sid:
        fields["ParentCallSid"] = call.parent_sid
    if call.forwarded_from:
        fields["ForwardedFrom"] = call.forwarded_from
    return fields


def header_fields(call: LogEntry) -> Fields:
    """The headers of the trunk by which a call came."""
    return {f"SipHeader_{name}": value for name, value in call.headers.items()}


def _places(end: str, number: str) -> Fields:
    return {f"{end}City": "", f"{end}State": "", f"{end}Zip": "", f"{end}Country": country_of(number)}


def progress_fields(account_sid: str, call: LogEntry, status: str, sequence: int, now: datetime) -> Fields:
    """What a callback about a leg's progress carries; durations only with a final status."""
    fields = {
        **call_fields(account_sid, call),
        "CallStatus": status,
        "CallbackSource": "call-progress-events",
        "SequenceNumber": str(sequence),
        "Timestamp": format_datetime(now.astimezone(UTC)),
    }
    if status in _SIP_CODES:
        fields |= {"CallDuration": str(call.seconds), "SipResponseCode": _SIP_CODES[status]}
    if status == "completed":
        fields["Duration"] = str(-(-call.seconds // 60))
    return fields


def recording_fields(account_sid: str, recording: LoggedRecording, url: str) -> Fields:
    """What the callback about a recording carries: neither From nor To."""
    return {
        "AccountSid": account_sid,
        "CallSid": recording.call_sid,
        "RecordingSid": recording.sid,
        "RecordingUrl": url,
        "RecordingStatus": recording.status,
        "RecordingDuration": str(recording.seconds),
        "RecordingChannels": "1",
        "RecordingStartTime": format_datetime(recording.started_at),
        "RecordingSource": recording.source,
        "RecordingTrack": "inbound",
    }
