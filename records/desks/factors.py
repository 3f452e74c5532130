"""Second factors as the database keeps them: which application is an account's, and the codes that replace it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from records.database import insert_for
from records.schema.access_tables import recovery_codes, second_factors


@dataclass(frozen=True, slots=True)
class Factor:
    """An account's application; not yet proved while `enrolled_at` is None. `last_step`: of the last code taken."""

    account_id: int
    salt: str
    enrolled_at: datetime | None
    last_step: int


def find_factor(connection: Connection, account_id: int) -> Factor | None:
    """The account's application, proved or not."""
    row = connection.execute(select(second_factors).where(second_factors.c.account_id == account_id)).first()
    return Factor(row.account_id, row.salt, row.enrolled_at, row.last_step) if row else None


def offer_factor(connection: Connection, account_id: int, salt: str) -> Factor:
    """The application to be proved: the one that was offered before, else this one."""
    values = {"account_id": account_id, "salt": salt, "last_step": 0}
    connection.execute(insert_for(connection, second_factors).values(**values).on_conflict_do_nothing())
    found = find_factor(connection, account_id)
    if found is None:
        raise LookupError(account_id)
    return found


def take_step(connection: Connection, account_id: int, step: int, at: datetime) -> bool:
    """Take the code of this time step, which proves the application; False for a step that was taken before.

    Two requests with one code at once: the line is changed by one of them only.
    """
    newer = (second_factors.c.account_id == account_id, second_factors.c.last_step < step)
    values = {"last_step": step, "enrolled_at": func.coalesce(second_factors.c.enrolled_at, at)}
    return connection.execute(update(second_factors).where(*newer).values(values)).rowcount == 1


def forget_factor(connection: Connection, account_id: int) -> bool:
    """Whether the account had an application; its recovery codes go with it."""
    connection.execute(delete(recovery_codes).where(recovery_codes.c.account_id == account_id))
    return connection.execute(delete(second_factors).where(second_factors.c.account_id == account_id)).rowcount == 1


def renew_recovery_codes(connection: Connection, account_id: int, hashes: Collection[str]) -> None:
    """These codes and no others replace the application, once each."""
    connection.execute(delete(recovery_codes).where(recovery_codes.c.account_id == account_id))
    connection.execute(insert(recovery_codes), [{"code_hash": one, "account_id": account_id} for one in hashes])


def use_recovery_code(connection: Connection, account_id: int, code_hash: str, at: datetime) -> bool:
    """Whether the code was one of the account's, and not used yet."""
    mine = (recovery_codes.c.code_hash == code_hash, recovery_codes.c.account_id == account_id)
    unused = update(recovery_codes).where(*mine, recovery_codes.c.used_at.is_(None)).values(used_at=at)
    return connection.execute(unused).rowcount == 1


def count_recovery_codes(connection: Connection, account_id: int) -> int:
    """How many of the account's codes are left."""
    left = (recovery_codes.c.account_id == account_id, recovery_codes.c.used_at.is_(None))
    return int(connection.execute(select(func.count()).where(*left)).scalar_one())


def with_factor(connection: Connection) -> frozenset[int]:
    """The accounts that have proved an application."""
    query = select(second_factors.c.account_id).where(second_factors.c.enrolled_at.isnot(None))
    return frozenset(connection.execute(query).scalars())
