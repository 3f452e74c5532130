"""Log lines: a moment, what they are about, nothing of a caller's that passes for another line; never waited for."""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from service.logs import CarefulHandler, JsonLines, TextLines, tell

HOSTILE = "Jo\n2026-01-01T00:00:00.000+00:00 INFO svi [-] tout va bien\x1b[2J\u202e"
ABOUT = {"request": "9f86d081", "call": "CA12\nCA13"}


def refuse(text: str) -> None:
    raise ValueError(text)


@contextmanager
def logger_on(number: int, form: logging.Formatter) -> Iterator[logging.Logger]:
    handler, logger = CarefulHandler(number), logging.getLogger("tests.logs")
    handler.setFormatter(form)
    logger.addHandler(handler)
    logger.propagate = False
    try:
        yield logger
    finally:
        logger.removeHandler(handler)
        logger.propagate = True


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reads, writes = os.pipe()
    yield reads, writes
    os.close(reads)
    os.close(writes)


def test_a_line_has_its_moment_and_what_it_is_about(pipe: tuple[int, int]) -> None:
    reads, writes = pipe
    with logger_on(writes, TextLines(lambda: ABOUT)) as logger:
        logger.warning("refusé : %s", "la raison")
    said = os.read(reads, 4096).decode()
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00 WARNING tests\.logs "
        r"\[request=9f86d081 call=CA12\\nCA13\] refusé : la raison\n", said,
    )  # fmt: skip


def test_nothing_that_a_caller_sent_begins_a_line(pipe: tuple[int, int]) -> None:
    """Nor moves the cursor of whoever reads it: in the sentence as in the trace of an error."""
    reads, writes = pipe
    with logger_on(writes, TextLines()) as logger:
        try:
            refuse(HOSTILE)
        except ValueError:
            logger.exception("de %s", HOSTILE)
    first, *others = os.read(reads, 65536).decode().splitlines()
    assert first.endswith("de Jo\\n2026-01-01T00:00:00.000+00:00 INFO svi [-] tout va bien\\x1b[2J\\u202e")
    assert others
    assert all(line.startswith("    | ") for line in others)
    assert "\x1b" not in "".join(others)


def test_as_json_each_line_is_one_object(pipe: tuple[int, int]) -> None:
    reads, writes = pipe
    with logger_on(writes, JsonLines(lambda: ABOUT)) as logger:
        try:
            refuse(HOSTILE)
        except ValueError:
            logger.exception("de %s", HOSTILE)
        logger.warning("après")
    first, second = (json.loads(line) for line in os.read(reads, 65536).splitlines())
    assert (first["message"], first["request"], first["call"]) == (f"de {HOSTILE}", "9f86d081", "CA12\nCA13")
    assert first["level"] == "ERROR"
    assert first["logger"] == "tests.logs"
    assert first["process"] == os.getpid()
    assert f"ValueError: {HOSTILE.splitlines()[0]}" in first["trace"]
    assert (second["message"], "trace" in second) == ("après", False)


def test_a_full_disk_is_met_in_silence() -> None:
    number = os.open("/dev/full", os.O_WRONLY)
    try:
        with logger_on(number, TextLines()) as logger:
            logger.error("perdu")
    finally:
        os.close(number)


@pytest.mark.parametrize("form", [TextLines(), JsonLines()], ids=["text", "json"])
def test_a_reader_who_sleeps_holds_nobody_up_and_hears_what_he_missed(
    pipe: tuple[int, int], form: logging.Formatter
) -> None:
    reads, writes = pipe
    with logger_on(writes, form) as logger:
        for number in range(2000):
            logger.error("ligne %d %s", number, "x" * 200)
        assert b"ligne 1999" not in os.read(reads, 1024 * 1024)
        logger.error("reprise")
        assert re.search(rb"reprise \(lignes perdues avant celle-ci : \d{4}\)", os.read(reads, 1024 * 1024))


def test_a_sentence_for_whoever_started_it_is_lost_where_there_is_no_room() -> None:
    kept = os.dup(1)
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, 1)
    try:
        tell("perdu")
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(full)
