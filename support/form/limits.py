"""How often the form may be sent, by address and by network."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from records.attempts import DAY, Limit, reached
from records.database import Connection

WAITING_AT_MOST = 10
"""Mails that ask an address for its proof in a day: what a stranger can send somebody through us."""
_ADDRESS, _PROVED, _DAY, _NETWORK = "form address", "form proved address", "form address of a day", "form network"
_REFUSED = {
    _ADDRESS: "Cette adresse a déjà envoyé plusieurs demandes en une heure. Patientez une heure, puis renvoyez "
    "celle-ci.",
    _DAY: "Plusieurs courriels de confirmation sont déjà partis aujourd’hui vers cette adresse : ouvrez le lien de "
    "l’un d’eux, et demandez qu’il soit retenu.",
    _NETWORK: "Votre réseau a déjà envoyé beaucoup de demandes en une heure. Patientez un peu, puis renvoyez celle-ci.",
}
_REFUSED[_PROVED] = _REFUSED[_ADDRESS]


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
    asked = [
        Limit(_PROVED if is_proved else _ADDRESS, email, limits.hourly_address),
        Limit(_NETWORK, network, limits.hourly_network),
    ]
    if not is_proved:
        asked.append(Limit(_DAY, email, WAITING_AT_MOST, DAY))
    if full := reached(connection, secret, asked, at):
        raise TooManyForms(_REFUSED[full.door])


def check_network(
    connection: Connection, limits: FormLimits, secret: bytes, *, what: str, network: str, at: datetime
) -> None:  # fmt: skip
    """Count one more of what needs no address (`fichiers`, `avis`) from this network; TooManyForms after enough."""
    if reached(connection, secret, [Limit(f"form {what}", network, limits.hourly_network)], at):
        raise TooManyForms(f"Votre réseau a déjà envoyé beaucoup de {what} en une heure. Patientez un peu.")
