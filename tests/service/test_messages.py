"""A message's way from the operator to a mailbox, through the parts that serve."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from records.calls.ledger import record, refold
from records.database import open_database, writing
from records.schema.migrations import migrate
from routing.departements import timezone_of
from service.directory.snapshots import SnapshotFile
from service.settings import read_settings
from service.wiring.messages import follow_up
from tests.service.directories import MOMENT, snapshot
from tests.voicemail.conftest import call, callback
from voicemail.following_up import FollowUp


class Server:
    """A mail server: `answers` in turn, then it takes everything; `cut` hangs up on what it has just taken."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.answers: list[str] = []

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - the library's name
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer == "cut" or answer.startswith("2"):
            self.taken.append(message_from_bytes(envelope.content, policy=policy.default))
        if answer == "cut":
            server.transport.abort()
        return answer


@pytest.fixture
def mail_server() -> Iterator[tuple[Server, str]]:
    server = Server()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(server, hostname="127.0.0.1", port=port, ready_timeout=60)
    controller.start()
    yield server, f"smtp://127.0.0.1:{port}"
    controller.stop()


@pytest.fixture
def work(tmp_path: Path, mail_server: tuple[Server, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[FollowUp]:
    monkeypatch.chdir(tmp_path)
    settings = read_settings(demo=True, var_dir=tmp_path / "var", mail_url=mail_server[1])
    engine = open_database(settings.database_url)
    migrate(engine)
    SnapshotFile(settings.var_dir).write(snapshot(1))
    with writing(engine) as connection:
        told = record(connection, call("CA1", callback()), origin="tests", at=MOMENT)
        refold(connection, told, timezone_of=timezone_of, at=MOMENT)
    moment = [MOMENT]

    def later() -> Any:
        moment[0] += timedelta(minutes=10)
        return moment[0]

    made = follow_up(settings, engine)
    yield FollowUp(engine, None, made.sender, made.snapshot, made.link, made.audio, later, made.journal)
    engine.dispose()


@pytest.mark.parametrize("answers", [[], ["451 later"], ["554 no"] * 3, ["421 closing"]])
def test_a_letter_arrives_once_when_the_server_takes_it_again(
    work: FollowUp, mail_server: tuple[Server, str], answers: list[str]
) -> None:
    server, _ = mail_server
    server.answers = answers
    for _ in range(6):
        work.work()
    [letter] = server.taken
    assert letter["Subject"] == "[SI SIAO] Rappel à faire – 75 Paris"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert "06 39 •• •• 34" in letter.get_content()
    assert "/rappels#tache-CA1" in letter.get_content()


def test_a_server_that_takes_and_then_hangs_up_gets_the_same_letter_under_the_same_name(
    work: FollowUp, mail_server: tuple[Server, str]
) -> None:
    server, _ = mail_server
    server.answers = ["cut"]
    for _ in range(4):
        work.work()
    assert len(server.taken) == 2
    assert len({letter["Message-ID"] for letter in server.taken}) == 1
