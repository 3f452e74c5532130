"""What becomes of a mail: added to its request, opening it again, dropped, or left in the mailbox for a person to read.

Pure. Whoever a mail says that he is may be forged, so what a mail can do is little: add words to a request, in the
name of the address that it bears (decision 68).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from records.desks.accounts import Account
from support.inbound.reading import Incoming
from support.inbound.sorting import MailKind, sort_mail
from support.requests.request import Request, as_its_sender, parties_of
from support.requests.states import REOPENED_WITHIN_DAYS, Party, RequestState, may_reopen


class MailOutcome(StrEnum):
    """What became of a mail, as its line says; the folder into which it is put is named after it."""

    ADDED = "added"
    DROPPED = "dropped"
    UNMATCHED = "unmatched"


class Pointed(StrEnum):
    """What whoever wrote a mail that was not added is told, once: how to write so that it arrives."""

    NEW = "new"
    LATE = "late"
    MERGED = "merged"
    DESK = "desk"


@dataclass(frozen=True, slots=True)
class Matched:
    """The request that a mail names.

    `by_token`: the address to which it was sent says so, which nobody can invent; `account`: the open account of the
    address that wrote it.
    """

    request: Request
    by_token: bool
    account: Account | None = None


@dataclass(frozen=True, slots=True)
class MailDecision:
    """What is to be done: `as_whom` adds to the request, or opens it again (`reopens`), and None does neither.

    `is_third`: somebody wrote who did not ask; `told`: what he is told by mail, None for nothing.
    """

    outcome: MailOutcome
    reason: str
    as_whom: Account | None = None
    reopens: bool = False
    is_third: bool = False
    told: Pointed | None = None


def decide(mail: Incoming, matched: Matched | None, own: Collection[str], at: datetime) -> MailDecision:
    """What becomes of this mail now; `own` as in `sort_mail`."""
    kind, why = sort_mail(mail, own)
    if kind is not MailKind.PERSON:
        return MailDecision(MailOutcome.DROPPED, why)
    if not mail.sender:
        return MailDecision(MailOutcome.UNMATCHED, "sans expéditeur, ou avec plusieurs")
    if matched is None:
        return MailDecision(MailOutcome.UNMATCHED, "ne répond à aucune demande", told=Pointed.NEW)
    return _of_request(mail.sender, matched, at)


def _of_request(sender: str, matched: Matched, at: datetime) -> MailDecision:
    asked, account = matched.request, matched.account
    is_sender = sender in {asked.created_by.casefold(), asked.reply_to.casefold()}
    parties = parties_of(asked, account) if account else frozenset()
    if Party.DESK in parties and not is_sender:
        return MailDecision(
            MailOutcome.UNMATCHED, "écrit par qui traite la demande : se répond sur sa page", told=Pointed.DESK
        )
    asks = is_sender or Party.ASKER in parties
    if not asks and not matched.by_token:
        return MailDecision(
            MailOutcome.UNMATCHED, "écrit par quelqu’un d’autre que qui a posé la demande", told=Pointed.NEW
        )
    whom = account if account and Party.ASKER in parties else as_its_sender(asked)
    if asked.state is not RequestState.CLOSED:
        return MailDecision(
            MailOutcome.ADDED, "ajouté à la demande" if asks else "ajouté, écrit par un tiers", whom, is_third=not asks
        )
    if asked.merged_into is not None:
        return MailDecision(MailOutcome.UNMATCHED, "demande réunie avec une autre", told=Pointed.MERGED)
    if not may_reopen(asked.closed_at, at):
        return MailDecision(
            MailOutcome.UNMATCHED, f"demande close depuis plus de {REOPENED_WITHIN_DAYS} jours", told=Pointed.LATE
        )
    if not asks:
        return MailDecision(MailOutcome.UNMATCHED, "demande close, écrit par un tiers", told=Pointed.NEW)
    return MailDecision(MailOutcome.ADDED, "demande rouverte", whom, reopens=True)
