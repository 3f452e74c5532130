"""Every kind of file that people sent, in a table: what is read, what is refused or said of it, word for word.

docs/imports.md holds the same table for the national team: `rows_of_the_document` makes its lines.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from reports.importing.reading.sheets import read_book
from reports.importing.told import asked_headings, notes_of
from reports.importing.understanding.lines import Understood, understand
from reports.workbook.columns import COLUMNS
from routing.phones import read_phone
from support.nomenclature.entries import first_nomenclature

DOCUMENT = Path(__file__).parents[2] / "docs" / "imports.md"
DAY = datetime(2025, 4, 12)  # noqa: DTZ001 - a spreadsheet's days have no zone
GOOD: tuple[Any, ...] = (
    "01 99 00 12 34", DAY, 240, None, "ACCES ET AUTHENTIFICATION", "Problème de connexion au SI SIAO",
    "Réinitialisation mot de passe", "Niveau 1", "oui", "non",
)  # fmt: skip
PLACES = {column.key: place for place, column in enumerate(COLUMNS.declared)}
Make = Callable[[Workbook], None]


@dataclass(frozen=True)
class Case:
    """One kind: what people did, the file, how many lines are read and refused, and what is said."""

    kind: str
    content: bytes
    read: int
    refused: int = 0
    says: str = ""


def saved(book: Workbook) -> bytes:
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def with_lines(
    *lines: Sequence[Any], headings: Sequence[str] = COLUMNS.headings, name: str = "Historique d'appel"
) -> bytes:
    return sheets((name, [headings, *lines]))


def sheets(*named: tuple[str, Iterable[Sequence[Any]]], epoch: Any = None, make: Make | None = None) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    if epoch:
        book.epoch = epoch
    for name, lines in named:
        sheet = book.create_sheet(name)
        for each in lines:
            sheet.append(each)
    if make:
        make(book)
    return saved(book)


def but(**cells: Any) -> tuple[Any, ...]:
    """The good line with other cells."""
    line = list(GOOD)
    for key, value in cells.items():
        line[PLACES[key]] = value
    return tuple(line)


def heading(key: str, text: str) -> bytes:
    """The good line under a heading of somebody's own."""
    headings = [text if column.key == key else column.heading for column in COLUMNS.declared]
    return with_lines(GOOD, headings=headings)


def merged_days(book: Workbook) -> None:
    book.worksheets[0].merge_cells("B2:B3")


def as_csv(*lines: Sequence[Any]) -> bytes:
    out = StringIO()
    csv.writer(out, delimiter=";").writerows([COLUMNS.headings, *lines])
    return out.getvalue().encode("utf-8-sig")


