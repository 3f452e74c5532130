"""A newsletter is made of what was published, is changed and sent once by the national team, and never sent empty."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import insert, select, update

from records.in_force.rules import RuleKind, add_rule
from records.refusals import ChangeRefused, Overtaken
from records.schema.desk_tables import audit
from records.schema.knowledge_tables import articles
from records.schema.written_tables import route_versions
from records.wording import Wording
from support.answers.answering import write_answer
from support.newsletter.news import IssueState, NewsKind
from support.newsletter.publishing import change, draft, drop, say_of_tool, send, take_note_back
from support.newsletter.store import current_draft, issues, read_issue, sending_of
from support.nomenclature.entries import first_nomenclature
from support.nomenclature.publishing import adding, publish_change
from tests.support.newsletter.conftest import CAMILLE, SACHA, Newsroom

FIRST = first_nomenclature().entries[0]


def items(newsroom: Newsroom) -> list[tuple[NewsKind, str]]:
    with newsroom.house.writing() as connection:
        found = current_draft(connection)
    assert found
    return [(item.kind, item.title) for item in found.items]


def test_nothing_published_is_no_newsletter(newsroom: Newsroom) -> None:
    with pytest.raises(ChangeRefused, match="rien à annoncer"):
        draft(newsroom.acting())
    newsroom.post.draft_monthly()
    with newsroom.house.writing() as connection:
        assert issues(connection) == []


def test_what_was_published_is_told_by_kind_each_thing_once(newsroom: Newsroom) -> None:
    """A tool, a rule, an article that is new, changed, retired, and a ready answer written twice."""
    now, acting = newsroom.house.clock(), newsroom.acting()
    newsroom.publish()
    old = now - timedelta(days=90)
    newsroom.article(title="Nouveau")
    for title, more in (("Changé", {}), ("Retiré", {"retired_at": now})):
        number = newsroom.article(title=title, at=old)
        with newsroom.house.writing() as connection:
            connection.execute(update(articles).where(articles.c.id == number).values(changed_at=now, **more))
    newsroom.article(title="Ajouté et retiré aussitôt", retired_at=now)
    newsroom.article(title="Ancien", at=old)
    write_answer(acting, FIRST.wording, aloud="Un.", written="Un.", follows=0, is_validated=True)
    write_answer(acting, FIRST.wording, aloud="Deux.", written="Deux.", follows=1, is_validated=True)
    with newsroom.house.writing() as connection:
        connection.execute(
            insert(route_versions).values(version=1, rules="{}", published_at=now, published_by=SACHA, note="Palier 2")
        )
        period = {"start": now + timedelta(days=30), "end": now + timedelta(days=31)}
        for code in (None, "75"):
            values = {"departement": code, "label": "Pont", **period}
            add_rule(connection, RuleKind.CLOSURE, values, by=SACHA, at=now)
    draft(acting)
    assert items(newsroom) == [
        (NewsKind.TOOL, "Le SI SIAO change de page d’accueil"),
        (NewsKind.RULE, "Les règles qui orientent les demandes écrites ont changé"),
        (NewsKind.RULE, "Assistance fermée du 24 décembre 2026 au 25 décembre 2026"),
        (NewsKind.ARTICLE, "Article mis à jour : Changé"),
        (NewsKind.ARTICLE, "Nouvel article : Nouveau"),
        (NewsKind.ARTICLE, "Article retiré : Retiré"),
        (NewsKind.ANSWER, f"Nouvelle réponse type : {FIRST.wording.sous_motif}"),
    ]


def test_a_new_list_of_motifs_is_told_with_what_it_changes(one_newsroom: Newsroom) -> None:
    acting, day = one_newsroom.acting(), date(2026, 12, 1)
    new = Wording(FIRST.wording.thematique, FIRST.wording.motif, "Un mot nouveau")
    publish_change(acting, adding("1", new), follows=0, valid_from=day)
    draft(acting)
    with one_newsroom.house.writing() as connection:
        found = current_draft(connection)
    assert found
    (item,) = found.items
    assert (item.title, item.text) == (
        "La liste des motifs change à partir du 1er décembre 2026", "Ajouté : Un mot nouveau",
    )  # fmt: skip


def test_a_note_that_was_taken_back_is_not_told(one_newsroom: Newsroom) -> None:
    number = say_of_tool(one_newsroom.acting(), title="Une erreur", text="")
    take_note_back(one_newsroom.acting(), number)
    with pytest.raises(ChangeRefused, match="n’existe plus"):
        take_note_back(one_newsroom.acting(), number)
    with pytest.raises(ChangeRefused, match="rien à annoncer"):
        draft(one_newsroom.acting())


def test_a_draft_takes_in_what_came_since_and_keeps_what_was_written_and_left_out(newsroom: Newsroom) -> None:
    newsroom.publish("Un")
    number = draft(newsroom.acting())
    newsroom.house.clock.advance(hours=1)
    change(newsroom.acting(), number, follows=1, subject="Mon sujet", introduction="Bonjour !", kept=())
    newsroom.publish("Deux")
    newsroom.house.clock.advance(hours=1)
    assert draft(newsroom.acting()) == number
    with newsroom.house.writing() as connection:
        found = read_issue(connection, number)
        assert len(issues(connection)) == 1
    assert found
    assert (found.subject, found.introduction) == ("Mon sujet", "Bonjour !")
    assert [(item.title, item.is_kept) for item in found.items] == [("Un", False), ("Deux", True)]
    assert found.until == newsroom.house.clock()


def test_an_empty_newsletter_is_refused_when_it_is_sent(newsroom: Newsroom) -> None:
    newsroom.publish()
    number = draft(newsroom.acting())
    change(newsroom.acting(), number, follows=1, subject="Rien", introduction="Des mots.", kept=())
    with pytest.raises(ChangeRefused, match="une lettre vide n’est pas envoyée"):
        send(newsroom.acting(), number, follows=2)


def test_a_newsletter_is_sent_once_to_everybody_who_receives_it(newsroom: Newsroom) -> None:
    for name in ("un", "deux", "trois"):
        newsroom.subscribe(f"{name}@asso.example")
    newsroom.ask("jamais-confirme@asso.example")
    newsroom.publish()
    number = draft(newsroom.acting())
    newsroom.box.taken.clear()
    assert send(newsroom.acting(), number, follows=1) == 3
    for _ in range(2):
        with pytest.raises(Overtaken):
            send(newsroom.acting(), number, follows=1)
    newsroom.box.is_away = True
    newsroom.post.send()
    newsroom.box.is_away = False
    newsroom.house.clock.advance(minutes=5)
    for _ in range(3):
        newsroom.post.send()
    assert sorted(mail.to for mail in newsroom.box.taken) == [
        "deux@asso.example", "trois@asso.example", "un@asso.example",
    ]  # fmt: skip
    with newsroom.house.writing() as connection:
        assert sending_of(connection, number) == (3, 0, 0)
        trail = list(connection.scalars(select(audit.c.what).where(audit.c.by == SACHA).order_by(audit.c.id)))
    assert trail[-2:] == ["lettre préparée", "lettre envoyée"]


def test_only_so_many_mails_leave_in_one_round(one_newsroom: Newsroom) -> None:
    for place in range(23):
        one_newsroom.subscribe(f"lecteur-{place}@asso.example")
    one_newsroom.publish()
    send(one_newsroom.acting(), draft(one_newsroom.acting()), follows=1)
    one_newsroom.box.taken.clear()
    one_newsroom.post.send()
    assert len(one_newsroom.box.taken) == 20
    one_newsroom.post.send()
    assert len({mail.to for mail in one_newsroom.box.taken}) == 23


def test_the_next_newsletter_begins_where_the_last_sent_one_ended(newsroom: Newsroom) -> None:
    newsroom.publish("Un")
    send(newsroom.acting(), draft(newsroom.acting()), follows=1)
    newsroom.house.clock.advance(days=3)
    with pytest.raises(ChangeRefused, match="rien à annoncer"):
        draft(newsroom.acting())
    newsroom.publish("Deux")
    draft(newsroom.acting())
    assert items(newsroom) == [(NewsKind.TOOL, "Deux")]


def test_what_a_dropped_draft_told_comes_back(one_newsroom: Newsroom) -> None:
    one_newsroom.publish("Un")
    number = draft(one_newsroom.acting())
    drop(one_newsroom.acting(), number, follows=1)
    with pytest.raises(Overtaken):
        drop(one_newsroom.acting(), number, follows=2)
    assert draft(one_newsroom.acting()) != number
    assert items(one_newsroom) == [(NewsKind.TOOL, "Un")]


def test_two_at_one_draft_meet_as_overtaken(newsroom: Newsroom) -> None:
    newsroom.publish()
    number = draft(newsroom.acting())
    change(newsroom.acting(), number, follows=1, subject="A", introduction="", kept=("tool-1",))
    with pytest.raises(Overtaken):
        change(newsroom.acting(), number, follows=1, subject="B", introduction="", kept=())
    with pytest.raises(Overtaken):
        send(newsroom.acting(), number, follows=1)


@pytest.mark.parametrize(
    ("day", "is_drafted"),
    [(1, True), (2, True)],
    ids=["the first of December 2026 is a Tuesday", "and the day after it is not too late"],
)
def test_each_month_is_drafted_once_from_its_first_open_day_on(
    one_newsroom: Newsroom, day: int, is_drafted: bool
) -> None:
    one_newsroom.publish()
    one_newsroom.house.clock.now = datetime(2026, 12, day, 9, tzinfo=UTC)
    for _ in range(2):
        one_newsroom.post.draft_monthly()
    with one_newsroom.house.writing() as connection:
        found = issues(connection)
    assert len(found) == is_drafted
    one_newsroom.post.send()
    (told,) = one_newsroom.box.taken
    assert (told.to, "/administration/lettres/1" in told.text) == (SACHA, True)
    send(one_newsroom.acting(), 1, follows=1)
    one_newsroom.publish("Encore")
    one_newsroom.house.clock.advance(days=5)
    one_newsroom.post.draft_monthly()
    with one_newsroom.house.writing() as connection:
        assert [one.state for one in issues(connection)] == [IssueState.SENT]


def test_a_holiday_is_no_first_open_day(one_newsroom: Newsroom) -> None:
    """The first of January 2027 is a Friday: drafted on Monday the fourth."""
    one_newsroom.publish()
    for day in (1, 2, 3):
        one_newsroom.house.clock.now = datetime(2027, 1, day, 9, tzinfo=UTC)
        one_newsroom.post.draft_monthly()
    with one_newsroom.house.writing() as connection:
        assert issues(connection) == []
    one_newsroom.publish()
    one_newsroom.house.clock.now = datetime(2027, 1, 4, 9, tzinfo=UTC)
    one_newsroom.post.draft_monthly()
    with one_newsroom.house.writing() as connection:
        assert len(issues(connection)) == 1


def test_camille_is_no_editor(one_newsroom: Newsroom) -> None:
    browser = one_newsroom.house.signed_in(CAMILLE)
    assert browser.get("/administration/lettres").status_code == 404
    assert browser.post("/administration/lettres/brouillon", {}).status_code == 404
