"""The files of a request on the desk: their list, a look at an image, the download, for whoever reads the request."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from records.database import Connection
from support.attachments.attachment import Attachment, Scan
from support.attachments.giving import give, show
from support.attachments.store import attachments_of, read_attachment
from support.desk import Desk
from support.requests.store import read_request

LARGEST_ID = 2**31


def downloads_blueprint(desk: Desk) -> Blueprint:
    """The addresses under `/demandes/<n>/fichiers`."""
    pages = Blueprint("attachments", __name__, template_folder="../templates")

    @pages.get("/demandes/<int:number>/fichiers/<int:file>")
    def download(number: int, file: int) -> ResponseReturnValue:
        acting = desk.acting()
        with acting.writing() as connection:
            found = _readable(desk, connection, number, file)
            if found.is_given and found.scan is Scan.UNSCANNED and request.args.get("telecharger") != "1":
                return render_template("attachments/warning.html", attachment=found, number=number)
            if found.is_given:
                acting.note(connection, "pièce jointe téléchargée", f"{number}/{file}")
        return give(desk.files, found)

    @pages.get("/demandes/<int:number>/fichiers/<int:file>/apercu")
    def preview(number: int, file: int) -> Response:
        with desk.reading() as connection:
            found = _readable(desk, connection, number, file)
        return show(desk.files, found, is_small=True)

    @pages.get("/demandes/<int:number>/fichiers/<int:file>/image")
    def whole(number: int, file: int) -> Response:
        acting = desk.acting()
        with acting.writing() as connection:
            found = _readable(desk, connection, number, file)
            acting.note(connection, "pièce jointe vue", f"{number}/{file}")
        return show(desk.files, found)

    return pages


def files_of(desk: Desk) -> Callable[[int], list[Attachment]]:
    """What the templates ask: the files of a request that its page shows."""

    def listed(number: int) -> list[Attachment]:
        with desk.reading() as connection:
            return attachments_of(connection, number)

    return listed


def _readable(desk: Desk, connection: Connection, number: int, file: int) -> Attachment:
    """The file of this request, if the reader may see the request; else 404, whether it exists or not."""
    asked = read_request(connection, number) if max(number, file) < LARGEST_ID else None
    if asked is None or not desk.reader().may_read(asked.departement):
        abort(404)
    return read_attachment(connection, number, file) or abort(404)
