"""Images: written anew from their pixels, so that nothing else of the file is kept, neither place nor program."""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping
from io import BytesIO
from typing import Any

from PIL import Image, ImageOps

from support.attachments.attachment import FileRefused

MOST_PIXELS = 50_000_000
"""Of a telephone's best camera; more is refused before a pixel is read."""
KEPT_PIXELS = 16_000_000
"""A larger one is made smaller: everything can still be read on it."""
PREVIEW = (480, 480)
"""The largest preview, in pixels."""

BROKEN = "est une image abîmée ou incomplète"
TOO_LARGE = f"est une image de plus de {MOST_PIXELS // 1_000_000} millions de points (image piégée ?)"

_ONE_AT_A_TIME = threading.Lock()
"""The pixels of one image in memory for each process."""
_SHRINK_WELL = frozenset({"RGB", "RGBA", "L", "LA"})
"""Modes in which points may be mixed; those of a palette may not."""
_SAVED: Mapping[str, Mapping[str, Any]] = {"PNG": {}, "JPEG": {"quality": 88}, "WEBP": {"quality": 88}}


def written_anew(content: bytes, form: str) -> bytes:
    """The image of the form (`PNG`, `JPEG`, `WEBP`) with nothing but its pixels, turned as they were to be seen.

    FileRefused for one that is broken, too large, or another form than it says.
    """
    with _ONE_AT_A_TIME:
        return _saved(_opened(content, form, KEPT_PIXELS), form)


def preview_of(content: bytes, form: str) -> bytes:
    """A small picture of an image that we wrote; FileRefused where it cannot be read any more."""
    with _ONE_AT_A_TIME:
        image = _opened(content, form, KEPT_PIXELS)
        image.thumbnail(PREVIEW)
        return _saved(image, form)


def _opened(content: bytes, form: str, most: int) -> Image.Image:
    """The pixels alone, at most so many."""
    try:
        with Image.open(BytesIO(content), formats=[form]) as image:
            scale = _scale(image.width * image.height, most)
            if scale < 1:
                image.draft("RGB", (int(image.width * scale), int(image.height * scale)))
            if image.mode in _SHRINK_WELL:  # before any copy is made: 50 million points are 200 MB
                _shrink(image, most)
            turned = ImageOps.exif_transpose(image)
            has_alpha = form != "JPEG" and turned.has_transparency_data
            clean = turned.convert("RGBA" if has_alpha else "RGB")
    except FileRefused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise FileRefused(TOO_LARGE) from error
    except Exception as error:  # a broken image may raise anything
        raise FileRefused(BROKEN) from error
    clean.info.clear()
    _shrink(clean, most)
    return clean


def _shrink(image: Image.Image, most: int) -> None:
    if image.width * image.height > most:
        scale = _scale(image.width * image.height, most)
        image.thumbnail((max(int(image.width * scale), 1), max(int(image.height * scale), 1)))


def _scale(pixels: int, most: int) -> float:
    """By how much an image is too large for so many pixels; FileRefused when it is too large to be read at all."""
    if pixels > MOST_PIXELS:
        raise FileRefused(TOO_LARGE)
    return math.sqrt(most / max(pixels, 1))


def _saved(image: Image.Image, form: str) -> bytes:
    out = BytesIO()
    image.save(out, form, **_SAVED[form])
    return out.getvalue()
