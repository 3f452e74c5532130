"""The Atom feed of the newsletters that were sent (RFC 4287): the same words, and nothing about their readers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from support.newsletter.letters import issue_body, online
from support.newsletter.news import NewsletterIssue

ATOM = "http://www.w3.org/2005/Atom"
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
"""The moment of a feed in which nothing stands yet."""
TITLE = "La lettre de l’assistance SI SIAO"
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def updated_at(sent: Sequence[NewsletterIssue]) -> datetime:
    """When the newest of them left."""
    return max((issue.sent_at for issue in sent if issue.sent_at), default=BEGINNING)


def feed_of(sent: Sequence[NewsletterIssue], site: str) -> bytes:
    """The feed, newest first as handed over; `site`: the public address, without a final slash.

    An entry's id is made of the site's name and the issue's number, and never changes (RFC 4151).
    """
    ET.register_namespace("", ATOM)
    tag = f"tag:{urlsplit(site).hostname or 'localhost'},2026:lettre"
    feed = ET.Element(f"{{{ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": "fr"})
    _add(feed, "id", tag)
    _add(feed, "title", TITLE)
    _add(feed, "updated", _moment(updated_at(sent)))
    _add(feed, "link", rel="self", type="application/atom+xml", href=f"{site}/lettre/flux.atom")
    _add(feed, "link", rel="alternate", type="text/html", href=f"{site}/lettre")
    _add(_add(feed, "author"), "name", "Assistance SI SIAO")
    for issue in sent:
        entry = _add(feed, "entry")
        at = _moment(issue.sent_at or BEGINNING)
        _add(entry, "id", f"{tag}/{issue.id}")
        _add(entry, "title", issue.subject)
        _add(entry, "published", at)
        _add(entry, "updated", at)
        _add(entry, "link", rel="alternate", type="text/html", href=online(site, issue))
        _add(entry, "content", issue_body(issue, site), type="html")
    written: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return written


def _add(parent: ET.Element, name: str, text: str = "", **attributes: str) -> ET.Element:
    child = ET.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
    if text:
        child.text = _NO_XML.sub("", text)
    return child


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
