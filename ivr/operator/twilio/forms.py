"""Twilio's forms: what a signed webhook tells becomes an event or a fact; an unknown word is named and let by.

What the operator sends: docs/operator.md#parameters, docs/operator.md#pitfalls.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from ivr.conversation.events import Arrived, Event, MessageLeft, PickedUp, Pressed, RingEnded, Silent, Spoke
from ivr.conversation.place import Step
from ivr.operator.border import FallenBack, FormRefused, Webhook
from ivr.operator.twilio.documents import UNSPEAKABLE
from ivr.operator.twilio.presented import OurLines, read_presented
from records.facts import LONGEST_SCREENING, Fact, FactKind, LegStatus

log = logging.getLogger(__name__)

CLOCKS_APART = timedelta(days=1)
"""An operator's moment further than this from ours tells nothing: callbacks come within hours."""

_KEYS = re.compile(r"[^0-9*]")
_SAFE = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_LONGEST_TEXT = 500


def understand(step: Step, form: Mapping[str, str], lines: OurLines) -> Webhook:
    """The event that a form tells at `step`, or FormRefused."""
    is_leg = step in {Step.SCREEN, Step.TAKE}
    own = _identifier(form.get("CallSid", ""))
    return Webhook(
        call=_identifier(form.get("ParentCallSid", "")) if is_leg and form.get("ParentCallSid") else own,
        leg=own if is_leg else None,
        caller=lines.caller_of(form),
        is_gone=is_gone(form),
        event=_event(step, form),
        is_hidden=lines.is_hidden(form),
    )


def is_identifier(text: str) -> bool:
    """Whether it can be an operator's id: opaque, at most 64 letters, digits, `_ . : -`."""
    return _SAFE.fullmatch(text) is not None


def call_of(form: Mapping[str, str]) -> str:
    """The caller's call that a form names, empty when that cannot be an id."""
    call = form.get("ParentCallSid") or form.get("CallSid", "")
    return call if is_identifier(call) else ""


def is_gone(form: Mapping[str, str]) -> bool:
    """Whether the form tells a call that is over."""
    return form.get("CallStatus", "in-progress") in _TERMINAL


def fallen_back(form: Mapping[str, str], public_url: str, lines: OurLines) -> FallenBack:
    """Who called, the operator's error (its five digits, `fallback` when it gives none), and the document that failed.

    An address that is not under `public_url` names none of our documents.
    """
    code, url = form.get("ErrorCode", ""), form.get("ErrorUrl", "")
    return FallenBack(
        lines.caller_of(form),
        read_presented(form.get("To", "")),
        error=code if re.fullmatch(r"[0-9]{1,6}", code) else "fallback",
        failed=_ours(url, public_url),
        is_leg=bool(form.get("ParentCallSid")),
        is_hidden=lines.is_hidden(form),
    )


def _ours(url: str, public_url: str) -> str:
    """Path and query of an address under `public_url`, however its host and signs are written; else nothing.

    Nothing in an address of ours needs to be escaped, so that what is can only be its separators.
    """
    try:
        told, ours = urlsplit(unquote(url)), urlsplit(public_url)
        is_ours = _host(told) == _host(ours) and told.path.startswith(f"{ours.path}/")
    except ValueError:
        return ""
    return f"{told.path.removeprefix(ours.path)}?{told.query}" if is_ours else ""


def _host(url: SplitResult) -> tuple[str, str | None, int | None]:
    return url.scheme, url.hostname, url.port or {"https": 443, "http": 80}.get(url.scheme)


def _identifier(text: str) -> str:
    if not is_identifier(text):
        message = "the form names no call"
        raise FormRefused(message)
    return text


def _clean(text: str) -> str:
    return UNSPEAKABLE.sub("", text)[:_LONGEST_TEXT]


def _event(step: Step, form: Mapping[str, str]) -> Event:
    match step:
        case Step.ARRIVAL:
            return Arrived(_dialled(form), read_presented(form.get("ForwardedFrom", "")))
        case Step.RING:
            return _ring_ended(form)
        case Step.MESSAGE:
            return _message_left(form)
        case Step.SCREEN:
            return PickedUp()
        case _:
            return _answer(form)


def _dialled(form: Mapping[str, str]) -> str:
    """The number that was called, in E.164, or what the operator writes when that is no number."""
    to = form.get("To", "")
    return read_presented(to) or _clean(to)


def _answer(form: Mapping[str, str]) -> Event:
    keys = _KEYS.sub("", form.get("Digits", ""))[:32]
    if keys:
        return Pressed(keys)
    speech = _clean(form.get("SpeechResult", "")).strip()
    return Spoke(speech, _confidence(form.get("Confidence", ""))) if speech else Silent()


