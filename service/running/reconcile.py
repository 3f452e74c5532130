"""What webhooks did not tell is filled in from the operator's own log, and marked (docs/architecture.md#idea-3).

The log is the whole account's: a call is ours when it came to one of our numbers, or when its webhook came to us.
A message whose callback never came is found in the list of recordings, else it would be lost with its audio.

Healthy value of `repaired` and `mended`: none. Anything else means that webhooks were lost, and is said aloud.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, TypeVar

from ivr.operator.call_log import CallLog, ListedRecording, LoggedCall, LoggedLeg
from records.calls.ledger import Fingerprint, facts_of, no_fingerprint, record, refold, withdraw
from records.counting.words import counted
from records.database import Engine, reading, writing
from records.facts import Fact, FactKind, Source
from records.true_rows.comparing import mend
from routing.departements import timezone_of

AT_ONCE = 200
"""Calls compared in one transaction."""

_Listed = TypeVar("_Listed")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reconciled:
    """How many calls of the operator's log were compared, and which were repaired (their ids).

    `left_out`: how many came to other numbers of the account; `withdrawn`: those of them that had been recorded;
    `mended`: calls of which nothing was missing, but whose row was not what their facts say.
    """

    compared: int
    repaired: tuple[str, ...]
    left_out: int = 0
    withdrawn: tuple[str, ...] = ()
    mended: tuple[str, ...] = ()


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

    The rows of those that agree are compared with a fresh fold of their facts.

    Then the recordings made in that time, of the calls that the ledger knows: the account may have others.
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
        repaired = _repair(engine, ours, known, at, fingerprint)
        agreed = [call.call for call in ours if known[call.call] and call.call not in repaired]
        mended = mend(engine, agreed, timezone_of=timezone_of, at=at, fingerprint=fingerprint)
        found = Reconciled(
            found.compared + len(ours),
            (*found.repaired, *repaired),
            found.left_out + len(others),
            (*found.withdrawn, *_withdraw(engine, [call for call in others if known[call]])),
            (*found.mended, *(one.call_id for one in mended)),
        )
    recorded = (one for one in call_log.recordings_since(since) if one.made <= at - lag)
    for listed in _at_once(recorded):
        touched = _repair_recordings(engine, listed, at, fingerprint)
        found = replace(found, repaired=tuple(dict.fromkeys((*found.repaired, *touched))))
    _say_aloud(found)
    return found


def _say_aloud(found: Reconciled) -> None:
    told = (
        (
            logging.ERROR,
            len(found.repaired),
            "appel manquait ou différait, réparé",
            "appels manquaient ou différaient, réparés",
        ),
        (logging.ERROR, len(found.mended), "fiche refaite d’après ses faits", "fiches refaites d’après leurs faits"),
        (logging.WARNING, len(found.withdrawn), "appel hors LINE_NUMBERS retiré", "appels hors LINE_NUMBERS retirés"),
        (
            logging.INFO,
            found.left_out,
            "appel à un autre numéro laissé de côté",
            "appels à d’autres numéros laissés de côté",
        ),
    )
    for level, count, one, several in told:
        if count:
            log.log(level, "Rapprochement : %s.", counted(count, one, several))


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
    return _keep(engine, repairs, at, fingerprint)


def recording_of(one: ListedRecording, facts: Collection[Fact], at: datetime) -> Fact | None:
    """The fact that the recording's callback would have told; None when it is known, or the call is not ours."""
    is_known = any(fact.kind is FactKind.RECORDING_READY and fact.who == one.recording for fact in facts)
    if is_known or not facts:
        return None
    data = {
        "recording": one.recording,
        "status": one.status,
        "seconds": one.seconds,
        "timestamp": one.made.isoformat(),
    }
    n = _document_of(one.recording, facts)
    return Fact(one.call, FactKind.RECORDING_READY, n, at, one.recording, data, Source.RECONCILIATION)


def _document_of(recording: str, facts: Collection[Fact]) -> int:
    """The document that recorded: the action names it; when that never came either, it came after all that did."""
    told = (fact.n for fact in facts if fact.kind is FactKind.MESSAGE_LEFT and fact.data.get("recording") == recording)
    return next(told, max(fact.n for fact in facts) + 1)


def _repair_recordings(
    engine: Engine, some: Sequence[ListedRecording], at: datetime, fingerprint: Fingerprint
) -> list[str]:
    with reading(engine) as connection:
        known = facts_of(connection, {one.call for one in some})
    repairs = []
    for one in some:
        if fact := recording_of(one, known[one.call], at):
            known[one.call].append(fact)  # the next one of this call came after it
            repairs.append(fact)
    return _keep(engine, repairs, at, fingerprint)


def _keep(engine: Engine, repairs: Sequence[Fact], at: datetime, fingerprint: Fingerprint) -> list[str]:
    """Keep the facts, write the rows again, and return the calls touched."""
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


def _at_once(listed: Iterator[_Listed]) -> Iterator[list[_Listed]]:
    while some := list(islice(listed, AT_ONCE)):
        yield some
