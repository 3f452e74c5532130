"""Whoever is signed in and asks for what is not his leaves a line: a page refused, or one that he does not see."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus

from flask import Flask, Response, g, request

from records.database import Engine, SQLAlchemyError, writing
from records.desks.audit import note_refusal

REFUSED = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})
"""What is somebody else's is answered 404, as if it did not exist."""

log = logging.getLogger(__name__)


def watch_refusals(app: Flask, engine: Engine, clock: Callable[[], datetime]) -> None:
    """Note what the pages refuse to whoever is signed in; addresses of no page at all are nobody's."""

    @app.after_request
    def noted(answer: Response) -> Response:
        account, endpoint = g.get("account"), request.endpoint or ""
        if (
            account is None
            or not endpoint
            or endpoint.rpartition(".")[2] == "static"
            or answer.status_code not in REFUSED
        ):
            return answer
        try:
            with writing(engine) as connection:
                asked = f"{request.method} {request.path}"
                note_refusal(connection, by=account.email, what="accès refusé", reference=asked, at=clock())
        except SQLAlchemyError as error:
            log.error("Un refus n’a pas pu être noté : %s", type(error).__name__)  # noqa: TRY400 - what failed says enough
        return answer
