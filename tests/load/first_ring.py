"""Seconds from the last key to the first ring, and words before the first useful key: whole calls in virtual time.

The seconds follow from the documents alone: what they say at the simulator's speaking rate, and how long they wait.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from routing.rules import Overflow, OverflowWhen, Rules
from simulator.calls.speaking import speaking_seconds
from tests.calls.memory import clerk_works
from tests.calls.people import LEO, MIA, ZOE
from tests.calls.play import CallerInPlay, Scene, play

GOAL = 6.0
"""Seconds that nobody should wait longer than, once he has said whom he wants (decision 39)."""

OVERFLOW = Rules(overflows=(Overflow("93", "09", OverflowWhen.NO_ANSWER),))


@dataclass(frozen=True, slots=True)
class Measured:
    """One path: `seconds` from the last key (or the end of the words) to the ring; `words` before the key is told."""

    path: str
    seconds: float
    words: int


def _keypad(scene: Scene) -> CallerInPlay:
    return scene.call().hears("tapez étoile").presses("93")


def _speech(scene: Scene) -> CallerInPlay:
    return scene.call().hears("tapez étoile").says("la Seine-Saint-Denis")


def _memory(scene: Scene) -> CallerInPlay:
    scene.call().hears("tapez étoile").presses("93").hears("Pour changer").hangs_up()
    clerk_works(scene)
    return scene.call().hears("Oui, tapez 1").presses("1")


def _overflow(scene: Scene) -> CallerInPlay:
    for number in (LEO, MIA, ZOE):
        scene.phone(number).is_busy()
    return scene.call().hears("tapez étoile").presses("93").hears("tapez 3").presses("3")


def _overseas(scene: Scene) -> CallerInPlay:
    return scene.call().hears("tapez étoile").presses("97").hears("tapez 4").presses("4")


def _corsica(scene: Scene) -> CallerInPlay:
    return scene.call().hears("tapez étoile").presses("20").hears("Haute-Corse, tapez 2").presses("2")


PATHS: dict[str, Callable[[Scene], CallerInPlay]] = {
    "keypad": _keypad,
    "speech": _speech,
    "memory": _memory,
    "overflow": _overflow,
    "97x": _overseas,
    "Corsica": _corsica,
}


def measure(path: str) -> Measured:
    """One usual path, played whole."""
    with play(rules=OVERFLOW) as scene:
        caller = PATHS[path](scene).hears_ringing()
        caller.hangs_up()
        return Measured(path, _seconds_to_the_ring(caller), _words_before_the_key(caller))


def _seconds_to_the_ring(caller: CallerInPlay) -> float:
    given = [one for one in caller.happenings() if one.kind in {"key", "words"}][-1]
    ring = next(one for one in caller.happenings() if one.kind == "dials" and one.number > given.number)
    spoken = speaking_seconds(given.data["text"]) if given.kind == "words" else 0.0
    return (ring.at - given.at - timedelta(seconds=spoken)).total_seconds()


def _words_before_the_key(caller: CallerInPlay) -> int:
    """What a newcomer hears before he is told the first key, or the first word, that helps him."""
    heard = " ".join(caller.heard())
    return len(re.split(r"(?i)\b(?:dites ou )?tapez\b", heard, maxsplit=1)[0].split())


def main() -> None:
    """Print each path beside the goal."""
    for one in map(measure, PATHS):
        print(
            f"{one.path:>9}: {one.seconds:4.1f} s from the last key to the first ring (goal {GOAL:.0f}),"
            f" {one.words} words before the first useful key"
        )


if __name__ == "__main__":
    main()
