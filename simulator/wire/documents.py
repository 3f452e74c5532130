"""Reads the documents that a webhook answers, and refuses what the operator would refuse or silently ignore.

Stricter than the operator on purpose: an unknown attribute is a warning there and would go unnoticed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from xml.etree import ElementTree as ET  # the documents come from the service under test; a DOCTYPE is refused first

from simulator.wire import verbs

MOST_BYTES = 64 * 1024
MOST_NUMBERS = 10
MOST_HINTS = 500

Made = TypeVar("Made")


class DocumentRefused(ValueError):  # noqa: N818 - it tells a decision, like every refusal here
    """The operator cannot follow this document; `code` is its number for the error."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code}: {reason}")
        self.code = code


def read_document(content_type: str, body: bytes) -> tuple[verbs.Verb, ...]:
    """The verbs of a document in their order, or DocumentRefused."""
    if content_type.split(";", maxsplit=1)[0].strip().lower() not in {"text/xml", "application/xml"}:
        raise DocumentRefused(12300, f"content type {content_type!r}")
    if len(body) > MOST_BYTES:
        raise DocumentRefused(11750, f"{len(body)} bytes")
    if not body.strip():
        raise DocumentRefused(11770, "empty body")
    return tuple(_read(element, _VERBS) for element in _children(_root(body)))


def _root(body: bytes) -> ET.Element:
    if b"<!" in body.replace(b"<!--", b""):
        raise DocumentRefused(12100, "a DOCTYPE or CDATA section")
    try:
        root = ET.fromstring(body)  # noqa: S314 - see the import
    except ET.ParseError as error:
        raise DocumentRefused(12100, str(error)) from error
    if root.tag != "Response" or root.attrib:
        raise DocumentRefused(12102, f"the root is <{root.tag}>")
    return root


def _children(element: ET.Element) -> list[ET.Element]:
    stray = [element.text, *(child.tail for child in element)]
    if any(text and text.strip() for text in stray):
        raise DocumentRefused(12200, f"text directly inside <{element.tag}>")
    return list(element)


# ---------------------------------------------------------------- values of attributes


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,6}", text) or not low <= int(text) <= high:
            raise ValueError(f"{text!r} is not between {low} and {high}")
        return int(text)

    return read


def _yes_or_no(text: str) -> bool:
    return _one_of("true", "false")(text) == "true"


def _one_of(*allowed: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"{text!r} is none of {', '.join(allowed)}")
        return text

    return read


def _some_of(*allowed: str) -> Callable[[str], tuple[str, ...]]:
    return lambda text: tuple(_one_of(*allowed)(word) for word in text.split())


def _matching(pattern: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"{text[:60]!r} does not match {pattern}")
        return text

    return read


def _hints(text: str) -> None:
    hints = text.split(",")
    if len(hints) > MOST_HINTS or max(map(len, hints)) > 100:  # noqa: PLR2004 - 100 characters each at the most
        raise ValueError("too many hints, or one too long")


_METHOD = _one_of("GET", "POST")
_URL = _matching(r"[!-~]+")
_E164 = _matching(r"\+[1-9][0-9]{5,14}")
_LANGUAGE = _matching(r"[a-z]{2}-[A-Z]{2}")
_IGNORED = {"hints": _hints, "speechModel": _matching(r"[\w-]+"), "profanityFilter": _yes_or_no}
"""Attributes of Gather that a simulation has no use for; their values are checked all the same."""

_GATHER: Mapping[str, Callable[[str], Any]] = {
    "action": _URL,
    "method": _METHOD,
    "input": _one_of("dtmf", "speech", "dtmf speech", "speech dtmf"),
    "numDigits": _whole(1, 50),
    "finishOnKey": _matching(r"[0-9#*]?"),
    "timeout": _whole(1, 600),
    "speechTimeout": _matching(r"auto|[1-9][0-9]?"),
    "language": _LANGUAGE,
    "actionOnEmptyResult": _yes_or_no,
}
_NUMBER: Mapping[str, Callable[[str], Any]] = {
    "url": _URL,
    "method": _METHOD,
    "statusCallback": _URL,
    "statusCallbackMethod": _METHOD,
    "statusCallbackEvent": _some_of("initiated", "ringing", "answered", "completed"),
}
_DIAL: Mapping[str, Callable[[str], Any]] = {
    "action": _URL,
    "method": _METHOD,
    "timeout": _whole(1, 600),
    "timeLimit": _whole(1, 14400),
    "callerId": _E164,
    "answerOnBridge": _yes_or_no,
    "ringTone": _matching(r"[a-z]{2}(-old)?"),
    "hangupOnStar": _yes_or_no,
}
_RECORD: Mapping[str, Callable[[str], Any]] = {
    "action": _URL,
    "method": _METHOD,
    "timeout": _whole(0, 600),
    "finishOnKey": _matching(r"[0-9#*]*"),
    "maxLength": _whole(1, 14400),
    "playBeep": _yes_or_no,
    "trim": _one_of("trim-silence", "do-not-trim"),
    "recordingStatusCallback": _URL,
    "recordingStatusCallbackMethod": _METHOD,
    "recordingStatusCallbackEvent": _some_of("in-progress", "completed", "absent"),
}
_SPOKEN_MARKUP = frozenset({"break", "emphasis", "lang", "p", "phoneme", "prosody", "s", "say-as", "sub", "w"})


