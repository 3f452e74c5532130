"""Files are taken (decision 61): looked at one by one, scanned, written to the disk, noted."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from records.database import Connection
from records.files.store import DatabaseStore
from records.refusals import ChangeRefused
from support.attachments.attachment import FIELD, Attachment, Checked, FileRefused, FilesRefused, Scan, Upload
from support.attachments.contents.looking import looked_at
from support.attachments.contents.viruses import virus_found
from support.attachments.folder import AttachmentFolder, AttachmentRows, AttachmentShelf, FileLost, NoRoom, digest_of
from support.attachments.names import clean_name
from support.attachments.scanning import Scanner, ScannerAway
from support.attachments.store import add_attachment, attachments_of, waiting_attachments
from support.attachments.told import say_size

LARGEST_TOGETHER = 20 * 1024 * 1024
"""Bytes of all files of a form, or of a request, together."""
MOST = 20
"""Files of a form, or of a request."""

CANNOT_KEEP = (
    "Les fichiers ne peuvent pas être gardés en ce moment : envoyez votre texte sans eux, ou réessayez plus tard."
)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Attachments:
    """Where files are kept, and what looks for viruses in them (None: nothing, and every file says so)."""

    folder: Path
    scanner: Scanner | None = None
    shared: DatabaseStore | None = None

    @property
    def shelf(self) -> AttachmentShelf:
        """Where they are: in the folder, or with `shared` in the database, where every machine finds them."""
        return AttachmentFolder(self.folder) if self.shared is None else AttachmentRows(self.shared)

    def check(self, uploads: Sequence[Upload]) -> list[Checked]:
        """The files as they may be kept, scanned. Done before a transaction begins: it may take seconds.

        FilesRefused names each that is not taken, and carries the others.
        """
        if sum(len(one.content) for one in uploads) > LARGEST_TOGETHER:
            raise ChangeRefused(f"Les fichiers dépassent {say_size(LARGEST_TOGETHER)} ensemble.", FIELD)
        checked, refused = self._sorted(uploads)
        if refused:
            raise FilesRefused(refused, checked=checked)
        return checked

    def keep(
        self, connection: Connection, uploads: Sequence[Upload | Checked], *, filed_key: str | None = None,
        request_id: int | None = None, event_id: int | None = None, by: str, at: datetime,
    ) -> list[Attachment]:  # fmt: skip
        """The files, kept for this form or this request; what `check` made of them is not looked at again.

        FilesRefused (a ChangeRefused of the field « fichiers ») names each that is not taken, with its reason, when
        the others are kept: caught inside the transaction it leaves them, and carries them. A file that was kept
        already, by name and content, is returned as it is.
        """
        if (filed_key is None) == (request_id is None):
            raise ValueError("a file is kept for a form or for a request")
        held = _held(connection, filed_key, request_id)
        checked, refused = self._sorted(uploads)
        kept = []
        for one in checked:
            same = next((has for has in held if (has.name, has.digest) == (one.name, digest_of(one.content))), None)
            if same is None and (reason := _no_place(one, held)):
                refused.append((one.name, reason))
                continue
            if same is None:
                values = self._written(connection, one) | {
                    "filed_key": filed_key, "request_id": request_id, "event_id": event_id, "added_at": at,
                    "added_by": by, "scanned_at": None if one.scan is Scan.UNSCANNED else at,
                }  # fmt: skip
                same = add_attachment(connection, values)
                held.append(same)
            kept.append(same)
        if refused:
            refusal = FilesRefused(refused)
            refusal.kept = tuple(kept)
            raise refusal
        return kept

    def content_of(self, attachment: Attachment) -> bytes:
        """The bytes of a file that is given; FileLost when it is not there any more, or not what was kept."""
        if not attachment.is_given:
            raise FileLost("deleted")
        return self.shelf.read(attachment.stored, attachment.digest)

    def _sorted(self, uploads: Sequence[Upload | Checked]) -> tuple[list[Checked], list[tuple[str, str]]]:
        """Those that may be kept; those that are refused, by name, and why."""
        checked, refused = [], []
        for one in uploads:
            try:
                checked.append(self._scanned(looked_at(one)) if isinstance(one, Upload) else one)
            except FileRefused as reason:
                refused.append((clean_name(one.name), str(reason)))
        return checked, refused

    def _scanned(self, checked: Checked) -> Checked:
        """The file with what the antivirus says of it; FileRefused when it found a virus."""
        if self.scanner is None:
            return checked
        try:
            virus = self.scanner.virus_in(checked.content)
        except ScannerAway as away:
            log.warning("L’antivirus n’a pas répondu (%s) : une pièce jointe reste non analysée", away)
            return checked
        if virus:
            raise FileRefused(virus_found(virus))
        return replace(checked, scan=Scan.CLEAN)

    def _written(self, connection: Connection, checked: Checked) -> dict[str, object]:
        try:
            stored = self.shelf.write(checked.content, connection)
        except NoRoom as trouble:
            log.exception("Une pièce jointe n’a pas pu être gardée")
            raise ChangeRefused(CANNOT_KEEP, FIELD) from trouble
        return {
            "name": checked.name, "kind": checked.kind, "size": len(checked.content),
            "digest": digest_of(checked.content), "stored": stored, "scan": str(checked.scan),
        }  # fmt: skip


def _held(connection: Connection, filed_key: str | None, request_id: int | None) -> list[Attachment]:
    """The files that the form or the request has already."""
    every = waiting_attachments(connection, filed_key) if filed_key else attachments_of(connection, request_id or 0)
    return [one for one in every if one.deleted_at is None]


def _no_place(one: Checked, held: Sequence[Attachment]) -> str:
    """Why there is no place for one more, "" when there is."""
    if len(held) >= MOST:
        return f"est de trop : {MOST} fichiers au plus"
    left = LARGEST_TOGETHER - sum(has.size for has in held)
    if len(one.content) > left:
        return f"({say_size(len(one.content))}) ne tient plus dans les {say_size(LARGEST_TOGETHER)} de l’ensemble"
    return ""
