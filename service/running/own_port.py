"""In how many seconds a port of the service answers on this machine, asked as anybody asks."""

from __future__ import annotations

import http.client
import time

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - read, not bound
"""Where to ask when all addresses are listened on."""


def seconds_to_answer(host: str, port: int, patience: float) -> float | None:
    """How long `/health` took, waiting behind callers as they wait; None when it was not answered within `patience`."""
    connection = http.client.HTTPConnection(_EVERYWHERE.get(host, host), port, timeout=patience)
    began = time.monotonic()
    try:
        connection.request("GET", "/health")
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    return time.monotonic() - began
