"""Calls that come in late, of numbers that were erased since: they are written down without their number."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime

from sqlalchemy import Connection

from records.privacy.erased import erased_moments

Fingerprint = Callable[[str | None], str | None]
Told = tuple[str, tuple[str | None, ...], datetime]
"""A call's id, the numbers that it tells, and when it was."""


def erased_among(connection: Connection, told: Iterable[Told], fingerprint: Fingerprint) -> dict[str, frozenset[str]]:
    """Those of these calls that are of an erased number and were before its erasure, with those numbers."""
    prints: dict[str, dict[str, str]] = {}
    moments: dict[str, datetime] = {}
    for call_id, numbers, at in told:
        of_call = {number: made for number in numbers if number and (made := fingerprint(number))}
        if of_call:
            prints[call_id], moments[call_id] = of_call, at
    erased = erased_moments(connection, {made for of_call in prints.values() for made in of_call.values()})
    found: dict[str, frozenset[str]] = {}
    for call_id, of_call in prints.items():
        gone = {one for one, made in of_call.items() if made in erased and moments[call_id] <= erased[made]}
        if gone:
            found[call_id] = frozenset(gone)
    return found


def erased_numbers_among(
    connection: Connection, told: Collection[tuple[str, datetime]], fingerprint: Fingerprint
) -> frozenset[tuple[str, datetime]]:
    """Those of these (number, moment) that are erased: what the number did at that moment was before its erasure."""
    prints = {number: made for number, _ in told if (made := fingerprint(number))}
    erased = erased_moments(connection, set(prints.values()))
    return frozenset(
        (number, at) for number, at in told if number in prints and at <= erased.get(prints[number], _NEVER)
    )


_NEVER = datetime.fromisoformat("0001-01-01T00:00:00+00:00")
