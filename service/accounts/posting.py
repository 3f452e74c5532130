"""The letters of the accounts, owed with what asks for them and sent at once, or later when the mail server is away.

A row names the account, never the link: it opens an account, so it is made when the letter leaves, and no secret lies
in the database or its backups.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex

from records import outbox
from records.database import Connection, Engine, writing
from records.desks.accounts import (
    LINK_LIVES,
    WELCOME_LIVES,
    Account,
    find_account,
    make_link_token,
    mark_welcomed,
)
from records.mail import Mail, Sender
from records.outbox import Delivery, Owed, Thing
from records.sending import KEPT_FOR, Sent, send_due
from service.accounts.gate import HOME
from service.accounts.letters import link_letter, welcome_letter
from service.accounts.powers import NeededToEnter, needed_to_enter
from service.settings import Settings


def owe_welcome(connection: Connection, account: Account, at: datetime) -> None:
    """Owe the welcome letter, in the transaction that asks for it."""
    outbox.owe(connection, Thing(Owed.WELCOME, f"welcome:{token_hex(8)}", str(account.id), account.email), at)


def owe_link(connection: Connection, account: Account, next_path: str, at: datetime) -> None:
    """Owe a sign-in link that leads to `next_path`."""
    thing = Thing(Owed.LINK, f"link:{token_hex(8)}", str(account.id), account.email, text=next_path)
    outbox.owe(connection, thing, at)


def is_mail_owed(connection: Connection, account: Account) -> bool:
    """Whether a letter with a link is on its way to this account: a second one would only confuse."""
    return any(outbox.is_owed(connection, kind, str(account.id)) for kind in (Owed.LINK, Owed.WELCOME))


def link_address(settings: Settings, token: str) -> str:
    """The public address of a one-time link."""
    return f"{settings.public_url}/connexion/{token}"


@dataclass(frozen=True, slots=True)
class AccountPost:
    """Sends the letters that are due; `sender` refuses where there is no mail server, and the letters wait."""

    engine: Engine
    settings: Settings
    sender: Sender
    clock: Callable[[], datetime]

    def send_links(self) -> Sent:
        """The sign-in links; one that nobody took for a quarter of an hour is no longer waited for."""
        return send_due(self.engine, Owed.LINK, self.sender, self.clock, compose=self._link)

    def send_welcomes(self) -> Sent:
        """The welcome letters."""
        sent = send_due(self.engine, Owed.WELCOME, self.sender, self.clock, compose=self._welcome)
        if sent.left:
            with writing(self.engine) as connection:
                for number in sent.left:
                    mark_welcomed(connection, int(number), self.clock())
        return sent

    def send(self) -> None:
        """Both, as scheduled work."""
        self.send_links()
        self.send_welcomes()

    def _link(self, delivery: Delivery, at: datetime) -> Mail | str:
        if delivery.created_at < at - LINK_LIVES:
            return outbox.TOO_LATE
        return self._letter(delivery, at, link_letter, delivery.text or "/")

    def _welcome(self, delivery: Delivery, at: datetime) -> Mail | str:
        if delivery.created_at < at - KEPT_FOR:
            return outbox.TOO_LATE
        return self._letter(
            delivery, at, lambda account, link: welcome_letter(account, link, self.settings), lives=WELCOME_LIVES
        )

    def _letter(
        self,
        delivery: Delivery,
        at: datetime,
        write: Callable[[Account, str], Mail],
        next_path: str = HOME,
        lives: timedelta = LINK_LIVES,
    ) -> Mail | str:
        """The letter with a link of its own; none for an account that was closed meanwhile."""
        with writing(self.engine) as connection:
            account = find_account(connection, int(delivery.reference))
            if account is None or account.closed_at:
                return outbox.HANDLED
            if needed_to_enter(self.settings, account) is NeededToEnter.PROCONNECT:
                address = f"{self.settings.public_url}/connexion"
                return outbox.HANDLED if delivery.kind == Owed.LINK else write(account, address)
            token = make_link_token(connection, account.id, at, next_path=next_path, lives=lives)
        return write(account, link_address(self.settings, token))
