"""What we ask the operator to do, in our own words: `ivr/operator` phrases it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from ivr.conversation.place import Place


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence to say: `prompt` is its name in ivr/conversation/prompts.py, `text` the French that is heard."""

    prompt: str
    text: str


@dataclass(frozen=True, slots=True)
class Sound:
    """A recording to play, by its content-hash name in the audio store; `text` is what it stands for in the story."""

    name: str
    prompt: str


Saying: TypeAlias = Line | Sound


@dataclass(frozen=True, slots=True)
class Say:
    """Say this to the end; no key interrupts it."""

    what: Saying


@dataclass(frozen=True, slots=True)
class Ask:
    """Say the lines (a key interrupts) and wait `timeout` seconds for up to `digits` keys, then go to `then`.

    `finish` is the key that ends the entry; empty: none does. `speech`: words are listened to as well. `thinking`:
    seconds of silence before `timeout` begins to count, so that a short time between keys leaves time to answer.
    """

    lines: tuple[Saying, ...]
    then: Place
    digits: int
    finish: str = ""
    timeout: int = 5
    speech: bool = False
    thinking: int = 0


@dataclass(frozen=True, slots=True)
class PhoneToRing:
    """One telephone to ring: `phone` is E.164; at `screen` the person is asked to press 1 (None: bridged at once)."""

    phone: str
    screen: Place | None
    status: str


@dataclass(frozen=True, slots=True)
class Ring:
    """Ring these telephones together for `timeout` seconds, then go to `then` (None: go on with what follows)."""

    legs: tuple[PhoneToRing, ...]
    then: Place | None
    timeout: int = 15


@dataclass(frozen=True, slots=True)
class Record:
    """Record up to `seconds`; `#` ends; then go to `then`; `status` is told when the audio is ready.

    Where nothing is heard the operator may go on with what follows: it must be said what comes then.
    """

    then: Place
    status: str
    seconds: int = 120


@dataclass(frozen=True, slots=True)
class GoTo:
    """Go on with the document of another place; nothing was pressed, said or recorded."""

    then: Place


@dataclass(frozen=True, slots=True)
class HangUp:
    """End this leg."""


@dataclass(frozen=True, slots=True)
class Bridge:
    """Connect the référent who is being asked to the caller who waits."""


Instruction: TypeAlias = Say | Ask | Ring | Record | GoTo | HangUp | Bridge
