"""What leaves by a real mail server: text and HTML that say the same, both headers to leave, no counting."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from xml.etree import ElementTree as ET

import pytest

from records.mail import Mail
from service.mail import MailRefused, SmtpSender
from support.newsletter.feed import ATOM, feed_of
from support.newsletter.letters import issue_html, issue_mail, issue_text
from support.newsletter.news import IssueState, NewsItem, NewsKind, NewsletterIssue, sections, with_choices
from tests.service.mail_server import mail_server

SITE = "https://assistance.siao.example"
AT = datetime(2026, 12, 1, 9, tzinfo=UTC)
HOSTILE = '<script>alert("x")</script> & "cela"'
LEAVE = f"{SITE}/lettre/abonnes/123456/quitter/{'a' * 22}"
ITEMS = (
    NewsItem(NewsKind.ANSWER, "answer-1", f"Réponse type mise à jour : {HOSTILE}", HOSTILE, "/reponses/abc"),
    NewsItem(NewsKind.TOOL, "tool-1", "Le SI SIAO change", "Deux lignes,\nvoilà.", ""),
    NewsItem(NewsKind.ARTICLE, "article-1", "Nouvel article : Créer", "", "https://base.example/a?b=1&c=2"),
    NewsItem(NewsKind.ARTICLE, "article-2", "Hostile", "", "javascript:alert(1)"),
    NewsItem(NewsKind.ARTICLE, "article-3", "Laissé de côté", "", "", is_kept=False),
)


def issue(number: int = 3, **more: object) -> NewsletterIssue:
    values = {
        "id": number, "since": AT - timedelta(days=30), "until": AT, "subject": f"Sujet {HOSTILE}",
        "introduction": f"Voici.\n{HOSTILE}", "items": ITEMS, "state": IssueState.SENT, "version": 2, "drafted_at": AT,
        "changed_at": AT, "changed_by": "sacha@siao.example", "sent_at": AT, "sent_by": "sacha@siao.example",
    }  # fmt: skip
    return NewsletterIssue(**values | more)  # type: ignore[arg-type]


def sent(mail: Mail) -> tuple[EmailMessage, bytes]:
    """The message as a real server takes it."""
    with mail_server() as (server, url):
        SmtpSender(url, {"From": "SI SIAO <ne-pas-repondre@siao.example>", "Reply-To": ""}).send(mail)
        (message,), (raw,) = server.taken, server.raw
    return message, raw


def test_both_headers_reach_a_real_server_whole() -> None:
    """Mailboxes read them as they stand: on one line, in no encoding, however long our name is."""
    for leave in (LEAVE, f"https://{'assistance-telephonique.' * 6}siao.example/lettre/abonnes/1/quitter/{'b' * 22}"):
        message, raw = sent(issue_mail(issue(), "noor@asso.example", SITE, leave))
        assert message["List-Unsubscribe"] == f"<{leave}>"
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert f"\r\nList-Unsubscribe: <{leave}>\r\n".encode() in raw


def test_text_and_html_say_the_same() -> None:
    message, _ = sent(issue_mail(issue(), "noor@asso.example", SITE, LEAVE))
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    text, page = (part.get_content() for part in message.iter_parts())
    assert '<html lang="fr">' in page
    for said in ("Le SI SIAO change", "Deux lignes,", "https://base.example/a?b=1", f"{SITE}/reponses/abc", LEAVE):
        assert said in text
        assert said in page
    assert "Laissé de côté" not in text + page


def test_every_text_is_escaped_and_no_address_is_a_program() -> None:
    page = issue_html(issue(), SITE, LEAVE)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "javascript:" not in page
    assert "javascript:" not in issue_text(issue(), SITE)


def test_nothing_in_it_counts_its_readers() -> None:
    """No picture; the only address that is the reader's own is the one to leave at."""
    page = issue_html(issue(), SITE, LEAVE)
    assert not re.search(r"<(img|link|iframe|object|script|video|audio)\b|url\(|@import|src=", page)
    others = issue_html(issue(), SITE, LEAVE.replace("123456", "7"))
    assert page.replace(LEAVE, "") == others.replace(LEAVE.replace("123456", "7"), "")


@pytest.mark.parametrize(
    "leave", ["mailto:a@b.example", "https://a.example/é", "https://a.example/\r\nBcc: x@y.example", "https://a> <b"]
)
def test_an_address_that_is_none_of_a_page_makes_no_header(leave: str) -> None:
    with pytest.raises(MailRefused):
        SmtpSender("smtp://127.0.0.1:9", {"From": "a@b.example", "Reply-To": ""}).send(
            Mail("c@d.example", "Sujet", "Texte", leave=leave)
        )


def test_a_mail_without_them_stays_as_it_was() -> None:
    message, _ = sent(Mail("noor@asso.example", "Sujet", "Texte"))
    assert message.get_content_type() == "text/plain"
    assert message["List-Unsubscribe"] is None


# ---------------------------------------------------------------- the feed


def feed(*issues: NewsletterIssue) -> ET.Element:
    return ET.fromstring(feed_of(issues, SITE))  # noqa: S314 - our own


def texts(parent: ET.Element, name: str) -> list[str | None]:
    return [child.text for child in parent.findall(f"{{{ATOM}}}{name}")]


def test_the_feed_has_what_atom_asks_for() -> None:
    """RFC 4287: one id, title and updated each, an author, links; ids that never change."""
    whole = feed(issue(4, sent_at=AT + timedelta(days=30)), issue(3))
    assert whole.tag == f"{{{ATOM}}}feed"
    assert texts(whole, "updated") == ["2026-12-31T09:00:00Z"]
    assert [len(texts(whole, name)) for name in ("id", "title", "author")] == [1, 1, 1]
    entries = whole.findall(f"{{{ATOM}}}entry")
    assert [texts(entry, "id") for entry in entries] == [
        ["tag:assistance.siao.example,2026:lettre/4"], ["tag:assistance.siao.example,2026:lettre/3"],
    ]  # fmt: skip
    for entry in entries:
        assert [len(texts(entry, name)) for name in ("id", "title", "updated", "content")] == [1, 1, 1, 1]
    relations = {link.get("rel"): link.get("href") for link in whole.findall(f"{{{ATOM}}}link")}
    assert relations == {"self": f"{SITE}/lettre/flux.atom", "alternate": f"{SITE}/lettre"}


def test_the_feed_survives_hostile_words_and_signs_that_xml_has_not() -> None:
    (entry,) = feed(issue(subject=f"Titre {HOSTILE} \x0b\ud800 fin")).findall(f"{{{ATOM}}}entry")
    assert texts(entry, "title") == [f"Titre {HOSTILE}  fin"]
    (content,) = entry.findall(f"{{{ATOM}}}content")
    assert content.get("type") == "html"
    assert "<script" not in (content.text or "")


def test_an_empty_feed_is_one() -> None:
    assert texts(feed(), "updated") == ["2026-01-01T00:00:00Z"]


# ---------------------------------------------------------------- the pure parts


def test_items_stand_under_one_heading_by_kind() -> None:
    assert [section.heading for section in sections(ITEMS)] == [
        "Les outils", "La base de connaissances", "Les réponses types",
    ]  # fmt: skip


def test_what_was_left_out_stays_out_when_a_draft_is_made_anew() -> None:
    new = (NewsItem(NewsKind.TOOL, "tool-2", "Neuf"), NewsItem(NewsKind.ARTICLE, "article-3", "Laissé de côté"))
    assert [item.is_kept for item in with_choices(new, ITEMS)] == [True, False]
