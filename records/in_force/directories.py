"""Every directory that was ever published; the highest version serves (decision 23)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, func, insert, inspect, select

from records.schema.tables import directory_versions


@dataclass(frozen=True, slots=True)
class PublishedDirectory:
    """One version: the file as it was given, by whom and when (UTC)."""

    version: int
    published_at: datetime
    published_by: str
    csv: str
    note: str


def add_directory(connection: Connection, csv: str, *, by: str, at: datetime, note: str = "") -> int:
    """Publish a directory file and return its version."""
    row = {"csv": csv, "published_by": by, "published_at": at, "note": note}
    added = insert(directory_versions).values(row).returning(directory_versions.c.version)
    return int(connection.execute(added).scalar_one())


def latest_version(connection: Connection) -> int:
    """The version that serves; 0 when none was ever published."""
    return int(connection.scalar(select(func.max(directory_versions.c.version))) or 0)


def published_at(connection: Connection, version: int) -> datetime | None:
    """When a version was published: after a restore another one may have its number. None when there is none."""
    moment: datetime | None = connection.scalar(
        select(directory_versions.c.published_at).where(directory_versions.c.version == version)
    )
    return moment


def published_directory(connection: Connection, version: int) -> PublishedDirectory | None:
    """One version, None when there is none of that number."""
    wanted = select(directory_versions).where(directory_versions.c.version == version)
    row = connection.execute(wanted).mappings().one_or_none()
    return PublishedDirectory(**row) if row else None


def directory_history(connection: Connection, limit: int = 50) -> list[PublishedDirectory]:
    """The last versions, the newest first."""
    newest = select(directory_versions).order_by(directory_versions.c.version.desc()).limit(limit)
    return [PublishedDirectory(**row) for row in connection.execute(newest).mappings()]


def has_tables(engine: Engine) -> bool:
    """Whether this database was ever prepared (an older version's tables count too)."""
    return inspect(engine).has_table(directory_versions.name)
