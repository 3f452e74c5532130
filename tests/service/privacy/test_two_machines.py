"""A number erased on one machine is forgotten on the other within seconds, and the proof says so."""

from __future__ import annotations

import json

from ivr.memory.callers import MemoryFile
from service.clock import now
from service.wiring.memory import caller_memory
from tests.service.two_machines import Machine
from tests.service.waiting import eventually

CALLER, DIGITS = "+33639980102", "639980102"
DIALLED = "+33806000156"


def called(one: Machine, name: str) -> None:
    form = {"CallSid": name, "From": CALLER, "To": DIALLED, "Direction": "inbound"}
    assert one.post_voice("", form).status_code == 200
    assert one.post_voice("/status", {**form, "CallStatus": "completed", "CallDuration": "9"}).status_code == 204


def known(one: Machine) -> list[str]:
    told = one.run("person", "06 39 98 01 02", "--json")
    assert told.returncode == 0, told.stderr
    return [call["call_id"] for call in json.loads(told.stdout)["calls"]]


def remembers(memory: MemoryFile) -> bool:
    path = memory.path
    return path.exists() and memory.fingerprint(CALLER) in path.read_text("ascii")


def test_what_is_erased_on_one_machine_is_forgotten_on_the_other(two_machines: tuple[Machine, Machine]) -> None:
    first, second = two_machines
    called(first, "CA" + "1" * 32)
    called(second, "CA" + "2" * 32)
    eventually(lambda: len(known(first)) == 2, 60)
    memories = [caller_memory(one.settings) for one in two_machines]
    for one, memory in zip(two_machines, memories, strict=True):
        memory.remember([], now())
        assert one.var_dir.exists()
    eventually(lambda: remembers(memories[1]), 30)

    told = first.run("erase", "06 39 98 01 02", "--json")

    assert told.returncode == 0, told.stderr
    proof = json.loads(told.stdout)
    assert proof["calls"] == 2
    assert len(proof["machines_forgot"]) == 1
    assert proof["machines_late"] == []
    assert not any(remembers(memory) for memory in memories)
    assert known(second) == []
    called(second, "CA" + "3" * 32)
    eventually(lambda: known(first) == ["CA" + "3" * 32], 60)
