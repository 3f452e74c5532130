"""The words of a mail that was written as HTML alone: plain text, quotations marked as in mail; no tag stays."""

from __future__ import annotations

import re
from html.parser import HTMLParser

LONGEST_HTML = 300_000
"""Characters that are looked at; of a longer one the beginning is read, where a reply stands."""

_UNSEEN = frozenset({"script", "style", "title", "template"})
_OWN_LINE = frozenset({
    "address", "blockquote", "div", "dl", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre",
    "section", "table", "tr", "ul",
})  # fmt: skip
_APART = frozenset({"p", "blockquote", "ol", "ul", "table"})
_DEEPEST_QUOTE = 9
_TAG = re.compile(r"<[^<>]*>")


def text_of_html(html: str) -> str:
    """What a reader sees of it, a line a paragraph; quoted text begins with « > », a list's line with « - »."""
    reader = _Reader()
    try:
        reader.feed(html[:LONGEST_HTML])
        reader.close()
    except (AssertionError, ValueError, IndexError):  # what the standard library's parser makes of « <![ »
        return _TAG.sub(" ", html[:LONGEST_HTML]).strip()
    return reader.text()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[str] = [""]
        self._unseen = self._quoted = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - no attribute is read
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag == "br":
            self._lines.append("")
        elif tag in _OWN_LINE:
            self._begin(apart=tag in _APART)
            self._quoted += tag == "blockquote"
            if tag == "li":
                self._lines[-1] = self._mark() + "- "
        elif tag == "td":
            self._write(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(self._unseen - 1, 0)
        elif tag in _OWN_LINE:
            self._begin(apart=tag in _APART)
            if tag == "blockquote":
                self._quoted = max(self._quoted - 1, 0)

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self._write(" ".join(data.split(" ")).replace("\n", " "))

    def _write(self, text: str) -> None:
        line = self._lines[-1] or self._mark()
        spaced = re.sub(r"[ \t\r\f\v]+", " ", text)
        self._lines[-1] = line + (spaced.lstrip() if line.endswith(" ") or not line else spaced)

    def _mark(self) -> str:
        depth = min(self._quoted, _DEEPEST_QUOTE)
        return ">" * depth + " " if depth else ""

    def _begin(self, *, apart: bool) -> None:
        if self._lines[-1].strip(" >"):
            self._lines.append("")
        if apart and len(self._lines) > 1 and self._lines[-2].strip(" >"):
            self._lines.append("")

    def text(self) -> str:
        """Every line, no end of it blank, never two empty ones after each other."""
        joined = "\n".join(line.rstrip() for line in self._lines)
        return re.sub(r"\n{3,}", "\n\n", joined).strip("\n")
