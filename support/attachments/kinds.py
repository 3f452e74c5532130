"""Which files are taken: a closed list, decided by what a file holds; its name only has to agree."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import puremagic

from support.attachments.attachment import FileRefused
from support.attachments.names import extension_of, inner_extensions, with_extension


@dataclass(frozen=True, slots=True)
class FileKind:
    """One kind of file: its media type, what it is called in French, the extensions that a name may give it."""

    media: str
    label: str
    extensions: tuple[str, ...]


PDF = FileKind("application/pdf", "document PDF", ("pdf",))
PNG = FileKind("image/png", "image PNG", ("png",))
JPEG = FileKind("image/jpeg", "image JPEG", ("jpg", "jpeg"))
WEBP = FileKind("image/webp", "image WebP", ("webp",))
TEXT = FileKind("text/plain", "texte", ("txt",))
CSV = FileKind("text/csv", "tableau CSV", ("csv",))
_OPEN_XML = "application/vnd.openxmlformats-officedocument"
DOCX = FileKind(f"{_OPEN_XML}.wordprocessingml.document", "document Word", ("docx",))
XLSX = FileKind(f"{_OPEN_XML}.spreadsheetml.sheet", "classeur Excel", ("xlsx",))
ODT = FileKind("application/vnd.oasis.opendocument.text", "document OpenDocument", ("odt",))
ODS = FileKind("application/vnd.oasis.opendocument.spreadsheet", "classeur OpenDocument", ("ods",))

KINDS: Mapping[str, FileKind] = {kind.media: kind for kind in (PDF, PNG, JPEG, WEBP, DOCX, XLSX, ODT, ODS, TEXT, CSV)}
"""Each kind by its media type."""
IMAGES = (PNG, JPEG, WEBP)
ACCEPTED = "PDF, PNG, JPEG, WebP, DOCX, XLSX, ODT, ODS, TXT ou CSV"
"""The list, as people read it."""
ACCEPT = ",".join(f".{extension}" for kind in KINDS.values() for extension in kind.extensions)
"""The same for the `accept` of a form's field."""

_RUN = frozenset(
    {
        "ade", "adp", "app", "asp", "aspx", "bat", "chm", "cmd", "cpl", "dll", "docm", "dotm", "exe", "gadget", "hta",
        "htm", "html", "inf", "iso", "jar", "js", "jse", "jsp", "lnk", "mht", "mhtml", "msc", "msi", "msp", "pif",
        "php", "phtml", "pl", "potm", "ppam", "pptm", "ps1", "py", "rb", "reg", "scf", "scr", "sh", "shtml", "svg",
        "svgz", "swf", "url", "vb", "vbe", "vbs", "wsf", "wsh", "xht", "xhtml", "xlam", "xlsm", "xltm", "xml", "xsl",
    }
)  # fmt: skip
"""Extensions that some machine runs or shows as a page."""
_TEXT_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_NOT_1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_MARKED_UP = re.compile(rb"\s*<[a-z!?/%]", re.IGNORECASE)
_ACTIVE = re.compile(rb"<\s*(?:script|svg|iframe|object|embed|html|body|meta|link)\b|<\?php|javascript:", re.IGNORECASE)
_RUN_LINE = re.compile(rb"\s*(?:#!|@echo\b|<%)", re.IGNORECASE)
_CALLS_OUT = re.compile(
    rb"(?:^|[;,\t\"]) {0,20}[=+\-@][^|\r\n;,\t]{1,100}\|(?: {0,5}'|[^\r\n|!]{0,200}!\w)", re.MULTILINE
)
"""A cell that starts a program (DDE)."""

_NAMED = (
    ("image/heif", "est une photo HEIC ; enregistrez-la en JPEG"),
    ("image/heic", "est une photo HEIC ; enregistrez-la en JPEG"),
    ("image/svg", "est une image SVG, qui peut contenir un programme ; enregistrez-la en PNG"),
    ("image/", "est une image d’un format qui n’est pas accepté ; enregistrez-la en PNG ou en JPEG"),
    ("video/", "est une vidéo ; joignez une capture d’écran"),
    ("audio/", "est un enregistrement sonore"),
    ("portable-executable", "est un programme"),
    ("x-dosexec", "est un programme"),
    ("x-executable", "est un programme"),
    ("msword", "est d’un ancien format de bureautique, ou chiffré ; enregistrez-le en DOCX, en XLSX ou en PDF"),
    ("ms-office", "est d’un ancien format de bureautique, ou chiffré ; enregistrez-le en DOCX, en XLSX ou en PDF"),
    ("x-rar", "est une archive ; joignez les fichiers un à un"),
    ("vnd.rar", "est une archive ; joignez les fichiers un à un"),
    ("7z", "est une archive ; joignez les fichiers un à un"),
    ("gzip", "est une archive ; joignez les fichiers un à un"),
    ("text/html", "est une page web ; enregistrez-la en PDF"),
)
"""A part of a media type → what is said of such a file."""


def signature_of(content: bytes) -> str:
    """The media type that the first bytes tell, "" when they tell none."""
    try:
        found = puremagic.magic_string(content[:4096])
    except (puremagic.PureError, ValueError):
        return ""
    return next((one.mime_type for one in found if one.mime_type), "")


def text_kind(name: str, content: bytes) -> FileKind | None:
    """TEXT or CSV by its name when the content is a text (UTF-8 or Windows-1252); None for anything else.

    Raises FileRefused for a text that a machine would run or show as a page.
    """
    if _TEXT_CONTROLS.search(content) or not _decodes(content):
        return None
    plain = content.removeprefix(b"\xef\xbb\xbf")
    if _MARKED_UP.match(plain) or _ACTIVE.search(plain):
        raise FileRefused("contient du code de page web (HTML, SVG ou script)")
    if _RUN_LINE.match(plain):
        raise FileRefused("est un programme")
    if _CALLS_OUT.search(plain):
        raise FileRefused("contient une formule qui lancerait un programme")
    return CSV if extension_of(name) in CSV.extensions else TEXT


def _decodes(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return not _NOT_1252.search(content)
    return True


def unknown(content: bytes) -> FileRefused:
    """What is said of a content that is on no list."""
    media = signature_of(content)
    named = next((said for part, said in _NAMED if part in media), "")
    return FileRefused(named or f"n’est pas d’un format accepté ({ACCEPTED})")


def agreed_name(name: str, kind: FileKind) -> str:
    """The name with an extension of its kind; FileRefused when the name says another kind than the content.

    A name without extension gets one; an image under another image's extension gets its own.
    """
    own = extension_of(name)
    if own in _RUN or (own and any(part in _RUN for part in inner_extensions(name))):
        raise FileRefused(f"porte une extension qui n’est pas acceptée (.{'.'.join([*inner_extensions(name), own])})")
    if own in kind.extensions:
        return name
    if not own or (kind in IMAGES and any(own in one.extensions for one in IMAGES)):
        return with_extension(name, kind.extensions[0])
    if not any(own in one.extensions for one in KINDS.values()):
        raise FileRefused(f"porte l’extension « .{own} », qui n’est pas acceptée ({ACCEPTED})")
    raise FileRefused(f"porte l’extension « .{own} », mais son contenu est d’une autre sorte ({kind.label})")
