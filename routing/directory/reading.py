"""The directory file, referents.csv: every line validated, every bad line in one report, all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from routing.calendar.hours import read_hours
from routing.departements import NATIONAL
from routing.directory.cells import Row, Unreadable, clean, fold
from routing.directory.damage import ADVICE, damaged_cells, damaged_name, lost_letter, why_damaged
from routing.directory.headings import COLUMNS, Table, column_names, open_table
from routing.directory.people import Person, Role, short_id
from routing.directory.spellings import (
    phone_reader,
    plain,
    read_departement,
    read_email,
    read_rang,
    read_role,
    read_screening,
)
from routing.phones import read_phone

__all__ = [
    "COLUMNS", "NATIONAL", "DirectoryRefused", "Person", "Problem", "Role", "column_names", "first_lines",
    "read_directory", "short_id", "told_besides",
]  # fmt: skip

MAX_NAME = 80
MAX_SIAO = 200
MAX_LINES_OF_ONE_PERSON = 25
VALUE_SHOWN = 80
MOST_NAMED = 8
LINES_TOLD, LINES_SHOWN = 1_000, 100
"""Bad lines of which a report tells everything, and of which a page shows it; the others are counted."""
LONGEST = {
    "departement": 100, "role": 100, "telephone": 100, "rang": 20, "filtrage": 20, "email": 320, "horaires": 1_000,
}  # fmt: skip
"""Characters that a cell may have before anybody tries to understand it."""
OF_A_PERSON = frozenset({"nom", "prenom"})
NAMES = OF_A_PERSON | {"siao"}
"""Columns whose cells are taken as they are typed, but for spaces: « 't Hooft » begins with an apostrophe."""

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a directory file: the physical line (1 = first), the column, its value, the French reason."""

    line: int
    column: str
    value: str
    reason: str

    def __str__(self) -> str:
        where = f"ligne {self.line}, colonne {self.column}" if self.column else f"ligne {self.line}"
        return f"{where}, « {self.value} » : {self.reason}" if self.value else f"{where} : {self.reason}"


class DirectoryRefused(ValueError):  # noqa: N818 - it tells a decision; its text is the whole report in French
    """A directory file that is not taken over.

    `problems` holds all that is wrong with its first thousand bad lines; `more` is how many bad lines come after.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        found = sorted(problems, key=lambda problem: (problem.line, *_place(problem.column)))
        self.problems, self.more = first_lines(found)
        count = f"{len(self.problems)} problèmes" if len(self.problems) > 1 else "1 problème"
        told = [f"annuaire refusé, {count} :", *map(str, self.problems)]
        super().__init__("\n".join([*told, *([told_besides(self.more)] if self.more else [])]))


def first_lines(problems: Sequence[Problem], most: int = LINES_TOLD) -> tuple[tuple[Problem, ...], int]:
    """The problems, which are in their order, of the first bad lines, and how many bad lines come after them."""
    bad = list(dict.fromkeys(problem.line for problem in problems))
    told = set(bad[:most])
    return tuple(problem for problem in problems if problem.line in told), len(bad) - len(told)


def told_besides(more: int) -> str:
    """The last line of a report that does not tell of every bad line."""
    return f"… autres lignes fautives : {more}"


def _place(column: str) -> tuple[int, ...]:
    return (COLUMNS.index(column),) if column in COLUMNS else ()


def read_directory(
    content: bytes, *, secret: bytes, own_numbers: frozenset[str] = frozenset(), allow_fiction: bool
) -> tuple[Person, ...]:
    """The people of a directory file, in its order, or DirectoryRefused with all its problems at once.

    `own_numbers`: the numbers of the line (E.164), refused for anybody; `allow_fiction`: whether numbers reserved for
    fiction are accepted (demonstration and tests).
    """
    table, places = _open(content)
    read_number = partial(read_phone, own_numbers=own_numbers, allow_fiction=allow_fiction)
    width = len(table.header.cells)
    lines = [_Line(row, places, _spilled(row, width)) for row in table.rows]
    damaged = _damaged(lines, is_certain=table.is_certain)
    read: list[tuple[_Line, Person | None]] = []
    bad = 0
    for line in lines:
        person = line.person(secret, read_number, damaged.get(line.number, {}), is_brief=bad >= LINES_TOLD)
        read.append((line, person))
        bad += bool(line.problems)
    problems = [problem for line in lines for problem in line.problems]
    problems += _repeated(read)
    problems += _too_many_lines(read)
    problems += _nobody_national(read)
    if problems:
        raise DirectoryRefused(problems)
    return _numbered(person for _line, person in read if person)


