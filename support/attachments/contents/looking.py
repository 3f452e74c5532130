"""One file looked at: what it is by its content, made harmless where that can be, or refused with a reason."""

from __future__ import annotations

from support.attachments.attachment import Checked, FileRefused, Scan, Upload
from support.attachments.contents.containers import container_kind
from support.attachments.contents.documents import check_pdf
from support.attachments.contents.images import written_anew
from support.attachments.contents.viruses import is_test_virus
from support.attachments.kinds import (
    IMAGES,
    KINDS,
    PDF,
    FileKind,
    agreed_name,
    signature_of,
    text_kind,
    unknown,
)
from support.attachments.names import clean_name


def looked_at(upload: Upload) -> Checked:
    """The file as it may be kept, not scanned yet; FileRefused says why it is not taken."""
    name, content = clean_name(upload.name), upload.content
    if not content:
        raise FileRefused("est vide")
    if virus := is_test_virus(content):
        raise FileRefused(virus)
    kind = _kind(name, content)
    name = agreed_name(name, kind)
    if kind is PDF:
        check_pdf(content)
    elif kind in IMAGES:
        content = written_anew(content, kind.media.rpartition("/")[2].upper())
    return Checked(name, kind.media, content, Scan.UNSCANNED)


def _kind(name: str, content: bytes) -> FileKind:
    """What the content is, whatever the name says."""
    if content.startswith(b"PK\x03\x04"):
        return container_kind(content)
    found = KINDS.get(signature_of(content))
    if found is not None and (found is PDF or found in IMAGES):
        return found
    kind = text_kind(name, content)
    if kind is None:
        raise unknown(content)
    return kind
