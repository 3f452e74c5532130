"""A call's facts folded into its row. Pure, and the same for every order of arrival and every repetition.

Outcome, in this order: answered, message, callback, in progress, abandoned while ringing, absence, abandoned in the
menu; `missed` is known from the operator's log alone (decisions 29 and 30). A message and a callback belong to the
département in which they were left, whatever the caller chose afterwards (decision 10).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from records.calls.call_facts import ON_A_LEG, CallFacts, happened, moment, seconds, text, word
from records.calls.rings import Leg, Rang, rangs
from records.facts import (
    SHORTEST_MESSAGE,
    AbsenceReason,
    AttemptResult,
    CallRow,
    Fact,
    FactKind,
    GivenBy,
    Outcome,
    Source,
)

_ABSENT = "absent"
_RECORDED = frozenset({"completed", _ABSENT})
"""How the operator says that it has done with a recording."""

_REASONS = (
    (AttemptResult.NO_ANSWER, AbsenceReason.NO_ANSWER),
    (AttemptResult.REFUSED, AbsenceReason.REFUSED),
    (AttemptResult.BUSY, AbsenceReason.BUSY),
    (AttemptResult.FAILED, AbsenceReason.FAILED),
)
_KEEPS_REASON = frozenset({Outcome.ABSENCE, Outcome.MESSAGE, Outcome.CALLBACK, Outcome.MISSED})


@dataclass(frozen=True, slots=True)
class _End:
    """When the caller's own leg ended and how long it lasted, by the operator; None while that is unknown."""

    at: datetime | None
    seconds: int | None


@dataclass(frozen=True, slots=True)
class _Message:
    """A message that is not empty, left in the document `n`."""

    n: int
    seconds: int
    recording: str | None


@dataclass(frozen=True, slots=True)
class _Callback:
    """A number to call back, given in the document `n`."""

    n: int
    number: str
    is_confirmed: bool


def fold(call_id: str, facts: Iterable[Fact]) -> CallRow | None:
    """The row of a call, or None when its facts tell nothing of the caller's own leg."""
    call = CallFacts(call_id, facts)
    if not call.is_proven:
        return None
    end = _end(call)
    hunt = rangs(call, is_over=end.at is not None)
    taken = _taken(hunt, is_over=end.at is not None)
    message, callback = _message(call), _callback(call)
    left = message or callback
    here = call.up_to(left.n) if left and taken is None else call
    bare = _bare(call, end, message, callback)
    row = CallRow(**bare | _answer(hunt, taken, end) | _departement(here))
    outcome = _outcome(call, row, hunt)
    reason = _reason(here, hunt, row) if outcome in _KEEPS_REASON else None
    return replace(row, wait_seconds=_wait(here, row, taken), outcome=outcome, absence_reason=reason)


def _departement(here: CallFacts) -> dict[str, Any]:
    """The département that was known last, as far as the call is looked at."""
    given = here.last(FactKind.DEPARTEMENT_GIVEN)
    if given is None:
        return {}
    return {
        "departement": text(given.data.get("departement")),
        "departement_given_by": word(GivenBy, given.data.get("by")),
    }


def _bare(call: CallFacts, end: _End, message: _Message | None, callback: _Callback | None) -> dict[str, Any]:
    """All that needs no look at the legs, nor at the département."""
    return {
        "call_id": call.facts[0].call,
        "caller": text(_of_the_caller(call, "caller")),
        "dialled": text(_of_the_caller(call, "dialled")),
        "departement": None,
        "departement_given_by": None,
        "outcome": Outcome.IN_PROGRESS,
        "absence_reason": None,
        "answered_by": None,
        "referent": None,
        "referent_id": None,
        "referent_phone": None,
        "started_at": _started_at(call, end),
        "ended_at": end.at,
        "wait_seconds": None,
        "talk_seconds": None,
        "total_seconds": end.seconds,
        "attempts": (),
        "message_seconds": message.seconds if message else None,
        "recording": message.recording if message else None,
        "callback_number": callback.number if callback else None,
        "callback_confirmed": callback is not None and callback.is_confirmed,
        "source": _source(call),
        "is_hidden": _of_the_caller(call, "hidden") is True,
    }


def _source(call: CallFacts) -> Source:
    is_log_alone = all(fact.source is Source.RECONCILIATION or fact.kind is FactKind.LOGGED for fact in call.facts)
    return Source.RECONCILIATION if is_log_alone else Source.WEBHOOK


