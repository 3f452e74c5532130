"""What is said of attachments in French."""

from __future__ import annotations

from support.attachments.attachment import Attachment, Scan
from support.attachments.kinds import KINDS

_STEP = 1024


def say_size(size: int) -> str:
    """Bytes in words: « 340 Ko », « 1,2 Mo »."""
    if size < _STEP:
        return f"{size}\u00a0octet{'s' if size > 1 else ''}"
    if size < _STEP * _STEP:
        return f"{round(size / _STEP)}\u00a0Ko"
    return f"{size / _STEP / _STEP:.1f}".replace(".", ",").removesuffix(",0") + "\u00a0Mo"


def say_kind(media: str) -> str:
    """« document PDF »; « fichier » for a kind that is not taken any more."""
    return KINDS[media].label if media in KINDS else "fichier"


def scan_badge(attachment: Attachment) -> tuple[str, str]:
    """What the antivirus said, and the kind of the badge that says it: not known is never shown as safe."""
    if attachment.scan is Scan.INFECTED:
        return "Virus trouvé : fichier retiré", "error"
    if attachment.scan is Scan.CLEAN:
        return "Aucun virus trouvé", "success"
    return "Non analysé", "warning"
