"""The connector to the ministry's CRM, by this machine's settings."""

from __future__ import annotations

from urllib.parse import urlsplit

from records.database import Engine
from service.clock import now
from service.settings import Settings
from support.connector.hubspot import HubSpot
from support.connector.pushing import Connector
from support.connector.tickets import Ticketing

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def connector(settings: Settings, engine: Engine, *, is_dry: bool | None = None) -> Connector | None:
    """The work of the connector; None without HUBSPOT_TOKEN, or where it would travel in clear."""
    token = settings.hubspot_token.get_secret_value()
    if not token or travels_in_clear(settings):
        return None
    stages = dict(pair.split(":") for pair in settings.hubspot_stages.split(","))
    return Connector(
        engine, hubspot(settings), Ticketing(settings.hubspot_pipeline, stages, settings.public_url), now,
        is_dry=settings.hubspot_dry_run if is_dry is None else is_dry,
    )  # fmt: skip


def hubspot(settings: Settings) -> HubSpot:
    """The interface that the settings name."""
    return HubSpot(settings.hubspot_url, settings.hubspot_token.get_secret_value(), now)


def travels_in_clear(settings: Settings) -> bool:
    """Whether the token would leave this machine without TLS."""
    parts = urlsplit(settings.hubspot_url)
    return parts.scheme != "https" and parts.hostname not in _LOOPBACK
