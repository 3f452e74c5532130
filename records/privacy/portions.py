"""What is older than its cut, found without holding anybody up and changed in portions, each in its transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, Engine, Table, and_, delete, func, or_, select, tuple_, update

from records.database import reading, writing

AT_ONCE = 500
"""Rows changed in one transaction."""

Fingerprint = Callable[[str | None], str | None]


@dataclass(frozen=True, slots=True)
class Cut:
    """What happened before `before` is to go; `at` is now, `fingerprint` what stands for a number."""

    before: datetime
    at: datetime
    fingerprint: Fingerprint


class Shortening(Protocol):
    """One thing that a period asks for."""

    def count(self, connection: Connection, cut: Cut) -> int:
        """How much is due."""

    def portions(self, engine: Engine, cut: Cut) -> Iterator[int]:
        """Do it, giving how much each portion was once it is committed; whoever asks for no more stops it."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a table that `due` (given `before`) finds: changed to `change`, or gone when that is None.

    `also` is done in the same transaction, before, with the keys of the rows.
    """

    table: Table
    due: Callable[[datetime], Sequence[ColumnElement[bool]]]
    change: Mapping[str, Any] | None = None
    also: Callable[[Connection, Sequence[Any], datetime], None] | None = None

    def count(self, connection: Connection, cut: Cut) -> int:
        """How many rows are due."""
        query = select(func.count()).select_from(self.table).where(*self.due(cut.before))
        return connection.scalar(query) or 0

    def portions(self, engine: Engine, cut: Cut) -> Iterator[int]:
        """Change them, in the order of their keys."""
        keys = list(self.table.primary_key)
        last: tuple[Any, ...] | None = None
        while True:
            with reading(engine) as connection:
                query = select(*keys).where(*self.due(cut.before), *_after(keys, last)).order_by(*keys)
                found = [tuple(row) for row in connection.execute(query.limit(AT_ONCE))]
            if not found:
                return
            last = found[-1]
            with writing(engine) as connection:
                self._change(connection, found, cut)
            yield len(found)

    def _change(self, connection: Connection, found: Sequence[tuple[Any, ...]], cut: Cut) -> None:
        keys = list(self.table.primary_key)
        these = keys[0].in_([key[0] for key in found]) if len(keys) == 1 else tuple_(*keys).in_(found)
        still = and_(these, *self.due(cut.before))
        if self.also is not None:
            self.also(connection, [key[0] for key in found], cut.at)
        if self.change is None:
            connection.execute(delete(self.table).where(still))
        else:
            connection.execute(update(self.table).where(still).values(**self.change))


def _after(keys: Sequence[Any], last: tuple[Any, ...] | None) -> list[ColumnElement[bool]]:
    """The rows behind the last one, in the order of the keys."""
    if last is None:
        return []
    steps = [
        and_(*(one == value for one, value in zip(keys[:place], last, strict=False)), keys[place] > last[place])
        for place in range(len(keys))
    ]
    return [or_(*steps)]
