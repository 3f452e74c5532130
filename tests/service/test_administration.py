"""What the national team runs by page: the next call follows it, and nothing is lost or overwritten in silence."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask.testing import EnvironBuilder
from sqlalchemy import insert, select

from records.schema.desk_tables import audit
from records.schema.tables import desk_tasks
from routing.calendar.public_holidays import KEPT_BY_DEFAULT
from routing.planning.plan import plan
from routing.snapshot import Snapshot
from service.directory.followed_csv import follow_csv
from service.directory.snapshots import SnapshotFile
from support.nomenclature.entries import first_nomenclature
from tests.support.house import CSV, Browser, House, open_house, store_call

PASSWORD = next(e for e in first_nomenclature().entries if e.wording.sous_motif == "Réinitialisation du mot de passe")
TAHITI = "987,SIAO de Polynésie,Pape,Teva,référent,05 36 49 12 34,teva@siao.example,1,,oui\n"
QUALIFIED = {
    "thematique": PASSWORD.wording.thematique, "motif": PASSWORD.wording.motif, "statut": "Résolu",
    "sous_motif": PASSWORD.wording.sous_motif, "faire": "enregistrer", "version": "0",
}  # fmt: skip


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = open_house(tmp_path, f"sqlite:///{tmp_path / 'desk.sqlite'}")
    yield made
    made.close()


@pytest.fixture
def national(house: House) -> Browser:
    return house.signed_in("sacha@siao.example")


def serving(house: House) -> Snapshot:
    found = SnapshotFile(house.settings.var_dir).current()
    assert found
    return found


def send_file(browser: Browser, content: bytes) -> Any:
    """Upload a file; what the client has spooled to the disk is closed."""
    data = {"csrf_token": browser.token(), "fichier": (io.BytesIO(content), "referents.csv")}
    builder = EnvironBuilder(
        browser.client.application, "/administration/annuaire/publier", method="POST", data=data,
        content_type="multipart/form-data",
    )  # fmt: skip
    request = builder.get_request()
    try:
        return browser.client.open(request)
    finally:
        request.environ["wsgi.input"].close()
        builder.close()


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of the page's last form."""
    form = page[page.rindex("<form") :]
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))


# ---------------------------------------------------------------- directory


def test_a_file_is_checked_compared_and_published(house: House, national: Browser) -> None:
    changed = CSV.replace("01 99 00 12 34", "01 99 00 99 99").replace(
        "75,SIAO de Paris,Modèle,Dominique,suppléant,01 99 00 12 35,dominique@siao.example,2,24/7,oui\n", ""
    )
    page = send_file(national, changed.encode()).text
    for piece in ("01 99 00 12 34", "01 99 00 99 99", "Dominique Modèle", "1 retirée", "1 changée"):
        assert piece in page
    assert serving(house).version == 0
    sent = hidden(page) | {"note": "mutation"}
    unasked = national.post("/administration/annuaire/publier/confirmer", sent)
    assert unasked.status_code == 400
    assert "Confirmez : 1 ligne part, sur 4." in unescape(unasked.text)
    assert serving(house).version == 0
    published = national.post("/administration/annuaire/publier/confirmer", sent | {"confirmer": "1"})
    assert published.status_code == 303
    assert {person.phone for person in serving(house).lines("75")} == {"+33199009999"}
    assert "mutation" in national.get("/administration/annuaire/historique").text


