"""The database as the first writer, for platforms whose disk is lost at each deploy; the journal takes over at once.

A webhook waits for the database no longer than `DEADLINE`, whatever it does: the writing is done by a thread that is
left behind. What it could not confirm goes to the journal; should both succeed, a fact twice is a fact once. After a
failure the database is left alone until it answers again, which is tried beside the calls (decision 88).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from datetime import datetime

from ivr.web import FactSink
from records.database import open_database
from records.facts import Fact
from records.schema.migrations import NewerDatabase, newest_version
from records.true_rows.told import answers, tell
from service.settings import Settings

DEADLINE = 0.3
"""Seconds that a webhook waits for the database."""

HANDS = 8
"""Writings of one process that may be under way at once, those left behind included."""

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
"""Seconds before the database is tried again after a failure: doubled each time."""

log = logging.getLogger(__name__)


def first_writer(settings: Settings, journal: FactSink, clock: Callable[[], datetime]) -> FactSink:
    """Where facts are appended by these settings: the journal, or the database with the journal behind it."""
    if settings.write_first != "database":
        return journal
    engine = open_database(settings.database_url, is_hurried=True)
    newest_version()  # read from the disk once, before any caller waits
    return DatabaseFirst(lambda facts: tell(engine, facts, clock()), lambda: answers(engine), journal)


class DatabaseFirst:
    """Appends facts to the database, and to the journal when it does not answer in time."""

    def __init__(
        self,
        tell: Callable[[tuple[Fact, ...]], object],
        answers: Callable[[], object],
        journal: FactSink,
        *,
        deadline: float = DEADLINE,
        first_pause: float = FIRST_PAUSE,
    ) -> None:
        """`tell` writes durably or raises; `answers` raises while the database does not answer."""
        self._tell = tell
        self._answers = answers
        self._journal = journal
        self._deadline = deadline
        self._first_pause = first_pause
        self._hands = threading.BoundedSemaphore(HANDS)
        self._lock = threading.Lock()
        self._is_away = False

    def append(self, facts: Iterable[Fact]) -> bool:
        """Whether the facts are safely written, in the one place or the other."""
        kept = tuple(facts)
        if not kept:
            return True
        return self._told(kept) or self._journal.append(kept)

    def _told(self, facts: tuple[Fact, ...]) -> bool:
        """Whether the database has them for sure."""
        if self._is_away or not self._hands.acquire(blocking=False):
            return False
        writing = _Writing(self._tell, facts, self._hands)
        if not _begun(writing.do):
            self._hands.release()
            return False
        if writing.is_done.wait(self._deadline) and writing.error is None:
            return True
        self._leave_alone(writing.error)
        return False

    def _leave_alone(self, error: Exception | None) -> None:
        """From now on nobody waits for the database, until it answers a question asked beside the calls."""
        with self._lock:
            if self._is_away:
                return
            self._is_away = True
        log.error(_why(error))
        if not _begun(self._wait_until_it_answers):
            self._is_away = False  # the next call asks

    def _wait_until_it_answers(self) -> None:
        pause = self._first_pause
        while True:
            threading.Event().wait(pause)
            try:
                self._answers()
            except Exception as error:  # noqa: BLE001 - whatever it is, it does not answer
                log.info("the database does not answer yet: %s", type(error).__name__)
                pause = min(LONGEST_PAUSE, pause * 2)
            else:
                break
        self._is_away = False
        log.warning("La base répond de nouveau : les appels y sont écrits d’abord.")


def _begun(work: Callable[[], object]) -> bool:
    """Whether a thread does it from now on; a system that gives no more of them keeps no call from its journal."""
    try:
        threading.Thread(target=work, daemon=True).start()
    except RuntimeError as error:
        log.error("Aucun fil d’exécution n’est disponible (%s) : l’appel va au journal.", error)  # noqa: TRY400
        return False
    return True


def _why(error: Exception | None) -> str:
    if isinstance(error, NewerDatabase):
        return (
            f"La base de données (révision {error.revision}) est plus récente que ce programme : cette version ne doit"
            " pas y écrire, les appels vont au journal."
        )
    what = type(error).__name__ if error else "Timeout"
    return f"La base n’a pas pris un appel à temps ({what}) : le journal prend le relais."


class _Writing:
    """One writing, done by a thread that nobody may have to wait for."""

    def __init__(
        self, tell: Callable[[tuple[Fact, ...]], object], facts: tuple[Fact, ...], hands: threading.BoundedSemaphore
    ) -> None:
        self.is_done = threading.Event()
        self.error: Exception | None = None
        self._tell = tell
        self._facts = facts
        self._hands = hands

    def do(self) -> None:
        try:
            self._tell(self._facts)
        except Exception as error:  # noqa: BLE001 - told to whoever waits
            self.error = error
        finally:
            self._hands.release()
            self.is_done.set()
