"""Who may sign in: accounts by invitation, one-time links, sessions."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum, auto
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, func, insert, literal, or_, select, update

from records.database import insert_for
from records.desks.permissions import ALLOWED, AccountRole, Permission
from records.facts import NATIONAL
from records.refusals import ChangeRefused
from records.schema.access_tables import half_sign_ins, identity_sessions
from records.schema.desk_tables import (
    account_departements,
    accounts,
    desk_sessions,
    sign_in_requests,
    sign_in_tokens,
)

MOST_OF_A_LINK = 8
"""Départements, some more than a large SIAO covers: beyond, one mailbox would open much of France (decision 98)."""
LINK_LIVES = timedelta(minutes=15)
WELCOME_LIVES = timedelta(days=7)
"""The first link of an account waits for somebody who reads his letters on Monday."""
LINK_KNOWN_FOR = timedelta(days=90)
"""How long an old link is still known, so that its owner can ask for a new one from its page."""
SESSION_LIVES = timedelta(hours=12)
HALF_LIVES = timedelta(minutes=10)
"""How long whoever has used his link may take to give his code."""
INVENTED_BY = "demo"
"""Who makes the accounts of a demonstration (`svi serve` with DEMO=1)."""


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in. `departements` are the codes whose calls are read by whoever may not read them all."""

    id: int
    email: str
    name: str
    role: AccountRole
    departements: tuple[str, ...]
    closed_at: datetime | None = None
    signed_in_at: datetime | None = None
    created_by: str = field(default="", compare=False)

    @property
    def is_invented(self) -> bool:
        """Whether a demonstration made it: nobody's, it opens nothing elsewhere."""
        return self.created_by == INVENTED_BY

    @property
    def is_privileged(self) -> bool:
        """Whether it reads all or many départements, or administers: its sign-in may need more than a link."""
        reads_many = NATIONAL in self.departements or len(self.departements) > MOST_OF_A_LINK
        return self.role is not AccountRole.REFERENT or reads_many

    def may(self, permission: Permission) -> bool:
        """Whether the account's role allows this."""
        return permission in ALLOWED[self.role]

    @property
    def scope(self) -> tuple[str, ...] | None:
        """The départements whose calls the account reads; None for all of them, those without a département too."""
        return None if self.may(Permission.READ_EVERY_DEPARTEMENT) else self.departements

    def may_read(self, departement: str | None) -> bool:
        """Whether the account may read what belongs to this département (a code, `*` or None for the national desk)."""
        return self.may(Permission.READ_EVERY_DEPARTEMENT) or departement in self.departements


class AccountRefused(ChangeRefused):
    """An account that cannot be made or changed."""


def fold_email(email: str) -> str:
    """The address as it is compared and kept."""
    return email.strip().casefold()


def add_account(
    connection: Connection,
    *,
    email: str,
    name: str,
    role: AccountRole,
    departements: Iterable[str],
    by: str,
    at: datetime,
) -> Account:
    """The new account, or the closed one opened again; AccountRefused when it is open already or has no département."""
    codes = tuple(sorted(set(departements)))
    if role is AccountRole.REFERENT and not codes:
        raise AccountRefused("Un référent a au moins un département.", "departements")
    kept = find_by_email(connection, email)
    if kept and kept.closed_at is None:
        raise AccountRefused(f"Le compte {kept.email} existe déjà.", "email")
    values = {"email": fold_email(email), "name": name.strip(), "role": role, "created_at": at, "created_by": by}
    if kept:
        connection.execute(update(accounts).where(accounts.c.id == kept.id).values(**values, closed_at=None, sub=None))
        number = kept.id
    else:
        added = insert_for(connection, accounts).values(**values).on_conflict_do_nothing().returning(accounts.c.id)
        made = connection.execute(added).scalar()
        if made is None:  # two people, or one with a double click, at the same instant
            raise AccountRefused(f"Le compte {fold_email(email)} existe déjà.", "email")
        number = int(made)
    set_departements(connection, number, codes)
    return Account(number, fold_email(email), name.strip(), role, codes)


