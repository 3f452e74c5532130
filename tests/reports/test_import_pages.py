"""The import as people meet it: what is read is told, decided line by line, kept from step to step, and then done."""

from __future__ import annotations

import base64
import html
import re
import zlib
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from records.database import writing
from reports.pages import imports_shown
from reports.workbook.columns import COLUMNS
from tests.reports.counting import ACCESS
from tests.reports.tables import call, store
from tests.reports.test_import_cases import sheets
from tests.reports.workbooks import made_by_hand
from tests.support.house import Browser, House, open_house

CONNECTION = "Problème de connexion au SI SIAO"
SAID = (ACCESS, CONNECTION, "Réinitialisation du mot de passe", "1", "oui", "non")
MAY = "du=2025-05-01&au=2025-05-31"
FIRST = ("01 99 00 20 01", "02/05/2025", 240, None, *SAID)
SECOND = ("01 99 00 20 02", "03/05/2025", 300, None, *SAID)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = open_house(tmp_path, f"sqlite:///{tmp_path / 'house.sqlite'}")
    yield made
    made.close()


def fields_of(page: str) -> dict[str, str]:
    """What the preview's form would send: its hidden fields and what its lists have chosen."""
    found = dict(re.findall(r'<input type="hidden" name="([^"]+)"\s+value="([^"]*)"', page))
    for name, inside in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', inside) or re.search(r'<option value="([^"]*)"', inside)
        found[name] = chosen[1] if chosen else ""
    return {html.unescape(name): html.unescape(value) for name, value in found.items()}


def shown(browser: Browser, content: bytes) -> str:
    data = {"csrf_token": browser.token(), "departement": "75", "classeur": (BytesIO(content), "suivi.xlsx")}
    return str(browser.client.post("/resultats/import", data=data).text).replace("\u00a0", " ")


def again(browser: Browser, page: str, **said: str) -> str:
    return str(browser.post("/resultats/import", {**fields_of(page), **said}).text)


def accepted(browser: Browser, page: str, **said: str) -> int:
    return browser.post("/resultats/import/confirmer", {**fields_of(page), **said}).status_code


def counted_calls(browser: Browser) -> str:
    page = browser.get(f"/resultats?departement=75&{MAY}").text
    found = re.findall(r'svi-figure__value">(?:<a[^>]*>)?([^<]+)', page)
    return str(found[0]).strip()


def test_a_corrected_file_is_shown_beside_the_call_and_changes_it_once_accepted(house: House) -> None:
    browser = house.signed_in()
    assert accepted(browser, shown(browser, made_by_hand(FIRST, SECOND))) == 303
    page = shown(browser, made_by_hand(FIRST, (*SECOND[:8], "non", "non")))
    assert page.count("Revoir avec ces choix") == 2
    assert "Appels déjà importés ou saisis, à une ou deux cellules près" in page
    assert "aujourd’hui « Oui », dans le fichier <strong>« Non »</strong>" in page
    assert re.search(r"100,0\s%\s→ <strong>50,0\s%</strong>", page)
    assert accepted(browser, page) == 303
    assert counted_calls(browser) == "2"


def test_a_file_of_which_nothing_is_asked_speaks_of_no_choice(house: House) -> None:
    page = shown(house.signed_in(), made_by_hand(FIRST, SECOND))
    assert "Les chiffres de chaque mois" in page
    assert "ces choix" not in page


def test_each_line_is_decided_on_its_own_and_one_choice_serves_for_all(house: House) -> None:
    browser = house.signed_in()
    accepted(browser, shown(browser, made_by_hand(FIRST, SECOND)))
    later = made_by_hand((*FIRST[:8], "non", "non"), (*SECOND[:8], "non", "non"))
    page = shown(browser, later)
    assert fields_of(page)["choix::2"] == fields_of(page)["choix::3"] == "changer"
    looked = again(browser, page, **{"choix::2": "ajouter", "choix::3": "ignorer"})
    assert fields_of(looked)["choix::2"] == "ajouter"
    assert "1 appel à ajouter" in looked
    assert accepted(browser, looked) == 303
    assert counted_calls(browser) == "3"
    page = shown(browser, made_by_hand((*FIRST[:2], 250, None, *SAID), (*SECOND[:2], 310, None, *SAID)))
    assert accepted(browser, page, **{"tous:corrige": "ajouter"}) == 303
    assert counted_calls(browser) == "5"


