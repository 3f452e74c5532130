"""The files of a request on the desk: listed, warned of, downloaded, previewed, and by nobody else."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from sqlalchemy import select, update

from records.database import reading, writing
from records.schema.desk_tables import audit
from records.schema.written_tables import attachments
from support.attachments.attachment import Attachment, Scan, Upload
from support.attachments.keeping import Attachments
from tests.support.attachments.files import image, open_xml, pdf
from tests.support.requests.conftest import ALIX, CAMILLE, SACHA, Office, opened

NAME = "Écran « blanc » ; été.pdf"


@pytest.fixture
def office(tmp_path: Path, database_url: str) -> Iterator[Office]:
    made = opened(tmp_path, database_url)
    yield made
    made.house.close()


def keep(office: Office, name: str = NAME, content: bytes = b"", request: int = 1) -> Attachment:
    with writing(office.house.engine) as connection:
        files = Attachments(office.house.settings.attachments_dir)
        (kept,) = files.keep(
            connection, [Upload(name, content or pdf())], request_id=request, by=CAMILLE, at=office.house.clock()
        )
    return kept


def say(office: Office, file: Attachment, scan: Scan) -> None:
    with writing(office.house.engine) as connection:
        connection.execute(update(attachments).where(attachments.c.id == file.id).values(scan=str(scan)))


def trail(office: Office) -> list[tuple[str, str]]:
    with reading(office.house.engine) as connection:
        query = select(audit.c.by, audit.c.reference).where(audit.c.what == "pièce jointe téléchargée")
        return [tuple(row) for row in connection.execute(query)]


def test_a_file_is_a_download_that_no_browser_opens_as_a_page(office: Office) -> None:
    kept = keep(office)
    say(office, kept, Scan.CLEAN)
    answer = office.house.signed_in(CAMILLE).get(f"/demandes/1/fichiers/{kept.id}")
    assert (answer.status_code, answer.data, answer.mimetype) == (200, pdf(), "application/pdf")
    said = answer.headers["Content-Disposition"]
    assert said.startswith("attachment; filename=\"_cran _ blanc _ _ _t_.pdf\"; filename*=UTF-8''%C3%89cran")
    assert unquote(said.rpartition("''")[2]) == "Écran « blanc » ; été.pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
    assert answer.headers["Cache-Control"] == "no-store"
    assert trail(office) == [(CAMILLE, f"1/{kept.id}")]


@pytest.mark.parametrize(
    "name",
    ['a"; filename="b.pdf', "a.pdf\r\nSet-Cookie: svi=1", "../../etc/passwd.pdf", "a%0d%0aX: y.pdf", "a\\b/c.pdf"],
)
def test_a_hostile_file_name_stays_within_its_quotes(office: Office, name: str) -> None:
    kept = keep(office, name)
    say(office, kept, Scan.CLEAN)
    answer = office.house.signed_in(CAMILLE).get(f"/demandes/1/fichiers/{kept.id}")
    assert "Set-Cookie" not in answer.headers or "svi=1" not in answer.headers["Set-Cookie"]
    assert re.fullmatch(
        r"attachment; filename=\"[A-Za-z0-9 ._-]+\"; filename\*=UTF-8''[A-Za-z0-9%._~-]+",
        answer.headers["Content-Disposition"],
    )
    assert not {"/", "\\", "\r", "\n"} & set(unquote(answer.headers["Content-Disposition"].rpartition("''")[2]))


def test_a_file_that_nobody_scanned_is_given_after_a_warning(office: Office) -> None:
    kept, browser = keep(office), office.house.signed_in(SACHA)
    page = browser.get(f"/demandes/1/fichiers/{kept.id}")
    assert "Ce fichier n’a pas été analysé" in page.text
    assert "Content-Disposition" not in page.headers
    assert trail(office) == []
    assert browser.get(f"/demandes/1/fichiers/{kept.id}?telecharger=1").data == pdf()
    assert trail(office) == [(SACHA, f"1/{kept.id}")]


def test_the_page_of_the_request_lists_them_and_never_calls_one_safe_that_was_not_scanned(office: Office) -> None:
    browser = office.house.signed_in(CAMILLE)
    assert "pièce" not in browser.get("/demandes/1").text
    one = keep(office, "note.docx", open_xml())
    page = browser.get("/demandes/1").text
    assert "1 pièce jointe<" in page
    assert "Non analysé" in page
    assert "Aucun virus" not in page
    assert "aucun antivirus n’a regardé ce fichier" in page
    assert "document Word" in page
    assert "Ajouté par vous" in page
    say(office, one, Scan.CLEAN)
    two = keep(office, "<b>gras</b>.csv", b"a;b")
    say(office, two, Scan.INFECTED)
    page = browser.get("/demandes/1").text
    assert "2 pièces jointes<" in page
    assert "Aucun virus trouvé" in page
    assert "Virus trouvé : fichier retiré" in page
    assert f'href="/demandes/1/fichiers/{two.id}"' not in page
    assert "<b>gras" not in page


def test_an_infected_or_lost_file_is_not_given_and_says_so(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    infected, lost = keep(office, "secret.pdf"), keep(office, "perdu.txt", b"abc")
    say(office, infected, Scan.INFECTED)
    (office.house.settings.attachments_dir / lost.stored).write_bytes(b"abd")
    browser = office.house.signed_in(CAMILLE)
    answer = browser.get(f"/demandes/1/fichiers/{infected.id}")
    assert answer.status_code == 410
    assert "l’antivirus y a trouvé un virus" in answer.text
    with caplog.at_level(logging.WARNING):
        answer = browser.get(f"/demandes/1/fichiers/{lost.id}?telecharger=1")
    assert answer.status_code == 410
    assert "Ce fichier ne peut plus être lu" in answer.text
    assert [record.getMessage() for record in caplog.records] == [
        f"La pièce jointe {lost.id} ne peut plus être lue (digest)"
    ]


def test_an_image_has_a_preview_that_we_wrote_and_nothing_else_has(office: Office) -> None:
    shown, other = keep(office, "Écran.png", image("PNG", (2000, 1000))), keep(office)
    browser = office.house.signed_in(CAMILLE)
    page = browser.get("/demandes/1").text
    assert f'src="/demandes/1/fichiers/{shown.id}/apercu"' in page
    assert page.count("files__preview") == 1
    answer = browser.get(f"/demandes/1/fichiers/{shown.id}/apercu")
    assert (answer.status_code, answer.mimetype, answer.headers["Content-Disposition"]) == (
        200, "image/png", "inline; filename=\"_cran.png\"; filename*=UTF-8''%C3%89cran.png",
    )  # fmt: skip
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    whole = browser.get(f"/demandes/1/fichiers/{shown.id}/image")
    assert whole.data == Attachments(office.house.settings.attachments_dir).content_of(shown)
    assert whole.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
    assert len(answer.data) < len(whole.data)
    assert browser.get(f"/demandes/1/fichiers/{other.id}/image").status_code == 404
    assert browser.get(f"/demandes/1/fichiers/{other.id}/apercu").status_code == 404
    say(office, shown, Scan.INFECTED)
    assert browser.get(f"/demandes/1/fichiers/{shown.id}/apercu").status_code == 404


def test_a_file_is_there_for_whoever_may_read_its_request_and_under_its_own_number(office: Office) -> None:
    kept = keep(office)
    office.escalated("CA59", ALIX, "59")
    theirs = keep(office, request=office.number)
    number = office.number
    browser = office.house.signed_in(ALIX)
    for path in (
        f"/demandes/1/fichiers/{kept.id}", f"/demandes/1/fichiers/{kept.id}/apercu",
        f"/demandes/1/fichiers/{theirs.id}",
        f"/demandes/{number}/fichiers/{kept.id}", f"/demandes/{number}/fichiers/{kept.id}?telecharger=1",
        f"/demandes/{number}/fichiers/{kept.id}/apercu", f"/demandes/{number}/fichiers/{kept.id}/image",
        f"/demandes/{number}/fichiers/999",
        f"/demandes/{2**40}/fichiers/{theirs.id}", f"/demandes/{number}/fichiers/{2**40}",
    ):  # fmt: skip
        assert browser.get(path).status_code == 404, path
    assert browser.get(f"/demandes/{number}/fichiers/{theirs.id}?telecharger=1").status_code == 200
    assert office.house.app.test_client().get(f"/demandes/1/fichiers/{kept.id}").status_code in {302, 303}
    assert trail(office) == [(ALIX, f"{number}/{theirs.id}")]


def test_a_kind_that_is_on_no_list_is_never_given_as_itself(office: Office) -> None:
    kept = keep(office)
    with writing(office.house.engine) as connection:
        connection.execute(update(attachments).values(kind="text/html", scan="clean"))
    answer = office.house.signed_in(CAMILLE).get(f"/demandes/1/fichiers/{kept.id}")
    assert answer.mimetype == "application/octet-stream"
