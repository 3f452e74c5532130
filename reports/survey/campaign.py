"""Running a month's survey: opening it, filling it from the calls, freezing it, reminding, and telling who answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from records import outbox
from records.counting.figures import motive_tallies_by_departement, tallies_by_departement
from records.counting.tally import Tally
from records.csv_cells import csv_of
from records.database import Connection
from records.mail import Mail, key_of
from records.outbox import Owed
from reports.figures.definitions import figures, show
from reports.figures.periods import Period, french_month, of_month
from reports.figures.summary import scope_of
from reports.survey import store
from reports.survey.questionnaire import (
    PARIS,
    TRACKED,
    Reminder,
    Stage,
    SurveyFigure,
    SurveyRefused,
    closes_at,
    fill,
    is_late,
    label,
    lines,
    read_correction,
    read_text,
    reminders_due,
    shown_as,
    stage,
)
from reports.survey.store import Survey, SurveyAnswer
from routing.departements import NATIONAL, departements

Filled = dict[str, dict[str, float | None]]


@dataclass(frozen=True, slots=True)
class Board:
    """A month's survey as its page shows it."""

    month: Period
    stage: Stage
    survey: Survey | None
    answers: Mapping[str, SurveyAnswer]
    filled: Filled
    corrections: Mapping[str, list[dict[str, Any]]]

    def lines(self, departement: str) -> list[SurveyFigure]:
        """The lines of one département."""
        return lines(self.filled[departement], self.corrections.get(departement, ()))

    @property
    def missing(self) -> list[str]:
        """The départements that have not sent anything."""
        return [code for code in self.filled if code not in self.answers]


def month_key(month: Period) -> str:
    """`2026-11`."""
    return f"{month.since:%Y-%m}"


def open_month(connection: Any, month: Period, now: datetime, tracked: Sequence[str] = TRACKED) -> Survey:
    """Open the survey (it may be opened before the 28th by hand; it still closes on the 2nd)."""
    return store.open_survey(connection, month_key(month), now, tracked)


def compute(connection: Any, month: Period, tracked: Sequence[str], codes: Sequence[str] | None = None) -> Filled:
    """Every département's figures as they are now; zeros where there is no call."""
    wanted = list(departements()) if codes is None else list(codes)
    scope = scope_of(month, codes)
    sums = tallies_by_departement(connection, scope)
    cited = motive_tallies_by_departement(connection, scope)
    return {code: fill(figures(sums.get(code, Tally())), cited.get(code, []), tracked) for code in wanted}


def board(connection: Any, month: Period, now: datetime, codes: Sequence[str] | None = None) -> Board:
    """The survey of a month for these départements (None: all), with live figures or the frozen ones."""
    key = month_key(month)
    survey = store.survey_of(connection, key)
    tracked = survey.tracked if survey else TRACKED
    kept = store.frozen(connection, key) if survey and survey.frozen_at else {}
    if kept:
        filled: Filled = {code: kept[code] for code in (codes or kept) if code in kept}
    else:
        filled = compute(connection, month, tracked, codes)
    return Board(
        month, stage(month, now), survey, store.answers(connection, key), filled, store.corrections(connection, key)
    )


def freeze_if_due(connection: Any, month: Period, now: datetime) -> bool:
    """Freeze the figures of a survey that has closed; whether that was done now."""
    key = month_key(month)
    survey = store.survey_of(connection, key)
    if survey is None or survey.frozen_at is not None or now < closes_at(month):
        return False
    store.freeze(connection, key, now, compute(connection, month, survey.tracked))
    return True


def send_answer(
    connection: Any, month: Period, departement: str, form: Mapping[str, str], *, by: str, now: datetime
) -> SurveyAnswer:
    """Keep a département's answer and its corrections, late ones marked; SurveyRefused with the reason.

    `form` has `commentaire`, and for each figure `valeur:<key>` and `motif:<key>`.
    """
    state = board(connection, month, now, [departement])
    if state.survey is None:
        raise SurveyRefused(f"L'enquête {of_month(month.since)} n'est pas ouverte.")
    comment = read_text(form.get("commentaire", ""))
    for values in _corrections(state.lines(departement), form):
        store.correct(connection, month_key(month), departement, {**values, "by": by, "at": now})
    sent = SurveyAnswer(departement, comment, now, by, is_late(month, now))
    store.answer(connection, month_key(month), sent)
    return sent


