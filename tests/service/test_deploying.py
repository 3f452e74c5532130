"""The examples of deploy/, the image and the Procfile: the programs that read them accept them, and do as is said."""

from __future__ import annotations

import re
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from service.settings import Settings
from tests.service.waiting import eventually

ROOT = Path(__file__).parents[2]
NAME = "assistance.siao.example"
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
CADDY = shutil.which("caddy")
OPENSSL = shutil.which("openssl")

needs_nginx = pytest.mark.skipif(NGINX is None or OPENSSL is None, reason="nginx is not installed")
needs_caddy = pytest.mark.skipif(CADDY is None, reason="caddy is not installed")


@dataclass
class Upstream:
    """A server that remembers the addresses it was asked for, as they came, and headers spelt with an underscore."""

    asked: list[str] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)
    server: ThreadingHTTPServer = field(init=False)

    def __post_init__(self) -> None:
        asked, odd = self.asked, self.odd

        class Door(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer()

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"] or 0))
                self._answer()

            def _answer(self) -> None:
                asked.append(f"{self.command} {self.path} {self.headers['Host']} {self.headers['X-Forwarded-For']}")
                odd.extend(name for name in self.headers if "_" in name)
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.send_header("Referrer-Policy", "same-origin")
                self.send_header("Location", "/demande/suivi/secret-of-an-answer")
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *_words: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.server.server_address[1])

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@dataclass
class Proxy:
    """A proxy with its example of deploy/, on ports of its own, before two upstreams; `plain`: the one without TLS."""

    port: int
    plain: int
    folder: Path
    voice: Upstream
    pages: Upstream

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> int:
        return self.answer(method, path, body, **headers).status

    def answer(self, method: str, path: str, body: bytes | None = None, **headers: str) -> HTTPResponse:
        trusting = self.trusting()
        connection = HTTPSConnection("127.0.0.1", self.port, timeout=10, context=trusting)
        connection._server_hostname = NAME  # type: ignore[attr-defined]
        connection.sock = trusting.wrap_socket(_connected(self.port), server_hostname=NAME)
        connection.request(method, path, body, {"Host": NAME, **headers})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer

    def in_clear(self, path: str, **headers: str) -> tuple[int, str | None]:
        """The status without TLS, and where one is led."""
        connection = HTTPConnection("127.0.0.1", self.plain, timeout=10)
        connection.request("GET", path, None, {"Host": NAME, **headers})
        answer = connection.getresponse()
        connection.close()
        return answer.status, answer.headers["Location"]

    def trusting(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.folder / "fullchain.pem"))

    def speaks(self, version: ssl.TLSVersion, ciphers: str) -> bool:
        """Whether it takes a visitor who knows nothing else."""
        visitor = self.trusting()
        visitor.set_ciphers(f"{ciphers}:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # that old versions are is why they are tried
            visitor.minimum_version = visitor.maximum_version = version
        try:
            visitor.wrap_socket(_connected(self.port), server_hostname=NAME).close()
        except (ssl.SSLError, ConnectionError):
            return False
        return True


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    folder = tmp_path_factory.mktemp("nginx")
    voice, pages, port, plain = Upstream(), Upstream(), free_port(), free_port()
    _certificate(folder)
    text = (ROOT / "deploy/nginx/svi.conf").read_text(encoding="utf-8")
    for found, put in (
        ("listen [::]:80;", ""), ("listen [::]:443 ssl http2;", ""),
        ("listen 80;", f"listen 127.0.0.1:{plain};"), ("listen 443 ssl http2;", f"listen 127.0.0.1:{port} ssl http2;"),
        ("127.0.0.1:8000", f"127.0.0.1:{pages.port}"), ("127.0.0.1:8002", f"127.0.0.1:{voice.port}"),
        ("/etc/ssl/svi", str(folder)), ("/var/log/nginx", str(folder)),
    ):  # fmt: skip
        assert found in text
        text = text.replace(found, put)
    (folder / "svi.conf").write_text(text, encoding="utf-8")
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"pid {folder}/pid; daemon off; error_log {folder}/error.log; events {{}} "
        f"http {{ {temporary} include {folder}/svi.conf; }}",
        encoding="utf-8",
    )
    assert NGINX is not None
    running = subprocess.Popen([NGINX, "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")])
    try:
        _wait_for(port)
        yield Proxy(port, plain, folder, voice, pages)
    finally:
        running.terminate()
        running.wait(10)
        voice.close()
        pages.close()


