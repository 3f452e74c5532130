"""When our own service fails: what is said, who rings, and what of it is written down."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ivr.conversation.apology import apologise
from ivr.conversation.instructions import Ring
from ivr.conversation.steps.hunting import MOST_AT_ONCE
from ivr.operator.twilio.voice import Twilio
from ivr.web import DEMO_MOMENT, Exchange, voice_blueprint
from records.calls.fold import fold
from records.facts import AnsweredBy, FactKind, Outcome
from routing.snapshot import Snapshot
from tests.ivr.scene import NOW, OWN, person, situation, snapshot
from tests.ivr.test_web import CALL, PUBLIC, TOKENS, Journal, Pages, door, signed, verbs

NOBODY_THERE = {"CallStatus": "completed", "CallDuration": "40"}


@pytest.fixture
def pages() -> Pages:
    """What was written down."""
    return Pages()


def test_a_call_that_the_fallback_answers_has_a_row_that_says_who_took_it(pages: Pages) -> None:
    """The operator could not reach us: the national team's answer is theirs, by name."""
    client = door(pages, snapshot())
    signed(client, "/voice/fallback", CALL | {"ErrorCode": "11200", "ErrorUrl": f"{PUBLIC}/voice"})
    leg = {"CallSid": "CA2", "ParentCallSid": "CA1"}
    signed(client, "/voice/screen?n=2&p=nat1aaaa", leg)
    signed(client, "/voice/take?n=2&p=nat1aaaa", leg | {"Digits": "1"})
    signed(client, "/voice/leg?n=2&p=nat1aaaa", leg | {"CallStatus": "completed", "CallDuration": "25"})
    signed(client, "/voice/status", CALL | NOBODY_THERE)
    row = fold("CA1", pages)
    assert row is not None
    assert (row.outcome, row.answered_by, row.referent) == (Outcome.ANSWERED, AnsweredBy.NATIONAL, "nat1aaaa Exemple")
    assert (row.caller, row.referent_phone, row.talk_seconds) == ("+33639981234", "+33199000001", 25)


def test_an_apology_in_the_middle_of_a_call_rings_under_a_document_of_its_own(pages: Pages) -> None:
    """The callbacks of its legs are never taken for those of another rang."""
    answer = signed(door(pages, snapshot()), "/voice/ring?n=7&d=", CALL | {"DialCallStatus": "busy"})
    assert verbs(answer) == ["Say", "Dial", "Say", "Hangup"]
    assert b"/voice/leg?n=8&amp;p=nat1aaaa" in answer.data
    assert [(fact.kind, fact.n) for fact in pages] == [(FactKind.APOLOGISED, 7), (FactKind.RANG_RUNG, 8)]


def test_the_last_words_are_true_after_a_conversation_too() -> None:
    """The operator goes on with them when the two have talked: nobody is told that he was not answered."""
    said = [str(getattr(one, "what", "")) for one in apologise(snapshot(), 2)]
    assert "n'a pas pu répondre" not in " ".join(said)


def test_an_apology_rings_no_more_telephones_than_the_operator_takes() -> None:
    """Eleven would make a document that the operator refuses."""
    people = tuple(person(f"nat{index:02}aaa", "*", 1, f"+3319900{index:04}") for index in range(14))
    rung = [len(one.legs) for one in apologise(snapshot(people), 2) if isinstance(one, Ring)]
    assert rung == [MOST_AT_ONCE]


def test_an_apology_rings_a_telephone_that_two_share_once() -> None:
    """Twice would make it ring busy for itself."""
    people = (person("nat1aaaa", "*", 1, "+33199000001"), person("nat2aaaa", "*", 1, "+33199000001"))
    rung = [leg.phone for one in apologise(snapshot(people), 2) if isinstance(one, Ring) for leg in one.legs]
    assert rung == ["+33199000001"]


def test_a_directory_that_cannot_be_read_is_no_silence(pages: Pages) -> None:
    """Whatever breaks, even the apology, a document in French is said."""
    answer = signed(door(pages, None), "/voice", CALL)
    assert verbs(answer) == ["Say", "Hangup"]
    assert "formulaire" in answer.get_data(as_text=True)


def demonstration(pages: Pages) -> FlaskClient:
    """The door of a demonstration, where the moment can be named."""

    def known() -> Snapshot:
        return snapshot()

    app = Flask(__name__)
    line = replace(situation().line, listens=True)
    operator = Twilio(TOKENS, PUBLIC, OWN)
    exchange = Exchange(operator, known, Journal(pages), clock=lambda: NOW, line=line, is_demo=True)
    app.register_blueprint(voice_blueprint(exchange))
    return app.test_client()


@pytest.mark.parametrize("moment", ["garbage", "2026-12-25T10:00+99:00", "9999-12-31T23:59:59Z", "0001-01-01T00:00Z"])
def test_a_moment_that_cannot_be_read_is_now(pages: Pages, moment: str) -> None:
    """A demonstration that is asked for nonsense answers like any other day."""
    client = demonstration(pages)
    client.environ_base[f"HTTP_{DEMO_MOMENT.upper().replace('-', '_')}"] = moment
    assert verbs(signed(client, "/voice", CALL)) == ["Gather"]
    assert signed(client, "/voice/status", CALL | NOBODY_THERE).status_code == 204
    assert {fact.at for fact in pages} == {NOW}
