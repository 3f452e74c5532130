"""The process of the simulated operator, in demonstration only."""

from __future__ import annotations

from urllib.parse import urlsplit

from ivr.providers.console.host import serve_engine
from service.demonstration import account
from service.settings import read_settings


def main() -> None:
    """Serve the simulated operator on this machine only."""
    settings = read_settings(complete=True)
    settings.require("demo")
    address = urlsplit(settings.engine_url)
    serve_engine(
        str(address.hostname),
        int(address.port or 0),
        account=account(settings),
        base_url=settings.public_url,
        number=settings.caller_id,
        own_numbers=settings.own_numbers,
    )


if __name__ == "__main__":
    main()
