"""When somebody can be rung: weekly hours, in the département's own time."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from routing.calendar.clock_changes import DAY, clock_changes, earliest, latest, zone_of
from routing.calendar.week import DAYS, show_week, speak_week
from routing.calendar.words import WEEKDAYS

ALWAYS = "24/7"
DEFAULT = "lun-ven 09:00-12:00 14:00-17:00"
"""The hours of a line whose `horaires` are empty (docs/contract.md#the-directory-file)."""

MAX_TYPED = 300
LONGEST_NIGHT = 16 * 60
"""Minutes of an opening that ends on the day after: a longer one is « 14h-12h », two numbers that were swapped."""

_DAY_AND_NIGHT = r"24(?: ?h)?(?:/| sur )24(?: ?h)?"
_EVERY_DAY = r"7(?: ?j)?(?:ours)?(?:/| sur )7(?: ?j)?(?:ours)?"
_BETWEEN = r" ?(?:,|et|&|-)? ?"
_ALWAYS = re.compile(rf"24/7|{_DAY_AND_NIGHT}{_BETWEEN}{_EVERY_DAY}|{_EVERY_DAY}{_BETWEEN}{_DAY_AND_NIGHT}")
_PERMANENT = re.compile(rf"\b24 ?/ ?7\b|{_DAY_AND_NIGHT}")
_TWO_LETTERS = ("lu", "ma", "me", "je", "ve", "sa", "di")
_PLURALS = tuple(f"{name}s" for name in WEEKDAYS)
_DAY_NAMES = {name: day for names in (DAYS, WEEKDAYS, _TWO_LETTERS, _PLURALS) for day, name in enumerate(names)}
_TIME = re.compile(r"(\d{1,2})(?:[:h](\d{2})?|\.(\d{2}))")
_SPAN = re.compile(r"([^-]+)-([^-]+)")
_HOUR_ALONE = re.compile(r"\d{1,2}")


class Span(NamedTuple):
    """One opening of the week: `weekday` 0 = Monday, minutes since that day's midnight; `end` > 1440 runs overnight.

    A tuple, since hours are looked up in caches all the time and it is hashed ten times as fast.
    """

    weekday: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Hours:
    """A week of openings. `always` is 24/7 (which ignores holidays, decision 20)."""

    spans: tuple[Span, ...]
    always: bool = False

    def is_open(self, local: datetime) -> bool:
        """Whether `local` (aware, in the zone of the hours) falls in an opening.

        The clock is read as people read it, except on the night when it goes back: an opening that begins in the hour
        that comes twice begins with the first and one that ends there ends with the second, with no hole between.
        """
        if self.always:
            return True
        if local.tzinfo is not None and clock_changes(local.date(), local.tzinfo):
            return self._is_open_when_clocks_change(local)
        weekday, minute = local.weekday(), local.hour * 60 + local.minute
        eve, late = (weekday - 1) % 7, minute + DAY
        for span in self.spans:
            if span.weekday == weekday and span.start <= minute < span.end:
                return True
            if span.weekday == eve and late < span.end:
                return True
        return False

    def _is_open_when_clocks_change(self, local: datetime) -> bool:
        zone, instant = zone_of(local), local.astimezone(UTC)
        days = (local.date() - timedelta(days=1), local.date())
        return any(start <= instant < end for day in days for start, end in self.openings(day, zone))

    def openings(self, day: date, zone: tzinfo) -> Iterator[tuple[datetime, datetime]]:
        """The openings that begin on a local day, as pairs of UTC moments, earliest first."""
        if self.always:
            yield earliest(day, 0, zone), earliest(day, DAY, zone)
            return
        for span in self.spans:
            if span.weekday == day.weekday():
                start, end = earliest(day, span.start, zone), latest(day, span.end, zone)
                if start < end:
                    yield start, end

    def show(self) -> str:
        """The hours as referents.csv writes them; reading it back gives the same hours."""
        return ALWAYS if self.always else _shown(self.spans)

    def speak(self) -> str:
        """The hours for a French voice: « du lundi au vendredi, de 9 heures à 12 heures et de 14 heures à… »."""
        return "tous les jours, à toute heure" if self.always else speak_week(_by_day(self.spans))


@lru_cache(maxsize=1024)
def _shown(spans: tuple[Span, ...]) -> str:
    return show_week(_by_day(spans))


def _by_day(spans: tuple[Span, ...]) -> dict[int, tuple[tuple[int, int], ...]]:
    return {day: tuple((span.start, span.end) for span in spans if span.weekday == day) for day in range(7)}


def read_hours(text: str) -> Hours:
    """The hours typed in `text` (empty: the default week), or ValueError with a French reason that quotes the piece."""
    typed = _plain(text)
    if len(typed) > MAX_TYPED:
        raise ValueError(f"horaires trop longs : {len(typed)} caractères, {MAX_TYPED} au plus")
    if _ALWAYS.fullmatch(typed):
        return Hours(spans=(), always=True)
    spans: list[Span] = []
    days: list[int] = []
    for piece in re.split(r"[;|\n]", typed or DEFAULT):
        if piece.strip():
            runs = _read_piece(piece.strip(), days)
            spans += [Span(day, start, end) for named, times in runs for day in named for start, end in times]
            days = runs[-1][0] if runs else days
    if not spans:
        raise ValueError(f"« {text.strip()} » n'indique aucun jour")
    return Hours(spans=_merged(spans))


def _plain(text: str) -> str:
    """Lower case, without accents, every dash a hyphen stuck to its neighbours, `9 heures 30` as `9h30`, spaces single.

    A colon that parts no hours from minutes (« lundi : 9h ») is a space; « midi » and « minuit » are hours.
    """
    folded = unicodedata.normalize("NFKD", text).casefold()
    folded = "".join(character for character in folded if not unicodedata.combining(character))
    folded = re.sub(r"[‐‑‒–—−]", "-", folded)
    folded = re.sub(r"\btous\s+les\s+jours\b", "lun-dim", folded)
    folded = re.sub(r"\b(?:du|de|les?)\s+|\bd'", "", folded)
    folded = re.sub(r"\s+(?:a|au)\s+", "-", folded)
    folded = re.sub(r"(\d)\s*h(?:eures?)?\b", r"\1h", folded)
    folded = re.sub(r"(\d)\s*h(?:eures?)?\s*(\d{2})\b", r"\1h\2", folded)
    folded = re.sub(r"(?<!\d)\s*:|:\s*(?!\d)", " ", folded)
    folded = re.sub(r"\s+", " ", re.sub(r"\s*([-/])\s*", r"\1", folded)).strip()
    folded = re.sub(r"\bmidi\b", "12h", re.sub(r"\bminuit-", "0h-", folded))
    return re.sub(r"\bminuit\b", "24h", folded)


def _read_piece(piece: str, before: list[int]) -> list[tuple[list[int], list[tuple[int, int]]]]:
    """Each run of days of one piece with its times (`lun 9h-12h mar 14h-17h` has two).

    Days come first, or after all the times; where the piece names none, those of the piece `before` it hold.
    """
    if _PERMANENT.search(piece):
        raise ValueError(f"« {piece} » : pour un service permanent, écrivez {ALWAYS} et rien d'autre")
    words = re.split(r"[\s,&/]+", re.sub(rf"\b{_EVERY_DAY}\b", "lun-dim", piece))
    words = [word for word in words if word not in {"", "et"}]
    runs = [(is_time, list(run)) for is_time, run in groupby(words, key=lambda word: word[0].isdigit())]
    if len(runs) == 2 and runs[0][0]:  # noqa: PLR2004 - « 9h-17h du lundi au vendredi »
        runs.reverse()
    elif runs and runs[0][0]:
        runs.insert(0, (False, []))
    found = []
    for place in range(0, len(runs), 2):
        days = sorted({day for word in runs[place][1] for day in _read_days(word)}) or before
        if not days:
            raise ValueError(f"« {piece} » n'indique aucun jour : écrivez par exemple « lun-ven 09:00-12:00 »")
        if place + 1 == len(runs):
            raise ValueError(f"« {piece} » n'indique aucune heure : écrivez par exemple « lun-ven 09:00-12:00 »")
        found.append((days, [_read_span(word) for word in runs[place + 1][1]]))
    return found


def _read_days(word: str) -> list[int]:
    """`lun` or `lun-ven`; a range may run over the end of the week (`sam-lun`)."""
    first, _, last = word.partition("-")
    start, end = _read_day(first), _read_day(last or first)
    return [(start + ahead) % 7 for ahead in range((end - start) % 7 + 1)]


def _read_day(name: str) -> int:
    day = _DAY_NAMES.get(name.rstrip("."))
    if day is None:
        advice = "laissez le rang vide pour ne jamais faire sonner" if name == "ferme" else "écrivez quand on répond"
        raise ValueError(
            f"« {name} » n'est ni un jour (lun, mar, mer, jeu, ven, sam, dim) "
            f"ni une plage d'heures comme 09:00-12:30 : {advice}"
        )
    return day


def _read_span(word: str) -> tuple[int, int]:
    """Minutes of the start and of the end; an end before the start is on the day after."""
    match = _SPAN.fullmatch(word.rstrip("."))
    if not match:
        raise ValueError(f"« {word} » n'est pas une plage d'heures comme 09:00-12:30")
    first, last = match[1], match[2]
    if _HOUR_ALONE.fullmatch(first) and _TIME.fullmatch(last):  # « de 10 à 20h »
        first += "h"
    elif _HOUR_ALONE.fullmatch(last) and _TIME.fullmatch(first):
        last += "h"
    start, end = _read_time(first, word), _read_time(last, word)
    if start in {end, DAY}:
        raise ValueError(f"« {word} » commence et finit à la même heure, ou commence à 24:00")
    if 0 < end < start and end + DAY - start > LONGEST_NIGHT:
        hours = LONGEST_NIGHT // 60
        raise ValueError(f"« {word} » finit avant de commencer ; une nuit, comme 17:00-09:00, dure {hours} h au plus")
    return start, end if end > start else end + DAY


def _read_time(text: str, word: str) -> int:
    match = _TIME.fullmatch(text)
    past = int(match[2] or match[3] or 0) if match else 0
    minutes = int(match[1]) * 60 + past if match else DAY + 1
    if not match or past > 59 or minutes > DAY:  # noqa: PLR2004 - minutes of an hour
        advice = " : écrivez par exemple 9h-17h" if _HOUR_ALONE.fullmatch(text) else ""
        raise ValueError(f"« {word} » : « {text} » n'est pas une heure{advice}")
    return minutes


def _merged(spans: list[Span]) -> tuple[Span, ...]:
    """The same openings in the order of the week, overlapping or touching ones of a day as one."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda each: (each.weekday, each.start, each.end)):
        joined = _joined(merged[-1], span) if merged else None
        merged[-1:] = [joined] if joined else [*merged[-1:], span]
    return tuple(merged)


def _joined(first: Span, second: Span) -> Span | None:
    """Two openings of a day as one, None when a pause parts them or when a text could not say so long an opening."""
    end = max(first.end, second.end)
    sayable = end <= DAY or end - first.start <= LONGEST_NIGHT
    if first.weekday != second.weekday or second.start > first.end or not sayable:
        return None
    return Span(first.weekday, first.start, end)
