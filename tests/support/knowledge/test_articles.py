"""Articles are kept, found by their sous-motif, and counted; on SQLite and PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Engine

from records.database import reading, writing
from records.refusals import ChangeRefused
from records.wording import Wording
from support.knowledge.articles import ArticleText, checked, checked_address
from support.knowledge.counting import count
from support.knowledge.finding import best_articles
from support.knowledge.store import add_article, candidates, counts_between, read_article
from tests.support.house import NOW

PASSWORD = Wording("Accès et authentification", "Problème de connexion au SI SIAO", "Réinitialisation du mot de passe")
TODAY = NOW.date()
ONE = ArticleText(
    "Choisir un nouveau mot de passe", "https://connaissances.example/mot-de-passe", ("hebergement",), (PASSWORD,),
    "Le lien de réinitialisation, étape par étape.", date(2026, 11, 2),
)  # fmt: skip


def add(engine: Engine, text: ArticleText, words: str = "") -> int:
    with writing(engine) as connection:
        number = add_article(connection, text, words, by="test", at=NOW)
    assert number is not None
    return number


def test_an_article_is_kept_as_it_was_written(engine: Engine) -> None:
    number = add(engine, ONE)
    with reading(engine) as connection:
        kept = read_article(connection, number)
    assert kept is not None
    assert (kept.title, kept.profiles, kept.sous_motifs) == (ONE.title, ONE.profiles, ONE.sous_motifs)
    assert (kept.checked_on, kept.link_state, kept.retired_at) == (ONE.checked_on, "unknown", None)


def test_an_address_stands_once(engine: Engine) -> None:
    add(engine, ONE)
    with writing(engine) as connection:
        assert add_article(connection, ONE, "", by="test", at=NOW) is None


def test_the_articles_of_a_sous_motif_are_found_those_of_the_profile_first(engine: Engine) -> None:
    add(engine, ONE)
    other = add(engine, replace(ONE, title="Autre", address="https://connaissances.example/autre", profiles=()))
    add(engine, replace(ONE, address="https://connaissances.example/ailleurs", sous_motifs=()))
    with reading(engine) as connection:
        found = best_articles(connection, wording=PASSWORD, profile="premier-accueil")
    assert found[0].id == other
    assert len(found) == 2


def test_what_is_counted_adds_up(engine: Engine) -> None:
    number = add(engine, ONE)
    for _ in range(2):
        with writing(engine) as connection:
            count(connection, [number], place="form", day=TODAY, shown=1)
            count(connection, [number], place="search", day=TODAY, opened=1, said_yes=1)
    with reading(engine) as connection:
        everywhere = counts_between(connection, TODAY, TODAY)[number]
        form = counts_between(connection, TODAY, TODAY, ["form"])[number]
    assert (everywhere.shown, everywhere.opened, everywhere.said_yes, everywhere.said_no) == (2, 2, 2, 0)
    assert (form.shown, form.opened) == (2, 0)


def test_each_database_finds_the_articles_that_have_a_stem(engine: Engine) -> None:
    number = add(engine, ONE, "mot pass 115 reinitialis")
    with reading(engine) as connection:
        assert candidates(connection, ["115", "zzz"]) == {number}
        assert candidates(connection, ["zzz"]) == set()
        assert candidates(connection, ['" OR *', "NEAR(", "\x00", "é"]) == set()


@pytest.mark.parametrize(
    "typed",
    [
        "", "javascript:alert(1)", "ftp://connaissances.example/a", "//connaissances.example", "/interne", "https://",
        "https://camille:secret@connaissances.example/", "https://connaissances.example\\@ailleurs.example/",
        "https://localhost/", "https://connaissances.example/a b", "https://connaissances.example/\n", "http://[::1",
        "data:text/html,x", "https://connaissances.example:99999/", "https://connaissances.example/" + "a" * 500,
    ],
)  # fmt: skip
def test_an_address_that_is_no_page_of_a_site_is_refused(typed: str) -> None:
    if typed.endswith("\n"):
        assert checked_address(typed) == typed.strip()
        return
    with pytest.raises(ChangeRefused) as refused:
        checked_address(typed)
    assert refused.value.field == "adresse"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"title": " "}, "titre"), ({"profiles": ("prince",)}, "profils"), ({"summary": "a" * 601}, "resume"),
        ({"checked_on": date(2027, 1, 1)}, "verifie_le"),
    ],
)  # fmt: skip
def test_what_cannot_stand_is_refused_at_its_field(given: dict, field: str) -> None:
    with pytest.raises(ChangeRefused) as refused:
        checked(replace(ONE, **given), TODAY)
    assert refused.value.field == field
