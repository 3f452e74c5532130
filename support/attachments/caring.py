"""What is done with kept files later: scanned, scanned again, forgotten with their form or request."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from records.database import Engine, reading, writing
from records.desks.audit import note
from support.attachments.attachment import Attachment, Scan
from support.attachments.folder import FileLost
from support.attachments.keeping import Attachments
from support.attachments.scanning import Scanner, ScannerAway, TooLargeToScan
from support.attachments.store import forget_left_over, say_scanned, stored_names, to_scan

AT_ONCE = 25
"""Files of one round."""
AGAIN_AFTER = timedelta(days=1)
AGAIN_FOR = timedelta(days=8)
"""A file is scanned each day of its first week: what was new when it came is known by then."""
WAITS_AT_LEAST = timedelta(days=1)
"""How long a file stays whose form is not filed yet."""
ORPHAN = timedelta(days=8)
"""A file that no line has is deleted when it is older: a database put back by mistake may give way to the right one."""
BY = "antivirus"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class AttachmentCare:
    """The scheduled work on files."""

    engine: Engine
    files: Attachments
    clock: Callable[[], datetime]

    def scan(self) -> dict[str, dict[str, str]] | None:
        """Let the antivirus look at what it has not seen, or not lately; returns how it is, for `/health`."""
        if self.files.scanner is None:
            return None
        at = self.clock()
        with reading(self.engine) as connection:
            found = to_scan(connection, known_before=at - AGAIN_AFTER, added_after=at - AGAIN_FOR, limit=AT_ONCE)
        try:
            if not found:
                self.files.scanner.ping()
            for one in found:
                self._scan_one(self.files.scanner, one, at)
        except ScannerAway as away:
            return {"antivirus": {"state": "degraded", "reason": str(away)}}
        return {"antivirus": {"state": "ok"}}

    def _scan_one(self, scanner: Scanner, one: Attachment, at: datetime) -> None:
        try:
            virus = scanner.virus_in(self.files.content_of(one))
        except TooLargeToScan:
            log.warning("La pièce jointe %s est trop grande pour l’antivirus (StreamMaxLength)", one.id)
            scan = Scan.UNSCANNED
        except FileLost as lost:
            log.error("La pièce jointe %s ne peut plus être lue (%s)", one.id, lost)  # noqa: TRY400 - no fault of code
            scan = one.scan
        else:
            scan = Scan.INFECTED if virus else Scan.CLEAN
        with writing(self.engine) as connection:
            say_scanned(connection, one.id, scan, at)
            if scan is Scan.INFECTED:
                note(
                    connection,
                    by=BY,
                    what="pièce jointe infectée retirée",
                    reference=f"{one.request_id}/{one.id}",
                    at=at,
                )
        if scan is Scan.INFECTED:
            self.files.shelf.delete(one.stored)

    def sweep(self) -> None:
        """Forget the files of forms and requests that are gone, then what lies in the folder and is nobody's."""
        at = self.clock()
        with writing(self.engine) as connection:
            forgotten = forget_left_over(connection, at, at - WAITS_AT_LEAST)
        for name in forgotten:
            self.files.shelf.delete(name)
        with reading(self.engine) as connection:
            wanted = stored_names(connection)
        self.files.shelf.sweep(wanted, at - ORPHAN)
