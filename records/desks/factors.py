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
    """The application that an account has proved. `last_step`: of the last code taken."""

    account_id: int
    salt: str
    enrolled_at: datetime
    last_step: int


def find_factor(connection: Connection, account_id: int) -> Factor | None:
    """The account's application; None when it has proved none."""
    row = connection.execute(select(second_factors).where(second_factors.c.account_id == account_id)).first()
    return Factor(row.account_id, row.salt, row.enrolled_at, row.last_step) if row else None


def enrol_factor(connection: Connection, account_id: int, salt: str, step: int, at: datetime) -> bool:
    """Whether this application is the account's from now on, this step taken; False when the account has one."""
    values = {"account_id": account_id, "salt": salt, "enrolled_at": at, "last_step": step}
    added = insert_for(connection, second_factors).values(**values).on_conflict_do_nothing()
    return connection.execute(added.returning(second_factors.c.account_id)).first() is not None


def take_step(connection: Connection, account_id: int, step: int) -> bool:
    """Take the code of this time step; False for a step that was taken before.

    Two requests with one code at once: the line is changed by one of them only.
    """
    newer = (second_factors.c.account_id == account_id, second_factors.c.last_step < step)
    return connection.execute(update(second_factors).where(*newer).values(last_step=step)).rowcount == 1


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
    return frozenset(connection.execute(select(second_factors.c.account_id)).scalars())
