"""An address carries all that was decided, and nothing personal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import combinations
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.conversation.events import Arrived, MessageLeft, PickedUp, Pressed, RingEnded, Silent, Spoke
from ivr.conversation.place import CARRIED, AddressRefused, Cap, Place, Step, read_place
from ivr.conversation.script import advance
from records.facts import AbsenceReason, AnsweredBy, GivenBy, LegStatus
from tests.ivr.scene import OWN, situation

_IDS = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=4, max_size=12)
_CODES = st.sampled_from(["01", "09", "2A", "2B", "75", "974", "988"])
_DESKS = _CODES | st.just("*")
_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "failures": st.integers(1, 3),
    "returns": st.integers(1, 2),
    "departement": _CODES,
    "given_by": st.sampled_from(GivenBy),
    "keys": st.sampled_from(["97", "98", "3"]),
    "candidates": st.lists(_CODES, min_size=1, max_size=4).map(tuple),
    "version": st.integers(1, 10**6),
    "rangs": st.lists(st.lists(_IDS, min_size=1, max_size=4).map(tuple), min_size=1, max_size=4).map(tuple),
    "desk": st.sampled_from([AnsweredBy.NATIONAL, AnsweredBy.OVERFLOW]),
    "served_by": _DESKS,
    "began": st.integers(1, 10**9),
    "reopens": st.integers(1, 10**9),
    "spent": st.integers(1, 10**5),
    "reason": st.sampled_from(AbsenceReason),
    "capped": st.sampled_from(Cap),
    "overflow": _DESKS,
    "asked": st.integers(1, 3),
    "of": st.integers(1, 41),
    "person": _IDS,
}
"""A value of each field that is not its default, as somebody could write it who has our key."""


@st.composite
def _places(draw: st.DrawFn, *, names: Callable[[Step], st.SearchStrategy[set[str]]]) -> Place:
    step = draw(st.sampled_from(Step))
    return Place(step, draw(st.integers(1, 41)), **{name: draw(_VALUES[name]) for name in sorted(draw(names(step)))})


def _of_the_step(step: Step) -> st.SearchStrategy[set[str]]:
    """What the step needs, and any of what it may carry."""
    carried = CARRIED[step]
    return st.sets(st.sampled_from(sorted(carried.may or {"n"}))).map(lambda some: (some - {"n"}) | carried.needs)


def _has_as_many_as_it_should(place: Place) -> bool:
    candidates = {Step.SURE: {1}, Step.CHOOSE: {2, 3}}.get(place.step, {0})
    keys = {Step.MENU: {0, 1}, Step.THIRD: {2}}.get(place.step, {0})
    return len(place.candidates) in candidates and len(place.keys) in keys


_PLACES = _places(names=_of_the_step).filter(_has_as_many_as_it_should)
_ANY_PLACE = _places(names=lambda _: st.sets(st.sampled_from(sorted(_VALUES))))


def _read(place: Place) -> Place:
    path, query = urlsplit(place.address)[2:4]
    return read_place(path.removeprefix("/voice/"), dict(parse_qsl(query)))


@given(_PLACES)
def test_an_address_gives_back_the_place_it_was_written_from(place: Place) -> None:
    """What is decided once is carried whole (decision 2)."""
    assert _read(place) == place


@given(_PLACES)
def test_an_address_needs_no_percent_encoding(place: Place) -> None:
    """Encoded characters break the operator's signature."""
    assert re.fullmatch(r"/voice/[a-z]+\?[A-Za-z0-9_.=&-]+", place.address)


@pytest.mark.parametrize(
    ("step", "query"),
    [
        ("menu", {"n": "²"}),
        ("menu", {"n": "-1"}),
        ("offer", {"d": "99x"}),
        ("offer", {"d": "20"}),
        ("offer", {"d": "96"}),
        ("offer", {"d": "nat"}),
        ("offer", {"n": "2"}),
        ("menu", {"n": "1000"}),
        ("menu", {"f": "9999999999"}),
        ("menu", {"d": "75"}),
        ("third", {"q": "99"}),
        ("third", {"n": "4"}),
        ("sure", {"n": "3"}),
        ("sure", {"c": "75.93"}),
        ("choose", {"c": "75"}),
        ("choose", {"c": "75.93.94.95"}),
        ("ring", {"d": "75"}),
        ("ring", {"h": "abcd1234", "s": "980"}),
        ("absence", {"w": "00"}),
        ("callback", {"n": "5"}),
        ("screen", {"d": "75"}),
        ("take", {"p": "x"}),
        ("menu", {"h": "UPPER"}),
        ("menu", {"x": "bored"}),
        ("menu", {"n": "٣"}),
        ("nowhere", {"n": "2"}),
        ("menu", {"h": "abcd1234--efgh"}),
    ],
)
def test_an_address_that_is_not_ours_is_refused(step: str, query: dict[str, str]) -> None:
    """Nothing of a foreign address is guessed at."""
    with pytest.raises(AddressRefused):
        read_place(step, query)


def test_unknown_parameters_of_an_operator_are_let_by() -> None:
    """An engine may add its own; ours are read."""
    assert read_place("menu", {"n": "3", "utm": "x"}) == Place(Step.MENU, 3)


