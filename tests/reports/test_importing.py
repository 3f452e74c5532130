"""Importing: hand-filled workbooks are understood or refused line by line, with a reason."""

from __future__ import annotations

import random
import zipfile
from datetime import date, datetime
from io import BytesIO

import pytest
from openpyxl import load_workbook

from reports.importing.reading.book import WorkbookRefused
from reports.importing.reading.parser_process import read_book_in_a_process
from reports.importing.reading.sheets import read_book
from reports.workbook.columns import HistoryRow
from tests.reports.counting import ACCESS, GOLDEN
from tests.reports.workbooks import (
    CONNECTION,
    exported,
    made_by_hand,
    understood,
)


def test_case_accents_quotes_spaces_and_old_spellings_never_matter() -> None:
    content = made_by_hand(
        (639981234, "12/04/2025", "04:00", None, "ACCES ET  AUTHENTIFICATION", "probleme de connexion au si siao",
         "« Reinitialisation mot de passe »", None, "oui", "NON"),
        ("", datetime(2025, 5, 2), 60, None, "Assistance technique et anomalie", "Incidents techniques",  # noqa: DTZ001
         "Disfonctionnement", None, "non", "oui"),
    )  # fmt: skip
    first, second = (read.row for read in understood(content).rows)
    assert first == HistoryRow(
        "+33639981234", date(2025, 4, 12), 240, ACCESS, CONNECTION, "Réinitialisation du mot de passe", "1", True, False
    )
    assert (second.sous_motif, second.niveau, second.phone) == ("Dysfonctionnement", "2", None)


def test_every_bad_line_is_refused_with_all_its_reasons_and_its_number() -> None:
    content = made_by_hand(
        ("01 99 00 12 34", "12/04/2025", 240, None, ACCESS, CONNECTION, "Accès au compte", "1", "Oui", "Non"),
        ("abc", "demain", "longtemps", None, ACCESS, CONNECTION, "Machine à café", "3", "bof", "Non"),
        (None,) * 10,
        ("01 99 00 12 34", None, 240, None, "", "", "", "", "Oui", ""),
    )  # fmt: skip
    found = understood(content)
    assert [read.place.line for read in found.rows] == [2]
    assert [refused.place.line for refused in found.refused] == [3, 5]
    assert len(found.refused[0].reasons) == 5
    assert "la date « demain » n'est pas une date" in found.refused[0].sentence()
    assert "n'est pas dans la nomenclature" in found.refused[0].sentence()
    assert (
        found.refused[1].sentence() == "Ligne 5 : la date manque ; la thématique, le motif et le sous-motif manquent."
    )


def test_the_columns_may_stand_in_any_order_under_a_title() -> None:
    book = load_workbook(BytesIO(made_by_hand(sheet="Feuil1", headings=("Suivi 2025",))))
    sheet = book["Feuil1"]
    sheet.append(("Sous-motif", "MOTIF", "thematique", "date", "duree d'appel (en secondes)", "inconnue"))
    sheet.append(("Autre", "Autre", "Évolutions", "02/05/2025", 30, "=1+1"))
    out = BytesIO()
    book.save(out)
    (read,) = understood(out.getvalue()).rows
    assert (read.place.line, read.row.thematique, read.row.seconds, read.row.niveau) == (3, "Évolutions", 30, "2")


def test_a_file_that_is_no_workbook_is_one_sentence() -> None:
    good = made_by_hand()
    bomb = BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(7):
            archive.writestr(f"xl/{number}", b"\0" * 100_000_000)
    for content, sentence in (
        (b"", "vide"),
        (b"Bonjour\n", "Aucune feuille"),
        (good[: len(good) // 2], "abîmé"),
        (b"\0" * (31 * 1024 * 1024), "dépasse 30 Mo"),
        (bomb.getvalue(), "démesuré"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "mot de passe"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "abîmé"),
        (made_by_hand(headings=("a", "b")), "Aucune feuille"),
    ):
        with pytest.raises(WorkbookRefused, match=sentence):
            understood(content)


def test_a_workbook_is_read_in_a_process_as_it_is_read_here() -> None:
    good = exported(*GOLDEN)
    assert read_book_in_a_process(good) == read_book(good)
    with pytest.raises(WorkbookRefused, match="Aucune feuille"):
        read_book_in_a_process(made_by_hand(headings=("a", "b")))


def test_a_cell_at_the_end_of_the_sheet_stops_its_reading_and_not_the_process_that_answers_calls() -> None:
    """Six kilobytes that make the parser ask for half a terabyte; a stray cell does it too, without any ill will."""
    book = load_workbook(BytesIO(made_by_hand()))
    book["Historique d'appel"]["XFD1048576"] = 1
    out = BytesIO()
    book.save(out)
    with pytest.raises(WorkbookRefused, match="démesuré"):
        read_book_in_a_process(out.getvalue())


def test_bytes_damaged_anywhere_never_raise_anything_but_a_sentence() -> None:
    good, rng = exported(*GOLDEN), random.Random(3)
    for _ in range(150):
        damaged = bytearray(good)
        for _ in range(rng.randrange(1, 20)):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        try:
            understood(bytes(damaged))
        except WorkbookRefused:
            continue
