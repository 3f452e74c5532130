"""The editors' list of a month: what serves nobody, what is wrong, what is missing; told by mail once a month."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select

from records.counting.figures import motive_tallies
from records.counting.tally import Scope
from records.desks.acting import Acting
from records.desks.statut import Solved
from records.schema.knowledge_tables import article_report_voices, article_reports, article_sous_motifs, articles
from records.schema.request_tables import requests
from records.schema.tables import deliveries
from records.wording import Wording
from routing.calendar.hours import read_hours
from support.calls.store import Qualification, save_qualification
from support.knowledge.counting import count
from support.knowledge.editors.listing import EditorsPart
from support.knowledge.editors.posting import EditorsPost
from support.knowledge.editors.reading import last_day, month_before, read_list
from support.nomenclature.entries import first_nomenclature
from support.nomenclature.publishing import publish_change, renaming
from tests.support.house import House, open_house, store_call

SACHA = "sacha@siao.example"
OCTOBER = date(2026, 10, 1)
DAY = datetime(2026, 10, 14, 9, tzinfo=UTC)
COVERED, BARE, OTHER = (entry.wording for entry in first_nomenclature().entries[:3])


@dataclass
class Desk:
    """A house of October."""

    house: House
    calls: int = 0
    numbers: dict[str, int] = field(default_factory=dict)

    def article(self, title: str, *about: Wording, **more: Any) -> int:
        """An article that stands."""
        with self.house.writing() as connection:
            row = {
                "title": title, "address": f"https://base.example/{title}", "profiles": "", "summary": "",
                "search_text": "", "added_at": DAY, "changed_at": DAY, "changed_by": SACHA, "link_state": "unknown",
                "link_failures": 0,
            }  # fmt: skip
            query = insert(articles).values(row | more).returning(articles.c.id)
            number = int(connection.execute(query).scalar_one())
            for wording in about:
                connection.execute(insert(article_sous_motifs).values(article_id=number, **wording._asdict()))
        return number

    def call(self, wording: Wording, at: datetime = DAY) -> None:
        """A call that was answered and qualified."""
        self.calls += 1
        call_id = f"CA{self.calls}"
        with self.house.writing() as connection:
            store_call(connection, call_id, started_at=at)
            told = Qualification(call_id, 1, wording, "1", Solved(True, False), "", SACHA, at)
            save_qualification(connection, told)

    def parts(self, first: date = OCTOBER) -> dict[str, EditorsPart]:
        """The list of the month, by part."""
        with self.house.writing() as connection:
            return {part.key: part for part in read_list(connection, first)}

    def lines(self, key: str, first: date = OCTOBER) -> list[tuple[str, int]]:
        """The lines of one part."""
        return [(line.name, line.number) for line in self.parts(first)[key].lines]


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[Desk]:
    made = Desk(open_house(tmp_path, database_url))
    yield made
    made.house.close()


@pytest.fixture
def one_desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(open_house(tmp_path, f"sqlite:///{tmp_path / 'desk.sqlite'}"))
    yield made
    made.house.close()


def shown(connection: Connection, number: int, times: int, yes: int = 0, day: date = OCTOBER) -> None:
    count(connection, [number], place="search", day=day, shown=times, said_yes=yes)
    count(connection, [number], place="form", day=day, shown=1)


def test_an_article_that_was_shown_and_never_said_yes_to_is_listed_by_how_often(desk: Desk) -> None:
    few, many, useful, retired, before = (
        desk.article("Peu"), desk.article("Beaucoup"), desk.article("Utile"), desk.article("Retiré", retired_at=DAY),
        desk.article("En septembre"),
    )  # fmt: skip
    with desk.house.writing() as connection:
        for number, times in ((few, 2), (many, 30), (retired, 50)):
            shown(connection, number, times, day=date(2026, 10, 31))
        shown(connection, useful, 90, yes=1)
        shown(connection, before, 40, day=date(2026, 9, 30))
    assert desk.lines("silencieux") == [("Beaucoup", 31), ("Peu", 3)]


def test_what_was_reported_in_the_month_counts_each_voice(desk: Desk) -> None:
    number = desk.article("Vieux")
    with desk.house.writing() as connection:
        for state, about in (("done", {"article_id": number}), ("open", COVERED._asdict())):
            row = {"state": state, "opened_at": DAY, "due_at": DAY, **about}
            made = connection.execute(insert(article_reports).values(row).returning(article_reports.c.id)).scalar_one()
            voices = [DAY] * (3 if state == "done" else 1)
            voices += [datetime(2026, 10, 31, 23, 30, tzinfo=UTC)]  # November in Paris
            for at in voices:
                line = {"report_id": made, "kind": "obsolete", "text": "Vieux", "at": at}
                connection.execute(insert(article_report_voices).values(line))
    assert desk.lines("signales") == [("Vieux", 3), (COVERED.sous_motif, 1)]
    assert desk.lines("signales", date(2026, 11, 1)) == [(COVERED.sous_motif, 1), ("Vieux", 1)]


def test_sous_motifs_with_calls_and_no_article_are_counted_as_in_the_figures(desk: Desk) -> None:
    desk.article("Couvre", COVERED)
    desk.article("Ne couvre plus", OTHER, retired_at=DAY)
    for wording, times in ((COVERED, 5), (BARE, 3), (OTHER, 2)):
        for _ in range(times):
            desk.call(wording)
    desk.call(BARE, datetime(2026, 9, 30, 9, tzinfo=UTC))
    assert desk.lines("appels") == [(BARE.sous_motif, 3), (OTHER.sous_motif, 2)]
    with desk.house.writing() as connection:
        figures = motive_tallies(connection, Scope(OCTOBER, last_day(OCTOBER)))
    assert {m.sous_motif: m.count for m in figures} == {
        COVERED.sous_motif: 5, BARE.sous_motif: 3, OTHER.sous_motif: 2,
    }  # fmt: skip


def test_a_renamed_sous_motif_is_one_under_its_name_of_today(one_desk: Desk) -> None:
    """Its calls bear the old name, its article as well; another one's calls are summed under the new name."""
    acting = Acting(one_desk.house.engine, SACHA, one_desk.house.clock())
    new = BARE._replace(sous_motif="Un nom plus clair")
    one_desk.article("Couvre sous l’ancien nom", COVERED)
    one_desk.call(BARE)
    for number, (wording, name) in enumerate(((BARE, new), (COVERED, COVERED._replace(sous_motif="Couvert")))):
        act = renaming(wording.key, "1", name)
        publish_change(acting, act, follows=number, valid_from=date(2026, 11, 24))
    one_desk.call(new)
    one_desk.call(COVERED._replace(sous_motif="Couvert"))
    assert one_desk.lines("appels") == [("Un nom plus clair", 2)]


