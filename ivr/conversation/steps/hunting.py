"""Ringing the people of a plan, rang after rang, within 75 seconds (decisions 4, 5)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ivr.conversation.events import RingEnded
from ivr.conversation.instructions import HangUp, Instruction, Line, PhoneToRing, Ring, Say
from ivr.conversation.place import Place, Step
from ivr.conversation.prompts import line
from ivr.conversation.situation import Situation, Turn
from ivr.conversation.steps.absence import offer_absence
from records.facts import AbsenceReason, FactKind, LegStatus
from routing.directory.reading import Person

RING_SECONDS = 15
"""The Dial's timeout; the operator adds about five (docs/operator.md#dial)."""

LONGEST_RING = 20
SCREENING = 12
MOST_AT_ONCE = 10
"""The operator rings no more telephones together; the others of the rang ring next."""

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
            first, others = people[:MOST_AT_ONCE], people[MOST_AT_ONCE:]
            rangs = (_ids(first), *([_ids(others)] if others else []), *place.rangs[1:])
            return _ring_people(replace(place, rangs=rangs), situation, first, lines)
        place = replace(place, rangs=place.rangs[1:])
    return offer_absence(place, situation).saying_first(*lines)


def _known(place: Place, situation: Situation) -> list[Person]:
    """The people of the rang that rings now, as far as the snapshot still knows them and their telephone."""
    desk = place.served_by or place.departement or "*"
    found = (situation.snapshot.person(desk, one) for one in (place.rangs or ((),))[0])
    return [person for person in found if person is not None and person.phone is not None]


def _ids(people: list[Person]) -> tuple[str, ...]:
    return tuple(person.id for person in people)


def _ring_people(place: Place, situation: Situation, people: list[Person], lines: tuple[Line, ...]) -> Turn:
    then = place.next(Step.RING)
    legs = tuple(_leg(person, then) for person in people)
    fact = situation.fact(FactKind.RANG_RUNG, then.n, desk=str(place.desk), people=people_rung(people))
    spoken: tuple[Instruction, ...] = tuple(Say(one) for one in lines)
    return Turn((fact,), (*spoken, Ring(legs, then, RING_SECONDS)))


def people_rung(people: list[Person]) -> list[dict[str, Any]]:
    """The people who are rung, as the fact RANG_RUNG tells them."""
    return [{"id": p.id, "name": p.name, "phone": p.phone, "screened": p.screened} for p in people]


def _leg(person: Person, then: Place) -> PhoneToRing:
    asked = Place(Step.SCREEN, then.n, departement=then.departement, desk=then.desk, person=person.id)
    return PhoneToRing(str(person.phone), asked if person.screened else None, asked.callback_address("leg"))


def go_on(place: Place, event: RingEnded, situation: Situation) -> Turn:
    """What follows a rang that ended: thanks, the next rang, or the absence message; nothing when nobody is there."""
    is_bridged = event.is_bridged if event.is_bridged is not None else _bridges_at_once(place, situation)
    fact = situation.fact(
        FactKind.RING_ENDED,
        place.n,
        status=str(event.status),
        bridged=is_bridged,
        leg=event.leg,
        seconds=event.seconds,
        caller_gone=situation.is_gone,
    )
    if situation.is_gone:
        return Turn((fact,), (HangUp(),))
    if is_bridged:
        return Turn((fact,), (Say(line("MERCI")), HangUp()))
    return _after_nobody(place, event, situation).after(fact)


def _bridges_at_once(place: Place, situation: Situation) -> bool | None:
    """True when nobody of the rang is asked to press 1: who picked up has talked; else None, the legs will tell."""
    people = _known(place, situation)
    return True if people and not any(person.screened for person in people) else None


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
