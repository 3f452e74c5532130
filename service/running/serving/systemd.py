"""What systemd is told of the service (sd_notify(3)): a word on its socket, nothing where there is none."""

from __future__ import annotations

import os
import socket
from collections.abc import MutableMapping
from contextlib import suppress


class Systemd:
    """Says `READY=1` once and `STOPPING=1`; no child may speak for us."""

    def __init__(self, environ: MutableMapping[str, str] = os.environ) -> None:
        self._address = environ.pop("NOTIFY_SOCKET", "")
        self._is_told = False

    @property
    def is_there(self) -> bool:
        """Whether systemd started us, and would start us again."""
        return bool(self._address)

    def ready(self) -> None:
        """Calls and pages are answered."""
        if not self._is_told:
            self._is_told = True
            self._say("READY=1")

    def stopping(self) -> None:
        """Nobody new is waited for."""
        self._say("STOPPING=1")

    def _say(self, word: str) -> None:
        if not self._address:
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as one:
            one.setblocking(False)
            one.sendto(word.encode("ascii"), address)
