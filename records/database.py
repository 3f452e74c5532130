"""Opening the database: SQLite (the default, one machine) and PostgreSQL, behaving alike for those who use them.

On SQLite whoever writes takes the write lock at once (`BEGIN IMMEDIATE`), so that nobody finds it taken half-way; a
reader opened by `reading` takes none and waits for nobody.

A SQLite file that is replaced while it is open is noticed by whoever uses it (`records/sqlite_file.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, String, Table, create_engine, event, literal, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from records.sqlite_file import FileIdentity, begin_anew, check_still_there, file_of, identity_of, watch_file
from records.wording import plain

__all__ = [
    "Connection",
    "DatabaseRefusedError",
    "Engine",
    "FileIdentity",
    "SQLAlchemyError",
    "begin_anew",
    "file_of",
    "folded",
    "folded_text",
    "identity_of",
    "insert_for",
    "insert_into",
    "insert_unless_there",
    "is_unreachable",
    "open_database",
    "reading",
    "writing",
]

_READS = "svi_reads_only"
_SQLITE_AWAY = (
    "unable to open",
    "is locked",
    "disk i/o error",
    "not a database",
    "malformed",
    "readonly",
    "is full",
    "no such table",
    "was replaced",
)
_POSTGRESQL_AWAY = frozenset({"08", "25", "28", "3D", "40", "53", "55", "57", "58"})
"""Classes of errors: connection, transaction, sign-in, no such database, conflict, resources, operator, system."""

_POSTGRESQL_NOT_PREPARED = "42P01"


HURRIED_MS = 250
"""Milliseconds that a statement or a lock may take while a caller waits."""


class DatabaseRefusedError(ValueError):
    """The address names no database that the service can use; the message is French."""


def open_database(url: str, *, is_hurried: bool = False) -> Engine:
    """The engine of a database address, nothing being connected yet; DatabaseRefusedError for another kind of address.

    `postgresql://` and `postgres://` are served by psycopg 3. With `is_hurried` no statement and no lock is waited for
    longer than a caller may wait: a quarter of a second.
    """
    try:
        parsed = make_url(url)
    except SQLAlchemyError as error:
        raise DatabaseRefusedError("L'adresse de la base de données (DATABASE_URL) est illisible.") from error
    kind = parsed.drivername.partition("+")[0]
    if kind == "sqlite":
        return _open_sqlite(url, busy_timeout=HURRIED_MS if is_hurried else 5000)
    if kind in {"postgres", "postgresql"}:
        address = parsed.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
        return _open_hurried(address) if is_hurried else _open_postgresql(address)
    raise DatabaseRefusedError(f"La base de données « {kind} » n'est pas prise en charge : SQLite ou PostgreSQL.")


def _open_sqlite(url: str, busy_timeout: int) -> Engine:
    path = make_url(url).database
    engine = create_engine(url, connect_args={"check_same_thread": False}, hide_parameters=True)
    event.listen(engine, "connect", partial(_set_up_sqlite, busy_timeout))
    event.listen(engine, "begin", _begin_sqlite)
    if path and path != ":memory:" and not path.startswith("file:"):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        watch_file(engine, Path(path))
    return engine


def _set_up_sqlite(busy_timeout: int, connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    connection.create_function("svi_folded", 1, _folded_value, deterministic=True)
    cursor = connection.cursor()
    for setting in (f"busy_timeout={busy_timeout}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {setting}")
    cursor.execute("SELECT count(*) FROM sqlite_master").fetchall()  # its log exists from here on
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    is_reader = connection.get_execution_options().get(_READS, False)
    connection.exec_driver_sql("BEGIN" if is_reader else "BEGIN IMMEDIATE")


def _open_postgresql(url: str) -> Engine:
    # Calls of a period are read by index: on a solid-state disk a random page costs hardly more than the next one.
    planner = "-c random_page_cost=1.1"
    limits = "-c lock_timeout=3000 -c statement_timeout=30000 -c idle_in_transaction_session_timeout=60000"
    return create_engine(
        url,
        hide_parameters=True,  # an error in the log must carry nobody's number
        pool_pre_ping=True,
        pool_timeout=5,
        connect_args={
            "connect_timeout": 3,
            "options": f"{limits} {planner} -c timezone=UTC",
            "application_name": "svi",
        },
    )


def _open_hurried(url: str) -> Engine:
    """A server that is gone or stands still is given up: its own limits, and those of the line to it."""
    limits = f"-c lock_timeout={HURRIED_MS} -c statement_timeout={HURRIED_MS}"
    return create_engine(
        url,
        hide_parameters=True,
        pool_pre_ping=True,
        pool_size=8,
        pool_timeout=HURRIED_MS / 1000,
        connect_args={
            "connect_timeout": 2,
            "tcp_user_timeout": 1000,
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
            "options": f"{limits} -c idle_in_transaction_session_timeout=2000 -c timezone=UTC",
            "application_name": "svi-appels",
        },
    )


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that may write, committed at the end of the block and undone by an exception.

    DatabaseReplaced when the SQLite file was replaced meanwhile.
    """
    with engine.connect() as connection:
        with connection.begin():
            yield connection
        check_still_there(connection)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One consistent view to read from, the same for all its statements; no writer waits for it."""
    options: dict[str, Any] = {_READS: True}
    if engine.dialect.name == "postgresql":
        options["isolation_level"] = "REPEATABLE READ"
    with engine.connect().execution_options(**options) as connection:
        yield connection


def insert_for(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT of this database's own kind, which may say what to do with a row that is there already."""
    return insert_into(connection.dialect.name, table)


