"""The département is known: the plan is made once, the name is said, and the hunt begins or the absence is told."""

from __future__ import annotations

from dataclasses import replace

from ivr.conversation.events import Event, Pressed
from ivr.conversation.instructions import Ask, Line, Say
from ivr.conversation.place import Cap, Place, Step
from ivr.conversation.prompts import line, name_of_desk
from ivr.conversation.situation import Situation, Turn
from ivr.conversation.steps.absence import offer_absence
from ivr.conversation.steps.hunting import ring
from ivr.conversation.steps.menu import fresh
from records.facts import NATIONAL, AbsenceReason, AnsweredBy, Fact, FactKind, GivenBy
from routing.departements import departements
from routing.planning.plan import Plan, plan

CHANGE_PAUSE = 1
"""Seconds of silence after « pour changer, étoile » before it rings (decision 39; the operator counts whole ones)."""

_LEFT_OF_A_POSTAL_CODE = 2


def choose(place: Place, code: str, by: GivenBy, situation: Situation, *, is_named: bool = False) -> Turn:
    """The département is decided: its name, that it rings, `*` to change it, and the plan in the address.

    `is_named`: the question that was just answered by yes named it, so it is not named again (decisions 2, 8, 39).
    """
    made = plan(situation.snapshot, code, situation.now)
    given = situation.fact(FactKind.DEPARTEMENT_GIVEN, place.n, departement=code, by=str(by))
    then = planned(fresh(place, Step.CHANGE, departement=code, given_by=by), made, situation)
    name = () if is_named else (Say(line("NOM", nom=departements()[code].name)),)
    ask = Ask(_announced(then), then, digits=1, timeout=CHANGE_PAUSE)
    return Turn((given, *_written(made, place, situation)), (*name, ask))


def _announced(place: Place) -> tuple[Line, ...]:
    """What follows the name: that it rings, or why somebody else's telephone does, and how to change."""
    if place.rangs and place.desk is AnsweredBy.LOCAL:
        return (line("SONNE"),)
    return (line("SANS_REFERENT"), line("CHANGER")) if place.rangs else (line("CHANGER"),)


def planned(place: Place, made: Plan, situation: Situation) -> Place:
    """The place with all that the plan decided; nobody rings for a caller who is capped (decisions 17 and 42)."""
    if capped := _cap(made, situation):
        began, version = int(situation.now.timestamp()), situation.snapshot.version
        return replace(place, began=began, version=version, rangs=(), reason=None, overflow=None, capped=capped)
    return replace(
        place,
        version=situation.snapshot.version,
        rangs=made.rangs,
        desk=AnsweredBy(made.desk),
        served_by=made.served_by,
        began=int(situation.now.timestamp()),
        reopens=int(made.reopens.timestamp()) if made.reopens else 0,
        reason=AbsenceReason(made.reason) if made.reason else None,
        overflow=made.overflow_no_answer if made.rangs else made.overflow_closed,
    )


def _cap(made: Plan, situation: Situation) -> Cap | None:
    """Why the plan is not followed; where nobody would ring anyhow, the plan's own reason is told."""
    known = situation.recollection
    spared = replace(known, flooded=frozenset()) if situation.is_hidden else known
    return spared.cap(made.served_by) if made.rangs else None


def _written(made: Plan, place: Place, situation: Situation) -> tuple[Fact, ...]:
    """The plan, and that it is not followed for a caller who is capped."""
    fact = situation.fact(
        FactKind.PLANNED,
        place.n,
        departement=made.asked,
        desk=made.desk,
        rangs=[list(rang) for rang in made.rangs],
        reason=made.reason,
        version=situation.snapshot.version,
        because=[one.text for one in made.because],
    )
    if capped := _cap(made, situation):
        return fact, situation.fact(FactKind.LED_OUT, place.n, why=str(capped))
    return (fact,)


def answer_change(place: Place, event: Event, situation: Situation) -> Turn:
    """The key after the name: none goes on; 5 after 11 is somebody who typed 115; a postal code's rest is let by."""
    match event:
        case Pressed("5") if place.departement == "11":
            return begin(place, situation, line("RAPPEL_115"))
        case Pressed():
            then = replace(place, step=Step.MORE, n=place.n + 1)
            return Turn((), (Ask((), then, digits=_LEFT_OF_A_POSTAL_CODE, timeout=1),))
        case _:
            return begin(place, situation)


def begin(place: Place, situation: Situation, *lines: Line) -> Turn:
    """The first rang, or the absence message when the plan rings nobody."""
    if not place.rangs:
        return offer_absence(place, situation).saying_first(*lines)
    return ring(place, situation, *lines)


def call_national(place: Place, situation: Situation, announced: Line) -> Turn:
    """The national team at once: by `*`, or after three failures."""
    made = plan(situation.snapshot, NATIONAL, situation.now)
    going = planned(replace(fresh(place), n=place.n), made, situation)
    written = _written(made, place, situation)
    if not going.rangs:
        return offer_absence(going, situation).after(*written)
    return ring(going, situation, announced).after(*written)


def call_overflow(place: Place, situation: Situation) -> Turn:
    """The other desk that was offered; when it has closed meanwhile, the département's own absence is told again.

    The national team's calls are its own, however they come (decision 13).
    """
    desk = place.overflow or NATIONAL
    counted = AnsweredBy.NATIONAL if desk == NATIONAL else AnsweredBy.OVERFLOW
    made = plan(situation.snapshot, desk, situation.now)
    going = replace(planned(place, made, situation), desk=counted, overflow=None, spent=0)
    written = _written(made, place, situation)
    if not going.rangs:
        return offer_absence(replace(place, overflow=None), situation).after(*written)
    announced = line("DEBORDEMENT", desk=name_of_desk(desk, departements()))
    return ring(going, situation, announced).after(*written)
