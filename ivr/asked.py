"""The operator’s request, read once from the server’s words (WSGI): the address as it was signed, form, headers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_plus

from ivr.operator.border import OperatorForm

PREFIX = "/voice"
LARGEST_FORM = 64 * 1024
"""A form is a few hundred bytes; anything beyond this is refused unread."""

KIND = "application/x-www-form-urlencoded"
MOST_KEPT = 1024
"""Words that are kept ready in memory: most of a form is the same in every form."""


LONGEST_KEPT = 4096
"""Bytes of a form whose words are kept: nobody fills the memory with forms that he did not even sign."""


def is_voice(path: str) -> bool:
    """Whether the telephone operator, not a person, asks for this path."""
    return path == PREFIX or path.startswith(f"{PREFIX}/")


class NotRead(Exception):  # noqa: N818 - named as what happened
    """A request that is not read to its end; `status` says so."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status)
        self.status = status


class Headers:
    """The headers of a request; their names know no case."""

    __slots__ = ("_environ",)

    def __init__(self, environ: Mapping[str, Any]) -> None:
        self._environ = environ

    def get(self, name: str, default: str = "") -> str:
        """The value of one header."""
        return str(self._environ.get(f"HTTP_{name.upper().replace('-', '_')}", default))


@dataclass(frozen=True, slots=True)
class Knock:
    """One request. `step` stands behind `/voice/`; `address` is path and query as they were signed."""

    step: str
    address: str
    query: str
    form: OperatorForm
    headers: Headers

    @property
    def fields(self) -> OperatorForm:
        """What the address carries, of a field that stands twice the first."""
        return _fields(self.query)


def read_knock(environ: Mapping[str, Any]) -> Knock:
    """The request that a server hands over; raises NotRead for a form that is too large or cut short."""
    path, query = environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", "")
    written = environ.get("RAW_URI") or environ.get("REQUEST_URI") or (f"{path}?{query}" if query else path)
    return Knock(path[len(PREFIX) :].strip("/"), written, query, _form(environ), Headers(environ))


def _form(environ: Mapping[str, Any]) -> OperatorForm:
    told = environ.get("CONTENT_LENGTH") or ""
    if told and not (told.isascii() and told.isdecimal()):
        raise NotRead(HTTPStatus.BAD_REQUEST)
    is_endless = not told and environ.get("wsgi.input_terminated")
    length = LARGEST_FORM + 1 if is_endless else int(told[:9] or 0)
    if length > LARGEST_FORM and not is_endless:
        raise NotRead(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    body = _read(environ["wsgi.input"], length) if length else b""
    if len(body) > LARGEST_FORM:
        raise NotRead(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    if len(body) < length and not is_endless:
        raise NotRead(HTTPStatus.BAD_REQUEST)
    kind: str = environ.get("CONTENT_TYPE") or KIND
    return read_form(body) if kind.partition(";")[0].strip().lower() == KIND else OperatorForm()


def _read(source: Any, length: int) -> bytes:
    """At most so many bytes, however many pieces a server gives them in."""
    body: bytes = source.read(length)
    while len(body) < length and (more := source.read(length - len(body))):
        body += more
    return body


def read_form(body: bytes) -> OperatorForm:
    """The fields of a form as browsers and operators write them, blank ones kept."""
    pair = _known_pair if len(body) <= LONGEST_KEPT else _pair
    return OperatorForm(map(pair, filter(None, body.decode("utf-8", "replace").split("&"))))


@lru_cache(MOST_KEPT)
def _fields(query: str) -> OperatorForm:
    return read_form(query.encode())


def _pair(part: str) -> tuple[str, str]:
    name, _, value = part.partition("=")
    return unquote_plus(name), unquote_plus(value)


_known_pair = lru_cache(MOST_KEPT)(_pair)
