"""What a newsletter tells: the digest of what was published between two moments, and nothing that was not."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from enum import StrEnum

from records.wording import Wording, explained
from routing.calendar.words import written_day
from routing.departements import PARIS
from support.nomenclature.changing import NomenclatureChange


class NewsKind(StrEnum):
    """What may have changed, in the order in which a newsletter tells it."""

    TOOL = "tool"
    RULE = "rule"
    NOMENCLATURE = "nomenclature"
    ARTICLE = "article"
    ANSWER = "answer"


HEADINGS: Mapping[NewsKind, str] = {
    NewsKind.TOOL: "Les outils",
    NewsKind.RULE: "L’organisation de l’assistance",
    NewsKind.NOMENCLATURE: "Les motifs",
    NewsKind.ARTICLE: "La base de connaissances",
    NewsKind.ANSWER: "Les réponses types",
}

TOLD_CHANGES = 12
"""Changes of one list of motifs that are told one by one; the rest is counted."""


@dataclass(frozen=True, slots=True)
class NewsItem:
    """One thing that is told: `key` names it within its newsletter, `address` is a page (a path of ours, or whole)."""

    kind: NewsKind
    key: str
    title: str
    text: str = ""
    address: str = ""
    is_kept: bool = True


@dataclass(frozen=True, slots=True)
class ToolNote:
    """What the national team says of a changed tool."""

    id: int
    title: str
    text: str
    published_at: datetime
    published_by: str


@dataclass(frozen=True, slots=True)
class PublishedList:
    """A version of the nomenclature: from which day it holds, what it changes."""

    version: int
    valid_from: date
    note: str
    changes: Sequence[NomenclatureChange]


@dataclass(frozen=True, slots=True)
class PublishedArticle:
    """An article of the directory: `became` is `new`, `changed` or `retired`."""

    id: int
    title: str
    summary: str
    address: str
    became: str


@dataclass(frozen=True, slots=True)
class FranceClosed:
    """A closure of all desks."""

    id: int
    start: datetime
    end: datetime
    label: str


@dataclass(frozen=True, slots=True)
class PublishedNews:
    """What was published between two moments, each thing once, as it stands at the later one."""

    tools: Sequence[ToolNote] = ()
    routes: Sequence[tuple[int, str]] = ()
    """Versions of the table that sends written requests to their desks, each with its note."""
    closures: Sequence[FranceClosed] = ()
    lists: Sequence[PublishedList] = ()
    articles: Sequence[PublishedArticle] = ()
    answers: Sequence[tuple[Wording, bool]] = ()
    """Ready answers; whether it is the first version written for its sous-motif."""


def digest(published: PublishedNews) -> tuple[NewsItem, ...]:
    """The items of a newsletter, by kind; none where nothing was published."""
    return tuple(_items(published))


def _items(published: PublishedNews) -> Iterator[NewsItem]:
    for note in published.tools:
        yield NewsItem(NewsKind.TOOL, f"tool-{note.id}", note.title, note.text)
    if published.routes:
        version, said = published.routes[-1]
        yield NewsItem(
            NewsKind.RULE, f"route-{version}", "Les règles qui orientent les demandes écrites ont changé", said
        )  # fmt: skip
    for closed in published.closures:
        yield NewsItem(
            NewsKind.RULE, f"closure-{closed.id}", f"Assistance fermée {_span(closed.start, closed.end)}", closed.label
        )  # fmt: skip
    for version_of in published.lists:
        yield NewsItem(
            NewsKind.NOMENCLATURE, f"list-{version_of.version}",
            f"La liste des motifs change à partir du {written_day(version_of.valid_from)}",
            "\n".join(_list_lines(version_of)), "/reponses",
        )  # fmt: skip
    for article in published.articles:
        address = "" if article.became == "retired" else article.address
        text = "" if article.became == "retired" else article.summary
        yield NewsItem(
            NewsKind.ARTICLE, f"article-{article.id}", f"{_BECAME[article.became]} : {article.title}", text, address
        )
    for wording, is_first in published.answers:
        said = "Nouvelle réponse type" if is_first else "Réponse type mise à jour"
        place = f"{wording.thematique} › {wording.motif}"
        yield NewsItem(
            NewsKind.ANSWER, f"answer-{wording.key}", f"{said} : {explained(wording.sous_motif)}", place,
            f"/reponses/{wording.key}",
        )  # fmt: skip


_BECAME: Mapping[str, str] = {
    "new": "Nouvel article", "changed": "Article mis à jour", "retired": "Article retiré",
}  # fmt: skip


def _span(start: datetime, end: datetime) -> str:
    """« le 24 décembre 2026 », « du 24 décembre 2026 au 2 janvier 2027 », by the clock of Paris."""
    first, last = start.astimezone(PARIS).date(), end.astimezone(PARIS).date()
    return f"le {written_day(first)}" if first == last else f"du {written_day(first)} au {written_day(last)}"


def _list_lines(published: PublishedList) -> Iterator[str]:
    if published.note:
        yield published.note
    for change in published.changes[:TOLD_CHANGES]:
        yield _change_line(change)
    more = len(published.changes) - TOLD_CHANGES
    if more > 0:
        yield "… et un autre changement." if more == 1 else f"… et d’autres changements ({more})."


def _change_line(change: NomenclatureChange) -> str:
    before = explained(change.before.sous_motif) if change.before else ""
    after = explained(change.after.sous_motif) if change.after else ""
    match change.kind:
        case "add":
            return f"Ajouté : {after}"
        case "rename":
            return f"Renommé ou déplacé : « {before} » devient « {after} »"
        case "merge":
            return f"Réuni : « {before} » rejoint « {after} »"
        case "retire":
            return f"Retiré : {before}"
        case _:
            return f"Niveau changé : {after}"


class IssueState(StrEnum):
    """Where a newsletter is."""

    DRAFT = "draft"
    SENT = "sent"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class NewsletterIssue:
    """One newsletter: what was published between `since` and `until`, as the national team tells it."""

    id: int
    since: datetime
    until: datetime
    subject: str
    introduction: str
    items: Sequence[NewsItem]
    state: IssueState
    version: int
    drafted_at: datetime
    changed_at: datetime
    changed_by: str
    sent_at: datetime | None = None
    sent_by: str | None = None

    @property
    def kept(self) -> tuple[NewsItem, ...]:
        """What is told to its readers."""
        return tuple(item for item in self.items if item.is_kept)

    def sections(self) -> list[NewsSection]:
        """What is told, by kind, under its heading."""
        return sections(self.kept)


@dataclass(frozen=True, slots=True)
class NewsSection:
    """The items of one kind."""

    heading: str
    items: Sequence[NewsItem] = field(default_factory=tuple)


def sections(items: Sequence[NewsItem]) -> list[NewsSection]:
    """The items by kind, each kind once, in their order."""
    found = [NewsSection(HEADINGS[kind], [item for item in items if item.kind is kind]) for kind in NewsKind]
    return [section for section in found if section.items]


def subject_of(since: datetime, until: datetime) -> str:
    """The subject that a draft has before anybody changes it."""
    return f"Assistance SI SIAO : ce qui a changé {_span(since, until)}"


def with_choices(new: Sequence[NewsItem], before: Sequence[NewsItem]) -> tuple[NewsItem, ...]:
    """The items of a draft made anew; what had been left out stays so."""
    left_out = {item.key for item in before if not item.is_kept}
    return tuple(
        NewsItem(item.kind, item.key, item.title, item.text, item.address, item.key not in left_out) for item in new
    )


def items_to_json(items: Sequence[NewsItem]) -> str:
    """The items as they are kept."""
    return json.dumps([asdict(item) for item in items])


def items_from_json(text: str) -> tuple[NewsItem, ...]:
    """What was kept, as items."""
    return tuple(NewsItem(**{**one, "kind": NewsKind(one["kind"])}) for one in json.loads(text))
