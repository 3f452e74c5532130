"""Signing in with ProConnect, against a provider that really speaks OpenID Connect over HTTP."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from time import time
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from joserfc.jwk import RSAKey
from sqlalchemy import select
from werkzeug.test import TestResponse

from records.desks.accounts import close_account
from records.desks.acting import Acting
from records.desks.audit import WantedLines, read_lines
from records.schema.access_tables import identity_sessions
from service.accounts.invitations import invite
from service.mail import sender
from tests.service.provider import Forgery, Provider, running_provider
from tests.support.house import Browser, House, open_house


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running_provider() as running:
        yield running


@pytest.fixture
def house(tmp_path: Path, provider: Provider) -> Iterator[House]:
    made = open_house(
        tmp_path, f"sqlite:///{tmp_path / 'desk.sqlite'}", proconnect_url=provider.url, proconnect_client_id="svi",
        proconnect_client_secret="secret",
    )  # fmt: skip
    yield made
    made.close()


@pytest.fixture
def browser(house: House) -> Browser:
    return Browser(house.app.test_client())


def go_through(browser: Browser, suite: str = "") -> TestResponse:
    """Press the button, follow the provider's redirect, come back."""
    away = browser.get(f"/proconnect/entrer?suite={suite}")
    back = requests.get(away.location, allow_redirects=False, timeout=5).headers["Location"]
    parts = urlsplit(back)
    return browser.get(f"{parts.path}?{parts.query}")


def test_an_invited_person_enters_and_returns_to_the_page_asked_for(browser: Browser, provider: Provider) -> None:
    assert "S’identifier avec" in browser.get("/connexion").text
    answer = go_through(browser, "/reponses")
    assert (answer.status_code, answer.location) == (303, "/reponses")
    assert browser.get("/a-faire").status_code == 200
    assert provider.problems == []


def test_a_code_that_somebody_overheard_is_worth_nothing_without_what_the_browser_began_with(
    house: House, browser: Browser, provider: Provider
) -> None:
    """PKCE (RFC 7636): the request carries the challenge, the token is asked for with what it was made of."""
    away = browser.get("/proconnect/entrer").location
    asked = {name: value for name, [value] in parse_qs(urlsplit(away).query).items()}
    assert (asked["code_challenge_method"], len(asked["code_challenge"])) == ("S256", 43)
    back = urlsplit(requests.get(away, allow_redirects=False, timeout=5).headers["Location"])
    [overheard] = provider.codes
    other = Browser(house.app.test_client())
    state = parse_qs(urlsplit(other.get("/proconnect/entrer").location).query)["state"][0]
    kept = dict(provider.codes)
    assert other.get(f"/proconnect/retour?code={overheard}&state={state}").status_code == 403
    provider.codes = kept
    assert browser.get(f"{back.path}?{back.query}").status_code == 303
    assert len(set(provider.verifiers)) == 2
    assert all(len(verifier) >= 43 for verifier in provider.verifiers)


def test_the_identity_is_kept_when_the_address_changes(browser: Browser, provider: Provider) -> None:
    go_through(browser)
    provider.email = "nouvelle@siao.example"
    assert go_through(browser).status_code == 303


def test_an_identity_is_never_tied_anew_by_an_address_alone(house: House, browser: Browser, provider: Provider) -> None:
    """Somebody else is given the address of Camille, or forges it: nothing opens, Camille still enters."""
    assert go_through(browser).status_code == 303
    provider.sub = "sub-2"
    answer = go_through(Browser(house.app.test_client()))
    assert answer.status_code == 403
    assert "déjà lié à une autre identité ProConnect" in answer.text
    assert ("camille@siao.example", "identité refusée") in trail(house)
    provider.sub = "sub-1"
    assert go_through(Browser(house.app.test_client())).status_code == 303


def test_somebody_whose_address_changed_enters_by_his_new_account(house: House, provider: Provider) -> None:
    assert go_through(Browser(house.app.test_client())).status_code == 303
    with house.writing() as connection:
        close_account(connection, house.accounts["camille@siao.example"].id, house.clock())
    house.invite("camille.neuve@siao.example", "referent", "75")
    provider.email = "camille.neuve@siao.example"
    assert go_through(Browser(house.app.test_client())).status_code == 303


