"""A worker of its own process: `python -m tests.service.mail_process KIND FOLDER DATABASE MAIL MOMENT`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from records.database import Engine, open_database
from service.directory.snapshots import SnapshotFile
from service.mail import sender
from service.settings import Settings, read_settings
from service.wiring.bulletin import Bulletins
from service.wiring.messages import follow_up
from service.wiring.reports_jobs import ReportsJobs

KINDS = ("survey", "report", "alert", "bulletin", "notice")


def round_of(kind: str, settings: Settings, engine: Engine, clock: Callable[[], datetime]) -> None:
    """What the scheduled jobs of this kind of mail do, once."""
    snapshot, mail = SnapshotFile(settings.var_dir).current, sender(settings)
    jobs = ReportsJobs(engine, clock, snapshot, mail, settings.public_url)
    bulletins = Bulletins(engine, mail, snapshot, clock)
    work: dict[str, Callable[[], None]] = {
        "survey": jobs.run_survey,
        "report": jobs.report_month,
        "alert": jobs.watch,
        "bulletin": bulletins.owe,
        "notice": replace(follow_up(settings, engine), recordings=None, clock=clock).work,
    }
    work[kind]()
    if kind == "bulletin":
        bulletins.send()


def main(kind: str, folder: str, database: str, mail: str, moment: str) -> None:
    settings = read_settings(demo=True, var_dir=Path(folder), database_url=database, mail_url=mail)
    engine, at = open_database(database), datetime.fromisoformat(moment)
    round_of(kind, settings, engine, lambda: at)
    engine.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:])
