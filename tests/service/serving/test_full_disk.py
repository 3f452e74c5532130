"""A full disk behind what the house says ends nobody."""

from __future__ import annotations

import os
import signal
from functools import partial
from pathlib import Path

import pytest

from tests.service.serving.callers import call
from tests.service.serving.house import Machine
from tests.service.waiting import eventually

pytestmark = pytest.mark.timeout(900)


def has_another(machine: Machine, name: str, than: int) -> bool:
    return machine.pids().get(name, than) != than


def test_with_no_room_behind_standard_output_and_error_the_house_stands(tmp_path: Path) -> None:
    """It says its address, and that a process has died, to a disk that takes nothing more."""
    machine = Machine(tmp_path)
    with Path("/dev/full").open("wb") as full, machine.running(stdout=full, stderr=full) as service:
        for name in ("greffier", "web", "voix"):
            killed = machine.pids()[name]
            os.kill(killed, signal.SIGKILL)
            eventually(partial(has_another, machine, name, killed), 120)
        eventually(machine.serves, 240)
        for port in (machine.port, machine.voice_port):
            assert call(machine.settings, port, f"CA{port:032x}") == ""
        assert service.poll() is None
        service.terminate()
        assert service.wait(120) == 0
