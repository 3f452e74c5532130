"""The newsletter's scheduled work, by this machine's settings."""

from __future__ import annotations

from collections.abc import Callable

from records.database import Engine
from records.mail import Sender
from routing.calendar.hours import read_hours
from routing.departements import NATIONAL
from routing.snapshot import Snapshot
from service.clock import now
from service.settings import Settings
from support.newsletter.posting import NewsletterPost
from voicemail.notices import readers_of


def newsletter_post(
    settings: Settings, engine: Engine, sender: Sender | None, snapshot: Callable[[], Snapshot | None]
) -> NewsletterPost:
    """The drafts and the mails; without MAIL_URL they wait in the outbox."""
    return NewsletterPost(
        engine, sender, now, settings.secret, settings.public_url, read_hours(settings.national_hours),
        lambda: national_addresses(snapshot()),
    )  # fmt: skip


def national_addresses(serving: Snapshot | None) -> list[str]:
    """Where the national team reads its mails."""
    return [str(one.email) for one in readers_of(serving, NATIONAL)] if serving else []
