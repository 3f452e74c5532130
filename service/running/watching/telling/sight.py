"""What the watch sees in one look, before anything is judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from records.alerting.figures import MailsOwed
from service.running.watching.health import Part


@dataclass(frozen=True, slots=True)
class Depth:
    """The journal that is not in the database yet: bytes, and by file since when nothing was written there any more."""

    waiting: int
    files: Mapping[str, datetime]


@dataclass(frozen=True, slots=True)
class Certificate:
    """The certificate of the public address: until when it is good, or why it is not; both None: nobody answered."""

    until: datetime | None = None
    wrong: str | None = None


@dataclass(frozen=True, slots=True)
class DiskRoom:
    """Bytes of the disk of VAR_DIR, and the share of its names (inodes) that is free."""

    free: int
    size: int
    free_names: float = 1.0


@dataclass(frozen=True, slots=True)
class Sight:
    """One look. What could not be looked at is None."""

    at: datetime
    machine: str
    parts: Mapping[str, Part]
    jobs: Mapping[str, Any] = field(default_factory=dict)
    heavy: Mapping[str, Any] = field(default_factory=dict)
    clerk: Mapping[str, Any] = field(default_factory=dict)
    backup: Mapping[str, Any] = field(default_factory=dict)
    owes_backup: bool = False
    """Whether `svi backup` is to be run here: no demonstration, no disk that the platform throws away."""
    watching_since: datetime | None = None
    """When somebody first watched over this machine."""
    door_seconds: float | None = None
    """In how many seconds the service's own port answered; None: not at all, or nobody serves here."""
    serves: bool = True
    is_database_there: bool = True
    job_done_at: datetime | None = None
    """When any machine last did scheduled work."""
    mails: MailsOwed | None = None
    depth: Depth | None = None
    disk: DiskRoom | None = None
    certificate: Certificate | None = None
