"""Connections that no longer carry anything, found in this process and ended (Linux)."""

from __future__ import annotations

import os
import socket
import stat
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_OPEN_FILES = Path("/proc/self/fd")
_TCP_INFO, _INFO_BYTES = 11, 104
_LAST_SENT, _LAST_RECEIVED = 44, 52
"""Where `struct tcp_info` (linux/tcp.h) has the milliseconds since data was last sent and received."""


class Silences:
    """Which connections to `port` there are here, and since when."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._since: dict[int, float] = {}

    def end(self, seconds: float, moment: float) -> int:
        """End those on which neither side has sent anything for so long; how many there were.

        A caller who stops in the middle of a form, or stops reading an answer, would keep his connection for ever:
        no thread waits for him any more, and the server's own patience is for headers only. Time spent in the
        listening socket, before somebody here took the connection, is no silence of his.
        """
        ended, before, self._since = 0, self._since, {}
        for one in _sockets():
            with one, suppress(OSError):
                if _carries(one, self._port):
                    name = os.fstat(one.fileno()).st_ino
                    since = self._since[name] = before.get(name, moment)
                    if moment > since + seconds and _silence(one) > seconds:
                        one.shutdown(socket.SHUT_RDWR)
                        ended += 1
        return ended


def leave(listening: socket.socket) -> None:
    """Accept nothing more in this process, while those who wait in the socket wait for another one.

    Whatever holds the listening socket here holds from now on one to which nobody ever connects.
    """
    mark = os.fstat(listening.fileno()).st_ino
    nobody = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    nobody.bind(("127.0.0.1", 0))
    nobody.listen(1)
    nobody.setblocking(False)
    for number in _numbers():
        with suppress(OSError):
            if os.fstat(number).st_ino == mark:
                os.dup2(nobody.fileno(), number, inheritable=False)


def _numbers() -> list[int]:
    return [int(one.name) for one in _OPEN_FILES.iterdir()] if _OPEN_FILES.is_dir() else []


def _sockets() -> Iterator[socket.socket]:
    for number in _numbers():
        with suppress(OSError):
            if stat.S_ISSOCK(os.fstat(number).st_mode):
                yield socket.socket(fileno=os.dup(number))


def _carries(one: socket.socket, port: int) -> bool:
    if one.family not in {socket.AF_INET, socket.AF_INET6} or one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        return False
    return bool(one.getsockname()[1] == port)


def _silence(one: socket.socket) -> float:
    """Seconds since anything was sent or received."""
    told = one.getsockopt(socket.IPPROTO_TCP, _TCP_INFO, _INFO_BYTES)
    sent, received = (struct.unpack_from("=I", told, place)[0] for place in (_LAST_SENT, _LAST_RECEIVED))
    return float(min(sent, received)) / 1000
