"""What becomes of messages and callbacks, by this machine's settings."""

from __future__ import annotations

from datetime import timedelta

from ivr.providers.twilio_recordings import TwilioRecordings
from records.database import Engine
from service.clock import now
from service.mail import Mail, sender
from service.settings import Settings
from service.snapshots import SnapshotFile
from voicemail.following_up import FollowUp, Post, Recordings
from voicemail.notices import Letter


def follow_up(settings: Settings, engine: Engine) -> FollowUp:
    """The work on messages and callbacks; without MAIL_URL letters wait in the outbox."""
    snapshot = SnapshotFile(settings.var_dir)
    return FollowUp(
        engine=engine,
        recordings=recordings_of(settings),
        post=post_of(settings),
        snapshot=snapshot.current,
        link=lambda call_id: f"{settings.public_url}/appels/{call_id}",
        folder=settings.voicemail_dir,
        clock=now,
        kept_for=timedelta(days=settings.message_days),
    )


def recordings_of(settings: Settings) -> Recordings:
    """The operator's recordings; in a demonstration those of the simulated operator."""
    api_url = settings.twilio_api_url or (settings.engine_url if settings.demo else "")
    return TwilioRecordings(settings.twilio_account_sid, next(iter(settings.auth_tokens), ""), api_url)


def post_of(settings: Settings) -> Post | None:
    """How letters leave; None without MAIL_URL."""
    if not settings.mail_url:
        return None
    mails = sender(settings)

    def post(letter: Letter, key: str) -> None:
        mails.send(Mail(letter.to, letter.subject, letter.text, key))

    return post
