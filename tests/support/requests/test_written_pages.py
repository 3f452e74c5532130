"""The page of a written request, as its desk meets it without script: answered, merged, linked; and the queue."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

from records.desks.acting import Acting
from records.wording import Wording
from support.answers.answering import write_answer, write_paragraph
from support.answers.ready import write_out
from support.requests import working
from support.requests.states import Move
from support.requests.store import read_request
from support.requests.verbs import sorting
from tests.support.house import NOW, Browser, store_call
from tests.support.requests.conftest import ALIX, CAMILLE, LOCAL_ENTRY, LOU, SACHA, Office


def page_of(browser: Browser, path: str) -> str:
    return re.sub(r"[ \n]+", " ", unescape(browser.get(path).text))


def forms(page: str, number: int) -> set[str]:
    return set(re.findall(rf'action="/demandes/{number}/([a-z-]+)"', page))


def send(browser: Browser, number: int, word: str, **fields: Any) -> Any:
    return browser.post(f"/demandes/{number}/{word}", fields)


def ready_texts(office: Office, written: str, local: str) -> None:
    """A ready answer with fields for what `LOCAL_ENTRY` is about, and what Paris adds."""
    sacha, camille = office.acting(SACHA), office.acting(CAMILLE)
    wording: Wording = LOCAL_ENTRY.wording
    write_answer(sacha, wording, aloud="Voici.", written=written, follows=0, is_validated=True)
    write_paragraph(camille, wording, departement="75", text=local, follows=0)


def answer_in(page: str) -> str:
    found = re.search(r'<textarea[^>]*id="repondre-texte"[^>]*>\s?(.*?)</textarea>', page, re.DOTALL)
    assert found
    return found[1]


def test_the_ready_text_stands_open_with_its_fields_filled_and_what_the_departement_adds(one_office: Office) -> None:
    ready_texts(
        one_office, "Bonjour {prénom},\n\nVotre demande n° {numéro de la demande} du {date}.\n\nCordialement,",
        "Appelez le service social.",
    )  # fmt: skip
    number = one_office.written()
    camille = one_office.house.signed_in(CAMILLE)
    text = answer_in(unescape(camille.get(f"/demandes/{number}").text))
    assert text == (
        f"Bonjour Lou,\n\nVotre demande n° {number} du {{date}}.\n\n"
        "Dans votre département, Paris (75) : Appelez le service social.\n\nCordialement,\nCamille"
    )
    refused = send(camille, number, "repondre", version="1", texte=text)
    assert refused.status_code == 400
    assert "retirez : « {date} »" in unescape(refused.text)
    assert answer_in(unescape(refused.text)) == text
    assert send(camille, number, "repondre", version="1", texte=text.replace(" du {date}", "")).status_code == 303
    assert one_office.now().first_answer_at == one_office.house.clock()


def test_whoever_wrote_is_not_asked_to_call_again(one_office: Office) -> None:
    ready_texts(one_office, write_out(LOCAL_ENTRY.wording, "Fermez le navigateur."), "")
    number = one_office.written()
    text = answer_in(unescape(one_office.house.signed_in(CAMILLE).get(f"/demandes/{number}").text))
    assert "1. Fermez le navigateur." in text
    assert "appel" not in text
    assert "par le lien de suivi de votre demande." in text


def test_answered_and_closed_in_one_click(one_office: Office) -> None:
    number = one_office.written()
    camille = one_office.house.signed_in(CAMILLE)
    page = page_of(camille, f"/demandes/{number}")
    assert f'name="resolu" value="oui" formaction="/demandes/{number}/clore"' in page
    text = answer_in(unescape(camille.get(f"/demandes/{number}").text))
    assert f"Suite à votre demande n° {number}" in text
    assert "votre appel" not in text
    assert send(camille, number, "clore", version="1", texte=text, resolu="oui").status_code == 303
    assert "La demande est close." in page_of(camille, f"/demandes/{number}")
    assert one_office.now().result == text


def test_the_page_says_who_wrote_and_offers_what_a_written_request_needs(one_office: Office) -> None:
    number = one_office.written(profil="premier-accueil")
    page = page_of(one_office.house.signed_in(CAMILLE), f"/demandes/{number}")
    for words in ("Lou Essai", "Utilisateur premier accueil", LOU, "Formulaire", "Votre question à Lou Essai"):
        assert words in page, words
    assert "niveau 2 (équipe" not in page
    offered = {"prendre", "attribuer", "repondre", "questionner", "motif", "confirmer", "confier", "clore", "relier"}
    assert forms(page, number) == offered | {"reunir"}
    assert forms(page_of(one_office.house.signed_in(SACHA), f"/demandes/{number}"), number) == set()
    assert one_office.house.signed_in(ALIX).get(f"/demandes/{number}").status_code == 404


def test_the_motif_is_confirmed_with_one_click_and_no_longer_asked(one_office: Office) -> None:
    number = one_office.written()
    camille = one_office.house.signed_in(CAMILLE)
    assert send(camille, number, "confirmer", version="1").status_code == 303
    page = page_of(camille, f"/demandes/{number}")
    assert "Le motif est confirmé." in page
    assert "confirmer" not in forms(page, number)
    assert "Motif confirmé" in page


def test_a_double_is_proposed_merged_told_on_both_pages_and_parted(one_office: Office) -> None:
    kept = one_office.written(subject="Premier message")
    other = one_office.written(email="noa.test@asso.example", nom="Test", prenom="Noa", subject="Pareil")
    camille = one_office.house.signed_in(CAMILLE)
    page = page_of(camille, f"/demandes/{other}")
    assert "Réunir avec une autre demande : 1 proposée</summary>" in page
    assert "Réunir avec une autre demande</button>" in page
    assert "Même sous-motif, écrite par Lou Essai" in page
    wrong = send(camille, other, "reunir", version="1", autre_demande="999")
    assert (wrong.status_code, "par la même personne" in unescape(wrong.text)) == (400, True)
    assert send(camille, other, "reunir", version="1", demande=str(kept)).status_code == 303
    page = page_of(camille, f"/demandes/{other}")
    assert f"Réunie avec la demande n° {kept}" in page
    assert f"Séparer de la demande n° {kept}" in page
    page = page_of(camille, f"/demandes/{kept}")
    assert "Demande réunie à celle-ci" in page
    assert "Elle part aussi à qui a écrit la demande réunie" in page
    assert f"N° {other} · Pareil</a>, Noa Test" in page
    send(camille, kept, "repondre", version="2", texte="Voici.")
    page = page_of(camille, f"/demandes/{other}")
    assert f"Réponse, donnée à la demande n° {kept}" in page.replace("</strong>", "")
    assert send(camille, other, "rouvrir", version="3", texte="Autre sujet.").status_code == 303
    assert f"séparée de la demande n° {kept}" in page_of(camille, f"/demandes/{other}")


def test_a_call_of_the_departement_is_linked_and_each_shows_the_other(one_office: Office) -> None:
    with one_office.house.writing() as connection:
        store_call(connection, "CA7", departement="75", started_at=NOW - timedelta(days=2), caller="+33639980011")
        store_call(connection, "CA33", departement="33", started_at=NOW - timedelta(days=2))
        store_call(connection, "CAold", departement="75", started_at=NOW - timedelta(days=9))
    number = one_office.written()
    camille = one_office.house.signed_in(CAMILLE)
    page = page_of(camille, f"/demandes/{number}")
    assert 'value="CA7"' in page
    assert [call for call in ("CA33", "CAold", "639980011", "06 39 98 00 11") if call in page] == []
    assert send(camille, number, "relier", version="1", appel="CA33").status_code == 400
    assert send(camille, number, "relier", version="1", appel="CA7").status_code == 303
    assert 'href="/appels/CA7"' in page_of(camille, f"/demandes/{number}")
    card = page_of(camille, "/appels/CA7")
    assert f'href="/demandes/{number}"' in card
    assert f"Demande n° {number}" in card


def test_the_queue_filters_by_channel_sender_and_desk_and_names_whoever_wrote(one_office: Office) -> None:
    mine = one_office.written()
    far = one_office.written(desk="national", sender="referent", email=CAMILLE, prenom="Camille", nom="Exemple")
    camille, sacha = one_office.house.signed_in(CAMILLE), one_office.house.signed_in(SACHA)
    page = page_of(camille, "/demandes")
    assert "1 demande à traiter, 2 chez l’équipe nationale" in page
    assert page.index(f"N° {mine} ") < page.index("N° 1 ")
    assert "par Lou Essai" in page
    assert LOU not in page
    for address, shown in (
        ("canal=form", {mine, far}), ("canal=phone", {1}), ("emetteur=user", {mine}), ("niveau=local", {mine}),
        ("niveau=national", {1, far}), ("canal=nul&emetteur=nul&niveau=nul", {1, mine, far}),
    ):  # fmt: skip
        found = set(map(int, re.findall(r"N° (\d+) ·", page_of(camille, f"/demandes?{address}"))))
        assert found == shown, address
    assert f"N° {mine}" not in page_of(sacha, "/demandes")
    assert f"N° {mine}" in page_of(sacha, "/demandes?niveau=local")
    assert f"N° {mine}" in page_of(sacha, str(sacha.post("/demandes", {"q": "Essai", "etat": "toutes"}).location))


def test_where_a_written_request_is_is_said_to_each_reader(one_office: Office) -> None:
    number = one_office.written()
    camille, sacha = one_office.house.signed_in(CAMILLE), one_office.house.signed_in(SACHA)
    assert "Les référents du département vont la prendre en charge" in page_of(sacha, f"/demandes/{number}")
    one_office.does(CAMILLE, working.ask, text="Depuis quand ?")
    assert "Attend une précision de la personne qui a écrit" in page_of(camille, f"/demandes/{number}")
    one_office.sender_does(working.add, text="Depuis lundi.")
    assert "· Lou Essai," in page_of(camille, f"/demandes/{number}")
    one_office.does(CAMILLE, working.escalate, text="Niveau 2.")
    page = page_of(camille, f"/demandes/{number}")
    assert "L’équipe nationale va la prendre en charge" in page
    assert "À son arrivée, confiée aux référents du département" in page
    one_office.does(SACHA, working.close, text="Fait.", solved=True)
    one_office.sender_does(sorting.rate, rating=4, text="Merci.")
    page = page_of(camille, f"/demandes/{number}")
    assert "4 sur 5" in page
    assert "Merci." in page


def test_the_desk_reads_why_whoever_wrote_took_it_back(one_office: Office) -> None:
    number = one_office.written()
    one_office.sender_does(working.withdraw, text="", solved=True)
    page = page_of(one_office.house.signed_in(CAMILLE), f"/demandes/{number}")
    assert re.search(r"Retirée</strong> : elle a sa réponse", page)


def test_what_climbed_says_that_nobody_did_it(one_office: Office) -> None:
    number = one_office.written()
    one_office.house.clock.advance(days=5)
    job = Acting(one_office.house.engine, "delais", one_office.house.clock())
    with job.writing() as connection:
        asked = read_request(connection, number)
        assert asked
        sorting.climb(job, connection, asked, hours=working.USUAL_HOURS)
    page = page_of(one_office.house.signed_in(CAMILLE), f"/demandes/{number}")
    assert "Passée au niveau 2, le délai étant dépassé" in page
    assert "delais" not in page
    assert one_office.steps()[-1].move is Move.CLIMB


def test_hostile_words_of_a_sender_are_words(one_office: Office) -> None:
    bad = "<img src=x onerror=alert(1)>"
    number = one_office.written(nom=bad, prenom=bad, subject=bad, description=bad)
    twin = one_office.written(nom=bad, prenom=bad, subject=bad)
    for path in (f"/demandes/{number}", f"/demandes/{twin}", "/demandes", "/a-faire"):
        assert "<img src=x" not in one_office.house.signed_in(CAMILLE).get(path).text, path
