"""The editors' list of a month, from what was counted: pure. Each part carries its definition, as every figure does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from records.wording import Folded, Wording, explained
from support.nomenclature.changing import NomenclatureChange, follow

SHOWN = 20
"""Lines of each part: more than that is nobody's month."""


@dataclass(frozen=True, slots=True)
class EditorsLine:
    """One line: its name, the page where it is worked on (a path of ours, or ""), its number, what else is known."""

    name: str
    number: int
    path: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class EditorsPart:
    """One part of the list: what its number counts (one, many), by which definition, and its lines, most first."""

    key: str
    heading: str
    definition: str
    noun: tuple[str, str]
    lines: Sequence[EditorsLine]


@dataclass(frozen=True, slots=True)
class CountedArticle:
    """An article that stands, and what was counted of it in the month."""

    id: int
    title: str
    shown: int
    said_yes: int
    link_state: str
    link_error: str | None
    sous_motifs: Sequence[Wording]


@dataclass(frozen=True, slots=True)
class Spoken:
    """A report that people spoke of in the month; `is_open`: it still waits."""

    id: int
    name: str
    voices: int
    is_open: bool


@dataclass(frozen=True, slots=True)
class EditorsMonth:
    """What the list is made of: `calls` and `requests` by the wording that each carries."""

    since: date
    until: date
    articles: Sequence[CountedArticle]
    spoken: Sequence[Spoken]
    calls: Iterable[tuple[Wording, int]]
    requests: Iterable[tuple[Wording, int]]
    changes: Collection[NomenclatureChange]


def editors_list(month: EditorsMonth) -> list[EditorsPart]:
    """The five parts, in the order in which they are worked off."""
    covered = {follow(own, month.changes).folded for one in month.articles for own in one.sous_motifs}
    silent = [one for one in month.articles if one.shown and not one.said_yes]
    return [
        EditorsPart(
            "silencieux", "Montrés sans un seul « oui »",
            "Articles en service montrés dans le mois (formulaire, recherche ou page d’un profil) et auxquels personne "
            "n’a répondu « oui, cela répond à ma question ». Le nombre est celui des fois où l’article a été montré.",
            ("affichage", "affichages"),
            _most(EditorsLine(one.title, one.shown, _article(one.id)) for one in silent),
        ),
        EditorsPart(
            "signales", "Les plus signalés",
            "Articles ou réponses manquantes signalés dans le mois, une fois par personne qui l’a dit, que le "
            "signalement soit traité ou non.",
            ("signalement", "signalements"),
            _most(
                EditorsLine(
                    one.name, one.voices, f"/administration/articles/signalements/{one.id}",
                    "à traiter" if one.is_open else "terminé",
                )
                for one in month.spoken
            ),
        ),
        EditorsPart(
            "appels", "Beaucoup d’appels, aucun article",
            "Appels traités et qualifiés dans le mois, comptés comme dans « Mes résultats » (jours locaux, motif de "
            "l’appel), dont aucun article en service ne porte le sous-motif. Un sous-motif renommé ou réuni compte "
            "sous son nom d’aujourd’hui.",
            ("appel", "appels"),
            _uncovered(month.calls, covered, month.changes),
        ),
        EditorsPart(
            "demandes", "Des demandes, aucun article",
            "Demandes reçues dans le mois (téléphone, formulaire, courriel), au jour local de leur ouverture, dont "
            "aucun article en service ne porte le sous-motif.",
            ("demande", "demandes"),
            _uncovered(month.requests, covered, month.changes),
        ),
        EditorsPart(
            "liens", "Liens rompus",
            "Articles en service dont l’adresse n’a pas répondu à deux vérifications de suite, à des jours différents. "
            "Le nombre est celui des fois où l’article a été montré dans le mois.",
            ("affichage", "affichages"),
            _most(
                EditorsLine(one.title, one.shown, _article(one.id), one.link_error or "")
                for one in month.articles
                if one.link_state == "dead"
            ),
        ),
    ]  # fmt: skip


def _article(number: int) -> str:
    return f"/administration/articles/{number}"


def _uncovered(
    counted: Iterable[tuple[Wording, int]], covered: Collection[Folded], changes: Collection[NomenclatureChange]
) -> list[EditorsLine]:
    sums: Counter[Folded] = Counter()
    names: dict[Folded, Wording] = {}
    for wording, number in counted:
        now = follow(wording, changes)
        names.setdefault(now.folded, now)
        sums[now.folded] += number
    return _most(
        EditorsLine(
            explained(names[one].sous_motif), number, f"/reponses/{names[one].key}",
            f"{names[one].thematique} › {names[one].motif}",
        )
        for one, number in sums.items()
        if one not in covered
    )  # fmt: skip


def _most(lines: Iterable[EditorsLine]) -> list[EditorsLine]:
    return sorted(lines, key=lambda one: (-one.number, one.name))[:SHOWN]


def summary(parts: Sequence[EditorsPart]) -> Mapping[str, int]:
    """How many lines each part has, by its heading: what the mail tells."""
    return {part.heading: len(part.lines) for part in parts}
