"""Files kept in a folder: read by their owner alone, whole or not there at all, on the disk before `put` returns."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_NAME = re.compile(r"[A-Za-z0-9~_-][A-Za-z0-9~_.-]{0,199}")
"""No separator, and no dot in front: such a name leads nowhere else."""

_DRAFT = re.compile(r"\.[A-Za-z0-9~_.-]+\.(?:[0-9a-f]{8}|wav)")
"""What is not whole yet; before names told the call, it was `.….wav`."""


@dataclass(frozen=True, slots=True)
class FolderStore:
    """Files in one folder, which is made when the first comes."""

    folder: Path

    def put(self, name: str, content: bytes) -> None:
        """Write the file beside, then let it take its place."""
        path = self._path(name)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self.folder / f".{name[:180]}.{secrets.token_hex(4)}"
        try:
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
        except OSError:
            fresh.unlink(missing_ok=True)
            raise
        sync_folder(self.folder)

    def get(self, name: str) -> bytes | None:
        """The content of the file."""
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError:
            return None

    def delete(self, name: str) -> None:
        """Remove the file."""
        self._path(name).unlink(missing_ok=True)

    def sweep_drafts(self, before: datetime) -> None:
        """Remove what a process that died had begun to write before a moment."""
        for path in self.folder.glob(".*") if self.folder.is_dir() else ():
            with suppress(FileNotFoundError):  # it has become a file meanwhile
                if _DRAFT.fullmatch(path.name) and path.stat().st_mtime < before.timestamp():
                    path.unlink()

    def list(self) -> Mapping[str, datetime]:
        """The files whose names are ours, by the moment at which they were written."""
        found = {}
        for path in self.folder.iterdir() if self.folder.is_dir() else ():
            try:
                if _NAME.fullmatch(path.name) and path.is_file():
                    found[path.name] = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            except FileNotFoundError:  # gone meanwhile
                continue
        return found

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise FileNotFoundError("no name of a file")
        return self.folder / name


def folder_store(folder: Path) -> FolderStore:
    """The store of one folder."""
    return FolderStore(folder)


def sync_folder(folder: Path) -> None:
    """Have the names of this folder on the disk: what was put or renamed there is found again after a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
