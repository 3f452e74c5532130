"""Facts as lines of text and back: `crc32 json`, ASCII, one line a fact; a damaged line never costs its neighbour."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from zlib import crc32

from records.facts import Fact, FactKind, Source

LONGEST_LINE = 64 * 1024
"""Bytes; a longer fact has its texts cut."""

LONGEST_TEXT = 500
LARGEST_NUMBER = 2**63 - 1
_WRITER = json.JSONEncoder(separators=(",", ":"), default=str)
_SORTED_WRITER = json.JSONEncoder(separators=(",", ":"), sort_keys=True, default=str)
KINDS, SOURCES = {str(kind): kind for kind in FactKind}, {str(source): source for source in Source}
_READER = json.JSONDecoder()
_START = re.compile(rb"[0-9a-f]{8} \{")


class StrangeFactError(ValueError):
    """A line is whole but tells no fact that we know."""


@dataclass(frozen=True, slots=True)
class Portion:
    """What was read of a journal file: `offset` is where to go on; `strange` are whole lines that tell no fact.

    `is_end`: nothing more stood in the file when it was read.
    """

    facts: tuple[Fact, ...]
    offset: int
    torn: int = 0
    strange: tuple[tuple[str, str], ...] = ()
    is_end: bool = False

    @property
    def lines(self) -> int:
        """How many whole lines were read."""
        return len(self.facts) + len(self.strange)


def encode(fact: Fact) -> bytes:
    """The line of a fact, with its newline; texts are cut when it would be longer than 64 kB. Never raises."""
    text = _json(fact, fact.data)
    if len(text) > LONGEST_LINE:
        text = _json(fact, {key[:LONGEST_TEXT]: _cut(value) for key, value in fact.data.items()})
    if len(text) > LONGEST_LINE:
        text = _json(fact, {"cut": True})
    raw = text.encode("ascii")
    return b"%08x %s\n" % (crc32(raw), raw)


def _json(fact: Fact, data: Mapping[str, Any]) -> str:
    try:
        return _WRITER.encode(_plain(fact, dict(data)))
    except (TypeError, ValueError, RecursionError):
        return _WRITER.encode(_plain(fact, {"cut": True}))


def _plain(fact: Fact, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "call": str(fact.call)[:LONGEST_TEXT],
        "kind": str(fact.kind),
        "n": fact.n,
        "who": str(fact.who)[:LONGEST_TEXT],
        "at": fact.at.astimezone(UTC).isoformat(),
        "source": str(fact.source),
        "data": data,
    }


def _cut(value: Any) -> Any:
    return value if value is None or isinstance(value, int | float) else str(value)[:LONGEST_TEXT]


def data_text(data: Mapping[str, Any]) -> str:
    """The data of a fact as JSON in ASCII."""
    return _SORTED_WRITER.encode(dict(data))


def decode(text: str) -> Fact:
    """The fact that a JSON text tells, or StrangeFactError."""
    try:
        return fact_of(read_json(text))
    except StrangeFactError:
        raise
    except (ValueError, RecursionError) as error:
        raise StrangeFactError(f"{error.__class__.__name__}: {error}"[:200]) from error


def read_json(text: str) -> Any:
    """What `json.loads` makes of a text, in half its time where nothing stands around it; ValueError."""
    found, end = _READER.raw_decode(text)
    return found if end == len(text) else json.loads(text)


def fact_of(record: Any) -> Fact:
    """The fact that an object tells, or StrangeFactError; `at` is a moment or its ISO 8601 text."""
    try:
        return _fact(record)
    except StrangeFactError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise StrangeFactError(f"{error.__class__.__name__}: {error}"[:200]) from error


def _fact(record: Any) -> Fact:
    at, n, data = record["at"], record["n"], record.get("data", {})
    at = at if isinstance(at, datetime) else datetime.fromisoformat(at)
    if at.tzinfo is None:
        raise StrangeFactError("the moment has no time zone")
    if type(n) is not int or abs(n) > LARGEST_NUMBER:
        raise StrangeFactError("n is not a number of a document")
    if not isinstance(data, dict):
        raise StrangeFactError("the data is not an object")
    call, who = record["call"], record.get("who", "")
    if not (isinstance(call, str) and isinstance(who, str) and call and f"{call}{who}".isascii()):
        raise StrangeFactError("the call is not named")
    if not f"{call}{who}".isprintable():
        raise StrangeFactError("the name of the call is not printable")
    kind, source = record["kind"], record.get("source", Source.WEBHOOK)
    return Fact(call, KINDS.get(kind) or FactKind(kind), n, at, who, data, SOURCES.get(source) or Source(source))


def read_lines(raw: bytes, offset: int, *, is_last: bool) -> Portion:
    """The facts in `raw`, which stands at `offset` of its file.

    A last line without newline is left for later, unless `is_last`: nothing more will come. Zero bytes around a line
    were ready for lines that never came.
    """
    whole, newline, rest = raw.rpartition(b"\n")
    kept = whole + newline + rest if is_last else whole + newline
    facts: list[Fact] = []
    strange: list[tuple[str, str]] = []
    torn = 0
    for padded in kept.split(b"\n"):
        line = padded.strip(b"\0")
        found = list(_records(line))
        torn += bool(line) and not found
        for text in found:
            try:
                facts.append(decode(text))
            except StrangeFactError as error:
                strange.append((text, str(error)))
    return Portion(tuple(facts), offset + len(kept), torn, tuple(strange))


def _records(line: bytes) -> Iterator[str]:
    """The whole records of a line: one, or none when it is damaged, or two when the newline between them was."""
    if _is_whole(line):
        yield line[9:].decode("ascii")
        return
    starts = [match.start() for match in _START.finditer(line)]
    for start, end in pairwise([*starts, len(line)]):
        piece = next((one for one in (line[start:end], line[start : end - 1]) if _is_whole(one)), None)
        if piece is not None:
            yield piece[9:].decode("ascii")


def _is_whole(line: bytes) -> bool:
    return line[8:10] == b" {" and line.isascii() and b"%08x" % crc32(line[9:]) == line[:8]
