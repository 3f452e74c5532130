"""A week of openings in short (`lun-ven 09:00-12:00`) and in words (« du lundi au vendredi, de 9 heures à midi »)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from routing.calendar.clock_changes import DAY
from routing.calendar.words import WEEKDAYS, say_minutes

DAYS = ("lun", "mar", "mer", "jeu", "ven", "sam", "dim")

Openings = tuple[tuple[int, int], ...]
"""The openings of one day, in minutes since its midnight; an end beyond 1440 is on the day after."""


def show_week(openings: Mapping[int, Openings]) -> str:
    """The week as referents.csv writes it; days that open alike stand together."""
    return " | ".join(f"{_show_days(days)} {_show_spans(spans)}" for spans, days in _alike(openings))


def speak_week(openings: Mapping[int, Openings]) -> str:
    """The week for a French voice."""
    return " ; ".join(f"{_speak_days(days)}, {_speak_spans(spans)}" for spans, days in _alike(openings))


def _alike(openings: Mapping[int, Openings]) -> list[tuple[Openings, list[int]]]:
    grouped: dict[Openings, list[int]] = {}
    for day in sorted(openings):
        if openings[day]:
            grouped.setdefault(openings[day], []).append(day)
    return list(grouped.items())


def _runs(days: list[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs


def _show_days(days: list[int]) -> str:
    return ",".join(DAYS[run[0]] if len(run) == 1 else f"{DAYS[run[0]]}-{DAYS[run[-1]]}" for run in _runs(days))


def _show_spans(spans: Openings) -> str:
    return " ".join(f"{_show_time(start)}-{_show_time(end)}" for start, end in spans)


def _show_time(minutes: int) -> str:
    minutes = minutes if minutes <= DAY else minutes - DAY
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _speak_days(days: list[int]) -> str:
    if len(days) == len(DAYS):
        return "tous les jours"
    return _and([part for run in _runs(days) for part in _speak_run(run)])


def _speak_run(run: list[int]) -> Iterator[str]:
    if len(run) > 2:  # noqa: PLR2004 - two days in a row are said one by one
        yield f"du {WEEKDAYS[run[0]]} au {WEEKDAYS[run[-1]]}"
    else:
        yield from (f"le {WEEKDAYS[day]}" for day in run)


def _speak_spans(spans: Openings) -> str:
    if spans == ((0, DAY),):
        return "toute la journée"
    return _and([f"de {say_minutes(start)} à {say_minutes(end)}" for start, end in spans])


def _and(parts: list[str]) -> str:
    return " et ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))
