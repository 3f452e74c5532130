"""How much may be sent: more where files are, and an answer that can be read where it is too much."""

from __future__ import annotations

from tempfile import SpooledTemporaryFile
from typing import Any

import pytest
from flask import Blueprint, Flask, request
from flask.testing import FlaskClient
from flask_wtf.csrf import CSRFProtect
from jinja2 import DictLoader

from service.pages.doors import LARGEST_FIELD, LARGEST_PAGE, LARGEST_WITH_FILES, READ_TO_ANSWER, guard

MEGABYTE = 1024 * 1024


@pytest.fixture
def client() -> FlaskClient:
    """Two forms behind the doors and behind the guard of tokens, which reads them first."""
    app = Flask("doors")
    app.secret_key = "made-up"
    app.jinja_loader = DictLoader({"error.html": "{{ code }} : {{ sentence }}", "too_large.html": "trop : {{ typed }}"})
    guard(app, is_https=False)
    csrf = CSRFProtect(app)
    for name in ("form", "follow", "desk"):
        pages = Blueprint(name, __name__, url_prefix=f"/{name}")
        pages.post("/")(lambda: f"{len(request.files['fichiers'].read())} {request.form['texte']}")
        app.register_blueprint(pages)
    assert csrf
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    app.before_request(lambda: request.form.get("csrf_token") and None)  # what the guard of tokens does first
    return app.test_client()


def send(client: FlaskClient, name: str, size: int, typed: str = "bonjour") -> tuple[int, str]:
    text = f'--b\r\nContent-Disposition: form-data; name="texte"\r\n\r\n{typed}\r\n'.encode()
    file = b'--b\r\nContent-Disposition: form-data; name="fichiers"; filename="note.txt"\r\n\r\n' + b"a" * size
    answer = client.post(
        f"/{name}/", data=text + file + b"\r\n--b--\r\n", content_type="multipart/form-data; boundary=b"
    )
    return answer.status_code, answer.text


@pytest.mark.parametrize("name", ["form", "follow"])
def test_twenty_megabytes_of_files_come_in_where_a_request_is_written(client: FlaskClient, name: str) -> None:
    assert send(client, name, 20 * MEGABYTE) == (200, f"{20 * MEGABYTE} bonjour")


def test_elsewhere_as_much_as_before(client: FlaskClient) -> None:
    assert send(client, "desk", LARGEST_PAGE - 1000)[0] == 200
    assert send(client, "desk", LARGEST_PAGE) == (413, "413 : Ce qui a été envoyé est trop volumineux.")


def test_more_is_refused_and_what_was_written_is_given_back(client: FlaskClient) -> None:
    assert send(client, "form", LARGEST_WITH_FILES) == (413, "trop : [(&#39;Texte&#39;, &#39;bonjour&#39;)]")


def test_beyond_all_bounds_it_is_refused_unread(client: FlaskClient) -> None:
    assert send(client, "form", READ_TO_ANSWER) == (413, "trop : []")


def test_a_file_of_which_the_end_never_came_is_closed_with_its_request(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[SpooledTemporaryFile[bytes]] = []

    def seen(**given: Any) -> SpooledTemporaryFile[bytes]:
        made.append(SpooledTemporaryFile(**given))  # noqa: SIM115 - the request closes it
        return made[-1]

    monkeypatch.setattr("werkzeug.formparser.SpooledTemporaryFile", seen)
    file = b'--b\r\nContent-Disposition: form-data; name="fichiers"; filename="note.txt"\r\n\r\n' + b"a" * MEGABYTE
    assert client.post("/form/", data=file, content_type="multipart/form-data; boundary=b").status_code == 400
    assert [file.closed for file in made] == [True]


def test_a_text_that_is_too_long_is_not_said_to_be_a_file(client: FlaskClient) -> None:
    said = send(client, "form", 10, "a" * (LARGEST_FIELD + 1000))
    assert said == (413, "413 : Ce qui a été envoyé est trop volumineux.")
