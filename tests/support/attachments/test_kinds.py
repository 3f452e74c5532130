"""Which files are taken, by what they hold; the name only has to agree."""

from __future__ import annotations

import io
import re
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from PIL import Image

from support.attachments.attachment import FileRefused, Upload
from support.attachments.contents.looking import looked_at
from support.attachments.keeping import LARGEST_TOGETHER, MOST
from support.attachments.kinds import KINDS
from tests.support.attachments.files import (
    EICAR,
    SHEET,
    archive,
    image,
    open_document,
    open_xml,
    pdf,
    png_that_says,
    stream,
)

PLAIN = "Bonjour,\r\nl’écran reste blanc à 9 h.\r\n"


def refusal(name: str, content: bytes) -> str:
    """Why this file is not taken."""
    with pytest.raises(FileRefused) as refused:
        looked_at(Upload(name, content))
    return str(refused.value)


@pytest.mark.parametrize(
    ("name", "content", "media"),
    [
        ("rapport.pdf", pdf(), "application/pdf"),
        ("RAPPORT v2.1 final.PDF", pdf(stream(b"BT (page) Tj ET")), "application/pdf"),
        ("écran.png", image("PNG"), "image/png"),
        ("photo.jpeg", image("JPEG"), "image/jpeg"),
        ("photo.webp", image("WEBP"), "image/webp"),
        ("note.docx", open_xml(), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("liste.xlsx", open_xml(SHEET), SHEET),
        ("note.odt", open_document(), "application/vnd.oasis.opendocument.text"),
        ("liste.ods", open_document("spreadsheet"), "application/vnd.oasis.opendocument.spreadsheet"),
        ("note.txt", PLAIN.encode(), "text/plain"),
        ("note.txt", PLAIN.encode("cp1252"), "text/plain"),
        ("note.txt", b"\xef\xbb\xbf" + PLAIN.encode(), "text/plain"),
        ("liste.csv", "nom;âge\r\nSam;-4\r\n".encode("cp1252"), "text/csv"),
        ("BM et GIF.txt", b"BM, GIF89a et MZ sont des mots d'un texte.", "text/plain"),
    ],
)
def test_what_is_on_the_list_is_taken_as_what_it_is(name: str, content: bytes, media: str) -> None:
    taken = looked_at(Upload(name, content))
    assert (taken.name, taken.kind) == (name, media)
    assert media in KINDS


def test_the_documentation_names_what_is_taken_and_how_much() -> None:
    decision = Path("docs/decisions.md").read_text(encoding="utf-8").partition("### 61. ")[2].partition("### ")[0]
    said = re.search(r"Taken: ([^;]+); (\d+) files and (\d+) MB together", decision)
    assert said
    named = {one.lower() for one in said[1].split(", ")}
    assert all(len(named & set(kind.extensions)) == 1 for kind in KINDS.values())
    assert len(named) == len(KINDS)
    assert (int(said[2]), int(said[3]) * 1024 * 1024) == (MOST, LARGEST_TOGETHER)


def test_what_programs_write_is_taken() -> None:
    """A workbook with a chart, a picture and a comment; one of another library; pages that were scanned."""
    chart, plain, scanned = io.BytesIO(), io.BytesIO(), io.BytesIO()
    with xlsxwriter.Workbook(chart) as book:
        sheet, drawn = book.add_worksheet(), book.add_chart({"type": "line"})
        sheet.write_column("A1", ["=1+1", 2, 3] * 1000)
        sheet.write_comment("A1", "à vérifier")
        sheet.write_url("B1", "https://www.example.org")
        sheet.insert_image("C1", "écran.png", {"image_data": io.BytesIO(image())})
        drawn.add_series({"values": "=Sheet1!$A$1:$A$3"})
        sheet.insert_chart("D1", drawn)
    openpyxl.Workbook().save(plain)
    Image.new("RGB", (600, 800)).save(scanned, "PDF", append_images=[Image.new("L", (600, 800))], save_all=True)
    for name, made in (("a.xlsx", chart), ("b.xlsx", plain), ("c.pdf", scanned)):
        assert looked_at(Upload(name, made.getvalue())).content == made.getvalue()


def test_a_name_without_extension_gets_that_of_its_content_and_an_image_its_own() -> None:
    assert looked_at(Upload("capture", image())).name == "capture.png"
    assert looked_at(Upload("IMG-20261124.png", image("JPEG"))).name == "IMG-20261124.jpg"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("vide.pdf", b"", "est vide"),
        ("facture.pdf.exe", pdf(), r"une extension qui n’est pas acceptée \(\.pdf\.exe\)"),
        ("x.html.png", image(), r"une extension qui n’est pas acceptée \(\.html\.png\)"),
        ("facture\u202efdp.exe", pdf(), "une extension qui n’est pas acceptée"),
        ("facture．exe", pdf(), "une extension qui n’est pas acceptée"),
        ("image.pdf", image(), r"« \.pdf », mais son contenu est d’une autre sorte \(image PNG\)"),
        ("rapport.docx", pdf(), r"« \.docx », mais son contenu est d’une autre sorte \(document PDF\)"),
        ("liste.docx", open_xml(SHEET), r"« \.docx », mais son contenu est d’une autre sorte \(classeur Excel\)"),
        ("texte.pdf", b"un texte", r"« \.pdf », mais son contenu est d’une autre sorte \(texte\)"),
        ("journal.log", b"un texte", r"« \.log », qui n’est pas acceptée"),
        ("message.eml", b"From: a@b.example\r\n\r\nBonjour", r"« \.eml », qui n’est pas acceptée"),
        ("programme.pdf", b"MZ\x90\x00" + b"\x00" * 400, "est un programme"),
        ("ancien.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "ancien format de bureautique, ou chiffré"),
        ("photo.heic", b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "photo HEIC ; enregistrez-la en JPEG"),
        ("a.rar", b"Rar!\x1a\x07\x00\x00", "est une archive ; joignez les fichiers un à un"),
        ("a.7z", b"7z\xbc\xaf\x27\x1c\x00\x00", "est une archive ; joignez les fichiers un à un"),
        ("a.zip", archive({"lisez.txt": b"bonjour"}), "est une archive ; joignez les fichiers un à un"),
        ("a.docx", archive({"lisez.txt": b"bonjour"}), "est une archive ; joignez les fichiers un à un"),
        ("a.gif", b"GIF89a\x01\x00\x01\x00\x00\x00\x00;", "d’un format qui n’est pas accepté"),
        ("a.bin", bytes(range(256)), r"n’est pas d’un format accepté \(PDF, PNG,"),
        ("page.html", b"<!doctype html><p>Bonjour", "code de page web"),
        ("page.txt", b"\xef\xbb\xbf \n<html><p>Bonjour", "code de page web"),
        ("image.svg", b'<svg xmlns="http://www.w3.org/2000/svg"/>', "code de page web"),
        ("image.png", b'<?xml version="1.0"?><svg/>', "code de page web"),
        ("note.txt", b"Bonjour <script>alert(1)</script>", "code de page web"),
        ("note.txt", b"Bonjour <?php system('id')", "code de page web"),
        ("script.sh", b"#!/bin/sh\nid\n", "est un programme"),
        ("script.txt", b"@echo off\r\ndel *.*", "est un programme"),
        ("macro.vbs", b"MsgBox 1", "une extension qui n’est pas acceptée"),
        ("liste.csv", b"nom;total\r\nSam;=cmd|' /C calc'!A0\r\n", "formule qui lancerait un programme"),
        ("liste.csv", b"\"=2+5+cmd|' /C calc'!A0\"", "formule qui lancerait un programme"),
        ("notes.txt", "Bonjour".encode("utf-16"), "enregistrez-le en UTF-8"),
        ("nul.txt", b"a\x00b", "n’est pas d’un format accepté"),
        ("image.png", b"\x89PNG\r\n\x1a\n" + b"\x00" * 40, "image abîmée"),
        ("image.jpg", image("JPEG")[:200], "image abîmée"),
    ],
)
def test_what_is_not_is_refused_and_says_why(name: str, content: bytes, reason: str) -> None:
    with pytest.raises(FileRefused, match=reason):
        looked_at(Upload(name, content))


