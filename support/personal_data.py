"""No personal data in a comment: what looks like some is pointed at before it is kept."""

from __future__ import annotations

import re
from dataclasses import dataclass

_EMAIL = re.compile(r"[\w.+-]+\s?@\s?[\w-]+(\.[\w-]+)+", re.UNICODE)
_NIR = re.compile(r"(?<!\d)[123478](?:[ .\-]?\d){4}[ .\-]?(?:\d{2}|2[ABab])(?:[ .\-]?\d){6}(?:[ .\-]?\d{2})?(?!\d)")
_PHONE = re.compile(
    r"(?<![\d+])(?:(?:\+|00)[ .\-]?(?:33|262|508|590|594|596|681|687|689)[ .\-]?(?:\(0\)[ .\-]?)?\d(?:[ .\-/]?\d){5,8}"
    r"|0[ .\-]?[1-9](?:[ .\-/]?\d){8})(?!\d)"
)


@dataclass(frozen=True, slots=True)
class PersonalData:
    """A piece of text that looks like personal data; `kind` is French, ready to be shown."""

    kind: str
    text: str


def personal_data(text: str) -> list[PersonalData]:
    """The e-mail addresses, social security and telephone numbers in a text, in the order of the text."""
    found: dict[tuple[int, int], PersonalData] = {}
    patterns = (("adresse électronique", _EMAIL), ("numéro de sécurité sociale", _NIR), ("numéro de téléphone", _PHONE))
    for kind, pattern in patterns:
        for match in pattern.finditer(text):
            if not any(start < match.end() and match.start() < end for start, end in found):
                found[match.span()] = PersonalData(kind, match.group())
    return [found[span] for span in sorted(found)]
