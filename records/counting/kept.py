"""Sums that are kept by day and month (`records.schema.sums_tables`), read and added up like those of the rows."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import add
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select

from records.counting import rows
from records.counting.rows import WORDING, Conditions, Group, Wording
from records.counting.tally import SUMS
from records.schema.sums_tables import call_sums, cited_wordings

_KEYS = {"departement": call_sums.c.departement, "day": call_sums.c.first}
Cited = dict[Wording, tuple[int, ...]]


@dataclass(slots=True)
class KeptSums:
    """What some calls add up to. `hours` as `rows.hours` counts them, `cited` as `rows.cited`."""

    numbers: Counter[str] = field(default_factory=Counter)
    waits: Counter[int] = field(default_factory=Counter)
    hours: Counter[tuple[int, int]] = field(default_factory=Counter)
    delays: Counter[int] = field(default_factory=Counter)
    cited: Cited = field(default_factory=dict)

    def add(self, other: KeptSums) -> None:
        """Count the calls of another one too."""
        for mine, more in (
            (self.numbers, other.numbers), (self.waits, other.waits), (self.hours, other.hours),
            (self.delays, other.delays),
        ):  # fmt: skip
            mine.update(more)  # type: ignore[arg-type] # each with its own kind
        add_cited(self.cited, other.cited)

    def wordings(self) -> set[Wording]:
        """The wordings that its calls carry."""
        return set(self.cited)

    def to_row(self, ids: Mapping[Wording, int]) -> dict[str, Any]:
        """The values of its columns."""
        hours: dict[int, list[int]] = {}
        for (hour, lost), number in self.hours.items():
            hours.setdefault(hour, [0, 0])[lost] = number
        return {
            **{name: self.numbers[name] for name in SUMS},
            "waits": _json(self.waits), "hours": _json(hours), "delays": _json(self.delays),
            "cited": _json({ids[wording]: numbers for wording, numbers in self.cited.items()}),
        }  # fmt: skip

    @staticmethod
    def of_row(row: Row[Any], wordings: Mapping[str, Wording]) -> KeptSums:
        """What `to_row` wrote; `wordings` by the text of their number."""
        return KeptSums(
            Counter({name: number for name in SUMS if (number := getattr(row, name))}),
            _numbered(row.waits), _hours(row.hours), _numbered(row.delays),
            {wordings[number]: tuple(sums) for number, sums in json.loads(row.cited).items()},
        )  # fmt: skip


def add_cited(whole: Cited, more: Mapping[Wording, Sequence[int]]) -> None:
    """Add the sums of wordings to those of the same ones."""
    for wording, numbers in more.items():
        so_far = whole.get(wording)
        whole[wording] = tuple(numbers) if so_far is None else tuple(map(add, so_far, numbers))


def counted_by_departement_and_day(connection: Connection, conditions: Conditions) -> dict[Group, KeptSums]:
    """The sums of the rows that fulfil the conditions, by (département, or None, and day)."""
    keys = ("departement", "day")
    found = {group: KeptSums(+numbers) for group, numbers in rows.sums(connection, conditions, keys).items()}
    for group, waits in rows.waits(connection, conditions, keys).items():
        found[group].waits = waits
    for group, hours in rows.hours(connection, conditions, keys).items():
        found[group].hours = hours
    for group, delays in rows.delays(connection, conditions, keys).items():
        found[group].delays = delays
    for group, cited in rows.cited(connection, conditions, keys).items():
        found[group].cited = cited
    return found


def known_wordings(connection: Connection) -> dict[str, Wording]:
    """Every wording that a call ever carried, by the text of its number."""
    c = cited_wordings.c
    query = select(c.id, *(c[name] for name in WORDING))
    return {str(number): (niveau, *words) for number, niveau, *words in connection.execute(query)}


# ---------------------------------------------------------------- the same questions as those asked of the rows


def sums(connection: Connection, conditions: Conditions, keys: Sequence[str]) -> dict[Group, Counter[str]]:
    """Every sum of a tally."""
    columns = [_KEYS[key] for key in keys]
    numbers = [func.sum(call_sums.c[name]) for name in SUMS]
    query = select(*columns, func.count(), *numbers).where(*conditions).group_by(*columns)
    return {
        _group(row[: len(keys)], keys): Counter(dict(zip(SUMS, map(int, row[len(keys) + 1 :]), strict=True)))
        for row in map(tuple, connection.execute(query))
        if row[len(keys)]
    }


def waits(connection: Connection, conditions: Conditions, keys: Sequence[str]) -> dict[Group, Counter[int]]:
    """How many received calls waited how many seconds."""
    return _added(connection, conditions, keys, call_sums.c.waits)


def delays(connection: Connection, conditions: Conditions, keys: Sequence[str]) -> dict[Group, Counter[int]]:
    """How many messages and callbacks were handled after how many whole minutes."""
    return _added(connection, conditions, keys, call_sums.c.delays)


def hours(connection: Connection, conditions: Conditions, keys: Sequence[str]) -> dict[Group, Counter[tuple[int, int]]]:
    """Received and lost calls by hour of the week."""
    found: dict[Group, Counter[tuple[int, int]]] = {}
    for group, text in _texts(connection, conditions, keys, call_sums.c.hours):
        found.setdefault(group, Counter()).update(_hours(text))
    return found


def cited(
    connection: Connection,
    conditions: Conditions,
    keys: Sequence[str],
    niveau: str | None = None,
    thematique: str | None = None,
) -> dict[Group, Cited]:
    """The sums of each wording, those of a level and a thématique alone where these are given."""
    wanted = {
        number: wording
        for number, wording in known_wordings(connection).items()
        if niveau in {None, wording[0]} and thematique in {None, wording[1]}
    }
    found: dict[Group, dict[str, list[int]]] = {}
    for group, text in _texts(connection, conditions, keys, call_sums.c.cited):
        whole = found.setdefault(group, {})
        for number, numbers in json.loads(text).items():
            if number in wanted:
                so_far = whole.get(number)
                whole[number] = numbers if so_far is None else list(map(add, so_far, numbers))
    return {
        group: {wanted[number]: tuple(numbers) for number, numbers in whole.items()}
        for group, whole in found.items()
        if whole
    }


def _added(
    connection: Connection, conditions: Conditions, keys: Sequence[str], column: ColumnElement[str]
) -> dict[Group, Counter[int]]:
    found: dict[Group, dict[str, int]] = {}
    for group, text in _texts(connection, conditions, keys, column):
        whole = found.setdefault(group, {})
        for value, number in json.loads(text).items():
            whole[value] = whole.get(value, 0) + number
    return {group: Counter({int(value): number for value, number in whole.items()}) for group, whole in found.items()}


def _texts(
    connection: Connection, conditions: Conditions, keys: Sequence[str], column: ColumnElement[str]
) -> Iterable[tuple[Group, str]]:
    query = select(*(_KEYS[key] for key in keys), column).where(*conditions, column != "{}")
    for *group, text in connection.execute(query).all():
        yield _group(tuple(group), keys), text


def _group(values: tuple[Any, ...], keys: Sequence[str]) -> Group:
    return tuple((value or None) if key == "departement" else value for value, key in zip(values, keys, strict=True))


def _numbered(text: str) -> Counter[int]:
    return Counter({int(value): number for value, number in json.loads(text).items()})


def _hours(text: str) -> Counter[tuple[int, int]]:
    return Counter({
        (int(hour), lost): number
        for hour, both in json.loads(text).items()
        for lost, number in enumerate(both)
        if number
    })  # fmt: skip


def _json(value: Mapping[Any, Any]) -> str:
    return json.dumps(value, separators=(",", ":"))


def first_of_month(day: date) -> date:
    """The first day of its month."""
    return day.replace(day=1)
