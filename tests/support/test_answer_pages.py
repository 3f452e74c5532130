"""Ready answers at the desk: found by any word, with what a département adds, copied, sent, counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy import select

from records.calls.erasing import erase_number
from records.mail import Mail
from records.schema.desk_tables import answer_uses, audit, local_paragraphs
from records.schema.tables import deliveries
from support.answers.answering import AT_MOST
from support.answers.local import whole_text
from support.answers.posting import AnswerPost
from support.nomenclature.entries import first_nomenclature
from tests.support.house import Browser, House, store_call

PASSWORD = next(
    one.wording for one in first_nomenclature().entries if one.wording.sous_motif == "Réinitialisation du mot de passe"
)
PAGE = f"/reponses/{PASSWORD.key}"
LOCAL = "Le SIAO ouvre à 9 heures.\nDeuxième étage."


@dataclass
class Postman:
    """Keeps what it is handed."""

    mails: list[Mail] = field(default_factory=list)

    def send(self, mail: Mail) -> None:
        self.mails.append(mail)


def posted(house: House) -> list[Mail]:
    postman = Postman()
    AnswerPost(house.engine, postman, house.clock).send()
    return postman.mails


def uses(house: House) -> list[tuple[str, str | None, str | None, str | None]]:
    with house.writing() as connection:
        rows = connection.execute(select(answer_uses).order_by(answer_uses.c.id))
        return [(row.way, row.recipient, row.departement, row.call_id) for row in rows]


@pytest.fixture
def camille(house: House) -> Browser:
    with house.writing() as connection:
        store_call(connection, "CA1")
        store_call(connection, "CA59", departement="59")
    return house.signed_in()


@pytest.mark.parametrize(
    "asked", ["identifiant inactif", "INDÉSIRABLES", "zoom colonnes", "reinitialiser un mot de passe", "étage"]
)
def test_an_answer_is_found_by_the_words_of_any_of_its_texts(camille: Browser, asked: str) -> None:
    camille.post(f"{PAGE}/paragraphe", {"departement": "75", "version": "0", "paragraphe": LOCAL})
    page = camille.get(f"/reponses?q={asked}").text
    assert 'class="found__one"' in page
    assert "Aucune réponse" not in page


def test_what_no_answer_says_finds_nothing(camille: Browser) -> None:
    page = camille.get("/reponses?q=xylophone <b>").text
    assert "Aucune réponse ne contient « xylophone &lt;b&gt; »" in page
    assert "0 réponse pour" in page


def test_a_departement_adds_a_paragraph_that_its_calls_show_and_others_do_not(house: House, camille: Browser) -> None:
    form = {"departement": "75", "version": "0", "paragraphe": LOCAL}
    assert camille.post(f"{PAGE}/paragraphe", form).status_code == 303
    for address in (PAGE, f"/appels/CA1/reponses/{PASSWORD.key}"):
        page = camille.get(address).text
        assert "Dans votre département, Paris (75)" in page
        assert "Deuxième étage." in page
    assert camille.get(f"/appels/CA59/reponses/{PASSWORD.key}").status_code == 404
    alix = house.signed_in("alix@siao.example")
    assert "Deuxième étage." not in alix.get(PAGE).text
    assert "Deuxième étage." in house.signed_in("sacha@siao.example").get(PAGE).text


def test_a_paragraph_is_refused_with_a_reason_and_nothing_typed_is_lost(house: House, camille: Browser) -> None:
    path, form = f"{PAGE}/paragraphe", {"departement": "75", "version": "0", "paragraphe": "Appelez le 01 99 00 12 34"}
    pointed_at = camille.post(path, form)
    assert pointed_at.status_code == 400
    assert "Donnée personnelle ? « 01 99 00 12 34 »" in pointed_at.text
    assert "Appelez le 01 99 00 12 34</textarea>" in pointed_at.text
    assert camille.post(path, form | {"confirme": "1"}).status_code == 303
    stale = camille.post(path, form | {"confirme": "1", "paragraphe": "Autre chose"})
    assert stale.status_code == 409
    assert "Autre chose</textarea>" in stale.text
    assert camille.post(path, form | {"departement": "59", "confirme": "1"}).status_code == 400
    assert camille.post(path, form | {"version": "1", "paragraphe": "a" * 1001}).status_code == 400
    assert camille.post(path, form | {"version": "1", "paragraphe": ""}).status_code == 303
    with house.writing() as connection:
        assert [row.text for row in connection.execute(select(local_paragraphs))] == [form["paragraphe"], ""]
        assert [one.what for one in connection.execute(select(audit))].count("paragraphe local") == 2


def test_an_answer_is_sent_by_the_service_and_the_reply_reaches_who_sent_it(house: House, camille: Browser) -> None:
    camille.post(f"{PAGE}/paragraphe", {"departement": "75", "version": "0", "paragraphe": LOCAL})
    form = {"appel": "CA1", "destinataire": " jean@exemple.fr ", "ajout": "À demain."}
    assert camille.post(f"{PAGE}/envoyer", form).status_code == 303
    assert "En cours d’envoi" in camille.get(f"/appels/CA1/reponses/{PASSWORD.key}").text
    [mail] = posted(house)
    assert (mail.to, mail.reply_to) == ("jean@exemple.fr", "camille@siao.example")
    assert mail.subject == "Assistance SI SIAO : Réinitialisation du mot de passe"
    assert mail.text.index("Dans votre département, Paris (75) : Le SIAO") < mail.text.index("À demain.")
    assert mail.text.index("À demain.") < mail.text.index("Cordialement,\nCamille")
    assert uses(house) == [("sent", "jean@exemple.fr", "75", "CA1")]
    with house.writing() as connection:
        trail = [one.reference for one in connection.execute(select(audit)) if one.what == "réponse envoyée"]
    assert trail == [f"{PASSWORD.key} CA1"]
    page = camille.get(f"/appels/CA1/reponses/{PASSWORD.key}").text
    assert "Envoyée le 24 novembre 2026 à 11 h 00 à jean@exemple.fr" in page
    assert "Copiée ou envoyée 1 fois en douze mois" in page
    assert posted(house) == []


def test_a_double_click_sends_once(house: House, camille: Browser) -> None:
    for _ in range(2):
        assert camille.post(f"{PAGE}/envoyer", {"destinataire": "jean@exemple.fr"}).status_code == 303
    assert len(posted(house)) == 1


@pytest.mark.parametrize(
    "address",
    [
        "", "jean", "jean@exemple", "jean@exemple.fr, paul@exemple.fr", "jean@exemple.fr\r\nBcc: paul@exemple.fr",
        "<jean@exemple.fr>", "é@exemple.fr", f"{'a' * 250}@exemple.fr", "a@b.fr%0abcc:c@d.fr",
    ],
)  # fmt: skip
def test_what_is_no_address_sends_nothing_and_keeps_what_was_typed(
    house: House, camille: Browser, address: str
) -> None:
    answer = camille.post(f"{PAGE}/envoyer", {"destinataire": address, "ajout": "Mon ajout"})
    assert answer.status_code == 400
    assert "Donnez une adresse électronique complète" in answer.text
    assert "Mon ajout</textarea>" in answer.text
    assert (uses(house), posted(house)) == ([], [])


def test_personal_data_in_the_own_line_is_pointed_at_and_its_writer_decides(house: House, camille: Browser) -> None:
    form = {"destinataire": "jean@exemple.fr", "ajout": "Voir 06 39 98 12 34"}
    refused = camille.post(f"{PAGE}/envoyer", form, HX_Request="true")
    assert refused.status_code == 400
    assert refused.text.lstrip().startswith("<section")
    assert "Donnée personnelle ? « 06 39 98 12 34 »" in refused.text
    gone = camille.post(f"{PAGE}/envoyer", form | {"confirme": "1"}, HX_Request="true")
    assert gone.status_code == 200
    assert "<strong>jean@exemple.fr</strong> dans la minute" in gone.text
    assert len(posted(house)) == 1


def test_an_interrupted_sending_is_typed_once(house: House, camille: Browser) -> None:
    """The session ends between two clicks; whoever signs in again finds the form as he left it."""
    form = {"destinataire": "jean@exemple.fr", "ajout": "À demain.", "csrf_token": camille.token()}
    house.clock.advance(hours=13)
    lost = camille.client.post(f"{PAGE}/envoyer", data=form, headers={"Referer": f"http://localhost{PAGE}"})
    assert lost.status_code == 303
    camille.post(house.link("camille@siao.example", PAGE), {})
    page = camille.get(PAGE).text
    assert 'value="jean@exemple.fr"' in page
    assert "À demain.</textarea>" in page
    assert posted(house) == []


def test_an_account_sends_so_many_in_an_hour_and_no_more(house: House, camille: Browser) -> None:
    for place in range(AT_MOST):
        assert camille.post(f"{PAGE}/envoyer", {"destinataire": f"u{place}@exemple.fr"}).status_code == 303
    full = camille.post(f"{PAGE}/envoyer", {"destinataire": "autre@exemple.fr"})
    assert full.status_code == 400
    assert "en une heure" in full.text
    house.clock.advance(minutes=61)
    later = house.signed_in()
    assert later.post(f"{PAGE}/envoyer", {"destinataire": "autre@exemple.fr"}).status_code == 303


def test_a_copy_counts_and_is_forgotten_after_a_year(house: House, camille: Browser) -> None:
    assert camille.post(f"{PAGE}/copie", {"appel": "CA1"}).status_code == 204
    assert camille.post(f"{PAGE}/copie", {"appel": ""}).status_code == 204
    assert camille.post(f"{PAGE}/copie", {"appel": "CA59"}).status_code == 404
    assert uses(house) == [("copied", None, "75", "CA1"), ("copied", None, "75", None)]
    assert "utilisée 2 fois en douze" in camille.get("/reponses").text
    assert "<td>2 fois</td>" in house.signed_in("sacha@siao.example").get("/administration/reponses").text
    house.clock.now += timedelta(days=366)
    assert "Pas encore utilisée" in house.signed_in().get(PAGE).text


def test_an_address_of_before_leads_to_what_the_sous_motif_is_called_now(house: House, camille: Browser) -> None:
    national = house.signed_in("sacha@siao.example")
    change = {
        "version": "0", "cle": PASSWORD.key, "niveau": "1", "thematique": PASSWORD.thematique, "motif": PASSWORD.motif,
        "sous_motif": "Mot de passe oublié", "du": "2026-11-24",
    }  # fmt: skip
    camille.post(f"{PAGE}/copie", {})
    assert national.post("/administration/nomenclature/renommer", change).status_code == 303
    moved = camille.get(PAGE)
    assert moved.status_code == 302
    page = camille.get(moved.location).text
    assert "Réponse type : Mot de passe oublié" in page
    assert "Copiée ou envoyée 1 fois" in page


def test_what_is_added_stands_before_the_farewell() -> None:
    assert (
        whole_text("Bonjour,\n\nTexte\n\nCordialement,", "", "Ajout") == "Bonjour,\n\nTexte\n\nAjout\n\nCordialement,"
    )
    assert whole_text("Texte seul", "Ajout") == "Texte seul\n\nAjout"


def test_after_ninety_days_nobody_knows_to_whom_an_answer_was_sent(house: House, camille: Browser) -> None:
    sent = {"appel": "CA1", "version": "0", "destinataire": "asso@exemple.fr", "texte": "Bonjour, voici la réponse."}
    assert camille.post(f"{PAGE}/envoyer", sent).status_code == 303
    assert len(posted(house)) == 1
    letters = AnswerPost(house.engine, None, house.clock)
    house.clock.advance(days=89)
    letters.forget_recipients()
    assert [recipient for _, recipient, *_ in uses(house)] == ["asso@exemple.fr"]
    house.clock.advance(days=2)
    letters.forget_recipients()
    assert uses(house) == [("sent", None, "75", "CA1")]
    with house.writing() as connection:
        [mail] = connection.execute(select(deliveries).where(deliveries.c.kind == "answer"))
    assert (mail.recipient, mail.text) == (None, None)
    assert "une adresse effacée" in house.signed_in().get(f"/appels/CA1/reponses/{PASSWORD.key}").text


def test_a_number_that_is_erased_takes_the_addresses_of_its_answers_with_it(house: House, camille: Browser) -> None:
    sent = {"appel": "CA1", "version": "0", "destinataire": "asso@exemple.fr", "texte": "Bonjour, voici la réponse."}
    assert camille.post(f"{PAGE}/envoyer", sent).status_code == 303
    with house.writing() as connection:
        erase_number(connection, "+33199000001", "…", house.clock() + timedelta(days=1))
    assert uses(house) == [("sent", None, "75", "CA1")]
    assert posted(house) == []
