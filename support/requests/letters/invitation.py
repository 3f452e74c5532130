"""A telephone exchange as calendars read it, and its moment in words, each reader's own clock first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from records.invitation import Appointment, Guest
from routing.calendar.words import write_moment
from routing.departements import departements, timezone_of


@dataclass(frozen=True, slots=True)
class PlannedExchange:
    """A telephone exchange planned for a request, as one step of its history says it; `start` is UTC.

    `uid` and `sequence` are those of its invitation; `before` is the moment that was planned before this one.
    """

    uid: str
    sequence: int
    start: datetime
    minutes: int
    before: datetime | None = None
    is_cancelled: bool = False

    @property
    def end(self) -> datetime:
        """When it is over (UTC)."""
        return self.start + timedelta(minutes=self.minutes)


def exchange_appointment(
    exchange: PlannedExchange, *, number: int, link: str, at: datetime, organizer: Guest, guests: Sequence[Guest]
) -> Appointment:
    """The appointment of everybody who takes part; it names the request by its number, nobody who called."""
    return Appointment(
        exchange.uid, exchange.sequence, at, exchange.start, exchange.end,
        summary=f"Échange téléphonique, demande n° {number}",
        description=f"Échange entre le référent et l’équipe nationale sur la demande n° {number}.\n{link}",
        organizer=organizer, guests=guests, is_cancelled=exchange.is_cancelled,
    )  # fmt: skip


def moment_for(moment: datetime, own: str | None, other: str | None) -> str:
    """The moment by the clock of `own`, and by that of `other` where it differs (départements; None: Paris).

    « mardi 8 décembre 2026 à 15 h (heure de La Réunion), soit mardi 8 décembre 2026 à 12 h (heure de Paris) ».
    """
    here, there = timezone_of(own), timezone_of(other)
    own_words = write_moment(moment, here)
    if moment.astimezone(here).utcoffset() == moment.astimezone(there).utcoffset():
        return own_words
    return f"{own_words} ({_clock_of(own)}), soit {write_moment(moment, there)} ({_clock_of(other)})"


def _clock_of(departement: str | None) -> str:
    known = departements().get(departement or "")
    return f"heure {known.de}" if known and known.zone != "metro" else "heure de Paris"
