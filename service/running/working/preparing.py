"""The workbooks asked for on the pages: each is written by a process of its own, which gives way to the calls."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from dataclasses import dataclass, field

from records.database import Connection, Engine, open_database, reading
from reports.preparing.prepared import Prepared
from reports.preparing.preparing import Writer, sweep, take_next
from reports.preparing.store import prepared
from reports.workbook.book import WorkbookContent
from reports.workbook.content import workbook_content
from routing.calendar.hours import read_hours
from routing.departements import PARIS, departements
from service.clock import now
from service.logs import start_logging
from service.settings import Settings, read_settings
from service.wiring.reports import phone_shown
from support.nomenclature.store import nomenclature_in_force
from support.profiles import PROFILES

GIVES_WAY = 15
"""How much lower than the rest of the service the writer stands in line for the processor (0 to 19)."""

log = logging.getLogger(__name__)


@dataclass
class PreparingWork:
    """The job: begins the next workbook when none is being written, whichever machine would write it."""

    settings: Settings
    engine: Engine
    _writer: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def work(self) -> None:
        """Start the writer of the next workbook; it goes on by itself, and tells the table how far it is."""
        if self._writer is not None and self._writer.poll() is None:
            return
        self._writer = None
        one = take_next(self.engine, now())
        if one is not None:
            command = [sys.executable, "-m", "service.running.working.preparing", str(one.id)]
            self._writer = subprocess.Popen(command)  # noqa: S603 - our own module, and a number

    def sweep(self) -> None:
        """Delete what nobody may take any more."""
        sweep(self.engine, self.settings.prepared_dir, now())


def write(settings: Settings, number: int) -> None:
    """Write the workbook of this number, which was taken for this process."""
    engine = open_database(settings.database_url)

    def content(connection: Connection, one: Prepared) -> WorkbookContent:
        moment = now()
        today = moment.astimezone(PARIS).date()
        is_france = one.departement is None
        return workbook_content(
            connection, one.period, departement=departements()[one.departement] if one.departement else None,
            entries=nomenclature_in_force(connection, today).entries, today=today,
            show_phone=phone_shown(masked=is_france), phones_are_masked=is_france,
            hours=read_hours(settings.national_hours), profiles=PROFILES, with_pivot=one.with_pivot, at=moment,
        )  # fmt: skip

    try:
        with reading(engine) as connection:
            one = prepared(connection, number)
        if one is not None and one.is_under_way:
            Writer(engine, now, settings.prepared_dir, content).write(one)
    finally:
        engine.dispose()


def main() -> None:
    """Write one workbook by this machine's settings, after everything else that wants the processor."""
    os.nice(GIVES_WAY)
    settings = read_settings(complete=True)
    start_logging(settings.log_level, settings.log_format)
    write(settings, int(sys.argv[1]))


if __name__ == "__main__":
    main()
