"""A small directory and the situations that the script's own tests put it in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from ivr.conversation.events import Event
from ivr.conversation.instructions import Ask, GoTo, Ring, Say
from ivr.conversation.place import Place, Step
from ivr.conversation.script import advance
from ivr.conversation.situation import PhoneLine, Recollection, Situation, Turn
from routing.calendar.hours import Hours
from routing.directory.reading import Person, Role
from routing.rules import Rules
from routing.snapshot import Snapshot

NOW = datetime(2026, 12, 7, 9, 0, tzinfo=UTC)
CALLER = "+33639981234"
OWN = "+33199000156"


def person(ident: str, departement: str, rang: int | None, phone: str, *, screened: bool = True) -> Person:
    """A line of the directory that answers around the clock."""
    role = Role.NATIONAL if departement == "*" else Role.REFERENT
    siao = f"SIAO {departement}"
    return Person(ident, departement, siao, "Exemple", ident, role, phone, None, rang, Hours((), always=True), screened)


PEOPLE = (
    person("paul75aa", "75", 1, "+33199007501"),
    person("anne75aa", "75", 2, "+33199007502"),
    person("leo93aaa", "93", 1, "+33199009301"),
    person("mia93aaa", "93", 1, "+33199009302"),
    person("zoe93aaa", "93", 2, "+33199009303", screened=False),
    person("cor2aaaa", "2A", 1, "+33465712001"),
    person("cor2bbbb", "2B", 1, "+33465712002"),
    person("reu974aa", "974", 1, "+33199009741"),
    person("nat1aaaa", "*", 1, "+33199000001"),
)


def snapshot(people: tuple[Person, ...] = PEOPLE, rules: Rules | None = None) -> Snapshot:
    """A published directory, version 7."""
    return Snapshot(7, NOW, people, rules or Rules())


def situation(**changes: object) -> Situation:
    """A caller on the line, in the morning, with the small directory."""
    line = PhoneLine(frozenset({OWN, "+33806000156"}), listens=False, allows_fiction=True)
    plain = Situation("CA1", CALLER, is_gone=False, now=NOW, snapshot=snapshot(), line=line)
    return replace(plain, **changes)  # type: ignore[arg-type]


def arrival() -> Place:
    """The place of a call that comes in."""
    return Place(Step.ARRIVAL)


def after(turn: Turn) -> Place:
    """The place that a turn's last question, ringing or recording leads to."""
    last = turn.instructions[-1]
    assert isinstance(last, (Ask, Ring, GoTo)), last
    assert last.then is not None
    return last.then


def play(place: Place, *events: Event, at: Situation | None = None) -> Turn:
    """The turn after the last of the events, each one following the one before."""
    surroundings = at or situation()
    turn = advance(place, events[0], surroundings)
    for event in events[1:]:
        turn = advance(after(turn), event, surroundings)
    return turn


def heard(turn: Turn) -> str:
    """All that a turn says, in one text."""
    lines = []
    for instruction in turn.instructions:
        if isinstance(instruction, Say):
            lines.append(getattr(instruction.what, "text", ""))
        if isinstance(instruction, Ask):
            lines.extend(getattr(one, "text", "") for one in instruction.lines)
    return " ".join(lines)


def rung(turn: Turn) -> list[str]:
    """The telephones that a turn rings together."""
    return [leg.phone for one in turn.instructions if isinstance(one, Ring) for leg in one.legs]


def remembering(departement: str) -> Recollection:
    """A caller who usually asks for this département."""
    return Recollection(departement)
