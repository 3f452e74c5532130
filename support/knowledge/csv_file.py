"""The directory of articles as a CSV file, as people fill it: every bad line in one report, all or nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

from records.csv_cells import csv_of
from records.refusals import ChangeRefused
from records.wording import Wording, Wordings, fold_words
from routing.calendar.words import MONTHS
from routing.directory.cells import Row, Unreadable, clean, fold, is_unicode, read_rows
from routing.directory.damage import damaged_cells
from routing.directory.reading import Problem, column_names, first_lines, told_besides
from support.knowledge.articles import (
    ArticleText,
    checked_address,
    checked_day,
    checked_profiles,
    checked_sous_motifs,
    checked_summary,
    checked_title,
)
from support.profiles import PROFILES

COLUMNS = ("titre", "adresse", "profils", "sous_motifs", "resume", "verifie_le")
FIELDS = dict(
    zip(COLUMNS, ("title", "address", "profiles", "sous_motifs", "summary", "checked_on"), strict=True)
)  # fmt: skip
"""Column → field of `ArticleText`."""
NEEDED = ("titre", "adresse")
TEXTS = ("titre", "profils", "sous_motifs", "resume")
"""Columns in which a wrong encoding shows; an address may hold any sign."""
OTHER_NAMES = {
    "url": "adresse", "lien": "adresse", "profil": "profils", "sousmotif": "sous_motifs", "sousmotifs": "sous_motifs",
    "verifiele": "verifie_le", "verification": "verifie_le", "dateverification": "verifie_le",
    "datedeverification": "verifie_le", "dernierverification": "verifie_le", "derniereverification": "verifie_le",
}  # fmt: skip
"""What else people call the columns, folded as headings are."""
VALUE_SHOWN = 80
CENTURY = 100
SEPARATOR = " › "
_LEVELS = re.compile(r"\s*[›>]\s*|\s+/\s+")
_LIST = re.compile(r"[|\r\n]+")
_PROFILES = re.compile(r"[|\r\n,;/]+")


class ArticlesRefused(ValueError):  # noqa: N818 - it tells a decision; its text is the whole report in French
    """A file that is not taken over: the problems of its first thousand bad lines, and how many `more` there are."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems, self.more = first_lines(sorted(problems, key=lambda one: (one.line, one.column)))
        count = f"{len(self.problems)} problèmes" if len(self.problems) > 1 else "1 problème"
        told = [f"fichier refusé, {count} :", *map(str, self.problems)]
        super().__init__("\n".join([*told, *([told_besides(self.more)] if self.more else [])]))


@dataclass(frozen=True, slots=True)
class ReadLine:
    """A line of the file that can be taken: what it says, by the field's name; a column that is absent says nothing."""

    number: int
    values: Mapping[str, Any]

    @property
    def address(self) -> str:
        """By which its article is known."""
        found: str = self.values["address"]
        return found

    def over(self, standing: ArticleText | None) -> ArticleText:
        """What the article is now, where the line says something; all of it where there is none yet."""
        return replace(standing or ArticleText("", ""), **self.values)


def read_articles(content: bytes, listed: Wordings, today: date) -> list[ReadLine]:
    """The lines of a file, or ArticlesRefused with all its problems at once; `listed`: the nomenclature in force."""
    names, rows = _open(content)
    texts = {
        (row.line, name): cell for row in rows for name, cell in zip(names, row.cells, strict=False) if name in TEXTS
    }
    damaged = damaged_cells(texts, is_certain=is_unicode(content))
    problems = [Problem(line, name, _shown(texts[line, name]), why) for (line, name), why in damaged.items()]
    lines = [found for row in rows if (found := _line(row, names, listed, today, problems, known=damaged))]
    first: dict[str, int] = {}
    for line in lines:
        if line.address in first:
            reason = f"même adresse que la ligne {first[line.address]}"
            problems.append(Problem(line.number, "adresse", line.address[:VALUE_SHOWN], reason))
        first.setdefault(line.address, line.number)
    if problems:
        raise ArticlesRefused(problems)
    return lines


def _open(content: bytes) -> tuple[list[str], list[Row]]:
    """Our names of the header's columns ("" for an empty one), and the lines under it."""
    try:
        header, *rows = list(read_rows(content)) or [Row(1, ())]
    except Unreadable as refused:
        raise ArticlesRefused([Problem(refused.line, "", "", str(refused))]) from None
    own = {name.replace("_", ""): name for name in COLUMNS} | OTHER_NAMES
    folded = column_names(header)
    names = [own.get(name, "") for name in folded]
    if damaged := damaged_cells(dict(enumerate(header.cells)), is_certain=is_unicode(content)):
        raise ArticlesRefused([Problem(header.line, "", _shown(header.cells[at]), why) for at, why in damaged.items()])
    missing = [
        Problem(header.line, name, "", "colonne absente de la première ligne") for name in NEEDED if name not in names
    ]
    twice = [
        Problem(header.line, name, "", "colonne présente deux fois")
        for name, times in Counter(names).items()
        if name and times > 1
    ]
    unknown = [
        Problem(header.line, "", _shown(cell), f"colonne inconnue : {', '.join(COLUMNS)}")
        for cell, name, ours in zip(header.cells, folded, names, strict=True)
        if name and not ours
    ]
    if found := [*missing, *twice, *unknown]:
        raise ArticlesRefused(found)
    return names, rows


