"""How many files are read at once: a web process answers calls too, and a few threads are left for them.

Whoever comes beyond is told before a byte of his file is understood.
"""

from __future__ import annotations

import threading

from flask import Flask, Response, g, render_template, request, session

from service.pages.doors import let_go

AT_ONCE = 2
"""Forms with a file to understand that one web process reads at once."""
RETRY_AFTER = 10
"""Seconds."""
WITHOUT_SESSION = 64 * 1024
"""Bytes that are read of such a form of somebody who is not signed in: enough to tell him so."""
UNDERSTOOD = frozenset({
    "reports.preview_import", "reports.confirm_import", "reports.refused_lines",
    "admin_directory.check", "admin_directory.publish", "admin_articles.check", "admin_articles.take_in",
})  # fmt: skip
"""The endpoints that understand a file line by line."""
SENTENCE = (
    "D’autres fichiers sont en cours de lecture. Le vôtre n’a pas été lu : revenez en arrière et renvoyez-le "
    "dans quelques secondes."
)


def bound_uploads(app: Flask, at_once: int = AT_ONCE) -> None:
    """Let so many forms with a file in at a time; install it before anything reads a form."""
    turnstile = threading.BoundedSemaphore(at_once)

    @app.before_request
    def enter() -> Response | None:
        if request.method != "POST" or request.endpoint not in UNDERSTOOD:
            return None
        if not session.get("desk"):
            request.max_content_length = WITHOUT_SESSION
            return None
        if turnstile.acquire(blocking=False):
            g.leaves = turnstile.release
            return None
        let_go()
        page = render_template("error.html", code=429, sentence=SENTENCE)
        return Response(page, 429, headers={"Retry-After": str(RETRY_AFTER)})

    @app.teardown_request
    def leave(_error: BaseException | None) -> None:
        if leaves := g.pop("leaves", None):
            leaves()
