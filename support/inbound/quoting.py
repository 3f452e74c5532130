"""What somebody wrote himself in a reply, and what he quoted: parted, nothing thrown away."""

from __future__ import annotations

import re
from typing import NamedTuple

from mailparser_reply import EmailMessage

LONGEST_LOOKED_AT = 20_000
"""Characters in which the beginning of a quotation is looked for: patterns over a hostile text cost time."""

_LONGEST_LINE = 300

_KNOWN: re.Pattern[str] = EmailMessage(text="", languages=["fr", "en"]).HEADER_REGEX
"""How mail programs open a quotation, in French and in English, as the library knows it."""

_FURTHER = re.compile(
    r"^(?:-{2,} ?(?:message d.origine|message transf[ée]r[ée]|message original|original message|forwarded message)"
    r" ?-{2,}|d[ée]but du message (?:transf[ée]r[ée]|r[ée]exp[ée]di[ée]) ?:|begin forwarded message:|"
    r"(?:le|on) [^\n]{8,280}(?:a [ée]crit|wrote) ?:)$",
    re.MULTILINE | re.IGNORECASE,
)
_WRAPPED = re.compile(r"^((?:Le|On) [^\n]{6,200}) ?\n([^\n>]{0,120}?(?:a écrit|wrote) ?:)$", re.MULTILINE)
"""An opening that the sending program broke in two lines."""

_OUTLOOK = re.compile(r"^\*?(?:De|From) ?:", re.IGNORECASE)
_SIGNED = re.compile(
    r"(?:--|envoy[ée] (?:de mon|depuis|à partir de) .{2,60}|sent (?:from|via) .{2,60}|"
    r"(?:t[ée]l[ée]charger|obtenir|get) outlook (?:pour|for) .{2,40})",
    re.IGNORECASE,
)
_RULE = re.compile(r"[ _*=-]{20,}")


class Folded(NamedTuple):
    """Both parts of a mail's text; either may be empty."""

    reply: str
    quoted: str


def fold(text: str) -> Folded:
    """The reply, and what is quoted in it or signed under it, in the order in which they stand.

    A reply written under the quotation is a reply as well; one that goes on between quoted lines is kept whole.
    """
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    own, quoted = _parted(lines)
    own, signed = _unsigned(own)
    return Folded(_tidy(own), _tidy([*signed, *([""] if signed and quoted else []), *quoted]))


def _parted(lines: list[str]) -> tuple[list[str], list[str]]:
    start = _opening(lines)
    if start is None:
        start = _last_quotation(lines)
        return (lines, []) if start is None else (lines[:start], lines[start:])
    before, rest = lines[:start], lines[start:]
    if _OUTLOOK.match(_plain(rest[0])) or not any(map(_is_quoted, rest)):
        return before, rest
    return _around(before, rest)


def _around(before: list[str], rest: list[str]) -> tuple[list[str], list[str]]:
    """A quotation whose lines are marked: what is not marked after it was written by whoever replies."""
    first = next(at for at, line in enumerate(rest) if _is_quoted(line))
    marked = [at < first or _is_quoted(line) or _is_fragment(rest, at) for at, line in enumerate(rest)]
    end = first
    while end < len(rest) and (marked[end] or not rest[end]):
        end += 1
    after = rest[end:]
    if not any(after):
        return before, rest
    if any(marked[end:]) and (goes_on := _last_quotation(after)) is not None:
        is_between = any(map(_is_quoted, after[:goes_on]))
        if not is_between:
            return [*before, "", *after[:goes_on]], [*rest[:end], *after[goes_on:]]
    if any(map(_is_quoted, after)):
        return [*before, *rest], []  # answers stand between the quoted lines: parted, neither would be understood
    return [*before, "", *after], rest[:end]


def _is_quoted(line: str) -> bool:
    return line.lstrip().startswith(">")


def _is_fragment(lines: list[str], at: int) -> bool:
    """The end of a quoted line that a program broke without marking it again."""
    is_between = 0 < at < len(lines) - 1 and _is_quoted(lines[at - 1]) and _is_quoted(lines[at + 1])
    return is_between and bool(lines[at])


def _opening(lines: list[str]) -> int | None:
    """The number of the line with which the quotation begins; None when no program announced one."""
    plain = "\n".join(map(_plain, lines))[:LONGEST_LOOKED_AT]
    found = [match.start() for match in (_KNOWN.search(plain), _FURTHER.search(plain), _WRAPPED.search(plain)) if match]
    if not found:
        return None
    at = min(found)
    while at < len(plain) and plain[at] == "\n":
        at += 1
    return min(plain.count("\n", 0, at), len(lines) - 1)


def _plain(line: str) -> str:
    """The line as patterns know it: no-break spaces as spaces, rules that a program draws left out."""
    short = " ".join(line[:_LONGEST_LINE].replace("\u200b", "").split())
    return "" if _RULE.fullmatch(short) else short


def _last_quotation(lines: list[str]) -> int | None:
    """Where the marked lines begin with which the text ends."""
    at = len(lines)
    while at and (_is_quoted(lines[at - 1]) or not lines[at - 1] or _is_fragment(lines, at - 1)):
        at -= 1
    return at if any(map(_is_quoted, lines[at:])) else None


def _unsigned(lines: list[str]) -> tuple[list[str], list[str]]:
    """The lines, and what a program signed them with."""
    for at, line in enumerate(lines):
        is_mark = line.strip() == "--" and any(lines[:at])
        if is_mark or (_SIGNED.fullmatch(_plain(line)) and line.strip() != "--" and not any(lines[at + 1 :])):
            return lines[:at], lines[at:]
    return lines, []


def _tidy(lines: list[str]) -> str:
    end = len(lines)
    while end and not _plain(lines[end - 1]):
        end -= 1
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines[:end])).strip("\n")
