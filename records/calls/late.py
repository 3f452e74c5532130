"""Calls that are written down after their number was erased: those from before the erasure come in without it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from records.calls.rows import FoldedCall
from records.privacy.calls_growing_old import RANDOM
from records.privacy.scrubbing import close_messages, scrub_calls, scrub_facts
from records.privacy.staying_erased import erased_among
from records.privacy.written import written

GOES_ON = timedelta(hours=2)
"""A call without an end that is younger than this may still go on: it is erased when it has ended."""


@dataclass(frozen=True, slots=True)
class LateCalls:
    """The calls to write, and of those that are erased the numbers to take out of their facts."""

    calls: list[FoldedCall]
    erased: Mapping[str, frozenset[str]]

    def scrub(self, connection: Connection, at: datetime) -> None:
        """Take the numbers out of the facts of erased calls, and let nothing bring them back."""
        for call_id, numbers in self.erased.items():
            for number in numbers:
                scrub_facts(connection, [call_id], written(number))
        if self.erased:
            scrub_calls(connection, list(self.erased), at)
            close_messages(connection, list(self.erased), at)


def staying_erased(
    connection: Connection, folded: Sequence[FoldedCall], fingerprint: Callable[[str | None], str | None], at: datetime
) -> LateCalls:
    """The same calls, those of erased numbers without them; one that goes on is erased when it has ended."""
    told = [
        (one.row.call_id, (one.row.caller, one.row.callback_number), one.row.started_at)
        for one in folded
        if one.row.ended_at is not None or one.row.started_at < at - GOES_ON
    ]
    erased = erased_among(connection, told, fingerprint) if told else {}
    return LateCalls([_bare(one) if one.row.call_id in erased else one for one in folded], erased)


def _bare(call: FoldedCall) -> FoldedCall:
    row = replace(call.row, caller=None, callback_number=None, is_hidden=True)
    return replace(call, row=row, fingerprint=RANDOM + secrets.token_hex(15) if call.fingerprint else None)
