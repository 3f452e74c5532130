"""Every column that can hold words is named: what it holds of a person, or that it holds nothing of anybody."""

from __future__ import annotations

import importlib
from pathlib import Path

from sqlalchemy import String

from records.privacy.columns import personal_columns, without_a_person
from records.schema.tables import metadata


def every_column_of_words() -> set[tuple[str, str]]:
    for path in Path("records/schema").glob("*tables.py"):
        importlib.import_module(f"records.schema.{path.stem}")
    return {
        (table.name, column.name)
        for table in metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, String)
    }


def test_every_column_that_can_hold_words_says_what_it_holds_of_a_person_or_that_it_holds_nothing() -> None:
    named = {(one.table, one.name) for one in personal_columns()}
    assert sorted(every_column_of_words() - named - without_a_person()) == []


def test_no_column_is_said_to_hold_something_and_nothing_and_none_is_named_that_is_gone() -> None:
    named = {(one.table, one.name) for one in personal_columns()}
    assert sorted(named & without_a_person()) == []
    assert sorted((named | without_a_person()) - every_column_of_words()) == []
