"""What `svi doctor` finds outside and on the machine: real mail servers, relay, certificates and files."""

from __future__ import annotations

import http.client
import os
import socket
import sqlite3
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from werkzeug.serving import make_server

from records.database import open_database, writing
from records.schema.migrations import migrate
from service.app import create_app
from service.clock import now
from service.running.watching.finding import Check, Finding
from service.running.watching.machine_checks import check_backup, check_database, check_rights
from service.running.watching.outside_checks import check_certificate, check_clock, check_mail, check_relay, send_one
from service.running.watching.state import write_state
from service.settings import Settings, read_settings
from tests.service.mail_server import HoldingServer, mail_server
from tests.service.watching.authority import Authority

SECRET = "a-made-up-secret-of-forty-letters-or-so"


def machine(folder: Path, **values: Any) -> Settings:
    given = {
        "var_dir": folder / "var", "secret_key": SECRET, "twilio_account_sid": "AC0", "twilio_auth_token": "made-up",
        "caller_id": "+33199000001", **values,
    }  # fmt: skip
    return read_settings(**given)


def found(check: Check, settings: Settings, at: datetime | None = None) -> list[Finding]:
    return list(check(settings, at or now()))


def told(check: Check, settings: Settings, at: datetime | None = None) -> str:
    return "\n".join(one.sentence for one in found(check, settings, at))


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """An authority of our own, which this machine trusts."""
    made = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.file))
    return made


# ---------------------------------------------------------------- the certificate


