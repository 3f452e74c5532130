"""One person of the directory edited on a page: checked, seen beside what serves, published like a file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from records.database import reading
from records.in_force.directories import published_directory
from records.in_force.rules import RuleKind, add_rule
from routing.directory.people import Person
from service.directory.publishing import refresh_rules
from tests.service.forms import fields_of
from tests.service.test_administration import serving
from tests.support.house import CSV, Browser, House, open_house

PAGE = "/administration/annuaire/personne"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = open_house(tmp_path, f"sqlite:///{tmp_path / 'desk.sqlite'}")
    yield made
    made.close()


@pytest.fixture
def national(house: House) -> Browser:
    return house.signed_in("sacha@siao.example")


def somebody(house: House, prenom: str) -> Person:
    return next(person for person in serving(house).people if person.prenom == prenom)


def form_of(browser: Browser, short: str, query: str = "") -> dict[str, str]:
    """What the page of somebody would send if nothing were touched."""
    return fields_of(browser.get(f"{PAGE}/{short}{query}").text, f"{PAGE}/{short}")


def agreed(page: str, short: str) -> dict[str, str]:
    """What the preview would send."""
    return fields_of(page, f"{PAGE}/{short}/publier")


def published(house: House) -> str:
    with reading(house.engine) as connection:
        newest = published_directory(connection, serving(house).version)
    assert newest
    return newest.csv


def test_a_changed_telephone_is_previewed_then_published_and_nothing_else_changes(
    house: House, national: Browser
) -> None:
    camille = somebody(house, "Camille")
    form = form_of(national, camille.id)
    preview = national.post(f"{PAGE}/{camille.id}", form | {"telephone": "01 99 00 99 99"}).text
    for piece in ("01 99 00 12 34", "01 99 00 99 99", "1 changée", "0 ajoutée"):
        assert piece in preview
    assert serving(house).version == 0
    sent = agreed(preview, camille.id)
    assert sent["note"] == "Camille Exemple : téléphone"
    assert national.post(f"{PAGE}/{camille.id}/publier", sent).status_code == 303
    assert published(house) == CSV.replace("01 99 00 12 34", "01 99 00 99 99")
    assert somebody(house, "Camille").phone == "+33199009999"
    assert "Camille Exemple : téléphone" in national.get("/administration/annuaire/historique").text


@pytest.mark.parametrize(
    ("column", "typed", "why"),
    [
        ("telephone", "0899 12 34 56", "surtaxé"),
        ("telephone", "", "Le numéro manque"),
        ("horaires", "lun 25:00-26:00", "aide"),
        ("email", "camille@", "adresse e-mail"),
        ("rang", "0", "nombre entier"),
        ("nom", "", "vide"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(
    house: House, national: Browser, column: str, typed: str, why: str
) -> None:
    camille = somebody(house, "Camille")
    form = form_of(national, camille.id) | {"siao": "SIAO <b>neuf</b>", column: typed}
    answer = national.post(f"{PAGE}/{camille.id}", form)
    assert answer.status_code == 400
    assert f'id="{column}-erreur"' in answer.text
    assert why in answer.text
    assert "SIAO &lt;b&gt;neuf&lt;/b&gt;" in answer.text
    assert serving(house).version == 0


def test_a_person_is_added_and_a_contact_needs_neither_name_nor_telephone(house: House, national: Browser) -> None:
    form = form_of(national, "ajouter", "?departement=59")
    assert (form["departement"], form["siao"]) == ("59", "SIAO du Nord")
    form |= {"role": "contact", "email": "siao59@siao.example"}
    preview = national.post(f"{PAGE}/ajouter", form).text
    assert "1 ajoutée" in preview
    assert national.post(f"{PAGE}/ajouter/publier", agreed(preview, "ajouter")).status_code == 303
    assert published(house).startswith(CSV)
    (contact,) = [line for line in serving(house).lines("59") if line.role == "contact"]
    assert (contact.phone, contact.email, contact.name) == (None, "siao59@siao.example", "")
    assert national.get(f"{PAGE}/{contact.id}").status_code == 200


def test_the_last_person_of_a_departement_goes_only_when_that_is_confirmed(house: House, national: Browser) -> None:
    alix = somebody(house, "Alix")
    preview = national.post(f"{PAGE}/{alix.id}", {"retirer": "1", "ligne": "59", "departement": "59"}).text
    assert "Nord (59) n’aurait plus personne à faire sonner" in preview
    assert "Alix n’aurait plus de ligne dans l’annuaire" in preview
    sent = agreed(preview, alix.id)
    refused = national.post(f"{PAGE}/{alix.id}/publier", sent)
    assert (refused.status_code, serving(house).version) == (400, 0)
    assert 'id="confirmer-erreur"' in refused.text
    assert national.post(f"{PAGE}/{alix.id}/publier", sent | {"confirmer": "1"}).status_code == 303
    assert published(house) == "".join(line for line in CSV.splitlines(keepends=True) if not line.startswith("59,"))


def test_nobody_can_take_out_the_last_of_the_national_team(house: House, national: Browser) -> None:
    sacha = somebody(house, "Sacha")
    refused = national.post(f"{PAGE}/{sacha.id}", {"retirer": "1", "ligne": "*", "departement": "*"})
    assert refused.status_code == 400
    assert "l&#39;équipe nationale" in refused.text


def test_two_people_who_edit_at_once_do_not_undo_each_other(house: House, national: Browser) -> None:
    """The second one publishes his own line on top of the first one's; and sees first that it has changed."""
    camille, alix = somebody(house, "Camille"), somebody(house, "Alix")
    mine = form_of(national, camille.id) | {"rang": "3"}
    other = form_of(national, alix.id) | {"rang": "4"}
    late = agreed(national.post(f"{PAGE}/{camille.id}", mine).text, camille.id)
    first = agreed(national.post(f"{PAGE}/{alix.id}", other).text, alix.id)
    assert national.post(f"{PAGE}/{alix.id}/publier", first).status_code == 303
    again = national.post(f"{PAGE}/{camille.id}/publier", late)
    assert "L’annuaire a changé entre-temps" in again.text
    assert serving(house).version == 1
    assert national.post(f"{PAGE}/{camille.id}/publier", agreed(again.text, camille.id)).status_code == 303
    assert (somebody(house, "Camille").rang, somebody(house, "Alix").rang) == (3, 4)


