"""What stands for a telephone number where it must not stand itself: a fingerprint under a key of the secret key's."""

from __future__ import annotations

import hmac
from collections.abc import Callable

_PURPOSE = b"what is remembered of callers"


def fingerprint_with(secret: bytes) -> Callable[[str | None], str | None]:
    """The fingerprint of each E.164 number (None of none): 32 hexadecimal digits, the same everywhere in the house."""
    key = hmac.digest(secret, _PURPOSE, "sha256")
    return lambda number: hmac.digest(key, number.encode(), "sha256").hex()[:32] if number else None
