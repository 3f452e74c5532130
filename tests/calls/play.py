"""Whole calls told like a play: the real application, a real HTTP server, our own operator, virtual time.

with play(at="2026-12-07 10:00") as scene:
    scene.phone(PAUL).answers(after=4).presses("1").talks(184)
    caller = scene.call("06 39 98 12 34")
    caller.hears("Bonjour").presses("75").hears("Paris")
    assert scene.row()["outcome"] == "answered"
"""

from __future__ import annotations

import logging
import random
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

import pytest
from werkzeug.serving import BaseWSGIServer, make_server

from ivr.operator.twilio.overrides import asked_again
from routing.directory.reading import read_directory
from routing.phones import read_phone
from routing.rules import Rules
from routing.snapshot import Snapshot
from service.app import create_app
from service.directory.snapshots import SnapshotFile
from service.settings import Settings
from simulator.calls.engine import APOLOGY, Caller, OperatorAccount, SimulatedOperator
from simulator.calls.leg import NumberSetup
from simulator.calls.phones import Answers, Declines, Forwards, HangsUp, Phone, Presses, Script, Talks
from simulator.world.clock import VirtualTime
from simulator.world.feed import CALLER, Happening
from simulator.world.habits import Habits, Mischief, Timeouts
from tests.calls.people import DIRECTORY
from tests.calls.recorded import recorded_rows

TOKEN = "made-up-token"
DIALLED = "+33199001234"
"""The operator's technical number behind 0 806 000 156."""

PATIENCE = 600.0
"""Virtual seconds within which something expected must happen."""


@dataclass(frozen=True)
class Variant:
    """How the operator behaves where its documents are silent, and what happens to webhooks on their way."""

    habits: Habits = field(default_factory=Habits)
    mischief: Mischief = field(default_factory=Mischief)
    timeouts: Timeouts = field(default_factory=Timeouts)


VARIANTS = {
    "as documented": Variant(),
    "typed-ahead keys lost": Variant(Habits(keeps_typed_ahead=False)),
    "others cut when one picks up": Variant(Habits(others_ring_on=False)),
    "refusals told as no-answer": Variant(Habits(refused_screening_is="no-answer", left_while_ringing_is="no-answer")),
    "bridges not told": Variant(Habits(tells_bridged=False)),
    "every request twice, and again later": Variant(
        mischief=Mischief(repeats=(0.0, 60.0), moment_in_address=r"\bt=[0-9]+")
    ),
    "callbacks doubled and shuffled": Variant(mischief=Mischief(seed=11, delay=40.0, doubles=0.5)),
}

_KEYS = ("as documented", "typed-ahead keys lost")

in_every_variant = pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS.keys())
"""Plays a transcript once for each variant, handed over as the argument `variant`."""

in_both_habits_of_keys = pytest.mark.parametrize("variant", [VARIANTS[name] for name in _KEYS], ids=_KEYS)
"""The same for what keys alone can change: those typed ahead are kept, or lost."""


class PhoneInPlay:
    """What somebody's telephone does; each new ring plays the next line that begins with how it is met."""

    def __init__(self, phone: Phone) -> None:
        self._phone = phone

    def answers(self, *, after: float = 3.0) -> Self:
        return self._next_ring((Answers(after),))

    def presses(self, keys: str, *, after: float = 3.0) -> Self:
        return self._and(Presses(keys, after))

    def talks(self, seconds: float) -> Self:
        return self._and(Talks(seconds))

    def hangs_up(self, *, after: float = 0.0) -> Self:
        return self._and(HangsUp(after))

    def is_busy(self) -> Self:
        return self._next_ring((Declines("busy"),))

    def refuses(self, *, after: float = 4.0) -> Self:
        return self._next_ring((Declines("busy", after),))

    def does_not_exist(self) -> Self:
        return self._next_ring((Declines("failed"),))

    def just_rings(self) -> Self:
        return self._next_ring(())

    def is_a_voicemail_box(self, *, after: float = 4.0) -> Self:
        return self._next_ring((Answers(after),))

    def is_forwarded_to(self, number: str, *, after: float = 2.0) -> Self:
        return self._next_ring((Forwards(number, after),))

    @property
    def rings(self) -> int:
        """How often it has rung, or was found busy."""
        return self._phone.rings

    def _next_ring(self, script: Script) -> Self:
        self._phone.scripts.append(script)
        return self

    def _and(self, deed: Presses | Talks | HangsUp) -> Self:
        self._phone.scripts[-1] = (*self._phone.scripts[-1], deed)
        return self


