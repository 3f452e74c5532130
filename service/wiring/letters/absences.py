"""The letters about absences, by this machine's settings."""

from __future__ import annotations

from collections.abc import Callable

from records.database import Engine
from records.mail import Sender
from routing.snapshot import Snapshot
from service.clock import now
from service.directory.away_letters import AwayPost
from service.settings import Settings
from service.wiring.letters.requests import organizer


def away_post(
    settings: Settings, engine: Engine, sender: Sender | None, snapshot: Callable[[], Snapshot | None]
) -> AwayPost:
    """The work on the letters about absences; without MAIL_URL they wait in the outbox."""
    return AwayPost(engine, sender, snapshot, f"{settings.public_url}/absence", organizer(settings), now)
