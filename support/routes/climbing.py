"""Requests that the local desk left overdue go to the national desk by themselves, once each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from records.database import Engine, reading
from records.desks.acting import Acting
from records.refusals import Overtaken
from routing.calendar.hours import Hours
from support.requests.request import may_climb
from support.requests.states import MoveRefused
from support.requests.store import read_request
from support.requests.verbs.sorting import climb
from support.routes.store import overdue_numbers

SERVICE = "le service"
"""Who makes the step, as people read it."""


@dataclass(frozen=True, slots=True)
class Climbing:
    """The work on overdue requests; `hours` are those of the national team, by which its own promise is counted."""

    engine: Engine
    clock: Callable[[], datetime]
    hours: Hours

    def work(self) -> None:
        """Hand over each request that may climb now; one that somebody moves at that moment stays where he put it."""
        at = self.clock()
        with reading(self.engine) as connection:
            numbers = overdue_numbers(connection, at)
        for number in numbers:
            self._climb(Acting(self.engine, SERVICE, at), number)

    def _climb(self, acting: Acting, number: int) -> None:
        try:
            with acting.writing() as connection:
                asked = read_request(connection, number)
                if asked is not None and may_climb(asked, acting.at):
                    climb(acting, connection, asked, hours=self.hours)
        except (Overtaken, MoveRefused):
            return
