"""A number as somebody types it for the commands of privacy."""

from __future__ import annotations

from routing.phones import MAX_TYPED, PhoneRefused
from service.commands.french import CommandRefused
from service.privacy.erasing import read_typed
from service.settings import Settings


def number_or_refused(settings: Settings, typed: str) -> str:
    """The E.164 number in any usual writing; CommandRefused for anything else."""
    try:
        return read_typed(settings, typed)
    except PhoneRefused as refusal:
        raise CommandRefused(f"« {typed[:MAX_TYPED]} » n’est pas un numéro de téléphone : {refusal}.") from None
