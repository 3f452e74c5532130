"""Every route of the application has a guard, and every form its token: the URL map is walked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
from werkzeug.routing import AnyConverter, BaseConverter, IntegerConverter, Rule

from service.pages.layout import ONE_CLICK, WITHOUT_FORM_TOKEN
from tests.support.house import Browser, House, open_house, store_call

OPEN_TO_ALL = {
    "follow.ask", "follow.file", "follow.find", "follow.gesture", "follow.make", "follow.send_again",
    "follow.share_by_mistake", "follow.show", "form.confirm", "form.proof", "form.send", "form.start", "form.thanks",
    "knowledge.home", "knowledge.leave", "knowledge.say",
    "front.home", "probes.metrics", "probes.ready", "probes.state",
    "legal.accessibility", "legal.notices", "legal.privacy", "legal.security",
    "second_factor.ask", "second_factor.prove",
    "sign_in.ask", "sign_in.confirm", "sign_in.enter", "sign_in.send_again", "sign_in.leave", "sign_in.send",
    "sign_in.leave_everywhere",
    "quality.data", "quality.definitions", "sounds.play", "static",
    "reporting.article", "reporting.missing", "reporting.say_article", "reporting.say_missing",
    "subscription.ask", "subscription.asked", "subscription.confirm", "subscription.confirmed", "subscription.feed",
    "subscription.issue", "subscription.leave", "subscription.left", "subscription.written",
}  # fmt: skip
"""What anybody may ask for; a new name here is a decision."""
PROOF = "form.confirm"
"""A link that opens nothing is 404, with or without a token: its own tests look at one that does."""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = open_house(tmp_path, f"sqlite:///{tmp_path / 'desk.sqlite'}")
    with made.writing() as connection:
        store_call(connection, "CA59", departement="59")
    yield made
    made.close()


def rules(house: House) -> list[Rule]:
    """The routes for people: the telephone's own are signed by the operator and proven elsewhere."""
    found = [rule for rule in house.app.url_map.iter_rules() if rule.endpoint.split(".")[0] not in WITHOUT_FORM_TOKEN]
    return [rule for rule in found if rule.endpoint.split(".")[0] != "proconnect"]


def path_of(rule: Rule) -> str:
    """An address of the route, about a call, a request or an account of another département."""
    built = rule.build({name: _example(converter) for name, converter in rule._converters.items()})
    assert built
    return built[1]


def _example(converter: BaseConverter) -> str | int:
    if isinstance(converter, AnyConverter):
        return min(converter.items)
    return 1 if isinstance(converter, IntegerConverter) else "CA59"


def methods(rule: Rule) -> set[str]:
    return (rule.methods or set()) - {"HEAD", "OPTIONS"}


def test_a_stranger_meets_the_sign_in_page_everywhere_but_where_all_may_go(house: House) -> None:
    stranger = Browser(house.app.test_client())
    open_ones = set()
    for rule in rules(house):
        for method in methods(rule):
            answer = stranger.client.open(path_of(rule), method=method, data={"csrf_token": stranger.token()})
            if not (answer.location or "").startswith("/connexion?suite="):
                open_ones.add(rule.endpoint)
    assert open_ones <= OPEN_TO_ALL, open_ones - OPEN_TO_ALL


def test_no_form_is_taken_without_its_token(house: House) -> None:
    browser = house.signed_in("sacha@siao.example")
    for rule in rules(house):
        for method in methods(rule) - {"GET"} if rule.endpoint not in {ONE_CLICK, PROOF} else ():
            typed = dict.fromkeys(("comment", "description"), "tapé <ici>")
            answer = browser.client.open(path_of(rule), method=method, data=typed)
            assert answer.status_code == 400, rule
            assert "tapé &lt;ici&gt;" in answer.text, rule


def test_only_the_telephones_doors_and_a_mailboxs_one_click_do_without_a_token(house: House) -> None:
    csrf = house.app.extensions["csrf"]
    assert {pages.name for pages in csrf._exempt_blueprints} <= set(WITHOUT_FORM_TOKEN)
    view = house.app.view_functions[ONE_CLICK]
    assert csrf._exempt_views == {f"{view.__module__}.{view.__name__}"}


def test_a_referent_meets_404_on_whatever_is_not_his(house: House) -> None:
    """Addresses with a call, a request or an account in them, and all of the national team's pages."""
    browser = house.signed_in("camille@siao.example")
    token = browser.token()
    for rule in rules(house):
        is_someone_elses = rule.arguments and rule.endpoint not in OPEN_TO_ALL
        if is_someone_elses or rule.rule.startswith(("/administration", "/national")):
            for method in methods(rule):
                answer = browser.client.open(path_of(rule), method=method, data={"csrf_token": token})
                assert answer.status_code == 404, (method, rule)


