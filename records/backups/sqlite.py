"""A copy of an SQLite database while others write (its own online backup), and putting one back in its place."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from sqlalchemy import make_url

COPY = "base.sqlite"


class CopyDamaged(Exception):  # noqa: N818 - named as what happened
    """What was to be put back is no whole SQLite database."""


def copy(url: str, folder: Path) -> str:
    """Copy the database of this address into the folder, as it is at one moment; returns the copy's name.

    Writers go on meanwhile. Raises OSError when the disk or the database refuses.
    """
    target = folder / COPY
    try:
        with (
            closing(sqlite3.connect(f"{path_of(url).as_uri()}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(target)) as copied,
        ):
            source.backup(copied)
            copied.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise OSError(f"SQLite: {error}") from error
    _sync(target)
    return COPY


def put(url: str, copied: Path, aside: Path) -> None:
    """Put a copy in the place of the database of this address, at once; the one before is kept in `aside`.

    Nobody may have it open. CopyDamaged, with nothing changed, when the copy is not whole; raises OSError.
    """
    path = path_of(url)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.restauration")
    shutil.copyfile(copied, fresh)
    fresh.chmod(0o600)
    _sync(fresh)
    _check(fresh)
    if path.exists():
        _fold_in(path)
        _keep(path, aside / path.name)
        for end in ("-wal", "-shm"):  # what could not be folded in belongs to the one before, never to the new one
            rest = path.with_name(path.name + end)
            if rest.exists():
                shutil.move(rest, aside / rest.name)
    fresh.replace(path)
    _sync(path.parent)


def bring_back(url: str, aside: Path) -> None:
    """Put the database that `put` has set aside back in its place, if there was one."""
    path = path_of(url)
    kept, draft = aside / path.name, path.with_name(f".{path.name}.retour")
    if not kept.exists():
        return
    draft.unlink(missing_ok=True)
    try:
        os.link(kept, draft)  # a second name needs no room on a disk that may be full
    except OSError:
        shutil.copy2(kept, draft)
    if not (path.exists() and path.samefile(kept)):  # else `put` was killed before it changed anything
        for end in ("-wal", "-shm"):  # those of the one that goes, never to be played over the one that comes back
            path.with_name(path.name + end).unlink(missing_ok=True)
    draft.replace(path)
    for end in ("-wal", "-shm"):
        if (rest := aside / (path.name + end)).exists():
            shutil.copy2(rest, path.with_name(path.name + end))
    _sync(path.parent)


def path_of(url: str) -> Path:
    """The file of an SQLite address."""
    return Path(make_url(url).database or "").absolute()


def _check(path: Path) -> None:
    try:
        with closing(sqlite3.connect(path)) as connection:
            found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        found = str(error)
    if found != "ok":
        path.unlink()
        raise CopyDamaged(found)


def _fold_in(path: Path) -> None:
    """Let the file hold all that its write-ahead log has; a damaged one is left as it is."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _keep(path: Path, aside: Path) -> None:
    try:
        os.link(path, aside)
    except OSError:  # another file system
        draft = aside.with_name(f".{aside.name}.copie")
        shutil.copy2(path, draft)
        draft.replace(aside)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
