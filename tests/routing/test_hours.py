"""Weekly hours: as people type them, as they are shown and said, and on the nights when clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from routing.calendar.hours import DEFAULT, LONGEST_NIGHT, Hours, read_hours
from routing.departements import PARIS, departements
from tests.routing.desks import moment

MIQUELON = ZoneInfo("America/Miquelon")
ZONES = sorted({departement.timezone.key for departement in departements().values()})


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("", DEFAULT),
        ("  ", DEFAULT),
        ("24/7", "24/7"),
        ("24h/24 7j/7", "24/7"),
        ("7j/7 24h/24", "24/7"),
        ("lun-ven 09:00-12:30 14:00-17:00", "lun-ven 09:00-12:30 14:00-17:00"),
        ("LUN-VEN 9h-12h30 14h-17h", "lun-ven 09:00-12:30 14:00-17:00"),
        ("lun - ven 9:00 - 12:30", "lun-ven 09:00-12:30"),
        ("lun–ven 9h00–12h30", "lun-ven 09:00-12:30"),
        ("lun-ven 9 h 00 - 12 h 30", "lun-ven 09:00-12:30"),
        ("du lundi au vendredi de 9h à 12h30 et de 14h à 17h", "lun-ven 09:00-12:30 14:00-17:00"),
        ("lun-jeu 9h-17h ; ven 9h-12h", "lun-jeu 09:00-17:00 | ven 09:00-12:00"),
        ("lun-jeu 9h-17h | ven 9h-12h", "lun-jeu 09:00-17:00 | ven 09:00-12:00"),
        ("ven 9h-12h;;lun-jeu 9h-17h;", "lun-jeu 09:00-17:00 | ven 09:00-12:00"),
        ("lun,mer,ven 9h-12h", "lun,mer,ven 09:00-12:00"),
        ("lun mar 9h-12h", "lun-mar 09:00-12:00"),
        ("sam-lun 9h-12h", "lun,sam-dim 09:00-12:00"),
        ("lun-dim 22:00-02:00", "lun-dim 22:00-02:00"),
        ("sam 18:00-24:00", "sam 18:00-24:00"),
        ("sam 00:00-24:00", "sam 00:00-24:00"),
        ("lun 9h-12h 11h-14h", "lun 09:00-14:00"),
        ("lun 9h-12h 12h-14h", "lun 09:00-14:00"),
        ("lun 14h-17h 9h-12h", "lun 09:00-12:00 14:00-17:00"),
        ("lun. 9h-12h", "lun 09:00-12:00"),
        ("lun-ven 9h-12h30/13h30-17h", "lun-ven 09:00-12:30 13:30-17:00"),
        ("lun-ven 9h-12h / 14h-17h ; sam 9h-12h", "lun-ven 09:00-12:00 14:00-17:00 | sam 09:00-12:00"),
        ("lundi : 9h-12h", "lun 09:00-12:00"),
        ("lundi:9h-12h ; mardi : 14:00-17:00", "lun 09:00-12:00 | mar 14:00-17:00"),
        ("lun, mar, jeu : 9h-12h", "lun-mar,jeu 09:00-12:00"),
        ("Du lundi au vendredi : 9h30 - 19h", "lun-ven 09:30-19:00"),
        ("lundi 9h-12h mardi 14h-17h", "lun 09:00-12:00 | mar 14:00-17:00"),
        ("lun-jeu 9h-17h, ven 9h-16h", "lun-jeu 09:00-17:00 | ven 09:00-16:00"),
        ("lun-ven 9h - 12h | 14h - 17h", "lun-ven 09:00-12:00 14:00-17:00"),
        ("9h-17h du lundi au vendredi", "lun-ven 09:00-17:00"),
        ("Lu - Sa 07h00 - 20h00", "lun-sam 07:00-20:00"),
        ("lundis et mardis 9h-12h.", "lun-mar 09:00-12:00"),
        ("lun-ven 9 heures à 12 heures 30", "lun-ven 09:00-12:30"),
        ("lun-ven de 10 à 20h", "lun-ven 10:00-20:00"),
        ("lun-ven 9.30-12.30", "lun-ven 09:30-12:30"),
        ("lun-ven 9h-midi", "lun-ven 09:00-12:00"),
        ("lun minuit-6h 20h-minuit", "lun 00:00-06:00 20:00-24:00"),
        ("lun 8h-0h", "lun 08:00-24:00"),
        ("tous les jours 9h-17h", "lun-dim 09:00-17:00"),
        ("7j/7 9h-17h", "lun-dim 09:00-17:00"),
        ("lun-ven 17h-9h", "lun-ven 17:00-09:00"),
        ("lun 10h-20h 17h-9h", "lun 10:00-20:00 17:00-09:00"),
        ("24h sur 24, 7j sur 7", "24/7"),
        ("24 h / 24 - 7 j / 7", "24/7"),
    ],
)
def test_hours_are_read_as_people_type_them_and_shown_in_one_way(typed: str, shown: str) -> None:
    assert read_hours(typed).show() == shown
    assert read_hours(shown).show() == shown


@pytest.mark.parametrize(
    ("typed", "piece"),
    [
        ("lun-ven 25:00-26:00", "25:00"),
        ("lun-ven 9:60-12:00", "9:60"),
        ("lun-ven 24:30-25:00", "24:30"),
        ("lun-ven 9h-9h", "9h-9h"),
        ("lun-ven 24:00-02:00", "24:00-02:00"),
        ("lun-vun 9h-12h", "vun"),
        ("lundredi 9h-12h", "lundredi"),
        ("lun-ven", "lun-ven"),
        ("9h-12h", "9h-12h"),
        ("24-juil", "24-juil"),
        ("lun-ven 9-12", "9-12"),
        ("lun-ven 9h", "9h"),
        ("lun-ven 9h-12h-14h", "9h-12h-14h"),
        ("lun 9h-12h mar", "lun 9h-12h mar"),
        ("lun-ven 14h-12h", "14h-12h"),
        ("lun-ven 9h-17h sauf mercredi", "sauf"),
        ("lun-ven 9h-17h hors vacances", "hors"),
        ("lun-ven 9h-12h sur rendez-vous", "sur"),
        ("lun-ven 9h-12h (16h le vendredi)", "(16h"),
        ("lundi-vendredi : matin", "matin"),
        ("L-V 9-17", "l"),
        ("heures ouvrables", "heures"),
        ("24h/24", "24/7"),
        ("lun-ven 24h/24", "24/7"),
        ("7j/7", "7j/7"),
        ("lun-ven 9h/12h", "9h"),
        ("9h-12h / 14h-17h", "aucun jour"),
        ("lun-ven 9h-12h ; 24/7", "24/7"),
        ("24/7 sauf dimanche", "24/7"),
        (";", ";"),
        ("lun-ven -12h", "-12h"),
        ("lun-ven 9h-", "9h-"),
        ("fermé", "ferme"),
        ("#REF!", "#ref!"),
        ("lun 0x9-12h", "0x9"),
    ],
)
def test_nonsense_is_refused_with_the_piece_that_is_wrong(typed: str, piece: str) -> None:
    with pytest.raises(ValueError, match="«") as refused:
        read_hours(typed)
    assert piece in str(refused.value)


def test_endless_hours_are_refused_fast() -> None:
    with pytest.raises(ValueError, match="trop longs"):
        read_hours("lun 9h-12h " * 1000)


@st.composite
def weeks(draw: st.DrawFn) -> str:
    """Hours as text: any days, any times."""
    minutes = st.tuples(st.integers(0, 1439), st.integers(0, 1439)).filter(
        lambda span: span[0] < span[1] or (span[0] != span[1] and span[1] + 1440 - span[0] <= LONGEST_NIGHT)
    )
    spans = minutes.map(lambda span: "-".join(f"{minute // 60}:{minute % 60:02d}" for minute in span))
    days = st.sampled_from(["lun", "mar", "mer", "jeu", "ven", "sam", "dim", "lun-ven", "sam-dim", "ven-mar"])
    pieces = st.tuples(days, st.lists(spans, min_size=1, max_size=3).map(" ".join)).map(" ".join)
    return " | ".join(draw(st.lists(pieces, min_size=1, max_size=4)))


@given(weeks())
def test_shown_hours_read_back_as_themselves(typed: str) -> None:
    hours = read_hours(typed)
    assert read_hours(hours.show()) == hours


@given(st.text(max_size=60))
@example("&")
@example("lun 9h-12h; ,")
def test_any_text_is_hours_or_a_french_refusal(typed: str) -> None:
    try:
        hours = read_hours(typed)
    except ValueError as refused:
        assert str(refused)  # noqa: PT017 - either way is right; what matters is that it is one of the two
    else:
        assert read_hours(hours.show()) == hours


@pytest.mark.parametrize(
    ("typed", "spoken"),
    [
        ("", "du lundi au vendredi, de 9 heures à 12 heures et de 14 heures à 17 heures"),
        ("24/7", "tous les jours, à toute heure"),
        (
            "lun-jeu 9h-17h30 | ven 9h-12h",
            "du lundi au jeudi, de 9 heures à 17 heures 30 ; le vendredi, de 9 heures à 12 heures",
        ),
        ("sam-dim 22h-2h", "le samedi et le dimanche, de 22 heures à 2 heures"),
        ("lun-dim 0:00-24:00", "tous les jours, toute la journée"),
        ("lun-sam 1h-24:00", "du lundi au samedi, de 1 heure à minuit"),
        ("lun,mer-ven 9h-12h", "le lundi et du mercredi au vendredi, de 9 heures à 12 heures"),
    ],
)
def test_hours_are_said_in_french(typed: str, spoken: str) -> None:
    assert read_hours(typed).speak() == spoken


# ---------------------------------------------------------------- open or closed


@pytest.mark.parametrize(
    ("typed", "local", "is_open"),
    [
        ("lun 09:00-12:00", "2026-11-23T08:59:59", False),
        ("lun 09:00-12:00", "2026-11-23T09:00:00", True),
        ("lun 09:00-12:00", "2026-11-23T11:59:59", True),
        ("lun 09:00-12:00", "2026-11-23T12:00:00", False),
        ("lun 22:00-02:00", "2026-11-23T23:59:59", True),
        ("lun 22:00-02:00", "2026-11-24T00:00:00", True),
        ("lun 22:00-02:00", "2026-11-24T01:59:59", True),
        ("lun 22:00-02:00", "2026-11-24T02:00:00", False),
        ("lun 22:00-02:00", "2026-11-23T01:00:00", False),
        ("dim 22:00-02:00", "2026-11-23T01:00:00", True),
        ("lun 18:00-24:00", "2026-11-23T23:59:59", True),
        ("lun 18:00-24:00", "2026-11-24T00:00:00", False),
        ("jeu 22:00-02:00", "2027-01-01T01:00:00", True),
        ("mar 09:00-12:00", "2028-02-29T09:00:00", True),
    ],
)
def test_an_opening_holds_its_first_second_and_not_its_last(typed: str, local: str, is_open: bool) -> None:
    assert read_hours(typed).is_open(datetime.fromisoformat(local).replace(tzinfo=PARIS)) is is_open


def clock_says(hours: Hours, local: datetime) -> bool:
    """Whether a person who reads the clock on the wall finds it open: the slow second opinion."""
    minute = local.hour * 60 + local.minute
    eve = (local.weekday() - 1) % 7
    return any(
        (span.weekday == local.weekday() and span.start <= minute < span.end)
        or (span.weekday == eve and minute + 1440 < span.end)
        for span in hours.spans
    )


CHANGES = [date(2026, 3, 29), date(2026, 10, 25), date(2026, 3, 8), date(2026, 11, 1)]
NIGHTS = ["dim 02:30-05:00", "dim 01:00-02:30", "sam 22:00-02:30", "dim 02:10-02:50", "sam-dim 22:00-03:00", DEFAULT]


@pytest.mark.parametrize("night", CHANGES)
@pytest.mark.parametrize("typed", NIGHTS)
@pytest.mark.parametrize("zone", ["Europe/Paris", "America/Miquelon"])
def test_every_minute_of_a_night_when_clocks_change(night: date, typed: str, zone: str) -> None:
    """Wherever the clock on the wall says open it is open; and an opening has no hole of its own making."""
    hours, local_zone = read_hours(typed), ZoneInfo(zone)
    start = datetime(night.year, night.month, night.day, tzinfo=local_zone).astimezone(UTC) - timedelta(hours=3)
    minutes = [(start + timedelta(minutes=each)).astimezone(local_zone) for each in range(30 * 60)]
    opened = [hours.is_open(each) for each in minutes]
    says = [clock_says(hours, each) for each in minutes]
    assert all(real for real, clock in zip(opened, says, strict=True) if clock)
    extra = [each for each, real, clock in zip(minutes, opened, says, strict=True) if real and not clock]
    assert all(each.hour in {1, 2} and is_ambiguous(each) for each in extra)
    assert sum(now != after for now, after in pairwise(opened)) <= 2 * len({span.start for span in hours.spans}) * 2


def is_ambiguous(local: datetime) -> bool:
    """Whether clocks show that local time twice."""
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def test_an_opening_in_the_hour_that_does_not_exist_never_opens() -> None:
    start = moment("2026-03-29T00:00")
    hours = read_hours("dim 02:10-02:50")
    assert not any(hours.is_open((start + timedelta(minutes=each)).astimezone(PARIS)) for each in range(240))


def test_an_opening_that_begins_in_the_hour_that_does_not_exist_begins_when_clocks_jump() -> None:
    hours = read_hours("dim 02:30-05:00")
    assert list(hours.openings(date(2026, 3, 29), PARIS)) == [(moment("2026-03-29T01:00"), moment("2026-03-29T03:00"))]


def test_the_hour_that_comes_twice_is_open_from_its_first_to_its_second() -> None:
    hours = read_hours("dim 02:30-02:45")
    assert list(hours.openings(date(2026, 10, 25), PARIS)) == [(moment("2026-10-25T00:30"), moment("2026-10-25T01:45"))]


def test_miquelon_changes_its_clock_on_its_own_night() -> None:
    hours = read_hours("dim 09:00-12:00")
    assert list(hours.openings(date(2026, 3, 8), MIQUELON)) == [
        (moment("2026-03-08T11:00"), moment("2026-03-08T14:00"))
    ]


@given(weeks(), st.sampled_from(ZONES), st.integers(0, 365 * 24 * 60))
def test_openings_and_is_open_agree(typed: str, zone_name: str, minute: int) -> None:
    """The list of openings of three days and the question about one moment are two ways to the same answer."""
    hours, zone = read_hours(typed), ZoneInfo(zone_name)
    at = moment("2026-01-01T00:00") + timedelta(minutes=minute)
    today = at.astimezone(zone).date()
    days = [today - timedelta(days=1), today, today + timedelta(days=1)]
    listed = any(start <= at < end for day in days for start, end in hours.openings(day, zone))
    assert hours.is_open(at.astimezone(zone)) is listed
