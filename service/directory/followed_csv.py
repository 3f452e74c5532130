"""The file REFERENTS_CSV: followed until a version is published by command or page (decision 23)."""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path

from routing.directory.reading import DirectoryRefused, Person, read_directory
from routing.rules import Rules
from routing.snapshot import Snapshot
from service.directory.production import is_sample
from service.directory.snapshots import SnapshotFile
from service.settings import Settings
from service.system_errors import in_french

log = logging.getLogger(__name__)


def read_people(content: bytes, settings: Settings) -> tuple[Person, ...]:
    """The people of a directory file, by this machine's settings; raises DirectoryRefused with every bad line."""
    return read_directory(
        content, secret=settings.secret, own_numbers=settings.own_numbers, allow_fiction=settings.demo
    )


def follow_csv(file: SnapshotFile, settings: Settings, at: datetime, rules: Rules | None = None) -> str | None:
    """Put the CSV in service when nothing is published; the French reason why it was not, None when all is well.

    A bad file replaces nothing. `rules` None keeps those in service.
    """
    with file.locked():
        serving = file.current()
        if serving is not None and serving.version:
            return None
        if not settings.demo and is_sample(settings):
            return f"L’annuaire {settings.referents_csv} est celui d’exemple : il n’est pas mis en service."
        try:
            people = read_people(settings.referents_csv.read_bytes(), settings)
        except OSError as error:
            return f"L’annuaire {settings.referents_csv} est illisible : {in_french(error)}."
        except DirectoryRefused as refusal:
            return f"L’annuaire {settings.referents_csv} est refusé, le dernier bon continue :\n{refusal}"
        known = serving.rules if serving is not None else Rules()
        wanted = Snapshot(0, at, people, known if rules is None else rules)
        if serving is None or file.problem or not same(serving, wanted):
            file.write(wanted)
    return None


def same(one: Snapshot, other: Snapshot) -> bool:
    """Whether both route every call alike, whenever they were made."""
    return (one.version, one.people, one.rules) == (other.version, other.people, other.rules)


class CsvWatch:
    """Notices that the CSV changed since it was last looked at."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int] | None = None

    def has_changed(self) -> bool:
        """Whether the file is not the one that was there the last time; true at first."""
        try:
            found = self._path.stat()
        except OSError:
            stamp = (0, 0)
        else:
            stamp = (found.st_mtime_ns, found.st_size)
        changed, self._seen = stamp != self._seen, stamp
        return changed
