"""Asking for the newsletter, proving the address, leaving: the consent is kept, and nobody is subscribed by others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from records.attempts import DAY, Limit, reached
from records.database import Connection, Engine, writing
from records.desks.acting import Acting
from records.desks.audit import note
from records.mail import is_address
from records.outbox import Owed, Thing, owe
from records.refusals import ChangeRefused
from support.newsletter.store import ask_for, leave, read_subscriber, receive, subscriber_of
from support.newsletter.subscriber import CONSENT, Subscriber, is_confirming, is_leaving

DOOR = "newsletter"
AT_MOST_A_DAY = 3
"""First letters that one address gets in a day: nobody fills a mailbox with them."""


class TooManyAttempts(ChangeRefused):
    """Too many were asked for from one network within an hour."""


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """What the public door works with."""

    engine: Engine
    secret: bytes
    hourly_network: int

    def ask(self, typed: str, *, agrees: bool, network: str, at: datetime) -> None:
        """Owe the first letter to this address, whatever is known of it: nobody learns from outside who subscribes.

        ChangeRefused for what is no address or without the consent; TooManyAttempts beyond the network's limit. An
        address that receives the newsletter already, or got its letters of the day, gets none.
        """
        email = typed.strip().lower()
        if not is_address(email):
            raise ChangeRefused(
                "Donnez une adresse électronique complète, par exemple prenom.nom@siao.fr.", "email"
            )  # fmt: skip
        if not agrees:
            raise ChangeRefused("Cochez la case : sans votre accord, rien n’est envoyé.", "accord")
        hour = Limit(f"{DOOR} network", network, self.hourly_network)
        with writing(self.engine) as connection:
            if reached(connection, self.secret, [hour], at):
                raise TooManyAttempts("Trop d’abonnements ont été demandés d’ici : réessayez dans une heure.")
            known = subscriber_of(connection, email)
            if known is not None and known.receives:
                return
            day = Limit(f"{DOOR} address", email, AT_MOST_A_DAY, DAY)
            if reached(connection, self.secret, [day], at):
                return
            asked = ask_for(connection, email, CONSENT, at)
            key = f"newsletter-confirm:{asked.id}:{at.timestamp():.6f}"
            owe(connection, Thing(Owed.NEWSLETTER, key, f"confirm:{asked.id}"), at)

    def waiting(self, connection: Connection, number: int, token: str, at: datetime) -> Subscriber | None:
        """Whose address this link proves; None for a wrong one, or one that serves no more."""
        found = _numbered(connection, number)
        return found if is_confirming(found, token, self.secret, at) else None

    def leaver(self, connection: Connection, number: int, token: str) -> Subscriber | None:
        """Whose subscription this link ends; None for a wrong one."""
        found = _numbered(connection, number)
        return found if is_leaving(found, token, self.secret) else None

    def confirm(self, number: int, token: str, at: datetime) -> bool:
        """The address is proved and receives the newsletter; False for a wrong link, or one that serves no more."""
        with writing(self.engine) as connection:
            found = self.waiting(connection, number, token, at)
            if found is None:
                return False
            if not found.receives:
                receive(connection, found, at)
                _note(connection, "abonnement à la lettre", found.id, at)
            return True

    def end(self, number: int, token: str, at: datetime) -> bool:
        """The address receives nothing any more, however often it is asked; False for a wrong link."""
        with writing(self.engine) as connection:
            found = self.leaver(connection, number, token)
            if found is None:
                return False
            if leave(connection, found, at):
                _note(connection, "désabonnement de la lettre", found.id, at)
            return True


def _numbered(connection: Connection, number: int) -> Subscriber | None:
    return read_subscriber(connection, number) if number < 2**31 else None


def _note(connection: Connection, what: str, number: int, at: datetime) -> None:
    """The trail names the subscription by its number: its address is forgotten with it."""
    note(connection, by=f"abonné {number}", what=what, reference=str(number), at=at)


def subscribe_account(acting: Acting) -> None:
    """The account that asks receives the newsletter at its own address, which its sign-in link has proved."""
    with acting.writing() as connection:
        found = subscriber_of(connection, acting.by.lower())
        if found is None or not found.receives:
            receive(connection, ask_for(connection, acting.by.lower(), CONSENT, acting.at), acting.at)
            acting.note(connection, "abonnement à la lettre", acting.by)


def unsubscribe_account(acting: Acting) -> None:
    """The account that asks receives the newsletter no more."""
    with acting.writing() as connection:
        found = subscriber_of(connection, acting.by.lower())
        if found is not None and leave(connection, found, acting.at):
            acting.note(connection, "désabonnement de la lettre", acting.by)
