"""Whoever must know of a step of a request is told, once, by a mail that holds no more than he needs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import Engine, func, select

from records.database import open_database, reading, writing
from records.desks.accounts import close_account, find_by_email
from records.mail import Mail
from records.schema.migrations import migrate
from records.schema.tables import deliveries
from service.mail import MailFailed, SmtpSender
from support.requests.states import Move
from tests.service.mail_server import mail_server
from tests.support.house import NOW, Clock
from tests.support.requests.matters import ALIX, LEA, SACHA, Matters

TOMORROW = NOW + timedelta(days=1)


@pytest.fixture
def matters(tmp_path: Path) -> Iterator[Matters]:
    engine = open_database(f"sqlite:///{tmp_path / 'svi.sqlite'}")
    migrate(engine)
    yield Matters(engine, Clock())
    engine.dispose()


def test_a_step_is_told_once_on_either_database(engine: Engine) -> None:
    matters = Matters(engine, Clock())
    made = matters.opened()
    matters.step(made, Move.ANSWER, SACHA, "Voilà.")
    for _ in range(3):
        matters.work(minutes=6)
    assert [to for to, _ in matters.post.taken()] == ["sacha", "lea", "alix"]


@pytest.fixture
def number(matters: Matters) -> int:
    """A request of which the national desk has been told, and that Sacha has taken."""
    made = matters.opened()
    matters.work(minutes=6)
    matters.post.mails.clear()
    matters.now(made, state="taken", owner=SACHA)
    return made


def event_of(mail: Mail) -> Any:
    """The event that a mail carries, as a calendar reads it."""
    [event] = Calendar.from_ical(mail.calendar).events
    return event


def test_the_whole_desk_is_told_of_a_new_request_when_it_can_be_complete(matters: Matters) -> None:
    matters.opened()
    matters.work(minutes=4)
    assert matters.post.taken() == []
    matters.work(minutes=2)
    sentence = "Alix Essai pose une demande au niveau 2."
    assert matters.post.taken() == [("sacha", sentence), ("lea", sentence)]
    matters.work(minutes=1)
    assert matters.post.taken() == []


def test_nobody_is_told_of_a_request_that_somebody_took_at_once(matters: Matters) -> None:
    made = matters.opened()
    matters.now(made, state="taken", owner=LEA)
    matters.step(made, Move.TAKE, LEA, owner=LEA, before=None)
    matters.work(minutes=6)
    assert matters.post.taken() == []


def test_the_desk_writes_and_the_one_who_asked_reads(matters: Matters, number: int) -> None:
    matters.step(number, Move.ANSWER, SACHA, "Ouvrez « Mon compte ».")
    matters.step(number, Move.ASK, SACHA, "Depuis quand ?")
    matters.step(number, Move.OPEN_TICKET, SACHA, reference="INC-4", kind="incident", state="new", before=None)
    matters.step(number, Move.CHANGE_TICKET, SACHA, reference="INC-4", kind="incident", state="resolved", before="new")
    matters.work()
    assert matters.post.taken() == [
        ("alix", "Sacha Nation répond à votre demande n° 1 :"),
        ("alix", "Sacha Nation a besoin d’une précision pour répondre à votre demande n° 1 :"),
        ("alix", "Pour votre demande n° 1, le ticket technique INC-4 (incident) est résolu."),
    ]
    matters.now(number, state="closed")
    matters.step(number, Move.CLOSE, SACHA, "Réglé.", solved=True)
    matters.work()
    assert matters.post.taken() == [("alix", "Sacha Nation clôt votre demande n° 1, résolue.")]


def test_the_one_who_asked_writes_and_the_owner_reads(matters: Matters, number: int) -> None:
    matters.step(number, Move.ADD, ALIX, "Depuis mardi.")
    matters.work()
    assert matters.post.taken() == [("sacha", "Alix Essai apporte une précision à la demande n° 1.")]
    matters.now(number, owner=None)
    matters.step(number, Move.ADD, ALIX, "Encore.")
    matters.work()
    assert [to for to, _ in matters.post.taken()] == ["sacha", "lea"]


def test_a_colleague_is_told_what_he_is_given_and_whoever_gave_it_is_not(matters: Matters, number: int) -> None:
    matters.now(number, owner=LEA)
    matters.step(number, Move.ASSIGN, SACHA, owner=LEA, before=SACHA)
    matters.step(number, Move.ASSIGN, LEA, owner=LEA, before=SACHA)
    matters.work()
    assert matters.post.taken() == [("lea", "Sacha Nation vous confie la demande n° 1.")]


def test_handed_back_and_sent_up_again(matters: Matters, number: int) -> None:
    matters.now(number, desk="local", state="open", owner=None)
    matters.step(number, Move.HAND_BACK, SACHA, "C’est au niveau 1.")
    matters.work()
    assert matters.post.taken() == [
        ("alix", "Sacha Nation rend votre demande n° 1 : elle se traite au niveau 1.")
    ]  # fmt: skip
    matters.now(number, desk="national")
    matters.step(number, Move.ESCALATE, ALIX, "Non.")
    matters.work()
    assert [to for to, _ in matters.post.taken()] == ["sacha", "lea"]


def test_opened_again_the_owner_knows_and_withdrawn_too(matters: Matters, number: int) -> None:
    matters.step(number, Move.REOPEN, ALIX, "Ça recommence.")
    matters.work()
    assert matters.post.taken() == [("sacha", "Alix Essai rouvre la demande n° 1.")]
    matters.now(number, state="closed")
    matters.step(number, Move.WITHDRAW, ALIX)
    matters.work()
    assert [to for to, _ in matters.post.taken()] == ["sacha"]


def test_when_the_account_is_closed_its_colleagues_of_the_departement_are_told(matters: Matters, number: int) -> None:
    with writing(matters.engine) as connection:
        account = find_by_email(connection, ALIX)
        assert account
        close_account(connection, account.id, matters.clock())
    matters.step(number, Move.ANSWER, SACHA, "Voilà.")
    matters.work()
    assert [to for to, _ in matters.post.taken()] == ["camille"]


def test_an_address_that_is_nobodys_account_is_answered_all_the_same(matters: Matters, number: int) -> None:
    matters.now(number, reply_to="siao974@siao.example")
    matters.step(number, Move.ANSWER, SACHA, "Voilà.")
    matters.work()
    [mail] = matters.post.mails
    assert (mail.to, mail.text.splitlines()[0]) == ("siao974@siao.example", "Bonjour,")


def test_a_mail_holds_nothing_of_the_caller(matters: Matters) -> None:
    made = matters.opened()
    matters.work(minutes=6)
    matters.step(made, Move.ANSWER, SACHA, "Rappelez le 06 39 98 00 11 ou\nzephyr@exemple.fr, c’est\tréglé.")
    matters.work()
    for mail in matters.post.mails:
        assert mail.subject == "[Demande n° 1] Compte : Mot de passe oublié"
        for piece in ("06 39 98 00 11", "zephyr", "Zéphyr"):
            assert piece not in mail.text + mail.subject
        assert "https://svi.example/demandes/1\n" in mail.text
    answer = matters.post.mails[-1].text
    assert "  Rappelez le [numéro de téléphone : à lire sur la page] ou\n" in answer
    assert "  [adresse électronique : à lire sur la page], c’est\tréglé.\n" in answer


def test_the_mails_of_a_request_are_one_thread_even_when_its_motif_changes(matters: Matters) -> None:
    made = matters.opened()
    matters.work(minutes=6)
    old = ["Accès", "Compte", "Mot de passe oublié"]
    matters.now(made, owner=SACHA, sous_motif="Compte bloqué")
    matters.step(made, Move.RECLASSIFY, SACHA, before=old, after=[*old[:2], "Compte bloqué"], niveau="2")
    matters.step(made, Move.ANSWER, SACHA, "Voilà.")
    matters.work()
    mails = matters.post.mails
    assert {mail.subject for mail in mails} == {"[Demande n° 1] Compte : Mot de passe oublié"}
    assert {mail.thread for mail in mails} == {"request:1"}
    assert [mail.key == mail.thread for mail in mails] == [True, True, False]
    assert "Motif : Compte : Compte bloqué" in mails[-1].text


def test_both_are_invited_to_an_exchange_each_by_his_own_clock(matters: Matters, number: int) -> None:
    matters.plan(number, TOMORROW)
    matters.work()
    mails = {mail.to: mail for mail in matters.post.mails}
    assert set(mails) == {ALIX, SACHA}
    far, here = "mercredi 25 novembre 2026 à 14 h (heure de La Réunion)", "mercredi 25 novembre 2026 à 11 h"
    assert f"{far}, soit {here} (heure de Paris)" in mails[ALIX].text
    assert f"{here} (heure de Paris), soit {far}" in mails[SACHA].text
    for mail in mails.values():
        event = event_of(mail)
        assert (mail.method, event["uid"], event["sequence"]) == ("REQUEST", "exchange-7@svi.example", 0)
        assert {str(one) for one in event["attendee"]} == {f"mailto:{ALIX}", f"mailto:{SACHA}"}
        assert event.start == TOMORROW


def test_an_exchange_moved_and_cancelled_changes_and_leaves_both_calendars(matters: Matters, number: int) -> None:
    matters.plan(number, TOMORROW)
    matters.work()
    matters.plan(number, TOMORROW + timedelta(hours=3), sequence=1, before=TOMORROW)
    matters.work()
    matters.step(number, Move.CANCEL_EXCHANGE, ALIX, "Plutôt jeudi, au 06 39 98 00 11.", exchange=7, sequence=2)
    matters.work()
    found = [(mail.to, mail.method, event_of(mail)) for mail in matters.post.mails]
    assert [(to, method, event["sequence"]) for to, method, event in found] == [
        (ALIX, "REQUEST", 0), (SACHA, "REQUEST", 0), (ALIX, "REQUEST", 1), (SACHA, "REQUEST", 1),
        (ALIX, "CANCEL", 2), (SACHA, "CANCEL", 2),
    ]  # fmt: skip
    assert {str(event["uid"]) for _, _, event in found} == {"exchange-7@svi.example"}
    assert "Au lieu de : mercredi 25 novembre 2026 à 14 h" in matters.post.mails[2].text
    assert "est annulé (Alix Essai)." in matters.post.mails[-1].text
    assert "  Plutôt jeudi, au [numéro de téléphone : à lire sur la page].\n" in matters.post.mails[-1].text


def test_an_exchange_that_was_held_is_left_in_the_calendars(matters: Matters, number: int) -> None:
    matters.plan(number, TOMORROW)
    matters.work()
    matters.step(number, Move.HOLD_EXCHANGE, SACHA, exchange=7, sequence=0)
    matters.now(number, state="closed")
    matters.step(number, Move.CLOSE, SACHA, "Réglé.", solved=True)
    matters.post.mails.clear()
    matters.work()
    assert [(mail.to, mail.method) for mail in matters.post.mails] == [(ALIX, "")]


def test_a_colleague_who_is_given_the_request_is_invited_to_its_exchange(matters: Matters, number: int) -> None:
    matters.plan(number, TOMORROW)
    matters.work()
    matters.post.mails.clear()
    matters.now(number, owner=LEA)
    matters.step(number, Move.ASSIGN, SACHA, owner=LEA, before=SACHA)
    matters.work()
    mail, other = matters.post.mails
    assert (mail.to, mail.method, event_of(mail)["sequence"]) == (LEA, "REQUEST", 0)
    assert "vous y attend : mercredi 25 novembre 2026 à 11 h (heure de Paris)" in mail.text
    assert (other.to, other.method, event_of(other)["uid"]) == (SACHA, "CANCEL", event_of(mail)["uid"])
    assert str(event_of(other)["attendee"]) == f"mailto:{SACHA}"
    assert "Léa Nation s’occupe désormais de la demande n° 1 et tiendra son échange téléphonique du" in other.text
    matters.now(number, owner=SACHA)
    matters.step(number, Move.TAKE, SACHA, owner=SACHA, before=LEA)
    matters.work()
    assert [(mail.to, mail.method) for mail in matters.post.mails[2:]] == [(SACHA, "REQUEST"), (LEA, "CANCEL")]


def test_whoever_has_the_exchange_in_his_calendar_is_told_of_its_end_whoever_has_the_request_now(
    matters: Matters, number: int
) -> None:
    """Planned by Sacha, given to Léa, handed back to level 1 by her: nobody owns it any more when the mail leaves."""
    matters.plan(number, TOMORROW)
    matters.now(number, owner=LEA)
    matters.step(number, Move.ASSIGN, SACHA, owner=LEA, before=SACHA)
    matters.work()
    matters.post.mails.clear()
    matters.step(number, Move.CANCEL_EXCHANGE, LEA, exchange=7, sequence=1)
    matters.step(number, Move.HAND_BACK, LEA, "C’est un réglage local.")
    matters.now(number, owner=None, desk="local", state="open")
    matters.work()
    cancelled = [mail.to for mail in matters.post.mails if mail.method == "CANCEL"]
    assert cancelled == [ALIX, LEA]


def test_a_request_withdrawn_before_the_desk_heard_of_it_is_silence(matters: Matters) -> None:
    made = matters.opened()
    matters.clock.advance(minutes=2)
    matters.now(made, state="closed")
    matters.step(made, Move.WITHDRAW, ALIX, solved=True)
    matters.work(minutes=6)
    assert matters.post.taken() == []


def test_a_mail_whose_matter_is_over_does_not_leave(matters: Matters, number: int) -> None:
    matters.post.trouble = MailFailed("away")
    matters.plan(number, TOMORROW)
    matters.work()
    matters.plan(number, TOMORROW + timedelta(hours=3), sequence=1, before=TOMORROW)
    matters.step(number, Move.ASK, SACHA, "Depuis quand ?")
    matters.step(number, Move.ADD, ALIX, "Mardi.")
    matters.work()
    matters.post.trouble = None
    matters.now(number, owner=LEA)
    matters.work(hours=2)
    told = matters.post.taken()
    assert told == [("alix", "L’échange téléphonique pour la demande n° 1 change de moment.")]


def test_a_mail_leaves_once_the_server_is_there_again(matters: Matters, number: int) -> None:
    matters.post.trouble = MailFailed("away")
    matters.step(number, Move.ANSWER, SACHA, "Voilà.")
    matters.work()
    matters.work(minutes=5)
    matters.post.trouble = None
    matters.work(hours=2)
    matters.work(hours=2)
    assert [to for to, _ in matters.post.taken()] == ["alix"]


def test_steps_from_before_mails_were_sent_are_told_to_nobody(matters: Matters) -> None:
    made = matters.opened()
    matters.step(made, Move.ADD, ALIX, "…")
    matters.work(days=1, minutes=1)
    assert matters.post.taken() == []
    with reading(matters.engine) as connection:
        assert connection.scalar(select(func.count()).select_from(deliveries)) == 0


def test_without_a_directory_nobody_is_forgotten(matters: Matters) -> None:
    desk, matters.desk = matters.desk, None
    matters.opened()
    matters.work(minutes=6)
    assert matters.post.taken() == []
    matters.desk = desk
    matters.work(minutes=1)
    assert len(matters.post.taken()) == 2


def test_who_comes_to_the_desk_later_is_not_told_again(matters: Matters, number: int) -> None:
    matters.step(number, Move.ADD, ALIX, "…")
    matters.work()
    matters.now(number, owner=LEA)
    matters.work(minutes=1)
    assert [to for to, _ in matters.post.taken()] == ["sacha"]


def test_a_mailbox_shows_one_conversation_and_a_calendar_its_exchange(matters: Matters) -> None:
    """Through a real mail server: names of mails, both forms of the invitation, read by another program."""
    with mail_server() as (server, url):
        matters.post = SmtpSender(url, {"From": "SI SIAO <assistance@siao.example>", "Reply-To": ""})  # type: ignore[assignment]
        made = matters.opened()
        matters.work(minutes=6)
        matters.plan(made, TOMORROW)
        matters.work()
        matters.step(made, Move.CANCEL_EXCHANGE, ALIX, exchange=7, sequence=1)
        matters.work()
    first, _second, *later = server.taken
    assert len(later) == 4
    assert {mail["References"] for mail in later} == {first["Message-ID"]}
    assert {mail["Subject"] for mail in server.taken} == {"[Demande n° 1] Compte : Mot de passe oublié"}
    for mail, method in zip(later, ["REQUEST", "REQUEST", "CANCEL", "CANCEL"], strict=True):
        [part] = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
        assert part["Content-Type"].params["method"] == method
        [attached] = [part for part in mail.walk() if part.get_filename() == "invitation.ics"]
        contents: list[Any] = [part.get_payload(decode=True), attached.get_payload(decode=True)]
        for content in contents:
            calendar = Calendar.from_ical(content)
            assert (calendar["method"], calendar.events[0].start) == (method, TOMORROW)
