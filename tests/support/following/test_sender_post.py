"""Whoever wrote is told of every step that concerns him, by mails that open his request and nobody else's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from records.database import open_database, reading, writing
from records.desks.accounts import add_account
from records.desks.permissions import AccountRole
from records.mail import Mail, name_of
from records.schema.migrations import migrate
from records.schema.written_tables import request_mails
from routing.requests.table import UNCOVERED
from service.mail import SmtpSender
from support.following.links import reply_address_of, request_of_reply_address, revoke
from support.following.posting import send_link
from support.requests.states import Move
from tests.service.mail_server import mail_server
from tests.support.following.written import SECRET, ZOE, opens, written_matters, wrote
from tests.support.house import NOW
from tests.support.requests.matters import ALIX, LEA, SACHA, Matters

BOX = "assistance@siao.example"
TOMORROW = NOW + timedelta(days=1)


@pytest.fixture
def matters(tmp_path: Path) -> Iterator[Matters]:
    engine = open_database(f"sqlite:///{tmp_path / 'svi.sqlite'}")
    migrate(engine)
    yield written_matters(engine)
    engine.dispose()


@pytest.fixture
def number(matters: Matters) -> int:
    """A request that Alix has taken, its receipt sent."""
    made = wrote(matters)
    matters.work()
    matters.post.mails.clear()
    matters.now(made, state="taken", owner=ALIX)
    return made


def to_zoe(matters: Matters) -> Mail:
    """The one mail that she got of what just happened."""
    matters.work()
    [mail] = [mail for mail in matters.post.mails if mail.to == ZOE]
    return mail


# ---------------------------------------------------------------- the receipt, and the desk


def test_the_receipt_leaves_at_once_on_either_database(engine: Engine) -> None:
    matters = written_matters(engine)
    made = wrote(matters)
    matters.work()
    receipt, to_desk = matters.post.mails
    assert (receipt.to, to_desk.to) == (ZOE, ALIX)
    assert opens(matters, receipt.text) == made
    matters.work(minutes=6)
    assert len(matters.post.mails) == 2


def test_the_receipt_tells_number_who_has_it_by_when_and_what_was_asked(matters: Matters) -> None:
    made = wrote(matters, due_at=TOMORROW)
    text = to_zoe(matters).text
    assert text.startswith("Bonjour Zoé Martin,\n\nVotre demande est enregistrée sous le n° 1.\n")
    assert "Objet : Mot de passe perdu\nMotif : Compte : Mot de passe oublié\n" in text
    assert "  Rappelez-moi au [numéro de téléphone : à lire sur la page] :\n  l’écran reste blanc.\n" in text
    assert "Les référents SI SIAO de La Réunion vont la prendre en charge." in text
    assert "Prise en charge attendue avant le mercredi 25 novembre 2026 à 14 h." in text
    assert "/demandes/" not in text
    assert made == 1


def test_who_is_sent_to_the_national_team_because_nobody_is_there_reads_why(matters: Matters) -> None:
    wrote(matters, desk="national", route=UNCOVERED)
    matters.work()
    receipt, *to_desk = matters.post.mails
    assert "L’équipe nationale va la prendre en charge : personne ne peut vous répondre à temps" in receipt.text
    assert [mail.to for mail in to_desk] == [SACHA, LEA]
    assert "Personne du département ne peut répondre d’ici là." in to_desk[0].text


def test_the_desk_reads_who_wrote_and_opens_its_own_page(matters: Matters) -> None:
    wrote(matters)
    matters.work()
    mail = matters.post.mails[1]
    assert "Zoé Martin pose une demande par le formulaire." in mail.text
    assert "SIAO : 974 La Réunion" in mail.text
    assert "https://svi.example/demandes/1\n" in mail.text
    for piece in (ZOE, "/suivi/", "06 39 98 00 11", "écran"):
        assert piece not in mail.text


def test_a_sender_with_an_account_reads_both_addresses(matters: Matters) -> None:
    with writing(matters.engine) as connection:
        add_account(connection, email=ZOE, name="Zoé Martin", role=AccountRole("referent"), departements=("974",),
                    by="t", at=NOW)  # fmt: skip
    wrote(matters, sender="referent", desk="national", route="referent")
    text = to_zoe(matters).text
    assert opens(matters, text) == 1
    assert "Avec votre compte : https://svi.example/demandes/1\n" in text


def test_who_works_at_the_desk_that_gets_his_own_request_gets_the_receipt(matters: Matters) -> None:
    wrote(matters, reply_to=SACHA, created_by=SACHA, prenom=None, nom=None, desk="national", sender="referent")
    matters.work()
    assert [(mail.to, "enregistrée" in mail.text) for mail in matters.post.mails if mail.to == SACHA] == [(SACHA, True)]


# ---------------------------------------------------------------- what concerns the sender


@pytest.mark.parametrize(
    ("move", "step", "sentence"),
    [
        (Move.ANSWER, (ALIX, {}), "Alix Essai, des référents SI SIAO de La Réunion, répond à votre demande n° 1 :"),
        (Move.ASK, (ALIX, {}), "Alix Essai, des référents SI SIAO de La Réunion, a besoin d’une précision"),
        (Move.ESCALATE, (ALIX, {}), "Votre demande n° 1 est transmise : l’équipe nationale la traite désormais."),
        (Move.CLIMB, ("service", {"rule": "delai"}), "Le délai annoncé pour votre demande n° 1 est dépassé"),
        (Move.OPEN_TICKET, (SACHA, {"reference": "INC-4", "kind": "incident", "state": "new"}),
         "L’équipe technique est saisie pour votre demande n° 1."),
        (Move.CHANGE_TICKET, (SACHA, {"reference": "INC-4", "kind": "incident", "state": "resolved"}),
         "L’équipe technique a terminé pour votre demande n° 1."),
        (Move.REOPEN, (ALIX, {}), "Alix Essai, des référents SI SIAO de La Réunion, a rouvert votre demande n° 1."),
        (Move.WITHDRAW, (ALIX, {"solved": True}), "Votre demande n° 1 a été retirée dans votre département."),
    ],
)  # fmt: skip
def test_a_step_is_told_in_plain_words(
    matters: Matters, number: int, move: Move, step: tuple[str, dict[str, Any]], sentence: str
) -> None:
    by, data = step
    if move is Move.WITHDRAW:
        matters.now(number, state="closed")
    matters.step(number, move, by, "Dit par Mme Zéphyr.", **data)
    mail = to_zoe(matters)
    assert sentence in mail.text
    assert opens(matters, mail.text) == number
    assert "Zéphyr" not in mail.text
    assert "INC-4" not in mail.text
    assert ALIX not in mail.text


@pytest.mark.parametrize("move", [Move.TAKE, Move.ASSIGN, Move.CONFIRM, Move.RECLASSIFY, Move.LINK])
def test_what_a_desk_does_among_itself_is_not_told(matters: Matters, number: int, move: Move) -> None:
    matters.step(number, move, ALIX, owner=ALIX, before=["a", "b", "c"])
    matters.work()
    assert [mail.to for mail in matters.post.mails if mail.to == ZOE] == []


def test_what_is_said_to_the_sender_is_in_the_mail_and_what_is_said_between_desks_is_not(
    matters: Matters, number: int
) -> None:
    matters.step(number, Move.ANSWER, ALIX, "Ouvrez « Mon compte ».")
    assert "  Ouvrez « Mon compte ».\n" in to_zoe(matters).text
    matters.post.mails.clear()
    matters.now(number, desk="national", owner=None, state="open")
    matters.step(number, Move.ESCALATE, ALIX, "Je n’ai pas le droit.")
    assert "le droit" not in to_zoe(matters).text


def test_closed_the_sender_may_open_it_again_and_say_whether_it_helped(matters: Matters, number: int) -> None:
    matters.now(number, state="closed")
    matters.step(number, Move.CLOSE, ALIX, "Réglé.", solved=True)
    text = to_zoe(matters).text
    assert "Alix Essai, des référents SI SIAO de La Réunion, a clos votre demande n° 1, résolue." in text
    assert "  Réglé.\n" in text
    assert "Rouvrez votre demande dans les 15 jours :" in text
    assert "#avis\n" in text


def test_a_double_is_told_with_which_request_it_goes_on(matters: Matters, number: int) -> None:
    matters.now(number, state="closed", merged_into=7)
    matters.step(number, Move.MERGE, ALIX, into=7)
    text = to_zoe(matters).text
    assert "Votre demande n° 1 est réunie avec la demande n° 7, qui porte sur le même sujet : la réponse vous" in text
    assert "Rouvrez" not in text
    matters.post.mails.clear()
    matters.step(number, Move.ANSWER, ALIX, "Voilà.", **{"from": 7})
    assert "répond à votre demande n° 1 :" in to_zoe(matters).text


def test_what_the_sender_does_himself_is_told_to_the_desk(matters: Matters, number: int) -> None:
    matters.step(number, Move.ADD, ZOE, "Depuis mardi.")
    matters.step(number, Move.REOPEN, ZOE, "Encore.")
    matters.step(number, Move.RATE, ZOE, rating=5)
    matters.work()
    assert matters.post.taken() == [
        ("alix", "Zoé Martin apporte une précision à la demande n° 1."),
        ("alix", "Zoé Martin rouvre la demande n° 1."),
    ]


# ---------------------------------------------------------------- from desk to desk


def test_a_request_that_climbs_is_told_to_its_sender_and_to_both_desks(matters: Matters) -> None:
    made = wrote(matters)
    matters.work()
    matters.post.mails.clear()
    matters.now(made, desk="national", climbed_at=matters.clock(), due_at=TOMORROW)
    matters.step(made, Move.CLIMB, "service", rule="delai")
    matters.work()
    sorry = (
        "Le délai annoncé pour votre demande n° 1 est dépassé, et nous nous en excusons. "
        "L’équipe nationale la traite désormais."
    )
    assert sorted(matters.post.taken()) == [
        ("alix", "Le délai de la demande n° 1 est dépassé : l’équipe nationale la traite désormais."),
        ("lea", "Le délai de la demande n° 1 est dépassé : elle passe au niveau 2."),
        ("sacha", "Le délai de la demande n° 1 est dépassé : elle passe au niveau 2."),
        ("zoe.martin", sorry),
    ]  # fmt: skip


def test_handed_to_the_local_desk_its_referents_and_the_sender_know(matters: Matters) -> None:
    made = wrote(matters, desk="national", route="niveau-2")
    matters.work()
    matters.post.mails.clear()
    matters.now(made, desk="local", owner=None)
    matters.step(made, Move.HAND_BACK, SACHA, "C’est un réglage local.")
    matters.work()
    sender, desk = sorted(matters.post.mails, key=lambda mail: mail.to != ZOE)
    assert "transmise : les référents SI SIAO de La Réunion la traitent désormais." in sender.text
    assert "réglage" not in sender.text
    assert (desk.to, "Sacha Nation confie la demande n° 1 à votre équipe" in desk.text) == (ALIX, True)


def test_an_exchange_is_in_the_senders_calendar_without_link_nor_other_peoples_addresses(
    matters: Matters, number: int
) -> None:
    matters.now(number, desk="national")
    matters.plan(number, TOMORROW)
    mail = to_zoe(matters)
    assert "Sacha Nation propose un échange téléphonique pour la demande n° 1 : mercredi 25" in mail.text
    assert opens(matters, mail.text) == number
    plain = mail.calendar.replace("\r\n ", "")
    assert mail.method == "REQUEST"
    assert f"mailto:{ZOE}" in plain
    assert SACHA not in plain
    assert "suivi/" not in plain


# ---------------------------------------------------------------- links, threads, replies


def test_after_a_revoked_link_the_new_one_opens_and_the_old_one_does_not(matters: Matters) -> None:
    made = wrote(matters)
    old = to_zoe(matters).text
    matters.post.mails.clear()
    with writing(matters.engine) as connection:
        revoke(connection, made, matters.clock())
        assert send_link(connection, matters.read(made), matters.clock())
        assert not send_link(connection, matters.read(made), matters.clock())
    new = to_zoe(matters).text
    assert (opens(matters, old), opens(matters, new)) == (None, made)


def test_every_mail_of_a_request_is_kept_by_its_name(matters: Matters, number: int) -> None:
    matters.step(number, Move.ANSWER, ALIX, "Voilà.")
    matters.work()
    with reading(matters.engine) as connection:
        kept = {row.name: row.request_id for row in connection.execute(select(request_mails))}
    assert set(kept.values()) == {number}
    assert len(kept) == 3  # receipt, desk, answer
    assert name_of(f"request:{number}", SECRET) in kept


def test_the_mails_are_one_thread_whose_root_is_the_receipt_and_replies_name_the_request(engine: Engine) -> None:
    """Through a real mail server, as the mailboxes receive them."""
    matters = written_matters(engine, BOX)
    with mail_server() as (server, url):
        matters.post = SmtpSender(url, {"From": f"SI SIAO <{BOX}>", "Reply-To": ""}, secret=SECRET)  # type: ignore[assignment]
        made = wrote(matters)
        matters.work()
        matters.now(made, state="taken", owner=ALIX)
        matters.step(made, Move.ANSWER, ALIX, "Voilà.")
        matters.step(made, Move.ADD, ZOE, "Merci.")
        matters.now(made, state="closed")
        matters.step(made, Move.CLOSE, ALIX, "Réglé.", solved=True)
        matters.work()
    root, *others = server.taken
    assert (root["To"], root["In-Reply-To"], root["References"]) == (ZOE, None, None)
    assert {(each["In-Reply-To"], each["References"]) for each in others} == {(root["Message-ID"],) * 2}
    assert len({each["Message-ID"] for each in server.taken}) == len(server.taken) == 4
    assert {each["Subject"] for each in server.taken} == {"[Demande n° 1] Compte : Mot de passe oublié"}
    assert {each["Auto-Submitted"] for each in server.taken} == {"auto-generated"}
    expected = reply_address_of(BOX, SECRET, made)
    assert {(each["To"], each["Reply-To"]) for each in server.taken} == {(ZOE, expected), (ALIX, None)}
    assert request_of_reply_address(str(root["Reply-To"]), BOX, SECRET) == made
    with reading(engine) as connection:
        kept = set(connection.scalars(select(request_mails.c.name)))
    assert {str(each["Message-ID"]).strip("<>").partition("@")[0] for each in server.taken} == kept
