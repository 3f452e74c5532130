"""How much may be sent: more where files are, and an answer that can be read where it is too much."""

from __future__ import annotations

import pytest
from flask import Blueprint, Flask, request
from flask.testing import FlaskClient
from flask_wtf.csrf import CSRFProtect
from jinja2 import DictLoader

from service.pages.doors import LARGEST_PAGE, LARGEST_WITH_FILES, guard

MEGABYTE = 1024 * 1024


@pytest.fixture
def client() -> FlaskClient:
    """Two forms behind the doors and behind the guard of tokens, which reads them first."""
    app = Flask("doors")
    app.secret_key = "made-up"
    app.jinja_loader = DictLoader({"error.html": "{{ code }} : {{ sentence }}"})
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


def send(client: FlaskClient, name: str, size: int) -> tuple[int, str]:
    text = b'--b\r\nContent-Disposition: form-data; name="texte"\r\n\r\nbonjour\r\n'
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


def test_more_is_refused_in_french_and_says_where_the_text_is(client: FlaskClient) -> None:
    status, text = send(client, "form", LARGEST_WITH_FILES)
    assert status == 413
    assert "Vos fichiers dépassent 20 Mo ensemble : rien n’a été envoyé." in text
    assert "Revenez à la page précédente, votre texte y est encore" in text
