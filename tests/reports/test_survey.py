"""The monthly survey: filled from the calls, corrected beside them, frozen at closing, reminded once."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine

from records.database import Connection, writing
from records.mail import Mail
from records.outbox import Owed
from records.sending import send_due
from reports.figures.periods import month_of
from reports.figures.summary import figures_json, scope_of
from reports.survey.campaign import Board, board, freeze_if_due, open_month, send_answer
from reports.survey.consolidated import to_csv
from reports.survey.followed import TRACKED
from reports.survey.mails import mails_due, owe_mails
from reports.survey.questionnaire import (
    Stage,
    SurveyRefused,
    closes_at,
    month_in_question,
    opens_at,
    read_correction,
    read_tracked,
    stage,
    typed_list,
)
from reports.survey.sums import FIGURES
from routing.departements import PARIS
from tests.reports.counting import ACCESS, ENTRIES
from tests.reports.tables import call, invent, qualified, store

LABELS = FIGURES
OCTOBER = month_of(date(2026, 10, 15))
OPEN = datetime(2026, 10, 29, 9, tzinfo=PARIS)
LATE = datetime(2026, 11, 3, 9, tzinfo=PARIS)


def opened(connection: Connection) -> Board:
    store(connection, invent(random.Random(6), 300))
    open_month(connection, OCTOBER, OPEN)
    return board(connection, OCTOBER, OPEN)


def test_it_opens_on_the_28th_and_closes_at_the_end_of_the_2nd_paris_time() -> None:
    assert opens_at(OCTOBER) == datetime(2026, 10, 28, tzinfo=PARIS)
    assert closes_at(OCTOBER) == datetime(2026, 11, 3, tzinfo=PARIS)
    assert stage(OCTOBER, opens_at(OCTOBER) - timedelta(seconds=1)) is Stage.COMING
    assert stage(OCTOBER, datetime(2026, 11, 2, 22, 59, tzinfo=UTC)) is Stage.OPEN
    assert stage(OCTOBER, datetime(2026, 11, 2, 23, tzinfo=UTC)) is Stage.CLOSED
    assert opens_at(month_of(date(2027, 2, 1))).date() == date(2027, 2, 28)


def test_the_month_in_question_is_the_current_one_from_the_28th() -> None:
    assert month_in_question(date(2026, 10, 28)) == date(2026, 10, 1)
    assert month_in_question(date(2026, 11, 2)) == date(2026, 10, 1)
    assert month_in_question(date(2026, 1, 15)) == date(2025, 12, 1)


def test_it_is_filled_with_the_figures_of_every_other_face(engine: Engine) -> None:
    with engine.begin() as connection:
        state = opened(connection)
        said = figures_json(connection, scope_of(OCTOBER, ["75"]))
    filled = state.filled["75"]
    assert {key: filled[key] for key in said if key in filled} == {
        "nombre_appels": said["nombre_appels"], "duree_moyenne_secondes": said["duree_moyenne_secondes"],
        "taux_resolution": said["taux_resolution"], "taux_escalade": said["taux_escalade"],
    }  # fmt: skip
    account = [motive["nombre"] for motive in said["motifs"] if motive["sous_motif"] == "Accès au compte"]
    assert filled[f"nombre:{TRACKED[0].key}"] == sum(account) > 0
    assert len(state.filled) == 107
    assert state.filled["01"]["nombre_appels"] == 0
    assert len(filled) == 4 + 2 * len(TRACKED)


def test_a_correction_stands_beside_the_computed_figure_and_needs_a_reason(engine: Engine) -> None:
    with engine.begin() as connection:
        before = opened(connection).filled["75"]["nombre_appels"]
        with pytest.raises(SurveyRefused, match="Dites pourquoi"):
            send_answer(connection, OCTOBER, "75", {"valeur:nombre_appels": "99"}, by="a@exemple.fr", now=OPEN)
        form = {"valeur:nombre_appels": "99", "motif:nombre_appels": "Un poste hors ligne", "commentaire": "=1+1"}
        for _ in range(2):
            send_answer(connection, OCTOBER, "75", form, by="a@exemple.fr", now=OPEN)
        state = board(connection, OCTOBER, OPEN)
    line = state.lines("75")[0]
    assert (line.computed, line.corrected, line.reason) == (before, 99, "Un poste hors ligne")
    assert len(state.corrections["75"]) == 1
    assert "75" not in state.missing
    text = next(line for line in to_csv(state).splitlines() if line.startswith("75;"))
    assert f";{before};99;Un poste hors ligne;" in text
    assert text.endswith(";'=1+1")


def test_figures_are_live_until_closing_and_frozen_after_it(engine: Engine) -> None:
    with engine.begin() as connection:
        opened(connection)
        qualification = qualified("1", ACCESS, "Autre", "Autre", resolved=True, escalated=False)
        store(connection, [call("late1", date(2026, 10, 31), qualification=qualification)])
        live = board(connection, OCTOBER, OPEN).filled["75"]
        assert not freeze_if_due(connection, OCTOBER, OPEN)
        assert freeze_if_due(connection, OCTOBER, LATE)
        assert not freeze_if_due(connection, OCTOBER, LATE)
        store(connection, [call("late2", date(2026, 10, 31), qualification=qualification)])
        assert board(connection, OCTOBER, LATE).filled["75"] == live
        assert figures_json(connection, scope_of(OCTOBER, ["75"]))["nombre_appels"] == live["nombre_appels"] + 1  # type: ignore[operator]


def test_a_late_answer_is_accepted_and_marked_and_a_good_one_stays_good(engine: Engine) -> None:
    with engine.begin() as connection:
        opened(connection)
        send_answer(connection, OCTOBER, "75", {}, by="a", now=OPEN)
        send_answer(connection, OCTOBER, "75", {"commentaire": "oubli"}, by="a", now=LATE)
        send_answer(connection, OCTOBER, "93", {}, by="b", now=LATE)
        given = board(connection, OCTOBER, LATE).answers
    assert [(given["75"].late, given["75"].comment), given["93"].late] == [(False, "oubli"), True]


@dataclass
class Mailbox:
    """A mail server that keeps what it is handed; the address `panne` fails until four mails have come."""

    mails: list[Mail] = field(default_factory=list)

    def send(self, mail: Mail) -> None:
        if mail.to == "panne@exemple.fr" and not self.mails[3:]:
            raise OSError("server away")
        self.mails.append(mail)


def test_each_reminder_goes_once_to_those_who_have_not_answered(engine: Engine) -> None:
    box = Mailbox()
    addresses = {"75": ["a@exemple.fr", "b@exemple.fr"], "93": ["panne@exemple.fr"], "*": ["nat@exemple.fr"]}

    def round_at(now: datetime) -> int:
        with writing(engine) as connection:
            due = mails_due(connection, OCTOBER, now, addresses=addresses, link="https://svi.example/enquete")
            owe_mails(connection, OCTOBER, due, now)
        sent = send_due(engine, Owed.SURVEY, box, lambda: now)
        assert sent.failed in ([], ["panne@exemple.fr"])
        return sent.mails

    with engine.begin() as connection:
        opened(connection)
    assert round_at(datetime(2026, 10, 27, tzinfo=PARIS)) == 0
    assert round_at(OPEN) == 2 + 1
    assert round_at(OPEN) == 0
    with engine.begin() as connection:
        send_answer(connection, OCTOBER, "75", {}, by="a", now=OPEN)
    assert round_at(datetime(2026, 11, 1, 9, tzinfo=PARIS)) == 1
    assert round_at(LATE) == 2
    assert "octobre 2026 : ouverte" in box.mails[0].subject
    assert "le 2 novembre 2026 à 23 h 59" in next(mail.text for mail in box.mails if mail.to == "a@exemple.fr")
    assert all("?mois=2026-10" in mail.text for mail in box.mails if "sans adresse" not in mail.subject)
    assert sum("sans adresse" in mail.subject for mail in box.mails) == 3
    assert {mail.subject for mail in box.mails if mail.to == "a@exemple.fr"} == {box.mails[0].subject}


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [("nombre_appels", "abc", "n'est pas un nombre"), ("nombre_appels", "-1", "n'est pas un nombre"),
     ("taux_resolution", "101", "ne dépasse pas 100"), ("inconnu", "1", "ne fait pas partie"),
     ("nombre_appels", "nan", "n'est pas un nombre")],
)  # fmt: skip
def test_a_correction_that_cannot_be_is_refused_with_a_sentence(key: str, value: str, reason: str) -> None:
    with pytest.raises(SurveyRefused, match=reason):
        read_correction(key, value, "raison", LABELS)


def test_rates_are_corrected_in_percent() -> None:
    assert read_correction("taux_resolution", "62,5 %", " saisie ", LABELS) == (0.625, "saisie")


def test_the_followed_sous_motifs_are_edited_in_the_nomenclatures_wording() -> None:
    assert read_tracked("ACCES AU COMPTE\n\nDysfonctionnement\n", ENTRIES) == (ENTRIES[0].wording, ENTRIES[5].wording)
    with pytest.raises(SurveyRefused, match="« Café »"):
        read_tracked("Café", ENTRIES)
    with pytest.raises(SurveyRefused, match="écrivez « Accès et authentification > Autre > Autre » ou « Évolutions > "):
        read_tracked("Autre", ENTRIES)
    both = (ENTRIES[3].wording, ENTRIES[6].wording)
    assert read_tracked(typed_list(both, ENTRIES), ENTRIES) == both
