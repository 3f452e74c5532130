"""Who rings, by département and moment: every zone, holidays, nights when clocks change, midnights."""

from __future__ import annotations

import pytest

from routing.planning.plan import plan
from routing.snapshot import Snapshot
from tests.routing.desks import directory, moment, names, snapshot

OFFICE = ("01", "57", "67", "75", "971", "972", "973", "974", "975", "976", "977", "978", "986", "987", "988")


def line(code: str, nom: str, rang: str = "1", hours: str = "", place: int = 0) -> str:
    return f"{code},SIAO,{nom},Jo,référent,06 39 98 00 {place:02d},{nom.lower()}@exemple.fr,{rang},{hours},"


LINES = [
    *(line(code, f"N{code}", place=place) for place, code in enumerate(OFFICE)),
    line("29", "Un", "1", place=50),
    line("29", "Deux", "2", "lun-sam 08:00-20:00", place=51),
    line("29", "Trois", "2", "lun-ven 12:00-14:00", place=52),
    line("13", "Veille", "1", "24/7", place=53),
    line("13", "Jour", "1", "", place=54),
    line("33", "Nuit", "1", "ven 22:00-02:00", place=55),
    line("34", "Aube", "1", "dim 02:30-05:00", place=56),
    line("35", "Tard", "1", "sam 22:00-02:30", place=57),
    line("36", "Minuit", "1", "lun 18:00-24:00", place=58),
    line("37", "Dimanche", "1", "dim 10:00-12:00", place=59),
    "48,SIAO,,,contact,,accueil@exemple.fr,,,",
]


@pytest.fixture(scope="module")
def france() -> Snapshot:
    """One référent with office hours in many départements, and a few desks with hours of their own."""
    return snapshot(directory(*LINES))


