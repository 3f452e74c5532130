"""Files that come with requests: where they are kept, and which antivirus looks at them."""

from __future__ import annotations

from records.database import Engine
from service.clock import now
from service.settings import Settings
from support.attachments.caring import AttachmentCare
from support.attachments.keeping import Attachments
from support.attachments.scanning import Clamd


def attachments(settings: Settings) -> Attachments:
    """The keeper of files; without CLAMD_URL every file says that nobody looked at it."""
    return Attachments(settings.attachments_dir, Clamd(settings.clamd_url) if settings.clamd_url else None)


def attachment_care(settings: Settings, engine: Engine) -> AttachmentCare:
    """The scheduled work on files."""
    return AttachmentCare(engine, attachments(settings), now)
