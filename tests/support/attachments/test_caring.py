"""What the scheduled work does with kept files: scan what was not, find what was new, forget what is over."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from records.database import Engine, reading, writing
from records.schema.desk_tables import audit
from records.schema.request_tables import requests
from records.schema.written_tables import filed_forms
from support.attachments.attachment import Attachment, Scan, Upload
from support.attachments.caring import AttachmentCare
from support.attachments.keeping import Attachments
from support.attachments.scanning import Clamd
from support.attachments.store import attachments_of, waiting_attachments
from tests.support.attachments.clamd import FakeClamd, running_clamd
from tests.support.house import NOW, Clock

WHO = "sam.invente@asso.example"


@dataclass
class Shelf:
    """Kept files, and the work on them."""

    engine: Engine
    folder: Path
    clamd: FakeClamd
    clock: Clock

    @property
    def files(self) -> Attachments:
        return Attachments(self.folder, Clamd(self.clamd.url, patience=1))

    @property
    def care(self) -> AttachmentCare:
        return AttachmentCare(self.engine, self.files, self.clock)

    def keep(self, content: bytes, *, key: str = "", request: int = 1, scanned: bool = False) -> Attachment:
        """One file of a request, or of a form."""
        files = self.files if scanned else Attachments(self.folder)
        with writing(self.engine) as connection:
            (kept,) = files.keep(
                connection, [Upload("a.txt", content)], by=WHO, at=self.clock(), filed_key=key or None,
                request_id=None if key else request,
            )  # fmt: skip
        return kept

    def now(self, request: int = 1) -> list[Attachment]:
        with reading(self.engine) as connection:
            return attachments_of(connection, request)

    def on_disk(self) -> set[str]:
        return {path.name for path in self.folder.iterdir()}

    def written_at(self, name: str, **before: float) -> None:
        """Let a file on the disk be older."""
        moment = (self.clock() - timedelta(**before)).timestamp()
        os.utime(self.folder / name, (moment, moment))


@pytest.fixture
def shelf(engine: Engine, tmp_path: Path) -> Iterator[Shelf]:
    with writing(engine) as connection:
        row = {"channel": "form", "sender": "user", "departement": "75", "version": 1, "subject": "s",
               "description": "d", "thematique": "t", "motif": "m", "sous_motif": "s", "niveau": "1", "reply_to": WHO,
               "desk": "local", "state": "open", "created_at": NOW, "created_by": WHO}  # fmt: skip
        connection.execute(insert(requests).values(id=1, **row))
    with running_clamd() as daemon:
        yield Shelf(engine, tmp_path / "pieces", daemon, Clock())


def test_a_file_that_came_while_the_antivirus_was_away_is_scanned_later(shelf: Shelf) -> None:
    shelf.keep(b"bonjour")
    shelf.clamd.is_mute = True
    assert shelf.care.scan() == {"antivirus": {"state": "degraded", "reason": "TimeoutError"}}
    assert shelf.now()[0].scan is Scan.UNSCANNED
    shelf.clamd.is_mute = False
    assert shelf.care.scan() == {"antivirus": {"state": "ok"}}
    assert (shelf.now()[0].scan, shelf.now()[0].scanned_at) == (Scan.CLEAN, NOW)
    shelf.care.scan()
    assert len(shelf.clamd.seen) == 1


def test_without_an_antivirus_nothing_is_scanned_nor_told(shelf: Shelf) -> None:
    shelf.keep(b"bonjour")
    assert AttachmentCare(shelf.engine, Attachments(shelf.folder), shelf.clock).scan() is None
    assert shelf.now()[0].scan is Scan.UNSCANNED


def test_a_virus_that_was_new_is_found_in_the_first_week_and_the_file_is_taken_away(shelf: Shelf) -> None:
    shelf.keep(b"un nouveau virus", scanned=True)
    assert shelf.now()[0].scan is Scan.CLEAN
    shelf.clamd.viruses[b"nouveau"] = "New.Virus"
    shelf.clock.advance(hours=12)
    shelf.care.scan()
    assert shelf.now()[0].scan is Scan.CLEAN
    shelf.clock.advance(hours=13)
    shelf.care.scan()
    (found,) = shelf.now()
    assert (found.scan, found.is_given, found.deleted_at) == (Scan.INFECTED, False, shelf.clock())
    assert shelf.on_disk() == set()
    with reading(shelf.engine) as connection:
        trail = connection.execute(select(audit.c.by, audit.c.what, audit.c.reference)).all()
    assert [tuple(line) for line in trail] == [("antivirus", "pièce jointe infectée retirée", f"1/{found.id}")]


def test_after_its_first_week_a_clean_file_is_left_alone(shelf: Shelf) -> None:
    shelf.keep(b"bonjour", scanned=True)
    shelf.clock.advance(days=9)
    shelf.care.scan()
    assert len(shelf.clamd.seen) == 1


def test_a_file_that_the_antivirus_cannot_take_or_that_is_lost_does_not_hold_up_the_others(shelf: Shelf) -> None:
    shelf.clamd.largest = 1000
    shelf.keep(b"a" * 2000)
    lost = shelf.keep(b"perdu")
    (shelf.folder / lost.stored).unlink()
    shelf.keep(b"bonjour")
    assert shelf.care.scan() == {"antivirus": {"state": "ok"}}
    assert [one.scan for one in shelf.now()] == [Scan.UNSCANNED, Scan.UNSCANNED, Scan.CLEAN]
    shelf.care.scan()
    assert len(shelf.clamd.seen) == 1
    shelf.clock.advance(days=1, minutes=1)
    shelf.clamd.largest = 10_000
    shelf.care.scan()
    assert [one.scan for one in shelf.now()] == [Scan.CLEAN, Scan.UNSCANNED, Scan.CLEAN]


def test_the_files_of_a_form_go_when_it_expires_and_those_of_a_request_with_it(shelf: Shelf) -> None:
    shelf.keep(b"a", key="draft")
    key = "e3" * 32
    shelf.keep(b"b", key=key)
    kept, gone = shelf.keep(b"c"), shelf.keep(b"d", request=2)
    with writing(shelf.engine) as connection:
        filed = {
            "email": WHO,
            "fields": json.dumps({"nom": "Inventé", "fichiers": key}),
            "filed_at": NOW,
            "expires_at": NOW + timedelta(days=3),
        }
        connection.execute(insert(filed_forms).values(token_digest="d" * 64, **filed))
    for hours, waiting in ((23, ["draft", key]), (2, [key]), (24 * 2, [])):
        shelf.clock.advance(hours=hours)
        shelf.care.sweep()
        with reading(shelf.engine) as connection:
            assert [one for one in ("draft", key) if waiting_attachments(connection, one)] == waiting
    assert shelf.now() == [kept]
    assert shelf.now(2) == []
    assert shelf.on_disk() == {kept.stored}
    assert gone.stored != kept.stored


def test_what_lies_in_the_folder_and_is_nobodys_is_swept_once_it_is_old(shelf: Shelf) -> None:
    kept = shelf.keep(b"a")
    young, old, part = "a" * 64, "b" * 64, f".{'c' * 64}.part"
    for name in (young, old, part, "notes.txt"):
        (shelf.folder / name).write_bytes(b"x")
    for name in (old, part, "notes.txt", kept.stored):
        shelf.written_at(name, days=9)
    shelf.written_at(young, days=7)
    shelf.care.sweep()
    assert shelf.on_disk() == {kept.stored, young, "notes.txt"}
