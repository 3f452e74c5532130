"""A workbook of unknown intent is parsed in a process of its own: what exhausts or breaks it ends no web process.

A web process answers calls too. A workbook of a kilobyte can make its parser ask for half a terabyte, which ends the
process that asked, whatever Python would catch.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import resource
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from reports.importing.reading.book import Chosen, ReadBook, WorkbookRefused
from reports.importing.reading.sheets import NOTHING, check_container, read_book

PATIENCE = 5.0
"""Seconds that a second workbook waits for the first: the threads of a web process are for calls."""

_one_at_a_time = threading.Lock()


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one reading may use: bytes of memory, seconds of the processor, seconds of waiting, bytes of its answer."""

    memory: int
    seconds: int
    patience: int
    answer: int


AT_ONCE = Bounds(1024**3, 10, 60, 8_000_000)
"""While its reader waits, for a web process that answers others too: a few thousand lines need a second."""
APART = Bounds(2 * 1024**3, 60, 240, 200_000_000)
"""In the process of heavy work: 200,000 lines, the most that are read, need a quarter of the memory, ten seconds."""


class TooHeavy(Exception):  # noqa: N818 - named as what happened
    """More than may be read at once: the process of heavy work reads it."""


def read_book_in_a_process(content: bytes, chosen: Chosen = NOTHING, bounds: Bounds = APART) -> ReadBook:
    """What `read_book` gives; WorkbookRefused too for a workbook that exhausts its reading.

    Within the bounds AT_ONCE one that exhausts them is TooHeavy.
    """
    check_container(content)
    if not _one_at_a_time.acquire(timeout=PATIENCE):
        raise WorkbookRefused("Un autre classeur est en cours de lecture : réessayez dans un instant.")
    try:
        question = json.dumps(dict(chosen)).encode() + b"\n" + content
        book: ReadBook | str = pickle.loads(_answer_of_the_process(question, bounds))  # noqa: S301 - written by `_answer` below
    finally:
        _one_at_a_time.release()
    if isinstance(book, str):
        raise WorkbookRefused(book)
    return book


def _answer_of_the_process(question: bytes, bounds: Bounds) -> bytes:
    limits = map(str, (bounds.memory, bounds.seconds, bounds.answer))
    try:
        done = subprocess.run(  # noqa: S603 - our own module, and numbers
            [sys.executable, "-m", "reports.importing.reading.parser_process", *limits], input=question,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            timeout=bounds.patience, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError) as error:
        if bounds is AT_ONCE:
            raise TooHeavy from error
        if not isinstance(error, subprocess.TimeoutExpired):
            raise WorkbookRefused(
                "Le classeur est démesuré (une cellule remplie très loin ?) : sa lecture a été arrêtée."
            ) from None
        raise WorkbookRefused(
            "La lecture du classeur prend trop de temps : réessayez dans un instant, ou découpez-le par année."
        ) from None
    return done.stdout


def _answer(question: bytes) -> bytes:
    """In that process: the book, or the sentence that refuses it."""
    chosen, _, content = question.partition(b"\n")
    try:
        return pickle.dumps(read_book(content, json.loads(chosen)))
    except WorkbookRefused as refusal:
        return pickle.dumps(str(refusal))


def _limit_this_process(memory: int, seconds: int) -> None:
    """Calls have the processor first; memory and time end."""
    os.nice(10)
    for kind, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_CORE, 0)):
        with contextlib.suppress(ValueError, OSError):  # a lower limit holds already
            resource.setrlimit(kind, (most, most))
    with contextlib.suppress(OSError):  # Linux alone: should memory run out, this process goes first
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def _main() -> None:
    memory, seconds, largest = map(int, sys.argv[1:])
    _limit_this_process(memory, seconds)
    answer = _answer(sys.stdin.buffer.read())
    if len(answer) > largest:
        sys.exit(1)
    sys.stdout.buffer.write(answer)


if __name__ == "__main__":
    _main()
