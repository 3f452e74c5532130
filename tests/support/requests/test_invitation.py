"""An exchange stands in a calendar at the right moment, changes and goes, whatever the clocks do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from records.invitation import Appointment, Guest
from support.requests.letters.invitation import PlannedExchange, exchange_appointment, moment_for

LINK = "https://svi.example/demandes/12"
TEAM = Guest("assistance@siao.example", "Assistance SI SIAO")
ALIX, SACHA = Guest("alix@siao.example", "Alix Essai"), Guest("sacha@siao.example", "Sacha Nation")
START = datetime(2026, 12, 8, 11, tzinfo=UTC)
NOON = "mardi 8 décembre 2026 à 12 h"
FIRST = PlannedExchange("exchange-7@svi.example", 0, START, 30)


def appointment(exchange: PlannedExchange) -> Appointment:
    return exchange_appointment(
        exchange, number=12, link=LINK, at=START - timedelta(days=2), organizer=TEAM, guests=[ALIX, SACHA]
    )


def read(made: Appointment) -> tuple[Any, Any]:
    """The calendar and its event, as another program reads them: loosely typed."""
    calendar = Calendar.from_ical(made.as_calendar())
    [event] = calendar.events
    assert not event.errors
    return calendar, event


def test_an_invitation_says_all_that_a_calendar_must_know() -> None:
    calendar, event = read(appointment(FIRST))
    assert (calendar["method"], calendar["version"]) == ("REQUEST", "2.0")
    assert (event["uid"], event["sequence"], event["status"]) == ("exchange-7@svi.example", 0, "CONFIRMED")
    assert (event.start, event.end - event.start) == (START, timedelta(minutes=30))
    assert event["dtstamp"].dt == START - timedelta(days=2)
    assert (event["organizer"], event["organizer"].params["cn"]) == ("mailto:assistance@siao.example", TEAM.name)
    both = event["attendee"]
    assert [str(one) for one in both] == ["mailto:alix@siao.example", "mailto:sacha@siao.example"]
    assert {(one.params["rsvp"], one.params["partstat"]) for one in both} == {("TRUE", "NEEDS-ACTION")}
    assert event["summary"] == "Échange téléphonique, demande n° 12"
    assert LINK in event["description"]


def test_a_change_keeps_the_name_and_counts_on() -> None:
    moved = replace(FIRST, sequence=1, start=START + timedelta(days=1), before=START)
    calendar, event = read(appointment(moved))
    assert (calendar["method"], event["uid"], event["sequence"]) == ("REQUEST", FIRST.uid, 1)
    assert event.start == START + timedelta(days=1)


def test_a_cancelled_exchange_is_taken_away_and_nobody_is_asked_to_answer() -> None:
    calendar, event = read(appointment(replace(FIRST, sequence=2, is_cancelled=True)))
    assert (calendar["method"], event["status"], event["sequence"]) == ("CANCEL", "CANCELLED", 2)
    assert {one.params["rsvp"] for one in event["attendee"]} == {"FALSE"}


@pytest.mark.parametrize(
    ("zone", "local", "utc"),
    [
        ("Indian/Reunion", "2026-12-08T15:00", "20261208T110000Z"),
        ("America/Guadeloupe", "2026-07-07T09:00", "20260707T130000Z"),
        ("Pacific/Noumea", "2026-12-09T08:00", "20261208T210000Z"),
        ("Europe/Paris", "2026-12-08T12:00", "20261208T110000Z"),
        ("Europe/Paris", "2026-07-07T12:00", "20260707T100000Z"),
        ("Europe/Paris", "2026-10-25T02:30", "20261025T003000Z"),
        ("Europe/Paris", "2026-10-25T03:30", "20261025T023000Z"),
        ("America/Miquelon", "2026-11-01T03:00", "20261101T060000Z"),
    ],
)
def test_the_moment_is_written_in_utc_wherever_it_was_chosen(zone: str, local: str, utc: str) -> None:
    start = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone))
    text = appointment(replace(FIRST, start=start)).as_calendar()
    assert f"\r\nDTSTART:{utc}\r\n" in text
    assert "TZID" not in text


def test_an_exchange_over_the_night_when_clocks_change_lasts_as_long_as_it_was_planned() -> None:
    start = datetime(2026, 10, 25, 2, 45, tzinfo=ZoneInfo("Europe/Paris"))
    _calendar, event = read(appointment(replace(FIRST, start=start.astimezone(UTC), minutes=60)))
    assert event.end - event.start == timedelta(hours=1)


def test_lines_are_folded_and_no_word_begins_another_line_of_the_calendar() -> None:
    hostile = Guest("alix@siao.example", 'Alix "A";\r\nATTENDEE:mailto:x@exemple.fr')
    made = replace(
        appointment(FIRST), guests=[hostile], summary="Échange\r\nMETHOD:CANCEL " + "é" * 90,
        description="Un\r\nBEGIN:VALARM\nfin ; , \\",
    )  # fmt: skip
    text = made.as_calendar()
    assert all(len(line) <= 75 for line in text.encode().split(b"\r\n"))
    _calendar, event = read(made)
    assert str(event["attendee"]) == "mailto:alix@siao.example"
    assert text.count("\r\nBEGIN:") == 1
    assert event["description"].splitlines() == ["Un", "BEGIN:VALARM", "fin ; , \\"]


def test_whole_days_are_days_in_every_calendar() -> None:
    made = replace(appointment(FIRST), start=date(2026, 12, 24), end=date(2026, 12, 29), is_busy=False)
    text = made.as_calendar()
    assert "\r\nDTSTART;VALUE=DATE:20261224\r\nDTEND;VALUE=DATE:20261229\r\n" in text
    assert read(made)[1]["transp"] == "TRANSPARENT"


@pytest.mark.parametrize(
    ("own", "other", "words"),
    [
        ("59", None, NOON),
        (None, "59", NOON),
        ("974", None, f"mardi 8 décembre 2026 à 15 h (heure de La Réunion), soit {NOON} (heure de Paris)"),
        ("988", None, f"mardi 8 décembre 2026 à 22 h (heure de la Nouvelle-Calédonie), soit {NOON} (heure de Paris)"),
        (None, "971", f"{NOON} (heure de Paris), soit mardi 8 décembre 2026 à 7 h (heure de la Guadeloupe)"),
    ],
)
def test_people_read_the_moment_by_their_own_clock_first(own: str | None, other: str | None, words: str) -> None:
    assert moment_for(START, own, other) == words
