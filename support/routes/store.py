"""The versions of the table that routes written requests, as a table."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from records.schema.written_tables import route_versions
from routing.requests.table import DELIVERED, RequestRule, SentTo


@dataclass(frozen=True, slots=True)
class Routes:
    """One version of the table; number 0 is the one delivered, which nobody published."""

    version: int
    rules: tuple[RequestRule, ...]
    published_at: datetime | None = None
    published_by: str = ""
    note: str = ""


FIRST = Routes(0, DELIVERED)


def routes_in_force(connection: Connection) -> Routes:
    """The newest version, or the table as delivered."""
    return next(iter(routes_versions(connection, limit=1)))


def routes_versions(connection: Connection, limit: int | None = None) -> list[Routes]:
    """Every version, newest first, the one delivered last."""
    query = select(route_versions).order_by(route_versions.c.version.desc()).limit(limit)
    found = [
        Routes(row.version, read_rules(row.rules), row.published_at, row.published_by, row.note)
        for row in connection.execute(query)
    ]
    return [*found, FIRST][:limit]


def rule_of(connection: Connection, key: str) -> RequestRule | None:
    """The rule of that key in the newest version that has it; None for what is no rule of any table."""
    rules = (rule for version in routes_versions(connection) for rule in version.rules)
    return next((rule for rule in rules if rule.key == key), None)


def write_rules(rules: tuple[RequestRule, ...]) -> str:
    """The rules as the JSON that the table keeps."""
    return json.dumps([[rule.key, rule.desk, rule.sender, rule.niveau, rule.thematique] for rule in rules])


def read_rules(text: str) -> tuple[RequestRule, ...]:
    """What `write_rules` wrote."""
    return tuple(RequestRule(key, SentTo(desk), *conditions) for key, desk, *conditions in json.loads(text))
