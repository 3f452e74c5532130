"""Reporting an article or a missing answer, taking a report, ending it: row, trail and mails in one transaction."""

from __future__ import annotations

from datetime import datetime

from records.database import Connection
from records.desks.acting import Acting
from records.mail import is_address
from records.outbox import Owed, owe_mail
from records.refusals import ChangeRefused, Overtaken
from records.wording import Wording
from routing.calendar.hours import Hours
from routing.calendar.open_time import after_open_days
from support.knowledge.reports.letters import answering_mail
from support.knowledge.reports.report import (
    LONGEST_RESULT,
    LONGEST_VOICE,
    OPEN_DAYS,
    UNPROVED_AT_ONCE,
    About,
    ReportState,
    Said,
    checked_kind,
    checked_words,
)
from support.knowledge.reports.store import (
    add_voice,
    end_report,
    open_report,
    read_report,
    take_addresses,
    take_report,
    waiting_for,
)
from support.knowledge.store import read_article
from support.nomenclature.store import nomenclature_in_force
from support.personal_data import doubt_about

ANYBODY = "quelqu’un"
"""Who reported by the public page, in the trail."""


def about_article(connection: Connection, number: int) -> About | None:
    """What a report on this article is about; None when it does not stand in the directory."""
    article = read_article(connection, number) if number < 2**31 else None
    if article is None or article.retired_at is not None:
        return None
    return About(article.id, article.title, article.address)


def about_sous_motif(connection: Connection, key: str, at: datetime) -> About | None:
    """What a report on a missing answer is about; None for a sous-motif that is none."""
    entry = nomenclature_in_force(connection, at.date()).entry(key)
    return None if entry is None else About(wording=Wording(*entry.wording))


def said_of(
    about: About, kind: str, text: str, email: str, *, is_proved: bool = False, confirmed: bool = False
) -> Said:
    """What somebody typed, checked; ChangeRefused, with its field, for what cannot stand.

    A text that looks like personal data is refused until its author has `confirmed` it.
    """
    chosen, words = checked_kind(about, kind), checked_words(text, "texte", LONGEST_VOICE)
    if (doubt := doubt_about(words)) and not confirmed:
        raise ChangeRefused(doubt, "doute")
    to = email.strip().lower()
    if to and not is_address(to):
        raise ChangeRefused("Donnez une adresse électronique complète, ou laissez le champ vide.", "email")
    return Said(chosen, words, to or None, is_proved)


def say(acting: Acting, connection: Connection, about: About, said: Said, *, hours: Hours) -> int:
    """Add a voice to the one open report about this, opened where there is none; returns its number.

    An address that nobody has proved and that many reports answer already is not kept: it hears of those.
    """
    due_at = after_open_days(acting.at, OPEN_DAYS, hours)
    number = open_report(connection, about, at=acting.at, due_at=due_at) or open_report(
        connection, about, at=acting.at, due_at=due_at
    )
    if number is None:
        raise ChangeRefused("Ce signalement vient d’être traité : réessayez.")
    is_too_many = said.email is not None and waiting_for(connection, said.email, number) >= UNPROVED_AT_ONCE
    kept = Said(said.kind, said.text) if is_too_many and not said.is_proved else said
    add_voice(connection, number, kept, acting.at)
    acting.note(connection, "signalement sur un article", str(number))
    return number


def take(acting: Acting, number: int) -> None:
    """Look after a report; Overtaken when it has ended."""
    with acting.writing() as connection:
        if not take_report(connection, number, acting.by):
            raise Overtaken(read_report(connection, number))
        acting.note(connection, "signalement pris", str(number))


def end(acting: Acting, number: int, *, state: str, result: str, site: str) -> int:
    """End a report with a result, which everybody who left an address is sent; returns to how many.

    ChangeRefused without a result; Overtaken when it has ended before.
    """
    if state not in {ReportState.DONE, ReportState.REFUSED}:
        raise ChangeRefused("Dites s’il est traité ou s’il n’est pas retenu.", "etat")
    words = checked_words(result, "resultat", LONGEST_RESULT)
    with acting.writing() as connection:
        if not end_report(connection, number, ReportState(state), words, by=acting.by, at=acting.at):
            raise Overtaken(read_report(connection, number))
        to = take_addresses(connection, number)
        if report := read_report(connection, number):
            for address in to:
                owe_mail(connection, Owed.ARTICLE, f"report:{number}", answering_mail(report, address, site), acting.at)
        acting.note(connection, f"signalement {'traité' if state == ReportState.DONE else 'non retenu'}", str(number))
    return len(to)
