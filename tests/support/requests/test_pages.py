"""The pages of requests as a browser without script meets them, for each reader."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest

from routing.calendar.hours import read_hours
from support.answers.store import answer_for
from support.nomenclature.entries import first_nomenclature
from support.requests import working
from support.requests.states import Move
from support.requests.told import MOVE_LABELS, STATES
from support.requests.web import GESTURES, say_open
from tests.support.house import NOW, Browser
from tests.support.requests.conftest import ALIX, CAMILLE, DOMINIQUE, NOOR, PASSWORD, SACHA, Office

LEVEL_2 = first_nomenclature().entries[5]


def send(browser: Browser, word: str, number: int = 1, **fields: Any) -> Any:
    return browser.post(f"/demandes/{number}/{word}", fields)


def page_of(browser: Browser, path: str = "/demandes/1") -> str:
    return re.sub(r"[ \n]+", " ", unescape(browser.get(path).text))


def forms(page: str) -> set[str]:
    """The last words of the addresses that the page's forms send to."""
    return set(re.findall(r'action="/demandes/1/([a-z-]+)"', page))


def test_a_request_goes_from_hand_to_hand_by_its_forms(one_office: Office) -> None:
    camille, sacha = one_office.house.signed_in(CAMILLE), one_office.house.signed_in(SACHA)
    assert send(sacha, "prendre", version="1").location == "/demandes/1"
    assert "Sacha s’en occupe" in page_of(camille)
    assert send(sacha, "questionner", version="2", texte="Quel écran ?").status_code == 303
    page = page_of(camille)
    assert "L’équipe nationale attend votre précision" in page
    assert "Quel écran ?" in page
    assert send(camille, "preciser", version="3", texte="Celui des demandes").status_code == 303
    assert send(sacha, "repondre", version="4", texte="Videz le cache.").status_code == 303
    assert send(sacha, "clore", version="5", texte="Cache vidé.", resolu="oui").status_code == 303
    page = page_of(camille)
    assert "Close, avec un résultat" in page
    assert "problème résolu" in page
    assert send(camille, "rouvrir", version="6", texte="Cela recommence.").status_code == 303
    assert "L’équipe nationale va la prendre en charge" in page_of(camille)


def test_a_request_is_taken_from_the_list_of_what_is_to_do(one_office: Office) -> None:
    sacha = one_office.house.signed_in(SACHA)
    assert 'action="/demandes/1/prendre"' in page_of(sacha, "/a-faire")
    assert sacha.post("/demandes/1/prendre", {}).location == "/demandes/1"
    page = page_of(sacha, "/a-faire")
    assert "Vous vous en occupez" in page
    assert 'action="/demandes/1/prendre"' not in page


def test_an_answer_is_noted_as_read_where_it_is_read_and_one_goes_on(one_office: Office) -> None:
    camille, sacha = one_office.house.signed_in(CAMILLE), one_office.house.signed_in(SACHA)
    assert "C’est lu" not in page_of(camille)
    one_office.house.clock.advance(minutes=5)
    send(sacha, "prendre", version="1")
    send(sacha, "repondre", version="2", texte="Videz le cache.")
    assert "C’est lu" not in page_of(sacha)
    assert "C’est lu, ligne suivante" in page_of(camille)
    assert 'action="/a-faire/answer/1/fait"' in page_of(camille)
    assert camille.post("/a-faire/answer/1/fait", {}).location == "/a-faire/suivant?apres=answer:1"
    assert "C’est lu" not in page_of(camille)


def test_each_reader_is_offered_what_the_table_allows_him_and_nothing_else(one_office: Office) -> None:
    working_on = {"prendre", "attribuer", "repondre", "questionner", "planifier", "ticket", "motif", "rendre", "clore"}
    asking = {"completer", "preciser", "retirer"}
    for email, offered in (
        (CAMILLE, asking),
        (DOMINIQUE, asking),
        (SACHA, working_on),
        ("admin@siao.example", working_on),
    ):
        assert forms(page_of(one_office.house.signed_in(email))) == offered, email
    one_office.does(SACHA, working.hand_back, text="À vous.")
    assert forms(page_of(one_office.house.signed_in(SACHA))) == set()
    local = {"prendre", "attribuer", "repondre", "motif", "confier", "clore"}
    assert forms(page_of(one_office.house.signed_in(DOMINIQUE))) == local
    assert forms(page_of(one_office.house.signed_in(CAMILLE))) == local | asking
    one_office.does(CAMILLE, working.close, text="Fait.", solved=True)
    assert forms(page_of(one_office.house.signed_in(CAMILLE))) == {"rouvrir"}
    one_office.house.clock.advance(days=16)
    assert "escaladez l’appel de nouveau" in page_of(one_office.house.signed_in(CAMILLE))