def _of_the_caller(call: CallFacts, name: str) -> Any:
    """What the first of arrival, end and log says; an arrival that says « withheld » is believed."""
    for kind in (FactKind.ARRIVED, FactKind.ENDED, FactKind.LOGGED):
        fact = call.last(kind)
        if fact is not None and name in fact.data:
            return fact.data[name]
    return None


# ---------------------------------------------------------------- beginning and end


def _end(call: CallFacts) -> _End:
    ended, logged = call.last(FactKind.ENDED), call.last(FactKind.LOGGED)
    total = seconds(ended.data.get("seconds")) if ended else None
    if total is None and logged:
        total = seconds(logged.data.get("seconds"))
    if ended is not None:
        return _End(happened(ended), total)
    if logged is not None:
        return _End(moment(logged.data.get("ended")) or logged.at, total)
    return _End(_left_at(call), None)


def _left_at(call: CallFacts) -> datetime | None:
    """When a Dial or a recording told that the caller is gone, the end itself being late or lost."""
    kinds = (FactKind.RING_ENDED, FactKind.MESSAGE_LEFT)
    return min((fact.at for fact in call.all(*kinds) if fact.data.get("caller_gone") is True), default=None)


def _started_at(call: CallFacts, end: _End) -> datetime:
    arrived, logged = call.last(FactKind.ARRIVED), call.last(FactKind.LOGGED)
    if arrived is not None:
        return arrived.at
    if end.at is not None and end.seconds is not None:
        return end.at - timedelta(seconds=end.seconds)
    return (moment(logged.data.get("started")) if logged else None) or call.first_at()


# ---------------------------------------------------------------- who took it


def _taken(hunt: list[Rang], *, is_over: bool) -> tuple[Rang, Leg | None] | None:
    """The rang that took the call, and its person where that can be told."""
    for rang in reversed(hunt):
        winner = rang.winner(is_over=is_over)
        if winner is not None or (rang.is_bridged and not any(leg.has(FactKind.REFUSED) for leg in rang.legs)):
            return rang, winner
    return None


def _answer(hunt: list[Rang], taken: tuple[Rang, Leg | None] | None, end: _End) -> dict[str, Any]:
    rang, winner = taken or (None, None)
    attempts = tuple(
        one.attempt(leg, winner if one is rang else None, is_over=end.at is not None)
        for one in hunt
        for leg in one.legs
    )
    told: dict[str, Any] = {"attempts": attempts}
    if rang is not None:
        told |= {"outcome": Outcome.ANSWERED, "answered_by": rang.desk, "talk_seconds": _talk(rang, winner)}
    if winner is not None:
        told |= {
            "referent": winner.name or None,
            "referent_id": winner.who or None,
            "referent_phone": winner.phone or None,
        }
    return told


def _talk(rang: Rang, winner: Leg | None) -> int | None:
    """The operator's duration of the leg, less the time until the référent accepted (decision 29)."""
    lasted = winner.seconds if winner else None
    if lasted is None and rang.ended is not None:
        lasted = seconds(rang.ended.data.get("seconds"))
    if lasted is None:
        return None
    return max(0, round(lasted - (winner.screening_seconds() if winner else 0)))


def _wait(call: CallFacts, row: CallRow, taken: tuple[Rang, Leg | None] | None) -> int | None:
    """From the département known, or else the first rang, to the acceptance, the absence message or the end."""
    since, n = _known_since(call)
    if since is None:
        return None
    until = _until(call, row, taken, n)
    return max(0, round((until - since).total_seconds())) if until else None


def _known_since(call: CallFacts) -> tuple[datetime | None, int]:
    given = call.last(FactKind.DEPARTEMENT_GIVEN)
    if given is not None and text(given.data.get("departement")):
        return given.at, given.n
    after = given.n if given else -1
    rung = next((fact for fact in call.all(FactKind.RANG_RUNG) if fact.n > after), None)
    return (rung.at, rung.n) if rung else (None, 0)


def _until(call: CallFacts, row: CallRow, taken: tuple[Rang, Leg | None] | None, n: int) -> datetime | None:
    if taken is not None:
        rang, winner = taken
        return (winner.taken_at() if winner else None) or _bridged_at(rang)
    absence = _absence(call)
    return absence.at if absence is not None and absence.n >= n else row.ended_at


