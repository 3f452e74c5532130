"""The telephones that are rung: driven by a script in tests, by hand for people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias

from simulator.calls.leg import HungUp, Key, SimulatedLeg
from simulator.world.processes import Process, Routine, Wait

KEY_GAP = 0.2
"""Seconds between two keys that somebody presses in a row."""


@dataclass(frozen=True, slots=True)
class PickUp:
    """Told to a leg: somebody, or a machine, picked up."""


@dataclass(frozen=True, slots=True)
class Decline:
    """Told to a leg: it will not be picked up; `status` is the operator's word."""

    status: str


@dataclass(frozen=True, slots=True)
class Bridged:
    """Told to a telephone: it is now connected to the caller."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Picks up after so many seconds of ringing."""

    after: float = 3.0


@dataclass(frozen=True, slots=True)
class Presses:
    """Presses keys, so many seconds after what was done before."""

    keys: str
    after: float = 3.0


@dataclass(frozen=True, slots=True)
class Talks:
    """Waits to be connected, talks, then hangs up."""

    seconds: float


@dataclass(frozen=True, slots=True)
class HangsUp:
    """Hangs up, so many seconds after what was done before."""

    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Declines:
    """Is not picked up: `busy` (also a refusal by key), `failed` (no such number)."""

    status: str
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Forwards:
    """Is forwarded to another number after so many seconds."""

    to: str
    after: float = 0.0


Deed: TypeAlias = Answers | Presses | Talks | HangsUp | Declines | Forwards
Script: TypeAlias = tuple[Deed, ...]


@dataclass(slots=True)
class Phone:
    """One telephone. Each ring plays the next script, the last one again and again; without any it just rings."""

    number: str
    forward: Callable[[SimulatedLeg, str], None]
    scripts: list[Script] = field(default_factory=list)
    rings: int = 0
    leg: SimulatedLeg | None = None
    is_bridged: bool = False
    _hand: Process[None] | None = None

    def ring(self, leg: SimulatedLeg) -> str | None:
        """Begins to ring for a leg; else the status with which it is refused before it ever rings."""
        if self.leg is not None:
            return "busy"
        self.rings += 1
        script = self.scripts[min(self.rings, len(self.scripts)) - 1] if self.scripts else ()
        if script and isinstance(script[0], Declines) and not script[0].after:
            return script[0].status
        self.leg, self.is_bridged = leg, False
        self._hand = Process(leg.exchange.time, _play(self, leg, script))
        return None

    def bridged(self) -> None:
        """The caller is connected."""
        self.is_bridged = True
        if self._hand is not None:
            self._hand.tell(Bridged())

    def over(self, leg: SimulatedLeg) -> None:
        """The leg has ended; the telephone is free again."""
        if self.leg is leg:
            self.leg = None
            if self._hand is not None:
                self._hand.interrupt(HungUp())

    # ------------------------------------------------------------ by hand

    def answer(self) -> None:
        """Picks up, if it rings."""
        self._tell(PickUp())

    def refuse(self) -> None:
        """Refuses the call by key, if it rings."""
        self._tell(Decline("busy"))

    def press(self, keys: str) -> None:
        """Presses keys, if it is picked up."""
        if self.leg is not None:
            for position, key in enumerate(keys):
                self.leg.exchange.time.after(position * KEY_GAP, partial(_press, self.leg, key))

    def hang_up(self) -> None:
        """Hangs up; while it rings that is a refusal."""
        self._tell(HangsUp())

    def _tell(self, signal: object) -> None:
        if self.leg is not None:
            leg = self.leg
            leg.exchange.time.after(0, lambda: leg.tell(signal))


def _press(leg: SimulatedLeg, key: str) -> None:
    if not leg.call.is_over:
        leg.note("key", key=key)
        leg.tell(Key(key))


def _play(phone: Phone, leg: SimulatedLeg, script: Script) -> Routine[None]:
    try:
        for deed in script:
            yield from _do(phone, leg, deed)
        while True:
            yield Wait()
    except HungUp:
        return


def _do(phone: Phone, leg: SimulatedLeg, deed: Deed) -> Routine[None]:
    match deed:
        case Answers(after):
            yield from _idle(leg, after)
            phone.answer()
        case Presses(keys, after):
            yield from _idle(leg, after)
            phone.press(keys)
        case Talks(seconds):
            while not phone.is_bridged:
                yield Wait()
            yield from _idle(leg, seconds)
            phone.hang_up()
        case HangsUp(after):
            yield from _idle(leg, after)
            phone.hang_up()
        case Declines(status, after):
            yield from _idle(leg, after)
            leg.tell(Decline(status))
        case Forwards(to, after):
            yield from _idle(leg, after)
            phone.forward(leg, to)


def _idle(leg: SimulatedLeg, seconds: float) -> Routine[None]:
    """Lets time pass, whatever happens meanwhile."""
    end = leg.exchange.time.now().timestamp() + seconds
    while (left := end - leg.exchange.time.now().timestamp()) > 0:
        yield Wait(left)
