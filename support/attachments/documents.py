"""PDF documents: one that runs a program, carries files or hides what it holds is not taken."""

from __future__ import annotations

import re
import zlib

from support.attachments.attachment import FileRefused
from support.attachments.viruses import is_test_virus

LARGEST_INSIDE = 120 * 1024 * 1024
"""Bytes of all streams that are no image, once inflated."""
LARGEST_STREAM = 48 * 1024 * 1024
LARGEST_DICTIONARY = 4_096
"""Bytes before a stream in which it says what it is."""

ACTIVE = "contient un programme (JavaScript) ou une action : imprimez-le en PDF, et joignez cette copie"
CARRIES = "contient un autre fichier : joignez les fichiers un à un"
LOCKED = "est chiffré ou protégé par un mot de passe : imprimez-le en PDF, et joignez cette copie"
BROKEN = "est abîmé ou incomplet"
TOO_FULL = "se déploie démesurément (fichier piégé)"

_STREAM = re.compile(rb"stream(?:\r\n|\n|\r)")
_END = b"endstream"
_HIDDEN = re.compile(rb"#([0-9A-Fa-f]{2})")
_ACTIVE = re.compile(
    rb"/(?:JavaScript|Launch|RichMedia|Rendition|XFA|SubmitForm|ImportData|GoToE|Movie)(?![A-Za-z0-9])"
)
_CARRIES = re.compile(rb"/(?:EmbeddedFiles?|Filespec[^A-Za-z0-9][^>]{0,200}/EF)(?![A-Za-z0-9])")
_LOCKED = re.compile(rb"/Encrypt(?![A-Za-z0-9])")


def check_pdf(content: bytes) -> None:
    """FileRefused for a PDF that is broken, encrypted, active or that carries files; actions that only turn to a page stay.

    Names are read as a viewer reads them (`#` and two digits), and streams that are no image are inflated, since whole
    objects may be in them.
    """
    if b"%%EOF" not in content[-2048:] or not re.match(rb"%PDF-[12]\.\d", content):
        raise FileRefused(BROKEN)
    _look(content)
    total = 0
    for start in _STREAM.finditer(content):
        told = _unhidden(content[max(start.start() - LARGEST_DICTIONARY, 0) : start.start()])
        told = told[told.rfind(b" obj") + 1 :]
        if re.search(rb"/Subtype\s*/Image|/DCTDecode|/JPXDecode|/CCITTFaxDecode", told):
            continue
        inside = _inflated(content, start.end())
        total += len(inside)
        if total > LARGEST_INSIDE:
            raise FileRefused(TOO_FULL)
        _look(inside)


def _inflated(content: bytes, start: int) -> bytes:
    """What the stream that begins here holds, "" when it is not deflated."""
    end = content.find(_END, start)
    machine = zlib.decompressobj()
    try:
        inside = machine.decompress(content[start : end if end >= 0 else len(content)], LARGEST_STREAM)
    except zlib.error:
        return b""
    if machine.unconsumed_tail:
        raise FileRefused(TOO_FULL)
    return inside


def _look(content: bytes) -> None:
    if virus := is_test_virus(content):
        raise FileRefused(virus)
    plain = _unhidden(content)
    if _LOCKED.search(plain):
        raise FileRefused(LOCKED)
    if _CARRIES.search(plain):
        raise FileRefused(CARRIES)
    if _ACTIVE.search(plain):
        raise FileRefused(ACTIVE)


def _unhidden(content: bytes) -> bytes:
    """The names as a viewer reads them."""
    return _HIDDEN.sub(lambda found: bytes([int(found[1], 16)]), content) if b"#" in content else content
