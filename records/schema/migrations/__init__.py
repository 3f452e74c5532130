"""Bringing a database up to the tables of this version: numbered steps, one after the other, run by `migrate`."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from records.database import Connection, Engine, reading, writing

_LOCK = 806_000_156
"""The advisory lock that keeps two machines from migrating one PostgreSQL at once."""


def migrate(engine: Engine) -> None:
    """Bring the database up to date, all or nothing; SQLAlchemyError when it is away or busy, to be tried again."""
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL lock_timeout = '2s'")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        if _version(connection) != newest_version():
            command.upgrade(_config(connection), "head")


def is_up_to_date(engine: Engine) -> bool:
    """Whether the database has the tables of this version."""
    with reading(engine) as connection:
        return _version(connection) == newest_version()


def version_of(engine: Engine) -> str | None:
    """The number of the last step that the database has taken; None for an empty one."""
    with reading(engine) as connection:
        return _version(connection)


def knows(version: str | None) -> bool:
    """Whether a database of this version can be brought up to date by this code: it is not a newer one."""
    return version is None or version in {
        step.revision for step in ScriptDirectory.from_config(_config()).walk_revisions()
    }


def newest_version() -> str:
    """The number of the last step."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def _version(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