def test_a_line_that_somebody_took_out_meanwhile_keeps_what_was_typed(house: House, national: Browser) -> None:
    modele = somebody(house, "Dominique")
    form = form_of(national, modele.id) | {"telephone": "01 99 00 55 55"}
    gone = agreed(
        national.post(f"{PAGE}/{modele.id}", {"retirer": "1", "ligne": "75", "departement": "75"}).text, modele.id
    )
    assert national.post(f"{PAGE}/{modele.id}/publier", gone | {"confirmer": "1"}).status_code == 303
    answer = national.post(f"{PAGE}/{modele.id}", form)
    assert (answer.status_code, "01 99 00 55 55" in answer.text) == (409, True)
    assert national.get(f"{PAGE}/{modele.id}").status_code == 404


def test_a_file_in_service_that_is_refused_by_now_shows_its_first_bad_lines(house: House, national: Browser) -> None:
    short, lines = somebody(house, "Camille").id, CSV.splitlines()
    house.settings.referents_csv.write_text("\n".join([*lines, *[lines[1].replace("75", "ZZ", 1)] * 150]))
    answer = national.get(f"{PAGE}/{short}")
    assert answer.status_code == 409
    assert "Et 50 autres lignes fautives : les 100 premières sont montrées." in answer.text


def test_a_new_name_tells_which_absence_loses_its_person(house: House, national: Browser) -> None:
    """The short id follows the name (decision 3): an absence under the old one would point to nobody."""
    camille = somebody(house, "Camille")
    with house.writing() as connection:
        values = {"person": camille.id, "suppleant": None, "start": house.clock(), "end": house.clock() + timedelta(1)}
        add_rule(connection, RuleKind.ABSENCE, values, by="essai", at=house.clock())
    refresh_rules(house.engine, house.settings, house.clock())
    form = form_of(national, camille.id) | {"nom": "Mariée"}
    preview = national.post(f"{PAGE}/{camille.id}", form).text
    assert "L’absence déclarée pour Camille Exemple, du mardi 24 novembre 2026" in preview


def test_times_at_which_nobody_would_be_left_are_told_before_it_is_published(house: House, national: Browser) -> None:
    """Camille is away tomorrow and Dominique alone would answer: taking him out leaves a hole."""
    camille, dominique = somebody(house, "Camille"), somebody(house, "Dominique")
    with house.writing() as connection:
        tomorrow = house.clock() + timedelta(days=1)
        values = {"person": camille.id, "suppleant": None, "start": tomorrow, "end": tomorrow + timedelta(hours=2)}
        add_rule(connection, RuleKind.ABSENCE, values, by="essai", at=house.clock())
    refresh_rules(house.engine, house.settings, house.clock())
    preview = national.post(f"{PAGE}/{dominique.id}", {"retirer": "1", "ligne": "75", "departement": "75"}).text
    hole = "Paris (75) : personne ne pourrait être appelé du mercredi 25 novembre 2026 à 11 h"
    assert hole in preview


def test_from_the_preview_one_goes_back_to_the_form_with_what_was_typed(house: House, national: Browser) -> None:
    dominique = somebody(house, "Dominique")
    form = form_of(national, dominique.id)
    corrected = national.post(f"{PAGE}/{dominique.id}", form | {"faire": "corriger", "rang": "9"}).text
    assert fields_of(corrected, f"{PAGE}/{dominique.id}")["rang"] == "9"


def test_only_the_national_team_edits(house: House) -> None:
    camille = somebody(house, "Camille")
    browser = house.signed_in()
    assert browser.get(f"{PAGE}/{camille.id}").status_code == 404
    assert browser.post(f"{PAGE}/{camille.id}/publier", {}).status_code == 404