def _absence(call: CallFacts) -> Fact | None:
    """The last absence message, unless somebody was rung after it (an overflow): then it ended no wait.

    Whom an apology rings afterwards takes nothing from it; one in a document that failed was heard by nobody.
    """
    unheard, apologies = call.unheard, call.apologies
    said = [fact for fact in call.all(FactKind.ABSENCE_SAID) if fact.n not in unheard]
    rung = call.all(FactKind.RANG_RUNG, FactKind.RING_ENDED, *ON_A_LEG)
    last = max((fact.n for fact in rung if fact.n not in apologies), default=0)
    return said[-1] if said and said[-1].n >= last else None


def _bridged_at(rang: Rang) -> datetime | None:
    """The end of the Dial less its duration."""
    lasted = seconds(rang.ended.data.get("seconds")) if rang.ended else None
    return rang.ended.at - timedelta(seconds=lasted) if rang.ended and lasted is not None else None


# ---------------------------------------------------------------- what was left


def _message(call: CallFacts) -> _Message | None:
    """The last message that is not empty."""
    told: dict[int, list[Fact]] = {}
    for fact in call.all(FactKind.MESSAGE_LEFT, FactKind.RECORDING_READY):
        if fact.kind is FactKind.MESSAGE_LEFT or text(fact.data.get("status")) in _RECORDED:
            told.setdefault(fact.n, []).append(fact)
    silent = {fact.who for fact in call.all(FactKind.RECORDING_SILENT)}
    heard = (_heard(n, told[n], silent) for n in sorted(told, reverse=True))
    return next((message for message in heard if message), None)


def _heard(n: int, told: list[Fact], silent: set[str]) -> _Message | None:
    """A message, by what the recording's own callback says, else by what was said at once; None when it is empty.

    It is empty when both call it too short, or when there is no audio or only silence in it (decision 10).
    """
    by_callback = [fact for fact in told if fact.kind is FactKind.RECORDING_READY]
    at_once = [fact for fact in told if fact.kind is FactKind.MESSAGE_LEFT]
    last = (by_callback or at_once)[-1]
    recording = text(last.data.get("recording"))
    lasted = [seconds(fact.data.get("seconds")) or 0 for fact in (last, *at_once)]
    enough = [one for one in lasted if one >= SHORTEST_MESSAGE]
    if not enough or last.data.get("status") == _ABSENT or recording in silent:
        return None
    return _Message(n, enough[0], recording)


def _callback(call: CallFacts) -> _Callback | None:
    """The last number to call back that was not denied (decision 10)."""
    denied = [fact.data.get("of") for fact in call.all(FactKind.CALLBACK_DENIED)]
    confirmed = [fact.data.get("of") for fact in call.all(FactKind.CALLBACK_CONFIRMED)]
    for fact in reversed(call.all(FactKind.CALLBACK_ASKED, FactKind.CALLBACK_TYPED)):
        number = text(fact.data.get("number"))
        if number and fact.n not in denied:
            return _Callback(fact.n, number, fact.n in confirmed)
    return None


# ---------------------------------------------------------------- outcome and reason


def _outcome(call: CallFacts, row: CallRow, hunt: list[Rang]) -> Outcome:
    if row.outcome is Outcome.ANSWERED:
        return Outcome.ANSWERED
    if row.message_seconds is not None:
        return Outcome.MESSAGE
    if row.callback_number is not None:
        return Outcome.CALLBACK
    if row.source is Source.RECONCILIATION:
        return Outcome.MISSED
    if row.ended_at is None:
        return Outcome.IN_PROGRESS
    if _absence(call) is not None or _was_told_that_nobody_answers(call, hunt):
        return Outcome.ABSENCE
    return Outcome.ABANDONED_RINGING if hunt else Outcome.ABANDONED_MENU


def _was_told_that_nobody_answers(call: CallFacts, hunt: list[Rang]) -> bool:
    """Whether the caller heard the last words of an apology, which stand for an absence message."""
    apologies = call.apologies
    return any(rang.n in apologies and not rang.has_caller_left for rang in hunt)


def _reason(call: CallFacts, hunt: list[Rang], row: CallRow) -> AbsenceReason | None:
    """The first present among those rung for the last département, or else what was planned or said."""
    given = call.last(FactKind.DEPARTEMENT_GIVEN)
    since, until = given.n if given else -1, call.until
    numbers = [rang.n for rang in hunt for _ in rang.legs]
    results = {attempt.result for n, attempt in zip(numbers, row.attempts, strict=True) if since < n <= until}
    for result, reason in _REASONS:
        if result in results:
            return reason
    said = (call.last(FactKind.ABSENCE_SAID), call.last(FactKind.PLANNED))
    reasons = (word(AbsenceReason, fact.data.get("reason")) for fact in said if fact)
    return next((reason for reason in reasons if reason), None)
