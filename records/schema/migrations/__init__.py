"""Bringing a database up to the tables of this version: numbered steps, one after the other, run by `migrate`.

Steps only add (expand); what an older release needs is taken away by a later one (contract), which then raises the one
line of `schema_floor`. So a release that is rolled back finds a database newer than itself, and may go on writing there
as long as the line allows it (decision 90).
"""

from __future__ import annotations

import time
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, select
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from records.database import Connection, Engine, reading, writing
from records.schema.ledger_tables import schema_floor

_LOCK = 806_000_156
"""The advisory lock that keeps two machines from migrating one PostgreSQL at once."""

_LOCK_TRIES = 3
_LOCK_PAUSE = 0.5
_LOCK_NOT_AVAILABLE = "55P03"


class NewerDatabase(SQLAlchemyError):  # noqa: N818 - named as what it is
    """The database is at a revision that this version does not know and must not write to: `revision`."""

    def __init__(self, revision: str) -> None:
        super().__init__(f"the database is at revision {revision}, newer than {newest_version()}")
        self.revision = revision


def migrate(engine: Engine) -> str | None:
    """Bring the database up to date, all or nothing; SQLAlchemyError when it is away or busy, to be tried again.

    A newer database is left as it is: its revision is returned when this version may go on writing there, and
    NewerDatabase raised when it may not.
    """
    for _ in range(_LOCK_TRIES - 1):
        try:
            return _migrate(engine)
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
                raise
        time.sleep(_LOCK_PAUSE)
    return _migrate(engine)


def _migrate(engine: Engine) -> str | None:
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            # Whoever reads or writes a table waits behind a step that waits for its lock: two seconds at most. A step
            # itself may take minutes where there are many calls.
            connection.exec_driver_sql("SET LOCAL lock_timeout = '2s'")
            connection.exec_driver_sql("SET LOCAL statement_timeout = '30min'")
            connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = '30min'")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        version = _version(connection)
        if version == newest_version():
            return None
        if version is not None and not _is_known(version):
            return _allowed(connection, version)
        command.upgrade(_config(connection), "head")
    return None


def _allowed(connection: Connection, version: str) -> str:
    """The revision of a newer database, when the code of this one may write there; NewerDatabase otherwise."""
    if not inspect(connection).has_table(schema_floor.name):
        raise NewerDatabase(version)
    check_may_write(connection)
    return version


def check_may_write(connection: Connection) -> None:
    """NewerDatabase when the database says that code of this version must not write there any more: one short query."""
    floor = connection.scalar(select(schema_floor.c.oldest))
    if floor is None or floor > newest_version():
        raise NewerDatabase(_version(connection) or "")


def is_up_to_date(engine: Engine) -> bool:
    """Whether the database has the tables of this version."""
    with reading(engine) as connection:
        return _version(connection) == newest_version()


def newer_revision(engine: Engine) -> str | None:
    """The revision of a database that this version does not know, so that it must be newer; None for any other."""
    with reading(engine) as connection:
        version = _version(connection)
    return version if version is not None and not _is_known(version) else None


def version_of(engine: Engine) -> str | None:
    """The number of the last step that the database has taken; None for an empty one."""
    with reading(engine) as connection:
        return _version(connection)


def knows(version: str | None) -> bool:
    """Whether a database of this version can be brought up to date by this code: it is not a newer one."""
    return version is None or _is_known(version)


@cache
def newest_version() -> str:
    """The number of the last step."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def _is_known(version: str) -> bool:
    return any(step.revision == version for step in ScriptDirectory.from_config(_config()).walk_revisions())


def _version(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