def test_an_administrator_unties_the_identity_of_somebody_who_changed_it(house: House, provider: Provider) -> None:
    browser = Browser(house.app.test_client())
    go_through(browser)
    house.invite("robin@siao.example", "admin")
    number = house.accounts["camille@siao.example"].id
    path = f"/administration/comptes/{number}/delier"
    refused = house.signed_in("sacha@siao.example").post(path, {})
    assert (refused.status_code, "Seule une personne de l’administration" in refused.text) == (400, True)
    admin = house.signed_in("robin@siao.example")
    assert "Délier l’identité ProConnect" in admin.get(f"/administration/comptes/{number}").text
    assert admin.post(path, {}).status_code == 303
    assert browser.get("/a-faire").status_code == 303, "its sessions have ended"
    provider.sub = "sub-2"
    assert go_through(browser).status_code == 303
    assert "n’est lié à aucune identité" not in admin.post(path, {}).text
    assert "n’est lié à aucune identité" in admin.post(path, {}).text


def test_signing_out_ends_the_session_at_proconnect_too(browser: Browser, provider: Provider) -> None:
    go_through(browser)
    page = browser.post("/deconnexion", {}).text
    found = re.search(r'http-equiv="refresh" content="0;url=([^"]+)"', page)
    assert found, "no redirect of a form: browsers would hold it to the policy of our forms"
    assert browser.get("/a-faire").status_code == 303, "it has ended here before anything is asked there"
    back = requests.get(unescape(found[1]), allow_redirects=False, timeout=5).headers["Location"]
    parts = urlsplit(back)
    assert (f"{parts.scheme}://{parts.netloc}", parts.path) == ("http://127.0.0.1:8000", "/proconnect/sorti")
    assert browser.get(f"{parts.path}?{parts.query}").location == "/connexion"
    assert "ici et de ProConnect" in browser.get("/connexion").text
    assert (len(provider.ended), provider.problems) == (1, [])


def test_a_return_from_signing_out_that_nobody_asked_for_says_nothing(browser: Browser) -> None:
    assert browser.get("/proconnect/sorti?state=x").location == "/connexion"
    assert "de ProConnect" not in browser.get("/connexion").text.partition("<main")[2].partition("S’identifier")[0]


def test_signing_out_ends_here_where_proconnect_has_no_end(browser: Browser, provider: Provider) -> None:
    provider.ends = False
    go_through(browser)
    assert browser.post("/deconnexion", {}).status_code == 303
    assert "n’a pas pu être prévenu" in browser.get("/connexion").text
    assert browser.get("/a-faire").status_code == 303


def test_whoever_entered_by_a_link_is_not_sent_to_proconnect(house: House) -> None:
    assert house.signed_in().post("/deconnexion", {}).location == "/connexion"


def test_links_can_be_switched_off_for_who_sees_all_of_france(tmp_path: Path, provider: Provider) -> None:
    house = open_house(
        tmp_path, f"sqlite:///{tmp_path / 'only.sqlite'}", proconnect_url=provider.url, proconnect_client_id="svi",
        proconnect_client_secret="secret", privileged_sign_in="proconnect",
    )  # fmt: skip
    browser, link = Browser(house.app.test_client()), house.link("sacha@siao.example")
    assert "entrent avec ProConnect" in browser.get("/connexion").text
    answer = browser.post(link, {})
    assert (answer.status_code, "entrent par ProConnect" in answer.text) == (403, True)
    known = browser.post("/connexion", {"email": "sacha@siao.example"}).text
    unknown = browser.post("/connexion", {"email": "inconnu@siao.example"}).text
    assert known.replace("sacha@", "inconnu@") == unknown
    assert house.mails() == []
    acting, send = Acting(house.engine, "test", house.clock()), sender(house.settings)
    invite(acting, house.settings, send, email="noor@siao.example", name="", role="national", codes=())
    [letter] = house.mails()
    assert "Connectez-vous avec ProConnect" in letter.get_content()
    assert "/connexion/" not in letter.get_content()
    provider.email, provider.sub = "sacha@siao.example", "sub-s"
    assert go_through(browser).status_code == 303
    assert browser.get("/a-faire").status_code == 200
    assert house.signed_in("camille@siao.example").get("/a-faire").status_code == 200, "référents keep their links"
    house.close()


