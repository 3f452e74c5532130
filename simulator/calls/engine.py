"""The operator itself: calls come in to our number, and its line's documents are followed to the end."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from simulator.calls.dialling import Dialler
from simulator.calls.leg import Ending, HungUp, Key, Next, NumberSetup, SimulatedLeg, Switchboard, Unfollowable, Words
from simulator.calls.phones import KEY_GAP, HangsUp, Phone, PickUp
from simulator.calls.recording import record
from simulator.calls.speaking import Performer, follow, gather, say, speaking_seconds
from simulator.wire import verbs
from simulator.wire.courier import Courier
from simulator.wire.wire import Wire
from simulator.world.clock import Time
from simulator.world.feed import Feed
from simulator.world.habits import Habits, Mischief, Timeouts
from simulator.world.log import Log, LogEntry
from simulator.world.processes import Process, Routine

APOLOGY = "We are sorry, an application error has occurred. Goodbye."
"""What the real operator says, in English, when not even the fallback answers: our callers must never hear it."""


@dataclass(frozen=True, slots=True)
class OperatorAccount:
    """The account at the operator; `token` signs the webhooks."""

    sid: str
    token: str


class Caller:
    """The telephone of somebody who calls our number; everything may be called from any thread."""

    def __init__(self, leg: SimulatedLeg) -> None:
        self.leg = leg
        self.feed = leg.feed

    @property
    def sid(self) -> str:
        """The operator's name for the call."""
        return self.leg.call.sid

    @property
    def is_over(self) -> bool:
        """Whether the call has ended."""
        return self.leg.call.is_over

    def press(self, keys: str) -> None:
        """Presses keys, one after the other."""
        for position, key in enumerate(keys):
            self._soon(position * KEY_GAP, partial(self._tell, "key", Key(key), key=key))

    def say(self, text: str, *, confidence: float | None = 0.9, seconds: float | None = None) -> None:
        """Says something that takes `seconds` (estimated when not given)."""
        words = Words(text, speaking_seconds(text) if seconds is None else seconds, confidence)
        self._soon(0, lambda: self._tell("words", words, text=text))

    def hang_up(self) -> None:
        """Leaves."""
        self._soon(0, self._leave)

    def _soon(self, seconds: float, action: Callable[[], None]) -> None:
        self.leg.exchange.time.after(seconds, action)

    def _tell(self, kind: str, signal: object, **data: Any) -> None:
        if not self.is_over:
            self.leg.note(kind, **data)
            self.leg.tell(signal)

    def _leave(self) -> None:
        leg = self.leg
        status = "completed" if leg.call.answered_at else leg.exchange.habits.left_unanswered_is
        if leg.close(status) and leg.process is not None:
            leg.note("over", status=status, seconds=leg.call.seconds, by="caller")
            leg.process.interrupt(HungUp())


