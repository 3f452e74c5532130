"""What the script may look at besides the address and the event, and what it gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ivr.conversation.instructions import Ask, Instruction, Say, Saying, Sound
from ivr.conversation.place import Cap, Place
from ivr.conversation.prompts import PROMPTS, READ_BACK
from records.facts import Fact, FactKind
from routing.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Recollection:
    """What is remembered: a caller's usual département, whether he redials without end, which desks are to be spared.

    `flooded`: desks that callers who withhold their number have rung too often (told of to such a caller alone);
    `full`: desks with as many hunts as they take (decisions 15, 17 and 42).
    """

    departement: str | None = None
    is_redialling: bool = False
    flooded: frozenset[str] = frozenset()
    full: frozenset[str] = frozenset()

    def cap(self, desk: str) -> Cap | None:
        """Why nobody of this desk rings for this caller now, None when they do."""
        if self.is_redialling:
            return Cap.REDIAL
        if desk in self.flooded:
            return Cap.WITHHELD
        return Cap.FULL if desk in self.full else None


@dataclass(frozen=True, slots=True)
class Hunt:
    """What is remembered of a call's ringing when a rang has ended (decision 43); nothing where it cannot be known.

    `ended_at`: when that end was first told. `rung_at`: when each rang was rung. `reached`: the short ids under which
    telephones of the rang that ended were picked up.
    """

    ended_at: datetime
    rung_at: tuple[datetime, ...] = ()
    reached: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PhoneLine:
    """What is settled for our line: its own numbers (E.164), whether it listens to words, whether fiction may ring."""

    own_numbers: frozenset[str]
    listens: bool = False
    allows_fiction: bool = False


@dataclass(frozen=True, slots=True)
class Situation:
    """One webhook's surroundings. `caller` is E.164 or None (withheld, unreadable); `is_gone`: nobody hears us.

    `call` is the operator's id of the inbound call, `leg` that of the référent's leg when it is he who is asked.
    `is_hidden`: a carrier presents its own number for everybody, so that nothing names him and nothing counts him.
    `rung_at` and `reached` are what is remembered of the ringing (`Hunt`).
    """

    call: str
    caller: str | None
    is_gone: bool
    now: datetime
    snapshot: Snapshot
    line: PhoneLine
    recollection: Recollection = field(default_factory=Recollection)
    leg: str | None = None
    rung_at: tuple[datetime, ...] = ()
    reached: frozenset[str] = frozenset()
    is_hidden: bool = False

    def fact(self, kind: FactKind, n: int, who: str = "", /, **data: Any) -> Fact:
        """A fact of this call at this moment."""
        return Fact(self.call, kind, n, self.now, who, data)


@dataclass(frozen=True, slots=True)
class Turn:
    """The answer to one event: what is written down and what the operator is asked to do."""

    facts: tuple[Fact, ...]
    instructions: tuple[Instruction, ...]

    def after(self, *facts: Fact) -> Turn:
        """The same turn, with facts that come before its own."""
        return Turn((*facts, *self.facts), self.instructions)

    def saying_first(self, *lines: Saying) -> Turn:
        """The same turn, with lines that are heard first, inside the first question where there is one."""
        first, *rest = self.instructions
        if isinstance(first, Ask):
            return Turn(self.facts, (_opened(first, lines), *rest))
        return Turn(self.facts, (*(Say(one) for one in lines), first, *rest))


def _opened(ask: Ask, lines: tuple[Saying, ...]) -> Ask:
    return replace(ask, lines=(*lines, *ask.lines))


def _name_in_story(what: Saying) -> str:
    """How the story names what was said: the prompt, or its filled-in words; never a number that was read back."""
    is_plain = isinstance(what, Sound) or what.prompt == READ_BACK or what.text == PROMPTS.get(what.prompt)
    return what.prompt if isinstance(what, Sound) or is_plain else what.text


def said(turn: Turn, place: Place, situation: Situation) -> Turn:
    """The turn with one more fact: which prompts its answer says, for the story of the call."""
    prompts: list[str] = []
    for instruction in turn.instructions:
        match instruction:
            case Say(what):
                prompts.append(_name_in_story(what))
            case Ask(lines=lines):
                prompts.extend(_name_in_story(one) for one in lines)
            case _:
                pass
    heard: Mapping[str, Any] = {"step": str(place.step), "prompts": prompts}
    return Turn((*turn.facts, situation.fact(FactKind.SAID, place.n, place.person, **heard)), turn.instructions)
