"""A file of articles compared with the directory, shown, and taken in: matched by address, all or nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from datetime import date

from records.database import Connection
from records.desks.acting import Acting
from records.refusals import ChangeRefused
from support.knowledge.articles import Article, ArticleText
from support.knowledge.changing import current_names, put, take_out, text_of, today
from support.knowledge.csv_file import COLUMNS, ReadLine, read_articles, write_articles
from support.knowledge.store import all_articles
from support.nomenclature.store import all_changes, nomenclature_in_force


@dataclass(frozen=True, slots=True)
class ArticleChange:
    """An article that the file writes anew, and the columns that say something else."""

    article: Article
    text: ArticleText
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What a file would change: articles that are new, changed, put back; those that it does not name."""

    added: tuple[ArticleText, ...] = ()
    changed: tuple[ArticleChange, ...] = ()
    restored: tuple[ArticleChange, ...] = ()
    absent: tuple[Article, ...] = ()
    unchanged: int = 0
    stamp: str = field(default="", compare=False)
    """What tells whether the same file would still change the same."""


def compare(lines: Iterable[ReadLine], standing: Iterable[tuple[Article, ArticleText]]) -> ImportPlan:
    """What these lines would change; each standing article with what it says, by the names in force."""
    known = {article.address: (article, text) for article, text in standing}
    added, changed, restored, named = [], [], [], set()
    for line in lines:
        article, text = known.get(line.address, (None, None))
        wanted = line.over(text)
        named.add(line.address)
        if article is None or text is None:
            added.append(wanted)
            continue
        differing = tuple(
            column for column, one in zip(COLUMNS, fields(ArticleText), strict=True)
            if getattr(wanted, one.name) != getattr(text, one.name)
        )  # fmt: skip
        if article.retired_at is not None:
            restored.append(ArticleChange(article, wanted, differing))
        elif differing:
            changed.append(ArticleChange(article, wanted, differing))
    absent = [one for address, (one, _) in known.items() if address not in named and one.retired_at is None]
    same = len(named) - len(added) - len(changed) - len(restored)
    plan = ImportPlan(tuple(added), tuple(changed), tuple(restored), tuple(absent), same)
    return replace(plan, stamp=hashlib.sha256(repr(plan).encode()).hexdigest()[:16])


def plan_import(connection: Connection, content: bytes, day: date) -> ImportPlan:
    """What a file would change today; ArticlesRefused, with every problem, for one that cannot be taken."""
    lines = read_articles(content, nomenclature_in_force(connection, day), day)
    return compare(lines, _told(connection, day))


def import_articles(acting: Acting, content: bytes, *, retire_absent: bool = False, seen: str = "") -> ImportPlan:
    """Take a file in and return what it changed; those that it does not name are retired only where asked for.

    `seen`: the stamp of what was shown to whoever agreed, "" for a file that nobody was shown. ChangeRefused (its field
    is `version`) when it would change something else now; ArticlesRefused as `plan_import`: nothing is changed then.
    """
    with acting.writing() as connection:
        plan = plan_import(connection, content, today(acting))
        if seen and seen != plan.stamp:
            raise ChangeRefused("L’annuaire des articles a changé entre-temps : relisez ce qui changerait.", "version")
        for text in plan.added:
            put(acting, connection, None, text)
        for change in (*plan.changed, *plan.restored):
            put(acting, connection, change.article, change.text)
        for article in plan.absent if retire_absent else ():
            take_out(acting, connection, article)
    return plan


def export_articles(connection: Connection, day: date) -> str:
    """The file of every article that stands, under the names in force on that day."""
    listed = nomenclature_in_force(connection, day)
    return write_articles((text for one, text in _told(connection, day) if one.retired_at is None), listed)


def _told(connection: Connection, day: date) -> list[tuple[Article, ArticleText]]:
    """Every article, retired ones too, with what it says under the names in force on that day."""
    changes, entries = all_changes(connection), nomenclature_in_force(connection, day).entries
    return [
        (one, replace(text_of(one), sous_motifs=tuple(current_names(one, changes, entries)[0])))
        for one in all_articles(connection, retired=True)
    ]
