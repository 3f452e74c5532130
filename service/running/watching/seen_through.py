"""What the service sees of a request that `svi doctor` sends through the public address: is the relay set rightly?

`/health` tells it to whoever shows that he has the secret key, at that moment: nobody else learns anything.
"""

from __future__ import annotations

import hmac
from datetime import datetime
from hashlib import sha256
from typing import Any

from flask import Request

HEADER = "X-Svi-Probe"
GOOD_FOR = 300
"""Seconds."""


def probe_token(secret: bytes, at: datetime) -> str:
    """What shows that one has the secret key, at this moment."""
    moment = str(int(at.timestamp()))
    return f"{moment}.{_sign(secret, moment)}"


def is_probe(secret: bytes, token: str, at: datetime) -> bool:
    """Whether it was made with the secret key, some minutes ago at the most."""
    moment, _, signature = token.partition(".")
    if not (moment.isascii() and moment.isdigit() and len(moment) <= len("9999999999")):
        return False
    is_ours = hmac.compare_digest(signature.encode(), _sign(secret, moment).encode())
    return is_ours and abs(at.timestamp() - int(moment)) <= GOOD_FOR


def seen(request: Request) -> dict[str, Any]:
    """Address, scheme and host as the service believes them, and how many addresses the relays wrote down."""
    forwarded = [one for one in request.headers.get("X-Forwarded-For", "").split(",") if one.strip()]
    return {
        "address": request.remote_addr, "scheme": request.scheme, "host": request.host, "forwarded": len(forwarded),
    }  # fmt: skip


def _sign(secret: bytes, moment: str) -> str:
    return hmac.digest(secret, f"svi probe\x1f{moment}".encode(), sha256).hex()
