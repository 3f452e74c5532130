"""The telephone’s door before the application: it reads a request once, checks its signature, lets others by."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import UTC
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from hypothesis import example
from hypothesis import given as when
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Request

from ivr.asked import LARGEST_FORM, read_form, read_knock
from ivr.operator.twilio.documents import signature_of, signed_fields
from ivr.operator.twilio.presented import _read, read_presented
from ivr.operator.twilio.voice import Twilio
from ivr.web import Exchange, VoiceDoor
from records.facts import Fact
from tests.ivr.scene import NOW, OWN, situation, snapshot
from tests.ivr.test_web import CALL, PUBLIC, TOKENS, Journal, Pages

KIND = "application/x-www-form-urlencoded"
FIELDS = st.lists(st.tuples(st.text(max_size=12), st.text(max_size=30)), max_size=12)


@when(FIELDS)
@example([("From", "+33 6&=%2B"), ("From", "é"), ("", ""), ("A", "")])
def test_a_form_is_read_as_the_framework_reads_it(fields: list[tuple[str, str]]) -> None:
    """Names, values, their order, what stands twice and what is blank."""
    body = urlencode(fields).encode()
    environ = {"REQUEST_METHOD": "POST", "CONTENT_TYPE": KIND, "CONTENT_LENGTH": str(len(body))}
    theirs = Request({**environ, "wsgi.input": io.BytesIO(body)}).form
    ours = read_form(body)
    assert sorted(ours.pairs) == sorted(theirs.items(multi=True))
    assert dict(ours) == theirs.to_dict()
    assert all(ours.getlist(name) == theirs.getlist(name) for name in ours)


@when(FIELDS, st.sampled_from(["/voice", "/voice/menu?n=2&f=1", "/voice/leg?n=3&p=paul75aa"]))
@example([("Extra", "b"), ("Extra", "a"), ("Extra", "b")], "/voice")
def test_the_signature_is_the_one_of_the_operators_own_library(fields: list[tuple[str, str]], address: str) -> None:
    """In one pass over what arrived."""
    form = read_form(urlencode(fields).encode())
    theirs = RequestValidator(TOKENS[0]).compute_signature(PUBLIC + address, MultiDict(form.pairs))
    assert signature_of(TOKENS[0].encode(), PUBLIC + address, signed_fields(form)).decode() == theirs


def test_an_address_signed_with_its_port_is_let_in_as_the_library_does() -> None:
    operator, form = Twilio(TOKENS, PUBLIC, OWN), read_form(urlencode(CALL).encode())
    with_port = RequestValidator(TOKENS[1]).compute_signature(PUBLIC + ":443/voice", CALL)
    assert operator.is_signed("/voice", form, {"X-Twilio-Signature": with_port})


@when(st.from_regex(r"\+33[1-9][0-9]{8}", fullmatch=True))
def test_a_french_number_is_what_reading_it_whole_gives(number: str) -> None:
    """The short way and the long one agree on every number."""
    assert read_presented(number) == _read(number)


class Server:
    """What a web server hands over, and what it gets back."""

    def __init__(self, pages: Pages) -> None:
        app = Flask(__name__)
        app.add_url_rule("/", "home", lambda: "home", methods=["GET", "POST"])
        line = situation().line
        exchange = Exchange(Twilio(TOKENS, PUBLIC, OWN), snapshot, Journal(pages), lambda: NOW.astimezone(UTC), line)
        self._door = VoiceDoor(app.wsgi_app, exchange, (("X-Kept", "yes"),))
        self.status = ""
        self.headers: dict[str, str] = {}

    def post(self, path: str, body: bytes, **more: Any) -> bytes:
        """The body of the answer to a signed form."""
        form = read_form(body)
        signature = RequestValidator(TOKENS[0]).compute_signature(PUBLIC + path, MultiDict(form.pairs))
        return self.ask("POST", path, body, HTTP_X_TWILIO_SIGNATURE=signature, **more)

    def ask(self, method: str, path: str, body: bytes = b"", **more: Any) -> bytes:
        """The body of the answer."""
        path, _, query = path.partition("?")
        environ: dict[str, Any] = {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query}
        environ["SERVER_NAME"] = "svi"
        environ |= {"SERVER_PORT": "80", "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(body)}
        environ |= {"CONTENT_TYPE": KIND, "CONTENT_LENGTH": str(len(body)), **more}
        answer: Iterable[bytes] = self._door(environ, self._begin)
        return b"".join(answer)

    def _begin(self, status: str, headers: list[tuple[str, str]], _error: Any = None) -> Any:
        self.status, self.headers = status, dict(headers)


@pytest.fixture
def pages() -> list[Fact]:
    return Pages()


@pytest.fixture
def server(pages: Pages) -> Server:
    return Server(pages)


ARRIVAL = urlencode(CALL).encode()


def test_a_signed_call_is_answered_with_the_headers_of_every_answer(server: Server, pages: Pages) -> None:
    text = server.post("/voice", ARRIVAL)
    assert b"<Gather" in text
    assert (server.status, server.headers["X-Kept"]) == ("200 OK", "yes")
    assert server.headers["Content-Length"] == str(len(text))
    assert pages


def test_a_callback_is_answered_without_a_body_or_its_length(server: Server) -> None:
    assert server.post("/voice/status", urlencode(CALL | {"CallStatus": "completed"}).encode()) == b""
    assert server.status == "204 No Content"
    assert "Content-Length" not in server.headers


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({"CONTENT_LENGTH": str(LARGEST_FORM + 1)}, "413 Request Entity Too Large"),
        ({"CONTENT_LENGTH": "10" * 500}, "413 Request Entity Too Large"),
        ({"CONTENT_LENGTH": "-1"}, "400 Bad Request"),
        ({"CONTENT_LENGTH": "²"}, "400 Bad Request"),
        ({"CONTENT_LENGTH": "9999"}, "400 Bad Request"),
        ({"CONTENT_LENGTH": ""}, "403 Forbidden"),
        ({"CONTENT_TYPE": "multipart/form-data; boundary=x"}, "403 Forbidden"),
        ({"CONTENT_TYPE": "application/json"}, "403 Forbidden"),
    ],
)
def test_a_form_of_another_length_or_kind_than_the_operators_is_refused(
    server: Server, pages: Pages, told: dict[str, str], status: str
) -> None:
    """And nothing is kept."""
    server.post("/voice", ARRIVAL, **told)
    assert server.status == status
    assert pages == []


def test_an_oversized_form_is_refused_unread() -> None:
    class Untouched:
        def read(self, _size: int) -> bytes:
            raise AssertionError("it was read")

    server = Server(Pages())
    server.ask("POST", "/voice", b"", **{"CONTENT_LENGTH": str(LARGEST_FORM + 1), "wsgi.input": Untouched()})
    assert server.status.startswith("413")


def test_a_form_without_a_length_is_read_to_its_end_within_bounds(server: Server) -> None:
    """Pieces of a request that a proxy passes on (chunked)."""
    told: dict[str, Any] = {"CONTENT_LENGTH": "", "wsgi.input_terminated": True}
    assert b"<Gather" in server.post("/voice", ARRIVAL, **told)
    server.post("/voice", b"a=" + b"x" * LARGEST_FORM, **told)
    assert server.status.startswith("413")


@pytest.mark.parametrize("path", ["/", "/voice/nowhere", "/voice/arrival", "/voices", "/Voice"])
def test_what_is_not_the_operators_goes_on_to_the_application(server: Server, path: str) -> None:
    server.ask("POST", path)
    assert server.status == ("200 OK" if path == "/" else "404 NOT FOUND")


@pytest.mark.parametrize("raw", ["", "/voice/menu?n=2"])
def test_the_address_is_read_as_it_was_signed(raw: str) -> None:
    environ = {"PATH_INFO": "/voice/menu", "QUERY_STRING": "n=2", "RAW_URI": raw, "wsgi.input": io.BytesIO()}
    knock = read_knock(environ)
    assert (knock.step, knock.address, knock.fields) == ("menu", "/voice/menu?n=2", {"n": "2"})
