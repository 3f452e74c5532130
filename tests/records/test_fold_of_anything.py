"""The row of a call, from facts that nobody would write: none breaks the fold, no order changes it."""

from __future__ import annotations

import random

from hypothesis import given as when
from hypothesis import settings
from hypothesis import strategies as st

from records.calls.fold import fold
from records.facts import (
    AbsenceReason,
    Fact,
    FactKind,
    LegStatus,
    Outcome,
)
from tests.records.play import (
    ALICE,
    BRUNO,
    CALL,
    CHLOE,
    STORIES,
    at,
    ended,
)
from tests.records.rows import row_of

NUMBERS = st.integers(0, 6)
PEOPLE = st.sampled_from([ALICE, BRUNO, CHLOE])
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 10**12),
    st.floats(allow_nan=True),
    st.text(max_size=5),
    st.sampled_from([*LegStatus, *AbsenceReason, "2026-01-05T08:13:00+00:00", "99"]),
    st.lists(st.one_of(PEOPLE, st.text(max_size=3)), max_size=3),
)
NAMES = (
    "caller", "dialled", "departement", "by", "desk", "reason", "people", "status", "bridged", "leg", "seconds",
    "caller_gone", "number", "of", "recording", "timestamp", "started", "ended", "legs",
)  # fmt: skip


@st.composite
def any_fact(draw: st.DrawFn) -> Fact:
    kind = draw(st.sampled_from(list(FactKind)))
    who = draw(st.sampled_from(["", "alice123", "bruno123"]))
    data = draw(st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6))
    return Fact(CALL, kind, draw(NUMBERS), at(draw(st.integers(0, 300))), who, data)


@settings(max_examples=200)
@when(st.lists(any_fact(), max_size=14), st.randoms())
def test_no_fact_however_strange_breaks_the_fold_and_no_order_changes_it(facts: list[Fact], rng: random.Random) -> None:
    row = fold(CALL, facts)
    again = facts * 2
    rng.shuffle(again)
    assert fold(CALL, again) == row
    if row is not None:
        figures = (row.wait_seconds, row.talk_seconds, row.total_seconds, row.message_seconds)
        assert all(value is None or value >= 0 for value in figures)


TOLD = [one for story in STORIES.values() for one in story()]
SOME = st.lists(st.sampled_from(TOLD), min_size=1, max_size=20)


@settings(max_examples=150)
@when(SOME, SOME)
def test_a_call_that_has_ended_never_goes_back_to_being_in_progress(facts: list[Fact], late: list[Fact]) -> None:
    assert row_of(*facts, ended(300)).outcome is not Outcome.IN_PROGRESS
    assert row_of(*facts, ended(300), *late).outcome is not Outcome.IN_PROGRESS
