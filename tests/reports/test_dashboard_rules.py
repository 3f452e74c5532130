"""The rules of the dashboard: which months, which motifs rise, which shade, what a curve draws."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.counting.tally import MotiveTally, Tally
from reports.figures.dashboard import beside, by_week
from reports.figures.definitions import DEFINITIONS, figures, show_delay
from reports.figures.drawing import BOTTOM, HEIGHT, TOP, Series, draw
from reports.figures.map_measures import MEASURES, coloured, offered
from reports.figures.periods import Period, month_of
from reports.figures.rising import rising
from reports.figures.trends import gap, months_until, year_before


def motive(number: int, sous_motif: str = "Affichage") -> MotiveTally:
    return MotiveTally("1", "Thématique", "Motif", sous_motif, number, 0, 0)


# ---------------------------------------------------------------- months


def test_a_month_that_goes_on_is_compared_with_the_same_days_of_last_year() -> None:
    months = months_until(date(2026, 11, 30), today=date(2026, 11, 24))
    assert (months.now[0], months.now[-1]) == (
        month_of(date(2025, 11, 1)),
        Period(date(2026, 11, 1), date(2026, 11, 24)),
    )
    assert months.before[-1] == Period(date(2025, 11, 1), date(2025, 11, 24))
    assert months.before[0] == month_of(date(2024, 11, 1))
    assert months.is_partial
    assert not months_until(date(2026, 10, 31), today=date(2026, 11, 24)).is_partial
    assert months_until(date(2026, 11, 30), today=date(2026, 11, 30)).is_partial


def test_february_is_compared_with_february() -> None:
    assert year_before(month_of(date(2028, 2, 1))) == month_of(date(2027, 2, 1))
    assert year_before(month_of(date(2029, 2, 1))) == month_of(date(2028, 2, 1))
    assert year_before(Period(date(2028, 2, 29), date(2028, 3, 3))) == Period(date(2027, 2, 28), date(2027, 3, 3))


@pytest.mark.parametrize(
    ("now", "before", "shown_as", "words"),
    [
        (12, 12, "count", "="), (12, 10, "count", "+ 2"), (10, 12, "count", "− 2"), (None, 12, "count", "—"),
        (0.5, 0.5001, "rate", "="), (0.5, 0.468, "rate", "+ 3,2 points"), (0.5, 0.49, "rate", "+ 1,0 point"),
        (70, 60.2, "duration", "+ 00:10"), (60.2, 60, "duration", "="),
    ],
)  # fmt: skip
def test_a_difference_is_said_as_one_reads_the_values(
    now: float | None, before: float | None, shown_as: str, words: str
) -> None:
    assert gap(now, before, shown_as) == words


def test_two_figures_that_read_alike_are_the_same() -> None:
    now, before = figures(Tally(received=3000, received_answered=1500)), figures(
        Tally(received=3001, received_answered=1500)
    )  # fmt: skip
    (rate,) = beside(now, before, [], [("taux_decroche", "rate")])
    assert (rate.now, rate.before, rate.sign) == ("50,0 %", "50,0 %", "=")


def test_weeks_to_come_are_no_weeks_of_silence() -> None:
    november = month_of(date(2026, 11, 1))
    weeks = by_week({}, november, today=date(2026, 11, 11))
    assert [week.remark for week in weeks] == [
        "semaine incomplète : 1 jour entier sur 7", "", "semaine incomplète : 2 jours entiers sur 7",
    ]  # fmt: skip


# ---------------------------------------------------------------- motifs that rise


@pytest.mark.parametrize(
    ("now", "previous", "year_ago", "rises"),
    [
        (9, 0, None, False), (10, 0, None, True), (10, 4, None, False), (30, 15, None, True), (30, 21, None, False),
        (30, 10, 29, False), (30, 10, 10, True), (300, 210, None, False), (300, 200, 0, True),
    ],
)  # fmt: skip
def test_a_motif_rises_above_chance_above_before_and_above_last_year(
    now: int, previous: int, year_ago: int | None, *, rises: bool
) -> None:
    older = [] if year_ago is None else [motive(year_ago), motive(3, "Autre")]
    found = rising([motive(now)], [motive(previous)], older)
    assert [(one.now, one.previous, one.year_before) for one in found] == ([(now, previous, year_ago)] if rises else [])


# ---------------------------------------------------------------- the map


@pytest.mark.parametrize("name", MEASURES)
def test_no_call_no_colour_and_few_calls_are_hatched(name: str) -> None:
    many = Tally(
        received=20, received_answered=10, treated=12, qualified=12, resolution_known=12, resolved=6,
        escalation_known=12, escalated=3, lost=4, waits={30: 20},
    )  # fmt: skip
    more = Tally(
        received=90, received_answered=80, treated=80, qualified=80, resolution_known=80, resolved=70,
        escalation_known=80, escalated=4, lost=9, waits={10: 90},
    )  # fmt: skip
    few = Tally(
        received=2, received_answered=2, treated=2, qualified=2, resolution_known=2, escalation_known=2, waits={900: 2}
    )
    found = coloured(name, {"59": figures(many), "75": figures(more), "2A": figures(few), "974": figures(Tally())})
    assert set(found.shades) == {"59", "75", "2A"}
    assert {code for code, one in found.shades.items() if one.is_few} == (
        {"2A"} if found.measure.shown_as != "count" else set()
    )
    assert all(1 <= one.shade <= 5 for one in found.shades.values())
    assert {found.shades["59"].shade, found.shades["75"].shade} >= {1, 5} or found.measure.shown_as == "count"
    assert {one.shade for one in found.shades.values()} <= {shade for shade, _ in found.legend}


@pytest.mark.parametrize("name", ["taux_resolution", "taux_escalade", "attente_mediane_secondes"])
def test_few_are_the_calls_that_a_measure_is_made_of_not_all_those_of_the_place(name: str) -> None:
    """Forty calls of which two have an answer, or a wait, say as little as two calls."""
    answers = {"resolution_known": 2, "resolved": 2, "escalation_known": 2, "escalated": 2, "waits": {9: 2}}
    found = coloured(name, {"59": figures(Tally(received=40, treated=40, qualified=40, **answers))})  # type: ignore[arg-type]
    assert (found.shades["59"].is_few, found.shades["59"].calls) == (True, 2)


def test_a_level_leaves_only_measures_that_mean_something() -> None:
    assert [name for name, _ in offered(is_filtered=True)] == ["taux_resolution", "taux_escalade"]
    known = figures(Tally(received=3, treated=2, qualified=2), is_filtered=True)
    assert (known.recus, known.appels_perdus, known.nombre_appels) == (None, None, 2)
    assert {d.name for d in DEFINITIONS if known.shown()[d.name] != "—"} == {"nombre_appels", "qualifies"}


# ---------------------------------------------------------------- drawings


@given(st.lists(st.none() | st.integers(0, 100_000), min_size=1, max_size=60))
def test_a_curve_stays_inside_its_frame_and_counts_in_whole_numbers(values: list[int | None]) -> None:
    drawn = draw([str(at) for at in range(len(values))], [Series("Appels", tuple(values))], "count")
    (line,) = drawn.lines
    assert len(line.dots) == sum(value is not None for value in values)
    assert all(TOP <= dot.y <= HEIGHT - BOTTOM for dot in line.dots)
    assert all("," not in tick.text for tick in drawn.up)
    assert len({tick.text for tick in drawn.up}) == len(drawn.up)
    assert 1 <= len(drawn.across) <= 7


def test_a_curve_breaks_where_nothing_is_known_and_marks_what_is_not_whole() -> None:
    drawn = draw(list("abcde"), [Series("Décroché", (0.5, 0.6, None, 0.7, 0.8))], "rate", partial=frozenset({4}),
                 target=0.85)  # fmt: skip
    (line,) = drawn.lines
    assert len(line.pieces) == 2
    assert [dot.is_partial for dot in line.dots] == [False, False, False, True]
    assert line.dots[-1].title == "Décroché, e : 80,0 % (incomplet)"
    assert drawn.target_text == "Objectif : 85 %"
    assert drawn.target is not None
    assert drawn.target < line.dots[-1].y


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(None, "—"), (0, "0 min"), (59.5, "1 h 00"), (185, "3 h 05"), (1440, "1 j 0 h"), (3_119, "2 j 3 h")],
)
def test_a_delay_is_said_in_minutes_hours_or_days(minutes: float | None, words: str) -> None:
    assert show_delay(minutes) == words
