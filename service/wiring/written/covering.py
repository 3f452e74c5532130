"""Who is there to answer what is written, by the directory that serves."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

from routing.requests.covered import is_covered
from routing.snapshot import Snapshot
from support.desk import IsCovered


def cover_by(serving: Callable[[], Snapshot | None]) -> IsCovered:
    """The question « is somebody there? » (`Desk.is_covered`), put to the directory that serves at that moment."""

    def covered(code: str, since: datetime, until: datetime, accounts: Collection[str]) -> bool | None:
        snapshot = serving()
        return None if snapshot is None else is_covered(snapshot, code, since, until, accounts)

    return covered
