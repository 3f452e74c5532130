"""The knowledge base as anybody meets it, without script: search, profiles, yes and no, the way out."""

from __future__ import annotations

from sqlalchemy import select

from records.database import reading
from records.schema.knowledge_tables import article_counts
from support.knowledge.changing import retire_article
from support.knowledge.store import all_articles
from tests.support.house import Browser, House
from tests.support.knowledge.sample import acting, with_sample

PASSWORD = "Choisir un nouveau mot de passe"


def stranger(house: House) -> Browser:
    return Browser(house.app.test_client())


def number_of(house: House, title: str) -> int:
    with reading(house.engine) as connection:
        return next(one.id for one in all_articles(connection, retired=True) if one.title == title)


def counted(house: House) -> list[tuple[str, int, int, int, int]]:
    table = article_counts.c
    with reading(house.engine) as connection:
        rows = connection.execute(select(article_counts).order_by(table.article_id, table.place))
        return [(row.place, row.shown, row.opened, row.said_yes, row.said_no) for row in rows]


def test_a_stranger_finds_an_article_by_his_own_words(house: House) -> None:
    with_sample(house.engine)
    page = stranger(house).get("/connaissances?q=mdp oublié").text
    assert PASSWORD in page
    assert page.index(PASSWORD) < page.index("Vérifié le")
    assert "noindex" in page


def test_each_profile_has_its_articles_under_the_thematiques(house: House) -> None:
    with_sample(house.engine)
    browser = stranger(house)
    assert "Gestionnaire local" in browser.get("/connaissances").text
    managers = browser.get("/connaissances?profil=gestionnaire-local").text
    assert "Élargir ou réduire les droits" in managers
    assert "Le tour de l’outil" not in managers
    assert "Le tour de l’outil" in browser.get("/connaissances?profil=tous").text
    assert browser.get("/connaissances?profil=roi").status_code == 200


def test_whoever_is_signed_in_meets_the_same_page_with_his_menu(house: House) -> None:
    assert 'href="/a-faire"' not in stranger(house).get("/connaissances").text
    page = house.signed_in().get("/connaissances").text
    assert 'href="/a-faire"' in page
    assert 'aria-current="page">Connaissances' in page


def test_a_search_without_result_says_so_and_hostile_text_is_text(house: House) -> None:
    with_sample(house.engine)
    for typed in (
        "zzzzqqq",
        '" OR * NEAR( <b>x</b> \x00',
        "'; drop table articles; --",
        "a:b & ! | <-> ''",
        "mot " * 10_000,
    ):
        answer = stranger(house).client.get("/connaissances", query_string={"q": typed})
        assert answer.status_code in {200, 414}
        assert "<b>x</b>" not in answer.text
    assert "Aucun article ne répond" in stranger(house).get("/connaissances?q=zzzzqqq").text


def test_what_looks_like_personal_data_is_pointed_at(house: House) -> None:
    assert "donnée personnelle" in stranger(house).get("/connaissances?q=mme dupont 01 99 00 12 34").text


def test_an_article_is_left_for_at_its_address_and_nowhere_else(house: House) -> None:
    with_sample(house.engine)
    number = number_of(house, PASSWORD)
    browser = stranger(house)
    answer = browser.get(f"/connaissances/{number}?de=https://ailleurs.example/")
    assert answer.location == "https://connaissances.example/articles/nouveau-mot-de-passe"
    retire_article(acting(house.engine), number)
    assert browser.get(f"/connaissances/{number}").status_code == 404
    assert browser.get("/connaissances/99999").status_code == 404
    assert browser.get(f"/connaissances/{2**70}").status_code == 404


def test_a_visitor_is_counted_once_and_a_robot_never(house: House) -> None:
    with_sample(house.engine)
    number = number_of(house, PASSWORD)
    for _ in range(3):
        stranger(house).get("/connaissances?q=mdp oublié")
        stranger(house).get(f"/connaissances/{number}")
    assert counted(house) == []
    browser = stranger(house)
    browser.get("/connaissances")
    for _ in range(2):
        browser.get("/connaissances?q=sésame mdp")
        browser.get(f"/connaissances/{number}?de=search")
    assert ("search", 1, 1, 0, 0) in counted(house)


def test_yes_is_counted_once_and_leads_back_to_the_same_results(house: House) -> None:
    with_sample(house.engine)
    number = number_of(house, PASSWORD)
    browser = stranger(house)
    said = {"avis": "oui", "de": "search", "q": "mdp", "profil": ""}
    for _ in range(2):
        answer = browser.post(f"/connaissances/{number}/avis", said)
        assert (answer.status_code, answer.location) == (303, f"/connaissances?q=mdp#article-{number}")
    assert counted(house) == [("search", 0, 0, 1, 0)]
    assert "Merci, c’est noté" in browser.get("/connaissances?q=mdp").text
    assert browser.post(f"/connaissances/{number}/avis", {"avis": "peut-être"}).status_code == 400
    fragment = stranger(house).post(f"/connaissances/{number}/avis", said | {"avis": "non"}, HX_Request="true")
    assert "l’article sera relu" in fragment.text
    assert [line for line in counted(house) if line[3:] != (0, 0)] == [("search", 1, 0, 1, 1)]


def test_results_as_one_types_are_a_fragment_and_count_nothing(house: House) -> None:
    with_sample(house.engine)
    browser = stranger(house)
    browser.get("/connaissances")
    piece = browser.get("/connaissances?q=mdp", HX_Request="true").text
    assert PASSWORD in piece
    assert "<html" not in piece
    assert counted(house) == []
