"""The pages that the law asks of a public service, and the file by which a weakness is reported."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Blueprint, Response, render_template

from service.privacy.retention import RETENTION
from service.settings import Settings

GOOD_FOR = timedelta(days=180)
"""How long a reader may trust security.txt: whoever serves it looks after the address."""


def legal(settings: Settings, clock: Callable[[], datetime]) -> Blueprint:
    """`/accessibilite`, `/mentions-legales`, `/donnees-personnelles`, `/.well-known/security.txt`."""
    pages = Blueprint("legal", __name__)
    contact = settings.contact_email

    @pages.get("/accessibilite")
    def accessibility() -> str:
        return render_template("legal/accessibility.html", contact=contact)

    @pages.get("/mentions-legales")
    def notices() -> str:
        return render_template("legal/notices.html", contact=contact)

    @pages.get("/donnees-personnelles")
    def privacy() -> str:
        return render_template(
            "legal/privacy.html",
            contact=contact,
            kept=[(line, line.period(settings)) for line in RETENTION],
        )

    @pages.get("/.well-known/security.txt")
    def security() -> Response:
        lines = (
            f"Contact: mailto:{contact}",
            f"Expires: {clock() + GOOD_FOR:%Y-%m-%dT%H:%M:%S.000Z}",
            "Preferred-Languages: fr, en",
            f"Canonical: {settings.public_url}/.well-known/security.txt",
        )
        return Response("\n".join(lines) + "\n", mimetype="text/plain")

    return pages
