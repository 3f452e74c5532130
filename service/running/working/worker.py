"""The process of the scheduled work."""

from __future__ import annotations

import logging

from records.database import open_database
from service.running.serving.stopping import stop_event
from service.running.working.jobs import Worker
from service.running.working.scheduled import jobs
from service.settings import Settings, read_settings


def work(settings: Settings) -> None:
    """Do the scheduled work until told to stop."""
    engine = open_database(settings.database_url)
    try:
        Worker(jobs(settings, engine), settings.state_dir).run(stop_event())
    finally:
        engine.dispose()


def main() -> None:
    """Work by this machine's settings."""
    settings = read_settings(complete=True)
    logging.basicConfig(level=settings.log_level, format="%(levelname)s %(name)s : %(message)s")
    work(settings)


if __name__ == "__main__":
    main()
