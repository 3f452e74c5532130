"""How the service is, part by part, read from memory and files alone: it never waits for a database."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from routing.snapshot import Snapshot
from service.running.watching.state import age, is_ahead, read_state

SILENT_AFTER = timedelta(seconds=15)
"""A process that has not spoken for so long is taken for dead."""

LATE_AFTER = timedelta(seconds=60)
"""The clerk is late when the journal was last emptied longer ago than this."""

FORGOTTEN_AFTER = timedelta(minutes=5)
"""What the watch said longer ago than this tells nothing of now."""


PROBED_EVERY = timedelta(seconds=1)
_LAST_PROBE: dict[Path, tuple[datetime, str | None]] = {}
"""When this process last wrote a probe, and what it met."""


class State(StrEnum):
    """How one part is."""

    OK = "ok"
    DEGRADED = "degraded"
    DOWN = "down"
    OFF = "off"
    """Left out on purpose, or looked after elsewhere."""


WHERE_SET = ("antivirus", "mailbox", "connector", "sums")
"""Parts that are told where a setting asks for them, or once they were looked at (the sums, each night)."""

WATCHED = ("mail", "alerts")
"""Parts that the watch tells once it has looked: mails that do not leave, what the team was told of."""

CLOCK = {"reason": "clock"}
"""Why a part is ill that spoke in the future: the clock was set back."""

Part = dict[str, Any]


def health(parts: dict[str, Part]) -> dict[str, Any]:
    """The whole from its parts: `down` without a directory only (decision 26), `degraded` when another part is ill."""
    ill = [name for name, part in parts.items() if part["state"] not in {State.OK, State.OFF}]
    status = State.DOWN if parts["directory"]["state"] == State.DOWN else State.DEGRADED if ill else State.OK
    return {"status": status, **parts}


def inspect(
    *, folder: Path, journal: Path, snapshot: Snapshot | None, problem: str | None, failed_appends: int, now: datetime
) -> dict[str, Part]:
    """Every part of the contract; `folder` holds the state files, `failed_appends` is this worker's own count."""
    clerk, jobs = read_state(folder, "clerk"), read_state(folder, "jobs")
    return {
        "directory": _directory(snapshot, problem),
        "journal": _journal(journal, failed_appends, now),
        "clerk": _clerk(clerk, now),
        "database": _database(clerk, now),
        "worker": _worker(jobs, read_state(folder, "supervisor"), now),
        "operator": _last_told(jobs, "operator"),
        "line": _line(jobs),
        **{name: dict(jobs[name]) for name in WHERE_SET if name in jobs},
        **_watched(read_state(folder, "watch"), now),
    }


def is_ready(parts: Mapping[str, Part], *, folder: Path, minutes: int, started: datetime, now: datetime) -> bool:
    """Whether calls are answered, and clerk, database and jobs work, or have for less than `minutes` not worked.

    Jobs left out on purpose are looked after elsewhere. `started`: since when this process asks; what has never
    spoken is counted from there.
    """
    if parts["directory"]["state"] == State.DOWN:
        return False
    limit = timedelta(minutes=minutes)
    since = down_since(folder, now)
    ill = (name for name in ESSENTIAL if parts[name]["state"] == State.DOWN)
    return all(now - (since[name] or started) <= limit for name in ill)


ESSENTIAL = ("clerk", "database", "worker")
"""Without these a call is answered all the same, and what it told waits on the disk."""


def down_since(folder: Path, now: datetime) -> dict[str, datetime | None]:
    """When each essential part was last known to work; None when it never was, or at a moment still to come."""
    clerk, jobs = read_state(folder, "clerk"), read_state(folder, "jobs")
    told = {"clerk": clerk.get("at"), "database": clerk.get("drained_at"), "worker": jobs.get("at")}
    moments = {name: datetime.fromisoformat(moment) if moment else None for name, moment in told.items()}
    return {name: moment if moment and moment <= now else None for name, moment in moments.items()}


def _watched(watch: Any, now: datetime) -> dict[str, Part]:
    """What the watch last said, not what it said an hour ago."""
    if age(watch, now) > FORGOTTEN_AFTER.total_seconds():
        return {}
    return {name: dict(watch[name]) for name in WATCHED if name in watch}


def _directory(snapshot: Snapshot | None, problem: str | None) -> Part:
    if snapshot is None:
        return {"state": State.DOWN}
    known: Part = {"version": snapshot.version, "lines": len(snapshot.people)}
    return {"state": State.DEGRADED if problem else State.OK, **known}


def _journal(journal: Path, failed_appends: int, now: datetime) -> Part:
    reason = _probed(journal, now)
    return {"state": State.DEGRADED if reason or failed_appends else State.OK, "failed_appends": failed_appends} | (
        {"reason": reason} if reason else {}
    )


def _probed(journal: Path, now: datetime) -> str | None:
    """What the last real write met, within this second: anybody may ask, and each answer must not be a file."""
    last = _LAST_PROBE.get(journal)
    if last is None or not timedelta(0) <= now - last[0] < PROBED_EVERY:
        _LAST_PROBE.clear()
        last = _LAST_PROBE[journal] = (now, why_not_writable(journal))
    return last[1]


def why_not_writable(journal: Path) -> str | None:
    """The name of the error that a real write meets, None when it succeeds."""
    probe = journal / f".probe.{os.getpid()}"
    try:
        journal.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"-" * 64)
        probe.unlink()
    except OSError as error:
        return type(error).__name__
    return None


def _clerk(clerk: Any, now: datetime) -> Part:
    if age(clerk, now) > SILENT_AFTER.total_seconds():
        return {"state": State.DOWN} | (CLOCK if is_ahead(clerk, now) else {})
    lag = age({"at": clerk["drained_at"]} if clerk.get("drained_at") else {}, now)
    late = lag > LATE_AFTER.total_seconds()
    return {"state": State.DEGRADED if late else State.OK, "lag_seconds": None if lag == float("inf") else round(lag)}


def clerk_keeps_up(folder: Path, now: datetime) -> bool:
    """Whether every call that has come in so far is in the database, but for the last minute's."""
    return bool(_clerk(read_state(folder, "clerk"), now)["state"] == State.OK)


def _database(clerk: Any, now: datetime) -> Part:
    if age(clerk, now) > SILENT_AFTER.total_seconds():
        return {"state": State.DOWN, "reason": "unknown"}
    error = clerk.get("error")
    return {"state": State.DOWN, "reason": error} if error else {"state": State.OK}


def _worker(jobs: Any, supervisor: Any, now: datetime) -> Part:
    if age(jobs, now) <= SILENT_AFTER.total_seconds():
        told = {name: jobs[name] for name in ("failing", "waiting") if jobs.get(name)}
        return {"state": State.DEGRADED if told else State.OK} | told
    if supervisor.get("worker") is False:
        return {"state": State.OFF}
    return {"state": State.DOWN} | (CLOCK if is_ahead(jobs, now) else {})


def _last_told(jobs: Any, name: str) -> Part:
    """What the jobs last heard of a service of somebody else: the operator's log, the mailbox, the ministry's CRM."""
    last = jobs.get(name)
    return dict(last) if last else {"state": State.OFF}


def _line(jobs: Any) -> Part:
    """Which alarms of the line are open. Whose number it is stands in the mail: anybody may read this."""
    last = jobs.get("line")
    if not last:
        return {"state": State.OFF}
    alarms = [{"kind": one["kind"], "since": one["since"]} for one in last["alarms"]]
    return {"state": last["state"]} | ({"alarms": alarms} if alarms else {})
