"""Who is told of an absence: whoever stands in, with an entry for his calendar; the person, when a colleague said it.

A letter is written when it leaves, from the absence as it stands then: a newer one about it takes an older one's place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from records import outbox
from records.database import Connection, Engine, reading
from records.desks.accounts import names_by_email
from records.desks.acting import Acting
from records.in_force.rules import RuleKind, rule_ever_set
from records.invitation import Appointment, Guest
from records.mail import SIGNATURE, Mail, Sender
from records.outbox import Delivery, Owed, Thing
from records.sending import KEPT_FOR, send_due
from routing.departements import desk_in_mails
from routing.directory.people import Person
from routing.planning.presence import as_days, said_period
from routing.snapshot import Snapshot


def owe_letters(acting: Acting, connection: Connection, number: int, recipients: Iterable[str]) -> None:
    """Owe each of them a letter about this absence, in the transaction that declares, changes or withdraws it."""
    for email in sorted(recipients):
        name = sha256(email.encode()).hexdigest()[:16]
        reference = f"{number}:{name}"
        key = f"{Owed.AWAY}:{reference}:{acting.at.isoformat()}"
        outbox.forget_others(connection, Owed.AWAY, reference, [key], acting.at)
        outbox.owe(connection, Thing(Owed.AWAY, key, reference, email, text=acting.by), acting.at)


@dataclass(frozen=True, slots=True)
class AwayPost:
    """Sends the letters that are due; without a sender they wait in the outbox."""

    engine: Engine
    sender: Sender | None
    snapshot: Callable[[], Snapshot | None]
    link: str
    organizer: Guest
    clock: Callable[[], datetime]

    def send(self) -> None:
        """One round."""
        if self.sender:
            send_due(self.engine, Owed.AWAY, self.sender, self.clock, compose=self._letter, at_most=outbox.AT_ONCE)

    def _letter(self, delivery: Delivery, at: datetime) -> Mail | str:
        number, snapshot = int(delivery.reference.partition(":")[0]), self.snapshot()
        with reading(self.engine) as connection:
            row, names = rule_ever_set(connection, RuleKind.ABSENCE, number), names_by_email(connection)
        person = snapshot.person("", row["person"]) if row and snapshot else None
        if row is None or snapshot is None or person is None or row["end"] <= at:
            return outbox.HANDLED
        if delivery.created_at < at - KEPT_FOR:
            return outbox.TOO_LATE
        to, by = str(delivery.recipient), str(delivery.text)
        who = names.get(by.casefold(), "L’équipe nationale")
        stand_in = snapshot.person(person.departement, row["suppleant"]) if row["suppleant"] else None
        if to == (person.email or "").casefold():
            return _to_the_person(row, person, stand_in, who, self.link)
        is_in = row["deleted_at"] is None and stand_in is not None and (stand_in.email or "").casefold() == to
        reader = next((one for one in snapshot.people if (one.email or "").casefold() == to), None)
        guest = Guest(to, reader.name if reader else "")
        entry = _appointment(
            row, person, reader, guest=guest, organizer=self.organizer, at=delivery.created_at
        )  # fmt: skip
        return _to_stand_in(row, person, replace(entry, is_cancelled=not is_in), who, self.link)


def _to_the_person(row: Mapping[str, Any], person: Person, stand_in: Person | None, who: str, link: str) -> Mail:
    period = said_period(person, row["start"], row["end"])
    instead = f" {stand_in.name} sonne à votre place." if stand_in else ""
    told = f"{who} vous a déclaré en absence {period} : les appels ne sonnent pas chez vous.{instead}"
    if row["deleted_at"]:
        told = f"{who} a retiré votre absence {period} : les appels sonnent de nouveau chez vous, selon vos horaires."
    subject = f"[SI SIAO] Votre absence est {'retirée' if row['deleted_at'] else 'déclarée'}"
    words = f"Bonjour {person.name},\n\n{told}\n\nLa voir, la modifier ou la retirer :\n{link}{SIGNATURE}"
    return Mail(str(person.email), subject, words)


def _to_stand_in(row: Mapping[str, Any], person: Person, appointment: Appointment, who: str, link: str) -> Mail:
    [guest] = appointment.guests
    place = f"{person.name} ({desk_in_mails(person.departement)}) {said_period(person, row['start'], row['end'])}"
    told = f"Vous remplacez {place}.\nSes appels sonnent alors chez vous, pendant vos propres horaires."
    subject = f"[SI SIAO] Vous remplacez {person.name}"
    if appointment.is_cancelled:
        told = f"Vous ne remplacez plus {place} : ses appels ne sonnent plus chez vous."
        subject = f"[SI SIAO] Vous ne remplacez plus {person.name}"
    hello = f"Bonjour {guest.name}," if guest.name else "Bonjour,"
    words = f"{hello}\n\n{told}\n\nNoté par : {who}.\n\nVoir les absences :\n{link}{SIGNATURE}"
    calendar, method = appointment.as_calendar(), appointment.method
    return Mail(guest.email, subject, words, thread=f"absence:{row['id']}", calendar=calendar, method=method)


def _appointment(
    row: Mapping[str, Any], person: Person, reader: Person | None, *, guest: Guest, organizer: Guest, at: datetime
) -> Appointment:
    """The entry of a calendar, as free time: it says when calls may ring, not that there is something to attend."""
    start, end = _for_calendar(person, reader, row["start"], row["end"])
    return Appointment(
        f"absence-{row['id']}@{organizer.email.rpartition('@')[2]}", _sequence(row, at), at, start, end,
        f"SI SIAO : vous remplacez {person.name}", "Ses appels sonnent chez vous, pendant vos propres horaires.",
        organizer, [guest], is_busy=False,
    )  # fmt: skip


def _sequence(row: Mapping[str, Any], at: datetime) -> int:
    """Seconds since it was declared: all that is asked is that each change has a higher number."""
    return max(0, int((at - row["created_at"]).total_seconds()))


def _for_calendar(
    person: Person, reader: Person | None, start: datetime, end: datetime
) -> tuple[datetime | date, datetime | date]:
    """Whole days as days, where they are days by the reader's clock too; moments otherwise."""
    days = as_days(reader or person, start, end)
    return (days[0], days[1] + timedelta(days=1)) if days else (start, end)