def was_just_added(connection: Connection, account: Account, *, by: str, since: datetime) -> bool:
    """Whether this open account was made by this person since then."""
    made = (accounts.c.id == account.id, accounts.c.created_by == by, accounts.c.created_at >= since)
    return connection.execute(select(accounts.c.id).where(*made, accounts.c.closed_at.is_(None))).first() is not None


def set_departements(connection: Connection, account_id: int, codes: Iterable[str]) -> None:
    """Give the account these départements and no others."""
    connection.execute(delete(account_departements).where(account_departements.c.account_id == account_id))
    rows = [{"account_id": account_id, "departement": code} for code in sorted(set(codes))]
    if rows:
        connection.execute(insert(account_departements), rows)


def change_account(
    connection: Connection, account_id: int, *, name: str, role: AccountRole, departements: Iterable[str]
) -> None:
    """Change who the account is for; AccountRefused when a référent would have no département."""
    codes = tuple(departements)
    if role is AccountRole.REFERENT and not codes:
        raise AccountRefused("Un référent a au moins un département.", "departements")
    connection.execute(update(accounts).where(accounts.c.id == account_id).values(name=name.strip(), role=role))
    set_departements(connection, account_id, codes)


def mark_welcomed(connection: Connection, account_id: int, at: datetime) -> None:
    """Note that the welcome letter has left."""
    connection.execute(update(accounts).where(accounts.c.id == account_id).values(welcomed_at=at))


def close_account(connection: Connection, account_id: int, at: datetime) -> None:
    """Close the account: its links and sessions end at once, its ProConnect identity is free for another."""
    connection.execute(update(accounts).where(accounts.c.id == account_id).values(closed_at=at, sub=None))
    connection.execute(delete(sign_in_tokens).where(sign_in_tokens.c.account_id == account_id))
    end_sessions(connection, account_id, at)


def _accounts_where(connection: Connection, *conditions: Any) -> list[Account]:
    rows = connection.execute(select(accounts).where(*conditions).order_by(accounts.c.email)).all()
    codes: dict[int, list[str]] = {}
    query = select(account_departements).where(account_departements.c.account_id.in_([row.id for row in rows]))
    for line in connection.execute(query.order_by(account_departements.c.departement)):
        codes.setdefault(line.account_id, []).append(line.departement)
    return [_account(row, codes.get(row.id, ())) for row in rows]


def _account(row: Row[Any], codes: Sequence[str]) -> Account:
    return Account(
        row.id, row.email, row.name, AccountRole(row.role), tuple(codes), row.closed_at, row.signed_in_at,
        row.created_by,
    )  # fmt: skip


def find_by_email(connection: Connection, email: str) -> Account | None:
    """The account of this address, open or closed."""
    return next(iter(_accounts_where(connection, accounts.c.email == fold_email(email))), None)


def find_account(connection: Connection, account_id: int) -> Account | None:
    """The account of this number, open or closed."""
    return next(iter(_accounts_where(connection, accounts.c.id == account_id)), None)


def list_accounts(connection: Connection) -> list[Account]:
    """Every account, by address."""
    return _accounts_where(connection)


def colleagues(connection: Connection, departement: str | None) -> list[Account]:
    """The open accounts that work on this département's desk; for None or `*` those of the national team."""
    if departement is None or departement == NATIONAL:
        found = _accounts_where(connection, accounts.c.closed_at.is_(None), accounts.c.role != AccountRole.REFERENT)
    else:
        here = select(account_departements.c.account_id).where(account_departements.c.departement == departement)
        found = _accounts_where(connection, accounts.c.closed_at.is_(None), accounts.c.id.in_(here))
    return sorted(found, key=lambda account: (account.name.casefold(), account.email))


