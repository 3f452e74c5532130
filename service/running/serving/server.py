"""One web worker: granian's native HTTP on a socket that the parent holds, and patience for nobody who is slow."""

from __future__ import annotations

import asyncio
import io
import itertools
import logging
import re
import resource
import secrets
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import quote

from granian._futures import _new_cbscheduler
from granian._granian import SocketHolder, WorkerSignal, WSGIWorker
from granian.http import HTTP1Settings
from werkzeug.exceptions import ClientDisconnected

from service.logs import IN_HAND
from service.running.serving.connections import Silences, leave
from service.running.serving.lanes import Lane, Lanes

CONNECTIONS = 512
"""Open connections of one worker; more wait in the socket."""

PATIENCE = 10.0
"""Seconds for the head of a request and, again, for its form; between two requests of a connection too."""

SLOWEST = 64 * 1024
"""Bytes a second that a form larger than this must come at, beyond the patience."""

SILENT_AFTER = 30.0
"""Seconds after which a connection on which nothing moves is ended, unless somebody is still computing."""

LISTENS_ON = 1.0
"""Seconds between a stop's two halves: nobody new is accepted, and whoever was just accepted is still heard."""

LONGEST_STOP = 18.0
"""Seconds after which a worker that stops leaves, whoever is still in hand."""

WHOLE = 4 * 1024 * 1024
"""Bytes of an answer that are handed over at once: no thread waits for whoever reads slowly."""

Environ = dict[str, Any]
Wsgi = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

_IDENTIFIER = re.compile(r"[A-Za-z0-9-]{8,64}")
_BUSY = "Trop de demandes : patientez un instant. Les appels continuent d’être orientés.".encode()
_LATE = "La demande n’est pas arrivée en entier à temps.".encode()
_TEXT = ("Content-Type", "text/plain; charset=utf-8")

log = logging.getLogger(__name__)


class Door:
    """From the server's request to the application and back, with a place in its lane."""

    def __init__(self, application: Wsgi, lanes: Lanes) -> None:
        self.lanes = lanes
        self.is_leaving = False
        self._name = secrets.token_hex(4)
        self._numbers = itertools.count(1)
        self._application = application
        self._awaited: dict[int, Late] = {}
        self._basis: Environ = {
            "SCRIPT_NAME": "",
            "SERVER_SOFTWARE": "svi",
            "wsgi.errors": sys.stderr,
            "wsgi.input_terminated": True,
            "wsgi.multiprocess": True,
            "wsgi.multithread": True,
            "wsgi.run_once": False,
            "wsgi.version": (1, 0),
        }

    def __call__(self, proto: Any, scope: Environ) -> None:
        """Answer one request; on a thread of the server's."""
        lane = self.lanes.of(scope["PATH_INFO"])
        if lane.is_full:
            proto.response_bytes(503, [_TEXT, ("Retry-After", "5"), ("Connection", "close")], _BUSY)
            return
        key = id(proto)
        lane.inside[key] = float("inf")
        environ = self._basis | scope
        held = IN_HAND.set(environ)
        try:
            self._answer(proto, environ, lane, key)
        except ClientDisconnected:
            proto.response_bytes(408, [_TEXT, ("Connection", "close")], _LATE)
        except Exception:
            log.exception("the application failed")
            proto.response_bytes(500, [_TEXT, ("Connection", "close")], b"")
        finally:
            IN_HAND.reset(held)
            del lane.inside[key]

    def dismiss_the_late(self, moment: float) -> None:
        """Tell those whose form has not come in time that it is too late; the thread that waits for it goes on."""
        for late in list(self._awaited.values()):
            if late.until < moment:
                late.dismiss()

    def _answer(self, proto: Any, environ: Environ, lane: Lane, key: int) -> None:
        _complete(environ)
        given = environ.get("HTTP_X_REQUEST_ID", "")
        environ["svi.request"] = given if _IDENTIFIER.fullmatch(given) else f"{self._name}{next(self._numbers):08x}"
        length = int(environ.get("CONTENT_LENGTH") or 0)
        if length or "HTTP_TRANSFER_ENCODING" in environ:
            form = ReceivedForm(environ["wsgi.input"], length, Late(proto, self._awaited), lane, key)
            environ["wsgi.input"] = io.BytesIO(form.whole()) if 0 < length <= SLOWEST else form
        lane.inside[key] = time.monotonic()
        lane.take()
        try:
            self._speak(proto, environ, lane, key)
        finally:
            lane.give_back()

    def _speak(self, proto: Any, environ: Environ, lane: Lane, key: int) -> None:
        head: list[Any] = []
        pieces = self._application(environ, lambda status, headers, _error=None: head.extend((status, headers)))
        status, headers = int(head[0][:3]), [(name, _plain(value)) for name, value in head[1]]
        if self.is_leaving:
            headers.append(("Connection", "close"))
        if isinstance(pieces, list) or _size(headers) <= WHOLE:
            proto.response_bytes(status, headers, _joined(pieces))
            return
        sent = _Pieces(pieces, lane, key)
        try:
            proto.response_iter(status, headers, sent)
        finally:
            sent.close()


