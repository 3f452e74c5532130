"""Where a number stands: the calls that are its person's, and every text in which somebody wrote it."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, update

from records.facts import FactKind
from records.privacy.columns import Holds, PersonalColumn, personal_columns
from records.privacy.every_table import every_table
from records.privacy.written import ODD_DIGITS, SoughtText, WrittenNumber
from records.schema.tables import calls, facts

WRITTEN_IN = (Holds.TEXT, Holds.JSON, Holds.ADDRESS)
"""What people wrote: a number may stand anywhere in it."""
_OF_PEOPLE = {("directory_versions", "csv"), ("line_alarms", "told"), ("alerts", "told")}
UNTOUCHED = ("audit", "quarantine")
"""Tables in which a text is not rewritten: the trail keeps what was done; what waits in quarantine goes whole."""

_TELLING = (
    FactKind.ARRIVED, FactKind.ENDED, FactKind.LOGGED, FactKind.CALLBACK_ASKED, FactKind.CALLBACK_TYPED,
    FactKind.PRESSED,
)  # fmt: skip
_ITS_OWN = ("caller", "forwarded_from", "number", "keys", "text")
"""The values of a fact that tell whose call it is; a leg's number is that of somebody who was rung."""


@dataclass(frozen=True, slots=True)
class FoundText:
    """A text in which something stands: its column, the key of its row, and the text."""

    column: PersonalColumn
    key: tuple[Any, ...]
    text: str


def calls_of(connection: Connection, number: WrittenNumber, fingerprint: str) -> list[str]:
    """The calls of a number: it called, asked to be called back, typed it (even to deny it) or said it."""
    its = or_(
        calls.c.caller == number.e164, calls.c.callback_number == number.e164, calls.c.caller_fingerprint == fingerprint
    )
    found = dict.fromkeys(connection.scalars(select(calls.c.call_id).where(its).order_by(calls.c.started_at)))
    return list(found | dict.fromkeys(_told_by_facts(connection, number)))


def _told_by_facts(connection: Connection, number: WrittenNumber) -> Iterator[str]:
    told = and_(facts.c.kind.in_([str(kind) for kind in _TELLING]), facts.c.data.like(number.typed))
    spoken = and_(facts.c.kind == str(FactKind.SPOKE), may_hold(facts.c.data, number))
    query = select(facts.c.call, facts.c.data).where(or_(told, spoken)).order_by(facts.c.at)
    for row in connection.execute(query):
        data = json.loads(row.data)
        if any(isinstance(data.get(name), str) and number.is_in(data[name]) for name in _ITS_OWN):
            yield row.call


def may_hold(column: ColumnElement[str], sought: SoughtText) -> ColumnElement[bool]:
    """Whether it may stand in a text: in signs of ASCII, or in others, which JSON escapes."""
    return or_(
        func.lower(column).like(sought.like), column.regexp_match(ODD_DIGITS), column.contains("\\", autoescape=True)
    )


def texts_with(
    connection: Connection, sought: SoughtText, but: Collection[str] = (), holds: Collection[Holds] = WRITTEN_IN
) -> Iterator[FoundText]:  # fmt: skip
    """Every text in which it stands, but in these tables."""
    for column in personal_columns(*holds):
        if column.table not in but:
            yield from _in_column(connection, column, sought)


def directories_with(connection: Connection, number: WrittenNumber) -> Iterator[FoundText]:
    """The directory files, of any age, and the alarms of the line in which the number stands."""
    for column in personal_columns(Holds.DIRECTORY):
        if (column.table, column.name) in _OF_PEOPLE:
            yield from _in_column(connection, column, number)


def _in_column(connection: Connection, column: PersonalColumn, sought: SoughtText) -> Iterator[FoundText]:
    table = every_table().get(column.table)
    if table is None:
        return
    keys, text = list(table.primary_key), table.c[column.name]
    for *key, words in connection.execute(select(*keys, text).where(may_hold(text, sought))).all():
        if sought.is_in_value(json.loads(words)) if _is_json(column, words) else sought.is_in(words):
            yield FoundText(column, tuple(key), words)


def _is_json(column: PersonalColumn, words: str) -> bool:
    return column.holds is Holds.JSON and words[:1] in "{["


def take_out(connection: Connection, sought: SoughtText, found: Sequence[FoundText]) -> None:
    """Rewrite these texts, as they stand now, without it; one too long for its column then is cut."""
    for one in found:
        table = every_table()[one.column.table]
        column = table.c[one.column.name]
        same = [key == value for key, value in zip(table.primary_key, one.key, strict=True)]
        text = connection.scalar(select(column).where(*same))
        if text is None:
            continue
        if _is_json(one.column, text):
            clean = json.dumps(sought.out_of_value(json.loads(text)))
        else:
            clean = sought.out_of(text)[: getattr(column.type, "length", None)]
        connection.execute(update(table).where(*same).values({one.column.name: clean}))


def still_there(
    connection: Connection, fingerprint_of: Callable[[str], str], erased: Mapping[str, datetime]
) -> list[tuple[str, str, datetime]]:
    """The numbers that stand here although they were erased: each with its fingerprint and the moment of erasure."""
    callers = select(calls.c.caller, calls.c.started_at).where(calls.c.caller.is_not(None))
    backs = select(calls.c.callback_number, calls.c.started_at).where(calls.c.callback_number.is_not(None))
    first: dict[str, datetime] = {}
    for query in (callers, backs):
        for number, started_at in connection.execute(query):
            first[number] = min(started_at, first.get(number, started_at))
    typed = (str(FactKind.CALLBACK_ASKED), str(FactKind.CALLBACK_TYPED))
    for at, data in connection.execute(select(facts.c.at, facts.c.data).where(facts.c.kind.in_(typed))):
        number = json.loads(data).get("number")
        if isinstance(number, str):
            first[number] = min(at, first.get(number, at))
    prints = {number: fingerprint_of(number) for number in first}
    return [
        (number, prints[number], erased[prints[number]])
        for number, at in sorted(first.items())
        if prints[number] in erased and at <= erased[prints[number]]
    ]