@needs_nginx
def test_nginx_sends_the_telephone_and_the_pages_each_to_their_own_port_letter_by_letter(proxy: Proxy) -> None:
    _sends_each_to_its_own_port(proxy)


@needs_nginx
def test_nginx_believes_no_visitor_who_says_where_he_comes_from(proxy: Proxy) -> None:
    _believes_nobody(proxy)


@needs_nginx
def test_nginx_speaks_tls_1_2_and_1_3_with_ciphers_of_today_alone(proxy: Proxy) -> None:
    assert proxy.speaks(ssl.TLSVersion.TLSv1_3, "ALL")
    assert proxy.speaks(ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-AES128-GCM-SHA256")
    assert not proxy.speaks(ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES256-SHA:AES128-SHA")
    assert not proxy.speaks(ssl.TLSVersion.TLSv1_1, "ALL")
    assert not proxy.speaks(ssl.TLSVersion.TLSv1, "ALL")


@needs_nginx
def test_nginx_leads_pages_to_https_by_our_name_and_the_telephone_nowhere(proxy: Proxy) -> None:
    assert proxy.in_clear("/connexion", Host="thief.example") == (301, f"https://{NAME}/connexion")
    assert proxy.in_clear("/voice") == (403, None)
    assert proxy.in_clear("/voice/ring?n=3") == (403, None)


@needs_nginx
def test_what_nginx_says_by_itself_carries_the_headers_of_every_answer_and_nothing_stands_twice(proxy: Proxy) -> None:
    _carry_the_headers(proxy.answer("GET", "/metrics"), proxy.answer("POST", "/voice", b"a" * 70_000))
    from_behind = proxy.answer("GET", "/").headers
    assert from_behind.get_all("Referrer-Policy") == ["same-origin"]
    assert from_behind["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains", "not said behind"


@needs_nginx
def test_nginx_gives_nobody_his_own_request_back(proxy: Proxy) -> None:
    assert proxy.ask("TRACE", "/", None, Cookie="svi=secret") == 405


@needs_nginx
def test_nginx_keeps_the_metrics_inside_and_refuses_a_form_that_no_operator_sends(proxy: Proxy) -> None:
    assert proxy.ask("GET", "/metrics") == 404
    assert proxy.ask("POST", "/voice", b"a" * 70_000) == 413


@needs_nginx
def test_nginx_writes_no_private_link_and_no_query_into_its_log(proxy: Proxy) -> None:
    proxy.ask("GET", "/demande/suivi/secret-of-somebody")
    proxy.ask("GET", "/connexion/another-secret")
    proxy.ask("GET", "/Demande/suivi/secret-typed-on-a-telephone")
    proxy.ask("GET", "/appels?numero=0639980001")
    log = proxy.folder / "svi.log"
    eventually(lambda: "/appels" in log.read_text(encoding="utf-8"))  # written once the answer has left
    written = log.read_text(encoding="utf-8")
    assert "secret" not in written
    assert "0639980001" not in written


@needs_nginx
def test_nginx_hands_over_no_request_that_is_not_whole(proxy: Proxy) -> None:
    proxy.voice.asked.clear()
    trusting = proxy.trusting()
    slow = [trusting.wrap_socket(_connected(proxy.port), server_hostname=NAME) for _ in range(30)]
    for one in slow:
        one.sendall(f"POST /voice HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 100\r\n\r\nFrom=".encode())
    assert proxy.ask("POST", "/voice", b"From=%2B33639980002") == 200
    assert len(proxy.voice.asked) == 1
    for one in slow:
        one.close()


@pytest.fixture(scope="module")
def caddy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    folder = tmp_path_factory.mktemp("caddy")
    voice, pages, port, plain = Upstream(), Upstream(), free_port(), free_port()
    _certificate(folder)
    text = (ROOT / "deploy/caddy/Caddyfile").read_text(encoding="utf-8")
    version = subprocess.run([str(CADDY), "version"], capture_output=True, text=True, check=True).stdout
    if _numbers(version) < (2, 7):  # Debian's: the same thing had another name
        text = re.sub(r"request_buffers \w+", "buffer_requests", text)
    own = "{\n\tadmin off\n\tskip_install_trust\n" + f"\thttp_port {plain}\n\thttps_port {port}\n"
    for found, put in (
        ("\n{\n", f"\n{own}"),
        ("\n{$SVI_HOST} {\n", f"\n{{$SVI_HOST}} {{\n\ttls {folder}/fullchain.pem {folder}/privkey.pem\n"),
    ):
        assert text.count(found) == 1
        text = text.replace(found, put)
    (folder / "Caddyfile").write_text(text, encoding="utf-8")
    with (folder / "svi.log").open("wb") as log:
        running = subprocess.Popen(
            [str(CADDY), "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"],
            stdout=log, stderr=log,
            env={
                "SVI_HOST": NAME, "SVI_VOICE": f"127.0.0.1:{voice.port}", "SVI_PAGES": f"127.0.0.1:{pages.port}",
                "HOME": str(folder), "XDG_DATA_HOME": str(folder), "PATH": "/usr/bin:/bin",
            },
        )  # fmt: skip
    try:
        _wait_for(port)
        yield Proxy(port, plain, folder, voice, pages)
    finally:
        running.terminate()
        running.wait(10)
        voice.close()
        pages.close()


@needs_caddy
def test_caddy_sends_the_telephone_and_the_pages_each_to_their_own_port_letter_by_letter(caddy: Proxy) -> None:
    _sends_each_to_its_own_port(caddy)


@needs_caddy
def test_caddy_believes_no_visitor_who_says_where_he_comes_from(caddy: Proxy) -> None:
    _believes_nobody(caddy)


@needs_caddy
def test_caddy_speaks_tls_1_2_and_1_3_alone(caddy: Proxy) -> None:
    assert caddy.speaks(ssl.TLSVersion.TLSv1_3, "ALL")
    assert caddy.speaks(ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-AES128-GCM-SHA256")
    assert not caddy.speaks(ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-AES256-SHA:AES128-SHA")
    assert not caddy.speaks(ssl.TLSVersion.TLSv1_1, "ALL")
    assert not caddy.speaks(ssl.TLSVersion.TLSv1, "ALL")


@needs_caddy
def test_caddy_leads_pages_to_https_by_our_name_and_the_telephone_nowhere(caddy: Proxy) -> None:
    assert caddy.in_clear("/connexion") == (301, f"https://{NAME}/connexion")
    assert caddy.in_clear("/voice") == (403, None)
    assert caddy.in_clear("/voice/ring?n=3") == (403, None)


@needs_caddy
def test_what_caddy_says_by_itself_carries_the_headers_of_every_answer_and_nothing_stands_twice(caddy: Proxy) -> None:
    metrics = caddy.answer("GET", "/metrics")
    assert metrics.status == 404
    _carry_the_headers(metrics)
    from_behind = caddy.answer("GET", "/").headers
    assert from_behind.get_all("Referrer-Policy") == ["same-origin"]
    assert from_behind["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains", "not said behind"


@needs_caddy
def test_caddy_writes_no_private_link_and_no_query_into_its_log(caddy: Proxy) -> None:
    for path in (
        "/demande/suivi/",
        "/connexion/",
        "/%64emande/suivi/",
        "/demande%2Fsuivi%2F",
        "/Demande/suivi/",
        "/a?b=",
    ):
        caddy.ask("GET", f"{path}secret", None, Cookie="svi=secret")
    caddy.ask("GET", "/at-the-end")
    log = caddy.folder / "svi.log"
    eventually(lambda: "/at-the-end" in log.read_text(encoding="utf-8"))  # written once the answer has left
    assert "secret" not in log.read_text(encoding="utf-8").replace("without_secrets", "")


@pytest.mark.parametrize("file", ["Dockerfile", "compose.yaml"])
def test_the_settings_that_a_container_decides_are_settings_of_ours(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    named = set(re.findall(r"^ +([A-Z_]+)(?:=|: )", text, re.MULTILINE))
    theirs = {
        "PATH",
        "PYTHONDONTWRITEBYTECODE",
        "PYTHONUNBUFFERED",
        "POSTGRES_DB",
        "POSTGRES_USER",
        "POSTGRES_PASSWORD",
    }
    proxys = {"SVI_HOST", "SVI_PAGES", "SVI_VOICE", "CMD"}
    assert named - theirs - proxys <= {name.upper() for name in Settings.model_fields}
    assert named & {"VAR_DIR", "VOICE_PORT"} == {"VAR_DIR", "VOICE_PORT"}


def test_the_image_starts_what_the_procfile_starts() -> None:
    command = (ROOT / "Procfile").read_text(encoding="utf-8").removeprefix("web: python ").split()
    said = subprocess.run([sys.executable, *command, "--help"], capture_output=True, text=True, check=False, cwd=ROOT)
    assert said.returncode == 0, said.stderr
    assert 'CMD ["svi", "serve"]' in (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_nothing_of_this_machine_enters_the_image() -> None:
    left_out = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert {".git", ".env", ".venv", "var"} <= set(left_out)


def _sends_each_to_its_own_port(proxy: Proxy) -> None:
    proxy.voice.asked.clear()
    proxy.pages.asked.clear()
    assert proxy.ask("POST", "/voice/ring?n=3&p=a%2Fb%20c", b"From=%2B33639980001") == 200
    assert proxy.ask("GET", "/connaissances?q=%C3%A9t%C3%A9") == 200
    assert proxy.voice.asked == [f"POST /voice/ring?n=3&p=a%2Fb%20c {NAME} 127.0.0.1"]
    assert proxy.pages.asked == [f"GET /connaissances?q=%C3%A9t%C3%A9 {NAME} 127.0.0.1"]


def _believes_nobody(proxy: Proxy) -> None:
    """Under no spelling: the service reads an underscore as a dash."""
    proxy.pages.asked.clear()
    for name in ("X-Forwarded-For", "X_Forwarded_For", "X-Forwarded_For", "x_forwarded-for", "X-Forwarded_Proto"):
        assert proxy.ask("GET", "/", None, **{name: "203.0.113.9"}) == 200
    assert set(proxy.pages.asked) == {f"GET / {NAME} 127.0.0.1"}
    assert proxy.pages.odd == []


def _carry_the_headers(*answers: HTTPResponse) -> None:
    for headers in (answer.headers for answer in answers):
        assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        policy = set(headers["Content-Security-Policy"].split("; "))
        assert {"object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"} <= policy


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:2])


def _certificate(folder: Path) -> None:
    subprocess.run(
        [
            str(OPENSSL), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
            "-nodes", "-days", "2",
            "-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem"), "-subj", f"/CN={NAME}",
            "-addext", f"subjectAltName=DNS:{NAME}",
        ],
        check=True, capture_output=True,
    )  # fmt: skip


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def _connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def _wait_for(port: int) -> None:
    for _ in range(100):
        try:
            _connected(port).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("nginx does not listen")
