"""The words of a mail that was written as HTML alone: plain text, quotations marked as in mail; no tag stays.

Tags are told by one pattern whose time grows as the text does: the standard library's parser takes minutes over
a hundred thousand « < », which anybody may send. No attribute is read.
"""

from __future__ import annotations

import re
from html import unescape

LONGEST_HTML = 300_000
"""Characters that are looked at; of a longer one the beginning is read, where a reply stands."""

_TOKEN = re.compile(r"<(?P<end>/?)(?P<tag>[A-Za-z][A-Za-z0-9]*)(?:[^<>A-Za-z0-9][^<>]*)?>|<[!?][^<>]*>|[^<]+|<")
_UNSEEN = frozenset({"script", "style", "title", "template"})
_OWN_LINE = frozenset({
    "address", "blockquote", "div", "dl", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre",
    "section", "table", "tr", "ul",
})  # fmt: skip
_APART = frozenset({"p", "blockquote", "ol", "ul", "table"})
_DEEPEST_QUOTE = 9


def text_of_html(html: str) -> str:
    """What a reader sees of it, a line a paragraph; quoted text begins with « > », a list's line with « - »."""
    seen = _without_comments(html[:LONGEST_HTML])
    writer = _Writer()
    for token in _TOKEN.finditer(seen):
        tag = (token["tag"] or "").lower()
        if tag and not token["end"]:
            writer.begin(tag)
        elif tag:
            writer.end(tag)
        elif not token[0].startswith(("<!", "<?")):
            writer.say(unescape(token[0]))
    return writer.text()


def _without_comments(html: str) -> str:
    """The text without comments, one that is never closed among them."""
    kept, at = [], 0
    while (start := html.find("<!--", at)) >= 0:
        kept.append(html[at:start])
        end = html.find("-->", start + 4)
        if end < 0:
            return "".join(kept)
        at = end + 3
    return "".join([*kept, html[at:]])


class _Writer:
    """The lines so far; what is quoted, what nobody sees."""

    def __init__(self) -> None:
        self._lines: list[list[str]] = [[]]
        self._unseen = ""
        self._quoted = 0

    def begin(self, tag: str) -> None:
        """A tag begins."""
        if self._unseen:
            return
        if tag in _UNSEEN:
            self._unseen = tag
        elif tag == "br":
            self._lines.append([])
        elif tag in _OWN_LINE:
            self._break(apart=tag in _APART)
            self._quoted += tag == "blockquote"
            if tag == "li":
                self._lines[-1] = [self._mark(), "- "]
        elif tag == "td":
            self.say(" ")

    def end(self, tag: str) -> None:
        """A tag ends."""
        if self._unseen:
            self._unseen = "" if tag == self._unseen else self._unseen
        elif tag in _OWN_LINE:
            self._break(apart=tag in _APART)
            if tag == "blockquote":
                self._quoted = max(self._quoted - 1, 0)

    def say(self, text: str) -> None:
        """Words, their blanks run together as a reader sees them."""
        spaced = re.sub(r"[ \t\r\n\f\v]+", " ", text)
        if self._unseen:
            return
        line = self._lines[-1]
        if not line or line[-1].endswith(" "):
            spaced = spaced.lstrip(" ")
        if spaced:
            line += [spaced] if line else [self._mark(), spaced]

    def _mark(self) -> str:
        depth = min(self._quoted, _DEEPEST_QUOTE)
        return ">" * depth + " " if depth else ""

    def _break(self, *, apart: bool) -> None:
        if "".join(self._lines[-1]).strip(" >"):
            self._lines.append([])
        if apart and len(self._lines) > 1 and "".join(self._lines[-2]).strip(" >"):
            self._lines.append([])

    def text(self) -> str:
        """Every line, no end of it blank, never two empty ones after each other."""
        joined = "\n".join("".join(line).rstrip() for line in self._lines)
        return re.sub(r"\n{3,}", "\n\n", joined).strip("\n")
