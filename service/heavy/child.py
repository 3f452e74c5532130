"""The process that does one heavy work, and ends: bounded, and last in line for the processor."""

from __future__ import annotations

import contextlib
import ctypes
import logging
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from records.database import Connection, Engine, SQLAlchemyError, is_unreachable, open_database, reading, writing
from records.refusals import ChangeRefused
from records.working import heavy, runs
from records.working.asked import HeavyWork
from reports.importing.reading.book import WorkbookRefused
from reports.pages.imports_apart import import_apart
from reports.preparing.kinds import IMPORT, WORKBOOK, Doing
from reports.preparing.workbook import WorkbookAsked
from reports.preparing.writing import write_apart
from reports.workbook.book import WorkbookContent
from reports.workbook.content import workbook_content
from reports.workbook.history import TooManyRows
from routing.calendar.hours import read_hours
from routing.departements import PARIS, departements
from service.app import create_app
from service.clock import now
from service.logs import start_logging
from service.settings import Settings, read_settings
from service.wiring.reports import phone_shown, reports_desk
from support.nomenclature.store import nomenclature_in_force
from support.profiles import PROFILES

GIVES_WAY = 15
"""How much lower than the rest of the service it stands in line for the processor (0 to 19)."""
MEMORY = 3 * 1024**3
"""Bytes of address space; a workbook of a million calls needs a tenth."""
PROCESSOR = 30 * 60
"""Seconds of the processor; then SIGXCPU ends it, by which its parent knows why."""
NO_MORE = 60
"""Seconds beyond, after which the system ends it without a word; at the same moment it would not say why."""
TOLD_EVERY = 2.0
"""Seconds between two words of how far it is."""
BROKEN = "Le travail a échoué : réessayez, ou prévenez l’administrateur."
FULL_DISK = (
    "Le travail n’a pas pu être enregistré : le disque du service est plein ou fermé. Prévenez l’administrateur."
)
TOO_LARGE = (
    "Le travail demande plus de mémoire qu’il n’en a : demandez moins à la fois, ou découpez le fichier par année."
)

log = logging.getLogger(__name__)


class Lost(Exception):  # noqa: N818 - named as what happened
    """Somebody else has the work by now."""


@dataclass
class Done(Doing):
    """One work that is being done by this process."""

    engine: Engine
    clock: Callable[[], datetime]
    doing: HeavyWork
    holder: str
    told_every: float = TOLD_EVERY
    _told: float = field(default=float("-inf"), init=False)
    _size: int | None = field(default=None, init=False)

    @property
    def work(self) -> HeavyWork:
        """What was asked for."""
        return self.doing

    def tell(self, progress: int, total: int | None) -> None:
        """How far it is; what nobody can be told is no reason to stop."""
        if time.monotonic() - self._told < self.told_every and self.doing.kind != IMPORT:
            return
        self._told = time.monotonic()
        with contextlib.suppress(SQLAlchemyError), writing(self.engine) as connection:
            heavy.tell(connection, self.doing.id, self.holder, progress=progress, total=total)

    def sent(self, number: int) -> bytes:
        """The file that was sent with the work of this number; empty when it is gone, or another account's."""
        with reading(self.engine) as connection:
            of = heavy.one(connection, number)
            is_own = of is not None and of.account == self.doing.account
            return heavy.file_of(connection, number, heavy.SENT) if is_own else b""

    def made(self, file: IO[bytes]) -> None:
        """Keep the result, a piece in each transaction: nobody waits for a large one to be written."""
        file.seek(0)
        self._size = 0
        for count, piece in enumerate(heavy.pieces_of(file)):
            with writing(self.engine) as connection:
                if not heavy.renew(connection, self.doing.id, self.holder, runs.moment(connection, self.clock())):
                    raise Lost
                heavy.add_piece(connection, self.doing.id, heavy.MADE, count, piece)
            self._size += len(piece)

    def end(self, result: Mapping[str, Any]) -> None:
        """It is done."""
        with writing(self.engine) as connection:
            self.end_with(connection, result)

    def end_with(self, connection: Connection, result: Mapping[str, Any]) -> None:
        """It is done, with what else this transaction writes; raises Lost."""
        at = runs.moment(connection, self.clock())
        if not heavy.finish(connection, self.doing.id, self.holder, at, result=result, size=self._size):
            raise Lost


