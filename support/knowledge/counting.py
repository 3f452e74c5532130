"""How often articles are shown, opened, and said to answer the question: numbers of a day, nothing of who it was."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Literal

from records.database import Connection
from support.knowledge.store import ArticleCount, add_counts

Place = Literal["form", "search", "profile"]


def count(
    connection: Connection,
    article_ids: Collection[int],
    *,
    place: Place,
    day: date,
    shown: int = 0,
    opened: int = 0,
    said_yes: int = 0,
    said_no: int = 0,
) -> None:
    """Add to what is counted of each of these articles on a day (Paris), at this place of ours."""
    more = ArticleCount(shown, opened, said_yes, said_no)
    if more != ArticleCount():
        add_counts(connection, article_ids, place, day, more)
