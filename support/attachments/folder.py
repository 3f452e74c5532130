"""The files on the disk, outside the web root: random names, read by their owner alone, whole or not there at all."""

from __future__ import annotations

import logging
import os
import re
import secrets
import shutil
from collections.abc import Collection
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from records.database import Connection
from records.files.folder import sync_folder
from records.files.store import DatabaseStore

LEAST_FREE = 1024 * 1024 * 1024
"""Bytes that stay free whatever is sent: calls are written on the same disk."""

_NAME = re.compile(r"[0-9a-f]{64}")
_UNFINISHED = re.compile(r"\.[0-9a-f]{64}\.part")

log = logging.getLogger(__name__)


class FileLost(Exception):  # noqa: N818 - named as what happened
    """A file that is not there any more, or not what was kept."""


class NoRoom(Exception):  # noqa: N818 - named as what happened
    """The disk has no room to spare for files, or does not write."""


def digest_of(content: bytes) -> str:
    """What is kept beside a file, to know that it is still the same."""
    return sha256(content).hexdigest()


class AttachmentShelf(Protocol):
    """Where files are kept under names of their own."""

    def write(self, content: bytes, _connection: Connection, /) -> str:
        """Keep a content and return its name; NoRoom."""
        ...

    def read(self, name: str, digest: str) -> bytes:
        """The content of this name; FileLost when it is gone or differs."""
        ...

    def delete(self, name: str) -> None:
        """Let it go."""
        ...

    def sweep(self, wanted: Collection[str], before: datetime) -> int:
        """Delete what nobody wants and was written before; returns how many."""
        ...


class AttachmentRows:
    """The files as rows of the database, where every machine finds them."""

    def __init__(self, store: DatabaseStore) -> None:
        self._store = store

    def write(self, content: bytes, connection: Connection, /) -> str:
        """Keep a content in the transaction of its line, under a new name, which is returned; NoRoom."""
        name = secrets.token_hex(32)
        try:
            self._store.put_with(connection, name, content)
        except OSError as error:
            raise NoRoom(str(error)) from error
        return name

    def read(self, name: str, digest: str) -> bytes:
        """The content of this name; FileLost when it is gone, differs, or the database is away."""
        try:
            content = self._store.get(name)
        except OSError as error:
            raise FileLost(str(error)) from error
        if content is None or digest_of(content) != digest:
            raise FileLost("gone" if content is None else "digest")
        return content

    def delete(self, name: str) -> None:
        """Let this file go."""
        self._store.delete(name)

    def sweep(self, wanted: Collection[str], before: datetime) -> int:
        """Delete the rows that nobody wants and that were written before this moment."""
        gone = [name for name, at in self._store.list().items() if name not in wanted and at < before]
        for name in gone:
            self._store.delete(name)
        return len(gone)


class AttachmentFolder:
    """The folder of the files that came with requests."""

    def __init__(self, folder: Path, *, least_free: int = LEAST_FREE) -> None:
        self.folder = folder
        self._least_free = least_free

    def write(self, content: bytes, _connection: Connection) -> str:
        """Keep a content, on the disk for good, under a new name, which is returned; NoRoom when it cannot be."""
        name = secrets.token_hex(32)
        fresh = self.folder / f".{name}.part"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if shutil.disk_usage(self.folder).free < self._least_free + len(content):
                raise NoRoom("disk")
            try:
                self._write_new(fresh, content)
                fresh.rename(self.folder / name)
            except OSError:
                fresh.unlink(missing_ok=True)
                raise
            sync_folder(self.folder)
        except OSError as error:
            raise NoRoom(type(error).__name__) from error
        return name

    def read(self, name: str, digest: str) -> bytes:
        """The content kept under this name; FileLost when it is gone or differs from what was kept."""
        if not _NAME.fullmatch(name):
            raise FileLost("name")
        try:
            content = (self.folder / name).read_bytes()
        except OSError as error:
            raise FileLost(type(error).__name__) from error
        if digest_of(content) != digest:
            raise FileLost("digest")
        return content

    def delete(self, name: str) -> None:
        """Let this file go; nothing happens when it is gone."""
        if _NAME.fullmatch(name):
            (self.folder / name).unlink(missing_ok=True)

    def sweep(self, wanted: Collection[str], before: datetime) -> int:
        """Delete the files that nobody wants and that were written before this moment; returns how many."""
        swept = 0
        for path in self.folder.iterdir() if self.folder.is_dir() else ():
            is_ours = _NAME.fullmatch(path.name) or _UNFINISHED.fullmatch(path.name)
            try:
                if is_ours and path.name not in wanted and path.stat().st_mtime < before.timestamp():
                    path.unlink()
                    swept += 1
            except OSError as error:
                log.warning("Une pièce jointe à effacer est restée (%s)", type(error).__name__)
        return swept

    def _write_new(self, path: Path, content: bytes) -> None:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
