"""The mails of requests, by this machine's settings."""

from __future__ import annotations

from collections.abc import Callable
from email.utils import getaddresses

from records.database import Engine
from records.invitation import Guest
from records.mail import Sender
from routing.snapshot import Snapshot
from service.clock import now
from service.settings import Settings
from support.following.posting import SenderPost
from support.requests.letters.posting import RequestPost
from voicemail.notices import readers_of


def request_post(
    settings: Settings, engine: Engine, sender: Sender | None, snapshot: Callable[[], Snapshot | None]
) -> RequestPost:
    """The work on the mails of requests; without MAIL_URL they wait in the outbox."""

    def desk_readers(code: str) -> list[Guest] | None:
        serving = snapshot()
        if serving is None:
            return None
        return [Guest(str(one.email).casefold(), one.name) for one in readers_of(serving, code)]

    return RequestPost(
        engine=engine,
        sender=sender,
        desk_readers=desk_readers,
        link=lambda number: f"{settings.public_url}/demandes/{number}",
        organizer=organizer(settings),
        clock=now,
        secret=settings.secret,
        senders=SenderPost(
            settings.secret, settings.public_url, settings.request_link_days, settings.reply_address,
            organizer(settings),
        ),
    )  # fmt: skip


def organizer(settings: Settings) -> Guest:
    """In whose name people are invited: the address that is read, where there is one."""
    name, address = next(iter(getaddresses([settings.mail_reply_to or settings.mail_from])), ("", ""))
    return Guest(address, name or "Assistance SI SIAO")
