"""The snapshot: finding people, and its text that is lossless and checked."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.calendar.hours import Hours, Span
from routing.directory.differences import differences
from routing.directory.people import Person, Role
from routing.rules import Absence, AbsenceMessage, Closure, Notice, Overflow, OverflowWhen, Rules
from routing.snapshot import Snapshot, from_json, to_json
from tests.routing.desks import moment, person, snapshot

TEXT = st.text(max_size=12)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - naive bounds
CODES = st.sampled_from(["01", "2A", "974", "*"])
PERIODS = st.tuples(MOMENTS, MOMENTS).map(sorted)
SPANS = st.builds(Span, st.integers(0, 6), st.integers(0, 1439), st.integers(1, 2879))
HOURS = st.builds(Hours, st.lists(SPANS, max_size=3).map(tuple), st.booleans())
PEOPLE = st.builds(
    Person,
    id=st.sampled_from(["aaaaaaaaaa", "bbbbbbbbbb", "bbbbbbbbbbb"]),
    departement=CODES,
    siao=TEXT,
    nom=TEXT,
    prenom=TEXT,
    role=st.sampled_from(Role),
    phone=st.none() | TEXT,
    email=st.none() | TEXT,
    rang=st.none() | st.integers(1, 9),
    hours=HOURS,
    screened=st.booleans(),
)


def with_period(make: type, **fields: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    """One thing with a start and an end."""
    return st.builds(lambda period, **rest: make(start=period[0], end=period[1], **rest), PERIODS, **fields)


def several(strategy: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(strategy, max_size=3).map(tuple)


RULES = st.builds(
    Rules,
    absences=several(with_period(Absence, id=st.integers(), person=TEXT, suppleant=st.none() | TEXT)),
    closures=several(with_period(Closure, id=st.integers(), departement=st.none() | CODES, label=TEXT)),
    notices=several(with_period(Notice, id=st.integers(), text=TEXT)),
    messages=several(st.builds(AbsenceMessage, CODES, st.none() | TEXT, st.none() | TEXT, st.none() | TEXT)),
    overflows=several(st.builds(Overflow, st.none() | CODES, CODES, st.sampled_from(OverflowWhen))),
    usage_holidays=st.frozensets(CODES),
)
SNAPSHOTS = st.builds(Snapshot, st.integers(0), MOMENTS, st.lists(PEOPLE, max_size=5).map(tuple), RULES)


@given(SNAPSHOTS)
def test_a_snapshot_survives_its_text(shot: Snapshot) -> None:
    assert from_json(to_json(shot)) == shot


@given(SNAPSHOTS)
def test_the_same_snapshot_always_gives_the_same_text(shot: Snapshot) -> None:
    assert to_json(from_json(to_json(shot))) == to_json(shot)


WRITTEN = to_json(snapshot([person("Martin"), person("Petit", rang=2)]))


@given(st.integers(0, len(WRITTEN) - 2), st.sampled_from('0a"{}[],:\x00é'))
def test_a_damaged_text_is_refused_or_means_the_same(place: int, character: str) -> None:
    damaged = WRITTEN[:place] + character + WRITTEN[place + 1 :]
    try:
        read = from_json(damaged)
    except ValueError:
        return
    assert read == from_json(WRITTEN)


@pytest.mark.parametrize("length", [0, 1, 10, len(WRITTEN) // 2, len(WRITTEN) - 2])
def test_a_torn_text_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match=r".+"):
        from_json(WRITTEN[:length])


def rewritten(**content: object) -> str:
    """A text of another content whose checksum is that of the first one."""
    outer = json.loads(WRITTEN)
    outer["content"] |= content
    return json.dumps(outer)


@pytest.mark.parametrize(
    "text",
    ["null", "[]", "{}", "1", '"x"', '{"format":1}', rewritten(version=2), rewritten(people=[]), "[" * 100_000],
)
def test_a_text_that_is_no_snapshot_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        from_json(text)


def test_a_moment_without_a_time_zone_is_refused() -> None:
    naive = Snapshot(1, moment("2026-11-24T00:00"), (), Rules())
    text = to_json(naive)
    assert "+00:00" in text
    with pytest.raises(ValueError, match=r".+"):
        from_json(text.replace("+00:00", ""))


# ---------------------------------------------------------------- finding people


def test_lines_come_in_the_order_of_the_directory() -> None:
    shot = snapshot([person("B", rang=2), person("A"), person("C", "02")])
    assert [each.nom for each in shot.lines("01")] == ["B", "A"]
    assert shot.lines("03") == ()


def test_a_person_is_found_in_the_departement_first_and_elsewhere_else() -> None:
    here, there = person("A", "01", id_="aaaaaaaaaa"), person("A", "02", id_="aaaaaaaaaa")
    shot = snapshot([there, here])
    assert shot.person("01", "aaaaaaaaaa") is here
    assert shot.person("03", "aaaaaaaaaa") is there
    assert shot.person("01", "zzzzzzzzzz") is None


def test_phones_are_all_the_numbers_of_the_directory() -> None:
    shot = snapshot([person("A", phone="+33639980001"), person("B", phone=None), person("C", phone="+33639980001")])
    assert shot.phones() == {"+33639980001"}


def test_an_absence_holds_for_every_line_of_the_person_and_for_nobody_else() -> None:
    absence = Absence(1, "aaaaaaaaaa", moment("2026-11-24T00:00"), moment("2026-11-25T00:00"))
    people = [person("A", id_="aaaaaaaaaa"), person("A", id_="aaaaaaaaaab"), person("B", id_="bbbbbbbbbb")]
    shot = snapshot(people, Rules(absences=(absence,)))
    assert [shot.absences(each.id) for each in people] == [(absence,), (absence,), ()]


def test_an_absence_of_somebody_who_left_is_kept_under_his_id() -> None:
    absence = Absence(1, "gone000000", moment("2026-11-24T00:00"), moment("2026-11-25T00:00"))
    assert snapshot([], Rules(absences=(absence,))).absences("gone000000") == (absence,)


# ---------------------------------------------------------------- from one directory to the next


def test_differences_tell_lines_added_changed_and_removed() -> None:
    kept, before, gone = person("A"), person("B"), person("C", "02")
    after, new = person("B", phone="+33639980009"), person("D")
    found = differences([kept, before, gone], [kept, after, new])
    assert (found.added, found.changed, found.removed) == ((new,), ((before, after),), (gone,))
    assert (found.orphaned, found.emptied) == ((gone.id,), ("02",))


def test_a_person_who_changes_departement_is_not_orphaned() -> None:
    found = differences([person("A", "01")], [person("A", "02")])
    assert (len(found.added), len(found.removed), found.orphaned) == (1, 1, ())


def test_a_departement_without_a_line_is_emptied_even_where_nobody_was_rung() -> None:
    assert differences([person("A", rang=None), person("B", "02")], [person("B", "02")]).emptied == ("01",)


@pytest.mark.parametrize(("kept", "asks"), [(8, False), (7, True)])
def test_more_than_a_fifth_of_the_lines_is_asked_about(kept: int, asks: bool) -> None:
    before = [person(f"P{place}") for place in range(10)]
    assert differences(before, before[:kept]).takes_many is asks
    assert differences(before, before[:kept]).must_be_confirmed is asks


def test_corrected_names_are_no_departures() -> None:
    before = [person(f"P{place}") for place in range(10)]
    after = [replace(each, id=f"new{place}", nom=f"{each.nom}-Léa") for place, each in enumerate(before)]
    assert not differences(before, after).must_be_confirmed


def test_a_departement_that_keeps_a_contact_only_is_emptied() -> None:
    assert differences([person("A")], [person("A", rang=None)]).emptied == ("01",)


def test_the_same_directory_has_no_difference() -> None:
    people = [person("A"), person("B")]
    assert differences(people, people).is_empty
    assert not differences(people, people[:1]).is_empty


def test_what_a_snapshot_has_found_does_not_change_what_it_is() -> None:
    first, second = snapshot([person("A")]), snapshot([person("A")])
    first.reopenings["01"] = (moment("2026-11-24T00:00"), moment("2026-11-24T00:00") + timedelta(days=1))
    assert first == second
    assert to_json(first) == to_json(second)
