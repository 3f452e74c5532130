"""The row that facts fold into, as the tests ask for it."""

from __future__ import annotations

from records.calls.fold import fold
from records.facts import AttemptResult, CallRow, Fact
from tests.records.play import CALL


def row_of(*facts: Fact) -> CallRow:
    row = fold(CALL, facts)
    assert row is not None
    return row


def results(row: CallRow) -> list[tuple[str, AttemptResult | None]]:
    return [(attempt.person, attempt.result) for attempt in row.attempts]
