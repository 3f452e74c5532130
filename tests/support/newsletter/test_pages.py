"""The newsletter's pages as the national team, a reader and a feed reader use them."""

from __future__ import annotations

import pytest

from service.cli import run
from service.clock import now
from support.newsletter.feed import feed_of
from support.newsletter.store import add_tool_note, issues, read_issue
from tests.support.house import Browser
from tests.support.newsletter.conftest import SACHA, SITE, Newsroom

NOTE = {"titre": "Le SI SIAO change <b>tout</b>", "texte": "Le menu est à gauche."}


def sent(newsroom: Newsroom) -> Browser:
    """A newsletter written, drafted and sent on the pages."""
    browser = newsroom.house.signed_in(SACHA)
    assert browser.post("/administration/lettres/outils", NOTE).status_code == 303
    assert browser.post("/administration/lettres/brouillon", {}).location == "/administration/lettres/1"
    answer = browser.post("/administration/lettres/1/envoyer", {"version": "1", "confirme": "1"})
    assert answer.status_code == 303, answer.text
    return browser


def test_the_national_team_edits_previews_and_sends(newsroom: Newsroom) -> None:
    browser = newsroom.house.signed_in(SACHA)
    newsroom.subscribe("noor@asso.example")
    newsroom.publish("Autre chose")
    browser.post("/administration/lettres/outils", NOTE)
    assert "2 changements publiés" in browser.get("/administration/lettres").text
    browser.post("/administration/lettres/brouillon", {})
    form = {
        "version": "1",
        "sujet": "Décembre",
        "introduction": "Bonne lecture.",
        "garder": "tool-2",
        "faire": "apercu",
    }
    answer = browser.post("/administration/lettres/1", form)
    assert answer.location == "/administration/lettres/1/apercu"
    preview = browser.get(answer.location).text
    assert preview.count("Le SI SIAO change &lt;b&gt;tout&lt;/b&gt;") == 2
    assert "Autre chose" not in preview
    assert browser.post("/administration/lettres/1/envoyer", {"version": "2"}).status_code == 400
    browser.post("/administration/lettres/1/envoyer", {"version": "2", "confirme": "1"})
    again = browser.post("/administration/lettres/1/envoyer", {"version": "2", "confirme": "1"})
    assert again.status_code == 409
    assert "1 courriel en attente" in browser.get("/administration/lettres/1").text
    newsroom.box.taken.clear()
    newsroom.post.send()
    (mail,) = newsroom.box.taken
    assert (mail.to, mail.subject) == ("noor@asso.example", "Décembre")
    assert "1 courriel traité" in browser.get("/administration/lettres/1").text


def test_a_refused_draft_keeps_what_was_typed(one_newsroom: Newsroom) -> None:
    browser = one_newsroom.house.signed_in(SACHA)
    browser.post("/administration/lettres/outils", NOTE)
    browser.post("/administration/lettres/brouillon", {})
    answer = browser.post("/administration/lettres/1", {"version": "1", "sujet": "", "introduction": "Mes mots"})
    assert answer.status_code == 400
    assert "Mes mots" in answer.text
    assert 'id="sujet-erreur"' in answer.text
    form = {"version": "7", "sujet": "Mon sujet", "introduction": "Mes mots"}
    answer = browser.post("/administration/lettres/1", form)
    assert answer.status_code == 409
    assert "Mes mots" in answer.text
    long = browser.post("/administration/lettres/outils", {"titre": "t" * 151, "texte": "gardé"})
    assert long.status_code == 400
    assert "gardé" in long.text


def test_nothing_to_tell_is_said_and_makes_no_draft(one_newsroom: Newsroom) -> None:
    browser = one_newsroom.house.signed_in(SACHA)
    browser.post("/administration/lettres/brouillon", {})
    assert "il n’y a rien à annoncer" in browser.get("/administration/lettres").text
    with one_newsroom.house.writing() as connection:
        assert issues(connection) == []


def test_a_sent_newsletter_is_read_by_anybody_and_a_draft_by_nobody(one_newsroom: Newsroom) -> None:
    stranger = Browser(one_newsroom.house.app.test_client())
    one_newsroom.house.signed_in(SACHA).post("/administration/lettres/outils", NOTE)
    one_newsroom.house.signed_in(SACHA).post("/administration/lettres/brouillon", {})
    for path in ("/lettre/1", "/lettre/2", f"/lettre/{2**40}"):
        assert stranger.get(path).status_code == 404
    one_newsroom.house.signed_in(SACHA).post("/administration/lettres/1/envoyer", {"version": "1", "confirme": "1"})
    page = stranger.get("/lettre/1").text
    assert "Le SI SIAO change &lt;b&gt;" in page
    assert SACHA not in page
    assert '<link rel="alternate" type="application/atom+xml"' in page
    assert "/lettre/1" in stranger.get("/lettre").text


def test_the_feed_is_asked_for_again_at_no_cost(one_newsroom: Newsroom) -> None:
    one_newsroom.subscribe("noor@asso.example")
    sent(one_newsroom)
    client = one_newsroom.house.app.test_client()
    answer = client.get("/lettre/flux.atom")
    assert answer.content_type == "application/atom+xml; charset=utf-8"
    with one_newsroom.house.writing() as connection:
        found = read_issue(connection, 1)
    assert found
    assert answer.data == feed_of([found], SITE)
    assert b"noor" not in answer.data
    assert SACHA.encode() not in answer.data
    for name, value in (
        ("If-None-Match", answer.headers["ETag"]), ("If-Modified-Since", answer.headers["Last-Modified"]),
    ):  # fmt: skip
        again = client.get("/lettre/flux.atom", headers={name: value})
        assert (again.status_code, again.data) == (304, b"")


def test_the_command_shows_what_would_be_sent_now_and_keeps_nothing(
    one_newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = one_newsroom.house.settings
    for name in ("database_url", "var_dir", "public_url", "mail_url"):
        monkeypatch.setenv(name.upper(), str(getattr(settings, name)))
    monkeypatch.setenv("DEMO", "1")
    monkeypatch.setenv("SECRET_KEY", "made-up")
    assert run(["newsletter", "preview"]) == 0
    assert "il n’y a rien à annoncer" in capsys.readouterr().out
    with one_newsroom.house.writing() as connection:
        add_tool_note(connection, title="Un outil neuf", text="", by=SACHA, at=now())
    assert run(["newsletter", "preview"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("Sujet : Assistance SI SIAO : ce qui a changé")
    assert "• Un outil neuf" in said
    with one_newsroom.house.writing() as connection:
        assert issues(connection) == []
