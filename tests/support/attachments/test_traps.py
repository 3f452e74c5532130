"""Documents that are archives inside, and PDF: bombs, macros, programs, files within files."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from contextlib import suppress

import pytest

from support.attachments.attachment import FileRefused, Upload
from support.attachments.contents.looking import looked_at
from tests.support.attachments.files import (
    SHEET,
    WORD,
    archive,
    open_document,
    open_xml,
    pdf,
    stream,
)

MEGABYTE = 1024 * 1024
RELATION = '<Relationships><Relationship Id="r1" Type="{}" Target="{}"{} TargetMode="External"/>'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = "<Types><Override ContentType={}/></Types>"


def refusal(name: str, content: bytes) -> str:
    with pytest.raises(FileRefused) as refused:
        looked_at(Upload(name, content))
    return str(refused.value)


# ---------------------------------------------------------------- archives


def test_a_document_with_macros_is_refused_whatever_it_is_called() -> None:
    macro = TYPES.format('"application/vnd.ms-word.document.macroEnabled.main+xml"')
    hidden = macro.replace("macroEnabled", "macro&#69;nabled")
    for content in (
        open_xml(types=macro), open_xml(types=hidden),
        archive({"[Content_Types].xml": TYPES.format(f'"{WORD}.main+xml"').encode(), "word/vbaProject.bin": b"x"}),
        archive({"[Content_Types].xml": TYPES.format(f'"{SHEET}.main+xml"').encode(), "xl/macrosheets/s.xml": b"x"}),
        open_document(Basic__Standard=b"x"), open_document(Scripts__python=b"x"),
    ):  # fmt: skip
        assert "contient des macros" in refusal("note.docx", content)


@pytest.mark.parametrize("inside", [
    archive({"a.txt": b"a"}), b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, b"MZ\x90\x00", b"Rar!\x1a\x07",
    b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b\x08\x00", b"%PDF-1.7\n",
])  # fmt: skip
def test_a_document_with_a_file_inside_is_refused(inside: bytes) -> None:
    assert "contient un autre fichier" in refusal("note.docx", open_xml(word__embeddings__object=inside))
    assert "contient un autre fichier" in refusal("note.odt", open_document(Object=inside))


@pytest.mark.parametrize(("kind", "target", "more", "is_taken"), [
    ("hyperlink", "https://example.org/x", "", True),
    ("externalLinkPath", "autre%20classeur.xlsx", "", True),
    ("attachedTemplate", "file:///C:\\Modeles\\Courrier.dotm", "", True),
    ("attachedTemplate", "https://example.org/x", "", False),
    ("attachedTemplate", "file:///\\\\example.org\\x.dotm", "", False),
    ("attachedTemplate", "\\\\example.org\\x.dotm", "", False),
    ("image", "https://example.org/x", "", False),
    ("oleObject", "https://example.org/x", "", False),
    ("oleObject", "file:///C:\\x", "", False),
    ("attachedTemplate", "https://example.org/x", " Note=\"a > b Type='/hyperlink'\"", False),
    ("attached&#84;emplate", "https://example.org/x", "", False),
])  # fmt: skip
def test_a_document_that_fetches_something_by_itself_is_refused(
    kind: str, target: str, more: str, is_taken: bool
) -> None:
    told = RELATION.format(f"{OFFICE}/{kind}", target, more).encode()
    content = open_xml(others={"word/_rels/document.xml.rels": told})
    if is_taken:
        assert looked_at(Upload("note.docx", content)).name == "note.docx"
    else:
        assert "va chercher du contenu ailleurs" in refusal("note.docx", content)


def test_a_document_that_declares_a_bomb_is_refused_before_it_is_unpacked() -> None:
    assert "se déploie démesurément" in refusal("bombe.docx", open_xml(sheet=b"\x00" * (130 * MEGABYTE)))
    assert "se déploie démesurément" in refusal("bombe.docx", open_xml(sheet=b"\x00" * (40 * MEGABYTE)))


@pytest.mark.parametrize(
    "declares", ['<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>', "<!DOCTYPE a SYSTEM 'https://x.example/'>"]
)
def test_a_document_that_declares_entities_is_refused(declares: str) -> None:
    types = declares + TYPES.format(f'"{WORD}.main+xml"')
    assert refusal("note.docx", open_xml(types=types)) == refusal("note.docx", open_xml(types="\0"))


def test_a_document_that_declares_less_than_it_holds_is_refused() -> None:
    honest = open_xml(sheet=b"\x00" * (8 * MEGABYTE))
    size = struct.pack("<I", 8 * MEGABYTE)
    assert honest.count(size) == 2
    assert "se déploie démesurément" in refusal("bombe.docx", honest.replace(size, struct.pack("<I", 1000)))
    small = open_xml(part=b"a" * 1000).replace(struct.pack("<I", 1000), struct.pack("<I", 2000))
    assert "est abîmé" in refusal("a.docx", small)


def test_a_document_of_very_many_parts_is_refused() -> None:
    assert "se déploie démesurément" in refusal(
        "a.docx", open_xml(others={f"p{number}": b"" for number in range(2_100)})
    )


def test_parts_that_lie_over_each_other_are_refused() -> None:
    """The small bomb that unpacks to petabytes: every part names the same packed bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", TYPES.format(f'"{WORD}.main+xml"'))
        made.writestr("a", b"\x00" * MEGABYTE)
        for number in range(100):
            again = zipfile.ZipInfo(f"b{number}")
            first = made.getinfo("a")
            for name in ("compress_type", "CRC", "compress_size", "file_size", "header_offset"):
                setattr(again, name, getattr(first, name))
            made.filelist.append(again)
    assert any(word in refusal("a.docx", out.getvalue()) for word in ("se déploie démesurément", "est abîmé"))


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "a\\..\\b", "C:evil", "a/../../b"])
def test_a_part_that_leads_out_of_the_archive_is_refused(name: str) -> None:
    named = zipfile.ZipInfo("x" * len(name))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("[Content_Types].xml", TYPES.format(f'"{WORD}.main+xml"'))
        made.writestr(named, b"x")
    content = out.getvalue().replace(b"x" * len(name), name.encode())
    assert "est abîmé" in refusal("a.docx", content)


