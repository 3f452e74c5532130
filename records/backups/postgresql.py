"""A copy of a PostgreSQL database by its own tools, and putting one back: what was there waits in a schema aside."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, make_url, text

from records.database import Engine, SQLAlchemyError, reading, writing

COPY = "base.dump"
ASIDE = "avant_restauration_"
_STAMP = "%Y%m%d%H%M%S"
_GOING_ON = "svi: restauration en cours"
"""The comment of the schema in which the tables from before wait while others are put in their place."""

_OF_SCHEMAS = re.compile(r"^\d+; \d+ \d+ (?:COMMENT - |ACL - )?SCHEMA ")

_RELATIONS = text("""
    select c.relkind, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = :schema and c.relkind in ('r', 'p', 'v', 'm', 'S')
      and not exists (select 1 from pg_depend d where d.objid = c.oid and d.deptype in ('a', 'i', 'e'))
    order by c.relkind, c.relname
""")
"""Tables, views and sequences of their own; those of extensions stay, those of a column go with their table."""

_UNFINISHED = text("""
    select nspname from pg_namespace where nspname like :ours and obj_description(oid, 'pg_namespace') = :told
    order by nspname limit 1
""")

_FUNCTIONS = text("""
    select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = :schema and not exists (select 1 from pg_depend d where d.objid = p.oid and d.deptype = 'e')
""")


class ToolRefused(Exception):  # noqa: N818 - named as what happened
    """A tool of PostgreSQL is missing or failed; the message is French."""


def copy(url: str, schema: str, folder: Path) -> str:
    """Copy the tables of this schema into the folder, as they are at one moment; returns the copy's name."""
    _run("pg_dump", url, ["--format=custom", f"--schema={schema}", f"--file={folder / COPY}", *_ANYBODYS])
    return COPY


def check(copied: Path) -> None:
    """ToolRefused when the copy cannot be read, or the tool that reads it is missing."""
    _run("pg_restore", None, ["--list", str(copied)])


def schema_of(engine: Engine) -> str:
    """The schema in which our tables are."""
    with engine.connect() as connection:
        return str(connection.scalar(text("select current_schema()")))


def others(engine: Engine) -> int:
    """How many other processes of the service talk to this database, on whatever machine."""
    talking = text(
        "select count(*) from pg_stat_activity where datname = current_database() and usename = current_user"
        " and application_name like 'svi%' and pid <> pg_backend_pid()"
    )
    with engine.connect() as connection:
        return connection.scalar(talking) or 0


def put(engine: Engine, url: str, copied: Path, at: datetime) -> str | None:
    """Put a copy in the place of our tables; returns the schema in which those from before are, None without any.

    What fails changes nothing: either all is put back, or all is as before. It is `unfinished` until `finish` says that
    what belongs to it is done too. ToolRefused; SQLAlchemyError.
    """
    schema, aside = schema_of(engine), schema_aside(at)
    with writing(engine) as connection:
        moved = _move(connection, schema, aside)
        if moved:
            connection.execute(text(f"comment on schema {_quoted(aside)} is '{_GOING_ON}'"))
    engine.dispose()
    wanted = copied.with_name(f".{copied.name}.liste")
    try:
        listed = _run("pg_restore", None, ["--list", str(copied)]).splitlines()
        wanted.write_text("\n".join(line for line in listed if not _OF_SCHEMAS.match(line)), encoding="utf-8")
        how = ["--single-transaction", "--exit-on-error", f"--use-list={wanted}", *_ANYBODYS]
        _run("pg_restore", url, [*how, str(copied)])
    except BaseException:
        if moved:
            bring_back(engine, aside)
        raise
    finally:
        wanted.unlink(missing_ok=True)
    return aside if moved else None


def schema_aside(at: datetime) -> str:
    """The schema in which a restoration of this moment sets the tables aside."""
    return f"{ASIDE}{at.astimezone(UTC).strftime(_STAMP)}"


def unfinished(engine: Engine) -> str | None:
    """The schema of a restoration that is going on, or was killed on the way; None without any."""
    if engine.dialect.name != "postgresql":
        return None
    with reading(engine) as connection:
        found: str | None = connection.scalar(_UNFINISHED, {"ours": f"{ASIDE}%", "told": _GOING_ON})
    return found


