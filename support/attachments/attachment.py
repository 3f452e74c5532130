"""What a file that came with a request is, and why one is not taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from records.refusals import ChangeRefused

FIELD = "fichiers"
"""The field of every form that takes files."""


class Scan(StrEnum):
    """What an antivirus said of a file; UNSCANNED is never shown as safe."""

    UNSCANNED = "unscanned"
    CLEAN = "clean"
    INFECTED = "infected"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as somebody sent it: its name and its bytes, neither of them believed."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that was looked at and may be kept: a clean name, what its content is, and the bytes that are kept."""

    name: str
    kind: str
    content: bytes
    scan: Scan


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that is kept; `kind` is its media type by content, `size` in bytes, `stored` its name in the folder."""

    id: int
    filed_key: str | None
    request_id: int | None
    event_id: int | None
    name: str
    kind: str
    size: int
    digest: str
    stored: str
    scan: Scan
    scanned_at: datetime | None
    added_at: datetime
    added_by: str
    deleted_at: datetime | None = None

    @property
    def is_given(self) -> bool:
        """Whether it can be downloaded: nothing infected, nothing deleted."""
        return self.scan is not Scan.INFECTED and self.deleted_at is None

    @property
    def is_image(self) -> bool:
        """Whether it may be shown: we wrote its pixels ourselves."""
        return self.is_given and self.kind.startswith("image/")


class FileRefused(ValueError):  # noqa: N818 - it tells a decision; the French reason is its text
    """Why one file is not taken: the end of a French sentence whose subject is the file (« est vide »)."""


class FilesRefused(ChangeRefused):
    """Files that are not taken, each named with its reason; the others, which may be kept or are, go with it."""

    def __init__(self, reasons: Sequence[tuple[str, str]], *, checked: Sequence[Checked] = ()) -> None:
        super().__init__(" ".join(f"Le fichier « {name} » {reason}." for name, reason in reasons), FIELD)
        self.reasons = tuple(reasons)
        self.checked = tuple(checked)
        """Those that passed, when the look was all that was asked."""
        self.kept: tuple[Attachment, ...] = ()
        """Those that were kept, when keeping was asked."""
