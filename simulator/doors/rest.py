"""The operator's interface for programs: its list of calls, its recordings, its numbers, where it may call."""

from __future__ import annotations

import hmac
import io
import math
import struct
import wave
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, jsonify, request

from simulator.calls.engine import SimulatedOperator
from simulator.calls.leg import NumberSetup
from simulator.world.log import LogEntry, LoggedRecording

PAGE_SIZE = 50
LARGEST_PAGE = 1000
RATE = 8000
"""Samples a second of a recording, as on the telephone network."""

_SETTINGS = {
    "VoiceUrl": "voice_url",
    "VoiceMethod": "voice_method",
    "VoiceFallbackUrl": "fallback_url",
    "VoiceFallbackMethod": "fallback_method",
    "StatusCallback": "status_url",
    "StatusCallbackMethod": "status_method",
    "VoiceApplicationSid": "application",
    "TrunkSid": "trunk",
}
COUNTRIES = frozenset({"FR", "GP", "MQ", "GF", "RE", "PM", "YT", "NC", "PF", "WF"})
"""Those with permissions of their own; other islands of +590 go with Guadeloupe."""


def rest_blueprint(operator: SimulatedOperator) -> Blueprint:
    """The addresses under `/2010-04-01/Accounts/<sid>` and `/v1`, which the operator has on two hosts.

    Basic authentication with the account's sid and token.
    """
    account = operator.account
    door = Blueprint("operator_rest", __name__)
    rest = Blueprint("account", __name__, url_prefix=f"/2010-04-01/Accounts/{account.sid}")

    @door.before_request
    def guard() -> None:
        given = request.authorization
        pair = f"{given.username}:{given.password}" if given else ""
        if not hmac.compare_digest(pair.encode(), f"{account.sid}:{account.token}".encode()):
            abort(401)

    @rest.get("/Calls.json")
    def calls() -> Response:
        found = [call for call in operator.log.snapshot() if _is_asked_for(call)]
        found.sort(key=lambda call: call.started_at, reverse=True)
        return _page("calls", found, lambda call: call_to_json(account.sid, call))

    @rest.get("/Calls/<sid>.json")
    def call(sid: str) -> Response:
        return jsonify(call_to_json(account.sid, operator.log.calls.get(sid) or abort(404)))

    @rest.get("/Recordings.json")
    def recordings() -> Response:
        call_sid = request.args.get("CallSid")
        known = tuple(operator.log.recordings.values())
        found = [one for one in known if call_sid in {None, one.call_sid} and _is_within("DateCreated", one.started_at)]
        found.sort(key=lambda one: one.started_at, reverse=True)
        return _page("recordings", found, lambda one: recording_to_json(account.sid, one))

    @rest.get("/Recordings/<sid>.json")
    def recording(sid: str) -> Response:
        return jsonify(recording_to_json(account.sid, operator.log.recordings.get(sid) or abort(404)))

    @rest.get("/Recordings/<sid>")
    @rest.get("/Recordings/<sid>.wav")
    def audio(sid: str) -> Response:
        found = operator.log.recordings.get(sid)
        if found is None or found.status != "completed":
            abort(404)
        return Response(wav_of(found.seconds, is_silent=found.is_silent), content_type="audio/x-wav")

    @rest.delete("/Recordings/<sid>.json")
    def erase(sid: str) -> tuple[str, int]:
        if operator.log.recordings.pop(sid, None) is None:
            abort(404)
        return "", 204

    @rest.get("/IncomingPhoneNumbers.json")
    def numbers() -> Response:
        wanted = request.args.get("PhoneNumber")
        found = [line for line in _lines(operator) if wanted in {None, line.number}]
        return _page("incoming_phone_numbers", found, lambda line: _number_to_json(account.sid, line))

    @rest.post("/IncomingPhoneNumbers/<sid>.json")
    def configure(sid: str) -> Response:
        line = next((one for one in _lines(operator) if _number_sid(one) == sid), None) or abort(404)
        for name, setting in _SETTINGS.items():
            if name in request.form:
                setattr(line, setting, request.form[name])
        return jsonify(_number_to_json(account.sid, line))

    @door.get("/v1/DialingPermissions/Countries/<country>")
    def permissions(country: str) -> Response:
        if country not in COUNTRIES:
            abort(404)
        return jsonify(
            iso_code=country,
            low_risk_numbers_enabled=country not in operator.habits.closed_countries,
            high_risk_special_numbers_enabled=False,
            high_risk_tollfraud_numbers_enabled=False,
        )

    door.register_blueprint(rest)
    return door


def _lines(operator: SimulatedOperator) -> list[NumberSetup]:
    return [operator.line, *operator.other_lines]


def _number_sid(line: NumberSetup) -> str:
    return "PN" + line.number.removeprefix("+").zfill(32)