def test_a_heading_mapped_by_hand_shows_the_preview_anew_and_is_kept(house: House) -> None:
    browser = house.signed_in()
    headings = tuple("Observations du jour" if h == "Problème résolu ?" else h for h in COLUMNS.headings)
    page = shown(browser, made_by_hand(FIRST, headings=headings))
    assert "« Observations du jour »" in page
    assert "intitulé non compris" in page
    looked = again(browser, page, **{"colonne:observations du jour": "resolved"})
    assert fields_of(looked)["colonne:observations du jour"] == "resolved"
    assert re.search(r"— → <strong>100,0\s%</strong>", looked)
    assert accepted(browser, looked) == 303
    assert counted_calls(browser) == "1"


def test_an_unknown_motif_is_given_a_meaning_and_the_line_is_read(house: House) -> None:
    browser = house.signed_in()
    page = shown(browser, made_by_hand((*FIRST[:4], ACCESS, CONNECTION, "Machine à café", "1", "oui", "non"), SECOND))
    (name,) = [name for name in fields_of(page) if name.startswith("motif:")]
    assert "Machine à café" in page
    assert "1 ligne refusée" in page
    offered = re.search(rf'name="{name}".*?</select>', page, re.DOTALL)
    assert offered
    entry = re.findall(r'<option value="(\w{12})">[^<]*Accès au compte', offered[0])[0]
    unseen = browser.post("/resultats/import/confirmer", {**fields_of(page), name: entry})
    assert unseen.status_code == 400
    assert "regardez à nouveau" in unseen.text
    looked = again(browser, page, **{name: entry})
    assert (fields_of(looked)[name], "0 ligne refusée" in looked) == (entry, True)
    assert accepted(browser, looked) == 303
    assert counted_calls(browser) == "2"


def test_a_refused_line_hides_no_other_and_loses_nothing_that_was_chosen(house: House) -> None:
    browser = house.signed_in()
    accepted(browser, shown(browser, made_by_hand(FIRST, SECOND)))
    page = shown(browser, made_by_hand(FIRST, (*SECOND[:8], "non", "non"), ("x", "demain", 1, None, *SAID)))
    assert "demain" in page
    answer = browser.post("/resultats/import/confirmer", {**fields_of(page), "choix::3": "ajouter"})
    assert answer.status_code == 400
    assert "1 ligne refusée : rien n&#39;a été importé" in answer.text
    assert fields_of(answer.text)["choix::3"] == "ajouter"
    assert accepted(browser, answer.text, ignorer="1") == 303
    assert counted_calls(browser) == "3"


def test_the_refused_lines_come_back_as_a_workbook_that_imports_once_corrected(house: House) -> None:
    browser = house.signed_in()
    formula = "=HYPERLINK(1)"
    page = shown(browser, made_by_hand(FIRST, ("01 99 00 20 03", "demain", 90, None, *SAID[:2], formula, *SAID[3:])))
    answer = browser.post("/resultats/import/refusees.xlsx", fields_of(page))
    book = load_workbook(BytesIO(answer.data))
    sheet = book.worksheets[0]
    assert [cell.value for cell in sheet[1]][-1] == "Raison"
    assert "demain" in str(sheet["L2"].value)
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    sheet["B2"], sheet["G2"] = date(2025, 5, 4), SAID[2]
    out = BytesIO()
    book.save(out)
    looked = shown(browser, out.getvalue())
    assert "0 ligne refusée" in looked
    assert "« Raison »" not in looked
    assert accepted(browser, looked) == 303
    assert counted_calls(browser) == "1"