ONE = ("Mai", [COLUMNS.headings, but(day=datetime(2025, 5, 2))])  # noqa: DTZ001 - as above
TWO = ("Juin", [COLUMNS.headings, but(day=datetime(2025, 6, 2))])  # noqa: DTZ001 - as above
ENGLISH = (
    "Phone number", "Call date", "Call duration (seconds)", "Duration (minutes)", "Topic", "Reason", "Sub reason",
    "Level", "Solved?", "Escalated?",
)  # fmt: skip
TWO_LINES = (
    ("Numéro de", "Date", "Durée", "Durée", "Thématique", "Motif", "Sous", "Niveau de", "Problème", "Escaladé"),
    (
        "téléphone",
        "de l'appel",
        "en secondes",
        "en minutes",
        "",
        "",
        "motif",
        "sollicitation",
        "résolu ?",
        "au national ?",
    ),
)
CASES = (
    Case(
        "1904 : les dates d’un classeur compté depuis 1904",
        sheets(("Historique", [COLUMNS.headings, GOOD]), epoch=CALENDAR_MAC_1904),
        1,
    ),
    Case(
        "Durée « 1h05 » dans la colonne des secondes",
        with_lines(but(seconds="1h05")),
        1,
        says="Durée « 1h05 » lue 1 h 05.",
    ),
    Case("Durée « 4'10'' »", with_lines(but(seconds="4'10''")), 1),
    Case(
        "Durée « 5 à 10 min »", with_lines(but(seconds="5 à 10 min")), 0, 1, "la durée « 5 à 10 min » n'est pas claire"
    ),
    Case(
        "Une heure dans une cellule de durée : 12:20:00",
        with_lines(but(seconds=time(12, 20))),
        1,
        says="lue 12 min 20, et non 12 h 20.",
    ),
    Case(
        "Une heure écrite comme un nombre : 0,00277778",
        with_lines(but(seconds=0.00277777777777778)),
        1,
        says="lue 4 min : c’est une heure du tableur",
    ),
    Case(
        "Deux durées qui ne disent pas la même chose",
        with_lines(but(seconds=0, minutes=time(0, 4))),
        0,
        1,
        "les deux durées ne disent pas la même chose",
    ),
    Case(
        "Une formule sans valeur enregistrée", with_lines(but(seconds="=C1*2")), 0, 1, "n'a pas de valeur enregistrée"
    ),
    Case("Une feuille par mois", sheets(ONE, TWO), 2),
    Case(
        "Un modèle vide d’abord, une feuille de notes",
        sheets(("Historique d'appel", [COLUMNS.headings]), ONE, ("Notes", [("rien",)])),
        1,
        says="Notes",
    ),
    Case(
        "Deux tableaux l’un sous l’autre",
        sheets(("Historique d'appel", [*ONE[1], (None,), *TWO[1]])),
        2,
        says="Les en-têtes sont répétés",
    ),
    Case("Intitulé « Problème résolu (oui/non) »", heading("resolved", "Problème résolu (oui/non)"), 1),
    Case("Intitulé « Tél. »", heading("phone", "Tél."), 1),
    Case("Intitulé « Résolution »", heading("resolved", "Résolution"), 1, says="« Résolution » : intitulé approchant"),
    Case("Intitulé « Durée »", heading("seconds", "Durée"), 1, says="ne dit pas son unité"),
    Case(
        "Intitulé inconnu",
        heading("phone", "Observations du jour"),
        1,
        says="« Observations du jour » : intitulé non compris",
    ),
    Case("Intitulé de la date non compris", heading("day", "Quand"), 0, 1, "la date manque"),
    Case("Date « 12-avr-25 »", with_lines(but(day="12-avr-25")), 1),
    Case("Date « 12/04 »", with_lines(but(day="12/04")), 0, 1, "l’année manque"),
    Case("Date qui n’existe pas : 31/02/2025", with_lines(but(day="31/02/2025")), 0, 1, "n'est pas une date"),
    Case(
        "Date fusionnée sur plusieurs lignes",
        sheets(("Historique", [COLUMNS.headings, GOOD, but(day=None)]), make=merged_days),
        2,
        says="une cellule fusionnée vaut pour chacune de ses lignes",
    ),
    Case("Numéro suisse", with_lines(but(phone="+41 44 668 18 00")), 1),
    Case("Numéro « 4512 »", with_lines(but(phone="4512")), 1, says="4512"),
    Case("Numéro « NSP »", with_lines(but(phone="NSP")), 1),
    Case("« Problème résolu ? » vide", with_lines(but(resolved=None)), 1),
    Case("« En cours »", with_lines(but(resolved="En cours")), 1),
    Case(
        "« Partiellement »", with_lines(but(resolved="Partiellement")), 0, 1, "écrivez Oui ou Non, ou videz la cellule"
    ),
    Case("Niveau « 3 »", with_lines(but(niveau="3")), 0, 1, "le niveau « 3 » n'existe pas"),
    Case(
        "Un motif sans sous-motif",
        with_lines(but(thematique="LENTEUR DE L'OUTIL", motif=None, sous_motif=None, niveau=None)),
        1,
        says="est compté dans « Lenteur de l'outil »",
    ),
    Case("Un motif inconnu", with_lines(but(sous_motif="Machine à café")), 0, 1, "n'est pas dans la nomenclature"),
    Case(
        "Une ligne de totaux sous le tableau",
        with_lines(GOOD, (None,), ("Total", None, 240)),
        1,
        says="Ce ne sont pas des appels",
    ),
    Case("Un fichier .csv des mêmes colonnes", as_csv(("01 99 00 12 34", "12/04/2025", "240", "", *GOOD[4:])), 1),
    Case("Des marques invisibles autour du numéro", with_lines(but(phone="\u202a01 99 00 12 34\u202c")), 1),
    Case("Intitulés en anglais", with_lines(GOOD, headings=ENGLISH), 1),
    Case(
        "Intitulés abrégés : « Rés. », « Esc. », « S/motif »",
        with_lines(GOOD, headings=("N° tél.", *COLUMNS.headings[1:6], "S/motif", "Niv", "Rés.", "Esc.")),
        1,
        says="« S/motif » : intitulé approchant",
    ),
    Case("Intitulés sur deux lignes, sans cellule fusionnée", sheets(("Suivi", [*TWO_LINES, GOOD])), 1),
    Case(
        "Intitulé « Non résolu »",
        heading("resolved", "Non résolu"),
        1,
        says="ne porte que la moitié d'une réponse, et n'est pas lue",
    ),
    Case(
        "Une colonne « Nombre d’appels » qui dit 3",
        with_lines((*GOOD, 3), headings=(*COLUMNS.headings, "Nombre d'appels")),
        0,
        1,
        "écrivez une ligne par appel, ou ôtez cette colonne",
    ),
    Case(
        "Une feuille du mois aux intitulés inconnus, à côté d’une autre",
        sheets(ONE, ("Juin", [("Qui", "Tél", "Quand", "Quoi", "Niveau"), ("x", *GOOD[:2], "y", 1)])),
        1,
        says="dites ce qu’ils veulent dire pour la lire",
    ),
    Case(
        "Un exemple dans une feuille « Guide »",
        sheets(ONE, ("Guide", [COLUMNS.headings, GOOD])),
        1,
        says="ses lignes sont des exemples",
    ),
    Case("Une feuille « Demandes » remplie d’appels", sheets(("Demandes", [COLUMNS.headings, GOOD])), 1),
    Case(
        "« Fermé » à côté d’un jour",
        with_lines(GOOD, ("Fermé", DAY)),
        1,
        says="Ce ne sont pas des appels",
    ),
    Case(
        "Des dates qui mettent le mois d’abord : 4/12/2025 parmi des 4/25/2025",
        with_lines(but(day="4/12/2025"), but(day="4/25/2025")),
        1,
        1,
        "peut mettre le jour ou le mois d'abord",
    ),
    Case(
        "Une seule date américaine : 4/25/2025 parmi des 25/04/2025",
        with_lines(but(day="4/25/2025"), but(day=datetime(2025, 4, 25))),  # noqa: DTZ001 - as above
        1,
        1,
        "le mois semble écrit d’abord, à l’américaine",
    ),
    Case(
        "Les trois noms d’un motif dans une cellule",
        with_lines(but(thematique=None, motif=" / ".join(GOOD[4:7]), sous_motif=None)),
        1,
        says="est compté dans « Réinitialisation du mot de passe »",
    ),
    Case(
        "Un motif au pluriel, sans ses petits mots",
        with_lines(but(sous_motif="Liens connexion non reçus")),
        1,
        says="est compté dans « Lien de connexion non reçu »",
    ),
    Case("« Non résolu - escaladé »", with_lines(but(resolved="Non résolu - escaladé", escalated=None)), 1),
    Case(
        "Un guillemet pour « comme au-dessus »",
        with_lines(but(phone='"')),
        0,
        1,
        "recopiez ce que dit la ligne du dessus",
    ),
    Case("Durée « NC »", with_lines(but(seconds="NC")), 1, says="Durée « NC » lue comme inconnue."),
    Case("Niveau « NSP »", with_lines(but(niveau="NSP")), 1, says="il suit la nomenclature"),
)


