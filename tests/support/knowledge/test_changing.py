"""The directory of articles changes, by one verb each; the nomenclature changes under it; on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Engine, select

from records.database import reading
from records.refusals import ChangeRefused
from records.schema.desk_tables import audit
from records.wording import Wording
from support.knowledge.articles import MOST_SOUS_MOTIFS, Article, ArticleText
from support.knowledge.changing import mark_checked, restore_article, retire_article, text_of, write_article
from support.knowledge.finding import best_articles, search
from support.knowledge.rewriting import Rewriting
from support.knowledge.store import all_articles, read_article, search_texts
from support.knowledge.synonyms import add_synonyms, remove_synonyms
from support.nomenclature.entries import first_nomenclature
from support.nomenclature.publishing import merging, publish_change, renaming, retiring
from support.nomenclature.words import write_words
from tests.support.house import NOW
from tests.support.knowledge.sample import acting, with_sample

PASSWORD, LINK = (
    next(one.wording for one in first_nomenclature().entries if one.wording.sous_motif.startswith(name))
    for name in ("Réinit", "Lien")
)
TODAY = date(2026, 11, 24)
ONE = ArticleText(
    "Le sésame", "https://connaissances.example/sesame", ("hebergement",), (PASSWORD,), "Tout sur la clé."
)


def read(engine: Engine, number: int) -> Article:
    with reading(engine) as connection:
        found = read_article(connection, number)
    assert found is not None
    return found


def titles(engine: Engine, typed: str, **more: str) -> list[str]:
    with reading(engine) as connection:
        return [one.title for one in search(connection, typed, **more)]


def of(engine: Engine, wording: Wording) -> list[str]:
    with reading(engine) as connection:
        return [one.title for one in best_articles(connection, wording=wording)]


def trail(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return list(connection.scalars(select(audit.c.what).order_by(audit.c.id)))


def test_an_article_is_added_changed_verified_retired_and_put_back_each_with_its_line(engine: Engine) -> None:
    number = write_article(acting(engine), ONE)
    changed = replace(ONE, title="Le mot de passe", address="https://Connaissances.Example/sesame")
    write_article(acting(engine), changed, number=number, seen=read(engine, number).version)
    assert read(engine, number).address == ONE.address
    mark_checked(acting(engine), number)
    assert read(engine, number).checked_on == TODAY
    retire_article(acting(engine), number)
    assert titles(engine, "sésame clé") == []
    restore_article(acting(engine), number)
    assert titles(engine, "clé") == ["Le mot de passe"]
    assert trail(engine) == ["article ajouté", "article modifié", "article vérifié", "article retiré", "article remis"]


def test_of_two_who_change_an_article_at_once_the_second_is_told(engine: Engine) -> None:
    number = write_article(acting(engine), ONE)
    seen = read(engine, number).version
    later = replace(acting(engine), at=NOW.replace(hour=11))
    write_article(later, replace(ONE, title="Le premier"), number=number, seen=seen)
    with pytest.raises(ChangeRefused) as refused:
        write_article(later, replace(ONE, title="Le second"), number=number, seen=seen)
    assert refused.value.field == "version"
    assert read(engine, number).title == "Le premier"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"title": "Un autre"}, "adresse"),
        ({"address": "javascript:alert(1)"}, "adresse"),
        ({"address": f"{ONE.address}/b", "sous_motifs": (PASSWORD._replace(motif="Ailleurs"),)}, "sous_motifs"),
        (
            {"sous_motifs": tuple(one.wording for one in first_nomenclature().entries[: MOST_SOUS_MOTIFS + 1])},
            "sous_motifs",
        ),
    ],
)
def test_what_cannot_stand_is_refused_and_nothing_is_kept(engine: Engine, given: dict, field: str) -> None:
    """An address that is taken, or none; a sous-motif that is not of its motif; too many."""
    write_article(acting(engine), ONE)
    with pytest.raises(ChangeRefused) as refused:
        write_article(acting(engine), replace(ONE, **given))
    assert refused.value.field == field
    with reading(engine) as connection:
        assert len(all_articles(connection, retired=True)) == 1


def test_a_retired_article_of_the_same_address_is_named(engine: Engine) -> None:
    number = write_article(acting(engine), ONE)
    retire_article(acting(engine), number)
    with pytest.raises(ChangeRefused, match="remettez-le"):
        write_article(acting(engine), ONE)


def test_a_renamed_sous_motif_keeps_its_articles_and_a_merged_one_gives_them(engine: Engine) -> None:
    write_article(acting(engine), ONE)
    new = PASSWORD._replace(sous_motif="Talisman perdu")
    publish_change(acting(engine), renaming(PASSWORD.key, "1", new), follows=0, valid_from=TODAY)
    assert of(engine, new) == of(engine, PASSWORD) == ["Le sésame"]
    assert titles(engine, "talisman") == []
    Rewriting(engine, lambda: NOW).work()
    assert titles(engine, "talisman") == ["Le sésame"]
    publish_change(acting(engine), merging(new.key, LINK.key), follows=1, valid_from=TODAY)
    assert of(engine, LINK) == ["Le sésame"]
    publish_change(acting(engine), retiring(LINK.key), follows=2, valid_from=TODAY)
    Rewriting(engine, lambda: NOW).work()
    assert titles(engine, "clé") == ["Le sésame"]


def test_words_that_callers_say_find_the_article_once_they_are_written(engine: Engine) -> None:
    write_article(acting(engine), ONE)
    job = Rewriting(engine, lambda: NOW)
    job.work()
    write_words(acting(engine), PASSWORD.key, "cornemuse enrouée", follows=0)
    job.work()
    assert titles(engine, "cornemuse") == ["Le sésame"]
    with reading(engine) as connection:
        before = search_texts(connection)
    job.work()
    with reading(engine) as connection:
        assert search_texts(connection) == before


def test_synonyms_count_at_once_and_no_more_when_they_are_taken_back(engine: Engine) -> None:
    with_sample(engine)
    assert titles(engine, "zigouigoui") == []
    number = add_synonyms(acting(engine), "zigouigoui, mot de passe")
    assert titles(engine, "zigouigoui")[0] == "Choisir un nouveau mot de passe"
    add_synonyms(acting(engine), "trouver chaussure ; renforts")
    assert titles(engine, "trouver une chaussure")[0] == "Renforts d’hiver et places temporaires"
    remove_synonyms(acting(engine), number)
    assert titles(engine, "zigouigoui") == []
    with pytest.raises(ChangeRefused):
        remove_synonyms(acting(engine), number)


@pytest.mark.parametrize("typed", ["", "un seul", "le, la, les", "a" * 501, "Renfort, Trouver  chaussure"])
def test_synonyms_that_say_nothing_are_refused(engine: Engine, typed: str) -> None:
    add_synonyms(acting(engine), "trouver chaussure, renfort")
    with pytest.raises(ChangeRefused) as refused:
        add_synonyms(acting(engine), typed)
    assert refused.value.field == "mots"


def test_an_article_for_another_profile_comes_later(engine: Engine) -> None:
    write_article(acting(engine), replace(ONE, profiles=("operateur-siao",)))
    write_article(acting(engine), replace(ONE, title="Sésame", address=f"{ONE.address}/2"))
    assert titles(engine, "sésame", profile="hebergement")[0] == "Sésame"
    assert titles(engine, "sésame", profile="operateur-siao")[0] == "Le sésame"


def test_what_is_written_of_an_article_is_what_was_given(engine: Engine) -> None:
    assert text_of(read(engine, write_article(acting(engine), ONE))) == ONE
