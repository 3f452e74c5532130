"""Which column of a table is read for what: two that claim the same, those not understood, those that cannot be it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from statistics import median

from records.wording import fold_words
from reports.importing.reading.book import CALLS, MARK, MINUTES, Cell, Heading, How, UnreadableCell, text_of
from reports.importing.reading.headings import (
    BY_HAND,
    BY_WORDS,
    LOOSELY,
    NEARLY,
    OF_ALL,
    PERHAPS_SEVERAL,
    UNITLESS,
    Headings,
    Meant,
    folded,
    is_half_an_answer,
)
from reports.importing.reading.tables import FoundTable
from reports.workbook.columns import letter, read_mark

LOOKED_AT = 500
"""Cells of a column that show what stands in it."""
SHORTEST_CALLS = 60
"""Seconds: numbers whose median is below are as likely minutes."""


@dataclass(slots=True)
class Layout:
    """The columns of a table: key by place counted from 0, its headings as they are shown, and notes in French."""

    places: dict[int, str] = field(default_factory=dict)
    headings: list[Heading] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    departements: tuple[str, ...] = ()
    """What stands in the column « Département », which is not read."""

    @property
    def keys(self) -> set[str]:
        """The keys that are read."""
        return set(self.places.values())


@dataclass(frozen=True, slots=True)
class _Claim:
    """One column and what its heading claims to be."""

    place: int
    text: str
    meant: Meant | None
    cells: Sequence[Cell]
    """Its filled cells, `LOOKED_AT` at most."""

    @property
    def rank(self) -> tuple[int, bool, int]:
        """The least has the key: the surest heading, one under which something stands, the first."""
        return (self.meant.surely if self.meant else NEARLY, not self.cells, self.place)


def layout_of(table: FoundTable, headings: Headings) -> Layout:
    """Which column of a table is read for what."""
    found = Layout()
    claims = [_judged(claim, found) for claim in _claims(table, headings)]
    best: dict[str, _Claim] = {}
    for claim in claims:
        key = claim.meant.key if claim.meant else ""
        if key and (key not in best or claim.rank < best[key].rank):
            best[key] = claim
    for claim in claims:
        name, meant = letter(claim.place), claim.meant
        if meant is None:
            found.headings.append(Heading(name, claim.text, "", How.UNKNOWN))
            if (
                folded(claim.text) in PERHAPS_SEVERAL
                and _belongs(table, claim.place)
                and any(_number(cell) > 1 for cell in claim.cells)
            ):
                found.notes.append(
                    f"Chaque ligne compte pour un appel, quoi que dise la colonne « {claim.text} » : "
                    "de plusieurs appels, écrivez une ligne par appel."
                )
            if claim.cells and is_half_an_answer(claim.text):
                found.notes.append(
                    f"La colonne « {claim.text} » ne porte que la moitié d'une réponse, et n'est pas lue : "
                    "écrivez Oui ou Non dans une seule colonne."
                )
        elif not meant.key or best[meant.key] is claim:
            found.headings.append(Heading(name, claim.text, meant.key, meant.how))
            if meant.key:
                found.places[claim.place] = meant.key
        else:
            other = best[meant.key]
            found.headings.append(Heading(name, _own_name(claim.text, claim.place), "", How.UNKNOWN))
            found.notes.append(
                f"Les colonnes {letter(other.place)} (« {other.text} ») et {name} (« {claim.text} ») disent la même "
                f"chose : la colonne {letter(other.place)} est lue, la colonne {name} ne l'est pas."
            )
    minutes, seconds = best.get(MINUTES), best.get("seconds")
    if minutes and not (seconds and seconds.cells) and _may_be_seconds(minutes.cells):
        found.notes.append(
            f"Les nombres de « {minutes.text} » sont lus en minutes et dixièmes : 4,3 est 4 min 18, et non 4 min 30."
        )
    return found


def _may_be_seconds(cells: Sequence[Cell]) -> bool:
    """Whether what stands behind the decimal point may be seconds: none of it is sixty or more."""
    behind = [round(cell % 1 * 100) for cell in cells if isinstance(cell, float) and not cell.is_integer()]
    return bool(behind) and max(behind) < 60  # noqa: PLR2004 - seconds in a minute


def _own_name(text: str, place: int) -> str:
    return f"{text} (colonne {letter(place)})"


def _claims(table: FoundTable, headings: Headings) -> Iterable[_Claim]:
    """Every column with a heading, and those without one in which something stands between the others."""
    known = list(table.meanings)
    last = max(known) + 1
    for place in range(table.first, min(table.end, max(len(table.cells), last + 1))):
        text = text_of(table.cells[place]) if place < len(table.cells) else ""
        meant = table.meanings.get(place)
        if not text and not min(known) <= place <= last:
            continue
        cells = _filled(table, place)
        if not text:
            if not cells:
                continue
            text = f"Sans en-tête (colonne {letter(place)})"
            meant = None
        said = headings.chosen.get(fold_words(_own_name(text, place)), headings.chosen.get(fold_words(text)))
        if said is not None:
            meant = Meant(said, BY_HAND)
        if meant is not None and meant.key == CALLS and not _belongs(table, place):
            meant = None
        if meant is None and cells and all(read_mark(text_of(cell)) for cell in cells[:20]):
            meant = Meant(MARK, BY_WORDS)
        yield _Claim(place, text, meant, cells)


def _belongs(table: FoundTable, place: int) -> bool:
    """Whether no column is empty between this one and the next that is read: a recapitulation stands apart."""
    first: dict[str, int] = {}
    for at, meant in table.meanings.items():
        if meant.key not in {"", CALLS}:
            first.setdefault(meant.key, at)
    near = min(first.values(), key=lambda at: abs(at - place), default=place)
    between = range(min(near, place) + 1, max(near, place))
    return all(at < len(table.cells) and text_of(table.cells[at]) for at in between)


def _filled(table: FoundTable, place: int) -> list[Cell]:
    found: list[Cell] = []
    for _, cells in table.rows:
        if place < len(cells) and cells[place] not in {"", None}:
            found.append(cells[place])
            if len(found) == LOOKED_AT:
                break
    return found


def _judged(claim: _Claim, found: Layout) -> _Claim:
    """The claim, dropped where the heading is not sure and what stands below is something else."""
    meant = claim.meant
    if meant is not None and not meant.key and fold_words(claim.text) == fold_words(OF_ALL):
        several = sorted({text_of(cell) for cell in claim.cells})
        found.departements = tuple(several)
        if len(several) > 1:
            found.notes.append(
                f"La colonne « {claim.text} » n'est pas lue, et elle dit plusieurs valeurs "
                f"({', '.join(several[:5])}{'…' if len(several) > 5 else ''}) : "  # noqa: PLR2004 - enough to know them by
                "tous les appels iraient au même département."
            )
    if meant is None or meant.surely not in {LOOSELY, NEARLY}:
        return claim
    if meant.key == UNITLESS and meant.surely == LOOSELY:
        numbers = [number for number in map(_number, claim.cells) if number >= 1]
        if numbers and median(numbers) < SHORTEST_CALLS:
            found.notes.append(
                f"La colonne « {claim.text} » ne dit pas si ses nombres sont des secondes ou des minutes : "
                "choisissez, elle n'est pas lue."
            )
            return _Claim(claim.place, claim.text, None, claim.cells)
        if numbers:
            found.notes.append(
                f"La colonne « {claim.text} » ne dit pas son unité : ses nombres sont lus comme des secondes."
            )
    if claim.cells and not _is_like(meant.key, claim.cells):
        return _Claim(claim.place, claim.text, None, claim.cells)
    return claim


def _number(cell: Cell) -> float:
    """A bare number, also as the text that a .csv has; 0 for anything else."""
    if isinstance(cell, int | float):
        return cell
    return float(text_of(cell).replace(",", ".")) if re.fullmatch(r"\d{1,9}([.,]\d{1,3})?", text_of(cell)) else 0


def _is_like(key: str, cells: Sequence[Cell]) -> bool:
    """Whether half of the cells may be what the column is to hold."""
    readable = [cell for cell in cells if not isinstance(cell, UnreadableCell)]
    fitting = sum(_fits(key, cell) for cell in readable)
    if key in {"resolved", "escalated"} and len({text_of(cell) for cell in readable}) > MOST_ANSWERS:
        return False
    return fitting * 2 >= len(readable)


MOST_ANSWERS = 12
"""Different answers to a question of yes or no; more are sentences."""


def _fits(key: str, cell: Cell) -> bool:
    text = text_of(cell)
    digits = sum(sign.isdigit() for sign in text)
    match key:
        case "phone":
            return digits >= 8 or bool(re.search(r"masqu|inconnu|anonym|priv|nsp", fold_words(text)))  # noqa: PLR2004
        case "day":
            return isinstance(cell, date | datetime) or digits >= 3  # noqa: PLR2004 - 1/4/25
        case "seconds" | "minutes":
            return isinstance(cell, int | float | time | timedelta | datetime) or digits > 0
        case "resolved" | "escalated":
            return isinstance(cell, bool) or (not isinstance(cell, date) and len(text) <= 25 and digits <= 1)  # noqa: PLR2004
        case "niveau":
            return len(text) <= 15 and ("1" in text or "2" in text)  # noqa: PLR2004 - « niveau 1 ou 2 »
        case _:
            return isinstance(cell, str) and digits * 2 < len(text)
