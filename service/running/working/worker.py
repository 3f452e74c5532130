"""The process of the scheduled work."""

from __future__ import annotations

from records.database import open_database
from service.logs import start_logging
from service.running.serving.stopping import stop_event
from service.running.working.jobs import Worker
from service.running.working.scheduled import jobs
from service.settings import Settings, read_settings


def work(settings: Settings) -> None:
    """Do the scheduled work until told to stop."""
    engine = open_database(settings.database_url)
    try:
        Worker(jobs(settings, engine), settings.state_dir, engine).run(stop_event())
    finally:
        engine.dispose()


def main() -> None:
    """Work by this machine's settings."""
    settings = read_settings(complete=True)
    start_logging(settings.log_level, settings.log_format)
    work(settings)


if __name__ == "__main__":
    main()
