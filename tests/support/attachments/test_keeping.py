"""Files are kept for a form or a request: what is taken, what is refused by name, what stands on the disk."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from records.database import Connection, Engine, writing
from support.attachments.attachment import Attachment, FilesRefused, Scan, Upload
from support.attachments.folder import FileLost
from support.attachments.keeping import MOST, Attachments
from support.attachments.store import adopt, attachments_of, forget_waiting, waiting_attachments
from tests.support.attachments.files import EICAR, image, open_xml, pdf
from tests.support.house import NOW

WHO = "sam.invente@asso.example"


def keep(files: Attachments, connection: Connection, *uploads: Upload, key: str = "form") -> list[Attachment]:
    return files.keep(connection, uploads, filed_key=key, by=WHO, at=NOW)


def test_a_file_is_kept_on_the_disk_under_a_random_name_for_its_owner_alone(engine: Engine, tmp_path: Path) -> None:
    files = Attachments(tmp_path / "pieces")
    with writing(engine) as connection:
        (kept,) = keep(files, connection, Upload("Rapport.PDF", pdf()))
    path = tmp_path / "pieces" / kept.stored
    assert (kept.name, kept.kind, kept.size, kept.scan) == (
        "Rapport.PDF",
        "application/pdf",
        len(pdf()),
        Scan.UNSCANNED,
    )
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert "rapport" not in kept.stored.lower()
    assert files.content_of(kept) == pdf()


def test_what_is_refused_is_named_with_its_reason_and_the_others_are_kept(engine: Engine, tmp_path: Path) -> None:
    files = Attachments(tmp_path / "pieces")
    uploads = (Upload("bon.docx", open_xml()), Upload("virus.txt", EICAR), Upload("vide.pdf", b""))
    with writing(engine) as connection:
        with pytest.raises(FilesRefused) as refused:
            keep(files, connection, *uploads)
        kept = waiting_attachments(connection, "form")
    assert refused.value.field == "fichiers"
    assert str(refused.value) == (
        "Le fichier « virus.txt » contient un virus (EICAR) et n’est pas gardé. Le fichier « vide.pdf » est vide."
    )
    assert [one.name for one in kept] == ["bon.docx"] == [one.name for one in refused.value.kept]
    assert len(list((tmp_path / "pieces").iterdir())) == 1


def test_twenty_megabytes_together_and_no_more(engine: Engine, tmp_path: Path) -> None:
    files, half = Attachments(tmp_path / "pieces"), b"a" * (9 * 1024 * 1024)
    with writing(engine) as connection:
        keep(files, connection, Upload("1.txt", half), Upload("2.txt", half + b"b"))
        with pytest.raises(FilesRefused, match=r"« 3\.txt » .9.Mo. ne tient plus dans les 20.Mo de l’ensemble"):
            keep(files, connection, Upload("3.txt", half + b"c"), Upload("4.txt", b"petit"))
        keep(files, connection, Upload("3.txt", half + b"c"), key="another form")
        assert [one.name for one in waiting_attachments(connection, "form")] == ["1.txt", "2.txt", "4.txt"]


def test_so_many_files_and_no_more(engine: Engine, tmp_path: Path) -> None:
    files = Attachments(tmp_path / "pieces")
    with writing(engine) as connection:
        keep(files, connection, *(Upload(f"{number}.txt", b"%d" % number) for number in range(MOST)))
        with pytest.raises(FilesRefused, match=r"« un-de-plus\.txt » est de trop"):
            keep(files, connection, Upload("un-de-plus.txt", b"?"))


def test_the_same_file_sent_again_is_the_same(engine: Engine, tmp_path: Path) -> None:
    files = Attachments(tmp_path / "pieces")
    with writing(engine) as connection:
        first = keep(files, connection, Upload("écran.png", image()))
        assert keep(files, connection, Upload("écran.png", image())) == first
    assert len(list((tmp_path / "pieces").iterdir())) == 1


def test_the_files_of_a_form_become_the_requests(engine: Engine, tmp_path: Path) -> None:
    with writing(engine) as connection:
        one, two = keep(Attachments(tmp_path / "pieces"), connection, Upload("a.txt", b"a"), Upload("b.txt", b"b"))
        assert not forget_waiting(connection, one.id, "another form")
        assert forget_waiting(connection, one.id, "form")
        assert adopt(connection, "form", request_id=7, event_id=3) == 1
        assert waiting_attachments(connection, "form") == []
        (kept,) = attachments_of(connection, 7)
    assert (kept.id, kept.event_id, kept.filed_key) == (two.id, 3, None)


def test_a_file_that_is_gone_or_changed_on_the_disk_is_not_given(engine: Engine, tmp_path: Path) -> None:
    files = Attachments(tmp_path / "pieces")
    with writing(engine) as connection:
        (kept,) = keep(files, connection, Upload("a.txt", b"a"))
    (tmp_path / "pieces" / kept.stored).write_bytes(b"b")
    with pytest.raises(FileLost):
        files.content_of(kept)
    (tmp_path / "pieces" / kept.stored).unlink()
    with pytest.raises(FileLost):
        files.content_of(kept)
