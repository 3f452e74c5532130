"""The directory of articles changes: one verb each, with its line of the trail; and what each article is found by."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date

from records.database import Connection
from records.desks.acting import Acting
from records.refusals import ChangeRefused
from records.wording import Entry, Wording
from routing.departements import timezone_of
from support.knowledge.analyser import FoundBy, search_text
from support.knowledge.articles import Article, ArticleText, checked
from support.knowledge.store import (
    add_article,
    article_at,
    change_article,
    read_article,
    set_checked,
    set_retired,
    write_search_text,
)
from support.nomenclature.changing import NomenclatureChange, called_in, earlier_names
from support.nomenclature.store import CallersWords, all_changes, all_words, nomenclature_in_force
from support.nomenclature.words import holding


def today(acting: Acting) -> date:
    """Today in Paris: no article is checked later."""
    return acting.at.astimezone(timezone_of(None)).date()


def write_article(acting: Acting, text: ArticleText, *, number: int | None = None, seen: str = "") -> int:
    """Keep a new article, or what the article of this number is now; returns its number.

    `seen`: when the article was last changed, as its writer saw it (`Article.version`). ChangeRefused, with the field's
    name, for a value that cannot stand, an address that another one has, a sous-motif that is not in the list in force;
    `version` when somebody changed it since, `number` when there is none.
    """
    with acting.writing() as connection:
        wanted = checked_text(connection, text, today(acting))
        standing = read_article(connection, number) if number is not None else None
        if number is not None and standing is None:
            raise ChangeRefused("Cet article n’existe pas.", "number")
        if standing is not None and standing.version != seen:
            raise ChangeRefused("Quelqu’un a changé cet article entre-temps : relisez, puis recommencez.", "version")
        return put(acting, connection, standing, wanted)


def checked_text(connection: Connection, text: ArticleText, day: date) -> ArticleText:
    """The text, tidy, its sous-motifs as the list of that day spells them; ChangeRefused as `write_article`."""
    tidy = checked(text, day)
    listed = nomenclature_in_force(connection, day)
    named = []
    for wording in tidy.sous_motifs:
        entry = listed.find(*wording)
        if entry is None:
            raise ChangeRefused(f"« {wording.sous_motif} » n’est pas dans la nomenclature.", "sous_motifs")
        named.append(entry.wording)
    return replace(tidy, sous_motifs=tuple(dict.fromkeys(named)))


def put(acting: Acting, connection: Connection, standing: Article | None, text: ArticleText) -> int:
    """Write a checked text: a new article, or what a standing one is now; one that was retired stands again."""
    words = ArticleWords(connection, today(acting))
    found_by = search_text(words.told(text))
    if standing is None:
        number = add_article(connection, text, found_by, by=acting.by, at=acting.at)
        if number is None:
            raise _taken(article_at(connection, text.address))
        acting.note(connection, "article ajouté", f"{number} {text.title}")
        return number
    other = article_at(connection, text.address)
    if other is not None and other.id != standing.id:
        raise _taken(other)
    change_article(connection, standing.id, text, found_by, by=acting.by, at=acting.at)
    if standing.retired_at is not None:
        set_retired(connection, standing.id, None, by=acting.by, at=acting.at)
    acting.note(connection, "article modifié", f"{standing.id} {text.title}")
    return standing.id


def _taken(other: Article | None) -> ChangeRefused:
    told = f"« {other.title} »" if other else "un autre article"
    kept = " (retiré : remettez-le)" if other and other.retired_at else ""
    return ChangeRefused(f"Cette adresse est déjà celle de {told}{kept}.", "adresse")


def retire_article(acting: Acting, number: int) -> None:
    """Take an article out of the directory: it is shown and found no more; ChangeRefused when it does not stand."""
    with acting.writing() as connection:
        take_out(acting, connection, _article(connection, number, retired=False))


def take_out(acting: Acting, connection: Connection, article: Article) -> None:
    """Retire an article that stands."""
    set_retired(connection, article.id, acting.at, by=acting.by, at=acting.at)
    acting.note(connection, "article retiré", f"{article.id} {article.title}")


def restore_article(acting: Acting, number: int) -> None:
    """Put an article back into the directory; ChangeRefused when it is not a retired one."""
    with acting.writing() as connection:
        article = _article(connection, number, retired=True)
        set_retired(connection, number, None, by=acting.by, at=acting.at)
        told = ArticleWords(connection, today(acting)).told(text_of(article))
        write_search_text(connection, number, search_text(told))
        acting.note(connection, "article remis", f"{number} {article.title}")


def mark_checked(acting: Acting, number: int) -> None:
    """Say that an article was read again today and still holds; ChangeRefused when it does not stand."""
    with acting.writing() as connection:
        article = _article(connection, number, retired=False)
        set_checked(connection, number, today(acting))
        acting.note(connection, "article vérifié", f"{number} {article.title}")


def text_of(article: Article) -> ArticleText:
    """What the national team wrote of an article."""
    return ArticleText(
        article.title, article.address, article.profiles, article.sous_motifs, article.summary, article.checked_on
    )


def _article(connection: Connection, number: int, *, retired: bool) -> Article:
    article = read_article(connection, number)
    if article is None or (article.retired_at is not None) != retired:
        told = "Cet article n’est pas retiré." if retired else "Cet article n’existe pas, ou il est retiré."
        raise ChangeRefused(told, "number")
    return article


# ---------------------------------------------------------------- what each article is found by


class ArticleWords:
    """The names of sous-motifs on a day and what callers say for them: what an article's own text is joined by."""

    def __init__(self, connection: Connection, day: date) -> None:
        self._changes: list[NomenclatureChange] = all_changes(connection)
        self._listed: Collection[Wording] = {entry.wording for entry in nomenclature_in_force(connection, day).entries}
        self._written: dict[Wording, CallersWords] = {one.wording: one for one in all_words(connection)}

    def told(self, text: ArticleText) -> FoundBy:
        """What this article says and is about."""
        names = [called_in(one, self._changes, self._listed) or one for one in text.sous_motifs]
        said = [phrase for name in names for phrase in (name.sous_motif, *self._phrases(name))]
        places = [place for name in names for place in (name.motif, name.thematique)]
        return FoundBy(text.title, text.summary, said, places)

    def _phrases(self, name: Wording) -> tuple[str, ...]:
        return holding(earlier_names(name, self._changes), self._written).phrases


def current_names(
    article: Article, changes: Collection[NomenclatureChange], entries: Collection[Entry]
) -> tuple[list[Wording], list[Wording]]:
    """What the sous-motifs of an article are called in this list, and the names of those that stand there no more."""
    listed = {entry.wording for entry in entries}
    found = [(one, called_in(one, changes, listed)) for one in article.sous_motifs]
    standing = sorted({now for _, now in found if now is not None})
    return standing, [one for one, now in found if now is None]
