"""Who was rung in a call, what came of each, and who took it: the attempts, from the facts about legs and rangs.

A rang is known by the number of the document that rang it; a leg by that number and the person. Everything here holds
whatever arrived: the Dial's action without the legs' callbacks, the callbacks without the action, or both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from records.calls.call_facts import ON_A_LEG, CallFacts, happened, moment, objects, seconds, text, word
from records.facts import LONGEST_SCREENING, AnsweredBy, Attempt, AttemptResult, Fact, FactKind, LegStatus

AT_THE_SAME_TIME = timedelta(seconds=2)
"""Two ends that are no further apart are one."""

_RESULTS = {
    LegStatus.BUSY: AttemptResult.BUSY,
    LegStatus.NO_ANSWER: AttemptResult.NO_ANSWER,
    LegStatus.FAILED: AttemptResult.FAILED,
    LegStatus.CANCELED: AttemptResult.CANCELED,
    LegStatus.COMPLETED: AttemptResult.REFUSED,
}


@dataclass(slots=True)
class Leg:
    """One person rung by one document."""

    n: int
    who: str
    name: str = ""
    phone: str = ""
    is_screened: bool = False
    facts: dict[FactKind, Fact] = field(default_factory=dict)
    logged: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sid(self) -> str | None:
        """The operator's id of the leg."""
        sids = (text(fact.data.get("leg")) for fact in self.facts.values())
        return next((sid for sid in sids if sid), None) or text(self.logged.get("leg"))

    @property
    def status(self) -> LegStatus | None:
        """How the leg ended, None while that is unknown."""
        ended = self.facts.get(FactKind.LEG_ENDED)
        by_callback = word(LegStatus, ended.data.get("status")) if ended else None
        return by_callback or word(LegStatus, self.logged.get("status"))

    @property
    def seconds(self) -> int | None:
        """How long it lasted from its pick-up, by the operator."""
        ended = self.facts.get(FactKind.LEG_ENDED)
        by_callback = seconds(ended.data.get("seconds")) if ended else None
        return by_callback if by_callback is not None else seconds(self.logged.get("seconds"))

    def has(self, kind: FactKind) -> bool:
        """Whether this was told of the leg."""
        return kind in self.facts

    @property
    def was_picked_up(self) -> bool:
        """Whether somebody or something picked up."""
        kinds = {FactKind.PICKED_UP, FactKind.ACCEPTED, FactKind.REFUSED, FactKind.LEG_ANSWERED}
        return bool(kinds & self.facts.keys()) or self.status is LegStatus.COMPLETED

    @property
    def was_screened(self) -> bool:
        """Whether the person was, or was to be, asked to press 1."""
        return self.is_screened or bool({FactKind.PICKED_UP, FactKind.ACCEPTED, FactKind.REFUSED} & self.facts.keys())

    def taken_at(self) -> datetime | None:
        """When he took the call: the key, or the pick-up where there is no screening."""
        if FactKind.ACCEPTED in self.facts:
            return self.facts[FactKind.ACCEPTED].at
        return self.picked_up_at()

    def picked_up_at(self) -> datetime | None:
        """When the leg was picked up, by the operator's clock, or by its end less its duration."""
        if FactKind.LEG_ANSWERED in self.facts:
            return happened(self.facts[FactKind.LEG_ANSWERED])
        ended = self.facts.get(FactKind.LEG_ENDED)
        end = happened(ended) if ended else moment(self.logged.get("ended"))
        return end - timedelta(seconds=self.seconds) if end and self.seconds is not None else None

    def screening_seconds(self) -> float:
        """How long he was asked before he pressed 1."""
        accepted, asked = self.facts.get(FactKind.ACCEPTED), self.facts.get(FactKind.PICKED_UP)
        if accepted is None:
            return 0.0
        since = asked.at if asked else self.picked_up_at()
        return max(0.0, (accepted.at - since).total_seconds()) if since else 0.0


