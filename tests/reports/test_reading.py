"""Reading files as people fill them: every sheet, every heading, every kind of file is read, asked about or refused."""

from __future__ import annotations

import random
import re
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, time, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from records.wording import fold_words
from reports.importing.reading.book import Cell, How, ReadBook, ReadSheet, UnreadableCell, WorkbookRefused, text_of
from reports.importing.reading.headings import REQUEST_HEADINGS, Headings, offered
from reports.importing.reading.parser_process import read_book_in_a_process
from reports.importing.reading.sheets import read_book
from reports.workbook.book import write_workbook
from reports.workbook.columns import COLUMNS
from tests.reports.counting import GOLDEN, content_of
from tests.reports.office import convert, needs_office
from tests.reports.workbooks import YEAR, exported, made_by_hand, understood

HEADINGS = COLUMNS.headings
DAY = date(2025, 4, 12)
WORDING = ("Accès et authentification", "Problème de connexion au SI SIAO", "Accès au compte")
Rows = Iterable[Sequence[Any]]


def call(day: Any = DAY, seconds: Any = 240, *, phone: Any = "01 99 00 12 34", minutes: Any = None) -> tuple[Any, ...]:
    """One line in the order of the ministry's columns."""
    return (phone, day, seconds, minutes, *WORDING, "1", "Oui", "Non")


