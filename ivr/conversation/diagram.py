"""The call diagram of the README, drawn by walking the script itself: every step, every kind of event."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ivr.conversation.events import Arrived, Event, MessageLeft, PickedUp, Pressed, RingEnded, Silent, Spoke
from ivr.conversation.instructions import Ask, Bridge, GoTo, Instruction, Ring
from ivr.conversation.place import Place, Step
from ivr.conversation.script import advance
from ivr.conversation.situation import PhoneLine, Recollection, Situation, Turn
from records.facts import NATIONAL, LegStatus
from routing.calendar.hours import Hours
from routing.directory.people import Person, Role
from routing.rules import Closure, Overflow, OverflowWhen, Rules
from routing.snapshot import Snapshot

_NOW = datetime(2026, 1, 5, 10, tzinfo=UTC)
_OWN = "+33199000156"
_SHOWN: dict[Step, dict[str, Event]] = {
    Step.ARRIVAL: {"calls": Arrived(_OWN)},
    Step.RING: {
        "bridged": RingEnded(LegStatus.COMPLETED, is_bridged=True),
        "nobody": RingEnded(LegStatus.NO_ANSWER, is_bridged=False),
    },
    Step.MESSAGE: {"message": MessageLeft("RE1", 30), "empty": MessageLeft("RE1", 0)},
    Step.SCREEN: {"picks up": PickedUp()},
}
_ONE_KEY: dict[str, Event] = {
    "1": Pressed("1"),
    "2": Pressed("2"),
    "3": Pressed("3"),
    "star": Pressed("*"),
    "another key": Pressed("5"),
    "silence": Silent(),
}
_SECOND: dict[str, Event] = {"second digit": Pressed("8"), "star": Pressed("*"), "silence": Silent()}
_CODE_INSTEAD: dict[str, Event] = {"a code instead": Pressed("38")}
_CODE: dict[str, Event] = {
    "code": Pressed("75"),
    "20": Pressed("20"),
    "97 or 98": Pressed("97"),
    "no such code": Pressed("99"),
    "star": Pressed("**"),
    "silence": Silent(),
}
_NUMBER: dict[str, Event] = {"number": Pressed("0261911234"), "no number": Pressed("12"), "star": Pressed("*")}
_WORDS: dict[str, Event] = {
    "a name that others sound like": Spoke("soixante-treize", 0.9),
    "several names": Spoke("la Corse", 0.9),
    "yes": Spoke("oui", 0.9),
}
_KEYS = {
    **dict.fromkeys((Step.MENU, Step.MORE), _CODE),
    Step.OFFER: {"1": Pressed("1"), "2": Pressed("2"), **_CODE},
    **dict.fromkeys((Step.SURE, Step.CHOOSE, Step.CORSE, Step.THIRD), _ONE_KEY | _CODE_INSTEAD),
    Step.NUMBER: _NUMBER,
}


def draw() -> str:
    """The diagram in Mermaid, stable from one run to the next."""
    edges: dict[tuple[str, str], list[str]] = {}
    for here, label, there in _edges():
        labels = edges.setdefault((here, there), [])
        if label not in labels:
            labels.append(label)
    lines = [f"    {here} -->|{', '.join(labels)}| {there}" for (here, there), labels in sorted(edges.items())]
    return "\n".join(["flowchart TD", *lines])


def _edges() -> Iterator[tuple[str, str, str]]:
    for around in _situations():
        for place, label, turn in walked(around):
            for there, _ in _following(turn.instructions):
                yield place.step, label, there


def walked(around: Situation) -> Iterator[tuple[Place, str, Turn]]:
    """Every step that a call may reach around this situation, every kind of event there, and the script's answer."""
    seen: set[Place] = set()
    to_do = [(Place(Step.ARRIVAL), _SHOWN[Step.ARRIVAL])]
    while to_do:
        place, events = to_do.pop()
        known = replace(place, n=1, of=0, failures=0, returns=0)
        if known in seen:
            continue
        seen.add(known)
        for label, event in events.items():
            turn = advance(place, event, around)
            yield place, label, turn
            to_do.extend(then for _, then in _following(turn.instructions) if then)


def _following(instructions: tuple[Instruction, ...]) -> Iterator[tuple[str, tuple[Place, dict[str, Event]] | None]]:
    match instructions[-1]:
        case Ask(then=then, speech=speech):
            keys = _SECOND if then.step is Step.MENU and then.keys else _KEYS.get(then.step, _ONE_KEY)
            yield then.step, (then, keys | (_WORDS if speech else {}))
        case GoTo(then):
            yield then.step, (then, _SHOWN[then.step])
        case Ring(legs, then):
            places = filter(None, (then, *(leg.screen for leg in legs)))
            yield from ((one.step, (one, _SHOWN[one.step])) for one in places)
        case Bridge():
            yield "talk", None
        case _:
            yield "goodbye", None


def _situations() -> tuple[Situation, ...]:
    line = PhoneLine(frozenset({_OWN}), listens=True, allows_fiction=True)
    known = Recollection("75")
    plain = Situation(
        "CA1", "+33639981234", is_gone=False, now=_NOW, snapshot=_snapshot(Rules()), line=line, recollection=known
    )
    day = timedelta(days=1)
    closed = Rules(
        closures=(Closure(1, "75", _NOW - day, _NOW + day),), overflows=(Overflow("75", NATIONAL, OverflowWhen.CLOSED),)
    )
    return plain, replace(plain, caller=None, recollection=Recollection()), replace(plain, snapshot=_snapshot(closed))


def _snapshot(rules: Rules) -> Snapshot:
    always = Hours((), always=True)
    lines = (
        ("aaaa", "75", Role.REFERENT, "+33199007501", 1),
        ("bbbb", "75", Role.REFERENT, "+33199007502", 2),
        ("cccc", NATIONAL, Role.NATIONAL, "+33199000001", 1),
    )
    people = tuple(
        Person(ident, code, "SIAO", "", "", role, phone, None, rang, always, screened=True)
        for ident, code, role, phone, rang in lines
    )
    return Snapshot(1, _NOW, people, rules)