@contextmanager
def secured(context: ssl.SSLContext) -> Iterator[int]:
    """A server of this machine that shows its certificate to whoever comes."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_words: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # whoever refuses our certificate hangs up
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("days", "name", "sentence", "is_wrong"),
    [
        (90, "localhost", "valable encore 89 jours", False),
        (19, "localhost", "il expire dans 18 jours : renouvelez-le", True),
        (-1, "localhost", "il a expiré", True),
        (90, "ailleurs.example", "il est au nom d’une autre adresse", True),
    ],
)
def test_the_certificate_is_met_as_the_operator_meets_it(
    tmp_path: Path, authority: Authority, *, days: int, name: str, sentence: str, is_wrong: bool
) -> None:
    with secured(authority.context(name, now() + timedelta(days=days))) as port:
        [one] = found(check_certificate, machine(tmp_path, public_url=f"https://localhost:{port}"))
    assert sentence in one.sentence
    assert one.wrong is is_wrong


def test_a_certificate_of_an_unknown_authority_is_refused(
    tmp_path: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other").mkdir()
    monkeypatch.setenv("SSL_CERT_FILE", str(Authority(tmp_path / "other").file))
    with secured(authority.context("localhost", now() + timedelta(days=90))) as port:
        assert "n’est pas valable" in told(check_certificate, machine(tmp_path, public_url=f"https://localhost:{port}"))


def test_an_address_that_nobody_serves_has_no_certificate_to_judge(tmp_path: Path) -> None:
    assert "ne répond pas" in told(check_certificate, machine(tmp_path, public_url="https://127.0.0.1:9"))
    assert found(check_certificate, machine(tmp_path, public_url="http://127.0.0.1:9")) == []


# ---------------------------------------------------------------- mails


def test_the_mail_server_is_joined_and_gets_no_mail(tmp_path: Path) -> None:
    with mail_server() as (server, url):
        [one] = found(check_mail, machine(tmp_path, mail_url=url))
        assert "répond sans TLS ; rien n’a été envoyé" in one.sentence
        assert server.taken == []


def test_on_request_one_mail_goes_all_the_way(tmp_path: Path) -> None:
    with mail_server() as (server, url):
        one = send_one(machine(tmp_path, mail_url=url), "nuit@siao.example")
        assert not one.wrong
        assert [mail["To"] for mail in server.taken] == ["nuit@siao.example"]
    assert send_one(machine(tmp_path, mail_url=url), "nuit@siao.example").wrong
    assert send_one(machine(tmp_path, mail_url=url), "nuit").wrong


@contextmanager
def known_users(authority: Authority, name: str = "localhost") -> Iterator[int]:
    """A mail server with TLS, which knows « svi » alone."""

    def check(_server: Any, _session: Any, _envelope: Any, _how: str, given: Any) -> AuthResult:
        return AuthResult(success=(given.login, given.password) == (b"svi", b"bon"))

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    context = authority.context(name, now() + timedelta(days=9))
    controller = Controller(
        HoldingServer(), hostname="127.0.0.1", port=port, tls_context=context, authenticator=check, auth_required=True,
        ready_timeout=60,
    )  # fmt: skip
    controller.start()
    yield port
    controller.stop()


def test_starttls_and_the_sign_in_are_really_done(tmp_path: Path, authority: Authority) -> None:
    with known_users(authority) as port:
        good = told(check_mail, machine(tmp_path, mail_url=f"smtp://svi:bon@localhost:{port}"))
        assert "répond avec TLS, identifiants acceptés" in good
        [one] = found(check_mail, machine(tmp_path, mail_url=f"smtp://svi:mauvais@localhost:{port}"))
    assert one.wrong
    assert "les identifiants sont refusés" in one.sentence
    assert "mauvais" not in one.sentence


def test_a_mail_server_of_another_name_is_not_trusted(tmp_path: Path, authority: Authority) -> None:
    with known_users(authority, "ailleurs.example") as port:
        assert "certificat" in told(check_mail, machine(tmp_path, mail_url=f"smtp://svi:bon@localhost:{port}"))


@pytest.mark.parametrize("url", ["smtp://127.0.0.1:9", "smtps://127.0.0.1:9"])
def test_a_mail_server_that_is_away_is_said_with_what_to_look_at(tmp_path: Path, url: str) -> None:
    [one] = found(check_mail, machine(tmp_path, mail_url=url))
    assert one.wrong
    assert "vérifiez" in one.sentence


# ---------------------------------------------------------------- the relay


class Relay(BaseHTTPRequestHandler):
    """A relay as the test wants it: what it writes down of the visitor, and whether it waits for whole requests."""

    port = 0
    writes: Callable[[BaseHTTPRequestHandler], dict[str, str]] = staticmethod(lambda _: {})
    waits = True

    def do_GET(self) -> None:
        self._hand_over(b"")

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self._hand_over(self.rfile.read(length) if self.waits else None)

    def _hand_over(self, body: bytes | None) -> None:
        behind = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        headers = {**dict(self.headers), **self.writes(self)}
        behind.putrequest(self.command, self.path, skip_host=True)
        for name, value in headers.items():
            behind.putheader(name, value)
        behind.endheaders(body)
        answer = behind.getresponse()
        text = answer.read()
        self.send_response(answer.status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
        behind.close()
        self.close_connection = True

    def log_message(self, *_words: object) -> None:
        """Nothing."""


def as_it_should(asked: BaseHTTPRequestHandler) -> dict[str, str]:
    before = asked.headers.get("X-Forwarded-For")
    return {"X-Forwarded-For": f"{before}, 192.0.2.7" if before else "192.0.2.7"}


@contextmanager
def relayed(folder: Path, hops: int, writes: Any = as_it_should, *, waits: bool = True) -> Iterator[Settings]:
    """A service behind a relay, with real sockets all the way."""
    handler = type("OneRelay", (Relay,), {"writes": staticmethod(writes), "waits": waits})
    relay = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    relay.handle_error = lambda *_: None  # type: ignore[method-assign]  # whoever sends half a form hangs up
    settings = machine(folder, public_url=f"http://127.0.0.1:{relay.server_port}", proxy_hops=hops)
    server = make_server("127.0.0.1", 0, create_app(settings), threaded=True)
    handler.port = server.server_port  # type: ignore[attr-defined]
    threads = [threading.Thread(target=one.serve_forever) for one in (relay, server)]
    for thread in threads:
        thread.start()
    try:
        yield settings
    finally:
        for one in (relay, server):
            one.shutdown()
        for thread in threads:
            thread.join()
        relay.server_close()
        server.server_close()


def test_a_relay_that_is_set_rightly_is_well(tmp_path: Path) -> None:
    with relayed(tmp_path, 1) as settings:
        assert [one for one in found(check_relay, settings) if one.wrong or one.advice] == []


@pytest.mark.parametrize(
    ("hops", "writes", "sentence"),
    [
        (0, as_it_should, "mettez PROXY_HOPS à 1"),
        (1, lambda _: {}, "le service croit l’adresse que dit le visiteur lui-même"),
        (2, as_it_should, "le service croit l’adresse que dit le visiteur lui-même"),
        (
            1,  # as our own server reads what such a relay lets through
            lambda one: {"X-Forwarded-For": one.headers.get("X_Forwarded-For", "192.0.2.7")},
            "aucun en-tête dont le nom a un tiret bas",
        ),
        (2, lambda _: {"X-Forwarded-For": "192.0.2.7"}, "PROXY_HOPS vaut 2, mais 1 relais écrit"),
        (0, lambda _: {"X-Forwarded-For": ""}, "aucun relais ne se montre"),
        (
            1,
            lambda one: as_it_should(one) | {"Host": "interne.example"},
            "remplace le nom demandé par « interne.example »",
        ),
        (1, lambda one: as_it_should(one) | {"X-Forwarded-Proto": "https"}, "dit « https » au lieu de http"),
    ],
)
def test_what_a_relay_hands_over_wrongly_is_named(tmp_path: Path, hops: int, writes: Any, sentence: str) -> None:
    with relayed(tmp_path, hops, writes) as settings:
        assert sentence in told(check_relay, settings)


def test_a_relay_that_hands_over_half_a_form_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with relayed(tmp_path, 1, waits=False) as settings:
        assert "avant de l’avoir reçue entière" in told(check_relay, settings)
    monkeypatch.setattr("service.running.watching.outside_checks.SLOW", 0.5)
    with relayed(tmp_path, 1) as settings:
        assert "une demande n’arrive qu’une fois reçue entière" in told(check_relay, settings)


def test_only_who_has_the_key_learns_what_the_service_sees(tmp_path: Path) -> None:
    client = create_app(machine(tmp_path)).test_client()
    for token in ("", "1.x", f"{int(now().timestamp())}.abc", "é.é", "9" * 400 + ".a"):
        assert "seen" not in client.get("/health", headers={"X-Svi-Probe": token}).get_json()


# ---------------------------------------------------------------- the clock


@pytest.mark.parametrize(
    ("seconds", "sentence", "is_wrong"),
    [(0, "à quelques secondes près", False), (30, "avance de 30 secondes", False), (-3600, "retarde de 3", True)],
)
def test_the_clock_is_compared_with_the_operators(tmp_path: Path, seconds: int, sentence: str, is_wrong: bool) -> None:
    at = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)

    class Operator(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response_only(404)
            self.send_header("Date", format_datetime(at, usegmt=True))
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Operator)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    settings = machine(tmp_path, twilio_api_url=f"http://127.0.0.1:{server.server_port}")
    [one] = found(check_clock, settings, at + timedelta(seconds=seconds))
    server.shutdown()
    thread.join()
    server.server_close()
    assert sentence in one.sentence
    assert one.wrong is is_wrong
    assert "pas connue" in told(check_clock, settings, at)


# ---------------------------------------------------------------- this machine


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = machine(tmp_path)
    made.var_dir.mkdir(mode=0o700)
    engine = open_database(made.database_url)
    migrate(engine)
    engine.dispose()
    return made


def test_a_database_of_a_later_version_is_named_as_such(settings: Settings) -> None:
    assert "répond, à jour" in told(check_database, settings)
    engine = open_database(settings.database_url)
    with writing(engine) as connection:
        connection.exec_driver_sql("update alembic_version set version_num = '9999'")
    engine.dispose()
    assert "d’une version plus récente (9999) que ce programme ; les appels continuent" in told(
        check_database, settings
    )
    write_state(settings.state_dir, "clerk", now(), error="NewerDatabase")
    assert "les appels attendent sur le disque" in told(check_database, settings)


def test_a_backup_that_was_never_made_or_is_old_is_told_outside_the_demonstration(tmp_path: Path) -> None:
    house = machine(tmp_path)
    [never] = found(check_backup, house)
    assert (never.wrong, never.advice, "aucune n’a été faite ici par svi backup" in never.sentence) == (
        False,
        True,
        True,
    )
    write_state(house.state_dir, "backup", now() - timedelta(hours=37))
    [old] = found(check_backup, house)
    assert (old.wrong, "la dernière de svi backup est du" in old.sentence) == (True, True)
    write_state(house.state_dir, "backup", now() - timedelta(hours=20))
    [fresh] = found(check_backup, house)
    assert (fresh.wrong, fresh.advice) == (False, False)
    assert found(check_backup, machine(tmp_path / "essai", demo=True)) == []


def test_a_database_of_an_earlier_version_waits_to_be_prepared(settings: Settings) -> None:
    engine = open_database(settings.database_url)
    with writing(engine) as connection:
        connection.exec_driver_sql("update alembic_version set version_num = '0009'")
    engine.dispose()
    assert "n’est pas à jour : svi serve la prépare" in told(check_database, settings)


def test_a_process_that_writes_to_a_file_that_was_replaced_is_named(settings: Settings) -> None:
    """Another process holds the old file open, as a clerk would."""
    path = settings.var_dir / "svi.sqlite"
    code = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('select 1 from calls'); print(1); input()"
    with subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-u", "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        write_state(settings.state_dir, "supervisor", now(), processes={"greffier": holder.pid})
        assert "n’est plus svi.sqlite" not in told(check_database, settings)
        copy = path.with_suffix(".copy")
        with sqlite3.connect(path) as source, sqlite3.connect(copy) as target:
            source.backup(target)
        source.close()
        target.close()
        copy.replace(path)
        assert "greffier : écrit dans un fichier qui n’est plus svi.sqlite" in told(check_database, settings)
        holder.communicate("\n")


def test_a_journal_file_that_nobody_moves_is_named(settings: Settings) -> None:
    settings.journal_dir.mkdir()
    path = settings.journal_dir / "1-a.journal"
    path.write_bytes(b"x" * 10)
    assert "entre en base (10 octets attendent)" in told(check_database, settings)
    os.utime(path, (1, 1))
    assert "« 1-a.journal » n’entre pas en base depuis plus de cinq minutes" in told(check_database, settings)


def test_what_others_of_the_machine_may_read_is_named(settings: Settings, tmp_path: Path) -> None:
    assert "ne sont lus que par le compte du service" in told(check_rights, settings)
    settings.var_dir.chmod(0o755)
    (tmp_path / ".env").write_text("SECRET_KEY=x")
    (tmp_path / ".env").chmod(0o644)
    shown = {one.sentence.split()[0]: one.wrong for one in found(check_rights, settings)}
    assert shown == {"VAR_DIR": False, ".env": True}


def test_a_database_that_is_away_is_said_with_what_to_look_at(tmp_path: Path) -> None:
    away = machine(tmp_path, database_url="postgresql://nobody@127.0.0.1:9/away")
    assert "ne répond pas" in told(check_database, away)
