"""Numbers as carriers present them: which is written, and whether it is the caller's (docs/operator.md#who-calls)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

import phonenumbers

from routing.phones import PhoneRefused, international

MOST_KEPT = 512
"""Numbers that are kept ready in memory."""

LONGEST = 256
"""Characters; an address that is longer is nobody's number."""

HEADERS = ("x-original-caller", "x-caller-id", "x-p-asserted-identity")
"""Headers of a SIP trunk that may hold the caller's number, most explicit first; their names know no case."""

_HEADER = "sipheader_"
_WITHHELD = frozenset({"+266696687", "+7378742883", "+86282452253"})
_BETWEEN = re.compile(r"<([^<>]*)>")
_SCHEME = re.compile(r"(sips?|tel):", re.IGNORECASE)
_E164 = re.compile(r"\+[0-9]{6,15}")


@dataclass(frozen=True, slots=True)
class OurLines:
    """Our numbers, E.164: `own` lead to us, `transit` are what a carrier presents instead of the caller's."""

    own: frozenset[str] = frozenset()
    transit: frozenset[str] = frozenset()

    def caller_of(self, form: Mapping[str, str]) -> str | None:
        """The caller that a form tells, E.164; None when he is withheld."""
        number = read_presented(form.get("From", ""))
        return number if number not in self.transit else self.caller(form.get("From", ""), *_passed_on(form))

    def is_hidden(self, form: Mapping[str, str]) -> bool:
        """Whether a carrier presents a number of its own and nothing that it passes on tells of the caller."""
        if read_presented(form.get("From", "")) not in self.transit:
            return False
        passed_on = (read_presented(one) for one in _passed_on(form))
        return not any(one not in self.own | self.transit for one in passed_on)

    def caller(self, presented: str, *passed_on: str) -> str | None:
        """The caller, E.164, None when withheld: who is presented, or for a transit number the first one passed on.

        What is passed on counts only if it is no number of ours nor another transit number; one that says
        « anonymous » is believed.
        """
        number = read_presented(presented)
        if number not in self.transit:
            return number
        told = (read_presented(one) for one in passed_on if one.strip())
        return next((one for one in told if one not in self.own | self.transit), None)


def _passed_on(form: Mapping[str, str]) -> list[str]:
    """What a carrier tells of the caller beside the number that it presents, most explicit first; blanks left out."""
    told = {name.lower(): form[name] for name in form if name.lower().startswith(_HEADER)}
    passed_on = [*(told.get(_HEADER + name, "") for name in HEADERS), form.get("ForwardedFrom", "")]
    return [one for one in passed_on if one.strip()]


def read_presented(text: str) -> str | None:
    """A number in E.164, or None: withheld, a SIP name, a short number, or not a number at all."""
    return _read(text) if len(text) <= LONGEST else None


@lru_cache(MOST_KEPT)
def _read(text: str) -> str | None:
    number = _user(text)
    try:
        # Without a 0 or a + in front, what a network writes is international; people write the other way round.
        e164 = international(f"+{number}" if number[:1] in set("123456789") else number)
        parsed = phonenumbers.parse(e164 if _E164.fullmatch(e164) else "")
    except (PhoneRefused, phonenumbers.NumberParseException):
        return None
    told = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return None if told in _WITHHELD or not phonenumbers.is_possible_number(parsed) else told


def _user(text: str) -> str:
    """What stands before the host of an address (`"Name" <sip:user@host;user=phone>`, `tel:number`), or all of it."""
    between = _BETWEEN.search(text)
    address = (between[1] if between else text).strip()
    scheme = _SCHEME.match(address)
    if scheme is None:
        return address
    rest = address[scheme.end() :]
    user = re.split("[;?:@]", rest)[0]
    is_host_alone = scheme[1].lower() != "tel" and "@" not in rest and "." in user
    return "" if is_host_alone else unquote(user)