def test_another_departements_request_does_not_exist(one_office: Office) -> None:
    alix = one_office.house.signed_in(ALIX)
    assert "N° 1" not in page_of(alix, "/demandes?etat=toutes")
    for path in ("", *(f"/{word}" for word in GESTURES)):
        assert alix.get(f"/demandes/1{path}").status_code == 404
        if path:
            assert alix.post(f"/demandes/1{path}", {"version": "1", "texte": "Bonjour."}).status_code == 404
    assert alix.get(f"/demandes/{2**70}").status_code == 404
    assert len(one_office.steps()) == 1


def test_a_form_without_its_token_does_nothing(one_office: Office) -> None:
    sacha = one_office.house.signed_in(SACHA)
    for word in GESTURES:
        answer = sacha.client.post(f"/demandes/1/{word}", data={"texte": "tapé ici", "version": "1"})
        assert (answer.status_code, "tapé ici" in answer.text) == (400, True)
    assert len(one_office.steps()) == 1


def test_what_one_may_not_do_is_refused_whatever_is_sent(one_office: Office) -> None:
    camille, sacha = one_office.house.signed_in(CAMILLE), one_office.house.signed_in(SACHA)
    assert send(camille, "clore", version="1", texte="Fini.", resolu="oui").status_code == 409
    refused = send(sacha, "preciser", version="1", texte="Ma précision")
    assert refused.status_code == 409
    assert "Ma précision" in refused.text
    assert "Seule la personne qui a posé la demande" in unescape(refused.text)
    assert len(one_office.steps()) == 1


def test_whoever_was_overtaken_sees_what_was_done_meanwhile_and_loses_no_word(one_office: Office) -> None:
    sacha = one_office.house.signed_in(SACHA)
    one_office.does(NOOR, working.take)
    one_office.does(NOOR, working.answer, text="Première réponse.")
    late = send(sacha, "repondre", version="1", texte="Ma réponse tardive.")
    page = unescape(late.text)
    assert late.status_code == 409
    assert "Cette demande a changé entre-temps" in page
    conflict = page[page.index('id="conflit"') : page.index("call-columns")]
    assert "Première réponse." in conflict
    assert "Prise en charge, par Noor" in conflict
    assert page.count("Ma réponse tardive.") == 1
    [version] = re.findall(r'name="version" value="(\d+)"><input type="hidden" name="geste" value="repondre"', page)
    assert send(sacha, "repondre", version=version, texte="Ma réponse tardive.").status_code == 303
    closed = one_office.now().version
    one_office.does(NOOR, working.close, text="Clos.", solved=True)
    gone = send(sacha, "repondre", version=str(closed), texte="Encore un mot.")
    assert (gone.status_code, "Encore un mot." in gone.text) == (409, True)


def test_personal_data_is_pointed_at_and_its_writer_decides(one_office: Office) -> None:
    sacha = one_office.house.signed_in(SACHA)
    fields: dict[str, Any] = {"version": "1", "texte": "Rappelez le 06 39 98 12 34."}
    page = send(sacha, "repondre", **fields)
    assert page.status_code == 400
    assert "Donnée personnelle ? numéro de téléphone « 06 39 98 12 34 »" in unescape(page.text)
    assert 'name="confirmed"' in page.text
    assert send(sacha, "repondre", **fields, confirmed="1").status_code == 303


def test_what_cannot_be_taken_back_asks_for_a_confirmation(one_office: Office) -> None:
    camille = one_office.house.signed_in(CAMILLE)
    one_office.does(SACHA, working.plan, starts_at=NOW + timedelta(days=1), minutes=30)
    cancel: dict[str, Any] = {"version": "2", "texte": "Plutôt jeudi."}
    refused = send(camille, "annuler-echange", **cancel)
    assert (refused.status_code, "Confirmez" in refused.text, "Plutôt jeudi." in refused.text) == (400, True, True)
    assert send(camille, "annuler-echange", **cancel, confirme="1").status_code == 303
    assert send(camille, "retirer", version="3", resolu="oui").status_code == 400
    assert send(camille, "retirer", version="3", resolu="oui", confirme="1").status_code == 303
    assert "Retirée" in page_of(camille)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"date": "2026-11-24", "heure": "10:30"}, "Ce moment est passé"),
        ({"date": "2026-02-30"}, "Donnez un jour"),
        ({"heure": "25:00"}, "Donnez une heure"),
        ({"heure": "demain"}, "Donnez une heure"),
        ({"date": "2029-01-01"}, "trop lointain"),
        ({"minutes": "0"}, "Donnez une durée"),
        ({"minutes": "9999"}, "Donnez une durée"),
        ({"minutes": "trente"}, "Donnez une durée"),
        ({"date": "2027-03-28", "heure": "02:30"}, "n’existe pas ce jour-là"),
    ],
)
def test_an_exchange_that_cannot_be_is_refused_at_its_field(
    one_office: Office, fields: dict[str, str], sentence: str
) -> None:
    good: dict[str, Any] = {
        "version": "1",
        "date": "2026-12-01",
        "heure": "14:30",
        "minutes": "30",
        "texte": "À bientôt",
    }
    refused = send(one_office.house.signed_in(SACHA), "planifier", **good | fields)
    assert refused.status_code == 400
    page = unescape(refused.text)
    assert sentence in page
    assert "À bientôt" in page
    assert 'aria-invalid="true"' in page