def names_by_email(connection: Connection) -> dict[str, str]:
    """The name of every account that has one, by its address, closed ones too."""
    rows = connection.execute(select(accounts.c.email, accounts.c.name).where(accounts.c.name != ""))
    return {row.email: row.name for row in rows}


class TiedElsewhere(Exception):  # noqa: N818 - named as what is the case
    """The account of this address belongs to another identity of ProConnect."""

    def __init__(self, account: Account) -> None:
        super().__init__(account.email)
        self.account = account


def find_for_proconnect(connection: Connection, *, sub: str, email: str) -> Account | None:
    """The open account of this ProConnect identity, or of this address, which is then tied to the identity for good.

    TiedElsewhere when the address's account is tied to another identity: an address that somebody else was given
    opens nothing, until an administrator unties it.
    """
    known = _accounts_where(connection, accounts.c.sub == sub, accounts.c.closed_at.is_(None))
    if known:
        return known[0]
    found = find_by_email(connection, email)
    if found is None or found.closed_at is not None:
        return None
    free = (accounts.c.id == found.id, accounts.c.sub.is_(None))
    if connection.execute(update(accounts).where(*free).values(sub=sub)).rowcount != 1:
        raise TiedElsewhere(found)
    return found


def untie_identity(connection: Connection, account_id: int) -> bool:
    """Whether the account was tied to an identity of ProConnect; the next one of its address is tied instead."""
    tied = (accounts.c.id == account_id, accounts.c.sub.isnot(None))
    return connection.execute(update(accounts).where(*tied).values(sub=None)).rowcount == 1


def is_tied(connection: Connection, account_id: int) -> bool:
    """Whether the account is tied to an identity of ProConnect."""
    query = select(accounts.c.id).where(accounts.c.id == account_id, accounts.c.sub.isnot(None))
    return connection.execute(query).first() is not None


# ---------------------------------------------------------------- one-time links


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def make_link_token(
    connection: Connection, account_id: int, at: datetime, *, next_path: str = "/a-faire", lives: timedelta = LINK_LIVES
) -> str:
    """A token that signs this account in once, within 15 minutes unless `lives` says otherwise; its hash is kept."""
    token = secrets.token_urlsafe(32)
    connection.execute(delete(sign_in_tokens).where(sign_in_tokens.c.expires_at < at - LINK_KNOWN_FOR))
    connection.execute(
        insert(sign_in_tokens).values(
            token_hash=_hash(token), account_id=account_id, created_at=at, expires_at=at + lives, next_path=next_path
        )
    )
    return token


def is_link_good(connection: Connection, token: str, at: datetime) -> bool:
    """Whether the link would still sign somebody in; changes nothing."""
    good = (sign_in_tokens.c.token_hash == _hash(token)) & sign_in_tokens.c.used_at.is_(None)
    found = connection.execute(select(sign_in_tokens.c.expires_at).where(good)).scalar()
    return found is not None and found > at


def link_owner(connection: Connection, token: str) -> Account | None:
    """The open account that a link was made for, used or too old as it may be; None when it is not known any more."""
    number = connection.execute(select(sign_in_tokens.c.account_id).where(sign_in_tokens.c.token_hash == _hash(token)))
    found = find_account(connection, number.scalar() or 0)
    return None if found is None or found.closed_at else found


def use_link(connection: Connection, token: str, at: datetime) -> tuple[Account, str] | None:
    """The account that the link signs in, and the page it asked for; None when used, too old, unknown or closed.

    Two requests at once: the line is changed by one of them only.
    """
    mine = (sign_in_tokens.c.token_hash == _hash(token)) & sign_in_tokens.c.used_at.is_(None)
    fresh = mine & (sign_in_tokens.c.expires_at > at)
    if connection.execute(update(sign_in_tokens).where(fresh).values(used_at=at)).rowcount != 1:
        return None
    query = select(sign_in_tokens.c.account_id, sign_in_tokens.c.next_path)
    number, next_path = connection.execute(query.where(sign_in_tokens.c.token_hash == _hash(token))).one()
    account = find_account(connection, number)
    return None if account is None or account.closed_at else (account, next_path)


