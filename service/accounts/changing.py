"""Changing and closing an account: the row and its line of the trail are one transaction."""

from __future__ import annotations

from collections.abc import Iterable

from records.desks.accounts import Account, AccountRefused, change_account, close_account, find_account
from records.desks.acting import Acting
from service.accounts.invitations import read_codes, read_name, read_role
from service.accounts.powers import check_keeps_own_role, check_may_give, check_may_touch, check_not_own


def change(acting: Acting, account: Account, *, name: str, role: str, codes: Iterable[str]) -> None:
    """Change who the account is for.

    AccountRefused for a role or a département that is none, a référent without département, a name too long, one's own
    role, and an administrator's account or role unless an administrator acts.
    """
    check_may_touch(acting, account)
    kind, kept, tidy = read_role(role), read_codes(codes), read_name(name)
    check_may_give(acting, kind)
    check_keeps_own_role(acting, account, kind)
    with acting.writing() as connection:
        change_account(connection, account.id, name=tidy, role=kind, departements=kept)
        acting.note(connection, "compte changé", account.email)


def close(acting: Acting, account: Account) -> None:
    """Close the account: its links and sessions end at once.

    AccountRefused for one's own, for one that is closed already, and for an administrator's unless an administrator
    acts.
    """
    check_may_touch(acting, account)
    check_not_own(acting, account)
    with acting.writing() as connection:
        standing = find_account(connection, account.id)
        if standing is None or standing.closed_at:
            raise AccountRefused(f"Le compte {account.email} est déjà fermé.")
        close_account(connection, account.id, acting.at)
        acting.note(connection, "compte fermé", account.email)
