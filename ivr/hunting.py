"""Ringing the people of a plan, rang after rang, within 75 seconds (decisions 4, 5)."""

from __future__ import annotations

from dataclasses import replace

from ivr.absence import offer_absence
from ivr.events import RingEnded
from ivr.instructions import HangUp, Instruction, Leg, Line, Ring, Say
from ivr.place import Place, Step
from ivr.prompts import line
from ivr.situation import Situation, Turn
from records.facts import AbsenceReason, FactKind, LegStatus
from routing.directory import Person

RING_SECONDS = 15
"""The Dial's timeout; the operator adds about five (../reference: twilio §1.3)."""

LONGEST_RING = 20
SCREENING = 12
LAST_START = 43
"""No rang starts later than this many seconds after the first: 43 + 20 + 12 of screening = 75 (decision 4)."""

_REASON = {
    LegStatus.NO_ANSWER: AbsenceReason.NO_ANSWER,
    LegStatus.CANCELED: AbsenceReason.NO_ANSWER,
    LegStatus.COMPLETED: AbsenceReason.REFUSED,
    LegStatus.BUSY: AbsenceReason.BUSY,
    LegStatus.FAILED: AbsenceReason.FAILED,
}
_ORDER = (AbsenceReason.NO_ANSWER, AbsenceReason.REFUSED, AbsenceReason.BUSY, AbsenceReason.FAILED)


def ring(place: Place, situation: Situation, *lines: Line) -> Turn:
    """Say the lines and ring the first rang that the snapshot still knows; else go to the absence message."""
    while place.rangs:
        people = _known(place, situation)
        if people:
            return _ring_people(place, situation, people, lines)
        place = replace(place, rangs=place.rangs[1:])
    return offer_absence(place, situation).saying_first(*lines)


def _known(place: Place, situation: Situation) -> list[Person]:
    desk = place.served_by or place.departement or "*"
    found = (situation.snapshot.person(desk, one) for one in place.rangs[0])
    return [person for person in found if person is not None and person.phone is not None]


def _ring_people(place: Place, situation: Situation, people: list[Person], lines: tuple[Line, ...]) -> Turn:
    then = place.next(Step.RING)
    legs = tuple(_leg(person, then) for person in people)
    rung = [{"id": p.id, "name": p.name, "phone": p.phone, "screened": p.screened} for p in people]
    fact = situation.fact(FactKind.RANG_RUNG, then.n, desk=str(place.desk), people=rung)
    spoken: tuple[Instruction, ...] = tuple(Say(one) for one in lines)
    return Turn((fact,), (*spoken, Ring(legs, then, RING_SECONDS)))


def _leg(person: Person, then: Place) -> Leg:
    asked = Place(Step.SCREEN, then.n, departement=then.departement, desk=then.desk, person=person.id)
    return Leg(str(person.phone), asked if person.screened else None, asked.callback_address("leg"))


def go_on(place: Place, event: RingEnded, situation: Situation) -> Turn:
    """What follows a rang that ended: thanks, the next rang, or the absence message; nothing when nobody is there."""
    fact = situation.fact(
        FactKind.RING_ENDED,
        place.n,
        status=str(event.status),
        bridged=event.is_bridged,
        leg=event.leg,
        seconds=event.seconds,
        caller_gone=situation.is_gone,
    )
    if situation.is_gone:
        return Turn((fact,), (HangUp(),))
    if event.is_bridged:
        return Turn((fact,), (Say(line("MERCI")), HangUp()))
    return _after_nobody(place, event, situation).after(fact)


def _after_nobody(place: Place, event: RingEnded, situation: Situation) -> Turn:
    tried, *left = place.rangs or ((),)
    asked_for = event.seconds or 0
    is_picked_up = event.status is LegStatus.COMPLETED or asked_for > 0
    if is_picked_up and len(tried) > 1:
        left = [*((one,) for one in tried), *left]
    spent = place.spent + LONGEST_RING + asked_for
    reason = _first(place.reason, AbsenceReason.REFUSED if is_picked_up else _REASON[event.status])
    after = replace(place, rangs=tuple(left), spent=spent, reason=reason)
    if left and _may_still_start(after, situation):
        return ring(after, situation, line("ATTENTE"))
    return offer_absence(after, situation)


def _may_still_start(place: Place, situation: Situation) -> bool:
    """Whether a rang may start: surely in time by the longest ringing, else by the clock since the plan was made."""
    return place.spent <= LAST_START or situation.now.timestamp() - place.began <= LAST_START


def _first(before: AbsenceReason | None, now: AbsenceReason) -> AbsenceReason:
    present = {before, now}
    return next(reason for reason in _ORDER if reason in present)