def test_an_exchange_overseas_is_typed_and_shown_in_the_departements_time_with_that_of_paris(
    one_office: Office,
) -> None:
    one_office.house.invite("reunion@siao.example", "referent", "974")
    one_office.escalated("CA974", by="reunion@siao.example", departement="974")
    sacha = one_office.house.signed_in(SACHA)
    good: dict[str, Any] = {"version": "1", "date": "2026-12-01", "heure": "14h30", "minutes": "30"}
    assert send(sacha, "planifier", 2, **good).status_code == 303
    shown = page_of(one_office.house.signed_in("reunion@siao.example"), "/demandes/2")
    assert "1er décembre 2026 à 14 h 30" in shown
    assert "1er décembre 2026 à 11 h 30 à Paris" in shown


def test_the_ready_answer_is_there_to_start_from(one_office: Office) -> None:
    sacha = one_office.house.signed_in(SACHA)
    assert "Partir de la réponse type" in page_of(sacha)
    assert "mot de passe oublié" in page_of(sacha, "/demandes/1/repondre?modele=1")
    with one_office.house.writing() as connection:
        ready = answer_for(connection, PASSWORD)
    assert ready
    assert send(sacha, "repondre", version="1", texte=ready.written).status_code == 303
    one_office.does(SACHA, working.reclassify, entry=LEVEL_2)
    assert LEVEL_2.wording.sous_motif in page_of(sacha)
    assert send(sacha, "motif", version="3", cle="inconnue").status_code == 400


def test_what_is_looked_for_among_requests_never_stands_in_the_address(one_office: Office) -> None:
    sacha = one_office.house.signed_in(SACHA)
    address = str(sacha.post("/demandes", {"q": "06 39 98 00 01", "etat": "toutes"}).location)
    assert "06+39" not in address
    page = page_of(sacha, address)
    assert 'value="06 39 98 00 01"' in page
    assert "N° 1" not in page
    assert "N° 1" in page_of(sacha, "/demandes?etat=toutes&recherche=inconnue")


def test_one_click_in_the_queue_takes_or_assigns(one_office: Office) -> None:
    sacha = one_office.house.signed_in(SACHA)
    address = str(sacha.post("/demandes", {"departement": "75", "q": "ecran"}).location)
    page = page_of(sacha, address)
    assert "N° 1" in page
    assert "prise en charge attendue" not in page
    given = send(sacha, "attribuer", version="1", personne=NOOR, retour=f"{urlsplit(address).query}&page=1")
    assert given.location == address
    assert "Noor s’en occupe" in page_of(sacha, "/demandes")
    assert send(one_office.house.signed_in(NOOR), "repondre", version="2", texte="Bonjour.").status_code == 303
    one_office.escalated("CA2")
    assert send(sacha, "prendre", 2).status_code == 303  # « Je m’en occupe » of another page says no version


def test_late_ones_stand_out_for_both(one_office: Office) -> None:
    one_office.house.clock.advance(days=3)
    for email in (CAMILLE, SACHA):
        page = page_of(one_office.house.signed_in(email), "/demandes")
        assert "line--late" in page
        assert "En retard : prise en charge attendue pour le 25 novembre 2026 à 11 h 00" in page


def test_a_session_that_ends_loses_no_word(one_office: Office) -> None:
    sacha = one_office.house.signed_in(SACHA)
    one_office.house.clock.advance(hours=1)
    fields: dict[str, Any] = {"version": "1", "geste": "repondre", "texte": "Une longue réponse."}
    sacha.post("/demandes/1/repondre", fields, Referer="http://localhost/demandes/1")
    again = one_office.house.signed_in(SACHA)
    page = page_of(again)
    assert "Une longue réponse." in page
    assert 'id="repondre" open' in page


