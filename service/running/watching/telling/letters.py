"""The mails about what is wrong: one for all that begins in the same look, one for all that is over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from records.alerting.telling import Trouble
from records.counting.words import counted
from records.mail import Mail, key_of
from routing.calendar.words import write_moment
from routing.departements import PARIS
from service.running.watching.telling.problems import TITLES

SIGNED = "Assistance téléphonique du SI SIAO"
EXACT = "%Y-%m-%dT%H:%M:%S"


def begun_letters(alerts: Sequence[Trouble], readers: Iterable[str], site: str, *, alone: bool = False) -> list[Mail]:
    """One letter for each reader: this begins.

    `alone`: no database says whether another machine has told it too. What two tell in the same hour has one name, so
    that a mailbox shows one.
    """
    if not alerts:
        return []
    closing = f"L’état du service : {site}/administration/etat\n\nNous vous écrirons de nouveau quand ce sera terminé."
    body = "\n\n".join(f"{one.told}\nDepuis : {_moment(one.since)}.\nÀ faire : {one.to_do}" for one in alerts)
    text = f"Bonjour,\n\n{body}\n\n{closing}\n\n{SIGNED}\n"
    return _letters("debut", alerts, _subject(alerts), text, readers, grain="%Y-%m-%dT%H" if alone else EXACT)


def over_letters(alerts: Sequence[Trouble], readers: Iterable[str], at: datetime) -> list[Mail]:
    """One letter for each reader: this is over."""
    if not alerts:
        return []
    body = "\n\n".join(f"Terminé : {one.told}\n{_lasted(one.since, one.seen_at or at)}" for one in alerts)
    return _letters("fin", alerts, f"Rétabli : {_subject(alerts)}", f"Bonjour,\n\n{body}\n\n{SIGNED}\n", readers)


def _letters(
    which: str, alerts: Sequence[Trouble], subject: str, text: str, readers: Iterable[str], *, grain: str = EXACT
) -> list[Mail]:
    told = sorted(f"{one.key} {one.since:{grain}}" for one in alerts)
    return [Mail(to, f"[SI SIAO] {subject}", text, key_of(f"alert|{which}", *told, to)) for to in readers]


def _subject(alerts: Sequence[Trouble]) -> str:
    first, *others = dict.fromkeys(TITLES.get(one.kind, one.kind) for one in alerts)
    return f"{first}, et {counted(len(others), 'autre point', 'autres points')}" if others else first


def _moment(moment: datetime) -> str:
    return f"{write_moment(moment, PARIS)}, heure de Paris"


def _lasted(since: datetime, until: datetime) -> str:
    return f"Cela a duré du {write_moment(since, PARIS)} au {write_moment(until, PARIS)}, heure de Paris."
