"""What is done to an account: the row and its line of the trail are one transaction."""

from __future__ import annotations

from collections.abc import Iterable

from records.desks.accounts import (
    Account,
    AccountRefused,
    change_account,
    close_account,
    end_sessions,
    find_account,
    untie_identity,
)
from records.desks.acting import Acting
from records.desks.factors import forget_factor
from service.accounts.invitations import read_codes, read_name, read_role
from service.accounts.powers import (
    check_is_administrator,
    check_keeps_own_role,
    check_may_give,
    check_may_touch,
    check_not_own,
    check_not_own_factor,
)


def change(acting: Acting, account: Account, *, name: str, role: str, codes: Iterable[str]) -> None:
    """Change who the account is for; another role or other départements end its sessions.

    AccountRefused for a role or a département that is none, a référent without département, a name too long, one's own
    role, and an administrator's account or role unless an administrator acts.
    """
    check_may_touch(acting, account)
    kind, kept, tidy = read_role(role), read_codes(codes), read_name(name)
    check_may_give(acting, kind)
    check_keeps_own_role(acting, account, kind)
    with acting.writing() as connection:
        before = find_account(connection, account.id)
        change_account(connection, account.id, name=tidy, role=kind, departements=kept)
        if before and (before.role, set(before.departements)) != (kind, set(kept)):
            end_sessions(connection, account.id, acting.at)
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


def sign_out(acting: Acting, account: Account, *, but: str = "") -> int:
    """End the sessions of the account, `but` the one of this secret; how many ended.

    AccountRefused for an administrator's unless an administrator acts.
    """
    check_may_touch(acting, account)
    with acting.writing() as connection:
        ended = end_sessions(connection, account.id, acting.at, but=but)
        acting.note(connection, "sessions fermées", account.email)
    return ended


def untie(acting: Acting, account: Account) -> None:
    """Untie the account from its identity of ProConnect, and end its sessions: the next one of its address is tied.

    AccountRefused unless an administrator acts, and when the account is tied to none.
    """
    check_is_administrator(acting)
    with acting.writing() as connection:
        if not untie_identity(connection, account.id):
            raise AccountRefused(f"Le compte {account.email} n’est lié à aucune identité ProConnect.")
        end_sessions(connection, account.id, acting.at)
        acting.note(connection, "identité déliée", account.email)


def reset_factor(acting: Acting, account: Account) -> None:
    """Forget the account's second factor and end its sessions: its next sign-in proves a new application.

    AccountRefused unless an administrator acts, for one's own, and when the account has none.
    """
    check_is_administrator(acting)
    check_not_own_factor(acting, account)
    with acting.writing() as connection:
        if not forget_factor(connection, account.id):
            raise AccountRefused(f"Le compte {account.email} n’a pas de second facteur.")
        end_sessions(connection, account.id, acting.at)
        acting.note(connection, "second facteur effacé", account.email)
