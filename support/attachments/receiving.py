"""The files of a posted form: their sizes are looked at before one of them is read into memory."""

from __future__ import annotations

import io
from collections.abc import Iterable

from werkzeug.datastructures import FileStorage

from records.refusals import ChangeRefused
from support.attachments.attachment import FIELD, Upload
from support.attachments.keeping import LARGEST_TOGETHER, MOST
from support.attachments.told import say_size


def uploads_of(sent: Iterable[FileStorage]) -> list[Upload]:
    """What was sent in the field of files; ChangeRefused when it is too much to be read at all.

    A field in which nobody chose a file is none.
    """
    files = [(one, _size_of(one)) for one in sent]
    chosen = [(one, size) for one, size in files if one.filename or size]
    if len(chosen) > MOST:
        raise ChangeRefused(f"{len(chosen)} fichiers, c’est trop : {MOST} au plus.", FIELD)
    together = sum(size for _, size in chosen)
    if together > LARGEST_TOGETHER:
        told = ", ".join(f"« {one.filename} » ({say_size(size)})" for one, size in chosen)
        raise ChangeRefused(f"Les fichiers dépassent {say_size(LARGEST_TOGETHER)} ensemble : {told}.", FIELD)
    return [Upload(one.filename or "", one.stream.read()) for one, _ in chosen]


def _size_of(sent: FileStorage) -> int:
    size = sent.stream.seek(0, io.SEEK_END)
    sent.stream.seek(0)
    return size
