"""How Twilio should ask again: by the fragment of an address, which it reads and never sends.

What it may say: docs/operator.md#overrides. By default it asks again after a failed connection alone, so that a 503
« send it again » would be the end of a fact.
"""

from __future__ import annotations

from dataclasses import replace

from ivr.operator.number import NumberSettings

OVERRIDES = "rc=2&rp=ct,5xx,rt&rt=5000"
"""Twice more after a failed connection, an error of ours or a late answer; late is after five seconds.

All tries share fifteen seconds: with the operator's own patience of fifteen for one answer, none would be left for
another. Asking for the same document twice is answered alike, and counts once (decision 1).
"""


def asked_again(url: str) -> str:
    """The address with our overrides; one that has its own, and no address at all, stay as they are."""
    return f"{url}#{OVERRIDES}" if url and "#" not in url else url


def with_overrides(expected: NumberSettings) -> NumberSettings:
    """The same addresses, each to be asked again; the static fallback too, after which nothing comes but English."""
    return replace(
        expected,
        voice=asked_again(expected.voice),
        fallback=asked_again(expected.fallback),
        status=asked_again(expected.status),
    )
