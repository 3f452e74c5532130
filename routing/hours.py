"""When somebody can be rung: weekly hours, in the département's own time."""

from __future__ import annotations

from dataclasses import dataclass


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
