"""Carries status callbacks, which nobody waits for: they may come late, twice, in another order, or never."""

from __future__ import annotations

import random

from simulator.wire.wire import Failure, Message, Wire
from simulator.world.clock import Time
from simulator.world.habits import Mischief
from simulator.world.log import Log


class Courier:
    """Delivers callbacks, with the mischief asked for."""

    def __init__(self, time: Time, wire: Wire, log: Log, mischief: Mischief) -> None:
        self._time = time
        self._wire = wire
        self._log = log
        self._mischief = mischief
        self._dice = random.Random(mischief.seed)  # noqa: S311 - a repeatable example

    def post(self, message: Message) -> None:
        """Sends a callback on its way. A lost one is not an error: that is what reconciliation is for."""
        if self._dice.random() < self._mischief.losses:
            return
        copies = 2 if self._dice.random() < self._mischief.doubles else 1
        for _ in range(copies):
            self._time.after(self._dice.uniform(0, self._mischief.delay), lambda: self._deliver(message))

    def _deliver(self, message: Message) -> None:
        self._time.work(lambda: self._wire.send_once(message), self._note)

    def _note(self, result: object) -> None:
        if isinstance(result, Failure):
            self._log.problems.append(f"callback: {result.reason}")
