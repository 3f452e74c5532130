"""Private links: tokens of 128 bits, computed again from the secret key by whoever writes a mail, kept as digests."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode

BYTES = 16
LENGTH = 22
"""Characters of a token."""


def token_for(secret: bytes, purpose: str, *about: object) -> str:
    """The token of one purpose about one thing: the same each time, told by nobody without the secret key."""
    said = "\x1f".join(["private link", purpose, *map(str, about)]).encode()
    return _written(hmac.digest(secret, said, hashlib.sha256)[:BYTES])


def fresh_token() -> str:
    """A token that nobody can compute again."""
    return _written(secrets.token_bytes(BYTES))


def digest_of(token: str) -> str:
    """What is kept of a token and looked for: comparing digests tells nothing of the token by its time."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _written(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")
