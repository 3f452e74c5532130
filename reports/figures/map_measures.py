"""The map of the départements: what it may show, in which shade, and what is too little to be coloured fully.

A département without a call has no colour; a rate or a wait of fewer than ten calls is hatched (decision 81).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

from records.counting.tally import Tally
from reports.figures.definitions import BY_NAME, Definition, Figures, show

ENOUGH_CALLS = 10
"""Calls under which a rate or a wait says little about a département."""
SHADES = 5
MEASURES: Mapping[str, Callable[[Tally], int]] = {
    "taux_decroche": lambda tally: tally.received,
    "recus": lambda tally: tally.received,
    "attente_mediane_secondes": lambda tally: sum(tally.waits.values()),
    "appels_perdus": lambda tally: tally.received,
    "taux_resolution": lambda tally: tally.resolution_known,
    "taux_escalade": lambda tally: tally.escalation_known,
}
"""What the map may show, and the calls it is made of; the first one unless another is chosen."""
INSET = "480 212 42 42"
"""Where Paris and its three neighbours are in the outline of metropolitan France, which is 1010 wide and high."""
INSET_CODES = ("75", "92", "93", "94")
OVERSEAS: Mapping[str, str] = {
    "971": "0 0 57 50", "972": "0 0 43 50", "973": "0 0 40 50", "974": "0 0 56 50", "976": "0 0 38 50",
}  # fmt: skip
"""The own frame of each overseas outline."""
_OUTLINE = re.compile(r'class: "FR-(\d{2,3}|2[AB])",\s+(?:style: [^\n]*\s+)?d: "([MmLlHhVvCcSsQqTtAaZz0-9 .,eE-]+)"')


def read_outlines(text: str) -> dict[str, str]:
    """The outline (SVG path) of each département that the chart library of the State draws, by code."""
    return dict(_OUTLINE.findall(text))


@dataclass(frozen=True, slots=True)
class Shade:
    """A département on the map: its code, shade (0: no call, then 1 to 5), value, and whether it is made of few calls.

    `calls` are those that the value is made of.
    """

    code: str
    shade: int
    shown: str
    calls: int
    is_few: bool


@dataclass(frozen=True, slots=True)
class Coloured:
    """A measure over all départements: their shades, and what each of the five (at most) stands for."""

    measure: Definition
    shades: Mapping[str, Shade]
    legend: tuple[tuple[int, str], ...]
    has_few: bool


def offered(*, is_filtered: bool) -> list[tuple[str, str]]:
    """The measures that may be chosen, by name and label; those of qualified calls alone under a filter."""
    return [(name, BY_NAME[name].label) for name in MEASURES if BY_NAME[name].is_of_qualified or not is_filtered]


def coloured(name: str, places: Mapping[str, Figures]) -> Coloured:
    """The map of one measure, its shades between the least and the greatest value that is made of enough calls."""
    measure = BY_NAME[name]
    found = {code: (each.values[name], MEASURES[name](each.tally)) for code, each in places.items()}
    known = {code: (value, calls) for code, (value, calls) in found.items() if value is not None and calls}
    is_share = measure.shown_as != "count"
    sure = [value for value, calls in known.values() if calls >= ENOUGH_CALLS or not is_share]
    bounds = _bounds(sure or [value for value, _ in known.values()], measure.shown_as)
    shades = {
        code: Shade(code, _shade(value, bounds), measure.show(value), calls, is_share and calls < ENOUGH_CALLS)
        for code, (value, calls) in known.items()
    }
    return Coloured(
        measure, shades, tuple(_legend(bounds, measure.shown_as)), any(one.is_few for one in shades.values())
    )


def _bounds(values: Iterable[float], shown_as: str) -> list[float]:
    """The lower bound of each shade, then the greatest value.

    Rates and durations in equal steps; counts in equal ratios, or a few large départements would pale all others.
    """
    ordered = sorted(values)
    if not ordered:
        return []
    least, most = ordered[0], ordered[-1]
    if shown_as == "count":
        ratios = {float(ceil(most ** (index / SHADES))) for index in range(1, SHADES)}
        return [least, *sorted(bound for bound in ratios if least < bound <= most), most]
    steps = SHADES if least < most else 1
    return [least + (most - least) * index / steps for index in range(steps + 1)]


def _shade(value: float, bounds: list[float]) -> int:
    inside = sum(value >= bound for bound in bounds[:-1])
    return _spread(max(inside, 1), len(bounds) - 1)


def _spread(index: int, steps: int) -> int:
    """The shade of a step: few steps use the strong shades as well as the pale ones."""
    return SHADES if steps == 1 else 1 + (index - 1) * (SHADES - 1) // (steps - 1)


def _legend(bounds: list[float], shown_as: str) -> Iterable[tuple[int, str]]:
    """What each shade stands for; the first and the last one hold what few calls make smaller or greater too."""
    steps = len(bounds) - 1
    for index, (low, high) in enumerate(pairwise(bounds), start=1):
        greatest = high - 1 if shown_as == "count" and index < steps else high
        first, last = show(shown_as, low), show(shown_as, greatest)
        if shown_as == "count" or steps == 1:
            text = first if first == last else f"de {first} à {last}"
        else:
            text = (
                f"moins de {last}" if index == 1 else f"{first} et plus" if index == steps else f"de {first} à {last}"
            )
        yield _spread(index, steps), text
