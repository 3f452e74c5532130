"""A kept file is given: always as a download, never as a page."""

from __future__ import annotations

import logging
from urllib.parse import quote

from flask import Response, abort, render_template

from support.attachments.attachment import Attachment, FileRefused
from support.attachments.contents.images import preview_of
from support.attachments.folder import FileLost
from support.attachments.keeping import Attachments
from support.attachments.kinds import KINDS

log = logging.getLogger(__name__)
GONE = 410


def give(files: Attachments | None, attachment: Attachment) -> Response:
    """The file as a download; a French page when it is infected, lost, or not what was kept.

    Whoever calls has checked that the reader may have it.
    """
    try:
        content = _content(files, attachment)
    except FileLost as lost:
        if attachment.is_given:
            log.error("La pièce jointe %s ne peut plus être lue (%s)", attachment.id, lost)  # noqa: TRY400 - no fault of code
        return Response(render_template("attachments/gone.html", attachment=attachment), GONE)
    return _headed(Response(content, mimetype=_media(attachment)), f"attachment; {_named(attachment.name)}")


def show(files: Attachments | None, attachment: Attachment, *, is_small: bool = False) -> Response:
    """An image that we wrote ourselves, shown in its place; 404 for any other file, and where it is gone."""
    if not attachment.is_image:
        abort(404)
    try:
        content = _content(files, attachment)
        if is_small:
            content = preview_of(content, attachment.kind.rpartition("/")[2].upper())
    except (FileLost, FileRefused) as lost:
        log.warning("L’image de la pièce jointe %s ne peut pas être montrée (%s)", attachment.id, lost)
        abort(404)
    return _headed(Response(content, mimetype=_media(attachment)), f"inline; {_named(attachment.name)}")


def _content(files: Attachments | None, attachment: Attachment) -> bytes:
    if files is None:
        raise FileLost("no folder")
    return files.content_of(attachment)


def _headed(response: Response, disposition: str) -> Response:
    response.headers["Content-Disposition"] = disposition
    response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.cache_control.no_store = True
    return response


def _media(attachment: Attachment) -> str:
    """One of our list, whatever a row says."""
    return attachment.kind if attachment.kind in KINDS else "application/octet-stream"


def _named(name: str) -> str:
    """The name of a download (RFC 6266): plain letters for old browsers, every mark (RFC 5987) for the others."""
    plain = "".join(mark if mark.isascii() and (mark.isalnum() or mark in " ._-()") else "_" for mark in name)
    return f"filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
