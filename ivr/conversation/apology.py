"""What a caller hears when our own service fails: why, and the national team (decision 12)."""

from __future__ import annotations

from typing import Any

from ivr.conversation.instructions import Bridge, HangUp, Instruction, PhoneToRing, Ring, Say
from ivr.conversation.place import Place, Step
from ivr.conversation.prompts import line
from ivr.conversation.telephones import MOST_AT_ONCE, Telephone, telephones
from records.facts import AnsweredBy
from routing.directory.reading import NATIONAL
from routing.snapshot import Snapshot

LAST_WORDS: tuple[Instruction, ...] = (Say(line("PANNE_FIN")), HangUp())
"""What can still be said when there is nobody to ring, or when nothing else works."""

UNANNOUNCED: tuple[Instruction, ...] = (Say(line("PANNE_REFERENT")), Bridge())
"""What a référent hears whose own document failed; nobody else can be rung on his leg, so he has the caller at once."""


def apologise(snapshot: Snapshot, n: int) -> tuple[Instruction, ...]:
    """An apology, the first rang of the national team, and where the form is when nobody answers.

    `n` is the number of the document that rings, under which the legs' callbacks are written down.
    """
    legs = tuple(_leg(telephone, n) for telephone in _first_rang(snapshot))
    return (Say(line("PANNE")), Ring(legs, None), *LAST_WORDS) if legs else LAST_WORDS


def apology_rings(snapshot: Snapshot) -> dict[str, Any] | None:
    """Whom an apology rings, as the fact RANG_RUNG tells it; None when there is nobody."""
    rung = [telephone.told for telephone in _first_rang(snapshot)]
    return {"desk": str(AnsweredBy.NATIONAL), "people": rung} if rung else None


def _first_rang(snapshot: Snapshot) -> list[Telephone]:
    ringable = [person for person in snapshot.lines(NATIONAL) if person.is_ringable]
    first = min((person.rang for person in ringable if person.rang is not None), default=None)
    return telephones(person for person in ringable if person.rang == first)[:MOST_AT_ONCE]


def _leg(telephone: Telephone, n: int) -> PhoneToRing:
    asked = Place(Step.SCREEN, n, desk=AnsweredBy.NATIONAL, person=telephone.id)
    return PhoneToRing(telephone.phone, asked if telephone.is_screened else None, asked.callback_address("leg"))
