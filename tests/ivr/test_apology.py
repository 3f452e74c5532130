"""When our own service fails: what is said, who rings, and what of it is written down."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ivr.conversation.apology import apologise
from ivr.conversation.instructions import Ring
from ivr.conversation.telephones import MOST_AT_ONCE
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
    signed(client, "/voice/screen?n=101&p=nat1aaaa", leg)
    signed(client, "/voice/take?n=101&p=nat1aaaa", leg | {"Digits": "1"})
    signed(client, "/voice/leg?n=101&p=nat1aaaa", leg | {"CallStatus": "completed", "CallDuration": "25"})
    signed(client, "/voice/status", CALL | NOBODY_THERE)
    row = fold("CA1", pages)
    assert row is not None
    assert (row.outcome, row.answered_by, row.referent) == (Outcome.ANSWERED, AnsweredBy.NATIONAL, "nat1aaaa Exemple")
    assert (row.caller, row.referent_phone, row.talk_seconds) == ("+33639981234", "+33199000001", 25)


def test_an_apology_in_the_middle_of_a_call_rings_under_a_document_of_its_own(pages: Pages) -> None:
    """The callbacks of its legs are never taken for those of another rang."""
    answer = signed(door(pages, snapshot()), "/voice/ring?n=7&d=", CALL | {"DialCallStatus": "busy"})
    assert verbs(answer) == ["Say", "Dial", "Say", "Hangup"]
    assert b"/voice/leg?n=107&amp;p=nat1aaaa" in answer.data
    assert [(fact.kind, fact.n) for fact in pages] == [(FactKind.APOLOGISED, 7), (FactKind.RANG_RUNG, 107)]


@pytest.mark.parametrize(
    ("failed", "n"),
    [
        ("/voice/ring?n=7&d=75&h=paul75aa", 7),
        ("/voice/absence?n=9&d=75#rc=2", 9),
        ("/voice/message?n=12", 12),
        ("/voice", 1),
        ("/voice/ring?n=soon", 1),
        ("/voice/ring?n=99999999", 1),
        ("/voice/ring?n=0", 1),
        ("/voice/nowhere?n=7", 1),
        ("/elsewhere/ring?n=7", 1),
        ("", 1),
    ],
)
def test_the_fallback_reads_which_document_failed(pages: Pages, failed: str, n: int) -> None:
    """Its number, as the address of ours tells it; anything else is taken for the arrival."""
    told = CALL | {"ErrorCode": "11200"} | ({"ErrorUrl": f"{PUBLIC}{failed}"} if failed else {})
    answer = signed(door(pages, snapshot()), "/voice/fallback", told)
    assert verbs(answer) == ["Say", "Dial", "Say", "Hangup"]
    assert [(fact.kind, fact.n) for fact in pages] == [
        (FactKind.ARRIVED, 1), (FactKind.APOLOGISED, n), (FactKind.RANG_RUNG, n + 100),
    ]  # fmt: skip
    assert f"/voice/leg?n={n + 100}&" in answer.get_data(as_text=True).replace("&amp;", "&")


@pytest.mark.parametrize(
    "told",
    [
        "https://svi.example.org:443/voice/ring?n=7&h=paul75aa#rc=2&rp=ct,5xx,rt",
        "https://SVI.example.org/voice/ring?n=7&h=paul75aa",
        "https://svi.example.org/voice/ring?n=7&h=paul75aa%23rc=2&rp=ct%2C5xx%2Crt",
        "https://svi.example.org/voice/ring%3Fn%3D7%26h%3Dpaul75aa",
    ],
)
def test_the_document_that_failed_is_known_however_its_address_is_written(pages: Pages, told: str) -> None:
    signed(door(pages, snapshot()), "/voice/fallback", CALL | {"ErrorCode": "11200", "ErrorUrl": told})
    assert (FactKind.APOLOGISED, 7) in {(fact.kind, fact.n) for fact in pages}


ELSEWHERE = (
    "https://elsewhere.example",
    f"{PUBLIC}.elsewhere.example",
    f"{PUBLIC}:8443",
    f"{PUBLIC}:x",
    "https://svi.example.org@elsewhere.example",
    "https://[svi.example.org",
    PUBLIC.replace("https", "http"),
)


@pytest.mark.parametrize("public", ELSEWHERE)
def test_an_address_that_is_not_ours_names_no_document(pages: Pages, public: str) -> None:
    told = CALL | {"ErrorCode": "11200", "ErrorUrl": f"{public}/voice/ring?n=7"}
    signed(door(pages, snapshot()), "/voice/fallback", told)
    assert {(fact.kind, fact.n) for fact in pages} >= {(FactKind.APOLOGISED, 1), (FactKind.RANG_RUNG, 101)}


LEG = {"CallSid": "CA2", "ParentCallSid": "CA1"}


@pytest.mark.parametrize("step", ["screen", "take"])
def test_a_fallback_on_a_referents_leg_dials_nobody_and_connects_him(pages: Pages, step: str) -> None:
    """A leg that is rung may ring nobody (13201); it is written under the caller's call, as his own document."""
    told = LEG | {"ErrorCode": "11200", "ErrorUrl": f"{PUBLIC}/voice/{step}?n=4&d=75&p=paul75aa"}
    answer = signed(door(pages, snapshot()), "/voice/fallback", told)
    assert verbs(answer) == ["Say"]
    assert "incident technique" in answer.get_data(as_text=True)
    [failed] = pages
    assert (failed.call, failed.kind, failed.n, failed.who) == ("CA1", FactKind.APOLOGISED, 4, "paul75aa")


def test_our_own_fault_on_a_referents_leg_connects_him_too(pages: Pages) -> None:
    answer = signed(door(pages, snapshot()), "/voice/screen?n=4&d=&p=paul75aa", LEG)
    assert verbs(answer) == ["Say"]
    assert [(fact.call, fact.kind, fact.who) for fact in pages] == [("CA1", FactKind.APOLOGISED, "paul75aa")]


@pytest.mark.parametrize("address", ["/voice/fallback", "/voice/ring?n=7&d="])
def test_nobody_is_rung_for_a_caller_who_has_left(pages: Pages, address: str) -> None:
    told = CALL | {"CallStatus": "completed", "ErrorCode": "11200", "ErrorUrl": f"{PUBLIC}/voice/ring?n=7"}
    assert verbs(signed(door(pages, snapshot()), address, told)) == ["Hangup"]
    assert FactKind.RANG_RUNG not in {fact.kind for fact in pages}


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
