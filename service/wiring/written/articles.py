"""The scheduled work on the articles: mails, the editors' list, the links, by this machine's settings."""

from __future__ import annotations

import time
from collections.abc import Callable

from records.database import Engine
from records.mail import Sender
from routing.calendar.hours import read_hours
from routing.snapshot import Snapshot
from service.clock import now
from service.settings import Settings
from service.wiring.written.newsletter import national_addresses
from support.knowledge.editors.posting import EditorsPost
from support.knowledge.links.checking import LinkChecks
from support.knowledge.links.fetching import Fetcher
from support.knowledge.reports.posting import ArticlePost


def article_post(engine: Engine, sender: Sender | None) -> ArticlePost:
    """The mails about articles; without MAIL_URL they wait in the outbox."""
    return ArticlePost(engine, sender, now)


def editors_post(settings: Settings, engine: Engine, snapshot: Callable[[], Snapshot | None]) -> EditorsPost:
    """The monthly list for the editors."""
    return EditorsPost(
        engine, now, read_hours(settings.national_hours), lambda: national_addresses(snapshot()), settings.public_url
    )


def link_checks(settings: Settings, engine: Engine) -> LinkChecks:
    """The links of the articles; only a demonstration asks addresses of its own machine."""
    agent = f"Assistance-SI-SIAO verification-des-liens (+{settings.public_url}; {settings.contact_email})"
    return LinkChecks(engine, now, Fetcher(agent, allows_private=settings.demo).probe, time.sleep)
