"""The forms of a page as a browser would send them."""

from __future__ import annotations

from html.parser import HTMLParser


class _Forms(HTMLParser):
    """Collects the fields of every form: inputs, chosen options, texts; unchecked boxes and buttons send nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self._select = ""
        self._text: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a form, a field, an option."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append((given.get("action", ""), {}))
        elif not self.found:
            return
        elif tag == "input" and (given.get("type") not in {"checkbox", "radio"} or "checked" in given):
            self._keep(given.get("name", ""), given.get("value", ""))
        elif tag == "select":
            self._select = given.get("name", "")
            self._keep(self._select, "")
        elif tag == "option" and "selected" in given:
            self._keep(self._select, given.get("value", ""))
        elif tag == "textarea":
            self._text = given.get("name", "")
            self._keep(self._text, "")

    def handle_endtag(self, tag: str) -> None:
        """A text ends."""
        if tag == "textarea":
            self._text = None

    def handle_data(self, data: str) -> None:
        """What stands in a text."""
        if self._text:
            self.found[-1][1][self._text] += data

    def _keep(self, name: str, value: str) -> None:
        if name and name != "csrf_token":
            self.found[-1][1][name] = value


def fields_of(page: str, action: str) -> dict[str, str]:
    """The fields of the first form that goes to this address."""
    parser = _Forms()
    parser.feed(page)
    return next(fields for where, fields in parser.found if where.split("?")[0] == action)
