"""What guards every page: sizes, headers, and an error that a reader understands."""

from __future__ import annotations

import logging
from collections.abc import Callable

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.middleware.proxy_fix import ProxyFix

LARGEST_PAGE = 12 * 1024 * 1024
"""Bytes; a recorded absence message is the largest thing that somebody sends us."""

LARGEST_FIELD = 5 * 1024 * 1024
"""Bytes of a form beside its files; a previewed workbook of 3 MB, handed back in base 64, needs four."""

SENTENCES = {
    400: "La demande est incomplète ou mal formée.",
    401: "Il faut se connecter pour voir cette page.",
    403: "Cette page ne vous est pas ouverte.",
    404: "Cette page n’existe pas, ou plus.",
    405: "Cette page ne peut pas être demandée ainsi.",
    413: "Ce qui a été envoyé est trop volumineux.",
    429: "Trop de demandes : patientez un instant.",
    500: "Une erreur est survenue de notre côté. Elle est notée ; les appels continuent d’être orientés.",
    503: "Cette page est momentanément indisponible. Les appels continuent d’être orientés.",
}

_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)

log = logging.getLogger(__name__)


def is_voice(path: str) -> bool:
    """Whether the telephone operator, not a person, asks for this path."""
    return path == "/voice" or path.startswith("/voice/")


def guard(app: Flask, *, is_https: bool, proxy_hops: int = 0) -> None:
    """Give `app` its limits, its security headers and its error pages; `proxy_hops` relays are believed."""
    if proxy_hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxy_hops, x_proto=proxy_hops, x_host=0)  # type: ignore[method-assign]
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_PAGE
    app.config["MAX_FORM_MEMORY_SIZE"] = LARGEST_FIELD
    app.after_request(_with_headers(is_https=is_https))
    app.register_error_handler(HTTPException, explain)
    app.register_error_handler(Exception, _explain_unexpected)


def explain(error: HTTPException) -> Response | HTTPException:
    """The French page, or for a machine the French sentence, that says what an HTTP error means."""
    if error.response is not None or error.code is None:
        return error
    sentence = SENTENCES.get(error.code, SENTENCES[400] if error.code < InternalServerError.code else SENTENCES[500])
    if is_voice(request.path):
        return Response(sentence, error.code, mimetype="text/plain")
    return Response(render_template("error.html", code=error.code, sentence=sentence), error.code)


def _explain_unexpected(error: Exception) -> Response | HTTPException:
    log.error("Erreur inattendue sur %s", request.endpoint, exc_info=error)
    return explain(InternalServerError())


def _with_headers(*, is_https: bool) -> Callable[[Response], Response]:
    headers = {
        "Content-Security-Policy": _POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "X-Frame-Options": "DENY",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    }
    if is_https:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"

    def add(response: Response) -> Response:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        return response

    return add
