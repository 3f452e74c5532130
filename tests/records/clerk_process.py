"""A clerk of its own process: `python -m tests.records.clerk_process JOURNAL URL`, until it is told to stop."""

from __future__ import annotations

import signal
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

from records.calls.clerk import Clerk
from records.database import open_database
from tests.records.play import timezone_of


def main(folder: str, url: str) -> None:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    engine = open_database(url)
    Clerk(Path(folder), engine, timezone_of, clock=lambda: datetime.now(UTC)).run(stop, poll=0.01)
    engine.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:])
