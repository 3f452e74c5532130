"""What a caller hears when our own service fails: why, and the national team (decision 12)."""

from __future__ import annotations

from ivr.instructions import HangUp, Instruction, Leg, Ring, Say
from ivr.place import Place, Step
from ivr.prompts import line
from records.facts import AnsweredBy
from routing.directory import NATIONAL, Person
from routing.snapshot import Snapshot


def apologise(snapshot: Snapshot) -> tuple[Instruction, ...]:
    """An apology, the first rang of the national team, and where the form is when nobody answers."""
    legs = tuple(_leg(person) for person in _first_rang(snapshot))
    if not legs:
        return (Say(line("PANNE_FIN")), HangUp())
    return (Say(line("PANNE")), Ring(legs, None), Say(line("PANNE_FIN")), HangUp())


def _first_rang(snapshot: Snapshot) -> list[Person]:
    ringable = [person for person in snapshot.lines(NATIONAL) if person.is_ringable]
    first = min((person.rang for person in ringable if person.rang is not None), default=None)
    return [person for person in ringable if person.rang == first]


def _leg(person: Person) -> Leg:
    asked = Place(Step.SCREEN, 0, desk=AnsweredBy.NATIONAL, person=person.id)
    return Leg(str(person.phone), asked if person.screened else None, asked.callback_address("leg"))
