"""The clerk's process: prepares the database, empties the journal, keeps the directory in service up to date."""

from __future__ import annotations

import logging
import threading
import time
from datetime import datetime, timedelta

from ivr.memory.hunts import HuntFolder
from records.calls.clerk import Clerk, Drained
from records.database import Engine, SQLAlchemyError, open_database
from records.facts import CallRow
from records.schema.migrations import migrate
from routing.departements import timezone_of
from service.clock import now
from service.directory.publishing import DirectoryKeeper
from service.directory.snapshots import SnapshotFile
from service.privacy.forgetting import Forgetting
from service.running.fallback import StandbyKeeper
from service.running.serving.stopping import stop_event
from service.running.watching.state import write_state
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

log = logging.getLogger(__name__)


def main() -> None:
    """Work until told to stop, whatever the database does."""
    settings = read_settings(complete=True)
    logging.basicConfig(level=settings.log_level, format="%(levelname)s %(name)s : %(message)s")
    engine = open_database(settings.database_url)
    try:
        ClerkProcess(settings, engine).run(stop_event())
    finally:
        engine.dispose()


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
        self._drained_at: datetime | None = None
        self._counts = {"lines": 0, "torn": 0, "strange": 0}
        self._next_look = self._next_word = self._next_share = 0.0
        self._next_tidying = time.monotonic() + 3600

    def run(self, stop: threading.Event) -> None:
        """Prepare the database as soon as it can be reached, then drain; on stopping, drain once more."""
        clerk = Clerk(
            self._settings.journal_dir,
            self._engine,
            timezone_of,
            clock=now,
            on_calls=self._remember,
            fingerprint=fingerprint_by(self._memory.file),
        )
        self._prepare(stop)
        clerk.run(stop, after_round=self.after_round)
        if self._is_prepared:
            clerk.drain_once()

    def after_round(self, drained: Drained) -> None:
        """Say how it goes, and look whether the directory in service is still the right one."""
        error = drained.error
        self._counts = {name: count + getattr(drained, name) for name, count in self._counts.items()}
        if error is not None:
            self._keep_directory_alone()
        else:
            self._drained_at = now()
            if time.monotonic() >= self._next_look:
                self._next_look = time.monotonic() + LOOK
                error = self._keep_directory()
            self._share()
        if error or time.monotonic() >= self._next_word:
            self._next_word = time.monotonic() + SPEAK
            self._say(error)

    def _prepare(self, stop: threading.Event) -> None:
        pause = 0.5
        while not stop.is_set() and not self._is_prepared:
            try:
                migrate(self._engine)
                self._is_prepared = True
            except (SQLAlchemyError, OSError) as error:
                log.warning("La base de données n’est pas prête (%s) ; les appels continuent.", type(error).__name__)
                self._keep_directory_alone()
                self._say(type(error).__name__)
                stop.wait(pause)
                pause = min(5.0, pause * 2)

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
        write_state(self._settings.state_dir, "clerk", now(), error=error, drained_at=drained_at, **self._counts)


if __name__ == "__main__":
    main()
