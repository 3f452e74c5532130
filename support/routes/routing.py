"""Where a written request goes: the table in force, and who is there to answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from records.database import Connection
from records.desks.accounts import colleagues
from records.wording import Entry
from routing.calendar.open_time import after_open_days
from routing.requests.table import Routed, route_request
from support.desk import Desk
from support.requests.request import Request
from support.requests.states import PROMISES, RequestState
from support.routes.store import routes_in_force, rule_of
from support.routes.told import why


def routed(
    desk: Desk, connection: Connection, *, sender: str, entry: Entry, departement: str, at: datetime
) -> Routed:  # fmt: skip
    """The desk of a request that is written at `at`, and the key of the rule by which it goes there.

    `sender`: `user` or `referent`. Somebody of the département has to be there before the request must be taken in
    charge, and to have an account: else the national team gets it.
    """
    promise = PROMISES[RequestState.OPEN]
    until = after_open_days(at, promise.open_days or 0, desk.national_hours) if promise else at
    accounts = {one.email.casefold() for one in colleagues(connection, departement)}
    return route_request(
        routes_in_force(connection).rules, sender=sender, niveau=entry.niveau, thematique=entry.wording.thematique,
        is_covered=desk.is_covered(departement, at, until, accounts),
    )  # fmt: skip


def why_there(connection: Connection, asked: Request) -> str:
    """Why a request went to its first desk, in a sentence; "" for one that came by telephone."""
    rule = rule_of(connection, asked.route) if asked.route else None
    return why(asked.route, rule, asked.departement)


def route_told(desk: Desk) -> Callable[[Request], str]:
    """The same for a template."""

    def told(asked: Request) -> str:
        with desk.reading() as connection:
            return why_there(connection, asked)

    return told
