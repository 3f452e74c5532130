"""What a caller hears when nobody takes the call, and what he can leave: a message, or a number to call back."""

from __future__ import annotations

from datetime import UTC, datetime

from ivr.conversation.events import MessageLeft
from ivr.conversation.instructions import Ask, GoTo, HangUp, Line, Record, Say, Saying, Sound
from ivr.conversation.place import Cap, Place, Step
from ivr.conversation.prompts import line, name_of_desk
from ivr.conversation.situation import Situation, Turn
from records.facts import NATIONAL, SHORTEST_MESSAGE, AbsenceReason, AnsweredBy, FactKind
from routing.calendar.words import say_moment
from routing.departements import departements, timezone_of

LONGEST_MESSAGE = 120
"""Seconds."""

_TELLS_WHEN = {
    AbsenceReason.CLOSED: "ROUVRE",
    AbsenceReason.HOLIDAY: "ROUVRE",
    AbsenceReason.AWAY: "RETOUR",
}


def offer_absence(place: Place, situation: Situation) -> Turn:
    """The absence message of the département and the reason, then the choice between message and callback."""
    fact = situation.fact(FactKind.ABSENCE_SAID, place.n, reason=place.reason and str(place.reason))
    lines = (*_why(place, situation), *_when(place), *_choices(place))
    return Turn((fact,), (_ask(place.next(Step.ABSENCE), lines),))


def _ask(then: Place, lines: tuple[Saying, ...]) -> Ask:
    return Ask(lines, then, digits=1)


def _why(place: Place, situation: Situation) -> tuple[Saying, ...]:
    own = _own_message(place, situation)
    if own is not None:
        return (own,)
    if place.reason is None:
        return (line("ABSENCE_REPETEE" if place.capped in {None, Cap.REDIAL} else "ABSENCE_AFFLUENCE"),)
    if not _is_national(place) or place.reason is AbsenceReason.NO_REFERENT:
        return (line(f"ABSENCE_{place.reason.upper()}"),)
    is_closed = place.reason in _TELLS_WHEN
    return (line("ABSENCE_NATIONAL_FERMEE" if is_closed else "ABSENCE_NATIONAL"),)


def _is_national(place: Place) -> bool:
    """Whether it is the national team that was rung: of itself, or as the desk that an overflow leads to."""
    is_overflow = place.desk is AnsweredBy.OVERFLOW and place.served_by in {None, NATIONAL}
    return is_overflow or place.desk is AnsweredBy.NATIONAL


def _own_message(place: Place, situation: Situation) -> Saying | None:
    own = {m.reason: m for m in situation.snapshot.rules.messages if m.departement == (place.departement or "*")}
    message = own.get(place.reason and str(place.reason)) or own.get(None)
    if message is None:
        return None
    if message.audio:
        return Sound(message.audio, "MESSAGE_DU_SIAO")
    return Line("MESSAGE_DU_SIAO", message.text) if message.text else None


def _when(place: Place) -> tuple[Line, ...]:
    prompt = _TELLS_WHEN.get(place.reason) if place.reason else None
    if prompt is None or not place.reopens:
        return ()
    moment = datetime.fromtimestamp(place.reopens, UTC)
    told_at = datetime.fromtimestamp(place.began, UTC)
    return (line(prompt, moment=say_moment(moment, told_at, timezone_of(place.served_by or place.departement))),)


def _choices(place: Place) -> tuple[Line, ...]:
    menu = line("ABSENCE_MENU")
    return (
        (menu, line("ABSENCE_DEBORDEMENT", desk=name_of_desk(place.overflow, departements())))
        if place.overflow
        else (menu,)
    )


def repeat_or_leave(place: Place) -> Turn:
    """Silence or another key: the choice once more, then the goodbye (decision 10)."""
    return choices_again(place) if place.asked == 0 else goodbye()


def goodbye() -> Turn:
    """The form exists, thank you, goodbye."""
    return Turn((), (Say(line("FORMULAIRE")), Say(line("MERCI")), HangUp()))


def take_message(place: Place) -> Turn:
    """The beep and up to two minutes; after silence alone the operator goes on, and it leads to the same place."""
    then = place.next(Step.MESSAGE)
    recorded = Record(then, then.callback_address("recorded"), LONGEST_MESSAGE)
    return Turn((), (Say(line("MESSAGERIE")), recorded, GoTo(then)))


def keep_message(place: Place, event: MessageLeft, situation: Situation) -> Turn:
    """The message is written down; an empty one is said to be, and the choice comes back once."""
    fact = situation.fact(
        FactKind.MESSAGE_LEFT,
        place.n,
        recording=event.recording,
        seconds=event.seconds,
        caller_gone=situation.is_gone,
    )
    if situation.is_gone:
        return Turn((fact,), (HangUp(),))
    if event.seconds >= SHORTEST_MESSAGE:
        return Turn((fact,), (Say(line("MESSAGE_FIN")), Say(line("MERCI")), HangUp()))
    return choices_again(place, line("MESSAGE_VIDE")).after(fact)


def choices_again(place: Place, *lines: Line) -> Turn:
    """The choice once more, for the last time, after `lines`."""
    return Turn((), (_ask(place.next(Step.ABSENCE, asked=1), (*lines, *_choices(place))),))
