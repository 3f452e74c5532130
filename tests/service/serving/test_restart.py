"""A restart refuses nobody: twenty calls a second, each on a connection of its own, while processes come and go."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.service.serving.callers import Callers, calling
from tests.service.serving.house import Machine, stop
from tests.service.waiting import eventually

pytestmark = pytest.mark.timeout(900)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
def sockets(machine: Machine) -> Iterator[list[socket.socket]]:
    """Those that systemd holds, whoever serves them."""
    held = [socket.create_server(("127.0.0.1", port), backlog=1024) for port in (machine.port, machine.voice_port)]
    yield held
    for one in held:
        one.close()


def have_called(callers: Callers, count: int) -> bool:
    return callers.made >= count


def has_another(machine: Machine, name: str, than: int) -> bool:
    return machine.pids().get(name, than) != than


def all_others(machine: Machine, than: dict[str, int]) -> bool:
    now = machine.pids()
    return now.keys() >= than.keys() and all(now[name] != pid for name, pid in than.items())


def test_stopped_and_started_again_under_systemds_sockets_refuses_nobody(
    machine: Machine, sockets: list[socket.socket]
) -> None:
    """The sockets are systemd's: callers wait in them until the next one serves."""
    with machine.running(handed=sockets, names="web:voice") as first:
        with calling(machine.settings, machine.port, machine.voice_port) as callers:
            eventually(partial(have_called, callers, 20), 240)
            said = stop(first)
            second = machine.start(handed=sockets, names="web:voice")  # outlives the callers: nobody else answers them
            eventually(machine.serves, 240)
            eventually(partial(have_called, callers, callers.made + 20), 240)
        said += stop(second)
    assert callers.refused == []
    assert callers.answered > 40
    assert b"de force" not in said


def test_sighup_replaces_every_process_and_refuses_nobody(machine: Machine) -> None:
    """A deployment: new code is loaded beside the old, and takes over the same sockets."""
    with machine.running() as service:
        before = {name: pid for name, pid in machine.pids().items() if name != "téléphone simulé"}
        before.pop("liens de connexion", None)
        with calling(machine.settings, machine.port, machine.voice_port) as callers:
            eventually(partial(have_called, callers, 20), 240)
            service.send_signal(signal.SIGHUP)
            eventually(partial(all_others, machine, before), 500)
            eventually(machine.serves, 240)
            eventually(partial(have_called, callers, callers.made + 20), 240)
        assert callers.refused == []
        assert callers.answered > 40
        said = stop(service)
    assert b"de force" not in said


def test_killed_web_processes_refuse_nobody_but_whom_they_held(machine: Machine) -> None:
    """Groups and workers alike: the sockets are the parent's, and a stop afterwards is not a fight."""
    with machine.running() as service:
        for name in ("voix", "web"):
            killed = machine.pids()[name]
            os.kill(killed, signal.SIGKILL)
            eventually(partial(has_another, machine, name, killed), 240)
        eventually(machine.serves, 240)
        with calling(machine.settings, machine.port, machine.voice_port) as callers:
            eventually(partial(have_called, callers, 20), 240)
        assert callers.refused == []
        said = stop(service)
    assert b"de force" not in said


def test_a_process_that_does_not_come_up_leaves_the_old_ones_in_place(machine: Machine) -> None:
    """New code that cannot be loaded, or settings that are refused: the house goes on as it was."""
    with machine.running() as service:
        before = machine.pids()
        (machine.folder / ".env").write_text("LOG_LEVEL=FORT\n")
        service.send_signal(signal.SIGHUP)
        with calling(machine.settings, machine.port, machine.voice_port) as callers:
            eventually(partial(have_called, callers, 20), 240)
        assert callers.refused == []
        assert machine.pids()["web"] == before["web"]
        said = stop(service).decode()
    assert "Rien n’est remplacé : LOG_LEVEL est refusé" in said
