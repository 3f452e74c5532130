"""What people type about a request: texts, a ticket's title, the day and hour of an exchange."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta

from records.mail import is_address
from records.refusals import ChangeRefused, with_its_lines
from routing.departements import timezone_of

LONGEST_SUBJECT = 200
LONGEST_TEXT = 4000
SHORTEST_EXCHANGE, LONGEST_EXCHANGE = 5, 240
"""Minutes."""
FARTHEST_EXCHANGE = timedelta(days=180)
_HOUR = re.compile(r"([0-9]{1,2})\s*(?:[:hH]\s*([0-9]{2})?)")


def read_text(typed: str, field: str, *, optional: bool = False) -> str:
    """The text without control marks, its lines kept; ChangeRefused when it is missing or too long."""
    plain = with_its_lines(typed)
    if not plain and not optional:
        raise ChangeRefused("Écrivez un texte.", field)
    if len(plain) > LONGEST_TEXT:
        raise ChangeRefused(f"Le texte est trop long : {len(plain)} caractères pour {LONGEST_TEXT} au plus.", field)
    return plain


def read_address(typed: str, field: str) -> str:
    """An address to which an answer can be sent; ChangeRefused otherwise."""
    address = typed.strip()
    if not is_address(address):
        raise ChangeRefused("Donnez l’adresse électronique à laquelle répondre.", field)
    return address


def read_exchange(day: str, hour: str, minutes: str, departement: str | None, at: datetime) -> tuple[datetime, int]:
    """When an exchange begins (UTC), typed in the département's own time, and its minutes; ChangeRefused otherwise."""
    zone = timezone_of(departement)
    local = datetime.combine(_day(day), _hour(hour), zone)
    try:
        starts = local.astimezone(UTC)
    except OverflowError:  # an hour of the first or the last day of all
        raise ChangeRefused("Donnez un jour, par exemple 2026-12-07.", "date") from None
    if starts.astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise ChangeRefused("Cette heure n’existe pas ce jour-là : les horloges avancent.", "heure")
    if starts <= at:
        raise ChangeRefused("Ce moment est passé : proposez un moment à venir.", "date")
    if starts > at + FARTHEST_EXCHANGE:
        raise ChangeRefused("Ce jour est trop lointain : proposez un moment dans les six mois.", "date")
    return starts, _minutes(minutes)


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        raise ChangeRefused("Donnez un jour, par exemple 2026-12-07.", "date") from None


def _hour(typed: str) -> time:
    found = _HOUR.fullmatch(typed.strip())
    try:
        return time(int(found[1]), int(found[2] or 0)) if found else time.fromisoformat("refused")
    except ValueError:
        raise ChangeRefused("Donnez une heure, par exemple 14:30.", "heure") from None


def _minutes(typed: str) -> int:
    found = int(typed) if re.fullmatch(r"[0-9]{1,3}", typed.strip()) else 0
    if not SHORTEST_EXCHANGE <= found <= LONGEST_EXCHANGE:
        raise ChangeRefused(f"Donnez une durée de {SHORTEST_EXCHANGE} à {LONGEST_EXCHANGE} minutes.", "minutes")
    return found
