"""Who may do what: the one table from an account's role to its permissions."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum, auto


class AccountRole(StrEnum):
    """What an account is for; what it may do stands in `ALLOWED`."""

    REFERENT = "referent"
    NATIONAL = "national"
    ADMIN = "admin"


class Permission(StrEnum):
    """What a page asks for before it shows or does something."""

    READ_EVERY_DEPARTEMENT = auto()
    """Calls, messages, requests and figures of all départements, and of none."""
    WATCH_EVERY_DESK = auto()
    """What is late on the desks of others."""
    READ_NATIONAL_FIGURES = auto()
    """The national dashboard, France's lists and France's workbook."""
    SET_ALERTS_ASIDE = auto()
    """An alert of the outage radar, once somebody looks after it."""
    WORK_LEVEL_2 = auto()
    """The requests that the national desk has: take, answer, plan, close."""
    RUN_SURVEY = auto()
    """The monthly survey: its sous-motifs and everybody's answers."""
    ADMINISTER = auto()
    """Directory, nomenclature, answers, closures, notices, absence messages, overflow."""
    READ_TRAIL = auto()
    """The audit log: who did or saw what."""
    MANAGE_ACCOUNTS = auto()
    """Invite, change, close accounts."""
    MANAGE_ADMINISTRATORS = auto()
    """The same for an administrator's account."""


_NATIONAL = frozenset(Permission) - {Permission.MANAGE_ADMINISTRATORS}

ALLOWED: Mapping[AccountRole, frozenset[Permission]] = {
    AccountRole.REFERENT: frozenset(),
    AccountRole.NATIONAL: _NATIONAL,
    AccountRole.ADMIN: _NATIONAL | {Permission.MANAGE_ADMINISTRATORS},
}
"""Whatever is not here is what everybody who signs in may do: the calls and figures of the own départements."""


def managing(role: str) -> Permission:
    """What somebody needs to give this role, or to change an account that has it."""
    return Permission.MANAGE_ADMINISTRATORS if role == AccountRole.ADMIN else Permission.MANAGE_ACCOUNTS
