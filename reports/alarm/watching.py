"""Looks at what the telephone did lately, and says which alarms begin and which are over."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from records.alerting.telling import ToldNow, Trouble, tell
from records.mail import Mail
from reports.alarm import rules, store
from reports.alarm.letters import sentence, to_do
from reports.alarm.rules import LOOKED_BACK, Alarm, AlarmKind, RungLeg
from routing.snapshot import Snapshot

QUIET = timedelta(hours=1)
"""How long an alarm that was over stays so, whatever happens: a flapping one is two letters an hour, not thirty."""


@dataclass(frozen=True, slots=True)
class Changed:
    """Alarms that begin, and those that are over."""

    begun: tuple[Alarm, ...]
    over: tuple[Alarm, ...]


def look(connection: Any, snapshot: Snapshot, at: datetime, *, hears_all: bool) -> Changed:
    """What has changed at `at`. Nothing is kept. `hears_all`: every call so far is recorded, so that silence is one.

    One that has just been said to be over is not told again within the hour: it may come and go.
    """
    legs = store.legs_since(connection, at - LOOKED_BACK, at)
    known = {alarm.key: alarm for alarm in store.open_alarms(connection)}
    over = [alarm for alarm in known.values() if _is_over(connection, alarm, legs, snapshot, at)]
    raised = [*rules.failing_numbers(legs, snapshot.phones()), rules.failing_hour(legs, at)]
    if hears_all:
        raised.append(_silence(connection, snapshot, at))
    told = known.keys() | store.ended_after(connection, at - QUIET)
    begun = [alarm for alarm in raised if alarm is not None and alarm.key not in told]
    return Changed(tuple(begun), tuple(over))


Letters = Callable[[Changed], Iterable[tuple[str, Mail]]]
"""The mails about what has changed, each with the kind of its alarm."""


def keep(
    connection: Any, changed: Changed, snapshot: Snapshot, at: datetime, letters: Letters = lambda _: ()
) -> Changed:
    """Keep what has changed and owe the mails about it; returns what nobody else had kept meanwhile."""
    alarms = {alarm.key: alarm for alarm in (*changed.begun, *changed.over)}

    def fresh(told: ToldNow) -> Changed:
        begun, over = (tuple(alarms[one.key] for one in some) for some in (told.begun, told.over))
        return Changed(begun, over)

    told = tell(
        connection,
        [_alert(alarm, snapshot) for alarm in changed.begun],
        [_alert(alarm, snapshot) for alarm in changed.over],
        at,
        lambda told: letters(fresh(told)),
    )
    return fresh(told)


def _alert(alarm: Alarm, snapshot: Snapshot) -> Trouble:
    return Trouble(alarm.key, alarm.kind, alarm.phone, sentence(alarm, snapshot), to_do(alarm, ""), alarm.since)


def _silence(connection: Any, snapshot: Snapshot, at: datetime) -> Alarm | None:
    hour = rules.hour_before(at)
    calls = store.calls_between(connection, hour.start)
    before = [store.calls_between(connection, start, start + rules.HOUR) for start in hour.before]
    return rules.silent_hour(hour, calls, before, snapshot)


def _is_over(connection: Any, alarm: Alarm, legs: list[RungLeg], snapshot: Snapshot, at: datetime) -> bool:
    match alarm.kind:
        case AlarmKind.NUMBER:
            return alarm.phone not in snapshot.phones() or rules.is_reached_again(legs, alarm.phone)
        case AlarmKind.LEGS:
            return rules.is_ringing_again(legs, at)
        case AlarmKind.SILENCE:
            return store.calls_between(connection, alarm.since) > 0
