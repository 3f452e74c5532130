"""What works behind the line in a play: the operator's interface on loopback, and whatever asks it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

from records.database import open_database
from service.running.reconcile import Reconciled, reconcile
from service.settings import Settings
from service.wiring.messages import follow_up
from service.wiring.operator import provider_of
from tests.calls.play import Scene
from tests.service.operator_api import served
from voicemail.following_up import FollowUp

LAG = timedelta(minutes=15)


def with_mails(scene: Scene, url: str = "") -> Settings:
    """The play's settings with the operator's interface there, and mails in a folder."""
    folder = str(scene.settings.var_dir / "courriels")
    return scene.settings.model_copy(update={"twilio_api_url": url, "mail_url": folder})


@contextmanager
def work(scene: Scene) -> Iterator[FollowUp]:
    """The work on messages and callbacks."""
    engine = open_database(scene.database_url)
    try:
        with served(scene.operator) as url:
            yield replace(follow_up(with_mails(scene, url), engine), clock=scene.time.now)
    finally:
        engine.dispose()


def mails(scene: Scene) -> list[EmailMessage]:
    """The mails that left, in the order of their files' names."""
    files = sorted((scene.settings.var_dir / "courriels").glob("*.eml"))
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]


def compared(scene: Scene) -> Reconciled:
    """The ledger compared with the operator's log, when all has been told that ever will be."""
    scene.rows()
    engine = open_database(scene.database_url)
    at, own = scene.time.now() + timedelta(hours=1), scene.settings.own_numbers
    try:
        with served(scene.operator) as url:
            call_log = provider_of(with_mails(scene, url)).call_log()
            return reconcile(call_log, engine, own_numbers=own, since=at - timedelta(days=1), at=at, lag=LAG)
    finally:
        engine.dispose()
