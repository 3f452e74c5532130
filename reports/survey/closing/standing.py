"""Which version of a call's qualification stood at a moment, from its history and from what the trail says of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol, TypeVar


class Version(Protocol):
    """One line of the history of a qualification."""

    @property
    def version(self) -> int:
        """Its number, from 1."""

    @property
    def at(self) -> datetime:
        """When it was said; of one that was put back, when it was said first."""


Kept = TypeVar("Kept", bound=Version)


def standing_at(moment: datetime, history: Iterable[Kept], undone: Mapping[int, datetime]) -> Kept | None:
    """The version that stood at that moment; None when the call was not qualified then.

    `history` is oldest first. `undone`: when each version was taken back; what it replaced was then put back as one
    more version, with the moment at which it had first been said (decision 54).
    """
    found: Kept | None = None
    before: Kept | None = None
    for version in history:
        written = version.at
        if before is not None and version.at < before.at:
            written = undone.get(before.version, version.at)
        if written <= moment:
            found = version
        before = version
    if found is not None and (gone := undone.get(found.version)) is not None and gone <= moment:
        return None
    return found
