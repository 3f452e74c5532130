"""Who is told, in which words, by when."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from routing.people import Person
from routing.rules import Rules
from routing.snapshot import Snapshot
from tests.service.directories import MOMENT, person
from voicemail.notices import Task, TaskKind, due_at, pause_before, readers_of, write_letter

LINK = "https://svi.example/appels/CA1"
NUMBER = "+33639981234"


def line(nom: str, departement: str = "75", email: str | None = None, *, rang: int | None = 1) -> Person:
    return replace(person(nom, departement), email=email or f"{nom.lower()}@exemple.fr", rang=rang)


def told(*people: Person, departement: str = "75") -> list[str | None]:
    return [one.email for one in readers_of(Snapshot(1, MOMENT, people, Rules()), departement)]


def test_every_ringable_line_of_the_desk_is_told_once() -> None:
    people = (line("Anne"), line("Bruno", rang=2), line("Contact", rang=None), line("Anne2", email="ANNE@exemple.fr"))
    assert told(*people) == ["anne@exemple.fr", "bruno@exemple.fr"]


def test_a_desk_without_an_address_is_told_through_the_national_team() -> None:
    silent = replace(line("Anne"), email=None)
    assert told(silent, line("Equipe", "*")) == ["equipe@exemple.fr"]
    assert told(line("Equipe", "*"), departement="01") == ["equipe@exemple.fr"]


@pytest.mark.parametrize(
    ("departement", "came", "due"),
    [
        ("75", "2026-12-07 15:00", "2026-12-08 15:00"),  # Monday
        ("75", "2026-12-11 15:00", "2026-12-14 15:00"),  # Friday: Monday at the same hour
        ("75", "2026-12-12 10:00", "2026-12-15 00:00"),  # Saturday: it counts from Monday
        ("75", "2026-12-24 10:00", "2026-12-28 10:00"),  # Christmas is a Friday
        ("67", "2026-12-24 10:00", "2026-12-28 10:00"),
        ("974", "2026-12-18 10:00", "2026-12-21 10:00"),  # the abolition of slavery, on Sunday the 20th
        ("*", "2026-12-25 10:00", "2026-12-29 00:00"),
    ],
)
def test_a_task_is_late_after_one_open_day(departement: str, came: str, due: str) -> None:
    zone = ZoneInfo("Indian/Reunion" if departement == "974" else "Europe/Paris")
    moment = datetime.fromisoformat(came).replace(tzinfo=zone)
    assert due_at(moment, departement).astimezone(zone) == datetime.fromisoformat(due).replace(tzinfo=zone)


def test_an_open_day_keeps_its_hour_on_the_night_when_clocks_change() -> None:
    paris = ZoneInfo("Europe/Paris")
    friday = datetime(2026, 3, 27, 9, 30, tzinfo=paris)
    assert due_at(friday, "75").astimezone(paris) == datetime(2026, 3, 30, 9, 30, tzinfo=paris)


def test_the_mail_about_a_message_holds_a_link_and_no_number() -> None:
    letter = write_letter(Task("CA1", TaskKind.MESSAGE, "75", MOMENT, 34, None), line("Anne"), "a@exemple.fr", LINK)
    assert letter.subject == "[SI SIAO] Message à écouter – 75 Paris"
    assert "34 secondes" in letter.text
    assert "lundi 7 décembre 2026 à 10 h" in letter.text
    assert LINK in letter.text
    assert "Bonjour Aïcha Anne," in letter.text


def test_the_mail_about_a_callback_holds_the_number_and_the_hour_but_not_in_its_subject() -> None:
    task = Task("CA1", TaskKind.CALLBACK, "974", MOMENT, None, NUMBER)
    letter = write_letter(task, None, "a@exemple.fr", LINK)
    assert letter.subject == "[SI SIAO] Rappel à faire – 974 La Réunion"
    assert "06 39 98 12 34" in letter.text
    assert "lundi 7 décembre 2026 à 13 h" in letter.text
    assert "mardi 8 décembre 2026 à 13 h, heure locale" in letter.text


def test_a_failure_is_tried_again_after_half_a_minute_then_less_and_less_often() -> None:
    day = timedelta(hours=24)
    assert [pause_before(tries, day).total_seconds() for tries in (1, 2, 3, 4)] == [30, 60, 120, 240]
    assert pause_before(40, day) == day
