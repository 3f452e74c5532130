"""What a recogniser is told to expect: within the operator's limits, the most easily confused first."""

from __future__ import annotations

from dataclasses import replace

from ivr.conversation.events import Arrived
from ivr.operator.twilio.documents import TwilioDocuments
from ivr.understanding.hearing import hear
from ivr.understanding.hints import hints
from ivr.understanding.spoken_names import CONFUSABLE_NAMES
from routing.departements import departements
from simulator.wire.documents import read_document
from tests.ivr.scene import OWN, arrival, play, situation

KNOWN = departements()


def test_they_keep_within_what_the_operator_takes() -> None:
    """At most 500, of 100 characters at most; a comma would cut one in two."""
    told = hints()
    assert 300 <= len(told) <= 500
    assert {one for one in told if len(one) > 100 or "," in one or not one.strip()} == set()
    assert len(set(told)) == len(told)


def test_every_departement_is_among_them_by_its_number_and_by_its_name() -> None:
    told = set(hints())
    assert {code for code, one in KNOWN.items() if one.name not in told or one.spoken not in told} == set()


def test_what_is_confused_comes_before_what_is_not() -> None:
    """Should the operator take fewer one day, the plain ones go first."""
    confused = set().union(*CONFUSABLE_NAMES)
    names = [code for told in hints() for code, one in KNOWN.items() if one.name == told]
    assert set(names[: len(confused)]) == confused


def test_no_mishearing_is_told_as_a_hint() -> None:
    """Whatever is a hint is heard more often."""
    others = {one for one in hints() if not hear(one, 0.9, KNOWN).candidates}
    assert others == {"oui", "non", "équipe nationale", "le même", "comme d'habitude"}
    assert {"heure et loir", "la haine", "hein", "misère"}.isdisjoint(hints())


def test_a_question_with_all_of_them_is_a_small_part_of_what_a_document_may_hold() -> None:
    """64 kB at the operator's; the simulator refuses hints that are too long or too many."""
    listening = situation(line=replace(situation().line, listens=True))
    document = TwilioDocuments(("token",), "https://line.example", OWN).phrase(
        play(arrival(), Arrived(OWN), at=listening).instructions
    )
    assert read_document("text/xml", document.encode())
    assert len(document.encode()) < 8_000
