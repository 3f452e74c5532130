"""The journal of one web worker: opened at its first fact, after the server has forked."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterable
from pathlib import Path

from records.calls.journal import Journal
from records.facts import Fact


class WorkerJournal:
    """Appends facts to this process's own journal file; `failed` counts the appends refused since the last good one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.failed = 0
        self._journal: Journal | None = None
        self._pid = 0
        self._opening = threading.Lock()

    def append(self, facts: Iterable[Fact]) -> bool:
        """Whether the facts are safely on disk."""
        kept = self._of_this_process().append(tuple(facts))
        self.failed = 0 if kept else self.failed + 1
        return kept

    def _of_this_process(self) -> Journal:
        with self._opening:
            if self._journal is None or self._pid != os.getpid():
                self._pid = os.getpid()
                self._journal = Journal(self.folder, f"{socket.gethostname()}-{self._pid}")
            return self._journal
