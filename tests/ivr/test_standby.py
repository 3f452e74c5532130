"""The documents of the line without us: whatever a caller does, a document follows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product
from xml.etree import ElementTree as ET

import pytest

from ivr.conversation.instructions import HangUp, Say
from ivr.conversation.standby import KEYS, Called, CallTogether, Choose, Consent, Document, standby_documents
from ivr.operator.twilio.standby import StandbyPhrasing
from routing.departements import departements
from routing.directory.people import Person
from routing.rules import Rules
from routing.snapshot import Snapshot
from tests.service.directories import MOMENT, person

FIRST, TOGETHER, SECOND, FAR, TEAM = (f"+3319900750{number}" for number in range(1, 6))
ENDINGS = ["completed", "answered", "busy", "no-answer", "failed", "canceled", ""]


def somebody(phone: str, rang: int | None, code: str = "75", *, screened: bool = True) -> Person:
    return replace(person(phone[-2:], code), phone=phone, rang=rang, screened=screened)


@pytest.fixture(scope="module")
def documents() -> Mapping[str, Document]:
    people = (
        somebody(SECOND, 2), somebody(FIRST, 1), somebody(TOGETHER, 1, screened=False), somebody("+33199007509", None),
        somebody(FAR, 1, "974"), somebody(TEAM, 1, "*"),
    )  # fmt: skip
    return standby_documents(Snapshot(3, MOMENT, people, Rules()))


def said(document: Document) -> list[str]:
    spoken = (one.what for one in document if isinstance(one, Say))
    asked = (line for one in document if isinstance(one, Choose) for line in one.lines)
    return [line.prompt for line in (*spoken, *asked) if hasattr(line, "prompt")]


def rung(document: Document) -> list[str]:
    return [one.phone for call in document if isinstance(call, CallTogether) for one in call.people]


def followers(document: Document) -> Iterator[str]:
    """Every document that may follow: each key, each ending of a ringing, each screen."""
    for one in document:
        if isinstance(one, Choose):
            for digits in range(1, one.digits + 1):
                yield from (one.to + "".join(keys) for keys in product(KEYS, repeat=digits))
        if isinstance(one, CallTogether):
            yield from (one.to + status + bridged for status in ENDINGS for bridged in ("", "true", "false"))
            yield from (called.screen for called in one.people if called.screen)
        if isinstance(one, Consent):
            yield one.then


def test_whatever_follows_any_document_is_there(documents: Mapping[str, Document]) -> None:
    missing = {name for document in documents.values() for name in followers(document)} - documents.keys()
    assert missing == set()


def test_every_document_can_be_reached(documents: Mapping[str, Document]) -> None:
    reached, to_visit = set(), ["entree"]
    while to_visit:
        name = to_visit.pop()
        if name not in reached:
            reached.add(name)
            to_visit.extend(followers(documents[name]))
    unused = {name for name in documents.keys() - reached if not name.startswith("ecran-")}
    assert unused == set()


def test_every_document_ends_with_a_person_a_question_or_a_goodbye(documents: Mapping[str, Document]) -> None:
    for name, document in documents.items():
        if name != "prise":
            assert isinstance(document[-1], CallTogether | HangUp), name


@pytest.mark.parametrize("code", [code for code in departements() if code not in {"2A", "2B"}])
def test_the_keys_of_each_departement_say_its_name(documents: Mapping[str, Document], code: str) -> None:
    named = documents[code][0]
    assert isinstance(named, Say)
    assert departements()[code].name in named.what.text  # type: ignore[union-attr]


def test_corsica_is_chosen_by_one_more_key(documents: Mapping[str, Document]) -> None:
    assert said(documents["20"])[:1] == ["ECHEC"]
    assert "Corse-du-Sud" in documents["201"][0].what.text  # type: ignore[union-attr]
    assert "Haute-Corse" in documents["202"][0].what.text  # type: ignore[union-attr]


def test_the_first_rang_rings_together_then_the_second_then_the_national_team(
    documents: Mapping[str, Document],
) -> None:
    assert rung(documents["75"]) == [FIRST, TOGETHER]
    assert rung(documents["suite-75-0-no-answerfalse"]) == [SECOND]
    assert rung(documents["suite-75-1-busy"]) == [TEAM]
    assert said(documents["suite-nat-0-failed"]) == ["PANNE_FIN"]


def test_nobody_is_rung_after_a_conversation(documents: Mapping[str, Document]) -> None:
    for ending in ("completedtrue", "completed", "answered", "answeredtrue"):
        assert documents[f"suite-75-0-{ending}"][-1] == HangUp()
        assert rung(documents[f"suite-75-0-{ending}"]) == []


def test_a_personal_voicemail_box_is_no_answer(documents: Mapping[str, Document]) -> None:
    assert rung(documents["suite-75-0-completedfalse"]) == [SECOND]


def test_a_departement_without_anybody_reaches_the_national_team(documents: Mapping[str, Document]) -> None:
    assert said(documents["01"]) == ["NOM", "SANS_REFERENT"]
    assert rung(documents["01"]) == [TEAM]


def test_only_who_asks_for_it_is_asked_to_press_one(documents: Mapping[str, Document]) -> None:
    call = documents["75"][-1]
    assert isinstance(call, CallTogether)
    assert call.people == (Called(FIRST, "ecran-75"), Called(TOGETHER, None))


def test_the_files_hold_no_name_of_a_person_and_lead_only_to_their_own_host(documents: Mapping[str, Document]) -> None:
    phrasing = StandbyPhrasing("https://secours.example/f/", "https://blancs.example/s", "+33199000000")
    files = {**phrasing.phrase(documents), "switch": phrasing.phrase_switch()}
    for text in files.values():
        root = ET.fromstring(text)  # noqa: S314 - our own text
        assert "Delorme" not in text
        for element in root.iter():
            for name in ("action", "url"):
                address = element.get(name, "https://secours.example/f/")
                assert address.startswith(("https://secours.example/f/", "https://blancs.example/s"))


def test_two_people_behind_one_telephone_ring_it_once_here_too() -> None:
    people = (somebody(FIRST, 1, screened=False), replace(somebody(FIRST, 1), id="other"), somebody(TEAM, 1, "*"))
    documents = standby_documents(Snapshot(3, MOMENT, people, Rules()))
    [together] = [one for one in documents["75"] if isinstance(one, CallTogether)]
    assert together.people == (Called(FIRST, "ecran-75"),)