def test_a_large_file_is_chosen_again_and_keeps_all_that_was_said(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports_shown, "LARGEST_PREVIEW", 10)
    browser, content = house.signed_in(), made_by_hand(FIRST, SECOND)
    page = shown(browser, content)
    assert "contenu" not in fields_of(page)
    assert "tout ce que vous avez choisi est gardé" in page

    def sent(data: bytes, **said: str) -> tuple[int, str]:
        form = {**fields_of(page), **said, "classeur": (BytesIO(data), "suivi.xlsx")}
        answer = browser.client.post("/resultats/import/confirmer", data=form)
        return answer.status_code, answer.text

    status, text = sent(made_by_hand(FIRST))
    assert (status, "n’est pas celui de l’aperçu" in text) == (400, True)
    assert sent(content)[0] == 303
    assert counted_calls(browser) == "2"


def test_a_sheet_left_out_for_its_headings_is_read_once_they_are_said(house: House) -> None:
    browser = house.signed_in()
    june = ("Juin", [("Téléphone", "Quand", "Niveau", "Quoi"), ("01 99 00 20 07", "04/06/2025", 1, "?")])
    page = shown(browser, sheets(("Mai", [COLUMNS.headings, FIRST]), june))
    assert "<strong>laissée de côté</strong> : ses en-têtes ne sont pas ceux d&#39;un historique" in page
    page = again(browser, page, **{"colonne:quand": "day"})
    assert "laissée de côté" not in page
    assert accepted(browser, page) == 303
    assert "2 appels ajoutés" in browser.get("/resultats?departement=75").text.replace("\u00a0", " ")


def test_lines_that_say_another_departement_are_told(house: House) -> None:
    browser = house.signed_in()
    page = shown(browser, made_by_hand((*FIRST, 93), headings=(*COLUMNS.headings, "Département")))
    assert "dit « 93 », et ces appels seraient ajoutés à Paris (75)" in page
    assert "seraient ajoutés" not in shown(
        browser, made_by_hand((*FIRST, "75 - Paris"), headings=(*COLUMNS.headings, "Département"))
    )
    assert "porte le nom d’un autre département" in shown(browser, sheets(("93", [COLUMNS.headings, FIRST])))
    assert "porte le nom" not in shown(browser, sheets(("05", [COLUMNS.headings, FIRST])))


def test_what_is_handed_back_is_the_file_that_was_shown_and_unpacked_within_bounds(house: House) -> None:
    browser = house.signed_in()
    page = shown(browser, b"\n" * 400_000 + made_by_hand_csv())
    assert len(fields_of(page)["contenu"]) < 20_000
    assert accepted(browser, page) == 303
    for wrong in ("bm90IHBhY2tlZA==", base64.b64encode(zlib.compress(b"another")).decode()):
        assert accepted(browser, page, contenu=wrong) == 400


def made_by_hand_csv() -> bytes:
    return "\n".join(";".join(str(cell or "") for cell in row) for row in (COLUMNS.headings, FIRST)).encode()


def test_calls_that_came_in_between_are_shown_before_anything_is_done(house: House) -> None:
    browser = house.signed_in()
    page = shown(browser, made_by_hand(FIRST))
    with writing(house.engine) as connection:
        store(connection, [call("CA1", date(2025, 5, 2), caller="+33199002001")])
    answer = browser.post("/resultats/import/confirmer", fields_of(page))
    assert (answer.status_code, "regardez à nouveau" in answer.text) == (400, True)
    assert "Appels que la ligne téléphonique a déjà enregistrés" in answer.text
    assert accepted(browser, answer.text) == 303
    assert counted_calls(browser) == "1"


def test_what_a_form_invents_is_left_out(house: House) -> None:
    browser = house.signed_in()
    page = shown(browser, made_by_hand(FIRST))
    invented = {"colonne:x": "nope", "motif:zz": "zz", "choix:a:b": "x", "choix::2": "effacer", "tous:x": "y"}
    assert accepted(browser, page, **invented) == 303
    assert counted_calls(browser) == "1"
