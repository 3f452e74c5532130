"""The list changes while another change is planned: nothing freezes it, and no change is lost (decision 57)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine

from records.database import reading, writing
from records.desks.acting import Acting
from records.refusals import ChangeRefused
from records.wording import Wording
from support.answers.answering import write_answer, write_paragraph
from support.answers.store import answer_for, answer_history, paragraphs_for
from support.nomenclature.entries import Nomenclature, first_nomenclature
from support.nomenclature.publishing import (
    Act,
    adding,
    merging,
    move_planned,
    publish_change,
    renaming,
    retiring,
    withdraw_planned,
)
from support.nomenclature.store import (
    all_changes,
    find_entry,
    latest_number,
    nomenclature_history,
    nomenclature_in_force,
    standing_versions,
)
from tests.support.house import NOW

TODAY = date(2026, 11, 24)
SOON, LATER = TODAY + timedelta(days=7), TODAY + timedelta(days=30)
PASSWORD = next(
    one.wording for one in first_nomenclature().entries if one.wording.sous_motif == "Réinitialisation du mot de passe"
)
OTHER = next(one.wording for one in first_nomenclature().entries if one.wording.sous_motif == "Accès au compte")
FORGOTTEN = PASSWORD._replace(sous_motif="Mot de passe oublié")
NEW = PASSWORD._replace(sous_motif="Double authentification")


@pytest.fixture
def acting(engine: Engine) -> Acting:
    return Acting(engine, "nat@siao.example", NOW)


def publish(acting: Acting, act: Act, day: date = TODAY) -> int:
    return publish_change(acting, act, follows=latest(acting), valid_from=day)


def latest(acting: Acting) -> int:
    with reading(acting.engine) as connection:
        return latest_number(connection)


def names(acting: Acting, day: date) -> set[str]:
    return {one.wording.sous_motif for one in listed(acting, day).entries if one.wording.motif == PASSWORD.motif}


def listed(acting: Acting, day: date) -> Nomenclature:
    with reading(acting.engine) as connection:
        return nomenclature_in_force(connection, day)


def test_a_change_of_today_is_made_while_another_is_planned_and_neither_is_lost(acting: Acting) -> None:
    publish(acting, renaming(PASSWORD.key, "1", FORGOTTEN), SOON)
    publish(acting, adding("1", NEW))
    assert {"Double authentification", "Réinitialisation du mot de passe"} <= names(acting, TODAY)
    assert {"Double authentification", "Mot de passe oublié"} <= names(acting, SOON)
    assert "Réinitialisation du mot de passe" not in names(acting, SOON)
    with reading(acting.engine) as connection:
        history = nomenclature_history(connection)
        assert [(one.version, one.valid_from, one.withdrawn_at is None) for one in history] == [
            (1, SOON, False),
            (2, TODAY, True),
            (3, SOON, True),
        ]


def test_a_planned_change_follows_a_name_that_changes_before_it(acting: Acting) -> None:
    """A level planned for what is renamed today; a rename planned for what gets another level today."""
    publish(acting, renaming(PASSWORD.key, "2", PASSWORD), SOON)
    publish(acting, renaming(PASSWORD.key, "1", FORGOTTEN))
    found = listed(acting, SOON).entry(FORGOTTEN.key)
    assert found is not None
    assert found.niveau == "2"
    publish(acting, renaming(OTHER.key, "1", OTHER._replace(sous_motif="Mon compte")), LATER)
    publish(acting, renaming(OTHER.key, "1/2", OTHER))
    kept = listed(acting, LATER).entry(OTHER._replace(sous_motif="Mon compte").key)
    assert kept is not None
    assert kept.niveau == "1/2"


def test_what_a_planned_change_needs_is_not_taken_away_without_a_word(acting: Acting) -> None:
    publish(acting, renaming(PASSWORD.key, "1", FORGOTTEN), SOON)
    with pytest.raises(ChangeRefused, match="La version prévue pour le 01/12/2026 ne pourrait plus se faire"):
        publish(acting, retiring(PASSWORD.key))
    assert latest(acting) == 1
    publish(acting, retiring(FORGOTTEN.key), LATER)
    with pytest.raises(ChangeRefused, match="prévue pour le 24/12/2026"):
        withdraw_planned(acting, 1, follows=2)


def test_a_planned_version_is_withdrawn_and_the_others_stay(acting: Acting) -> None:
    first = publish(acting, renaming(PASSWORD.key, "1", FORGOTTEN), SOON)
    publish(acting, adding("1", NEW), LATER)
    withdraw_planned(acting, first, follows=2)
    assert {"Réinitialisation du mot de passe", "Double authentification"} <= names(acting, LATER)
    assert "Mot de passe oublié" not in names(acting, LATER)
    with pytest.raises(ChangeRefused, match="Aucune version prévue"):
        withdraw_planned(acting, first, follows=latest(acting))
    with reading(acting.engine) as connection:
        withdrawn = nomenclature_history(connection)[0]
        assert (withdrawn.withdrawn_by, withdrawn.version) == ("nat@siao.example", first)
        assert [one.kind for one in all_changes(connection)] == ["add"]


def test_a_version_that_has_begun_is_not_withdrawn_or_moved(acting: Acting) -> None:
    begun = publish(acting, adding("1", NEW))
    with pytest.raises(ChangeRefused, match="elle a commencé"):
        withdraw_planned(acting, begun, follows=begun)
    with pytest.raises(ChangeRefused, match="elle a commencé"):
        move_planned(acting, begun, valid_from=SOON, follows=begun)


def test_a_planned_version_is_moved_before_and_after_another(acting: Acting) -> None:
    publish(acting, renaming(PASSWORD.key, "1", FORGOTTEN), SOON)
    second = publish(acting, adding("1", NEW), LATER)
    move_planned(acting, second, valid_from=TODAY, follows=second)
    assert {"Double authentification", "Réinitialisation du mot de passe"} <= names(acting, TODAY)
    assert {"Double authentification", "Mot de passe oublié"} <= names(acting, SOON)
    with reading(acting.engine) as connection:
        planned = next(one.version for one in standing_versions(connection) if one.valid_from == SOON)
    move_planned(acting, planned, valid_from=LATER, follows=latest(acting))
    assert "Réinitialisation du mot de passe" in names(acting, SOON)
    assert {"Double authentification", "Mot de passe oublié"} <= names(acting, LATER)
    with pytest.raises(ChangeRefused, match="déjà prévue pour ce jour-là"):
        move_planned(acting, latest(acting), valid_from=LATER, follows=latest(acting))
    with pytest.raises(ChangeRefused, match="ne peut pas valoir avant le 24/11/2026"):
        move_planned(acting, latest(acting), valid_from=TODAY - timedelta(days=1), follows=latest(acting))


def test_two_people_at_once_are_told(acting: Acting) -> None:
    publish(acting, adding("1", NEW), SOON)
    with pytest.raises(ChangeRefused, match="entre-temps"):
        publish_change(acting, retiring(OTHER.key), follows=0, valid_from=TODAY)


@pytest.mark.parametrize(
    ("thematique", "motif", "new", "sentence"),
    [
        ("Acces", PASSWORD.motif, (), "Aucune thématique ne s’appelle « Acces »"),
        (PASSWORD.thematique, "Conexion", (), "n’a pas de motif « Conexion »"),
        ("Téléphonie", "Casque", (), "Aucune thématique"),
    ],
)
def test_a_typing_error_makes_no_second_thematique(
    acting: Acting, thematique: str, motif: str, new: tuple[str, ...], sentence: str
) -> None:
    with pytest.raises(ChangeRefused, match=sentence):
        publish(acting, adding("1", Wording(thematique, motif, "Un mot"), new))


def test_a_new_thematique_is_made_when_it_is_asked_for_and_a_known_one_keeps_its_spelling(acting: Acting) -> None:
    publish(acting, adding("1", Wording("Téléphonie", "Casque", "Panne"), ("thematique",)))
    publish(acting, adding("1", Wording("TELEPHONIE", "casque", "Achat")))
    assert [one.wording for one in listed(acting, TODAY).entries[-2:]] == [
        Wording("Téléphonie", "Casque", "Panne"),
        Wording("Téléphonie", "Casque", "Achat"),
    ]


def test_a_renamed_sous_motif_keeps_its_answer_its_versions_and_its_paragraphs(acting: Acting) -> None:
    write_answer(acting, PASSWORD, aloud="Avant", written="Avant", follows=0, is_validated=True)
    write_paragraph(acting, PASSWORD, departement="75", text="Au rez-de-chaussée", follows=0)
    moved = FORGOTTEN._replace(motif="Mes accès")
    publish(acting, renaming(PASSWORD.key, "1", FORGOTTEN))
    publish(acting, renaming(FORGOTTEN.key, "1", moved, ("motif",)))
    with reading(acting.engine) as connection:
        kept = answer_for(connection, moved)
        assert kept is not None
        assert (kept.aloud, kept.version, kept.validated, kept.wording) == ("Avant", 1, True, moved)
        assert paragraphs_for(connection, moved)["75"].text == "Au rez-de-chaussée"
    write_answer(acting, moved, aloud="Après", written="Après", follows=1, is_validated=False)
    write_paragraph(acting, moved, departement="75", text="", follows=1)
    with reading(acting.engine) as connection:
        told = [(one.version, one.wording.sous_motif, one.aloud) for one, _, _ in answer_history(connection, moved)]
        assert told == [(2, moved.sous_motif, "Après"), (1, PASSWORD.sous_motif, "Avant")]
        assert paragraphs_for(connection, moved)["75"].text == ""


def test_the_delivered_answer_says_the_new_name(acting: Acting) -> None:
    publish(acting, renaming(PASSWORD.key, "1", FORGOTTEN))
    with reading(acting.engine) as connection:
        kept = answer_for(connection, FORGOTTEN)
    assert kept is not None
    assert "« Mot de passe oublié »" in kept.written
    assert "Réinitialisation" not in kept.subject


def test_a_name_that_another_one_bore_is_not_given_again(acting: Acting) -> None:
    """Else the new one would write into the other's answer and history."""
    publish(acting, renaming(PASSWORD.key, "1", FORGOTTEN))
    with pytest.raises(ChangeRefused, match="est l’ancien nom de « Mot de passe oublié »"):
        publish(acting, adding("1", PASSWORD))
    publish(acting, renaming(FORGOTTEN.key, "1", PASSWORD))
    assert "Réinitialisation du mot de passe" in names(acting, TODAY)


def test_what_is_merged_keeps_its_own_answer_in_its_own_history(acting: Acting) -> None:
    with writing(acting.engine) as connection:
        before = answer_for(connection, OTHER)
    write_answer(acting, PASSWORD, aloud="Fondu", written="Fondu", follows=0, is_validated=True)
    publish(acting, merging(PASSWORD.key, OTHER.key))
    with reading(acting.engine) as connection:
        assert answer_for(connection, OTHER) == before
        assert [one.aloud for one, _, _ in answer_history(connection, PASSWORD)] == ["Fondu"]


def test_an_entry_is_found_by_its_key_today_and_when_it_is_planned(acting: Acting) -> None:
    publish(acting, renaming(PASSWORD.key, "1", FORGOTTEN), SOON)
    with reading(acting.engine) as connection:
        for wording in (PASSWORD, FORGOTTEN):
            found = find_entry(connection, wording.key, TODAY)
            assert found is not None
            assert found.wording == wording
        assert find_entry(connection, "rien", TODAY) is None