def trail(house: House) -> list[tuple[str, str]]:
    with house.writing() as connection:
        return [(line.by, line.what) for line in read_lines(connection, WantedLines(), at_most=100)]


def test_somebody_who_is_not_invited_is_told_whom_to_write_to(browser: Browser, provider: Provider) -> None:
    provider.email = "inconnu@siao.example"
    answer = go_through(browser)
    assert answer.status_code == 403
    assert "n’est pas invitée" in answer.text
    assert browser.get("/a-faire").status_code == 303


ANOTHER_KEY = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"})
LONG_AGO, LATER = int(time()) - 86_400, int(time()) + 86_400
"""A day from the beginning of the tests: none of their runs is as long."""
NO_JWT_OF_HERS = {
    "another key": Forgery(key=ANOTHER_KEY),
    "a key that it brings itself": Forgery(key=ANOTHER_KEY, header={"jwk": ANOTHER_KEY.as_dict(private=False)}),
    "no signature": Forgery(header={"alg": "none"}),
    "a public key as a secret": Forgery(header={"alg": "HS256"}),
    "another service": Forgery({"aud": "another"}),
    "no service": Forgery({"aud": None}),
    "another provider": Forgery({"iss": "https://autre.example"}),
    "no provider": Forgery({"iss": None}),
    "another person": Forgery({"sub": "another"}),
    "nobody": Forgery({"sub": None}),
}
NO_PROOF: dict[str, dict[str, object]] = {
    "of another sign-in": {"nonce": "n" * 43},
    "of no sign-in": {"nonce": None},
    "too old": {"exp": LONG_AGO},
    "without an end": {"exp": None},
    "not yet made": {"iat": LATER, "exp": LATER + 60},
    "without a beginning": {"iat": None},
    "for two services": {"aud": ["svi", "another"]},
    "for another client": {"azp": "another"},
    "of another access": {"at_hash": "another"},
    "that is a userinfo": {"nonce": None, "iat": None, "exp": None, "acr": None, "email": "camille@siao.example"},
    "of one factor": {"acr": "eidas1"},
    "of no level": {"acr": None},
}
LIES: dict[str, dict[str, object]] = {
    **{f"id_token of {why}": {"forgeries": {"id_token": it}} for why, it in NO_JWT_OF_HERS.items()},
    **{f"userinfo of {why}": {"forgeries": {"userinfo": it}} for why, it in NO_JWT_OF_HERS.items()},
    **{f"id_token {why}": {"forgeries": {"id_token": Forgery(claims)}} for why, claims in NO_PROOF.items()},
    "id_token without the signature that is announced as needless": {
        "forgeries": {"id_token": NO_JWT_OF_HERS["no signature"]}, "algorithms": ("none", "RS256"),
    },
    "userinfo too old": {"forgeries": {"userinfo": Forgery({"exp": LONG_AGO})}},
    "userinfo as plain JSON": {"signs": False},
    "no id_token": {"tokens": {"id_token": None}},
    "an id_token that is a word": {"tokens": {"id_token": "abc"}},
    "an id_token that is a number": {"tokens": {"id_token": 12}},
    "no access": {"tokens": {"access_token": None}},
    "an access that nobody gave": {"tokens": {"access_token": "forged"}},
}  # fmt: skip
"""What ProConnect never answers, and somebody in its place might."""


@pytest.fixture(scope="module")
def lying(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, Provider]]:
    """One house before one provider: whatever it says, nothing is written but the trail."""
    folder = tmp_path_factory.mktemp("lying")
    with running_provider() as provider:
        made = open_house(
            folder, f"sqlite:///{folder / 'desk.sqlite'}", proconnect_url=provider.url, proconnect_client_id="svi",
            proconnect_client_secret="secret",
        )  # fmt: skip
        yield made, provider
        made.close()


