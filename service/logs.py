"""Log lines: each with its moment and the request or call it is about, no text of a caller's unescaped, nobody held up.

Whatever stands behind standard error (a full disk, a reader who sleeps), nothing waits for it and nothing ends of it.
"""

from __future__ import annotations

import json
import logging
import os
import re
import select
import sys
import threading
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from copy import copy
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

PIECE = 4096
"""Bytes that a pipe takes at once when it takes anything (PIPE_BUF)."""

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""What could begin another line, move a terminal's cursor or turn its writing round."""

About = Callable[[], Mapping[str, str]]
"""What is in hand where a line is written: `request` and `call`, each where it is known."""


IN_HAND: ContextVar[Mapping[str, Any] | None] = ContextVar("IN_HAND", default=None)
"""The environment of the request that is being answered here, if one is: `svi.request`, and `svi.call` of a call."""


def in_hand() -> Mapping[str, str]:
    """The request and the call that are being answered here."""
    environ = IN_HAND.get() or {}
    return {"request": str(environ.get("svi.request", "")), "call": str(environ.get("svi.call", ""))}


def start_logging(level: str, form: str) -> None:
    """From now on everything goes to standard error in this form: `text` or `json`."""
    handler = CarefulHandler(2)
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    logging.raiseExceptions = False
    sys.excepthook = _say_uncaught
    threading.excepthook = lambda told: _say_uncaught(told.exc_type, told.exc_value, told.exc_traceback)


def tell(sentence: str) -> None:
    """A line for whoever started the service, on standard output; where that is full or gone, it is lost."""
    if sys.stdout is not None:
        _Outlet(1).write(f"{sentence}\n".encode())


def shown(text: str) -> str:
    """The text on one line, with nothing in it that a terminal or a reader of lines would obey."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


class TextLines(logging.Formatter):
    """`2026-11-26T23:10:00.123+00:00 WARNING ivr.web [call=CA12 request=9f] sentence`; a trace is indented under it."""

    def __init__(self, about: About = in_hand) -> None:
        super().__init__()
        self._about = about

    def format(self, record: logging.LogRecord) -> str:
        """The line, and indented lines when an error has a trace."""
        about = " ".join(f"{name}={shown(value)}" for name, value in _known(self._about).items())
        line = f"{_moment(record)} {record.levelname} {record.name} [{about or '-'}] {shown(record.getMessage())}"
        return "\n    | ".join([line, *(shown(one) for one in _trace(self, record))])


class JsonLines(logging.Formatter):
    """One JSON object a line: `at`, `level`, `logger`, `message`, `process`, and `request`, `call`, `trace` if any."""

    def __init__(self, about: About = in_hand) -> None:
        super().__init__()
        self._about = about

    def format(self, record: logging.LogRecord) -> str:
        """The object; ASCII, so that no character of it is anything but itself."""
        told: dict[str, Any] = {
            "at": _moment(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "process": record.process,
            **_known(self._about),
        }
        trace = _trace(self, record)
        return json.dumps(told | ({"trace": trace} if trace else {}))


class CarefulHandler(logging.Handler):
    """Writes to a file number; a line that is not taken at once is dropped, and the next one says how many were."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._writer = _Outlet(number)
        self._lost = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line, or count it as lost; never raises."""
        try:
            text = self.format(_after_lost(record, self._lost) if self._lost else record)
        except Exception as error:  # noqa: BLE001 - a line that cannot be made must not end what it speaks of
            text = f"{record.levelname} {record.name} : {type(error).__name__}"
        taken = self._writer.write(f"{text}\n".encode("utf-8", "backslashreplace"))
        self._lost = 0 if taken else self._lost + 1


class _Outlet:
    """Bytes to a file number, unless that would wait."""

    def __init__(self, number: int) -> None:
        self._number = number

    def write(self, line: bytes) -> bool:
        """Whether all of it was taken."""
        try:
            asked = select.poll()
            asked.register(self._number, select.POLLOUT)
            for begin in range(0, len(line), PIECE):
                if not any(told & select.POLLOUT for _, told in asked.poll(0)):
                    return False
                piece = line[begin : begin + PIECE]
                if os.write(self._number, piece) < len(piece):
                    return False
        except OSError:
            return False
        return True


def _after_lost(record: logging.LogRecord, lost: int) -> logging.LogRecord:
    """The same record, which says besides how many before it were lost."""
    told = copy(record)
    told.msg, told.args = f"{record.getMessage()} (lignes perdues avant celle-ci : {lost})", None
    return told


def _moment(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def _trace(formatter: logging.Formatter, record: logging.LogRecord) -> list[str]:
    found = [formatter.formatException(record.exc_info)] if record.exc_info and record.exc_info[0] else []
    found += [formatter.formatStack(record.stack_info)] if record.stack_info else []
    return [line for part in found for line in part.split("\n")]


def _known(about: About) -> Mapping[str, str]:
    try:
        return {name: value for name, value in about().items() if value}
    except Exception:  # noqa: BLE001 - what the line is about must not hinder the line
        return {}


def _say_uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if issubclass(kind, (KeyboardInterrupt, SystemExit)):
        return
    said = (kind, error, trace) if error is not None else None
    logging.getLogger("service").critical("Le processus s’arrête sur une erreur.", exc_info=said)
