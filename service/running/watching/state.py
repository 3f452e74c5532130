"""How each process says that it lives: one small file each under `var/state/`, so that nobody has to ask it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any


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
    """Seconds since the process last spoke; infinite when it never did."""
    return (now - datetime.fromisoformat(state["at"])).total_seconds() if state else float("inf")
