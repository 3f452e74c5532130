"""The published quality: definitions for anybody, figures by a switch, and no small figure to be found in them."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from html import unescape
from io import StringIO
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.counting.tally import Tally
from reports.figures.definitions import DEFINITIONS
from reports.figures.quality import ABOUT, COLUMNS, LEAST, LEAST_HIDDEN, closed_months, publication
from tests.support.house import House, open_house, store_call

TODAY = date(2026, 11, 24)
OCTOBER = date(2026, 10, 1)
Found = dict[tuple[str | None, date], Tally]
CODES = ("01", "02", "2A", "971", "75")


@st.composite
def tallies(draw: st.DrawFn) -> Tally:
    """The sums of any month: few or many calls, of the line alone or typed by hand too."""
    most = draw(st.sampled_from([0, 3, 12, 60]))
    received = draw(st.integers(0, most))
    answered = draw(st.integers(0, received))
    soon = draw(st.integers(0, answered))
    treated = answered + draw(st.integers(0, most))
    known = draw(st.integers(0, treated))
    said, escalation = draw(st.integers(0, known)), draw(st.integers(0, known))
    return Tally(
        treated=treated, talk_known=known, talk_seconds=known * 240, qualified=known,
        resolution_known=said, resolved=draw(st.integers(0, said)),
        escalation_known=escalation, escalated=draw(st.integers(0, escalation)),
        received=received, received_answered=answered, answered_soon=soon, waits={20: received} if received else {},
    )  # fmt: skip


def told(values: Mapping[str, float]) -> dict[str, int]:
    """The numbers of calls that a reader works out of one line: shares are shares of the calls received."""
    found = {name: round(values[name]) for name in ("recus", "nombre_appels") if name in values}
    for name in ("taux_decroche", "taux_60_secondes"):
        if name in values:
            found[name] = round(values[name] * values["recus"])
    return found


@given(st.lists(tallies(), min_size=len(CODES), max_size=len(CODES)))
def test_no_figure_below_five_is_shown_nor_found_by_subtraction(months: list[Tally]) -> None:
    """Within a line, each number and each difference of two; across lines, France less what is shown."""
    by_code = dict(zip(CODES, months, strict=True))
    [published] = publication({(code, OCTOBER): tally for code, tally in by_code.items()}, CODES, TODAY)
    for values in (*published.departements.values(), published.france):
        numbers = told(values)
        assert all(number >= LEAST for number in numbers.values())
        assert all(one == other or abs(one - other) >= LEAST for one, other in combinations(numbers.values(), 2))
    for name, of_france in told(published.france).items():
        shown = {code: numbers[name] for code in CODES if name in (numbers := told(published.departements[code]))}
        left, hidden = of_france - sum(shown.values()), len(CODES) - len(shown)
        assert not shown or (left, hidden) == (0, 0) or (left >= LEAST_HIDDEN and hidden > 1)


@given(tallies())
def test_a_share_counts_five_calls_and_leaves_none_or_five(tally: Tally) -> None:
    [published] = publication({("75", OCTOBER): tally}, ("75",), TODAY)
    shown = published.departements["75"]
    for name, part, whole in (
        ("taux_resolution", tally.resolved, tally.resolution_known),
        ("taux_escalade", tally.escalated, tally.escalation_known),
        ("taux_decroche", tally.received_answered, tally.received),
    ):
        assert name not in shown or (part >= LEAST and (part == whole or whole - part >= LEAST))
    assert "duree_moyenne_secondes" not in shown or tally.talk_known >= LEAST


def test_a_small_departement_takes_another_one_with_it() -> None:
    """Without it, France less the others would be the small one."""
    found: Found = {
        ("01", OCTOBER): Tally(received=3),
        ("02", OCTOBER): Tally(received=20),
        ("75", OCTOBER): Tally(received=90),
    }
    [published] = publication(found, ("01", "02", "75"), TODAY)
    assert published.france["recus"] == 113
    assert {code: values.get("recus") for code, values in published.departements.items()} == {
        "01": None, "02": None, "75": 90,
    }  # fmt: skip


def test_where_nobody_else_is_large_enough_france_alone_is_shown() -> None:
    found: Found = {("01", OCTOBER): Tally(received=3), ("75", OCTOBER): Tally(received=6)}
    [published] = publication(found, ("01", "75"), TODAY)
    assert published.france["recus"] == 9
    assert not any("recus" in values for values in published.departements.values())


@pytest.mark.parametrize(
    ("today", "last"),
    [
        (date(2026, 11, 30), date(2026, 10, 1)),
        (date(2026, 12, 1), date(2026, 10, 1)),
        (date(2026, 12, 2), date(2026, 11, 1)),
    ],
)
def test_a_month_is_published_once_it_is_over_everywhere(today: date, last: date) -> None:
    """On the first of a month, it is still the last one in Papeete."""
    months = closed_months([date(2026, 3, 1), date(2026, 12, 1)], today)
    assert (months[0], months[-1]) == (date(2026, 3, 1), last)
    assert len(months) == last.month - 2


def test_every_figure_of_the_house_has_its_whole_definition() -> None:
    assert set(ABOUT) == {definition.name for definition in DEFINITIONS}
    for definition in DEFINITIONS:
        about = ABOUT[definition.name]
        assert about.source
        assert about.leaves_out
        assert bool(about.starts) == bool(about.stops)
        is_timed = definition.shown_as == "duration" or "60 secondes" in definition.meaning
        assert bool(about.starts) == is_timed, definition.name


# ---------------------------------------------------------------- the page and the file


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[House]:
    made = open_house(tmp_path, f"sqlite:///{tmp_path / 'desk.sqlite'}")
    yield made
    made.close()


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[House]:
    made = open_house(tmp_path, database_url, public_quality=True)
    with made.writing() as connection:
        for number in range(40):
            started = datetime(2026, 9, 1, 9, tzinfo=UTC) + timedelta(days=number % 28, minutes=number)
            lost = number % 4 == 0
            given = {"outcome": "abandoned_ringing", "answered_by": None, "talk_seconds": None} if lost else {}
            store_call(connection, f"CA{number}", started_at=started, wait_seconds=10 + 3 * number, **given)
        for number in range(3):
            store_call(connection, f"CB{number}", departement="2A", started_at=datetime(2026, 9, 2, 9, tzinfo=UTC))
        store_call(connection, "CC", departement="2A", started_at=datetime(2026, 11, 3, 9, tzinfo=UTC))
    yield made
    made.close()


def lines(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text)))


def test_anybody_reads_the_definitions_and_no_figure_while_it_is_off(closed: House) -> None:
    page = closed.app.test_client().get("/qualite")
    text = unescape(page.text)
    assert page.status_code == 200
    for definition in DEFINITIONS:
        assert definition.meaning.replace("'", "’") in text
        assert ABOUT[definition.name].leaves_out[1:] in text
    assert "donnees.csv" not in text
    assert closed.app.test_client().get("/qualite/donnees.csv").status_code == 404


def test_the_footer_of_every_page_leads_there(closed: House) -> None:
    assert 'href="/qualite"' in closed.app.test_client().get("/connexion").text


def test_the_open_data_are_whole_months_by_departement(house: House) -> None:
    answer = house.app.test_client().get("/qualite/donnees.csv")
    found = lines(answer.data.decode("utf-8"))
    assert list(found[0]) == [name for name, _meaning in COLUMNS]
    assert {line["mois"] for line in found} == {"2026-09", "2026-10"}
    assert len(found) == 2 * 107
    assert not any(line["recus"] for line in found if line["departement"] == "2A")


def test_what_the_file_says_of_a_departement_is_right(tmp_path: Path) -> None:
    """Two départements that are large enough, and a third beside them that is not: the smaller one goes with it."""
    made = open_house(tmp_path, f"sqlite:///{tmp_path / 'desk.sqlite'}", public_quality=True)
    with made.writing() as connection:
        for code, size in (("75", 40), ("59", 20), ("2A", 3)):
            for number in range(size):
                lost = number % 4 == 0
                given = {"outcome": "abandoned_ringing", "answered_by": None, "talk_seconds": None} if lost else {}
                started = datetime(2026, 9, 2, 9, number, tzinfo=UTC)
                store_call(connection, f"{code}{number}", departement=code, started_at=started, **given)
    every = lines(made.app.test_client().get("/qualite/donnees.csv").text)
    found = {line["departement"]: line for line in every if line["mois"] == "2026-09"}
    page = unescape(made.app.test_client().get("/qualite").text)
    made.close()
    assert (found["75"]["recus"], found["75"]["taux_decroche"]) == ("40", "0.750")
    assert found["75"]["attente_mediane_secondes"] == "12"
    assert (found["59"]["recus"], found["2A"]["recus"]) == ("", "")
    assert "Septembre 2026" in page
    assert "Masqué" in page
    assert "Licence Ouverte 2.0" in page


def test_the_file_may_be_kept_by_caches_and_is_asked_for_again_by_its_mark(house: House) -> None:
    browser = house.app.test_client()
    answer = browser.get("/qualite/donnees.csv")
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert answer.mimetype == "text/csv"
    assert answer.mimetype_params["charset"] == "utf-8"
    assert 'rel="license"' in answer.headers["Link"]
    assert "Set-Cookie" not in answer.headers
    again = browser.get("/qualite/donnees.csv", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
