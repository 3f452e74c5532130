"""A SQLite file that is replaced or deleted while it is open is noticed: nobody writes into what nobody will read.

Every use of a connection looks whether the file at its path is still the one that it has open. A connection to another
one is closed; a write that was committed to it is an error, to be tried again (`DatabaseReplaced`). A file that was
there and is gone is not made again by whoever comes first: `begin_anew` allows it.

The log of writes beside the file (`-wal`, `-shm`) belongs to the file it was made for, but SQLite knows it by its name
alone and would play it over the new one. A note says which files belong together, and a log of another file is moved
aside before the new file is opened (https://sqlite.org/howtocorrupt.html, « unlinking or renaming a database file »).
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DisconnectionError, OperationalError

FileIdentity = tuple[int, int, int]
"""Device, inode and birth: what tells a file from another one of the same name, though it may have the same inode."""

_FILE, _MAY_MAKE = "svi_file", "svi_may_make"
_LOGS = ("-wal", "-shm")
_TRIES = 3


class DatabaseReplaced(OperationalError):  # noqa: N818 - named as what happened
    """What was written went to a file that is no more the database: it is to be written again."""

    def __init__(self) -> None:
        super().__init__(None, None, sqlite3.OperationalError("the database file was replaced"))


def watch_file(engine: Engine, path: Path) -> None:
    """Never use a connection to a file that is not the one at `path`."""
    may_make = [True]

    def connect(dialect: Any, record: Any, arguments: Any, options: Any) -> Any:
        try:
            return connected(dialect, record, arguments, options)
        except OSError as error:
            raise sqlite3.OperationalError("unable to open database file") from error

    def connected(dialect: Any, record: Any, arguments: Any, options: Any) -> Any:
        for _ in range(_TRIES):
            with _one_at_a_time(path.parent):
                before = identity_of(path)
                if before is None and not may_make[0]:
                    break
                _move_logs_of_another(path, before)
                connection = dialect.connect(*arguments, **options)
                opened = identity_of(path)
                if opened is not None and before in {None, opened}:
                    may_make[0] = False
                    record.info[_FILE] = opened
                    return connection
                connection.close()
        raise sqlite3.OperationalError("unable to open database file: it is gone")

    def note(_connection: Any, record: Any) -> None:
        with suppress(OSError):
            _note(path, record.info[_FILE])

    def check_out(_connection: Any, record: Any, _proxy: Any) -> None:
        if record.info.get(_FILE) != identity_of(path):
            raise DisconnectionError("the database file was replaced")

    event.listen(engine, "do_connect", connect)
    event.listen(engine, "connect", note)
    event.listen(engine, "checkout", check_out)
    engine.update_execution_options(**{_FILE: path, _MAY_MAKE: may_make})


def identity_of(path: Path) -> FileIdentity | None:
    """Which file stands at this path, None when there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, _born(path)


_STATX = getattr(ctypes.CDLL(None), "statx", None)
_HERE, _BIRTH = -100, 0x800
_SIZE, _MASK, _SECONDS, _NANOSECONDS = 256, slice(0, 4), slice(80, 88), slice(88, 92)
"""Of `struct statx`, in bytes (https://man7.org/linux/man-pages/man2/statx.2.html)."""


def _born(path: Path) -> int:
    """When the file was made, in nanoseconds; 0 where the file system or the C library does not tell it.

    `rm` and `cp` give the same inode again, on ext4 as a rule. The file is asked by its path, as only the C library
    can: to open it and close it again would drop the locks that SQLite holds there for this process.
    """
    found = ctypes.create_string_buffer(_SIZE)
    if _STATX is None or _STATX(_HERE, os.fsencode(path), 0, _BIRTH, found):
        return 0
    mask, seconds, rest = (int.from_bytes(found.raw[part], sys.byteorder) for part in (_MASK, _SECONDS, _NANOSECONDS))
    return seconds * 1_000_000_000 + rest if mask & _BIRTH else 0


def file_of(engine: Engine) -> Path | None:
    """The file of a SQLite database, None for another kind."""
    return engine.get_execution_options().get(_FILE)


def begin_anew(engine: Engine) -> None:
    """Allow the next connection to make the file again, which was there and is gone."""
    path = file_of(engine)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        engine.get_execution_options()[_MAY_MAKE][0] = True


def check_still_there(connection: Connection) -> None:
    """DatabaseReplaced when what was just committed went to a file that is no more the database."""
    path = connection.engine.get_execution_options().get(_FILE)
    if path is not None and connection.info.get(_FILE) != identity_of(path):
        connection.invalidate()
        raise DatabaseReplaced


def _move_logs_of_another(path: Path, current: FileIdentity | None) -> None:
    """Move aside the log that was made for another file than the one that stands here now."""
    noted = _noted(path)
    if not noted or noted.get("") == current:
        return
    for suffix in _LOGS:
        log = path.with_name(path.name + suffix)
        if noted.get(suffix) is not None and noted[suffix] == identity_of(log):
            log.replace(log.with_name(f"{log.name}.replaced"))


def forget_moved_logs(path: Path, before: datetime) -> None:
    """Delete the logs of other files that were moved aside before this moment: they hold what calls told."""
    for suffix in _LOGS:
        log = path.with_name(f"{path.name}{suffix}.replaced")
        with suppress(FileNotFoundError):
            if log.stat().st_mtime < before.timestamp():
                log.unlink()


def _note(path: Path, current: FileIdentity) -> None:
    """Write down which files belong together."""
    with _one_at_a_time(path.parent):
        found = {"": current} | {suffix: identity_of(path.with_name(path.name + suffix)) for suffix in _LOGS}
        if found[""] != identity_of(path) or found == _noted(path):
            return
        fresh = _note_path(path).with_suffix(f".{os.getpid()}")
        fresh.write_text(json.dumps(found), encoding="ascii")
        fresh.replace(_note_path(path))


def _noted(path: Path) -> dict[str, FileIdentity | None]:
    try:
        found = json.loads(_note_path(path).read_text(encoding="ascii"))
        return {name: tuple(one) if one else None for name, one in found.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _note_path(path: Path) -> Path:
    return path.with_name(f".{path.name}.files")


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """One process at a time opens a database of this folder."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
