"""Finding a sous-motif by what callers say: the phrases written beforehand, and what the engine forgives."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from records.database import reading, writing
from records.desks.acting import Acting
from records.refusals import ChangeRefused
from records.wording import Entry, Wording
from support.answers.answering import write_answer
from support.nomenclature.entries import first_nomenclature
from support.nomenclature.publishing import publish_change, renaming, today
from support.nomenclature.searching import Sought, build_index, find
from support.nomenclature.words import first_words, read_phrases, words_of, write_words
from tests.support.finding import HELD_OUT, WRITTEN_FIRST, delivered, sentences, share_found
from tests.support.house import NOW, House

PASSWORD = next(e.wording for e in first_nomenclature().entries if e.wording.sous_motif.startswith("Réinit"))


def names(typed: str, limit: int = 8) -> list[str]:
    return [entry.wording.sous_motif for entry in find(delivered(), typed, limit)]


def test_the_right_sous_motif_is_among_the_first_three_for_nine_phrases_of_ten() -> None:
    print(f"{share_found(WRITTEN_FIRST):.0%} of the first, {share_found(HELD_OUT):.0%} of the held out")
    assert share_found(WRITTEN_FIRST) >= 0.9


@pytest.mark.parametrize("typed", [one.typed for one in sentences(WRITTEN_FIRST)[:5]])
def test_what_found_nothing_before_is_found_among_the_first_three(typed: str) -> None:
    assert next(one.rank for one in sentences(WRITTEN_FIRST) if one.typed == typed) in {1, 2, 3}


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("mot de pa", "Réinitialisation du mot de passe"),
        ("mot de pa…", "Réinitialisation du mot de passe"),
        ("reinitialisaton", "Réinitialisation du mot de passe"),
        ("MDP", "Réinitialisation du mot de passe"),
        ("dysfonctionement", "Dysfonctionnement"),
        ("lien de conexion", "Lien de connexion non reçu"),
        ("place ephemere", "Gestion des places éphémères"),
        ("a completer", "Demande « à compléter »"),
        ("fusion ménaje", "Fusion des ménages"),
        ("notif", "Gestion des notifications"),
        ("export", "Réaliser une extraction"),
        ("sarrete narrive pas a se connecter sur le xylophone", "Accès au compte"),
    ],
)
def test_what_people_type_finds_the_sous_motif_first(typed: str, expected: str) -> None:
    """Unfinished, without accents or apostrophes, with typing errors, with words too many, or by another name."""
    assert names(typed)[0] == expected


@pytest.mark.parametrize("typed", ["", "   ", "…", "de la", "zzzzz", "xylophone", "a" * 100, "%_'\"\\<script>"])
def test_what_means_nothing_finds_nothing(typed: str) -> None:
    assert names(typed) in ([], names("script"))


def test_every_sous_motif_is_found_by_its_own_name() -> None:
    """Among the first eight, even where several share a name."""
    missed = [
        entry.wording
        for entry in first_nomenclature().entries
        if entry not in find(delivered(), f"{entry.wording.sous_motif} {entry.wording.thematique}")
    ]
    assert missed == []


def test_every_sous_motif_is_found_by_each_of_its_phrases() -> None:
    """Among the first three, but for a few that fit several."""
    said = [(entry, phrase) for entry in first_nomenclature().entries for phrase in first_words()[entry.wording]]
    missed = [phrase for entry, phrase in said if entry not in find(delivered(), phrase, limit=3)]
    assert len(missed) <= len(said) / 50, missed


def test_a_rare_word_weighs_more_than_one_that_is_everywhere() -> None:
    listed = [Wording("Thème", "Motif", name) for name in ("Une demande", "Une demande rare", "Une demande de plus")]
    index = build_index(Sought(Entry("1", wording)) for wording in listed)
    assert find(index, "demande rare")[0].wording == listed[1]


def test_an_empty_list_is_searched_without_a_fault() -> None:
    assert find(build_index([]), "mot de passe") == []


def test_there_are_words_for_every_sous_motif_and_none_for_another() -> None:
    assert set(first_words()) == {entry.wording for entry in first_nomenclature().entries}
    assert all(read_phrases("\n".join(phrases)) == phrases for phrases in first_words().values())


# ---------------------------------------------------------------- what the national team writes


def acting(engine: Engine) -> Acting:
    return Acting(engine, "sacha@siao.example", NOW)


def test_a_word_that_the_national_team_adds_finds_its_sous_motif_at_once(house: House) -> None:
    sacha, camille = house.signed_in("sacha@siao.example"), house.signed_in()
    search = "/nomenclature/recherche?q=sésame%20égaré"
    assert "Réinitialisation" not in camille.get(search).text
    page = f"/administration/nomenclature/{PASSWORD.key}/mots"
    assert "mot de passe oublié" in sacha.get(page).text
    assert sacha.post(page, {"version": "0", "words": "sésame égaré\n\nSesame egare\n"}).status_code == 303
    assert "Réinitialisation" in camille.get(search).text
    assert "1 expression" in sacha.get(page).text
    again = sacha.post(page, {"version": "0", "words": "autre chose"})
    assert (again.status_code, "autre chose" in again.text, "sésame égaré" in again.text) == (409, True, True)


def test_a_changed_ready_answer_is_searched_as_well(house: House) -> None:
    camille, search = house.signed_in(), "/nomenclature/recherche?q=cornemuse"
    assert PASSWORD.sous_motif not in camille.get(search).text
    write_answer(acting(house.engine), PASSWORD, aloud="Une cornemuse.", written="Texte", follows=0, is_validated=True)
    assert PASSWORD.sous_motif in camille.get(search).text


def test_a_renamed_sous_motif_keeps_its_words(engine: Engine) -> None:
    new = PASSWORD._replace(sous_motif="Sésame")
    write_words(acting(engine), PASSWORD.key, "clé perdue", follows=0)
    publish_change(
        acting(engine), renaming(PASSWORD.key, "1", new), follows=0, valid_from=today(acting(engine))
    )  # fmt: skip
    with reading(engine) as connection:
        assert words_of(connection, new).phrases == ("clé perdue",)
    assert write_words(acting(engine), new.key, "clé perdue\nclé volée", follows=1) == 2
    with reading(engine) as connection:
        assert words_of(connection, new).phrases == ("clé perdue", "clé volée")


def test_a_sous_motif_renamed_before_anybody_wrote_keeps_the_words_as_delivered(house: House) -> None:
    new = PASSWORD._replace(sous_motif="Sésame")
    publish_change(
        acting(house.engine), renaming(PASSWORD.key, "1", new), follows=0, valid_from=today(acting(house.engine))
    )  # fmt: skip
    assert "Sésame" in house.signed_in().get("/nomenclature/recherche?q=mdp").text


def test_of_two_who_write_at_once_the_second_is_told(engine: Engine) -> None:
    write_words(acting(engine), PASSWORD.key, "un", follows=0)
    with pytest.raises(ChangeRefused) as refused:
        write_words(acting(engine), PASSWORD.key, "deux", follows=0)
    assert refused.value.field == "version"


@pytest.mark.parametrize("typed", ["a" * 101, "\n".join(f"mot {number}" for number in range(201))])
def test_too_long_and_too_many_are_refused(typed: str) -> None:
    with pytest.raises(ChangeRefused):
        read_phrases(typed)


def test_no_phrase_at_all_may_be_written(engine: Engine) -> None:
    assert write_words(acting(engine), PASSWORD.key, " \n\t\n", follows=0) == 1
    with writing(engine) as connection:
        assert words_of(connection, PASSWORD).phrases == ()