@pytest.mark.parametrize("name", ["eicar.txt", "eicar.com", "rapport.pdf", "x", "image.png"])
def test_the_test_virus_is_named_and_refused_without_any_antivirus(name: str) -> None:
    assert refusal(name, EICAR) == "contient un virus (EICAR) et n’est pas gardé"


@pytest.mark.parametrize(
    "content", [open_xml(note__eicar=EICAR), open_document(eicar=EICAR), pdf(stream(EICAR)), b"MZ" + EICAR]
)
def test_the_test_virus_is_found_in_what_is_packed_too(content: bytes) -> None:
    assert refusal("rapport.pdf", content) == "contient un virus (EICAR) et n’est pas gardé"


def test_an_image_is_written_anew_without_place_words_or_what_was_hung_on_it() -> None:
    exif = Image.Exif()
    exif[0x010E] = "chez Mme Zéphyr"  # ImageDescription
    exif[0x0112] = 6  # turned by a quarter
    exif.get_ifd(0x8825)[2] = (48.0, 51.0, 24.0)  # GPSLatitude
    for form in ("PNG", "JPEG", "WEBP"):
        sent = image(form, (40, 20), exif=exif, icc_profile=b"secret profile") + b"<script>PK\x03\x04"
        kept = looked_at(Upload("photo.jpg", sent)).content
        with Image.open(io.BytesIO(kept)) as shown:
            assert shown.size == (20, 40), form
            assert dict(shown.getexif()) == {}
            assert set(shown.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "loop", "background"}
        assert [word for word in (b"phyr", b"secret", b"script", b"PK\x03\x04", b"Exif") if word in kept] == []


def test_transparency_stays_and_a_very_large_image_is_made_smaller() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(out, "PNG")
    with Image.open(io.BytesIO(looked_at(Upload("a.png", out.getvalue())).content)) as shown:
        assert shown.getpixel((5, 5)) == (0, 0, 0, 0)
    for form, size in (("JPEG", (6000, 4000)), ("PNG", (4100, 4000))):
        with Image.open(io.BytesIO(looked_at(Upload("a", image(form, size))).content)) as shown:
            assert 12_000_000 < shown.width * shown.height <= 16_000_000


def test_the_first_picture_of_several_is_kept() -> None:
    """Telephones add a second one for depth; some images move."""
    one, two, out = Image.new("RGB", (40, 30), "blue"), Image.new("RGB", (40, 30), "red"), io.BytesIO()
    one.save(out, "MPO", save_all=True, append_images=[two])
    moving = io.BytesIO()
    one.save(moving, "WEBP", save_all=True, append_images=[two])
    for content in (out.getvalue(), moving.getvalue()):
        with Image.open(io.BytesIO(looked_at(Upload("photo", content)).content)) as shown:
            assert getattr(shown, "n_frames", 1) == 1
            assert shown.convert("RGB").resize((1, 1)).tobytes()[2] > 250


def test_an_image_bomb_is_refused_before_a_pixel_is_read() -> None:
    for size in ((8_000, 8_000), (12_000, 9_000), (60_000, 50_000), (2_000_000, 2_000_000)):
        assert "millions de points" in refusal("bombe.png", png_that_says(*size)), size