def _open(content: bytes) -> tuple[Table, dict[str, int]]:
    """The table of the file and the place of each column, each once."""
    try:
        table = open_table(content)
    except Unreadable as refused:
        raise DirectoryRefused([Problem(refused.line, "", "", str(refused))]) from None
    line, places = table.header.line, table.places
    absent = [column for column in COLUMNS if not places[column]]
    twice = [column for column in COLUMNS if len(places[column]) > 1]
    problems = [Problem(line, column, "", "colonne présente deux fois") for column in twice]
    problems += [Problem(line, column, "", _why_absent(column)) for column in absent]
    if absent and table.unknown:
        named = ", ".join(f"« {_shown(heading)} »" for heading in table.unknown[:MOST_NAMED])
        problems.append(Problem(line, absent[0], "", f"en-têtes qui ne correspondent à aucune colonne : {named}"))
    if problems:
        raise DirectoryRefused(problems)
    return table, {column: place for column, [place] in places.items()}


def _why_absent(column: str) -> str:
    """What to do about a column that the file has not; the ministry's table of référents has five of the ten."""
    empty = {"rang": "vide : jamais appelé", "horaires": "vide : les heures habituelles", "filtrage": "vide : oui"}
    return f"colonne absente : ajoutez-la à la ligne des en-têtes{f' ({empty[column]})' if column in empty else ''}"


def _spilled(row: Row, width: int) -> list[Problem]:
    """A problem when cells stand beyond the header's last column."""
    if not any(cell.strip() for cell in row.cells[width:]):
        return []
    reason = f"plus de cellules que de colonnes ({width}) : mettez entre guillemets celle qui contient un séparateur"
    return [Problem(row.line, "", "", reason)]


def _shown(cell: str) -> str:
    """A cell as a report shows it: printable, and not longer than one reads."""
    value = "".join(character if character.isprintable() else "�" for character in cell.strip())
    return value if len(value) <= VALUE_SHOWN else f"{value[:VALUE_SHOWN]}…"


def _damaged(lines: list[_Line], *, is_certain: bool) -> dict[int, dict[str, str]]:
    """The reasons by line and column of the cells that a wrong encoding has damaged."""
    cells = {(line.number, column): line.raw(column) for line in lines for column in COLUMNS}
    lost = {}
    for (number, column), cell in cells.items():
        if lost_letter(cell) or (column in OF_A_PERSON and "?" in cell):
            lost[number, column] = f"un « ? » remplace une lettre perdue : {ADVICE}"
        elif column in NAMES and damaged_name(cell):
            lost[number, column] = why_damaged(cell, cell)
    found: dict[int, dict[str, str]] = {}
    for (number, column), reason in (lost | damaged_cells(cells, is_certain=is_certain)).items():
        found.setdefault(number, {})[column] = reason
    return found


# ---------------------------------------------------------------- one line


