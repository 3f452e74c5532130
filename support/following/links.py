"""The private link of whoever wrote a request: made, renewed, opened, revoked; and the address to which he replies.

A link opens one request for whoever has it, so it is 128 bits long, ends by itself and can be ended. Only digests are
kept: its words are computed again from the secret key by whoever writes a mail (decision 60).
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta

from records.database import Connection
from records.tokens import LENGTH, digest_of, token_for
from records.typed.numbers import typed_number
from support.following.store import (
    KeptLink,
    add_link,
    newest_link,
    opened_request,
    renew_link,
    revoke_links,
)
from support.requests.request import Request
from support.requests.store import read_request


def link_of(connection: Connection, secret: bytes, request_id: int, at: datetime, days: int) -> str:
    """The token of the request's link, which opens for `days` from now on; a new one when none opens any more."""
    newest, expires_at = newest_link(connection, request_id), at + timedelta(days=days)
    if newest is not None and newest.opens(at):
        renew_link(connection, newest, expires_at)
        return _token(secret, request_id, newest.generation)
    generation = newest.generation + 1 if newest else 1
    token = _token(secret, request_id, generation)
    add_link(connection, KeptLink(digest_of(token), request_id, generation, at, expires_at))
    return token


def request_followed(connection: Connection, token: str, at: datetime) -> Request | None:
    """The request that this link opens; None for whatever opens none: wrong, expired, revoked, none at all.

    What is looked for is the digest, so that the time it takes tells nothing of the token.
    """
    if len(token) != LENGTH or not token.isascii():
        return None
    number = opened_request(connection, digest_of(token), at)
    return None if number is None else read_request(connection, number)


def revoke(connection: Connection, request_id: int, at: datetime) -> None:
    """No link made so far opens the request any more; the next mail brings a new one."""
    revoke_links(connection, request_id, at)


def _token(secret: bytes, request_id: int, generation: int) -> str:
    return token_for(secret, "follow", request_id, generation)


# ---------------------------------------------------------------- replies by mail


def reply_address_of(settings_address: str, secret: bytes, request_id: int) -> str:
    """Where a reply about the request goes: `assistance+12-<token>@…`, of the mailbox's own address; "" without one."""
    name, at_sign, domain = settings_address.strip().rpartition("@")
    if not (name and at_sign and domain):
        return ""
    return f"{name}+{request_id}-{_reply_token(secret, request_id)}@{domain}"


def request_of_reply_address(address: str, settings_address: str, secret: bytes) -> int | None:
    """The number of the request that such an address names; None when its token is not that of the request.

    Capitals do not count: a mail server may fold what stands before the @. The tokens are compared in constant time.
    """
    name, _, domain = settings_address.strip().casefold().rpartition("@")
    given, _, given_domain = address.strip().casefold().rpartition("@")
    number, _, token = given.removeprefix(f"{name}+").partition("-")
    is_ours = bool(name) and given.startswith(f"{name}+") and given_domain == domain
    asked = typed_number(number)
    if not is_ours or asked is None:
        return None
    expected = _reply_token(secret, asked)
    return asked if hmac.compare_digest(token.encode(), expected.encode()) else None


def _reply_token(secret: bytes, request_id: int) -> str:
    return token_for(secret, "reply", request_id).casefold()
