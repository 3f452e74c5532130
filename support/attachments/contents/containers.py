"""Documents that are archives inside (DOCX, XLSX, ODT, ODS): looked into in memory, within bounds, never unpacked."""

from __future__ import annotations

import html
import re
import struct
import zipfile
from collections.abc import Iterator
from io import BytesIO

from support.attachments.attachment import FileRefused
from support.attachments.contents.inflating import RAW, PackedWrongly, inflated
from support.attachments.contents.viruses import is_test_virus
from support.attachments.kinds import DOCX, ODS, ODT, XLSX, FileKind

MOST_PARTS = 2_000
LARGEST_INDEX = 512 * 1024
"""Bytes of the list of an archive's parts."""
LARGEST_INSIDE = 120 * 1024 * 1024
"""Bytes of all parts together, once inflated; a piece of one part at a time stands in memory."""
LARGEST_TOLD = 1024 * 1024
"""Bytes of a part that tells what the others are."""
STEEPEST = 200
"""How many times smaller than its parts an archive may be: a sheet of the same cell reaches 100."""
STEEP_FROM = 4 * 1024 * 1024
"""Bytes inside, from which that is looked at."""

TOO_FULL = "se déploie démesurément (archive piégée)"
BROKEN = "est abîmé ou incomplet"
LOCKED = "est protégé par un mot de passe : enregistrez-le sans mot de passe"
MACROS = "contient des macros : enregistrez-le sans macros, ou en PDF"
NESTED = "contient un autre fichier (objet incorporé, graphique lié ou archive) : enregistrez-le en PDF"
CALLS_OUT = "va chercher du contenu ailleurs (modèle, image ou objet lié) : enregistrez-le en PDF"
AN_ARCHIVE = "est une archive ; joignez les fichiers un à un"

_NESTED = (b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b",
           b"MZ", b"\x7fELF", b"%PDF-", b"BZh", b"\xfd7zXZ")  # fmt: skip
_CONTENT_TYPES = "[Content_Types].xml"
_MAIN = {f'"{kind.media}.main+xml"': kind for kind in (DOCX, XLSX)}
_MACRO_TYPES = re.compile(r"macroenabled|vbaproject|activex|\.bin\.macrosheet|macrosheet", re.IGNORECASE)
_MACRO_PARTS = re.compile(r"vbaProject|vbaData|activeX/|macrosheets/|(?:^|/)(?:Basic|Scripts)/", re.IGNORECASE)
_RELATIONSHIP = re.compile(r"<(?:\w{1,40}:)?Relationship\b[^<]*", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([\w:]{1,60})\s{0,9}=\s{0,9}(?:\"([^\"]*)\"|'([^']*)')")
_HARMLESS_LINKS = ("/hyperlink", "/externalLinkPath", "/xlPathMissing")
"""Kinds of links to the outside that nothing follows until a reader clicks, or is asked."""
_OF_ITS_DISK = ("/attachedTemplate", "/image")
_ON_A_DISK = re.compile(r"(?:file:///)?[A-Za-z]:[\\/]")
"""Where an office's template lay on the author's disk: each document made from it says so, and fetches nothing."""


def container_kind(content: bytes) -> FileKind:
    """What document the archive is; FileRefused for an archive that is none, a bomb, one with macros or with files."""
    parts = _parts(content)
    names = {part.filename for part in parts}
    if any(_MACRO_PARTS.search(name) for name in names):
        raise FileRefused(MACROS)
    told = {}
    for part, inside in _inflated(content, parts):
        if part.filename in {_CONTENT_TYPES, "mimetype", "META-INF/manifest.xml"} or part.filename.endswith(".rels"):
            told[part.filename] = _text(inside)
    kind = _open_xml(told) if _CONTENT_TYPES in told else _open_document(parts, told)
    if kind is None:
        raise FileRefused(AN_ARCHIVE)
    return kind


def _parts(content: bytes) -> list[zipfile.ZipInfo]:
    """The parts that the archive declares, within bounds."""
    end = content.rfind(b"PK\x05\x06")
    if end < 0 or len(content) - end < 22:  # noqa: PLR2004 - the length of that record
        raise FileRefused(BROKEN)
    count, index, comment = struct.unpack("<xxxxxxxxxxHIxxxxH", content[end : end + 22])
    if len(content) != end + 22 + comment:
        raise FileRefused(BROKEN)
    if count > MOST_PARTS or index > LARGEST_INDEX:
        raise FileRefused(TOO_FULL)
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, struct.error) as error:
        raise FileRefused(BROKEN) from error
    declared = sum(part.file_size for part in parts)
    if len(parts) > MOST_PARTS or declared > LARGEST_INSIDE:
        raise FileRefused(TOO_FULL)
    if declared > STEEP_FROM and declared > STEEPEST * len(content):
        raise FileRefused(TOO_FULL)
    if any(part.flag_bits & 1 for part in parts):
        raise FileRefused(LOCKED)
    if len({part.filename for part in parts}) != len(parts) or any(_leaves(part.filename) for part in parts):
        raise FileRefused(BROKEN)
    return parts