def test_who_does_what_is_told_from_the_table(one_office: Office) -> None:
    for email in (CAMILLE, SACHA):
        page = page_of(one_office.house.signed_in(email), "/demandes/aide")
        for words in (*STATES.values(), *(MOVE_LABELS[move] for move in Move if move is not Move.OPEN)):
            assert words in page
        assert read_hours("").speak() in page


def test_hostile_words_are_shown_as_words(one_office: Office) -> None:
    one_office.does(SACHA, working.answer, text="<script>alert(1)</script>{{ 7 * 7 }}")
    page = one_office.house.signed_in(CAMILLE).get("/demandes/1").text
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_garbage_in_every_form_is_no_error_of_ours(one_office: Office) -> None:
    sacha = one_office.house.signed_in(SACHA)
    fields = ("version", "texte", "personne", "cle", "date", "heure", "minutes", "nature", "titre", "etat", "resolu",
              "confirme", "retour", "objet", "description", "reponse")  # fmt: skip
    for word in GESTURES:
        for garbage in ("é" * 5000, "9" * 40, "-1", "' or 1=1 --", "a=b&page=²"):
            answer = sacha.post(f"/demandes/1/{word}", dict.fromkeys(fields, garbage))
            assert answer.status_code < 500, (word, garbage)
    assert len(one_office.steps()) == 1


def test_open_time_is_said_in_hours_and_minutes() -> None:
    assert [say_open(seconds) for seconds in (0, 59, 60, 3600, 12_000)] == [
        "moins d’une minute", "moins d’une minute", "1 min", "1 h 00", "3 h 20",
    ]  # fmt: skip


def test_another_motif_is_found_by_words_and_chosen_at_once_without_script(one_office: Office) -> None:
    sacha = one_office.house.signed_in(SACHA)
    page = unescape(send(sacha, "motif", version="1", faire="chercher", q="compte").text)
    assert '<details class="gesture" id="motif" open>' in page
    key = re.search(r'name="choisir" value="([^"]+)"', page)
    assert key
    assert one_office.now().version == 1
    assert "Rien trouvé pour « zzzz »" in unescape(send(sacha, "motif", version="1", faire="chercher", q="zzzz").text)
    kept = PASSWORD.key
    assert send(sacha, "motif", version="1", cle=kept, q="compte", choisir=key[1]).status_code == 303
    assert one_office.now().wording.key == key[1] != kept


def test_a_line_of_the_queue_tells_how_old_it_is_and_who_works_on_it_in_every_state(one_office: Office) -> None:
    one_office.house.clock.advance(hours=3)
    sacha, noor = one_office.house.signed_in(SACHA), one_office.house.signed_in(NOOR)
    assert "par Camille, depuis 3 heures" in page_of(noor, "/demandes")
    one_office.does(SACHA, working.ask, text="Quel écran ?")
    assert "Attend une précision du référent, Sacha s’en occupe" in page_of(noor, "/demandes")
    assert "Attend une précision du référent, vous vous en occupez" in page_of(sacha, "/demandes")


def test_whoever_has_been_answered_is_not_promised_the_answer_again(one_office: Office) -> None:
    one_office.does(SACHA, working.take)
    assert "réponse attendue avant le" in page_of(one_office.house.signed_in(CAMILLE))
    one_office.does(SACHA, working.answer, text="Videz le cache.")
    page = page_of(one_office.house.signed_in(CAMILLE))
    assert "suite attendue avant le" in page
    assert "réponse attendue avant le" not in page


def test_everybody_reads_the_moments_of_a_request_overseas_by_his_own_clock(one_office: Office) -> None:
    """Opened at 11 in Paris, 14 in La Réunion; due the next day."""
    one_office.house.invite("reunion@siao.example", "referent", "974")
    one_office.escalated("CA974", by="reunion@siao.example", departement="974")
    maeva, sacha = one_office.house.signed_in("reunion@siao.example"), one_office.house.signed_in(SACHA)
    assert "demain avant 11 h 00" in page_of(sacha, "/a-faire")
    for path in ("/demandes", "/demandes/2"):
        assert "25 novembre 2026 à 11 h 00" in page_of(sacha, path), path
    for path in ("/demandes", "/demandes/2"):
        assert "25 novembre 2026 à 14 h 00" in page_of(maeva, path), path
    assert "Cette page donne les heures de Paris." in page_of(sacha, "/demandes/2")
    assert "heure de Paris). Cette page donne les heures du département." in page_of(maeva, "/demandes/2")
