"""What guards every page: sizes, headers, and an error that a reader understands."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import IO

from flask import Flask, Request, Response, render_template, request
from werkzeug.exceptions import HTTPException, InternalServerError, MethodNotAllowed, RequestEntityTooLarge
from werkzeug.middleware.proxy_fix import ProxyFix

from ivr.asked import is_voice
from service.pages.field_names import shown_fields

LARGEST_PAGE = 12 * 1024 * 1024
"""Bytes; a recorded absence message is the largest thing that somebody sends us."""

LARGEST_WITH_FILES = 22 * 1024 * 1024
"""Bytes of a form that takes files: 20 MB of them, and what is written beside."""
TAKE_FILES = frozenset({"form", "follow"})
"""The blueprints whose forms do."""
READ_TO_ANSWER = 64 * 1024 * 1024
"""Bytes of a form that is too large that are read all the same: a browser that is cut off shows no answer."""

LARGEST_FIELD = 5 * 1024 * 1024
"""Bytes of a form beside its files; a previewed workbook of 3 MB, handed back in base 64, needs four."""

SENTENCES = {
    400: "La demande est incomplète ou mal formée.",
    401: "Il faut se connecter pour voir cette page.",
    403: "Cette page ne vous est pas ouverte.",
    404: "Cette page n’existe pas, ou plus.",
    405: "Cette page ne peut pas être demandée ainsi.",
    410: "Ceci n’est plus là.",
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


class GuardedRequest(Request):
    """A request whose files are let go with it, those of a form too that was cut off or refused half-way."""

    _streams: tuple[IO[bytes], ...] = ()

    def _get_file_stream(
        self, total_content_length: int | None, content_type: str | None, filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:  # fmt: skip
        stream = super()._get_file_stream(total_content_length, content_type, filename, content_length)
        self._streams += (stream,)
        return stream

    def close(self) -> None:
        """Close what came with it."""
        super().close()
        for stream in self._streams:
            stream.close()


def guard(app: Flask, *, is_https: bool, proxy_hops: int = 0) -> None:
    """Give `app` its limits, its security headers and its error pages; `proxy_hops` relays are believed."""
    guard_telephone(app, is_https=is_https, proxy_hops=proxy_hops)
    app.before_request(_make_room_for_files)
    app.register_error_handler(HTTPException, explain)
    app.register_error_handler(Exception, _explain_unexpected)


def guard_telephone(app: Flask, *, is_https: bool, proxy_hops: int = 0) -> None:
    """The same for an application without a page: what goes wrong is a sentence."""
    app.request_class = GuardedRequest
    if proxy_hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxy_hops, x_proto=proxy_hops, x_host=0)  # type: ignore[method-assign]
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_PAGE
    app.config["MAX_FORM_MEMORY_SIZE"] = LARGEST_FIELD
    app.after_request(_with_headers(is_https=is_https))
    app.register_error_handler(HTTPException, _say_plainly)


def explain(error: HTTPException) -> Response | HTTPException:
    """The French page, or for a machine the French sentence, that says what an HTTP error means."""
    if error.response is not None or error.code is None:
        return error
    if error.code == RequestEntityTooLarge.code and _has_too_large_files():
        return Response(render_template("too_large.html", typed=_typed()), error.code)
    if error.code == RequestEntityTooLarge.code:
        let_go()
    if is_voice(request.path):
        return _say_plainly(error)
    page = render_template("error.html", code=error.code, sentence=_sentence(error.code))
    return _with_allowed(error, Response(page, error.code))


def _say_plainly(error: HTTPException) -> Response | HTTPException:
    """The sentence alone, for a machine."""
    if error.response is not None or error.code is None:
        return error
    return _with_allowed(error, Response(_sentence(error.code), error.code, mimetype="text/plain"))


def _with_allowed(error: HTTPException, answer: Response) -> Response:
    """The answer; to what is no method of an address it says which are (RFC 9110, section 15.5.6)."""
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        answer.allow.update(error.valid_methods)
    return answer


def _sentence(code: int) -> str:
    return SENTENCES.get(code, SENTENCES[400] if code < InternalServerError.code else SENTENCES[500])


def _make_room_for_files() -> None:
    """Before anything reads the form, its token included."""
    if request.blueprint in TAKE_FILES:
        request.max_content_length = LARGEST_WITH_FILES


def _has_too_large_files() -> bool:
    """Whether it is for its files that this form is too large."""
    return request.blueprint in TAKE_FILES and (request.content_length or 0) > LARGEST_WITH_FILES


def _typed() -> list[tuple[str, str]]:
    """What was written beside files that are too large, under the labels of its page; nothing of a form beyond bounds.

    Of such a form nothing has been read yet; the files go to the disk for as long as the answer takes.
    """
    if (request.content_length or 0) > READ_TO_ANSWER:
        let_go()
        return []
    request.max_content_length = READ_TO_ANSWER
    return shown_fields(request.form.items(multi=True))


def let_go() -> None:
    """Read what a browser still sends, within bounds, so that it comes to read our answer."""
    source, left = request.environ["wsgi.input"], min(request.content_length or 0, READ_TO_ANSWER)
    while left > 0 and (piece := source.read(min(left, 64 * 1024))):
        left -= len(piece)


def _explain_unexpected(error: Exception) -> Response | HTTPException:
    log.error("Erreur inattendue sur %s", request.endpoint, exc_info=error)
    return explain(InternalServerError())


def security_headers(*, is_https: bool) -> dict[str, str]:
    """The headers of every answer."""
    headers = {
        "Content-Security-Policy": _POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "X-Frame-Options": "DENY",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    }
    if is_https:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return headers


def _with_headers(*, is_https: bool) -> Callable[[Response], Response]:
    headers = security_headers(is_https=is_https)

    def add(response: Response) -> Response:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        return response

    return add