_EVENTS = st.one_of(
    st.just(Arrived(OWN)),
    st.text("0123456789*", min_size=1, max_size=10).map(Pressed),
    st.sampled_from(
        [Spoke("oui"), Spoke("non", 0.9), Spoke("Paris", 0.2), Spoke("le deux", 0.9), Spoke("\u202e", 0.9)]
    ),
    st.just(Silent()),
    st.builds(
        RingEnded, st.sampled_from(LegStatus), st.none() | st.booleans(), st.none(), st.none() | st.integers(0, 999)
    ),
    st.builds(MessageLeft, st.none() | st.just("RE1"), st.integers(0, 200)),
    st.just(PickedUp()),
)


def test_every_step_says_what_its_address_carries() -> None:
    """A new step, or a new field that no step carries, is not forgotten."""
    assert set(CARRIED) == set(Step)
    carried = frozenset[str]().union(*(one.needs | one.may for one in CARRIED.values()))
    assert carried == set(_VALUES) == {name for name in Place.__slots__ if name not in {"step", "n"}}


@settings(max_examples=400)
@given(_ANY_PLACE | _PLACES, _EVENTS, st.booleans(), st.booleans())
def test_every_step_with_any_fields_is_refused_or_answered(
    place: Place, event: Any, listens: bool, withheld: bool
) -> None:
    """Whatever a signed address carries and whatever comes there, nothing breaks on the way."""
    try:
        known = _read(place)
    except AddressRefused:
        return
    around = situation(caller=None) if withheld else situation()
    around = replace(around, line=replace(around.line, listens=listens))
    assert advance(known, event, around).instructions


_ONE_OF_EACH: dict[str, Any] = {
    "failures": 2,
    "returns": 2,
    "departement": "75",
    "given_by": GivenBy.SPEECH,
    "keys": "97",
    "candidates": ("75", "2A"),
    "version": 7,
    "rangs": (("paul75aa", "zzzz9999"), ("anne75aa",)),
    "desk": AnsweredBy.OVERFLOW,
    "served_by": "*",
    "began": 9_999_999_999,
    "reopens": 9_999_999_999,
    "spent": 9_999_999_999,
    "reason": AbsenceReason.HOLIDAY,
    "capped": Cap.FULL,
    "overflow": "93",
    "asked": 9,
    "of": 999,
    "person": "paul75aa",
}
_PRESSED = [Pressed(keys) for keys in ("1", "2", "3", "*", "38", "0261911122", "#")]
_EACH_EVENT: dict[Step, list[Any]] = {
    Step.ARRIVAL: [Arrived(OWN)],
    Step.RING: [RingEnded(status, is_bridged=bridged) for status in LegStatus for bridged in (True, False, None)],
    Step.MESSAGE: [MessageLeft(None, 0), MessageLeft("RE1", 30)],
    Step.SCREEN: [PickedUp()],
}


_FITTING: dict[Step, dict[str, Any]] = {Step.MENU: {"keys": "3"}, Step.SURE: {"candidates": ("08",)}}


def _of_each(step: Step, names: frozenset[str]) -> Place:
    values = _ONE_OF_EACH | _FITTING.get(step, {})
    return Place(step, 3, **{name: values[name] for name in names})


def _subsets(step: Step) -> Iterator[frozenset[str]]:
    """What the step needs with none, one, two, all but one and all of what it may carry."""
    carried = CARRIED[step]
    for size in {0, 1, 2, len(carried.may) - 1, len(carried.may)}:
        for some in combinations(sorted(carried.may), max(size, 0)):
            yield carried.needs | set(some)


@pytest.mark.parametrize("step", Step)
def test_a_step_answers_whichever_of_its_fields_are_there(step: Step) -> None:
    listening = replace(situation(), line=replace(situation().line, listens=True))
    events: list[Any] = _EACH_EVENT.get(step) or [
        *_PRESSED,
        Silent(),
        Spoke("oui", 0.9),
        Spoke("Paris", 0.9),
        Spoke("bof"),
    ]
    for names in _subsets(step):
        place = _read(_of_each(step, names))
        for event in events:
            assert advance(place, event, listening).instructions, (place.address, event)


@pytest.mark.parametrize("step", Step)
def test_a_step_refuses_an_address_without_what_it_needs_or_with_what_is_foreign_to_it(step: Step) -> None:
    carried = CARRIED[step]
    wrong = [carried.needs - {name} for name in carried.needs]
    wrong += [carried.needs | {name} for name in _ONE_OF_EACH.keys() - carried.needs - carried.may]
    for names in wrong:
        with pytest.raises(AddressRefused):
            _read(_of_each(step, names))


def test_a_rang_of_a_thousand_strangers_is_answered() -> None:
    """Ids that the directory does not know are passed over, however many they are."""
    strangers = ".".join(f"{one:012d}" for one in range(1000))
    place = read_place("ring", {"n": "9", "h": strangers, "d": "75"})
    assert advance(place, RingEnded(LegStatus.BUSY, is_bridged=False), situation()).instructions
