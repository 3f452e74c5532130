"""A clamd of our own behind a real socket: it speaks the protocol of the real one, and misbehaves on demand."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from support.attachments.scanning import PIECE
from tests.support.attachments.files import EICAR


@dataclass
class FakeClamd:
    """What it was sent, and how it answers: `answer` instead of its own word, `largest` its StreamMaxLength."""

    url: str
    answer: bytes | None = None
    largest: int = 25 * 1024 * 1024
    is_mute: bool = False
    viruses: dict[bytes, str] = field(default_factory=lambda: {EICAR: "Win.Test.EICAR_HDB-1"})
    seen: list[bytes] = field(default_factory=list)
    pieces: list[int] = field(default_factory=list)

    def talk(self, line: socket.socket) -> None:
        """One connection: one command, one answer."""
        command = _until_zero(line)
        if self.is_mute:
            while line.recv(PIECE):
                pass
            return
        if command == b"zVERSION":
            line.sendall(b"ClamAV 1.4.3/27800/Thu Nov 26 09:00:00 2026\0")
        elif command == b"zINSTREAM":
            line.sendall(self._looked_at(line))
        else:
            line.sendall(b"UNKNOWN COMMAND\0")

    def _looked_at(self, line: socket.socket) -> bytes:
        content = b""
        while length := struct.unpack(">I", _exactly(line, 4))[0]:
            self.pieces.append(length)
            content += _exactly(line, length)
            if len(content) > self.largest:
                return b"INSTREAM size limit exceeded. ERROR\0"
        self.seen.append(content)
        virus = next((name for mark, name in self.viruses.items() if mark in content), "")
        return self.answer or (f"stream: {virus} FOUND\0".encode() if virus else b"stream: OK\0")


def _until_zero(line: socket.socket) -> bytes:
    said = b""
    while not said.endswith(b"\0"):
        piece = line.recv(1)
        if not piece:
            break
        said += piece
    return said[:-1]


def _exactly(line: socket.socket, length: int) -> bytes:
    said = b""
    while len(said) < length:
        piece = line.recv(length - len(said))
        if not piece:
            raise ConnectionError
        said += piece
    return said


@contextmanager
def running_clamd(folder: Path | None = None) -> Iterator[FakeClamd]:
    """The daemon on a port of this machine, or on a socket in a folder."""
    if folder is None:
        server = socket.create_server(("127.0.0.1", 0))
        url = f"tcp://127.0.0.1:{server.getsockname()[1]}"
    else:
        server = socket.socket(socket.AF_UNIX)
        server.bind(str(folder / "clamd.ctl"))
        server.listen()
        url = f"unix://{folder / 'clamd.ctl'}"
    daemon, stop = FakeClamd(url), threading.Event()
    server.settimeout(0.05)
    thread = threading.Thread(target=_serve, args=(server, daemon, stop))
    thread.start()
    try:
        yield daemon
    finally:
        stop.set()
        thread.join()
        server.close()


def _serve(server: socket.socket, daemon: FakeClamd, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            line, _ = server.accept()
        except TimeoutError:
            continue
        with line:
            line.settimeout(5)
            with suppress(OSError):
                daemon.talk(line)
