"""Ringing telephones for a caller: together, screened one by one, and the first to be connected wins."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

import phonenumbers

from simulator.calls.leg import Ending, HungUp, Key, Next, SimulatedLeg, Unfollowable
from simulator.calls.phones import Decline, HangsUp, Phone, PickUp
from simulator.calls.speaking import SCREENING, follow
from simulator.wire import verbs
from simulator.world.log import LogEntry
from simulator.world.processes import Process, Routine, Wait

ADDED_SECONDS = 5.0
"""What the operator adds to the timeout of a Dial."""

SETUP_SECONDS = 1.0
"""From the leg's beginning to its first ring, or to a busy tone."""

A_MINUTE = 60.0
"""Seconds after which a talk looks at its limit again: one that is over must not keep the virtual clock for hours."""

_EVENTS = {"initiated": "initiated", "ringing": "ringing", "in-progress": "answered"}


@dataclass(frozen=True, slots=True)
class _PickedUp:
    rung: Rung


@dataclass(frozen=True, slots=True)
class _Ready:
    rung: Rung


@dataclass(frozen=True, slots=True)
class _Over:
    rung: Rung


class Rung:
    """One telephone that is rung for a caller."""

    def __init__(self, leg: SimulatedLeg, caller: SimulatedLeg, number: verbs.Number, phone: Phone) -> None:
        self.leg = leg
        self.is_bridged = False
        self._caller = caller
        self._number = number
        self._phone = phone
        self._status_url = caller.next(number.status_callback).url if number.status_callback else ""
        self._screen = caller.next(number.url, number.method) if number.url else None
        leg.process = Process(leg.exchange.time, self._run())

    @property
    def call(self) -> LogEntry:
        """Its line in the operator's log."""
        return self.leg.call

    @property
    def is_ringing(self) -> bool:
        """Whether nobody has picked up yet, nor will be too late to."""
        return self.call.answered_at is None and not self.call.is_over

    def end(self, status: str) -> None:
        """Ends the leg with a status, once."""
        if self.leg.close(status):
            self._report(status)
            self.leg.note("leg_over", status=status, seconds=self.call.seconds)
            self._phone.over(self.leg)
            if self.leg.process is not None:
                self.leg.process.interrupt(HungUp())
            self._caller.tell(_Over(self))
            self.leg.forget()

    def connect(self) -> None:
        """The caller is now heard."""
        self.is_bridged = True
        self.leg.note("bridged")
        self._phone.bridged()

    def _report(self, status: str) -> None:
        if _EVENTS.get(status, "completed") in self._number.status_callback_event:
            self.leg.progress(self._status_url, status, self._number.status_callback_method)

    def _run(self) -> Routine[None]:
        try:
            yield from self._ring()
            yield from self._screening()
            self._caller.tell(_Ready(self))
            while True:
                yield from self._until_hung_up()
        except HungUp:
            return
        except Unfollowable:
            self.end("completed")

    def _ring(self) -> Routine[None]:
        self.call.status = "initiated"
        self._report("initiated")
        yield Wait(SETUP_SECONDS)
        refused = "failed" if self._is_closed() else self._phone.ring(self.leg)
        if refused is not None:
            self.end(refused)
        else:
            self.call.status = "ringing"
            self.leg.note("rings", caller_id=self.call.from_)
            self._report("ringing")
        yield from self._until_picked_up()
        self.leg.answer()
        self.leg.note("picked_up")
        self._report("in-progress")
        self._caller.tell(_PickedUp(self))

    def _is_closed(self) -> bool:
        """Whether the account may not call that country: the operator fails the leg (13227) and rings nobody."""
        country = phonenumbers.region_code_for_number(phonenumbers.parse(self.call.to))
        return country in self.leg.exchange.habits.closed_countries

    def _until_picked_up(self) -> Routine[None]:
        while True:
            signal = yield Wait()
            match signal:
                case PickUp():
                    return
                case Decline(status):
                    self.end(status)
                case HangsUp():
                    self.end("busy")
                case _:
                    pass

    def _screening(self) -> Routine[None]:
        if self._screen is not None and (yield from follow(self.leg, self._screen, SCREENING)) is Ending.HUNG_UP:
            self.end("completed")
            yield Wait()

    def _until_hung_up(self) -> Routine[None]:
        if isinstance((yield Wait()), HangsUp):
            self.end("completed")


