"""The clerk's process: prepares the database, empties the journal, keeps the directory in service up to date."""

from __future__ import annotations

import logging
import threading
import time
from datetime import datetime, timedelta
from typing import Any

from ivr.memory.hunts import HuntFolder
from records.calls.clerk import BUSY, Clerk, Drained
from records.database import Engine, FileIdentity, SQLAlchemyError, begin_anew, file_of, identity_of, open_database
from records.facts import CallRow
from records.schema.migrations import NewerDatabase, migrate
from records.true_rows.told import fold_told
from routing.departements import timezone_of
from service.clock import now
from service.directory.publishing import DirectoryKeeper
from service.directory.snapshots import SnapshotFile
from service.logs import start_logging
from service.privacy.forgetting import Forgetting
from service.running.fallback import StandbyKeeper
from service.running.serving.stopping import stop_event
from service.running.watching.journal_losses import clerk_noticed, journal_losses
from service.running.watching.state import read_state, write_state
from service.running.watching.unfinished import why_not_to_touch
from service.settings import Settings, read_settings
from service.stores import sound_store
from service.wiring.memory import fingerprint_by, shared_memory

LOOK = 2.0
"""Seconds between two looks at what is published and set."""

SPEAK = 1.0
"""Seconds between two signs of life at least."""

SHARE = 1.0
"""Seconds between two exchanges with other machines of what is remembered of callers."""

TIDY = 24 * 3600.0
"""Seconds between two tidyings of what this disk alone has; first an hour after the start."""

ONE_DAY = timedelta(days=1)

GONE_FOR = 3.0
"""Seconds that a database file may be gone, while somebody puts another in its place, before a new one is begun."""

NEWER_PAUSE = 5.0
"""Seconds between two looks at a database that is too new for this version, and two signs of life meanwhile."""

log = logging.getLogger(__name__)


def main() -> None:
    """Work until told to stop, whatever the database does."""
    settings = read_settings(complete=True)
    start_logging(settings.log_level, settings.log_format)
    engine = open_database(settings.database_url)
    try:
        ClerkProcess(settings, engine).run(stop_event())
    finally:
        engine.dispose()


NO_TABLE = "ProgrammingError"
"""What PostgreSQL answers where a table is missing; an SQLite file is known by its inode."""