def call_to_json(account_sid: str, call: LogEntry) -> dict[str, Any]:
    """A leg as the operator's list gives it: durations are texts, moments are RFC 2822 in UTC."""
    return {
        "sid": call.sid,
        "account_sid": account_sid,
        "parent_call_sid": call.parent_sid,
        "from": call.from_,
        "to": call.to,
        "direction": call.direction,
        "status": call.status,
        "start_time": _rfc2822(call.started_at),
        "end_time": _rfc2822(call.ended_at),
        "duration": str(call.seconds) if call.is_over and call.answered_at else None,
        "forwarded_from": call.forwarded_from,
        "answered_by": None,
        "caller_name": "",
        "price": None,
        "price_unit": "USD",
        "phone_number_sid": "PN" + call.to.removeprefix("+").zfill(32) if call.direction == "inbound" else "",
        "api_version": "2010-04-01",
        "uri": f"/2010-04-01/Accounts/{account_sid}/Calls/{call.sid}.json",
        "subresource_uris": {},
    }


def recording_to_json(account_sid: str, recording: LoggedRecording) -> dict[str, Any]:
    """A recording as the operator's list gives it."""
    return {
        "sid": recording.sid,
        "account_sid": account_sid,
        "call_sid": recording.call_sid,
        "status": recording.status,
        "duration": str(recording.seconds),
        "start_time": _rfc2822(recording.started_at),
        "date_created": _rfc2822(recording.started_at),
        "channels": 1,
        "source": recording.source,
        "uri": f"/2010-04-01/Accounts/{account_sid}/Recordings/{recording.sid}.json",
    }


def _number_to_json(account_sid: str, line: NumberSetup) -> dict[str, Any]:
    return {
        "sid": _number_sid(line),
        "account_sid": account_sid,
        "phone_number": line.number,
        "friendly_name": line.number,
        "voice_url": line.voice_url,
        "voice_method": line.voice_method,
        "voice_fallback_url": line.fallback_url,
        "voice_fallback_method": line.fallback_method,
        "status_callback": line.status_url,
        "status_callback_method": line.status_method,
        "voice_application_sid": line.application,
        "trunk_sid": line.trunk or None,
    }


def wav_of(seconds: int, *, is_silent: bool = False) -> bytes:
    """A real audio file of that length: a soft tone that swells once a second, so that it is heard, or silence."""
    written = io.BytesIO()
    with wave.open(written, "wb") as audio:
        audio.setparams((1, 2, RATE, 0, "NONE", "not compressed"))
        one_second = b"".join(struct.pack("<h", 0 if is_silent else _sample(number)) for number in range(RATE))
        audio.writeframes(one_second * seconds)
    return written.getvalue()


def _sample(number: int) -> int:
    swell = math.sin(math.pi * number / RATE)
    return int(4000 * swell * math.sin(2 * math.pi * 330 * number / RATE))


def _rfc2822(moment: datetime | None) -> str | None:
    return format_datetime(moment.astimezone(UTC)) if moment else None


def _is_asked_for(call: LogEntry) -> bool:
    """Whether a call passes the filters of the request; moments count as whole UTC days, as documented."""
    asked = request.args
    return (
        asked.get("ParentCallSid") in {None, call.parent_sid}
        and asked.get("Status") in {None, call.status}
        and asked.get("To") in {None, call.to}
        and asked.get("From") in {None, call.from_}
        and _is_within("StartTime", call.started_at)
        and _is_within("EndTime", call.ended_at)
    )


def _is_within(name: str, moment: datetime | None) -> bool:
    checks: tuple[tuple[str, Callable[[date, date], bool]], ...] = (
        (name, lambda day, limit: day == limit),
        (f"{name}>", lambda day, limit: day >= limit),
        (f"{name}<", lambda day, limit: day <= limit),
    )
    for key, fits in checks:
        limit = request.args.get(key)
        if limit and (moment is None or not fits(moment.astimezone(UTC).date(), date.fromisoformat(limit[:10]))):
            return False
    return True


def _page(name: str, found: Iterable[Any], to_json: Callable[[Any], dict[str, Any]]) -> Response:
    whole = list(found)
    size = max(1, min(LARGEST_PAGE, request.args.get("PageSize", PAGE_SIZE, type=int)))
    page = max(0, request.args.get("Page", 0, type=int))
    shown = whole[page * size : (page + 1) * size]
    return jsonify(
        {
            name: [to_json(one) for one in shown],
            "page": page,
            "page_size": size,
            "start": page * size,
            "end": page * size + max(0, len(shown) - 1),
            "uri": _uri(page, size),
            "first_page_uri": _uri(0, size),
            "previous_page_uri": _uri(page - 1, size) if page else None,
            "next_page_uri": _uri(page + 1, size) if (page + 1) * size < len(whole) else None,
        }
    )


def _uri(page: int, size: int) -> str:
    asked = request.args.to_dict() | {"PageSize": str(size), "Page": str(page)}
    return f"{request.path}?{urlencode(asked)}"
