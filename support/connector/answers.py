"""What an answer of HubSpot's interface means: written, to be tried again and when, refused, or to be stopped.

Pure; after the public documentation (developers.hubspot.com: « Error handling », « API usage guidelines », tickets,
`batch/upsert`), never tried against the ministry's account.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from records.typed.numbers import typed_number
from support.connector.tickets import NUMBER

TRANSIENT = frozenset({408, 423, 429, 477, 500, 502, 503, 504, 521, 522, 523, 524})
"""Tried again: too many requests, a lock, a migration of the account, their servers busy or away."""

REFUSALS = frozenset({400, 409, 413, 422})
"""Something in what was sent is wrong; each half of a batch is tried by itself."""

LONGEST_PAUSE = timedelta(hours=24)
"""Longer than this no Retry-After is believed."""

SHORTEST_PAUSE = timedelta(seconds=10)
DAY_IS_FULL = timedelta(hours=1)
"""How long is waited when the account's requests of the day are used up, and no header says for how long."""

LONGEST_REASON = 300
_MULTI_STATUS = 207
_UNPROVED, _FORBIDDEN = 401, 403


class ConnectorAway(Exception):  # noqa: N818 - named as what happened
    """HubSpot takes nothing now: the French reason, and after how long it may be asked again (None: unknown)."""

    def __init__(self, sentence: str, after: timedelta | None = None) -> None:
        super().__init__(sentence)
        self.after = after


class ConnectorStopped(Exception):  # noqa: N818 - named as what happened
    """HubSpot will take nothing until somebody mends a setting or the account; the French reason says what."""


class BatchRefused(Exception):  # noqa: N818 - named as what happened
    """A whole batch is refused because of something in it: which one, the halves of it tell."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back of one batch, by our numbers: written (their id, whether it was made), refused (why), or read."""

    written: Mapping[int, tuple[str, bool]] = field(default_factory=dict)
    refused: Mapping[int, str] = field(default_factory=dict)
    read: Mapping[int, Mapping[str, str | None]] = field(default_factory=dict)


def understand(
    status: int, headers: Mapping[str, str], body: Any, *, asked: Sequence[int], at: datetime
) -> Answered:  # fmt: skip
    """What the answer to a batch says of each of the numbers that were asked about.

    Raises ConnectorAway, ConnectorStopped, or BatchRefused when the batch as a whole is refused.
    """
    body = body if isinstance(body, dict) else {}
    check(status, headers, body, at)
    by_number = {number: one for one in _listed(body, "results") if (number := _number_of(one)) is not None}
    written = {
        number: (str(one.get("id") or ""), bool(one.get("new"))) for number, one in by_number.items()
    }  # fmt: skip
    read = {number: dict(one["properties"]) for number, one in by_number.items()}
    refused = dict(_refusals(body, asked)) if status == _MULTI_STATUS or body.get("errors") else {}
    return Answered(written, {number: why for number, why in refused.items() if number not in by_number}, read)


def check(status: int, headers: Mapping[str, str], body: Mapping[str, Any], at: datetime) -> None:
    """Raise what a status that is no success means."""
    if status in TRANSIENT:
        raise ConnectorAway(_away(status, body), _pause(headers, body, at))
    if status == _UNPROVED:
        raise ConnectorStopped("HubSpot refuse le jeton : vérifiez HUBSPOT_TOKEN.")
    if status == _FORBIDDEN:
        raise ConnectorStopped(
            "HubSpot n’autorise pas ce jeton à écrire des tickets : donnez-lui la portée « tickets »."
        )
    if missing := missing_properties(body):
        named = ", ".join(missing)
        raise ConnectorStopped(f"HubSpot ne connaît pas la propriété {named} : créez-la (docs/connector.md).")
    if _is_not_unique(body):
        raise ConnectorStopped(
            f"La propriété {NUMBER} n’est pas à valeur unique chez HubSpot : recréez-la (docs/connector.md)."
        )
    if status in REFUSALS:
        raise BatchRefused(_reason(body) or f"refusé ({status})")
    if not 200 <= status < 300:  # noqa: PLR2004 - HTTP's successes
        raise ConnectorStopped(f"HubSpot répond « {status} » : vérifiez HUBSPOT_URL.")


def missing_properties(body: Mapping[str, Any]) -> list[str]:
    """The properties that HubSpot says it does not know."""
    found = []
    for error in _errors(body):
        if "PROPERTY_DOESNT_EXIST" in str([error.get("code"), error.get("subCategory"), error.get("message")]):
            context = error.get("context")
            named = context.get("propertyName") if isinstance(context, dict) else None
            found += [str(one) for one in named] if isinstance(named, list) else [_named_in(str(error.get("message")))]
    return list(dict.fromkeys(one for one in found if one))


def _named_in(message: str) -> str:
    """The one of our properties that a message names."""
    from_message = (word.strip("\"'`“”«».,:") for word in message.split())
    return next((word for word in from_message if word.startswith("svi_siao_")), NUMBER)


def _is_not_unique(body: Mapping[str, Any]) -> bool:
    return any("non-unique" in str(one.get("message")) for one in _errors(body))


def _errors(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [body, *_listed(body, "errors")]


def _listed(body: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The objects of a list in the answer; none where there is no such list."""
    inner = body.get(name)
    return [one for one in inner if isinstance(one, dict)] if isinstance(inner, list) else []


def _number_of(result: Mapping[str, Any]) -> int | None:
    properties = result.get("properties")
    value = str(properties.get(NUMBER) or "") if isinstance(properties, dict) else ""
    return typed_number(value)


def _refusals(body: Mapping[str, Any], asked: Sequence[int]) -> list[tuple[int, str]]:
    """The errors of a multi-status answer; each names its inputs by the trace ids that we gave, or by our numbers."""
    known = {str(number): number for number in asked}
    return [
        (known[value], _reason(error))
        for error in _listed(body, "errors")
        for value in _context_of(error)
        if value in known
    ]


def _context_of(error: Mapping[str, Any]) -> list[str]:
    """Every value that an error names in its context."""
    context = error.get("context")
    named = context.values() if isinstance(context, dict) else ()
    return [str(value) for one in named for value in (one if isinstance(one, list) else [one])]


def _reason(error: Mapping[str, Any]) -> str:
    return " ".join(str(error.get("message") or error.get("category") or "").split())[:LONGEST_REASON]


def _away(status: int, body: Mapping[str, Any]) -> str:
    if status == 429:  # noqa: PLR2004 - too many requests
        policy = str(body.get("policyName") or "")
        return f"HubSpot demande d’attendre : trop de requêtes{f' ({policy[:40]})' if policy else ''}."
    return f"HubSpot ne répond pas en ce moment ({status})."


def _pause(headers: Mapping[str, str], body: Mapping[str, Any], at: datetime) -> timedelta | None:
    """What Retry-After says, in seconds or as a moment, never nothing nor more than a day; None when it says none."""
    named = next((value.strip() for name, value in headers.items() if name.casefold() == "retry-after"), "")
    if not named:
        return DAY_IS_FULL if str(body.get("policyName")).upper() == "DAILY" else None
    if named.isascii() and named.replace(".", "", 1).isdecimal() and len(named) < 12:  # noqa: PLR2004 - no moment is so short
        pause = timedelta(seconds=float(named))
    else:
        try:
            until = parsedate_to_datetime(named)
            pause = until - at if until.tzinfo else SHORTEST_PAUSE
        except (ValueError, TypeError, OverflowError):
            return None
    return min(max(pause, SHORTEST_PAUSE), LONGEST_PAUSE)
