"""What is typed to look for stays in the session: an address, which logs keep, never carries a number (decision 53)."""

from __future__ import annotations

import secrets

from flask import session

KEPT_SEARCHES = 8
"""Texts that a session keeps, one for each window in use."""


def keep_search(text: str) -> str:
    """Keep the text in the session; returns the word by which an address names it."""
    key = secrets.token_urlsafe(6)
    kept: list[list[str]] = session.get("recherches", [])
    session["recherches"] = [*kept, [key, text]][-KEPT_SEARCHES:]
    return key


def kept_search(key: str) -> str:
    """The text that this word names; "" when the session keeps it no longer."""
    text: str = dict(session.get("recherches", [])).get(key, "")
    return text
