"""An address carries all that was decided, and nothing personal."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.conversation.place import AddressRefused, Place, Step, read_place
from records.facts import AbsenceReason, AnsweredBy, GivenBy

_IDS = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=4, max_size=12)
_CODES = st.sampled_from(["01", "20"[:1] + "9", "2A", "2B", "75", "974", "988", "*"])
_PLACES = st.builds(
    Place,
    step=st.sampled_from(Step),
    n=st.integers(1, 41),
    failures=st.integers(0, 3),
    returns=st.integers(0, 2),
    departement=st.none() | _CODES,
    given_by=st.none() | st.sampled_from(GivenBy),
    keys=st.sampled_from(["", "97", "98"]),
    candidates=st.lists(_CODES, max_size=3).map(tuple),
    version=st.integers(0, 10**6),
    rangs=st.lists(st.lists(_IDS, min_size=1, max_size=4).map(tuple), max_size=4).map(tuple),
    desk=st.sampled_from(AnsweredBy),
    served_by=st.none() | _CODES,
    began=st.integers(0, 10**10),
    reason=st.none() | st.sampled_from(AbsenceReason),
    overflow=st.none() | _CODES,
    person=st.just("") | _IDS,
)


@given(_PLACES)
def test_an_address_gives_back_the_place_it_was_written_from(place: Place) -> None:
    """What is decided once is carried whole (decision 2)."""
    path, query = urlsplit(place.address)[2:4]
    assert read_place(path.removeprefix("/voice/"), dict(parse_qsl(query))) == place


@given(_PLACES)
def test_an_address_needs_no_percent_encoding(place: Place) -> None:
    """Encoded characters break the operator's signature."""
    assert re.fullmatch(r"/voice/[a-z]+\?[A-Za-z0-9_.=&-]+", place.address)


@pytest.mark.parametrize(
    ("step", "query"),
    [
        ("menu", {"n": "²"}),
        ("menu", {"n": "-1"}),
        ("menu", {"d": "99x"}),
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