class CallerInPlay:
    """The person who calls. Everything he hears or waits for lets virtual time pass."""

    def __init__(self, caller: Caller, time: VirtualTime) -> None:
        self._caller = caller
        self._time = time
        self._seen = 0

    def hears(self, fragment: str) -> Self:
        """Waits until a sentence with these words has been said to its end, after what he heard before."""
        self._expect(f"hears « {fragment} »", "quiet", lambda data: fragment in data["text"])
        return self

    def begins_to_hear(self, fragment: str) -> Self:
        """The same, but the sentence has only begun: a key would interrupt it."""
        self._expect(f"begins to hear « {fragment} »", "says", lambda data: fragment in data["text"])
        return self

    def hears_the_beep(self) -> Self:
        self._expect("hears the beep", "records", lambda _: True)
        return self

    def hears_ringing(self) -> Self:
        self._expect("hears it ring", "dials", lambda _: True)
        return self

    def is_connected(self) -> Self:
        self._expect("is connected", "bridged", lambda _: True)
        return self

    def presses(self, keys: str) -> Self:
        """Presses keys; the last one has been pressed when this returns."""
        self._caller.press(keys)
        wanted = len(self._keys()) + len(keys)
        self._time.run(lambda: len(self._keys()) == wanted or self._caller.is_over, seconds=PATIENCE)
        return self

    def says(self, words: str, *, confidence: float | None = 0.9) -> Self:
        self._caller.say(words, confidence=confidence)
        return self

    def leaves_a_message(self, seconds: float, words: str = "Bonjour, c'est au sujet d'une demande.") -> Self:
        """Talks after the beep, for so many seconds."""
        self.hears_the_beep()
        self._caller.say(words, seconds=seconds)
        return self.waits(seconds)

    def waits(self, seconds: float) -> Self:
        self._time.run(seconds=seconds)
        return self

    def hangs_up(self) -> Self:
        assert not self._caller.is_over, f"the call was over before he hung up\n{self.transcript()}"
        self._caller.hang_up()
        self._time.run(lambda: self._caller.is_over)
        return self

    def stays_to_the_end(self) -> Self:
        """Waits until the service, not he, hangs up."""
        assert self._time.run(lambda: self._caller.is_over, seconds=4 * 3600), f"no end\n{self.transcript()}"
        return self

    def does_not_hear(self, fragment: str) -> Self:
        """Nothing said so far held these words."""
        assert fragment not in " ".join(self.heard()), self.transcript()
        return self

    @property
    def sid(self) -> str:
        return self._caller.sid

    def heard(self) -> list[str]:
        """Every sentence that was begun for him."""
        return [one.data["text"] for one in self._happenings("says")]

    def happenings(self) -> list[Happening]:
        """All that has happened in the call so far, in order."""
        return list(self._caller.feed.happenings)

    def transcript(self) -> str:
        """The call so far, one happening a line."""
        feed = self._caller.feed.happenings
        return "\n".join(f"{one.at:%H:%M:%S} {one.where:>13} {one.kind} {one.data}" for one in feed)

    def _happenings(self, kind: str) -> list[Happening]:
        return [one for one in self._caller.feed.happenings if one.kind == kind and one.where == CALLER]

    def _keys(self) -> list[Happening]:
        return self._happenings("key")

    def _expect(self, what: str, kind: str, fits: Callable[[dict[str, Any]], bool]) -> None:
        def found() -> Happening | None:
            feed = self._caller.feed.happenings[self._seen :]
            return next((one for one in feed if one.kind == kind and one.where == CALLER and fits(one.data)), None)

        self._time.run(lambda: bool(found()) or self._caller.is_over, seconds=PATIENCE)
        happening = found()
        assert happening is not None, f"the caller never {what}\n{self.transcript()}"
        self._seen = happening.number + (kind != "quiet")


