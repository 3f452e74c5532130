"""An antivirus behind a socket: clamd, to which a file is streamed (INSTREAM) and which answers in one line."""

from __future__ import annotations

import re
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import unquote, urlsplit

PATIENCE = 20.0
"""Seconds that clamd has for one answer."""
CONNECTING = 3.0
PIECE = 64 * 1024
"""Bytes that are sent at once."""
LONGEST_ANSWER = 4096
USUAL_PORT = 3310

_FOUND = re.compile(r"stream: (.+) FOUND", re.DOTALL)
_VIRUS_MARKS = re.compile(r"[^A-Za-z0-9._/-]")


class ScannerAway(Exception):  # noqa: N818 - named as what happened
    """The antivirus did not answer, or not understandably: the file is as little known as before."""


class TooLargeToScan(ScannerAway):
    """The antivirus takes no file of this size (`StreamMaxLength` of its own settings)."""


class Scanner(Protocol):
    """What looks for viruses."""

    def virus_in(self, content: bytes) -> str:
        """The name of the virus in a content, "" when there is none; ScannerAway when nobody knows."""
        ...

    def ping(self) -> str:
        """The antivirus's own word on its version; ScannerAway when it is not there."""
        ...


@dataclass(frozen=True, slots=True)
class Clamd:
    """The daemon at `unix:///path` or `tcp://host:port`."""

    url: str
    patience: float = PATIENCE

    def virus_in(self, content: bytes) -> str:
        """The name of the virus in a content, "" when there is none."""
        with self._asked() as line:
            try:
                line.sendall(b"zINSTREAM\0")
                for start in range(0, len(content), PIECE):
                    piece = content[start : start + PIECE]
                    line.sendall(struct.pack(">I", len(piece)) + piece)
                line.sendall(struct.pack(">I", 0))
            except (BrokenPipeError, ConnectionResetError):
                pass  # it said its word, too large as a rule, before it had read everything
            return _understood(_answer(line))

    def ping(self) -> str:
        """Its version and that of its signatures."""
        with self._asked() as line:
            line.sendall(b"zVERSION\0")
            return _VIRUS_MARKS.sub(" ", _answer(line))[:80]

    @contextmanager
    def _asked(self) -> Iterator[socket.socket]:
        try:
            with _connected(self.url) as line:
                line.settimeout(self.patience)
                yield line
        except OSError as error:
            raise ScannerAway(type(error).__name__) from error


def _connected(url: str) -> socket.socket:
    parts = urlsplit(url)
    if parts.scheme == "tcp":
        return socket.create_connection((parts.hostname or "", parts.port or USUAL_PORT), CONNECTING)
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        line.settimeout(CONNECTING)
        line.connect(unquote(parts.path))
    except BaseException:
        line.close()
        raise
    return line


def _answer(line: socket.socket) -> str:
    """One line, ended by a zero byte or by the end of the talk."""
    said = b""
    while b"\0" not in said and len(said) < LONGEST_ANSWER:
        piece = line.recv(LONGEST_ANSWER)
        if not piece:
            break
        said += piece
    return said.partition(b"\0")[0].decode("utf-8", "replace").strip()


def _understood(answer: str) -> str:
    if answer == "stream: OK":
        return ""
    if found := _FOUND.fullmatch(answer):
        return _VIRUS_MARKS.sub("_", found[1])[:80]
    if "size limit exceeded" in answer:
        raise TooLargeToScan("size")
    raise ScannerAway("answer" if answer else "no answer")
