"""A call played in a terminal: one reads what is said, presses keys, and is the référent whose telephone rings."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from simulator.calls.engine import Caller, OperatorAccount, SimulatedOperator
from simulator.calls.leg import NumberSetup
from simulator.world.clock import VirtualTime, WallTime
from simulator.world.feed import CALLER, Happening

HELP = """  75      vos touches (chiffres, * et #)
  dire Paris        parler (après le bip : laisser un message)
  parler 20         parler 20 secondes
  attendre 5        laisser passer 5 secondes (sans nombre : jusqu'à la suite)
  raccrocher        raccrocher
  A répondre        décrocher le téléphone A ; « A 1 » y tape 1 ; « A refuser » ; « A raccrocher »
  aide, quitter"""

MOST_STEPS_AHEAD = 5
"""How many questions may still be asked before the telephone rings that the reader already answers."""

_STOPS = frozenset({"waits", "rings", "records", "bridged", "ring_over", "over"})
"""What makes a stepwise call wait for the reader."""

_STATUSES = {
    "completed": "a raccroché",
    "busy": "est occupé, ou a refusé",
    "no-answer": "n'a pas répondu",
    "failed": "n'existe pas",
    "canceled": "ne sonne plus",
}


@dataclass(frozen=True, slots=True)
class CalledService:
    """Which service is called: how its number is set, and the account that signs."""

    line: NumberSetup
    account: OperatorAccount


class _Clock(Protocol):
    """Lets the call go on until it waits for somebody."""

    def go_on(self, seconds: float | None = None) -> None:
        """Returns when the reader may act, or after so many seconds."""


@dataclass(frozen=True, slots=True)
class CallAsked:
    """The call to play: who calls, the date and hour that it is said to be (None: now), and how numbers are shown."""

    from_: str = "+33639981234"
    moment: datetime | None = None
    show: Callable[[str], str] = str


def run(
    place: CalledService,
    lines: Iterable[str],
    write: Callable[[str], None],
    *,
    asked: CallAsked | None = None,
    stepwise: bool = False,
) -> list[str]:
    """Plays one call with the commands read from `lines`; what went wrong at the operator's, nothing when all is well.

    `stepwise`: time stands still while the reader thinks, so that a file of commands plays as fast as it can. At the
    end of `lines` the caller hangs up.
    """
    play = _run_stepwise if stepwise else _run_in_real_time
    return play(place, lines, write, asked or CallAsked())


def _operator(place: CalledService, time: VirtualTime | WallTime) -> SimulatedOperator:
    return SimulatedOperator(time, place.account, place.line)


def _run_stepwise(
    place: CalledService, lines: Iterable[str], write: Callable[[str], None], asked: CallAsked
) -> list[str]:
    began = asked.moment or datetime.now(UTC)
    time = VirtualTime(began)
    operator = _operator(place, time)
    caller = operator.call(asked.from_, moment=began)
    screen = Screen(caller, write, asked.show)
    steps = _Steps(time, caller)
    hands = Hands(operator, caller, screen, steps)
    steps.go_on()
    screen.catch_up()
    for line in lines:
        if caller.is_over or not hands.obey(line.strip()):
            break
        screen.catch_up()
    caller.hang_up()
    time.run()
    screen.catch_up()
    return operator.log.problems


def _run_in_real_time(
    place: CalledService, lines: Iterable[str], write: Callable[[str], None], asked: CallAsked
) -> list[str]:
    time = WallTime()
    try:
        operator = _operator(place, time)
        caller = operator.call(asked.from_, moment=asked.moment)
        screen = Screen(caller, write, asked.show)
        watching = threading.Thread(target=screen.watch, daemon=True)
        watching.start()
        hands = Hands(operator, caller, screen, _Wall(caller))
        for line in lines:
            if caller.is_over or not hands.obey(line.strip()):
                break
        caller.hang_up()
        watching.join(timeout=10)
        time.settle()
        return operator.log.problems
    finally:
        time.close()


@dataclass(slots=True)
class _Steps:
    time: VirtualTime
    caller: Caller
    seen: int = 0

    def go_on(self, seconds: float | None = None) -> None:
        """Until something waits for somebody, or for so many virtual seconds."""
        if seconds is not None:
            self.time.run(lambda: self.caller.is_over, seconds=seconds)
        else:
            self.time.run(self._stops)
        self.seen = len(self.caller.feed.happenings)

    def _stops(self) -> bool:
        return any(one.kind in _STOPS for one in self.caller.feed.happenings[self.seen :])


@dataclass(slots=True)
class _Wall:
    caller: Caller

    def go_on(self, seconds: float | None = None) -> None:
        """Time passes by itself; a wait asked for is waited for, unless the call ends."""
        if seconds:
            feed = self.caller.feed
            with feed.changed:
                feed.changed.wait_for(lambda: self.caller.is_over, seconds)


class Screen:
    """Writes the call as it goes, one line a happening, with the minutes and seconds since it began."""

    def __init__(self, caller: Caller, write: Callable[[str], None], show: Callable[[str], str]) -> None:
        self._caller = caller
        self._write = write
        self._show = show
        self._seen = 0
        self.names: dict[str, str] = {}

    def say(self, text: str) -> None:
        """Writes a remark."""
        self._write(f"        {text}")

    def catch_up(self) -> None:
        """Writes what happened since the last time."""
        self._write_all(self._caller.feed.after(self._seen))

    def watch(self) -> None:
        """Writes what happens until the call is over."""
        while not self._caller.is_over:
            self._write_all(self._caller.feed.after(self._seen, seconds=0.5))
        self.catch_up()

    def phone_of(self, name: str) -> str | None:
        """The number behind a letter."""
        return next((phone for phone, letter in self.names.items() if letter == name), None)

    def _write_all(self, happenings: list[Happening]) -> None:
        for one in happenings:
            text = self._line(one)
            if text:
                passed = int((one.at - self._caller.feed.happenings[0].at).total_seconds())
                self._write(f"[{passed // 60:02d}:{passed % 60:02d}] {text}")
        self._seen += len(happenings)

    def _line(self, one: Happening) -> str:
        return self._at_the_caller(one.kind, one.data) if one.where == CALLER else self._at_a_phone(one)

    def _at_the_caller(self, kind: str, data: dict[str, Any]) -> str:
        match kind:
            case "calls":
                return f"Appel du {self._show(data['to'])} depuis {self._show(data['from_'])}."
            case "says":
                return f"« {data['text']} »"
            case "plays":
                return "(enregistrement)"
            case "key":
                return f"(touche {data['key']})"
            case "words":
                return f"(vous dites : {data['text']})"
            case "waits":
                return "… à vous."
            case "beep":
                return "(bip) Parlez."
            case "bridged":
                return f"Vous êtes en relation avec le {self._show(data['phone'])}."
            case "trouble":
                return f"! {data['reason']}"
            case "over":
                by = {"caller": "Vous avez raccroché", "service": "Fin de l'appel"}[data["by"]]
                return f"{by}, après {data['seconds']} secondes."
            case _:
                return ""

    def _at_a_phone(self, one: Happening) -> str:
        letter = self.names.setdefault(one.where, chr(ord("A") + len(self.names) % 26))
        match one.kind:
            case "rings":
                shown = self._show(one.data["caller_id"])
                return f"Téléphone {letter}, {self._show(one.where)}, sonne ; il affiche {shown}."
            case "says":
                return f"    {letter} entend : « {one.data['text']} »"
            case "key":
                return f"    {letter} tape {one.data['key']}."
            case "leg_over":
                return f"    {letter} {_STATUSES.get(one.data['status'], one.data['status'])}."
            case _:
                return ""


class Hands:
    """Does what the reader types, for the caller and for the people whose telephones ring."""

    def __init__(self, operator: SimulatedOperator, caller: Caller, screen: Screen, clock: _Clock) -> None:
        self._operator = operator
        self._caller = caller
        self._screen = screen
        self._clock = clock

    def obey(self, command: str) -> bool:
        """Does one command; False when the reader leaves."""
        word, _, rest = command.partition(" ")
        phone = self._phone(word.upper())
        if phone is not None:
            self._at_a_phone(phone, rest.strip())
            return True
        if command and not set(command) - set("0123456789*#"):
            self._caller.press(command)
            self._clock.go_on()
            return True
        return self._as_the_caller(word.lower(), rest.strip())

    def _phone(self, name: str) -> str | None:
        """The telephone of that letter; a reader who is ahead of the call lets it go on until it rings."""
        is_letter = len(name) == 1 and name.isalpha()
        for _ in range(MOST_STEPS_AHEAD if is_letter else 0):
            if self._screen.phone_of(name) or self._caller.is_over:
                break
            self._clock.go_on()
            self._screen.catch_up()
        return self._screen.phone_of(name)

    def _as_the_caller(self, word: str, rest: str) -> bool:
        match word:
            case "" | "attendre":
                self._clock.go_on(_seconds(rest))
            case "dire":
                self._caller.say(rest)
                self._clock.go_on()
            case "parler":
                seconds = _seconds(rest) or 10.0
                self._caller.say("…", seconds=seconds)
                self._clock.go_on(seconds)
            case "raccrocher":
                self._caller.hang_up()
                self._clock.go_on()
            case "quitter":
                return False
            case "aide":
                self._screen.say(HELP.strip())
            case _:
                self._screen.say(f"« {word} » n'est pas compris. Tapez « aide ».")
        return True

    def _at_a_phone(self, number: str, word: str) -> None:
        phone = self._operator.phone(number)
        if word and not set(word) - set("0123456789*#"):
            phone.press(word)
        elif word in {"répondre", "repondre", "décrocher", "decrocher"}:
            phone.answer()
        elif word == "refuser":
            phone.refuse()
        elif word == "raccrocher":
            phone.hang_up()
        else:
            self._screen.say("Au téléphone, on peut répondre, refuser, raccrocher, ou taper des touches.")
            return
        self._clock.go_on()


def _seconds(text: str) -> float | None:
    return float(text) if text.isdecimal() and len(text) < 5 else None  # noqa: PLR2004 - at most some hours
