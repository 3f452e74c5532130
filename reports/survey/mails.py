"""The mails of a survey: those whose day has come, and the one that the national team asks for, each once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from records import outbox
from records.database import Connection
from records.desks.audit import note
from records.mail import Mail, key_of
from records.outbox import Owed
from reports.figures.periods import Period, french_month, of_month
from reports.survey import store
from reports.survey.campaign import month_key
from reports.survey.questionnaire import Reminder, Stage, SurveyRefused, closes_at, reminders_due, stage
from routing.departements import NATIONAL, PARIS, departements

Addresses = Mapping[str, Sequence[str]]
"""The addresses of each département by code, `*` for the national team."""


def mails_due(
    connection: Connection, month: Period, now: datetime, *, addresses: Addresses, link: str
) -> list[Mail]:  # fmt: skip
    """The mails whose day has come: on opening to all, then to those who have not answered; sent ones included."""
    key = month_key(month)
    survey = store.survey_of(connection, key)
    due = reminders_due(month, now, survey.opened_at if survey else None)
    if not due or survey is None:
        return []
    kind = due[-1]  # a machine that slept through the 28th does not send three mails at once
    missing = _missing(connection, key)
    nobody = [code for code in missing if not addresses.get(code)]
    mails = [(address, _mail(kind, month, code, link)) for code in missing for address in addresses.get(code, ())]
    if nobody:
        mails += [(address, _unreachable(kind, month, nobody)) for address in addresses.get(NATIONAL, ())]
    about = f"survey|{key}|{kind}"
    return [Mail(to, subject, text, key_of(about, to, subject, text)) for to, (subject, text) in mails]


def owe_mails(connection: Connection, month: Period, mails: Sequence[Mail], now: datetime) -> None:
    """Put the mails that are due in the outbox; what waits there and is not due any more is taken out."""
    key = month_key(month)
    for mail in mails:
        outbox.owe_mail(connection, Owed.SURVEY, key, mail, now)
    outbox.forget_others(connection, Owed.SURVEY, key, [mail.key for mail in mails], now)


@dataclass(frozen=True, slots=True)
class Chased:
    """What a round of reminders did, by département: those written to now, those before, those without an address."""

    now: tuple[str, ...]
    before: tuple[str, ...]
    unreachable: tuple[str, ...]


def chase(
    connection: Connection, month: Period, now: datetime, *, addresses: Addresses, link: str, by: str, region: str = ""
) -> Chased:  # fmt: skip
    """Write to every département that has not answered, once a month each; SurveyRefused where nothing is open.

    `region`: those of one region alone. The trail keeps when, so that a page can show it; whoever has no address is
    told, and may be written to later.
    """
    key = month_key(month)
    survey = store.survey_of(connection, key)
    if survey is None or stage(month, now, is_opened=True) is Stage.COMING:
        raise SurveyRefused(f"L'enquête {of_month(month.since)} n'est pas ouverte : il n'y a personne à relancer.")
    known = store.reminded(connection, key)
    missing = [code for code in _missing(connection, key) if region in {"", departements()[code].region}]
    reached = [code for code in missing if addresses.get(code)]
    sent = [code for code in reached if code not in known]
    for code in sent:
        subject, text = _mail(Reminder.ASKED, month, code, link, is_closed=now >= closes_at(month))
        for address in addresses[code]:
            mail = Mail(address, subject, text, key_of(f"survey|{key}|{Reminder.ASKED}|{code}", address))
            outbox.owe_mail(connection, Owed.SURVEY, f"{key} {code}", mail, now)
        note(connection, by=by, what=store.REMINDED, reference=f"{key} {code}", at=now)
    return Chased(
        tuple(sent), tuple(code for code in reached if code in known),
        tuple(code for code in missing if not addresses.get(code)),
    )  # fmt: skip


def _missing(connection: Connection, key: str) -> list[str]:
    given = store.answers(connection, key)
    return [code for code in departements() if code not in given]


def _unreachable(kind: Reminder, month: Period, codes: Sequence[str]) -> tuple[str, str]:
    body = f"Personne n'a d'adresse dans l'annuaire pour : {', '.join(codes)}. Ils n'ont pas reçu ce courriel ({kind})."
    subject = f"Enquête mensuelle {french_month(month.since)} : départements sans adresse"
    return subject, f"Bonjour,\n\n{body}\n"


def _mail(kind: Reminder, month: Period, code: str, link: str, *, is_closed: bool = False) -> tuple[str, str]:
    name = departements()[code].name
    last = closes_at(month).astimezone(PARIS)
    when = f"le {last.day - 1} {french_month(last)} à 23 h 59"
    about = f"L'enquête mensuelle {of_month(month.since)} pour {name} ({code})"
    late = (
        f"{about} s'est fermée sans votre réponse. Vous pouvez encore l'envoyer : elle sera notée comme tardive."
    )  # fmt: skip
    waits = f"{about} n'a pas encore été envoyée. Elle est déjà remplie ; elle se ferme {when}."
    body = {
        Reminder.OPENING: f"{about} est ouverte, et déjà remplie d'après vos appels. Relisez-la, ajoutez un "
        f"commentaire ou un retour éventuel, et envoyez-la avant {when}.",
        Reminder.FIRST: waits,
        Reminder.AFTER: late,
        Reminder.ASKED: late if is_closed else waits,
    }[kind]
    subject = {
        Reminder.OPENING: f"Enquête mensuelle {french_month(month.since)} : ouverte",
        Reminder.FIRST: f"Enquête mensuelle {french_month(month.since)} : rappel",
        Reminder.AFTER: f"Enquête mensuelle {french_month(month.since)} : il manque votre réponse",
        Reminder.ASKED: f"Enquête mensuelle {french_month(month.since)} : votre réponse est attendue",
    }[kind]
    return subject, f"Bonjour,\n\n{body}\n\n{link}?mois={month_key(month)}\n\nL'équipe nationale du SI SIAO\n"
