"""What a recogniser is told to expect: what callers say for a département, the most easily confused first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ivr.understanding.spoken_names import CONFUSABLE_NAMES, usual_forms
from ivr.understanding.spoken_numbers import CONFUSABLE_NUMBERS
from routing.departements import departements

MOST = 500
"""The operator takes no more (docs/operator.md#verbs)."""

LONGEST = 100
"""Characters of one hint."""

_ANSWERS = ("oui", "non", "équipe nationale", "le même", "comme d'habitude", "Corse", "neuf cube")


def hints() -> tuple[str, ...]:
    """At most 500 hints of 100 characters: the answers, then numbers, names, other names and towns.

    A mishearing is no hint: it would be heard more often. A comma separates hints, so none holds one.
    """
    codes = departements()
    said = (
        *_ANSWERS,
        *(codes[code].spoken for code in _most_confused(codes, CONFUSABLE_NUMBERS)),
        *(codes[code].name for code in _most_confused(codes, CONFUSABLE_NAMES)),
        *usual_forms(),
    )
    return tuple(_fitting(said))[:MOST]


def _most_confused(codes: Iterable[str], sets: Sequence[set[str]]) -> list[str]:
    """The codes by how many others each is heard for; the order of codes among equals."""
    others = {code: set().union(*(one for one in sets if code in one)) for code in codes}
    return sorted(others, key=lambda code: -len(others[code]))


def _fitting(said: Iterable[str]) -> Iterator[str]:
    for one in dict.fromkeys(said):
        if len(one) <= LONGEST and "," not in one:
            yield one