@dataclass(slots=True)
class Rang:
    """The people that one document rang, and how its Dial ended (`ended` None while unknown or lost)."""

    n: int
    desk: AnsweredBy | None
    legs: list[Leg]
    ended: Fact | None
    has_caller_left: bool = False

    @property
    def is_bridged(self) -> bool | None:
        """Whether the operator says that two people were connected; None when it does not say."""
        said = self.ended.data.get("bridged") if self.ended else None
        return said if isinstance(said, bool) else None

    @property
    def status(self) -> LegStatus | None:
        """The status of the Dial."""
        return word(LegStatus, self.ended.data.get("status")) if self.ended else None

    def winner(self, *, is_over: bool) -> Leg | None:
        """Whoever took the call; None when nobody did, or when it cannot be told yet."""
        if self.is_bridged is not None:
            return self._bridged() if self.is_bridged else None
        return self._by_legs(is_over=is_over)

    def _bridged(self) -> Leg | None:
        """The leg that the operator connected; where it names none that we know, the one that was accepted."""
        dialled = text(self.ended.data.get("leg")) if self.ended else None
        named = [leg for leg in self.legs if dialled and leg.sid == dialled]
        if named:
            return None if named[0].has(FactKind.REFUSED) else named[0]
        unnamed = [leg for leg in self.legs if not leg.has(FactKind.REFUSED) and not (dialled and leg.sid)]
        return min(unnamed, key=_likelihood, default=None)

    def _by_legs(self, *, is_over: bool) -> Leg | None:
        """The Dial's action is lost or says nothing: the leg that was accepted, or picked up unscreened, and lasted."""
        is_over = is_over or self.ended is not None
        taken = [leg for leg in self.legs if _was_taken(leg, is_over=is_over)]
        return min(taken, key=_likelihood, default=None)

    def attempt(self, leg: Leg, winner: Leg | None, *, is_over: bool) -> Attempt:
        """What ringing this person gave."""
        return Attempt(leg.who, leg.name, leg.phone, self._result(leg, winner, is_over=is_over))

    def _result(self, leg: Leg, winner: Leg | None, *, is_over: bool) -> AttemptResult | None:
        if leg is winner or (leg.has(FactKind.ACCEPTED) and not self._is_finished(leg, is_over=is_over)):
            return AttemptResult.ACCEPTED
        if leg.has(FactKind.ACCEPTED):
            return AttemptResult.CANCELED
        if leg.has(FactKind.REFUSED):
            return AttemptResult.REFUSED
        if leg.status in {LegStatus.BUSY, LegStatus.FAILED}:
            return _RESULTS[leg.status]
        if winner is not None or self.has_caller_left:
            return AttemptResult.CANCELED
        if leg.status is not None:
            return _RESULTS[leg.status]
        return self._by_rang(leg) if self._is_finished(leg, is_over=is_over) else None

    def _is_finished(self, leg: Leg, *, is_over: bool) -> bool:
        return is_over or self.ended is not None or leg.status is not None

    def _by_rang(self, leg: Leg) -> AttemptResult:
        """The leg's own end is lost: what the Dial says, as far as it can speak of this person."""
        if leg.was_picked_up:
            return AttemptResult.REFUSED
        if self.status is None or (self.status is LegStatus.COMPLETED and len(self.legs) > 1):
            return AttemptResult.NO_ANSWER
        return _RESULTS[self.status]


def _likelihood(leg: Leg) -> tuple[bool, bool, int, str]:
    """The most likely taker comes first: who pressed 1, who picked up, who lasted longest."""
    return (not leg.has(FactKind.ACCEPTED), not leg.was_picked_up, -(leg.seconds or 0), leg.who)


def _was_taken(leg: Leg, *, is_over: bool) -> bool:
    if leg.has(FactKind.REFUSED):
        return False
    if leg.has(FactKind.ACCEPTED):
        return leg.status is LegStatus.COMPLETED or (leg.status is None and is_over)
    is_talk = leg.status is LegStatus.COMPLETED and bool(leg.seconds)
    if not leg.facts:
        return is_talk and (leg.seconds or 0) > LONGEST_SCREENING
    return is_talk and not leg.was_screened


