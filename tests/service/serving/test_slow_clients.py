"""Whoever is slow waits alone: half-open connections, forms that never end, and the telephone answers all the same."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial

import pytest
import requests

from tests.service.serving.callers import call
from tests.service.serving.house import Machine
from tests.service.waiting import eventually

pytestmark = pytest.mark.timeout(900)

HALF_OPEN = b"POST /voice HTTP/1.1\r\nHo"
FORM = b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\na="
SLOW = (HALF_OPEN, FORM % (b"/voice", 300), FORM % (b"/demande", 300), FORM % (b"/demande", 3_000_000))


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    machine = Machine(tmp_path_factory.mktemp("machine"))
    with machine.running():
        yield machine


def left(one: socket.socket) -> bool:
    """Whether the other side has ended this connection, its answer read."""
    one.setblocking(False)
    try:
        while one.recv(65536):
            pass
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def raw(port: int, sent: bytes) -> bytes:
    """What comes back, until the other side ends the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=240) as one:
        one.sendall(sent)
        one.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: one.recv(65536), b""))


def test_fifty_half_open_connections_and_forty_slow_forms_of_each_kind_silence_nobody(machine: Machine) -> None:
    """On either port; and they do not stay: the head and the form of a request have their time."""
    with ExitStack() as stack:
        slow = [
            stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=240))
            for port in (machine.port, machine.voice_port)
            for _ in range(50 + 3 * 40)
        ]
        for number, one in enumerate(slow):
            one.sendall(SLOW[number % len(SLOW)])
        for port in (machine.port, machine.voice_port):
            refused = [call(machine.settings, port, f"CA{port:016x}{number:016x}") for number in range(12)]
            assert refused == [""] * 12
        assert requests.get(f"http://127.0.0.1:{machine.port}/", timeout=240).status_code == 200
        assert not any(left(one) for one in slow[:4]), "they are still there: it is beside them that calls came through"
        for one in slow:
            eventually(partial(left, one), 240)


def test_a_form_that_is_too_large_is_refused_unread(machine: Machine) -> None:
    for port in (machine.port, machine.voice_port):
        assert raw(port, FORM % (b"/voice", 1_000_000_000)).startswith(b"HTTP/1.1 413 ")


def test_a_form_that_breaks_off_reaches_nobody(machine: Machine) -> None:
    for length in (300, 3_000_000):
        assert raw(machine.port, FORM % (b"/voice", length))[:12] in {b"HTTP/1.1 408", b"HTTP/1.1 413"}
        assert raw(machine.port, FORM % (b"/demande", length)).startswith(b"HTTP/1.1 4")


def test_a_page_that_was_sent_too_much_says_so_and_can_be_read(machine: Machine) -> None:
    told = requests.post(f"http://127.0.0.1:{machine.port}/demande", data=b"a" * 23 * 1024 * 1024, timeout=240)
    assert told.status_code == 413


def test_the_telephones_port_has_the_telephone_alone(machine: Machine) -> None:
    there = f"http://127.0.0.1:{machine.voice_port}"
    assert requests.get(f"{there}/health", timeout=240).json()["status"] in {"ok", "degraded"}
    told = requests.get(f"{there}/demande", timeout=240)
    assert (told.status_code, told.text) == (404, "Cette page n’existe pas, ou plus.")
    assert requests.post(f"{there}/voice", timeout=240).status_code == 403
