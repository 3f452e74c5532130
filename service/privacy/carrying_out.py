"""The table of retention carried out: in portions, each committed, safe to stop at any moment; or only counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from records.database import Engine, reading, writing
from records.desks.audit import note
from records.privacy.portions import Cut
from records.privacy.reports import keep_run
from records.privacy.steps import STEPS
from service.privacy.retention import NIGHTLY, RETENTION, KeptData
from service.settings import Settings
from service.wiring.memory import caller_memory, fingerprint_by

BY = "conservation"
"""Who stands in the trail."""


@dataclass(frozen=True, slots=True)
class LineDone:
    """What became of one line: how much was older than `before` and went (or would go)."""

    line: KeptData
    before: datetime
    count: int


def carried_out_here() -> Iterator[KeptData]:
    """The lines that this carries out; every other one has a job of its own."""
    return (line for line in RETENTION if line.job == NIGHTLY)


def due(settings: Settings, engine: Engine, at: datetime) -> list[LineDone]:
    """What would go now; nothing is changed."""
    found = []
    for line in carried_out_here():
        cut = _cut(settings, line, at)
        with reading(engine) as connection:
            found.append(LineDone(line, cut.before, sum(one.count(connection, cut) for one in STEPS[line.key])))
    return found


def carry_out(
    settings: Settings, engine: Engine, at: datetime, *, goes_on: Callable[[], bool] = lambda: True
) -> list[LineDone]:
    """Do what is due, line after line; what is done is in the report and in the trail.

    Asked before each portion, `goes_on` may stop it: what was done stays done, the rest is done another time.
    """
    done = []
    for line in carried_out_here():
        cut = _cut(settings, line, at)
        count = _shorten(engine, line, cut, goes_on)
        done.append(LineDone(line, cut.before, count))
        with writing(engine) as connection:
            keep_run(connection, line.key, cut.before, count, at)
            if count:
                reference = f"{line.key} : {count}, avant le {cut.before:%Y-%m-%d}"
                note(connection, by=BY, what="conservation appliquée", reference=reference, at=at)
        if not goes_on():
            break
    return done


def _shorten(engine: Engine, line: KeptData, cut: Cut, goes_on: Callable[[], bool]) -> int:
    count = 0
    for step in STEPS[line.key]:
        for portion in step.portions(engine, cut):
            count += portion
            if not goes_on():
                return count
    return count


def _cut(settings: Settings, line: KeptData, at: datetime) -> Cut:
    days = line.days(settings) if line.days else 0
    return Cut(at - timedelta(days=days), at, fingerprint_by(caller_memory(settings)))
