"""Inviting somebody: the account, and the welcome letter with a first sign-in link."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from records.database import Engine, writing
from records.desks.accounts import (
    LINK_LIVES,
    Account,
    AccountRefused,
    AccountRole,
    add_account,
    find_by_email,
    make_link_token,
    mark_welcomed,
    note,
)
from records.mail import Sender
from routing.departements import NATIONAL, departements
from service.accounts.letters import welcome_letter
from service.accounts.sign_in import link_address
from service.mail import MailFailed, MailRefused
from service.settings import Settings

LONGEST_EMAIL = 254
_EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\"]+")


@dataclass(frozen=True, slots=True)
class Invited:
    """The account made; `problem` tells in French why the welcome letter did not leave, None when it did."""

    account: Account
    problem: str | None


def check_invitation(email: str, role: str, codes: Iterable[str]) -> tuple[str, AccountRole, tuple[str, ...]]:
    """The address, role and départements, tidy; AccountRefused with a French reason."""
    address = email.strip()
    if not _EMAIL.fullmatch(address) or len(address) > LONGEST_EMAIL or not address.isprintable():
        raise AccountRefused("Donnez une adresse électronique complète, par exemple prenom.nom@siao.fr.")
    try:
        kind = AccountRole(role)
    except ValueError:
        raise AccountRefused("Choisissez un rôle : référent, équipe nationale ou administration.") from None
    kept = tuple(dict.fromkeys(codes))
    unknown = [code for code in kept if code not in departements() and code != NATIONAL]
    if unknown:
        raise AccountRefused(f"Le département « {unknown[0]} » n’existe pas.")
    return address, kind, kept


def invite(
    engine: Engine,
    settings: Settings,
    mail: Sender,
    *,
    email: str,
    name: str,
    role: str,
    codes: Iterable[str],
    by: str,
    at: datetime,
) -> Invited:
    """Make the account and send its welcome letter; AccountRefused when it cannot be made."""
    address, kind, kept = check_invitation(email, role, codes)
    tidy = " ".join(name.split())[:200]
    with writing(engine) as connection:
        account = add_account(connection, email=address, name=tidy, role=kind, departements=kept, by=by, at=at)
        note(connection, by=by, what="compte ouvert", reference=account.email, at=at)
    return Invited(account, welcome(engine, settings, mail, account, at))


def welcome(engine: Engine, settings: Settings, mail: Sender, account: Account, at: datetime) -> str | None:
    """Send the welcome letter; the French reason when it did not leave."""
    with writing(engine) as connection:
        link = link_address(settings, make_link_token(connection, account.id, at))
    try:
        mail.send(welcome_letter(account, link, settings))
    except (MailFailed, MailRefused) as error:
        return str(error)
    with writing(engine) as connection:
        mark_welcomed(connection, account.id, at)
    return None


def one_time_link(
    engine: Engine, settings: Settings, email: str, at: datetime, *, lives: timedelta = LINK_LIVES
) -> str:
    """The address of a new one-time link; AccountRefused when nobody has this address."""
    with writing(engine) as connection:
        account = find_by_email(connection, email)
        if account is None or account.closed_at:
            raise AccountRefused(f"Aucun compte ouvert pour {email}.")
        return link_address(settings, make_link_token(connection, account.id, at, lives=lives))
