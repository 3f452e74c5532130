"""The demonstration: the account of our own operator, and the page of its telephone. Nothing of it without DEMO."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint

from ivr.demo_web import telephone_blueprint
from ivr.providers.console.engine import Account
from records.calls import get_call
from records.database import Engine, SQLAlchemyError, reading
from routing.departements import timezone_of
from routing.phones import show_phone
from service.settings import Settings
from service.snapshots import SnapshotFile


def account(settings: Settings) -> Account:
    """The account whose token signs the webhooks."""
    settings.require("twilio_account_sid", "twilio_auth_token")
    return Account(settings.twilio_account_sid, settings.auth_tokens[0])


def telephone(settings: Settings, snapshot: SnapshotFile, engine: Engine) -> Blueprint:
    """The page « Téléphone de démonstration »."""

    def row_of(call: str) -> Mapping[str, Any] | None:
        try:
            with reading(engine) as connection:
                return get_call(connection, call, timezone_of=timezone_of)
        except SQLAlchemyError:
            return None

    return telephone_blueprint(
        settings.engine_url,
        row_of=row_of,
        name_of=lambda number: name_of(snapshot, number),
        number=show_phone(settings.svi_number),
        layout="layout.html",
    )


def name_of(snapshot: SnapshotFile, number: str) -> str | None:
    """Whose telephone a number (E.164) is, None when it is nobody's."""
    found = snapshot.current()
    people = found.people if found else ()
    return next((person.name for person in people if person.phone == number and person.name), None)