def finish(engine: Engine, aside: str) -> None:
    """All is in its place: what waits in this schema is from before, and goes in time."""
    with writing(engine) as connection:
        connection.execute(text(f"comment on schema {_quoted(aside)} is null"))


def bring_back(engine: Engine, aside: str) -> None:
    """Put the tables that `put` has set aside back in their place; those that are there go."""
    schema = schema_of(engine)
    gone = f"{aside}_x"
    with writing(engine) as connection:
        if _move(connection, schema, gone):
            connection.execute(text(f"drop schema {_quoted(gone)} cascade"))
        _move(connection, aside, schema)
        connection.execute(text(f"drop schema {_quoted(aside)}"))


def forget_aside(engine: Engine, before: datetime) -> list[str]:
    """Drop the tables that restorations before a moment have set aside; returns their schemas."""
    if engine.dialect.name != "postgresql":
        return []
    with writing(engine) as connection:
        found = connection.scalars(
            text(
                "select nspname from pg_namespace where nspname like :ours"
                " and obj_description(oid, 'pg_namespace') is distinct from :told"
            ),
            {"ours": f"{ASIDE}%", "told": _GOING_ON},
        )
        old = [name for name in found.all() if name < schema_aside(before)]
        for name in old:
            connection.execute(text(f"drop schema {_quoted(name)} cascade"))
    return old


@contextmanager
def looking_at(engine: Engine, schema: str) -> Iterator[Connection]:
    """A connection that sees the tables set aside as ours."""
    with writing(engine) as connection:
        connection.execute(text(f"set local search_path to {_quoted(schema)}"))
        yield connection


def _move(connection: Connection, source: str, target: str) -> int:
    """Move all that is ours from one schema to another, which is made if it must; how many things moved."""
    relations = connection.execute(_RELATIONS, {"schema": source}).all()
    functions = connection.scalars(_FUNCTIONS, {"schema": source}).all()
    if relations or functions:
        connection.execute(text(f"create schema if not exists {_quoted(target)}"))
    what = {"v": "view", "m": "materialized view", "S": "sequence"}
    for kind, name in relations:
        noun = what.get(kind if isinstance(kind, str) else kind.decode(), "table")
        connection.execute(text(f"alter {noun} {_quoted(source)}.{_quoted(name)} set schema {_quoted(target)}"))
    for name in functions:
        connection.execute(text(f"alter function {name} set schema {_quoted(target)}"))
    return len(relations) + len(functions)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


_ANYBODYS = ("--no-owner", "--no-privileges")


def _run(program: str, url: str | None, options: Sequence[str]) -> str:
    """What the tool says; the password goes by its environment, where no list of processes shows it."""
    found = shutil.which(program)
    if found is None:
        raise ToolRefused(
            f"{program} est introuvable : installez les outils de PostgreSQL (paquet postgresql-client), de la même"
            " version que le serveur ou plus récente."
        )
    environment = dict(os.environ)
    where = []
    if url is not None:
        parsed = make_url(url)
        if parsed.password:
            environment["PGPASSWORD"] = str(parsed.password)
        plain = parsed.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
        where = [f"--dbname={plain}", "--no-password"]
    done = subprocess.run(  # noqa: S603 - our own arguments
        [found, *where, *options], capture_output=True, text=True, env=environment, check=False
    )
    if done.returncode:
        raise ToolRefused(_why(program, done.stderr))
    return done.stdout


def _why(program: str, told: str) -> str:
    if "server version mismatch" in told:
        return (
            f"{program} est plus ancien que le serveur PostgreSQL : installez les outils de sa version"
            " (paquet postgresql-client)."
        )
    return f"{program} a échoué : {' '.join(told.split())[:400]}"


__all__ = [
    "COPY", "SQLAlchemyError", "ToolRefused", "bring_back", "check", "copy", "finish", "forget_aside", "looking_at",
    "others", "put", "schema_aside", "schema_of", "unfinished",
]  # fmt: skip
