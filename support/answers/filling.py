"""The fields of a ready text, « {prénom} »: filled from what is known, and named where they are not."""

from __future__ import annotations

import re
from collections.abc import Mapping

from records.refusals import ChangeRefused
from records.wording import fold_words

_FIELD = re.compile(r"\{ ?([^\W\d_][\w '’-]{0,59}?) ?\}")


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with each field that has a value replaced, however its name is spelt; others stay as they are."""
    known = {fold_words(name): value for name, value in values.items() if value}
    return _FIELD.sub(lambda found: known.get(fold_words(found[1]), found[0]), text)


def unfilled(text: str) -> list[str]:
    """The fields that a text still holds, « {date} », each once, in its order."""
    return list(dict.fromkeys(found[0] for found in _FIELD.finditer(text)))


def check_filled(text: str, field: str) -> str:
    """The text; ChangeRefused, naming them, when it still holds fields."""
    if left := unfilled(text):
        names = ", ".join(f"« {name} »" for name in left)
        raise ChangeRefused(f"Remplacez dans le texte, ou retirez : {names}.", field)
    return text
