"""The caller's number as operators write it: E.164, or nobody's (the corpus of the operator's notes, annex C)."""

from __future__ import annotations

import pytest

from ivr.operator.twilio.forms import read_caller


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
        *((withheld, None) for withheld in ("anonymous", "Anonymous", "unknown", "unavailable", "Restricted", "")),
        *((keypad, None) for keypad in ("+266696687", "+7378742883", "+86282452253")),
        ("3949", None),
        ("sip:anonymous@anonymous.invalid", None),
        ("client:poste12", None),
        ("+٣٣٦٣٩٩٨١٢٣٤", None),
    ],
)
def test_a_caller_is_read_whatever_the_way_the_operator_writes_him(written: str, number: str | None) -> None:
    """Withheld, short or odd numbers are nobody's; the call goes on all the same."""
    assert read_caller(written) == number
