"""An application as the browser tests serve it: what an answer holds is let go even when the browser turns away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def letting_go(app: WSGIApplication) -> WSGIApplication:
    """The same application; a file that was being sent is closed however the sending ends.

    The development server forgets to, when the browser resets the connection while it drains the request.
    """

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return _sent(app(environ, start_response))

    return answer


def _sent(body: Iterable[bytes]) -> Iterator[bytes]:
    try:
        yield from body
    finally:
        if (close := getattr(body, "close", None)) is not None:
            close()
