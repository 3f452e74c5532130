"""What webhooks did not tell is filled in from the operator's own log, and marked (docs/architecture.md#idea-3).

The log is the whole account's: a call is ours when it came to one of our numbers, or when its webhook came to us.

Healthy value of `repaired`: none. Anything else means that webhooks were lost, and is said aloud.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from ivr.operator.call_log import CallLog, LoggedCall, LoggedLeg
from records.calls.ledger import Fingerprint, facts_of, no_fingerprint, record, refold, withdraw
from records.database import Engine, reading, writing
from records.facts import Fact, FactKind, Source
from routing.departements import timezone_of

AT_ONCE = 200
"""Calls compared in one transaction."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reconciled:
    """How many calls of the operator's log were compared, and which were repaired (their ids).

    `left_out`: how many came to other numbers of the account; `withdrawn`: those of them that had been recorded.
    """

    compared: int
    repaired: tuple[str, ...]
    left_out: int = 0
    withdrawn: tuple[str, ...] = ()


def reconcile(
    call_log: CallLog,
    engine: Engine,
    *,
    own_numbers: Collection[str],
    since: datetime,
    at: datetime,
    lag: timedelta,
    fingerprint: Fingerprint = no_fingerprint,
) -> Reconciled:
    """Compare the calls begun at `since` or later, and ended `lag` before `at`, with the ledger, and repair it.

    `own_numbers`: every number (E.164) that leads to us. Raises OperatorUnavailable, or what the database raises; what
    was repaired before stays.
    """
    ended = (call for call in call_log.ended_since(since) if (call.ended or call.started) <= at - lag)
    found = Reconciled(0, ())
    for some in _at_once(ended):
        with reading(engine) as connection:
            known = facts_of(connection, {call.call for call in some})
        ours = [call for call in some if is_ours(call, known[call.call], own_numbers)]
        others = [call.call for call in some if not is_ours(call, known[call.call], own_numbers)]
        found = Reconciled(
            found.compared + len(ours),
            (*found.repaired, *_repair(engine, ours, known, at, fingerprint)),
            found.left_out + len(others),
            (*found.withdrawn, *_withdraw(engine, [call for call in others if known[call]])),
        )
    if found.repaired:
        log.error("Rapprochement : %d appels manquaient ou différaient, ils sont réparés.", len(found.repaired))
    if found.withdrawn:
        log.warning(
            "Rapprochement : %d appels à d’autres numéros (hors LINE_NUMBERS) sont retirés.", len(found.withdrawn)
        )
    if found.left_out:
        log.info("Rapprochement : %d appels à d’autres numéros du compte sont laissés de côté.", found.left_out)
    return found


def is_ours(call: LoggedCall, facts: Collection[Fact], own_numbers: Collection[str]) -> bool:
    """Whether a call of the account came to us: by the number that was dialled, or because we heard of it ourselves."""
    return call.dialled in own_numbers or any(fact.kind is not FactKind.LOGGED for fact in facts)


def repair_of(call: LoggedCall, facts: Collection[Fact], at: datetime) -> Fact | None:
    """The fact that makes the ledger agree with the operator's log; None when it does already."""
    fact = Fact(call.call, FactKind.LOGGED, 0, at, "", _logged_data(call), Source.RECONCILIATION)
    known = next((one for one in facts if one.kind is FactKind.LOGGED), None)
    if known is not None:
        return None if dict(known.data) == fact.data else fact
    return None if _agrees(call, facts) else fact


def _repair(
    engine: Engine,
    some: Sequence[LoggedCall],
    known: Mapping[str, Collection[Fact]],
    at: datetime,
    fingerprint: Fingerprint,
) -> list[str]:
    repairs = [fact for call in some if (fact := repair_of(call, known[call.call], at))]
    if not repairs:
        return []
    with writing(engine) as connection:
        touched = record(connection, repairs, origin="reconciliation", at=at)
        refold(connection, touched, timezone_of=timezone_of, at=at, fingerprint=fingerprint)
    return sorted(touched)


def _withdraw(engine: Engine, calls: Collection[str]) -> list[str]:
    if not calls:
        return []
    with writing(engine) as connection:
        return withdraw(connection, calls)


def _agrees(call: LoggedCall, facts: Collection[Fact]) -> bool:
    """Whether webhooks told the beginning, the end and every leg as the operator's log does."""
    arrived = any(one.kind is FactKind.ARRIVED for one in facts)
    ended = any(one.kind is FactKind.ENDED and _same_end(one, call) for one in facts)
    legs = {one.data.get("leg"): one for one in facts if one.kind is FactKind.LEG_ENDED}
    return arrived and ended and all(leg.leg in legs and _same_end(legs[leg.leg], leg) for leg in call.legs)


def _same_end(fact: Fact, logged: LoggedCall | LoggedLeg) -> bool:
    return (fact.data.get("status"), fact.data.get("seconds") or 0) == (str(logged.status), logged.seconds)


def _logged_data(call: LoggedCall) -> dict[str, Any]:
    return {
        "status": str(call.status),
        "started": call.started.isoformat(),
        "ended": call.ended.isoformat() if call.ended else None,
        "seconds": call.seconds,
        "caller": call.caller,
        "dialled": call.dialled,
        "legs": [_leg(leg) for leg in call.legs],
    }


def _leg(leg: LoggedLeg) -> dict[str, Any]:
    return {
        "leg": leg.leg,
        "to": leg.to,
        "status": str(leg.status),
        "started": leg.started.isoformat() if leg.started else None,
        "ended": leg.ended.isoformat() if leg.ended else None,
        "seconds": leg.seconds,
    }


def _at_once(calls: Iterator[LoggedCall]) -> Iterator[list[LoggedCall]]:
    while some := list(islice(calls, AT_ONCE)):
        yield some