def test_requests_without_an_article_count_whatever_their_channel(desk: Desk) -> None:
    desk.article("Couvre", COVERED)
    with desk.house.writing() as connection:
        for channel, wording in (("form", BARE), ("mail", BARE), ("phone", OTHER), ("form", COVERED)):
            row = {
                "channel": channel, "sender": "user", "departement": "75", "version": 1, "subject": "?",
                "description": "", "niveau": "1", "reply_to": "a@b.example", "desk": "local", "state": "open",
                "created_at": DAY, "created_by": "a@b.example", "due_at": DAY,
            }  # fmt: skip
            connection.execute(insert(requests).values(row | wording._asdict()))
    assert desk.lines("demandes") == [(BARE.sous_motif, 2), (OTHER.sous_motif, 1)]


def test_dead_links_stand_there_with_their_reason(one_desk: Desk) -> None:
    one_desk.article("Mort", link_state="dead", link_failures=2, link_error="Le site répond 404.")
    one_desk.article("Vif", link_state="ok")
    (line,) = one_desk.parts()["liens"].lines
    assert (line.name, line.detail) == ("Mort", "Le site répond 404.")


def test_every_part_says_by_which_definition_it_counts(one_desk: Desk) -> None:
    browser = one_desk.house.signed_in(SACHA)
    one_desk.article("Mort <b>", link_state="dead", link_failures=2, link_error="Le site répond 404.")
    page = browser.get("/administration/articles/liste-du-mois?mois=2026-10").text
    assert "octobre 2026" in page
    assert "Mort &lt;b&gt;" in page
    for part in one_desk.parts().values():
        assert part.definition.replace("'", "&#39;") in page
    assert "mois=2026-09" in page
    assert "mois=2026-11" in page


@pytest.mark.parametrize("typed", ["", "2026-13", "2027-01", "1999-01", "x", "2026-1", "²026-10"])
def test_a_month_that_is_none_is_last_month(one_desk: Desk, typed: str) -> None:
    asked = one_desk.house.signed_in(SACHA).client.get(
        "/administration/articles/liste-du-mois", query_string={"mois": typed}
    )
    assert "Base de connaissances : octobre 2026" in asked.text


def test_the_months_follow_each_other() -> None:
    assert (month_before(date(2026, 1, 31)), last_day(date(2026, 2, 1))) == (date(2025, 12, 1), date(2026, 2, 28))
    assert last_day(date(2026, 12, 1)) == date(2026, 12, 31)


def test_the_list_comes_by_mail_once_a_month_on_the_first_open_day(one_desk: Desk) -> None:
    """January 2027 begins with a holiday and a week-end."""
    one_desk.article("Mort", link_state="dead", link_failures=2)
    post = EditorsPost(
        one_desk.house.engine, one_desk.house.clock, read_hours(""), lambda: [SACHA, "noor@siao.example"],
        "https://ici.example",
    )  # fmt: skip
    owed: list[int] = []
    for day in (1, 3, 4, 5, 20):
        one_desk.house.clock.now = datetime(2027, 1, day, 8, tzinfo=UTC)
        post.owe()
        with one_desk.house.writing() as connection:
            owed.append(len(connection.execute(select(deliveries)).all()))
    assert owed == [0, 0, 2, 2, 2]
    with one_desk.house.writing() as connection:
        text = str(connection.execute(select(deliveries.c.text)).scalars().first())
    assert "https://ici.example/administration/articles/liste-du-mois?mois=2026-12" in text
    assert "Liens rompus : 1" in text
    one_desk.house.clock.advance(days=20)
    post.owe()
    with one_desk.house.writing() as connection:
        assert len(connection.execute(select(deliveries)).all()) == 4
