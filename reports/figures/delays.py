"""How long people waited for the call back that they were owed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reports.figures.definitions import CALLBACK_NOTE, NINE_TENTHS, median, percentile, show_delay


@dataclass(frozen=True, slots=True)
class Delays:
    """The delay to call back: how many were made, half and nine tenths of them within, as a reader sees it."""

    number: int
    median: str
    ninth_tenth: str
    note: str = CALLBACK_NOTE


def delays_of(minutes: Mapping[int, int]) -> Delays:
    """The delays of these whole minutes, given with their number."""
    return Delays(sum(minutes.values()), show_delay(median(minutes)), show_delay(percentile(minutes, NINE_TENTHS)))
