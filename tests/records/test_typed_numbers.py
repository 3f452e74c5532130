"""Whatever is typed for a number is one, or is none."""

from __future__ import annotations

import pytest

from records.typed.numbers import typed_number


@pytest.mark.parametrize(
    ("typed", "number"),
    [("12", 12), ("007", 7), ("0", 0), ("", None), ("-1", None), ("1e3", None), ("٣", None), ("²", None)],
)
def test_a_number_is_written_in_digits(typed: str, number: int | None) -> None:
    assert typed_number(typed) == number


def test_what_no_line_can_have_is_none_however_long() -> None:
    assert (typed_number("9" * 9), typed_number("9" * 10), typed_number("9" * 5000)) == (999_999_999, None, None)
    assert typed_number("12", 1) is None
