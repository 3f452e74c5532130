"""The national team at work in a real browser: a closure confirmed, a planned version withdrawn, an answer sent."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from playwright.sync_api import Browser, Page, expect

from records.schema.desk_tables import answer_uses
from service.directory.snapshots import SnapshotFile
from service.mail import sender
from support.answers.posting import AnswerPost
from tests.browser.conftest import Served, opened
from tests.browser.test_accessibility import AXE, KEY, RUN
from tests.support.house import NOW, store_call

SACHA = "sacha@siao.example"
SOUS_MOTIF = "Réinitialisation du mot de passe"


def test_all_of_france_is_closed_after_it_was_chosen_read_and_confirmed(served: Served, page: Page) -> None:
    served.enter(page, SACHA, "/administration/fermetures")
    page.get_by_label("Département", exact=True).select_option("france")
    page.get_by_text("Dès maintenant", exact=True).click()
    page.get_by_label("Au", exact=True).fill("2026-11-30T18:00")
    page.get_by_label("Motif").fill("Maintenance nationale")
    page.get_by_role("button", name="Voir ce que cela fera").click()
    expect(page.get_by_text("L’équipe nationale et 107 départements ferment")).to_be_visible()
    expect(page.get_by_text("Rien n’est encore réglé.")).to_be_visible()
    page.get_by_role("button", name="Modifier").click()
    expect(page.get_by_label("Motif")).to_have_value("Maintenance nationale")
    page.get_by_role("button", name="Voir ce que cela fera").click()
    page.get_by_role("button", name="Confirmer").click()
    expect(page.get_by_text("C’est réglé, dès le prochain appel.")).to_be_visible()
    serving = SnapshotFile(served.house.settings.var_dir).current()
    assert serving is not None
    assert [one.departement for one in serving.rules.closures] == [None]


def test_a_planned_version_is_shown_moved_and_withdrawn(served: Served, page: Page) -> None:
    served.enter(page, SACHA, "/administration/nomenclature")
    page.get_by_role("link", name=f"Renommer {SOUS_MOTIF}").click()
    expect(page.get_by_label("Thématique", exact=True)).to_have_value("Accès et authentification")
    page.get_by_label("Sous-motif", exact=True).last.fill("Mot de passe oublié")
    page.get_by_label("À partir du").fill("2026-12-01")
    page.get_by_role("button", name="Publier la version").click()
    planned = page.get_by_role("region", name="Prévu")
    expect(planned.get_by_role("heading", name="Version prévue pour le 1er décembre 2026")).to_be_visible()
    expect(planned.get_by_text(f"Renommé : {SOUS_MOTIF} → Mot de passe oublié")).to_be_visible()
    planned.get_by_label("À partir du").fill("2026-12-15")
    planned.get_by_role("button", name="Modifier la date").click()
    expect(planned.get_by_role("heading", name="Version prévue pour le 15 décembre 2026")).to_be_visible()
    planned.get_by_role("button", name="Retirer").click()
    expect(page.get_by_text("La version prévue est retirée.")).to_be_visible()
    expect(planned).to_be_hidden()
    expect(page.get_by_text("retirée", exact=True)).to_have_count(2)


def test_an_answer_leaves_from_the_card_and_what_is_typed_there_stays(served: Served, page: Page) -> None:
    """The recipient gets the text with what Paris adds; the comment that was being typed is still there."""
    house = served.house
    with house.writing() as connection:
        store_call(connection, "CA1", started_at=NOW)
    served.enter(page, path="/reponses")
    page.get_by_label("Chercher dans les sous-motifs et les réponses").fill("indésirables mot de passe")
    page.get_by_role("button", name="Chercher").click()
    page.get_by_role("link", name=SOUS_MOTIF).click()
    page.get_by_label("Paragraphe pour Paris (75)").fill("Le SIAO de Paris ouvre à 9 heures.")
    page.get_by_role("button", name="Enregistrer le paragraphe").click()
    expect(page.locator(".answer__local")).to_contain_text("Dans votre département, Paris (75) : Le SIAO de Paris")
    page.goto(f"{served.url}/appels/CA1")
    page.get_by_role("button", name=SOUS_MOTIF).first.click()
    page.get_by_label("Commentaire").fill("Il attend le courriel")
    page.get_by_text("Envoyer par courriel").click()
    page.get_by_label("Adresse électronique de la personne qui a appelé").fill("jean@exemple.fr")
    page.get_by_label("Ligne à ajouter").fill("Appelez le 06 39 98 12 34")
    page.get_by_role("button", name="Envoyer la réponse").click()
    expect(page.get_by_text("Donnée personnelle ? « 06 39 98 12 34 »")).to_be_visible()
    expect(page.get_by_label("Ligne à ajouter")).to_be_focused()
    page.get_by_label("Ligne à ajouter").fill("À demain.")
    page.get_by_role("button", name="Envoyer la réponse").click()
    expect(page.locator(".answer__gone")).to_contain_text("jean@exemple.fr")
    expect(page.get_by_label("Commentaire")).to_have_value("Il attend le courriel")
    AnswerPost(house.engine, sender(house.settings), house.clock).send()
    [mail] = [one for one in _mails(served) if one["To"] == "jean@exemple.fr"]
    text = mail.get_content()
    assert "Dans votre département, Paris (75) : Le SIAO de Paris ouvre à 9 heures." in text
    assert text.index("À demain.") < text.index("Cordialement,")
    with house.writing() as connection:
        [use] = connection.execute(answer_uses.select())
        assert (use.way, use.recipient, use.call_id, use.departement) == ("sent", "jean@exemple.fr", "CA1", "75")


def test_a_copy_is_counted(served: Served, page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    served.enter(page, path="/reponses")
    page.get_by_role("link", name=SOUS_MOTIF).click()
    with page.expect_response("**/copie") as answered:
        page.get_by_role("button", name="Copier").click()
    assert answered.value.status == 204
    page.reload()
    expect(page.get_by_text("Copiée ou envoyée 1 fois en douze mois.")).to_be_visible()


@pytest.mark.skipif(not AXE.exists(), reason="make assets has not installed axe-core")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_where_something_is_confirmed_planned_or_refused(
    served: Served, chromium: Browser, scheme: str
) -> None:
    """On a small screen."""
    context = opened(chromium, [], color_scheme=scheme, viewport={"width": 360, "height": 740})
    page = context.new_page()
    found = {}

    def look(state: str) -> None:
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found[state] = page.evaluate(RUN)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, state

    served.enter(page, SACHA, "/administration/fermetures")
    page.get_by_label("Département", exact=True).select_option("france")
    page.get_by_label("Au", exact=True).fill("2026-11-30T18:00")
    page.get_by_text("Un jour et une heure").click()
    page.get_by_role("button", name="Voir ce que cela fera").click()
    expect(page.get_by_text("Dites quand cela commence")).to_be_visible()
    look("nobody said when")
    page.get_by_text("Dès maintenant", exact=True).click()
    page.get_by_role("button", name="Voir ce que cela fera").click()
    expect(page.get_by_role("button", name="Confirmer")).to_be_visible()
    look("to be confirmed")
    page.goto(f"{served.url}/administration/nomenclature/retirer?cle={KEY}")
    page.get_by_label("À partir du").fill("2026-12-01")
    page.get_by_role("button", name="Publier la version").click()
    expect(page.get_by_role("region", name="Prévu")).to_be_visible()
    look("planned")
    page.goto(f"{served.url}/administration/nomenclature/ajouter")
    page.get_by_text("Il faut une nouvelle thématique").click()
    page.get_by_role("button", name="Publier la version").click()
    expect(page).to_have_title(re.compile("^Erreur : "))
    look("refused")
    served.house.signed_in().post(
        f"/reponses/{KEY}/paragraphe", {"departement": "75", "version": "0", "paragraphe": "Ici."}
    )
    page.goto(f"{served.url}/reponses/{KEY}")
    page.get_by_text("Envoyer par courriel").click()
    page.get_by_label("Adresse électronique de la personne qui a appelé").fill("jean@exemple")
    page.get_by_role("button", name="Envoyer la réponse").click()
    expect(page.get_by_text("Donnez une adresse électronique complète")).to_be_visible()
    look("no address")
    context.close()
    assert {state: told for state, told in found.items() if told} == {}


def _mails(served: Served) -> list[EmailMessage]:
    paths = sorted(served.house.letters.glob("*.eml"))
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in paths]


def test_the_menu_of_the_national_team_stays_in_its_page_each_label_on_one_line(served: Served, page: Page) -> None:
    served.enter(page, SACHA, "/administration")
    for width in (1000, 1100, 1200, 1280, 1440):
        page.set_viewport_size({"width": width, "height": 700})
        heights = page.evaluate("[...document.querySelectorAll('#menu a')].map((one) => one.offsetHeight)")
        assert len(set(heights)) == 1, (width, heights)
        assert heights[0] < 60, (width, heights)
        assert page.evaluate("document.documentElement.scrollWidth") == width
