"""What keeps files: one small interface, whatever is behind it, and the one that keeps them in the database.

The database is reached by every machine; a folder is one machine's, or a mount that several share (decision 91).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import ColumnElement, delete, select

from records.database import Connection, Engine, SQLAlchemyError, insert_for, reading, writing
from records.schema.audio_tables import stored_files


class FileStore(Protocol):
    """Whole files by their name; each method raises OSError when the store cannot be reached or refuses."""

    def put(self, name: str, content: bytes) -> None:
        """Keep this content for good under this name, whole or not at all; it takes the place of another one."""
        ...

    def get(self, name: str) -> bytes | None:
        """The content kept under this name, None when there is none."""
        ...

    def delete(self, name: str) -> None:
        """Let this file go; nothing happens when it is gone."""
        ...

    def list(self) -> Mapping[str, datetime]:
        """The name of every file kept, and when it was put there (aware, UTC)."""
        ...


class StoreAway(OSError):  # noqa: N818 - named as what happened
    """The database that keeps files cannot be reached, or refuses."""


@dataclass(frozen=True, slots=True)
class DatabaseStore:
    """Files of one `area` (« voicemail », « audio », « pieces ») as rows of the database."""

    engine: Engine
    area: str
    clock: Callable[[], datetime]

    def put(self, name: str, content: bytes) -> None:
        """Write this content as a row."""
        self.put_at(name, content, self.clock())

    def put_at(self, name: str, content: bytes, at: datetime) -> None:
        """Write this content as a row, as put there at that moment."""
        with self._writing() as connection:
            self._write(connection, name, content, at)

    def put_with(self, connection: Connection, name: str, content: bytes) -> None:
        """Write this content with what else this transaction writes: both are there, or neither."""
        with _told():
            self._write(connection, name, content, self.clock())

    def _write(self, connection: Connection, name: str, content: bytes, at: datetime) -> None:
        row = {"area": self.area, "name": name, "content": content, "bytes": len(content), "put_at": at}
        statement = insert_for(connection, stored_files).values(row)
        new = {one: getattr(statement.excluded, one) for one in ("content", "bytes", "put_at")}
        connection.execute(statement.on_conflict_do_update(index_elements=["area", "name"], set_=new))

    def get(self, name: str) -> bytes | None:
        """The content of this row."""
        with _told(), reading(self.engine) as connection:
            found = connection.scalar(select(stored_files.c.content).where(*self._named(name)))
        return None if found is None else bytes(found)

    def delete(self, name: str) -> None:
        """Delete this row."""
        with self._writing() as connection:
            connection.execute(delete(stored_files).where(*self._named(name)))

    def list(self) -> Mapping[str, datetime]:
        """The rows of this area."""
        mine = select(stored_files.c.name, stored_files.c.put_at).where(stored_files.c.area == self.area)
        with _told(), reading(self.engine) as connection:
            return {row.name: row.put_at for row in connection.execute(mine)}

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with _told(), writing(self.engine) as connection:
            yield connection

    def _named(self, name: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        return stored_files.c.area == self.area, stored_files.c.name == name


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        raise StoreAway(type(error).__name__) from error
