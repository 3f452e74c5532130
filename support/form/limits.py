"""How often the form may be sent, by address and by network: counted under keyed fingerprints, for a day."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address, ip_network

from records.database import Connection
from support.form.store import attempts_since, note_attempt, waiting_since

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WAITING_AT_MOST = 10
"""Forms of one address that may wait for its proof in a day: what a stranger can send somebody through us."""
IPV6_PREFIX = 64
"""Bits that one subscriber has for himself."""


class TooManyForms(Exception):  # noqa: N818 - named as what happened
    """The form is not taken now; its text says why, in French."""


@dataclass(frozen=True, slots=True)
class FormLimits:
    """Forms taken in an hour for one address, and from one network."""

    hourly_address: int
    hourly_network: int


def network_of(address: str) -> str:
    """The network of a visitor's address: itself, or for IPv6 the subscriber's; "" when none is known."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    return str(found) if found.version == 4 else str(ip_network((found, IPV6_PREFIX), strict=False))  # noqa: PLR2004


def check_limits(
    connection: Connection, limits: FormLimits, secret: bytes, *, email: str, network: str, is_proved: bool,
    at: datetime,
) -> None:  # fmt: skip
    """Count one more form of this address and network; TooManyForms when there were enough.

    An address that nobody has proved yet gets so many mails a day at most, whoever asks for them.
    """
    of_address, of_network = _bucket(secret, "address", email), _bucket(secret, "network", network)
    if attempts_since(connection, of_address, at - HOUR) >= limits.hourly_address:
        raise TooManyForms(
            "Cette adresse a déjà envoyé plusieurs demandes en une heure. Patientez une heure, puis renvoyez celle-ci."
        )
    if not is_proved and waiting_since(connection, email, at - DAY) >= WAITING_AT_MOST:
        raise TooManyForms(
            "Plusieurs demandes attendent déjà la confirmation de cette adresse : ouvrez d’abord le lien de l’un des "
            "courriels reçus."
        )
    if attempts_since(connection, of_network, at - HOUR) >= limits.hourly_network:
        raise TooManyForms(
            "Votre réseau a déjà envoyé beaucoup de demandes en une heure. Patientez un peu, puis renvoyez celle-ci."
        )
    note_attempt(connection, of_address, at)
    note_attempt(connection, of_network, at)


def check_network(
    connection: Connection, limits: FormLimits, secret: bytes, *, what: str, network: str, at: datetime
) -> None:  # fmt: skip
    """Count one more of what needs no address (`fichiers`, `avis`) from this network; TooManyForms after enough."""
    bucket = _bucket(secret, what, network)
    if attempts_since(connection, bucket, at - HOUR) >= limits.hourly_network:
        said = f"Votre réseau a déjà envoyé beaucoup de {what} en une heure. Patientez un peu."
        raise TooManyForms(said)
    note_attempt(connection, bucket, at)


def _bucket(secret: bytes, kind: str, value: str) -> str:
    """The fingerprint under which attempts are counted: nobody finds the address again without the secret key."""
    return hmac.new(secret, f"form {kind}\x1f{value}".encode(), sha256).hexdigest()
