"""clamd's protocol over real sockets: what it is sent, what it answers, what is made of its silence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from records.database import Engine, writing
from support.attachments.attachment import FilesRefused, Scan, Upload
from support.attachments.keeping import Attachments
from support.attachments.scanning import PIECE, Clamd, ScannerAway, TooLargeToScan
from tests.support.attachments.clamd import FakeClamd, running_clamd
from tests.support.attachments.files import EICAR, pdf
from tests.support.house import NOW


@pytest.fixture(params=["tcp", "unix"])
def clamd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FakeClamd]:
    with running_clamd(tmp_path if request.param == "unix" else None) as daemon:
        yield daemon


def test_a_file_is_streamed_in_pieces_and_found_clean(clamd: FakeClamd) -> None:
    content = bytes(range(256)) * 1000
    assert Clamd(clamd.url).virus_in(content) == ""
    assert clamd.seen == [content]
    assert clamd.pieces == [PIECE, PIECE, PIECE, len(content) - 3 * PIECE]


def test_a_virus_is_named(clamd: FakeClamd) -> None:
    assert Clamd(clamd.url).virus_in(b"abc" + EICAR) == "Win.Test.EICAR_HDB-1"


def test_a_name_that_the_daemon_gives_is_shown_without_its_marks(clamd: FakeClamd) -> None:
    clamd.answer = b"stream: Bad<script>\r\n(x) FOUND\0"
    assert Clamd(clamd.url).virus_in(b"abc") == "Bad_script____x_"


def test_a_file_larger_than_the_daemon_takes_is_not_known(clamd: FakeClamd) -> None:
    """It answers and hangs up while we still send."""
    clamd.largest = 100_000
    with pytest.raises(TooLargeToScan):
        Clamd(clamd.url).virus_in(b"a" * 8_000_000)


@pytest.mark.parametrize("answer", [
    b"stream: OK", b"stream: OK FOUND OK\0", b"INSTREAM: Can't open file. ERROR\0", b"stream: OKAY\0", b"\0",
    b"x" * 9000,
])  # fmt: skip
def test_an_answer_that_is_none_leaves_a_file_unknown_and_never_safe(clamd: FakeClamd, answer: bytes) -> None:
    clamd.answer = answer
    if answer == b"stream: OK":
        assert Clamd(clamd.url).virus_in(b"abc") == ""  # it hung up instead of the zero
    else:
        with pytest.raises(ScannerAway):
            Clamd(clamd.url).virus_in(b"abc")


def test_a_daemon_that_says_nothing_is_waited_for_no_longer_than_told(clamd: FakeClamd) -> None:
    clamd.is_mute = True
    with pytest.raises(ScannerAway):
        Clamd(clamd.url, patience=0.2).virus_in(b"abc")


@pytest.mark.parametrize("url", ["tcp://127.0.0.1:1", "unix:///nowhere/clamd.ctl"])
def test_a_daemon_that_is_not_there_is_away(url: str) -> None:
    with pytest.raises(ScannerAway):
        Clamd(url).virus_in(b"abc")
    with pytest.raises(ScannerAway):
        Clamd(url).ping()


def test_its_version_is_told(clamd: FakeClamd) -> None:
    assert Clamd(clamd.url).ping() == "ClamAV 1.4.3/27800/Thu Nov 26 09 00 00 2026"


def test_what_is_kept_says_what_the_antivirus_said(clamd: FakeClamd, engine: Engine, tmp_path: Path) -> None:
    files = Attachments(tmp_path / "pieces", Clamd(clamd.url))
    clamd.viruses[b"mauvais"] = "Pdf.Test-1"
    with writing(engine) as connection:
        (kept,) = files.keep(connection, [Upload("a.pdf", pdf())], filed_key="k", by="a@b.example", at=NOW)
        assert (kept.scan, kept.scanned_at) == (Scan.CLEAN, NOW)
        with pytest.raises(FilesRefused, match=r"« b\.pdf » contient un virus \(Pdf\.Test-1\) et n’est pas gardé"):
            files.keep(connection, [Upload("b.pdf", pdf(b"(mauvais)"))], filed_key="k", by="a@b.example", at=NOW)
    assert len(list((tmp_path / "pieces").iterdir())) == 1


def test_while_the_antivirus_is_away_a_file_is_kept_and_said_not_to_be_known(engine: Engine, tmp_path: Path) -> None:
    files = Attachments(tmp_path / "pieces", Clamd("tcp://127.0.0.1:1"))
    with writing(engine) as connection:
        (kept,) = files.keep(connection, [Upload("a.pdf", pdf())], filed_key="k", by="a@b.example", at=NOW)
    assert (kept.scan, kept.scanned_at) == (Scan.UNSCANNED, None)


def test_what_was_looked_at_before_the_transaction_is_not_looked_at_again(
    clamd: FakeClamd, engine: Engine, tmp_path: Path
) -> None:
    files = Attachments(tmp_path / "pieces", Clamd(clamd.url))
    with pytest.raises(FilesRefused) as refused:
        files.check([Upload("a.pdf", pdf()), Upload("b.txt", EICAR)])
    with writing(engine) as connection:
        kept = files.keep(connection, refused.value.checked, filed_key="k", by="a@b.example", at=NOW)
    assert [(one.name, one.scan) for one in kept] == [("a.pdf", Scan.CLEAN)]
    assert len(clamd.seen) == 1
