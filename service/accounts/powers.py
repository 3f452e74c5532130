"""What an account may do to another: whoever types commands runs the machine and may do everything."""

from __future__ import annotations

from enum import StrEnum, auto

from records.desks.accounts import Account, AccountRefused, EntryProof
from records.desks.acting import Acting
from records.desks.permissions import AccountRole, Permission, managing
from service.settings import Settings
from service.settings.kinds import SignInBy

LINKS_ARE_OFF = "Les comptes de l’équipe nationale et de l’administration entrent par ProConnect, sans lien."


class NeededToEnter(StrEnum):
    """What an account needs to open a session."""

    LINK = auto()
    CODE = auto()
    """A link, then a code of the second factor."""
    PROCONNECT = auto()
    NOTHING_DOES = auto()
    """Nothing would do: the account of a demonstration, elsewhere."""


def needed_to_enter(settings: Settings, account: Account) -> NeededToEnter:
    """What this account needs here."""
    if account.is_invented and not settings.demo:
        return NeededToEnter.NOTHING_DOES
    if not account.is_privileged:
        return NeededToEnter.LINK
    by = {SignInBy.TOTP: NeededToEnter.CODE, SignInBy.PROCONNECT: NeededToEnter.PROCONNECT}
    return by.get(SignInBy(settings.privileged_sign_in), NeededToEnter.LINK)


def why_not_enough(settings: Settings, account: Account, proof: EntryProof) -> str:
    """Why this proof does not open a session of this account any more, in French; empty when it does.

    Another setting, another role or more départements may ask for more than when it was given.
    """
    needed = needed_to_enter(settings, account)
    if needed is NeededToEnter.NOTHING_DOES:
        return "Ce compte est celui d’une démonstration : il n’ouvre rien ici."
    if needed is NeededToEnter.PROCONNECT and proof is not EntryProof.PROCONNECT:
        return "Votre compte entre maintenant par ProConnect : reconnectez-vous."
    if needed is NeededToEnter.CODE and proof is EntryProof.LINK:
        return "Votre compte demande maintenant un code en plus du lien : reconnectez-vous."
    return ""


def check_may_give(acting: Acting, role: AccountRole) -> None:
    """Refuse that anybody but an administrator makes an administrator."""
    if not _may(acting, managing(role)):
        raise AccountRefused("Seule une personne de l’administration peut donner ce rôle.", "role")


def check_may_touch(acting: Acting, account: Account) -> None:
    """Refuse that anybody but an administrator touches an administrator's account."""
    if not may_touch(acting, account):
        raise AccountRefused("Seule une personne de l’administration peut changer ce compte.")


def check_is_administrator(acting: Acting) -> None:
    """Refuse whoever is not an administrator: who he is, is proved by what this verb takes away."""
    if not _may(acting, Permission.MANAGE_ADMINISTRATORS):
        raise AccountRefused("Seule une personne de l’administration peut le faire.")


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


def check_not_own_factor(acting: Acting, account: Account) -> None:
    """Refuse that somebody takes his own second factor away here: his own page asks for a code first."""
    if _is_own(acting, account):
        raise AccountRefused("Pour votre propre second facteur, passez par « Mon compte ».")


def _may(acting: Acting, permission: Permission) -> bool:
    return acting.account is None or acting.account.may(permission)


def _is_own(acting: Acting, account: Account) -> bool:
    return acting.account is not None and acting.account.id == account.id
