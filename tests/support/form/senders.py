"""Whoever writes through the public form: a browser without script, its mailbox, what he types."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.message import EmailMessage
from html import unescape
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from records.database import reading
from records.schema.request_tables import requests
from service.mail import sender
from support.form.posting import FormPost
from tests.support.house import House

ENTRY = {
    "thematique": "Accès et authentification", "motif": "Problème de connexion au SI SIAO",
    "sous_motif": "Réinitialisation du mot de passe",
}  # fmt: skip
WRITTEN = {
    "referent": "non", "profil": "premier-accueil", "nom": "Invention", "prenom": "Lou", "email": "lou@asso.example",
    "departement": "75", **ENTRY, "objet": "Mot de passe perdu", "description": "Je ne peux plus me connecter.",
}  # fmt: skip
"""A whole form."""


@dataclass
class Writer:
    """A browser without script: it sends what the page that it is on holds."""

    house: House
    client: FlaskClient
    page: TestResponse = field(init=False)

    def __post_init__(self) -> None:
        """Begin on the form."""
        self.open("/demande")

    def open(self, path: str) -> TestResponse:
        """Open a page."""
        self.page = self.client.get(path)
        return self.page

    def send(self, fields: dict[str, Any] | None = None, path: str = "/demande", **more: Any) -> TestResponse:
        """Send these fields with the token of the page."""
        data = {"csrf_token": self.token(), **(fields or {}), **more}
        self.page = self.client.post(path, data=data, content_type="multipart/form-data")
        return self.page

    def press(self, button: str, value: str = "", **typed: Any) -> TestResponse:
        """Type into the form that is shown, and press one of its buttons."""
        return self.send(self.held() | typed | {button: value})

    def token(self) -> str:
        """The token of the page, or of a fresh one."""
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.page.text)
        if not found:
            found = re.search(r'name="csrf_token" value="([^"]+)"', self.client.get("/demande").text)
        assert found
        return found[1]

    def held(self) -> dict[str, Any]:
        """What the form of the page holds now, as a browser would send it."""
        text = self.page.text
        inputs = {n: v for n, v in _inputs(text) if n not in {"csrf_token", "faire", "retirer", "choisir", "repondu"}}
        areas = re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>\n?(.*?)</textarea>', text, re.DOTALL)
        lists = re.findall(r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', text, re.DOTALL)
        chosen = {name: _selected(options) for name, options in lists}
        return inputs | {name: unescape(value).strip() for name, value in areas} | chosen


def _inputs(text: str) -> list[tuple[str, str]]:
    found = []
    for tag in re.findall(r"<input[^>]*>", text, re.DOTALL):
        name, value = re.search(r'name="(\w+)"', tag), re.search(r'value="([^"]*)"', tag)
        is_off = re.search(r'type="(?:radio|checkbox)"', tag) and " checked" not in tag
        if name and 'type="file"' not in tag and not is_off:
            found.append((name[1], unescape(value[1]) if value else ""))
    return found


def _selected(options: str) -> str:
    found = re.search(r'<option value="([^"]*)" selected', options)
    return unescape(found[1]) if found else ""


def writer(house: House) -> Writer:
    """Somebody whom nobody knows."""
    return Writer(house, house.app.test_client())


def post_of(house: House) -> FormPost:
    """The job of forms at the house's moment."""
    s = house.settings
    return FormPost(house.engine, sender(s), house.clock, s.secret, s.public_url)


def proofs(house: House) -> list[EmailMessage]:
    """The mails that ask for a proof, after a round of the job."""
    post_of(house).send()
    return [mail for mail in house.mails() if "Confirmez" in str(mail["Subject"])]


def link_in(mail: EmailMessage) -> str:
    """The path of the link of such a mail."""
    part = mail.get_body(("plain",))
    assert part
    found = re.search(r"http://127\.0\.0\.1:8000(/demande/confirmer/\S+)", str(part.get_content()))
    assert found
    return found[1]


def opened(house: House) -> list[Any]:
    """Every request."""
    with reading(house.engine) as connection:
        return list(connection.execute(select(requests).order_by(requests.c.id)))
