"""Articles are found by what people type: alike by both databases, and the right one among the first three."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from records.database import open_database, reading
from records.schema.migrations import migrate
from support.knowledge.analyser import FoundBy, findable, search_text, tokens
from support.knowledge.finding import best_articles, search
from support.knowledge.store import all_articles, candidates
from support.nomenclature.entries import first_nomenclature
from tests.support.knowledge.judging import questions
from tests.support.knowledge.sample import with_sample

HOSTILE = (
    '" OR * NEAR(', "\x00", "a:b & ! | <-> ''", "'; drop table articles; --", "%", "\\", "(", "é" * 300,
    "mot " * 10_000, "search_text:mot", "^mot", "mot*", "-mot", "NOT mot", "{mot}", "\ud83d\ude00", "١٢٣",
)  # fmt: skip


@pytest.fixture
def both(tmp_path: Path, empty_postgres: str) -> Iterator[list[Engine]]:
    """The delivered sample in a database of each kind."""
    engines = [open_database(url) for url in (f"sqlite:///{tmp_path / 'svi.sqlite'}", empty_postgres)]
    for engine in engines:
        migrate(engine)
        with_sample(engine)
    yield engines
    for engine in engines:
        engine.dispose()


def found(engine: Engine, typed: str) -> list[str]:
    with reading(engine) as connection:
        return [one.address for one in search(connection, typed)]


def test_both_databases_find_the_same_articles_in_the_same_order(both: list[Engine]) -> None:
    """For fifty questions and for hostile ones, which no database reads as a query."""
    typed = [*(one.typed for one in questions()), *HOSTILE]
    assert len(typed) >= 50 + len(HOSTILE)
    answers = [[found(engine, each) for each in typed] for engine in both]
    assert answers[0] == answers[1]
    assert all(answers[0][: len(questions())])


def test_the_right_article_is_among_the_first_three_for_nine_questions_of_ten(engine: Engine) -> None:
    with_sample(engine)
    with reading(engine) as connection:
        ranks = [one.rank(connection) for one in questions()]
    share = sum(1 <= rank <= 3 for rank in ranks) / len(ranks)
    print(f"{share:.0%} among the first three, {sum(rank == 1 for rank in ranks)} of {len(ranks)} first")
    assert share >= 0.9


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("MDP", "Choisir un nouveau mot de passe"),
        ("mot de pa", "Choisir un nouveau mot de passe"),
        ("grand froid", "Renforts d’hiver et places temporaires"),
        ("webinnaire", "Vidéos, ateliers et webinaires pour progresser"),
        ("RGPD", "Demander l’autorisation d’extraire des données personnelles"),
        ("reunir deux dossier", "Deux dossiers pour la même famille : les réunir"),
    ],
)
def test_what_people_type_finds_the_article_first(engine: Engine, typed: str, title: str) -> None:
    """By its title, its summary, its sous-motif and what callers say; unfinished, mistyped, without accents."""
    with_sample(engine)
    with reading(engine) as connection:
        assert search(connection, typed)[0].title == title


@pytest.mark.parametrize("typed", ["", "   ", "…", "de la", "qqqqqq", "🙂"])
def test_what_means_nothing_finds_nothing(engine: Engine, typed: str) -> None:
    with_sample(engine)
    with reading(engine) as connection:
        assert search(connection, typed) == []


def test_every_sous_motif_but_those_without_article_has_its_best_articles(engine: Engine) -> None:
    with_sample(engine)
    with reading(engine) as connection:
        best = {one.wording: best_articles(connection, wording=one.wording) for one in first_nomenclature().entries}
        assert {wording for wording, articles in best.items() if not articles} == set()
        assert len(best_articles(connection, profile="premier-accueil", limit=5)) == 5
        assert len(best_articles(connection, typed="ménage demande place")) == 3
        assert len(all_articles(connection)) == 50


def test_every_article_is_found_by_its_own_title(engine: Engine) -> None:
    with_sample(engine)
    with reading(engine) as connection:
        missed = [one.title for one in all_articles(connection) if one not in search(connection, one.title)[:3]]
    assert missed == []


def test_the_databases_index_what_the_analyser_writes(engine: Engine) -> None:
    with_sample(engine)
    with reading(engine) as connection:
        assert len(candidates(connection, ["froid"])) == 1
        assert candidates(connection, ["qqqqqq"]) == set()


def test_the_analyser_writes_stems_that_it_reads_back() -> None:
    text = search_text(FoundBy("L’été : œuvres à réaliser", "Des ménages.", ["mots de passe oubliés"], ["Motif"]))
    one, spelled = findable(text)
    assert one.weights["oeuvr"] == 1.0
    assert one.weights["menag"] == 0.5
    assert frozenset({"mot", "pass", "oubl"}) in one.phrases
    assert spelled["oeuvres"] == "oeuvr"
    assert all(mark.isascii() for mark in text)
    assert search_text(FoundBy("Autre")) != text
    assert tokens("a@b.example 115") == ["a", "b", "example", "115"]
