"""Two machines for real: messages, recordings and what is remembered of callers reach both (decision 91)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest
import requests

from ivr.memory.callers import MemoryFile
from records.database import Engine, open_database
from service.clock import now
from service.stores import messages_store, sound_store
from service.wiring.memory import caller_memory
from tests.service.two_machines import Machine, machine
from tests.service.waiting import eventually
from tests.voicemail.recordings import tone

CALLER = "+33639980202"
DIALLED = "+33806000156"


@pytest.fixture
def two(empty_postgres: str, tmp_path: Path) -> Iterator[tuple[Machine, Machine, Engine]]:
    """Two houses whose files are in the database."""
    engine = open_database(empty_postgres)
    with ExitStack() as both:
        first, second = (
            both.enter_context(machine(tmp_path / name, empty_postgres, audio_store="database", redial_calls="4"))
            for name in ("une", "autre")
        )
        for one in (first, second):
            eventually(one.is_ready, 240)
        yield first, second, engine
    engine.dispose()


def a_call(house: Machine, number: int) -> None:
    """A call that leaves without a word."""
    form = {"CallSid": f"CA{number:032x}", "From": CALLER, "To": DIALLED, "Direction": "inbound"}
    assert house.post_voice("", form).status_code == 200
    ended = {**form, "CallStatus": "completed", "CallDuration": "9"}
    assert house.post_voice("/status", ended).status_code == 204


def is_redialling(memory: MemoryFile) -> bool:
    return memory.recall(CALLER, now()).is_redialling


def has_forgotten(memory: MemoryFile) -> bool:
    return not is_redialling(memory)


@pytest.mark.timeout(900)
def test_each_machine_has_what_the_other_took_and_learnt(two: tuple[Machine, Machine, Engine]) -> None:
    first, second, engine = two
    memories = [caller_memory(one.settings) for one in (first, second)]

    # a caller who redials on one machine, then on the other, is known by both
    for number in range(4):
        a_call((first, second)[number % 2], number)
    for memory in memories:
        eventually(partial(is_redialling, memory), 60)

    # what one forgets, the other does
    erased = first.run("erase", CALLER)
    assert erased.returncode == 0, erased.stderr
    for memory, house in zip(memories, (first, second), strict=True):
        eventually(partial(has_forgotten, memory), 60)
        assert memory.fingerprint(CALLER) not in (house.settings.memory_dir / "callers.log").read_text()

    # a recording that a SIAO gave to one machine is played by the other
    name = sound_store(first.settings, engine).take(tone(2.0))
    here = second.settings.sounds_dir / name
    eventually(here.exists, 60)
    played = requests.get(f"{second.address}/voice/sound/{name}", timeout=20)
    assert played.content == here.read_bytes()

    # a message that one fetched is in the other's hands, and in no folder
    messages_store(first.settings, engine).put("CA1.RE1.wav", tone(5.0))
    assert messages_store(second.settings, engine).get("CA1.RE1.wav") == tone(5.0)
    assert not first.settings.voicemail_dir.exists()
