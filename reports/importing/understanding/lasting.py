"""How long a call lasted: its two cells, in seconds and in minutes, read and compared."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import NoReturn

from records.typed.durations import (
    DAY,
    MINUTE,
    Doubt,
    DurationRefused,
    ReadDuration,
    Unit,
    say_duration,
    understand_duration,
)
from records.wording import fold_words
from reports.importing.reading.book import Cell, UnreadableCell, text_of
from reports.importing.understanding.answers import is_unsaid
from reports.importing.understanding.cells import CellRefused, as_lasting, check_readable, quoted

LONGEST_IN_A_FILE = DAY
"""Seconds that a number or a time may say: an export may hold a call that the operator never ended."""
ROUNDED = 3
"""Seconds by which a number of minutes with a decimal may differ from the seconds beside it."""


def read_seconds(
    seconds: Cell, minutes: Cell = None, is_as_exported: Callable[[int], bool] = lambda _: False
) -> tuple[int | None, str]:
    """The duration in whole seconds, None when both cells are empty; and a note where its reading is to be seen.

    CellRefused when it is unclear or when the two cells disagree. `is_as_exported`: whether this many seconds are what
    our own export said: then the cell is taken as it is, and beside other seconds it is a formula not yet calculated.
    """
    exported = _exported(seconds, is_as_exported)
    beside = _beside(minutes, is_optional=exported is not None)
    if isinstance(seconds, UnreadableCell) and beside is not None:
        return beside.seconds, f"Durée {quoted(minutes)} lue {say_duration(beside.seconds)} : {seconds.reason}."
    own = exported or _reading(seconds, Unit.SECONDS)
    if own is None:
        check_readable(minutes, "la durée")
        return (
            (None, _unsaid(seconds) or _unsaid(minutes)) if beside is None else (beside.seconds, _note(minutes, beside))
        )
    if beside is None or (exported is None and any(map(is_as_exported, beside.possible))):
        return own.seconds, "" if exported else _note(seconds, own)
    agreed = _agreed(own, beside, is_clock=isinstance(minutes, time | timedelta | date))
    if agreed is None:
        raise CellRefused(
            f"les deux durées ne disent pas la même chose : {quoted(seconds)} ({say_duration(own.seconds)}) en secondes"
            f", {quoted(minutes)} ({say_duration(beside.seconds)}) en minutes ; corrigez l’une ou videz-la"
        )
    if agreed != own.seconds:
        return agreed, f"Durée {quoted(seconds)} lue {say_duration(agreed)}, comme {quoted(minutes)}."
    is_certain = exported is not None or (beside.other is None and beside.doubt in {None, Doubt.LONG})
    return agreed, "" if is_certain else _note(seconds, own)


def _exported(cell: Cell, is_as_exported: Callable[[int], bool]) -> ReadDuration | None:
    is_whole = isinstance(cell, int | float) and not isinstance(cell, bool) and cell == cell // 1
    return ReadDuration(int(cell)) if is_whole and is_as_exported(int(cell)) else None  # type: ignore[arg-type]


def _beside(minutes: Cell, *, is_optional: bool) -> ReadDuration | None:
    """The second cell; what cannot be read there is nothing, and what is unclear too where the first is our own."""
    try:
        return None if isinstance(minutes, UnreadableCell) else _reading(minutes, Unit.MINUTES)
    except CellRefused:
        if is_optional:
            return None
        raise


def _agreed(own: ReadDuration, beside: ReadDuration, *, is_clock: bool) -> int | None:
    """The seconds that both cells may mean; None when there are none. Whole minutes may be rounded."""
    for mine in (own.seconds, *own.possible):
        for theirs in beside.possible:
            is_rounded = theirs % MINUTE == 0 and not is_clock and beside.doubt in {None, Doubt.LONG}
            most = MINUTE - 1 if is_rounded else 1 if is_clock else ROUNDED
            if abs(mine - theirs) <= most and (mine or not theirs):
                return mine
    return None


def _reading(cell: Cell, alone: Unit) -> ReadDuration | None:
    check_readable(cell, "la durée")
    if cell is None or is_unsaid(fold_words(text_of(cell))):
        return None
    lasted = as_lasting(cell)
    try:
        if isinstance(lasted, str):
            return understand_duration(text_of(lasted), alone)
        if isinstance(lasted, int | float | time | timedelta):
            return understand_duration(lasted, alone, LONGEST_IN_A_FILE)
    except DurationRefused as refused:
        return _refused(cell, refused.why)
    return _refused(cell)


def _unsaid(cell: Cell) -> str:
    """What is told of « NC » or « ? » where a duration is expected."""
    text = text_of(cell)
    return f"Durée {quoted(cell)} lue comme inconnue." if any(map(str.isalnum, text)) or "?" in text else ""


def _refused(cell: Cell, why: str = "") -> NoReturn:
    has_number = any(sign.isdigit() for sign in text_of(cell))
    expected = "attendu : 490, 08:10 ou 8 min 10" + ("" if has_number else " ; inconnue, videz la cellule")
    raise CellRefused(f"la durée {quoted(cell)} n'est pas claire ({why or expected})")


def _note(cell: Cell, reading: ReadDuration) -> str:
    if reading.doubt is None:
        return ""
    instead = f", et non {say_duration(reading.other)}" if reading.other is not None else ""
    why = " : c’est une heure du tableur, écrite comme un nombre" if reading.doubt is Doubt.FRACTION else ""
    return f"Durée {quoted(cell)} lue {say_duration(reading.seconds)}{instead}{why}."