@dataclass(frozen=True)
class Walk:
    """What every address answers to somebody of the national team who reads it, and the database before and after."""

    answers: list[tuple[Rule, int, str, bytes]]
    kept: list[str]
    """The pages that a cache may keep."""
    before: list[str]
    after: list[str]


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    folder = tmp_path_factory.mktemp("walk")
    house = open_house(folder, f"sqlite:///{folder / 'desk.sqlite'}")
    with house.writing() as connection:
        store_call(connection, "CA59", departement="59")
    browser = house.signed_in("sacha@siao.example")

    def dump() -> list[str]:
        raw = house.app.extensions["database"].raw_connection()
        try:
            return [line for line in raw.driver_connection.iterdump() if not line.startswith('INSERT INTO "audit"')]
        finally:
            raw.close()

    before, answers, kept = dump(), [], []
    for rule in rules(house):
        if "GET" in methods(rule) and rule.endpoint != "static":
            answer = browser.get(path_of(rule))
            answers.append((rule, answer.status_code, answer.headers["Content-Type"], answer.data))
            may_be_kept = rule.endpoint in OPEN_TO_ALL or rule.endpoint.endswith(".static")
            if not may_be_kept and answer.headers.get("Cache-Control") != "no-store":
                kept.append(rule.rule)
            answer.close()
    after = dump()
    house.close()
    return Walk(answers, kept, before, after)


def test_reading_changes_nothing(walk: Walk) -> None:
    """No GET of a signed-in person writes, but for the trail of what was downloaded."""
    assert [rule for rule, status, _kind, _content in walk.answers if status >= 500] == []
    assert walk.after == walk.before


def test_every_page_of_somebody_who_is_signed_in_has_the_way_out(walk: Walk) -> None:
    pages = {
        rule.rule: b'action="/deconnexion"' in content
        for rule, status, _kind, content in walk.answers
        if rule.endpoint not in OPEN_TO_ALL and status == 200 and b"<html" in content
    }
    assert len(pages) > 20
    assert [page for page, has_it in pages.items() if not has_it] == []


def test_what_somebody_who_is_signed_in_is_shown_stays_in_no_cache(walk: Walk) -> None:
    assert walk.kept == []


def test_every_text_says_its_charset(walk: Walk) -> None:
    assert [
        (rule.rule, kind)
        for rule, _status, kind, _content in walk.answers
        if kind.startswith(("text/", "application/xml", "application/atom")) and "charset=utf-8" not in kind
    ] == []


GARBAGE = ("\x00", "é" * 3000, "9" * 40, "-1", "' or 1=1 --", "\ud800")
"""What hostile people and broken programs send."""
FIELDS = (
    "version", "faire", "choisir", "q", "thematique", "motif", "sous_motif", "statut", "comment", "numero", "date",
    "heure", "duree", "departement", "texte", "objet", "description", "reponse", "email", "nom", "role",
    "departements", "niveau", "cle", "vers", "du", "au", "note", "cas", "raison", "suppleant", "correction",
    "a_lire", "a_envoyer", "contenu", "page", "kept", "valide", "confirme", "minutes", "seconds", "month", "period",
    "accord", "article", "etat", "garder", "introduction", "mois", "nature", "repondre", "resultat", "sujet", "titre",
    "periode", "issue", "qui", "recherche", "duree_confirmee", "sans_numero", "poste",
    "adresse", "ancienne", "avis", "confirmed", "de", "etape", "etat", "mots", "prenom", "profil", "profils",
    "referent", "repondu", "resume", "retirer", "site", "sous_motifs", "titre", "verifie_le", "vu",
    "code", "fermer", "sujet",
)  # fmt: skip


@pytest.mark.timeout(900)
def test_garbage_is_refused_and_never_an_error_of_ours(tmp_path: Path, database_url: str) -> None:
    """Every route, with garbage in every field and in every address, on both databases."""
    house = open_house(tmp_path, database_url)
    with house.writing() as connection:
        store_call(connection, "CA59", departement="59")
    browser = house.signed_in("sacha@siao.example")
    token = browser.token()
    worst: dict[str, int] = {}
    for rule in rules(house):
        if rule.endpoint in {"static", "sign_in.leave", "sign_in.leave_everywhere"}:
            continue
        for garbage in GARBAGE:
            text = garbage.encode("utf-8", "replace").decode()
            fields = dict.fromkeys(FIELDS, text)
            path = path_of(rule)
            for address in {path, path.replace("CA59", quote(text, safe="")).replace("/1", f"/{2**70}")}:
                for method in methods(rule):
                    asked = fields if method == "GET" else {}
                    sent = fields | {"csrf_token": token} if method != "GET" else None
                    answer = browser.client.open(address, method=method, query_string=asked, data=sent)
                    answer.close()
                    worst[rule.endpoint] = max(worst.get(rule.endpoint, 0), answer.status_code)
    house.close()
    assert {endpoint: code for endpoint, code in worst.items() if code >= 500} == {}