def test_a_document_with_a_password_cut_off_or_with_something_hung_on_it_is_refused() -> None:
    locked = bytearray(open_xml())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := locked.find(mark, at + 1)) >= 0:
            locked[at + place] |= 1
    assert "protégé par un mot de passe" in refusal("a.docx", bytes(locked))
    manifest = open_document(META_INF__x=b"")
    assert looked_at(Upload("a.odt", manifest)).name == "a.odt"
    secret = archive({"mimetype": b"application/vnd.oasis.opendocument.text",
                      "META-INF/manifest.xml": b"<manifest:encryption-data/>"})  # fmt: skip
    assert "protégé par un mot de passe" in refusal("a.odt", secret)
    assert "est abîmé" in refusal("a.docx", open_xml()[:-30])
    assert "est abîmé" in refusal("a.docx", open_xml() + b"MZ\x90\x00")
    assert "est abîmé" in refusal("a.docx", open_xml(types='<!DOCTYPE a [<!ENTITY b "c">]><Types/>'))


@pytest.mark.parametrize("seed", range(40))
def test_an_archive_whose_bytes_were_changed_raises_nothing_but_a_refusal(seed: int) -> None:
    content = bytearray(open_xml(a=b"abc" * 50))
    for number in range(6):
        content[(seed * 7919 + number * 104_729) % len(content)] ^= (seed * 31 + number * 17) % 255 + 1
    content[:4] = b"PK\x03\x04"
    with suppress(FileRefused):
        assert looked_at(Upload("a.docx", bytes(content))).name == "a.docx"


# ---------------------------------------------------------------- PDF


@pytest.mark.parametrize("thing", [
    b"<< /S /JavaScript /JS (app.alert) >>", b"<< /S /J#61vaScript /JS (x) >>", b"<</S/#4a#61#76#61Script>>",
    b"<< /S /Launch /F (cmd.exe) >>", b"<< /AcroForm << /XFA 4 0 R >> >>", b"<< /S /SubmitForm /F (https://x) >>",
    b"<< /Subtype /RichMedia >>", stream(b"<< /S /JavaScript /JS (x) >>", b"/Type /ObjStm /N 1 /First 4"),
    stream(b"<</S/J#61vaScript>>"), stream(b"<< /S /JavaScript >>", b"/Subtype /Image /N 1 /First 4"),
    stream(b"<< /S /JavaScript >>", b"/Type /ObjStm /X ( obj) /Subtype /Image"),
    stream(b"<< /S /JavaScript >>", b"/Type /ObjStm /X (" + b"x" * 9_000 + b") /Subtype /Image"),
    stream(b"<< /S /JavaScript >>", b"/Type /ObjStm").replace(b"stream\n", b"stream \t\n", 1),
])  # fmt: skip
def test_a_pdf_that_runs_something_is_refused(thing: bytes) -> None:
    assert "contient un programme (JavaScript) ou une action" in refusal("a.pdf", pdf(thing))


