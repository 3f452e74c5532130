"""An appointment as calendars read it: what a mail carries beside its words (iCalendar, RFC 5545; iTIP, RFC 5546)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from icalendar import Calendar, Event, vCalAddress

REQUEST, CANCEL = "REQUEST", "CANCEL"
"""What an invitation asks of a calendar: to keep the appointment (or its change), or to take it away."""

_OURS = "-//SI SIAO//Assistance téléphonique//FR"


@dataclass(frozen=True, slots=True)
class Guest:
    """Who is invited."""

    email: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Appointment:
    """What is to stand in the guests' calendars, from `start` to `end`: aware moments, or days (`end` excluded).

    `uid` stays the same through every change, `sequence` grows with each; `stamp` is the moment of this one.
    """

    uid: str
    sequence: int
    stamp: datetime
    start: datetime | date
    end: datetime | date
    summary: str
    description: str
    organizer: Guest
    guests: Sequence[Guest]
    is_busy: bool = True
    is_cancelled: bool = False

    @property
    def method(self) -> str:
        """`REQUEST` or `CANCEL`."""
        return CANCEL if self.is_cancelled else REQUEST

    def as_calendar(self) -> str:
        """The iCalendar text, lines folded and ended as RFC 5545 asks."""
        calendar = Calendar()
        for name, text in (("prodid", _OURS), ("version", "2.0"), ("calscale", "GREGORIAN"), ("method", self.method)):
            calendar.add(name, text)
        calendar.add_component(self._event())
        return bytes(calendar.to_ical()).decode()

    def _event(self) -> Event:
        event = Event()
        values = {
            "uid": self.uid, "sequence": self.sequence, "dtstamp": self.stamp.astimezone(UTC),
            "dtstart": _utc(self.start), "dtend": _utc(self.end), "summary": _line(self.summary),
            "description": self.description, "status": "CANCELLED" if self.is_cancelled else "CONFIRMED",
            "transp": "OPAQUE" if self.is_busy else "TRANSPARENT",
            "organizer": vCalAddress.new(self.organizer.email, cn=_name(self.organizer)),
        }  # fmt: skip
        for name, value in values.items():
            event.add(name, value)
        for guest in self.guests:
            is_asked = not self.is_cancelled
            event.add("attendee", vCalAddress.new(
                guest.email, cn=_name(guest), role="REQ-PARTICIPANT", partstat="NEEDS-ACTION", rsvp=is_asked,
            ))  # fmt: skip
        return event


def _utc(when: datetime | date) -> datetime | date:
    """In UTC, so that no calendar has to know the rules of a time zone; a day is a day everywhere."""
    return when.astimezone(UTC) if isinstance(when, datetime) else when


def _name(guest: Guest) -> str:
    """The name as a parameter may hold it: RFC 5545 leaves no way to write a quotation mark or a control there."""
    kept = "".join(character for character in guest.name if character.isprintable() and character != '"')
    return kept.strip() or guest.email


def _line(text: str) -> str:
    return " ".join(text.split())
