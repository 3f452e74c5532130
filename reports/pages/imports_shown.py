"""What an import would change, shown; and the import itself, done once what it would change was seen."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Any

from flask import render_template

from records.counting.words import counted
from records.database import Connection, writing
from reports.figures.definitions import BY_NAME, FOUR, show, show_duration
from reports.figures.periods import french_month
from reports.importing.deciding.choices import Alike, Choice, Choices, Likeness
from reports.importing.deciding.difference import Difference
from reports.importing.deciding.months import figures_of_lines
from reports.importing.deciding.planning import plan_of
from reports.importing.intake import ImportRefused, Reader, carry_out, compare, month_effects, read_workbook
from reports.importing.reading.book import LinePlace
from reports.importing.reading.headings import offered
from reports.importing.reading.parser_process import Bounds
from reports.importing.store import take_turn
from reports.importing.told import (
    CHOICES,
    KINDRED,
    asked_headings,
    differing,
    fingerprint,
    grouped,
    notes_of,
    said_wording,
    unknown_wordings,
)
from reports.importing.understanding.lines import Understood
from reports.pages.context import Reports
from reports.workbook.columns import HistoryRow
from routing.departements import Departement

LARGEST_PREVIEW = 3 * 1024 * 1024
"""Bytes, compressed, of a file that its preview hands back for the decision; a larger one is chosen again."""
SHOWN = 250
"""Lines of each table."""
MOST_CHOICES = 950
"""Fields of the form that carry what people say; a form has a thousand at most."""
SHOWN_HEADINGS = 60
SHOWN_WORDINGS = 60
DECIDED = 600
"""Lines with a choice of their own, where headings and wordings leave so many fields."""
STALE = "Ce que l’import changerait n’est plus ce qui était montré : regardez à nouveau, puis acceptez."


class ImportStep(StrEnum):
    """What is asked of a file."""

    LOOK = "look"
    DO = "do"
    TO_CORRECT = "to correct"
    """The refused lines, as a workbook."""


@dataclass(frozen=True, slots=True)
class SentFile:
    """What was sent: the file, and all that was said of it so far."""

    content: bytes
    name: str
    is_another: bool = False
    """Whether another file was chosen than the one that was shown."""
    chosen: Mapping[str, str] = field(default_factory=dict)
    meant: Mapping[str, str] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict)
    """The wordings of `meant` as they stand in the file."""
    choices: Choices = field(default_factory=Choices)
    skip_refused: bool = False
    digest: str = ""
    """The SHA-256 of the file."""
    seen: str = ""
    """The fingerprint of what was shown, "" before."""
    work: int = 0
    """The number of the heavy work with which the file was sent; 0: it stands here."""

    def as_kept(self) -> dict[str, Any]:
        """All but the file, as JSON."""
        lines = [[place.sheet, place.line, choice] for place, choice in self.choices.lines.items()]
        return {
            "name": self.name, "chosen": dict(self.chosen), "meant": dict(self.meant), "typed": dict(self.typed),
            "lines": lines, "all_of": dict(self.choices.all_of), "skip_refused": self.skip_refused, "seen": self.seen,
        }  # fmt: skip

    @staticmethod
    def kept(content: bytes, digest: str, work: int, said: Mapping[str, Any]) -> SentFile:
        """The file with what `as_kept` gave."""
        lines = {LinePlace(sheet, line): Choice(choice) for sheet, line, choice in said["lines"]}
        all_of = {Likeness(key): Choice(choice) for key, choice in said["all_of"].items()}
        return SentFile(
            content, said["name"], False, said["chosen"], said["meant"], said["typed"], Choices(lines, all_of),
            said["skip_refused"], digest, said["seen"], work,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class LookedAt:
    """What every step begins with: whose calls these are, what was sent, and how it is understood."""

    place: Departement
    reader: Reader
    asked: SentFile
    understood: Understood


def look_at(place: Departement, reader: Reader, asked: SentFile, bounds: Bounds) -> LookedAt:
    """The file understood, within these bounds; WorkbookRefused when it cannot be."""
    understood = read_workbook(asked.content, reader, asked.chosen, asked.meant, bounds)
    return LookedAt(place, reader, asked, understood)


def _with_nothing(_connection: Connection, _told: str) -> None:
    return


def do_import(
    desk: Reports, looked: LookedAt, *, by: str, along: Callable[[Connection, str], None] = _with_nothing
) -> str:
    """Import it, whole or not at all; returns the French sentence that says what was done. ImportRefused tells why not.

    It does what was shown, or nothing. `along` writes, in the same transaction, what is to stand or fall with it.
    """
    place, asked = looked.place, looked.asked
    with writing(desk.engine) as connection:
        take_turn(connection)
        found = compare(connection, looked.understood, place.code)
        if fingerprint(found, looked.understood.book) != asked.seen:
            raise ImportRefused(STALE)
        plan = carry_out(
            connection, found, place.code, looked.reader, by=by, at=desk.clock(), file_name=asked.name,
            skip_refused=asked.skip_refused, choices=asked.choices,
        )  # fmt: skip
        added = counted(len(plan.additions), "appel ajouté", "appels ajoutés")
        told = f"{added}, {counted(plan.cells, 'cellule changée', 'cellules changées')}."
        along(connection, told)
    return told


def preview(desk: Reports, looked: LookedAt, problem: str = "") -> str:
    """What it would change, as the inside of the form by which it is decided."""
    place, asked, understood = looked.place, looked.asked, looked.understood
    with desk.reading() as connection:
        found = compare(connection, understood, place.code)
        months = month_effects(connection, understood, found, place.code, asked.choices)
    packed = b"" if asked.work else zlib.compress(asked.content)
    is_small = len(packed) <= LARGEST_PREVIEW and not asked.work
    headings = asked_headings(understood.book)
    left = MOST_CHOICES - len(headings[:SHOWN_HEADINGS]) - 2 * len(asked.meant)
    wordings = [one for one in unknown_wordings(understood) if one.wording.key not in asked.meant]
    wordings = wordings[: max(0, min(SHOWN_WORDINGS, left // 2))]
    groups = _groups(found, max(0, min(DECIDED, left - 2 * len(wordings))))
    entries = [(entry.wording.key, said_wording(entry.wording)) for entry in looked.reader.wordings.entries]
    return render_template(
        "reports/_import.html", place=place, found=found, name=asked.name, asked=asked, problem=problem,
        is_small=is_small, content=base64.b64encode(packed).decode() if is_small else "",
        digest=asked.digest, work=asked.work, seen=fingerprint(found, understood.book),
        plan=plan_of(found, asked.choices),
        book=understood.book, headings=headings, most_headings=SHOWN_HEADINGS, columns=offered(),
        wordings=wordings, entries=entries, said_wording=said_wording,
        notes=notes_of(understood), lines=len(understood.rows), months=months, french_month=french_month,
        of_file=figures_of_lines(read.row for read in understood.rows),
        without_duration=sum(read.row.seconds is None for read in understood.rows),
        four=[BY_NAME[name] for name in FOUR], groups=groups, kindred=KINDRED, labels=CHOICES,
        differing=partial(differing, show_phone=desk.show_phone), called=partial(_called, desk), limit=SHOWN, show=show,
    )  # fmt: skip


def _groups(found: Difference, left: int) -> list[tuple[Likeness, list[Alike], int]]:
    """Each likeness with the lines that are shown, `left` at most of all, and how many there are."""
    groups = []
    for likeness, lines in grouped(found):
        groups.append((likeness, lines[: min(left, SHOWN)], len(lines)))
        left -= len(groups[-1][1])
    return groups


def _called(desk: Reports, row: HistoryRow) -> str:
    """A call in a few words: number, day, duration."""
    number = desk.show_phone(row.phone) if row.phone else "numéro inconnu"
    return f"{number}, {row.day:%d/%m/%Y}, {'durée inconnue' if row.seconds is None else show_duration(row.seconds)}"