def understood(content: bytes) -> Understood:
    return understand(
        read_book(content), first_nomenclature(), date(2026, 11, 26), lambda text: read_phone(text, allow_fiction=True)
    )


def told(found: Understood) -> str:
    """All that is said of a file."""
    headings = [f"« {one.heading.text} » : {one.said}" for one in asked_headings(found.book)]
    return plain("\n".join((
        *(one.sentence() for one in found.refused), *(note for _, note in notes_of(found)), *headings,
        *(note for sheet in found.book.sheets for note in sheet.notes),
        *(f"{one.name} : {one.reason}" for one in found.book.left_out),
    )))  # fmt: skip


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.kind)
def test_a_kind_of_file_is_read_or_refused_with_its_sentence(case: Case) -> None:
    found = understood(case.content)
    assert (len(found.rows), len(found.refused)) == (case.read, case.refused), told(found)
    assert case.says in told(found)


def test_each_gives_the_call_that_its_author_meant() -> None:
    by_kind = {case.kind: understood(case.content).rows for case in CASES}
    days = {kind: rows[0].row.day for kind, rows in by_kind.items() if rows and rows[0].row.day != DAY.date()}
    assert set(days.values()) == {date(2025, 5, 2), date(2025, 4, 25)}
    seconds = {kind: rows[0].row.seconds for kind, rows in by_kind.items() if rows}
    assert seconds["Durée « 1h05 » dans la colonne des secondes"] == timedelta(hours=1, minutes=5).seconds
    assert seconds["Durée « 4'10'' »"] == timedelta(minutes=4, seconds=10).seconds
    silent = {kind for kind, rows in by_kind.items() if rows and rows[0].row.resolved is None}
    assert silent == {"« Problème résolu ? » vide", "Intitulé « Non résolu »"}
    assert by_kind["« En cours »"][0].row.resolved is False
    sent = by_kind["« Non résolu - escaladé »"][0].row
    assert (sent.resolved, sent.escalated) == (False, True)
    assert by_kind["Les trois noms d’un motif dans une cellule"][0].row.motif == GOOD[5]


def rows_of_the_document() -> list[str]:
    return [
        f"| {case.kind} | {case.read} | {case.refused} | {f'« {case.says} »' if case.says else 'rien à dire'} |"
        for case in CASES
    ]


def test_the_document_holds_the_same_table() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert [row for row in rows_of_the_document() if row not in text] == []
