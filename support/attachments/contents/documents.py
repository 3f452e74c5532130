"""PDF documents: one that runs a program, carries files or hides what it holds is not taken."""

from __future__ import annotations

import re

from support.attachments.attachment import FileRefused
from support.attachments.contents.inflating import ZLIB, PackedWrongly, inflated
from support.attachments.contents.viruses import is_test_virus

LARGEST_INSIDE = 100 * 1024 * 1024
"""Bytes of all streams that are no image, once inflated."""
LARGEST_STREAM = 32 * 1024 * 1024
MOST_STREAMS = 20_000
MOST_HIDDEN_NAMES = 20_000

ACTIVE = "contient un programme (JavaScript) ou une action : imprimez-le en PDF, et joignez cette copie"
CARRIES = "contient un autre fichier : joignez les fichiers un à un"
LOCKED = "est chiffré ou protégé par un mot de passe : imprimez-le en PDF, et joignez cette copie"
BROKEN = "est abîmé ou incomplet"
TOO_FULL = "se déploie démesurément (fichier piégé)"

_BEGINS = re.compile(rb"%PDF-[12]\.\d")
_STREAM = re.compile(rb"(?<!end)stream[ \t\f\x00]{0,99}(?:\r\n|\n|\r)")
_END = b"endstream"
_HIDDEN_NAME = re.compile(rb"/[^\s/<>\[\](){}%#]{0,127}#[^\s/<>\[\](){}%]{0,380}")
_HIDDEN = re.compile(rb"#([0-9A-Fa-f]{2})")
_ACTIVE = re.compile(
    rb"/(?:JavaScript|Launch|RichMedia|Rendition|XFA|SubmitForm|ImportData|GoToE|Movie)(?![A-Za-z0-9])"
)
_CARRIES = re.compile(rb"/EmbeddedFiles?(?![A-Za-z0-9])|/EF\s{0,9}(?:<<|\d{1,9}\s{1,9}\d{1,5}\s{1,9}R)")
_LOCKED = re.compile(rb"/Encrypt(?![A-Za-z0-9])")
_HOLDS_OBJECTS = re.compile(rb"/ObjStm|/First\s{0,9}\d{1,9}(?!\d|\s{1,9}\d{1,5}\s{1,9}R)")
_OBJECTS = b"/ObjStm"
_IS_IMAGE = re.compile(rb"/Subtype\s{0,9}/Image|/DCTDecode|/JPXDecode|/CCITTFaxDecode")


def check_pdf(content: bytes) -> None:
    """FileRefused for a PDF that is broken, encrypted, active or that carries files.

    Actions that only turn to a page stay. Names are read as a viewer reads them (`#` and two digits); streams that are
    no image are inflated, since whole objects may be in them. What a stream is, is looked for in everything since the
    one before: a dictionary may be long, and hold any word in its strings.
    """
    if not _BEGINS.match(content) or b"%%EOF" not in content[-2048:]:
        raise FileRefused(BROKEN)
    _look(content)
    whole, total, end, before = memoryview(content), 0, 0, 0
    for number, start in enumerate(_STREAM.finditer(content)):
        if number >= MOST_STREAMS:
            raise FileRefused(TOO_FULL)
        if 0 <= end < start.end():
            end = content.find(_END, start.end())
        told, before = _unhidden(content[before : start.start()]), start.end()
        holds_objects = bool(_HOLDS_OBJECTS.search(told))
        if told.count(_OBJECTS) > 1:
            raise FileRefused(BROKEN)  # one of them has a stream that we do not see
        if _IS_IMAGE.search(told) and not holds_objects:
            continue
        inside, is_whole = _inflated(whole[start.end() : end if end >= 0 else len(content)])
        if holds_objects and not is_whole:
            raise FileRefused(BROKEN)
        total += len(inside)
        if total > LARGEST_INSIDE:
            raise FileRefused(TOO_FULL)
        _look(inside)
    if _OBJECTS in _unhidden(content[before:]):
        raise FileRefused(BROKEN)


def _inflated(packed: memoryview) -> tuple[bytes, bool]:
    """What a stream holds, as far as it inflates, and whether that is all of it.

    What came out before a break counts as well: it cost as much, and some viewers show it.
    """
    inside = bytearray()
    try:
        for piece in inflated(packed, ZLIB):
            inside += piece
            if len(inside) > LARGEST_STREAM:
                raise FileRefused(TOO_FULL)
    except PackedWrongly:
        return bytes(inside), False
    return bytes(inside), True


def _look(content: bytes) -> None:
    if virus := is_test_virus(content):
        raise FileRefused(virus)
    hidden = [_unhidden(found.group()) for found in _HIDDEN_NAME.finditer(content)]
    if len(hidden) > MOST_HIDDEN_NAMES:
        raise FileRefused(ACTIVE)
    for plain in (content, b" ".join(hidden)):
        for pattern, reason in ((_LOCKED, LOCKED), (_CARRIES, CARRIES), (_ACTIVE, ACTIVE)):
            if pattern.search(plain):
                raise FileRefused(reason)


def _unhidden(content: bytes) -> bytes:
    """The names as a viewer reads them."""
    return _HIDDEN.sub(lambda found: bytes([int(found[1], 16)]), content) if b"#" in content else content
