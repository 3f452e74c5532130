"""What a browser is told and asked: whose form it sends, what it keeps, how much it may send, over TLS as without."""

from __future__ import annotations

import base64
import hashlib
import random
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse, encode_multipart

from reports.pages.imports_shown import LARGEST_PREVIEW
from service.app import create_app
from tests.support.house import Browser, House, open_house, store_call

PUBLIC = "https://svi.example"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = open_house(tmp_path, f"sqlite:///{tmp_path / 'desk.sqlite'}")
    with made.writing() as connection:
        store_call(connection, "CA75")
    yield made
    made.close()


@pytest.fixture
def client(house: House) -> Iterator[FlaskClient]:
    """A browser that comes by TLS, through the relay of a real installation."""
    settings = house.settings.model_copy(update={"public_url": PUBLIC, "proxy_hops": 1})
    app = create_app(settings, clock=house.clock)
    client = app.test_client()
    client.environ_base |= {"HTTP_HOST": "svi.example", "HTTP_X_FORWARDED_PROTO": "https"}
    yield client
    app.extensions["database"].dispose()


def token_in(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return found[1]


@pytest.mark.parametrize("origin", [None, PUBLIC])
def test_one_signs_in_over_tls_whether_or_not_the_browser_names_the_page_it_comes_from(
    house: House, client: FlaskClient, origin: str | None
) -> None:
    link = house.link("camille@siao.example")
    page = client.get(link, base_url=PUBLIC)
    assert page.headers["Referrer-Policy"] == "same-origin"  # `no-referrer` would make the form's own origin « null »
    headers = {"Origin": origin} if origin else {}
    answer = client.post(link, data={"csrf_token": token_in(page.text)}, headers=headers, base_url=PUBLIC)
    assert (answer.status_code, answer.location) == (303, "/a-faire")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-svi=")
    for rule in ("; Secure", "; HttpOnly", "; Path=/", "; SameSite=Lax"):
        assert rule in cookie
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")


def test_each_cookie_is_bound_to_our_host_encrypted_unread_by_scripts_and_not_sent_by_other_sites(
    house: House, client: FlaskClient
) -> None:
    link = house.link("camille@siao.example")
    token = token_in(client.get(link, base_url=PUBLIC).text)
    headers = {"Origin": PUBLIC}
    entered = client.post(link, data={"csrf_token": token, "poste": "1"}, headers=headers, base_url=PUBLIC)
    token = token_in(client.get("/a-faire", base_url=PUBLIC).text)
    left = client.post("/deconnexion", data={"csrf_token": token}, headers=headers, base_url=PUBLIC)
    cookies = [*entered.headers.getlist("Set-Cookie"), *left.headers.getlist("Set-Cookie")]
    assert {cookie.partition("=")[0] for cookie in cookies} == {"__Host-svi", "__Host-svi-poste"}
    for cookie in cookies:
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
        assert "Domain" not in cookie


@pytest.mark.parametrize(
    "origin", ["https://ailleurs.example", "null", "http://[", "https://svi.example.ailleurs.example"]
)
def test_the_form_of_another_site_is_refused_even_with_a_good_token(house: House, origin: str) -> None:
    browser = house.signed_in()
    answer = browser.post("/appels/CA75/numero", {}, Origin=origin)
    assert answer.status_code == 400
    assert "01 99 00 00 01" not in answer.text
    assert browser.post("/appels/CA75/numero", {}, Origin="http://127.0.0.1:8000").status_code == 200


def test_a_download_is_a_file_of_its_kind_and_never_a_page(house: House) -> None:
    browser = house.signed_in("sacha@siao.example")
    for path, kind in (
        ("/resultats/classeur.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("/resultats/motifs.csv", "text/csv; charset=utf-8"),
        ("/appels/tous.csv", "text/csv; charset=utf-8"),
    ):
        answer = browser.get(path)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, kind), path
        assert answer.headers["Content-Disposition"].startswith("attachment; filename="), path
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        answer.close()


def test_no_download_stays_in_a_cache(house: House) -> None:
    browser = house.signed_in()
    for path in ("/resultats/classeur.xlsx", "/resultats/motifs.csv", "/appels/CA75", "/appels/unknown"):
        answer = browser.get(path)
        assert answer.headers["Cache-Control"] == "no-store", path
        answer.close()


def test_a_previewed_workbook_of_three_megabytes_may_be_confirmed(house: House) -> None:
    """It comes back compressed in a field of the form: what is refused is what it says, not its size."""
    browser, content = house.signed_in(), random.Random(3).randbytes(LARGEST_PREVIEW - 2_000)
    packed = zlib.compress(content)
    assert LARGEST_PREVIEW - 2_000 < len(packed) <= LARGEST_PREVIEW
    fields = {
        "csrf_token": browser.token(), "departement": "75", "contenu": base64.b64encode(packed).decode(),
        "empreinte": hashlib.sha256(content).hexdigest(),
    }  # fmt: skip
    answer = send_in_parts(browser, fields)
    assert answer.status_code == 303, "a large file is read apart, and its page says what is wrong with it"
    assert str(answer.location).startswith("/resultats/travaux/")
    assert browser.get(str(answer.location)).status_code == 200
    assert send_in_parts(browser, fields | {"nom": "x" * 6_000_000}).status_code == 413


def send_in_parts(browser: Browser, fields: dict[str, str]) -> TestResponse:
    boundary, body = encode_multipart(fields)
    kind = f"multipart/form-data; boundary={boundary}"
    return browser.client.post("/resultats/import/confirmer", data=body, content_type=kind)


def test_a_referent_of_the_national_desk_alone_meets_no_departements_survey_nor_everybodys_list(house: House) -> None:
    house.invite("nation@siao.example", "referent", "*")
    browser = house.signed_in("nation@siao.example")
    assert browser.get("/enquete").status_code == 404
    assert 'value="59"' not in browser.get("/appels/tous").text
    assert Browser(house.app.test_client()).get("/enquete").status_code == 303