def _line(
    row: Row,
    names: list[str],
    listed: Wordings,
    today: date,
    problems: list[Problem],
    *,
    known: Container[tuple[int, str]],
) -> ReadLine | None:
    """What a line says, or None with its problems noted; `known`: line and column of those that were noted before."""
    readers: dict[str, Callable[[str], Any]] = {
        "titre": lambda cell: checked_title(clean(cell)),
        "adresse": lambda cell: checked_address(clean(cell)),
        "profils": read_profiles,
        "sous_motifs": partial(read_sous_motifs, listed=listed),
        "resume": lambda cell: checked_summary(clean(" ".join(cell.split()))),
        "verifie_le": lambda cell: checked_day(read_day(clean(cell)), today),
    }
    values: dict[str, Any] = {}
    found = []
    for place, name in enumerate(names):
        cell = row.cells[place].strip() if place < len(row.cells) else ""
        if not name or (row.line, name) in known:
            continue
        try:
            values[FIELDS[name]] = readers[name](cell)
        except ValueError as refused:
            found.append(Problem(row.line, name, _shown(cell), str(refused).rstrip(".")))
    if any(cell.strip() for cell in row.cells[len(names) :]):
        reason = (
            f"plus de cellules que de colonnes ({len(names)}) : guillemets autour de celle qui contient un séparateur"
        )
        found.append(Problem(row.line, "", "", reason))
    problems += found
    return None if found or FIELDS["adresse"] not in values else ReadLine(row.line, values)


def _shown(cell: str) -> str:
    value = "".join(mark if mark.isprintable() else " " for mark in cell)
    return value if len(value) <= VALUE_SHOWN else f"{value[:VALUE_SHOWN]}…"


# ---------------------------------------------------------------- what a cell says


def read_profiles(cell: str) -> tuple[str, ...]:
    """The keys of the profiles that a cell names, by label or key; ChangeRefused for another word."""
    known = {_singular(text): key for key, label in PROFILES.items() for text in (key, label)}
    named = [clean(piece) for piece in _PROFILES.split(cell) if piece.strip()]
    return checked_profiles(known.get(_singular(name), name) for name in named)


def _singular(text: str) -> str:
    return " ".join(word.rstrip("sx") for word in fold_words(text).split())


def read_sous_motifs(cell: str, listed: Wordings) -> tuple[Wording, ...]:
    """The sous-motifs that a cell names, by their own name where it is enough, else by « Thématique › Motif › … ».

    ChangeRefused for one that the list has not, or has several times.
    """
    named = []
    for piece in (clean(piece) for piece in _LIST.split(cell) if piece.strip()):
        *before, sous_motif = _LEVELS.split(piece)
        entry = next((one for places in _places(before) if (one := listed.find(*places, sous_motif))), None)
        if entry is None:
            alike = [one for one in listed.entries if one.wording.folded[2] == fold_words(sous_motif)]
            told = (
                "est le nom de plusieurs sous-motifs : écrivez « Thématique › Motif › Sous-motif »"
                if len(alike) > 1 and len(before) < len(Wording._fields) - 1
                else "n’est pas dans la nomenclature"
            )
            raise ChangeRefused(f"« {_shown(piece)} » {told}.", "sous_motifs")
        named.append(entry.wording)
    return checked_sous_motifs(named)


def _places(before: list[str]) -> list[tuple[str, str]]:
    """What thématique and motif may be meant by the names before a sous-motif's."""
    match before:
        case []:
            return [("", "")]
        case [one]:
            return [("", one), (one, "")]
        case [thematique, motif]:
            return [(thematique, motif)]
        case _:
            return []


_NUMBERS = re.compile(r"(\d{1,2})[ ./-](\d{1,2})[ ./-](\d{4}|\d{2})")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_WORDS = re.compile(r"(?:[a-z]{5,8} )?(\d{1,2})(?:er)? ([a-z]{3,9}) (\d{4})")
_MIDNIGHT = re.compile(r"[ t]00:00(:00(\.0+)?)?$")


def read_day(cell: str) -> date | None:
    """A day as people write it (24/11/2026, 24-11-26, 2026-11-24, 24 novembre 2026); None for an empty cell."""
    text = _MIDNIGHT.sub("", fold(cell))
    if not text:
        return None
    try:
        if found := _ISO.fullmatch(text):
            year, month, day = map(int, found.groups())
            return date(year, month, day)
        if found := _NUMBERS.fullmatch(text):
            day, month, year = map(int, found.groups())
            return date(year if year >= CENTURY else 2000 + year, month, day)
        if found := _WORDS.fullmatch(text.replace(".", "")):
            months = [place for place, name in enumerate(MONTHS, 1) if fold(name).startswith(found[2])]
            if len(months) == 1:
                return date(int(found[3]), months[0], int(found[1]))
    except ValueError:
        pass
    raise ChangeRefused("Ce n’est pas une date : écrivez-la 24/11/2026.", "verifie_le")


# ---------------------------------------------------------------- written


def write_articles(texts: Iterable[ArticleText], listed: Wordings) -> str:
    """The file of these articles; each sous-motif by its own name where the list has it once."""
    times = Counter(entry.wording.folded[2] for entry in listed.entries)

    def name(wording: Wording) -> str:
        is_enough = times[wording.folded[2]] == 1 and not _LEVELS.search(wording.sous_motif)
        return wording.sous_motif if is_enough else SEPARATOR.join(wording)

    return csv_of(
        COLUMNS,
        (
            (
                text.title, text.address, " | ".join(PROFILES[key] for key in text.profiles),
                " | ".join(map(name, text.sous_motifs)), text.summary,
                f"{text.checked_on:%d/%m/%Y}" if text.checked_on else "",
            )
            for text in texts
        ),
    )  # fmt: skip
