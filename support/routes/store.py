"""The versions of the table that routes written requests, as a table."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select

from records.database import insert_unless_there
from records.schema.request_tables import request_events, requests
from records.schema.written_tables import route_versions
from records.wording import Wording
from routing.requests.table import DELIVERED, RequestRule, SentTo
from support.requests.states import Move


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


def add_routes(
    connection: Connection, version: int, rules: tuple[RequestRule, ...], *, by: str, at: datetime, note: str
) -> bool:
    """Whether this version of the table is now in force; False when there is one of that number already."""
    row = {
        "version": version, "rules": write_rules(rules), "published_at": at, "published_by": by, "note": note
    }  # fmt: skip
    return insert_unless_there(connection, route_versions, row)


class AskedThen(NamedTuple):
    """A written request as it stood when it was written; `route` is the key of the rule that sent it somewhere."""

    departement: str | None
    sender: str
    niveau: str
    wording: Wording
    route: str | None


def written_requests(
    connection: Connection, since: datetime, until: datetime, level_of: Callable[[Wording], str | None]
) -> list[AskedThen]:
    """What was written between two moments (the second not included), under the motif that it had then, oldest first.

    `level_of` tells the level of a wording that was changed since; where it knows none, the request's own is taken.
    """
    table, step = requests.c, request_events.c
    within = (table.channel != "phone", table.created_at >= since, table.created_at < until)
    first: dict[int, Wording] = {}
    changed = select(step.request_id, step.data).join(requests, table.id == step.request_id)
    for row in connection.execute(changed.where(step.move == str(Move.RECLASSIFY), *within).order_by(step.id)):
        first.setdefault(row.request_id, Wording(*json.loads(row.data)["before"]))
    found = []
    for row in connection.execute(select(requests).where(*within).order_by(table.created_at, table.id)):
        now = Wording(row.thematique, row.motif, row.sous_motif)
        wording = first.get(row.id, now)
        niveau = row.niveau if wording == now else level_of(wording) or row.niveau
        found.append(AskedThen(row.departement, row.sender, niveau, wording, row.route))
    return found


def overdue_numbers(connection: Connection, at: datetime) -> list[int]:
    """The open written requests at their local desk whose promise is overdue and that have not climbed yet."""
    table = requests.c
    query = select(table.id).where(
        table.desk == str(SentTo.LOCAL), table.channel != "phone", table.due_at < at, table.closed_at.is_(None),
        table.climbed_at.is_(None),
    )  # fmt: skip
    return list(connection.scalars(query.order_by(table.due_at, table.id)))


def write_rules(rules: tuple[RequestRule, ...]) -> str:
    """The rules as the JSON that the table keeps."""
    return json.dumps([[rule.key, rule.desk, rule.sender, rule.niveau, rule.thematique] for rule in rules])


def read_rules(text: str) -> tuple[RequestRule, ...]:
    """What `write_rules` wrote."""
    return tuple(RequestRule(key, SentTo(desk), *conditions) for key, desk, *conditions in json.loads(text))