# (département, moment in UTC, who rings or the reason)
TABLE = [
    # an ordinary Tuesday in winter: Paris is UTC+1
    ("01", "2026-11-24T07:59", "CLOSED"),
    ("01", "2026-11-24T08:00", "N01"),
    ("01", "2026-11-24T10:59", "N01"),
    ("01", "2026-11-24T11:00", "CLOSED"),
    ("01", "2026-11-24T12:59", "CLOSED"),
    ("01", "2026-11-24T13:00", "N01"),
    ("01", "2026-11-24T15:59", "N01"),
    ("01", "2026-11-24T16:00", "CLOSED"),
    ("01", "2026-11-28T09:00", "CLOSED"),
    ("01", "2026-11-29T09:00", "CLOSED"),
    # and in summer: UTC+2
    ("01", "2026-07-07T06:59", "CLOSED"),
    ("01", "2026-07-07T07:00", "N01"),
    ("01", "2026-07-07T15:00", "CLOSED"),
    # at 10:00 in Paris, elsewhere
    ("971", "2026-11-24T09:00", "CLOSED"),
    ("971", "2026-11-24T13:00", "N971"),
    ("972", "2026-11-24T15:59", "N972"),
    ("972", "2026-11-24T16:00", "CLOSED"),
    ("977", "2026-11-24T12:59", "CLOSED"),
    ("977", "2026-11-24T13:00", "N977"),
    ("978", "2026-07-07T13:00", "N978"),
    ("973", "2026-11-24T12:00", "N973"),
    ("973", "2026-11-24T11:59", "CLOSED"),
    ("974", "2026-11-24T05:00", "N974"),
    ("974", "2026-11-24T09:00", "CLOSED"),
    ("974", "2026-11-24T12:59", "N974"),
    ("976", "2026-11-24T06:00", "N976"),
    ("976", "2026-11-24T05:59", "CLOSED"),
    ("986", "2026-11-23T21:00", "N986"),
    ("986", "2026-11-24T00:00", "CLOSED"),
    ("987", "2026-11-23T19:00", "N987"),
    ("987", "2026-11-24T19:00", "N987"),
    ("987", "2026-11-24T09:00", "CLOSED"),
    ("988", "2026-11-23T22:00", "N988"),
    ("988", "2026-11-24T05:59", "N988"),
    # it is Monday there when it is still Sunday in Paris, and Friday when it is Saturday
    ("988", "2026-11-29T22:00", "N988"),
    ("986", "2026-11-29T21:30", "N986"),
    ("987", "2026-11-28T00:30", "N987"),
    ("987", "2026-11-30T00:30", "CLOSED"),
    # Miquelon alone changes its clock on the American nights: UTC−3, then UTC−2 from 8 March
    ("975", "2026-03-06T12:00", "N975"),
    ("975", "2026-03-06T11:59", "CLOSED"),
    ("975", "2026-03-09T11:00", "N975"),
    ("975", "2026-10-30T11:00", "N975"),
    ("975", "2026-11-02T11:00", "CLOSED"),
    ("975", "2026-11-02T12:00", "N975"),
    # the Monday after clocks change in Paris
    ("75", "2026-03-27T08:00", "N75"),
    ("75", "2026-03-30T07:00", "N75"),
    ("75", "2026-10-23T07:00", "N75"),
    ("75", "2026-10-26T07:00", "CLOSED"),
    ("75", "2026-10-26T08:00", "N75"),
    # holidays
    ("01", "2026-12-25T09:00", "HOLIDAY"),
    ("01", "2027-01-01T09:00", "HOLIDAY"),
    ("01", "2026-05-14T08:00", "HOLIDAY"),
    ("01", "2026-04-06T08:00", "HOLIDAY"),
    ("01", "2026-04-03T08:00", "N01"),
    ("57", "2026-04-03T08:00", "HOLIDAY"),
    ("67", "2026-04-03T08:00", "HOLIDAY"),
    ("57", "2025-12-26T09:00", "HOLIDAY"),
    ("67", "2025-12-26T09:00", "HOLIDAY"),
    ("75", "2025-12-26T09:00", "N75"),
    ("971", "2026-05-27T13:00", "HOLIDAY"),
    ("972", "2026-05-22T13:00", "HOLIDAY"),
    ("971", "2026-05-22T13:00", "N971"),
    ("973", "2026-06-10T12:00", "HOLIDAY"),
    ("974", "2027-12-20T05:00", "HOLIDAY"),
    ("976", "2026-04-27T06:00", "HOLIDAY"),
    ("978", "2026-05-28T13:00", "HOLIDAY"),
    ("977", "2026-10-09T13:00", "HOLIDAY"),
    ("971", "2026-07-21T13:00", "N971"),
    ("988", "2026-09-23T22:00", "HOLIDAY"),
    ("987", "2027-03-05T19:00", "HOLIDAY"),
    ("987", "2026-06-29T19:00", "N987"),
    ("986", "2026-04-27T21:00", "N986"),
    # the holiday is the local day's: Christmas begins in Nouméa while Paris has the 24th
    ("988", "2026-12-24T13:00", "HOLIDAY"),
    ("988", "2026-12-24T12:59", "CLOSED"),
    ("987", "2026-12-26T00:30", "HOLIDAY"),
    ("987", "2026-12-25T09:59", "CLOSED"),
    ("987", "2026-12-25T10:00", "HOLIDAY"),
    # rangs, and people of one rang together
    ("29", "2026-11-24T09:00", "Un, Deux"),
    ("29", "2026-11-24T11:30", "Deux+Trois"),
    ("29", "2026-11-24T07:30", "Deux"),
    ("29", "2026-11-28T09:00", "Deux"),
    ("29", "2026-11-24T19:30", "CLOSED"),
    # 24/7 ignores hours and holidays
    ("13", "2026-11-24T09:00", "Veille+Jour"),
    ("13", "2026-11-24T03:00", "Veille"),
    ("13", "2026-12-25T09:00", "Veille"),
    ("*", "2026-12-25T03:00", "Nation"),
    # over midnight
    ("33", "2026-11-27T20:59", "CLOSED"),
    ("33", "2026-11-27T21:00", "Nuit"),
    ("33", "2026-11-27T23:30", "Nuit"),
    ("33", "2026-11-28T00:59", "Nuit"),
    ("33", "2026-11-28T01:00", "CLOSED"),
    ("33", "2026-12-25T23:30", "Nuit"),
    ("33", "2026-12-25T22:30", "HOLIDAY"),
    ("36", "2026-11-23T22:59", "Minuit"),
    ("36", "2026-11-23T23:00", "CLOSED"),
    # the night without 2 o'clock, and the one with two
    ("34", "2026-03-29T00:59", "CLOSED"),
    ("34", "2026-03-29T01:00", "Aube"),
    ("34", "2026-03-29T02:59", "Aube"),
    ("34", "2026-03-29T03:00", "CLOSED"),
    ("34", "2026-10-25T00:29", "CLOSED"),
    ("34", "2026-10-25T00:30", "Aube"),
    ("34", "2026-10-25T01:15", "Aube"),
    ("34", "2026-10-25T03:59", "Aube"),
    ("34", "2026-10-25T04:00", "CLOSED"),
    ("35", "2026-10-24T20:00", "Tard"),
    ("35", "2026-10-25T00:45", "Tard"),
    ("35", "2026-10-25T01:29", "Tard"),
    ("35", "2026-10-25T01:30", "CLOSED"),
    ("35", "2026-03-29T00:59", "Tard"),
    ("35", "2026-03-29T01:00", "CLOSED"),
    # a leap day, a year's last night
    ("01", "2028-02-29T08:00", "N01"),
    ("01", "2026-12-31T15:59", "N01"),
    ("01", "2026-12-31T23:00", "HOLIDAY"),
    # nobody to ring: the national team
    ("48", "2026-11-24T09:00", "Nation"),
    ("48", "2026-12-25T03:00", "Nation"),
    ("02", "2026-11-24T09:00", "Nation"),
]


