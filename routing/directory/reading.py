"""The directory file, referents.csv: every line validated, every bad line in one report, all or nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from routing.calendar.hours import read_hours
from routing.departements import NATIONAL, normalise_code
from routing.directory.cells import Row, Unreadable, clean, fold, read_rows
from routing.directory.people import Person, Role, short_id
from routing.phones import read_phone

__all__ = ["COLUMNS", "NATIONAL", "DirectoryRefused", "Person", "Problem", "Role", "read_directory", "short_id"]

COLUMNS = ("departement", "siao", "nom", "prenom", "role", "telephone", "email", "rang", "horaires", "filtrage")
MAX_NAME = 80
MAX_SIAO = 200
MAX_EMAIL = 254
MAX_RANG = 99
MAX_LINES_OF_ONE_PERSON = 25
VALUE_SHOWN = 80

_FEMININE = {"referente": Role.REFERENT, "suppleante": Role.SUPPLEANT, "directrice": Role.DIRECTEUR}
_ROLES = {fold(role): role for role in Role} | _FEMININE
_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_EMAIL = re.compile(rf"[a-z0-9!#$%&'*+/=?^_`{{|}}~.-]+@(?:{_LABEL}\.)+{_LABEL}", re.IGNORECASE)

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
    """A directory file that is not taken over; `problems` holds every bad line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.line, *_place(problem.column))))
        count = f"{len(self.problems)} problèmes" if len(self.problems) > 1 else "1 problème"
        super().__init__("\n".join([f"annuaire refusé, {count} :", *map(str, self.problems)]))


def _place(column: str) -> tuple[int, ...]:
    return (COLUMNS.index(column),) if column in COLUMNS else ()


def read_directory(
    content: bytes, *, secret: bytes, own_numbers: frozenset[str] = frozenset(), allow_fiction: bool
) -> tuple[Person, ...]:
    """The people of a directory file, in its order, or DirectoryRefused with all its problems at once.

    `own_numbers`: the numbers of the line (E.164), refused for anybody; `allow_fiction`: whether numbers reserved for
    fiction are accepted (demonstration and tests).
    """
    header, rows = _open(content)
    places = {column: header.index(column) for column in COLUMNS}
    read_number = partial(read_phone, own_numbers=own_numbers, allow_fiction=allow_fiction)
    lines = [_Line(row, places, _spilled(row, len(header))) for row in rows]
    read = [(line, line.person(secret, read_number)) for line in lines]
    problems = [problem for line in lines for problem in line.problems]
    problems += _repeated(lines)
    problems += _too_many_lines(read)
    problems += _nobody_national(read)
    if problems:
        raise DirectoryRefused(problems)
    return _numbered(person for _line, person in read if person)


def _open(content: bytes) -> tuple[list[str], list[Row]]:
    """The folded names of the header, each known column once, and the records under it."""
    try:
        header, *rows = list(read_rows(content)) or [Row(1, ())]
    except Unreadable as refused:
        raise DirectoryRefused([Problem(refused.line, "", "", str(refused))]) from None
    names = column_names(header)
    missing = [column for column in COLUMNS if column not in names]
    twice = [column for column in COLUMNS if names.count(column) > 1]
    if missing or twice:
        raise DirectoryRefused(
            [Problem(header.line, column, "", "colonne absente de la première ligne") for column in missing]
            + [Problem(header.line, column, "", "colonne présente deux fois") for column in twice]
        )
    return names, rows


def column_names(header: Row) -> list[str]:
    """The names of the header's cells, without case, accents or signs."""
    return [re.sub(r"[^a-z0-9]", "", fold(cell)) for cell in header.cells]


def _spilled(row: Row, width: int) -> list[Problem]:
    """A problem when cells stand beyond the header's last column."""
    if not any(cell.strip() for cell in row.cells[width:]):
        return []
    reason = f"plus de cellules que de colonnes ({width}) : mettez entre guillemets celle qui contient un séparateur"
    return [Problem(row.line, "", "", reason)]


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

    def typed(self, column: str) -> str:
        place = self.places[column]
        return self.row.cells[place].strip() if place < len(self.row.cells) else ""

    def read(self, column: str, reading: Callable[[str], _Value]) -> _Value | None:
        """What `reading` makes of the cell, or None with a problem noted."""
        try:
            return reading(clean(self.typed(column)))
        except ValueError as refused:
            self.refuse(column, str(refused))
            return None

    def refuse(self, column: str, reason: str) -> None:
        value = "".join(character if character.isprintable() else "�" for character in self.typed(column))
        value = value if len(value) <= VALUE_SHOWN else f"{value[:VALUE_SHOWN]}…"
        self.problems.append(Problem(self.number, column, value, reason))

    def person(self, secret: bytes, read_number: Callable[[str], str]) -> Person | None:
        """The person of the line, or None when a cell is refused."""
        departement = self.read("departement", normalise_code)
        role = self.read("role", _read_role)
        contact = role is Role.CONTACT
        siao = self.read("siao", partial(_read_text, longest=MAX_SIAO, optional=False))
        nom = self.read("nom", partial(_read_text, longest=MAX_NAME, optional=contact))
        prenom = self.read("prenom", partial(_read_text, longest=MAX_NAME, optional=contact))
        phone = self.read("telephone", lambda typed: read_number(typed) if typed else None)
        email = self.read("email", _read_email)
        rang = self.read("rang", _read_rang)
        hours = self.read("horaires", read_hours)
        screened = self.read("filtrage", _read_screening)
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


def _read_role(typed: str) -> Role:
    role = _ROLES.get(fold(typed))
    if role is None:
        raise ValueError(f"rôle inconnu : écrivez {', '.join(Role)}")
    return role


def _read_text(typed: str, *, longest: int, optional: bool) -> str:
    if not typed and not optional:
        raise ValueError("cette cellule est vide")
    if len(typed) > longest:
        raise ValueError(f"trop long : {longest} caractères au plus")
    return typed


def _read_email(typed: str) -> str | None:
    if typed and (len(typed) > MAX_EMAIL or not _EMAIL.fullmatch(typed)):
        raise ValueError("ce n'est pas une adresse e-mail")
    return typed or None


def _read_rang(typed: str) -> int | None:
    if not typed:
        return None
    if not (typed.isascii() and typed.isdigit() and len(typed) <= len(str(MAX_RANG)) and int(typed) >= 1):
        raise ValueError(f"le rang est un nombre entier de 1 à {MAX_RANG}, ou rien")
    return int(typed)


def _read_screening(typed: str) -> bool:
    if fold(typed) not in {"", "oui", "non"}:
        raise ValueError("écrivez oui ou non")
    return fold(typed) != "non"


# ---------------------------------------------------------------- the lines together


def _repeated(lines: list[_Line]) -> list[Problem]:
    """The lines whose known cells all repeat those of a line before, which is named."""
    first: dict[tuple[str, ...], int] = {}
    problems = []
    for line in lines:
        values = tuple(fold(line.typed(column)) for column in COLUMNS)
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
