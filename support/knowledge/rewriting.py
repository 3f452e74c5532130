"""Articles are found by what their sous-motifs are called, and by what callers say for them, also when these change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from records.database import Connection, Engine, reading, writing
from routing.departements import timezone_of
from support.knowledge.analyser import search_text
from support.knowledge.changing import ArticleWords, text_of
from support.knowledge.store import all_articles, search_texts, write_search_text
from support.nomenclature.store import all_changes, nomenclature_in_force, texts_stamp


class Rewriting:
    """The job: it looks at what articles are joined by, and writes only where something else is found."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._clock = clock
        self._seen: object = None

    def work(self) -> None:
        """Follow the names in force today and the words of callers, when they changed since the last time."""
        day = self._clock().astimezone(timezone_of(None)).date()
        with reading(self._engine) as connection:
            now = (nomenclature_in_force(connection, day).entries, all_changes(connection), texts_stamp(connection))
            outdated = {} if now == self._seen else _outdated(connection, ArticleWords(connection, day))
        if outdated:
            with writing(self._engine) as connection:
                for number, found_by in outdated.items():
                    write_search_text(connection, number, found_by)
        self._seen = now


def _outdated(connection: Connection, words: ArticleWords) -> dict[int, str]:
    """By number: what an article should be found by, where it is found by something else."""
    kept = search_texts(connection)
    wanted = {one.id: search_text(words.told(text_of(one))) for one in all_articles(connection)}
    return {number: text for number, text in wanted.items() if text != kept[number]}