@dataclass
class Scene:
    """A play on its way: the service, the operator, the people."""

    settings: Settings
    operator: SimulatedOperator
    time: VirtualTime
    database_url: str
    expects_problems: bool = False
    _callers: list[CallerInPlay] = field(default_factory=list)

    def phone(self, number: str) -> PhoneInPlay:
        """The telephone of a person of the directory."""
        return PhoneInPlay(self.operator.phone(e164(number)))

    def call(self, from_: str = "06 39 98 12 34", *, forwarded_from: str | None = None) -> CallerInPlay:
        """Somebody calls; `anonymous`, `+41…` and other oddities go through as they are."""
        return self.presented(e164(from_) if from_.startswith("0") else from_, forwarded_from=forwarded_from)

    def presented(self, from_: str, **more: Any) -> CallerInPlay:
        """Somebody calls whom the carrier presents exactly as `from_`; `more` as `SimulatedOperator.call` takes it."""
        caller = CallerInPlay(self.operator.call(from_, **more), self.time)
        self._callers.append(caller)
        return caller

    def rung(self) -> list[str]:
        """Every telephone that was tried, in order, as E.164."""
        return [call.to for call in self.operator.log.snapshot() if call.direction == "outbound-dial"]

    def rows(self) -> list[dict[str, Any]]:
        """Every call as the contract's JSON gives it, oldest first; what is still on its way happens first."""
        self.time.run()
        return recorded_rows(self.settings, self.database_url, self.time.now)

    def row(self) -> dict[str, Any]:
        """The one call of this play, as the contract's JSON gives it."""
        (row,) = self.rows()
        return row

    def check(self) -> None:
        """Nothing went wrong at the operator's: every document followed, every repetition answered the same."""
        self.time.run()
        if not self.expects_problems:
            assert self.operator.log.problems == []
        assert [call for call in self.operator.log.snapshot() if not call.is_over] == [], "calls that never ended"
        assert APOLOGY not in " ".join(text for caller in self._callers for text in caller.heard())


def e164(number: str) -> str:
    """A number as people write it, in the operator's form."""
    return read_phone(number, allow_fiction=True)


def moment(text: str) -> datetime:
    """`2026-12-07 10:00`, in Paris, or in the zone named after it (`2026-12-07 10:00 Indian/Reunion`)."""
    day, hour, *zone = text.split()
    return datetime.fromisoformat(f"{day} {hour}").replace(tzinfo=ZoneInfo(zone[0] if zone else "Europe/Paris"))


@contextmanager
def play(
    directory: str = DIRECTORY,
    *,
    at: str = "2026-12-07 10:00",
    variant: Variant | None = None,
    rules: Rules | None = None,
    database_url: str = "",
    through: Callable[[Any], Any] = lambda app: app,
    **settings: Any,
) -> Iterator[Scene]:
    """A stage with the real application behind it; at the end every call must have ended well for the operator.

    `through` is what stands between the operator and the application. The number is set as `svi twilio configure` does.
    """
    variant = variant or Variant()
    time = VirtualTime(moment(at))
    with tempfile.TemporaryDirectory() as folder, _served() as (server, attach):
        url = f"http://127.0.0.1:{server.server_port}"
        known = _settings(Path(folder), url, settings)
        _put_in_service(known, directory, rules or Rules(), time.now())
        app = create_app(known, clock=time.now)
        attach(through(app))
        voice, fallback, status = (asked_again(f"{url}/voice{path}") for path in ("", "/fallback", "/status"))
        line = NumberSetup(DIALLED, voice, fallback, status, known.own_numbers)
        operator = SimulatedOperator(
            time,
            OperatorAccount(known.twilio_account_sid, TOKEN),
            line,
            habits=variant.habits,
            mischief=variant.mischief,
            timeouts=variant.timeouts,
            dice=random.Random(at),
        )
        scene = Scene(known, operator, time, database_url or known.database_url)
        try:
            yield scene
            scene.check()
        finally:
            app.extensions["journal"].close()  # who looks after it would bring it back while its folder goes


def _settings(folder: Path, url: str, more: dict[str, Any]) -> Settings:
    made_up = {
        "demo": True,
        "var_dir": folder,
        "public_url": url,
        "secret_key": "made-up-secret-key",
        "twilio_account_sid": "AC" + "0" * 32,
        "twilio_auth_token": TOKEN,
    }
    return Settings.model_validate(made_up | more)


def _put_in_service(settings: Settings, directory: str, rules: Rules, at: datetime) -> None:
    people = read_directory(
        directory.encode(), secret=settings.secret, own_numbers=settings.own_numbers, allow_fiction=True
    )
    SnapshotFile(settings.var_dir).write(Snapshot(1, at, people, rules))


@contextmanager
def _served() -> Iterator[tuple[BaseWSGIServer, Callable[[Any], None]]]:
    """A server on loopback that serves the application attached to it: the application must know the port first."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    attached: list[Any] = []
    server = make_server("127.0.0.1", 0, lambda *request: attached[0](*request), threaded=True)  # noqa: PLW0108
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server, attached.append
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
