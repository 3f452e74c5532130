"""The morning bulletin: what it tells, and that it is told once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from records.database import reading
from records.facts import Attempt, AttemptResult, Fact, FactKind
from records.schema.tables import deliveries
from routing.calendar.hours import read_hours
from routing.directory.people import Person
from routing.rules import Absence, Closure, Notice, Rules
from routing.snapshot import Snapshot
from service.wiring.bulletin import Bulletins
from tests.service.directories import person
from tests.voicemail.conftest import Desk, call, callback
from voicemail import store
from voicemail.bulletin import sections, write_bulletin
from voicemail.notices import Task, TaskKind

MONDAY = datetime(2026, 12, 7, 6, 30, tzinfo=UTC)
DAY = timedelta(days=1)
WEEKDAYS = read_hours("lun-ven 09:00-12:00 14:00-17:00")


def line(nom: str, departement: str = "75", *, always: bool = False) -> Person:
    made = person(nom, departement)
    return made if always else replace(made, hours=WEEKDAYS)


def parts_of_bulletin(
    *,
    people: tuple[Person, ...] = (line("Anne"), line("Equipe", "*", always=True)),
    rules: Rules | None = None,
    attempts: tuple[Attempt, ...] = (),
    tasks: tuple[Task, ...] = (),
    at: datetime = MONDAY,
) -> dict[str, tuple[str, ...]]:
    found = sections(Snapshot(1, MONDAY, people, rules or Rules()), attempts, tasks, (), at)
    return {one.heading: one.lines for one in found}


def attempt(result: AttemptResult, phone: str = "+33199007501") -> Attempt:
    return Attempt("idanne00", "Aïcha Anne", phone, result)


def away(start: datetime, end: datetime, suppleant: str | None = None) -> Rules:
    return Rules(absences=(Absence(1, "idanne00", start, end, suppleant),))


def test_nothing_is_told_when_all_is_well() -> None:
    assert parts_of_bulletin() == {}
    assert "Rien à signaler" in write_bulletin((), MONDAY.date())


def test_a_departement_whose_only_referent_is_away_today_is_named() -> None:
    found = parts_of_bulletin(rules=away(MONDAY - DAY, MONDAY + DAY))
    assert found["Départements sans personne aujourd’hui"] == ("75 Paris : toute la journée",)
    assert found["Absences sans suppléant"][0].startswith("Aïcha Anne (75 Paris) : du dimanche 6 décembre 2026")


def test_a_hole_of_a_few_hours_is_told_with_its_hours_in_local_time() -> None:
    found = parts_of_bulletin(rules=away(MONDAY.replace(hour=13), MONDAY.replace(hour=15)))
    assert found["Départements sans personne aujourd’hui"] == ("75 Paris : 14:30-16:30",)


def test_sundays_and_closures_are_no_holes() -> None:
    assert parts_of_bulletin(at=MONDAY - DAY, rules=away(MONDAY - 2 * DAY, MONDAY - timedelta(hours=12))).keys() <= {
        "Absences sans suppléant"
    }
    closed = Rules(closures=(Closure(1, None, MONDAY - DAY, MONDAY + DAY, "Déménagement"),))
    assert "Départements sans personne aujourd’hui" not in parts_of_bulletin(rules=closed)


def test_a_suppleant_fills_the_hole_and_nothing_is_told() -> None:
    people = (line("Anne"), line("Bruno"), line("Equipe", "*", always=True))
    assert parts_of_bulletin(people=people, rules=away(MONDAY - DAY, MONDAY + DAY, "idbruno00")) == {}


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ("failed failed", "numéro en échec, 2 fois"),
        ("accepted failed failed", "numéro en échec, 2 fois"),
        ("failed failed accepted", None),
        ("no_answer refused no_answer", "sonné 3 fois, jamais pris"),
        ("no_answer accepted no_answer no_answer", None),
        ("no_answer no_answer canceled canceled", None),
    ],
)
def test_numbers_that_fail_or_are_never_taken_are_named_and_masked(results: str, expected: str | None) -> None:
    found = parts_of_bulletin(attempts=tuple(attempt(AttemptResult(one)) for one in results.split()))
    lines = found.get("Numéros en échec ou jamais décrochés depuis sept jours", ())
    assert lines == (() if expected is None else (f"Aïcha Anne (01 99 •• •• 01) : {expected}",))


def test_what_waits_longer_than_one_open_day_is_late() -> None:
    tasks = (
        Task("CA1", TaskKind.MESSAGE, "75", MONDAY - 28 * DAY),
        Task("CA2", TaskKind.CALLBACK, "*", MONDAY - 4 * DAY, None, "+33639981234"),
        Task("CA3", TaskKind.MESSAGE, "75", MONDAY - 2 * DAY),
    )
    late = parts_of_bulletin(tasks=tasks)["Messages et rappels en retard"]
    assert late[0].startswith("75 Paris : message du lundi 9 novembre 2026")
    assert late[0].endswith("effacé dans moins de trois jours")
    assert late[1].startswith("équipe nationale : rappel du jeudi 3 décembre 2026")
    assert len(late) == 2
    assert "06 39" not in write_bulletin(
        sections(Snapshot(1, MONDAY, (), Rules()), (), tasks, (), MONDAY), MONDAY.date()
    )


def test_a_number_that_asked_several_times_is_one_late_line() -> None:
    tasks = tuple(
        Task(f"CA{place}", TaskKind.CALLBACK, "75", MONDAY - 4 * DAY, None, number)
        for place, number in enumerate(["+33639981234", "+33639981234", "+33639985678", "+33639981234"])
    )
    late = parts_of_bulletin(tasks=tasks)["Messages et rappels en retard"]
    assert len(late) == 2
    assert late[0].endswith(", demandé 3 fois")
    assert not late[1].endswith("fois")


def test_calls_that_a_limit_kept_from_ringing_are_counted_by_desk_and_reason(desk: Desk) -> None:
    """Whoever wonders why a desk was silent finds it there, once for who chose it again; a stopped loop is no news."""
    led_out = {"CA1": "full", "CA2": "full", "CA3": "withheld", "CA4": "loop"}
    for call_id, why in led_out.items():
        twice = (Fact(call_id, FactKind.LED_OUT, n, MONDAY, "", {"why": why}) for n in (2, 5))
        desk.heard(*call(call_id), *twice)
    with reading(desk.engine) as connection:
        capped = store.led_out_since(connection, MONDAY - DAY)
        assert store.led_out_since(connection, MONDAY) == []
    found = sections(Snapshot(1, MONDAY, (line("Anne", always=True),), Rules()), (), (), (), MONDAY, capped=capped)
    told = {one.heading: one.lines for one in found}
    assert told["Appels menés droit au message d’absence depuis hier"] == (
        "75 Paris : 2 appels quand trop d’appels sonnaient déjà",
        "75 Paris : 1 appel de numéros masqués qui rappelaient sans suite",
    )


def test_an_announcement_that_ended_in_the_night_is_told() -> None:
    notices = (Notice(1, "Incident en cours.", MONDAY - DAY, MONDAY - timedelta(hours=6)),)
    assert parts_of_bulletin(rules=Rules(notices=notices))["Annonces terminées depuis hier"] == (
        "« Incident en cours. »",
    )


def test_a_long_list_is_cut_and_says_so() -> None:
    tasks = tuple(Task(f"CA{n}", TaskKind.MESSAGE, "75", MONDAY - 9 * DAY) for n in range(60))
    text = write_bulletin(sections(Snapshot(1, MONDAY, (), Rules()), (), tasks, (), MONDAY), MONDAY.date())
    assert text.count("message du") == 40
    assert "et 20 de plus" in text


def test_the_bulletin_leaves_once_a_day_even_when_mail_is_down_for_hours(desk: Desk) -> None:
    bulletins = Bulletins(desk.engine, desk.post, lambda: desk.serving[0], lambda: desk.moment[0])
    desk.heard(*call("CA1", callback()))
    desk.post.troubles = [OSError("away")] * 3
    for _ in range(8):
        bulletins.owe()
        bulletins.send()
        desk.wait(timedelta(minutes=20))
    [letter] = desk.post.letters
    assert letter.subject == "[SI SIAO] Bulletin du lundi 7 décembre"
    assert letter.key.startswith("bulletin:2026-12-07:")


def test_a_bulletin_of_yesterday_is_not_sent_today(desk: Desk) -> None:
    bulletins = Bulletins(desk.engine, desk.post, lambda: desk.serving[0], lambda: desk.moment[0])
    bulletins.owe()
    desk.wait(DAY)
    bulletins.send()
    assert desk.post.letters == []
    with reading(desk.engine) as connection:
        assert connection.scalars(select(deliveries.c.error)).all() == ["too late"]