def _values(element: ET.Element, known: Mapping[str, Callable[[str], Any]]) -> dict[str, Any]:
    values = {}
    for name, text in element.attrib.items():
        if name not in known:
            raise DocumentRefused(12200, f"<{element.tag}> has no attribute {name}")
        try:
            values[_snake(name)] = known[name](text)
        except ValueError as error:
            raise DocumentRefused(12200, f"<{element.tag} {name}>: {error}") from error
    return values


def _snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", name)


# ---------------------------------------------------------------- verbs


def _read(element: ET.Element, allowed: Mapping[str, Callable[[ET.Element], Made]]) -> Made:
    if element.tag not in allowed:
        raise DocumentRefused(12200, f"<{element.tag}> has no place here")
    try:
        return allowed[element.tag](element)
    except DocumentRefused:
        raise
    except ValueError as error:
        raise DocumentRefused(12200, f"<{element.tag}>: {error}") from error


def _text(element: ET.Element) -> str:
    if len(element):
        raise DocumentRefused(12200, f"<{element.tag}> holds text only")
    return (element.text or "").strip()


def _alone(element: ET.Element) -> None:
    if _text(element):
        raise DocumentRefused(12200, f"<{element.tag}> is empty by nature")


def _say(element: ET.Element) -> verbs.SayText:
    values = _values(element, {"voice": _matching(r"[\w.-]+"), "language": _LANGUAGE, "loop": _whole(0, 1000)})
    strange = {child.tag for child in element.iter() if child is not element} - _SPOKEN_MARKUP
    if strange:
        raise DocumentRefused(12200, f"<Say> cannot hold {sorted(strange)}")
    text = " ".join("".join(element.itertext()).split())
    if not text:
        raise DocumentRefused(13520, "<Say> says nothing")
    return verbs.SayText(text, pauses=sum(_break_seconds(one) for one in element.iter("break")), **values)


def _break_seconds(element: ET.Element) -> float:
    time = re.fullmatch(r"([0-9.]+)(ms|s)", element.get("time", "1s"))
    if time is None:
        raise DocumentRefused(12200, f"<break time={element.get('time')!r}>")
    return float(time[1]) / (1000 if time[2] == "ms" else 1)


def _play(element: ET.Element) -> verbs.Play:
    return verbs.Play(_URL(_text(element)), **_values(element, {"loop": _whole(0, 1000)}))


def _pause(element: ET.Element) -> verbs.Pause:
    _alone(element)
    return verbs.Pause(**_values(element, {"length": _whole(1, 600)}))


def _gather(element: ET.Element) -> verbs.Gather:
    prompts = tuple(_read(child, _PROMPTS) for child in _children(element))
    values = _values(element, {**_GATHER, **_IGNORED})
    return verbs.Gather(prompts, **{name: v for name, v in values.items() if name in verbs.Gather.__slots__})


def _number(element: ET.Element) -> verbs.Number:
    phone = _text(element)
    if not re.fullmatch(r"\+[1-9][0-9]{5,14}", phone):
        raise DocumentRefused(13224, f"{phone[:20]!r} is not E.164")
    return verbs.Number(phone, **_values(element, _NUMBER))


def _dial(element: ET.Element) -> verbs.Dial:
    if len(element) == 0:
        raise DocumentRefused(13223, "<Dial> with no <Number>")
    numbers = tuple(_read(child, {"Number": _number}) for child in _children(element))
    if len(numbers) > MOST_NUMBERS:
        raise DocumentRefused(12200, f"{len(numbers)} numbers at once")
    return verbs.Dial(numbers, **_values(element, _DIAL))


def _record(element: ET.Element) -> verbs.RecordCaller:
    _alone(element)
    return verbs.RecordCaller(**_values(element, _RECORD))


def _redirect(element: ET.Element) -> verbs.Redirect:
    return verbs.Redirect(_URL(_text(element)), **_values(element, {"method": _METHOD}))


def _hangup(element: ET.Element) -> verbs.Hangup:
    _alone(element)
    return verbs.Hangup(**_values(element, {}))


def _reject(element: ET.Element) -> verbs.Reject:
    _alone(element)
    return verbs.Reject(**_values(element, {"reason": _one_of("rejected", "busy")}))


_PROMPTS: Mapping[str, Callable[[ET.Element], verbs.Prompt]] = {"Say": _say, "Play": _play, "Pause": _pause}
_VERBS: Mapping[str, Callable[[ET.Element], verbs.Verb]] = {
    **_PROMPTS,
    "Gather": _gather,
    "Dial": _dial,
    "Record": _record,
    "Redirect": _redirect,
    "Hangup": _hangup,
    "Reject": _reject,
}