def _leaves(name: str) -> bool:
    """Whether a part's name leads out of the archive."""
    return name.startswith("/") or "\\" in name or ":" in name or ".." in name.split("/")


def _inflated(content: bytes, parts: list[zipfile.ZipInfo]) -> Iterator[tuple[zipfile.ZipInfo, bytes]]:
    """Each part and the beginning of what it holds; its real size is what it declares, and it is no file of its own."""
    for part in parts:
        inside = _beginning(_packed(content, part), part)
        if inside.startswith(_NESTED):
            raise FileRefused(NESTED)
        yield part, inside


def _packed(content: bytes, part: zipfile.ZipInfo) -> memoryview:
    """Where the packed bytes of a part are."""
    start = part.header_offset
    header = content[start : start + 30]
    if header[:4] != b"PK\x03\x04" or len(header) < 30:  # noqa: PLR2004 - the length of that record
        raise FileRefused(BROKEN)
    name, extra = struct.unpack("<HH", header[26:30])
    start += 30 + name + extra
    return memoryview(content)[start : start + part.compress_size]


def _beginning(packed: memoryview, part: zipfile.ZipInfo) -> bytes:
    """The first LARGEST_TOLD bytes of a part; FileRefused when it is not as large as it declares, or holds a virus."""
    if part.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise FileRefused(BROKEN)
    pieces = [bytes(packed)] if part.compress_type == zipfile.ZIP_STORED else inflated(packed, RAW)
    kept, real, tail = bytearray(), 0, b""
    try:
        for piece in pieces:
            real += len(piece)
            if real > part.file_size:
                raise FileRefused(TOO_FULL)
            if virus := is_test_virus(tail + piece):
                raise FileRefused(virus)
            tail = piece[-100:]
            kept += piece[: LARGEST_TOLD - len(kept)]
    except PackedWrongly as error:
        raise FileRefused(BROKEN) from error
    if real != part.file_size:
        raise FileRefused(BROKEN)
    return bytes(kept)


def _text(inside: bytes) -> str:
    """A part that tells what the others are; FileRefused for one that hides what it says."""
    if len(inside) >= LARGEST_TOLD or b"\x00" in inside:
        raise FileRefused(BROKEN)
    try:
        text = inside.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileRefused(BROKEN) from error
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise FileRefused(BROKEN)
    return text


def _open_xml(told: dict[str, str]) -> FileKind | None:
    types = html.unescape(told[_CONTENT_TYPES])
    if _MACRO_TYPES.search(types):
        raise FileRefused(MACROS)
    if any(_calls_out(link) for name in told if name.endswith(".rels") for link in _RELATIONSHIP.findall(told[name])):
        raise FileRefused(CALLS_OUT)
    return next((kind for named, kind in _MAIN.items() if named in types), None)


def _calls_out(link: str) -> bool:
    """Whether a relationship fetches something from elsewhere by itself."""
    says = {name: html.unescape(one or other) for name, one, other in _ATTRIBUTE.findall(link)}
    if says.get("TargetMode", "").strip().lower() != "external" or says.get("Type", "").endswith(_HARMLESS_LINKS):
        return False
    return not (says.get("Type", "").endswith(_OF_ITS_DISK) and _ON_A_DISK.match(says.get("Target", "")))


def _open_document(parts: list[zipfile.ZipInfo], told: dict[str, str]) -> FileKind | None:
    if not parts or parts[0].filename != "mimetype":
        return None
    if "encryption-data" in told.get("META-INF/manifest.xml", ""):
        raise FileRefused(LOCKED)
    return {kind.media: kind for kind in (ODT, ODS)}.get(told["mimetype"].strip())
