"""When somebody can be rung: weekly hours, in the département's own time."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache

from routing.calendar.clock_changes import DAY, clock_changes, earliest, latest, zone_of
from routing.calendar.week import DAYS, show_week, speak_week
from routing.calendar.words import WEEKDAYS

ALWAYS = "24/7"
DEFAULT = "lun-ven 09:00-12:00 14:00-17:00"
"""The hours of a line whose `horaires` are empty (docs/contract.md#the-directory-file)."""

MAX_TYPED = 300

_ALWAYS = frozenset(
    {"24/7", "7/7 24/24", "24/24 7/7", "24h/24 7j/7", "7j/7 24h/24", "24h/24 et 7j/7", "7j/7 et 24h/24"}
)
_DAY_NAMES = {name: day for names in (DAYS, WEEKDAYS) for day, name in enumerate(names)}
_TIME = re.compile(r"(\d{1,2})(?:[:h](\d{2})?)")
_SPAN = re.compile(r"([^-]+)-([^-]+)")


@dataclass(frozen=True, slots=True)
class Span:
    """One opening of the week: `weekday` 0 = Monday, minutes since that day's midnight; `end` > 1440 runs overnight."""

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
    if typed in _ALWAYS:
        return Hours(spans=(), always=True)
    pieces = [piece for piece in re.split(r"[;|\n]", typed or DEFAULT) if piece.strip()]
    if not pieces:
        raise ValueError(f"« {text.strip()} » n'indique aucun jour")
    return Hours(spans=_merged([span for piece in pieces for span in _read_piece(piece)]))


def _plain(text: str) -> str:
    """Lower case, without accents, every dash a hyphen stuck to its neighbours, single spaces."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    folded = "".join(character for character in folded if not unicodedata.combining(character))
    folded = re.sub(r"[‐‑‒–—−]", "-", folded)
    folded = re.sub(r"\b(?:du|de|le)\s+|\bd'", "", folded)
    folded = re.sub(r"\s+(?:a|au)\s+", "-", folded)
    folded = re.sub(r"(\d)\s*h\s*(\d{2})\b", r"\1h\2", folded)
    return re.sub(r"\s+", " ", re.sub(r"\s*-\s*", "-", folded)).strip()


def _read_piece(piece: str) -> list[Span]:
    """One `days times` piece; days come first, then one or several times."""
    words = [word for word in re.split(r"[\s,]+", piece) if word and word != "et"]
    split = next((place for place, word in enumerate(words) if word[0].isdigit()), len(words))
    days = {day for word in words[:split] for day in _read_days(word)}
    if not days:
        raise ValueError(f"« {piece.strip()} » n'indique aucun jour : écrivez par exemple « lun-ven 09:00-12:00 »")
    if split == len(words):
        raise ValueError(f"« {piece.strip()} » n'indique aucune heure : écrivez par exemple « lun-ven 09:00-12:00 »")
    spans = [_read_span(word) for word in words[split:]]
    return [Span(day, start, end) for day in sorted(days) for start, end in spans]


def _read_days(word: str) -> list[int]:
    """`lun` or `lun-ven`; a range may run over the end of the week (`sam-lun`)."""
    first, _, last = word.partition("-")
    start, end = _read_day(first), _read_day(last or first)
    return [(start + ahead) % 7 for ahead in range((end - start) % 7 + 1)]


def _read_day(name: str) -> int:
    day = _DAY_NAMES.get(name.rstrip("."))
    if day is None:
        advice = f" ; pour un service permanent, écrivez {ALWAYS}" if "24" in name else ""
        raise ValueError(f"« {name} » n'est pas un jour (lun, mar, mer, jeu, ven, sam, dim){advice}")
    return day


def _read_span(word: str) -> tuple[int, int]:
    """Minutes of the start and of the end; an end before the start is on the day after."""
    match = _SPAN.fullmatch(word)
    if not match:
        raise ValueError(f"« {word} » n'est pas une plage d'heures comme 09:00-12:30")
    start, end = _read_time(match[1], word), _read_time(match[2], word)
    if start in {end, DAY}:
        raise ValueError(f"« {word} » commence et finit à la même heure, ou commence à 24:00")
    return start, end if end > start else end + DAY


def _read_time(text: str, word: str) -> int:
    match = _TIME.fullmatch(text)
    minutes = int(match[1]) * 60 + int(match[2] or 0) if match else DAY + 1
    if not match or int(match[2] or 0) > 59 or minutes > DAY:  # noqa: PLR2004 - minutes of an hour
        raise ValueError(f"« {word} » : « {text} » n'est pas une heure")
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
    sayable = end - first.start < DAY or (first.start, end) == (0, DAY)
    if first.weekday != second.weekday or second.start > first.end or not sayable:
        return None
    return Span(first.weekday, first.start, end)
