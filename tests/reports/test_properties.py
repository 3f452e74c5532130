"""Whatever the calls, the workbook carries them unchanged, and says the figures that one counts by hand."""

from __future__ import annotations

from datetime import date
from io import BytesIO

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from records.counting.tally import Tally
from records.csv_cells import csv_safe
from records.wording import Wordings, fold_words
from reports.figures.definitions import figures
from reports.figures.periods import Period
from reports.importing.deciding.choices import Likeness
from reports.importing.deciding.difference import difference
from reports.importing.reading.sheets import read_book
from reports.importing.understanding.lines import understand
from reports.workbook.book import write_workbook
from reports.workbook.columns import HistoryRow, identity
from routing.directory.cells import unguarded
from tests.reports.counting import ENTRIES, content_of, tally_of
from tests.reports.workbooks import read_phone

TODAY = date(2026, 11, 24)
PERIOD = Period(date(2025, 5, 1), TODAY)
WORDINGS = Wordings(ENTRIES)
PHONES = st.none() | st.integers(0, 99_999).map(lambda n: f"+331990{n:05d}")


@st.composite
def lines(draw: st.DrawFn) -> HistoryRow:
    """Any treated call, qualified or not."""
    plain = HistoryRow(draw(PHONES), draw(st.dates(PERIOD.since, TODAY)), draw(st.none() | st.integers(0, 86_400)))
    if (plain.phone or plain.seconds is not None) and not draw(st.booleans()):
        return plain
    entry = draw(st.sampled_from(ENTRIES))
    level = draw(st.sampled_from("12")) if entry.niveau == "1/2" else entry.niveau
    return HistoryRow(
        plain.phone, plain.day, plain.seconds, *entry.wording, level, draw(st.booleans()), draw(st.booleans())
    )


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(lines(), max_size=12))
def test_any_calls_go_out_in_a_workbook_and_come_back_the_same(rows: list[HistoryRow]) -> None:
    out = BytesIO()
    write_workbook(out, content_of(rows, PERIOD, ENTRIES))
    found = understand(read_book(out.getvalue()), WORDINGS, TODAY, read_phone)
    assert found.refused == []
    assert [read.row for read in found.rows] == rows
    planned = difference("75", found, {})
    ours = {addition.call_id: addition.row for addition in planned.additions}
    again = difference("75", found, ours)
    assert (again.unchanged, again.additions, again.changes, again.conflicts) == (len(rows), [], [], [])
    assert {one.likeness for one in again.alike} <= {Likeness.SAME}
    assert sorted(map(identity, ours.values())) == sorted(map(identity, rows))
    assert figures(tally_of(ours.values())) == figures(tally_of(rows))
    sheet = load_workbook(out, data_only=True)["Résultats"]
    assert sheet["B6"].value == figures(tally_of(rows)).nombre_appels


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold_words(fold_words(text)) == fold_words(text)


@given(st.text(max_size=40))
def test_no_csv_cell_begins_like_a_formula(text: str) -> None:
    safe = csv_safe(text)
    assert not safe.lstrip(" ").startswith(("=", "+", "-", "@"))
    assert safe in {text.replace("\x00", ""), "'" + text.replace("\x00", "")}


@given(st.text(max_size=40) | st.text("'=+-@ \t\xa0a", max_size=8))
def test_a_guarded_cell_is_read_back_as_it_was(text: str) -> None:
    assert unguarded(csv_safe(text)) == text.replace("\x00", "")


@given(st.builds(Tally, *[st.integers(0, 50)] * 3), st.builds(Tally, *[st.integers(0, 50)] * 3))
def test_tallies_add_up(one: Tally, other: Tally) -> None:
    both = one + other
    assert (both.treated, both.talk_seconds) == (one.treated + other.treated, one.talk_seconds + other.talk_seconds)