class ClerkProcess:
    """What is done beside draining, after each round."""

    def __init__(self, settings: Settings, engine: Engine) -> None:
        self._settings = settings
        self._engine = engine
        self._snapshot = SnapshotFile(settings.var_dir)
        self._keeper = DirectoryKeeper(self._snapshot, settings)
        self._memory = shared_memory(settings, engine)
        self._sounds = sound_store(settings, engine)
        self._forgetting = Forgetting(engine, self._memory.file, settings, now)
        self._standby = StandbyKeeper(self._snapshot.current, settings)
        self._is_prepared = False
        drained_at = read_state(settings.state_dir, "clerk").get("drained_at")
        self._drained_at = (
            datetime.fromisoformat(drained_at) if drained_at else None
        )  # since when it is not, over a restart
        self._counts = {"lines": 0, "torn": 0, "strange": 0}
        self._stop = threading.Event()
        self._file = file_of(engine)
        self._identity: FileIdentity | None = None
        self._gone_since: float | None = None
        self._replaced_at: datetime | None = None
        self._newer: str | None = None
        self._held = ""
        self._fingerprint = fingerprint_by(self._memory.file)
        self._clerk = Clerk(
            settings.journal_dir,
            engine,
            timezone_of,
            clock=now,
            on_calls=self._remember,
            fingerprint=self._fingerprint,
        )
        self._unreadable: dict[str, str] = {}
        self._lost = 0
        self._next_look = self._next_word = self._next_share = 0.0
        self._next_tidying = time.monotonic() + 3600

    def run(self, stop: threading.Event) -> None:
        """Prepare the database as soon as it can be reached, then drain; on stopping, drain once more."""
        self._stop = stop
        self._prepare(stop)
        self._clerk.run(stop, after_round=self.after_round)
        if self._is_prepared:
            self._clerk.drain_once(BUSY)

    def after_round(self, drained: Drained) -> None:
        """Say how it goes, and look whether the directory in service is still the right one."""
        error = drained.error
        self._unreadable = drained.unreadable
        self._counts = {name: count + getattr(drained, name) for name, count in self._counts.items()}
        if drained.set_back:
            self._note_replaced()
        self._look_at_the_file()
        if drained.set_back or error == NO_TABLE:  # restored by hand, or dropped and made anew
            self._is_prepared = False
            self._prepare(self._stop)
        if error is not None:
            self._keep_directory_alone()
        else:
            self._drained_at = self._drained_at if drained.is_unfinished else now()
            if self._settings.write_first == "database" or time.monotonic() >= self._next_look:
                error = self._fold_told()
            if time.monotonic() >= self._next_look:
                self._next_look = time.monotonic() + LOOK
                error = self._keep_directory() or error
            self._share()
        if error or time.monotonic() >= self._next_word:
            self._next_word = time.monotonic() + SPEAK
            self._say(error)

    def _fold_told(self) -> str | None:
        """Fold the calls of which the database was told first; the name of the error that kept us from it.

        Calls that never cease keep us from nothing else: the next round goes on.
        """
        until = time.monotonic() + BUSY
        how: dict[str, Any] = {"timezone_of": timezone_of, "at": now(), "fingerprint": self._fingerprint}
        try:
            while rows := fold_told(self._engine, **how):
                self._remember(rows)
                if time.monotonic() >= until:
                    break
        except (SQLAlchemyError, OSError) as error:
            return type(error).__name__
        return None

    def _look_at_the_file(self) -> None:
        """Where another SQLite file stands than before, or none any more, prepare it and move the journal again."""
        current = identity_of(self._file) if self._file else None
        if self._file is None or current == self._identity is not None:
            self._gone_since = None
            return
        if current is None:
            self._gone_since = self._gone_since or time.monotonic()
            if time.monotonic() - self._gone_since < GONE_FOR:
                return
            begin_anew(self._engine)
        self._note_replaced()
        self._is_prepared = False
        self._prepare(self._stop)
        self._clerk.forget_offsets()

    def _note_replaced(self) -> None:
        self._replaced_at = now()
        log.error("La base de données n’est plus celle d’avant : le journal y est rejoué.")

    def _prepare(self, stop: threading.Event) -> None:
        pause = 0.5
        while not stop.is_set() and not self._is_prepared:
            self._clerk.keep_reserve()
            try:
                if (why := why_not_to_touch(self._settings, self._engine)) is not None:
                    self._wait_for_the_operator(why, stop)
                    continue
                newer = migrate(self._engine)
                self._is_prepared = True
                self._identity = identity_of(self._file) if self._file else None
                self._note_newer(newer, "cette version peut y écrire et continue")
            except NewerDatabase as error:
                self._note_newer(error.revision, "cette version ne doit pas y écrire, le journal attend")
                self._keep_directory_alone()
                self._say(type(error).__name__)
                stop.wait(NEWER_PAUSE)
            except (SQLAlchemyError, OSError) as error:
                log.warning("La base de données n’est pas prête (%s) ; les appels continuent.", type(error).__name__)
                self._keep_directory_alone()
                self._say(type(error).__name__)
                stop.wait(pause)
                pause = min(5.0, pause * 2)

    def _wait_for_the_operator(self, why: str, stop: threading.Event) -> None:
        if why != self._held:
            log.error("La base de données n’est pas préparée : %s.", why)
        self._held = why
        self._keep_directory_alone()
        self._say("RestoreUnfinished")
        stop.wait(NEWER_PAUSE)

    def _share(self) -> None:
        """Know what other machines learnt of callers; once a day tidy what this disk alone has."""
        moment = time.monotonic()
        if moment >= self._next_share:
            self._next_share = moment + SHARE
            self._memory.exchange()
        if moment >= self._next_tidying:
            self._next_tidying = moment + TIDY
            try:
                self._memory.file.compact(now())
                HuntFolder(self._settings.hunts_dir).forget(now() - ONE_DAY)
            except OSError as error:
                log.warning("La mémoire des appelants n’a pas pu être rangée (%s).", type(error).__name__)

    def _note_newer(self, revision: str | None, consequence: str) -> None:
        """Say once in the log that the database is newer than we are, and all the time in the state."""
        if revision is not None and revision != self._newer:
            log.error("La base de données (révision %s) est plus récente que ce programme : %s.", revision, consequence)
        self._newer = revision

    def _keep_directory(self) -> str | None:
        """The name of the error that kept the directory from being looked at."""
        self._standby.keep()
        try:
            self._sounds.share()  # before the rules that name them are in service here
        except OSError as error:
            log.warning("Les enregistrements des SIAO ne sont pas tous ici (%s).", type(error).__name__)
        try:
            self._keeper.keep(self._engine, now())
            self._forgetting.look()
        except (SQLAlchemyError, OSError) as error:
            return type(error).__name__
        return None

    def _keep_directory_alone(self) -> None:
        try:
            self._keeper.keep_alone(now())
        except OSError as error:
            log.warning("L’annuaire en service n’a pas pu être écrit (%s).", type(error).__name__)

    def _remember(self, rows: list[CallRow]) -> None:
        self._memory.remember(rows, now())

    def _say(self, error: str | None) -> None:
        drained_at = self._drained_at.isoformat() if self._drained_at else None
        states, at = self._settings.state_dir, now()
        told: dict[str, Any] = self._counts | {"reserve_full": self._clerk.is_full}
        if self._clerk.losses.total() > self._lost:
            self._lost = self._clerk.losses.total()
            clerk_noticed(states, self._clerk.losses, at)
        losses = journal_losses(states, self._unreadable, at)
        replaced = self._replaced_at.isoformat() if self._replaced_at else None
        told |= {"database": {"replaced": replaced, "newer": self._newer}}
        write_state(states, "clerk", at, error=error, drained_at=drained_at, journal_losses=losses, **told)


if __name__ == "__main__":
    main()
