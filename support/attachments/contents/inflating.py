"""Packed bytes read piece by piece, so that a bomb never stands in memory."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

READ = 64 * 1024
"""Packed bytes taken at once."""
PIECE = 256 * 1024
"""Bytes of the longest piece that comes out."""

RAW, ZLIB = -15, 15
"""How the packed bytes begin: with nothing (archives), with a header (PDF)."""


class PackedWrongly(ValueError):  # noqa: N818 - named as what was found
    """The packed bytes are broken or end too early."""


def inflated(packed: memoryview, form: int) -> Iterator[bytes]:
    """What was packed, in pieces; PackedWrongly when it is broken. Whoever has enough stops asking."""
    machine = zlib.decompressobj(form)
    try:
        for start in range(0, len(packed), READ):
            waiting: bytes | memoryview = packed[start : start + READ]
            while waiting and not machine.eof:
                if piece := machine.decompress(waiting, PIECE):
                    yield piece
                waiting = machine.unconsumed_tail
            if machine.eof:
                return
        while piece := machine.decompress(b"", PIECE):
            yield piece
    except zlib.error as error:
        raise PackedWrongly from error
    if not machine.eof:
        raise PackedWrongly
