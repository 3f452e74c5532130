"""Files as people send them, good and bad, made here byte by byte."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

from PIL import Image

EICAR = b"".join((b"X5O!P%@AP[4\\PZX54(P^)7CC)7}", b"$EICAR-", b"STANDARD-", b"ANTIVIRUS-", b"TEST-FILE", b"!$H+H*"))
"""The test virus, in pieces, so that no antivirus takes this file for it."""

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types><Override PartName="/main.xml" ContentType="{}.main+xml"/></Types>'
)


def image(form: str = "PNG", size: tuple[int, int] = (40, 30), **more: object) -> bytes:
    """A picture of one colour."""
    out = io.BytesIO()
    Image.new("RGB", size, (0, 80, 160)).save(out, form, **more)
    return out.getvalue()


def png_that_says(width: int, height: int) -> bytes:
    """A tiny file that says it is an image of so many pixels."""
    told = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", told), (b"IDAT", zlib.compress(b"\x00" * 1000)), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(one) - 4) + one + struct.pack(">I", zlib.crc32(one)) for one in map(b"".join, parts)
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def pdf(*objects: bytes) -> bytes:
    """A small document that a viewer opens, with these objects besides."""
    first = (b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [] /Count 0 >>")
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (number, one) for number, one in enumerate((*first, *objects), 1))
    return b"%PDF-1.7\n" + body + b"trailer << /Root 1 0 R >>\nstartxref\n9\n%%EOF\n"


def stream(content: bytes, told: bytes = b"") -> bytes:
    """An object that holds deflated bytes."""
    packed = zlib.compress(content)
    return b"<< /Length %d /Filter /FlateDecode %s >>\nstream\n%s\nendstream" % (len(packed), told, packed)


def archive(parts: Mapping[str, bytes], *, stored: tuple[str, ...] = ("mimetype",)) -> bytes:
    """An archive of these parts, in their order."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, content, zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED)
    return out.getvalue()


def open_xml(media: str = WORD, types: str = "", **parts: bytes) -> bytes:
    """A document of an office suite; `parts` by their names, « __ » standing for « / »."""
    rest = {name.replace("__", "/"): content for name, content in parts.items()}
    told = (types or _TYPES.format(media)).encode()
    return archive({"[Content_Types].xml": told, "main.xml": b"<document>Bonjour</document>"} | rest)


def open_document(kind: str = "text", **parts: bytes) -> bytes:
    """A document of LibreOffice."""
    rest = {name.replace("__", "/"): content for name, content in parts.items()}
    mimetype = f"application/vnd.oasis.opendocument.{kind}".encode()
    return archive({"mimetype": mimetype, "content.xml": b"<office/>", "META-INF/manifest.xml": b"<manifest/>"} | rest)
