"""Asking for the département: the one question that the call comes back to."""

from __future__ import annotations

from typing import Any

from ivr.conversation.instructions import Ask, Line
from ivr.conversation.place import Place, Step
from ivr.conversation.prompts import line
from ivr.conversation.situation import Situation, Turn

PAUSE = 5
"""Seconds of silence, after the question or between two keys, before the answer is taken as it is."""

SHORT_PAUSE = 2
"""The same where one key alone is a usual answer, and two are a code typed instead."""

SHORTEST_PAUSE = 1
"""The same where one key alone is nearly always the answer."""


_ASKS_ALREADY = frozenset({"SILENCE_2", "NON_COMPRIS"})
"""Sentences that hold the question themselves."""


def fresh(place: Place, step: Step = Step.MENU, **known: Any) -> Place:
    """The place after a question asked anew: of what was known only the counts stay, and what is named here."""
    return Place(step, place.n + 1, place.failures, place.returns, **known)


def ask_menu(place: Place, situation: Situation, *lines: Line) -> Turn:
    """The short question, after `lines`."""
    if not lines or lines[-1].prompt not in _ASKS_ALREADY:
        lines = (*lines, line("DEPARTEMENT_COURT_VOIX" if situation.line.listens else "DEPARTEMENT_COURT"))
    return question(fresh(place), situation, *lines)


def choice(lines: tuple[Line, ...], then: Place, digits: int, pause: int, *, speech: bool = False) -> Turn:
    """A question that one key answers after `pause` seconds, unless more of them make a code (decision 7)."""
    ask = Ask(lines, then, digits, finish="#", timeout=pause, speech=speech, thinking=PAUSE - pause)
    return Turn((), (ask,))


def question(then: Place, situation: Situation, *lines: Line) -> Turn:
    """A question that two keys answer at once, and words where the line listens (decision 7)."""
    return Turn((), (Ask(lines, then, digits=2, finish="#", timeout=PAUSE, speech=situation.line.listens),))
