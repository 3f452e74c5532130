"""Where the sockets come from: handed over by systemd, taken, or refused with a sentence."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.running.serving.sockets import ServeRefused, open_sockets
from service.settings import Settings, read_settings
from tests.service.serving.house import ROOT, free_ports

RECEIVED = """
import os, sys
from service.running.serving.sockets import ServeRefused, open_sockets
from service.settings import read_settings
os.environ["LISTEN_PID"] = str(os.getpid() + int(sys.argv[1]))
try:
    found = open_sockets(read_settings())
except ServeRefused as refusal:
    sys.exit(str(refusal))
print(found.everything.getsockname()[1], found.telephone.getsockname()[1], "LISTEN_FDS" in os.environ)
"""


def settings(folder: Path, **values: str) -> Settings:
    return read_settings(demo="1", var_dir=str(folder), **values)  # type: ignore[arg-type]


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as one:
        yield int(one.getsockname()[1])


def received(folder: Path, names: str, *, wrong_pid: bool = False, **values: int) -> subprocess.CompletedProcess[str]:
    """What a process makes of two sockets at its numbers 3 and 4, which it is told of by systemd's variables."""
    first, second = (socket.create_server(("127.0.0.1", 0)) for _ in range(2))

    def place() -> None:
        high = [os.dup(os.dup(one.fileno())) for one in (first, second)]
        for number, one in enumerate(high):
            os.dup2(os.dup(one), 3 + number)

    with first, second:
        mine = {"first": first.getsockname()[1], "second": second.getsockname()[1]}
        ports = {name.upper(): str(mine.get(str(value), value)) for name, value in values.items()}
        told = subprocess.run(  # noqa: S603 - our own code, one thread
            [sys.executable, "-c", RECEIVED, str(int(wrong_pid))], preexec_fn=place, close_fds=False, text=True,
            capture_output=True, check=False, cwd=folder,
            env=os.environ | {"DEMO": "1", "VAR_DIR": str(folder), "PYTHONPATH": str(ROOT), **ports}
            | {"LISTEN_FDS": "2", "LISTEN_FDNAMES": names},
        )  # fmt: skip
        told.stdout = told.stdout.replace(str(mine["first"]), "first").replace(str(mine["second"]), "second")
        return told


def test_the_sockets_of_systemd_are_known_by_their_names_in_any_order(tmp_path: Path) -> None:
    assert received(tmp_path, "web:voice").stdout == "first second False\n"
    assert received(tmp_path, "voice:web").stdout == "second first False\n"


def test_without_names_of_ours_they_are_known_by_their_ports(tmp_path: Path) -> None:
    told = received(tmp_path, "svi.socket:svi.socket", port="second", voice_port="first")  # type: ignore[arg-type]
    assert told.stdout == "second first False\n"


def test_two_for_one_purpose_are_refused_with_a_sentence(tmp_path: Path) -> None:
    told = received(tmp_path, "web:web")
    assert told.returncode == 1
    assert "systemd donne deux prises d’écoute pour « web »" in told.stderr


def test_sockets_meant_for_another_process_are_left_alone(tmp_path: Path) -> None:
    port, voice_port = free_ports(2)
    told = received(tmp_path, "web:voice", wrong_pid=True, port=port, voice_port=voice_port)
    assert told.stdout == f"{port} {voice_port} False\n"


def test_a_port_for_the_telephone_that_nobody_chose_may_be_taken(tmp_path: Path, taken: int) -> None:
    with_default = settings(tmp_path, port=str(taken - 2))
    try:
        found = open_sockets(with_default, {})
    except ServeRefused:
        pytest.skip("the port beside it is taken too")
    with found.everything:
        assert found.telephone is None


def test_one_that_was_chosen_and_is_taken_refuses_the_start(tmp_path: Path, taken: int) -> None:
    (port,) = free_ports(1)
    with pytest.raises(
        ServeRefused, match=f"L’adresse 127.0.0.1:{taken} ne peut pas être prise .* : changez VOICE_PORT"
    ):
        open_sockets(settings(tmp_path, port=str(port), voice_port=str(taken)), {})
    socket.create_server(("127.0.0.1", port)).close()  # what was taken before the refusal is let go
