"""Ringing the people of a plan, rang after rang, within 75 seconds (decisions 4, 5, 43)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ivr.conversation.events import RingEnded
from ivr.conversation.instructions import HangUp, Instruction, Line, PhoneToRing, Ring, Say
from ivr.conversation.place import Place, Step
from ivr.conversation.prompts import line
from ivr.conversation.situation import Situation, Turn
from ivr.conversation.steps.absence import offer_absence
from ivr.conversation.telephones import MOST_AT_ONCE, Telephone, telephones
from records.facts import AbsenceReason, FactKind, LegStatus

RING_SECONDS = 15
"""The Dial's timeout; the operator adds about five (docs/operator.md#dial)."""

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
        known = _known(place, situation)
        if known:
            first, others = known[:MOST_AT_ONCE], known[MOST_AT_ONCE:]
            rangs = (_ids(first), *([_ids(others)] if others else []), *place.rangs[1:])
            return _ring_together(replace(place, rangs=rangs), situation, first, lines)
        place = replace(place, rangs=place.rangs[1:])
    return offer_absence(place, situation).saying_first(*lines)


def _known(place: Place, situation: Situation) -> list[Telephone]:
    """The telephones of the rang that rings now, as far as the snapshot still knows them."""
    desk = place.served_by or place.departement or "*"
    found = (situation.snapshot.person(desk, one) for one in (place.rangs or ((),))[0])
    return telephones(person for person in found if person is not None)


def _ids(known: Iterable[Telephone]) -> tuple[str, ...]:
    return tuple(one for telephone in known for one in telephone.ids)


def _ring_together(place: Place, situation: Situation, rung: list[Telephone], lines: tuple[Line, ...]) -> Turn:
    then = place.next(Step.RING)
    legs = tuple(_leg(telephone, then) for telephone in rung)
    fact = situation.fact(FactKind.RANG_RUNG, then.n, desk=str(place.desk), people=[one.told for one in rung])
    spoken: tuple[Instruction, ...] = tuple(Say(one) for one in lines)
    return Turn((fact,), (*spoken, Ring(legs, then, RING_SECONDS)))


def _leg(telephone: Telephone, then: Place) -> PhoneToRing:
    asked = Place(Step.SCREEN, then.n, departement=then.departement, desk=then.desk, person=telephone.id)
    return PhoneToRing(telephone.phone, asked if telephone.is_screened else None, asked.callback_address("leg"))


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
    known = _known(place, situation)
    return True if known and not any(telephone.is_screened for telephone in known) else None


def _after_nobody(place: Place, event: RingEnded, situation: Situation) -> Turn:
    left = place.rangs[1:]
    asked_for = event.seconds or 0
    is_picked_up = event.status is LegStatus.COMPLETED or asked_for > 0 or bool(situation.reached)
    if is_picked_up:
        left = (*_to_ring_alone(place, situation), *left)
    spent = place.spent + LONGEST_RING + asked_for
    reason = _first(place.reason, AbsenceReason.REFUSED if is_picked_up else _REASON[event.status])
    after = replace(place, rangs=left, spent=spent, reason=reason)
    if left and _may_still_start(after, situation):
        return ring(after, situation, line("ATTENTE"))
    return offer_absence(after, situation)


def _to_ring_alone(place: Place, situation: Situation) -> tuple[tuple[str, ...], ...]:
    """Of several telephones that rang together, those that were not picked up: each may have been cut (decision 43).

    Where nothing is remembered of who picked up, each of them is rung again.
    """
    known = _known(place, situation)
    if len(known) == 1:
        return ()
    return tuple(telephone.ids for telephone in known if telephone.id not in situation.reached)


def _may_still_start(place: Place, situation: Situation) -> bool:
    """Whether a rang may start: surely in time by the longest ringing, else by the clock.

    It runs from the first rang, or from the plan, a few sentences earlier, where that is not remembered.
    """
    of_this_plan = [at.timestamp() for at in situation.rung_at if at.timestamp() >= place.began]
    first = min(of_this_plan, default=place.began)
    return place.spent <= LAST_START or situation.now.timestamp() - first <= LAST_START


def _first(before: AbsenceReason | None, now: AbsenceReason) -> AbsenceReason:
    present = {before, now}
    return next(reason for reason in _ORDER if reason in present)