class Late:
    """Until when a form is waited for, and what is answered to whoever sends it too slowly."""

    def __init__(self, proto: Any, awaited: dict[int, Late]) -> None:
        self.until = float("inf")
        self.is_over = False
        self._proto = proto
        self._awaited = awaited

    def __enter__(self) -> None:
        self._awaited[id(self)] = self

    def __exit__(self, *_error: object) -> None:
        self._awaited.pop(id(self), None)

    def dismiss(self) -> None:
        """Answer; the connection is over, and what waits for it reads its end."""
        self.is_over = True
        self._proto.response_bytes(408, [_TEXT, ("Connection", "close")], _LATE)


class ReceivedForm:
    """What comes with a request, read with a deadline; while it is waited for, the place is another one's."""

    def __init__(self, source: Any, length: int, late: Late, lane: Lane, key: int) -> None:
        self._source = source
        self._length = length
        self._read = 0
        self._late = late
        self._lane = lane
        self._key = key

    def whole(self) -> bytes:
        """All of a small one, before a place is taken; ClientDisconnected when it does not come."""
        pieces = []
        while self._read < self._length:
            pieces.append(self._received(lambda: self._source.read(self._length - self._read)))
        return b"".join(pieces)

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes, or all."""
        if size == 0:
            return b""
        is_all = size is None or size < 0
        piece = self._aside(self._source.read if is_all else lambda: self._source.read(size))
        if is_all and self._read < self._length:
            raise ClientDisconnected
        return piece

    def readline(self, _size: int = -1) -> bytes:
        """The next line."""
        return self._aside(self._source.readline)

    def readlines(self, _hint: int = -1) -> list[bytes]:
        """All the lines."""
        return list(self)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")

    def _aside(self, ask: Callable[[], bytes]) -> bytes:
        inside = self._lane.inside
        inside[self._key] = float("inf")
        with self._lane.stepped_aside():
            try:
                return self._received(ask)
            finally:
                inside[self._key] = time.monotonic()

    def _received(self, ask: Callable[[], bytes]) -> bytes:
        if self._late.until == float("inf"):
            self._late.until = time.monotonic() + PATIENCE + self._length / SLOWEST
        with self._late:
            piece = ask()
        self._read += len(piece)
        if self._late.is_over or (not piece and self._read < self._length):
            raise ClientDisconnected
        return piece


class _Pieces:
    """A long answer, piece by piece: the place is taken to make one, and given back while it is being sent."""

    def __init__(self, pieces: Iterable[bytes], lane: Lane, key: int) -> None:
        self._pieces = pieces
        self._next = iter(pieces).__next__
        self._lane = lane
        self._key = key
        self._holds = True
        self._is_closed = False

    def __next__(self) -> bytes:
        self._take()
        self._lane.inside[self._key] = time.monotonic()
        try:
            return self._next()
        finally:
            self._lane.inside[self._key] = float("inf")
            self._lane.give_back()
            self._holds = False

    def close(self) -> None:
        """End what makes the pieces, once; whoever asked holds a place again, as when it began."""
        self._take()
        close = getattr(self._pieces, "close", None)
        if close and not self._is_closed:
            self._is_closed = True
            close()

    def _take(self) -> None:
        if not self._holds:
            self._lane.take()
            self._holds = True


class WebWorker:
    """The server of one process; `run` returns when SIGTERM has been obeyed: whoever was in hand is answered."""

    def __init__(self, application: Wsgi, listening: socket.socket, lanes: Lanes) -> None:
        self._listening = listening
        self._silences = Silences(int(listening.getsockname()[1]))
        self._door = Door(application, lanes)
        self._is_asked_to_stop = False
        self._leaving = WorkerSignal()
        self._over = threading.Event()
        self._leaving.add_cb(self._over.set)

    def run(self, is_alive: Callable[[], None]) -> None:
        """Serve; `is_alive` is called when the socket is served, and then about once a second.

        SIGTERM and SIGINT may be blocked when it begins: they are heard by this thread alone, once all is ready.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        _allow_connections()
        worker: Any = WSGIWorker
        holder: Any = SocketHolder
        scheduler: Any = _new_cbscheduler
        served = worker(
            1, (None, holder(self._listening.fileno(), False, 1024)), None, 1, 4, CONNECTIONS, 30, CONNECTIONS, "1",
            HTTP1Settings(header_read_timeout=int(PATIENCE * 1000)), None, None,
            False, None, None, None, "tls1.3", None, [], False, (None, None),
        )  # fmt: skip
        loop = asyncio.new_event_loop()
        served.serve_mtr(scheduler(loop, self._door, impl_asyncio=True), loop, self._leaving)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM, signal.SIGINT})
        self._watch(is_alive)
        self._leave()

    def _stop(self, _number: int, _frame: object) -> None:
        self._is_asked_to_stop = True

    def _watch(self, is_alive: Callable[[], None]) -> None:
        said = swept = 0.0
        while not self._is_asked_to_stop:
            moment = time.monotonic()
            self._door.dismiss_the_late(moment)
            if moment >= said + 1:
                said = moment
                is_alive()
            if moment >= swept + SILENT_AFTER / 6:
                swept = moment
                self._end_silent(moment, SILENT_AFTER)
            self._over.wait(0.2)

    def _end_silent(self, moment: float, seconds: float) -> None:
        """Not while somebody computes, or waits to: his answer, too, is silence until it comes."""
        if self._door.lanes.oldest() > moment - seconds + 10:
            self._silences.end(seconds, moment)

    def _leave(self) -> None:
        """Accept nobody, hear those who are here, and go."""
        self._door.is_leaving = True
        leave(self._listening)
        began = time.monotonic()
        self._over.wait(LISTENS_ON)
        self._leaving.set()
        while not self._over.wait(0.1) and time.monotonic() < began + LONGEST_STOP:
            moment = time.monotonic()
            self._door.dismiss_the_late(moment + PATIENCE / 2)
            if not self._door.lanes.count():
                self._silences.end(LISTENS_ON, moment)


def _complete(environ: Environ) -> None:
    """What WSGI and the signature of a webhook ask for, beside what the server gives."""
    path, query = environ["PATH_INFO"], environ["QUERY_STRING"]
    address = path if path.isascii() else quote(path)
    environ["RAW_URI"] = f"{address}?{query}" if query else address
    if not path.isascii():
        environ["PATH_INFO"] = path.encode().decode("latin-1")  # PEP 3333


def _plain(value: str) -> str:
    """A header as the server can write it."""
    return value if value.isascii() else quote(value, safe=" !\"#$%&'()*+,/:;<=>?@[]^`{|}~")


def _size(headers: list[tuple[str, str]]) -> float:
    """Bytes of the answer, as it says itself; infinite when it does not."""
    return next((int(value) for name, value in headers if name.lower() == "content-length"), float("inf"))


def _joined(pieces: Iterable[bytes]) -> bytes:
    try:
        return b"".join(pieces)
    finally:
        close = getattr(pieces, "close", None)
        if close:
            close()


def _allow_connections() -> None:
    """Files enough for every connection and what is read beside them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4 * CONNECTIONS if hard == resource.RLIM_INFINITY else min(hard, 4 * CONNECTIONS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
