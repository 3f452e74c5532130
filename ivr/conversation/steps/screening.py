"""The référent's own leg: he hears the line and the département, and takes the call by pressing 1 (decision 11)."""

from __future__ import annotations

from ivr.conversation.events import Event, Pressed
from ivr.conversation.instructions import Ask, Bridge, HangUp
from ivr.conversation.place import Place, Step
from ivr.conversation.prompts import line
from ivr.conversation.situation import Situation, Turn
from records.facts import FactKind

WAIT = 2
"""Seconds for the key after the whisper: with its two sentences under twelve in all (decision 4)."""


def whisper(place: Place, situation: Situation) -> Turn:
    """The line, the département, and the key; nothing personal before it is pressed."""
    fact = situation.fact(FactKind.PICKED_UP, place.n, place.person, leg=situation.leg)
    then = Place(Step.TAKE, place.n, departement=place.departement, desk=place.desk, person=place.person)
    who = line("CHUCHOTEMENT", numero=place.departement) if place.departement else line("CHUCHOTEMENT_NATIONAL")
    return Turn((fact,), (Ask((who, line("CHUCHOTEMENT_RAPPEL")), then, digits=1, timeout=WAIT),))


def take(place: Place, event: Event, situation: Situation) -> Turn:
    """1 connects; any other key, words or silence let the call go on to the next one."""
    keys = event.keys if isinstance(event, Pressed) else ""
    if keys == "1":
        return Turn((situation.fact(FactKind.ACCEPTED, place.n, place.person, leg=situation.leg),), (Bridge(),))
    return Turn((situation.fact(FactKind.REFUSED, place.n, place.person, leg=situation.leg, keys=keys),), (HangUp(),))
