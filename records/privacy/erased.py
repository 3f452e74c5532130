"""Numbers that were erased, by their keyed fingerprints: what happened before stays erased, a later call is a new one.

The fingerprint is the one that the memory of callers and `calls.caller_fingerprint` use (decision 95).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from sqlalchemy import Connection, func, select

from records.database import insert_for
from records.schema.privacy_tables import erased_numbers, forgetting_machines

AT_ONCE = 500


def keep_erased(connection: Connection, fingerprint: str, at: datetime) -> None:
    """Remember that a number was erased; of two erasures the later one counts."""
    statement = insert_for(connection, erased_numbers).values(fingerprint=fingerprint, erased_at=at)
    later = statement.excluded.erased_at > erased_numbers.c.erased_at
    key = [erased_numbers.c.fingerprint]
    connection.execute(statement.on_conflict_do_update(index_elements=key, set_={"erased_at": at}, where=later))


def is_erased(connection: Connection, fingerprint: str, happened_at: datetime) -> bool:
    """Whether what a number did at this moment is erased: it was before the erasure."""
    erased_at = erased_moments(connection, [fingerprint]).get(fingerprint)
    return erased_at is not None and happened_at <= erased_at


def erased_moments(connection: Connection, fingerprints: Collection[str]) -> dict[str, datetime]:
    """When each of these fingerprints was erased; those that were not are left out."""
    found: dict[str, datetime] = {}
    for some in _pieces(fingerprints):
        query = select(erased_numbers.c.fingerprint, erased_numbers.c.erased_at)
        rows = connection.execute(query.where(erased_numbers.c.fingerprint.in_(some)))
        found |= {row.fingerprint: row.erased_at for row in rows}
    return found


def all_erased(connection: Connection) -> dict[str, datetime]:
    """Every erased fingerprint, and when: what a restore has to bring over."""
    rows = connection.execute(select(erased_numbers.c.fingerprint, erased_numbers.c.erased_at))
    return {row.fingerprint: row.erased_at for row in rows}


def keep_all_erased(connection: Connection, erased: Mapping[str, datetime]) -> None:
    """Remember them all, beside those that are known."""
    for fingerprint, at in erased.items():
        keep_erased(connection, fingerprint, at)


# ---------------------------------------------------------------- the machines of the house


def erased_since(connection: Connection, since: datetime | None) -> list[tuple[str, datetime]]:
    """The fingerprints erased after a moment (None: ever), and when; oldest first."""
    query = select(erased_numbers.c.fingerprint, erased_numbers.c.erased_at).order_by(erased_numbers.c.erased_at)
    if since is not None:
        query = query.where(erased_numbers.c.erased_at > since)
    return [(row.fingerprint, row.erased_at) for row in connection.execute(query)]


def newest_erasure(connection: Connection) -> datetime | None:
    """When a number was last erased."""
    newest: datetime | None = connection.scalar(select(func.max(erased_numbers.c.erased_at)))
    return newest


def forgotten_until(connection: Connection, machine: str) -> datetime | None:
    """Up to which erasure the files of this machine have forgotten."""
    query = select(forgetting_machines.c.forgot_until).where(forgetting_machines.c.machine == machine)
    found: datetime | None = connection.scalar(query)
    return found


def say_forgotten(connection: Connection, machine: str, until: datetime | None, at: datetime) -> None:
    """This machine is there, and its own files have forgotten every number erased up to `until`."""
    values = {"machine": machine, "seen_at": at, "forgot_until": until}
    statement = insert_for(connection, forgetting_machines).values(**values)
    new = {"seen_at": at, "forgot_until": until}
    connection.execute(statement.on_conflict_do_update(index_elements=["machine"], set_=new))


def machines(connection: Connection, seen_since: datetime) -> dict[str, datetime | None]:
    """The machines whose clerk was there lately, and up to which erasure each has forgotten."""
    query = select(forgetting_machines.c.machine, forgetting_machines.c.forgot_until)
    rows = connection.execute(query.where(forgetting_machines.c.seen_at >= seen_since))
    return {row.machine: row.forgot_until for row in rows}


def _pieces(items: Collection[str]) -> Iterator[list[str]]:
    listed = sorted(set(items))
    for start in range(0, len(listed), AT_ONCE):
        yield listed[start : start + AT_ONCE]
