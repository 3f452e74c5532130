"""The plan beside a second opinion, slow and simple, over random directories, rules and moments."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from routing.calendar.hours import read_hours
from routing.calendar.public_holidays import holiday_on
from routing.departements import timezone_of
from routing.directory.people import Person
from routing.planning.plan import plan
from routing.planning.reopening import HORIZON_DAYS
from routing.rules import Absence, Closure, Rules
from routing.snapshot import Snapshot
from tests.routing.desks import moment, person, snapshot

START = moment("2026-03-20T00:00")
QUARTER = timedelta(minutes=15)
HOURS = ["", "24/7", "lun-ven 08:30-12:15", "ven-sam 22:00-02:00", "dim 01:00-04:00", "mer 00:00-24:00"]
CODES = ["01", "67", "974", "975", "987", "*"]
NAMES = ["A", "B", "C", "D"]


def id_of(name: str) -> str:
    """The short id of somebody here."""
    return f"person000{name.lower()}"


WHO = st.sampled_from(NAMES).map(id_of)
MOMENTS = st.integers(0, 60 * 24 * 4).map(lambda quarters: START + quarters * QUARTER)
PERIODS = st.tuples(MOMENTS, MOMENTS).map(lambda pair: (min(pair), max(pair)))


@st.composite
def people(draw: st.DrawFn) -> list[Person]:
    """Up to four people, some of them with lines in two départements."""
    lines = {}
    for _ in range(draw(st.integers(0, 6))):
        name, code = draw(st.sampled_from(NAMES)), draw(st.sampled_from(CODES))
        rang = draw(st.sampled_from([1, 1, 2, 3, None]))
        lines[name, code] = person(
            name, code, rang=rang, hours=draw(st.sampled_from(HOURS)), id_=f"person000{name.lower()}"
        )
    return list(lines.values())


@st.composite
def rules(draw: st.DrawFn) -> Rules:
    """Some absences, with and without suppléant, and some closures."""
    absences = [
        Absence(number, draw(WHO), *draw(PERIODS), draw(st.none() | WHO)) for number in range(draw(st.integers(0, 3)))
    ]
    closures = [
        Closure(number, draw(st.none() | st.sampled_from(CODES)), *draw(PERIODS))
        for number in range(draw(st.integers(0, 1)))
    ]
    return Rules(absences=tuple(absences), closures=tuple(closures))


class SecondOpinion:
    """Walks through the whole directory for each question, as one would with a pencil."""

    def __init__(self, shot: Snapshot) -> None:
        self.people, self.rules = shot.people, shot.rules

    def away(self, who: str, at: datetime) -> Absence | None:
        found = [each for each in self.rules.absences if each.person == who and each.start <= at < each.end]
        return max(found, key=lambda each: each.end, default=None)

    def closed(self, code: str, at: datetime) -> bool:
        return any(each.departement in {None, code} and each.start <= at < each.end for each in self.rules.closures)

    def at_work(self, line: Person, codes: set[str], at: datetime) -> bool:
        """By the clock on the wall of his own département; the days off are those of all `codes`."""
        if line.hours.always:
            return True
        if any(holiday_on(code, at.astimezone(timezone_of(code)).date()) for code in codes):
            return False
        local = at.astimezone(timezone_of(line.departement))
        minutes = [(local.weekday(), local.hour * 60 + local.minute)]
        minutes.append(((local.weekday() - 1) % 7, minutes[0][1] + 1440))
        return any(
            day == span.weekday and span.start <= minute < span.end
            for day, minute in minutes
            for span in line.hours.spans
        )

    def ringing(self, line: Person, at: datetime) -> str | None:
        """The id that rings in the place of that line, if any."""
        absence = self.away(line.id, at)
        if absence is None:
            return line.id if self.at_work(line, {line.departement}, at) else None
        lines = [each for each in self.people if each.id == absence.suppleant]
        lines.sort(key=lambda each: each.departement != line.departement)
        if not lines or lines[0].rang is None or self.away(lines[0].id, at) or self.closed(lines[0].departement, at):
            return None
        return lines[0].id if self.at_work(lines[0], {line.departement, lines[0].departement}, at) else None

    def desk(self, code: str, at: datetime) -> tuple[list[list[str]], str | None]:
        lines = [each for each in self.people if each.departement == code and each.rang is not None]
        if not lines:
            return [], "no_referent"
        if self.closed(code, at):
            return [], "closed"
        rangs, seen = [], set()
        for rang in (1, 2, 3):
            found = [self.ringing(each, at) for each in lines if each.rang == rang]
            fresh = [
                each for place, each in enumerate(found) if each and each not in seen and each not in found[:place]
            ]
            seen |= set(fresh)
            rangs += [fresh] if fresh else []
        return (rangs, None) if rangs else ([], self.reason(lines, at))

    def reason(self, lines: list[Person], at: datetime) -> str:
        local = at.astimezone(timezone_of(lines[0].departement))
        holiday = holiday_on(lines[0].departement, local.date())
        if holiday and any(not each.hours.always for each in lines):
            return "holiday"
        kept = [each for each in lines if self.away(each.id, at)]
        if len(kept) == len(lines) or any(self.at_work(each, {each.departement}, at) for each in kept):
            return "away"
        return "closed"


def twice(at: datetime) -> bool:
    """Whether somewhere the clock shows that time twice, where the wall clock is no judge."""
    locals_ = [at.astimezone(timezone_of(code)) for code in CODES]
    return any(each.replace(fold=0).utcoffset() != each.replace(fold=1).utcoffset() for each in locals_)


@settings(max_examples=400)
@given(people(), rules(), st.sampled_from(CODES), MOMENTS, st.integers(0, 899))
def test_the_plan_agrees_with_the_second_opinion(
    lines: list[Person], set_rules: Rules, code: str, at: datetime, seconds: int
) -> None:
    at += timedelta(seconds=seconds)
    assume(not twice(at))
    shot = snapshot(lines, set_rules)
    opinion = SecondOpinion(shot)
    rangs, reason = opinion.desk(code, at)
    served_by = code
    if reason == "no_referent" and code != "*":
        served_by = "*"
        rangs, _own = opinion.desk("*", at)
        reason = None if rangs else "no_referent"
    planned = plan(shot, code, at)
    assert (planned.served_by, [list(rang) for rang in planned.rangs], planned.reason) == (served_by, rangs, reason)


@settings(max_examples=60)
@given(people(), rules(), st.sampled_from(CODES), MOMENTS)
def test_the_reopening_is_the_first_quarter_of_an_hour_that_rings(
    lines: list[Person], set_rules: Rules, code: str, at: datetime
) -> None:
    """Every opening, absence and closure here begins on a quarter of an hour, so trying them all finds the first."""
    shot = snapshot(lines, set_rules)
    planned = plan(shot, code, at)
    assume(not planned.rangs)
    opinion = SecondOpinion(shot)
    tried = (at + quarters * QUARTER for quarters in range(1, HORIZON_DAYS * 96 + 1))
    first = next((each for each in tried if opinion.desk(planned.served_by, each)[0]), None)
    assert planned.reopens == first


@settings(max_examples=50)
@given(people(), rules(), MOMENTS, MOMENTS)
def test_a_plan_does_not_depend_on_what_was_asked_before(
    lines: list[Person], set_rules: Rules, at: datetime, before: datetime
) -> None:
    fresh, used = snapshot(lines, set_rules), snapshot(lines, set_rules)
    for code in CODES:
        plan(used, code, before)
    assert [plan(used, code, at) for code in CODES] == [plan(fresh, code, at) for code in CODES]


def test_the_second_opinion_can_disagree() -> None:
    """The comparison would see a référent who is rung outside his hours."""
    shot = snapshot([person("A", id_="person000a")])
    other = SecondOpinion(snapshot([replace(person("A", id_="person000a"), hours=read_hours("24/7"))]))
    night = moment("2026-11-24T20:00")
    assert [list(rang) for rang in plan(shot, "01", night).rangs] != other.desk("01", night)[0]
