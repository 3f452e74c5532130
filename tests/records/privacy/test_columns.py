"""Every column that can hold words is named: what it holds of a person, or that it holds nothing of anybody."""

from __future__ import annotations

from sqlalchemy import LargeBinary, String

from records.privacy.columns import personal_columns, without_a_person
from records.privacy.every_table import every_table


def every_column_of_words() -> set[tuple[str, str]]:
    return {
        (table.name, column.name)
        for table in every_table().values()
        for column in table.columns
        if isinstance(column.type, String | LargeBinary)
    }


def test_every_column_that_can_hold_words_says_what_it_holds_of_a_person_or_that_it_holds_nothing() -> None:
    named = {(one.table, one.name) for one in personal_columns()}
    assert sorted(every_column_of_words() - named - without_a_person()) == []


def test_no_column_is_said_to_hold_something_and_nothing_and_none_is_named_that_is_gone() -> None:
    named = {(one.table, one.name) for one in personal_columns()}
    assert sorted(named & without_a_person()) == []
    gone = {one for one in named | without_a_person() if one[0] in every_table()} - every_column_of_words()
    assert sorted(gone) == []
