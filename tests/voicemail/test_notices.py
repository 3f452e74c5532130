"""Who is told, in which words, by when."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from records.outbox import pause_before
from routing.directory.people import Person
from routing.rules import Rules
from routing.snapshot import Snapshot
from tests.service.directories import MOMENT, person
from voicemail.notices import Task, TaskKind, readers_of, write_letter

LINK = "https://svi.example/appels/CA1"
NUMBER = "+33639981234"


def line(nom: str, departement: str = "75", email: str | None = None, *, rang: int | None = 1) -> Person:
    return replace(person(nom, departement), email=email or f"{nom.lower()}@exemple.fr", rang=rang)


def notified(*people: Person, departement: str = "75") -> list[str | None]:
    return [one.email for one in readers_of(Snapshot(1, MOMENT, people, Rules()), departement)]


def test_every_ringable_line_of_the_desk_is_told_once() -> None:
    people = (line("Anne"), line("Bruno", rang=2), line("Contact", rang=None), line("Anne2", email="ANNE@exemple.fr"))
    assert notified(*people) == ["anne@exemple.fr", "bruno@exemple.fr"]


def test_a_desk_without_an_address_is_told_through_the_national_team() -> None:
    silent = replace(line("Anne"), email=None)
    assert notified(silent, line("Equipe", "*")) == ["equipe@exemple.fr"]
    assert notified(line("Equipe", "*"), departement="01") == ["equipe@exemple.fr"]


def test_the_mail_about_a_message_holds_a_link_and_no_number() -> None:
    letter = write_letter(Task("CA1", TaskKind.MESSAGE, "75", MOMENT, 34, None), line("Anne"), "a@exemple.fr", LINK)
    assert letter.subject == "[SI SIAO] Message à écouter – 75 Paris"
    assert "(34 s)" in letter.text
    assert "lundi 7 décembre 2026 à 10 h" in letter.text
    assert LINK in letter.text
    assert "Bonjour Aïcha Anne," in letter.text


def test_the_mail_about_a_callback_holds_a_masked_number_and_says_that_showing_it_leaves_a_trace() -> None:
    task = Task("CA1", TaskKind.CALLBACK, "974", MOMENT, None, NUMBER)
    letter = write_letter(task, None, "a@exemple.fr", LINK)
    assert letter.subject == "[SI SIAO] Rappel à faire – 974 La Réunion"
    assert "(06 39 •• •• 34) s’affiche dans votre espace ; l’afficher laisse une trace." in letter.text
    assert "12" not in letter.text.partition("Demande reçue")[0].replace("/12/", "")
    assert LINK in letter.text
    assert "lundi 7 décembre 2026 à 13 h" in letter.text
    assert "mardi 8 décembre 2026 à 14 h, heure locale" in letter.text


def test_a_failure_is_tried_again_after_half_a_minute_then_less_and_less_often() -> None:
    day = timedelta(hours=24)
    assert [pause_before(tries, day).total_seconds() for tries in (1, 2, 3, 4)] == [30, 60, 120, 240]
    assert pause_before(40, day) == day
