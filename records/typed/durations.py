"""How long something lasted, as people write it: one reader for forms, files and surveys, and the words said back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time, timedelta
from enum import Enum, IntEnum, auto

MINUTE, HOUR, DAY = 60, 3600, 86_400
LONGEST = 12 * HOUR
"""Seconds: no call is longer, so such a text is a mistake."""

EXAMPLES = "Exemples : 390 ou 390 s (des secondes), 6:30, 6 min, 6,5 min, 6 min 30, 1 h 05."

Written = str | int | float | time | timedelta
"""What a form or a cell of a spreadsheet holds."""


class Unit(IntEnum):
    """What a number alone means, in seconds."""

    SECONDS = 1
    MINUTES = MINUTE


class Doubt(Enum):
    """Why a reading is to be shown before it is kept."""

    LONG = auto()
    """More than an hour: a unit was often mistaken."""
    BARE = auto()
    """A small number without a unit: whoever types « 6 » may mean minutes."""
    ABOUT = auto()
    """« environ », or a remark in brackets: the reading is as exact as what was said."""
    DECIMAL = auto()
    """« 6,30 min »: tenths of minutes, or seconds."""
    CLOCK = auto()
    """Somebody who types 08:10 for eight minutes and ten seconds gets ten past eight from a spreadsheet, and a
    spreadsheet writes four minutes 00:04; whoever types that on a form means seconds."""
    FRACTION = auto()
    """A time in a cell without a format of time: a fraction of a day."""


@dataclass(frozen=True, slots=True)
class ReadDuration:
    """A duration in seconds, with what makes one doubt of it and what it may mean besides."""

    seconds: int
    doubt: Doubt | None = None
    other: int | None = None

    @property
    def possible(self) -> frozenset[int]:
        """The seconds that were perhaps meant."""
        return frozenset({self.seconds} if self.other is None else {self.seconds, self.other})


class DurationRefused(ValueError):  # noqa: N818 - the house says what happened
    """A duration that cannot be known; the text is for a form, `why` for the middle of a French sentence."""

    def __init__(self, why: str = "", sentence: str = "") -> None:
        super().__init__(sentence or f"Cette durée n’est pas claire{f' : {why}' if why else ''}. {EXAMPLES}")
        self.why = why


_SECONDS = r"(?:s|secs?|secondes?|\")"
_MINUTES = r"(?:mins?|mns?|m|minutes?|')"
_HOURS = r"(?:h|hr|heures?)"
_AND = r" ?(?:et )?"
_ALONE = re.compile(rf"([0-9]{{1,6}}|[0-9]{{1,3}}(?: [0-9]{{3}})+)(?: ?({_SECONDS}))?")
_WITH_ZEROS = re.compile(
    r"([0-9]{1,6}|[0-9]{1,3}(?: [0-9]{3})+|[0-9]{1,3}(?:\.[0-9]{3})+(?=,)|[0-9]{1,3}(?:,[0-9]{3})+(?=\.))[.,]00?"
)
_CLOCK = re.compile(rf"(?:([0-9]{{1,2}}):)?([0-9]{{1,3}}):([0-9]{{2}})(?: ?({_MINUTES}|{_HOURS}))?")
_DECIMAL = re.compile(rf"([0-9]{{1,3}})[,.]([0-9]{{1,3}})(?: ?(?:({_HOURS})|({_MINUTES})))?")
_WORDS = re.compile(
    rf"(?:([0-9]{{1,2}}) ?{_HOURS}(?:{_AND}([0-9]{{1,2}}) ?{_MINUTES}?(?:{_AND}([0-9]{{1,2}}) ?{_SECONDS}?)?)?"
    rf"|([0-9]{{1,3}}) ?{_MINUTES}(?:{_AND}([0-9]{{1,2}}) ?{_SECONDS}?)?)"
)
_ISO = re.compile(r"pt(?:([0-9]{1,2})h)?(?:([0-9]{1,3})m)?(?:([0-9]{1,6})(?:[.,]0+)?s)?")
_PART_OF_AN_HOUR = re.compile(rf"(?:([0-9]{{1,2}}) ?{_HOURS}{_AND})?(1/2|1/4|3/4)(?: ?{_HOURS})?")
_PARTS = {"1/2": HOUR // 2, "1/4": HOUR // 4, "3/4": 3 * HOUR // 4}
_SAID = {
    "demi-heure": "1/2 h", "une demi-heure": "1/2 h", "quart d'heure": "1/4 h", "un quart d'heure": "1/4 h",
    "trois quarts d'heure": "3/4 h", "une heure": "1 h", "une minute": "1 min", "une heure et demie": "1 h 1/2",
}  # fmt: skip
_ABOUT = re.compile(r"(?:env|environ|approx|a peu pres|à peu près|~|≈) ?(?=[0-9u])")
_ABOUT_BEHIND = re.compile(r"(?<=.) (?:env|environ|approx|a peu pres|à peu près|\([^0-9()]*\))$")
_MARKS = str.maketrans({
    "’": "'", "′": "'", "‘": "'", "”": '"', "″": '"', "“": '"', "\u00a0": " ", "\u202f": " ", "\u2009": " ",
    "½": "1/2", "¼": "1/4", "¾": "3/4",
})  # fmt: skip


def understand_duration(written: Written, alone: Unit = Unit.SECONDS, longest: int = LONGEST) -> ReadDuration:
    """The duration written in a form or in a cell; DurationRefused when it may be anything.

    A number alone counts in `alone`. « 6:30 » is minutes and seconds. A time of day in a cell (08:10) is minutes and
    seconds too, with the other reading beside; a fraction of a day is such a time. From 0 to `longest` seconds.
    """
    match written:
        case bool():
            raise DurationRefused
        case time():
            reading = _of_clock(timedelta(hours=written.hour, minutes=written.minute, seconds=written.second))
        case timedelta():
            reading = _of_clock(written)
        case int() | float():
            reading = _of_number(written, alone)
        case _:
            reading = _of_text(tidy(written), alone)
    if not 0 <= reading.seconds <= longest:
        raise DurationRefused(
            f"une durée va de 0 à {longest // HOUR} heures", "La durée doit être d’une seconde à douze heures."
        )
    if reading.doubt is None and reading.seconds > HOUR:
        return ReadDuration(reading.seconds, Doubt.LONG, reading.other)
    return reading


def tidy(text: str) -> str:
    """The text in small letters, its marks and spaces as the reader expects them."""
    plain = " ".join(text.translate(_MARKS).casefold().replace("''", '"').replace(", ", " ").split())
    plain = re.sub(r"(?<=[a-z])\.", "", plain)
    return _SAID.get(plain, re.sub(r" ?: ?", ":", plain))


def _of_clock(lasted: timedelta) -> ReadDuration:
    whole = round(lasted.total_seconds())
    if whole >= HOUR and whole % MINUTE == 0:
        return ReadDuration(whole // MINUTE, Doubt.CLOCK, whole)
    return ReadDuration(whole)


SHORT = 2
"""Decimals that people type; a fraction of a day has more."""
LONGEST_FRACTION = 4
"""Days: more are no call, even where 75:30 was typed for minutes and became hours."""


def _of_number(number: float, alone: Unit) -> ReadDuration:
    if number != number or not 0 <= number < 1e6:  # noqa: PLR0124, PLR2004 - not a number, or nonsense
        raise DurationRefused("elle est impossible")
    if number == int(number):
        whole = int(number) * alone
        is_bare = alone is Unit.SECONDS and 0 < whole < MINUTE
        return ReadDuration(whole, Doubt.BARE, whole * MINUTE) if is_bare else ReadDuration(whole)
    is_typed = round(number, SHORT) == number
    if alone is Unit.MINUTES:
        is_computed = abs(number * MINUTE - round(number * MINUTE)) < 1e-6  # noqa: PLR2004 - seconds divided by sixty
        if is_computed and number < 1 and not is_typed:
            raise DurationRefused("elle peut être en minutes ou une heure du tableur")
        if is_typed or is_computed or number >= LONGEST_FRACTION:
            whole = int(number * MINUTE + 0.5)
            return ReadDuration(whole, Doubt.BARE if number < 1 else None)
    elif number >= MINUTE:
        return ReadDuration(int(number + 0.5))
    elif number >= LONGEST_FRACTION or (number >= 1 and is_typed):
        raise DurationRefused("elle peut être en secondes ou en minutes")
    of_a_day = _of_clock(timedelta(seconds=round(number * DAY)))
    return ReadDuration(of_a_day.seconds, Doubt.FRACTION, of_a_day.other)


def _of_text(text: str, alone: Unit) -> ReadDuration:
    if not text:
        raise DurationRefused(sentence=f"Donnez une durée. {EXAMPLES}")
    if about := _ABOUT.match(text) or _ABOUT_BEHIND.search(text):
        return ReadDuration(_of_text(text.replace(about[0], "", 1), alone).seconds, Doubt.ABOUT)
    if found := _ALONE.fullmatch(text) or _WITH_ZEROS.fullmatch(text):
        number = int(re.sub(r"[ .,]", "", found[1]))
        unit = found.lastindex and found.lastindex > 1
        return ReadDuration(number) if unit else _of_number(number, alone)
    if found := _CLOCK.fullmatch(text):
        seconds = _of_colons(found)
        may_be_minutes = 0 < seconds < MINUTE and not (found[1] or found[4])
        return ReadDuration(seconds, Doubt.CLOCK, seconds * MINUTE) if may_be_minutes else ReadDuration(seconds)
    if found := _DECIMAL.fullmatch(text):
        return _of_decimal(found, alone)
    if (found := _ISO.fullmatch(text)) and any(found.groups()):
        hours, minutes, seconds = (int(part or 0) for part in found.groups())
        return _of_clock(timedelta(hours=hours, minutes=minutes, seconds=seconds))  # as spreadsheets write a time
    if (found := _PART_OF_AN_HOUR.fullmatch(text)) and (found[1] or text != found[2]):
        return ReadDuration(int(found[1] or 0) * HOUR + _PARTS[found[2]])
    if found := _WORDS.fullmatch(text):
        return ReadDuration(_sum(found[1], found[2] or found[4], found[3] or found[5]))
    raise DurationRefused


def _of_colons(found: re.Match[str]) -> int:
    """« 1:05:00 », « 6:30 », « 6:30 min », « 1:05 h »."""
    unit = found[4] or ""
    if unit.startswith("h"):
        if found[1]:
            raise DurationRefused
        return _sum(found[2], found[3], None)
    if unit and found[1]:
        raise DurationRefused
    return _sum(found[1], found[2], found[3])


def _of_decimal(found: re.Match[str], alone: Unit) -> ReadDuration:
    """« 6,5 min », « 1,5 h »; without a unit only where a number alone is minutes and it is no « 6.30 »."""
    whole, tenths = int(found[1]), found[2]
    exact = whole + int(tenths) / 10.0 ** len(tenths)
    may_be_seconds = len(tenths) == SHORT and int(tenths) < MINUTE
    if found[3]:
        return ReadDuration(round(exact * HOUR))
    if len(tenths) > SHORT:
        raise DurationRefused(f"elle peut être {whole}{tenths} ou {whole},{tenths}")
    if found[4]:
        seconds = round(exact * MINUTE)
        return (
            ReadDuration(seconds, Doubt.DECIMAL, whole * MINUTE + int(tenths))
            if may_be_seconds
            else ReadDuration(seconds)
        )
    if alone is Unit.SECONDS:
        raise DurationRefused("elle peut être en secondes ou en minutes")
    if may_be_seconds:
        raise DurationRefused(
            f"elle peut être {say_duration(whole * MINUTE + int(tenths))} ou {say_duration(round(exact * MINUTE))}"
        )
    return ReadDuration(round(exact * MINUTE))


def _sum(hours: str | None, minutes: str | None, seconds: str | None) -> int:
    """DurationRefused when a part is as long as the unit above it."""
    if int(seconds or 0) >= MINUTE or (hours and int(minutes or 0) >= MINUTE):
        raise DurationRefused
    return int(hours or 0) * HOUR + int(minutes or 0) * MINUTE + int(seconds or 0)


def read_duration(text: str) -> int:
    """The seconds of a text, at least one; ValueError says in French what is wrong, with examples.

    A number alone and « s » are seconds; « 6:30 », « 6 min », « 6,5 min », « 6’30 » minutes; « 1 h 05 » and « 1:05:00 »
    hours. Two numbers without a unit, or a decimal without one, are refused: they may mean either.
    """
    seconds = understand_duration(text).seconds
    if not seconds:
        raise DurationRefused(sentence="La durée doit être d’une seconde à douze heures.")
    return seconds


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


def doubt_about(text: str) -> str:
    """The French question to ask before the reading of a text is kept; "" when nothing makes one doubt."""
    reading = understand_duration(text)
    said = say_duration(reading.seconds)
    match reading.doubt:
        case None | Doubt.CLOCK:
            return ""
        case Doubt.LONG:
            return f"Plus d’une heure : l’appel a-t-il bien duré {said} ?"
        case Doubt.BARE:
            return f"{said}, est-ce bien cela ? Pour des minutes, écrivez « {reading.seconds} min »."
        case _:
            return f"L’appel a-t-il bien duré {said} ?"


def check_duration(text: str, confirmed: str) -> int:
    """The seconds of a text; ValueError when it is unclear, or doubtful and not confirmed.

    `confirmed`: the seconds that its author has said to mean, as a form carries them.
    """
    seconds = read_duration(text)
    doubt = doubt_about(text)
    if doubt and confirmed != str(seconds):
        raise DoubtfulDuration(doubt, seconds)
    return seconds


class DoubtfulDuration(ValueError):  # noqa: N818 - named as what happened
    """A duration that its author has to confirm; the text is the question, in French."""

    def __init__(self, question: str, seconds: int) -> None:
        super().__init__(question)
        self.seconds = seconds
