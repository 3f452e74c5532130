"""The process of the simulated operator, in demonstration only."""

from __future__ import annotations

from urllib.parse import urlsplit

from service.logs import start_logging
from service.settings import read_settings
from service.wiring.simulator import account, fiction_caller, line
from simulator.doors.host import serve_engine


def main() -> None:
    """Serve the simulated operator on this machine only."""
    settings = read_settings(complete=True)
    settings.require("demo")
    start_logging(settings.log_level, settings.log_format)
    address = urlsplit(settings.engine_url)
    serve_engine(
        str(address.hostname),
        int(address.port or 0),
        account=account(settings),
        line=line(settings),
        read_number=fiction_caller,
    )


if __name__ == "__main__":
    main()
