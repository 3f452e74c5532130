"""A round over the links that are due: one at a time, with a pause before the same site is asked again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from records.database import Engine, reading, writing
from support.knowledge.links.judging import Probe, judged
from support.knowledge.links.store import links_of_articles, write_link

PAUSE = 2.0
"""Seconds between two questions to one site."""
AT_ONCE = 20
"""Links of one round, so that a round is over when the worker has to stop; the rest comes in the next."""


@dataclass(frozen=True, slots=True)
class LinkChecks:
    """`ask` asks one address, `wait` lets seconds pass."""

    engine: Engine
    clock: Callable[[], datetime]
    ask: Callable[[str], Probe]
    wait: Callable[[float], None]

    def work(self) -> int:
        """Ask what is due, and write down each answer as it comes; returns how many were asked."""
        with reading(self.engine) as connection:
            due = [link for link in links_of_articles(connection) if link.is_due(self.clock())][:AT_ONCE]
        answered: dict[str, datetime] = {}
        for link in due:
            site = urlsplit(link.address).netloc
            if site in answered:
                self.wait(max(PAUSE - (self.clock() - answered[site]).total_seconds(), 0.0))
            now = judged(link, self.ask(link.address), self.clock())
            answered[site] = self.clock()
            with writing(self.engine) as connection:
                write_link(connection, now)
        return len(due)