def _confidence(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value <= 1 else None


def _ring_ended(form: Mapping[str, str]) -> RingEnded:
    status = read_status(form.get("DialCallStatus", "")) or LegStatus.FAILED
    seconds = read_seconds(form.get("DialCallDuration", ""))
    leg = form.get("DialCallSid", "")
    return RingEnded(
        status=status,
        is_bridged=_is_bridged(form.get("DialBridged", "").lower(), status, seconds or 0),
        leg=leg if _SAFE.fullmatch(leg) else None,
        seconds=seconds,
    )


def _is_bridged(told: str, status: LegStatus, lasted: int) -> bool | None:
    """What the operator says; else no for a leg that nobody picked up, yes for a long one, None for a short one."""
    if told:
        return told == "true"
    if status is not LegStatus.COMPLETED:
        return False
    return True if lasted > LONGEST_SCREENING else None


def _message_left(form: Mapping[str, str]) -> MessageLeft:
    recording = form.get("RecordingSid", "")
    return MessageLeft(
        recording if _SAFE.fullmatch(recording) else None, read_seconds(form.get("RecordingDuration", "")) or 0
    )


def read_seconds(text: str) -> int | None:
    """A duration in whole seconds; None for what is none, or is longer than any call."""
    return int(text) if re.fullmatch(r"[0-9]{1,6}", text) else None


_TERMINAL = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})


def read_status(text: str) -> LegStatus | None:
    """How a leg ended; None (and its name in the log) for a word that we do not know."""
    if text == "answered":
        return LegStatus.COMPLETED
    try:
        return LegStatus(text)
    except ValueError:
        log.warning("unknown status from the operator: %s", re.sub(r"[^a-z-]", "?", text[:40].lower()))
        return None


_LEG_KIND = {
    "initiated": FactKind.LEG_STARTED,
    "queued": FactKind.LEG_STARTED,
    "ringing": FactKind.LEG_RINGING,
    "in-progress": FactKind.LEG_ANSWERED,
    "answered": FactKind.LEG_ANSWERED,
}


def leg_fact(form: Mapping[str, str], n: int, person: str, at: datetime) -> Fact | None:
    """What a callback tells of a référent's leg, under the call that it belongs to; None for an unknown status."""
    leg = _identifier(form.get("CallSid", ""))
    call = _identifier(form.get("ParentCallSid") or leg)
    status = form.get("CallStatus", "")
    told: dict[str, Any] = {"leg": leg, "timestamp": _timestamp(form, at)}
    if status in _LEG_KIND:
        return Fact(call, _LEG_KIND[status], n, at, person, told)
    ended = read_status(status)
    if ended is None:
        return None
    told |= {"status": str(ended), "seconds": read_seconds(form.get("CallDuration", "")) or 0}
    return Fact(call, FactKind.LEG_ENDED, n, at, person, told)


def end_fact(form: Mapping[str, str], at: datetime, lines: OurLines) -> Fact | None:
    """What the number's end-of-call callback tells; None when the call has not ended or the status is unknown."""
    call = _identifier(form.get("CallSid", ""))
    if form.get("CallStatus", "") in {*_LEG_KIND}:
        return None
    status = read_status(form.get("CallStatus", ""))
    if status is None:
        return None
    told = {
        "status": str(status),
        "seconds": read_seconds(form.get("CallDuration", "")) or 0,
        "timestamp": _timestamp(form, at),
        "caller": lines.caller_of(form),
        "hidden": lines.is_hidden(form),
        "dialled": _dialled(form),
    }
    return Fact(call, FactKind.ENDED, 0, at, "", told)


def recording_fact(form: Mapping[str, str], n: int, at: datetime) -> Fact:
    """What the recording callback tells: the audio is ready, or absent."""
    call, recording = _identifier(form.get("CallSid", "")), _identifier(form.get("RecordingSid", ""))
    told = {
        "recording": recording,
        "status": _clean(form.get("RecordingStatus", "")),
        "seconds": read_seconds(form.get("RecordingDuration", "")) or 0,
    }
    return Fact(call, FactKind.RECORDING_READY, n, at, recording, told)


def _timestamp(form: Mapping[str, str], at: datetime) -> str | None:
    """The operator's own moment (RFC 2822) in ISO 8601 UTC; None when it is unreadable or far from our own clock."""
    try:
        read = parsedate_to_datetime(form.get("Timestamp", ""))
        moment = read.replace(tzinfo=read.tzinfo or UTC).astimezone(UTC)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return moment.isoformat() if abs(moment - at) <= CLOCKS_APART else None