@pytest.mark.filterwarnings("ignore:JWS algorithm")
@pytest.mark.parametrize("lie", LIES)
def test_an_answer_that_is_not_as_it_should_be_lets_nobody_in(
    lying: tuple[House, Provider], lie: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, provider = lying
    for name, value in LIES[lie].items():
        monkeypatch.setattr(provider, name, value)
    house.app.extensions["authlib.integrations.flask_client"].proconnect.server_metadata.clear()
    before, browser = len(trail(house)), Browser(house.app.test_client())
    answer = go_through(browser)
    assert (answer.status_code, "<h1>Connexion refusée</h1>" in answer.text) == (403, True)
    assert browser.get("/a-faire").status_code == 303
    assert trail(house)[: -before or None] == [("inconnu", "connexion refusée")]
    assert provider.problems == []


@pytest.mark.parametrize("wrong", [-90, 90], ids=["behind", "ahead"])
def test_a_clock_that_is_a_minute_wrong_shuts_nobody_out(browser: Browser, provider: Provider, wrong: int) -> None:
    said = Forgery({"iat": int(time()) + wrong, "exp": int(time()) + wrong + 60})
    provider.forgeries = {"id_token": said, "userinfo": said}
    assert go_through(browser).status_code == 303


def test_nobody_is_sent_to_a_provider_that_names_itself_another(
    lying: tuple[House, Provider], monkeypatch: pytest.MonkeyPatch
) -> None:
    house, provider = lying
    browser = Browser(house.app.test_client())
    away = browser.get("/proconnect/entrer").location
    back = urlsplit(requests.get(away, allow_redirects=False, timeout=5).headers["Location"])
    monkeypatch.setattr(provider, "issuer", "https://autre.example")
    house.app.extensions["authlib.integrations.flask_client"].proconnect.server_metadata.clear()
    assert browser.get(f"{back.path}?{back.query}").status_code == 403
    assert browser.get("/proconnect/entrer").location == "/connexion?suite=/a-faire"
    assert "ProConnect ne répond pas" in browser.get("/connexion").text
    house.app.extensions["authlib.integrations.flask_client"].proconnect.server_metadata.clear()


def test_what_proconnect_gave_reaches_the_browser_only_to_leave_it(
    house: House, browser: Browser, provider: Provider
) -> None:
    """The access serves once and is kept nowhere; the id_token lies beside the session, and goes with it."""
    answer = go_through(browser)
    with house.writing() as connection:
        [kept] = connection.execute(select(identity_sessions.c.id_token)).scalars()
    raw = house.engine.raw_connection()
    dump = "\n".join(raw.driver_connection.iterdump())  # type: ignore[union-attr]
    raw.close()
    with browser.client.session_transaction() as session:
        seen = f"{answer.headers} {answer.text} {dict(session)} {browser.get('/a-faire').text}"
    [access] = provider.access
    assert not [token for token in (access, kept, *provider.verifiers) if token in seen]
    assert access not in dump
    assert kept in unescape(browser.post("/deconnexion", {}).text)
    with house.writing() as connection:
        assert connection.execute(select(identity_sessions.c.id_token)).all() == []


def test_a_return_that_was_not_asked_for_lets_nobody_in(browser: Browser) -> None:
    assert browser.get("/proconnect/retour?code=x&state=y").status_code == 403
    assert browser.get("/proconnect/retour?error=access_denied").status_code == 403


def test_a_proconnect_that_does_not_answer_is_told_on_the_sign_in_page(house: House, browser: Browser) -> None:
    client = house.app.extensions["authlib.integrations.flask_client"].proconnect
    client._server_metadata_url = "http://127.0.0.1:9/nobody"
    answer = browser.get("/proconnect/entrer?suite=/reponses")
    assert (answer.status_code, answer.location) == (303, "/connexion?suite=/reponses")
    assert "ProConnect ne répond pas" in browser.get("/connexion").text


def test_a_service_without_proconnect_has_no_such_page(tmp_path: Path) -> None:
    plain = open_house(tmp_path, f"sqlite:///{tmp_path / 'plain.sqlite'}")
    browser = Browser(plain.app.test_client())
    assert browser.get("/proconnect/entrer").status_code == 404
    assert "ProConnect" not in browser.get("/connexion").text
    plain.close()
