"""The mails and the end of forms that wait for their proof, by this machine's settings."""

from __future__ import annotations

from records.database import Engine
from records.mail import Sender
from service.clock import now
from service.settings import Settings
from support.form.posting import FormPost


def form_post(settings: Settings, engine: Engine, sender: Sender | None) -> FormPost:
    """The work on forms; without MAIL_URL their mails wait in the outbox."""
    return FormPost(engine, sender, now, settings.secret, settings.public_url)
