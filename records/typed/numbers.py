"""A whole number as somebody typed it, or as a form or an address brings it back."""

from __future__ import annotations

LONGEST_NUMBER = 9
"""Digits that a number of a line may have: what both databases hold."""


def typed_number(text: str, digits: int = LONGEST_NUMBER) -> int | None:
    """The number; None for anything that is not one, or has more digits than this."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= digits else None
