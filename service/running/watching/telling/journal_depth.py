"""How much of the journal is not in the database yet: bytes behind what was moved, but for zeros made ready."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from records.calls.journal import journal_files
from service.running.watching.telling.sight import Depth

PIECE = 256 * 1024
MOST = 64 * 1024 * 1024
"""Bytes of a file that are looked at; more is told as so much."""


def depth(folder: Path, offsets: Mapping[str, int]) -> Depth:
    """What waits. Raises OSError when a file cannot be read; what is no file (a pipe would never end) is left alone."""
    waiting, files = 0, {}
    for path in journal_files(folder):
        if not path.is_file():
            continue
        try:
            unmoved = _unmoved(path, offsets.get(path.name, 0))
            if unmoved:
                files[path.name] = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        except FileNotFoundError:
            continue  # moved whole, and gone meanwhile
        waiting += unmoved
    return Depth(waiting, files)


def _unmoved(path: Path, offset: int) -> int:
    found = 0
    with path.open("rb") as file:
        file.seek(offset)
        while found < MOST and (piece := file.read(PIECE)):
            written = piece.find(b"\0")
            if written >= 0:
                return found + written
            found += len(piece)
    return found
