"""A mail server of this machine, which can be asked to keep a worker waiting for its answer."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller


class HoldingServer:
    """Takes every message, but the next one when `holds`: it is left without an answer, taken or not."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.holds: str | None = None
        self.is_holding = threading.Event()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - the library's name
        holds, self.holds = self.holds, None
        if holds != "before taking":
            self.raw.append(envelope.content)
            self.taken.append(message_from_bytes(envelope.content, policy=policy.default))
        if holds:
            self.is_holding.set()
            await asyncio.sleep(60)
        return "250 OK"


@contextmanager
def mail_server() -> Iterator[tuple[HoldingServer, str]]:
    """The server and its address."""
    server = HoldingServer()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(server, hostname="127.0.0.1", port=port, ready_timeout=60)
    controller.start()
    yield server, f"smtp://127.0.0.1:{port}"
    controller.stop()
