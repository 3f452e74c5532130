"""The one list's rules: which missed callers stay, in which order lines stand, which comes next."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from support.worklist.line import (
    CallSeen,
    Line,
    LineKind,
    LineMark,
    StepSeen,
    following,
    in_order,
    is_helped,
    marked,
    missed_lines,
    promise,
    still_missed,
    unread_answer,
)

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MISSED = CallSeen("CA1", "+33639980001", "75", "abandoned_ringing", None, None, NOW, date(2026, 11, 24))
USAGE: frozenset[str] = frozenset()


def later(outcome: str, **given: Any) -> CallSeen:
    return replace(MISSED, **({"call_id": "CA2", "started_at": NOW + HOUR, "outcome": outcome} | given))


@pytest.mark.parametrize(
    ("then", "is_gone"),
    [
        (later("answered"), True),
        (later("answered", started_at=NOW + 5 * DAY), True),
        (later("answered", departement=None, answered_by="national"), True),
        (later("answered", departement="59"), False),
        (later("answered", started_at=NOW - HOUR), False),
        (later("answered", caller="+33639980002"), False),
        (later("answered", caller="+33639980002", linked_call_id="CA1"), True),
        (later("message"), True),
        (later("callback"), True),
        (later("message", local_date=date(2026, 11, 25)), False),
        (later("message", departement="59"), False),
        (later("abandoned_ringing"), False),
        (later("in_progress"), False),
    ],
)
def test_a_missed_caller_leaves_by_himself_when_he_was_helped_or_left_a_line_of_his_own(
    then: CallSeen, *, is_gone: bool
) -> None:
    assert is_helped(MISSED, [then]) is is_gone


def test_a_missed_call_that_somebody_qualified_is_no_longer_to_do() -> None:
    assert is_helped(replace(MISSED, is_qualified=True), [])


def test_a_withheld_caller_is_no_line_because_nobody_can_call_him_back() -> None:
    assert still_missed([replace(MISSED, caller=None)], []) == []


def test_a_caller_is_one_line_for_each_desk_and_day() -> None:
    calls = [
        MISSED,
        replace(MISSED, call_id="CA0", started_at=NOW - HOUR, outcome="absence"),
        replace(MISSED, call_id="CA3", departement="59"),
        replace(MISSED, call_id="CA4", local_date=date(2026, 11, 25), started_at=NOW + DAY),
        replace(MISSED, call_id="CA5", caller="+33639980002"),
    ]
    lines = missed_lines(calls, USAGE)
    assert sorted(line.references for line in lines) == [("CA0", "CA1"), ("CA3",), ("CA4",), ("CA5",)]
    first = next(line for line in lines if "CA0" in line.references)
    assert (first.reference, first.since, first.due) == ("CA0", NOW - HOUR, NOW + DAY - HOUR)


def test_promises_are_in_open_days_and_nobody_waits_for_a_qualification() -> None:
    friday = datetime(2026, 11, 27, 10, 0, tzinfo=UTC)
    assert promise(LineKind.MESSAGE, friday, "75", USAGE) == friday + 3 * DAY
    assert promise(LineKind.ONGOING, friday, "75", USAGE) == friday + 7 * DAY
    assert promise(LineKind.QUALIFY, friday, "75", USAGE) is None


def line(kind: LineKind, reference: str, **given: Any) -> Line:
    return Line(kind, reference, "75", given.pop("since", NOW), **given)


LATE = line(LineKind.CALLBACK, "late", due=NOW - HOUR)
SOON = line(LineKind.MESSAGE, "soon", due=NOW + HOUR)
OLD = line(LineKind.QUALIFY, "old", since=NOW - DAY)
NEW = line(LineKind.QUALIFY, "new", since=NOW - HOUR)


def test_the_oldest_promise_comes_first_then_what_nobody_waits_for_the_freshest_first() -> None:
    assert in_order([OLD, SOON, NEW, LATE]) == [LATE, SOON, NEW, OLD]
    assert [one.reference for one in in_order([OLD, SOON, NEW, LATE]) if one.is_late(NOW)] == ["late"]


def test_one_goes_on_with_the_same_kind_then_with_the_top_never_with_what_others_have() -> None:
    lines = in_order([OLD, SOON, NEW, LATE])
    assert following(lines, "qualify", "new", "me", NOW) == OLD
    assert following(lines, "qualify", "gone", "me", NOW) == NEW
    assert following(lines, "missed", "gone", "me", NOW) == LATE
    assert following(lines, "", "", "me", NOW) == LATE
    theirs = replace(LATE, owner="lea@siao.example")
    aside = replace(SOON, aside_until=NOW + DAY)
    assert following([theirs, aside], "message", "", "me", NOW) is None
    assert following([replace(theirs, owner="me")], "message", "", "me", NOW) is not None


def test_a_caller_who_calls_again_comes_back_from_where_he_was_set_aside() -> None:
    group = missed_lines([MISSED, replace(MISSED, call_id="CA2", started_at=NOW + HOUR)], USAGE)[0]
    until = NOW + 2 * DAY
    one = {("missed", "CA1"): LineMark(aside_until=until)}
    assert not marked(group, one, USAGE).is_aside(NOW)
    both = {**one, ("missed", "CA2"): LineMark(aside_until=until, owner="lea", owned_at=NOW)}
    assert marked(group, both, USAGE).is_aside(NOW)
    assert marked(group, both, USAGE).owner == "lea"
    assert marked(group, both, USAGE).due == until + DAY


def step(hours: int, move: str, *, is_ours: bool) -> StepSeen:
    return StepSeen(NOW + hours * HOUR, move, is_ours)


def test_an_answer_waits_until_it_is_read_or_followed() -> None:
    opened, answer = step(0, "open", is_ours=True), step(1, "answer", is_ours=False)
    assert unread_answer([opened, answer], None) == answer
    assert unread_answer([opened, answer], NOW + 2 * HOUR) is None
    assert unread_answer([opened, answer, step(2, "add", is_ours=True)], None) is None
    again = step(3, "plan", is_ours=False)
    assert unread_answer([opened, answer, again], NOW + 2 * HOUR) == again


def test_what_the_desk_does_by_itself_is_no_answer_and_a_strangers_request_none_of_ours() -> None:
    opened, answer = step(0, "open", is_ours=True), step(1, "answer", is_ours=False)
    assert unread_answer([opened, step(1, "take", is_ours=False)], None) is None
    assert unread_answer([replace(opened, is_ours=False), answer], None) is None
