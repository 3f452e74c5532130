"""The journal of one web worker: opened at its first fact, after the server has forked, looked after each second."""

from __future__ import annotations

import os
import re
import socket
import threading
import weakref
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from records.calls.journal import Journal
from records.facts import Fact

LOOK = 1.0
"""Seconds between two looks at the file of a worker that nobody calls."""

Report = Callable[[str, Mapping[str, int]], None]
"""Hears the worker's name and the counts of what went wrong with its journal, each time they have changed."""


def _to_nobody(_worker: str, _told: Mapping[str, int]) -> None:
    return


class WorkerJournal:
    """Appends facts to this process's own journal file; `failed` counts the appends refused since the last good one."""

    def __init__(self, folder: Path, report: Report = _to_nobody) -> None:
        self.folder = folder
        self.failed = 0
        self._report = report
        self._journal: Journal | None = None
        self._pid = 0
        self._opening = threading.Lock()
        self._told: Counter[str] = Counter()
        self._left = threading.Event()
        self._thread: threading.Thread | None = None

    def append(self, facts: Iterable[Fact]) -> bool:
        """Whether the facts are safely on disk."""
        journal = self._journal if self._pid == os.getpid() else None
        kept = (journal or self._of_this_process()).append(tuple(facts))
        self.failed = 0 if kept else self.failed + 1
        return kept

    def look_after(self) -> None:
        """Rotate and heal while nobody calls; say what went wrong since the last time. Never raises."""
        journal = self._journal
        if journal is None:
            return
        journal.look_after()
        told = journal.what_went_wrong()
        if told != self._told:
            self._report(_worker_name(), told)
        self._told = told

    def _of_this_process(self) -> Journal:
        with self._opening:
            if self._journal is None or self._pid != os.getpid():
                self._journal = Journal(self.folder, _worker_name())
                self._pid = os.getpid()
                self._left.clear()
                watched = (weakref.ref(self), self._left)
                self._thread = threading.Thread(target=_look_after, args=watched, daemon=True, name="journal")
                self._thread.start()
            return self._journal

    def close(self) -> None:
        """Let go of the file and look after it no more; the next append begins another one."""
        with self._opening:
            journal, thread, self._journal, self._thread = self._journal, self._thread, None, None
            self._left.set()
        if thread is not None:
            thread.join()
        if journal is not None:
            journal.close()


def _worker_name() -> str:
    return re.sub(r"[^A-Za-z0-9_.-]", "-", f"{socket.gethostname()}-{os.getpid()}")


def _look_after(worker: weakref.ref[WorkerJournal], left: threading.Event) -> None:
    """As long as somebody may still append."""
    pid = os.getpid()
    while os.getpid() == pid and (found := worker()) is not None:
        found.look_after()
        del found
        if left.wait(LOOK):
            return