def count_request(connection: Connection, buckets: Iterable[str], at: datetime) -> None:
    """Write down one request for a link under each bucket, and forget those of yesterday."""
    connection.execute(delete(sign_in_requests).where(sign_in_requests.c.at < at - timedelta(days=1)))
    connection.execute(insert(sign_in_requests), [{"bucket": bucket, "at": at} for bucket in buckets])


def requests_since(connection: Connection, bucket: str, since: datetime) -> int:
    """How many links were asked for under this bucket since then."""
    query = select(func.count()).where(sign_in_requests.c.bucket == bucket, sign_in_requests.c.at > since)
    return int(connection.execute(query).scalar_one())


# ---------------------------------------------------------------- sessions


class EntryProof(StrEnum):
    """What proved who opens a session."""

    LINK = auto()
    TOTP = auto()
    """A link, then a code of an application (RFC 6238)."""
    PROCONNECT = auto()


@dataclass(frozen=True, slots=True)
class DeskSession:
    """A session that is open: whose, and what proved it. A release before kept no proof: it counts as a link."""

    account: Account
    proof: EntryProof


def open_session(
    connection: Connection,
    account_id: int,
    at: datetime,
    *,
    proof: EntryProof = EntryProof.LINK,
    lasts_day: bool = False,
) -> str:
    """A new session of the account; the returned secret goes into the cookie, its hash is kept."""
    token = secrets.token_urlsafe(24)
    connection.execute(
        insert(desk_sessions).values(
            token_hash=_hash(token), account_id=account_id, started_at=at, ended_at=None, lasts_day=lasts_day, how=proof
        )
    )
    connection.execute(update(accounts).where(accounts.c.id == account_id).values(signed_in_at=at))
    connection.execute(delete(desk_sessions).where(desk_sessions.c.started_at < at - timedelta(days=30)))
    connection.execute(delete(identity_sessions).where(identity_sessions.c.at < at - SESSION_LIVES))
    return token


def find_session(
    connection: Connection, token: str, at: datetime, *, is_idle: bool = False, workday: timedelta = SESSION_LIVES
) -> DeskSession | None:
    """The session of this secret while it is open, unless the account was closed.

    One that lasts the day is open for `workday`, idle or not; any other for 12 hours while it is used.
    """
    lasts = and_(desk_sessions.c.lasts_day, desk_sessions.c.started_at > at - workday)
    used = and_(literal(not is_idle), ~desk_sessions.c.lasts_day, desk_sessions.c.started_at > at - SESSION_LIVES)
    query = select(desk_sessions.c.account_id, desk_sessions.c.how).where(
        desk_sessions.c.token_hash == _hash(token), desk_sessions.c.ended_at.is_(None), or_(lasts, used)
    )
    row = connection.execute(query).first()
    account = find_account(connection, row.account_id) if row else None
    if row is None or account is None or account.closed_at:
        return None
    return DeskSession(account, EntryProof(row.how or EntryProof.LINK))


def shorten_session(connection: Connection, token: str) -> None:
    """This session lasts the day no more: the idle limit holds."""
    mine = desk_sessions.c.token_hash == _hash(token)
    connection.execute(update(desk_sessions).where(mine).values(lasts_day=False))


def session_owner(connection: Connection, token: str) -> int | None:
    """The number of the account whose session this was, even ended or too old: to keep what its owner had typed."""
    query = select(desk_sessions.c.account_id).where(desk_sessions.c.token_hash == _hash(token))
    return connection.execute(query).scalar()


