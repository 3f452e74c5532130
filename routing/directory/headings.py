"""Where is the header, and which column does each heading name? As people and the ministry's table write them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from routing.directory.cells import (
    ENOUGH_HEADINGS,
    FIRST_LINES,
    Row,
    delimiter_of,
    folded_heading,
    is_unicode,
    read_rows,
)

COLUMNS = ("departement", "siao", "nom", "prenom", "role", "telephone", "email", "rang", "horaires", "filtrage")
_ALSO = {
    "departement": (
        "dept dep dpt departements codedepartement codedep codedept numerodepartement numerodedepartement ndepartement "
        "ndedepartement nodepartement"
    ),
    "siao": "nomdusiao structure nomdelastructure organisme",
    "nom": "nomdefamille nomdureferent",
    "prenom": "prenoms prenomdureferent",
    "role": "fonction roles",
    "telephone": (
        "tel numerodetelephone ndetelephone nodetelephone numtelephone numerotelephone ntelephone numtel ntel "
        "numerodetel numdetel numdetelephone ndetel numerosdetelephone telephones telephoneprofessionnel "
        "numerodetelephoneprofessionnel telpro numero"
    ),
    "email": (
        "mail mails emails courriel courriels adressemail adressesmail adressesmails adresseemail adresseelectronique "
        "adressedemessagerie adressecourriel mailpro mailprofessionnel emailprofessionnel adressemailprofessionnelle"
    ),
    "rang": "ordre ordredappel rangdappel priorite",
    "horaires": "horaire heures plages plageshoraires horairesdouverture joursethoraires disponibilites",
    "filtrage": "filtre filtrer",
}
HEADINGS: Mapping[str, str] = MappingProxyType(
    {column: column for column in COLUMNS} | {name: column for column, names in _ALSO.items() for name in names.split()}
)
"""The column meant by each folded heading."""


@dataclass(frozen=True, slots=True)
class Table:
    """The header of a directory file and the records under it; `is_certain`: its encoding is no guess."""

    header: Row
    rows: tuple[Row, ...]
    is_certain: bool = True

    @property
    def places(self) -> dict[str, list[int]]:
        """The places of each column: one, none where it is absent, several where it stands twice.

        A column under its own name is that one, whatever other heading means the same.
        """
        folded = column_names(self.header)
        found = {}
        for column in COLUMNS:
            named = [place for place, name in enumerate(folded) if name == column]
            found[column] = named or [place for place, name in enumerate(folded) if HEADINGS.get(name) == column]
        return found

    @property
    def unknown(self) -> list[str]:
        """The headings that name none of the columns, as they are written."""
        return [cell.strip() for cell in self.header.cells if cell.strip() and folded_heading(cell) not in HEADINGS]


def open_table(content: bytes) -> Table:
    """The header among the first records (lines of a title may come before it), and what follows it.

    Raises Unreadable when the file is no CSV.
    """
    rows = list(read_rows(content, HEADINGS)) or [Row(1, ())]
    first = rows[:FIRST_LINES]
    known = [sum(name in HEADINGS for name in column_names(row)) for row in first]
    best = max(known)
    at = known.index(best) if best >= ENOUGH_HEADINGS else 0
    return Table(rows[at], tuple(rows[at + 1 :]), is_unicode(content))


def separator_of(text: str) -> str:
    """What parts the cells of a directory file."""
    return delimiter_of(text, HEADINGS)


def column_names(header: Row) -> list[str]:
    """The names of the header's cells, without case, accents, signs and what stands in brackets."""
    return [folded_heading(cell) for cell in header.cells]