def book_of(sheets: dict[str, Rows], change: Callable[[Workbook], None] | None = None) -> bytes:
    """A workbook of these sheets, changed before it is saved."""
    book = Workbook()
    assert book.active is not None
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    if change:
        change(book)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def with_part(content: bytes, path: str, change: Callable[[str], str]) -> bytes:
    """The workbook with one of its parts changed."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            text = before.read(name)
            after.writestr(name, change(text.decode()).encode() if name == path else text)
    return out.getvalue()


def the_sheet(content: bytes, **chosen: str) -> ReadSheet:
    (sheet,) = read_book(content, {fold_words(heading): key for heading, key in chosen.items()}).sheets
    return sheet


def days(book: ReadBook) -> list[Any]:
    return [cells.get("day") for sheet in book.sheets for _, cells in sheet.lines]


def with_heading(key: str, heading: str, *below: Any) -> ReadSheet:
    """The sheet in which one heading is written another way, with cells of that column."""
    place = COLUMNS.place(key)
    headings = [*HEADINGS[:place], heading, *HEADINGS[place + 1 :]]
    lines = [[*call()[:place], cell, *call()[place + 1 :]] for cell in below] or [list(call())]
    return the_sheet(book_of({"Appels": [headings, *lines]}))


def test_every_sheet_that_is_a_history_is_read_and_every_other_one_is_named_with_its_reason() -> None:
    found = read_book(
        book_of({
            "Modèle": [HEADINGS],
            "Mai": [HEADINGS, call(date(2025, 5, 2))],
            "Contacts": [("Nom", "Téléphone"), ("Dupont", "01 99 00 12 34")],
            "Juin": [HEADINGS, call(date(2025, 6, 2))],
            "Vide": [],
            "Historique d'appel": [HEADINGS, call(date(2025, 7, 2))],
            "Nomenclature": [("Niveau", "Thématique", "Motif", "Sous motif"), ("1", *WORDING)],
            "Demandes": [("Date", "Motif", *sorted(REQUEST_HEADINGS)), call()],
            "Exemple": [HEADINGS, call()],
        })
    )  # fmt: skip
    assert [sheet.name for sheet in found.sheets] == ["Mai", "Juin", "Historique d'appel"]
    assert days(found) == [date(2025, 5, 2), date(2025, 6, 2), date(2025, 7, 2)]
    reasons = {sheet.name: (sheet.reason, sheet.usual) for sheet in found.left_out}
    assert set(reasons) == {"Modèle", "Contacts", "Vide", "Nomenclature", "Demandes", "Exemple"}
    assert reasons["Modèle"] == ("aucun appel ne suit ses en-têtes", False)
    assert reasons["Vide"] == ("elle est vide", False)
    assert reasons["Nomenclature"][1]
    assert reasons["Demandes"][1]


def test_an_empty_template_alone_is_a_history_without_calls() -> None:
    assert the_sheet(book_of({"Historique d'appel": [HEADINGS]})).lines == ()


def test_two_tables_in_a_sheet_are_both_read_under_each_other_beside_each_other_and_in_another_order() -> None:
    turned = [*HEADINGS[4:], *HEADINGS[:4]]
    under = read_book(
        book_of({"A": [HEADINGS, call(), [], HEADINGS, call(date(2025, 5, 2)), [], turned, [*call()[4:], *call()[:4]]]})
    )
    assert [(sheet.line, len(sheet.lines)) for sheet in under.sheets] == [(1, 2), (7, 1)]
    assert any("répétés : ligne 4" in note for note in under.sheets[0].notes)
    assert days(under) == [DAY, date(2025, 5, 2), DAY]
    beside = read_book(book_of({"A": [[*HEADINGS, "", *HEADINGS], [*call(), "", *call(date(2025, 5, 2))]]}))
    assert [sheet.name for sheet in beside.sheets] == ["A, colonnes A à K", "A, colonnes L à U"]
    assert days(beside) == [DAY, date(2025, 5, 2)]


def test_a_table_that_is_no_history_is_named_beside_the_one_that_is_read() -> None:
    found = the_sheet(book_of({"A": [("Thème", "Motif", "Nombre"), ("a", "b", 3), [], HEADINGS, call()]}))
    assert len(found.lines) == 1
    assert any("ligne 1 n'est pas lu : elle n'a pas de colonne « Date »" in note for note in found.notes)


def test_a_log_without_motifs_is_read_and_says_so() -> None:
    found = the_sheet(book_of({"A": [("Date", "Téléphone", "Objet"), (DAY, "01 99 00 12 34", "connexion")]}))
    assert "sans motif" in found.notes[0]
    assert [heading.text for heading in found.unknown] == ["Objet"]


def test_a_sheet_that_repeats_another_is_not_counted_twice() -> None:
    may, june = ([call(date(2025, month, day), 60 + day) for day in (2, 3, 4)] for month in (5, 6))
    found = read_book(book_of({"Mai": [HEADINGS, *may], "Juin": [HEADINGS, *june], "Année": [HEADINGS, *may, *june]}))
    assert [sheet.name for sheet in found.sheets] == ["Année"]
    assert all("figurent déjà dans « Année »" in sheet.reason for sheet in found.left_out)
    found = read_book(book_of({"Mai": [HEADINGS, *may], "Juin": [HEADINGS, may[0], *june]}))
    assert [len(sheet.lines) for sheet in found.sheets] == [3, 4]
    assert any("1 ligne figure aussi dans" in note for sheet in found.sheets for note in sheet.notes)


@pytest.mark.parametrize(
    ("key", "heading"),
    [
        ("phone", "N° de téléphone"), ("phone", "Tél."), ("phone", "Téléphone (appelant)"), ("phone", "N° tél"),
        ("day", "DATE*"), ("day", "Date (jj/mm/aaaa)"), ("day", "Date et heure"), ("day", "\u200eDate\u200f"),
        ("seconds", "Durée d'appel\r\n(en secondes)"), ("seconds", "Durée_x000D_\n d'appel  ( en secondes )"),
        ("seconds", "Durée (s)"), ("seconds", "Secondes"), ("minutes", "Durée (min)"), ("minutes", "Minutes"),
        ("thematique", "Th\u0065\u0301matique *"), ("thematique", "Thème"), ("motif", "Motif de sollicitation"),
        ("motif", "Motifs"), ("sous_motif", "Sous_motif"), ("sous_motif", "SousMotif"), ("sous_motif", "Ss-motif"),
        ("niveau", "Niveau de\nsollicitation"), ("niveau", "Niv."), ("niveau", "Sollicitation (niveau)"),
        ("resolved", "Problème résolu\xa0?"), ("resolved", "Problème résolu (oui/non)"), ("resolved", "Pb résolu"),
        ("resolved", "Résolu(e) ?"), ("escalated", "Escaladé (O/N)"), ("resolved", "Résolu O/N"),
        ("escalated", "Escaladé o / n ?"), ("escalated", "Escalade niveau 2"),
        ("escalated", "ESCALADE AU NATIONAL"), ("phone", "Phone number"), ("day", "Call date"),
        ("seconds", "Call duration (in seconds)"), ("minutes", "Durée en minutes (calculée)"), ("thematique", "Topic"),
        ("motif", "Reason"), ("sous_motif", "Sub-reason"), ("niveau", "Level"), ("resolved", "Problem solved?"),
        ("resolved", "Le problème est-il résolu ?"), ("escalated", "A-t-il été escaladé ?"),
    ],
)  # fmt: skip
def test_a_heading_is_known_with_its_accents_marks_brackets_abbreviations_and_order(key: str, heading: str) -> None:
    meant = Headings(COLUMNS, {}).meant(heading)
    assert meant is not None
    assert (meant.key, meant.how) == (key, How.KNOWN)


@pytest.mark.parametrize(
    ("key", "heading"),
    [
        ("seconds", "Durée d'appel (en secon"), ("resolved", "Problème rés"), ("thematique", "Thematque"),
        ("sous_motif", "Sous motf"), ("seconds", "Durée"), ("resolved", "Résolution"), ("phone", "Numéro"),
        ("escalated", "Transmis au N2"), ("escalated", "Transfert niveau 2"),
        ("phone", "Numero de telephonne"), ("resolved", "Rés."), ("escalated", "Esc."), ("sous_motif", "S/motif"),
    ],
)  # fmt: skip
def test_a_heading_cut_short_misspelled_or_loose_is_read_and_shown_as_such(key: str, heading: str) -> None:
    meant = Headings(COLUMNS, {}).meant(heading)
    assert meant is not None
    assert (meant.key, meant.how) == (key, How.NEAR)


@pytest.mark.parametrize(
    "heading",
    [
        "Date de rappel", "Date de résolution", "Durée d'attente", "Durée moyenne", "Durée en", "Durée en heures",
        "Motif 2", "Motif de non résolution", "Niveau d'urgence", "Niveau de", "Numéro de ticket", "Problème",
        "Résolu le", "Résolu par", "Escaladé le", "Statut", "Heure", "Observations", "Téléphone du référent",
        "Thématique/Motif", "Commentaire", "Non résolu", "Résolu non",
    ],
)  # fmt: skip
def test_a_heading_that_may_mean_something_else_is_asked_about_and_never_guessed(heading: str) -> None:
    assert Headings(COLUMNS, {}).meant(heading) is None


def test_what_stands_under_a_loose_heading_must_look_like_it() -> None:
    assert not with_heading("resolved", "Résolution", "Oui", "Non").unknown
    said = with_heading("resolved", "Résolution", "Mot de passe réinitialisé par le national, à rappeler demain")
    assert [heading.text for heading in said.unknown] == ["Résolution"]
    assert [heading.text for heading in with_heading("phone", "N°", 1, 2, 3).unknown] == ["N°"]


def test_a_duration_without_unit_is_told_and_asked_about_when_it_may_be_minutes() -> None:
    seconds = with_heading("seconds", "Durée", 240, 300)
    assert not seconds.unknown
    assert any("ne dit pas son unité" in note for note in seconds.notes)
    minutes = with_heading("seconds", "Durée", 4, 5, 12)
    assert [heading.text for heading in minutes.unknown] == ["Durée"]
    assert any("des secondes ou des minutes" in note for note in minutes.notes)


def test_a_heading_that_was_not_understood_is_named_and_mapped_by_hand_or_ignored() -> None:
    content = book_of({"A": [("Quand", *HEADINGS[2:4], "Avis", *HEADINGS[4:]), (DAY, 240, None, "bien", *call()[4:])]})
    asked = the_sheet(content)
    assert [heading.text for heading in asked.unknown] == ["Quand", "Avis"]
    assert "Aucun en-tête ne dit la date" in asked.notes[0]
    mapped = the_sheet(content, Quand="day", Avis="")
    assert [(heading.text, heading.key) for heading in mapped.headings if heading.how is How.BY_HAND] == [
        ("Quand", "day"), ("Avis", "")
    ]  # fmt: skip
    assert [cells["day"] for _, cells in mapped.lines] == [DAY]
    assert [key for key, _ in offered()] == [column.key for column in COLUMNS.declared]


def test_two_columns_that_claim_the_same_are_told_and_the_other_one_can_be_chosen() -> None:
    content = book_of({"A": [(*HEADINGS[:3], "Date", *HEADINGS[4:]), (*call()[:3], date(2025, 4, 13), *call()[4:])]})
    found = the_sheet(content)
    assert [heading.text for heading in found.unknown] == ["Date (colonne D)"]
    assert any("colonnes B (« Date ») et D (« Date »)" in note for note in found.notes)
    chosen = read_book(content, {fold_words("Date (colonne D)"): "day"}).sheets[0]
    assert [cells["day"] for _, cells in chosen.lines] == [date(2025, 4, 13)]


def test_a_column_without_heading_is_named_when_something_stands_in_it() -> None:
    found = the_sheet(book_of({"A": [(*HEADINGS[:8], None, *HEADINGS[9:]), call()]}))
    assert [(heading.column, heading.text) for heading in found.unknown] == [("I", "Sans en-tête (colonne I)")]


def test_headings_stand_on_any_line_under_titles_and_on_two_lines_when_merged() -> None:
    far = the_sheet(book_of({"A": [("SUIVI DES APPELS",), *[[]] * 60, ("", "", *HEADINGS), ("", "", *call())]}))
    assert (far.line, len(far.lines), far.headings[0].column) == (62, 1, "C")

    def merge(book: Workbook) -> None:
        sheet = book["A"]
        for place in (1, 2, *range(5, 11)):
            sheet.merge_cells(start_row=1, end_row=2, start_column=place, end_column=place)
        sheet.merge_cells("C1:D1")

    top = ("Téléphone", "Date", "Durée", None, *HEADINGS[4:])
    two = the_sheet(book_of({"A": [top, (None, None, "en secondes", "en minutes"), call(minutes=4)]}, merge))
    assert [heading.key for heading in two.headings] == [column.key for column in COLUMNS.declared]
    assert [line for line, _ in two.lines] == [3]


def test_totals_means_and_notes_are_left_out_with_a_note_and_a_call_without_date_is_not() -> None:
    found = the_sheet(
        book_of({
            "A": [
                HEADINGS, call(), ("Total avril", None, 240), call(date(2025, 5, 2)), [], ("Moyenne", None, 240),
                (None, None, 480), (None, None, None, None, "Bloc-notes : rappeler"), ("", "TOTAL", 480), call(None),
                ("01 99 00 12 34",), ("Semaine du 05/05/2025",), (None, date(2025, 5, 6)), (None, "MAI 2025"),
            ]
        })
    )  # fmt: skip
    assert [line for line, _ in found.lines] == [2, 4, 10, 11]
    (note,) = found.notes
    assert "ligne 13 (« 06/05/2025 »)" in note
    assert "ligne 3 (« Total avril »), ligne 6 (« Moyenne »), ligne 7 (« 480 »)" in note


def test_a_day_beside_which_nothing_but_a_word_or_a_zero_stands_is_no_call_and_a_hidden_caller_is_one() -> None:
    closed, zero = ("Fermé", DAY), (None, DAY, None, 0)
    sheet = the_sheet(book_of({"Mai": [HEADINGS, call(), closed, zero, ("EXEMPLE", *call()[1:]), ("masqué", DAY)]}))
    assert [line for line, _ in sheet.lines] == [2, 6]
    assert "ligne 3 (« Fermé »)" in sheet.notes[0]


def test_a_column_that_counts_calls_belongs_to_its_lines_and_a_recapitulation_beside_them_does_not() -> None:
    counted = the_sheet(book_of({"Mai": [(*HEADINGS, "Nb appels"), (*call(), 3)]}))
    assert counted.lines[0][1]["calls"] == 3
    apart = the_sheet(book_of({"Mai": [(*HEADINGS, None, "Mois", "Nombre d'appels"), (*call(), None, "mai", 12)]}))
    assert "calls" not in apart.lines[0][1]
    told = the_sheet(book_of({"Mai": [(*HEADINGS, "Quantité"), (*call(), 3)]}))
    assert "Chaque ligne compte pour un appel, quoi que dise la colonne « Quantité »" in told.notes[0]


def test_tenths_of_minutes_that_may_be_seconds_are_told() -> None:
    headings = [each for each in HEADINGS if each != "Durée d'appel (en secondes)"]

    def notes(*minutes: float) -> str:
        lines = [tuple(cell for at, cell in enumerate(call(minutes=one)) if at != 2) for one in minutes]
        return "".join(the_sheet(book_of({"Mai": [headings, *lines]})).notes)

    assert "4,3 est 4 min 18, et non 4 min 30" in notes(4.3, 12.45)
    assert not notes(4.3, 12.75)


def test_a_merged_day_or_motif_holds_for_its_lines_and_a_merged_duration_for_none() -> None:
    def merge(book: Workbook) -> None:
        for span in ("B2:B4", "E2:E3", "F2:F3", "G2:G3", "C3:C4"):
            book["A"].merge_cells(span)

    rows = [HEADINGS, call(), call(), call()]
    found = the_sheet(book_of({"A": rows}, merge))
    assert [cells["day"] for _, cells in found.lines] == [DAY] * 3
    assert [cells["motif"] for _, cells in found.lines[:2]] == [WORDING[1]] * 2
    assert isinstance(found.lines[1][1]["seconds"], UnreadableCell)
    assert isinstance(found.lines[2][1]["seconds"], UnreadableCell)
    assert any("« Date » : une cellule fusionnée" in note for note in found.notes)


def test_a_formula_without_value_and_an_error_are_no_empty_cells() -> None:
    found = the_sheet(
        book_of({
            "A": [
                HEADINGS, call(seconds="=4*60"), call(seconds="=D3*86400", minutes=time(0, 4)),
                call(minutes="=C4/86400"), (*call()[:4], "=#N/A", *call()[5:]), call("=B2"),
            ]
        })
    )  # fmt: skip
    cells = [cells for _, cells in found.lines]
    assert isinstance(cells[0]["seconds"], UnreadableCell)
    assert "C2 n'a pas de valeur enregistrée" in cells[0]["seconds"].reason
    assert (cells[1]["seconds"], cells[1]["minutes"]) == (None, time(0, 4))
    assert (cells[2]["seconds"], cells[2]["minutes"]) == (240, None)
    assert isinstance(cells[3]["thematique"], UnreadableCell)
    assert isinstance(cells[4]["day"], UnreadableCell)


def test_an_error_that_a_spreadsheet_computed_is_named() -> None:
    content = with_part(
        book_of({"A": [HEADINGS, call()]}),
        "xl/worksheets/sheet1.xml",
        lambda text: text.replace('<c r="C2" t="n"><v>240</v></c>', '<c r="C2" t="e"><f>1/0</f><v>#DIV/0!</v></c>'),
    )
    cell = the_sheet(content).lines[0][1]["seconds"]
    assert isinstance(cell, UnreadableCell)
    assert "C2 contient une erreur de formule #DIV/0!" in cell.reason


def old_mac(book: Workbook) -> None:
    """Days that count from 1904."""
    book.epoch = CALENDAR_MAC_1904


def test_days_that_count_from_1904_are_the_same_days_as_dates_and_as_plain_numbers() -> None:
    def durations(book: Workbook) -> None:
        old_mac(book)
        book["A"]["C4"].number_format = "dd/mm/yyyy hh:mm"

    rows = [HEADINGS, call(), call(44297), call(seconds=1.25)]
    found = the_sheet(book_of({"A": rows}, durations))
    assert [cells["day"] for _, cells in found.lines] == [DAY] * 3
    assert found.lines[2][1]["seconds"] == timedelta(hours=30)


def test_a_stray_cell_far_below_does_not_hide_the_calls() -> None:
    def stray(book: Workbook) -> None:
        book["A"]["A900000"] = " "

    assert len(the_sheet(book_of({"A": [HEADINGS, call()]}, stray)).lines) == 1


def test_hidden_filtered_and_protected_lines_and_sheets_are_read() -> None:
    def hide(book: Workbook) -> None:
        sheet = book["B"]
        sheet.sheet_state, sheet.protection.sheet = "hidden", True
        sheet.row_dimensions[2].hidden = True
        sheet.auto_filter.ref = "A1:J3"

    found = read_book(book_of({"A": [HEADINGS, call()], "B": [HEADINGS, call(date(2025, 5, 2))]}, hide))
    assert len(days(found)) == 2
    assert "masquée" in found.sheets[1].notes[0]


def test_cells_without_references_and_prefixed_elements_are_read() -> None:
    bare = with_part(
        book_of({"A": [HEADINGS, call(minutes=4)]}),
        "xl/worksheets/sheet1.xml",
        lambda text: re.sub(r' r="[A-Z]*\d+"', "", text),
    )
    sheet = the_sheet(bare)
    assert [cells["day"] for _, cells in sheet.lines] == [DAY]
    assert "dans quelle colonne" in sheet.notes[0]


CSV_LINES = (HEADINGS, ("01 99 00 12 34", "12/04/2025", "240", "", *WORDING, "1", "Oui", "Non"))


def csv_of(separator: str, lines: Iterable[Sequence[str]] = CSV_LINES, end: str = "\r\n") -> str:
    return end.join(separator.join(f'"{cell}"' if separator in cell else cell for cell in line) for line in lines) + end


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "mac_roman", "cp850", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_a_csv_is_read_in_every_encoding_and_with_every_separator(encoding: str, separator: str) -> None:
    found = the_sheet(csv_of(separator).encode(encoding))
    assert not found.unknown
    assert [cells["thematique"] for _, cells in found.lines] == [WORDING[0]]


def test_a_csv_with_a_line_for_its_separator_and_titles_and_old_line_ends_is_read() -> None:
    text = "sep=;\r\nSuivi des appels;;\r\n" + csv_of(";")
    assert [line for line, _ in the_sheet(text.encode("cp1252")).lines] == [4]
    assert len(the_sheet(csv_of(";", end="\r").encode("mac_roman")).lines) == 1
    twice = csv_of(";").encode().decode("cp1252", "replace")
    assert the_sheet(twice.encode()).lines[0][1]["thematique"] == WORDING[0]


def test_a_csv_that_puts_the_month_first_is_not_read_as_if_it_did_not() -> None:
    lines = [
        HEADINGS,
        *(("", day, "12:20:00 PM", "", *WORDING, "1", "", "") for day in ("04/12/2025", "04/13/2025", "05/05/2025")),
    ]
    ambiguous, sure, same = (cells for _, cells in the_sheet(csv_of(",", lines).encode()).lines)
    assert isinstance(ambiguous["day"], UnreadableCell)
    assert (sure["day"], same["day"], sure["seconds"]) == (date(2025, 4, 13), "05/05/2025", time(12, 20))


def test_a_csv_has_numbers_without_unit_and_numbers_kept_as_text_too() -> None:
    text = 'Tél;Date;Durée;Thématique;Motif\n="0199001234";12/04/2025;4,5;a;b\n'
    found = the_sheet(text.encode())
    assert found.lines[0][1]["phone"] == "0199001234"
    assert [heading.text for heading in found.unknown] == ["Durée"]


def test_a_csv_with_a_space_after_its_separators_is_read() -> None:
    spaced = csv_of(";").replace(";", "; ").encode()
    assert read_book(spaced).sheets[0].lines == read_book(csv_of(";").encode()).sheets[0].lines


def test_a_quote_that_swallows_lines_is_told() -> None:
    text = csv_of(";") + '"01 99 00 12 34;12/04/2025;240\r\n' + csv_of(";") * 3
    with pytest.raises(WorkbookRefused, match="guillemet"):
        read_book(text.encode())


@needs_office
@pytest.mark.parametrize("kind", ["ods", "xls", "xlsx:Calc MS Excel 2007 XML"])
def test_what_another_program_writes_is_read_the_same(kind: str, tmp_path: Path) -> None:
    def prepare(book: Workbook) -> None:
        old_mac(book)
        book["A"].merge_cells("B2:B3")
        book["A"]["C4"].number_format = "[h]:mm:ss"

    long, computed, wrong = call(seconds=timedelta(hours=25)), call(seconds="=4*60"), call(seconds="=1/0")
    rows: list[Sequence[Any]] = [HEADINGS, call(), call(), long, call(44297), computed, wrong]
    (tmp_path / "a.xlsx").write_bytes(book_of({"Avant": [("=1/0",)], "A": rows}, prepare))
    suffix = kind.partition(":")[0]
    made = convert(tmp_path / "a.xlsx", kind, tmp_path)
    found = the_sheet(made.with_suffix(f".{suffix}").read_bytes())
    assert [cells["day"] for _, cells in found.lines] == [DAY] * 6
    assert found.lines[2][1]["seconds"] == timedelta(hours=25)
    assert found.lines[4][1]["seconds"] == 240
    error = found.lines[5][1]["seconds"]
    assert isinstance(error, UnreadableCell)
    assert "C7 contient une erreur" in error.reason


def test_a_workbook_of_ours_is_read_as_it_was_written_and_its_other_sheets_are_named_quietly() -> None:
    pivots = BytesIO()
    write_workbook(pivots, replace(content_of(GOLDEN, YEAR), with_pivot=True))
    for content in (exported(*GOLDEN), pivots.getvalue()):
        found = read_book(content)
        assert [(sheet.name, len(sheet.lines)) for sheet in found.sheets] == [("Historique d'appel", len(GOLDEN))]
        assert not found.sheets[0].notes
        assert all(heading.how is How.KNOWN for heading in found.sheets[0].headings)
        assert all(sheet.usual for sheet in found.left_out)
    assert len(understood(exported(*GOLDEN)).rows) == len(GOLDEN)


def test_a_sheet_of_requests_is_no_history_whatever_its_name() -> None:
    headings = ("N°", "Date", "Canal", "Expéditeur", *HEADINGS[4:7], "Close le", "Problème résolu ?")
    assert set(map(fold_words, headings)) & REQUEST_HEADINGS
    with pytest.raises(WorkbookRefused, match="elle tient des demandes"):
        read_book(book_of({"Copie": [headings, (1, DAY, "Formulaire", "Public", *WORDING, None, "Oui")]}))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"%PDF-1.7", "PDF"), (b"<html><table></table></html>", "page web"), (b"{\\rtf1", "traitement de texte"),
        (b"<?xml version='1.0'?><Workbook/>", "document XML"), (b"\x89PNG\r\n", "image"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "abîmé"), (b"\0\1\2" * 50, "abîmé"),
    ],
)  # fmt: skip
def test_a_file_is_known_by_what_it_holds_and_the_sentence_says_what_it_is(content: bytes, sentence: str) -> None:
    with pytest.raises(WorkbookRefused, match=sentence):
        read_book(content)


def test_another_archive_is_told_apart_from_a_workbook() -> None:
    for name, sentence in (("word/document.xml", "Word"), ("appels.csv", "archive sans classeur")):
        out = BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr(name, b"x")
        with pytest.raises(WorkbookRefused, match=sentence):
            read_book(out.getvalue())


@pytest.mark.parametrize("day", [DAY, "12/04/2025", "le 12 avril 2025"])
def test_a_first_line_that_is_a_call_is_never_taken_for_headings(day: Cell) -> None:
    """Where nobody wrote headings, mapping the columns by hand would lose the first call."""
    first = (*call()[:1], day, *call()[2:7], "Niveau 1", "Oui", "Non")
    with pytest.raises(WorkbookRefused, match=r"aucune de ses lignes ne porte les en-têtes .*commence par « 01 99"):
        read_book(book_of({"Mai": [first, call(), call()]}))
    sheet = the_sheet(book_of({"Mai": [(*HEADINGS, "mis à jour le 12/04/2025"), call()]}))
    assert len(sheet.lines) == 1


def test_what_is_refused_names_each_sheet_and_what_it_begins_with() -> None:
    with pytest.raises(WorkbookRefused, match=r"« Feuil1 » : .*« Nom », « Prénom »"):
        read_book(book_of({"Feuil1": [("Nom", "Prénom")]}))


def test_damage_anywhere_in_any_kind_of_file_gives_a_sentence_or_lines() -> None:
    rng = random.Random(5)
    for good in (made_by_hand(call()), csv_of(";").encode("cp1252"), b"\xd0\xcf\x11\xe0" + rng.randbytes(4000)):
        for _ in range(60):
            damaged = bytearray(good)
            for _ in range(rng.randrange(1, 12)):
                damaged[rng.randrange(len(damaged))] = rng.randrange(256)
            try:
                read_book(bytes(damaged))
            except WorkbookRefused:
                continue


def test_what_cannot_be_read_passes_the_process_of_its_own_unchanged() -> None:
    content = book_of({"A": [HEADINGS, call(seconds="=4*60")], "B": [("Nom",)]})
    assert read_book_in_a_process(content) == read_book(content)


def test_invisible_marks_leave_no_space_and_line_ends_leave_one() -> None:
    assert text_of("\u200e12\u200e/\u200e04\u200e/\u200e2025") == "12/04/2025"
    assert text_of("Accès\xa0au_x000D_\ncompte\u00ad") == "Accès au compte"