def do(settings: Settings, number: int, holder: str) -> None:
    """Do the work of this number, which was taken for this holder, or say in French why it cannot be done."""
    engine = open_database(settings.database_url)
    try:
        with reading(engine) as connection:
            work = heavy.one(connection, number)
        if work is not None and work.holder == holder and work.is_under_way:
            _do(settings, Done(engine, now, work, holder))
    finally:
        engine.dispose()


def _do(settings: Settings, doing: Done) -> None:
    try:
        KINDS[doing.work.kind](settings, doing)
    except Lost:
        return
    except (ChangeRefused, WorkbookRefused, TooManyRows) as refusal:
        _fail(doing, str(refusal))
    except MemoryError:
        _fail(doing, TOO_LARGE)
    except SQLAlchemyError as error:
        if is_unreachable(error):
            raise  # it is begun again
        log.exception("Le travail lourd %s a échoué.", doing.work.id)
        _fail(doing, BROKEN)
    except OSError:
        log.exception("Le travail lourd %s n’a pas pu être enregistré.", doing.work.id)
        _fail(doing, FULL_DISK)
    except Exception:
        log.exception("Le travail lourd %s a échoué.", doing.work.id)
        _fail(doing, BROKEN)


def _fail(doing: Done, error: str) -> None:
    with writing(doing.engine) as connection:
        heavy.fail(connection, doing.work.id, doing.holder, runs.moment(connection, doing.clock()), error)


def _workbook(settings: Settings, doing: Done) -> None:
    def content(connection: Connection, asked: WorkbookAsked) -> WorkbookContent:
        moment = now()
        today = moment.astimezone(PARIS).date()
        is_france = asked.departement is None
        return workbook_content(
            connection, asked.period, departement=departements()[asked.departement] if asked.departement else None,
            entries=nomenclature_in_force(connection, today).entries, today=today,
            show_phone=phone_shown(masked=is_france), phones_are_masked=is_france,
            hours=read_hours(settings.national_hours), profiles=PROFILES, with_pivot=asked.with_pivot, at=moment,
        )  # fmt: skip

    write_apart(doing.engine, content, doing)


def _import(settings: Settings, doing: Done) -> None:
    with create_app(settings.model_copy(update={"metrics": False})).test_request_context("/resultats/import"):
        import_apart(reports_desk(settings, doing.engine, doing.clock), doing)


KINDS: Mapping[str, Callable[[Settings, Done], None]] = {WORKBOOK: _workbook, IMPORT: _import}
"""What is done for each kind of work."""


def bound_this_process(parent: int) -> None:
    """Calls have the processor first; memory and time end; it does not outlive its parent, dead by now or later."""
    os.nice(GIVES_WAY)
    processor = (resource.RLIMIT_CPU, PROCESSOR, PROCESSOR + NO_MORE)
    for kind, soft, hard in ((resource.RLIMIT_AS, MEMORY, MEMORY), processor, (resource.RLIMIT_CORE, 0, 0)):
        with contextlib.suppress(ValueError, OSError):  # a lower limit holds already
            resource.setrlimit(kind, (soft, hard))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
        if os.getppid() != parent:
            sys.exit(1)
    with contextlib.suppress(OSError):  # Linux alone: should memory run out, this process goes first
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def main() -> None:
    """Do one work by this machine's settings."""
    bound_this_process(int(sys.argv[3]))
    settings = read_settings(complete=True)
    start_logging(settings.log_level, settings.log_format)
    do(settings, int(sys.argv[1]), sys.argv[2])


if __name__ == "__main__":
    main()
