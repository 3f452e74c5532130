"""What the operator leaves out or gets wrong: a bridge not told, a moment from nowhere, too many telephones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ivr.conversation.events import Arrived, Pressed, RingEnded, Silent
from ivr.conversation.place import Place, Step
from ivr.conversation.script import advance
from ivr.conversation.telephones import MOST_AT_ONCE
from ivr.operator.twilio.forms import end_fact, understand
from ivr.operator.twilio.presented import OurLines
from records.calls.fold import fold
from records.facts import AnsweredBy, AttemptResult, Fact, FactKind, LegStatus, Outcome
from tests.ivr.scene import NOW, OWN, PEOPLE, after, arrival, heard, person, play, rung, situation, snapshot

_UNTOLD = RingEnded(LegStatus.COMPLETED, is_bridged=None, leg="CA2", seconds=9)


@pytest.mark.parametrize(
    ("form", "bridged"),
    [
        ({"DialCallStatus": "completed", "DialCallDuration": "9", "DialBridged": "true"}, True),
        ({"DialCallStatus": "completed", "DialCallDuration": "90", "DialBridged": "false"}, False),
        ({"DialCallStatus": "completed", "DialCallDuration": "90"}, True),
        ({"DialCallStatus": "completed", "DialCallDuration": "9"}, None),
        ({"DialCallStatus": "completed"}, None),
        ({"DialCallStatus": "no-answer"}, False),
    ],
)
def test_what_is_known_of_a_bridge(form: dict[str, str], bridged: bool | None) -> None:
    """Told, or too long to be a screening, or not to be known."""
    event = understand(Step.RING, {"CallSid": "CA1"} | form, OurLines()).event
    assert isinstance(event, RingEnded)
    assert event.is_bridged is bridged


def test_a_short_talk_with_somebody_who_is_not_screened_is_an_answer_though_no_bridge_is_told() -> None:
    """Who picks up such a telephone talks at once."""
    place = Place(Step.RING, 4, departement="93", rangs=(("zoe93aaa",),), desk=AnsweredBy.LOCAL)
    turn = advance(place, _UNTOLD, situation())
    assert heard(turn) == "Merci de votre appel. À bientôt."
    assert [fact.data["bridged"] for fact in turn.facts if fact.kind is FactKind.RING_ENDED] == [True]


def test_a_short_talk_whose_bridge_is_not_told_counts_when_the_referent_had_pressed_1() -> None:
    """The caller is rung on, since nobody can know; his call is told by what happened on the leg."""
    rung_ = advance(after(play(arrival(), Arrived(OWN), Pressed("75"))), Silent(), situation())
    place = after(rung_)
    ended = advance(place, _UNTOLD, situation())
    assert rung(ended) == ["+33199007502"]
    leg = {"leg": "CA2"}
    facts = [
        *rung_.facts,
        Fact("CA1", FactKind.PICKED_UP, place.n, NOW + timedelta(seconds=5), "paul75aa", leg),
        Fact("CA1", FactKind.ACCEPTED, place.n, NOW + timedelta(seconds=8), "paul75aa", leg),
        Fact("CA1", FactKind.LEG_ENDED, place.n, NOW, "paul75aa", leg | {"status": "completed", "seconds": 9}),
        *ended.facts,
        Fact("CA1", FactKind.ENDED, 0, NOW + timedelta(seconds=40), "", {"status": "completed", "seconds": 40}),
    ]
    row = fold("CA1", facts)
    assert row is not None
    assert (row.outcome, row.referent_id, row.talk_seconds) == (Outcome.ANSWERED, "paul75aa", 6)
    assert row.attempts[0].result is AttemptResult.ACCEPTED


@pytest.mark.parametrize("stamp", ["Fri, 31 Dec 9999 23:59:59 +0000", "Mon, 01 Jan 0001 00:00:00 +1400", "soon", ""])
def test_an_end_at_a_moment_from_nowhere_is_taken_at_its_reception(stamp: str) -> None:
    """No such moment may reach a row, whose day could not be counted."""
    form = {"CallSid": "CA1", "CallStatus": "completed", "CallDuration": "40", "Timestamp": stamp}
    fact = end_fact(form, NOW, OurLines())
    assert fact is not None
    assert fact.data["timestamp"] is None


def test_an_end_told_hours_late_keeps_the_operators_moment() -> None:
    """Callbacks may be late; the call was over when the operator says."""
    form = {"CallSid": "CA1", "CallStatus": "completed", "Timestamp": "Mon, 07 Dec 2026 06:00:00 +0000"}
    fact = end_fact(form, NOW, OurLines())
    assert fact is not None
    assert datetime.fromisoformat(fact.data["timestamp"]) == datetime(2026, 12, 7, 6, tzinfo=UTC)


def test_a_rang_of_more_people_than_the_operator_rings_together_rings_in_two_goes() -> None:
    """Ten at once, the two others next: nobody is left out, and the document is one that the operator takes."""
    people = tuple(person(f"p{index:02}75aaa", "75", 1, f"+331990075{index:02}") for index in range(12))
    around = situation(snapshot=snapshot((*people, PEOPLE[-1])))
    first = play(arrival(), Arrived(OWN), Pressed("75"), Silent(), at=around)
    assert rung(first) == [one.phone for one in people[:MOST_AT_ONCE]]
    nobody = RingEnded(LegStatus.NO_ANSWER, is_bridged=False, leg="CA2")
    assert rung(advance(after(first), nobody, around)) == [one.phone for one in people[MOST_AT_ONCE:]]
