"""Which line resembles which of our calls: pairs found by their number and their duration, the nearest first.

A call is taken by one line and a line by one call. Lines and calls that are the same for sure have been taken away
before (`difference`); what is left is compared by the day, the number, the duration and what was said.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import attrgetter

from reports.importing.understanding.lines import ReadRow
from reports.workbook.columns import HistoryRow, identity

WITHIN_SECONDS = 5
"""How far a duration noted by hand may be from the one that the line recorded."""
MOST_CELLS = 2
Said = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """A line and the call that it resembles most; `is_alone` says that nothing else resembles either as much."""

    read: ReadRow
    now: HistoryRow
    is_alone: bool
    is_anchored: bool
    """Whether number or duration say that it is the same call, not only what was said of it."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    line: int
    call: int
    score: tuple[int, int, int]
    is_anchored: bool


def pairs(lines: Sequence[ReadRow], calls: Sequence[HistoryRow]) -> dict[int, Pair]:
    """The call that each line resembles, by the place of the line in `lines`; those that resemble none are left out."""
    found: dict[int, Pair] = {}
    taken: set[int] = set()
    candidates = sorted(set(_candidates(lines, calls)), key=lambda one: (one.score, one.line, one.call))
    for _, group in groupby(candidates, key=attrgetter("score")):
        open_ones = [one for one in group if one.line not in found and one.call not in taken]
        rivals_of_call = _distinct(open_ones, by=lambda one: one.call, other=lambda one: identity(lines[one.line].row))
        rivals_of_line = _distinct(open_ones, by=lambda one: one.line, other=lambda one: identity(calls[one.call]))
        for one in open_ones:
            if one.line in found or one.call in taken:
                continue
            is_alone = rivals_of_call[one.call] == 1 and rivals_of_line[one.line] == 1
            found[one.line] = Pair(lines[one.line], calls[one.call], is_alone, one.is_anchored)
            taken.add(one.call)
    return found


def _distinct(
    candidates: Iterable[_Candidate], *, by: Callable[[_Candidate], int], other: Callable[[_Candidate], object]
) -> Counter[int]:
    return Counter(key for key, _ in {(by(one), other(one)) for one in candidates})


def _candidates(lines: Sequence[ReadRow], calls: Sequence[HistoryRow]) -> Iterator[_Candidate]:
    keys: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for place, call in enumerate(calls):
        for key in _keys_of(call):
            keys[key].append(place)
    for number, read in enumerate(lines):
        for key in _keys_sought(read.row):
            for place in keys.get(key, ()):
                scored = _score(read, calls[place])
                if scored is not None:
                    yield _Candidate(number, place, *scored)


def _keys_of(call: HistoryRow) -> Iterator[tuple[object, ...]]:
    if call.phone:
        yield ("phone", call.day, call.phone)
    if call.seconds is not None:
        yield ("seconds", call.day, call.seconds)
    if not call.by_telephone:
        yield from _keys_but_one(call)
        yield ("with" if call.phone else "without", call.day, call.seconds, *_said(call))


def _keys_sought(row: HistoryRow) -> Iterator[tuple[object, ...]]:
    if row.phone:
        yield ("phone", row.day, row.phone)
    if row.seconds is not None:
        for seconds in range(row.seconds - WITHIN_SECONDS, row.seconds + WITHIN_SECONDS + 1):
            yield ("seconds", row.day, seconds)
    yield from _keys_but_one(row)
    for number in ("without",) if row.phone else ("with", "without"):
        yield (number, row.day, row.seconds, *_said(row))


def _keys_but_one(row: HistoryRow) -> Iterator[tuple[object, ...]]:
    """By all of its cells but one: for calls without number, and for a day that was corrected."""
    cells: tuple[object, ...] = (row.phone, row.seconds, *_said(row))
    if row.phone and row.seconds is not None:
        yield ("another day", *cells)
    if row.phone is None:
        for left_out in range(1, len(cells)):
            yield (left_out, row.day, *cells[:left_out], *cells[left_out + 1 :])


def _said(row: HistoryRow) -> Said:
    return ((row.thematique, row.motif, row.sous_motif, row.niveau), row.resolved, row.escalated)


def _score(read: ReadRow, call: HistoryRow) -> tuple[tuple[int, int, int], bool] | None:
    """How well both go together, the least first, and whether number or duration say so; None when they do not."""
    row = read.row
    same_phone = bool(row.phone) and row.phone == call.phone
    other_phone = bool(row.phone and call.phone) and row.phone != call.phone
    apart = abs(row.seconds - call.seconds) if row.seconds is not None and call.seconds is not None else None
    if call.by_telephone:
        return _score_recorded(row.day, call.day, same_phone=same_phone, other_phone=other_phone, apart=apart)
    return _score_written(read, call, same_phone=same_phone, other_phone=other_phone, apart=apart)


def _score_recorded(
    day: date, other: date, *, same_phone: bool, other_phone: bool, apart: int | None
) -> tuple[tuple[int, int, int], bool] | None:
    near = apart is not None and apart <= WITHIN_SECONDS
    if day != other or not (same_phone or near):
        return None
    rank = 0 if same_phone and near else 1 if same_phone else 5 if other_phone else 2
    return (rank, 0, apart or 0), not other_phone


def _score_written(
    read: ReadRow, call: HistoryRow, *, same_phone: bool, other_phone: bool, apart: int | None
) -> tuple[tuple[int, int, int], bool] | None:
    contradicted, silent = _differing(read, call)
    if read.row.day != call.day:
        is_moved = same_phone and apart == 0 and not contradicted and not silent
        return ((3, 1, 0), True) if is_moved else None
    is_anchored = same_phone or apart == 0
    if is_anchored:
        near = contradicted <= MOST_CELLS and (contradicted + silent <= MOST_CELLS or not contradicted)
    else:
        near = not other_phone and contradicted + silent <= 1
    if not near:
        return None
    return (1 if is_anchored else 4, contradicted + silent, apart or 0), is_anchored


def _differing(read: ReadRow, call: HistoryRow) -> tuple[int, int]:
    """In how many cells both contradict each other, and in how many only one says something; a wording is one cell."""
    row, has = read.row, read.columns
    cells: list[tuple[object, object]] = [(row.seconds, call.seconds)]
    if not read.phone_is_masked:
        cells.append((row.phone, call.phone))
    cells.append((_words(row), _words(call)))
    cells += [(row.resolved, call.resolved)] if "resolved" in has else []
    cells += [(row.escalated, call.escalated)] if "escalated" in has else []
    differing = [(ours, theirs) for ours, theirs in cells if ours != theirs]
    silent = sum(ours is None or theirs is None for ours, theirs in differing)
    return len(differing) - silent, silent


def _words(row: HistoryRow) -> tuple[str, ...] | None:
    return (row.thematique, row.motif, row.sous_motif, row.niveau) if row.is_qualified else None