def test_a_downloaded_directory_opens_in_a_french_spreadsheet_and_is_read_again_as_it_was(
    house: House, national: Browser
) -> None:
    """`;`, a BOM, no cell that would be calculated; and what comes back is the same directory."""
    odd = CSV.replace("SIAO de Paris", '"=2+3; SIAO, de « Paris »"').replace("01 99 00 12 34", "+33 1 99 00 12 34")
    page = send_file(national, odd.encode()).text
    national.post("/administration/annuaire/publier/confirmer", hidden(page))
    people = serving(house).people
    assert people[0].siao == "=2+3; SIAO, de « Paris »"
    taken = national.get("/administration/annuaire/telecharger?version=1").get_data()
    assert taken.startswith("\ufeffdepartement;siao;nom".encode())
    cells = [cell for row in csv.reader(io.StringIO(taken.decode("utf-8-sig")), delimiter=";") for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    again = send_file(national, taken).text
    assert "Rien ne change dans l’annuaire" in again


def test_a_directory_of_tabs_under_a_title_is_downloaded_cell_by_cell(house: House, national: Browser) -> None:
    titled = "Annuaire, au 26 novembre\n" + "\n".join("\t".join(row) for row in csv.reader(CSV.splitlines()))
    page = send_file(national, titled.encode("utf-16")).text
    national.post("/administration/annuaire/publier/confirmer", hidden(page) | {"confirmer": "1"})
    assert serving(house).version == 1
    taken = national.get("/administration/annuaire/telecharger?version=1").get_data().decode("utf-8-sig")
    assert taken.splitlines()[1].startswith("departement;siao;nom")
    assert "Rien ne change dans l’annuaire" in send_file(national, taken.encode()).text


def test_a_bad_file_is_told_line_by_line_and_replaces_nothing(house: House, national: Browser) -> None:
    bad = CSV.replace("01 99 00 12 34", "0899 12 34 56").replace("03 53 01 12 34", "12").encode()
    answer = send_file(national, bad)
    assert answer.status_code == 400
    for piece in ("surtaxé", "<td>2</td>", "<td>4</td>", "2 problèmes"):
        assert piece in answer.text
    assert serving(house).version == 0


def test_a_file_that_would_leave_accounts_or_a_departement_alone_says_so(national: Browser) -> None:
    page = send_file(national, "\n".join(line for line in CSV.splitlines() if not line.startswith("59,")).encode()).text
    assert "Alix n’aurait plus de ligne dans l’annuaire ; son compte" in page
    assert "Nord (59) n’aurait plus personne à faire sonner" in page


def test_a_difference_that_is_out_of_date_is_shown_again_before_publishing(house: House, national: Browser) -> None:
    first, second = CSV.replace("Camille", "Camila"), CSV.replace("Alix", "Alice")
    pages = [send_file(national, text.encode()).text for text in (first, second)]
    assert national.post("/administration/annuaire/publier/confirmer", hidden(pages[0])).status_code == 303
    late = national.post("/administration/annuaire/publier/confirmer", hidden(pages[1]))
    assert "L’annuaire a changé entre-temps" in late.text
    assert serving(house).version == 1


@pytest.mark.parametrize("content", [b"", b"x" * (2 * 1024 * 1024 + 1), b"\x00\xff\xfe"])
def test_what_is_no_directory_is_refused(house: House, national: Browser, content: bytes) -> None:
    assert send_file(national, content).status_code == 400
    assert serving(house).version == 0


def test_a_departement_shows_who_rings_now_and_why(national: Browser) -> None:
    page = national.get("/administration/annuaire/departement/75").text
    assert page.index("Camille Exemple") < page.index("Dominique Modèle")
    assert national.get("/administration/annuaire/departement/99").status_code == 404
    assert "1 ligne" in national.get("/administration/annuaire?q=alix").text


def test_the_own_days_of_a_territory_are_listed_and_turned_off_and_on(house: House) -> None:
    house.clock.now = datetime(2027, 3, 5, 19, 0, tzinfo=UTC)  # 9 o'clock in Tahiti, on the day of the Gospel
    house.settings.referents_csv.write_text(CSV + TAHITI, encoding="utf-8")
    follow_csv(SnapshotFile(house.settings.var_dir), house.settings, house.clock())
    [pape] = serving(house).lines("987")
    national = house.signed_in("sacha@siao.example")
    page = national.get("/administration/annuaire").text
    assert switches(page) == {"971": "oui", "972": "oui", "978": "oui", "986": "oui", "987": "non", "988": "non"}
    for day in ("Arrivée de l&#39;Évangile, le 5 mars 2027", "Fête de la Citoyenneté, le 24 septembre 2027"):
        assert day in page
    assert plan(serving(house), "987", house.clock()).reason == "holiday"
    assert national.post("/administration/annuaire/jours-feries/987", {"comptes": "non"}).status_code == 303
    page = national.get("/administration/annuaire").text
    assert "Polynésie française (987) : ses jours fériés propres ne comptent plus, dès le prochain appel." in page
    assert switches(page)["987"] == "oui"
    assert plan(serving(house), "987", house.clock()).rangs == ((pape.id,),)
    assert national.post("/administration/annuaire/jours-feries/987", {"comptes": "oui"}).status_code == 303
    assert plan(serving(house), "987", house.clock()).reason == "holiday"


@pytest.mark.parametrize(
    ("code", "said"), [("75", "non"), ("*", "non"), ("<b>", "non"), ("987", ""), ("987", "peut-être")]
)
def test_a_switch_that_does_not_exist_changes_nothing(house: House, national: Browser, code: str, said: str) -> None:
    before = serving(house)
    answer = national.post(f"/administration/annuaire/jours-feries/{code}", {"comptes": said})
    assert answer.status_code == 400
    assert "<b>" not in answer.text
    assert serving(house) == before


def test_a_switch_turned_twice_is_turned_once(house: House, national: Browser) -> None:
    for _ in range(2):
        assert national.post("/administration/annuaire/jours-feries/971", {"comptes": "oui"}).status_code == 303
    assert serving(house).rules.usage_holidays == KEPT_BY_DEFAULT | {"971"}
    with house.writing() as connection:
        lines = [line.reference for line in connection.execute(select(audit)) if "fériés" in line.what]
    assert lines == ["971"]


def test_what_is_late_at_the_desk_follows_the_own_days_that_count(house: House) -> None:
    """A callback of Monday the 20th of July 2026, in Guadeloupe; the 21st is the feast of Schœlcher."""
    house.clock.now = datetime(2026, 7, 21, 17, 0, tzinfo=UTC)
    with house.writing() as connection:
        monday = house.clock() - timedelta(days=1, hours=2)
        task = {"call_id": "CA1", "kind": "callback", "departement": "971", "created_at": monday}
        connection.execute(insert(desk_tasks).values(task))
        store_call(connection, "CA1", departement="971", outcome="callback", started_at=monday)
    house.invite("guad@siao.example", "referent", "971")
    desk, national = house.signed_in("guad@siao.example"), house.signed_in("sacha@siao.example")
    assert "dont 1 en retard" in desk.get("/a-faire").text
    national.post("/administration/annuaire/jours-feries/971", {"comptes": "oui"})
    assert "en retard" not in desk.get("/a-faire").text.casefold()


def switches(page: str) -> dict[str, str]:
    """Territory → what its button would say."""
    form = r'action="/administration/annuaire/jours-feries/(\w+)".*?name="comptes" value="(\w+)"'
    return dict(re.findall(form, page, re.DOTALL))


# ---------------------------------------------------------------- accounts


def test_somebody_is_invited_changed_and_shown_out(house: House, national: Browser) -> None:
    form = {"email": "noor@siao.example", "nom": "Noor", "role": "referent", "departements": "75"}
    assert national.post("/administration/comptes", form).status_code == 303
    [letter] = house.mails()
    assert letter["To"] == "noor@siao.example"
    house.clock.advance(minutes=5)
    again = national.post("/administration/comptes", form)
    assert again.status_code == 400
    assert "existe déjà" in again.text
    assert 'value="noor@siao.example"' in again.text
    national.post("/administration/comptes/4", {"nom": "Noor N.", "role": "referent", "departements": "59"})
    assert "Noor N." in national.get("/administration/comptes").text
    national.post("/administration/comptes/4/fermer", {})
    assert "Fermé" in national.get("/administration/comptes/4").text


def test_only_an_administrator_makes_or_touches_an_administrator(house: House, national: Browser) -> None:
    house.invite("admin@siao.example", "admin")
    refused = national.post("/administration/comptes", {"email": "x@siao.example", "role": "admin"})
    assert refused.status_code == 400
    assert national.get("/administration/comptes/4").status_code == 404
    assert national.post("/administration/comptes/3", {"role": "admin", "nom": "moi"}).status_code == 400
    assert national.post("/administration/comptes/3/fermer", {}).status_code == 400
    admin = house.signed_in("admin@siao.example")
    demoted = admin.post("/administration/comptes/4", {"role": "national", "nom": "moi"})
    assert (demoted.status_code, "votre propre rôle" in demoted.text) == (400, True)
    assert admin.post("/administration/comptes", {"email": "x@siao.example", "role": "admin"}).status_code == 303


# ---------------------------------------------------------------- words


def test_a_renamed_sous_motif_begins_on_its_day_and_calls_keep_their_words(house: House, national: Browser) -> None:
    with house.writing() as connection:
        store_call(connection, "CA1")
    camille = house.signed_in()
    camille.post("/appels/CA1", QUALIFIED)
    path = f"/administration/nomenclature/renommer?cle={PASSWORD.wording.key}"
    assert 'value="Réinitialisation du mot de passe"' in national.get(path).text
    change = {
        "version": "0", "cle": PASSWORD.wording.key, "niveau": "1", "thematique": PASSWORD.wording.thematique,
        "motif": PASSWORD.wording.motif, "sous_motif": "Mot de passe oublié", "du": "2026-11-25",
    }  # fmt: skip
    for wrong in ({"du": "2026-11-23"}, {"du": ""}, {"sous_motif": " "}, {"sous_motif": "Accès au compte"}):
        assert national.post("/administration/nomenclature/renommer", change | wrong).status_code == 400
    assert national.post("/administration/nomenclature/renommer", change).status_code == 303
    assert national.post("/administration/nomenclature/renommer", change).status_code == 409
    assert "Mot de passe oublié" not in camille.get("/nomenclature/recherche?q=mot de passe").text
    house.clock.advance(hours=20)
    camille = house.signed_in()
    assert "Mot de passe oublié" in camille.get("/nomenclature/recherche?q=mot de passe").text
    page = camille.get("/appels/CA1").text
    assert "selected>Réinitialisation du mot de passe</option>" in page
    kept = camille.post("/appels/CA1", QUALIFIED | {"version": "1", "statut": "En cours"})
    assert kept.status_code == 303


def test_an_answer_is_validated_once_and_a_stale_version_keeps_what_was_typed(house: House, national: Browser) -> None:
    path = f"/administration/reponses/{PASSWORD.wording.key}"
    form = {"version": "0", "a_lire": "Nouveau <b>texte</b>", "a_envoyer": "Bonjour", "valide": "1"}
    assert national.post(path, form).status_code == 303
    stale = national.post(path, form | {"a_lire": "Un autre"})
    assert stale.status_code == 409
    assert "Un autre" in stale.text
    assert "Nouveau &lt;b&gt;texte" in stale.text
    shown = house.signed_in().get(f"/reponses/{PASSWORD.wording.key}").text
    assert "Nouveau &lt;b&gt;texte" in shown
    assert "proposition à valider" not in shown


# ---------------------------------------------------------------- what people set


@pytest.mark.parametrize(
    ("kind", "form", "wrong"),
    [
        (
            "fermetures",
            {"departement": "75", "au": "2026-11-30T08:00", "motif": "Travaux", "quand": "maintenant"},
            {"au": "2026-11-01T08:00"},
        ),
        (
            "annonces",
            {"texte": "Un incident est en cours.", "au": "2026-11-30T08:00", "quand": "maintenant"},
            {"texte": ""},
        ),
        ("messages-absence", {"departement": "75", "texte": "Rappelez demain.", "raison": "closed"}, {"raison": "x"}),
        ("debordement", {"departement": "france", "vers": "*", "cas": "closed"}, {"vers": "99"}),
    ],
)  # fmt: skip
def test_what_is_set_serves_the_next_call_and_is_taken_away(
    house: House, national: Browser, kind: str, form: dict[str, str], wrong: dict[str, str]
) -> None:
    path = f"/administration/{kind}"
    form |= {"confirme": "1"}
    before = serving(house).rules
    assert national.post(path, form | wrong).status_code == 400
    assert serving(house).rules == before
    assert national.post(path, form).status_code == 303
    assert serving(house).rules != before
    assert national.post(f"{path}/1/retirer", {}).status_code == 303
    assert serving(house).rules == before
    assert national.post(f"{path}/1/retirer", {}).status_code == 404
    with house.writing() as connection:
        assert len(connection.execute(select(audit).where(audit.c.what.startswith("réglage"))).all()) >= 2
