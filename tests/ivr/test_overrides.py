"""Every address that the operator is given says how to ask again; what is signed is the address without that."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from twilio.request_validator import RequestValidator

from ivr.conversation.instructions import Ask, GoTo, PhoneToRing, Record, Ring, Sound
from ivr.conversation.place import Place, Step
from ivr.operator.twilio.overrides import asked_again
from ivr.operator.twilio.voice import Twilio

PUBLIC = "https://svi.example.org"
AGAIN = "#rc=2&rp=ct,5xx,rt&rt=5000"
ADDRESSES = {"action", "url", "statusCallback", "recordingStatusCallback"}
MENU = Place(Step.MENU, n=2)


def test_every_address_of_a_document_is_to_be_asked_again_and_no_sound_is() -> None:
    door = Twilio(["token"], PUBLIC, "+33199000156")
    leg = PhoneToRing("+33199007501", Place(Step.SCREEN, n=3), "/voice/leg?n=3&p=paul75aa")
    question = Ask((Sound("bonjour.wav", "BONJOUR"),), MENU, digits=1)
    document = door.phrase((question, Ring((leg,), MENU), Record(MENU, "/voice/recorded?n=3"), GoTo(MENU)))
    root = ET.fromstring(document)  # noqa: S314 - our own document
    given = [text for one in root.iter() for name, text in one.attrib.items() if name in ADDRESSES]
    given += [str(one.text) for one in root.iter("Redirect")]
    assert len(given) == 7
    assert all(text.startswith(f"{PUBLIC}/voice/") and text.endswith(AGAIN) for text in given)
    assert [one.text for one in root.iter("Play")] == [f"{PUBLIC}/voice/sound/bonjour.wav"]


def test_the_signature_is_of_the_address_without_the_fragment() -> None:
    door = Twilio(["token"], PUBLIC, "+33199000156")
    form = {"CallSid": "CA1", "CallStatus": "completed"}
    asked = asked_again(f"{PUBLIC}/voice/leg?n=3&p=paul75aa")
    sent, _, _ = asked.partition("#")
    signature = RequestValidator("token").compute_signature(sent, form)
    assert door.is_signed("/voice/leg?n=3&p=paul75aa", form, {"X-Twilio-Signature": signature})


@pytest.mark.parametrize("address", ["/voice", "/voice/leg?n=3&p=paul75aa"])
def test_an_operator_that_signs_the_fragment_too_is_let_in(address: str) -> None:
    """It is not written whether the fragment, which we never see, is signed; another one than ours is not accepted."""
    door = Twilio(["old", "token"], PUBLIC, "+33199000156")
    form = {"CallSid": "CA1", "CallStatus": "completed"}
    for fragment, is_let_in in {AGAIN: True, "#rc=5": False, "#": False}.items():
        signature = RequestValidator("token").compute_signature(f"{PUBLIC}{address}{fragment}", form)
        assert door.is_signed(address, form, {"X-Twilio-Signature": signature}) == is_let_in


def test_an_address_that_says_itself_how_to_ask_again_stays_and_none_stays_none() -> None:
    assert asked_again("https://secours.example/entree.xml#rc=0") == "https://secours.example/entree.xml#rc=0"
    assert asked_again("") == ""
