"""A curve as a page draws it in SVG: straight lines, whole numbers on axes of counts, gaps where nothing is known.

Points are in the units of the drawing (`WIDTH` × `HEIGHT`); what they mean stands in the table beside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from reports.figures.definitions import show

WIDTH, HEIGHT = 420, 230
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 12, 26
MOST_LABELS, MOST_TICKS = 7, 4
COUNT_STEPS = (1, 2, 5)
SECOND_STEPS = (5, 10, 15, 30, 60, 120, 300, 600, 1_800, 3_600)
RATE_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, slots=True)
class Series:
    """One line to draw: its label and a value for each place, None where nothing is known."""

    label: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Dot:
    """A value drawn: where, what it says, and whether its day, week or month is not whole."""

    x: float
    y: float
    title: str
    is_partial: bool


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """A series drawn: straight pieces between values that follow each other, and a dot for each value."""

    label: str
    pieces: tuple[str, ...]
    dots: tuple[Dot, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark of an axis: where, and its text."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """What a template writes as SVG. `target` is the height of the target's line, None when there is none."""

    lines: tuple[DrawnLine, ...]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    target: float | None = None
    target_text: str = ""

    @property
    def is_worth_drawing(self) -> bool:
        """Whether a line has two values at least."""
        return any(len(line.dots) > 1 for line in self.lines)

    @property
    def has_partial(self) -> bool:
        """Whether a dot stands for a day, a week or a month that is not whole."""
        return any(dot.is_partial for line in self.lines for dot in line.dots)


def draw(
    labels: Sequence[str],
    series: Sequence[Series],
    shown_as: str,
    *,
    partial: frozenset[int] = frozenset(),
    target: float | None = None,
) -> Chart:
    """The drawing of some series over the same places; `partial` are the places that are not whole."""
    known = [value for one in series for value in one.values if value is not None]
    ticks = _ticks(max(known, default=0), shown_as)
    top = ticks[-1]

    def height(value: float) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top, 1)

    def place(index: int) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * (index + 0.5) / max(len(labels), 1), 1)

    lines = []
    for one in series:
        dots = [
            None if value is None else Dot(place(at), height(value), _title(one.label, labels[at], shown_as, value,
                                                                              is_partial=at in partial), at in partial)
            for at, value in enumerate(one.values)
        ]  # fmt: skip
        lines.append(DrawnLine(one.label, _pieces(dots), tuple(dot for dot in dots if dot)))
    every = max(1, ceil(len(labels) / MOST_LABELS))
    last = len(labels) - 1
    return Chart(
        tuple(lines),
        tuple(Tick(place(at), label) for at, label in enumerate(labels) if (last - at) % every == 0),
        tuple(Tick(height(value), _axis(value, shown_as)) for value in ticks),
        None if target is None else height(target),
        "" if target is None else f"Objectif : {_axis(target, shown_as)}",
    )


def _title(series: str, label: str, shown_as: str, value: float, *, is_partial: bool) -> str:
    return f"{series}, {label} : {show(shown_as, value)}" + (" (incomplet)" if is_partial else "")


def _axis(value: float, shown_as: str) -> str:
    return f"{value * 100:.0f} %" if shown_as == "rate" else show(shown_as, value)


def _pieces(dots: Sequence[Dot | None]) -> tuple[str, ...]:
    """The points of each unbroken piece, as a polyline takes them; a lone value is a dot only."""
    pieces: list[list[Dot]] = [[]]
    for dot in dots:
        if dot is None:
            pieces.append([])
        else:
            pieces[-1].append(dot)
    return tuple(" ".join(f"{dot.x},{dot.y}" for dot in piece) for piece in pieces if len(piece) > 1)


def _ticks(most: float, shown_as: str) -> tuple[float, ...]:
    """Marks from nothing to above the greatest value; whole numbers for counts, whole seconds for durations."""
    if shown_as == "rate":
        return RATE_TICKS
    step = _step(most, shown_as)
    return tuple(float(step * index) for index in range(max(1, ceil(most / step)) + 1))


def _step(most: float, shown_as: str) -> int:
    if shown_as == "duration":
        return next((step for step in SECOND_STEPS if most <= step * MOST_TICKS), ceil(most / MOST_TICKS))
    size = 1
    while True:
        for step in COUNT_STEPS:
            if most <= step * size * MOST_TICKS:
                return step * size
        size *= 10
