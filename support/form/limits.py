"""How often the form may be sent, by address and by network: counted under keyed fingerprints, for a day."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from records.database import Connection
from support.form.store import attempts_since, note_attempt

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WAITING_AT_MOST = 10
"""Mails that ask an address for its proof in a day: what a stranger can send somebody through us."""


class TooManyForms(Exception):  # noqa: N818 - named as what happened
    """The form is not taken now; its text says why, in French."""


@dataclass(frozen=True, slots=True)
class FormLimits:
    """Forms taken in an hour for one address, and from one network."""

    hourly_address: int
    hourly_network: int


def check_limits(
    connection: Connection, limits: FormLimits, secret: bytes, *, email: str, network: str, is_proved: bool,
    at: datetime,
) -> None:  # fmt: skip
    """Count one more form of this address and network; TooManyForms when there were enough.

    An address that nobody has proved yet gets so many mails a day at most, whoever asks for them; what strangers send
    in its name takes nothing from its owner, who has proved it.
    """
    of_address = _bucket(secret, "proved address" if is_proved else "address", email)
    of_network = _bucket(secret, "network", network)
    if attempts_since(connection, of_address, at - HOUR) >= limits.hourly_address:
        raise TooManyForms(
            "Cette adresse a déjà envoyé plusieurs demandes en une heure. Patientez une heure, puis renvoyez celle-ci."
        )
    if not is_proved and attempts_since(connection, of_address, at - DAY) >= WAITING_AT_MOST:
        raise TooManyForms(
            "Plusieurs courriels de confirmation sont déjà partis aujourd’hui vers cette adresse : ouvrez le lien de "
            "l’un d’eux, et demandez qu’il soit retenu."
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
