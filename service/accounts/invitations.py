"""Inviting somebody: the account, and the welcome letter with a first sign-in link."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from records.database import Connection
from records.desks.accounts import (
    LINK_LIVES,
    Account,
    AccountRefused,
    add_account,
    find_by_email,
    fold_email,
    make_link_token,
    was_just_added,
)
from records.desks.acting import Acting
from records.desks.permissions import AccountRole
from records.mail import Sender, is_address
from records.refusals import one_line
from routing.departements import NATIONAL, departements
from service.accounts.posting import AccountPost, is_mail_owed, link_address, owe_welcome
from service.accounts.powers import LINKS_ARE_OFF, NeededToEnter, check_may_give, check_may_touch, needed_to_enter
from service.settings import Settings

LONGEST_NAME = 200
DOUBLE_CLICK = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Invited:
    """The account made; `problem` tells in French why the welcome letter did not leave, None when it did."""

    account: Account
    problem: str | None


def invite(
    acting: Acting, settings: Settings, mail: Sender, *, email: str, name: str, role: str, codes: Iterable[str]
) -> Invited:
    """Make the account and owe its welcome letter in one transaction, then send the letter.

    AccountRefused for an address, role or département that is none, a name too long, a référent without département,
    an account that is open already, and an administrator's role unless an administrator acts. The same invitation
    said twice within a minute is one.
    """
    address, kind, kept, tidy = read_email(email), read_role(role), read_codes(codes), read_name(name)
    check_may_give(acting, kind)
    try:
        with acting.writing() as connection:
            account = add_account(
                connection, email=address, name=tidy, role=kind, departements=kept, by=acting.by, at=acting.at
            )  # fmt: skip
            acting.note(connection, "compte ouvert", account.email)
            owe_welcome(connection, account, acting.at)
    except AccountRefused:
        if twice := _said_twice(acting, Account(0, fold_email(address), tidy, kind, tuple(sorted(kept)))):
            return twice
        raise
    return Invited(account, _send_welcome(acting, settings, mail, account))


def _said_twice(acting: Acting, asked: Account) -> Invited | None:
    """The invitation that the same person has just made in the same words: a double click is one invitation."""
    with acting.writing() as connection:
        standing = find_by_email(connection, asked.email)
        if standing is None or replace(asked, id=standing.id) != replace(standing, signed_in_at=None):
            return None
        if not was_just_added(connection, standing, by=acting.by, since=acting.at - DOUBLE_CLICK):
            return None
        is_waiting = is_mail_owed(connection, standing)
    return Invited(standing, "elle attend le serveur de courriel, et partira d’elle-même." if is_waiting else None)


def welcome_again(acting: Acting, settings: Settings, mail: Sender, account: Account) -> str | None:
    """Send the welcome letter once more; the French reason when it did not leave.

    AccountRefused for an account that is not open, and for an administrator's unless an administrator acts.
    """
    check_may_touch(acting, account)
    with acting.writing() as connection:
        _open_account(connection, account.email)
        acting.note(connection, "lettre de bienvenue", account.email)
        owe_welcome(connection, account, acting.at)
    return _send_welcome(acting, settings, mail, account)


def _send_welcome(acting: Acting, settings: Settings, mail: Sender, account: Account) -> str | None:
    """Send the letter that is owed; the French reason when it has to wait or cannot leave."""
    sent = AccountPost(acting.engine, settings, mail, lambda: acting.at).send_welcomes()
    return sent.why.get(account.email)


def one_time_link(acting: Acting, settings: Settings, email: str, *, lives: timedelta = LINK_LIVES) -> str:
    """The address of a new one-time link.

    AccountRefused when nobody has this address, for an administrator's account unless an administrator acts, and for
    an account that no link opens.
    """
    with acting.writing() as connection:
        account = _open_account(connection, email)
        check_may_touch(acting, account)
        needed = needed_to_enter(settings, account)
        if needed is NeededToEnter.NOTHING_DOES:
            raise AccountRefused(f"Le compte {account.email} est celui d’une démonstration : il n’ouvre rien ici.")
        if needed is NeededToEnter.PROCONNECT:
            raise AccountRefused(f"{LINKS_ARE_OFF} PRIVILEGED_SIGN_IN=link le change.")
        acting.note(connection, "lien donné", account.email)
        return link_address(settings, make_link_token(connection, account.id, acting.at, lives=lives))


def read_email(typed: str) -> str:
    """The address, tidy; AccountRefused when it is none."""
    address = typed.strip()
    if not is_address(address):
        raise AccountRefused("Donnez une adresse électronique complète, par exemple prenom.nom@siao.fr.", "email")
    return address


def read_name(typed: str) -> str:
    """The name on one line; ChangeRefused when it is too long."""
    return one_line(typed, "name", LONGEST_NAME, optional=True)


def read_role(typed: str) -> AccountRole:
    """The role; AccountRefused when it is none."""
    try:
        return AccountRole(typed)
    except ValueError:
        raise AccountRefused("Choisissez un rôle : référent, équipe nationale ou administration.", "role") from None


def read_codes(typed: Iterable[str]) -> tuple[str, ...]:
    """The départements, each once; AccountRefused when one does not exist."""
    kept = tuple(dict.fromkeys(typed))
    unknown = [code for code in kept if code not in departements() and code != NATIONAL]
    if unknown:
        raise AccountRefused(f"Le département « {unknown[0]} » n’existe pas.", "departements")
    return kept


def _open_account(connection: Connection, email: str) -> Account:
    account = find_by_email(connection, email)
    if account is None or account.closed_at:
        raise AccountRefused(f"Aucun compte ouvert pour {email}.", "email")
    return account
