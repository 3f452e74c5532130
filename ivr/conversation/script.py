"""The whole conversation on one screen: (step, event) → what is written down and what is said next.

A pure function of the address, the event, the directory in memory and the moment (docs/architecture.md#idea-1).
"""

from __future__ import annotations

from ivr.conversation.events import Arrived, Event, MessageLeft, PickedUp, Pressed, RingEnded, Silent, Spoke
from ivr.conversation.instructions import HangUp, Say
from ivr.conversation.place import MOST_DOCUMENTS, Place, Step
from ivr.conversation.prompts import line
from ivr.conversation.situation import Situation, Turn, said
from ivr.conversation.steps import absence, asking, callback, choosing, hunting, screening
from records.facts import Fact, FactKind

_LATER = frozenset({Step.SURE, Step.CHOOSE, Step.CHANGE, Step.MORE, Step.ABSENCE, Step.NUMBER, Step.CALLBACK})
"""Steps in which `*` leads back to the menu."""


def advance(place: Place, event: Event, situation: Situation) -> Turn:
    """What follows `event` at `place`: the facts to write down first, then the instructions."""
    turn = _answer(place, event, situation).after(*_noted(place, event, situation))
    return said(turn, place, situation)


def _answer(place: Place, event: Event, situation: Situation) -> Turn:
    match place.step, event:
        case Step.SCREEN, PickedUp():
            return screening.whisper(place, situation)
        case Step.TAKE, _:
            return screening.take(place, event, situation)
        case Step.RING, RingEnded():
            return hunting.go_on(place, event, situation)
        case Step.MESSAGE, MessageLeft():
            return absence.keep_message(place, event, situation)
        case _ if situation.is_gone:
            return Turn((), (HangUp(),))
        case _ if place.n > MOST_DOCUMENTS:
            return led_out("documents", place, situation)
        case Step.ARRIVAL, Arrived():
            return led_out("loop", place, situation) if _is_loop(event, situation) else asking.welcome(place, situation)
        case step, Pressed(keys) if step in _LATER and "*" in keys:
            return asking.return_to_menu(place, situation)
        case Step.MENU, _:
            return asking.answer_menu(place, event, situation)
        case Step.OFFER, _:
            return asking.answer_offer(place, event, situation)
        case Step.THIRD, _:
            return asking.answer_third(place, event, situation)
        case Step.CORSE, _:
            return asking.answer_corsica(place, event, situation)
        case Step.SURE, _:
            return asking.answer_sure(place, event, situation)
        case Step.CHOOSE, _:
            return asking.answer_which(place, event, situation)
        case Step.CHANGE, _:
            return choosing.answer_change(place, event, situation)
        case Step.MORE, _:
            return choosing.begin(place, situation)
        case Step.ABSENCE, Pressed("1"):
            return absence.take_message(place)
        case Step.ABSENCE, Pressed("2"):
            return callback.ask_callback(place, situation)
        case Step.ABSENCE, Pressed("3") if place.overflow:
            return choosing.call_overflow(place, situation)
        case Step.ABSENCE, _:
            return absence.repeat_or_leave(place)
        case Step.NUMBER, _:
            return callback.answer_number(place, event, situation)
        case Step.CALLBACK, _:
            return callback.answer_read_back(place, event, situation)
        case _:
            return Turn((), (Say(line("TROP_LONG")), HangUp()))


def led_out(why: str, place: Place, situation: Situation) -> Turn:
    """A polite end, written down (decisions 1 and 16)."""
    prompt = "BOUCLE" if why == "loop" else "TROP_LONG"
    return Turn((situation.fact(FactKind.LED_OUT, place.n, why=why),), (Say(line(prompt)), HangUp()))


def _is_loop(event: Arrived, situation: Situation) -> bool:
    """A call that comes from ourselves, or that a référent's telephone forwards to us (decision 16)."""
    own = situation.line.own_numbers | {event.dialled}
    return situation.caller in own or (
        event.forwarded_from is not None and event.forwarded_from in situation.snapshot.phones()
    )


def _noted(place: Place, event: Event, situation: Situation) -> tuple[Fact, ...]:
    """The fact that the event itself is, for the story of the call."""
    step = str(place.step)
    match event:
        case _ if place.step in {Step.SCREEN, Step.TAKE}:
            return ()
        case Arrived(dialled, forwarded_from):
            arrival = {"dialled": dialled, "forwarded_from": forwarded_from, "version": situation.snapshot.version}
            caller = {"caller": situation.caller, "hidden": situation.is_hidden}
            return (situation.fact(FactKind.ARRIVED, place.n, **caller, **arrival),)
        case Pressed(keys):
            return (situation.fact(FactKind.PRESSED, place.n, step=step, keys=keys),)
        case Spoke(text, confidence):
            return (situation.fact(FactKind.SPOKE, place.n, step=step, text=text, confidence=confidence),)
        case Silent():
            return (situation.fact(FactKind.SILENT, place.n, step=step),)
        case _:
            return ()