def _corrections(known: Iterable[SurveyFigure], form: Mapping[str, str]) -> list[dict[str, Any]]:
    found = []
    known = list(known)
    for line in known:
        written = form.get(f"valeur:{line.key}", "").strip()
        if not written:
            continue
        value, reason = read_correction(
            line.key, written, form.get(f"motif:{line.key}", ""), (other.key for other in known)
        )
        if (value, reason) != (line.corrected, line.reason):
            found.append({"figure": line.key, "value": value, "computed": line.computed, "reason": reason})
    return found


# ---------------------------------------------------------------- mails


def mails_due(
    connection: Any, month: Period, now: datetime, *, addresses: Mapping[str, Sequence[str]], link: str
) -> list[Mail]:
    """The mails whose day has come: on opening to all, then to those who have not answered; sent ones included."""
    key = month_key(month)
    due = reminders_due(month, now)
    if not due or store.survey_of(connection, key) is None:
        return []
    kind = due[-1]  # a machine that slept through the 28th does not send three mails at once
    given = store.answers(connection, key)
    missing = [code for code in departements() if code not in given]
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


def _unreachable(kind: Reminder, month: Period, codes: Sequence[str]) -> tuple[str, str]:
    body = f"Personne n'a d'adresse dans l'annuaire pour : {', '.join(codes)}. Ils n'ont pas reçu ce courriel ({kind})."
    subject = f"Enquête mensuelle {french_month(month.since)} : départements sans adresse"
    return subject, f"Bonjour,\n\n{body}\n"


def _mail(kind: Reminder, month: Period, code: str, link: str) -> tuple[str, str]:
    name = departements()[code].name
    last = closes_at(month).astimezone(PARIS)
    when = f"le {last.day - 1} {french_month(last)} à 23 h 59"
    about = f"L'enquête mensuelle {of_month(month.since)} pour {name} ({code})"
    body = {
        Reminder.OPENING: f"{about} est ouverte, et déjà remplie d'après vos appels. Relisez-la, ajoutez un "
        f"commentaire si besoin, et envoyez-la avant {when}.",
        Reminder.FIRST: f"{about} n'a pas encore été envoyée. Elle est déjà remplie ; elle se ferme {when}.",
        Reminder.AFTER: f"{about} s'est fermée sans votre réponse. Vous pouvez encore l'envoyer : elle sera "
        "notée comme tardive.",
    }[kind]
    subject = {
        Reminder.OPENING: f"Enquête mensuelle {french_month(month.since)} : ouverte",
        Reminder.FIRST: f"Enquête mensuelle {french_month(month.since)} : rappel",
        Reminder.AFTER: f"Enquête mensuelle {french_month(month.since)} : il manque votre réponse",
    }[kind]
    return subject, f"Bonjour,\n\n{body}\n\n{link}?mois={month_key(month)}\n\nL'équipe nationale du SI SIAO\n"


# ---------------------------------------------------------------- export


def to_csv(state: Board) -> str:
    """All answers of a month for a spreadsheet: computed, corrected and reason side by side; `;` and a BOM."""
    keys = list(next(iter(state.filled.values()), {}))
    heads = [part for key in keys for part in (_head(key), f"{_head(key)} : corrigé", f"{label(key)} : raison")]
    rows = []
    for code in state.filled:
        given = state.answers.get(code)
        said = ["oui" if given else "non", "oui" if given and given.late else "non"]
        cells = [part for line in state.lines(code) for part in _cells(line)]
        rows.append([code, departements()[code].name, *said, *cells, given.comment if given else ""])
    return csv_of(["Département", "Nom", "Répondu", "En retard", *heads, "Commentaire"], rows)


def _head(key: str) -> str:
    return f"{label(key)} (secondes)" if shown_as(key) == "duration" else label(key)


def _cells(line: SurveyFigure) -> tuple[str, str, str]:
    return (_number(line.shown_as, line.computed), _number(line.shown_as, line.corrected), line.reason)


def _number(shown_as: str, value: float | None) -> str:
    if value is None:
        return ""
    if shown_as == "duration":
        return str(int(value + 0.5))
    return show(shown_as, value)
