"""What is an alarm of the line and what is none, case by case, without a table or a machine."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from records.facts import AttemptResult, Fact, FactKind
from reports.alarm.refused_documents import refused_people
from reports.alarm.rules import (
    AlarmKind,
    RungLeg,
    failing_hour,
    failing_numbers,
    hour_before,
    is_open,
    is_reached_again,
    is_ringing_again,
    silent_hour,
)
from routing.calendar.hours import Hours, Span
from routing.rules import Closure, Rules
from routing.snapshot import Snapshot
from tests.service.directories import person

NOW = datetime(2026, 12, 7, 10, 20, tzinfo=UTC)
"""A Monday, twenty past eleven in Paris."""
ANNE, BRUNO = "+33199000101", "+33199000102"
RESULTS = {
    "F": AttemptResult.FAILED, "n": AttemptResult.NO_ANSWER, "b": AttemptResult.BUSY, "r": AttemptResult.REFUSED,
    "a": AttemptResult.ACCEPTED, "c": AttemptResult.CANCELED,
}  # fmt: skip


def legs(told: str, phone: str = ANNE, minutes: float = 1) -> list[RungLeg]:
    """One leg for each letter, the last one just now."""
    return [
        RungLeg(NOW - timedelta(minutes=minutes * (len(told) - 1 - n)), phone, RESULTS[letter])
        for n, letter in enumerate(told)
    ]


@pytest.mark.parametrize(
    ("told", "is_alarm", "is_over"),
    [
        ("", False, False),
        ("FF", False, False),
        ("FFF", True, False),
        ("aFFF", True, False),
        ("FFFFF", True, False),
        ("FFFn", False, True),
        ("FFFb", False, True),
        ("FFFr", False, True),
        ("FFFa", False, True),
        ("FFFaF", False, True),
        ("FFFaFFF", True, False),
        ("FFnF", False, True),
        ("FcFcF", True, False),
        ("FFFc", True, False),
        ("ccc", False, False),
    ],
)
def test_three_failures_in_a_row_are_an_alarm_until_the_number_is_reached(
    told: str, is_alarm: bool, is_over: bool
) -> None:
    """Cut off before anybody knew (c) tells nothing; busy, refused and unanswered have rung."""
    assert bool(list(failing_numbers(legs(told), {ANNE}))) is is_alarm
    assert is_reached_again(legs(told), ANNE) is is_over


def test_failures_of_different_numbers_are_not_in_a_row() -> None:
    mixed = [*legs("FF", ANNE), *legs("FF", BRUNO)]
    assert list(failing_numbers(mixed, {ANNE, BRUNO})) == []


def test_a_number_that_is_not_in_the_directory_any_more_is_no_alarm() -> None:
    assert list(failing_numbers(legs("FFF"), {BRUNO})) == []


def test_an_alarm_tells_the_operators_last_error_and_the_last_failure() -> None:
    told = [replace(leg, error="13224") for leg in legs("FFF")]
    [alarm] = failing_numbers([*told[:2], replace(told[2], error="")], {ANNE})
    assert (alarm.kind, alarm.phone, alarm.failed, alarm.error, alarm.since) == (
        AlarmKind.NUMBER, ANNE, 3, "13224", NOW
    )  # fmt: skip


def of_two(told: list[RungLeg]) -> list[RungLeg]:
    """The same legs, to two numbers in turn."""
    return [replace(leg, phone=(ANNE, BRUNO)[n % 2]) for n, leg in enumerate(told)]


@pytest.mark.parametrize(
    ("told", "is_alarm", "is_over"),
    [
        ("", False, False),
        ("F", False, False),
        ("FF", False, False),
        ("FFFFF", False, False),
        ("FFFFFF", True, False),
        ("FFFaaa", True, False),
        ("FFFccc", True, False),
        ("FFaaaa", False, True),
        ("FFFaaaa", False, True),
        ("a", False, True),
    ],
)
def test_half_of_the_legs_of_an_hour_are_an_alarm_from_six_legs_on(told: str, is_alarm: bool, is_over: bool) -> None:
    assert (failing_hour(of_two(legs(told)), NOW) is not None) is is_alarm
    assert is_ringing_again(of_two(legs(told)), NOW) is is_over


def test_legs_of_more_than_an_hour_ago_do_not_count() -> None:
    assert failing_hour(of_two(legs("FFFFFF", minutes=13)), NOW) is None
    assert failing_hour(of_two(legs("FFFFFF", minutes=11)), NOW) is not None


def test_the_failures_of_one_number_alone_are_no_alarm_of_all() -> None:
    """It has its own, which tells more."""
    assert failing_hour([*legs("FFF", ANNE), *legs("nnn", BRUNO)], NOW) is None


def test_one_number_that_fails_every_other_time_is_half_of_all_where_nothing_else_tells_of_it() -> None:
    assert list(failing_numbers(legs("aFaFaF"), {ANNE})) == []
    assert failing_hour(legs("aFaFaF"), NOW) is not None


# ---------------------------------------------------------------- silence


def working(*hours: tuple[int, int], departement: str = "75") -> Snapshot:
    """One desk, open on weekdays between these minutes."""
    week = Hours(tuple(Span(day, start, end) for day in range(5) for start, end in hours))
    return Snapshot(1, NOW, (replace(person("Anne", departement), hours=week),), Rules())


OPEN = working((9 * 60, 18 * 60))


@pytest.mark.parametrize(
    ("calls", "before", "is_alarm"),
    [
        (0, (1, 1, 1, 1), True),
        (0, (9, 12, 7, 8), True),
        (1, (9, 12, 7, 8), False),
        (0, (9, 0, 7, 8), False),
        (0, (0, 0, 0, 0), False),
    ],
)
def test_an_hour_without_a_call_is_an_alarm_where_each_of_four_weeks_had_some(
    calls: int, before: tuple[int, ...], is_alarm: bool
) -> None:
    assert (silent_hour(hour_before(NOW), calls, before, OPEN) is not None) is is_alarm


@pytest.mark.parametrize(
    ("snapshot", "expected"),
    [
        (OPEN, True),
        (working((10 * 60, 11 * 60)), True),
        (working((10 * 60, 10 * 60 + 30)), False),
        (working((14 * 60, 18 * 60)), False),
        (working((13 * 60, 14 * 60), departement="974"), True),
        (working((10 * 60, 11 * 60), departement="974"), False),
        (Snapshot(1, NOW, (person("Anne"),), Rules()), True),
        (Snapshot(1, NOW, (), Rules()), False),
        (
            replace(
                OPEN, rules=Rules(closures=(Closure(1, None, NOW - timedelta(hours=9), NOW + timedelta(hours=9), ""),))
            ),
            False,
        ),
    ],
)
def test_somebody_must_have_answered_somewhere_during_the_whole_hour(snapshot: Snapshot, expected: bool) -> None:
    """From ten to eleven in Paris it is one to two in the afternoon in La Réunion."""
    assert is_open(snapshot, hour_before(NOW)) is expected


def test_a_holiday_is_no_day_of_opening_even_for_who_answers_day_and_night() -> None:
    christmas = datetime(2026, 12, 25, 10, 20, tzinfo=UTC)
    assert not is_open(Snapshot(1, NOW, (person("Anne"),), Rules()), hour_before(christmas))


def test_an_hour_is_a_whole_one_of_paris_and_the_weeks_before_keep_their_hour_when_clocks_change() -> None:
    """Ten in the morning in Paris is nine in UTC in winter, eight in summer."""
    hour = hour_before(datetime(2026, 11, 9, 10, 20, tzinfo=UTC))
    assert (hour.start, hour.end) == (datetime(2026, 11, 9, 9, tzinfo=UTC), datetime(2026, 11, 9, 10, tzinfo=UTC))
    assert [one.strftime("%d/%m %H") for one in hour.before] == ["02/11 09", "26/10 09", "19/10 08", "12/10 08"]


# ---------------------------------------------------------------- documents that the operator refused


def told(kind: FactKind, n: int, seconds: int, who: str = "", **data: object) -> Fact:
    return Fact("CA1", kind, n, NOW + timedelta(seconds=seconds), who, data)


RUNG = told(FactKind.RANG_RUNG, 4, 10, people=[{"id": "anne", "phone": ANNE}, {"id": "bruno", "phone": BRUNO}])
APOLOGY = told(FactKind.APOLOGISED, 1, 11, error="13224")
NATIONAL_RUNG = told(FactKind.RANG_RUNG, 2, 11, people=[{"id": "team", "phone": "+33199000001"}])


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ((RUNG, APOLOGY, NATIONAL_RUNG), {"anne": "13224", "bruno": "13224"}),
        ((APOLOGY, NATIONAL_RUNG, RUNG), {"anne": "13224", "bruno": "13224"}),
        ((RUNG, replace(APOLOGY, data={"error": "ValueError"}), NATIONAL_RUNG), {}),
        ((RUNG, replace(APOLOGY, data={"error": "fallback"}), NATIONAL_RUNG), {}),
        ((RUNG, told(FactKind.LEG_STARTED, 4, 10, "anne", leg="CA2"), APOLOGY), {}),
        ((RUNG, told(FactKind.RING_ENDED, 4, 11, status="busy"), APOLOGY), {}),
        ((RUNG, replace(APOLOGY, at=NOW)), {}),
        ((APOLOGY, NATIONAL_RUNG), {}),
        ((replace(RUNG, data={"people": "nobody"}), APOLOGY), {}),
    ],
)
def test_whoever_the_refused_document_should_have_rung_was_not_rung(
    facts: tuple[Fact, ...], expected: dict[str, str]
) -> None:
    """Our own error is another matter; and a document whose legs were told of has been followed."""
    assert refused_people(facts) == expected