def insert_into(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    """The same for whoever keeps the statement: to build one takes as long as to run it."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def insert_unless_there(connection: Connection, table: Table, values: dict[str, Any]) -> bool:
    """Whether the line was added; False when one of the same key was there."""
    added = insert_for(connection, table).values(**values).on_conflict_do_nothing().returning(literal(1))
    return connection.execute(added).first() is not None


def is_unreachable(error: BaseException) -> bool:
    """Whether an error says that the database is away, busy, full or not prepared, not that a value was wrong."""
    if isinstance(error, PoolTimeoutError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    sqlstate = getattr(error.orig, "sqlstate", None)
    if sqlstate is not None:
        return sqlstate[:2] in _POSTGRESQL_AWAY or sqlstate == _POSTGRESQL_NOT_PREPARED
    if type(error.orig).__module__.startswith("sqlite3"):
        return any(words in str(error.orig).lower() for words in _SQLITE_AWAY)
    return isinstance(error, OperationalError | InterfaceError)


# ---------------------------------------------------------------- words compared by the database


def folded_text(text: str) -> str:
    """The text as `folded` makes it: small letters, no accents, ligatures taken apart, one kind of apostrophe."""
    return plain(text).replace("’", "'")


def _folded_value(text: str | None) -> str | None:
    return None if text is None else folded_text(text)


class _Folded(FunctionElement[str]):
    """A text of a row as `folded_text` makes it; each database has its own way."""

    type = String()
    name = "svi_folded"
    inherit_cache = True


def folded(column: ColumnElement[str]) -> ColumnElement[str]:
    """The text of a row without case and accents, to be compared with what `folded_text` makes of a typed word."""
    return _Folded(column)


@compiles(_Folded)
def _folded_by_us(element: _Folded, compiler: Any, **more: Any) -> str:
    return f"svi_folded({compiler.process(element.clauses, **more)})"


_ACCENTED = {
    sign: plain(sign) for sign in map(chr, range(0xC0, 0x180)) if len(plain(sign)) == 1 and plain(sign) != sign
}
_ACCENTED |= {"’": "''", "\u00a0": " ", "\u202f": " ", "Œ": "œ", "Æ": "æ"}
_COMBINING = "".join(map(chr, range(0x300, 0x370)))
"""`translate` drops what has no partner."""


@compiles(_Folded, "postgresql")
def _folded_by_postgresql(element: _Folded, compiler: Any, **more: Any) -> str:
    text, signs = compiler.process(element.clauses, **more), "".join(_ACCENTED)
    small = f"lower(translate({text}, '{signs}{_COMBINING}', '{''.join(_ACCENTED.values())}'))"
    return f"replace(replace({small}, 'œ', 'oe'), 'æ', 'ae')"
