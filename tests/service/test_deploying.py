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
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPSConnection
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
    """A server that remembers the addresses it was asked for, as they came."""

    asked: list[str] = field(default_factory=list)
    server: ThreadingHTTPServer = field(init=False)

    def __post_init__(self) -> None:
        asked = self.asked

        class Door(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer()

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"] or 0))
                self._answer()

            def _answer(self) -> None:
                asked.append(f"{self.command} {self.path} {self.headers['Host']} {self.headers['X-Forwarded-For']}")
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *_words: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.server.server_address[1])


@dataclass
class Proxy:
    """nginx with the example of deploy/, on ports of its own, before two upstreams."""

    port: int
    folder: Path
    voice: Upstream
    pages: Upstream

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> int:
        trusting = ssl.create_default_context(cafile=str(self.folder / "fullchain.pem"))
        connection = HTTPSConnection("127.0.0.1", self.port, timeout=10, context=trusting)
        connection._server_hostname = NAME  # type: ignore[attr-defined]
        connection.sock = trusting.wrap_socket(_connected(self.port), server_hostname=NAME)
        connection.request(method, path, body, {"Host": NAME, **headers})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status


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
        yield Proxy(port, folder, voice, pages)
    finally:
        running.terminate()
        running.wait(10)
        voice.server.shutdown()
        voice.server.server_close()
        pages.server.shutdown()
        pages.server.server_close()


@needs_nginx
def test_nginx_sends_the_telephone_and_the_pages_each_to_their_own_port_letter_by_letter(proxy: Proxy) -> None:
    proxy.voice.asked.clear()
    proxy.pages.asked.clear()
    assert proxy.ask("POST", "/voice/ring?n=3&p=a%2Fb%20c", b"From=%2B33639980001") == 200
    assert proxy.ask("GET", "/connaissances?q=%C3%A9t%C3%A9") == 200
    assert proxy.voice.asked == [f"POST /voice/ring?n=3&p=a%2Fb%20c {NAME} 127.0.0.1"]
    assert proxy.pages.asked == [f"GET /connaissances?q=%C3%A9t%C3%A9 {NAME} 127.0.0.1"]


@needs_nginx
def test_nginx_believes_no_visitor_who_says_where_he_comes_from(proxy: Proxy) -> None:
    proxy.pages.asked.clear()
    proxy.ask("GET", "/", None, **{"X-Forwarded-For": "203.0.113.9"})
    assert proxy.pages.asked == [f"GET / {NAME} 127.0.0.1"]


@needs_nginx
def test_nginx_keeps_the_metrics_inside_and_refuses_a_form_that_no_operator_sends(proxy: Proxy) -> None:
    assert proxy.ask("GET", "/metrics") == 404
    assert proxy.ask("POST", "/voice", b"a" * 70_000) == 413


@needs_nginx
def test_nginx_writes_no_private_link_and_no_query_into_its_log(proxy: Proxy) -> None:
    proxy.ask("GET", "/demande/suivi/secret-of-somebody")
    proxy.ask("GET", "/connexion/another-secret")
    proxy.ask("GET", "/appels?numero=0639980001")
    log = proxy.folder / "svi.log"
    eventually(lambda: "/appels" in log.read_text(encoding="utf-8"))  # written once the answer has left
    written = log.read_text(encoding="utf-8")
    assert "secret" not in written
    assert "0639980001" not in written


@needs_nginx
def test_nginx_hands_over_no_request_that_is_not_whole(proxy: Proxy) -> None:
    proxy.voice.asked.clear()
    trusting = ssl.create_default_context(cafile=str(proxy.folder / "fullchain.pem"))
    slow = [trusting.wrap_socket(_connected(proxy.port), server_hostname=NAME) for _ in range(30)]
    for one in slow:
        one.sendall(f"POST /voice HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 100\r\n\r\nFrom=".encode())
    assert proxy.ask("POST", "/voice", b"From=%2B33639980002") == 200
    assert len(proxy.voice.asked) == 1
    for one in slow:
        one.close()


@needs_caddy
def test_caddy_accepts_its_example(tmp_path: Path) -> None:
    text = (ROOT / "deploy/caddy/Caddyfile").read_text(encoding="utf-8")
    version = subprocess.run([str(CADDY), "version"], capture_output=True, text=True, check=True).stdout
    if _numbers(version) < (2, 7):  # Debian's: the same thing had another name
        text = re.sub(r"request_buffers \w+", "buffer_requests", text)
    (tmp_path / "Caddyfile").write_text(text, encoding="utf-8")
    said = subprocess.run(
        [str(CADDY), "validate", "--config", str(tmp_path / "Caddyfile"), "--adapter", "caddyfile"],
        capture_output=True, text=True, check=False,
        env={"SVI_HOST": NAME, "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert said.returncode == 0, said.stderr


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
