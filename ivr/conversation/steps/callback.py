"""The number to call back: read back, confirmed, or typed (decision 10).

A typed number stands in a fact, never in an address: the answer to the read-back refers to the document that holds it.
"""

from __future__ import annotations

from ivr.conversation.events import Event, Pressed
from ivr.conversation.instructions import Ask, HangUp, Line, Say
from ivr.conversation.place import Place, Step
from ivr.conversation.prompts import line
from ivr.conversation.situation import Situation, Turn
from ivr.conversation.steps.absence import choices_again
from records.facts import FactKind
from routing.phones import PhoneRefused, read_phone, speak_phone

MOST_KEYS = 15
"""More keys than any number has: the `#` that ends one is never the first key of what is asked next."""

BETWEEN_KEYS = 4
"""Seconds without a key after which a number is taken as it is; as many more before the first one."""

MOST_TRIES = 2
"""How often a number may be typed again after the first try."""


def ask_callback(place: Place, situation: Situation) -> Turn:
    """The caller's own number read back, or the question for one when it is withheld or refused (decision 40)."""
    try:
        own = _callable(situation.caller, situation) if situation.caller else None
    except PhoneRefused:
        own = None
    fact = situation.fact(FactKind.CALLBACK_ASKED, place.n, number=own)
    if own is not None:
        return _read_back(place, own).after(fact)
    return _ask_number(place, *((line("RAPPEL_AUTRE"),) if situation.caller else ())).after(fact)


def _ask_number(place: Place, *lines: Line, asked: int = 0) -> Turn:
    then, lines = place.next(Step.NUMBER, asked=asked), (*lines, line("RAPPEL_SAISIR"))
    return Turn((), (Ask(lines, then, MOST_KEYS, finish="#", timeout=BETWEEN_KEYS, thinking=BETWEEN_KEYS),))


def _read_back(place: Place, number: str) -> Turn:
    spoken = line("RAPPEL_LIRE", numero=speak_phone(number))
    return Turn((), (Ask((spoken,), place.next(Step.CALLBACK, of=place.n), digits=1),))


def answer_number(place: Place, event: Event, situation: Situation) -> Turn:
    """A typed number is read back; one that cannot be called is asked again, then the choice comes back."""
    try:
        number = _callable(event.keys if isinstance(event, Pressed) else "", situation)
    except PhoneRefused:
        return _not_a_number(place, event)
    return _read_back(place, number).after(situation.fact(FactKind.CALLBACK_TYPED, place.n, number=number))


def _callable(number: str, situation: Situation) -> str:
    """The number in E.164, or PhoneRefused: whoever calls, and whatever is typed, the same refusals hold."""
    return read_phone(number, own_numbers=situation.line.own_numbers, allow_fiction=situation.line.allows_fiction)


def _not_a_number(place: Place, event: Event) -> Turn:
    if place.asked >= MOST_TRIES:
        return choices_again(place, line("RAPPEL_IMPOSSIBLE"))
    lines = (line("RAPPEL_REFUSE"),) if isinstance(event, Pressed) else ()
    return _ask_number(place, *lines, asked=place.asked + 1)


def answer_read_back(place: Place, event: Event, situation: Situation) -> Turn:
    """1 keeps the number, 2 asks for another; silence is asked once more, then the number is kept."""
    match event:
        case Pressed("2"):
            return _ask_number(place).after(situation.fact(FactKind.CALLBACK_DENIED, place.n, of=place.of))
        case Pressed("1"):
            return _noted(place, situation)
        case _ if place.asked == 0:
            return Turn((), (Ask((line("RAPPEL_CONFIRMER"),), place.again(), digits=1),))
        case _:
            return Turn((), (Say(line("RAPPEL_NOTE")), Say(line("MERCI")), HangUp()))


def _noted(place: Place, situation: Situation) -> Turn:
    fact = situation.fact(FactKind.CALLBACK_CONFIRMED, place.n, of=place.of)
    return Turn((fact,), (Say(line("RAPPEL_NOTE")), Say(line("MERCI")), HangUp()))
