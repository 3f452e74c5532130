"""What an account may do to another: whoever types commands runs the machine and may do everything."""

from __future__ import annotations

from records.desks.accounts import Account, AccountRefused
from records.desks.acting import Acting
from records.desks.permissions import AccountRole, Permission, managing


def check_may_give(acting: Acting, role: AccountRole) -> None:
    """Refuse that anybody but an administrator makes an administrator."""
    if not _may(acting, managing(role)):
        raise AccountRefused("Seule une personne de l’administration peut donner ce rôle.", "role")


def check_may_touch(acting: Acting, account: Account) -> None:
    """Refuse that anybody but an administrator touches an administrator's account."""
    if not may_touch(acting, account):
        raise AccountRefused("Seule une personne de l’administration peut changer ce compte.")


def may_touch(acting: Acting, account: Account) -> bool:
    """Whether whoever acts may touch this account: an administrator's is touched by administrators alone."""
    return _may(acting, managing(account.role))


def check_keeps_own_role(acting: Acting, account: Account, role: AccountRole) -> None:
    """Refuse that somebody changes his own role: nobody might be left to undo it."""
    if _is_own(acting, account) and role is not account.role:
        raise AccountRefused("Vous ne pouvez pas changer votre propre rôle : demandez-le à quelqu’un d’autre.", "role")


def check_not_own(acting: Acting, account: Account) -> None:
    """Refuse that somebody closes his own account."""
    if _is_own(acting, account):
        raise AccountRefused("Vous ne pouvez pas fermer votre propre compte.")


def _may(acting: Acting, permission: Permission) -> bool:
    return acting.account is None or acting.account.may(permission)


def _is_own(acting: Acting, account: Account) -> bool:
    return acting.account is not None and acting.account.id == account.id
