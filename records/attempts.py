"""What anybody may ask so often: each attempt is a line under a keyed fingerprint, which tells nobody who it was."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

from sqlalchemy import Connection, delete, func, insert, select

from records.schema.written_tables import form_attempts

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
_SITE_OF_IPV6 = 64
"""Bits that one connection to the network has of its own: whoever has one may take any address in it."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `at_most` attempts within a time for one `who`; `door` tells the limits of different doors apart."""

    door: str
    who: str
    at_most: int
    within: timedelta = HOUR

    def bucket(self, secret: bytes) -> str:
        """The fingerprint under which its attempts are counted."""
        said = f"attempt\x1f{self.door}\x1f{self.who.casefold()}".encode("utf-8", "replace")
        return hmac.digest(secret, said, hashlib.sha256).hex()


def network_of(address: str | None) -> str:
    """What a visitor's address is counted as: itself, or for IPv6 the network that his line has."""
    try:
        found = ip_address((address or "").partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(found, IPv6Address):
        mapped = found.ipv4_mapped
        return str(mapped) if mapped else str(int(found) >> _SITE_OF_IPV6)
    return str(found)


def reached(connection: Connection, secret: bytes, limits: Sequence[Limit], at: datetime) -> Limit | None:
    """The first limit that is reached; None, and the attempt is counted for each of them."""
    buckets = [limit.bucket(secret) for limit in limits]
    for limit, bucket in zip(limits, buckets, strict=True):
        since = at - limit.within
        seen = select(func.count()).where(form_attempts.c.bucket == bucket, form_attempts.c.at > since)
        if connection.execute(seen).scalar_one() >= limit.at_most:
            return limit
    connection.execute(insert(form_attempts), [{"bucket": bucket, "at": at} for bucket in buckets])
    return None


def forget_attempts(connection: Connection, at: datetime) -> None:
    """Forget what is too old to limit anything: no limit is longer than a day."""
    connection.execute(delete(form_attempts).where(form_attempts.c.at < at - DAY))
