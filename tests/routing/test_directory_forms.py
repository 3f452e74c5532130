"""referents.csv in the forms in which spreadsheets and people send it: read where that is certain, else refused."""

from __future__ import annotations

import csv
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.directory.editing import DirectoryText
from routing.directory.reading import COLUMNS
from tests.routing.desks import NATIONAL_LINE
from tests.routing.directory_files import GOOD, problems, read

NATIONAL = dict(zip(COLUMNS, NATIONAL_LINE.split(","), strict=True))
GAEL = GOOD | {"nom": "Élise", "prenom": "Gaël", "siao": "SIAO de la Haute-Saône", "role": "referent"}


def table(
    *lines: dict[str, str], delimiter: str = ";", end: str = "\r\n", headings: dict[str, str] | None = None
) -> str:
    """A file as a spreadsheet writes it, the national team first."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end)
    writer.writerow([(headings or {}).get(column, column) for column in COLUMNS])
    writer.writerows([[each[column] for column in COLUMNS] for each in (NATIONAL, *lines)])
    return out.getvalue()


PLAIN = table(GAEL)
WANTED = read(PLAIN)
HEADER_LINE = PLAIN.partition("\r\n")[0]
TITLES = "Annuaire des référents SI SIAO;;;\r\n\r\nMis à jour le 13/05/2025, par le bureau, pour tous\r\n"


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.encode("utf-8-sig"),
        PLAIN.encode("cp1252"),
        PLAIN.encode("utf-16"),
        PLAIN.encode("utf-16-le"),
        b"\xfe\xff" + PLAIN.encode("utf-16-be"),
        table(GAEL, delimiter="\t").encode("utf-16"),
        table(GAEL, delimiter="\t").encode(),
        table(GAEL, end="\r").encode("cp1252"),
        f"sep=;\r\n{PLAIN}".encode(),
        f'"sep=;"\r\n{PLAIN}'.encode(),
        f"SEP=\t\n{table(GAEL, delimiter=chr(9))}".encode(),
        f"{TITLES}{PLAIN}".encode(),
        "\r\n".join(f"{line};;;" for line in [*PLAIN.splitlines(), "", ";"]).encode(),
    ],
)
def test_one_directory_in_each_form_of_a_spreadsheet_reads_the_same(content: bytes) -> None:
    assert read(content) == WANTED


@pytest.mark.parametrize(
    "headings",
    [
        {"telephone": "Numéro de téléphone", "email": "Adresse-mail", "prenom": "Prénom", "role": "Rôle"},
        {"telephone": "N° de téléphone", "email": "Adresse mail", "departement": "Dépt"},
        {"telephone": "Tél.", "email": "Courriel", "role": "Fonction", "rang": "Ordre d’appel"},
        {"telephone": "Num. de tél.", "email": "Mail pro", "prenom": "Prénoms", "departement": "N° de département"},
        {"filtrage": "Filtrage (oui/non)", "horaires": "Horaires d'ouverture", "siao": "Nom du SIAO"},
        {column: column.upper() + " *" for column in COLUMNS},
    ],
)
def test_headings_are_read_as_the_ministry_and_people_write_them(headings: dict[str, str]) -> None:
    assert read(table(GAEL, headings=headings)) == WANTED


def test_a_column_under_its_own_name_is_no_other_one() -> None:
    """A second « Mail » beside « email » is a column of theirs, not a repetition."""
    lines = PLAIN.splitlines()
    assert read("\n".join([f"{lines[0]};Mail", *(f"{line};autre" for line in lines[1:])])) == WANTED


def test_two_headings_for_a_missing_column_are_refused() -> None:
    lines = table(GAEL, headings={"email": "Mail"}).splitlines()
    [found] = problems("\n".join([f"{lines[0]};Courriel", *(f"{line};autre" for line in lines[1:])]))
    assert (found.column, found.reason) == ("email", "colonne présente deux fois")


def test_the_table_of_the_ministry_is_told_which_columns_it_lacks() -> None:
    found = problems(
        "Nom;Prénom;Rôle;Adresse-mail;Numéro de téléphone;Bureau\nAlpha;Anne;référent;a@exemple.fr;01 99 00 11 01;2"
    )
    absent = [each.column for each in found if each.reason.startswith("colonne absente")]
    assert absent == ["departement", "siao", "rang", "horaires", "filtrage"]
    assert any("« Bureau »" in each.reason for each in found)


def test_line_numbers_are_those_of_the_file_under_a_title() -> None:
    [found] = problems(f"sep=;\r\n{TITLES}{table(GAEL | {'rang': '0'})}")
    assert (found.line, found.column) == (7, "rang")


def test_a_workbook_under_the_name_of_a_csv_is_told_as_such() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        book.writestr("xl/workbook.xml", "<workbook/>")
    [found] = problems(out.getvalue())
    assert "classeur" in found.reason
    assert "CSV UTF-8" in found.reason


def test_what_a_spreadsheet_adds_around_a_cell_is_taken_off() -> None:
    typed = GAEL | {
        "telephone": '="0199001234"',
        "departement": "'01",
        "rang": "'1",
        "siao": 'SIAO "Le Toit" ; antenne',
    }
    person = read(table(typed))[1]
    assert (person.phone, person.departement, person.rang) == ("+33199001234", "01", 1)
    assert person.siao == 'SIAO "Le Toit" ; antenne'


def test_the_apostrophe_of_a_name_is_its_own() -> None:
    assert read(table(GAEL | {"nom": "'t Hooft"}))[1].nom == "'t Hooft"


def test_a_line_under_a_title_is_changed_in_its_own_place() -> None:
    text = f"sep=;\r\n{TITLES}{PLAIN}"
    edited = DirectoryText(text).changed(1, {"telephone": "01 99 00 77 77"})
    assert read(edited.text)[1].phone == "+33199007777"
    assert edited.text == text.replace("01 99 00 12 34", "01 99 00 77 77")
    assert len(read(DirectoryText(text).added(GOOD | {"nom": "Autre"}).text)) == 3


# ---------------------------------------------------------------- damaged letters


def twice_encoded(text: str, through: str) -> bytes:
    return text.encode().decode(through, "replace").encode()


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.encode("mac_roman"),
        PLAIN.encode("cp850"),
        PLAIN.encode("mac_roman").decode("cp1252").encode(),
        twice_encoded(PLAIN, "cp1252"),
        twice_encoded(PLAIN, "mac_roman"),
        twice_encoded(PLAIN, "cp437"),
    ],
    ids=["Macintosh", "MS-DOS", "Macintosh read by Windows", "UTF-8 read by Windows", "by a Mac", "by MS-DOS"],
)
def test_damaged_letters_are_refused_with_what_was_meant(content: bytes) -> None:
    """Also where no cell but the names has an accent (role « referent »)."""
    found = {(each.line, each.column): each.reason for each in problems(content)}
    assert set(found) == {(2, "siao"), *((3, column) for column in ("siao", "nom", "prenom"))}
    for place, meant in {(3, "siao"): GAEL["siao"], (3, "nom"): "Élise", (3, "prenom"): "Gaël"}.items():
        assert f"sans doute « {meant} »" in found[place]


@pytest.mark.parametrize(
    "content", [PLAIN.encode("ascii", "replace"), PLAIN.encode().decode("ascii", "replace").encode()]
)
def test_lost_letters_are_refused_with_their_line_column_and_value(content: bytes) -> None:
    found = problems(content)
    assert [(each.line, each.column) for each in found] == [(2, "siao"), (3, "siao"), (3, "nom"), (3, "prenom")]
    assert all("?" in each.value or "�" in each.value for each in found)
    assert all("CSV UTF-8" in each.reason for each in found)


@pytest.mark.parametrize("typed", ["Ga&euml;l", "Ga&#235;l"])
def test_the_code_of_a_web_page_is_no_letter(typed: str) -> None:
    [found] = problems(table(GAEL | {"prenom": typed}))
    assert "sans doute « Gaël »" in found.reason


@pytest.mark.parametrize(
    "name",
    [
        "Hélène".encode("cp1252").decode("mac_roman"), "René".encode("cp1252").decode("mac_roman"),
        "Hélène".encode("cp1252").decode("cp850"), "François".encode("cp1252").decode("cp437"),
        "Noël".encode("cp1252").decode("cp1251"), "Cécile".encode("cp1252").decode("mac_roman"),
        "Élise".encode("cp1252").decode("mac_roman"), "Forêt".encode().decode("cp1250"),
        "Ga¿l", "Ga□l", "Ga=C3=ABl", "Ga%C3%ABl", r"Ga\xebl", r"Ga\u00ebl",
        "Ga+AOs-l", "C½ur", "BENOÃŽT", "CÅ’UR", "G√¢teau", "FRAN€OIS", "Lo´c", "BENO×T",
    ],
)  # fmt: skip
def test_a_name_shows_more_kinds_of_damage_than_a_text(name: str) -> None:
    """French letters of Windows read by a Mac, by MS-DOS or in Cyrillic; a letter that became its code or a sign."""
    for column in ("nom", "prenom", "siao"):
        [found] = problems(table(GAEL | {column: name}))
        assert (found.line, found.column, found.value) == (3, column, name)
        assert "CSV UTF-8" in found.reason


@pytest.mark.parametrize("name", ["Alpha ?", "Jean ? Paul", "???"])
def test_a_persons_name_has_no_question_mark(name: str) -> None:
    [found] = problems(table(GAEL | {"nom": name}))
    assert (found.line, found.column, found.value) == (3, "nom", name)


def test_a_damaged_heading_is_named() -> None:
    found = problems(table(GAEL).replace("prenom", "PrÃ©nom"))
    assert any("« PrÃ©nom »" in each.reason for each in found)


REAL = [
    "João", "GUIMARÃES", "CONCEIÇÃO", "SÃO", "IRMÃ Maria", "Maçã", "Ângela", "Ñuñez", "Müller", "Škoda", "Žižek",
    "Željko", "Đorđević", "Łukasz", "Nguyễn", "Phạm", "Çelik", "Öztürk", "Şahin", "İpek", "L’Haÿ", "Haÿ-les-Roses",
    "Loïc", "Œuvre", "Cœur", "N’Guyen", "O’Brien", "D'Angelo", "Benoît", "Maëlys", "Aÿ", "Ma‘an", "Ægir", "Ångström",
    "Иван", "Mª José", "McÉWAN", "NʼDiaye", "D’Éon", "Anne & Éric",
    "Ólafur", "Þór", "Saint–Denis", "Anne-Élise", "BŒUF", "ÉLISE", "D‘Almeida", "Zoë", "Noëlle",
]  # fmt: skip


@pytest.mark.parametrize("name", REAL)
def test_a_real_name_is_never_taken_for_damage(name: str) -> None:
    assert read(table(GAEL | {"nom": name}))[1].nom == name


@pytest.mark.parametrize(
    "siao",
    [
        "« Le Toit »",
        "Réseau “Toit” – 44",
        "SIAO“Le Toit”",
        "Toit™",
        "SIAO 75 : où aller ?",
        "Accueil & Co",
        "LogÉco",
        "N´Diaye et L´Abri",
        "FRANçOIS LEFèVRE",
        "Le toit… et après",
        "L’Abri…",
        "n° 3",
    ],
)
def test_signs_around_words_are_no_damage(siao: str) -> None:
    assert read(table(GAEL | {"siao": siao}))[1].siao == siao


@pytest.mark.parametrize("name", [name for name in REAL if name != "Ma‘an"])
def test_nor_is_it_in_a_file_of_windows(name: str) -> None:
    try:
        content = table(GAEL | {"nom": name}).encode("cp1252")
    except UnicodeEncodeError:
        pytest.skip("Windows-1252 has not these letters")
    assert read(content)[1].nom == name


LETTERS = st.text("aeinrstlouéèêëàâîïôùûçœ-’ ", min_size=1, max_size=20)


@given(LETTERS, st.booleans())
def test_french_words_are_read_alike_in_every_certain_encoding(words: str, are_capitals: bool) -> None:
    nom = f"A{words}a".upper() if are_capitals else f"A{words}a"
    for encoding in ("utf-8", "utf-16", "cp1252"):
        assert read(table(GAEL | {"nom": nom}).encode(encoding))[1].nom == " ".join(nom.split())


@given(st.sampled_from(["Gaël", "Élise", "Noël", "Benoît", "François", "Hélène", "Jérôme", "Zoé", "Anaïs", "Chloé"]))
def test_a_common_name_from_a_mac_or_from_dos_never_passes_damaged(name: str) -> None:
    for encoding in ("mac_roman", "cp850"):
        assert problems(table(GOOD | {"nom": name, "siao": "SIAO", "role": "contact"}).encode(encoding))
