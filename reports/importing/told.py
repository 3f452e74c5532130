"""What is told of a file before anything is done: sheets, headings, wordings, notes, lines to decide on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from records.wording import Entry, Wording, fold_words
from reports.importing.deciding.choices import Alike, Choice, Likeness
from reports.importing.deciding.difference import Difference
from reports.importing.reading.book import Heading, How, LeftOut, LinePlace, ReadBook, ReadSheet
from reports.importing.refusals import IGNORED_HEADINGS
from reports.importing.understanding.lines import Understood
from reports.workbook.columns import COLUMNS, Kind


@dataclass(frozen=True, slots=True)
class Kindred:
    """What people read of one likeness."""

    title: str
    explained: str


KINDRED: Mapping[Likeness, Kindred] = MappingProxyType({
    Likeness.EXPORTED: Kindred(
        "Lignes d’un classeur téléchargé ici, corrigées depuis",
        "Seules les cellules changées sont enregistrées.",
    ),
    Likeness.RECORDED: Kindred(
        "Appels que la ligne téléphonique a déjà enregistrés",
        "Même jour, et même numéro ou même durée à cinq secondes près : la ligne du fichier apporte son motif à "
        "l’appel enregistré, qui ne compte qu’une fois.",
    ),
    Likeness.CORRECTED: Kindred(
        "Appels déjà importés ou saisis, à une ou deux cellules près",
        "Une correction de l’appel connu, ou un autre appel du même jour ? Comparez et dites-le.",
    ),
    Likeness.EARLIER: Kindred(
        "Appels changés depuis sur le site ou par un autre fichier",
        "La ligne dit ce que l’appel disait avant : il est proposé de le garder tel qu’il est aujourd’hui.",
    ),
    Likeness.SAME: Kindred(
        "Lignes identiques à un appel connu, sans numéro ni durée",
        "Rien ne dit si c’est le même appel, dans un fichier qui revient, ou un autre du même jour et du même motif, "
        "dans le fichier d’un collègue. Il est proposé de ne pas le compter deux fois.",
    ),
    Likeness.REPEATED: Kindred(
        "Lignes répétées d’une feuille à l’autre",
        "La même ligne est déjà dans une autre feuille du fichier : il est proposé de ne la compter qu’une fois.",
    ),
})  # fmt: skip
PHONE_HEADING = next(column.heading for column in COLUMNS.compared if column.kind is Kind.PHONE)
CHOICES: Mapping[Choice, str] = MappingProxyType({
    Choice.CHANGE: "Changer l’appel connu",
    Choice.ADD: "Ajouter comme un autre appel",
    Choice.IGNORE: "Ne rien faire de la ligne",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class AskedHeading:
    """One heading to show: it was not understood, not word for word, or mapped by hand. `key` "" is ignored."""

    folded: str
    heading: Heading
    sheets: tuple[str, ...]

    @property
    def said(self) -> str:
        """What is said of it: nothing when it was mapped by hand."""
        return {
            How.UNKNOWN: "intitulé non compris : sa colonne n’est pas lue",
            How.NEAR: "intitulé approchant : vérifiez la colonne",
        }.get(self.heading.how, "")


@dataclass(frozen=True, slots=True)
class UnknownWording:
    """One wording that the nomenclature does not know, in how many lines, and what is nearest to it."""

    wording: Wording
    lines: int
    near: tuple[Entry, ...]

    @property
    def text(self) -> str:
        """« Thématique / Motif / Sous-motif »."""
        return said_wording(self.wording)


def said_wording(wording: Wording) -> str:
    """The three names in one line."""
    return " / ".join(name or "(vide)" for name in wording)


def asked_headings(book: ReadBook) -> list[AskedHeading]:
    """The headings of which people should know, each once, in the order of the file."""
    found: dict[str, tuple[Heading, list[str]]] = {}
    sheets: list[ReadSheet | LeftOut] = [*book.sheets, *book.left_out]
    for sheet in sheets:
        for heading in sheet.headings:
            folded = fold_words(heading.text)
            if heading.how is not How.KNOWN and folded not in IGNORED_HEADINGS:
                found.setdefault(folded, (heading, []))[1].append(sheet.name)
    return [AskedHeading(folded, heading, tuple(sheets)) for folded, (heading, sheets) in found.items()]


def unknown_wordings(understood: Understood) -> list[UnknownWording]:
    """The wordings for which lines were refused, the most frequent first."""
    found: dict[str, UnknownWording] = {}
    for one in understood.refused:
        if one.wording is not None:
            before = found.get(one.wording.key)
            found[one.wording.key] = UnknownWording(one.wording, (before.lines if before else 0) + 1, one.near)
    return sorted(found.values(), key=lambda one: -one.lines)


def notes_of(understood: Understood) -> list[tuple[LinePlace, str]]:
    """What is to be known of lines that are read all the same."""
    return [(read.place, note) for read in understood.rows for note in read.notes]


def grouped(found: Difference) -> list[tuple[Likeness, list[Alike]]]:
    """The lines that resemble a call, by likeness, in the order in which they are shown."""
    groups = [(likeness, [one for one in found.alike if one.likeness is likeness]) for likeness in Likeness]
    return [(likeness, lines) for likeness, lines in groups if lines]


def differing(one: Alike, show_phone: Callable[[str], str] = str) -> list[tuple[str, str, str]]:
    """Heading, what we have and what the file says, for each cell that would change; then those that stay."""
    cells = [(change.heading, change.before, change.after) for change in one.changes]
    cells += [(cell.heading, cell.ours, cell.theirs) for cell in one.left]
    return [(heading, *_as_shown(heading, ours, theirs, show_phone)) for heading, ours, theirs in cells]


def _as_shown(heading: str, ours: str, theirs: str, show_phone: Callable[[str], str]) -> tuple[str, str]:
    if heading != PHONE_HEADING:
        return ours, theirs
    return show_phone(ours) if ours else "", show_phone(theirs) if theirs else ""


def fingerprint(found: Difference, book: ReadBook) -> str:
    """What was seen, in a word: another one when an import would do something else by now."""
    seen = (
        [(sheet.name, heading.column, heading.key) for sheet in book.sheets for heading in sheet.headings],
        [(one.place, one.call_id, one.row) for one in found.additions],
        [(one.place, one.likeness, one.now, one.changes, one.proposed) for one in found.alike],
        found.conflicts,
        [one.place for one in found.refused],
    )
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:32]
