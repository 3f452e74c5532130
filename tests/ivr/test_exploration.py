"""Every event at every step: no silence, no dead end, no loop (decision 1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cache
from urllib.parse import parse_qsl, urlsplit

import pytest

from ivr.conversation.events import Arrived, Event, MessageLeft, PickedUp, Pressed, RingEnded, Silent, Spoke
from ivr.conversation.instructions import Ask, Bridge, GoTo, HangUp, Record, Ring, Say
from ivr.conversation.place import MOST_DOCUMENTS, Place, Step, read_place
from ivr.conversation.script import advance
from ivr.conversation.situation import Recollection, Situation, Turn
from ivr.conversation.steps.hunting import LAST_START, LONGEST_RING, SCREENING
from records.facts import LegStatus
from routing.rules import Closure, Overflow, OverflowWhen, Rules
from tests.ivr.scene import NOW, OWN, arrival, remembering, situation, snapshot

_KEYS = ("1", "2", "3", "5", "*", "7*", "20", "93", "97", "99", "0199001234")
_ANSWERS: tuple[Event, ...] = (
    *(Pressed(keys) for keys in _KEYS),
    Silent(),
    Spoke("soixante-quinze", 0.9),
    Spoke("soixante-seize", 0.4),
    Spoke("la Corse", 0.9),
    Spoke("oui", 0.9),
    Spoke("non", 0.9),
    Spoke("blabla", None),
)
_EVENTS: dict[Step, tuple[Event, ...]] = {
    Step.ARRIVAL: (Arrived(OWN), Arrived(OWN, "+33199007501")),
    Step.RING: tuple(RingEnded(status, bridged, "CA2", 5) for status in LegStatus for bridged in (True, False)),
    Step.MESSAGE: (MessageLeft("RE1", 0), MessageLeft("RE1", 30), MessageLeft(None, 0)),
    Step.SCREEN: (PickedUp(),),
}
_SITUATIONS = {
    "an ordinary day": situation(),
    "a line that listens": replace(situation(), line=replace(situation().line, listens=True)),
    "a withheld number": situation(caller=None),
    "a caller who is known": situation(recollection=remembering("93")),
    "a caller who redials": situation(recollection=replace(remembering("93"), is_redialling=True)),
    "a desk with all the calls that it takes": situation(recollection=Recollection(full=frozenset({"75", "93", "*"}))),
    "everything closed": situation(
        snapshot=snapshot(rules=Rules(closures=(Closure(1, None, NOW - timedelta(1), NOW + timedelta(1), "Essai"),)))
    ),
    "overflow for all": situation(
        snapshot=snapshot(rules=Rules(overflows=(Overflow(None, "*", OverflowWhen.NO_ANSWER),)))
    ),
}


def _events(step: Step) -> tuple[Event, ...]:
    return _EVENTS.get(step, _ANSWERS)


def _following(turn: Turn) -> Iterator[Place]:
    for one in turn.instructions:
        if isinstance(one, (Ask, Record, GoTo)):
            yield one.then
        if isinstance(one, Ring):
            yield from filter(None, [one.then])
            yield from (leg.screen for leg in one.legs if leg.screen)


@cache
def _explored(name: str) -> tuple[tuple[Place, Event, Turn], ...]:
    return tuple(_explore(_SITUATIONS[name]))


def _explore(around: Situation) -> Iterator[tuple[Place, Event, Turn]]:
    """Every place that can be reached, with every event: places that differ only by their number count once."""
    seen: set[Place] = set()
    to_do = [arrival()]
    while to_do:
        place = to_do.pop()
        known = replace(place, n=1, of=0)
        if known in seen:
            continue
        seen.add(known)
        for event in _events(place.step):
            turn = advance(place, event, around)
            yield place, event, turn
            to_do.extend(_following(turn))


@pytest.mark.parametrize("name", _SITUATIONS)
def test_every_event_at_every_step_has_an_answer_that_leads_somewhere(name: str) -> None:
    """Each answer speaks or acts, ends in a question, a ring, a bridge, a spoken goodbye, or leads somewhere else.

    A recording is not enough: of silence the operator tells nothing and goes on in the document.
    """
    steps = set()
    for place, event, turn in _explored(name):
        steps.add(place.step)
        where = f"{place.step} {event}"
        assert turn.instructions, where
        assert isinstance(turn.instructions[-1], (Ask, Ring, GoTo, HangUp, Bridge)), where
        if isinstance(turn.instructions[-1], HangUp) and place.step is not Step.TAKE:
            assert isinstance(turn.instructions[0], Say), where
    assert {Step.MENU, Step.CORSE, Step.THIRD, Step.CHANGE, Step.ABSENCE, Step.CALLBACK, Step.MESSAGE} <= steps


@pytest.mark.parametrize("name", _SITUATIONS)
def test_every_address_that_an_answer_leads_to_is_one_of_ours(name: str) -> None:
    """What a step writes into an address is what the next one may carry."""
    for place, event, turn in _explored(name):
        for then in _following(turn):
            path, query = urlsplit(then.address)[2:4]
            assert read_place(path.removeprefix("/voice/"), dict(parse_qsl(query))) == then, (place, event)


@pytest.mark.parametrize("name", _SITUATIONS)
def test_every_answer_counts_one_document_more_so_that_no_call_lasts_for_ever(name: str) -> None:
    """The number grows with each question, and after forty the call is led to its end."""
    for place, _event, turn in _explored(name):
        followed = [then for then in _following(turn) if then.step not in {Step.SCREEN, Step.TAKE}]
        assert all(then.n == place.n + 1 for then in followed), (place, followed)


@pytest.mark.parametrize("step", [step for step in Step if step not in {Step.SCREEN, Step.TAKE, Step.RING}])
def test_after_forty_documents_the_call_is_led_to_its_end(step: Step) -> None:
    """Whatever the step."""
    place = Place(step, MOST_DOCUMENTS + 1, departement="75", candidates=("75",), keys="97")
    turn = advance(place, Silent() if step is not Step.MESSAGE else MessageLeft("RE1", 9), situation())
    assert isinstance(turn.instructions[-1], HangUp)


@pytest.mark.parametrize("name", _SITUATIONS)
def test_the_same_webhook_a_minute_later_gives_the_same_answer(name: str) -> None:
    """What depends on the moment was decided before and travels in the address (decision 2).

    Only a fourth rang and later look at the clock again, so that 75 seconds hold (decision 4).
    """
    later = replace(_SITUATIONS[name], now=NOW + timedelta(minutes=1))
    for place, event, turn in _explored(name):
        decides = any(fact.kind == "planned" for fact in turn.facts)
        is_late_rang = place.step is Step.RING and place.spent > LAST_START - LONGEST_RING - SCREENING
        if not decides and not is_late_rang:
            assert advance(place, event, later).instructions == turn.instructions, (place, event)


@pytest.mark.parametrize("name", _SITUATIONS)
def test_nobody_is_asked_anything_once_the_caller_is_gone(name: str) -> None:
    """A caller who hung up gets no message box and nobody is rung for him."""
    gone = replace(_SITUATIONS[name], is_gone=True)
    for place, event, _turn in _explored(name):
        if place.step not in {Step.SCREEN, Step.TAKE, Step.ARRIVAL}:
            assert advance(place, event, gone).instructions == (HangUp(),)


def test_no_telephone_rings_that_the_directory_does_not_hold() -> None:
    """Whatever is pressed or said, the numbers dialled are those of the snapshot."""
    known = _SITUATIONS["a line that listens"].snapshot.phones()
    for _place, _event, turn in _explored("a line that listens"):
        assert {leg.phone for one in turn.instructions if isinstance(one, Ring) for leg in one.legs} <= known


def test_every_step_is_reached_from_the_first_ring() -> None:
    """A step that the script never leads to is dead, or its line is forgotten."""
    assert {place.step for name in _SITUATIONS for place, _, _ in _explored(name)} == set(Step)
