"""A real mailbox: Debian's dovecot, started on a port of this machine, by whoever runs the tests, for one folder."""

from __future__ import annotations

import datetime as dt
import getpass
import ipaddress
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DOVECOT = Path("/usr/sbin/dovecot")
WORD = "mot-de-passe"

_CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
listen = 127.0.0.1
protocols = imap
disable_plaintext_auth = no
ssl = yes
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
default_internal_user = {internal}
default_internal_group = {group}
default_login_user = {login}
mail_location = maildir:{folder}/mail
first_valid_uid = 1
namespace inbox {{
  inbox = yes
  separator = {separator}
  prefix = {prefix}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
passdb {{
  driver = static
  args = password={word}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home
}}
"""


@dataclass
class Dovecot:
    """The running server and the folder of its mails."""

    folder: Path
    port: int
    tls_port: int
    uid: int
    gid: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        """As IMAP_URL names it."""
        return f"imap://assistance:{WORD}@127.0.0.1:{self.port}/INBOX"

    @property
    def tls_url(self) -> str:
        return f"imaps://assistance:{WORD}@127.0.0.1:{self.tls_port}/INBOX"

    def trusting(self) -> ssl.SSLContext:
        """What trusts the certificate that this server made for itself."""
        return ssl.create_default_context(cafile=str(self.folder / "cert.pem"))

    def drop(self, *mails: bytes) -> None:
        """Deliver mails as a mail server does: written aside, then moved into the inbox."""
        for raw in mails:
            name = f"{time.time_ns()}.test"
            aside = self.folder / "mail/tmp" / name
            aside.write_bytes(raw)
            os.chown(aside, self.uid, self.gid)
            aside.rename(self.folder / "mail/new" / name)

    def stop(self) -> None:
        """End the server and whatever serves a connection that is still open: a group of processes of its own."""
        self.process.terminate()
        self.process.wait(20)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


@contextmanager
def dovecot(*, separator: str = "/", prefix: str = "") -> Iterator[Dovecot]:
    """The server, started and stopped; its folders are open to the account that dovecot lets read mails."""
    folder = Path(tempfile.mkdtemp(prefix="svi-dovecot-"))
    folder.chmod(0o755)
    is_root = os.geteuid() == 0
    account = pwd.getpwnam("nobody" if is_root else getpass.getuser())
    for part in ("mail/tmp", "mail/new", "mail/cur", "home", "run", "state"):
        (folder / part).mkdir(parents=True)
    for part in ("mail", "mail/tmp", "mail/new", "mail/cur", "home"):
        os.chown(folder / part, account.pw_uid, account.pw_gid)
    _write_certificate(folder)
    port, tls_port = _free_ports()
    own = getpass.getuser()
    config = _CONFIG.format(
        folder=folder, port=port, tls_port=tls_port, word=WORD, uid=account.pw_uid, gid=account.pw_gid,
        internal="dovecot" if is_root else own, login="dovenull" if is_root else own,
        group="dovecot" if is_root else _group_of(account.pw_gid), separator=separator, prefix=prefix,
    )  # fmt: skip
    (folder / "dovecot.conf").write_text(config, encoding="utf-8")
    process = subprocess.Popen([str(DOVECOT), "-F", "-c", str(folder / "dovecot.conf")], start_new_session=True)  # noqa: S603 - our own arguments
    server = Dovecot(folder, port, tls_port, account.pw_uid, account.pw_gid, process)
    try:
        _wait_for(server)
        yield server
    finally:
        if process.poll() is None:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _group_of(gid: int) -> str:
    import grp  # noqa: PLC0415 - where there are groups

    return grp.getgrgid(gid).gr_name


def _free_ports() -> tuple[int, int]:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        return one.getsockname()[1], other.getsockname()[1]


def _wait_for(server: Dovecot) -> None:
    for _ in range(200):
        try:
            with socket.create_connection(("127.0.0.1", server.port), timeout=1) as line:
                if line.recv(4) == b"* OK":
                    return
        except OSError:
            time.sleep(0.05)
    log = server.folder / "log"
    raise AssertionError(log.read_text(encoding="utf-8") if log.exists() else "dovecot does not start")


def _write_certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    today = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - dt.timedelta(days=1))
        .not_valid_after(today + dt.timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )  # fmt: skip
