"""Twilio's documents: instructions become TwiML, and a signature is checked. Nothing here decides anything.

What the operator does: docs/operator.md#verbs, docs/operator.md#signature, docs/operator.md#pitfalls. Every address
that it is to request carries how to ask again; a sound does not, its place is only played.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from functools import lru_cache
from hmac import compare_digest, digest
from typing import Any
from xml.parsers import expat

from twilio.request_validator import RequestValidator
from twilio.twiml import TwiML
from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from ivr.conversation.instructions import Ask, Bridge, GoTo, HangUp, Instruction, Line, Record, Ring, Say, Saying
from ivr.conversation.place import Place
from ivr.operator.border import OperatorForm
from ivr.operator.twilio.overrides import asked_again
from ivr.understanding.hints import hints

VOICE = "Polly.Lea-Neural"
LANGUAGE = "fr-FR"
LONGEST_CALL = 14_400
"""Seconds that a référent and a caller may talk: the operator's own bound (docs/operator.md#dial)."""

MOST_KEPT = 512
"""Documents that are kept ready in memory."""

UNSPEAKABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


class TwilioDocuments:
    """Signs and documents. `tokens`: every auth token that is accepted (two while one is being rotated)."""

    def __init__(self, tokens: Sequence[str], public_url: str, caller_id: str) -> None:
        """`public_url` is what the operator sees; `caller_id` is our own number, shown to référents (E.164)."""
        self._tokens = tuple(token.encode() for token in tokens if token)
        self._validators = tuple(RequestValidator(token) for token in tokens if token)
        self._public_url = public_url.rstrip("/")
        self._caller_id = caller_id
        self._hints = ",".join(hints())
        self._phrased = lru_cache(MOST_KEPT)(self._phrase)

    def is_signed(self, path_and_query: str, form: Any, headers: Any) -> bool:
        """Whether the operator signed this request. `form` is the whole multi-dict, blank fields kept.

        The fragment that we give with an address never comes back; should it be signed with it, that is as good.
        """
        signature = headers.get("X-Twilio-Signature", "")
        if not signature:
            return False
        url, fields = self._public_url + path_and_query, signed_fields(form)
        return any(
            compare_digest(signature_of(token, written, fields), signature.encode())
            for written in (url, asked_again(url))
            for token in self._tokens
        ) or any(
            validator.validate(written, form, signature)
            for written in (url, asked_again(url))
            for validator in self._validators
        )

    def phrase(self, instructions: Iterable[Instruction]) -> str:
        """The instructions as TwiML, parsed back once so that nothing said can ever break it.

        Documents that are the same for every caller, the welcome first, are phrased once.
        """
        return self._phrased(tuple(instructions))

    def _phrase(self, instructions: tuple[Instruction, ...]) -> str:
        response = VoiceResponse()
        for instruction in instructions:
            self._add(response, instruction)
        return _checked(str(response))

    def _add(self, response: VoiceResponse, instruction: Instruction) -> None:
        match instruction:
            case Say(what):
                self._say(response, what)
            case Ask():
                self._ask(response, instruction)
            case Ring():
                self._ring(response, instruction)
            case Record():
                self._record(response, instruction)
            case GoTo(then):
                response.redirect(self._url(then.address), method="POST")
            case HangUp():
                response.hangup()
            case Bridge():
                pass

    def _say(self, parent: VoiceResponse | Gather, what: Saying) -> None:
        if isinstance(what, Line):
            parent.say(UNSPEAKABLE.sub(" ", what.text), voice=VOICE, language=LANGUAGE)
        else:
            parent.play(f"{self._public_url}/voice/sound/{what.name}")

    def _ask(self, response: VoiceResponse, ask: Ask) -> None:
        words = {"speech_timeout": "auto", "hints": self._hints} if ask.speech else {}
        gather = response.gather(
            input="dtmf speech" if ask.speech else "dtmf",
            action=self._url(ask.then.address),
            method="POST",
            num_digits=ask.digits,
            finish_on_key=ask.finish,
            timeout=ask.timeout,
            language=LANGUAGE,
            action_on_empty_result=True,
            **words,
        )
        for what in ask.lines:
            self._say(gather, what)
        if ask.thinking:
            gather.pause(length=ask.thinking)

    def _ring(self, response: VoiceResponse, ring: Ring) -> None:
        dial = response.dial(
            action=self._url(ring.then.address) if ring.then else None,
            method="POST",
            timeout=ring.timeout,
            caller_id=self._caller_id,
            answer_on_bridge=True,
            ring_tone="fr",
            time_limit=LONGEST_CALL,
        )
        for leg in ring.legs:
            self._number(dial, leg.phone, leg.screen, leg.status)

    def _number(self, dial: Dial, phone: str, screen: Place | None, status: str) -> None:
        dial.number(
            phone,
            url=self._url(screen.address) if screen else None,
            method="POST" if screen else None,
            status_callback=self._url(status),
            status_callback_method="POST",
            status_callback_event="initiated ringing answered completed",
        )

    def _record(self, response: VoiceResponse, record: Record) -> None:
        response.record(
            action=self._url(record.then.address),
            method="POST",
            max_length=record.seconds,
            timeout=10,
            finish_on_key="#",
            play_beep=True,
            recording_status_callback=self._url(record.status),
            recording_status_callback_method="POST",
            recording_status_callback_event="completed absent",
        )

    def _url(self, address: str) -> str:
        return asked_again(self._public_url + address)


def signed_fields(form: Any) -> str:
    """The fields of a form as they are signed: each name and value once, in their order."""
    pairs = form.pairs if isinstance(form, OperatorForm) else form.items()
    return "".join(map("".join, sorted(set(pairs))))


def signature_of(token: bytes, url: str, fields: str) -> bytes:
    """The signature of this address and these fields: nearly always the right one, in one pass over the form.

    An address that is written in another way (its port) is left to the operator's own library.
    """
    return b64encode(digest(token, (url + fields).encode(), "sha1"))


def _checked(twiml: str) -> str:
    """The text, or ValueError when it is not well-formed or grows near the operator's limit of 64 kB."""
    if len(twiml.encode()) > 32_000:  # noqa: PLR2004 — half of the operator's limit
        message = "the document is too long"
        raise ValueError(message)
    try:
        expat.ParserCreate().Parse(twiml.encode(), True)
    except expat.ExpatError as error:
        message = "the document is not well-formed"
        raise ValueError(message) from error
    return twiml


def empty() -> str:
    """The document that asks for nothing."""
    document: TwiML = VoiceResponse()
    return str(document)
