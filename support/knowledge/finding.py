"""The articles that may answer a question: by sous-motif, by profile, by what is typed."""

from __future__ import annotations

from collections.abc import Collection

from records.database import Connection
from records.wording import Wording
from support.knowledge.articles import Article
from support.knowledge.ranking import ArticleIndex, index_articles, rank, with_delivered
from support.knowledge.store import all_articles, articles_of, candidates, digests, search_texts, synonym_lines
from support.nomenclature.changing import follow
from support.nomenclature.store import all_changes
from support.searching import meanings

DEAD = "dead"
LONGEST_QUESTION = 200
"""Characters of a question that are read; more is no question."""


class _Kept:
    """The index that was made last; the digests of all its texts tell when another must be made, of any database."""

    def __init__(self) -> None:
        self._kept: tuple[object, ArticleIndex] = ((), index_articles({}))

    def get(self, connection: Connection) -> ArticleIndex:
        """The index of the articles that stand now."""
        made_of, index = self._kept
        if (now := digests(connection)) != made_of:
            index = index_articles(search_texts(connection))
            self._kept = (now, index)
        return index


_KEPT = _Kept()


def search(connection: Connection, typed: str, *, profile: str = "") -> list[Article]:
    """Every article that answers what is typed, best first; those meant for other profiles come later."""
    index = _KEPT.get(connection)
    same = with_delivered(tuple(line.words for line in synonym_lines(connection)))
    meant = meanings(index.words, typed[:LONGEST_QUESTION], same)
    stems = {stem for found in meant for stem in found}
    found = {one.id: one for one in articles_of(connection, candidates(connection, stems)) if one.retired_at is None}
    others = {number for number, one in found.items() if not one.is_for(profile)}
    return [found[number] for number in rank(index, meant, found, others)]


def best_articles(
    connection: Connection, *, wording: Wording | None = None, profile: str = "", typed: str = "", limit: int = 3
) -> list[Article]:
    """The articles that answer best, best first, at most `limit`: of a sous-motif, for a profile, by words typed.

    A sous-motif that was renamed or merged keeps its articles; those of a dead link are left out. With a sous-motif,
    what is typed only orders its articles; without one, it finds them.
    """
    asked = bool(typed.strip())
    found = search(connection, typed, profile=profile) if asked else []
    place = {one.id: number for number, one in enumerate(found)}
    if wording is not None:
        of_it = articles_of_sous_motif(connection, wording)
        found = sorted(of_it, key=lambda one: (place.get(one.id, len(place)), not one.is_for(profile), one.title))
    elif not asked:
        found = [one for one in all_articles(connection) if one.is_for(profile)]
    return [one for one in found if one.link_state != DEAD][:limit]


def articles_of_sous_motif(
    connection: Connection, wording: Wording, among: Collection[Article] | None = None
) -> list[Article]:
    """The articles that stand (or `among` these) about this sous-motif, whatever it was called when they were kept."""
    changes = all_changes(connection)
    meant = follow(wording, changes).folded
    listed = all_articles(connection) if among is None else among
    return [one for one in listed if any(follow(own, changes).folded == meant for own in one.sous_motifs)]