class Dialler:
    """Performs Dial for a caller; `phone` finds a telephone by its number."""

    def __init__(self, phone: Callable[[str], Phone]) -> None:
        self._phone = phone

    def dial(self, caller: SimulatedLeg, verb: verbs.Dial) -> Routine[Next | None]:
        """The document that comes after, told how it went; None when no action is given."""
        if not verb.answer_on_bridge:
            caller.answer()
        rungs = self._begin(caller, verb)
        try:
            winner, last = yield from _ring(caller, verb, rungs)
            if winner is not None:
                yield from _talk(caller, verb, winner)
        except HungUp:
            yield from _caller_left(caller, verb, rungs)
            raise
        caller.note("talk_over" if winner else "ring_over")
        return _action(caller, verb, winner or last, bridged=winner is not None)

    def _begin(self, caller: SimulatedLeg, verb: verbs.Dial) -> list[Rung]:
        shown = verb.caller_id or caller.call.from_
        if shown not in {caller.call.from_, caller.call.to, *caller.exchange.line.numbers}:
            caller.trouble(f"13214: {shown} may not be shown as caller id")
            return []
        caller.note("dials", phones=[number.phone for number in verb.numbers])
        return [self._rung(caller, number, shown) for number in verb.numbers]

    def _rung(self, caller: SimulatedLeg, number: verbs.Number, shown: str) -> Rung:
        exchange = caller.exchange
        call = LogEntry(
            exchange.new_sid("CA"), shown, number.phone, "outbound-dial", exchange.time.now(), caller.call.sid
        )
        exchange.log.calls[call.sid] = call
        leg = caller.branch(call, where=number.phone)
        return Rung(leg, caller, number, self._phone(number.phone))


def _ring(caller: SimulatedLeg, verb: verbs.Dial, rungs: list[Rung]) -> Routine[tuple[Rung | None, Rung | None]]:
    """The telephone that may be connected, or None; and the one that ended last."""
    now = caller.exchange.time.now
    end = now() + timedelta(seconds=verb.timeout + ADDED_SECONDS)
    last: Rung | None = None
    while not all(rung.call.is_over for rung in rungs):
        is_ringing = any(rung.is_ringing for rung in rungs)
        signal = yield Wait(max(0.0, (end - now()).total_seconds()) if is_ringing else None)
        match signal:
            case None if now() >= end:
                _end(rungs, ringing="no-answer")
            case _PickedUp(rung) if not caller.exchange.habits.others_ring_on:
                _end([other for other in rungs if other is not rung], ringing="canceled")
            case _Ready(rung) if not rung.call.is_over:
                _end([other for other in rungs if other is not rung], ringing="canceled", picked_up="completed")
                return rung, rung
            case _Over(rung):
                last = rung
            case _:
                caller.hear_ahead(signal)
    return None, _reported(rungs, last)


def _reported(rungs: list[Rung], last: Rung | None) -> Rung | None:
    """The leg that the Dial reports when none was connected: one that was picked up, else the last to end."""
    picked_up = [rung for rung in rungs if rung.call.answered_at]
    return picked_up[-1] if picked_up else last or (rungs[-1] if rungs else None)


def _talk(caller: SimulatedLeg, verb: verbs.Dial, winner: Rung) -> Routine[None]:
    caller.answer()
    winner.connect()
    caller.note("bridged", phone=winner.call.to)
    now = caller.exchange.time.now
    end = now() + timedelta(seconds=verb.time_limit)
    while not winner.call.is_over:
        signal = yield Wait(min(A_MINUTE, max(0.0, (end - now()).total_seconds())))
        if (signal is None and now() >= end) or (signal == Key("*") and verb.hangup_on_star):
            winner.end("completed")


def _end(rungs: Iterable[Rung], *, ringing: str, picked_up: str | None = None) -> None:
    for rung in rungs:
        if rung.is_ringing:
            rung.end(ringing)
        elif picked_up:
            rung.end(picked_up)


def _caller_left(caller: SimulatedLeg, verb: verbs.Dial, rungs: list[Rung]) -> Routine[None]:
    """The legs end, and the action is told although nobody is left to hear what it answers."""
    bridged = next((rung for rung in rungs if rung.is_bridged), None)
    _end(rungs, ringing=caller.exchange.habits.left_while_ringing_is, picked_up="completed")
    action = _action(caller, verb, bridged or _reported(rungs, None), bridged=bridged is not None)
    if action is not None:
        yield from caller.tell_in_vain(action)


def _action(caller: SimulatedLeg, verb: verbs.Dial, rung: Rung | None, *, bridged: bool) -> Next | None:
    if not verb.action:
        return None
    fields = {"DialCallStatus": "failed" if rung is None else rung.call.status}
    if caller.exchange.habits.tells_bridged:
        fields["DialBridged"] = "true" if bridged else "false"
    if rung is not None:
        fields["DialCallSid"] = rung.call.sid
        if rung.call.answered_at is not None:
            fields["DialCallDuration"] = str(rung.call.seconds)
            if not bridged:
                fields["DialCallStatus"] = caller.exchange.habits.refused_screening_is
    return caller.next(verb.action, verb.method, fields)
