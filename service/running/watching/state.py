"""How each process says that it lives: one small file each under `var/state/`, so that nobody has to ask it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

AHEAD = 2.0
"""Seconds by which a moment may lie ahead: two processes read the clock one after the other."""


def write_state(folder: Path, name: str, at: datetime, **facts: Any) -> None:
    """Say in `folder/name.json` that `name` lived at `at`, with what else is known; a full disk stops nobody."""
    fresh = folder / f".{name}.{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        fresh.write_text(json.dumps({"at": at.isoformat(), "pid": os.getpid(), **facts}), encoding="utf-8")
        fresh.replace(folder / f"{name}.json")
    except OSError:
        fresh.unlink(missing_ok=True)


def read_state(folder: Path, name: str) -> Mapping[str, Any]:
    """What `name` last said; empty when it never spoke or its file is damaged."""
    try:
        found = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        datetime.fromisoformat(found["at"])
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return dict(found)


def age(state: Mapping[str, Any], now: datetime) -> float:
    """Seconds since the process last spoke; infinite when it never did, or spoke in what is still the future.

    A clock that was set back tells nothing of whoever spoke before: a process that lives speaks again within seconds.
    """
    if not state:
        return float("inf")
    seconds = (now - datetime.fromisoformat(state["at"])).total_seconds()
    return float("inf") if seconds < -AHEAD else max(0.0, seconds)


def is_ahead(state: Mapping[str, Any], now: datetime) -> bool:
    """Whether a process spoke at a moment that has not come yet."""
    return bool(state) and (now - datetime.fromisoformat(state["at"])).total_seconds() < -AHEAD
