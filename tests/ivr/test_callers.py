"""The caller's number as operators write it: E.164, or nobody's (the corpus of the operator's notes, annex C)."""

from __future__ import annotations

import pytest

from ivr.conversation.place import Step
from ivr.operator.twilio.presented import OurLines, read_presented
from ivr.operator.twilio.voice import Twilio
from tests.ivr.scene import NOW


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+33639981234", "+33639981234"),
        ("+33199001234", "+33199001234"),
        ("0639981234", "+33639981234"),
        ("33639981234", "+33639981234"),
        ("0033639981234", "+33639981234"),
        ("sip:+33639981234@sbc.example.fr;user=phone", "+33639981234"),
        ("+4915112345678", "+4915112345678"),
        ("+33806000156", "+33806000156"),
        ("+262692123456", "+262692123456"),
        ("+508551234", "+508551234"),
        *((national, "+262692123456") for national in ("0692123456", "06 92 12 34 56", "sip:0692123456@sbc.example")),
        *(
            (national, f"+{code}{national[1:]}")
            for national, code in (
                ("0262123456", 262),
                ("0639691234", 262),
                ("0690123456", 590),
                ("0694201234", 594),
                ("0696123456", 596),
            )
        ),
        *(
            (address, "+33639981234")
            for address in (
                "+33 6 39 98 12 34",
                "06.39.98.12.34",
                "+33(0)639981234",
                "tel:+33-6-39-98-12-34;phone-context=+33",
                "tel:0639981234",
                "TEL:+33 6 39 98 12 34",
                "sips:+33639981234@sbc.example",
                "sip:+33(0)639981234@sbc.example;user=phone",
                "sip:+33639981234:secret@sbc.example",
                "sip:%2B33639981234@sbc.example",
                "sip:06%2039%2098%2012%2034@sbc.example",
                "sip:+33639981234;npdi=yes@sbc.example",
                "sip:+33639981234:5060",
                '"Le standard" <sip:+33639981234@sbc.example>;tag=1',
            )
        ),
        *((withheld, None) for withheld in ("anonymous", "Anonymous", "unknown", "unavailable", "Restricted", "")),
        *((keypad, None) for keypad in ("+266696687", "+7378742883", "+86282452253")),
        ("3949", None),
        ("sip:anonymous@anonymous.invalid", None),
        ("client:poste12", None),
        *(
            (host, None)
            for host in ("sip:192.0.2.133", "sip:192.0.2.133:5060;transport=udp", "sip:", "<>", "tel:", "@")
        ),
        *(
            (hostile, None)
            for hostile in ("+33639981234\x00", "+336399812345678901", "0" * 300, "<Say>", "+33639981234,1")
        ),
        *((hostile, None) for hostile in ("sip:0639981234%40evil@sbc.example", "sip:%00@h", "sip:0639%3CSay@h")),
        ("+٣٣٦٣٩٩٨١٢٣٤", None),
    ],
)
def test_a_caller_is_read_whatever_the_way_the_operator_writes_him(written: str, number: str | None) -> None:
    """Withheld, short or odd numbers are nobody's; the call goes on all the same."""
    assert read_presented(written) == number


OURS, TRANSIT, OTHER = "+33806000156", "+33199005555", "+33639981234"
LINES = OurLines(frozenset({OURS, "+33199001234"}), frozenset({TRANSIT, OURS}))


@pytest.mark.parametrize(
    ("form", "caller"),
    [
        ({"From": OTHER}, OTHER),
        ({"From": OTHER, "ForwardedFrom": "+33639985678"}, OTHER),
        ({"From": "anonymous", "ForwardedFrom": OTHER}, None),
        ({"From": "+33199001234"}, "+33199001234"),
        ({"From": TRANSIT}, None),
        ({"From": "01 99 00 55 55"}, None),
        ({"From": f"sip:{TRANSIT}@sbc.example"}, None),
        ({"From": OURS}, None),
        ({"From": TRANSIT, "ForwardedFrom": OTHER}, OTHER),
        ({"From": TRANSIT, "ForwardedFrom": OURS}, None),
        ({"From": TRANSIT, "ForwardedFrom": TRANSIT}, None),
        ({"From": TRANSIT, "ForwardedFrom": "+33199001234"}, None),
        ({"From": TRANSIT, "ForwardedFrom": "anonymous"}, None),
        ({"From": TRANSIT, "SipHeader_X-Original-Caller": f"<sip:{OTHER}@sbc.example>"}, OTHER),
        ({"From": TRANSIT, "SipHeader_X-Caller-ID": OTHER, "ForwardedFrom": "+33639985678"}, OTHER),
        ({"From": TRANSIT, "SipHeader_x-caller-id": "+33639985678", "SipHeader_X-Original-Caller": OTHER}, OTHER),
        ({"From": TRANSIT, "SipHeader_X-Original-Caller": TRANSIT, "ForwardedFrom": OTHER}, OTHER),
        ({"From": TRANSIT, "SipHeader_X-Original-Caller": "", "ForwardedFrom": OTHER}, OTHER),
        ({"From": TRANSIT, "SipHeader_X-Original-Caller": "anonymous", "ForwardedFrom": OTHER}, None),
        ({"From": TRANSIT, "SipHeader_X-Anything": OTHER}, None),
        ({}, None),
    ],
)
def test_a_number_that_a_carrier_presents_for_everybody_is_nobodys(form: dict[str, str], caller: str | None) -> None:
    """Only then the caller is looked for in what was passed on; one who hides stays hidden (decision 41)."""
    assert LINES.caller_of(form) == caller


@pytest.mark.parametrize(
    ("form", "is_hidden"),
    [
        ({"From": OTHER}, False),
        ({"From": "anonymous"}, False),
        ({"From": OURS}, True),
        ({"From": TRANSIT}, True),
        ({"From": TRANSIT, "ForwardedFrom": OURS, "SipHeader_X-Caller-ID": " "}, True),
        ({"From": TRANSIT, "ForwardedFrom": OTHER}, False),
        ({"From": TRANSIT, "SipHeader_X-Caller-ID": "anonymous"}, False),
        ({"From": OTHER, "SipHeader_X-Caller-ID": TRANSIT}, False),
        ({}, False),
    ],
)
def test_who_hides_himself_is_told_from_whom_a_carrier_hides(form: dict[str, str], is_hidden: bool) -> None:
    """Those count together, these are nobody: all who call would pay for one another (decision 41)."""
    assert LINES.is_hidden(form) is is_hidden


def test_every_form_that_names_a_caller_names_the_same() -> None:
    """The first request, a later one, the end of the call and the fallback."""
    operator = Twilio(("token",), "https://svi.example", OURS, LINES)
    form = {"CallSid": "CA1", "CallStatus": "completed", "From": TRANSIT, "To": "sip:+33199001234@svi.example"}
    for passed_on, caller in (({}, None), ({"ForwardedFrom": "0692123456"}, "+262692123456")):
        told = form | passed_on
        ended = operator.end_fact(told, NOW)
        assert ended is not None
        assert (ended.data["caller"], ended.data["dialled"]) == (caller, "+33199001234")
        assert operator.fallen_back(told).caller == caller
        assert {operator.understand(step, told).caller for step in (Step.ARRIVAL, Step.MENU, Step.ABSENCE)} == {caller}