@dataclass(frozen=True, slots=True)
class _Line:
    """One line on its way to a person; what cannot be read is noted in `problems`."""

    row: Row
    places: Mapping[str, int]
    problems: list[Problem]

    @property
    def number(self) -> int:
        return self.row.line

    def raw(self, column: str) -> str:
        """The cell as it stands in the file."""
        place = self.places[column]
        return self.row.cells[place] if place < len(self.row.cells) else ""

    def typed(self, column: str) -> str:
        """The cell without what a spreadsheet adds around it."""
        return self.raw(column).strip() if column in NAMES else plain(self.raw(column))

    def read(self, column: str, reading: Callable[[str], _Value], *, is_brief: bool = False) -> _Value | None:
        """What `reading` makes of the cell, or None with a problem noted; `is_brief`: one of the line is enough."""
        if is_brief and self.problems:
            return None
        longest = LONGEST.get(column)
        if longest and len(self.raw(column)) > longest:
            self.refuse(column, f"trop long : {longest} caractères au plus")
            return None
        try:
            return reading(clean(self.typed(column)))
        except ValueError as refused:
            self.refuse(column, str(refused))
            return None

    def refuse(self, column: str, reason: str) -> None:
        self.problems.append(Problem(self.number, column, _shown(self.raw(column)), reason))

    def person(
        self, secret: bytes, read_number: Callable[[str], str], damaged: Mapping[str, str], *, is_brief: bool = False
    ) -> Person | None:
        """The person of the line, or None when a cell is refused; `damaged`: reasons known before, by column.

        `is_brief`: the line is only counted when it is bad, so its first problem is enough.
        """
        for column, reason in damaged.items():
            self.refuse(column, reason)
        if self.problems:
            return None
        read = partial(self.read, is_brief=is_brief)
        departement = read("departement", read_departement)
        role = read("role", read_role)
        contact = role is Role.CONTACT
        siao = read("siao", partial(_read_text, longest=MAX_SIAO, optional=False))
        nom = read("nom", partial(_read_text, longest=MAX_NAME, optional=contact))
        prenom = read("prenom", partial(_read_text, longest=MAX_NAME, optional=contact))
        phone = read("telephone", phone_reader(read_number))
        email = read("email", read_email)
        rang = read("rang", read_rang)
        hours = read("horaires", read_hours)
        screened = read("filtrage", read_screening)
        self._check_together(role, phone=phone, email=email, rang=rang)
        if self.problems or departement is None or role is None or hours is None:
            return None
        nom, prenom, siao = nom or "", prenom or "", siao or ""
        person_id = short_id(secret, nom, prenom, email or "")
        return Person(
            person_id, departement, siao, nom, prenom, role, phone, email, rang, hours, screened=screened is not False
        )

    def _check_together(self, role: Role | None, *, phone: str | None, email: str | None, rang: int | None) -> None:
        if phone is None and not self.typed("telephone") and (rang is not None or role not in {None, Role.CONTACT}):
            self.refuse("telephone", "le numéro manque : seul un contact sans rang peut ne pas en avoir")
        if role is Role.CONTACT and phone is None and email is None and not self.problems:
            self.refuse("email", "un contact a au moins un e-mail ou un téléphone")


def _read_text(typed: str, *, longest: int, optional: bool) -> str:
    if not typed and not optional:
        raise ValueError("cette cellule est vide")
    if len(typed) > longest:
        raise ValueError(f"trop long : {longest} caractères au plus")
    return typed


# ---------------------------------------------------------------- the lines together


def _repeated(read: list[tuple[_Line, Person | None]]) -> list[Problem]:
    """The lines whose known cells all say what those of a line before say, however written; it is named."""
    first: dict[object, int] = {}
    problems = []
    for line, person in read:
        values: object = tuple(fold(line.typed(column)) for column in COLUMNS)
        if person:
            values = replace(person, siao=fold(person.siao), nom="", prenom="", email="")  # the short id has them
        if values in first:
            problems.append(Problem(line.number, "", "", f"même contenu que la ligne {first[values]}"))
        first.setdefault(values, line.number)
    return problems


def _too_many_lines(read: list[tuple[_Line, Person | None]]) -> list[Problem]:
    counts: dict[tuple[str, str], int] = {}
    problems = []
    for line, person in read:
        if person:
            key = (person.departement, person.id)
            counts[key] = counts.get(key, 0) + 1
            if counts[key] > MAX_LINES_OF_ONE_PERSON:
                reason = f"plus de {MAX_LINES_OF_ONE_PERSON} lignes pour une même personne dans ce département"
                problems.append(Problem(line.number, "nom", person.nom, reason))
    return problems


def _nobody_national(read: list[tuple[_Line, Person | None]]) -> list[Problem]:
    """Decision 13: somebody of the national team can be rung; silent when a refused line may be that somebody."""
    national = [person for line, person in read if line.typed("departement") == NATIONAL]
    if any(person is None or person.is_ringable for person in national):
        return []
    return [Problem(1, "departement", NATIONAL, "personne de l'équipe nationale n'a à la fois un téléphone et un rang")]


def _numbered(people: Iterable[Person]) -> tuple[Person, ...]:
    """The people with a suffix, `b`, then `c`, on further lines of one person in one département."""
    counts: dict[tuple[str, str], int] = {}
    numbered = []
    for person in people:
        key = (person.departement, person.id)
        counts[key] = counts.get(key, 0) + 1
        suffix = "" if counts[key] == 1 else chr(ord("a") + counts[key] - 1)
        numbered.append(replace(person, id=person.id + suffix))
    return tuple(numbered)
