"""The directory of articles, how each served, and words that mean the same, as tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, literal_column, or_, select, text, update

from records.database import insert_for, insert_unless_there
from records.schema.knowledge_tables import article_counts, article_sous_motifs, articles, search_synonyms
from records.wording import Wording
from support.knowledge.analyser import DIGEST_LENGTH
from support.knowledge.articles import Article, ArticleText

AT_ONCE = 500


def read_article(connection: Connection, number: int) -> Article | None:
    """The article of this number, retired or not."""
    return next(iter(articles_of(connection, [number])), None)


def article_at(connection: Connection, address: str) -> Article | None:
    """The article at this address, retired or not."""
    number = connection.execute(select(articles.c.id).where(articles.c.address == address)).scalar()
    return None if number is None else read_article(connection, number)


def articles_of(connection: Connection, numbers: Iterable[int]) -> list[Article]:
    """The articles of these numbers, in their order; unknown ones are left out."""
    wanted = list(dict.fromkeys(numbers))
    found: dict[int, Article] = {}
    for start in range(0, len(wanted), AT_ONCE):
        rows = connection.execute(select(articles).where(articles.c.id.in_(wanted[start : start + AT_ONCE])))
        found |= {one.id: one for one in _with_sous_motifs(connection, list(rows))}
    return [found[number] for number in wanted if number in found]


def all_articles(connection: Connection, *, retired: bool = False) -> list[Article]:
    """Every article that stands, by title; the retired ones too where they are asked for."""
    query = select(articles).order_by(articles.c.title, articles.c.id)
    if not retired:
        query = query.where(articles.c.retired_at.is_(None))
    return _with_sous_motifs(connection, list(connection.execute(query)))


def add_article(connection: Connection, new: ArticleText, search_text: str, *, by: str, at: datetime) -> int | None:
    """Keep a new article and return its number; None when its address is there already."""
    values = _values(new) | {
        "search_text": search_text, "added_at": at, "changed_at": at, "changed_by": by, "link_state": "unknown",
        "link_failures": 0,
    }  # fmt: skip
    if not insert_unless_there(connection, articles, values):
        return None
    number = connection.execute(select(articles.c.id).where(articles.c.address == new.address)).scalar_one()
    _write_sous_motifs(connection, number, new.sous_motifs)
    return int(number)


def change_article(
    connection: Connection, number: int, new: ArticleText, search_text: str, *, by: str, at: datetime
) -> None:
    """Write what an article is now; one at a new address is unknown to whoever checks links."""
    was = connection.execute(select(articles.c.address).where(articles.c.id == number)).scalar()
    values = _values(new) | {"search_text": search_text, "changed_at": at, "changed_by": by}
    if was != new.address:
        values |= {"link_state": "unknown", "link_checked_at": None, "link_failures": 0, "link_error": None}
    connection.execute(update(articles).where(articles.c.id == number).values(**values))
    connection.execute(delete(article_sous_motifs).where(article_sous_motifs.c.article_id == number))
    _write_sous_motifs(connection, number, new.sous_motifs)


def set_checked(connection: Connection, number: int, day: date) -> None:
    """Write on which day an article was read again; it has not changed."""
    connection.execute(update(articles).where(articles.c.id == number).values(checked_on=day))


def set_retired(connection: Connection, number: int, moment: datetime | None, *, by: str, at: datetime) -> None:
    """Take an article out of the directory, or (None) put it back."""
    values = {"retired_at": moment, "changed_at": at, "changed_by": by}
    connection.execute(update(articles).where(articles.c.id == number).values(**values))


def _values(new: ArticleText) -> dict[str, Any]:
    return {
        "title": new.title, "address": new.address, "profiles": " ".join(new.profiles), "summary": new.summary,
        "checked_on": new.checked_on,
    }  # fmt: skip


def _write_sous_motifs(connection: Connection, number: int, wordings: Iterable[Wording]) -> None:
    lines = [{"article_id": number} | one._asdict() for one in wordings]
    if lines:
        connection.execute(insert(article_sous_motifs), lines)


def _with_sous_motifs(connection: Connection, rows: list[Any]) -> list[Article]:
    own = article_sous_motifs.c
    about: defaultdict[int, list[Wording]] = defaultdict(list)
    query = select(article_sous_motifs)
    if len(rows) <= AT_ONCE:
        query = query.where(own.article_id.in_([row.id for row in rows]))
    for line in connection.execute(query):
        about[line.article_id].append(Wording(line.thematique, line.motif, line.sous_motif))
    return [
        Article(
            row.id, row.title, row.address, tuple(row.profiles.split()), tuple(sorted(about[row.id])), row.summary,
            row.checked_on, row.added_at, row.changed_at, row.changed_by, row.retired_at, row.link_state,
            row.link_checked_at, row.link_failures, row.link_error,
        )
        for row in rows
    ]  # fmt: skip


# ---------------------------------------------------------------- the full-text index of each database


def candidates(connection: Connection, stems: Collection[str]) -> set[int]:
    """The numbers of the articles that have one of these stems (small letters and digits only), retired ones too."""
    asked = [stem for stem in stems if stem.isascii() and stem.isalnum()]
    if not asked:
        return set()
    if connection.dialect.name == "postgresql":
        document = func.to_tsvector(literal_column("'simple'"), articles.c.search_text)
        wanted = func.to_tsquery(literal_column("'simple'"), " | ".join(f"'{stem}'" for stem in asked))
        query = select(articles.c.id).where(document.op("@@")(wanted))
        return set(connection.scalars(query))
    matched = text("select rowid from articles_fts where articles_fts match :wanted")
    return set(connection.scalars(matched, {"wanted": " OR ".join(f'"{stem}"' for stem in asked)}))


def digests(connection: Connection) -> tuple[tuple[int, str], ...]:
    """Each article that stands and the digest of what it is found by: another one whenever an index must be made."""
    beginning = func.substr(articles.c.search_text, 1, DIGEST_LENGTH)
    query = select(articles.c.id, beginning).where(articles.c.retired_at.is_(None)).order_by(articles.c.id)
    return tuple((row[0], row[1]) for row in connection.execute(query))


def search_texts(connection: Connection) -> dict[int, str]:
    """What each article that stands is found by."""
    query = select(articles.c.id, articles.c.search_text).where(articles.c.retired_at.is_(None))
    return {row.id: row.search_text for row in connection.execute(query)}


def write_search_text(connection: Connection, number: int, search_text: str) -> None:
    """Let an article be found by other words; the article itself is not changed."""
    connection.execute(update(articles).where(articles.c.id == number).values(search_text=search_text))


# ---------------------------------------------------------------- words that mean the same


@dataclass(frozen=True, slots=True)
class SynonymLine:
    """Words of one meaning, as the national team wrote them."""

    id: int
    words: str
    set_at: datetime
    set_by: str


def synonym_lines(connection: Connection) -> list[SynonymLine]:
    """The lines that hold, oldest first."""
    table = search_synonyms.c
    rows = connection.execute(select(search_synonyms).where(table.removed_at.is_(None)).order_by(table.id))
    return [SynonymLine(row.id, row.words, row.set_at, row.set_by) for row in rows]


def add_synonym_line(connection: Connection, words: str, *, by: str, at: datetime) -> int:
    """Keep one more line, and return its number."""
    added = insert(search_synonyms).values(words=words, set_at=at, set_by=by).returning(search_synonyms.c.id)
    return int(connection.execute(added).scalar_one())


def remove_synonym_line(connection: Connection, number: int, *, by: str, at: datetime) -> bool:
    """Let a line hold no more; False when it did not."""
    this = update(search_synonyms).where(search_synonyms.c.id == number, search_synonyms.c.removed_at.is_(None))
    return bool(connection.execute(this.values(removed_at=at, removed_by=by)).rowcount)


# ---------------------------------------------------------------- how each served


@dataclass(frozen=True, slots=True)
class ArticleCount:
    """How often an article was shown, opened, and said to answer the question or not."""

    shown: int = 0
    opened: int = 0
    said_yes: int = 0
    said_no: int = 0


def add_counts(connection: Connection, numbers: Iterable[int], place: str, day: date, more: ArticleCount) -> None:
    """Add to what is counted of each of these articles on a day."""
    table = article_counts
    added = {"shown": more.shown, "opened": more.opened, "said_yes": more.said_yes, "said_no": more.said_no}
    for number in sorted(set(numbers)):
        new = insert_for(connection, table).values(article_id=number, day=day, place=place, **added)
        more_of = {name: table.c[name] + value for name, value in added.items() if value}
        keys = [table.c.article_id, table.c.day, table.c.place]
        connection.execute(new.on_conflict_do_update(index_elements=keys, set_=more_of))


def counts_between(
    connection: Connection, first: date, last: date, places: Collection[str] = ()
) -> dict[int, ArticleCount]:
    """What was counted of each article from one day to another, both included; `places` empty: everywhere."""
    table = article_counts.c
    sums = [func.sum(column) for column in (table.shown, table.opened, table.said_yes, table.said_no)]
    query = select(table.article_id, *sums).where(table.day.between(first, last)).group_by(table.article_id)
    if places:
        query = query.where(or_(*(table.place == place for place in places)))
    return {row[0]: ArticleCount(*(int(value) for value in row[1:])) for row in connection.execute(query)}
