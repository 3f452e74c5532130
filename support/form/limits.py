"""How often the form may be sent, by address and by network."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from records.attempts import DAY, Limit, reached
from records.database import Connection
from support.form.store import waiting_since

WAITING_AT_MOST = 10
"""Forms of one address that may wait for its proof in a day: what a stranger can send somebody through us."""
_ADDRESS, _NETWORK = "form address", "form network"
_REFUSED = {
    _ADDRESS: "Cette adresse a déjà envoyé plusieurs demandes. Patientez une heure, puis renvoyez celle-ci.",
    _NETWORK: "Votre réseau a déjà envoyé beaucoup de demandes. Patientez une heure, puis renvoyez celle-ci.",
}


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

    An address that nobody has proved yet gets so many mails a day at most, whoever asks for them.
    """
    if not is_proved and waiting_since(connection, email, at - DAY) >= WAITING_AT_MOST:
        raise TooManyForms(
            "Plusieurs demandes attendent déjà la confirmation de cette adresse : ouvrez d’abord le lien de l’un des "
            "courriels reçus."
        )
    asked = [Limit(_ADDRESS, email, limits.hourly_address), Limit(_NETWORK, network, limits.hourly_network)]
    if full := reached(connection, secret, asked, at):
        raise TooManyForms(_REFUSED[full.door])


def check_network(
    connection: Connection, limits: FormLimits, secret: bytes, *, what: str, network: str, at: datetime
) -> None:  # fmt: skip
    """Count one more of what needs no address (`fichiers`, `avis`) from this network; TooManyForms after enough."""
    if reached(connection, secret, [Limit(f"form {what}", network, limits.hourly_network)], at):
        raise TooManyForms(f"Votre réseau a déjà envoyé beaucoup de {what} en une heure. Patientez un peu.")