def rangs(call: CallFacts, *, is_over: bool) -> list[Rang]:
    """The rangs of a call in the order in which they rang, with all that is known of their legs."""
    found = _rung(call)
    told = {fact.n for fact in call.all(*ON_A_LEG)}
    for n in {failed + 1 for failed in call.unheard} - told:
        found.pop(n, None)
    for fact in call.all(*ON_A_LEG):
        leg = _leg(_rang(found, fact.n, call), fact.who)
        leg.facts.setdefault(fact.kind, fact)
    for ended in call.all(FactKind.RING_ENDED):
        _rang(found, ended.n, call).ended = ended
    _add_logged(found, call)
    ordered = [found[n] for n in sorted(found)]
    for rang in ordered:
        rang.has_caller_left = _has_caller_left(rang, ordered[-1], call, is_over=is_over)
    return ordered


def _rung(call: CallFacts) -> dict[int, Rang]:
    found: dict[int, Rang] = {}
    for fact in call.all(FactKind.RANG_RUNG):
        legs = [
            Leg(
                fact.n,
                text(one.get("id")) or "",
                text(one.get("name")) or "",
                text(one.get("phone")) or "",
                is_screened=one.get("screened") is True,
            )
            for one in objects(fact.data.get("people"))
        ]
        found[fact.n] = Rang(fact.n, word(AnsweredBy, fact.data.get("desk")), legs, None)
    return found


def _rang(found: dict[int, Rang], n: int, call: CallFacts) -> Rang:
    """The rang of a document; one of which only callbacks are known is made up (our own apology rings the national)."""
    if n not in found:
        planned = [fact for fact in call.all(FactKind.PLANNED) if fact.n <= n]
        desk = word(AnsweredBy, planned[-1].data.get("desk")) if planned else None
        if desk is None and call.all(FactKind.APOLOGISED):
            desk = AnsweredBy.NATIONAL
        found[n] = Rang(n, desk, [], None)
    return found[n]


def _leg(rang: Rang, who: str) -> Leg:
    for leg in rang.legs:
        if leg.who == who:
            return leg
    rang.legs.append(Leg(rang.n, who))
    rang.legs.sort(key=lambda leg: (not leg.name, leg.who if not leg.name else ""))
    return rang.legs[[leg.who for leg in rang.legs].index(who)]


def _add_logged(found: dict[int, Rang], call: CallFacts) -> None:
    """The legs of the operator's own log, to the legs that we know; the others make a rang of their own, at the end."""
    logged = call.last(FactKind.LOGGED)
    known = [leg for n in sorted(found) for leg in found[n].legs]
    unknown: list[Leg] = []
    for one in objects(logged.data.get("legs")) if logged else []:
        leg = next((leg for leg in known if _is_same(leg, one)), None)
        if leg is not None:
            leg.logged = one
        else:
            unknown.append(Leg(0, "", "", text(one.get("to")) or "", logged=one))
    if unknown:
        n = max(found, default=0) + 1
        found[n] = Rang(n, None, unknown, None)


def _is_same(leg: Leg, logged: Mapping[str, Any]) -> bool:
    if leg.logged:
        return False
    sid = text(logged.get("leg"))
    return leg.sid == sid if leg.sid and sid else bool(leg.phone) and leg.phone == logged.get("to")


def _has_caller_left(rang: Rang, last: Rang, call: CallFacts, *, is_over: bool) -> bool:
    """Whether the caller was gone when the ringing ended."""
    if rang.ended is not None:
        return rang.ended.data.get("caller_gone") is True and rang.is_bridged is not True
    if rang.n in call.apologies and _rang_out(rang, call):
        return False
    is_last = rang is last and not any(fact.n >= rang.n for fact in call.all(FactKind.ABSENCE_SAID))
    return is_over and is_last and bool(rang.legs) and any(leg.facts or not leg.logged for leg in rang.legs)


def _rang_out(rang: Rang, call: CallFacts) -> bool:
    """Whether the caller stayed after the last telephone had stopped: the end of an apology's ringing is told nowhere.

    By the operator's clock, which is in whole seconds; when he leaves, his call and the legs end together.
    """
    ended, legs = call.last(FactKind.ENDED), [leg.facts.get(FactKind.LEG_ENDED) for leg in rang.legs]
    if ended is None or not legs:
        return False
    return all(leg is not None and happened(ended) - happened(leg) > AT_THE_SAME_TIME for leg in legs)