@pytest.mark.parametrize("thing", [
    b"<< /Names << /EmbeddedFiles 4 0 R >> >>", b"<< /Type /Filespec /F (a.exe) /EF << /F 4 0 R >> >>",
    b"<</EF 4 0 R>>",
    stream(b"MZ", b"/Type /EmbeddedFile"), stream(b"<< /Type /Embedded#46ile >>"),
])  # fmt: skip
def test_a_pdf_that_carries_files_is_refused(thing: bytes) -> None:
    assert "contient un autre fichier" in refusal("a.pdf", pdf(thing))


@pytest.mark.parametrize("thing", [
    b"<< /OpenAction [3 0 R /Fit] >>", b"<< /S /URI /URI (https://www.example.org) >>",
    b"<< /S /GoTo /D [3 0 R /Fit] >>",
    b"<< /F /Courier#20New >>", stream(b"\xff\xd8\xff /JavaScript"[:3], b"/Subtype /Image"), stream(b"q 1 0 0 1 Q"),
    stream(b"3 0 << /Type /Page >>", b"/Type /ObjStm /N 1 /First 4"),
    b"<< /Filter /LZWDecode >>\nstream\n\x80\x0b\x60\nendstream",
])  # fmt: skip
def test_a_pdf_that_only_shows_and_links_is_taken(thing: bytes) -> None:
    assert looked_at(Upload("a.pdf", pdf(thing))).content == pdf(thing)


def test_a_pdf_that_is_locked_broken_or_a_bomb_is_refused() -> None:
    assert "est chiffré" in refusal("a.pdf", pdf(b"<< >>").replace(b"/Root", b"/Encrypt 9 0 R /Root"))
    assert "est abîmé" in refusal("a.pdf", pdf()[:-10])
    assert "est abîmé" in refusal("a.pdf", pdf(b"<< /Type /ObjStm /Filter /LZWDecode >>\nstream\nabc\nendstream"))
    hidden = stream(b"<< /S /JavaScript >>", b"/Type /ObjStm").replace(b"stream\n", b"stream and more\n", 1)
    assert "est abîmé" in refusal("a.pdf", pdf(hidden))
    assert "est abîmé" in refusal("a.pdf", pdf(hidden, stream(b"3 0 <<>>", b"/Type /ObjStm /N 1 /First 4")))
    assert "est abîmé" in refusal(
        "a.pdf", pdf(stream(b"<< /S /JavaScript >>", b"/Type /ObjStm /X (stream\n) /Subtype /Image"))
    )
    assert "se déploie démesurément" in refusal("a.pdf", pdf(stream(b"\x00" * (40 * MEGABYTE))))
    many = [stream(bytes([number]) * (30 * MEGABYTE)) for number in range(4)]
    assert "se déploie démesurément" in refusal("a.pdf", pdf(*many))


def test_a_pdf_made_to_keep_us_busy_is_soon_done_with() -> None:
    """Streams within streams, names within names: each byte is read a bounded number of times."""
    assert "se déploie démesurément" in refusal("a.pdf", pdf(b"stream\n" * 300_000))
    assert "contient un programme" in refusal("a.pdf", pdf(b"/a#61" * 200_000))
    packed = zlib.compress(b"a")
    assert looked_at(Upload("a.pdf", pdf(*([b"stream\n" + packed] * 5_000)))).name == "a.pdf"
    breaks_late = zlib.compress(b"\x00" * (30 * MEGABYTE))[:-4] + b"????"
    nested = [b"stream\n" + breaks_late + b"\nendstream"] * 5
    assert "se déploie démesurément" in refusal("a.pdf", pdf(*nested))
