"""How long something lasted, as people type it: one reader for every form, and the words that show it back."""

from __future__ import annotations

import re

MINUTE, HOUR = 60, 3600
LONGEST = 12 * HOUR
"""Seconds: no call is longer, so such a text is a mistake."""

EXAMPLES = "Exemples : 390 ou 390 s (des secondes), 6:30, 6 min, 6,5 min, 6 min 30, 1 h 05."

_SECONDS = r"(?:s|sec|secondes?|\")"
_MINUTES = r"(?:min|mn|m|minutes?|')"
_HOURS = r"(?:h|heures?)"
_ALONE = re.compile(rf"([0-9]{{1,6}})(?: ?{_SECONDS})?")
_CLOCK = re.compile(r"(?:([0-9]{1,2}):)?([0-9]{1,3}):([0-9]{2})")
_DECIMAL = re.compile(rf"([0-9]{{1,3}})[,.]([0-9]{{1,2}}) ?(?:({_HOURS})|{_MINUTES})")
_WORDS = re.compile(
    rf"(?:([0-9]{{1,2}}) ?{_HOURS}(?: ?([0-9]{{1,2}}) ?{_MINUTES}?(?: ?([0-9]{{1,2}}) ?{_SECONDS}?)?)?"
    rf"|([0-9]{{1,3}}) ?{_MINUTES}(?: ?(?:et )?([0-9]{{1,2}}) ?{_SECONDS}?)?)"
)
_MARKS = str.maketrans({"’": "'", "′": "'", "‘": "'", "”": '"', "″": '"', "“": '"', "\u00a0": " ", "\u202f": " "})


def read_duration(text: str) -> int:
    """The seconds of a text; ValueError says in French what is wrong, with examples.

    A number alone and « s » are seconds; « 6:30 », « 6 min », « 6,5 min », « 6’30 » minutes; « 1 h 05 » and « 1:05:00 »
    hours. Two numbers without a unit, or a decimal without one, are refused: they may mean either.
    """
    tidy = " ".join(text.translate(_MARKS).casefold().replace("''", '"').split()).rstrip(".")
    if not tidy:
        raise ValueError(f"Donnez une durée. {EXAMPLES}")
    seconds = _seconds_of(tidy)
    if seconds is None:
        raise ValueError(f"Cette durée n’est pas claire. {EXAMPLES}")
    if not 0 < seconds <= LONGEST:
        raise ValueError("La durée doit être d’une seconde à douze heures.")
    return seconds


def _seconds_of(tidy: str) -> int | None:
    if found := _ALONE.fullmatch(tidy):
        return int(found[1])
    if found := _CLOCK.fullmatch(tidy):
        return _sum(found[1], found[2], found[3])
    if found := _DECIMAL.fullmatch(tidy):
        unit = HOUR if found[3] else MINUTE
        tenths = 10.0 ** len(found[2])
        return int(found[1]) * unit + round(int(found[2]) * unit / tenths)
    if found := _WORDS.fullmatch(tidy):
        return _sum(found[1], found[2] or found[4], found[3] or found[5])
    return None


def _sum(hours: str | None, minutes: str | None, seconds: str | None) -> int | None:
    """None when a part is as long as the unit above it."""
    if int(seconds or 0) >= MINUTE or (hours and int(minutes or 0) >= MINUTE):
        return None
    return int(hours or 0) * HOUR + int(minutes or 0) * MINUTE + int(seconds or 0)


def say_duration(seconds: int) -> str:
    """« 45 s », « 6 min », « 6 min 30 », « 1 h », « 1 h 05 », « 1 h 05 min 30 »."""
    minutes, rest = divmod(seconds, MINUTE)
    hours, minutes = divmod(minutes, MINUTE)
    if hours:
        whole = f"{hours} h {minutes:02d}" if minutes or rest else f"{hours} h"
        return f"{whole} min {rest:02d}" if rest else whole
    if minutes:
        return f"{minutes} min {rest:02d}" if rest else f"{minutes} min"
    return f"{rest} s"


def doubt_about(text: str, seconds: int) -> str:
    """The French question to ask before this reading is kept; "" when nothing makes one doubt.

    Above one hour a unit was often mistaken; and whoever types « 6 » may mean minutes, as one could until then.
    """
    if seconds > HOUR:
        return f"Plus d’une heure : l’appel a-t-il bien duré {say_duration(seconds)} ?"
    if seconds < MINUTE and text.strip().isdigit():
        return f"{seconds} s, est-ce bien cela ? Pour des minutes, écrivez « {seconds} min »."
    return ""


def check_duration(text: str, confirmed: str) -> int:
    """The seconds of a text; ValueError when it is unclear, or doubtful and not confirmed.

    `confirmed`: the seconds that its author has said to mean, as a form carries them.
    """
    seconds = read_duration(text)
    doubt = doubt_about(text, seconds)
    if doubt and confirmed != str(seconds):
        raise DoubtfulDuration(doubt, seconds)
    return seconds


class DoubtfulDuration(ValueError):  # noqa: N818 - named as what happened
    """A duration that its author has to confirm; the text is the question, in French."""

    def __init__(self, question: str, seconds: int) -> None:
        super().__init__(question)
        self.seconds = seconds