def end_session(connection: Connection, token: str, at: datetime) -> bool:
    """Whether this session was open: end it, and forget what ProConnect proved for it."""
    connection.execute(delete(identity_sessions).where(identity_sessions.c.session_hash == _hash(token)))
    mine = (desk_sessions.c.token_hash == _hash(token), desk_sessions.c.ended_at.is_(None))
    return connection.execute(update(desk_sessions).where(*mine).values(ended_at=at)).rowcount == 1


def end_sessions(connection: Connection, account_id: int, at: datetime, *, but: str = "") -> int:
    """End every open session of the account `but` this one, what waits for a code too; how many sessions ended."""
    connection.execute(delete(half_sign_ins).where(half_sign_ins.c.account_id == account_id))
    its = (desk_sessions.c.account_id == account_id, desk_sessions.c.ended_at.is_(None))
    others = desk_sessions.c.token_hash != _hash(but)
    ended = select(desk_sessions.c.token_hash).where(*its, others)
    connection.execute(delete(identity_sessions).where(identity_sessions.c.session_hash.in_(ended)))
    return connection.execute(update(desk_sessions).where(*its, others).values(ended_at=at)).rowcount


def count_open_sessions(connection: Connection, account_id: int, at: datetime) -> int:
    """How many sessions of the account are open, or would be if their browsers came back."""
    query = select(func.count()).where(
        desk_sessions.c.account_id == account_id, desk_sessions.c.ended_at.is_(None),
        desk_sessions.c.started_at > at - SESSION_LIVES,
    )  # fmt: skip
    return int(connection.execute(query).scalar_one())


# ---------------------------------------------------------------- what comes before and after a session


@dataclass(frozen=True, slots=True)
class HalfSignIn:
    """Somebody whose link was good and who owes a code; what he asked for meanwhile."""

    account: Account
    next_path: str
    lasts_day: bool
    ends_others: bool
    salt: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)


def open_half(connection: Connection, half: HalfSignIn, at: datetime) -> str:
    """Remember that this account owes a code for ten minutes; the secret for its browser's cookie."""
    token = secrets.token_urlsafe(24)
    connection.execute(delete(half_sign_ins).where(half_sign_ins.c.at < at - HALF_LIVES))
    connection.execute(
        insert(half_sign_ins).values(
            token_hash=_hash(token), account_id=half.account.id, at=at, next_path=half.next_path,
            lasts_day=half.lasts_day, ends_others=half.ends_others, salt=half.salt,
        )
    )  # fmt: skip
    return token


def find_half(connection: Connection, token: str, at: datetime) -> HalfSignIn | None:
    """What this browser still owes a code for; None when it is nothing, too old, or of a closed account."""
    mine = (half_sign_ins.c.token_hash == _hash(token), half_sign_ins.c.at > at - HALF_LIVES)
    row = connection.execute(select(half_sign_ins).where(*mine)).first()
    account = find_account(connection, row.account_id) if row else None
    if row is None or account is None or account.closed_at:
        return None
    return HalfSignIn(account, row.next_path, row.lasts_day, row.ends_others, row.salt)


def close_half(connection: Connection, token: str) -> bool:
    """Whether it was still owed: of two requests at once, one takes it."""
    return connection.execute(delete(half_sign_ins).where(half_sign_ins.c.token_hash == _hash(token))).rowcount == 1


def keep_identity(connection: Connection, token: str, id_token: str, at: datetime) -> None:
    """Keep ProConnect's proof beside the session of this secret."""
    connection.execute(insert(identity_sessions).values(session_hash=_hash(token), id_token=id_token, at=at))


def take_identity(connection: Connection, token: str) -> str | None:
    """ProConnect's proof of this session, which is forgotten; None when somebody signed in otherwise."""
    mine = identity_sessions.c.session_hash == _hash(token)
    found = connection.execute(select(identity_sessions.c.id_token).where(mine)).scalar()
    connection.execute(delete(identity_sessions).where(mine))
    return found
