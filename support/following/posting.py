"""The mails to whoever wrote a request, with the private link that each of them names; and a new link when asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from records import outbox
from records.database import Connection
from records.desks.accounts import find_by_email
from records.desks.acting import Acting
from records.invitation import Guest
from records.mail import Mail
from records.outbox import Owed, Thing
from support.following.letters import Doors, link_letter, sender_letter
from support.following.links import link_of, reply_address_of, revoke
from support.requests.letters.posting import LINK_STEP
from support.requests.letters.readers import Addressee, Matter
from support.requests.request import Request, RequestEvent


@dataclass(frozen=True, slots=True)
class SenderPost:
    """Everything that such a mail needs; `reply_box` is REPLY_ADDRESS, "" when no mailbox is read."""

    secret: bytes
    public_url: str
    days: int
    reply_box: str
    organizer: Guest

    def letter(
        self, connection: Connection, matter: Matter, step: RequestEvent, reader: Addressee, at: datetime
    ) -> Mail:  # fmt: skip
        """What the sender is told of a step; his link opens anew from this mail on."""
        return sender_letter(matter, step, reader, self._doors(connection, matter.request, at), self.organizer)

    def link_letter(self, connection: Connection, matter: Matter, at: datetime) -> Mail:
        """The link, sent again or for the first time."""
        return link_letter(matter, self._doors(connection, matter.request, at))

    def reply_address(self, number: int) -> str:
        """Where a reply about the request is read; "" when no mailbox is."""
        return reply_address_of(self.reply_box, self.secret, number)

    def _doors(self, connection: Connection, asked: Request, at: datetime) -> Doors:
        token = link_of(connection, self.secret, asked.id, at, self.days)
        account = find_by_email(connection, asked.reply_to)
        reads = account is not None and account.closed_at is None and account.may_read(asked.departement)
        return Doors(
            link=f"{self.public_url}/demande/suivi/{token}", days=self.days,
            own_page=f"{self.public_url}/demandes/{asked.id}" if reads else "",
            reply_to=self.reply_address(asked.id), public_page=f"{self.public_url}/demande/suivi",
        )  # fmt: skip


def send_link(connection: Connection, asked: Request, at: datetime) -> bool:
    """Owe the sender a mail with his link; False when one was owed within this minute."""
    key = f"{Owed.LINK}:request:{asked.id}:{at:%Y%m%dT%H%M}"
    return outbox.owe(connection, Thing(Owed.REQUEST, key, f"{asked.id}:{LINK_STEP}", asked.reply_to), at)


def replace_link(acting: Acting, connection: Connection, asked: Request) -> None:
    """End every link of the request made so far, and send its sender a new one."""
    revoke(connection, asked.id, acting.at)
    send_link(connection, asked, acting.at)
    acting.note(connection, "lien de suivi remplacé", str(asked.id))
