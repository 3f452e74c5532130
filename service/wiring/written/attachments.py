"""Files that come with requests: where they are kept, and which antivirus looks at them."""

from __future__ import annotations

from records.database import Engine
from service.clock import now
from service.settings import Settings
from service.stores import attachments_in_database
from support.attachments.caring import AttachmentCare
from support.attachments.keeping import Attachments
from support.attachments.scanning import Clamd


def attachments(settings: Settings, engine: Engine) -> Attachments:
    """The keeper of files; without CLAMD_URL every file says that nobody looked at it."""
    scanner = Clamd(settings.clamd_url) if settings.clamd_url else None
    return Attachments(settings.attachments_dir, scanner, attachments_in_database(settings, engine))


def attachment_care(settings: Settings, engine: Engine) -> AttachmentCare:
    """The scheduled work on files."""
    return AttachmentCare(engine, attachments(settings, engine), now)