class SimulatedOperator:
    """Takes calls for one line."""

    def __init__(
        self,
        time: Time,
        account: OperatorAccount,
        line: NumberSetup,
        *,
        habits: Habits | None = None,
        mischief: Mischief | None = None,
        timeouts: Timeouts | None = None,
        dice: random.Random | None = None,
        api_url: str = "https://api.twilio.com",
    ) -> None:
        self.account = account
        self.line = line
        self.other_lines: list[NumberSetup] = []
        self.habits = habits or Habits()
        self.time = time
        self.log = Log()
        self.phones: dict[str, Phone] = {}
        mischief = mischief or Mischief()
        wire = Wire(account.token, timeouts or Timeouts(), self.habits)
        courier = Courier(time, wire, self.log, mischief)
        self._exchange = Switchboard(
            account.sid,
            line,
            time,
            wire,
            courier,
            self.log,
            self.habits,
            mischief,
            dice or random.SystemRandom(),
            api_url,
        )
        self._performers = _caller_performers(Dialler(self.phone))

    def phone(self, number: str) -> Phone:
        """The telephone of that number."""
        return self.phones.setdefault(number, Phone(number, self._forward))

    def call(
        self,
        from_: str,
        *,
        to: str = "",
        forwarded_from: str | None = None,
        headers: Mapping[str, str] | None = None,
        moment: datetime | None = None,
        when: Mapping[str, Callable[[], None]] | None = None,
    ) -> Caller:
        """A call to our number begins. `moment`: the date and hour that a demonstration pretends it to be.

        `to`: how a trunk writes our number, where it does not deliver it plainly; `headers`: its own, named `X-…`.
        `when` holds what to do when it is `answered` and when it is `over`.
        """
        call = LogEntry(
            self._exchange.new_sid("CA"),
            from_,
            to or self.line.number,
            "inbound",
            self.time.now(),
            forwarded_from=forwarded_from,
            headers=dict(headers or {}),
        )
        self.log.calls[call.sid] = call
        leg = SimulatedLeg(self._exchange, call, Feed(), moment=moment, when=when or {})
        leg.note("calls", from_=from_, to=call.to)
        leg.process = Process(self.time, self._conversation(leg))
        return Caller(leg)

    def _conversation(self, leg: SimulatedLeg) -> Routine[None]:
        try:
            start = Next(self.line.voice_url, self.line.voice_method, {"CallToken": "{}"})
            ending = yield from follow(leg, start, self._performers)
            _hang_up_on(leg, "busy" if ending is Ending.REJECTED else "completed")
        except Unfollowable:
            yield from _apologise(leg)
        except HungUp:
            pass
        self._close(leg)

    def _close(self, leg: SimulatedLeg) -> None:
        leg.document_url = self.line.voice_url
        leg.progress(self.line.status_url, leg.call.status, self.line.status_method)
        leg.forget()

    def _forward(self, rung: SimulatedLeg, to: str) -> None:
        """A telephone that is forwarded to our own number comes back to us as a new call."""
        if to != self.line.number:
            return
        self.call(
            rung.call.from_,
            forwarded_from=rung.call.to,
            when={"answered": lambda: rung.tell(PickUp()), "over": lambda: rung.tell(HangsUp())},
        )


def _hang_up_on(leg: SimulatedLeg, status: str) -> None:
    if leg.close(status):
        leg.note("over", status=status, seconds=leg.call.seconds, by="service")


def _apologise(leg: SimulatedLeg) -> Routine[None]:
    leg.answer()
    try:
        yield from say(leg, verbs.SayText(APOLOGY))
    except HungUp:
        return
    _hang_up_on(leg, "completed")


def _caller_performers(dialler: Dialler) -> Mapping[type, Performer]:
    return {
        verbs.SayText: _answered(say),
        verbs.Play: _answered(say),
        verbs.Gather: _answered(gather),
        verbs.RecordCaller: record,
        verbs.Dial: dialler.dial,
        verbs.Pause: say,
        verbs.Redirect: _redirect,
        verbs.Hangup: _hangup,
        verbs.Reject: _reject,
    }


def _answered(performer: Performer) -> Performer:
    def perform(leg: SimulatedLeg, verb: Any) -> Routine[Next | Ending | None]:
        leg.answer()
        return performer(leg, verb)

    return perform


def _redirect(leg: SimulatedLeg, verb: verbs.Redirect) -> Routine[Next]:
    yield from ()
    return leg.next(verb.url, verb.method)


def _hangup(leg: SimulatedLeg, _verb: verbs.Hangup) -> Routine[Ending]:
    leg.answer()
    yield from ()
    return Ending.HUNG_UP


def _reject(leg: SimulatedLeg, _verb: verbs.Reject) -> Routine[Ending]:
    yield from ()
    if leg.call.answered_at is not None:
        leg.trouble("<Reject> after the call was answered")
        return Ending.HUNG_UP
    return Ending.REJECTED