@pytest.mark.parametrize(("code", "at", "rings"), TABLE)
def test_who_rings(france: Snapshot, code: str, at: str, rings: str) -> None:
    assert names(france, plan(france, code, moment(at))) == rings


# (département, moment in UTC, when it reopens)
REOPENS = [
    ("01", "2026-11-24T11:00", "2026-11-24T13:00"),
    ("01", "2026-11-24T16:00", "2026-11-25T08:00"),
    ("01", "2026-11-27T16:00", "2026-11-30T08:00"),
    ("01", "2026-12-24T16:00", "2026-12-28T08:00"),
    ("67", "2026-04-02T16:00", "2026-04-07T07:00"),
    ("01", "2026-03-27T16:00", "2026-03-30T07:00"),
    ("974", "2026-11-24T13:00", "2026-11-25T05:00"),
    ("987", "2026-11-24T09:00", "2026-11-24T19:00"),
    ("975", "2026-03-06T21:00", "2026-03-09T11:00"),
    ("33", "2026-12-25T22:30", "2026-12-25T23:00"),
    ("34", "2026-03-29T00:00", "2026-03-29T01:00"),
    ("37", "2026-11-29T11:00", "2026-12-06T09:00"),
    ("29", "2026-11-28T19:00", "2026-11-30T07:00"),
]


@pytest.mark.parametrize(("code", "at", "reopens"), REOPENS)
def test_when_it_reopens(france: Snapshot, code: str, at: str, reopens: str) -> None:
    assert plan(france, code, moment(at)).reopens == moment(reopens)


def test_the_reopening_holds_for_every_call_of_the_night(france: Snapshot) -> None:
    """What was found for one call is not given to a call of another night."""
    asked = ["2026-11-24T20:00", "2026-11-24T16:00", "2026-11-25T07:59", "2026-11-25T11:30", "2026-11-24T11:30"]
    assert [plan(france, "01", moment(at)).reopens for at in asked] == [
        moment("2026-11-25T08:00"),
        moment("2026-11-25T08:00"),
        moment("2026-11-25T08:00"),
        moment("2026-11-25T13:00"),
        moment("2026-11-24T13:00"),
    ]
