"""Is somebody of a département there to answer what is written, before the promise is over? The plan, asked for it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from itertools import takewhile

from routing.planning.changes import openings_and_rules
from routing.planning.desk import LineState, desk_at
from routing.snapshot import Snapshot


def is_covered(
    snapshot: Snapshot, code: str, since: datetime, until: datetime, accounts: Collection[str]
) -> bool:  # fmt: skip
    """Whether a request written at `since` meets somebody of the département before `until` (aware, not included).

    `accounts`: the addresses, in small letters, of the open accounts that work on its desk. Who counts: a line that
    mails about the desk go to (`Person.is_written_to`), whose holder is there (hours, days off, closures, absences) and
    can sign in: by an account of that address, or by one that is nobody's of this desk (a mailbox that they share).
    """
    lines = {line.email.casefold() for line in snapshot.lines(code) if line.is_written_to and line.email}
    readers = lines if set(accounts) - lines else lines & set(accounts)
    if not readers:
        return False
    tried = openings_and_rules(snapshot, code, since, (until - since) // timedelta(days=1) + 1)
    moments = [since, *(moment for moment in takewhile(lambda each: each < until, tried) if moment > since)]
    return any(_is_there(snapshot, code, moment, readers) for moment in moments)


def _is_there(snapshot: Snapshot, code: str, at: datetime, readers: Collection[str]) -> bool:
    """Whether one of these people is there; who stands in from elsewhere cannot read the desk's requests."""
    return any(
        verdict.state is LineState.RINGS and (verdict.line.email or "").casefold() in readers
        for verdict in desk_at(snapshot, code, at).verdicts
    )
