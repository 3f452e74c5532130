"""The form as a browser without script meets it: step by step, nothing typed is lost, whatever goes wrong."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import func, insert, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import stream_encode_multipart

from records.database import reading
from records.schema.desk_tables import answers
from records.schema.knowledge_tables import article_counts
from records.schema.written_tables import attachments, avoided_requests, filed_forms
from records.wording import Wording
from support.knowledge.articles import ArticleText
from support.knowledge.store import add_article
from tests.support.form.senders import ENTRY, WRITTEN, Writer, opened, proofs, writer
from tests.support.house import House

WHO = {name: WRITTEN[name] for name in ("referent", "profil", "prenom", "nom", "email", "departement")}
TYPED = ("nom", "prenom", "email", "objet", "description")


def step_of(sender: Writer) -> str:
    found = re.search(r'name="etape" value="([^"]*)"', sender.page.text)
    assert found
    return found[1]


def test_seven_steps_from_the_first_page_to_the_mail(house: House) -> None:
    lou = writer(house)
    assert step_of(lou) == "vous"
    lou.press("faire", "suite", **WHO)
    assert step_of(lou) == "sujet"
    lou.press("faire", "suite", thematique=ENTRY["thematique"])
    assert step_of(lou) == "motif"
    lou.press("faire", "suite", motif=ENTRY["motif"])
    assert step_of(lou) == "sous-motif"
    lou.press("faire", "suite", sous_motif=ENTRY["sous_motif"])
    assert step_of(lou) == "reponse"
    assert "Cela répond-il à votre question" in lou.page.text
    lou.press("faire", "suite")
    assert step_of(lou) == "demande"
    lou.press("faire", "suite", objet=WRITTEN["objet"], description=WRITTEN["description"])
    assert step_of(lou) == "envoi"
    assert all(WRITTEN[name] in lou.page.text for name in TYPED)
    lou.press("faire", "envoyer")
    assert "confirmez votre adresse" in lou.page.text
    [mail] = proofs(house)
    assert mail["To"] == WRITTEN["email"]


def test_each_step_refuses_what_it_asks_and_names_the_field(house: House) -> None:
    lou = writer(house)
    page = lou.press("faire", "suite", **(WHO | {"email": "lou", "departement": ""}))
    assert page.status_code == 400
    assert "<title>Erreur : " in page.text
    assert 'href="#email"' in page.text
    assert 'aria-describedby="email-aide email-erreur"' in page.text
    assert step_of(lou) == "vous"
    assert lou.held()["prenom"] == "Lou"
    assert "Choisissez une thématique" not in page.text


def test_going_back_loses_nothing(house: House) -> None:
    lou = writer(house)
    lou.press("faire", "suite", **WHO)
    lou.press("faire", "retour", mots="mot de passe")
    assert step_of(lou) == "vous"
    assert (lou.held()["mots"], lou.held()["nom"]) == ("mot de passe", "Invention")


def test_a_few_words_propose_the_subject_and_begin_the_description(house: House) -> None:
    lou = writer(house)
    lou.press("faire", "suite", **WHO)
    lou.press("faire", "chercher", mots="mot de passe oublié")
    proposed = re.findall(r'name="choisir" value="(\w+)"', lou.page.text)
    assert Wording(**ENTRY).key == proposed[0]
    lou.press("choisir", proposed[0])
    assert step_of(lou) == "reponse"
    lou.press("faire", "suite")
    held = lou.held()
    assert (held["sous_motif"], held["description"]) == (ENTRY["sous_motif"], "mot de passe oublié")


def test_words_alone_propose_subjects_when_enter_or_continue_sends_their_step(house: House) -> None:
    lou = writer(house)
    lou.press("faire", "suite", **WHO)
    page = lou.press("faire", "suite", mots="mot de passe oublié")
    assert page.status_code == 200
    assert "Choisissez une thématique." not in page.text
    assert Wording(**ENTRY).key in re.findall(r'name="choisir" value="(\w+)"', page.text)


def test_words_that_mean_nothing_here_say_so(house: House) -> None:
    lou = writer(house)
    assert "Rien trouvé pour « zzzz »" in lou.press("faire", "chercher", mots="zzzz").text


def test_a_page_that_has_expired_comes_back_filled(house: House) -> None:
    """The cookie is gone, or the session: the form itself says so, with everything in it; it can be sent again."""
    lou = writer(house)
    held = lou.held() | WRITTEN | {"etape": "envoi"}
    lou.client.delete_cookie("svi")
    file = {"fichiers": (BytesIO(b"bonjour"), "note.txt")}
    lou.page = lou.client.post("/demande", data=held | {"csrf_token": "old", "faire": "envoyer"} | file)
    assert lou.page.status_code == 400
    assert "Rien n’est perdu" in lou.page.text
    assert {name: lou.held()[name] for name in WRITTEN} == WRITTEN
    assert "note.txt" in lou.page.text
    assert opened(house) == []
    lou.press("faire", "envoyer")
    assert "confirmez votre adresse" in lou.page.text


def test_every_mistake_of_a_whole_form_comes_back_at_once(house: House) -> None:
    page = writer(house).send(WRITTEN | {"sous_motif": "Inventé", "departement": "999", "nom": "a\r\nBcc: b@c.example"})
    assert page.status_code == 400
    for name in ("sous_motif", "departement", "nom"):
        assert f'href="#{name}"' in page.text
        assert f'id="{name}-erreur"' in page.text
    assert "n’est pas un sous-motif de" in page.text
    assert WRITTEN["description"] in page.text


def test_html_is_text(house: House) -> None:
    page = writer(house).send(
        WRITTEN | {"objet": '"><script>alert(1)</script>', "description": "</textarea><b>", "email": "x"}
    )
    assert "<script>alert" not in page.text
    assert "</textarea><b>" not in page.text


def test_a_filled_trap_asks_a_person_to_send_again_and_a_robot_sends_nothing(house: House) -> None:
    lou = writer(house)
    page = lou.send(WRITTEN | {"site": "http://spam.example"})
    assert page.status_code == 400
    assert "robots" in page.text
    assert lou.held()["site"] == ""
    assert lou.press("faire", "envoyer").status_code == 200
    assert len(proofs(house)) == 1


def test_personal_data_is_pointed_at_kindly_and_its_writer_decides(house: House) -> None:
    lou = writer(house)
    lou.press("faire", "suite", **WHO)
    fields = ENTRY | {"objet": "Dossier", "description": "Monsieur Dupont est né le 12/03/1980.", "etape": "demande"}
    lou.press("faire", "suite", **fields)
    assert step_of(lou) == "envoi"
    assert "Dupont" in lou.page.text
    assert lou.press("faire", "envoyer").status_code == 400
    assert 'id="confirmed-erreur"' in lou.page.text
    assert lou.press("faire", "envoyer", confirmed="1").status_code == 200
    assert len(proofs(house)) == 1


# ---------------------------------------------------------------- files


def test_files_are_kept_from_step_to_step_and_can_be_taken_out(house: House) -> None:
    lou = writer(house)
    lou.press("faire", "suite", etape="demande", **(WHO | ENTRY), objet="x", fichiers=(BytesIO(b"un"), "un.txt"))
    assert "un.txt" in lou.page.text  # the description is missing: the file stays
    number = re.search(r'name="retirer"\s+value="(\d+)"', lou.page.text)
    assert number
    stranger = writer(house)
    stranger.press("retirer", number[1], etape="demande")
    assert "un.txt" in lou.press("faire", "suite").text
    lou.press("retirer", number[1])
    assert "un.txt" not in lou.page.text
    with reading(house.engine) as connection:
        assert list(connection.scalars(select(attachments.c.filed_key))) == [None]  # nobody's: it goes the next day


def test_a_refused_file_is_named_the_others_stay_and_nothing_is_sent(house: House) -> None:
    lou = writer(house)
    files = [(BytesIO(b"bien"), "bien.txt"), (BytesIO(b"MZ\x90\x00" + bytes(200)), "mal.pdf")]
    page = lou.send(WRITTEN | {"fichiers": files})
    assert page.status_code == 400
    assert "mal.pdf" in page.text
    assert 'href="#fichiers"' in page.text
    assert "bien.txt" in page.text
    assert lou.held()["description"] == WRITTEN["description"]
    assert count(house, filed_forms) == 0


def test_a_form_that_is_too_large_comes_back_with_what_was_typed(house: House) -> None:
    lou = writer(house)
    file = FileStorage(BytesIO(b"a" * (24 * 1024 * 1024)), "gros.txt")
    fields = {"csrf_token": lou.token(), **WRITTEN, "fichiers": file}
    body, _, boundary = stream_encode_multipart(fields)
    kind = f"multipart/form-data; boundary={boundary}"
    page = lou.page = lou.client.post("/demande", data=body.read(), content_type=kind)
    assert page.status_code == 413
    assert "20 Mo" in page.text
    assert {name: lou.held()[name] for name in TYPED} == {name: WRITTEN[name] for name in TYPED}


# ---------------------------------------------------------------- answered before it is sent


def answer(house: House, version: int, *, validated: bool, written: str) -> None:
    row = ENTRY | {"version": version, "aloud": "À dire.", "written": written, "validated": validated, "by": "t"}
    with house.writing() as connection:
        connection.execute(insert(answers).values(**row, at=house.clock()))


def article(house: House, title: str) -> int:
    text = ArticleText(title, f"https://aide.example/{len(title)}", (), (Wording(**ENTRY),), "Le résumé.")
    with house.writing() as connection:
        number = add_article(connection, text, "mot", by="t", at=house.clock())
    assert number
    return number


def at_the_answer(house: House) -> Writer:
    lou = writer(house)
    lou.press("faire", "suite", etape="sous-motif", **(WHO | ENTRY))
    return lou


def test_only_validated_words_written_for_users_are_shown(house: House) -> None:
    """Neither the text that is spoken, nor a draft; the letter without what speaks of a call."""
    answer(house, 1, validated=True, written="Bonjour,\n\nSuite à votre appel :\n\n1. Videz le cache.\n\nCordialement,")
    answer(house, 2, validated=False, written="Brouillon.")
    text = at_the_answer(house).page.text
    assert "Videz le cache" in text
    assert not any(words in text for words in ("Brouillon", "À dire", "Suite à votre appel", "à valider"))


def test_a_yes_counts_one_request_avoided_with_its_motif_and_keeps_nothing_else(house: House) -> None:
    number = article(house, "Retrouver son mot de passe")
    lou = at_the_answer(house)
    assert "Retrouver son mot de passe" in lou.page.text
    held = lou.held() | {"objet": "secret", "repondu": f"article-{number}"}
    for _ in range(3):  # pressed twice, and reloaded
        page = lou.send(held)
        assert (page.status_code, page.location) == (303, "/demande/merci")
    assert "rien de ce que vous aviez écrit n’est gardé" in lou.open("/demande/merci").text
    with reading(house.engine) as connection:
        [line] = connection.execute(select(avoided_requests))
        [counted] = connection.execute(select(article_counts))
    assert (line.sous_motif, line.niveau, line.article_id) == (ENTRY["sous_motif"], "1", number)
    assert (line.departement, line.profil, line.sender) == ("75", "premier-accueil", "user")
    assert (counted.shown, counted.said_yes, counted.said_no) == (1, 1, 0)
    assert count(house, filed_forms) == 0


def test_the_ready_answer_counts_as_itself(house: House) -> None:
    lou = at_the_answer(house)
    lou.press("repondu", "reponse")
    with reading(house.engine) as connection:
        [line] = connection.execute(select(avoided_requests))
    assert line.article_id is None


def test_a_no_goes_on_and_is_counted_when_the_request_is_sent(house: House) -> None:
    article(house, "Retrouver son mot de passe")
    lou = at_the_answer(house)
    lou.press("faire", "suite")
    lou.press("faire", "suite", objet="x", description="y")
    held = lou.held()
    lou.send(held | {"faire": "envoyer"})
    lou.send(held | {"faire": "envoyer"})
    with reading(house.engine) as connection:
        [counted] = connection.execute(select(article_counts))
    assert (counted.shown, counted.said_yes, counted.said_no) == (1, 0, 1)
    assert count(house, avoided_requests) == 0


def test_who_says_yes_and_writes_after_all_is_not_counted_as_avoided(house: House) -> None:
    lou = at_the_answer(house)
    held = lou.held()
    lou.send(held | {"repondu": "reponse"})
    lou.send(held | WRITTEN | {"etape": "envoi", "faire": "envoyer"})
    assert count(house, avoided_requests) == 0


def test_a_form_that_was_never_shown_an_answer_says_no_to_none(house: House) -> None:
    article(house, "Retrouver son mot de passe")
    writer(house).send(WRITTEN)
    assert count(house, article_counts) == 0


def test_an_answer_that_was_not_shown_cannot_be_counted(house: House) -> None:
    lou = writer(house)
    for choice in ("article-7", "x" * 500, "article-"):
        lou.send({"repondu": choice, **ENTRY, "sous_motif": "Inventé"})
    assert count(house, avoided_requests) == 0


# ---------------------------------------------------------------- script asks for pieces


def test_script_gets_pieces_of_the_page(house: House) -> None:
    lou = writer(house)
    pieces = {"HX-Request": "true"}
    found = lou.client.post(
        "/demande", data={"csrf_token": lou.token(), "faire": "chercher", "mots": "doublon"}, headers=pieces
    )
    assert "<html" not in found.text
    assert 'name="choisir"' in found.text
    fields = {"csrf_token": lou.token(), "faire": "aide", **ENTRY}
    help_of = lou.client.post("/demande", data=fields, headers=pieces)
    assert "<html" not in help_of.text
    assert f'data-seen="{Wording(**ENTRY).key}"' in help_of.text


@pytest.mark.parametrize("field", ["etape", "cle", "vu", "ancienne", "faire", "choisir", "retirer", "repondu"])
def test_what_a_page_carries_for_itself_is_not_believed(house: House, field: str) -> None:
    for garbage in ("\x00", "é" * 3000, "9" * 40, "-1", "' or 1=1 --", "<b>"):
        assert writer(house).send(WRITTEN | {field: garbage}).status_code < 500


def count(house: House, table: Any) -> int:
    with reading(house.engine) as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())
