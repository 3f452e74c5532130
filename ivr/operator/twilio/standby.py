"""The line without us, in the operator's words: static files, and one document whose blanks the operator fills."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from ivr.conversation.instructions import HangUp, Line, Say
from ivr.conversation.standby import Called, CallTogether, Choose, Consent, Document
from ivr.conversation.steps.hunting import RING_SECONDS
from ivr.operator.twilio.documents import LANGUAGE, LONGEST_CALL, VOICE

HOSTING = """\
contient des blancs ({{Digits}}…) que l’opérateur remplit : le déposer chez lui comme document
   hébergé (« TwiML Bin »), ou là où ces blancs sont remplis par les paramètres de la demande."""
"""What has to be done with the document with blanks, for the note beside the files."""

BLANKS = "{{to}}{{Digits}}{{DialCallStatus}}{{DialBridged}}"
"""What the operator's own hosted documents fill from the parameters of a request; one that is not sent is empty."""


@dataclass(frozen=True, slots=True)
class StandbyPhrasing:
    """Where the files are (`files`, what precedes their names), the document with blanks (`switch`), our own number.

    Both may be relative to the document that is being phrased.
    """

    files: str
    switch: str
    caller_id: str

    def phrase(self, documents: Mapping[str, Document]) -> dict[str, str]:
        """The text of each document, by its name."""
        return {name: self._phrase(document) for name, document in documents.items()}

    def phrase_switch(self) -> str:
        """The document with blanks: it leads to the file that a prefix, the keys or a status name."""
        response = VoiceResponse()
        response.redirect(self._file(BLANKS), method="GET")
        return str(response)

    def _phrase(self, document: Document) -> str:
        response = VoiceResponse()
        for instruction in document:
            match instruction:
                case Say(what) if isinstance(what, Line):
                    _say(response, what)
                case Choose(lines, to, digits, timeout):
                    _gather(response, lines, self._next(to), digits, timeout)
                case Consent(lines, then, timeout):
                    _gather(response, lines, self._file(then), 1, timeout)
                case CallTogether(people, to):
                    self._call(response, people, to)
                case HangUp():
                    response.hangup()
        return str(response)

    def _call(self, response: VoiceResponse, people: tuple[Called, ...], to: str) -> None:
        dial: Dial = response.dial(
            action=self._next(to),
            method="GET",
            timeout=RING_SECONDS,
            caller_id=self.caller_id,
            answer_on_bridge=True,
            ring_tone="fr",
            time_limit=LONGEST_CALL,
        )
        for one in people:
            screen = {"url": self._file(one.screen), "method": "GET"} if one.screen else {}
            dial.number(one.phone, **screen)

    def _file(self, name: str) -> str:
        return f"{self.files}{name}.xml"

    def _next(self, to: str) -> str:
        return f"{self.switch}?to={to}" if to else self.switch


def _gather(response: VoiceResponse, lines: tuple[Line, ...], action: str, digits: int, timeout: int) -> None:
    gather = response.gather(action=action, method="GET", num_digits=digits, timeout=timeout, language=LANGUAGE)
    for what in lines:
        _say(gather, what)


def _say(parent: VoiceResponse | Gather, what: Line) -> None:
    parent.say(what.text, voice=VOICE, language=LANGUAGE)
