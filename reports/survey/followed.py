"""The sous-motifs that a survey follows, known by their key and called as the nomenclature calls them now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from records.wording import Entry, Wording, fold_words

Renames = Sequence[tuple[Wording, Wording]]
"""What the nomenclature renamed or merged, oldest first: before and after."""
RenamesOn = Callable[[Any, date], Renames]
"""The renames of the lists that had begun on a day, read with a connection."""
TRACKED: tuple[Wording, ...] = (
    Wording("Accès et authentification", "Problème de connexion au SI SIAO", "Accès au compte"),
    Wording("Accès et authentification", "Création de compte", "Compte utilisateur"),
    Wording("Prise en main de l'outil et accompagnement", "Maniement de l'outil", "Gestion des notifications"),
    Wording(
        "Gestion des demandes, ménages et groupes de places", "Gestion de la demande",
        "Ajout/retrait d'une personne à une demande",
    ),
    Wording("Indicateurs et données", "Extraction des indicateurs", "Utilisation des indicateurs métiers"),
)  # fmt: skip
"""The five sous-motifs that the ministry follows; the national team edits the list of each month."""


def nothing_renamed(_connection: Any, _day: date) -> Renames:
    """No renames, where nobody hands any in."""
    return ()


@dataclass(frozen=True, slots=True)
class Followed:
    """One sous-motif that a survey follows.

    `wording` is what the survey was opened with; without a thématique and a motif it comes from the time when a
    sous-motif was known by its name alone. `label`: what it is called, its motif told where two have one name.
    """

    wording: Wording
    label: str

    @property
    def key(self) -> str:
        """How its figures and corrections name it, whatever it is called later."""
        return self.wording.key if self.wording.motif else self.wording.sous_motif


def called_now(wording: Wording, renames: Renames) -> Wording:
    """What a wording is called now, through renames and merges."""
    for before, after in renames:
        if before.folded == wording.folded:
            wording = after
    return wording


def followed(tracked: Iterable[Wording], renames: Renames = ()) -> tuple[Followed, ...]:
    """The sous-motifs of a survey, each once, in its order."""
    known = list(dict.fromkeys(tracked))
    named = [called_now(wording, renames) for wording in known]
    short = [fold_words(name.sous_motif) for name in named]
    return tuple(
        Followed(
            wording,
            f"{name.sous_motif} ({name.motif})" if short.count(fold) > 1 and name.motif else name.sous_motif,
        )
        for wording, name, fold in zip(known, named, short, strict=True)
    )


def is_about(cited: Wording, one: Followed, renames: Renames) -> bool:
    """Whether a wording that a call carries is this sous-motif, under this name or an earlier or later one."""
    if not one.wording.motif:
        return cited.folded[2] == one.wording.folded[2]
    return called_now(cited, renames).folded == called_now(one.wording, renames).folded


def identified(tracked: Iterable[Wording], entries: Iterable[Entry], renames: Renames = ()) -> tuple[Wording, ...]:
    """The wordings that the next survey follows: called as now; a name alone becomes every sous-motif of that name."""
    found: dict[Wording, None] = {}
    known = list(entries)
    for wording in tracked:
        if wording.motif:
            found[called_now(wording, renames)] = None
            continue
        same = [each.wording for each in known if fold_words(each.wording.sous_motif) == fold_words(wording.sous_motif)]
        found.update(dict.fromkeys(same or [wording]))
    return tuple(found)
